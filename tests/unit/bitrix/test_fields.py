"""Our fields on a portal: what is read from a card, what is written, what garbage becomes."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from typing import Any

import pytest

from b24app.bitrix.fields import parse_terms
from b24app.bitrix.fields import read_amount
from b24app.bitrix.fields import render_deal
from b24app.bitrix.fields import render_figures
from b24app.bitrix.fields import render_terms
from b24app.domain.card import CardTerms
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.ports.portal import DealFields
from b24app.ports.portal import MirrorFields
from tests.builders import rub
from tests.fakes_bitrix import OPTIONS

FULL = CardTerms(
    limit=Granted(rub("500000.50")),
    limit_until=date(2026, 12, 31),
    terms_days=14,
    category="A",
    status="blocked",
    group="Холдинг",
    strategic=True,
)


def card(**values: Any) -> dict[str, Any]:
    return {"id": 5, **{f"UF_CRM_CC_{key}": value for key, value in values.items()}}


@pytest.mark.parametrize(
    "terms",
    [
        pytest.param(FULL, id="everything"),
        pytest.param(replace(FULL, limit=Unlimited()), id="unlimited"),
        pytest.param(replace(FULL, limit=Granted(rub(0)), terms_days=0), id="prepayment only"),
        pytest.param(CardTerms(), id="nothing"),
    ],
)
def test_terms_are_read_back_as_they_were_written(terms: CardTerms) -> None:
    assert parse_terms({"id": 5, **render_terms(terms, OPTIONS)}, OPTIONS) == terms


@pytest.mark.parametrize(
    ("mode", "limit", "expected"),
    [
        pytest.param(12, "100|RUB", Granted(rub(100)), id="granted"),
        pytest.param("12", "0|RUB", Granted(rub(0)), id="the option as text, a limit of nought"),
        pytest.param(13, "100|RUB", Unlimited(), id="unlimited wins over a figure"),
        pytest.param(11, "100|RUB", NotSet(), id="not set wins over a figure"),
        pytest.param(12, "-1|RUB", NotSet(), id="negative"),
        pytest.param(12, "сто|RUB", NotSet(), id="garbage"),
        pytest.param(12, "", NotSet(), id="granted nothing readable"),
        pytest.param(99, "100|RUB", NotSet(), id="an option nobody knows"),
        pytest.param(None, "100|RUB", NotSet(), id="no mode"),
    ],
)
def test_a_limit_that_cannot_be_read_is_not_set(mode: Any, limit: str, expected: CreditLimit) -> None:
    assert parse_terms(card(LIMIT_MODE=mode, LIMIT=limit), OPTIONS).limit == expected


def test_other_garbage_is_empty_and_logged(caplog: pytest.LogCaptureFixture) -> None:
    found = parse_terms(card(TERMS_DAYS="-3", LIMIT_UNTIL="31.12.2026", CATEGORY=77, STRATEGIC=[]), OPTIONS)
    assert found == CardTerms()
    assert {"TERMS_DAYS", "LIMIT_UNTIL", "CATEGORY"} <= set(
        " ".join(caplog.messages).replace(":", "").split()
    )


def test_a_date_is_its_first_ten_characters() -> None:
    terms = parse_terms(card(LIMIT_UNTIL="2026-12-31T02:00:00+02:00"), OPTIONS)
    assert terms.limit_until == date(2026, 12, 31)


def test_an_unknown_option_is_left_out_of_a_write(caplog: pytest.LogCaptureFixture) -> None:
    values = render_terms(replace(FULL, category="Z"), OPTIONS)
    assert "UF_CRM_CC_CATEGORY" not in values
    assert "COMPANY.CATEGORY" in caplog.text


def test_figures_are_written_and_empty_ones_emptied() -> None:
    figures = MirrorFields(rub("1"), rub("0.10"), None, 0, None, "ref", datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert render_figures(figures) == {
        "UF_CRM_CC_BALANCE": "1.00|RUB",
        "UF_CRM_CC_OVERDUE": "0.10|RUB",
        "UF_CRM_CC_AVAILABLE": "",
        "UF_CRM_CC_OVERDUE_DAYS": 0,
        "UF_CRM_CC_LAST_PAYMENT": "",
        "UF_CRM_CC_ONEC_ID": "ref",
        "UF_CRM_CC_AS_OF": "2026-03-02T09:00:00+00:00",
    }


def test_a_decision_is_written_by_its_option() -> None:
    values = render_deal(DealFields("hold", "долг", rub(5), None, None), OPTIONS)
    assert values["UF_CRM_CC_DECISION"] == 43
    assert (values["UF_CRM_CC_EXCESS"], values["UF_CRM_CC_TO_PAY"]) == ("5.00|RUB", "")


@pytest.mark.parametrize("item", [{"opportunity": 5}, {"opportunity": "many", "currencyId": "RUB"}])
def test_an_amount_that_cannot_be_read_is_in_no_currency(item: dict[str, Any]) -> None:
    assert read_amount(item).currency == "XXX"
