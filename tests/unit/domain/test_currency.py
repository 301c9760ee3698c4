"""Debt, order and limit in several currencies: one conversion, at the rate of the day, on record (N8)."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import Dispute
from b24app.domain.decision import Outcome
from b24app.domain.money import Money
from b24app.domain.rules import TechnicalCause
from tests.builders import TODAY
from tests.builders import account
from tests.builders import case
from tests.builders import codes
from tests.builders import entry
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import rates
from tests.builders import reserve
from tests.builders import rub
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.receivable import AccountFigures

LIMIT, NONE = ["LIMIT"], list[str]()
HUNDRED = rates(USD=100)
OWES_USD = account(position(not_due(usd(5_000)), currency="USD", contract="B"))


@pytest.mark.parametrize(
    ("wants", "expected"),
    [
        pytest.param(500_000, NONE, id="E14-at-the-rate-of-the-check"),
        pytest.param("500000.01", LIMIT, id="E14-a-kopeck-more"),
    ],
)
def test_a_debt_in_dollars_counts_at_the_rate_of_the_check(wants: int | str, expected: list[str]) -> None:
    """E14: booked at 90, but the check's rate is 100; the rate and its day are on record."""
    asked = case(OWES_USD, granted=1_000_000, wants=wants, rates=HUNDRED)
    assert codes(asked, policy()) == expected
    decision = assess(asked, policy())
    assert decision.exposure is not None
    assert decision.exposure.before == rub(500_000)
    assert [(rate.currency, rate.value, rate.on) for rate in decision.rates] == [("USD", Decimal(100), TODAY)]


@pytest.mark.parametrize(
    ("wants", "expected", "after"),
    [
        pytest.param(45, NONE, "22.50", id="P17-22.5-passes"),
        pytest.param(110, LIMIT, "55.00", id="P17-55-is-over"),
    ],
)
def test_an_order_in_another_currency_is_converted_once(wants: int, expected: list[str], after: str) -> None:
    """P17: two units of the order's currency a unit of the company's."""
    asked = case(granted=50, wants=usd(wants), rates=rates(USD="0.5"))
    assert codes(asked, policy()) == expected
    exposure = assess(asked, policy()).exposure
    assert exposure is not None
    assert (str(exposure.after.amount), exposure.after.currency) == (after, "RUB")


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        pytest.param({"wants": usd(5_000)}, Outcome.ALLOW, id="N8-the-order"),
        pytest.param({"reserves": [reserve(usd(5_000))], "wants": 500_000}, Outcome.ALLOW, id="N8-a-reserve"),
        pytest.param({"reserves": [reserve(usd(5_000))], "wants": 500_001}, Outcome.HOLD, id="N8-and-over"),
        pytest.param({"granted": usd(10_000), "wants": 1_000_000}, Outcome.ALLOW, id="N8-a-limit-in-dollars"),
        pytest.param(
            {"granted": usd(10_000), "wants": 1_000_001}, Outcome.HOLD, id="N8-a-limit-in-dollars-over"
        ),
        pytest.param(
            {"figures": account(position(credit=100, currency="USD")), "granted": 0, "wants": 10_000},
            Outcome.ALLOW,
            id="N8-an-advance-in-dollars",
        ),
        pytest.param(
            {"figures": account(position(shipped=5_000, currency="USD", contract="B")), "wants": 500_001},
            Outcome.HOLD,
            id="N8-shipped-in-dollars",
        ),
        pytest.param(
            {"figures": account(position(late(usd(5), days=1), pending=5, currency="USD"))},
            Outcome.ALLOW,
            id="N8-money-on-its-way-in-dollars",
        ),
    ],
)
def test_every_amount_comes_to_the_currency_of_the_limit(words: dict[str, Any], expected: Outcome) -> None:
    assert assess(case(rates=HUNDRED, **words), policy()).outcome is expected


@pytest.mark.parametrize(
    ("days", "outcome"),
    [
        pytest.param(7, Outcome.ALLOW, id="N8-a-week-old-is-good"),
        pytest.param(8, Outcome.TECHNICAL, id="N8-an-old-price-is-no-price"),
    ],
)
def test_a_rate_too_old_fails_closed(days: int, outcome: Outcome) -> None:
    old = rates(USD=100, on=TODAY - timedelta(days=days))
    decision = assess(case(OWES_USD, rates=old), policy(max_rate_age=7))
    assert decision.outcome is outcome
    if outcome is Outcome.TECHNICAL:
        assert decision.reasons[0].cause is TechnicalCause.OTHER_CURRENCY


def test_only_currencies_without_a_rate_are_named() -> None:
    figures = account(*OWES_USD.positions, position(credit=5, currency="CNY", contract="C"))
    (reason,) = assess(case(figures, rates=HUNDRED), policy()).reasons
    assert reason.detail == "CNY ≠ RUB"


@pytest.mark.parametrize(
    ("residual", "expected"),
    [
        pytest.param(usd("1.00"), NONE, id="N5-within-100-roubles"),
        pytest.param(usd("1.01"), ["OVERDUE_DAYS"], id="N5-beyond"),
    ],
)
def test_a_tolerance_comes_to_the_currency_of_the_limit(residual: Money, expected: list[str]) -> None:
    figures = account(position(late(residual, days=9), currency="USD"))
    asked = case(figures, granted=usd(1_000), wants=usd(1), rates=HUNDRED)
    assert codes(asked, policy(overdue_tolerance=Decimal(100))) == expected


@pytest.mark.parametrize("disputed", [usd(5), rub(500)], ids=["N22-in-dollars", "N22-in-roubles"])
def test_a_dispute_in_either_currency(disputed: Money) -> None:
    figures = account(position(late(usd(5), days=9), currency="USD"))
    terms = policy(clients=(entry(disputes=(Dispute("УТ-1", disputed),)),))
    assert codes(case(figures, rates=HUNDRED), terms) == NONE


def _in_dollars(owed: str) -> AccountFigures:
    return account(position(late(usd(owed), days=3), currency="USD"))


def test_what_to_pay_is_in_the_currency_of_the_limit() -> None:
    decision = assess(case(_in_dollars("5.50"), rates=HUNDRED), policy())
    assert [payment.amount for payment in decision.to_release] == [rub(550)]


def test_without_foreign_money_no_rate_is_on_record() -> None:
    assert assess(case(rates=HUNDRED), policy()).rates == ()


def test_rates_across_the_base() -> None:
    asked = case(granted=usd(11), wants=Money(Decimal(10), "EUR"), rates=rates(USD=100, EUR=110))
    decision = assess(asked, policy())
    assert (decision.outcome, [rate.currency for rate in decision.rates]) == (Outcome.ALLOW, ["EUR", "USD"])
