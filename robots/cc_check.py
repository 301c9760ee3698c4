"""The robot that starts a check and does not wait: the app moves the deal itself. The default choice."""

from __future__ import annotations

from typing import Final

from b24app.messages import robots as words
from b24app.protocol.robot_calls import RobotCall
from b24app.services.reception import Reception
from robots.spec import RobotSpec

SPEC: Final = RobotSpec(
    code="cc_check",
    use_subscription=False,
    names=words.CHECK_NAME,
    descriptions=words.CHECK_ABOUT,
)


def run(call: RobotCall, reception: Reception) -> None:
    """Take the call in; the decision is made later, while nobody waits."""
    reception.robot_called(call)
