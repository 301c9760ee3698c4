"""What activities work out: tasks and their results, people, messages, calls to the app (bizproc 2, 3)."""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

from b24app.sandbox.portal import messages
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.outbox import RobotCall
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.workflow.expressions import Scope
from b24app.sandbox.portal.workflow.expressions import holds
from b24app.sandbox.portal.workflow.nodes import Node
from b24app.sandbox.portal.workflow.process import Process
from b24app.sandbox.portal.workflow.tasks import APPROVE_LABEL
from b24app.sandbox.portal.workflow.tasks import COMMENT_LABEL
from b24app.sandbox.portal.workflow.tasks import NAME_LIMIT
from b24app.sandbox.portal.workflow.tasks import REFUSE_LABEL
from b24app.sandbox.portal.workflow.tasks import Seat
from b24app.sandbox.portal.workflow.tasks import Task
from b24app.sandbox.portal.workflow.tasks import UserStatus

_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
_LONGEST = 5 * 365 * 86_400
_STATUS = "Проголосовало #PERCENT#% (#VOTED# из #TOTAL#)"
_NOBODY = "нет"


class Fault(Exception):
    """An activity failed; the process goes on without it."""


@dataclass(frozen=True, slots=True)
class AppStep:
    """How a step of the app is to be waited for."""

    deadline_wanted: bool
    secret: str = field(repr=False)
    auth_user: int | None
    timeout: int


def internal_type(client_id: str, code: str) -> str:
    """Name the activity type of an app's robot or activity (bizproc 3)."""
    return f"rest_{hashlib.md5(f'{client_id}@{code}'.encode(), usedforsecurity=False).hexdigest()}"


def is_required(described: Record) -> bool:
    """Tell whether a described property has to be filled in."""
    return str(described.get("Required", described.get("REQUIRED", ""))).upper() in {"Y", "1", "TRUE"}


def is_taken(scope: Scope, branch: Node) -> bool:
    """Tell whether the process goes into a branch."""
    return branch.active and holds(scope, branch.properties)


def duration(scope: Scope, node: Node) -> int:
    """Work out a step's timeout in seconds; 0: none."""
    unit = scope.text(node.properties["TimeoutDurationType"]).lower()
    seconds = scope.number(node.properties["TimeoutDuration"]) * _SECONDS.get(unit, 1)
    return max(0, min(seconds, _LONGEST))


def deadline(scope: Scope, node: Node, now: datetime) -> datetime | None:
    """Work out when a step stops waiting."""
    seconds = duration(scope, node)
    return now + timedelta(seconds=seconds) if seconds else None


# -- approvals


def new_task(run: Process, node: Node, scope: Scope, now: datetime, document_name: str) -> Task:
    """Make the task of an approval, its number still 0.

    Raises:
        Fault: when nobody is to approve.
    """
    rules = node.properties
    people = scope.users(rules["Users"])
    if not people:
        raise Fault("no users for the task")
    shown = "N" if rules["ShowComment"] == "N" else "Y"
    required = rules["CommentRequired"] if rules["CommentRequired"] in {"Y", "YA", "YR"} else "N"
    return Task(
        id=0,
        process_id=run.id,
        node_name=node.name,
        name=scope.text(rules["Name"])[:NAME_LIMIT],
        description=scope.text(rules["Description"]),
        document_name=document_name,
        overdue=deadline(scope, node, now) or _moment(scope.text(rules["OverdueDate"])),
        modified=now,
        way=str(rules["ApproveType"]),
        min_percent=scope.number(rules["ApproveMinPercent"]),
        wait_for_all=rules["ApproveWaitForAll"] == "Y",
        delegation=scope.number(rules["DelegationType"]),
        parameters={
            "CommentLabel": scope.text(rules["CommentLabelMessage"]) or COMMENT_LABEL,
            "CommentRequired": required,
            "ShowComment": shown,
            "StatusYesLabel": scope.text(rules["TaskButton1Message"]) or APPROVE_LABEL,
            "StatusNoLabel": scope.text(rules["TaskButton2Message"]) or REFUSE_LABEL,
        },
        seats={user: Seat() for user in people},
        expected=len(people),
    )


def _moment(text: str) -> datetime | None:
    """Read a date as the portal writes it into a property: ISO or `04.05.2025 16:15:04`."""
    for form in ("%d.%m.%Y %H:%M:%S", "%d.%m.%Y", "%Y-%m-%dT%H:%M:%S%z", "%Y-%m-%d"):
        try:
            found = datetime.strptime(text.strip(), form)  # noqa: DTZ007 - the zone is given below
        except ValueError:
            continue
        return (found if found.tzinfo else found.replace(tzinfo=ZONE)).astimezone(UTC)
    return None


def approval_results(task: Task, store: Store) -> Record:
    """Count what later activities can ask an approval for."""
    yes, no = task.people(UserStatus.YES), task.people(UserStatus.NO)
    answered = [user for user in no if task.seats[user].at is not None]
    voted = len(yes) + len(answered)
    return {
        "Comments": "\n".join(task.comments),
        "VotedCount": voted,
        "TotalCount": task.expected,
        "VotedPercent": int(voted / task.expected * 100),
        "ApprovedCount": len(yes),
        "NotApprovedCount": len(answered),
        "ApprovedPercent": int(len(yes) / task.expected * 100),
        "NotApprovedPercent": int(len(answered) / task.expected * 100),
        "Approvers": _names(store, yes),
        "Rejecters": _names(store, answered),
        "UserApprovers": [f"user_{user}" for user in yes],
        "UserRejecters": [f"user_{user}" for user in answered],
    }


def announce(run: Process, task: Task, store: Store) -> None:
    """Put the step's status text on the process."""
    node = next(one for one in run.root.walk() if one.name == task.node_name)
    if node.properties["SetStatusMessage"] != "Y":
        return
    said = approval_results(task, store)
    text = str(node.properties["StatusMessage"] or _STATUS)
    marks = {"PERCENT": "VotedPercent", "PERC": "VotedPercent", "VOTED": "VotedCount", "REV": "VotedCount"}
    marks |= {"TOTAL": "TotalCount", "TOT": "TotalCount"}
    for mark, key in marks.items():
        text = text.replace(f"#{mark}#", str(said[key]))
    text = text.replace("#APPROVERS#", said["Approvers"] or _NOBODY)
    run.state = text.replace("#REJECTERS#", said["Rejecters"] or _NOBODY)


def _names(store: Store, users: list[int]) -> str:
    people = [store.users[user] for user in users]
    return ", ".join(f"{user.name} {user.last_name}" for user in people)


# -- people and messages


def picked(scope: Scope, node: Node, absent: Collection[int]) -> list[str]:
    """Choose an employee: the first present one, else one of the reserve (bizproc 2).

    The portal chooses at random among several; taking the first is one of the choices it could make.
    """
    rules = node.properties
    skips, skips_reserve = rules["SkipAbsent"] not in {"", "N"}, rules["SkipAbsentReserve"] != "N"
    first = [user for user in scope.users(rules["UserParameter"]) if not (skips and user in absent)]
    reserve = scope.users(rules["ReserveUserParameter"])
    others = [user for user in reserve if not (skips_reserve and user in absent)]
    return [f"user_{user}" for user in (first or others)[:1]]


def notify(store: Store, scope: Scope, node: Node, now: datetime) -> None:
    """Send a message of the process to people."""
    senders = scope.users(node.properties["MessageUserFrom"])
    text = scope.text(node.properties["MessageText"])
    for user in scope.users(node.properties["MessageUserTo"]):
        messages.leave(store, now, {"user_id": user, "from": senders[0] if senders else 0, "message": text})


# -- the app


def app_call(core: Core, run: Process, node: Node, scope: Scope) -> tuple[RobotCall, AppStep]:
    """Make the call of an app's step.

    Raises:
        Fault: when no application has registered the type.
    """
    client_id = core.app.client_id
    robots = {internal_type(client_id, code): robot for code, robot in core.app.robots.items()}
    robot = robots.get(node.type)
    if robot is None:
        raise Fault("activity is not registered")
    chosen = node.properties["UseSubscription"]
    waits = chosen == "Y" if chosen in {"Y", "N"} else robot.use_subscription == "Y"
    secret, token = core.steps.begin(run.id, node.name)
    call = RobotCall(
        code=robot.code,
        deal_id=run.deal_id,
        workflow_id=run.id,
        event_token=token,
        properties={
            key: _sent(scope, row, node.properties.get(key)) for key, row in robot.properties.items()
        },
        use_subscription="Y" if waits else "N",
        handler=robot.handler,
    )
    owners = scope.users(node.properties["AuthUserId"])
    timeout = duration(scope, node)
    return call, AppStep(waits, secret, owners[0] if owners else None, timeout)


def _sent(scope: Scope, described: Record, value: Any) -> Any:
    """Write a property as it goes to the handler: text, a list where several are allowed."""
    given = described.get("Default", described.get("DEFAULT")) if value is None else value
    several = str(described.get("Multiple", described.get("MULTIPLE", "N"))).upper() in {"Y", "1"}
    return [str(item) for item in scope.listed(given)] if several else scope.text(given)
