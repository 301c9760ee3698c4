"""Open deals under a new policy: decided over fresh figures by both policies, nothing written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from decimal import Decimal

import pytest

from b24app.domain.decision import Outcome
from b24app.domain.money import Money
from b24app.domain.policy import Policy
from b24app.domain.rules import ReasonCode
from b24app.domain.rules import TechnicalCause
from b24app.ports.errors import TransportFailure
from b24app.ports.records import Mode
from b24app.services.redecide import Change
from b24app.services.rehearsal import BATCH
from b24app.services.rehearsal import OpenDeal
from b24app.services.rehearsal import Rehearsal
from tests.builders import late
from tests.builders import not_due
from tests.builders import pool
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

OTHER = "7702345678"
SOFTER = Policy(default_limit=rub(0), overdue_grace_days=10)
TOLERANT = Policy(default_limit=rub(0), order_tolerance=Decimal(20))
STRICT = Policy(default_limit=rub(0), order_limit=rub(50_000))


@pytest.fixture
def rig() -> Rig:
    made = Rig()
    made.ledger.put(client(position(not_due(950_000))))
    return made


def tried(rig: Rig, new: Policy, *deal_ids: int) -> list[OpenDeal]:
    """Try a policy on the deals named, else on all that are open."""
    rehearsal = Rehearsal(rig.office)
    wanted: Sequence[int] = deal_ids or rehearsal.open_deals(rig.record())
    return [deal for lot in rehearsal.run(rig.record(), new, wanted) for deal in lot]


def test_held_waiting_and_allowed_deals_are_open_and_others_are_not(rig: Rig) -> None:
    for number, amount in ((1, 40_000), (2, 90_000)):
        rig.deal(number, amount=amount)
        rig.check(number)
    assert (rig.stage(1), rig.stage(2)) == (ALLOWED, APPROVAL)
    rig.deal(3, company_id=None)
    rig.check(3)
    rig.deal(4, stage=EARLY)
    rig.deal(5, stage=CHECK)
    assert Rehearsal(rig.office).open_deals(rig.record()) == [1, 2, 3, 5]


def test_deals_that_are_only_watched_are_found_by_their_stage() -> None:
    rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
    rig.deal(1, stage=APPROVAL)
    rig.deal(2, stage=ALLOWED)
    assert Rehearsal(rig.office).open_deals(rig.record()) == [1, 2]
    bare = replace(rig.record(), stages=None)
    assert Rehearsal(rig.office).open_deals(bare) == []


def test_it_says_what_changes_and_writes_nothing(rig: Rig) -> None:
    rig.deal(1, amount=40_000)
    rig.check(1)
    rig.deal(2, amount=60_000)
    rig.check(2)
    before = (rig.state(1), rig.state(2), rig.checks(1), rig.checks(2), rig.reserve(1), rig.hold(2))
    performed = list(rig.portal.performed)
    rig.portal.requests.clear()
    rig.ledger.asked.clear()
    first, second = tried(rig, TOLERANT)
    assert (first.change, second.change) == (None, Change.FREED)
    assert [reason.code for reason in second.now.reasons] == [ReasonCode.LIMIT]
    first, second = tried(rig, STRICT)
    assert (first.change, second.change) == (None, Change.REASONS)
    assert before == (rig.state(1), rig.state(2), rig.checks(1), rig.checks(2), rig.reserve(1), rig.hold(2))
    assert rig.portal.performed == performed
    assert rig.portal.requests == ["standing_deals", "fetch_deals"] * 2
    assert len(rig.ledger.asked) == 2
    with rig.book.read() as unit:
        assert unit.inbox.waiting(MEMBER) == unit.effects.open_count(MEMBER) == 0


def test_an_allowed_deal_would_be_stopped(rig: Rig) -> None:
    rig.deal(1, amount=40_000)
    rig.check(1)
    [found] = tried(rig, Policy(default_limit=rub(0), order_limit=rub(30_000)))
    assert (found.now.outcome, found.then.outcome) == (Outcome.ALLOW, Outcome.HOLD)
    assert found.change is Change.STOPPED
    assert (found.client, found.deal.amount, found.is_stale) == ("ООО «Ромашка 100»", rub(40_000), False)


def test_what_the_figures_changed_is_not_said_of_the_policy(rig: Rig) -> None:
    rig.deal(1, amount=90_000)
    rig.check(1)
    rig.ledger.put(client(position(not_due(10))))
    [found] = tried(rig, SOFTER)
    assert found.change is None
    assert found.is_stale
    assert found.decided is Outcome.HOLD
    assert not tried(rig, SOFTER, *[rig.deal(2, amount=5).id])[0].is_stale


def test_the_days_of_grace_are_those_of_the_new_policy(rig: Rig) -> None:
    rig.ledger.put(client(position(late(10, days=8))))
    rig.deal(1, amount=5)
    rig.check(1)
    assert [each.change for each in tried(rig, SOFTER)] == [Change.FREED]


def test_whoever_shares_a_limit_by_the_new_policy_is_read_too(rig: Rig) -> None:
    rig.deal(1, amount=10_000)
    rig.check(1)
    grouped = Policy(default_limit=rub(0), credit_groups=(pool(1_000_000, OTHER),))
    rig.ledger.put(client(position(not_due(30_000)), inn=OTHER))
    assert tried(rig, grouped)[0].change is None
    rig.ledger.put(client(position(not_due(50_000)), inn=OTHER))
    [found] = tried(rig, grouped)
    assert [reason.code for reason in found.then.reasons] == [ReasonCode.GROUP_LIMIT]
    rig.ledger.forget(OTHER)
    [found] = tried(rig, grouped)
    assert found.then.reasons[0].cause is TechnicalCause.POOL_UNKNOWN
    assert found.change is Change.MADE_TECHNICAL


def test_rates_are_asked_for_where_only_the_new_policy_names_another_currency(rig: Rig) -> None:
    rig.deal(1, amount=10_000)
    rig.check(1)
    asked = rig.rates.asked
    dollars = Policy(default_limit=rub(0), order_limit=Money(Decimal(1), "USD"))
    assert tried(rig, dollars)[0].then.reasons[0].cause is TechnicalCause.OTHER_CURRENCY
    assert rig.rates.asked > asked


def test_no_data_is_no_decision_by_either_policy(rig: Rig) -> None:
    rig.deal(1)
    rig.deal(2, company_id=None)
    rig.company(200, inn=OTHER)
    rig.deal(3, company_id=200)
    causes = [each.then.reasons[0].cause for each in tried(rig, SOFTER, 2, 3)]
    assert causes == [TechnicalCause.NO_COMPANY, TechnicalCause.CLIENT_UNKNOWN]
    asked = len(rig.ledger.asked)
    [found] = tried(rig, SOFTER, 2)
    assert found.then.reasons[0].cause is TechnicalCause.NO_COMPANY
    assert len(rig.ledger.asked) == asked
    rig.ledger.fail()
    [found] = tried(rig, SOFTER, 1)
    assert found.now.reasons[0].cause is found.then.reasons[0].cause is TechnicalCause.LEDGER_SILENT
    assert found.change is None


def test_a_silent_portal_is_an_error(rig: Rig) -> None:
    rig.deal(1)
    rig.portal.failing.append(TransportFailure("silence"))
    with pytest.raises(TransportFailure):
        tried(rig, SOFTER, 1)


def test_closed_and_deleted_deals_are_left_out_and_the_rest_is_read_in_lots(rig: Rig) -> None:
    for number in range(1, BATCH + 2):
        rig.deal(number, amount=1, closed=number == 1, moved_at=datetime(2026, 11, 24, tzinfo=UTC))
    lots = list(Rehearsal(rig.office).run(rig.record(), SOFTER, range(1, BATCH + 10)))
    assert [len(lot) for lot in lots] == [BATCH - 1, 1]
    assert lots[1][0].decided is None
