"""Who a client is: categories, statuses, partners, stops by hand, reasons (F8, D6, F20, D26, D4, D17)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Any

import pytest

from b24app.domain.assess import assess
from b24app.domain.client import AccountStatus
from b24app.domain.client import Category
from b24app.domain.client import ClientFacts
from b24app.domain.client import DealEntry
from b24app.domain.client import StatusEffect
from b24app.domain.decision import Outcome
from b24app.domain.decision import SkipKind
from b24app.domain.limits import NOT_SET
from b24app.domain.limits import Granted
from b24app.domain.policy import ReasonEntry
from b24app.domain.policy import ReasonKind
from b24app.domain.policy import Softness
from b24app.domain.rules import ReasonCode
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
from tests.builders import position
from tests.builders import rates
from tests.builders import reserve
from tests.builders import rub
from tests.builders import ruled
from tests.builders import usd

if TYPE_CHECKING:
    from b24app.domain.receivable import AccountFigures

STATUS, DAYS, LIMIT, FORCED, NONE = "ACCOUNT_STATUS", "OVERDUE_DAYS", "LIMIT", "FORCED", list[str]()
DEAL = 17

WHOLESALE = (
    Category("large", limit=Granted(rub(5_000_000)), terms_days=30),
    Category("new", limit=Granted(rub(100_000)), overdue_grace_days=3),
    Category("prepaid", limit=Granted(rub(0))),
    Category("problem", full_block=True),
)
LARGE, NEW, PREPAID, PROBLEM = (ClientFacts(category=each.code) for each in WHOLESALE)


@pytest.mark.parametrize(
    ("kind", "figures", "wants", "expected"),
    [
        pytest.param(LARGE, account(position(not_due(4_000_000))), 1_000_000, NONE, id="F8-large-partner"),
        pytest.param(LARGE, account(position(not_due(4_000_000))), 1_000_001, [LIMIT], id="F8-large-over"),
        pytest.param(NEW, account(), 100_000, NONE, id="F8-new-client"),
        pytest.param(NEW, account(), 100_001, [LIMIT], id="F8-new-client-over"),
        pytest.param(NEW, account(position(late(5, days=3))), 1, NONE, id="F8-AC1-days-of-the-category"),
        pytest.param(NEW, account(position(late(5, days=4))), 1, [DAYS], id="F8-AC1-and-no-more"),
        pytest.param(PREPAID, account(position(credit=80)), 80, NONE, id="F8-AC3-E5-prepaid"),
        pytest.param(PREPAID, account(position(credit=80)), "80.01", [LIMIT], id="F8-AC3-E5-not-all-of-it"),
        pytest.param(
            PREPAID, account(position(not_due(30), credit=80)), 51, [LIMIT], id="F8-AC3-net-of-what-is-owed"
        ),
        pytest.param(
            PROBLEM, account(position(not_due("1.00"))), 100, [STATUS], id="E35-F8-AC4-a-rouble-owed"
        ),
        pytest.param(PROBLEM, account(), 100, NONE, id="E35-nothing-owed-normal-rules"),
        pytest.param(
            PROBLEM, account(position(not_due(5), credit=5)), 100, NONE, id="E35-covered-by-an-advance"
        ),
        pytest.param(
            PROBLEM,
            account(position(not_due(5)), position(credit=5, contract="B")),
            100,
            [STATUS],
            id="E35-an-advance-under-another-contract",
        ),
        pytest.param(PROBLEM, account(position(shipped=5)), 100, [STATUS], id="E35-shipped-is-owed"),
        pytest.param(
            PROBLEM, account(position(not_due(500_000))), 100, [LIMIT, STATUS], id="E35-whatever-the-limit"
        ),
    ],
)
def test_a_category_sets_defaults_and_may_stop_everything(
    kind: ClientFacts, figures: AccountFigures, wants: int | str, expected: list[str]
) -> None:
    own = 500_000 if kind is PROBLEM else NOT_SET
    assert (
        codes(case(figures, granted=own, wants=wants, client=kind), policy(categories=WHOLESALE)) == expected
    )


def test_a_problem_debtor_is_told_the_debt_to_pay_and_orders_are_no_debt() -> None:
    asked = case(
        account(position(not_due("1.00"))), client=PROBLEM, granted=500_000, wants=100, reserves=[reserve(50)]
    )
    decision = assess(asked, policy(categories=WHOLESALE))
    (reason,) = decision.reasons
    assert (reason.detail, reason.value) == ("problem", rub(1))
    assert [payment.amount for payment in decision.to_release] == [rub(1)]


STATUSES = (
    AccountStatus("good", StatusEffect.NONE),
    AccountStatus("no-shipment", StatusEffect.SHIP),
    AccountStatus("closed", StatusEffect.ALL),
)


@pytest.mark.parametrize(
    ("status", "wants", "expected"),
    [
        pytest.param("good", 1, NONE, id="D6-none-the-rules-decide"),
        pytest.param("no-shipment", 1, [STATUS], id="D6-ship-no-new-shipment"),
        pytest.param("closed", 1, [STATUS], id="D6-all-no-new-deal"),
        pytest.param("unheard-of", 1, NONE, id="D6-a-status-nobody-defined"),
        pytest.param("no-shipment", -1, NONE, id="D6-E45-a-return-is-accepted"),
        pytest.param("closed", -1, NONE, id="D6-E45-a-return-is-always-accepted"),
        pytest.param("no-shipment", 0, NONE, id="E46-shipped-goods-are-invoiced"),
        pytest.param("closed", 0, NONE, id="E46-whatever-the-status"),
    ],
)
def test_a_status_stops_what_it_says(status: str, wants: int, expected: list[str]) -> None:
    asked = case(wants=wants, client=ClientFacts(status=status))
    assert codes(asked, policy(statuses=STATUSES)) == expected


def test_a_status_given_by_the_policy_wins_and_no_payment_lifts_it() -> None:
    terms = policy(statuses=STATUSES, clients=(entry(status="closed", status_reason="court"),))
    decision = assess(case(client=ClientFacts(status="good")), terms)
    assert [(each.code, each.detail) for each in decision.reasons] == [(ReasonCode.ACCOUNT_STATUS, "closed")]
    assert decision.to_release == ()


SOFT = Softness(7, rub(50_000))


@pytest.mark.parametrize(
    ("days", "amount", "outcome"),
    [
        pytest.param(7, 40_000, Outcome.ALLOW_NOTIFY, id="E34-F20-AC2-seven-days"),
        pytest.param(8, 40_000, Outcome.HOLD, id="E34-F20-AC3-eight-days"),
        pytest.param(7, 50_000, Outcome.ALLOW_NOTIFY, id="F20-AC2-at-the-soft-sum"),
        pytest.param(7, 50_001, Outcome.HOLD, id="F20-AC3-over-the-soft-sum"),
        pytest.param(0, 40_000, Outcome.ALLOW, id="F20-nothing-overdue"),
    ],
)
def test_a_strategic_partners_small_overdue_ships_and_is_told(
    days: int, amount: int, outcome: Outcome
) -> None:
    asked = case(account(position(late(amount, days=days))), client=ClientFacts(strategic=True))
    decision = assess(asked, policy(strategic=SOFT))
    assert decision.outcome is outcome
    assert bool(decision.warnings) is (outcome is Outcome.ALLOW_NOTIFY)
    assert assess(case(asked.figures), policy(strategic=SOFT)).holds is (days > 0)


def test_softness_reaches_overdue_rules_and_nothing_else() -> None:
    terms = ruled(
        block("overdue_amount", amount=rub(1)), block("order_amount", amount=rub(5)), strategic=SOFT
    )
    asked = case(account(position(late(10, days=3))), wants=6, client=ClientFacts(strategic=True))
    decision = assess(asked, terms)
    assert [each.code.value for each in decision.reasons] == ["ORDER_AMOUNT"]
    assert [each.code.value for each in decision.warnings] == ["OVERDUE_AMOUNT"]


@pytest.mark.parametrize(
    ("given", "card", "outcome"),
    [
        pytest.param(True, False, Outcome.ALLOW_NOTIFY, id="F20-AC4-granted-in-the-policy"),
        pytest.param(False, True, Outcome.HOLD, id="F20-AC4-taken-away-in-the-policy"),
        pytest.param(None, True, Outcome.ALLOW_NOTIFY, id="F20-AC4-by-the-accepted-card"),
    ],
)
def test_who_is_strategic(given: bool | None, card: bool, outcome: Outcome) -> None:
    terms = policy(strategic=SOFT, clients=(entry(strategic=given),))
    asked = case(account(position(late(10, days=3))), client=ClientFacts(strategic=card))
    assert assess(asked, terms).outcome is outcome


def test_a_strategic_partner_pays_down_to_the_soft_bound_only() -> None:
    """The smallest payment is smaller for him: what is soft may stay."""
    asked = case(account(position(late(60_000, days=3))), client=ClientFacts(strategic=True))
    decision = assess(asked, policy(strategic=SOFT))
    assert [payment.amount for payment in decision.to_release] == [rub(10_000)]


def test_soft_bounds_come_to_the_currency_of_the_limit() -> None:
    asked = case(
        account(position(late(usd(5), days=3), currency="USD")),
        granted=usd(100),
        wants=usd(1),
        client=ClientFacts(strategic=True),
        rates=rates(USD=100),
    )
    assert assess(asked, policy(strategic=Softness(7, rub(500)))).outcome is Outcome.ALLOW_NOTIFY
    assert assess(asked, policy(strategic=Softness(7, rub(499)))).holds


def test_a_strategic_partner_has_limits_and_rules_of_his_own() -> None:
    """F20 AC1."""
    terms = policy(
        strategic=SOFT, overdue_grace_days=0, clients=(entry(overdue_grace_days=40, order_limit=rub(9)),)
    )
    assert codes(case(account(position(late(60_000, days=40))), wants=9), terms) == NONE
    assert codes(case(account(position(late(60_000, days=41))), wants=10), terms) == [DAYS, "ORDER_AMOUNT"]


BAD = account(position(late(900, days=300)))


@pytest.mark.parametrize(
    ("client", "deal", "kind"),
    [
        pytest.param({"excluded": True}, {}, SkipKind.CLIENT_EXCLUDED, id="D17-a-client-excluded"),
        pytest.param({}, {"excluded": True}, SkipKind.DEAL_EXCLUDED, id="D17-a-deal-excluded"),
        pytest.param(
            {}, {"excluded": True, "until": TODAY}, SkipKind.DEAL_EXCLUDED, id="D17-to-its-last-day"
        ),
        pytest.param({"ignore_until": TODAY}, {}, SkipKind.IGNORED_UNTIL, id="A35-D17-to-its-last-day"),
        pytest.param({"ignore_until": TODAY - timedelta(days=1)}, {}, None, id="A35-and-inside-again"),
        pytest.param(
            {}, {"excluded": True, "until": TODAY - timedelta(days=1)}, None, id="D17-a-deal-inside-again"
        ),
        pytest.param({}, {"deal_id": 18, "excluded": True}, None, id="D17-another-deal"),
        pytest.param({"inn": "7709999999", "excluded": True}, {}, None, id="D17-another-client"),
    ],
)
def test_who_is_outside_credit_control(
    client: dict[str, Any], deal: dict[str, Any], kind: SkipKind | None
) -> None:
    terms = policy(
        clients=(entry(**client),), deals=(DealEntry(**({"deal_id": DEAL} | deal)),), statuses=STATUSES
    )
    decision = assess(case(BAD, granted=5, deal_id=DEAL, client=ClientFacts(status="closed")), terms)
    assert (decision.skipped.kind if decision.skipped else None) is kind
    assert decision.holds is (kind is None)


def test_unlimited_skips_the_limit_tests_only() -> None:
    """D17: other rules still run."""
    assert codes(case(BAD, granted=None), policy()) == [DAYS]


@pytest.mark.parametrize(
    ("client", "deal", "details"),
    [
        pytest.param({}, {"forced_hold": "fraud"}, ["fraud"], id="D26-a-single-order"),
        pytest.param({"forced_hold": "audit"}, {}, ["audit"], id="D26-every-order-of-a-client"),
        pytest.param({"forced_hold": "audit"}, {"forced_hold": "fraud"}, ["fraud", "audit"], id="D26-both"),
        pytest.param({"forced_hold": "audit"}, {"forced_hold": "audit"}, ["audit"], id="D26-the-same-twice"),
        pytest.param({}, {"deal_id": 18, "forced_hold": "fraud"}, [], id="D26-another-order"),
        pytest.param(
            {"excluded": True, "forced_hold": "audit"}, {}, ["audit"], id="D26-stands-beside-an-exclusion"
        ),
        pytest.param(
            {},
            {"forced_hold": "fraud", "until": TODAY - timedelta(days=1)},
            ["fraud"],
            id="D26-no-day-lifts-it",
        ),
    ],
)
def test_a_person_stops_what_no_rule_stops(
    client: dict[str, Any], deal: dict[str, Any], details: list[str]
) -> None:
    terms = policy(clients=(entry(**client),), deals=(DealEntry(**({"deal_id": DEAL} | deal)),))
    decision = assess(case(deal_id=DEAL), terms)
    assert [(each.code, each.detail) for each in decision.reasons] == [
        (ReasonCode.FORCED, detail) for detail in details
    ]
    assert decision.to_release == ()


def test_a_forced_hold_stands_beside_a_release_tick() -> None:
    terms = ruled(
        exclude("order_amount", amount=rub(50_000), release=True),
        deals=(DealEntry(DEAL, forced_hold="fraud"),),
    )
    decision = assess(case(BAD, granted=0, deal_id=DEAL), terms)
    assert [each.code.value for each in decision.reasons] == [FORCED]
    assert decision.skipped is not None
    assert decision.skipped.kind is SkipKind.RELEASED_BY_RULE


def test_a_forced_hold_is_told_after_the_rules_reasons() -> None:
    terms = policy(deals=(DealEntry(DEAL, forced_hold="fraud"),))
    assert codes(case(BAD, granted=0, deal_id=DEAL), terms) == [LIMIT, DAYS, FORCED]


REASONS = (
    ReasonEntry("paid", ReasonKind.RELEASE, "Оплачено", "Paid"),
    ReasonEntry("fraud", ReasonKind.HOLD, "Подозрение", "Suspicion"),
    ReasonEntry("court", ReasonKind.STATUS, "Суд", "Court"),
)


@pytest.mark.parametrize(
    ("code", "kind", "found"),
    [
        pytest.param("paid", ReasonKind.RELEASE, True, id="D4-a-release-with-its-reason"),
        pytest.param("fraud", ReasonKind.RELEASE, False, id="D4-a-reason-to-hold-releases-nothing"),
        pytest.param("", ReasonKind.RELEASE, False, id="D4-no-reason"),
        pytest.param("fraud", ReasonKind.HOLD, True, id="D4-a-reason-to-hold"),
        pytest.param("court", ReasonKind.STATUS, True, id="D4-a-reason-of-a-status"),
        pytest.param("court", ReasonKind.HOLD, False, id="D4-of-another-kind"),
    ],
)
def test_a_reason_is_found_for_what_it_is_for(code: str, kind: ReasonKind, *, found: bool) -> None:
    entry_found = policy(reasons=REASONS).reason(code, kind)
    assert (entry_found is not None) is found
    if entry_found is not None:
        assert (bool(entry_found.name), bool(entry_found.name_en)) == (True, True)
