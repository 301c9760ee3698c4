"""Installation, events and robots (bitrix24 1, 4, 7; bizproc 4)."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from b24app.sandbox.portal import SandboxPortal
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import AppStub
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import looks_documented
from tests.sandbox.portal.conftest import sample

CHECK, ALLOWED = "PREPARATION", "EXECUTING"


def test_the_install_page_is_posted_as_documented(portal: SandboxPortal, app: AppStub) -> None:
    assert portal.install_app(app.url, ADMIN).status == 200
    path, query, body = app.posts[0]
    documented = sample("install-page-post.json")
    assert path == "/install"
    assert (set(query), set(body)) == (set(documented["query"]), set(documented["body"]))
    assert query["DOMAIN"] == portal.url.removeprefix("http://")
    assert body["APPLICATION_TOKEN"] == portal.application_token


def test_nothing_is_sent_before_the_installation_is_finished(
    portal: SandboxPortal, app: AppStub, rest: Client
) -> None:
    portal.install_app(app.url, ADMIN)
    rest.call("event.bind", {"event": "OnCrmDealUpdate", "handler": f"{app.url}/events"})
    assert rest.call("app.info")["INSTALLED"] is False
    portal.edit_deal(1, MANAGER, {"title": "a"})
    with pytest.raises(LookupError):
        portal.placement_post("CRM_DEAL_DETAIL_TAB", MANAGER, {"ID": "1"})
    portal.finish_install()
    portal.edit_deal(1, MANAGER, {"title": "b"})
    assert portal.settle()
    assert rest.call("app.info")["INSTALLED"] is True
    assert len(app.events()) == 1


def test_an_event_carries_only_the_id_and_a_token_without_refresh(
    installed: SandboxPortal, app: AppStub
) -> None:
    installed.edit_deal(1, MANAGER, {"title": "new"})
    assert installed.settle()
    (event,) = app.events()
    documented = sample("event-oncrmdealadd-app.json")
    assert set(event) == set(documented)
    assert set(documented["auth"]) <= set(event["auth"])
    assert "refresh_token" not in event["auth"]
    assert event["data"] == {"FIELDS": {"ID": "1"}}
    assert event["auth"]["user_id"] == str(ADMIN)


def test_the_apps_own_write_raises_an_event_and_one_hit_merges_equal_ones(
    installed: SandboxPortal, app: AppStub, rest: Client
) -> None:
    update = "crm.item.update?entityTypeId=2&id=1&fields[title]="
    rest.batch({"a": f"{update}x", "b": f"{update}y"})
    assert installed.settle()
    assert len(app.events("ONCRMDEALUPDATE")) == 1


def test_a_change_by_a_robot_carries_no_tokens(installed: SandboxPortal, app: AppStub) -> None:
    installed.place_move_robot(CHECK, ALLOWED)
    installed.move_deal(1, CHECK, MANAGER)
    assert installed.settle()
    assert sorted("access_token" in event["auth"] for event in app.events()) == [False, True]
    assert installed.deal(1)["stageId"] == ALLOWED


@pytest.mark.parametrize(
    ("switch", "value", "count"),
    [("drop", {"ONCRMDEALUPDATE"}, 0), ("copies", 2, 2), ("shuffle", True, 1), ("delay", 0.01, 1)],
)
def test_events_can_be_lost_doubled_and_disordered(
    installed: SandboxPortal, app: AppStub, switch: str, value: Any, count: int
) -> None:
    setattr(installed.core.switches, switch, value)
    installed.edit_deal(1, MANAGER, {"title": "new"})
    assert installed.settle()
    assert len(app.events()) == count


def test_the_robot_call_looks_as_documented(installed: SandboxPortal, app: AppStub) -> None:
    installed.place_robot(CHECK, "cc_check_wait", {"note": "привет"}, timeout=60)
    installed.move_deal(1, CHECK, MANAGER)
    assert installed.settle()
    (call,) = app.robots()
    looks_documented(call)
    assert (call["use_subscription"], call["timeout_duration"]) == ("Y", "60")
    assert call["properties"] == {"note": "привет"}
    assert re.fullmatch(r"[0-9a-f]+\.\d{8}\|A1\|[A-Za-z0-9]{32}\.[0-9a-f]{64}", call["event_token"])


def _waiting(portal: SandboxPortal, timeout: int = 0) -> str:
    portal.place_robot(CHECK, "cc_check_wait", timeout=timeout)
    portal.place_move_robot(CHECK, ALLOWED, when=("cc_check_wait", "verdict", "allow"))
    portal.place_move_robot(CHECK, "LOSE", when=("cc_check_wait", "IsTimeout", "1"))
    portal.move_deal(1, CHECK, MANAGER)
    return portal.robot_calls[-1].event_token


def _answer(token: str, verdict: str = "allow") -> dict[str, Any]:
    return {"EVENT_TOKEN": token, "RETURN_VALUES": {"VERDICT": verdict, "other": "x"}, "LOG_MESSAGE": "done"}


def test_an_answered_step_lets_the_administrators_robots_move_the_deal(
    installed: SandboxPortal, rest: Client
) -> None:
    token = _waiting(installed)
    assert installed.deal(1)["stageId"] == CHECK
    assert rest.call("bizproc.event.send", _answer(token)) is True
    assert installed.settle()
    assert installed.deal(1)["stageId"] == ALLOWED
    assert installed.deal(1)["movedBy"] == 0
    workflow = installed.core.automation.workflows[token.partition("|")[0]]
    assert workflow.results["cc_check_wait"] == {"verdict": "allow", "IsTimeout": "0"}


def test_an_answer_takes_effect_only_after_its_request(installed: SandboxPortal, rest: Client) -> None:
    token = _waiting(installed)
    body = f"bizproc.event.send?EVENT_TOKEN={token.replace('|', '%7C')}&RETURN_VALUES[verdict]=allow"
    answer = rest.batch({"send": body, "look": "crm.item.get?entityTypeId=2&id=1"})
    assert answer["result"]["send"] is True
    assert answer["result"]["look"]["item"]["stageId"] == CHECK
    assert installed.settle()
    assert installed.deal(1)["stageId"] == ALLOWED


def test_a_move_in_the_request_of_the_answer_kills_the_waiting_step(
    installed: SandboxPortal, rest: Client
) -> None:
    token = _waiting(installed)
    body = f"bizproc.event.send?EVENT_TOKEN={token.replace('|', '%7C')}&RETURN_VALUES[verdict]=allow"
    move = "crm.item.update?entityTypeId=2&id=1&fields[stageId]=FINAL_INVOICE"
    assert rest.batch({"send": body, "move": move})["result"]["send"] is True
    assert installed.settle()
    assert installed.deal(1)["stageId"] == "FINAL_INVOICE"


def test_a_dead_token_is_answered_with_true_and_a_forged_one_is_refused(
    installed: SandboxPortal, rest: Client
) -> None:
    token = _waiting(installed)
    installed.move_deal(1, "NEW", MANAGER)
    assert rest.call("bizproc.event.send", _answer(token)) is True
    assert installed.settle()
    assert installed.deal(1)["stageId"] == "NEW"
    forged = token[:-1] + ("0" if token[-1] != "0" else "1")
    assert rest.error("bizproc.event.send", _answer(forged)) == (403, "ACCESS_DENIED")


def test_a_step_that_nobody_answers_goes_on_at_its_timeout(installed: SandboxPortal, rest: Client) -> None:
    _waiting(installed, timeout=600)
    installed.clock.advance(timedelta(seconds=599))
    rest.call("server.time")
    assert installed.deal(1)["stageId"] == CHECK
    installed.clock.advance(timedelta(seconds=2))
    rest.call("server.time")
    assert installed.settle()
    assert installed.deal(1)["stageId"] == "LOSE"


@pytest.mark.usefixtures("installed")
def test_robots_are_registered_by_the_documented_rules(rest: Client) -> None:
    assert rest.call("bizproc.robot.list") == ["cc_check", "cc_check_wait"]
    good = {"CODE": "x", "HANDLER": "http://127.0.0.1/x", "NAME": "x"}
    table: list[tuple[dict[str, Any], str]] = [
        ({"CODE": ""}, "ERROR_ACTIVITY_VALIDATION_FAILURE"),
        ({"CODE": "a b"}, "ERROR_ACTIVITY_VALIDATION_FAILURE"),
        ({"NAME": ""}, "ERROR_ACTIVITY_VALIDATION_FAILURE"),
        ({"PROPERTIES": {"1a": {"Name": "x"}}}, "ERROR_ACTIVITY_VALIDATION_FAILURE"),
        ({"HANDLER": "ftp://a.b"}, "ERROR_UNSUPPORTED_PROTOCOL"),
        ({"HANDLER": "http://localhost/"}, "ERROR_WRONG_HANDLER_URL"),
        ({"CODE": "cc_check"}, "ERROR_ACTIVITY_ALREADY_INSTALLED"),
    ]
    for wrong, code in table:
        assert rest.error("bizproc.robot.add", good | wrong) == (400, code)
    assert rest.error("bizproc.robot.delete", {"CODE": "nope"}) == (400, "ERROR_ACTIVITY_NOT_FOUND")
    assert rest.call("bizproc.robot.delete", {"CODE": "cc_check"}) is True
    assert rest.call("bizproc.activity.add", good) is True
    assert rest.error("bizproc.robot.add", good) == (400, "ERROR_ACTIVITY_ALREADY_INSTALLED")
    assert rest.call("bizproc.robot.list") == ["cc_check_wait"]
    assert rest.call("bizproc.activity.list") == ["x"]


@pytest.mark.usefixtures("installed")
def test_subscriptions_are_listed_and_taken_back(app: AppStub, rest: Client) -> None:
    assert len(rest.call("event.get")) == 4
    bound = {"event": "ONCRMDEALADD", "handler": f"{app.url}/events"}
    assert rest.error("event.bind", bound)[0] == 400
    assert rest.call("event.unbind", bound) == {"count": 1}
    missing = rest.post("event.bind", bound | {"event": "ONNOTHING"})
    assert missing.json() == sample("event-bind-error-not-found.json")


def test_a_placement_is_opened_with_its_options_as_a_json_string(
    installed: SandboxPortal, app: AppStub, rest: Client
) -> None:
    place = {"PLACEMENT": "CRM_DEAL_DETAIL_TAB", "HANDLER": f"{app.url}/placements/deal"}
    assert rest.call("placement.bind", place) is True
    assert rest.error("placement.bind", place)[1] == "ERROR_CORE"
    assert rest.error("placement.bind", place | {"PLACEMENT": "NOWHERE"}) == (200, "ERROR_ARGUMENT")
    assert installed.open_placement("CRM_DEAL_DETAIL_TAB", MANAGER, {"ID": "1"}).text == "fine"
    _, query, body = app.posts[-1]
    documented = sample("placement-crm-deal-detail-tab-post.json")
    assert (set(query), set(body)) == (set(documented["query"]), set(documented["body"]))
    assert body["PLACEMENT_OPTIONS"] == '{"ID": "1"}'
    rest.token = body["AUTH_ID"]
    assert rest.call("profile")["ID"] == str(MANAGER)


def test_uninstalling_sends_no_tokens_and_closes_the_api(
    installed: SandboxPortal, app: AppStub, rest: Client
) -> None:
    installed.uninstall_app()
    assert installed.settle()
    (event,) = app.events("ONAPPUNINSTALL")
    assert set(event["auth"]) == set(sample("event-onappuninstall.json")["auth"])
    assert event["data"] == {"LANGUAGE_ID": "ru", "CLEAN": "1"}
    assert rest.error("profile") == (401, "APPLICATION_NOT_FOUND")
