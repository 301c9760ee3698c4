"""What a good case becomes: currencies by their place, days by their zone, the values a check decides by."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import date
from datetime import datetime
from decimal import Decimal

import pytest

from b24app.domain.client import ClientFacts
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.money import Money
from tests.builders import rub
from tests.builders import usd
from tests.unit.files.cases import INN
from tests.unit.files.cases import accepted
from tests.unit.files.cases import good
from tests.unit.files.cases import outcomes
from tests.unit.files.cases import put

AT_DOCUMENT = "clients.0.contracts.0.documents.0.amount"


@pytest.mark.parametrize(
    ("written", "money"),
    [
        pytest.param("5 000.50 RUB", rub("5000.50"), id="with a currency"),
        pytest.param("5000.5", rub("5000.50"), id="without one"),
        pytest.param(5000.5, rub("5000.50"), id="a number"),
        pytest.param(0, rub(0), id="nothing"),
    ],
)
def test_a_sum_is_read_exactly(written: object, money: Money) -> None:
    [position] = accepted(put(AT_DOCUMENT, written)).world.accounts[INN].figures.positions
    assert position.instalments[0].open_amount == money


def test_a_number_no_float_could_hold_stays_itself() -> None:
    text = '"amount": 9007199254740.93'
    document = put(AT_DOCUMENT, "MARK")
    written = json.dumps(document).replace('"amount": "MARK"', text)
    [position] = accepted(written).world.accounts[INN].figures.positions
    assert position.instalments[0].open_amount.amount == Decimal("9007199254740.93")


def test_a_sum_without_a_currency_takes_that_of_its_contract() -> None:
    document = good(
        rates=[{"currency": "USD", "value": "100"}],
        reserves=[{"deal": 9, "client": INN, "contract": "Д-1", "amount": 7}],
    )
    document["clients"][0]["limit"] = None
    document["clients"][0]["contracts"][0] |= {
        "currency": "USD",
        "limit": 1000,
        "documents": [{"document": "УТ-1", "due": None, "amount": 5}],
        "advances": 1,
        "pending_receipts": 2,
        "shipped_not_invoiced": "3 RUB",
    }
    document["deals"] = [
        {
            "id": 1,
            "client": INN,
            "contract": "Д-1",
            "amount": 10,
            "released": {"on": "2026-11-23", "amount": 10},
        },
        {"id": 2, "client": INN, "amount": 10},
    ]
    case = accepted(document)
    account = case.world.accounts[INN]
    [position] = account.figures.positions
    assert (position.credit, position.pending, position.shipped_not_invoiced) == (usd(1), usd(2), rub(3))
    assert account.figures.contracts[0].limit == Granted(usd(1000))
    assert case.world.reserves[INN][0].amount == usd(7)
    assert [ask.amount for ask in case.asks] == [usd(10), rub(10)]
    assert case.asks[0].release is not None
    assert case.asks[0].release.amount == usd(10)


@pytest.mark.parametrize(
    ("written", "limit"),
    [(None, NOT_SET), ("unlimited", Unlimited()), (0, Granted(rub(0))), ("5.00", Granted(rub(5)))],
    ids=["not set", "unlimited", "prepayment", "a sum"],
)
def test_nothing_zero_and_unlimited_are_three_limits(written: object, limit: CreditLimit) -> None:
    assert accepted(put("clients.0.limit", written)).world.accounts[INN].limit == limit


@pytest.mark.parametrize(
    ("changes", "now", "today"),
    [
        pytest.param({}, datetime(2026, 11, 24, 7, 15, tzinfo=UTC), date(2026, 11, 24), id="as of"),
        pytest.param(
            {"as_of": "2026-11-24T23:30"},
            datetime(2026, 11, 24, 20, 30, tzinfo=UTC),
            date(2026, 11, 24),
            id="no offset",
        ),
        pytest.param(
            {"as_of": "2026-11-24T22:30Z"},
            datetime(2026, 11, 24, 22, 30, tzinfo=UTC),
            date(2026, 11, 25),
            id="Moscow",
        ),
        pytest.param(
            {"as_of": "2026-11-24T22:30Z", "timezone": "UTC"},
            datetime(2026, 11, 24, 22, 30, tzinfo=UTC),
            date(2026, 11, 24),
            id="another zone",
        ),
        pytest.param(
            {"now": "2026-11-24T10:20:00+03:00", "today": "2026-12-01"},
            datetime(2026, 11, 24, 7, 20, tzinfo=UTC),
            date(2026, 12, 1),
            id="said outright",
        ),
    ],
)
def test_the_day_is_that_of_the_credit_zone(changes: dict[str, str], now: datetime, today: date) -> None:
    world = accepted(good(**changes)).world
    assert (world.now, world.on) == (now, today)


def test_all_that_is_known_of_a_client_is_taken() -> None:
    document = put("clients.0.status", "ship")
    document["clients"][0] |= {
        "terms_days": 30,
        "limit_until": "2026-12-31",
        "strategic": True,
        "score": "12.5",
        "as_of": "2026-11-24T10:10:00+03:00",
        "payments": [{"on": "2026-11-01", "amount": 5}, {"on": "2026-11-20", "amount": 7}],
    }
    document["clients"][0]["contracts"][0] |= {
        "deferral_days": 45,
        "organisation": "ООО «Торг»",
        "active": False,
    }
    account = accepted(document).world.accounts[INN]
    assert account.facts == ClientFacts(
        status="ship", strategic=True, terms_days=30, limit_until=date(2026, 12, 31), score=Decimal("12.5")
    )
    assert account.figures.last_payment is not None
    assert account.figures.last_payment.amount == rub(7)
    assert account.figures.as_of == datetime(2026, 11, 24, 7, 10, tzinfo=UTC)
    [contract] = account.figures.contracts
    assert (contract.deferral_days, contract.organisation, contract.active) == (45, "ООО «Торг»", False)


def test_what_was_typed_lies_over_what_is_accepted() -> None:
    document = put("deals.0.typed", {"limit": 50_000, "status": "ship"})
    document["clients"][0]["terms_days"] = 30
    [ask] = accepted(document).asks
    assert ask.typed is not None
    assert ask.typed.limit == Granted(rub(50_000))
    assert ask.typed.client == ClientFacts(status="ship", terms_days=30)
    assert outcomes(document) == [("hold", ["LIMIT", "ACCOUNT_STATUS"])]
    assert outcomes(put("deals.0.typed", {"limit": "unlimited"}, document)) == [("allow", [])]


def test_a_limit_of_the_contracts_is_the_client_s() -> None:
    document = put("clients.0.limit", None)
    document["clients"][0]["contracts"][0]["limit"] = "99 999.99"
    assert outcomes(document) == [("hold", ["LIMIT"])]


def test_a_score_finds_the_risk_group_of_the_policy() -> None:
    document = put("clients.0.score", 80)
    document["policy"] |= {
        "risks": [{"code": "high", "score_from": 50}],
        "groups": [{"code": "all"}],
        "rules": [
            {
                "id": "r",
                "type": "order_amount",
                "amount": "1.00 RUB",
                "level": "group",
                "key": "all",
                "risk": "high",
            }
        ],
    }
    document["clients"][0]["group"] = "all"
    assert outcomes(document) == [("hold", ["ORDER_AMOUNT"])]
    assert outcomes(put("clients.0.score", 10, document)) == [("allow", [])]


def test_a_policy_s_version_tells_what_it_said() -> None:
    first, second = (
        accepted(put("policy.limits.boundary", boundary)).world.policy.version
        for boundary in ("strict", "inclusive")
    )
    assert first.startswith("inline@")
    assert first != second
    assert first == accepted(put("policy.limits.boundary", "strict")).world.policy.version


def test_dates_inside_a_policy_stand_in_quotes_and_null_says_nothing() -> None:
    document = good()
    document["policy"]["clients"] = [
        {
            "inn": INN,
            "ignore_until": "2026-12-31",
            "order_limit": None,
            "temporary_limits": [
                {"amount": "1.00 RUB", "valid_from": "2026-11-01", "valid_to": "2026-11-30"}
            ],
        }
    ]
    entry = accepted(document).world.policy.entry(INN)
    assert (entry.ignore_until, entry.order_limit) == (date(2026, 12, 31), None)
    assert entry.temporary[0].ends == date(2026, 11, 30)
