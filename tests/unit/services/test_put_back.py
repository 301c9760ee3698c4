"""A held deal dragged past the block, and where moving is free."""

from __future__ import annotations

import pytest

from tests.builders import not_due
from tests.builders import position
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


class TestDraggedPastTheBlock:
    """A block cannot be dragged round."""

    @staticmethod
    def held() -> Rig:
        rig = Rig()
        rig.ledger.put(client(position(not_due(950_000))))
        rig.deal(amount=100_000)
        rig.check()
        rig.portal.notified.clear()
        return rig

    @pytest.mark.parametrize("stage", [ALLOWED, BEYOND])
    def test_it_returns_and_the_attempt_is_recorded(self, stage: str) -> None:
        rig = self.held()
        rig.drag(1, stage)
        rig.check()
        assert rig.stage() == APPROVAL
        with rig.book.read() as unit:
            attempts = unit.attempts.recent(MEMBER, 1, since=START)
        assert [(row.user_id, row.after) for row in attempts] == [(MANAGER, stage)]
        assert len(rig.told(MANAGER)) == 1
        assert not rig.told(SALES_HEAD)

    def test_a_repeat_is_reported_to_the_head_of_sales(self) -> None:
        rig = self.held()
        for _ in range(2):
            rig.drag(1, ALLOWED)
            rig.check()
        assert rig.stage() == APPROVAL
        assert len(rig.told(SALES_HEAD)) == 1

    def test_a_silent_1c_does_not_delay_it(self) -> None:
        rig = self.held()
        rig.ledger.fail()
        asked = len(rig.ledger.asked)
        rig.drag(1, ALLOWED)
        rig.wake()
        rig.deliver()
        assert rig.stage() == APPROVAL
        assert len(rig.ledger.asked) == asked

    def test_after_three_put_backs_a_person_is_asked(self) -> None:
        rig = self.held()
        for _ in range(4):
            rig.drag(1, ALLOWED)
            rig.check()
        assert rig.stage() == ALLOWED
        assert len(rig.told(ADMIN)) == 1

    def test_left_past_the_block_it_is_put_back_by_a_sweep_when_the_ten_minutes_are_over(self) -> None:
        rig = self.held()
        for _ in range(4):
            rig.drag(1, ALLOWED)
            rig.check()
        rig.clock.advance(minutes=5)
        rig.sweep.run(MEMBER)
        rig.run()
        assert (rig.stage(), len(rig.told(ADMIN))) == (ALLOWED, 1)
        rig.clock.advance(minutes=6)
        rig.sweep.run(MEMBER)
        rig.run()
        assert (rig.stage(), len(rig.told(ADMIN))) == (APPROVAL, 1)
        assert rig.sweep.run(MEMBER) == 0

    def test_pushed_on_in_the_second_of_the_first_drag_it_is_found_by_the_sweep(self) -> None:
        rig = self.held()
        rig.drag(1, ALLOWED)
        dragged = rig.portal.deals[1]
        rig.check()
        rig.portal.deals[1] = dragged
        rig.check()
        rig.sweep.run(MEMBER)
        rig.run()
        assert rig.stage() == APPROVAL
        with rig.book.read() as unit:
            assert len(unit.attempts.recent(MEMBER, 1, since=START)) == 2

    def test_a_sweep_before_the_put_back_is_delivered_is_no_second_attempt(self) -> None:
        rig = self.held()
        rig.drag(1, ALLOWED)
        rig.wake()
        rig.watch.work(MEMBER)
        rig.sweep.run(MEMBER)
        rig.run()
        assert rig.stage() == APPROVAL
        with rig.book.read() as unit:
            assert len(unit.attempts.recent(MEMBER, 1, since=START)) == 1

    def test_moving_back_is_free_and_ends_the_hold(self) -> None:
        rig = self.held()
        rig.drag(1, EARLY)
        rig.check()
        assert rig.stage() == EARLY
        assert rig.hold() is None
        assert [task.closed for task in rig.portal.tasks.values()] == [True]

    def test_back_into_the_check_stage_is_checked_again_under_the_same_hold(self) -> None:
        rig = self.held()
        rig.drag(1, CHECK)
        rig.check()
        assert rig.stage() == APPROVAL
        assert len(rig.portal.tasks) == 1
        assert not rig.told(CFO)
