"""Funnels, stages and custom fields (bitrix24 6.6, 6.8)."""

from __future__ import annotations

import re
from typing import Any

from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.errors import missing
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.store import UserField
from b24app.sandbox.portal.store import stage_entity

USER_TYPES = frozenset(
    [
        "string",
        "integer",
        "double",
        "boolean",
        "datetime",
        "date",
        "money",
        "url",
        "address",
        "enumeration",
        "file",
        "employee",
        "crm_status",
        "iblock_section",
        "iblock_element",
        "crm",
    ]
)
_FUNNEL = (
    ("NEW", "Новая", None, "#39A8EF"),
    ("PREPARATION", "Подготовка документов", None, "#2FC6F6"),
    ("PREPAYMENT_INVOICE", "Счёт на предоплату", None, "#55D0E0"),
    ("EXECUTING", "В работе", None, "#47E4C2"),
    ("FINAL_INVOICE", "Финальный счёт", None, "#FFA900"),
    ("WON", "Сделка успешна", "S", "#7BD500"),
    ("LOSE", "Сделка провалена", "F", "#FF5752"),
    ("APOLOGY", "Анализ причины провала", "F", "#FF5752"),
)
_STATUS_NAME = re.compile(r"[A-Za-z0-9_-]+")
_FIELD_NAME = re.compile(r"[A-Z0-9_]{1,43}")
_STATUS_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    **{
        name: Field(name, Kind.STRING)
        for name in ("ENTITY_ID", "STATUS_ID", "NAME", "SORT", "SYSTEM", "SEMANTICS")
    },
}
_UF_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    **{
        name: Field(name, Kind.STRING)
        for name in ("ENTITY_ID", "FIELD_NAME", "USER_TYPE_ID", "XML_ID", "SORT", "MULTIPLE", "MANDATORY")
    },
}


def add_category(store: Store, number: int, name: str, sort: int) -> Record:
    """A funnel of deals with the portal's usual stages."""
    row: Record = {
        "id": number,
        "name": name,
        "sort": sort,
        "entityTypeId": DEAL,
        "isDefault": "N" if number else "Y",
        "originId": "",
        "originatorId": "",
    }
    store.categories[number] = row
    prefix = f"C{number}:" if number else ""
    for place, (status, title, semantics, color) in enumerate(_FUNNEL, start=1):
        row_of_stage = {"NAME": title, "SORT": place * 10, "COLOR": color, "SEMANTICS": semantics}
        stage = add_status(store, stage_entity(number), prefix + status, row_of_stage)
        stage |= {"SYSTEM": "N" if semantics is None and status != "NEW" else "Y"}
    return row


def add_status(store: Store, entity: str, status: str, values: Record) -> Record:
    """A stage row."""
    number = store.number("status")
    row: Record = {"id": number, "ID": str(number), "ENTITY_ID": entity, "STATUS_ID": status}
    row |= {"NAME": str(values["NAME"]), "NAME_INIT": "", "SORT": str(_number(values.get("SORT"), 10))}
    category = entity.removeprefix("DEAL_STAGE").lstrip("_")
    row |= {
        "SYSTEM": "N",
        "CATEGORY_ID": category or None,
        "COLOR": values.get("COLOR") or "#ACE9FB",
        "SEMANTICS": None if values.get("SEMANTICS") in (None, "", "P") else values["SEMANTICS"],
    }
    store.statuses.append(row)
    return row


def _status_row(row: Record) -> Record:
    kind = {None: "process", "S": "success", "F": "failure"}[row["SEMANTICS"]]
    shown = {key: value for key, value in row.items() if key != "id"}
    return shown | {"EXTRA": {"SEMANTICS": kind, "COLOR": row["COLOR"]}}


@method("crm.category.list", "crm")
def list_categories(call: Call) -> Answer:
    """All funnels at once."""
    _only_deals(call)
    rows = sorted(call.store.categories.values(), key=lambda row: (row["sort"], row["id"]))
    return Answer({"categories": rows}, len(rows))


def _only_deals(call: Call) -> None:
    if call.positive("entityTypeId") != DEAL:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type does not support categories")


@method("crm.category.add", "crm")
def new_category(call: Call) -> Record:
    """A new funnel."""
    _only_deals(call)
    call.core.require_admin(call.user_id, 400)
    values = call.mapping("fields", required=True)
    if not values.get("name"):
        raise RestError("CRM_FIELD_ERROR_REQUIRED", 'Required field "name" is empty')
    row = add_category(
        call.store, call.store.number("category"), str(values["name"]), _number(values.get("sort"), 500)
    )
    return {"category": row}


@method("crm.status.list", "crm")
def list_statuses(call: Call) -> Answer:
    """All matching stage rows at once."""
    test = filters.compiled(call.value("filter"), _STATUS_FIELDS)
    found = [row for row in call.store.statuses if test(row)]
    if call.value("order"):
        found = filters.sorted_by(found, call.value("order"), _STATUS_FIELDS)
    else:
        found.sort(key=lambda row: (int(row["SORT"]), row["id"]))
    return Answer([_status_row(row) for row in found], len(found))


@method("crm.status.add", "crm")
def new_status(call: Call) -> int:
    """A stage; the funnel's prefix is put in front of a short STATUS_ID."""
    _crm_admin(call)
    values = call.mapping("fields", required=True)
    for name in ("ENTITY_ID", "STATUS_ID", "NAME"):
        if not values.get(name):
            raise RestError("", f"The field {name} is required.")
    entity = str(values["ENTITY_ID"])
    category = _category_of(call.store, entity)
    status = _full_status(category, str(values["STATUS_ID"]))
    if any(row["STATUS_ID"] == status for row in call.store.stages(category)):
        raise RestError("", f"The status with STATUS_ID {status} already exists.")
    if values.get("SEMANTICS") not in (None, "", "P", "S", "F"):
        raise RestError("", "The field SEMANTICS is invalid.")
    _check_sort(call.store, category, values)
    return int(add_status(call.store, entity, status, values)["id"])


def _crm_admin(call: Call) -> None:
    user = call.store.users[call.user_id]
    if not user.admin:
        raise RestError("", "Access denied.")


def _category_of(store: Store, entity: str) -> int:
    for category in store.categories:
        if stage_entity(category) == entity:
            return category
    raise RestError("", "The field ENTITY_ID is invalid.")


def _full_status(category: int, status: str) -> str:
    prefix = f"C{category}:" if category else ""
    short = status.removeprefix(prefix)
    if not _STATUS_NAME.fullmatch(short) or len(prefix + short) > 22:
        raise RestError("", "The field STATUS_ID is invalid.")
    return prefix + short


def _check_sort(store: Store, category: int, values: Record) -> None:
    success = next((row for row in store.stages(category) if row["SEMANTICS"] == "S"), None)
    if success is None or values.get("SEMANTICS") in ("S", "F"):
        return
    if _number(values.get("SORT"), 10) >= int(success["SORT"]):
        raise RestError("", "A process stage must stand before the success stage.")


@method("crm.status.update", "crm")
def change_status(call: Call) -> bool:
    """Name, order and color of a stage."""
    _crm_admin(call)
    number = call.positive("id")
    row = next((row for row in call.store.statuses if row["id"] == number), None)
    if row is None:
        raise RestError("", "Status is not found.")
    values = call.mapping("fields", required=True)
    if "SORT" in values:
        row["SORT"] = str(_number(values["SORT"], 10))
    row |= {name: str(values[name]) for name in ("NAME", "COLOR") if name in values}
    return True


def _list_user_fields(call: Call, entity: str) -> Answer:
    rows = [_uf_row(source) | {"id": source.id} for source in call.store.user_fields[entity].values()]
    test = filters.compiled(call.value("filter"), _UF_FIELDS)
    found = filters.sorted_by([row for row in rows if test(row)], call.value("order"), _UF_FIELDS)
    for row in found:
        row.pop("id")
    return Answer(found, len(found))


def _uf_row(source: UserField) -> Record:
    row: Record = {
        "ID": str(source.id),
        "ENTITY_ID": source.entity,
        "FIELD_NAME": source.name,
        "USER_TYPE_ID": source.kind,
        "XML_ID": source.xml_id,
        "SORT": str(source.sort),
        "MULTIPLE": "Y" if source.multiple else "N",
        **source.flags,
        "SETTINGS": source.settings or [],
    }
    if source.kind == "enumeration":
        row["LIST"] = [dict(option) for option in source.options]
    return row


_FLAGS = {
    "MANDATORY": "N",
    "SHOW_FILTER": "N",
    "SHOW_IN_LIST": "Y",
    "EDIT_IN_LIST": "Y",
    "IS_SEARCHABLE": "N",
}


def _add_user_field(call: Call, entity: str) -> int:
    if not call.store.users[call.user_id].admin:
        raise access_denied()
    if call.value("fields") is None:
        raise missing("fields")
    values = call.mapping("fields")
    for name in ("FIELD_NAME", "USER_TYPE_ID"):
        if not values.get(name):
            raise RestError("", f"The field {name} is required.")
    short = str(values["FIELD_NAME"]).removeprefix("UF_CRM_")
    kind = str(values["USER_TYPE_ID"])
    known = call.store.user_fields[entity]
    if not _FIELD_NAME.fullmatch(short):
        raise RestError("ERROR_CORE", "The field name is invalid.<br>")
    if kind not in USER_TYPES:
        raise RestError("ERROR_CORE", "The field type is invalid.<br>")
    name = f"UF_CRM_{short}"
    if name in known:
        raise RestError("ERROR_CORE", f"The field {name} already exists.<br>")
    number = call.store.number("user_field")
    known[name] = UserField(
        id=number,
        entity=entity,
        name=name,
        kind=kind,
        multiple=values.get("MULTIPLE") == "Y",
        xml_id=values.get("XML_ID"),
        sort=_number(values.get("SORT"), 100),
        label=values.get("EDIT_FORM_LABEL") or values.get("LABEL") or short,
        settings=_settings(values.get("SETTINGS")),
        options=_options(call.store, values.get("LIST")),
        flags={flag: str(values.get(flag) or default) for flag, default in _FLAGS.items()},
    )
    return number


def _number(raw: Any, default: int) -> int:
    text = str(raw or default)
    if not text.isdecimal():
        raise RestError("", "The field SORT is invalid.")
    return int(text)


def _settings(source: Any) -> Record:
    return source if isinstance(source, dict) else {}


def _options(store: Store, source: Any) -> list[dict[str, str]]:
    rows = list(source.values()) if isinstance(source, dict) else source or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise RestError("ERROR_CORE", "The list of options is invalid.<br>")
    marks = [row.get("XML_ID") for row in rows if row.get("XML_ID")]
    if len(marks) != len(set(marks)):
        raise RestError("ERROR_CORE", "The option XML_ID is not unique.<br>")
    options = []
    for row in rows:
        number = str(store.number("option"))
        options.append(
            {
                "ID": number,
                "SORT": str(row.get("SORT") or 500),
                "VALUE": str(row.get("VALUE") or ""),
                "DEF": str(row.get("DEF") or "N"),
                "XML_ID": str(row.get("XML_ID") or number),
            }
        )
    return options


@method("crm.deal.userfield.list", "crm")
def list_deal_fields(call: Call) -> Answer:
    """Custom fields of deals."""
    return _list_user_fields(call, "CRM_DEAL")


@method("crm.company.userfield.list", "crm")
def list_company_fields(call: Call) -> Answer:
    """Custom fields of companies."""
    return _list_user_fields(call, "CRM_COMPANY")


@method("crm.deal.userfield.add", "crm")
def add_deal_field(call: Call) -> int:
    """A custom field of deals."""
    return _add_user_field(call, "CRM_DEAL")


@method("crm.company.userfield.add", "crm")
def add_company_field(call: Call) -> int:
    """A custom field of companies."""
    return _add_user_field(call, "CRM_COMPANY")
