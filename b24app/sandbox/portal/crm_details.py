"""Requisites, stage history, timeline comments and product rows (bitrix24 6.7, 6.9 - 6.11)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Answer
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.core import method
from b24app.sandbox.portal.core import page
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store
from b24app.sandbox.portal.store import iso

_RQ_TEXTS = [
    "NAME",
    "CODE",
    "XML_ID",
    "ACTIVE",
    "ADDRESS_ONLY",
    "RQ_NAME",
    "RQ_COMPANY_NAME",
    "RQ_COMPANY_FULL_NAME",
    "RQ_DIRECTOR",
    "RQ_ACCOUNTANT",
    "RQ_INN",
    "RQ_KPP",
    "RQ_OGRN",
    "RQ_OGRNIP",
    "RQ_OKPO",
    "RQ_IIN",
    "RQ_BIN",
    "RQ_VAT_ID",
]
_RQ_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    **{
        name: Field(name, Kind.INTEGER)
        for name in ("ENTITY_TYPE_ID", "ENTITY_ID", "PRESET_ID", "SORT", "CREATED_BY_ID", "MODIFY_BY_ID")
    },
    **{name: Field(name, Kind.STRING) for name in _RQ_TEXTS},
    **{name: Field(name, Kind.DATETIME) for name in ("DATE_CREATE", "DATE_MODIFY")},
}
_LINK_NAMES = (
    "ENTITY_TYPE_ID",
    "ENTITY_ID",
    "REQUISITE_ID",
    "BANK_DETAIL_ID",
    "MC_REQUISITE_ID",
    "MC_BANK_DETAIL_ID",
)
_LINK_FIELDS = {name: Field(name, Kind.INTEGER) for name in _LINK_NAMES}
_HISTORY_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    "TYPE_ID": Field("TYPE_ID", Kind.INTEGER),
    "OWNER_ID": Field("OWNER_ID", Kind.INTEGER),
    "CREATED_TIME": Field("CREATED_TIME", Kind.DATETIME),
    "CATEGORY_ID": Field("CATEGORY_ID", Kind.INTEGER),
    "STAGE_SEMANTIC_ID": Field("STAGE_SEMANTIC_ID", Kind.STRING),
    "STAGE_ID": Field("STAGE_ID", Kind.STRING),
}
_COMMENT_FIELDS = {
    "ID": Field("id", Kind.INTEGER),
    "ENTITY_ID": Field("ENTITY_ID", Kind.INTEGER),
    "ENTITY_TYPE": Field("ENTITY_TYPE", Kind.STRING),
    "CREATED": Field("CREATED", Kind.DATETIME),
    "COMMENT": Field("COMMENT", Kind.STRING),
    "AUTHOR_ID": Field("AUTHOR_ID", Kind.INTEGER),
}
_TYPE_NAMES = {"deal": DEAL, "company": COMPANY}


def add_requisite(store: Store, hit: Hit, values: Record, now: Any) -> Record:
    """A requisite of a company, with its event."""
    number = store.number("requisite")
    record: Record = dict.fromkeys((field.name for field in _RQ_FIELDS.values()), None)
    record |= {"id": number, "ENTITY_TYPE_ID": COMPANY, "PRESET_ID": 1, "SORT": 500, "NAME": "Организация"}
    record |= {"ACTIVE": "Y", "ADDRESS_ONLY": "N", "DATE_CREATE": now, "CREATED_BY_ID": hit.user_id}
    record |= values
    store.requisites[number] = record
    hit.raise_event("ONCRMREQUISITEADD", {"FIELDS": {"ID": str(number)}})
    return record


def edit_requisite(record: Record, hit: Hit, values: Record, now: Any) -> None:
    """Change a requisite, with its event."""
    record |= values | {"DATE_MODIFY": now, "MODIFY_BY_ID": hit.user_id}
    hit.raise_event("ONCRMREQUISITEUPDATE", {"FIELDS": {"ID": str(record["id"])}})


def _row(record: Record, known: dict[str, Field], select: Sequence[str] = ()) -> Record:
    wanted = known if not select or "*" in select else [name for name in known if name in select]
    return {name: _text(record[known[name].name]) for name in wanted}


def _text(value: Any) -> Any:
    if value is None:
        return None
    return iso(value, ZONE) if hasattr(value, "tzinfo") else str(value)


@method("crm.requisite.list", "crm")
def list_requisites(call: Call) -> Answer:
    """Requisites as strings."""
    test = filters.compiled(call.value("filter"), _RQ_FIELDS)
    found = [row for row in call.store.requisites.values() if test(row)]
    rows = filters.sorted_by(found, call.value("order"), _RQ_FIELDS)
    select = call.names("select")
    return page([_row(row, _RQ_FIELDS, select) for row in rows], call.value("start"))


@method("crm.requisite.get", "crm")
def get_requisite(call: Call) -> Record:
    """One requisite as strings."""
    record = call.store.requisites.get(call.positive("id"))
    if record is None:
        raise RestError("", "The Requisite with ID is not found")
    return _row(record, _RQ_FIELDS)


@method("crm.requisite.link.list", "crm")
def list_links(call: Call) -> Answer:
    """Which requisite stands in which deal."""
    test = filters.compiled(call.value("filter"), _LINK_FIELDS)
    rows = [_row(row, _LINK_FIELDS) for row in call.store.requisite_links.values() if test(row)]
    return page(rows, call.value("start"))


@method("crm.requisite.link.get", "crm")
def get_link(call: Call) -> Record:
    """The requisites of one deal."""
    owner = call.positive("entityTypeId"), call.positive("entityId")
    link = call.store.requisite_links.get(owner)
    if link is None:
        raise RestError("", "RequisiteLink is not found")
    return _row(link, _LINK_FIELDS)


@method("crm.stagehistory.list", "crm")
def list_history(call: Call) -> Answer:
    """Stage changes of deals."""
    if call.positive("entityTypeId") != DEAL:
        raise RestError("ENTITY_TYPE_NOT_SUPPORTED", "Entity type is not supported")
    test = filters.compiled(call.value("filter"), _HISTORY_FIELDS)
    found = [row for row in call.store.history if test(row)]
    rows = filters.sorted_by(found, call.value("order"), _HISTORY_FIELDS)
    select = call.names("select")

    def wrap(part: list[Record]) -> Record:
        return {"items": [_history_row(row, select) for row in part]}

    return page(rows, call.value("start"), wrap)


def _history_row(record: Record, select: Sequence[str]) -> Record:
    row = _row(record, _HISTORY_FIELDS, select)
    numbers = {"ID", "TYPE_ID", "OWNER_ID", "CATEGORY_ID"}
    return {name: int(value) if name in numbers else value for name, value in row.items()}


@method("crm.timeline.comment.add", "crm")
def add_comment(call: Call) -> int:
    """A comment; only a lower-case `fields` is read (bitrix24 3.1)."""
    values = call.params.get("fields")
    if not isinstance(values, dict):
        raise RestError("100", "Could not find value for parameter {fields}")
    entity = _TYPE_NAMES.get(str(values.get("ENTITY_TYPE", "")).lower())
    owner = str(values.get("ENTITY_ID", ""))
    if entity is None or not owner.isdecimal() or int(owner) not in call.store.items[entity]:
        raise RestError("", "Entity is not found.")
    if not str(values.get("COMMENT") or "").strip():
        raise RestError("", "Empty comment message.")
    number = call.store.number("comment")
    call.store.comments.append(
        {
            "id": number,
            "ENTITY_ID": int(owner),
            "ENTITY_TYPE": str(values["ENTITY_TYPE"]).lower(),
            "CREATED": call.core.now(),
            "COMMENT": str(values["COMMENT"]),
            "AUTHOR_ID": call.user_id,
        }
    )
    return number


@method("crm.timeline.comment.list", "crm")
def list_comments(call: Call) -> Answer:
    """Comments of one deal or company; ENTITY_ID and ENTITY_TYPE are mandatory in the filter."""
    names = {filters.split(name)[1] for name in call.mapping("filter", required=True)}
    if not {"ENTITY_ID", "ENTITY_TYPE"} <= names:
        raise RestError("", "The filter must have ENTITY_ID and ENTITY_TYPE.")
    test = filters.compiled(call.value("filter"), _COMMENT_FIELDS)
    found = [row for row in call.store.comments if test(row)]
    rows = filters.sorted_by(found, call.value("order"), _COMMENT_FIELDS)
    select = call.names("select")
    return page([_row(row, _COMMENT_FIELDS, select) for row in rows], call.value("start"))


@method("crm.item.productrow.list", "crm")
def list_product_rows(call: Call) -> Answer:
    """Product rows of one owner; `=ownerType` and `=ownerId` are mandatory."""
    wanted = {filters.split(name)[1]: value for name, value in call.mapping("filter", required=True).items()}
    owner = str(wanted.get("ownerId", ""))
    if "ownerType" not in wanted or not owner.isdecimal():
        raise RestError("INVALID_ARG_VALUE", "The filter must have =ownerType and =ownerId")
    rows = call.store.product_rows.get((str(wanted["ownerType"]), int(owner)), [])
    return page(rows, call.value("start"), lambda part: {"productRows": part})
