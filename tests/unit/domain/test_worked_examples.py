"""The worked examples of credit_management 7, as rows a credit controller can read and correct."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import Category
from b24app.domain.client import ClientFacts
from b24app.domain.decision import Outcome
from b24app.domain.decision import assess_technical
from b24app.domain.exposure import Counting
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import measure_exposure
from b24app.domain.exposure import without_deal
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import Unlimited
from b24app.domain.overdue import AgeingBucket
from b24app.domain.overdue import Lateness
from b24app.domain.overdue import ageing
from b24app.domain.overdue import bucket_of
from b24app.domain.overdue import measure_overdue
from b24app.domain.policy import Policy
from b24app.domain.receivable import AccountFigures
from b24app.domain.rules import TechnicalCause
from tests.builders import account
from tests.builders import case
from tests.builders import instalment
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve
from tests.builders import rub

LIMIT, OVERDUE = "LIMIT", "OVERDUE_DAYS"
FREE = account(position())
E3 = account(position(not_due(70_000), late(20_000, days=1)))
E12 = account(position(late(400_000, days=15), credit=400_000))
E13 = account(position(late(100_000, days=3)), position(contract="B", credit=100_000))
CUSTOMER = policy(net_scope=NetScope.CUSTOMER)
OFF = policy(net_scope=NetScope.OFF)


def _owes(amount: int) -> AccountFigures:
    return account(position(not_due(amount)))


def _reasons(figures: AccountFigures, rules: Policy, **words: Any) -> list[tuple[str, str]]:
    """Assess and return each reason's code with its excess."""
    decision = assess(case(figures, **words), rules)
    assert decision.holds == bool(decision.reasons)
    excesses = [each.excess for each in decision.reasons if each.excess is not None]
    assert len(excesses) == len(decision.reasons)
    codes = [each.code.value for each in decision.reasons]
    return [(code, str(excess.amount)) for code, excess in zip(codes, excesses, strict=True)]


@pytest.mark.parametrize(
    ("figures", "words", "rules", "expected"),
    [
        pytest.param(
            _owes(1_200_000), {"granted": 1_500_000, "wants": "300000.00"}, policy(), [], id="E1-at-the-limit"
        ),
        pytest.param(
            _owes(1_200_000),
            {"granted": 1_500_000, "wants": "300000.01"},
            policy(),
            [(LIMIT, "0.01")],
            id="E1-one-kopeck-over",
        ),
        pytest.param(
            account(position(late(300_000, days=7))),
            {"granted": 5_000_000, "wants": 10_000},
            policy(),
            [(OVERDUE, "300000.00")],
            id="E2-overdue-with-room-in-the-limit",
        ),
        pytest.param(
            E3,
            {"granted": 100_000, "wants": 30_000},
            policy(),
            [(LIMIT, "20000.00"), (OVERDUE, "20000.00")],
            id="E3-both-reasons",
        ),
        pytest.param(
            account(position(late(100, days=0))), {"wants": 1}, policy(), [], id="E4-due-today-is-not-overdue"
        ),
        pytest.param(
            account(position(late(100, days=1))),
            {"wants": 1},
            policy(),
            [(OVERDUE, "100.00")],
            id="E4-due-yesterday-is-overdue",
        ),
        pytest.param(
            account(position(credit=80_000)),
            {"granted": 0, "wants": 80_000},
            policy(),
            [],
            id="E5-prepaid-in-full",
        ),
        pytest.param(
            account(position(credit=80_000)),
            {"granted": 0, "wants": "80000.01"},
            policy(),
            [(LIMIT, "0.01")],
            id="E5-prepaid-short-by-a-kopeck",
        ),
        pytest.param(
            _owes(400_000),
            {"wants": 400_000},
            policy(),
            [],
            id="E7-first-of-two-deals",
        ),
        pytest.param(
            _owes(400_000),
            {"wants": 400_000, "reserves": [reserve(400_000)]},
            policy(),
            [(LIMIT, "200000.00")],
            id="E7-second-sees-the-promise-to-the-first",
        ),
        pytest.param(
            FREE,
            {"wants": 400_000, "reserves": [reserve(600_000)]},
            policy(),
            [],
            id="E8-asked-again-unchanged",
        ),
        pytest.param(_owes(600_000), {"wants": 400_001}, policy(), [(LIMIT, "1.00")], id="E9-edited-up"),
        pytest.param(_owes(600_000), {"wants": 350_000}, policy(), [], id="E9-edited-down"),
        pytest.param(E12, {"wants": 1}, policy(), [], id="E12-unallocated-receipt-covers-the-overdue"),
        pytest.param(
            E12, {"wants": 1}, OFF, [(OVERDUE, "400000.00")], id="E12-netting-off-holds-until-allocated"
        ),
        pytest.param(
            E13, {"wants": 1}, policy(), [(OVERDUE, "100000.00")], id="E13-advance-under-another-contract"
        ),
        pytest.param(E13, {"wants": 1}, CUSTOMER, [], id="E13-advance-of-the-same-customer"),
        pytest.param(
            account(position(late(100, days=90))), {"wants": -5}, policy(), [], id="E45-return-is-never-held"
        ),
        pytest.param(
            account(position(late(100, days=90))), {"wants": 0}, policy(), [], id="E45-nothing-to-ship"
        ),
        pytest.param(
            account(position(late("0.40", days=90))),
            {},
            policy(overdue_tolerance=Decimal("1.00")),
            [],
            id="E50-residual-within-tolerance",
        ),
        pytest.param(
            account(position(late("0.40", days=90))),
            {},
            policy(),
            [(OVERDUE, "0.40")],
            id="E50-residual-without-tolerance",
        ),
        pytest.param(
            _owes(600_000),
            {"granted": 500_000, "wants": 1},
            policy(),
            [(LIMIT, "100001.00")],
            id="E51-limit-lowered-below-the-debt",
        ),
        pytest.param(FREE, {"granted": 100, "wants": 60}, policy(), [], id="P16-candidate-counts-once"),
        pytest.param(_owes(40), {"granted": 100, "wants": 60}, policy(), [], id="P20-equality-passes"),
        pytest.param(
            _owes(40),
            {"granted": 100, "wants": 60},
            policy(limit_inclusive=True),
            [(LIMIT, "0.00")],
            id="P20-equality-holds-when-so-set",
        ),
        pytest.param(
            FREE, {"granted": 50_000, "wants": 51_000}, policy(), [(LIMIT, "1000.00")], id="P25-as-drafted"
        ),
        pytest.param(FREE, {"granted": 50_000, "wants": 47_000}, policy(), [], id="P25-as-shipped"),
        pytest.param(_owes(10**9), {"granted": None, "wants": 10**6}, policy(), [], id="unlimited"),
        pytest.param(
            account(position(late(5, days=1))),
            {"granted": None},
            policy(),
            [(OVERDUE, "5.00")],
            id="unlimited-is-still-held-for-overdue",
        ),
        pytest.param(
            account(position(late(5, days=5), late(7, days=2))),
            {},
            policy(overdue_grace_days=5),
            [],
            id="K5-five-days-tolerated",
        ),
        pytest.param(
            account(position(late(5, days=6), late(7, days=2))),
            {},
            policy(overdue_grace_days=5),
            [(OVERDUE, "5.00")],
            id="K5-only-what-is-later-than-tolerated-blocks",
        ),
    ],
)
def test_reasons_follow_the_worked_examples(
    figures: AccountFigures, words: dict[str, Any], rules: Policy, expected: list[tuple[str, str]]
) -> None:
    assert _reasons(figures, rules, **words) == expected


@pytest.mark.parametrize(
    ("base", "expected"),
    [
        pytest.param(NOT_SET, Outcome.ALLOW, id="E6-not-set-inherits-the-category"),
        pytest.param(Granted(rub(0)), Outcome.HOLD, id="E6-zero-means-prepayment"),
        pytest.param(Unlimited(), Outcome.ALLOW, id="E6-unlimited-is-its-own-flag"),
    ],
)
def test_a_missing_limit_inherits_and_a_zero_does_not(base: CreditLimit, expected: Outcome) -> None:
    rules = policy(categories=(Category("new", limit=Granted(rub(100_000))),))
    asked = case(_owes(60_000), granted=base, wants=40_000, client=ClientFacts(category="new"))
    decision = assess(asked, rules)
    assert decision.outcome is expected


def test_a_reason_carries_its_numbers() -> None:
    decision = assess(case(E3, granted=100_000, wants=30_000), policy(version="7"))
    limit, overdue = decision.reasons
    assert (limit.value, limit.threshold) == (rub(120_000), rub(100_000))
    assert (overdue.days, overdue.days_allowed) == (1, 0)
    assert decision.policy_version == "7"


def test_a_deal_is_not_counted_against_itself() -> None:
    """E8: allowed and reserved, re-checked unchanged, allowed again."""
    promises = without_deal([reserve(400_000, deal_id=1), reserve(600_000, deal_id=2)], 1)
    assert promises == (reserve(600_000, deal_id=2),)
    assert not assess(case(wants=400_000, reserves=promises), policy()).holds


@pytest.mark.parametrize(
    ("on", "expected"),
    [
        pytest.param(date(2026, 6, 15), (rub(50_000), 5), id="E11-first-half-is-due"),
        pytest.param(date(2026, 6, 10), (rub(0), 0), id="E11-on-the-day"),
        pytest.param(date(2026, 7, 1), (rub(100_000), 21), id="E11-both-halves"),
    ],
)
def test_overdue_counts_by_instalment(on: date, expected: tuple[object, int]) -> None:
    halves = (instalment(50_000, date(2026, 6, 10)), instalment(50_000, date(2026, 6, 30)))
    figures = account(position(*halves))
    measured = assess(case(figures, on=on), policy())
    assert measured.overdue is not None
    assert measured.exposure is not None
    assert (measured.overdue.amount, measured.overdue.max_days) == expected
    assert measured.exposure.receivables == rub(100_000)


@pytest.mark.parametrize("scope", [NetScope.CONTRACT, NetScope.OFF], ids=["E12-contract", "E12-off"])
def test_unallocated_money_beside_a_late_debt_is_pointed_out(scope: NetScope) -> None:
    overdue = assess(case(E12), policy(net_scope=scope)).overdue
    assert overdue is not None
    assert overdue.advice_allocate


def test_no_advice_without_a_late_debt_or_without_money() -> None:
    for figures in (account(position(not_due(5), credit=5)), account(position(late(5, days=1)))):
        overdue = assess(case(figures), policy()).overdue
        assert overdue is not None
        assert not overdue.advice_allocate


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param(NetScope.CONTRACT, 100_000, id="E13-contract"),
        pytest.param(NetScope.CUSTOMER, 0, id="E13-customer"),
    ],
)
def test_a_spare_advance_never_hides_another_scope(scope: NetScope, expected: int) -> None:
    exposure = measure_exposure(E13.positions, [], case(wants=0).candidate, Counting("RUB", scope))
    assert exposure.before == rub(expected)


def test_an_advance_is_not_netted_against_a_deal_or_promise_of_an_unknown_contract() -> None:
    figures = account(position(credit=100), position(contract=None, credit=100))
    found = assess(case(figures, wants=30, contract=None, reserves=[reserve(20, contract=None)]), policy())
    assert found.exposure is not None
    assert (found.exposure.before, found.exposure.after) == (rub(20), rub(50))


def test_the_exposure_tells_its_parts() -> None:
    figures = account(position(not_due(100), credit=30, shipped=20))
    exposure = measure_exposure(figures.positions, [reserve(7)], case(wants=5).candidate, Counting("RUB"))
    assert exposure.receivables == rub(100)
    assert exposure.shipped_not_invoiced == rub(20)
    assert exposure.reserved == rub(7)
    assert exposure.credit == rub(30)
    assert exposure.candidate == rub(5)
    assert (exposure.before, exposure.after) == (rub(97), rub(102))


@pytest.mark.parametrize("scope", list(NetScope), ids=lambda scope: scope.value)
def test_money_on_its_way_softens_overdue_but_not_exposure(scope: NetScope) -> None:
    figures = account(position(late(100, days=3), pending=100))
    decision = assess(case(figures), policy(net_scope=scope))
    assert decision.overdue is not None
    assert decision.exposure is not None
    assert (decision.overdue.amount, decision.exposure.before) == (rub(0), rub(100))


def test_the_oldest_instalment_is_covered_first() -> None:
    figures = account(position(late(50, days=2, document="new"), late(50, days=9, document="old"), credit=60))
    (item,) = measure_overdue(
        figures.positions,
        Lateness(case().on, "RUB"),
    ).items
    assert (item.document, item.days, item.amount) == ("new", 2, rub(40))


def test_a_sum_without_a_due_day_is_exposure_and_never_overdue() -> None:
    decision = assess(case(account(position(instalment(100, None))), granted=50), policy())
    assert [reason.code.value for reason in decision.reasons] == [LIMIT]


def test_silent_accounting_holds_and_a_later_answer_decides() -> None:
    """E38, the pure half: TECHNICAL, never ALLOW; the same deal with figures is decided as usual."""
    silent = assess_technical(TechnicalCause.LEDGER_SILENT, None, policy())
    assert (silent.outcome, silent.holds) == (Outcome.TECHNICAL, True)
    assert not assess(case(), policy()).holds


@pytest.mark.parametrize(
    ("age", "expected"),
    [
        pytest.param(timedelta(minutes=15), Outcome.ALLOW, id="E38-fresh-enough"),
        pytest.param(timedelta(minutes=15, seconds=1), Outcome.TECHNICAL, id="E38-too-old"),
        pytest.param(timedelta(minutes=-1), Outcome.ALLOW, id="clocks-differ"),
    ],
)
def test_old_figures_give_no_permission(age: timedelta, expected: Outcome) -> None:
    figures = account(position())
    decision = assess(case(figures, now=figures.as_of + age), policy())
    assert decision.outcome is expected
    assert decision.as_of == figures.as_of


@pytest.mark.parametrize(
    ("days", "bucket"),
    [
        pytest.param(0, AgeingBucket.CURRENT, id="E43-0"),
        pytest.param(1, AgeingBucket.UP_TO_30, id="E43-1"),
        pytest.param(30, AgeingBucket.UP_TO_30, id="E43-30"),
        pytest.param(31, AgeingBucket.UP_TO_60, id="E43-31"),
        pytest.param(60, AgeingBucket.UP_TO_60, id="E43-60"),
        pytest.param(61, AgeingBucket.UP_TO_90, id="E43-61"),
        pytest.param(90, AgeingBucket.UP_TO_90, id="E43-90"),
        pytest.param(91, AgeingBucket.OVER_90, id="E43-91"),
    ],
)
def test_days_fall_into_their_bucket(days: int, bucket: AgeingBucket) -> None:
    assert bucket_of(days) is bucket


def test_ageing_sums_every_bucket_in_order() -> None:
    figures = account(position(late(5, days=3), late(7, days=30), late(11, days=91)))
    overdue = assess(case(figures), policy()).overdue
    assert overdue is not None
    lines = ageing(overdue.items, currency="RUB")
    assert [str(line.amount.amount) for line in lines] == ["0.00", "12.00", "0.00", "0.00", "11.00"]
