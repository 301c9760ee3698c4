"""Deals, companies, fields, stages, requisites (bitrix24 6)."""

from __future__ import annotations

from typing import Any

import pytest

from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.fields import custom_name
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import sample


@pytest.mark.parametrize(
    ("original", "camel"),
    [
        ("UF_CRM_DEBT_SUM", "ufCrmDebtSum"),
        ("UF_CRM_1720019876534", "ufCrm_1720019876534"),
        ("UF_CRM_2_1639669411830", "ufCrm2_1639669411830"),
        ("UF_CRM_7_MY_FIELD", "ufCrm7MyField"),
        ("UF_CRM_DEBT_1C", "ufCrm_DEBT_1C"),
    ],
)
def test_custom_names_are_converted_as_the_reference_says(original: str, camel: str) -> None:
    assert custom_name(original) == camel


def _field(rest: Client, kind: str, **other: Any) -> str:
    name = f"CC_{kind.upper()}"
    rest.call("crm.deal.userfield.add", {"fields": {"FIELD_NAME": name, "USER_TYPE_ID": kind, **other}})
    return f"UF_CRM_{name}"


@pytest.mark.parametrize(
    ("kind", "written", "read"),
    [
        ("money", "100000|RUB", "100000|RUB"),
        ("integer", "5", 5),
        ("double", 1.5, 1.5),
        ("date", "2026-07-23", "2026-07-23T03:00:00+03:00"),
        ("datetime", "2026-07-23T10:00:00+00:00", "2026-07-23T13:00:00+03:00"),
        ("boolean", "Y", "Y"),
        ("boolean", True, "Y"),
        ("boolean", 1, "N"),
        ("boolean", "1", "N"),
        ("string", "слово", "слово"),
        ("employee", "7", 7),
    ],
)
def test_values_come_back_in_the_portals_form(rest: Client, kind: str, written: Any, read: Any) -> None:
    name = _field(rest, kind)
    params = {"entityTypeId": 2, "id": 1, "fields": {name: written}}
    item = rest.call("crm.item.update", params | {"useOriginalUfNames": "Y"})["item"]
    assert item[name] == read
    assert rest.call("crm.item.get", {"entityTypeId": 2, "id": 1})["item"][custom_name(name)] == read


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        ("money", "много", "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ("enumeration", 9999, "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
        ("integer", "x", "CRM_FIELD_ERROR_VALUE_NOT_VALID"),
    ],
)
def test_nonsense_is_not_stored(rest: Client, kind: str, written: Any, code: str) -> None:
    name = _field(rest, kind, LIST=[{"VALUE": "a", "XML_ID": "A"}])
    params = {"entityTypeId": 2, "id": 1, "fields": {name: written}, "useOriginalUfNames": "Y"}
    assert rest.error("crm.item.update", params) == (400, code)


def test_a_multiple_field_wants_an_array(rest: Client) -> None:
    name = _field(rest, "string", MULTIPLE="Y")
    params = {"entityTypeId": 2, "id": 1, "useOriginalUfNames": "Y"}
    assert rest.error("crm.item.update", params | {"fields": {name: "one"}}) == (400, "100")
    assert rest.call("crm.item.update", params | {"fields": {name: ["a", "b"]}})["item"][name] == ["a", "b"]


def test_an_enumeration_is_written_by_option_id_found_by_its_mark(rest: Client) -> None:
    name = _field(
        rest, "enumeration", LIST=[{"VALUE": "Да", "XML_ID": "yes"}, {"VALUE": "Нет", "XML_ID": "no"}]
    )
    rows = rest.call("crm.deal.userfield.list", {"filter": {"FIELD_NAME": name}})
    options = {row["XML_ID"]: int(row["ID"]) for row in rows[0]["LIST"]}
    params = {"entityTypeId": 2, "id": 1, "fields": {name: options["no"]}, "useOriginalUfNames": "Y"}
    assert rest.call("crm.item.update", params)["item"][name] == options["no"]


def test_a_deal_has_every_documented_key(rest: Client) -> None:
    documented = sample("crm-item-update-deal-response.json")["result"]["item"]
    item = rest.call("crm.item.get", {"entityTypeId": 2, "id": 1})["item"]
    assert {name for name in documented if not name.startswith(("ufCrm", "parentId"))} <= set(item)
    assert (item["opportunity"], item["companyId"], item["closed"]) == (1000.5, 1, "N")


@pytest.mark.parametrize("wrong", [[1], {"a": 1}, 0, -1, "x", "", None, True], ids=repr)
def test_an_id_that_is_no_positive_number_is_refused(portal: SandboxPortal, rest: Client, wrong: Any) -> None:
    params = {"entityTypeId": 2, "id": wrong, "fields": {"title": "new"}}
    assert rest.error("crm.item.update", params) == (400, "100")
    assert {deal["title"] for deal in portal.deals()} == {f"Сделка {n}" for n in range(1, 5)}


def test_errors_of_items_are_answered_with_400(portal: SandboxPortal, manager: Client) -> None:
    portal.deny(MANAGER, 2, 1)
    assert manager.error("crm.item.get", {"entityTypeId": 2, "id": 99}) == (400, "NOT_FOUND")
    assert manager.error("crm.item.get", {"entityTypeId": 777, "id": 1}) == (400, "NOT_FOUND")
    assert manager.error("crm.item.get", {"entityTypeId": 2, "id": 1}) == (400, "ACCESS_DENIED")
    assert [row["id"] for row in manager.call("crm.item.list", {"entityTypeId": 2})["items"]] == [2, 3, 4]


@pytest.mark.parametrize(
    ("condition", "ids"),
    [
        ({"id": 2}, [2]),
        ({"=id": "2"}, [2]),
        ({"ID": 2}, [2]),
        ({"!id": 2}, [1, 3, 4]),
        ({"!=id": 2}, [1, 3, 4]),
        ({">id": 2}, [3, 4]),
        ({">=id": 2}, [2, 3, 4]),
        ({"<id": 2}, [1]),
        ({"<=id": 2}, [1, 2]),
        ({"@id": [1, 4]}, [1, 4]),
        ({"!@id": [1, 4]}, [2, 3]),
        ({"@id": []}, [1, 2, 3, 4][:0]),
        ({"%title": "ДЕЛКА 3"}, [3]),
        ({"=%title": "%3%"}, [3]),
        ({"!%title": "3"}, [1, 2, 4]),
        ({"companyId": 0}, [3, 4]),
        ({"0": {"logic": "OR", "0": {"id": 1}, "1": {">id": 3}}}, [1, 4]),
        ({"companyId": 1, "0": {"logic": "OR", "id": 2, "title": "Сделка 4"}}, [2]),
    ],
    ids=str,
)
def test_filters_select_what_their_prefix_says(rest: Client, condition: Any, ids: list[int]) -> None:
    params = {"entityTypeId": 2, "filter": condition, "select": ["id"]}
    assert [row["id"] for row in rest.call("crm.item.list", params)["items"]] == ids


@pytest.mark.parametrize(
    "where", [{"filter": {"nope": 1}}, {"order": {"nope": "ASC"}}, {"filter": {">UF_X": 1}}]
)
def test_an_unknown_field_in_filter_or_order_is_an_error(rest: Client, where: dict[str, Any]) -> None:
    assert rest.error("crm.item.list", {"entityTypeId": 2} | where) == (400, "INVALID_ARG_VALUE")


def test_lists_come_in_pages_of_fifty(portal: SandboxPortal, rest: Client) -> None:
    for number in range(60):
        portal.add_deal(MANAGER, {"title": str(number)})
    params: dict[str, Any] = {"entityTypeId": 2, "select": ["id"], "order": {"id": "DESC"}}
    first = rest.post("crm.item.list", params).json()
    assert (len(first["result"]["items"]), first["total"], first["next"]) == (50, 64, 50)
    last = rest.post("crm.item.list", params | {"start": 50}).json()
    assert (len(last["result"]["items"]), last["total"]) == (14, 64)
    assert "next" not in last
    uncounted = rest.post("crm.item.list", params | {"start": -1}).json()
    assert len(uncounted["result"]["items"]) == 50
    assert not {"total", "next"} & set(uncounted)


def test_an_update_stamps_what_changed_and_skips_what_did_not(portal: SandboxPortal, manager: Client) -> None:
    before = portal.deal(1)
    same = {"entityTypeId": 2, "id": 1, "fields": {"title": "Сделка 1", "noSuchField": 5}}
    manager.call("crm.item.update", same)
    assert portal.deal(1) == before
    manager.call("crm.item.update", {"entityTypeId": 2, "id": 1, "fields": {"stageId": "WON"}})
    after = portal.deal(1)
    assert (after["movedBy"], after["stageSemanticId"], after["closed"]) == (MANAGER, "S", True)
    assert after["movedTime"] > before["movedTime"]
    assert [row["TYPE_ID"] for row in portal.history(1)] == [1, 3]


def test_stages_carry_the_prefix_of_their_funnel(portal: SandboxPortal, rest: Client) -> None:
    category = rest.call("crm.category.add", {"entityTypeId": 2, "fields": {"name": "Вторая"}})["category"][
        "id"
    ]
    fields = {"ENTITY_ID": f"DEAL_STAGE_{category}", "STATUS_ID": "UC_CHECK", "NAME": "Проверка", "SORT": 15}
    rest.call("crm.status.add", {"fields": fields})
    rows = rest.call("crm.status.list", {"filter": {"ENTITY_ID": f"DEAL_STAGE_{category}"}})
    stage = f"C{category}:UC_CHECK"
    assert [row["STATUS_ID"] for row in rows][1] == stage
    assert set(sample("crm-status-list-response.json")["result"][0]) == set(rows[0])
    assert rest.error("crm.status.add", {"fields": fields | {"SORT": 1}}) == (400, "")
    assert rest.error("crm.status.add", {"fields": fields | {"STATUS_ID": "LATE", "SORT": 990}}) == (400, "")
    wrong = {"entityTypeId": 2, "id": 1, "fields": {"stageId": stage}}
    assert rest.error("crm.item.update", wrong) == (400, "CRM_FIELD_ERROR_VALUE_NOT_VALID")
    portal.move_deal(1, stage, MANAGER, category=category)
    rows = rest.call("crm.stagehistory.list", {"entityTypeId": 2, "filter": {"OWNER_ID": 1}})["items"]
    assert [(row["TYPE_ID"], row["STAGE_ID"]) for row in rows] == [(1, "NEW"), (5, stage)]


def test_only_an_administrator_changes_the_setup(manager: Client) -> None:
    fields = {"FIELD_NAME": "CC_X", "USER_TYPE_ID": "string"}
    assert manager.error("crm.deal.userfield.add", {"fields": fields}) == (403, "ACCESS_DENIED")
    assert manager.error("app.option.set", {"options": {"a": 1}}) == (403, "ACCESS_DENIED")
    assert manager.error("bizproc.robot.list") == (403, "ACCESS_DENIED")


def test_requisites_are_found_by_company_and_by_tax_number(portal: SandboxPortal, rest: Client) -> None:
    twins = list(portal.cards["twin"])
    params = {"filter": {"ENTITY_TYPE_ID": 4, "@ENTITY_ID": twins}, "select": ["ENTITY_ID", "RQ_INN"]}
    rows = rest.call("crm.requisite.list", params)
    assert rows == [{"ENTITY_ID": str(number), "RQ_INN": "0701000022"} for number in twins]
    found = rest.call("crm.requisite.list", {"filter": {"RQ_INN": "7701000011", "ENTITY_TYPE_ID": 4}})
    assert [row["ENTITY_ID"] for row in found] == [str(portal.company_ids["alpha"])]
    portal.link_requisite(1, 2)
    link = rest.call("crm.requisite.link.get", {"entityTypeId": 2, "entityId": 1})
    assert link["REQUISITE_ID"] == "2"


def test_the_legacy_methods_answer_in_strings(rest: Client) -> None:
    deal = rest.call("crm.deal.get", {"id": 1})
    assert (deal["ID"], deal["OPPORTUNITY"], deal["STAGE_ID"]) == ("1", "1000.50", "NEW")
    rows = rest.call("crm.company.list", {"filter": {"TITLE": "ООО alpha"}, "select": ["ID", "TITLE"]})
    assert rows == [{"ID": "1", "TITLE": "ООО alpha"}]
    assert rest.error("crm.company.get", {"ID": 99}) == (400, "")


def test_a_comment_is_read_only_from_lower_case_fields(portal: SandboxPortal, rest: Client) -> None:
    fields = {"ENTITY_ID": 1, "ENTITY_TYPE": "deal", "COMMENT": "[cc:1]"}
    assert rest.error("crm.timeline.comment.add", {"FIELDS": fields}) == (400, "100")
    number = rest.call("crm.timeline.comment.add", {"fields": fields})
    rows = rest.call("crm.timeline.comment.list", {"filter": {"ENTITY_ID": 1, "ENTITY_TYPE": "deal"}})
    assert [(row["ID"], row["COMMENT"]) for row in rows] == [(str(number), "[cc:1]")]
    assert len(portal.comments(1)) == 1
