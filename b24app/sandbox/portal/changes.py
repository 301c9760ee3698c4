"""The one way deals and companies change: what is stamped, remembered, reported, and set in motion."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from b24app.sandbox.portal import fields
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.store import COMPANY
from b24app.sandbox.portal.store import DEAL
from b24app.sandbox.portal.store import Record

_NAMES = {DEAL: "DEAL", COMPANY: "COMPANY"}
_CREATED, _PROCESS, _FINAL, _FUNNEL = 1, 2, 3, 5


def create(core: Core, hit: Hit, entity_type: int, values: Record) -> Record:
    """Add an item, raise its event, start the robots of its stage.

    Raises:
        RestError: for a stage or funnel that does not exist.
    """
    store = core.store
    if entity_type == DEAL:
        _settle_stage(core, values, None)
    number = store.number(_NAMES[entity_type])
    known = fields.fields_of(store, entity_type)
    record = {field.name: fields.empty(field) for field in known.values()}
    now = core.now()
    record |= {
        "id": number,
        "title": f"#{number}",
        "opened": True,
        "assignedById": hit.user_id,
        "currencyId": "RUB",
    }
    record |= values
    record |= {"createdTime": now, "createdBy": hit.user_id}
    _touch(core, hit, record)
    if entity_type == DEAL:
        record["opportunity"] = record["opportunity"] or Decimal(0)
        record |= {"movedTime": now, "movedBy": hit.user_id}
        _mark_stage(core, record)
        _remember(core, record, _CREATED)
    store.items[entity_type][number] = record
    hit.raise_event(f"ONCRM{_NAMES[entity_type]}ADD", {"FIELDS": {"ID": str(number)}})
    if entity_type == DEAL:
        core.automation.enter_stage(hit, record)
        core.processes.auto(hit, number, created=True)
    return record


def update(core: Core, hit: Hit, entity_type: int, record: Record, values: Record) -> bool:
    """Save what differs; False if nothing does: then no stamp, no event, no robots (bitrix24 6.2).

    Raises:
        RestError: for a stage or funnel that does not exist.
    """
    if entity_type == DEAL and ("stageId" in values or "categoryId" in values):
        _settle_stage(core, values, record)
    changed = {name: value for name, value in values.items() if record.get(name) != value}
    if not changed:
        return False
    category = record.get("categoryId")
    record |= changed
    _touch(core, hit, record)
    if entity_type == DEAL and ("stageId" in changed or "categoryId" in changed):
        _moved(core, hit, record, category)
    number = str(record["id"])
    hit.raise_event(f"ONCRM{_NAMES[entity_type]}UPDATE", {"FIELDS": {"ID": number}})
    if entity_type == DEAL and ("stageId" in changed or "categoryId" in changed):
        core.automation.enter_stage(hit, record)
    if entity_type == DEAL:
        core.processes.auto(hit, record["id"], created=False)
    return True


def delete(core: Core, hit: Hit, entity_type: int, number: int) -> None:
    """Remove an item and end its automation."""
    core.store.items[entity_type].pop(number)
    if entity_type == DEAL:
        core.automation.terminate(number)
        core.processes.forget_deal(number)
    hit.raise_event(f"ONCRM{_NAMES[entity_type]}DELETE", {"FIELDS": {"ID": str(number)}})


def _moved(core: Core, hit: Hit, record: Record, category: Any) -> None:
    record |= {"movedTime": core.now(), "movedBy": hit.user_id}
    _mark_stage(core, record)
    if record["categoryId"] == category:
        _remember(core, record, _PROCESS if record["stageSemanticId"] == "P" else _FINAL)
        return
    _remember(core, record, _FUNNEL)
    data = {"ID": record["id"], "CATEGORY_ID": record["categoryId"], "STAGE_ID": record["stageId"]}
    hit.raise_event("ONCRMDEALMOVETOCATEGORY", {"FIELDS": {key: str(value) for key, value in data.items()}})


def _touch(core: Core, hit: Hit, record: Record) -> None:
    now = core.now()
    record |= {"updatedTime": now, "updatedBy": hit.user_id}
    record |= {"lastActivityTime": now, "lastActivityBy": hit.user_id}


def _mark_stage(core: Core, record: Record) -> None:
    semantics = core.store.semantics(record["categoryId"], record["stageId"])
    record |= {"stageSemanticId": semantics, "closed": semantics != "P"}


def _remember(core: Core, record: Record, kind: int) -> None:
    core.store.history.append(
        {
            "id": core.store.number("history"),
            "TYPE_ID": kind,
            "OWNER_ID": record["id"],
            "CREATED_TIME": core.now(),
            "CATEGORY_ID": record["categoryId"],
            "STAGE_SEMANTIC_ID": record["stageSemanticId"],
            "STAGE_ID": record["stageId"],
        }
    )


def _settle_stage(core: Core, values: Record, record: Record | None) -> None:
    category = values.get("categoryId", record["categoryId"] if record else 0) or 0
    if category not in core.store.categories:
        raise _invalid("categoryId")
    stages = [row["STATUS_ID"] for row in core.store.stages(category)]
    same_funnel = record is not None and record["categoryId"] == category
    stage = values.get("stageId") or (record["stageId"] if record and same_funnel else stages[0])
    if stage not in stages:
        raise _invalid("stageId")
    values |= {"categoryId": category, "stageId": stage}


def _invalid(name: str) -> RestError:
    return RestError("CRM_FIELD_ERROR_VALUE_NOT_VALID", f'The value of the field "{name}" is not valid')
