"""Templates of processes as a designer or an application draws them."""

from __future__ import annotations

import base64
import hashlib
from typing import Any

from b24app.sandbox.portal.workflow import bpt

DEALS = ["crm", "CCrmDocumentDeal", "DEAL"]
Node = dict[str, Any]


def node(kind: str, name: str, properties: Node | None = None, *children: Node) -> Node:
    return {
        "Type": kind,
        "Name": name,
        "Activated": "Y",
        "Properties": {"Title": name} | (properties or {}),
        "Children": list(children),
    }


def approve(name: str, users: Any, *branches: Node, **rules: Any) -> Node:
    properties = {"Users": users, "ApproveType": "any", "Name": f"Task {name}"} | rules
    return node("ApproveActivity", name, properties, *branches)


def branch(name: str, *children: Node) -> Node:
    return node("SequenceActivity", name, None, *children)


def titled(name: str, text: str) -> Node:
    return node("SetStateTitleActivity", name, {"TargetStateTitle": text})


def template(*children: Node, **parts: Any) -> Node:
    root = node("SequentialWorkflowActivity", "Template", {"Permission": []}, *children)
    empty: Node = {"PARAMETERS": {}, "VARIABLES": {}, "CONSTANTS": {}, "DOCUMENT_FIELDS": {}}
    return {"VERSION": 2, "TEMPLATE": [root]} | empty | parts


def file(drawn: Node) -> list[str]:
    return ["process.bpt", base64.b64encode(bpt.pack(drawn)).decode()]


def added(drawn: Node, **more: Any) -> dict[str, Any]:
    """Parameters of `bizproc.workflow.template.add`."""
    return {"DOCUMENT_TYPE": DEALS, "NAME": "Drawn", "TEMPLATE_DATA": file(drawn)} | more


def step_type(client_id: str, code: str) -> str:
    return "rest_" + hashlib.md5(f"{client_id}@{code}".encode()).hexdigest()  # noqa: S324 - the portal's own way


def constant(value: Any, *, several: bool = False) -> Node:
    row = {"Name": "c", "Description": "", "Type": "user", "Required": "1", "Options": "", "Default": value}
    return row | {"Multiple": "1" if several else "0"}


def credit_approval(kind: str, cfo: int, substitutes: list[int]) -> Node:
    """The worked template of bizproc 7, shortened: CFO or a substitute, escalation, the app told."""
    sent = {"request_id": "{=Template:cc_request_id}", "UseSubscription": "Y"}
    sent |= {"TimeoutDuration": "15", "TimeoutDurationType": "m"}

    def tells(name: str, step: str, decision: str) -> Node:
        said = {"approver": f"{{={step}:LastApprover}}", "comment": f"{{={step}:LastApproverComment}}"}
        said |= {"decision": decision, "task_id": f"{{={step}:TaskId}}"}
        return node(kind, name, sent | said)

    def asks(step: str, users: Any, hours: str, otherwise: list[Node]) -> Node:
        late = {"object": step, "field": "IsTimeout", "operator": ">", "value": "0", "joiner": 0}
        fork = node(
            "IfElseActivity",
            f"{step}If",
            None,
            node("IfElseBranchActivity", f"{step}Late", {"mixedcondition": [late]}, *otherwise),
            node(
                "IfElseBranchActivity",
                f"{step}Said",
                {"truecondition": "1"},
                tells(f"{step}No", step, "rejected"),
                titled(f"{step}NoState", f"Отклонено: {{={step}:LastApprover > friendly}}"),
            ),
        )
        yes = [
            tells(f"{step}Yes", step, "approved"),
            titled(
                f"{step}YesState",
                f"Одобрено: {{={step}:LastApprover > friendly}}. {{={step}Yes:result_text}}",
            ),
        ]
        rules = {"TimeoutDuration": hours, "TimeoutDurationType": "h", "CommentRequired": "YR"}
        rules |= {"DelegationType": "2", "StatusMessage": "Ожидается решение"}
        return approve(step, users, branch(f"{step}A", *yes), branch(f"{step}R", fork), **rules)

    people = ["{=Constant:cc_substitutes}", "{=Constant:cc_cfo}"]
    expired = tells("CcExpired", "CcApprove2", "expired")
    second = asks("CcApprove2", people, "{=Constant:cc_hours}", [expired])
    pick = node(
        "GetUserActivity",
        "CcPick",
        {
            "UserType": "random",
            "UserParameter": ["{=Constant:cc_cfo}"],
            "ReserveUserParameter": ["{=Constant:cc_substitutes}"],
            "SkipAbsent": "Y",
            "SkipAbsentReserve": "N",
        },
    )
    first = asks("CcApprove1", ["{=CcPick:GetUser}"], "{=Constant:cc_hours}", [second])
    constants = {
        "cc_cfo": constant(f"user_{cfo}"),
        "cc_substitutes": constant([f"user_{user}" for user in substitutes], several=True),
        "cc_hours": constant(24) | {"Type": "int"},
    }
    return template(pick, first, CONSTANTS=constants)
