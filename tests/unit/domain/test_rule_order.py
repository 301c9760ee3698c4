"""The order in which rules are evaluated: levels, exclusions, the release tick, a new type (D13)."""

from __future__ import annotations

from datetime import date
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import AccountStatus
from b24app.domain.client import ClientFacts
from b24app.domain.client import StatusEffect
from b24app.domain.decision import Outcome
from b24app.domain.decision import SkipKind
from b24app.domain.rulebook import RuleBook
from b24app.domain.rules import RULE_TYPES
from b24app.domain.rules import Level
from b24app.domain.rules import Reason
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import Rule
from b24app.domain.rules import RuleType
from tests.builders import INN
from tests.builders import TODAY
from tests.builders import account
from tests.builders import block
from tests.builders import case
from tests.builders import codes
from tests.builders import entry
from tests.builders import exclude
from tests.builders import late
from tests.builders import policy
from tests.builders import position
from tests.builders import rub
from tests.builders import ruled

if TYPE_CHECKING:
    from b24app.domain.receivable import AccountFigures
    from b24app.domain.rules import Measures

DAYS, ORDER = "OVERDUE_DAYS", "ORDER_AMOUNT"
SOUTH = ClientFacts(group="south")
NONE: list[str] = []


def _late(days: int, amount: int = 100) -> AccountFigures:
    return account(position(late(amount, days=days)))


def _percent(figure: str) -> Decimal:
    return Decimal(figure)


ALL_61, ALL_30 = block("overdue_days", days=61), block("overdue_days", days=30)


@pytest.mark.parametrize(
    ("rules", "words", "expected"),
    [
        pytest.param(
            [ALL_61, exclude("overdue_days", group="south", days=100)],
            {"figures": _late(80), "client": SOUTH},
            NONE,
            id="P3-in-the-group",
        ),
        pytest.param(
            [ALL_61, exclude("overdue_days", group="south", days=100)],
            {"figures": _late(80)},
            [DAYS],
            id="P3-not-in-the-group",
        ),
        pytest.param(
            [ALL_61, exclude("overdue_days", group="south", days=100)],
            {"figures": _late(100), "client": SOUTH},
            [DAYS],
            id="D13-5-an-exclusion-reads-less-than",
        ),
        pytest.param(
            [block("overdue_days", group="south", days=30), exclude("overdue_days", group="south", days=60)],
            {"figures": _late(45), "client": SOUTH},
            [DAYS],
            id="E21-the-same-level-does-not-override",
        ),
        pytest.param(
            [block("overdue_days", client=INN, days=10), exclude("overdue_days", group="south", days=100)],
            {"figures": _late(20), "client": SOUTH},
            [DAYS],
            id="E22-a-less-specific-exclusion-does-not-override",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", client=INN, days=60)],
            {"figures": _late(45)},
            NONE,
            id="D13-3-a-client-exclusion-stops-all",
        ),
        pytest.param(
            [block("overdue_days", group="south", days=30), exclude("overdue_days", client=INN, days=60)],
            {"figures": _late(45), "client": SOUTH},
            NONE,
            id="D13-3-a-client-exclusion-stops-the-group",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", group="south", amount=rub(500))],
            {"figures": _late(45), "client": SOUTH},
            [DAYS],
            id="D13-3-value-types-must-match",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", group="south", amount=rub(500), release=True)],
            {"figures": _late(45), "client": SOUTH},
            NONE,
            id="D13-3-or-the-release-tick-is-needed",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", days=60)],
            {"figures": _late(45)},
            [DAYS],
            id="D13-4-an-exclusion-for-all-is-pointless",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", days=60, release=True)],
            {"figures": _late(45)},
            NONE,
            id="D13-4-except-with-the-release-tick",
        ),
        pytest.param(
            [exclude("order_amount", amount=rub(50_000), release=True), block("overdue_days", days=0)],
            {"figures": _late(200), "wants": 40_000},
            NONE,
            id="E23-a-small-order-passes",
        ),
        pytest.param(
            [exclude("order_amount", amount=rub(50_000)), block("overdue_days", days=0)],
            {"figures": _late(200), "wants": 40_000},
            [DAYS],
            id="E24-without-the-tick",
        ),
        pytest.param(
            [exclude("order_amount", client=INN, amount=rub(50_000)), block("overdue_days", days=0)],
            {"figures": _late(200), "wants": 40_000},
            [DAYS],
            id="E24-not-for-a-client-either",
        ),
        pytest.param(
            [exclude("order_amount", amount=rub(50_000), release=True), block("overdue_days", days=0)],
            {"figures": _late(200), "wants": 50_000},
            [DAYS],
            id="E23-an-order-at-the-amount-does-not",
        ),
        pytest.param(
            [block("overdue_days", client=INN, days=90), ALL_30],
            {"figures": _late(45)},
            [DAYS],
            id="D13-a-lenient-specific-block-does-not-soften",
        ),
        pytest.param([ALL_30, ALL_61], {"figures": _late(80)}, [DAYS, DAYS], id="D13-both-of-a-level-fire"),
        pytest.param(
            [ALL_30, block("order_amount", amount=rub(5))],
            {"figures": _late(80), "wants": 6, "granted": 100},
            ["LIMIT", DAYS, ORDER],
            id="D13-6-all-reasons-are-kept",
        ),
        pytest.param(
            [ALL_30, exclude("limit_used", group="south", percent=_percent("90"))],
            {"figures": _late(45), "client": SOUTH},
            [DAYS],
            id="D13-3-an-exclusion-acts-on-its-own-type",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", group="north", days=100)],
            {"figures": _late(45), "client": SOUTH},
            [DAYS],
            id="D13-another-groups-exclusion",
        ),
        pytest.param(
            [ALL_30, exclude("overdue_days", client="7709999999", days=100, release=True)],
            {"figures": _late(45)},
            [DAYS],
            id="D13-another-clients-release",
        ),
        pytest.param(
            [block("overdue_days", group="south", risk="high", days=5)],
            {"figures": _late(45), "client": ClientFacts(group="south", risk="low")},
            NONE,
            id="D12-narrowed-to-another-risk-group",
        ),
        pytest.param(
            [block("overdue_days", group="south", risk="high", days=5)],
            {"figures": _late(45), "client": ClientFacts(group="south", risk="high")},
            [DAYS],
            id="D12-narrowed-to-his-risk-group",
        ),
        pytest.param(
            [block("overdue_days", days=5, starts=TODAY, ends=TODAY)],
            {"figures": _late(45)},
            [DAYS],
            id="D13-valid-on-both-its-ends",
        ),
        pytest.param(
            [block("overdue_days", days=5, starts=TODAY + timedelta(days=1))],
            {"figures": _late(45)},
            NONE,
            id="D13-not-in-force-yet",
        ),
        pytest.param(
            [block("overdue_days", days=5, ends=TODAY - timedelta(days=1))],
            {"figures": _late(45)},
            NONE,
            id="D13-no-longer-in-force",
        ),
        pytest.param(
            [Rule("r-1", "overdue_days", level=each, days=5) for each in (Level.CLIENT, Level.GROUP)],
            {"figures": _late(45)},
            NONE,
            id="D12-a-client-or-group-not-named-is-nobody",
        ),
    ],
)
@pytest.mark.parametrize("backwards", [False, True], ids=["as-written", "backwards"])
def test_rules_are_evaluated_level_by_level(
    rules: list[Rule], words: dict[str, Any], expected: list[str], *, backwards: bool
) -> None:
    given = rules[::-1] if backwards else rules
    assert codes(case(**words), ruled(*given)) == expected


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param(exclude("overdue_days", days=46), {}, id="days"),
        pytest.param(exclude("overdue_days", amount=rub(101)), {}, id="days-by-sum"),
        pytest.param(exclude("overdue_amount", amount=rub(101)), {}, id="overdue-sum"),
        pytest.param(exclude("overdue_amount", amount=rub(101), percent=_percent("1")), {}, id="and-percent"),
        pytest.param(exclude("limit_used", percent=_percent("1")), {}, id="limit-used"),
        pytest.param(exclude("limit_used", percent=_percent("1")), {"granted": None}, id="unlimited"),
        pytest.param(
            exclude("overdue_amount", amount=rub(101), percent=_percent("1")),
            {"granted": None},
            id="unlimited-beside-the-sum",
        ),
        pytest.param(exclude("order_amount", amount=rub(2)), {}, id="order"),
        pytest.param(exclude("limit_expired", days=3), {}, id="expiry"),
        pytest.param(exclude("account_status", value="watch"), {}, id="status"),
        pytest.param(exclude("terms_of_payment", value="n0"), {}, id="terms"),
    ],
)
def test_every_type_of_exclusion_may_let_an_order_pass(rule: Rule, words: dict[str, Any]) -> None:
    """D13 step 2: available on every type, named in the decision, nothing else evaluated."""
    release = Rule(**{name: getattr(rule, name) for name in rule.__slots__} | {"release": True})
    client = ClientFacts(status="watch", limit_until=TODAY - timedelta(days=2))
    asked = case(_late(45), terms="n0", client=client, **words)
    terms = ruled(ALL_30, release, statuses=(AccountStatus("watch", StatusEffect.NONE),))
    decision = assess(asked, terms)
    assert (decision.outcome, decision.reasons) == (Outcome.ALLOW, ())
    assert decision.skipped is not None
    assert (decision.skipped.kind, decision.skipped.rule) == (SkipKind.RELEASED_BY_RULE, "r-1")


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        pytest.param(exclude("overdue_days", days=45), {}, id="days-at"),
        pytest.param(exclude("overdue_days", amount=rub(100)), {}, id="days-by-sum-at"),
        pytest.param(exclude("overdue_amount", amount=rub(100)), {}, id="overdue-sum-at"),
        pytest.param(
            exclude("overdue_amount", amount=rub(101), percent=_percent("0.0001")), {}, id="percent-reached"
        ),
        pytest.param(exclude("limit_used", percent=_percent("1")), {"granted": 10_100}, id="limit-used-at"),
        pytest.param(exclude("order_amount", amount=rub(1)), {}, id="order-at"),
        pytest.param(exclude("limit_expired", days=2), {}, id="expiry-at"),
        pytest.param(exclude("account_status", value="good"), {}, id="another-status"),
        pytest.param(exclude("terms_of_payment", value="n30"), {}, id="other-terms"),
    ],
)
def test_an_exclusion_needs_its_condition(rule: Rule, words: dict[str, Any]) -> None:
    release = Rule(**{name: getattr(rule, name) for name in rule.__slots__} | {"release": True})
    client = ClientFacts(status="watch", limit_until=TODAY - timedelta(days=2))
    asked = case(_late(45), terms="n0", client=client, **words)
    terms = ruled(
        ALL_30, release, statuses=(AccountStatus("watch", StatusEffect.NONE),), check_terms_rank=False
    )
    assert codes(asked, terms) == [DAYS]


def test_an_exclusion_stops_our_own_overdue_test_as_well() -> None:
    """P3 with the policy's own grace of no days: it is a block for all like any other."""
    rule = exclude("overdue_days", group="south", days=100)
    terms = policy(rules=RuleBook((rule,)))
    assert codes(case(_late(80), client=SOUTH), terms) == NONE
    assert codes(case(_late(80)), terms) == [DAYS]


def _is_monday(rule: Rule, found: Measures) -> bool:
    return rule.days is not None and found.on.isoweekday() == rule.days


def _tell_monday(rule: Rule, found: Measures) -> Reason:
    del found
    return Reason(ReasonCode.TERMS, days=rule.days)


TRIAL = dict(RULE_TYPES) | {
    "weekday": RuleType(_is_monday, _is_monday, _tell_monday, (frozenset({"days"}),), (frozenset({"days"}),))
}
TUESDAY = 2


@pytest.mark.parametrize(
    ("rules", "on", "expected"),
    [
        pytest.param([block("weekday", days=TUESDAY)], TODAY, ["TERMS"], id="blocks"),
        pytest.param([block("weekday", days=TUESDAY)], date(2026, 11, 25), NONE, id="not-on-wednesday"),
        pytest.param(
            [block("weekday", days=TUESDAY), exclude("weekday", client=INN, days=TUESDAY)],
            TODAY,
            NONE,
            id="excluded-for-the-client",
        ),
        pytest.param(
            [block("weekday", days=TUESDAY), exclude("weekday", days=TUESDAY, release=True)],
            TODAY,
            NONE,
            id="released",
        ),
    ],
)
def test_a_new_type_of_rule_is_one_row_of_the_registry(
    rules: list[Rule], on: date, expected: list[str]
) -> None:
    """Levels, exclusions, the release tick and the id of the rule come of themselves."""
    terms = policy(rules=RuleBook(tuple(rules), TRIAL))
    asked = case(on=on)
    assert codes(asked, terms) == expected
    assert all(reason.rule == "r-1" for reason in assess(asked, terms).reasons)


def test_a_client_outside_credit_control_is_not_asked_by_any_rule() -> None:
    """D13 step 1."""
    terms = ruled(ALL_30, clients=(entry(excluded=True),))
    decision = assess(case(_late(80), granted=0), terms)
    assert (decision.outcome, decision.reasons) == (Outcome.ALLOW, ())
    assert decision.skipped is not None
    assert decision.skipped.kind is SkipKind.CLIENT_EXCLUDED
