"""Tasks of processes over REST (bizproc 5, bitrix24 5.3)."""

from __future__ import annotations

from typing import Any

from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.people import leads
from b24app.sandbox.portal.process_templates import DEALS
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.workflow import lists
from b24app.sandbox.portal.workflow.nodes import APPROVE
from b24app.sandbox.portal.workflow.process import Process
from b24app.sandbox.portal.workflow.tasks import STATUS_NAMES
from b24app.sandbox.portal.workflow.tasks import AnswerRefusedError
from b24app.sandbox.portal.workflow.tasks import Seat
from b24app.sandbox.portal.workflow.tasks import Task
from b24app.sandbox.portal.workflow.tasks import UserStatus

_TEXTS = (
    "ACTIVITY",
    "ACTIVITY_NAME",
    "WORKFLOW_ID",
    "DOCUMENT_NAME",
    "DESCRIPTION",
    "NAME",
    "WORKFLOW_TEMPLATE_NAME",
    "WORKFLOW_STATE",
    "MODULE_ID",
    "ENTITY",
    "DOCUMENT_ID",
    "PARAMETERS",
)
_NUMBERS = ("ID", "WORKFLOW_STARTED_BY", "WORKFLOW_TEMPLATE_ID", "STATUS", "USER_ID", "USER_STATUS")
_MOMENTS = ("MODIFIED", "WORKFLOW_STARTED", "OVERDUE_DATE")
_FIELDS = {
    **{name: Field(name, Kind.STRING) for name in _TEXTS},
    **{name: Field(name, Kind.INTEGER) for name in _NUMBERS},
    **{name: Field(name, Kind.DATETIME) for name in _MOMENTS},
}
_ALWAYS = ("ENTITY", "DOCUMENT_ID")
_ANYBODY, _EXACTLY_NONE = 1, 3


@method("bizproc.task.list", "bizproc")
def list_tasks(call: Call) -> Answer:
    """One row a person on a task: own, subordinates' when USER_ID asks for them, all for an administrator."""
    names = [*_ALWAYS, *lists.selected(call, _FIELDS, ("ID", "WORKFLOW_ID", "DOCUMENT_NAME", "NAME"))]
    kept = lists.conditions(call, _FIELDS)
    me = call.store.users[call.user_id]
    if not me.admin:
        asked = str(kept.setdefault("USER_ID", me.id))
        if not asked.isdecimal() or (int(asked) != me.id and not leads(call.store, me.id, int(asked))):
            raise access_denied()
    found = lists.arranged(call, _rows(call), kept, _FIELDS, {"ID": "DESC"})
    return page([_shown(row, names) for row in found], call.value("start"))


def _shown(row: Record, names: list[str]) -> Record:
    deal = str(row["DOCUMENT_ID"]).removeprefix("DEAL_")
    return lists.shown(row, names) | {"DOCUMENT_URL": f"/crm/deal/details/{deal}/"}


def _rows(call: Call) -> list[Record]:
    processes, now = call.core.processes, call.core.now()
    return [
        _row(task, processes.runs[task.process_id], user, seat)
        for task in processes.tasks.values()
        for user, seat in task.seats.items()
        if processes.runs[task.process_id].shows_tasks(now)
    ]


def _row(task: Task, run: Process, user: int, seat: Seat) -> Record:
    return {
        "id": task.id,
        "ID": task.id,
        "ACTIVITY": APPROVE,
        "ACTIVITY_NAME": task.node_name,
        "WORKFLOW_ID": run.id,
        "DOCUMENT_NAME": task.document_name,
        "DESCRIPTION": task.description,
        "NAME": task.name,
        "MODIFIED": task.modified,
        "WORKFLOW_STARTED": run.started,
        "WORKFLOW_STARTED_BY": run.started_by,
        "OVERDUE_DATE": task.overdue,
        "WORKFLOW_TEMPLATE_ID": run.template.id,
        "WORKFLOW_TEMPLATE_NAME": run.template.name,
        "WORKFLOW_STATE": run.state,
        "STATUS": int(task.status),
        "USER_ID": user,
        "USER_STATUS": int(seat.status),
        "MODULE_ID": DEALS[0],
        "ENTITY": DEALS[1],
        "DOCUMENT_ID": f"DEAL_{run.deal_id}",
        "PARAMETERS": dict(task.parameters),
    }


def _status(raw: Any) -> UserStatus | None:
    text = "" if isinstance(raw, bool | list | dict) else str(raw or "").lower()
    if text in STATUS_NAMES:
        return STATUS_NAMES[text]
    return UserStatus(int(text)) if text in {"1", "2", "3", "4"} else None


@method("bizproc.task.complete", "bizproc")
def complete_task(call: Call) -> bool:
    """Answer a task of the token's own user; not even an administrator answers for another (bizproc 5)."""
    raw = call.value("TASK_ID")
    if not raw or raw == "0":
        raise RestError("ERROR_TASK_VALIDATION", "empty TASK_ID")
    status = _status(call.value("STATUS"))
    if status is None:
        raise RestError("ERROR_TASK_VALIDATION", "incorrect STATUS")
    task = call.core.processes.tasks.get(int(raw)) if str(raw).isdecimal() else None
    if task is None or call.user_id not in task.seats or not _visible(call, task):
        raise RestError("ERROR_TASK_NOT_FOUND", "Task not found")
    if not task.waits_for(call.user_id):
        raise RestError("ERROR_TASK_COMPLETED", "Task already completed")
    comment = call.value("COMMENT")
    try:
        call.core.processes.complete(call.hit, task, status, comment if isinstance(comment, str) else "")
    except AnswerRefusedError as refused:
        raise RestError("ERROR_TASK_EXECUTION", str(refused)) from refused
    return True


def _visible(call: Call, task: Task) -> bool:
    return call.core.processes.runs[task.process_id].shows_tasks(call.core.now())


@method("bizproc.task.delegate", "bizproc")
def delegate_tasks(call: Call) -> bool:
    """Hand tasks of one person to another: his own, a subordinate's, or anybody's for an administrator."""
    raw = call.value("TASK_IDS")
    if not isinstance(raw, list) or not all(str(number).isdecimal() for number in raw):
        raise RestError("ERROR_TASK_VALIDATION", "Invalid TASK_IDS")
    giver, taker = _person(call, "FROM_USER_ID"), _person(call, "TO_USER_ID")
    refused = [text for number in raw if (text := _refusal(call, int(number), giver, taker))]
    if refused:
        raise RestError("ERROR_DELEGATION_NOT_ALLOWED", ";".join(dict.fromkeys(refused)))
    for number in raw:
        task = call.core.processes.tasks[int(number)]
        seats = list(task.seats.items())
        task.seats = {taker if user == giver else user: seat for user, seat in seats}
        task.modified = call.core.now()
    return True


def _person(call: Call, name: str) -> int:
    raw = call.value(name)
    if isinstance(raw, bool | list | dict) or not str(raw or "").isdecimal() or int(raw) < 1:
        raise RestError("ERROR_INVALID_USER_ID", f"Invalid {name}")
    return int(raw)


def _refusal(call: Call, number: int, giver: int, taker: int) -> str:
    """Say why a task may not be handed on, empty when it may.

    DelegationType binds all but administrators, its 3 («exactly nobody») binds them too (bizproc 2).
    """
    store, admin = call.store, call.store.users[call.user_id].admin
    task = call.core.processes.tasks.get(number)
    if task is None or not task.waits_for(giver):
        return "User is not responsible for the task"
    if call.user_id != giver and not admin and not leads(store, call.user_id, giver):
        return "User is not responsible for the task"
    if taker not in store.users or not store.users[taker].active:
        return "Task delegation is only available for intranet users"
    if taker in task.seats:
        return "User is already responsible for the task"
    allowed = task.delegation == _ANYBODY or (task.delegation == 0 and leads(store, giver, taker))
    if task.delegation == _EXACTLY_NONE or not (admin or allowed):
        return "Task delegation is not allowed"
    return ""
