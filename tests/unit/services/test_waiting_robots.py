"""Robots that wait for an answer."""

from __future__ import annotations

import pytest

from b24app.ports.portal import MoveDeal
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from tests.builders import late
from tests.builders import not_due
from tests.builders import position
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig
from tests.unit.services.rig import client


class TestWaitingRobots:
    """A waiting robot gets the decision; the administrator's robots move the deal."""

    @pytest.mark.parametrize(("debt", "proceed"), [(0, True), (950_000, False)])
    def test_it_is_answered_and_nothing_is_moved(self, debt: int, proceed: bool) -> None:
        rig = Rig()
        rig.ledger.put(client(position(not_due(debt))))
        rig.deal(amount=100_000)
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert [(row.event_token, row.proceed) for row in rig.portal.answers] == [("t|1", proceed)]
        assert rig.stage() == CHECK
        assert not any(isinstance(action, MoveDeal) for action, _ in rig.portal.performed)

    def test_the_answer_never_shares_a_request_with_a_write_of_its_deal(self) -> None:
        rig = Rig()
        rig.deal()
        rig.wake(1, kind=MessageKind.ROBOT, token="t|1", waiting=True)
        rig.decide()
        rig.deliver()
        assert rig.portal.requests == ["fetch_deals", "perform", "perform"]

    def test_a_late_call_for_a_decided_version_is_answered_too(self) -> None:
        rig = Rig()
        rig.deal()
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        rig.check(kind=MessageKind.ROBOT, token="t|2", waiting=True)
        assert [row.event_token for row in rig.portal.answers] == ["t|1", "t|2"]
        assert len(rig.checks()) == 1

    def test_in_observe_mode_the_robot_may_always_proceed(self) -> None:
        rig = Rig(mode=Mode.OBSERVE, enforce_since=None)
        rig.ledger.put(client(position(late(1, days=7))))
        rig.deal()
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert [(row.decision, row.proceed) for row in rig.portal.answers] == [("hold", True)]

    def test_it_waits_through_a_silence_of_1c(self) -> None:
        rig = Rig()
        rig.ledger.fail()
        rig.deal()
        rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
        assert not rig.portal.answers
        rig.ledger.recover()
        rig.sweep.retry_technical(MEMBER)
        rig.run()
        assert [row.proceed for row in rig.portal.answers] == [True]
