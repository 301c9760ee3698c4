"""The list of currencies into rates: the vendor's own sample, and rows that are no rate."""

from __future__ import annotations

import json
import logging
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses

from b24app.bitrix.rates import parse_rates
from b24app.domain.rates import Rate
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Rejected
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import Reply
from tests.fakes_bitrix import ScriptedPortal
from tests.fakes_bitrix import failure
from tests.fakes_bitrix import rig

SAMPLE = Path(__file__).parents[2] / "payloads" / "bitrix24" / "crm-currency-list-response.json"
BASE = {"CURRENCY": "RUB", "AMOUNT": "1.0000", "AMOUNT_CNT": "1", "BASE": "Y", "DATE_UPDATE": None}


def row(**changed: Any) -> dict[str, Any]:
    """Write the dollar as the portal does, a quarter to midnight of the portal's zone."""
    dollar = {"CURRENCY": "USD", "AMOUNT": "92.5000", "AMOUNT_CNT": "1", "BASE": "N"}
    return {**dollar, "DATE_UPDATE": "2026-11-23T23:45:00-05:00", **changed}


def test_the_vendors_own_sample_is_read_in_one_request() -> None:
    """The sample names its base currency twice, the second time as another one; the base is worth itself."""
    with responses.RequestsMock() as mock:
        portal = ScriptedPortal(mock, Reply(payload=json.loads(SAMPLE.read_bytes())))
        rates = rig().portals.open(MEMBER).fetch_rates()
    assert [(asked.method, set(asked.body)) for asked in portal.asked] == [("crm.currency.list", {"auth"})]
    assert rates.base == "USD"
    day = date(2023, 3, 21)
    assert rates.known == (Rate("EUR", Decimal("78.32"), day), Rate("CAD", Decimal("32.2"), day))


def test_the_day_of_a_rate_is_the_portals_own() -> None:
    (rate,) = parse_rates([BASE, row()]).known
    assert rate == Rate("USD", Decimal("92.5"), date(2026, 11, 23))


@pytest.mark.parametrize(
    ("amount", "units", "value"),
    [
        ("128.3000", "10", "12.83"),
        (Decimal("128.3"), 10, "12.83"),
        (128, "1", "128"),
        ("0.0001", "1000", "0.0000001"),
    ],
)
def test_a_rate_is_the_price_of_one_unit(amount: Any, units: Any, value: str) -> None:
    (rate,) = parse_rates([row(AMOUNT=amount, AMOUNT_CNT=units), BASE]).known
    assert rate.value == Decimal(value)


@pytest.mark.parametrize(
    "changed",
    [
        {"AMOUNT": "0.0000"},
        {"AMOUNT": "-92.5"},
        {"AMOUNT": None},
        {"AMOUNT": ""},
        {"AMOUNT": "92,5"},
        {"AMOUNT": "NaN"},
        {"AMOUNT": "1E+9"},
        {"AMOUNT": True},
        {"AMOUNT": ["92.5"]},
        {"AMOUNT": "٩٢"},
        {"AMOUNT": "9" * 15},
        {"AMOUNT_CNT": "0"},
        {"AMOUNT_CNT": "1.5"},
        {"AMOUNT_CNT": None},
        {"DATE_UPDATE": None},
        {"DATE_UPDATE": "вчера"},
        {"CURRENCY": "usd"},
        {"CURRENCY": None},
    ],
    ids=str,
)
def test_what_is_no_rate_is_left_out_and_logged(
    changed: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    euro = row(CURRENCY="EUR")
    with caplog.at_level(logging.WARNING):
        rates = parse_rates([BASE, row(**changed), euro])
    assert [rate.currency for rate in rates.known] == ["EUR"]
    assert len(caplog.records) == 1


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [row()],
        [BASE, row(BASE="Y")],
        [{**BASE, "CURRENCY": ""}],
        [{**BASE, "CURRENCY": "рубль"}],
    ],
    ids=["nothing", "no base", "two", "nameless", "no code"],
)
def test_rates_in_nobody_knows_what_are_a_bad_answer(rows: list[dict[str, Any]]) -> None:
    with pytest.raises(BadAnswer):
        parse_rates(rows)


def test_a_refusal_of_the_portal_keeps_its_name() -> None:
    with responses.RequestsMock() as mock:
        ScriptedPortal(mock, failure(""))
        with pytest.raises(Rejected):
            rig().portals.open(MEMBER).fetch_rates()
