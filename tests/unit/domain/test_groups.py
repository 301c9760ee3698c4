"""Clients who share one limit: one pool for all of them (D18, D19), and management groups (D5)."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.case import PoolMember
from b24app.domain.client import ClientFacts
from b24app.domain.client import Cover
from b24app.domain.client import CoverKind
from b24app.domain.client import TemporaryLimit
from b24app.domain.decision import Outcome
from b24app.domain.decision import SkipKind
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.limits import LimitSource
from b24app.domain.limits import Unlimited
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import TechnicalCause
from tests.builders import TODAY
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import codes
from tests.builders import entry
from tests.builders import exclude
from tests.builders import late
from tests.builders import not_due
from tests.builders import policy
from tests.builders import pool
from tests.builders import position
from tests.builders import rates
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.case import AssessmentCase
    from b24app.domain.limits import CreditLimit
    from b24app.domain.money import Money

B = "7700000002"
GROUP, LIMIT, NONE = "GROUP_LIMIT", "LIMIT", list[str]()
MANDATORY = Granted(rub(0))


def _asks(
    own: CreditLimit, wants: Money | int | str, owed: int = 0, others: Money | int = 0
) -> AssessmentCase:
    """A client of limit `own` who owes `owed` and asks, beside another member's exposure."""
    money = rub(others) if isinstance(others, int) else others
    return case(
        account(position(not_due(owed))),
        granted=own,
        wants=wants,
        pool=(PoolMember(B, money),),
        rates=rates(USD=100),
    )


@pytest.mark.parametrize(
    ("own", "wants", "expected", "effective"),
    [
        pytest.param(Granted(rub(10_000)), 10_000, NONE, 10_000, id="P4-his-own-is-smaller"),
        pytest.param(Granted(rub(10_000)), 10_001, [LIMIT], 10_000, id="P4-orders-above-are-blocked"),
        pytest.param(NOT_SET, 15_000, NONE, 15_000, id="P5-the-groups"),
        pytest.param(NOT_SET, 15_001, [GROUP], 15_000, id="P5-and-no-more"),
        pytest.param(Granted(rub(20_000)), 15_001, [GROUP], 15_000, id="D18-the-groups-is-smaller"),
        pytest.param(MANDATORY, 1, [LIMIT], 0, id="D18-a-mandatory-zero-stays-zero"),
        pytest.param(Unlimited(), 10**9, NONE, None, id="D18-unlimited-even-inside-a-group"),
    ],
)
def test_the_smaller_of_own_and_group_limit_applies(
    own: CreditLimit, wants: int, expected: list[str], effective: int | None
) -> None:
    asked, terms = _asks(own, wants), policy(credit_groups=(pool(15_000, B),))
    assert codes(asked, terms) == expected
    decision = assess(asked, terms)
    assert decision.limit is not None
    assert decision.limit.limit == (Unlimited() if effective is None else Granted(rub(effective)))


@pytest.mark.parametrize(
    ("wants", "excess"),
    [
        pytest.param(100_000, None, id="E15-fits-the-pool"),
        pytest.param(150_000, rub(50_000), id="E15-the-pool-is-exceeded-though-his-own-is-not"),
    ],
)
def test_members_draw_on_one_pool(wants: int, excess: Money | None) -> None:
    asked = _asks(Granted(rub(800_000)), wants, owed=400_000, others=500_000)
    decision = assess(asked, policy(credit_groups=(pool(1_000_000, B),)))
    assert [(each.code.value, each.excess) for each in decision.reasons] == (
        [] if excess is None else [(GROUP, excess)]
    )
    assert decision.pool is not None
    assert (decision.pool.others, decision.pool.after) == (rub(500_000), rub(900_000 + wants))


def test_both_limits_may_be_exceeded() -> None:
    asked = _asks(Granted(rub(300_000)), 1, owed=300_000, others=800_000)
    assert codes(asked, policy(credit_groups=(pool(1_000_000, B),))) == [LIMIT, GROUP]


def test_an_unlimited_members_debt_counts_for_the_others() -> None:
    """D18: he is not tested, but what he owes is in the pool."""
    asked = _asks(NOT_SET, 1, others=1_000_000)
    assert codes(asked, policy(credit_groups=(pool(1_000_000, B),))) == [GROUP]


@pytest.mark.parametrize("inclusive", [False, True], ids=["D19-at-the-limit", "K3-D19-inclusive"])
def test_the_pool_has_the_same_boundary_as_a_limit(*, inclusive: bool) -> None:
    terms = policy(credit_groups=(pool(100, B),), limit_inclusive=inclusive)
    assert codes(_asks(NOT_SET, 60, others=40), terms) == ([GROUP] if inclusive else NONE)


@pytest.mark.parametrize(
    ("shared", "others", "wants", "expected"),
    [
        pytest.param(rub(1_000), usd(9), 100, NONE, id="D19-a-member-in-dollars"),
        pytest.param(rub(1_000), usd(9), "100.01", [GROUP], id="D19-a-member-in-dollars-over"),
        pytest.param(usd(10), rub(900), 100, NONE, id="D19-a-pool-in-dollars"),
        pytest.param(usd(10), rub(900), 101, [GROUP], id="D19-a-pool-in-dollars-over"),
    ],
)
def test_a_pool_adds_up_in_its_own_currency(
    shared: Money, others: Money, wants: str | int, expected: list[str]
) -> None:
    asked = _asks(Granted(rub(5_000)), wants, others=others)
    decision = assess(asked, policy(credit_groups=(pool(shared, B),)))
    assert [each.code.value for each in decision.reasons] == expected
    assert [rate.currency for rate in decision.rates] == ["USD"]


@pytest.mark.parametrize(
    ("own", "known", "expected"),
    [
        pytest.param(NOT_SET, None, Outcome.TECHNICAL, id="D19-not-read"),
        pytest.param(NOT_SET, (), Outcome.TECHNICAL, id="D19-one-not-read"),
        pytest.param(Unlimited(), None, Outcome.ALLOW, id="D18-unlimited-does-not-ask"),
    ],
)
def test_a_pool_nobody_could_add_up_fails_closed(own: CreditLimit, known: Any, expected: Outcome) -> None:
    decision = assess(case(granted=own, pool=known), policy(credit_groups=(pool(100, B),)))
    assert decision.outcome is expected
    if expected is Outcome.TECHNICAL:
        (reason,) = decision.reasons
        assert (reason.cause, reason.detail) == (TechnicalCause.POOL_UNKNOWN, "Холдинг «Ромашка»")


def test_an_order_let_pass_by_a_rule_needs_no_pool() -> None:
    """D13 step 2: nothing else is evaluated."""
    terms = ruled(exclude("order_amount", amount=rub(50), release=True), credit_groups=(pool(100, B),))
    decision = assess(case(granted=NOT_SET, pool=None, wants=49), terms)
    assert decision.outcome is Outcome.ALLOW
    assert decision.skipped is not None
    assert decision.skipped.kind is SkipKind.RELEASED_BY_RULE


@pytest.mark.parametrize(
    ("until", "own_until", "expected"),
    [
        pytest.param(date(2026, 11, 24), None, NONE, id="D19-the-last-day"),
        pytest.param(date(2026, 11, 23), None, ["LIMIT_EXPIRED"], id="D19-the-group-expired"),
        pytest.param(
            date(2026, 11, 23), date(2027, 1, 1), ["LIMIT_EXPIRED"], id="D19-overwrites-the-members-own-later"
        ),
        pytest.param(date(2027, 1, 1), date(2026, 1, 1), NONE, id="D19-overwrites-the-members-own-earlier"),
    ],
)
def test_the_last_day_of_a_group_is_its_members(
    until: date, own_until: date | None, expected: list[str]
) -> None:
    terms = ruled(block("limit_expired", days=0), credit_groups=(pool(100, B, until=until),))
    asked = case(granted=50, pool=(PoolMember(B, rub(0)),), client=ClientFacts(limit_until=own_until))
    assert codes(asked, terms) == expected


@pytest.mark.parametrize(
    ("temporary", "wants", "expected"),
    [
        pytest.param(120, 101, [GROUP], id="D20-above-the-group-the-group-counts"),
        pytest.param(120, 100, NONE, id="D20-at-the-groups"),
        pytest.param(50, 51, [LIMIT], id="D20-below-the-group-it-counts"),
        pytest.param(0, 1, [LIMIT], id="E18-zero-blocks-inside-a-group"),
    ],
)
def test_a_temporary_limit_inside_a_group(temporary: int, wants: int, expected: list[str]) -> None:
    client = entry(temporary=(TemporaryLimit(rub(temporary), TODAY, TODAY),))
    terms = policy(credit_groups=(pool(100, B),), clients=(client,))
    for own in (NOT_SET, Granted(rub(70))):
        assert codes(_asks(own, wants), terms) == expected


def test_a_members_cover_raises_his_own_limit_and_not_the_pool() -> None:
    cover = Cover(CoverKind.GUARANTEE, rub(50), rub(100).amount, TODAY, TODAY)
    terms = policy(credit_groups=(pool(100, B),), clients=(entry(covers=(cover,)),))
    assert codes(_asks(Granted(rub(40)), 90), terms) == NONE
    asked = _asks(Granted(rub(70)), 101)
    assert codes(asked, terms) == [GROUP]
    decision = assess(asked, terms)
    assert decision.limit is not None
    assert (decision.limit.limit, decision.limit.source) == (Granted(rub(100)), LimitSource.GROUP)


def test_a_management_group_scopes_rules_and_shares_no_limit() -> None:
    """D5: one a client; what the policy says of him wins over his card."""
    rule = block("overdue_days", group="south", days=5)
    figures = account(position(late(10, days=6)))
    terms = policy(rules=RuleBook((rule,)), overdue_grace_days=None)
    assert codes(case(figures, client=ClientFacts(group="south")), terms) == ["OVERDUE_DAYS"]
    assert codes(case(figures, client=ClientFacts(group="north")), terms) == NONE
    moved = policy(rules=RuleBook((rule,)), overdue_grace_days=None, clients=(entry(group="south"),))
    assert codes(case(figures, client=ClientFacts(group="north")), moved) == ["OVERDUE_DAYS"]
