"""The robot that waits for the decision: the administrator's own robots move the deal by its answer.

A stage change kills the waiting process, so the app never moves a deal this robot waits on (bitrix24 4.6).
"""

from __future__ import annotations

from typing import Final

from b24app.messages import robots as words
from b24app.ports.admin import RobotProperty
from b24app.protocol.robot_calls import RobotCall
from b24app.services.reception import Reception
from robots.spec import RobotSpec

SPEC: Final = RobotSpec(
    code="cc_check_wait",
    use_subscription=True,
    names=words.WAIT_NAME,
    descriptions=words.WAIT_ABOUT,
    return_properties=(
        RobotProperty("decision", "string", words.DECISION),
        RobotProperty("proceed", "bool", words.PROCEED),
        RobotProperty("reason", "string", words.REASON),
        RobotProperty("excess", "double", words.EXCESS),
        RobotProperty("to_pay", "double", words.TO_PAY),
    ),
)


def run(call: RobotCall, reception: Reception) -> None:
    """Take the call in; its token is answered once the decision is there."""
    reception.robot_called(call)
