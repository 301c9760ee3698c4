"""The app's robots and the answers to waiting steps (bitrix24 4)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlsplit

from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Robot

_CODE = re.compile(r"[a-zA-Z0-9.\-_]+")
_KEY = re.compile(r"[a-zA-Z][a-zA-Z0-9_]*")
_TYPES = frozenset(["bool", "date", "datetime", "double", "file", "int", "select", "string", "text", "user"])


def _invalid(text: str) -> RestError:
    return RestError("ERROR_ACTIVITY_VALIDATION_FAILURE", text)


def check_handler(url: Any) -> str:
    """An http or https address whose host has a dot.

    Raises:
        RestError: `ERROR_UNSUPPORTED_PROTOCOL` or `ERROR_WRONG_HANDLER_URL`.
    """
    parts = urlsplit(str(url or ""))
    if parts.scheme not in {"http", "https"}:
        raise RestError("ERROR_UNSUPPORTED_PROTOCOL", "Unsupported event handler protocol")
    if "." not in (parts.hostname or ""):
        raise RestError("ERROR_WRONG_HANDLER_URL", "Wrong handler URL")
    return str(url)


def _checked_code(call: Call) -> str:
    code = call.value("CODE")
    if not code:
        raise _invalid("Empty activity code!")
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise _invalid("Wrong activity code!")
    return code


def _checked_name(name: Any) -> Any:
    if isinstance(name, str | dict) and name:
        return name
    raise _invalid("Empty activity NAME!")


def _checked_properties(source: Any) -> Record:
    if source in (None, "", []):
        return {}
    if not isinstance(source, dict):
        raise _invalid("Wrong properties array!")
    for key, described in source.items():
        if not _KEY.fullmatch(str(key)):
            raise _invalid(f"Wrong property key {key}!")
        if not isinstance(described, dict) or not described.get("Name", described.get("NAME")):
            raise _invalid(f"Empty property NAME {key}!")
        if str(described.get("Type", described.get("TYPE", "string"))) not in _TYPES:
            raise _invalid("Wrong properties array!")
    return source


def _auth_user(call: Call, raw: Any) -> int:
    if raw in (None, "", 0, "0"):
        return call.user_id
    if not str(raw).isdecimal() or int(raw) not in call.store.users:
        raise _invalid("Wrong AUTH_USER_ID!")
    return int(raw)


def _subscription(raw: Any) -> str | None:
    return raw if raw in ("Y", "N") else None


def _add(call: Call, *, activity: bool) -> bool:
    if not call.params:
        raise _invalid("Empty data!")
    code = _checked_code(call)
    robot = Robot(
        code=code,
        handler=check_handler(call.value("HANDLER")),
        name=_checked_name(call.value("NAME")),
        use_subscription=_subscription(call.value("USE_SUBSCRIPTION")),
        auth_user=_auth_user(call, call.value("AUTH_USER_ID")),
        properties=_checked_properties(call.value("PROPERTIES")),
        return_properties=_checked_properties(call.value("RETURN_PROPERTIES")),
        activity=activity,
    )
    if code in call.core.app.robots:
        raise RestError("ERROR_ACTIVITY_ALREADY_INSTALLED", "Activity or Robot already installed!")
    call.core.app.robots[code] = robot
    return True


@method("bizproc.robot.add", "bizproc", admin=True)
def add_robot(call: Call) -> bool:
    """Register a robot."""
    return _add(call, activity=False)


@method("bizproc.activity.add", "bizproc", admin=True)
def add_activity(call: Call) -> bool:
    """Register an activity of the designer."""
    return _add(call, activity=True)


def _registered(call: Call, *, activity: bool) -> Robot:
    robot = call.core.app.robots.get(_checked_code(call))
    if robot is None or robot.activity is not activity:
        raise RestError("ERROR_ACTIVITY_NOT_FOUND", "Activity or Robot not found!")
    return robot


def _update(call: Call, *, activity: bool) -> bool:
    robot = _registered(call, activity=activity)
    values = {key.upper(): value for key, value in call.mapping("FIELDS", required=True).items()}
    if not values:
        raise _invalid("No fields to update.")
    if "HANDLER" in values:
        robot.handler = check_handler(values["HANDLER"])
    if "NAME" in values:
        robot.name = _checked_name(values["NAME"])
    if "USE_SUBSCRIPTION" in values:
        robot.use_subscription = _subscription(values["USE_SUBSCRIPTION"])
    if "AUTH_USER_ID" in values:
        robot.auth_user = _auth_user(call, values["AUTH_USER_ID"])
    if "PROPERTIES" in values:
        robot.properties = _checked_properties(values["PROPERTIES"])
    if "RETURN_PROPERTIES" in values:
        robot.return_properties = _checked_properties(values["RETURN_PROPERTIES"])
    return True


@method("bizproc.robot.update", "bizproc", admin=True)
def update_robot(call: Call) -> bool:
    """Change a robot's registration; a step that runs keeps its token."""
    return _update(call, activity=False)


@method("bizproc.activity.update", "bizproc", admin=True)
def update_activity(call: Call) -> bool:
    """Change an activity's registration."""
    return _update(call, activity=True)


@method("bizproc.activity.delete", "bizproc", admin=True)
def delete_activity(call: Call) -> bool:
    """Forget an activity."""
    call.core.app.robots.pop(_registered(call, activity=True).code)
    return True


@method("bizproc.activity.list", "bizproc", admin=True)
def list_activities(call: Call) -> list[str]:
    """Codes of the app's activities."""
    return [code for code, robot in call.core.app.robots.items() if robot.activity]


@method("bizproc.robot.delete", "bizproc", admin=True)
def delete_robot(call: Call) -> bool:
    """Forget a robot; placed ones become blocked steps."""
    call.core.app.robots.pop(_registered(call, activity=False).code)
    return True


@method("bizproc.robot.list", "bizproc", admin=True)
def list_robots(call: Call) -> list[str]:
    """Codes of the app's robots."""
    return [code for code, robot in call.core.app.robots.items() if not robot.activity]


def _signed_token(call: Call) -> str:
    token = call.text("EVENT_TOKEN")
    if not call.core.steps.signed(token):
        raise access_denied()
    return token


@method("bizproc.event.send", "bizproc")
def send_event(call: Call) -> bool:
    """Answer a waiting step: true for any signed token; it takes effect after this hit (bizproc 4)."""
    token = _signed_token(call)
    values = call.mapping("RETURN_VALUES")
    message = call.text("LOG_MESSAGE")
    call.hit.jobs.append(lambda: call.core.steps.answer(token, values, message))
    return True


@method("bizproc.activity.log", "bizproc")
def log_activity(call: Call) -> bool:
    """Write into the log of a waiting step and let it wait on."""
    token = _signed_token(call)
    message = call.text("LOG_MESSAGE")
    if not message:
        raise RestError("ERROR_EMPTY_LOG_MESSAGE", "Empty log message!")
    call.core.steps.note(token, message)
    return True
