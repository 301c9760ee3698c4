"""Routes the portal's servers call: robots and events. The portal ignores the body of our answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint

import handlers
import robots
from b24app.protocol.calls import BadCall
from b24app.protocol.calls import UnknownAddress
from b24app.protocol.events import parse_event
from b24app.protocol.robot_calls import parse_robot_call
from b24app.web.access import front
from b24app.web.access import posted

if TYPE_CHECKING:
    from flask.typing import ResponseReturnValue

blueprint = Blueprint("calls", __name__)


@blueprint.post("/robots/<code>")
def robot(code: str) -> ResponseReturnValue:
    """Take in the call of a robot."""
    module = robots.ALL.get(code)
    if module is None:
        raise UnknownAddress("an unknown robot")
    call = parse_robot_call(posted(), waits_by_default=module.SPEC.use_subscription)
    if call.code != code:
        raise BadCall(f"robot {code}: called as another one")
    module.run(call, front().reception)
    return "", 200


@blueprint.post("/events")
def event() -> ResponseReturnValue:
    """Take in an event."""
    handlers.ROUTER.dispatch(parse_event(posted()), front().reception)
    return "", 200
