"""Processes and the tasks they give people (bizproc 2, 5; bitrix24 5.2, 5.3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.workflow.tasks import UserStatus
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import HEAD
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import sample
from tests.sandbox.portal.drawing import added
from tests.sandbox.portal.drawing import approve
from tests.sandbox.portal.drawing import branch
from tests.sandbox.portal.drawing import template
from tests.sandbox.portal.drawing import titled

ADD, START = "bizproc.workflow.template.add", "bizproc.workflow.start"
TASKS, COMPLETE = "bizproc.task.list", "bizproc.task.complete"
DEAL = ["crm", "CCrmDocumentDeal", "DEAL_1"]
ENDS = (branch("Yes", titled("Y", "yes")), branch("No", titled("N", "no")))


@pytest.fixture
def head(portal: SandboxPortal, rest: Client) -> Client:
    return Client(portal, rest.session, portal.tokens_for(HEAD)[0])


@pytest.fixture
def callers(rest: Client, manager: Client, head: Client) -> dict[str, Client]:
    return {"rest": rest, "manager": manager, "head": head}


def begin(rest: Client, users: Any, **rules: Any) -> str:
    number = rest.call(ADD, added(template(approve("Ask", users, *ENDS, **rules))))
    return str(rest.call(START, {"TEMPLATE_ID": number, "DOCUMENT_ID": DEAL}))


def state(rest: Client, run: str) -> tuple[str, bool]:
    process = rest.portal.core.processes.runs[run]
    return process.state, process.ended is not None


def rows(rest: Client, run: str, *names: str) -> list[dict[str, Any]]:
    found = rest.call(
        TASKS, {"FILTER": {"WORKFLOW_ID": run}, "SELECT": list(names), "ORDER": {"USER_ID": "ASC"}}
    )
    return [{name: row[name] for name in names} for row in found]


def test_a_start_answers_with_the_number_of_the_run(rest: Client) -> None:
    run = begin(rest, ["user_1"])
    documented = sample("bizproc-workflow-start-response.json")["result"]
    assert [len(part) for part in run.split(".")] == [len(part) for part in documented.split(".")]
    wanted = {"FILTER": {"DOCUMENT_ID": "DEAL_1"}, "SELECT": ["ID", "STARTED_BY", "TEMPLATE_ID", "ENTITY"]}
    body = rest.post("bizproc.workflow.instances", wanted).json()
    assert body["total"] == 1
    assert body["result"] == [
        {"ID": run, "STARTED_BY": "1", "TEMPLATE_ID": "2", "ENTITY": "CCrmDocumentDeal"}
    ]
    (row,) = rest.call("bizproc.workflow.instance.list")
    assert set(row) == {"ID", "MODIFIED", "OWNED_UNTIL"}


def test_a_start_and_its_task_fit_in_one_batch(rest: Client) -> None:
    number = rest.call(ADD, added(template(approve("Ask", ["user_1"], *ENDS))))
    document = "&".join(f"DOCUMENT_ID[]={part}" for part in DEAL)
    start = f"{START}?TEMPLATE_ID={number}&{document}&PARAMETERS[why]=because"
    tasks = f"{TASKS}?FILTER[WORKFLOW_ID]=$result[start]&SELECT[]=WORKFLOW_ID&SELECT[]=STATUS"
    answer = rest.batch({"start": start, "tasks": tasks})["result"]
    assert [(row["WORKFLOW_ID"], row["STATUS"]) for row in answer["tasks"]] == [(answer["start"], "0")]
    assert rest.portal.core.processes.runs[answer["start"]].parameters["why"] == "because"


@pytest.mark.parametrize(
    ("params", "error", "text"),
    [
        ({}, "ERROR_WRONG_WORKFLOW_ID", "Empty TEMPLATE_ID"),
        ({"TEMPLATE_ID": 99, "DOCUMENT_ID": DEAL}, "ERROR_WRONG_WORKFLOW_ID", "Template not found"),
        ({"TEMPLATE_ID": 1}, "", "Wrong DOCUMENT_ID!"),
        ({"TEMPLATE_ID": 1, "DOCUMENT_ID": [*DEAL[:2], "DEAL_99"]}, "", "Wrong DOCUMENT_ID!"),
        (
            {"TEMPLATE_ID": 1, "DOCUMENT_ID": ["crm", "CCrmDocumentCompany", "COMPANY_1"]},
            "",
            "Template type and DOCUMENT_ID mismatch!",
        ),
    ],
)
def test_a_wrong_start_is_refused(rest: Client, params: dict[str, Any], error: str, text: str) -> None:
    answer = rest.post(START, params)
    assert (answer.status_code, answer.json()) == (400, {"error": error, "error_description": text})


@pytest.mark.parametrize("number", ["1", "D_1", "DEAL_1"])
def test_a_deal_is_known_by_its_bare_number_too(rest: Client, number: str) -> None:
    assert rest.call(START, {"TEMPLATE_ID": "1", "DOCUMENT_ID": [*DEAL[:2], number]})


def test_whoever_may_change_the_deal_may_start(portal: SandboxPortal, rest: Client, manager: Client) -> None:
    number = rest.call(ADD, added(template(approve("Ask", ["{=Template:TargetUser}"], *ENDS))))
    params = {"TEMPLATE_ID": number, "DOCUMENT_ID": DEAL, "PARAMETERS": {"TargetUser": "user_1"}}
    run = manager.call(START, params)
    assert rows(rest, run, "USER_ID", "WORKFLOW_STARTED_BY") == [{"USER_ID": "7", "WORKFLOW_STARTED_BY": "7"}]
    portal.deny(MANAGER, 2, 1)
    assert manager.error(START, params) == (403, "ACCESS_DENIED")


def test_a_row_of_a_task_has_what_the_documentation_shows(rest: Client) -> None:
    run = begin(rest, ["user_1"], Description="Why", StatusMessage="Waiting for Approval")
    (documented,) = [
        row
        for row in sample("bizproc-task-list-response.json")["result"]
        if row["ACTIVITY"] == "ApproveActivity"
    ]
    (row,) = rest.call(TASKS, {"SELECT": list(documented), "FILTER": {"WORKFLOW_ID": run}})
    assert set(row) == set(documented)
    assert set(row["PARAMETERS"]) == set(documented["PARAMETERS"])
    assert [type(row[key]) for key in documented if key != "OVERDUE_DATE"] == [
        type(value) for key, value in documented.items() if key != "OVERDUE_DATE"
    ]
    assert row["WORKFLOW_STATE"] == "Waiting for Approval"
    assert row["DOCUMENT_URL"] == "/crm/deal/details/1/"
    assert (row["STATUS"], row["USER_STATUS"], row["ACTIVITY_NAME"], row["DESCRIPTION"]) == (
        "0",
        "0",
        "Ask",
        "Why",
    )
    (short,) = rest.call(TASKS)
    assert set(short) == {
        "ENTITY",
        "DOCUMENT_ID",
        "ID",
        "WORKFLOW_ID",
        "DOCUMENT_NAME",
        "NAME",
        "DOCUMENT_URL",
    }


def test_people_see_their_own_tasks_and_their_subordinates(
    rest: Client, manager: Client, head: Client
) -> None:
    begin(rest, ["user_1"])
    begin(rest, ["user_7"])
    assert len(rest.call(TASKS)) == 2
    assert [row["ID"] for row in manager.call(TASKS)] == ["2"]
    assert head.call(TASKS) == []
    assert [row["ID"] for row in head.call(TASKS, {"FILTER": {"USER_ID": MANAGER}})] == ["2"]
    assert manager.error(TASKS, {"FILTER": {"USER_ID": HEAD}}) == (403, "ACCESS_DENIED")


def test_filters_the_older_portals_ignore_are_ignored(rest: Client) -> None:
    begin(rest, ["user_1"])
    for filtered, count in (
        ({"STATUS": 0}, 1),
        ({"!STATUS": 0}, 0),
        ({">STATUS": 0}, 0),
        ({"=STATUS": 1}, 1),
        ({"status": 1}, 1),
        ({"NOTHING": 1}, 1),
    ):
        assert len(rest.call(TASKS, {"FILTER": filtered})) == count, filtered


def test_fifty_tasks_make_a_page(rest: Client) -> None:
    for _number in range(51):
        begin(rest, ["user_1"])
    body = rest.post(TASKS).json()
    assert (len(body["result"]), body["total"], body["next"]) == (50, 51, 50)
    assert len(rest.post(TASKS, {"start": 50}).json()["result"]) == 1


@pytest.mark.parametrize(
    ("answer", "status", "end"), [(1, "1", "yes"), ("no", "2", "no"), ("YES", "1", "yes")]
)
def test_the_first_answer_decides_and_the_others_leave(
    rest: Client, answer: Any, status: str, end: str
) -> None:
    run = begin(rest, ["user_1", "user_7"])
    assert rest.call(COMPLETE, {"TASK_ID": 1, "STATUS": answer, "COMMENT": "words"}) is True
    done = [{"USER_ID": "1", "STATUS": status, "USER_STATUS": status}]
    assert rows(rest, run, "USER_ID", "STATUS", "USER_STATUS") == done
    assert state(rest, run) == (end, True)
    assert rest.call("bizproc.workflow.instances") == []
    assert "words" not in str(
        rest.call(TASKS, {"SELECT": ["ID", "DESCRIPTION", "PARAMETERS", "WORKFLOW_STATE"]})
    )


def test_only_the_one_it_waits_for_may_answer(rest: Client, manager: Client) -> None:
    begin(rest, ["user_7"])
    assert rest.error(COMPLETE, {"TASK_ID": 1, "STATUS": 1}) == (400, "ERROR_TASK_NOT_FOUND")
    for wrong in (
        {},
        {"STATUS": 1},
        {"TASK_ID": 1},
        {"TASK_ID": 1, "STATUS": 5},
        {"TASK_ID": 1, "STATUS": "maybe"},
    ):
        assert manager.error(COMPLETE, wrong) == (400, "ERROR_TASK_VALIDATION")
    assert manager.error(COMPLETE, {"TASK_ID": 1, "STATUS": 3}) == (400, "ERROR_TASK_EXECUTION")
    assert manager.call(COMPLETE, {"TASK_ID": "1", "STATUS": 1}) is True
    assert manager.error(COMPLETE, {"TASK_ID": 1, "STATUS": 1}) == (400, "ERROR_TASK_COMPLETED")


@pytest.mark.parametrize(
    ("required", "shown", "yes", "no"),
    [
        ("N", "Y", True, True),
        ("Y", "Y", False, False),
        ("YA", "Y", False, True),
        ("YR", "Y", True, False),
        ("YR", "N", True, True),
    ],
)
def test_a_comment_is_demanded_as_the_step_says(
    rest: Client, required: str, shown: str, *, yes: bool, no: bool
) -> None:
    for answer, taken in ((1, yes), (2, no)):
        run = begin(
            rest, ["user_1"], CommentRequired=required, ShowComment=shown, CommentLabelMessage="Слово"
        )
        (task,) = rows(rest, run, "ID")
        given = rest.post(COMPLETE, {"TASK_ID": task["ID"], "STATUS": answer, "COMMENT": "  "})
        assert given.status_code == (200 if taken else 400)
        if not taken:
            refusal = {"error": "ERROR_TASK_EXECUTION", "error_description": "Не заполнено поле: Слово"}
            assert given.json() == refusal
            assert rest.call(COMPLETE, {"TASK_ID": task["ID"], "STATUS": answer, "COMMENT": "да"}) is True


def test_all_must_agree_and_one_refusal_ends_it(rest: Client, manager: Client) -> None:
    agreed = begin(rest, ["user_1", "user_7"], ApproveType="all")
    assert manager.call(COMPLETE, {"TASK_ID": 1, "STATUS": 1}) is True
    assert state(rest, agreed) == ("Проголосовало 50% (1 из 2)", False)
    assert rows(rest, agreed, "USER_ID", "USER_STATUS", "STATUS") == [
        {"USER_ID": "1", "USER_STATUS": "0", "STATUS": "0"},
        {"USER_ID": "7", "USER_STATUS": "1", "STATUS": "0"},
    ]
    rest.call(COMPLETE, {"TASK_ID": 1, "STATUS": 1})
    assert state(rest, agreed) == ("yes", True)
    refused = begin(rest, ["user_1", "user_7"], ApproveType="all")
    rest.call(COMPLETE, {"TASK_ID": 2, "STATUS": 2})
    assert state(rest, refused) == ("no", True)


@pytest.mark.parametrize(
    ("rules", "votes", "end"),
    [
        ({"ApproveMinPercent": 50}, [(MANAGER, 1)], None),
        ({"ApproveMinPercent": 50}, [(MANAGER, 1), (HEAD, 1)], "yes"),
        ({"ApproveMinPercent": 50}, [(MANAGER, 2), (HEAD, 2)], "no"),
        ({"ApproveMinPercent": 100}, [(MANAGER, 2)], "no"),
        ({"ApproveMinPercent": 50, "ApproveWaitForAll": "Y"}, [(MANAGER, 1), (HEAD, 1)], None),
        ({"ApproveMinPercent": 50, "ApproveWaitForAll": "Y"}, [(MANAGER, 1), (HEAD, 1), (ADMIN, 2)], "yes"),
        ({"ApproveMinPercent": 70, "ApproveWaitForAll": "Y"}, [(MANAGER, 1), (HEAD, 1), (ADMIN, 2)], "no"),
    ],
)
def test_a_vote_needs_more_than_the_percentage(
    rest: Client, rules: dict[str, Any], votes: list[tuple[int, int]], end: str | None
) -> None:
    run = begin(rest, ["user_1", "user_6", "user_7"], ApproveType="vote", **rules)
    for user, answer in votes:
        rest.portal.answer_task(1, user, UserStatus(answer))
    assert state(rest, run)[1] is (end is not None)
    assert end in {None, state(rest, run)[0]}


def test_nobody_to_ask_lets_the_process_end_at_once(portal: SandboxPortal, rest: Client) -> None:
    portal.dismiss(MANAGER)
    run = begin(rest, ["user_7", "user_99"])
    assert state(rest, run) == ("Завершено", True)
    assert rest.call(TASKS) == []


def test_the_time_to_answer_runs_out(portal: SandboxPortal, rest: Client) -> None:
    run = begin(rest, ["user_1"], TimeoutDuration="2", TimeoutDurationType="h")
    (task,) = rows(rest, run, "OVERDUE_DATE")
    assert task["OVERDUE_DATE"].startswith((portal.now() + timedelta(hours=5)).isoformat()[:13])
    portal.clock.advance(timedelta(hours=3))
    rest.token = portal.tokens_for(ADMIN)[0]
    assert rows(rest, run, "STATUS", "USER_STATUS") == [{"STATUS": "4", "USER_STATUS": "2"}]
    assert state(rest, run) == ("no", True)
    assert rest.error(COMPLETE, {"TASK_ID": 1, "STATUS": 1}) == (400, "ERROR_TASK_COMPLETED")


def test_tasks_are_kept_for_a_day_after_the_end(portal: SandboxPortal, rest: Client) -> None:
    run = begin(rest, ["user_1"])
    rest.call(COMPLETE, {"TASK_ID": 1, "STATUS": 1})
    portal.clock.advance(timedelta(hours=23))
    rest.token = portal.tokens_for(ADMIN)[0]
    assert len(rows(rest, run, "ID")) == 1
    portal.clock.advance(timedelta(hours=2))
    rest.token = portal.tokens_for(ADMIN)[0]
    assert rows(rest, run, "ID") == []
    assert rest.error(COMPLETE, {"TASK_ID": 1, "STATUS": 1}) == (400, "ERROR_TASK_NOT_FOUND")


@pytest.mark.parametrize(
    ("kind", "by", "taker", "error"),
    [
        (0, "head", MANAGER, None),
        (0, "head", ADMIN, "ERROR_DELEGATION_NOT_ALLOWED"),
        (1, "head", ADMIN, None),
        (2, "head", MANAGER, "ERROR_DELEGATION_NOT_ALLOWED"),
        (2, "rest", MANAGER, None),
        (3, "rest", MANAGER, "ERROR_DELEGATION_NOT_ALLOWED"),
        (1, "manager", MANAGER, "ERROR_DELEGATION_NOT_ALLOWED"),
        (1, "head", 99, "ERROR_DELEGATION_NOT_ALLOWED"),
        (1, "head", 0, "ERROR_INVALID_USER_ID"),
    ],
)
def test_a_task_is_handed_on_as_its_step_allows(
    rest: Client, callers: dict[str, Client], kind: int, by: str, taker: int, error: str | None
) -> None:
    run = begin(rest, ["user_6"], DelegationType=kind)
    caller = callers[by]
    params = {"TASK_IDS": [1], "FROM_USER_ID": HEAD, "TO_USER_ID": taker}
    if error:
        assert caller.error("bizproc.task.delegate", params) == (400, error)
        return
    assert caller.call("bizproc.task.delegate", params) is True
    assert rows(rest, run, "USER_ID") == [{"USER_ID": str(taker)}]
    again = rest.error("bizproc.task.delegate", params)
    assert again == (400, "ERROR_DELEGATION_NOT_ALLOWED")
    rest.portal.answer_task(1, taker, UserStatus.YES)
    assert rest.portal.core.processes.runs[run].results["Ask"]["LastApprover"] == f"user_{taker}"


def test_wrong_numbers_are_not_handed_on(rest: Client) -> None:
    params = {"TASK_IDS": "1", "FROM_USER_ID": HEAD, "TO_USER_ID": MANAGER}
    assert rest.error("bizproc.task.delegate", params) == (400, "ERROR_TASK_VALIDATION")
    begin(rest, ["user_6", "user_7"])
    params["TASK_IDS"] = [1]
    assert rest.error("bizproc.task.delegate", params) == (400, "ERROR_DELEGATION_NOT_ALLOWED")


def test_a_terminated_process_leaves_no_open_task(rest: Client, manager: Client) -> None:
    run = begin(rest, ["user_1"])
    assert manager.error("bizproc.workflow.terminate", {"ID": run}) == (403, "ACCESS_DENIED")
    assert rest.error("bizproc.workflow.terminate") == (400, "ERROR_WRONG_WORKFLOW_ID")
    assert rest.error("bizproc.workflow.terminate", {"ID": 5}) == (400, "ERROR_WRONG_WORKFLOW_ID")
    assert rest.call("bizproc.workflow.terminate", {"ID": run, "STATUS": "Отменено"}) is True
    assert state(rest, run) == ("Отменено", True)
    assert rest.call(TASKS) == []
    assert rest.error("bizproc.workflow.terminate", {"ID": run}) == (400, "")
    assert rest.call("bizproc.workflow.kill", {"ID": run}) is True
    assert rest.error("bizproc.workflow.kill", {"ID": run}) == (400, "")


def test_a_process_survives_a_move_and_dies_with_the_deal(portal: SandboxPortal, rest: Client) -> None:
    run = begin(rest, ["user_1"])
    portal.move_deal(1, "PREPARATION", MANAGER)
    assert [row["ID"] for row in rest.call("bizproc.workflow.instances")] == [run]
    portal.delete_deal(1, MANAGER)
    assert rest.call("bizproc.workflow.instances") == []
    assert rest.call(TASKS) == []


@pytest.mark.parametrize(("flag", "count"), [("0", 0), ("1", 1), ("2", 1), ("3", 2)])
def test_a_template_can_run_by_itself(portal: SandboxPortal, rest: Client, flag: str, count: int) -> None:
    rest.call(ADD, added(template(approve("Ask", ["user_1"])), AUTO_EXECUTE=flag))
    deal = portal.add_deal(MANAGER, {"title": "New"})
    portal.edit_deal(deal, MANAGER, {"title": "Newer"})
    assert len(rest.call(TASKS)) == count
