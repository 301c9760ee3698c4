"""`crm.item.*` for deals and companies, and the legacy reading methods over the same records (bitrix24 6)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from b24app.sandbox.portal import changes
from b24app.sandbox.portal import fields
from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.errors import access_denied
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record

_LEGACY_NAMES = {
    "createdBy": "CREATED_BY_ID",
    "updatedBy": "MODIFY_BY_ID",
    "createdTime": "DATE_CREATE",
    "updatedTime": "DATE_MODIFY",
    "movedBy": "MOVED_BY_ID",
    "mycompanyId": "MYCOMPANY_ID",
    "typeId": "TYPE_ID",
}
_COMPANY_NAMES = {"typeId": "COMPANY_TYPE"}


def _type(call: Call) -> int:
    number = call.positive("entityTypeId")
    if number not in call.store.items:
        raise RestError("NOT_FOUND", f"Smart process with entityTypeId {number} not found")
    return number


def _allowed(call: Call, entity_type: int, number: int) -> bool:
    return (call.user_id, entity_type, number) not in call.store.denied


def _found(call: Call, entity_type: int, number: int) -> Record:
    record = call.store.items[entity_type].get(number)
    if record is None:
        raise RestError("NOT_FOUND", "Element not found")
    if not _allowed(call, entity_type, number):
        raise access_denied(400)
    return record


def _original_names(call: Call) -> bool:
    return call.value("useOriginalUfNames") in ("Y", "y", True, "true")


def _shown(call: Call, entity_type: int, record: Record, wanted: Mapping[str, Field] | None = None) -> Record:
    known = fields.fields_of(call.store, entity_type) if wanted is None else wanted
    original = _original_names(call)
    shown = {}
    for field in dict.fromkeys(known.values()):
        name = field.name if original or not field.custom else fields.custom_name(field.name)
        shown[name] = fields.show(field, record.get(field.name, fields.empty(field)))
    return shown | ({"entityTypeId": entity_type} if wanted is None else {})


@method("crm.item.get", "crm")
def get_item(call: Call) -> Record:
    """One item."""
    entity_type = _type(call)
    return {"item": _shown(call, entity_type, _found(call, entity_type, call.positive("id")))}


@method("crm.item.list", "crm")
def list_items(call: Call) -> Answer:
    """A page of items."""
    entity_type = _type(call)
    known = fields.fields_of(call.store, entity_type)
    test = filters.compiled(call.value("filter"), known)
    allowed = [
        record
        for number, record in call.store.items[entity_type].items()
        if test(record) and _allowed(call, entity_type, number)
    ]
    rows = filters.sorted_by(allowed, call.value("order"), known)
    wanted = _selected(call.names("select"), known)

    def wrap(part: list[Record]) -> Record:
        return {"items": [_shown(call, entity_type, record, wanted) for record in part]}

    return page(rows, call.value("start"), wrap)


def _selected(names: list[str], known: Mapping[str, Field]) -> Mapping[str, Field]:
    if not names or "*" in names:
        return known
    return {name: known[name] for name in names if name in known}


def _written(call: Call, entity_type: int) -> Record:
    """The values of `fields` for known writable names; the rest is ignored silently."""
    known = fields.fields_of(call.store, entity_type)
    values = {}
    for name, raw in call.mapping("fields", required=True).items():
        field = known.get(str(name))
        if field is not None and not field.read_only:
            values[field.name] = fields.parse(field, raw)
    return values


@method("crm.item.add", "crm")
def add_item(call: Call) -> Record:
    """A new item."""
    entity_type = _type(call)
    record = changes.create(call.core, call.hit, entity_type, _written(call, entity_type))
    return {"item": _shown(call, entity_type, record)}


@method("crm.item.update", "crm")
def update_item(call: Call) -> Record:
    """Change an item; the whole item comes back."""
    entity_type = _type(call)
    record = _found(call, entity_type, call.positive("id"))
    changes.update(call.core, call.hit, entity_type, record, _written(call, entity_type))
    return {"item": _shown(call, entity_type, record)}


@method("crm.item.delete", "crm")
def delete_item(call: Call) -> list[Any]:
    """Remove an item."""
    entity_type = _type(call)
    record = _found(call, entity_type, call.positive("id"))
    changes.delete(call.core, call.hit, entity_type, record["id"])
    return []


@method("crm.item.fields", "crm")
def item_fields(call: Call) -> Record:
    """Descriptions of the fields by name."""
    entity_type = _type(call)
    original = _original_names(call)
    described = {}
    for field in dict.fromkeys(fields.fields_of(call.store, entity_type).values()):
        name = field.name if original or not field.custom else fields.custom_name(field.name)
        described[name] = {
            "type": field.kind.value,
            "isRequired": False,
            "isReadOnly": field.read_only,
            "isImmutable": False,
            "isMultiple": field.multiple,
            "isDynamic": field.custom,
            "title": name,
            "upperName": field.name if field.custom else legacy_name(field.name, entity_type),
        }
    return {"fields": described}


def legacy_name(name: str, entity_type: int) -> str:
    """The upper-case name of a field in `crm.deal.*` and `crm.company.*`."""
    if entity_type == COMPANY and name in _COMPANY_NAMES:
        return _COMPANY_NAMES[name]
    upper = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).upper()
    return name if name.startswith("UF_") else _LEGACY_NAMES.get(name, upper)


def _legacy_fields(call: Call, entity_type: int) -> dict[str, Field]:
    known = fields.fields_of(call.store, entity_type)
    return {legacy_name(field.name, entity_type): field for field in known.values() if not _odd(field)}


def _odd(field: Field) -> bool:
    return field.multiple and not field.custom


def _text(field: Field, value: Any) -> Any:
    shown = fields.show(field, value)
    if field.name in {"opportunity", "taxValue", "revenue"}:
        return None if value is None else f"{value:.2f}"
    if isinstance(shown, list):
        return [str(item) for item in shown]
    return None if shown is None else str(shown)


def _legacy(record: Record, wanted: Mapping[str, Field]) -> Record:
    return {name: _text(field, record.get(field.name, fields.empty(field))) for name, field in wanted.items()}


def _legacy_get(call: Call, entity_type: int) -> Record:
    number = call.positive("ID")
    record = call.store.items[entity_type].get(number)
    if record is None:
        raise RestError("", "Not found")
    if not _allowed(call, entity_type, number):
        raise RestError("", "Access denied.")
    return _legacy(record, _legacy_fields(call, entity_type))


def _legacy_list(call: Call, entity_type: int) -> Answer:
    known = _legacy_fields(call, entity_type)
    test = filters.compiled(call.value("FILTER"), known)
    rows = [
        record
        for number, record in call.store.items[entity_type].items()
        if test(record) and _allowed(call, entity_type, number)
    ]
    rows = filters.sorted_by(rows, call.value("ORDER"), known)
    select = call.names("SELECT") or ["*"]
    wanted = {name: field for name, field in known.items() if name in select}
    if "*" in select:
        wanted |= {name: field for name, field in known.items() if not field.custom}
    if "UF_*" in select:
        wanted |= {name: field for name, field in known.items() if field.custom}
    return page([_legacy(record, wanted) for record in rows], call.value("start"))


@method("crm.deal.get", "crm")
def get_deal(call: Call) -> Record:
    """A deal as strings."""
    return _legacy_get(call, DEAL)


@method("crm.deal.list", "crm")
def list_deals(call: Call) -> Answer:
    """Deals as strings."""
    return _legacy_list(call, DEAL)


@method("crm.company.get", "crm")
def get_company(call: Call) -> Record:
    """A company as strings."""
    return _legacy_get(call, COMPANY)


@method("crm.company.list", "crm")
def list_companies(call: Call) -> Answer:
    """Companies as strings."""
    return _legacy_list(call, COMPANY)
