"""The guard: what needs no figures is settled before 1C is asked, and nothing is lost on the way."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from b24app.domain.hold import HoldState
from b24app.ports.errors import TransportFailure
from b24app.ports.portal import AddTask
from b24app.ports.records import AttemptRecord
from b24app.ports.records import MessageKind
from b24app.services.guard import answer
from b24app.services.guard import shrink
from b24app.services.matter import bring
from tests.builders import not_due
from tests.builders import position
from tests.builders import rub
from tests.unit.services.rig import ADMIN
from tests.unit.services.rig import ALLOWED
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import BEYOND
from tests.unit.services.rig import CFO
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MANAGER
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import SALES_HEAD
from tests.unit.services.rig import START
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client

COLLEAGUE = 12


def held(**deal: object) -> Rig:
    """Bring a deal into a hold, as people were told of it."""
    rig = Rig()
    rig.ledger.put(client(position(not_due(950_000))))
    rig.deal(amount=100_000, **deal)  # type: ignore[arg-type] # any property of a deal
    rig.check()
    assert rig.stage() == APPROVAL
    rig.portal.notified.clear()
    rig.portal.requests.clear()
    return rig


def guard(rig: Rig) -> None:
    """Let the deliver lane alone do its work: 1C must not be needed."""
    rig.ledger.fail()
    rig.deliver()


def attempts(rig: Rig) -> list[AttemptRecord]:
    with rig.book.read() as unit:
        return unit.attempts.recent(MEMBER, 1, since=START)


def waiting(rig: Rig) -> int:
    with rig.book.read() as unit:
        return unit.inbox.waiting(MEMBER)


class TestPutBack:
    """A held deal dragged past the block."""

    def test_the_comment_names_who_dragged_it_and_whence(self) -> None:
        rig = held()
        rig.drag(1, BEYOND)
        rig.wake()
        guard(rig)
        assert rig.stage() == APPROVAL
        assert [(row.before, row.after, row.user_id) for row in attempts(rig)] == [
            (APPROVAL, BEYOND, MANAGER)
        ]
        assert len(rig.portal.comments) == 2
        assert "Иван Петров" in rig.portal.comments[-1].text

    def test_one_drag_noticed_many_times_is_one_attempt(self) -> None:
        rig = held()
        rig.drag(1, ALLOWED)
        for kind in (MessageKind.DEAL, MessageKind.SWEEP, MessageKind.ROBOT):
            rig.wake(kind=kind, token=f"t|{kind.value}")
        with rig.book.read() as unit:
            assert unit.inbox.waiting(MEMBER) == 3
        rig.watch.work(MEMBER)
        rig.wake(kind=MessageKind.SWEEP)
        guard(rig)
        assert len(attempts(rig)) == 1
        assert len(rig.told(MANAGER)) == 1

    def test_each_person_has_a_first_slip_of_his_own(self) -> None:
        rig = held()
        for user in (MANAGER, COLLEAGUE):
            rig.drag(1, ALLOWED, user=user)
            rig.check()
        assert len(rig.told(MANAGER)) == len(rig.told(COLLEAGUE)) == 1
        assert not rig.told(SALES_HEAD)

    def test_a_slip_of_last_month_is_forgiven(self) -> None:
        rig = held()
        for _ in range(2):
            rig.drag(1, ALLOWED)
            rig.wake()
            guard(rig)
            rig.clock.advance(days=31)
        assert len(rig.told(MANAGER)) == 2
        assert not rig.told(SALES_HEAD)

    def test_a_move_by_nobody_is_reported_to_nobody_in_particular(self) -> None:
        rig = held()
        rig.drag(1, ALLOWED, user=0)
        rig.wake()
        guard(rig)
        assert rig.stage() == APPROVAL
        assert rig.portal.notified == []

    def test_patience_returns_after_ten_minutes(self) -> None:
        rig = held()
        for _ in range(4):
            rig.drag(1, ALLOWED)
            rig.wake()
            guard(rig)
        assert rig.stage() == ALLOWED
        assert len(rig.told(ADMIN)) == 1
        rig.clock.advance(minutes=11)
        rig.drag(1, BEYOND)
        rig.wake()
        guard(rig)
        assert rig.stage() == APPROVAL

    def test_dragged_on_before_the_put_back_arrives_is_put_back_from_there(self) -> None:
        rig = held()
        rig.drag(1, ALLOWED)
        rig.wake()
        rig.watch.work(MEMBER)
        rig.drag(1, BEYOND)
        rig.run()
        assert rig.stage() == APPROVAL


class TestCancel:
    """A deal that left the pipeline."""

    def test_its_task_is_closed_and_nobody_is_bothered(self) -> None:
        rig = held()
        rig.drag(1, EARLY)
        rig.wake()
        guard(rig)
        assert rig.hold() is None
        assert [task.closed for task in rig.portal.tasks.values()] == [True]
        assert rig.state() is None
        assert rig.portal.notified == []

    def test_a_task_not_yet_made_is_never_made(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.drag(1, EARLY)
        rig.wake()
        guard(rig)
        assert rig.portal.tasks == {}
        assert rig.stage() == EARLY
        with rig.book.read() as unit:
            assert unit.effects.by_key(MEMBER, "task:1:close") is None

    def test_a_task_on_its_way_is_closed_after_it(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.wake()
        rig.decide()
        rig.portal.lost = 1
        rig.delivery.work(MEMBER)
        rig.drag(1, EARLY)
        rig.wake()
        guard(rig)
        assert [task.closed for task in rig.portal.tasks.values()] == [False]
        rig.clock.advance(seconds=71)
        guard(rig)
        assert [task.closed for task in rig.portal.tasks.values()] == [True]

    def test_a_lost_deal_gives_its_room_back(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check()
        rig.drag(1, "LOSE")
        rig.edit(closed=True)
        rig.check()
        assert rig.reserve() is None
        assert rig.stage() == "LOSE"


class TestShrink:
    """An amount that fell under what was permitted (D16)."""

    def test_room_follows_down_and_not_up_again(self) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(600_000))))
        rig.deal(1, amount=400_000)
        rig.check()
        rig.edit(amount=rub(100_000))
        rig.check()
        rig.deal(2, amount=300_000)
        rig.check(2)
        assert rig.stage(2) == ALLOWED
        rig.edit(amount=rub(400_000))
        rig.check()
        assert rig.stage(1) == APPROVAL

    def test_a_deal_that_became_a_return_keeps_no_room(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check()
        rig.edit(amount=rub(-10))
        rig.check()
        assert rig.stage() == ALLOWED
        assert rig.reserve() is None
        state = rig.state()
        assert state is not None
        assert state.permitted == rub(-10)

    def test_without_a_record_nothing_is_written(self) -> None:
        rig = Rig()
        deal = rig.deal()
        with rig.book.write() as unit:
            matter = bring(unit, rig.record(), rig.settings, deal, [])
            shrink(unit, matter, now=START)
            assert unit.deals.get(MEMBER, 1) is None


class TestAnswer:
    """Robots that call after the decision."""

    def test_one_on_the_allowed_stage_is_answered_without_1c(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check()
        asked = len(rig.ledger.asked)
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert [(row.event_token, row.proceed) for row in rig.portal.answers] == [("t|1", True)]
        assert len(rig.ledger.asked) == asked

    def test_a_repeated_call_is_answered_once(self) -> None:
        rig = Rig()
        rig.deal()
        for _ in range(3):
            rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert len(rig.portal.answers) == 1

    def test_a_robot_nobody_decides_for_is_not_waited_for(self) -> None:
        rig = Rig()
        deal = rig.deal()
        rig.wake(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        with rig.book.write() as unit:
            answer(unit, bring(unit, rig.record(), rig.settings, deal, []), wording=rig.office.wording)
            assert unit.effects.open_count(MEMBER) == 0
            assert unit.inbox.unanswered(MEMBER, 1) == []


class TestDeleted:
    """A deal that does not exist any more."""

    def test_a_held_one_ends_with_its_task_and_its_robots(self) -> None:
        rig = held()
        del rig.portal.deals[1]
        rig.wake(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        guard(rig)
        with rig.book.read() as unit:
            assert [row.state for row in unit.holds.episodes(MEMBER, 1)] == [HoldState.CANCELLED]
            assert unit.inbox.unanswered_deals(MEMBER) == []
        assert rig.state() is None
        assert [task.closed for task in rig.portal.tasks.values()] == [True]

    def test_one_never_seen_leaves_no_trace(self) -> None:
        rig = Rig()
        rig.check(77)
        assert rig.state(77) is None
        assert waiting(rig) == 0


class TestRounds:
    """The guard's turn in the deliver lane."""

    def test_only_held_deals_are_taken(self) -> None:
        rig = held()
        rig.deal(2)
        rig.wake(1, 2)
        assert rig.watch.work(MEMBER) == 1
        assert waiting(rig) == 1

    def test_what_needs_figures_is_handed_over(self) -> None:
        rig = held()
        rig.edit(amount=rub(10_000))
        rig.wake()
        rig.deliver()
        assert rig.stage() == APPROVAL
        assert waiting(rig) == 1
        rig.run()
        assert rig.stage() == ALLOWED

    def test_a_portal_that_fails_loses_nothing(self) -> None:
        rig = held()
        rig.drag(1, ALLOWED)
        rig.wake()
        rig.portal.failing.append(TransportFailure("down"))
        with capture_logs() as logs:
            assert rig.watch.work(MEMBER) == 1
        assert [(row["event"], row["why"]) for row in logs] == [("guard.postponed", "TransportFailure")]
        assert rig.watch.work(MEMBER) == 0
        rig.clock.advance(seconds=1)
        rig.deliver()
        assert rig.stage() == APPROVAL

    def test_a_portal_that_goes_on_failing_is_asked_less_and_less_often(self) -> None:
        rig = held()
        rig.drag(1, ALLOWED)
        rig.wake()
        asked = []
        rig.portal.failing += [TransportFailure("down")] * 4
        for second in range(16):
            if rig.watch.work(MEMBER):
                asked.append(second)
            rig.clock.advance(seconds=1)
        assert asked == [0, 1, 3, 7, 15]
        rig.deliver()
        assert rig.stage() == APPROVAL

    def test_failed_reads_are_no_failed_tries_of_the_deal(self) -> None:
        rig = held()
        rig.drag(1, ALLOWED)
        rig.wake()
        rig.portal.failing += [TransportFailure("down")] * 8
        for _ in range(8):
            rig.watch.work(MEMBER)
            rig.clock.advance(minutes=1)
        with rig.book.write() as unit:
            rows = unit.inbox.take_guarded(MEMBER, now=rig.clock.now(), limit=9)
        assert [row.attempts for row in rows] == [0]

    def test_an_unknown_portal_is_nobodys_business(self) -> None:
        assert Rig().watch.work("m9") == 0


def test_a_put_back_is_told_even_when_the_hold_has_no_record_of_its_check() -> None:
    rig = held()
    hold = rig.hold()
    assert hold is not None
    with rig.book.write() as unit:
        assert unit.holds.change(replace(hold, check_id=999))
    rig.drag(1, ALLOWED)
    rig.wake()
    guard(rig)
    assert rig.stage() == APPROVAL
    assert len(rig.told(MANAGER)) == 1


@pytest.mark.parametrize("stage", [ALLOWED, BEYOND])
def test_a_hold_of_an_hour_without_data_is_guarded_as_any_other(stage: str) -> None:
    rig = Rig()
    rig.ledger.fail()
    rig.deal()
    rig.check()
    rig.clock.advance(minutes=61)
    rig.sweep.retry_technical(MEMBER)
    rig.run()
    assert rig.stage() == APPROVAL
    rig.drag(1, stage)
    rig.check()
    assert rig.stage() == APPROVAL


def test_the_task_of_a_hold_is_due_at_the_end_of_the_next_working_day() -> None:
    rig = held()
    made = [action for action, _ in rig.portal.performed if isinstance(action, AddTask)]
    assert [action.deadline - START for action in made] == [rig.settings.task_deadline(START) - START]
    assert timedelta(hours=24) < made[0].deadline - START < timedelta(hours=48)


def test_a_hold_dragged_into_the_check_stage_is_told_to_nobody_again() -> None:
    rig = held()
    rig.drag(1, CHECK)
    rig.check()
    assert rig.stage() == APPROVAL
    assert not rig.told(CFO)
    assert attempts(rig) == []
