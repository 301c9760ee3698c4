"""The list of currencies as the vendor documents it."""

from __future__ import annotations

from datetime import datetime
from datetime import timedelta
from decimal import Decimal

import pytest
import requests

from b24app.sandbox.portal import SandboxPortal
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import sample
from tests.sandbox.portal.conftest import world


def test_the_answer_has_the_documented_shape(rest: Client, portal: SandboxPortal) -> None:
    documented = sample("crm-currency-list-response.json")
    answer = rest.post("crm.currency.list").json()
    assert (answer["total"], set(answer)) == (0, set(documented))
    for row in answer["result"]:
        assert list(row) == list(documented["result"][0])
        assert all(isinstance(value, str) for name, value in row.items() if name != "THOUSANDS_SEP")
        age = portal.now() - datetime.fromisoformat(row["DATE_UPDATE"])
        assert timedelta() <= age < timedelta(minutes=5)
    assert {row["CURRENCY"]: (row["AMOUNT"], row["AMOUNT_CNT"], row["BASE"]) for row in answer["result"]} == {
        "RUB": ("1.0000", "1", "Y"),
        "USD": ("92.5000", "1", "N"),
        "EUR": ("100.4000", "1", "N"),
        "CNY": ("128.3000", "10", "N"),
    }


def test_only_the_order_is_heeded(rest: Client) -> None:
    params = {"filter": {"CURRENCY": "USD"}, "select": ["CURRENCY"], "start": 50}
    assert len(rest.call("crm.currency.list", params)) == 4
    rows = rest.call("crm.currency.list", {"order": {"currency": "desc"}})
    assert [row["CURRENCY"] for row in rows] == ["USD", "RUB", "EUR", "CNY"]
    assert rest.error("crm.currency.list", {"order": {"COLOUR": "asc"}}) == (400, "INVALID_ARG_VALUE")


def test_a_price_is_dated_by_its_change(rest: Client, portal: SandboxPortal) -> None:
    portal.clock.advance(timedelta(days=3))
    portal.set_rate("USD", Decimal("95.12345"))
    rest.token = portal.tokens_for(ADMIN)[0]
    rows = {row["CURRENCY"]: row for row in rest.call("crm.currency.list")}
    assert (rows["USD"]["AMOUNT"], rows["USD"]["AMOUNT_CNT"]) == ("95.1234", "1")
    seeded, changed = (datetime.fromisoformat(rows[code]["DATE_UPDATE"]) for code in ("EUR", "USD"))
    assert timedelta(days=3) <= changed - seeded < timedelta(days=3, minutes=5)


@pytest.mark.parametrize(
    ("code", "price", "units"), [("RUB", "2", 1), ("GBP", "2", 1), ("USD", "0.00001", 1), ("USD", "2", 0)]
)
def test_the_form_of_a_currency_refuses_what_is_no_price(
    portal: SandboxPortal, code: str, price: str, units: int
) -> None:
    with pytest.raises(ValueError, match="takes no rate"):
        portal.set_rate(code, Decimal(price), units)


def test_people_without_the_crm_settings_and_apps_without_the_scope_are_refused(
    manager: Client, session: requests.Session
) -> None:
    assert manager.error("crm.currency.list") == (400, "")
    with SandboxPortal(world(), scope=("task",)) as other:
        client = Client(other, session, other.tokens_for(ADMIN)[0])
        assert client.error("crm.currency.list") == (403, "insufficient_scope")
