"""What runs inside a process: expressions, conditions, people, and steps of the app (bizproc 1 - 4, 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from b24app.sandbox.portal import SandboxPortal
from b24app.sandbox.portal.workflow.tasks import UserStatus
from tests.sandbox.portal.conftest import ADMIN
from tests.sandbox.portal.conftest import HEAD
from tests.sandbox.portal.conftest import MANAGER
from tests.sandbox.portal.conftest import AppStub
from tests.sandbox.portal.conftest import Client
from tests.sandbox.portal.conftest import looks_documented
from tests.sandbox.portal.drawing import added
from tests.sandbox.portal.drawing import constant
from tests.sandbox.portal.drawing import credit_approval
from tests.sandbox.portal.drawing import node
from tests.sandbox.portal.drawing import step_type
from tests.sandbox.portal.drawing import template
from tests.sandbox.portal.drawing import titled

ADD = "bizproc.workflow.template.add"
PARAMETERS = {"cc_request_id": "REQ-1", "cc_reason": "= 2+3"}


def told(rest: Client, text: Any, parameters: dict[str, Any] | None = None) -> str:
    """Work an expression out as the title of a process."""
    constants = {"cfo": constant("user_6"), "both": constant(["user_6", "user_7"], several=True)}
    number = rest.call(ADD, added(template(titled("A", text), CONSTANTS=constants)))
    run = rest.portal.start_process(number, 1, MANAGER, parameters or {})
    return rest.portal.core.processes.runs[run].state


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("{=Document:TITLE} № {=Document:ID}", "Сделка 1 № 1"),
        ("{=Document:OPPORTUNITY} {=Document:NOTHING}|", "1000.50 |"),
        ("{=Constant:cfo}", "user_6"),
        ("{=Constant:cfo > printable}", "Олег Дроздов [6]"),
        ("Кто: {=Constant:both > friendly}", "Кто: Олег Дроздов, Анна Белова"),
        ("{=Constant:cfo > bbcode}", "[user=6]Олег Дроздов[/user]"),
        (["Constant", "cfo"], "user_6"),
        ("{=Template:TargetUser > friendly}", "Анна Белова"),
        ("{=Document:ASSIGNED_BY_ID > friendly}", "Анна Белова"),
        ("=2+3*-1", "-1"),
        ("{{=7/2}} шт.", "3.5 шт."),
        ("=unknown(1)", "=unknown(1)"),
        ("=1/0", "=1/0"),
        ("{=Template:said}", "5"),
        ("Сказал: {=Template:named}", "Сказал: user_6"),
        ("{=Template:number}", "7"),
    ],
)
def test_expressions_are_worked_out_twice(rest: Client, text: Any, shown: str) -> None:
    """What people type is worked out as well: a comment `= 2+3` arrives as 5 (bizproc 1)."""
    typed = {"said": "= 2+3", "named": "{=Constant:cfo}", "number": 7}
    assert told(rest, text, typed) == shown


@pytest.mark.parametrize(
    ("sign", "value", "taken"),
    [
        (">", "5", True),
        (">", "7", False),
        (">=", "7", True),
        ("<", "10", True),
        ("<=", "6", False),
        ("=", "7.0", True),
        ("!=", "7", False),
        ("in", ["5", "7"], True),
        ("!in", ["5", "7"], False),
        ("contain", "7", True),
        ("!contain", "7", False),
        ("empty", "", False),
        ("!empty", "", True),
        ("between", ["5", "8"], True),
        ("between", ["8", "9"], False),
        ("modified", "", False),
        (">", "много", False),
    ],
)
def test_a_fork_takes_the_first_branch_that_holds(
    rest: Client, sign: str, value: Any, *, taken: bool
) -> None:
    row = {"object": "Template", "field": "n", "operator": sign, "value": value, "joiner": 0}
    number = rest.call(ADD, added(template(fork({"mixedcondition": [row]}))))
    run = rest.portal.start_process(number, 1, MANAGER, {"n": "7"})
    assert rest.portal.core.processes.runs[run].state == ("then" if taken else "else")


def fork(condition: dict[str, Any]) -> dict[str, Any]:
    return node(
        "IfElseActivity",
        "If",
        None,
        node("IfElseBranchActivity", "Then", condition, titled("T", "then")),
        node("IfElseBranchActivity", "Else", {"truecondition": "1"}, titled("E", "else")),
    )


@pytest.mark.parametrize(
    ("condition", "taken"),
    [
        ({"fieldcondition": [["OPPORTUNITY", ">", "1000"]]}, True),
        ({"propertyvariablecondition": [["v", "=", "x"]]}, True),
        ({"propertyvariablecondition": [["n", "=", "7"], ["v", "=", "y"]]}, False),
        ({"mixedcondition": [("n", "8", 0), ("n", "7", 1)]}, True),
        ({"mixedcondition": [("n", "7", 0), ("n", "8", 0)]}, False),
        ({}, False),
    ],
)
def test_conditions_are_joined_as_written(rest: Client, condition: dict[str, Any], *, taken: bool) -> None:
    if "mixedcondition" in condition:
        condition = {
            "mixedcondition": [
                {"object": "Template", "field": field, "operator": "=", "value": value, "joiner": joiner}
                for field, value, joiner in condition["mixedcondition"]
            ]
        }
    drawn = template(fork(condition), VARIABLES={"v": constant("x")})
    run = rest.portal.start_process(rest.call(ADD, added(drawn)), 1, MANAGER, {"n": "7"})
    assert rest.portal.core.processes.runs[run].state == ("then" if taken else "else")


def test_a_step_that_is_switched_off_is_missed(rest: Client) -> None:
    off = titled("B", "never") | {"Activated": "N"}
    run = rest.portal.start_process(rest.call(ADD, added(template(titled("A", "x"), off))), 1, MANAGER, {})
    assert rest.portal.core.processes.runs[run].state == "x"


@pytest.fixture
def approval(installed: SandboxPortal, app: AppStub, rest: Client) -> int:
    """An approval of the app: its activity is registered first, then the template comes (bizproc 3, 7)."""
    described = {
        key: {"Name": key, "Type": "string"}
        for key in ("request_id", "decision", "approver", "comment", "task_id")
    }
    step = {
        "CODE": "cc_decision",
        "HANDLER": f"{app.url}/robots/cc_decision",
        "NAME": {"ru": "Решение"},
        "USE_SUBSCRIPTION": "Y",
        "PROPERTIES": described,
        "RETURN_PROPERTIES": {"result_text": {"Name": "Результат", "Type": "string"}},
    }
    rest.call("bizproc.activity.add", step)
    kind = step_type(installed.client_id, "cc_decision")
    return int(rest.call(ADD, added(credit_approval(kind, HEAD, [ADMIN]))))


def start(rest: Client, number: int) -> str:
    document = ["crm", "CCrmDocumentDeal", "DEAL_1"]
    params = {"TEMPLATE_ID": number, "DOCUMENT_ID": document, "PARAMETERS": PARAMETERS}
    return str(rest.call("bizproc.workflow.start", params))


def ended(portal: SandboxPortal, run: str) -> bool:
    return portal.core.processes.runs[run].ended is not None


def test_a_decision_reaches_the_app_and_the_process_waits_for_it(
    installed: SandboxPortal, app: AppStub, rest: Client, approval: int
) -> None:
    run = start(rest, approval)
    process = installed.core.processes.runs[run]
    assert (process.state, set(installed.core.processes.tasks[1].seats)) == ("Ожидается решение", {HEAD})
    installed.answer_task(1, HEAD, UserStatus.YES, "Под мою ответственность")
    assert installed.settle()
    (call,) = app.robots()
    looks_documented(call)
    assert (call["code"], call["workflow_id"], call["timeout_duration"]) == ("cc_decision", run, "900")
    assert call["event_token"].startswith(f"{run}|CcApprove1Yes|")
    assert call["properties"] == {
        "request_id": "REQ-1",
        "decision": "approved",
        "approver": "user_6",
        "comment": "Под мою ответственность",
        "task_id": "1",
    }
    assert not ended(installed, run)
    said = {
        "EVENT_TOKEN": call["event_token"],
        "RETURN_VALUES": {"RESULT_TEXT": "Сделка освобождена", "x": 1},
    }
    forged = said | {"EVENT_TOKEN": call["event_token"][:-1] + "!"}
    assert rest.error("bizproc.event.send", forged) == (403, "ACCESS_DENIED")
    log = {"EVENT_TOKEN": call["event_token"], "LOG_MESSAGE": "принято"}
    assert rest.call("bizproc.activity.log", log) is True
    assert (ended(installed, run), process.log) == (False, ["принято"])
    assert rest.call("bizproc.event.send", said) is True
    assert installed.settle()
    assert ended(installed, run)
    assert process.state == "Одобрено: Олег Дроздов. Сделка освобождена"
    assert process.results["CcApprove1Yes"] == {"result_text": "Сделка освобождена", "IsTimeout": "0"}
    assert rest.call("bizproc.event.send", said | {"RETURN_VALUES": {"result_text": "ещё раз"}}) is True
    assert installed.settle()
    assert process.state == "Одобрено: Олег Дроздов. Сделка освобождена"


def test_a_comment_is_worked_out_before_the_app_reads_it(
    installed: SandboxPortal, app: AppStub, rest: Client, approval: int
) -> None:
    start(rest, approval)
    installed.answer_task(1, HEAD, UserStatus.NO, "= 2+3")
    assert installed.settle()
    (call,) = app.robots()
    assert (call["properties"]["decision"], call["properties"]["comment"]) == ("rejected", "5")


def test_an_absent_approver_is_replaced_by_the_reserve(
    installed: SandboxPortal, rest: Client, approval: int
) -> None:
    installed.core.store.absent.update({HEAD, ADMIN})
    start(rest, approval)
    assert set(installed.core.processes.tasks[1].seats) == {ADMIN}


def test_silence_escalates_and_silence_again_expires(
    installed: SandboxPortal, app: AppStub, rest: Client, approval: int
) -> None:
    run = start(rest, approval)
    installed.clock.advance(timedelta(hours=25))
    rest.token = installed.tokens_for(ADMIN)[0]
    wanted = {"FILTER": {"WORKFLOW_ID": run}, "SELECT": ["ACTIVITY_NAME", "STATUS"], "ORDER": {"ID": "ASC"}}
    found = [(row["ACTIVITY_NAME"], row["STATUS"]) for row in rest.call("bizproc.task.list", wanted)]
    assert found == [("CcApprove1", "4"), ("CcApprove2", "0"), ("CcApprove2", "0")]
    installed.clock.advance(timedelta(hours=25))
    rest.token = installed.tokens_for(ADMIN)[0]
    rest.call("server.time")
    assert installed.settle()
    (call,) = app.robots()
    assert (call["properties"]["decision"], call["properties"]["approver"]) == ("expired", "")
    installed.clock.advance(timedelta(minutes=16))
    rest.token = installed.tokens_for(ADMIN)[0]
    rest.call("server.time")
    process = installed.core.processes.runs[run]
    assert process.ended is not None
    assert process.results["CcExpired"] == {"IsTimeout": "1"}


def test_a_changed_constant_counts_for_steps_that_have_not_begun(
    installed: SandboxPortal, rest: Client, approval: int
) -> None:
    run = start(rest, approval)
    installed.core.processes.templates[approval].constants["cc_substitutes"]["Default"] = [f"user_{MANAGER}"]
    installed.clock.advance(timedelta(hours=25))
    rest.token = installed.tokens_for(ADMIN)[0]
    rest.call("server.time")
    tasks = [task for task in installed.core.processes.tasks.values() if task.process_id == run]
    assert set(tasks[-1].seats) == {MANAGER, HEAD}


def test_a_step_nobody_registers_any_more_is_missed(
    installed: SandboxPortal, app: AppStub, rest: Client, approval: int
) -> None:
    run = start(rest, approval)
    rest.call("bizproc.activity.delete", {"CODE": "cc_decision"})
    installed.answer_task(1, HEAD, UserStatus.YES)
    assert installed.settle()
    process = installed.core.processes.runs[run]
    assert (app.robots(), process.state) == ([], "Одобрено: Олег Дроздов. ")
    assert process.log == ["CcApprove1Yes: activity is not registered"]


@pytest.mark.parametrize(
    ("registered", "drawn", "ends"), [("Y", "", False), ("N", "", True), ("Y", "N", True)]
)
def test_the_template_says_whether_to_wait(
    installed: SandboxPortal, app: AppStub, rest: Client, registered: str, drawn: str, *, ends: bool
) -> None:
    several = {"Name": "k", "Type": "user", "Multiple": "Y"}
    step = {
        "CODE": "quick",
        "HANDLER": f"{app.url}/robots/quick",
        "NAME": "q",
        "USE_SUBSCRIPTION": registered,
    }
    rest.call("bizproc.activity.add", step | {"PROPERTIES": {"k": several}})
    kind = step_type(installed.client_id, "quick")
    rules = {"UseSubscription": drawn, "k": ["user_1", "user_7"], "AuthUserId": "user_7"}
    number = rest.call(ADD, added(template(node(kind, "Q", rules | {"StatusMessage": "Ждём"}))))
    run = installed.start_process(number, 1, MANAGER, {})
    assert installed.settle()
    (call,) = app.robots()
    assert call["properties"]["k"] == ["user_1", "user_7"]
    assert call["auth"]["user_id"] == str(MANAGER)
    assert (installed.core.processes.runs[run].ended is not None) is ends


def test_the_companys_own_discount_process_asks_by_its_size(portal: SandboxPortal) -> None:
    for percent, asked in (("5", {HEAD}), ("7", {ADMIN, HEAD})):
        run = portal.start_process(1, 1, MANAGER, {"discount": percent, "reason": "Крупный заказ"})
        task = max(portal.core.processes.tasks)
        assert set(portal.core.processes.tasks[task].seats) == asked
        portal.answer_task(task, HEAD, UserStatus.NO, "Маржи нет")
        assert portal.core.processes.runs[run].state == f"Скидка {percent} % отклонена: Олег Дроздов"
    assert "Маржи нет" in portal.notifications(MANAGER)[-1]["message"]
    run = portal.start_process(1, 2, MANAGER, {"discount": "7", "reason": "Крупный заказ"})
    portal.clock.advance(timedelta(hours=25))
    portal.core.processes.expire()
    assert portal.core.processes.runs[run].state == "Ответа в срок не было"
