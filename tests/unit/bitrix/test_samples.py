"""Rows of the vendor's own samples through the readers they are for."""

from __future__ import annotations

import json
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses

from b24app.bitrix import fields
from b24app.bitrix.actions import outcome_in
from b24app.bitrix.admin import BitrixAdmin
from b24app.bitrix.companies import parse_company
from b24app.domain.money import Money
from b24app.ports.admin import Area
from b24app.ports.admin import StageKind
from b24app.ports.errors import Rejected
from b24app.ports.fields import DealField
from b24app.ports.portal import Action
from b24app.ports.portal import Outcome
from b24app.ports.portal import Requisite
from b24app.ports.portal import Result
from b24app.protocol.answers import BatchAnswer
from b24app.protocol.answers import RawAnswer
from b24app.protocol.answers import parse_answer
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import ScriptedPortal
from tests.fakes_bitrix import batch
from tests.fakes_bitrix import rig
from tests.unit.install.test_admin import READ
from tests.unit.install.test_admin import Rest
from tests.unit.services.post import fields as fields_of
from tests.unit.services.post import note
from tests.unit.services.post import task
from tests.unit.services.rig import START

SAMPLES = Path(__file__).parents[2] / "payloads" / "bitrix24"


def sample(name: str) -> Any:
    return json.loads((SAMPLES / name).read_bytes())


def admin(area: Area, rows: list[dict[str, Any]]) -> BitrixAdmin:
    """Open a portal that has nothing but these rows."""
    return BitrixAdmin(Rest(batches=[BatchAnswer(results={**READ, area.value: rows})]))


def test_a_deal_as_the_portal_writes_it_is_read() -> None:
    item = sample("crm-item-update-deal-response.json")["result"]["item"]
    around = {"companies": {"items": []}, "requisites": [], "links": [], "users": []}
    with responses.RequestsMock() as mock:
        ScriptedPortal(mock, batch({"deals": {"items": [item]}, **around}))
        (found,) = rig().portals.open(MEMBER).fetch_deals([351])
    assert (found.id, found.title, found.stage_id, found.category_id) == (
        351,
        "REST Deal #1",
        "C9:UC_NYL06U",
        9,
    )
    assert found.amount == Money(Decimal(10000), "USD")
    assert (found.company_id, found.manager_id, found.moved_by, found.closed) == (None, 6, 1, False)
    assert found.moved_at == datetime(2024, 7, 23, 16, 19, 21, tzinfo=UTC)


def test_a_responsible_person_as_the_portal_writes_him_is_named() -> None:
    item = sample("crm-item-update-deal-response.json")["result"]["item"] | {"assignedById": 1}
    users = sample("user-get-response.json")["result"]
    around = {"companies": {"items": []}, "requisites": [], "links": [], "users": users}
    with responses.RequestsMock() as mock:
        ScriptedPortal(mock, batch({"deals": {"items": [item]}, **around}))
        (found,) = rig().portals.open(MEMBER).fetch_deals([351])
    assert (found.manager_id, found.manager_name) == (1, "Vadim Valeev")


@pytest.mark.parametrize(
    ("action", "name", "ref"),
    [
        pytest.param(task(), "tasks-task-add-response.json", "3711", id="task"),
        pytest.param(note(), "im-notify-system-add-response.json", "12345", id="notification"),
        pytest.param(fields_of(351), "crm-item-update-deal-response.json", "351", id="fields"),
    ],
)
def test_what_was_made_is_known_by_its_number(action: Action, name: str, ref: str) -> None:
    answer = BatchAnswer(results={"a": sample(name)["result"]})
    assert outcome_in(answer, action, "a", START) == Outcome(Result.DONE, ref=ref)


def test_requisites_give_the_tax_number() -> None:
    row = sample("crm-requisite-get-response.json")["result"]
    own = parse_company({"id": 1, "title": "Организация"}, [row], {})
    assert own.requisites == (Requisite(27, "1717586110", "770501001"),)
    assert parse_company({"id": 2, "title": "Другая"}, [row], {}).requisites == ()


@pytest.mark.parametrize(
    ("name", "kind", "options"),
    [
        pytest.param("UF_CRM_1724077760", "enumeration", [3157, 3159, 3161, 3163, 3181], id="enumeration"),
        pytest.param("UF_CRM_1713790573", "crm_status", [], id="directory"),
        pytest.param("UF_CRM_HELLO_WORLD", "string", [], id="string"),
    ],
)
def test_user_fields_tell_their_kind_and_options(name: str, kind: str, options: list[int]) -> None:
    rows = sample("crm-deal-userfield-list-response.json")["result"]
    ours = [
        {**row, "FIELD_NAME": fields.code(DealField.DECISION)} for row in rows if row["FIELD_NAME"] == name
    ]
    field = admin(Area.DEAL_FIELDS, ours).read_state(0).fields[DealField.DECISION]
    assert (field.kind, field.multiple, sorted(field.options.values())) == (kind, True, options)


def test_user_fields_of_others_are_not_ours() -> None:
    rows = sample("crm-deal-userfield-list-response.json")["result"]
    assert admin(Area.DEAL_FIELDS, rows).read_state(0).fields == {}


def test_stages_come_with_their_kinds() -> None:
    rows = sample("crm-status-list-response.json")["result"]
    stages = admin(Area.STAGES, rows).read_state(0).stages
    assert [(stage.status_id, stage.kind) for stage in stages if stage.kind is not StageKind.PROCESS] == [
        ("WON", StageKind.SUCCESS),
        ("LOSE", StageKind.FAILURE),
        ("APOLOGY", StageKind.FAILURE),
    ]
    assert stages[3].status_id == "EXECUTING"
    assert stages[3].sort == 40


def test_a_robot_without_a_code_is_refused_in_the_portals_words() -> None:
    body = (SAMPLES / "bizproc-robot-add-error.json").read_bytes()
    with pytest.raises(Rejected) as refused:
        parse_answer("bizproc.robot.add", RawAnswer(400, {}, body))
    assert refused.value.code == "error_activity_validation_failure"
    assert "Empty activity code!" in str(refused.value)
