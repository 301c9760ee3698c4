"""What a robot tells the portal about itself (bitrix24 4.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    from b24app.ports.admin import RobotProperty
    from b24app.ports.admin import Words
    from b24app.protocol.robot_calls import RobotCall
    from b24app.services.reception import Reception


@dataclass(frozen=True, slots=True)
class RobotSpec:
    """Everything `bizproc.robot.add` wants but the address.

    `use_subscription` is always sent: left empty, two revisions of the documentation disagree about it
    (bitrix24 4.4). Keys of properties are added, never renamed: what happens to placed robots is unknown.
    """

    code: str
    use_subscription: bool
    names: Words
    descriptions: Words
    properties: tuple[RobotProperty, ...] = ()
    return_properties: tuple[RobotProperty, ...] = ()


class Robot(Protocol):
    """A module of this package."""

    @property
    def SPEC(self) -> RobotSpec:  # noqa: N802 - the constant of a module, seen from outside
        """What the portal is told."""
        ...

    def run(self, call: RobotCall, reception: Reception) -> None:
        """Take a call in."""
        ...
