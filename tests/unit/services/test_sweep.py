"""The sweep: what stands wrong is found without any event, and what stands right is left alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from b24app.ports.errors import RateLimited
from b24app.ports.errors import TransportFailure
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import PortalRecord
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import BEYOND
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


def waiting(rig: Rig) -> set[tuple[str, int]]:
    """Take whatever waits in the inbox: kind and deal."""
    with rig.book.write() as unit:
        rows = unit.inbox.take(MEMBER, now=rig.clock.now(), limit=100)
        rows += unit.inbox.take_guarded(MEMBER, now=rig.clock.now(), limit=100)
        return {(row.message.kind.value, row.message.subject_id) for row in rows}


def owing() -> Rig:
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    return rig


@pytest.mark.parametrize("stage", [CHECK, ALLOWED])
def test_an_undecided_deal_is_woken(stage: str) -> None:
    rig = Rig()
    rig.deal(stage=stage)
    assert rig.sweep.run(MEMBER) == 1
    assert waiting(rig) == {("sweep", 1)}


@pytest.mark.parametrize("stage", [EARLY, BEYOND, APPROVAL])
def test_a_deal_that_stands_where_nothing_is_owed_is_left_alone(stage: str) -> None:
    rig = Rig()
    rig.deal(stage=stage)
    assert rig.sweep.run(MEMBER) == 0
    assert waiting(rig) == set()


def test_decided_deals_are_left_alone_on_every_stage() -> None:
    rig = owing()
    rig.deal(1, amount=10_000)
    rig.deal(2, amount=100_000)
    rig.deal(3, amount=1, company_id=None)
    rig.wake(1, 2, 3)
    rig.run()
    assert [rig.stage(number) for number in (1, 2, 3)] == [ALLOWED, APPROVAL, CHECK]
    assert rig.sweep.run(MEMBER) == 0


@pytest.mark.parametrize("stage", [ALLOWED, BEYOND, EARLY, CHECK])
def test_a_held_deal_away_from_its_place_is_woken(stage: str) -> None:
    rig = owing()
    rig.deal(amount=100_000)
    rig.check()
    rig.drag(1, stage)
    assert rig.sweep.run(MEMBER) == 1
    rig.run()
    assert rig.stage() == (EARLY if stage == EARLY else APPROVAL)


@pytest.mark.parametrize(("amount", "stage"), [(10_000, ALLOWED), (100_000, APPROVAL)], ids=["fits", "held"])
def test_a_deal_edited_and_edited_back_before_our_move_is_not_left_behind(amount: int, stage: str) -> None:
    rig = owing()
    decided = rig.deal(amount=amount)
    rig.wake()
    rig.decide()
    rig.edit(amount=rub(1))
    rig.deliver()
    rig.edit(amount=decided.amount)
    rig.run()
    assert rig.stage() == CHECK
    assert rig.sweep.run(MEMBER) == 1
    rig.run()
    assert rig.stage() == stage
    assert len(rig.portal.tasks) == (stage == APPROVAL)
    assert rig.sweep.run(MEMBER) == 0


def test_a_move_still_owed_is_not_owed_again_by_the_sweep() -> None:
    rig = owing()
    rig.deal(amount=10_000)
    rig.wake()
    rig.decide()
    assert rig.sweep.run(MEMBER) == 0
    rig.run()
    assert (rig.stage(), len(rig.checks())) == (ALLOWED, 1)


def test_a_held_deal_that_was_deleted_is_let_go() -> None:
    rig = owing()
    rig.deal(amount=100_000)
    rig.check()
    del rig.portal.deals[1]
    rig.sweep.run(MEMBER)
    rig.run()
    assert rig.hold() is None


def test_a_robot_nobody_answered_is_answered() -> None:
    rig = Rig()
    rig.deal(amount=100_000)
    rig.wake(kind=MessageKind.ROBOT, token="t|1", waiting=True)
    assert waiting(rig) == {("robot", 1)}
    assert rig.sweep.run(MEMBER) == 1
    rig.run()
    assert [row.event_token for row in rig.portal.answers] == ["t|1"]


def test_an_expired_permission_is_looked_at_again() -> None:
    rig = Rig()
    rig.deal()
    rig.check()
    assert rig.sweep.run(MEMBER) == 0
    rig.clock.advance(days=6)
    rig.ledger.put(client(position(late(10, days=1))))
    assert rig.sweep.run(MEMBER) == 1


def test_deals_moved_past_the_block_are_looked_for_since_the_last_sweep() -> None:
    rig = Rig()
    assert rig.sweep.run(MEMBER) == 0
    rig.clock.advance(hours=2)
    rig.deal(1, stage=ALLOWED, moved_at=rig.clock.now() - timedelta(hours=1))
    rig.deal(2, stage=ALLOWED, moved_at=START - timedelta(hours=1))
    assert rig.sweep.run(MEMBER) == 1
    assert waiting(rig) == {("sweep", 1)}


def test_in_observe_deals_of_the_last_minutes_are_looked_at() -> None:
    rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
    rig.deal(1, stage=ALLOWED, moved_at=START - timedelta(minutes=10))
    rig.deal(2, stage=ALLOWED, moved_at=START - timedelta(minutes=20))
    rig.sweep.run(MEMBER)
    assert waiting(rig) == {("sweep", 1)}


@pytest.mark.parametrize("error", [TransportFailure("down"), RateLimited("crm.item.list")])
def test_a_silent_portal_is_logged_and_the_sweep_is_not_counted(error: Exception) -> None:
    rig = Rig()
    rig.deal()
    rig.portal.failing.append(error)  # type: ignore[arg-type] # both are failures of the gateway
    with capture_logs() as logs:
        assert rig.sweep.run(MEMBER) == 0
    assert [(row["event"], row["why"]) for row in logs] == [("sweep.failed", type(error).__name__)]
    with rig.book.read() as unit:
        record = unit.portals.get(MEMBER)
    assert record is not None
    assert record.last_sweep_at is None


@pytest.mark.parametrize("gap", ["unknown", "not installed", "no stages"])
def test_a_portal_that_is_not_ready_is_not_asked(gap: str) -> None:
    rig = Rig()
    rig.deal()
    record = replace(rig.record(), **({"installed": False} if gap == "not installed" else {"stages": None}))
    with rig.book.write() as unit:
        unit.portals.save(record)
    assert rig.sweep.run("m9" if gap == "unknown" else MEMBER) == 0
    assert rig.portal.requests == []


def test_a_portal_uninstalled_during_the_sweep_stays_uninstalled() -> None:
    rig = Rig()
    rig.deal()
    search = rig.portal.standing_deals

    def meanwhile(stages: list[str], *, moved_since: object) -> object:
        with rig.book.write() as unit:
            unit.portals.save(replace(rig.record(), installed=False))
        return search(stages, moved_since=moved_since)  # type: ignore[arg-type] # passed on as it came

    rig.portal.standing_deals = meanwhile  # type: ignore[method-assign, assignment] # what happens while it is asked
    rig.sweep.run(MEMBER)
    assert not saved(rig).installed


def saved(rig: Rig) -> PortalRecord:
    with rig.book.read() as unit:
        record = unit.portals.get(MEMBER)
    assert record is not None
    return record


def test_technical_holds_are_woken_together() -> None:
    rig = Rig()
    assert rig.sweep.retry_technical(MEMBER) == 0
    rig.ledger.fail()
    rig.deal(1)
    rig.deal(2)
    rig.wake(1, 2)
    rig.run()
    assert rig.sweep.retry_technical(MEMBER) == 2
    assert waiting(rig) == {("recheck", 1), ("recheck", 2)}
