"""Actions carried out in one batch, their outcomes, and the look afterwards."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
import requests
import responses

from b24app.domain.card import CardTerms
from b24app.ports.portal import Action
from b24app.ports.portal import AddComment
from b24app.ports.portal import AddTask
from b24app.ports.portal import AnswerRobot
from b24app.ports.portal import CloseTask
from b24app.ports.portal import Cost
from b24app.ports.portal import DealFields
from b24app.ports.portal import Guard
from b24app.ports.portal import MoveDeal
from b24app.ports.portal import Notify
from b24app.ports.portal import Outcome
from b24app.ports.portal import Result
from b24app.ports.portal import WriteCompany
from b24app.ports.portal import WriteDealFields
from tests.builders import rub
from tests.fakes_bitrix import MEMBER
from tests.fakes_bitrix import NOON
from tests.fakes_bitrix import Reply
from tests.fakes_bitrix import Script
from tests.fakes_bitrix import ScriptedPortal
from tests.fakes_bitrix import batch
from tests.fakes_bitrix import failure
from tests.fakes_bitrix import rig
from tests.unit.bitrix.test_rest import UNREACHED

FIELDS = DealFields("hold", "долг", rub(5), rub(5), None)
MOVE = MoveDeal(17, Guard("C5:CHECK", company_id=5, amount=rub("1000.50")), "C5:HOLD", FIELDS)
TASK = AddTask(17, "[cc-17-1]", "Получить оплату", "text", 6, NOON)
CLOSE = CloseTask(17, "[cc-17-1]", 44)
COMMENT = AddComment(17, "cc-17-1", "Стоп")
NOTE = Notify(3, "cc:1:3", "text")
ANSWER = AnswerRobot("wf|A1|x.y", "hold", proceed=False, reason="долг", excess=rub(5), to_pay=None)
WRITE = WriteDealFields(17, FIELDS)
COMPANY = WriteCompany(5, CardTerms(), None)


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mocked:
        yield mocked


def perform(
    mock: responses.RequestsMock, *replies: Script, actions: list[Action]
) -> tuple[list[Outcome], ScriptedPortal]:
    portal = ScriptedPortal(mock, *replies)
    return rig().portals.open(MEMBER).perform(actions), portal


def task(number: int, title: str, status: str = "2") -> dict[str, str]:
    return {"id": str(number), "title": title, "status": status}


def test_every_action_travels_in_one_request(mock: responses.RequestsMock) -> None:
    reply = batch(
        {
            "a0chk": {"items": [{"id": 17}]},
            "a0mv": {"item": {"id": 17, "stageId": "C5:HOLD"}},
            "a1": {"task": {"id": "3711"}},
            "a2": 12345,
            "a3": 678,
            "a4": True,
            "a5": {"item": {"id": 17}},
            "a6": {"item": {"id": 5}},
            "a7": {"task": {"id": "44"}},
        }
    )
    actions: list[Action] = [MOVE, TASK, NOTE, COMMENT, ANSWER, WRITE, COMPANY, CLOSE]
    outcomes, portal = perform(mock, reply, actions=actions)
    assert [outcome.result for outcome in outcomes] == [Result.DONE] * 8
    assert [outcome.ref for outcome in outcomes] == ["17", "3711", "12345", "678", None, "17", "5", "44"]
    assert len(portal.asked) == 1
    commands = portal.asked[0].commands
    check, update = commands["a0chk"][1], commands["a0mv"][1]
    assert (check["filter[id]"], check["filter[stageId]"], check["filter[companyId]"]) == (
        "17",
        "C5:CHECK",
        "5",
    )
    assert (check["filter[>=opportunity]"], check["filter[<opportunity]"]) == ("1000.495", "1000.505")
    assert check["filter[currencyId]"] == "RUB"
    assert update["id"] == "$result[a0chk][items][0][id]"
    assert (update["fields[stageId]"], update["fields[UF_CRM_CC_DECISION]"]) == ("C5:HOLD", "43")
    added = commands["a1"][1]
    assert added["fields[TITLE]"] == "Получить оплату [cc-17-1]"
    assert (added["fields[DEADLINE]"], added["fields[UF_CRM_TASK][0]"]) == (
        "2026-03-02T12:00:00+00:00",
        "D_17",
    )
    assert commands["a3"][1]["fields[COMMENT]"].endswith("cc-17-1")
    assert commands["a4"][1]["RETURN_VALUES[proceed]"] == "N"
    assert commands["a4"][1]["RETURN_VALUES[excess]"] == "5.00"


@pytest.mark.parametrize(
    ("results", "errors", "expected"),
    [
        pytest.param({"a0chk": {"items": []}}, {"a0mv": "100"}, Result.GUARD_FAILED, id="nothing matched"),
        pytest.param(
            {"a0chk": {"items": [{"id": 9}]}}, {"a0mv": "100"}, Result.GUARD_FAILED, id="another deal"
        ),
        pytest.param(
            {"a0chk": {"items": [{"id": 17}]}}, {"a0mv": "NOT_FOUND"}, Result.GONE, id="deleted between"
        ),
        pytest.param(
            {"a0chk": {"items": [{"id": 17}]}}, {"a0mv": ""}, Result.REFUSED, id="stage not allowed"
        ),
        pytest.param({"a0chk": {"items": [{"id": 17}]}}, {}, Result.UNCERTAIN, id="no word of the update"),
        pytest.param({}, {"a0chk": "ACCESS_DENIED", "a0mv": "100"}, Result.REFUSED, id="may not read"),
        pytest.param(
            {"a0chk": {"items": [{"id": 17}]}, "a0mv": {"item": {"id": 17, "stageId": "C5:CHECK"}}},
            {},
            Result.REFUSED,
            id="the portal left it where it was",
        ),
        pytest.param(
            {"a0chk": {"items": [{"id": 17}]}, "a0mv": {"item": {"id": 17, "stageId": "C5:WON"}}},
            {},
            Result.DONE,
            id="the portal's robots moved it on",
        ),
    ],
)
def test_a_move_is_what_the_portal_says_it_was(
    mock: responses.RequestsMock, results: dict[str, Any], errors: dict[str, str], expected: Result
) -> None:
    outcomes, _ = perform(mock, batch(results, errors), actions=[MOVE])
    assert outcomes[0].result is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("NOT_FOUND", Result.GONE),
        ("ACCESS_DENIED", Result.REFUSED),
        ("ERROR_CORE", Result.REFUSED),
        ("ERROR_METHOD_NOT_FOUND", Result.REFUSED),
        ("INTERNAL_SERVER_ERROR", Result.UNCERTAIN),
        ("QUERY_LIMIT_EXCEEDED", Result.RETRY),
        ("OPERATION_TIME_LIMIT", Result.RETRY),
    ],
)
@pytest.mark.parametrize(
    "action", [TASK, NOTE, COMMENT, ANSWER, WRITE, COMPANY], ids=lambda one: type(one).__name__
)
def test_one_failed_command_ends_only_its_own_action(
    mock: responses.RequestsMock, action: Action, code: str, expected: Result
) -> None:
    outcomes, _ = perform(mock, batch({"a0": 5}, {"a1": code}), actions=[NOTE, action])
    assert [outcome.result for outcome in outcomes] == [Result.DONE, expected]
    if code == "OPERATION_TIME_LIMIT":
        assert outcomes[1].after == NOON + timedelta(minutes=1)


@pytest.mark.parametrize("value", [False, None, 0])
def test_a_notification_that_was_not_created_is_refused(mock: responses.RequestsMock, value: object) -> None:
    outcomes, _ = perform(mock, batch({"a0": value}), actions=[NOTE])
    assert outcomes[0].result is Result.REFUSED


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        pytest.param(Reply(raises=requests.ReadTimeout()), Result.UNCERTAIN, id="silence"),
        pytest.param(Reply(502, "<html>"), Result.UNCERTAIN, id="502"),
        pytest.param(Reply(200, "<html>"), Result.UNCERTAIN, id="not the protocol"),
        pytest.param(Reply(raises=UNREACHED), Result.RETRY, id="never reached"),
        pytest.param(failure("QUERY_LIMIT_EXCEEDED", 503), Result.RETRY, id="too fast"),
        pytest.param(failure("invalid_token", 401), Result.RETRY, id="tokens lost"),
        pytest.param(failure("ACCESS_DENIED", 403), Result.RETRY, id="the plan has no REST"),
        pytest.param(failure("OVERLOAD_LIMIT", 503), Result.RETRY, id="blocked by the vendor"),
        pytest.param(batch(), Result.UNCERTAIN, id="a batch that mentions nothing"),
    ],
)
def test_trouble_with_the_whole_request_refuses_no_action(
    mock: responses.RequestsMock, reply: Reply, expected: Result
) -> None:
    outcomes, _ = perform(mock, reply, actions=[TASK, WRITE])
    assert [outcome.result for outcome in outcomes] == [expected] * 2


def test_a_task_without_a_known_id_is_found_by_its_mark_and_closed(mock: responses.RequestsMock) -> None:
    found = batch({"q0": {"tasks": [task(50, "Other [cc-17-12]"), task(44, "Оплата [cc-17-1]")]}})
    outcomes, portal = perform(
        mock, found, batch({"a0": {"task": {"id": "44"}}}), actions=[replace(CLOSE, task_id=None)]
    )
    assert outcomes == [Outcome(Result.DONE, ref="44")]
    assert portal.asked[1].commands["a0"] == ("tasks.task.complete", {"taskId": "44"})


@pytest.mark.parametrize(
    "tasks", [[], [task(44, "Оплата [cc-17-1]", "5")]], ids=["no such task", "already completed"]
)
def test_a_task_gone_or_done_needs_no_closing(mock: responses.RequestsMock, tasks: list[Any]) -> None:
    outcomes, portal = perform(mock, batch({"q0": {"tasks": tasks}}), actions=[replace(CLOSE, task_id=None)])
    assert outcomes[0].result is Result.DONE
    assert len(portal.asked) == 1


@pytest.mark.parametrize(
    ("tasks", "expected"),
    [
        pytest.param([task(44, "x [cc-17-1]", "5")], Result.DONE, id="completed by hand"),
        pytest.param([], Result.DONE, id="deleted"),
        pytest.param([task(44, "x [cc-17-1]")], Result.REFUSED, id="still open and not ours to close"),
    ],
)
def test_a_refused_closing_is_looked_at_again(
    mock: responses.RequestsMock, tasks: list[Any], expected: Result
) -> None:
    outcomes, _ = perform(mock, batch(errors={"a0": "0"}), batch({"q0": {"tasks": tasks}}), actions=[CLOSE])
    assert outcomes[0].result is expected


def test_a_search_that_fails_holds_only_the_closing_back(mock: responses.RequestsMock) -> None:
    actions: list[Action] = [replace(CLOSE, task_id=None), NOTE]
    outcomes, _ = perform(mock, failure("ACCESS_DENIED", 403), batch({"a1": 5}), actions=actions)
    assert [outcome.result for outcome in outcomes] == [Result.RETRY, Result.DONE]


def test_a_look_finds_what_was_done_in_one_request(mock: responses.RequestsMock) -> None:
    lost = replace(MOVE, deal_id=18)
    portal = ScriptedPortal(
        mock,
        batch(
            {
                "q0": {"tasks": [task(44, "Оплата [cc-17-1]")]},
                "q1": [{"ID": "9", "COMMENT": "Стоп\ncc-17-1"}],
                "q2": [{"ID": "8", "COMMENT": "somebody else's"}],
                "deals": {"items": [{"id": 17, "stageId": "C5:HOLD"}, {"id": 18, "stageId": "C5:CHECK"}]},
            }
        ),
    )
    other = replace(COMMENT, mark="cc-17-2")
    found = rig().portals.open(MEMBER).look([TASK, COMMENT, other, MOVE, lost, NOTE, WRITE, COMPANY, ANSWER])
    done = [outcome.ref if outcome else None for outcome in found]
    assert done == ["44", "9", None, "17", None, None, None, None, None]
    assert len(portal.asked) == 1


def test_a_look_reads_on_behind_a_full_page(mock: responses.RequestsMock) -> None:
    page = [task(number, "other") for number in range(200, 150, -1)]
    portal = ScriptedPortal(
        mock, batch({"q0": {"tasks": page}}), batch({"q0": {"tasks": [task(44, "[cc-17-1]")]}})
    )
    (found,) = rig().portals.open(MEMBER).look([TASK])
    assert found == Outcome(Result.DONE, ref="44")
    assert portal.asked[1].commands["q0"][1]["filter[<ID]"] == "151"


def test_a_move_costs_two_commands_and_what_they_have_taken_so_far(mock: responses.RequestsMock) -> None:
    times = {"a0chk": {"duration": 0.25}, "a0mv": {"duration": 3.5}}
    ScriptedPortal(mock, batch({"a0chk": {"items": []}}, {"a0mv": "100"}, result_time=times))
    portal = rig().portals.open(MEMBER)
    assert portal.cost(MOVE).commands == 2
    portal.perform([MOVE])
    assert portal.cost(MOVE) == Cost(2, 3.75)
    assert portal.cost(NOTE).commands == 1
