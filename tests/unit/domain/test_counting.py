"""What counts as exposure, whose debt it is, and when a decision is made anew (K1, K2, F3, F25, F26, A19)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.assess import decide
from b24app.domain.case import Release
from b24app.domain.decision import Outcome
from b24app.domain.decision import SkipKind
from b24app.domain.exposure import Component
from b24app.domain.exposure import NetScope
from b24app.domain.exposure import Reserve
from b24app.domain.policy import AccountScope
from b24app.domain.receivable import Contract
from tests.builders import CONTRACT
from tests.builders import TODAY
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import codes
from tests.builders import instalment
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import position
from tests.builders import reserve
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.case import AssessmentCase
    from b24app.domain.money import Money

LIMIT, DAYS, NONE = "LIMIT", "OVERDUE_DAYS", list[str]()
ONE_COMPANY = {"account_scope": AccountScope.ORGANISATION}


@pytest.mark.parametrize(
    ("owed", "overdue", "wants", "expected"),
    [
        pytest.param(60, 0, 40, NONE, id="F3-AC1-within-the-limit-nothing-overdue"),
        pytest.param(60, 0, 41, [LIMIT], id="F3-AC2-over-the-limit"),
        pytest.param(0, 5, 1, [DAYS], id="F3-AC3-overdue-with-room"),
        pytest.param(60, 5, 41, [LIMIT, DAYS], id="F3-AC4-both"),
    ],
)
def test_the_formula_of_the_decision(owed: int, overdue: int, wants: int, expected: list[str]) -> None:
    asked = case(account(position(not_due(owed), late(overdue, days=1))), granted=100, wants=wants)
    decision = assess(asked, policy())
    assert codes(asked, policy()) == expected
    if LIMIT in expected:
        assert decision.reasons[0].excess == rub(owed + overdue + wants - 100)


@pytest.mark.parametrize("debts", [(), (7,), (7, 8)], ids=lambda debts: f"F6-AC1-{len(debts)}-late")
def test_a_decision_shows_all_its_numbers(debts: tuple[int, ...]) -> None:
    """F4, F5, F6: the outcome, the breakdown of exposure, the late documents with their days."""
    figures = account(position(*(late(10, days=days) for days in debts), not_due(30), shipped=5, credit=2))
    decision = assess(case(figures, granted=500, wants=1, reserves=[reserve(3)]), policy())
    assert decision.outcome is (Outcome.HOLD if debts else Outcome.ALLOW)
    exposure, overdue = decision.exposure, decision.overdue
    assert exposure is not None
    assert overdue is not None
    assert (exposure.shipped_not_invoiced, exposure.reserved, exposure.credit) == (rub(5), rub(3), rub(2))
    assert exposure.receivables == rub(30 + 10 * len(debts))
    assert exposure.after == exposure.before + exposure.candidate
    assert [item.days for item in overdue.items] == sorted(debts, reverse=True)[-len(overdue.items) :]


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        pytest.param({}, [DAYS], id="E44-F25-AC2-debt-in-a-stops-a-deal-in-b"),
        pytest.param(ONE_COMPANY, NONE, id="E44-F25-AC4-restricted-to-one-company"),
    ],
)
def test_overdue_towards_another_company(scope: dict[str, Any], expected: list[str]) -> None:
    figures = account(
        position(late(150_000, days=5), organisation="a"), position(contract="B", organisation="b")
    )
    assert codes(case(figures, contract="B", organisation="b"), policy(**scope)) == expected


@pytest.mark.parametrize(
    ("other", "paid"),
    [
        pytest.param("b", rub(100), id="K1-N9-an-advance-at-another-company-extinguishes-nothing"),
        pytest.param("a", None, id="K1-N9-an-advance-at-the-same-company-does"),
    ],
)
def test_money_under_no_contract_stays_with_its_company(other: str, paid: Money | None) -> None:
    figures = account(
        position(late(100, days=5), contract=None, organisation="a"),
        position(contract=None, credit=100, organisation=other),
    )
    decision = assess(case(figures, contract="C"), policy())
    asked = [(each.contract, each.amount) for each in decision.to_release]
    assert asked == ([] if paid is None else [(None, paid)])


@pytest.mark.parametrize(
    ("scope", "organisation", "expected"),
    [
        pytest.param({}, "b", rub(60), id="F25-AC1-all-companies-and-branches"),
        pytest.param(ONE_COMPANY, "b", rub(20 + 30), id="F25-AC4-N9-what-is-not-known-counts-everywhere"),
        pytest.param(ONE_COMPANY, None, rub(60), id="F25-AC4-who-sells-is-not-known"),
    ],
)
def test_whose_debt_counts(scope: dict[str, Any], organisation: str | None, expected: Money) -> None:
    figures = account(
        position(not_due(10), organisation="a"),
        position(not_due(20), contract="B", organisation="b"),
        position(not_due(30), contract="C"),
    )
    decision = assess(case(figures, organisation=organisation), policy(**scope))
    assert decision.exposure is not None
    assert decision.exposure.before == expected


@pytest.mark.parametrize(
    ("contract", "reserved"),
    [
        pytest.param("A", rub(0), id="N9-a-promise-of-another-company"),
        pytest.param("B", rub(7), id="N9-a-promise-of-the-same"),
        pytest.param("C", rub(7), id="N9-a-contract-of-an-unknown-company"),
        pytest.param(None, rub(7), id="N9-no-contract"),
    ],
)
def test_promises_of_other_companies(contract: str | None, reserved: Money) -> None:
    contracts = (
        Contract("A", "1", "RUB", active=True, organisation="a"),
        Contract("B", "2", "RUB", active=True, organisation="b"),
        Contract("C", "3", "RUB", active=True),
    )
    asked = case(
        account(contracts=contracts), organisation="b", reserves=[reserve(7, contract=contract)], contract="B"
    )
    decision = assess(asked, policy(**ONE_COMPANY))
    assert decision.exposure is not None
    assert decision.exposure.reserved == reserved


@pytest.mark.parametrize(
    ("horizon", "expected"),
    [
        pytest.param(60, rub(0), id="E49-delivered-in-90-days-horizon-60"),
        pytest.param(120, rub(500), id="E49-horizon-120"),
        pytest.param(90, rub(500), id="A19-on-the-horizon"),
        pytest.param(None, rub(500), id="A19-no-horizon"),
    ],
)
def test_an_order_beyond_the_horizon_does_not_count(horizon: int | None, expected: Money) -> None:
    far = Reserve(2, CONTRACT, rub(500), ship_on=TODAY + timedelta(days=90))
    decision = assess(case(reserves=[far]), policy(horizon_days=horizon))
    assert decision.exposure is not None
    assert decision.exposure.before == expected


def test_an_order_of_no_planned_day_counts() -> None:
    decision = assess(case(reserves=[reserve(500)]), policy(horizon_days=1))
    assert decision.exposure is not None
    assert decision.exposure.before == rub(500)


@pytest.mark.parametrize(
    ("without", "expected"),
    [
        pytest.param(Component.RECEIVABLES, rub(5 + 7), id="A1-K1-no-receivables"),
        pytest.param(Component.SHIPPED, rub(3 + 7), id="A1-K1-no-shipped"),
        pytest.param(Component.RESERVED, rub(3 + 5), id="A1-N12-no-orders"),
        pytest.param(None, rub(15), id="A1-K1-all"),
    ],
)
def test_a_component_may_be_left_out(without: Component | None, expected: Money) -> None:
    figures = account(position(not_due(3), shipped=5))
    components = frozenset(Component) - {without}
    decision = assess(case(figures, reserves=[reserve(7)]), policy(components=components))
    assert decision.exposure is not None
    assert decision.exposure.before == expected


def test_the_deal_itself_is_never_its_own_reserve() -> None:
    """K2, E8: even where the caller left its promise among the others."""
    asked = case(deal_id=2, wants=400_000, reserves=[reserve(400_000), reserve(600_000, deal_id=3)])
    assert codes(asked, policy()) == NONE


@pytest.mark.parametrize(
    ("owed", "reserved", "before"),
    [
        pytest.param(500, 500, rub(1_000), id="P18-half-invoiced-half-promised"),
        pytest.param(1_500, 0, rub(1_500), id="P18-the-invoice-enlarged"),
    ],
)
def test_a_down_payment_invoice_is_not_counted_twice(owed: int, reserved: int, before: Money) -> None:
    asked = case(account(position(not_due(owed))), granted=1_000, wants=0, reserves=[reserve(reserved)])
    decision = assess(asked, policy())
    assert decision.exposure is not None
    assert (decision.exposure.before, decision.exposure.after) == (before, before)


JUNE = [
    pytest.param(date(2026, 6, 10), 9, id="E10-10-june"),
    pytest.param(date(2026, 6, 11), 10, id="E10-11-june"),
    pytest.param(date(2026, 6, 12), 11, id="E10-12-june"),
]


@pytest.mark.parametrize(("on", "days"), JUNE)
def test_a_part_payment_leaves_the_rest_overdue(on: date, days: int) -> None:
    """E10: due 1 June, 200 000 of 300 000 paid; more than ten days are there on the 12th only."""
    asked = case(account(position(instalment(100_000, date(2026, 6, 1)))), on=on)
    decision = assess(asked, policy())
    assert decision.overdue is not None
    assert (decision.overdue.amount, decision.overdue.max_days) == (rub(100_000), days)
    assert bool(codes(asked, ruled(block("overdue_days", days=10)))) is (days > 10)


@pytest.mark.parametrize(
    ("deal", "owed", "promised", "expected"),
    [
        pytest.param(300_000, 650_000, 0, NONE, id="E36-first-is-released-by-the-payment"),
        pytest.param(200_000, 650_000, 300_000, [LIMIT], id="E36-second-stays"),
        pytest.param(300_000, 900_000, 0, [LIMIT], id="E36-before-the-payment"),
        pytest.param(200_000, 650_000, 0, NONE, id="E36-alone-it-would-have-passed"),
    ],
)
def test_freed_room_goes_to_the_older_hold(deal: int, owed: int, promised: int, expected: list[str]) -> None:
    asked = case(account(position(not_due(owed))), wants=deal, reserves=[reserve(promised)])
    assert codes(asked, policy()) == expected


def test_a_credit_note_lowers_exposure() -> None:
    """E45."""
    owes = account(position(not_due(100)))
    before, after = (
        assess(case(figures, wants=-1), policy()).exposure
        for figures in (owes, account(position(not_due(100), credit=30)))
    )
    assert before is not None
    assert after is not None
    assert (before.before, after.before) == (rub(100), rub(70))


def test_a_new_version_of_the_policy_decides_the_next_check() -> None:
    """F26 AC1, F7 AC1: the same facts under two versions; each decision names its own."""
    asked = case(account(position(late(5, days=3))))
    old, new = policy(version="1", overdue_grace_days=5), policy(version="2", overdue_grace_days=2)
    assert [(assess(asked, each).holds, assess(asked, each).policy_version) for each in (old, new)] == [
        (False, "1"),
        (True, "2"),
    ]


def test_a_dry_run_decides_the_same_without_the_payments() -> None:
    """F7 AC2: many deals are decided again under another version, nothing else is worked out."""
    asked = case(account(position(late(5, days=3))))
    full = assess(asked, policy())
    assert full.to_release
    assert decide(asked, policy()) == replace(full, to_release=())


RELEASED = TODAY


def _again(days: int, **words: Any) -> AssessmentCase:
    """The deal that was released today, asked again so many days later."""
    on = TODAY + timedelta(days=days)
    values: dict[str, Any] = {
        "on": on,
        "release": Release(RELEASED, rub(300_000)),
        "wants": 300_000,
        "granted": 0,
    }
    return case(**(values | words))


@pytest.mark.parametrize(
    ("days", "words", "grace", "until"),
    [
        pytest.param(0, {}, 2, 2, id="P2-day-1"),
        pytest.param(1, {}, 2, 2, id="P2-day-2"),
        pytest.param(2, {}, 2, 2, id="P2-day-3"),
        pytest.param(3, {}, 2, None, id="P2-day-4-checked-again"),
        pytest.param(0, {}, 0, None, id="D15-without-grace-every-stage-checks"),
        pytest.param(1, {"release": None}, 2, None, id="D15-never-to-the-first-check"),
        pytest.param(-1, {}, 2, None, id="D15-not-before-the-release"),
        pytest.param(3, {}, 3, 3, id="E47-valid-to-friday"),
        pytest.param(6, {}, 3, None, id="E47-used-on-monday"),
        pytest.param(1, {"wants": 310_000}, 3, None, id="E47-D16-a-larger-amount"),
        pytest.param(1, {"wants": 290_000}, 3, 3, id="D16-a-smaller-one-keeps-it"),
        pytest.param(1, {"wants": usd(1)}, 3, None, id="D16-another-currency"),
    ],
)
def test_a_release_is_not_checked_again_for_some_days(
    days: int, words: dict[str, Any], grace: int, until: int | None
) -> None:
    decision = assess(_again(days, **words), policy(stage_grace_days=grace))
    assert decision.holds is (until is None)
    skipped = decision.skipped
    assert (skipped.kind if skipped else None) is (None if until is None else SkipKind.GRACE_UNTIL)
    assert (skipped.until if skipped else None) == (
        None if until is None else RELEASED + timedelta(days=until)
    )


@pytest.mark.parametrize("scope", NetScope, ids=lambda scope: f"K1-{scope.value}")
def test_a_spare_advance_hides_no_other_scopes_debt(scope: NetScope) -> None:
    figures = account(position(not_due(100)), position(credit=300, contract="B"))
    decision = assess(case(figures, wants=50), policy(net_scope=scope))
    assert decision.exposure is not None
    assert decision.exposure.after == rub(0 if scope is NetScope.CUSTOMER else 150)
