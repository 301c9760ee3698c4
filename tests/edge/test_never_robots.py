"""What must never happen: a lost robot call."""

from __future__ import annotations

import pytest

from b24app.ports.records import MessageKind
from tests.builders import rub
from tests.unit.services.rig import APPROVAL
from tests.unit.services.rig import CHECK
from tests.unit.services.rig import EARLY
from tests.unit.services.rig import MEMBER
from tests.unit.services.rig import Rig


def test_an_answer_not_yet_delivered_outlives_a_newer_decision() -> None:
    """A lost robot call: the deal is edited between the decision and its delivery."""
    rig = Rig()
    rig.deal(amount=100_000)
    rig.wake(kind=MessageKind.ROBOT, token="t|1", waiting=True)
    rig.decide()
    rig.edit(amount=rub(5_000_000))
    rig.wake()
    rig.decide()
    rig.run()
    assert [answer.event_token for answer in rig.portal.answers] == ["t|1"]


def test_a_robot_in_the_approval_stage_is_answered_when_1c_is_back() -> None:
    """A lost robot call: 1C is silent while a robot in the approval stage asks about a deal not held."""
    rig = Rig()
    rig.ledger.fail()
    rig.deal(stage=APPROVAL)
    rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
    rig.ledger.recover()
    rig.clock.advance(minutes=1)
    rig.sweep.retry_technical(MEMBER)
    rig.sweep.run(MEMBER)
    rig.run()
    assert [answer.event_token for answer in rig.portal.answers] == ["t|1"]
    assert rig.sweep.retry_technical(MEMBER) == 0


@pytest.mark.parametrize("lost", [True, False], ids=["lost before the call", "moved back while it waits"])
def test_no_robot_is_waited_for_without_end(lost: bool) -> None:
    """A lost robot call: its deal left the pipeline while 1C was silent, or was lost before it came."""
    rig = Rig()
    rig.ledger.fail()
    rig.deal(stage="LOSE" if lost else CHECK, closed=lost)
    rig.check(kind=MessageKind.ROBOT, token="t|1", waiting=True)
    if not lost:
        rig.drag(1, EARLY)
        rig.check()
    rig.ledger.recover()
    rig.sweep.run(MEMBER)
    rig.run()
    assert rig.sweep.run(MEMBER) == 0
