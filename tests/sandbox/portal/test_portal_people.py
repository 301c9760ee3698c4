"""Users, departments, tasks, notifications, and the server under them (bitrix24 8, 9)."""

from __future__ import annotations

from typing import Any

import pytest

from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal import php
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import HEAD
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import sample


def test_the_head_of_a_manager_is_found_through_the_department(rest: Client) -> None:
    (user,) = rest.call("user.get", {"FILTER": {"ID": MANAGER, "ACTIVE": True}})
    assert set(user) <= set(sample("user-get-response.json")["result"][0]) | {"TIME_ZONE"}
    (department,) = rest.call("department.get", {"ID": user["UF_DEPARTMENT"][0]})
    assert department["UF_HEAD"] == str(HEAD)
    assert "UF_HEAD" not in rest.call("department.get", {"ID": 1})[0]


def test_a_task_is_found_again_by_its_deal_and_can_be_completed(portal: SandboxPortal, rest: Client) -> None:
    fields = {"TITLE": "Оплата", "RESPONSIBLE_ID": MANAGER, "UF_CRM_TASK": ["D_1"], "PRIORITY": 2}
    task = rest.call("tasks.task.add", {"fields": fields})["task"]
    documented = sample("tasks-task-add-response.json")["result"]["task"]
    assert {"id", "title", "responsibleId", "createdBy", "status", "creator"} <= set(task) & set(documented)
    params: dict[str, Any] = {"filter": {"UF_CRM_TASK": "D_1"}, "select": ["ID", "TITLE", "UF_CRM_TASK"]}
    (found,) = rest.call("tasks.task.list", params)["tasks"]
    assert (found["id"], found["ufCrmTask"]) == (task["id"], ["D_1"])
    assert rest.call("tasks.task.list", {"filter": {"UF_CRM_TASK": "D_2"}})["tasks"] == []
    done = rest.call("tasks.task.complete", {"taskId": task["id"]})["task"]
    assert done["status"] == "5"
    assert rest.error("tasks.task.complete", {"taskId": task["id"]}) == (400, 0)
    assert portal.tasks()[0]["STATUS"] == 5


def test_a_task_without_a_title_is_refused_as_documented(rest: Client) -> None:
    answer = rest.post("tasks.task.add", {"fields": {"RESPONSIBLE_ID": MANAGER}})
    assert answer.json() == sample("tasks-task-add-error.json")


def test_task_filters_know_only_the_documented_prefixes(rest: Client) -> None:
    assert rest.error("tasks.task.list", {"filter": {"%TITLE": "x"}}) == (400, "ERROR_CORE")


def test_one_notification_per_tag_stays_visible_even_for_another_user(
    portal: SandboxPortal, rest: Client
) -> None:
    for user, text in ((MANAGER, "one"), (MANAGER, "two"), (HEAD, "three")):
        assert rest.call("im.notify.system.add", {"USER_ID": user, "MESSAGE": text, "TAG": "cc"}) > 0
    assert [row["message"] for row in portal.notifications()] == ["three"]
    assert portal.notifications(MANAGER) == []


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"MESSAGE": "x"}, "USER_ID_EMPTY"),
        ({"USER_ID": 1}, "MESSAGE_EMPTY"),
        ({"USER_ID": 1, "MESSAGE": "x", "ATTACH": ["y" * 60_001]}, "ATTACH_OVERSIZE"),
    ],
)
def test_notifications_are_checked(rest: Client, params: dict[str, Any], code: str) -> None:
    assert rest.error("im.notify.personal.add", params) == (400, code)


def test_a_notification_to_nobody_is_false(rest: Client) -> None:
    assert rest.call("im.notify.system.add", {"USER_ID": 999, "MESSAGE": "x"}) is False


def test_options_and_rights_of_the_token_are_told(rest: Client, manager: Client) -> None:
    assert rest.call("app.option.get") == []
    rest.call("app.option.set", {"options": {"stage": "NEW"}})
    assert manager.call("app.option.get", {"option": "stage"}) == "NEW"
    assert (rest.call("user.admin"), manager.call("user.admin")) == (True, False)
    assert rest.call("method.get", {"name": "crm.item.get"}) == {"isExisting": True, "isAvailable": True}
    assert rest.call("method.get", {"name": "no.such"}) == {"isExisting": False, "isAvailable": False}
    assert set(rest.call("app.info")) == set(sample("app-info-response.json")["result"])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a=1&b[]=2&b[]=3", {"a": "1", "b": ["2", "3"]}),
        ("filter[%3EID]=5&x=a%26b", {"filter": {">ID": "5"}, "x": "a&b"}),
        ("a[b][c]=1&a[b][d]=", {"a": {"b": {"c": "1", "d": ""}}}),
        ("a[1]=x&a[5]=y", {"a": {"1": "x", "5": "y"}}),
        ("filter%5Bid%5D=7", {"filter": {"id": "7"}}),
    ],
)
def test_query_strings_are_read_as_php_reads_them(text: str, value: dict[str, Any]) -> None:
    assert php.decode(text) == value


def test_forms_are_written_as_php_writes_them() -> None:
    data = {"a": {"b": [1, True, False, None]}, "empty": [], "s": "я &"}
    assert (
        php.encode(data)
        == "a%5Bb%5D%5B0%5D=1&a%5Bb%5D%5B1%5D=1&a%5Bb%5D%5B2%5D=0&a%5Bb%5D%5B3%5D=&s=%D1%8F+%26"
    )


def test_merging_companies_moves_deals_and_requisites(portal: SandboxPortal) -> None:
    keep, drop = portal.cards["twin"]
    portal.edit_deal(3, ADMIN, {"companyId": drop})
    portal.merge_companies(keep, drop, ADMIN)
    assert portal.deal(3)["companyId"] == keep
    assert len(portal.requisites(keep)) == 2
    with pytest.raises(KeyError):
        portal.company(drop)
