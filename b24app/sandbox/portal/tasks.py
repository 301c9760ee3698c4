"""Tasks (bitrix24 8.1): upper case in requests, camelCase strings in answers."""

from __future__ import annotations

import re
import uuid
from datetime import datetime
from typing import Any

from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import missing
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.fields import parse
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.store import iso

WAITING, COMPLETED = 2, 5

_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    **{
        name: Field(name, Kind.INTEGER)
        for name in (
            "PARENT_ID",
            "GROUP_ID",
            "PRIORITY",
            "STATUS",
            "CREATED_BY",
            "RESPONSIBLE_ID",
            "CHANGED_BY",
            "CLOSED_BY",
        )
    },
    "REAL_STATUS": Field("STATUS", Kind.INTEGER),
    **{name: Field(name, Kind.STRING) for name in ("TITLE", "DESCRIPTION", "GUID", "MARK")},
    **{
        name: Field(name, Kind.DATETIME)
        for name in ("DEADLINE", "CREATED_DATE", "CHANGED_DATE", "CLOSED_DATE", "STATUS_CHANGED_DATE")
    },
    **{name: Field(name, Kind.INTEGER, multiple=True) for name in ("AUDITORS", "ACCOMPLICES")},
    "UF_CRM_TASK": Field("UF_CRM_TASK", Kind.STRING, multiple=True),
}
_WRITABLE = frozenset(
    [
        "TITLE",
        "DESCRIPTION",
        "RESPONSIBLE_ID",
        "CREATED_BY",
        "DEADLINE",
        "PRIORITY",
        "GROUP_ID",
        "PARENT_ID",
        "AUDITORS",
        "ACCOMPLICES",
        "UF_CRM_TASK",
        "MARK",
    ]
)
_PREFIXES = frozenset({"", "!", "<", "<=", ">", ">="})
_LINK = re.compile(r"(L|D|C|CO|SI|T[0-9a-f]+)_\d+")


def _values(call: Call, store: Store) -> Record:
    values: Record = {}
    for name, raw in call.mapping("fields", required=True).items():
        if name in _WRITABLE:
            values[name] = parse(_FIELDS[name], raw)
    for link in values.get("UF_CRM_TASK", ()):
        if not _LINK.fullmatch(link):
            raise _core_error("Wrong CRM element")
    if "RESPONSIBLE_ID" in values and values["RESPONSIBLE_ID"] not in store.users:
        raise _core_error("The responsible person is not found")
    if "TITLE" in values and not values["TITLE"]:
        raise _core_error("Task title is not specified")
    return values


def _core_error(text: str) -> RestError:
    return RestError("ERROR_CORE", f"{text}<br>")


@method("tasks.task.add", "task")
def add_task(call: Call) -> Record:
    """A new task, waiting."""
    values = _values(call, call.store)
    if not values.get("TITLE"):
        raise _core_error("Task title is not specified")
    if not values.get("RESPONSIBLE_ID"):
        raise _core_error("The responsible person is not specified")
    creator = values.get("CREATED_BY") or call.user_id
    if creator != call.user_id:
        call.core.require_admin(call.user_id, 400)
    now = call.core.now()
    number = call.store.number("task")
    task: Record = {field.name: [] if field.multiple else None for field in _FIELDS.values()}
    task |= {"id": number, "DESCRIPTION": "", "PRIORITY": 1, "GROUP_ID": 0, "STATUS": WAITING}
    task |= {"CREATED_DATE": now, "STATUS_CHANGED_DATE": now, "GUID": f"{{{uuid.uuid4()}}}"}
    task |= values | {"CREATED_BY": creator}
    _touch(call, task)
    call.store.tasks[number] = task
    return {"task": _shown(call.store, task, [])}


def _touch(call: Call, task: Record) -> None:
    task |= {"CHANGED_DATE": call.core.now(), "CHANGED_BY": call.user_id}


@method("tasks.task.get", "task")
def get_task(call: Call) -> Record:
    """One task."""
    return {"task": _shown(call.store, _found(call), call.names("select"))}


def _found(call: Call) -> Record:
    if call.value("taskId") is None:
        raise missing("taskId")
    task = call.store.tasks.get(call.positive("taskId"))
    if task is None:
        raise _core_error("Task not found or not accessible")
    return task


@method("tasks.task.update", "task")
def update_task(call: Call) -> Record:
    """Change a task."""
    task = _found(call)
    task |= _values(call, call.store)
    _touch(call, task)
    return {"task": _shown(call.store, task, [])}


@method("tasks.task.complete", "task")
def complete_task(call: Call) -> Record:
    """End a task; only its people and administrators may."""
    task = _found(call)
    people = {task["RESPONSIBLE_ID"], task["CREATED_BY"], *task["ACCOMPLICES"]}
    mine = call.user_id in people or call.store.users[call.user_id].admin
    if not mine or task["STATUS"] == COMPLETED:
        raise RestError(0, "Action on the task is not allowed")
    close_task(task, call.user_id, call.core.now())
    return {"task": _shown(call.store, task, [])}


def close_task(task: Record, user_id: int, now: datetime) -> None:
    """Mark a task completed by a user."""
    task |= {"STATUS": COMPLETED, "CLOSED_BY": user_id, "CLOSED_DATE": now}
    task |= {"STATUS_CHANGED_DATE": now, "CHANGED_DATE": now, "CHANGED_BY": user_id}


@method("tasks.task.list", "task")
def list_tasks(call: Call) -> Answer:
    """A page of tasks; filter prefixes are only `!`, `<`, `<=`, `>`, `>=`."""
    for key in call.mapping("filter"):
        prefix, name = filters.split(key)
        if prefix not in _PREFIXES or (name not in _FIELDS and not name.isdecimal()):
            raise _core_error(f"Filter {key} is not supported")
    test = filters.compiled(call.value("filter"), _FIELDS)
    rows = filters.sorted_by(
        [task for task in call.store.tasks.values() if test(task)], call.value("order"), _FIELDS
    )
    select = call.names("select")

    def wrap(part: list[Record]) -> Record:
        return {"tasks": [_shown(call.store, task, select) for task in part]}

    return page(rows, call.value("start"), wrap)


def _shown(store: Store, task: Record, select: list[str]) -> Record:
    chosen = list(_FIELDS) if not select or "*" in select else ["ID", *select]
    chosen = [name for name in chosen if name in _FIELDS and name not in {"UF_CRM_TASK", "REAL_STATUS"}]
    row = {_camel(name): _text(task[_FIELDS[name].name]) for name in chosen}
    if "REAL_STATUS" in select:
        row["realStatus"] = str(task["STATUS"])
    if "UF_CRM_TASK" in select:
        row["ufCrmTask"] = list(task["UF_CRM_TASK"])
    for key, name in (("CREATED_BY", "creator"), ("RESPONSIBLE_ID", "responsible")):
        user = store.users.get(task[key])
        if key in chosen and user is not None:
            row[name] = {
                "id": str(user.id),
                "name": f"{user.name} {user.last_name}",
                "link": f"/company/personal/user/{user.id}/",
                "icon": "",
                "workPosition": user.position,
            }
    return row


def _camel(name: str) -> str:
    head, *tail = name.lower().split("_")
    return head + "".join(part.capitalize() for part in tail)


def _text(value: Any) -> Any:
    if isinstance(value, list):
        return [str(item) for item in value]
    if isinstance(value, datetime):
        return iso(value, ZONE)
    return None if value is None else str(value)
