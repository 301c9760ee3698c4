"""The call format: look-up before authorization, tokens, limits, batch (bitrix24 2, 3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests

from b24app.sandbox.portal import Fault
from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.core import METHODS
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import sample
from tests.sandbox.portal.conftest import world


def test_an_unknown_method_is_refused_before_the_token_is_looked_at(rest: Client) -> None:
    rest.token = "nonsense"
    assert rest.error("crm.no.such") == (404, "ERROR_METHOD_NOT_FOUND")
    assert rest.error("profile") == (401, "NO_AUTH_FOUND")


@pytest.mark.parametrize("way", ["json", "form", "query", "bearer", "access_token", "suffix"])
def test_the_token_is_taken_from_every_documented_place(
    portal: SandboxPortal, rest: Client, way: str
) -> None:
    url, token = f"{portal.url}/rest/profile", rest.token
    ways: dict[str, dict[str, Any]] = {
        "json": {"json": {"auth": token}},
        "form": {"data": {"auth": token}},
        "query": {"params": {"auth": token}},
        "bearer": {"headers": {"Authorization": f"Bearer {token}"}, "json": {}},
        "access_token": {"json": {"access_token": token}},
        "suffix": {"json": {"auth": token}},
    }
    answer = rest.session.post(url + (".json" if way == "suffix" else ""), timeout=5, **ways[way])
    assert answer.json()["result"]["ID"] == str(ADMIN)


def test_an_access_token_dies_after_an_hour_and_a_refresh_gives_a_new_pair(
    portal: SandboxPortal, rest: Client
) -> None:
    access, refresh = portal.tokens_for(MANAGER)
    portal.clock.advance(timedelta(seconds=3601))
    rest.token = access
    assert rest.error("profile") == (401, "expired_token")
    answer = _refresh(portal, rest.session, refresh)
    assert set(answer.json()) == set(sample("oauth-refresh-response.json"))
    assert answer.json()["domain"] == portal.core.auth_host != portal.core.host
    assert answer.json()["client_endpoint"] == f"{portal.url}/rest/"
    rest.token = answer.json()["access_token"]
    assert rest.call("profile")["ID"] == str(MANAGER)


def _refresh(
    portal: SandboxPortal, session: requests.Session, refresh: str, **other: str
) -> requests.Response:
    params = {
        "grant_type": "refresh_token",
        "client_id": portal.client_id,
        "client_secret": portal.client_secret,
        "refresh_token": refresh,
    }
    return session.get(portal.oauth_url, params=params | other, timeout=5)


def test_a_used_refresh_token_is_refused_unless_tolerated(portal: SandboxPortal, rest: Client) -> None:
    refresh = portal.tokens_for(ADMIN)[1]
    assert _refresh(portal, rest.session, refresh).status_code == 200
    again = _refresh(portal, rest.session, refresh)
    assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    portal.core.tokens.tolerate_used = True
    assert _refresh(portal, rest.session, refresh).status_code == 200


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"client_secret": "x"}, 400, "invalid_client"),
        ({"client_id": "x"}, 200, "wrong_client"),
        ({"refresh_token": "x"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "invalid_request"),
    ],
    ids=["secret", "client", "token", "grant"],
)
def test_the_authorization_server_refuses_in_its_own_way(
    portal: SandboxPortal, rest: Client, wrong: dict[str, str], status: int, code: str
) -> None:
    answer = _refresh(portal, rest.session, portal.tokens_for(ADMIN)[1], **wrong)
    assert (answer.status_code, answer.json()["error"]) == (status, code)


def test_the_authorization_server_confirms_whose_token_it_is(portal: SandboxPortal, rest: Client) -> None:
    url = f"{portal.core.server_endpoint}app.info"
    result = rest.session.get(url, params={"auth": rest.token}, timeout=5).json()["result"]
    assert (result["client_id"], result["user_id"]) == (portal.client_id, ADMIN)
    assert result["install"]["member_id"] == portal.member_id
    assert result["install"]["domain"] == portal.core.host


def test_a_dismissed_user_and_a_missing_scope_are_told_apart(portal: SandboxPortal, manager: Client) -> None:
    portal.core.app.scope = ("crm",)
    assert manager.error("im.notify.system.add", {"USER_ID": 1, "MESSAGE": "x"}) == (
        403,
        "insufficient_scope",
    )
    portal.dismiss(MANAGER)
    assert manager.error("profile") == (401, "authorization_error")


def test_the_bucket_overflows_and_drains() -> None:
    with SandboxPortal(world(), rate=2, burst=3) as portal, requests.Session() as session:
        rest = Client(portal, session, portal.tokens_for(ADMIN)[0])
        codes = [rest.post("profile").status_code for _ in range(4)]
        assert codes == [200, 200, 200, 503]
        assert rest.error("profile") == (503, "QUERY_LIMIT_EXCEEDED")
        portal.clock.advance(timedelta(seconds=1))
        assert rest.post("profile").status_code == 200
        assert [entry.status for entry in portal.requests] == [200, 200, 200, 503, 503, 200]


def test_a_method_that_worked_too_long_is_closed_until_its_buckets_leave(
    portal: SandboxPortal, rest: Client
) -> None:
    portal.core.timing.latency = {"profile": 50.0}
    portal.core.timing.charge_only = True
    times = [rest.post("profile").json()["time"] for _ in range(10)]
    assert times[-1]["operating"] >= 500
    assert times[-1]["duration"] >= 50
    assert rest.error("profile") == (429, "OPERATION_TIME_LIMIT")
    assert rest.post("user.current").status_code == 200
    wait = times[-1]["operating_reset_at"] - portal.now().timestamp()
    assert 0 < wait <= 600
    portal.clock.advance(timedelta(seconds=661))
    rest.token = portal.tokens_for(ADMIN)[0]
    assert rest.post("profile").status_code == 200


def test_a_request_longer_than_the_limit_is_cut_between_its_commands(
    portal: SandboxPortal, rest: Client
) -> None:
    portal.core.timing.latency = {"crm.item.update": 25.0}
    portal.core.timing.charge_only = True
    commands = {f"c{n}": f"crm.item.update?entityTypeId=2&id={n}&fields[title]=new" for n in (1, 2, 3)}
    with pytest.raises(requests.ConnectionError):
        rest.batch(commands)
    assert [portal.deal(n)["title"] for n in (1, 2, 3)] == ["new", "new", "Сделка 3"]
    assert portal.requests[-1].status == 0


def test_batch_answers_in_the_documented_shape(rest: Client) -> None:
    commands = {
        "get_user": "user.current",
        "get_department": "department.get?ID=$result[get_user][UF_DEPARTMENT][0]",
    }
    answer = rest.post("batch", {"cmd": commands}).json()
    documented = sample("batch-response-ok.json")
    assert set(answer["result"]) == set(documented["result"])
    assert answer["result"]["result_error"] == answer["result"]["result_next"] == []
    assert answer["result"]["result_total"] == {"get_department": 1}
    assert answer["result"]["result"]["get_department"][0]["ID"] == "1"
    assert "operating" not in answer["time"]
    assert set(documented["result"]["result_time"]["get_user"]) <= set(
        answer["result"]["result_time"]["get_user"]
    )


@pytest.mark.parametrize(
    ("halt", "errors", "done"), [(0, {"a"}, {"b"}), (1, {"a"}, set())], ids=["go-on", "halt"]
)
def test_batch_halts_only_when_told(rest: Client, halt: int, errors: set[str], done: set[str]) -> None:
    answer = rest.batch({"a": "crm.item.get?entityTypeId=2&id=999", "b": "profile"}, halt)
    assert set(answer["result_error"]) == errors
    assert set(answer["result"]) == done
    assert answer["result_error"]["a"] == sample("crm-item-error-not-found.json")


def test_batch_refuses_the_fifty_first_command_and_a_batch_inside(rest: Client) -> None:
    answer = rest.batch([*["server.time"] * 50, "server.time"])
    assert len(answer["result"]) == 50
    assert answer["result_error"]["50"]["error"] == "ERROR_BATCH_LENGTH_EXCEEDED"
    inner = rest.batch({"x": "batch?cmd[a]=profile"})
    assert inner["result_error"]["x"]["error"] == "ERROR_BATCH_METHOD_NOT_ALLOWED"


def test_an_unresolved_reference_becomes_the_deepest_value_that_resolved(rest: Client) -> None:
    deals = "crm.item.list?entityTypeId=2&filter[id]=3&select[]=id&select[]=companyId&select[]=comments"
    company = "crm.item.list?entityTypeId=4&select[]=id&filter[id]=$result[deals][items][0]"
    answer = rest.batch({"deals": deals, "absent": f"{company}[comments]", "zero": f"{company}[companyId]"})
    assert answer["result"]["deals"]["items"] == [{"id": 3, "companyId": 0, "comments": None}]
    assert answer["result"]["zero"]["items"] == []
    assert answer["result"]["absent"]["items"] == [{"id": 3}]  # a card that has nothing to do with the deal


def test_a_conditional_move_fails_when_the_condition_found_nothing(
    portal: SandboxPortal, rest: Client
) -> None:
    def commands(stage: str) -> dict[str, str]:
        return {
            "chk": f"crm.item.list?entityTypeId=2&filter[id]=1&filter[stageId]={stage}&select[]=id",
            "mv": "crm.item.update?entityTypeId=2&id=$result[chk][items][0][id]&fields[stageId]=PREPARATION",
        }

    refused = rest.batch(commands("WON"))
    assert refused["result_error"]["mv"]["error"] == "100"
    assert portal.deal(1)["stageId"] == "NEW"
    assert rest.batch(commands("NEW"))["result_error"] == []
    assert portal.deal(1)["stageId"] == "PREPARATION"


@pytest.mark.parametrize(
    ("fault", "status", "written"),
    [
        (Fault.ERROR_500, 500, False),
        (Fault.ERROR_503, 503, False),
        (Fault.HTML, 200, False),
        (Fault.DROP_BEFORE, 0, False),
        (Fault.DROP_AFTER, 0, True),
        (Fault.SLOW, 200, True),
        (Fault.FINISH_LATER, 0, True),
    ],
    ids=lambda value: value.name if isinstance(value, Fault) else None,
)
def test_planned_faults_write_or_not_as_they_say(
    portal: SandboxPortal, rest: Client, fault: Fault, status: int, written: object
) -> None:
    portal.faults.plan(fault, seconds=0.05, when=lambda _n, methods: "crm.item.update" in methods)
    rest.call("profile")
    params = {"entityTypeId": 2, "id": 1, "fields": {"title": "new"}}
    if status == 0:
        with pytest.raises(requests.ConnectionError):
            rest.post("crm.item.update", params)
    else:
        answer = rest.post("crm.item.update", params)
        assert answer.status_code == status
        assert answer.headers["Content-Type"].startswith(
            "text/html" if fault is Fault.HTML else "application/json"
        )
    assert portal.settle(2)
    assert (portal.deal(1)["title"] == "new") is written
    assert portal.requests[-1].status == status
    assert rest.post("crm.item.update", params).status_code == 200


def test_hooks_see_every_request_by_number_and_nothing_remembers_tokens(
    portal: SandboxPortal, rest: Client
) -> None:
    seen: list[tuple[str, int, str]] = []
    portal.before_answer(lambda n, method: seen.append(("before", n, method)))
    portal.after_answer(lambda n, method: seen.append(("after", n, method)))
    rest.batch({"a": "profile", "b": "scope"})
    rest.call("profile")
    assert portal.settle(2)
    assert seen == [
        ("before", 1, "batch"),
        ("after", 1, "batch"),
        ("before", 2, "profile"),
        ("after", 2, "profile"),
    ]
    assert portal.requests[0].commands == ("profile", "scope")
    assert portal.count() == 2
    assert rest.token not in repr(portal.requests)


_ODD: tuple[Any, ...] = (
    None,
    "",
    "x",
    0,
    1,
    True,
    [],
    [1],
    [[1]],
    {"a": {"b": 1}},
    {"ID": [{}]},
    {"NAME": "x"},
)
_NAMES = [
    "id",
    "ID",
    "entityTypeId",
    "entityId",
    "taskId",
    "fields",
    "FIELDS",
    "filter",
    "FILTER",
    "order",
    "select",
    "start",
    "SORT",
    "ORDER",
    "CODE",
    "HANDLER",
    "NAME",
    "PROPERTIES",
    "USE_SUBSCRIPTION",
    "useOriginalUfNames",
    "EVENT_TOKEN",
    "RETURN_VALUES",
    "LOG_MESSAGE",
    "USER_ID",
    "MESSAGE",
    "TAG",
    "ATTACH",
    "event",
    "handler",
    "auth_type",
    "PLACEMENT",
    "OPTIONS",
    "options",
    "option",
    "name",
    "halt",
    "cmd",
]


def test_no_parameter_however_odd_breaks_the_portal(portal: SandboxPortal, rest: Client) -> None:
    for method in sorted(METHODS):
        for value in _ODD:
            fields = {"SORT": value, "TITLE": value, "SEMANTICS": value, "LIST": value, "NAME": "x"}
            params = dict.fromkeys(_NAMES, value)
            for known in ({}, {"id": 1, "ID": 1, "taskId": 1, "fields": fields, "entityTypeId": 2}):
                answer = rest.post(method, params | known)
                assert answer.status_code in {200, 400, 403}, method
                assert {"result", "error"} & set(answer.json()), method
    assert all(entry.status for entry in portal.requests)
