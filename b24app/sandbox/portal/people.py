"""Users and departments (bitrix24 9)."""

from __future__ import annotations

from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.store import Department
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.store import User

_USER = ("user_brief", "user_basic", "user")
_USER_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    "ACTIVE": Field("ACTIVE", Kind.BOOLEAN),
    "NAME": Field("NAME", Kind.STRING),
    "LAST_NAME": Field("LAST_NAME", Kind.STRING),
    "WORK_POSITION": Field("WORK_POSITION", Kind.STRING),
    "UF_DEPARTMENT": Field("UF_DEPARTMENT", Kind.INTEGER),
    "USER_TYPE": Field("USER_TYPE", Kind.STRING),
}
_DEPARTMENT_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    "NAME": Field("NAME", Kind.STRING),
    "PARENT": Field("PARENT", Kind.INTEGER),
    "UF_HEAD": Field("UF_HEAD", Kind.INTEGER),
}


def _user(user: User) -> Record:
    return {
        "ID": str(user.id),
        "ACTIVE": user.active,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "SECOND_NAME": "",
        "EMAIL": f"user{user.id}@example.com",
        "IS_ONLINE": "N",
        "TIMESTAMP_X": {},
        "LAST_ACTIVITY_DATE": {},
        "PERSONAL_GENDER": "",
        "PERSONAL_BIRTHDAY": "",
        "WORK_POSITION": user.position,
        "UF_EMPLOYMENT_DATE": "",
        "UF_DEPARTMENT": list(user.departments),
        "USER_TYPE": "employee",
    }


@method("profile")
def profile(call: Call) -> Record:
    """The token's user, without a scope."""
    user = call.store.users[call.user_id]
    return {
        "ID": str(user.id),
        "ADMIN": user.admin,
        "NAME": user.name,
        "LAST_NAME": user.last_name,
        "PERSONAL_GENDER": "",
        "TIME_ZONE": "",
    }


@method("user.current", *_USER)
def current_user(call: Call) -> Record:
    """The token's user."""
    return _user(call.store.users[call.user_id])


@method("user.admin")
def is_admin(call: Call) -> bool:
    """Whether the token's user is an administrator."""
    return call.store.users[call.user_id].admin


@method("user.get", *_USER)
def get_users(call: Call) -> Answer:
    """Users by `FILTER` or by flat parameters; always a list."""
    wanted = dict(call.mapping("FILTER")) or {
        name: value for name, value in call.params.items() if filters.split(name)[1].upper() in _USER_FIELDS
    }
    unknown = [name for name in wanted if filters.split(name)[1].upper() not in _USER_FIELDS]
    if unknown:
        raise RestError("INVALID_ARG_VALUE", f"Unknown filter field {unknown[0]}")
    test = filters.compiled({name.upper(): value for name, value in wanted.items()}, _USER_FIELDS)
    sort = call.text("SORT").upper() or "ID"
    order = {sort if sort in _USER_FIELDS else "ID": call.text("ORDER") or "ASC"}
    rows = [_user(user) | {"id": user.id} for user in call.store.users.values()]
    found = filters.sorted_by([row for row in rows if test(row)], order, _USER_FIELDS)
    for row in found:
        row.pop("id")
    return page(found, call.value("start"))


def _department(department: Department) -> Record:
    row: Record = {"ID": str(department.id), "NAME": department.name, "SORT": 500}
    if department.parent is not None:
        row["PARENT"] = str(department.parent)
    if department.head is not None:
        row["UF_HEAD"] = str(department.head)
    return row


def leads(store: Store, head: int, user_id: int) -> bool:
    """Whether somebody is a superior of a user: the head of his department or of one above it."""
    user = store.users.get(user_id)
    above: list[int | None] = list(user.departments) if user is not None else []
    seen: set[int] = set()
    while above:
        number = above.pop()
        department = store.departments.get(number) if number is not None else None
        if department is None or department.id in seen:
            continue
        if department.head == head != user_id:
            return True
        seen.add(department.id)
        above.append(department.parent)
    return False


@method("department.get", "department")
def get_departments(call: Call) -> Answer:
    """Departments by flat filters; `UF_HEAD` only where a head is set."""
    wanted = {
        name.upper(): value for name, value in call.params.items() if name.upper() in _DEPARTMENT_FIELDS
    }
    test = filters.compiled(wanted, _DEPARTMENT_FIELDS)
    rows = [
        _department(department)
        for department in call.store.departments.values()
        if test(
            {
                "id": department.id,
                "NAME": department.name,
                "PARENT": department.parent,
                "UF_HEAD": department.head,
            }
        )
    ]
    return page(rows, call.value("start"))
