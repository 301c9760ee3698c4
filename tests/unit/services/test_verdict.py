"""Writing a finding down: what is news, what is kept, and what is done again when somebody was faster."""

from __future__ import annotations

from dataclasses import replace

import pytest
from structlog.testing import capture_logs

from b24app.domain.decision import Outcome
from b24app.domain.errors import CreditControlError
from b24app.domain.rules import TechnicalCause
from b24app.ports.ledger import SyncIssue
from b24app.ports.portal import MoveDeal
from b24app.ports.records import MessageKind
from b24app.services.assessment import technical
from b24app.services.matter import bring
from b24app.services.triage import Plan
from b24app.services.verdict import OvertakenError
from b24app.services.verdict import Verdict
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


def held() -> Rig:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000)
    rig.check()
    return rig


def write(rig: Rig, *, stages: bool = True) -> None:
    """Write a technical finding of the deal down."""
    portal = rig.record() if stages else replace(rig.record(), stages=None)
    with rig.book.write() as unit:
        matter = bring(unit, portal, rig.settings, rig.portal.deals[1], [])
        finding = technical(matter, Plan.ASSESS, None, TechnicalCause.FAILED, None)
        Verdict(unit, matter, finding, wording=rig.office.wording, now=START).write()


def test_without_stages_nothing_can_be_written() -> None:
    rig = Rig()
    rig.deal()
    with pytest.raises(CreditControlError, match="no stages"):
        write(rig, stages=False)
    assert rig.checks() == []


@pytest.mark.parametrize("kind", [MessageKind.BUTTON, MessageKind.ROBOT])
def test_advice_before_the_check_stage_promises_nothing(kind: MessageKind) -> None:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000, stage=EARLY)
    rig.check(kind=kind, token="t|1", waiting=kind is MessageKind.ROBOT)
    assert rig.stage() == EARLY
    assert rig.portal.deal_fields[1].decision == "hold"
    assert (rig.hold(), rig.reserve(), rig.state()) == (None, None, None)
    assert not rig.portal.tasks
    assert not rig.portal.notified
    assert len(rig.portal.answers) == (kind is MessageKind.ROBOT)


def test_a_hold_changed_by_somebody_else_is_decided_again() -> None:
    rig = held()
    hold = rig.hold()
    assert hold is not None
    rig.ledger.put(client(position(late(950_000, days=3))))
    with rig.book.write() as unit:
        matter = bring(unit, rig.record(), rig.settings, rig.portal.deals[1], [])
        assert unit.holds.change(hold)
        finding = technical(matter, Plan.ASSESS, None, TechnicalCause.FAILED, None)
        verdict = Verdict(unit, matter, finding, wording=rig.office.wording, now=START)
        with pytest.raises(OvertakenError):
            verdict._open_or_change_hold()


def test_a_held_deal_in_the_check_stage_goes_back_while_1c_is_silent() -> None:
    rig = held()
    rig.ledger.fail()
    rig.drag(1, CHECK)
    rig.check()
    assert rig.stage() == APPROVAL
    hold = rig.hold()
    assert hold is not None
    assert len(rig.checks()) == 2
    assert len(rig.portal.tasks) == 1


def test_an_expired_permission_in_the_check_stage_is_given_anew() -> None:
    rig = Rig()
    rig.deal()
    rig.portal.refused.add(MoveDeal)
    rig.check()
    assert rig.stage() == CHECK
    rig.clock.advance(days=6)
    rig.portal.refused.clear()
    rig.check(kind=MessageKind.BUTTON)
    found = rig.reserve()
    assert rig.stage() == ALLOWED
    assert found is not None
    assert found.expires_at > rig.clock.now()


def test_an_expired_permission_is_renewed_where_it_stands() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    rig.clock.advance(days=6)
    rig.sweep.run(MEMBER)
    rig.run()
    found = rig.reserve()
    assert rig.stage() == ALLOWED
    assert found is not None
    assert found.expires_at > rig.clock.now()
    assert len(rig.checks()) == 2


def test_a_return_checked_again_is_no_news() -> None:
    rig = Rig()
    rig.deal(amount=-5)
    rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
    rig.check(kind=MessageKind.RECHECK)
    assert len(rig.checks()) == 1


def test_a_permission_without_data_leaves_the_allowed_stage() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    rig.ledger.fail()
    rig.check(kind=MessageKind.BUTTON)
    assert rig.stage() == CHECK
    assert rig.reserve() is None
    rig.ledger.recover()
    rig.check(kind=MessageKind.RECHECK)
    assert rig.stage() == ALLOWED


def test_what_accounting_could_not_read_is_logged() -> None:
    rig = Rig()
    rig.ledger.issues.append(SyncIssue("7701", "no tax number"))
    rig.deal()
    with capture_logs() as logs:
        rig.check()
    assert [(row["subject"], row["why"]) for row in logs if row["event"] == "ledger.issue"] == [
        ("7701", "no tax number")
    ]


def test_messages_of_an_uninstalled_portal_are_finished_unread() -> None:
    rig = Rig()
    rig.deal()
    rig.wake()
    with rig.book.write() as unit:
        unit.portals.save(replace(rig.record(), installed=False))
    assert rig.desk.work(MEMBER) == 1
    assert rig.portal.requests == []
    with rig.book.read() as unit:
        assert not unit.inbox.is_open(MEMBER, 1)


def test_a_hold_follows_the_deals_value() -> None:
    rig = held()
    rig.edit(amount=rub(200_000))
    rig.check()
    hold = rig.hold()
    assert hold is not None
    assert hold.value == rub(200_000)
    assert rig.checks()[0].decision.outcome is Outcome.HOLD
    assert len(rig.portal.tasks) == 1
