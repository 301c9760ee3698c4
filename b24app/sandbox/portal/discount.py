"""The company's own business process «Согласование скидки», as its administrator drew it in the designer."""

from __future__ import annotations

from typing import Final

from b24app.sandbox.portal.store import Record
from b24app.sandbox.world import World

NAME: Final = "Согласование скидки"
DESCRIPTION: Final = (
    "До 5 % разрешает начальник отдела продаж, больше — финансовый директор или его заместитель."
)
_STARTER: Final = "{=Template:TargetUser}"
_DISCOUNT: Final = "{=Template:discount} %"
_DEAL: Final = "[url=/crm/deal/details/{=Document:ID}/]{=Document:TITLE}[/url]"


def process(world: World) -> Record:
    """Draw the process for a company: what a `.bpt` of it holds."""
    finance = [f"user_{world.cfo}", f"user_{world.deputy}"]
    return {
        "VERSION": 2,
        "TEMPLATE": [
            _node(
                "SequentialWorkflowActivity",
                "Template",
                {"Title": "Последовательный бизнес-процесс", "Permission": []},
                _choice(
                    "Size",
                    _approval("ByFinance", "Решает финансовая служба", "{=Constant:finance}"),
                    _approval("BySales", "Решает начальник отдела продаж", "{=Constant:sales_head}"),
                    {"object": "Template", "field": "discount", "operator": ">", "value": "5", "joiner": 0},
                ),
            )
        ],
        "PARAMETERS": {
            "discount": _described("Скидка, %", "int", required=True),
            "reason": _described("Почему", "text", required=True),
        },
        "VARIABLES": {},
        "CONSTANTS": {
            "sales_head": _described("Начальник отдела продаж", "user")
            | {"Default": f"user_{world.sales_head}"},
            "finance": _described("Финансовая служба", "user") | {"Multiple": "1", "Default": finance},
            "hours": _described("Срок ответа, часов", "int") | {"Default": "24"},
        },
        "DOCUMENT_FIELDS": {},
    }


def _described(name: str, kind: str, *, required: bool = False) -> Record:
    return {
        "Name": name,
        "Description": "",
        "Type": kind,
        "Required": "1" if required else "0",
        "Multiple": "0",
        "Options": "",
        "Default": "",
    }


def _node(kind: str, name: str, properties: Record, *children: Record) -> Record:
    return {
        "Type": kind,
        "Name": name,
        "Activated": "Y",
        "Properties": properties,
        "Children": list(children),
    }


def _choice(name: str, then: list[Record], otherwise: list[Record], condition: Record) -> Record:
    return _node(
        "IfElseActivity",
        name,
        {"Title": "Условие"},
        _node("IfElseBranchActivity", f"{name}Then", {"Title": "Да", "mixedcondition": [condition]}, *then),
        _node("IfElseBranchActivity", f"{name}Else", {"Title": "Нет", "truecondition": "1"}, *otherwise),
    )


def _told(name: str, to: str, text: str) -> Record:
    properties = {
        "Title": "Сообщение",
        "MessageFormat": "robot",
        "MessageUserFrom": [_STARTER],
        "MessageUserTo": [to],
        "MessageText": text,
    }
    return _node("SocNetMessageActivity", name, properties)


def _ending(name: str, state: str, told: str) -> list[Record]:
    return [
        _node("SetStateTitleActivity", f"{name}State", {"Title": "Статус", "TargetStateTitle": state}),
        _told(f"{name}Told", _STARTER, f"{told}\n{_DEAL}"),
    ]


def _approval(name: str, title: str, users: str) -> list[Record]:
    who = f"{{={name}:LastApprover > friendly}}"
    said = f"{{={name}:LastApproverComment}}"
    late = {"object": name, "field": "IsTimeout", "operator": ">", "value": "0", "joiner": 0}
    yes = _ending(
        f"{name}Yes", f"Скидка {_DISCOUNT} согласована: {who}", f"Скидка {_DISCOUNT} согласована: {who}."
    )
    no = _ending(
        f"{name}No", f"Скидка {_DISCOUNT} отклонена: {who}", f"Скидка {_DISCOUNT} отклонена: {who}. {said}"
    )
    silent = _ending(
        f"{name}Late", "Ответа в срок не было", f"На скидку {_DISCOUNT} в срок никто не ответил."
    )
    asked = _told(f"{name}Asked", users, f"Новое задание: скидка {_DISCOUNT}.\n{_DEAL}")
    task = _node(
        "ApproveActivity",
        name,
        {
            "Title": title,
            "Users": [users],
            "ApproveType": "any",
            "Name": f"Скидка {_DISCOUNT} по сделке № {{=Document:ID}}",
            "Description": "Почему: {=Template:reason}",
            "StatusMessage": f"Ожидается решение. {title}.",
            "SetStatusMessage": "Y",
            "TimeoutDuration": "{=Constant:hours}",
            "TimeoutDurationType": "h",
            "TaskButton1Message": "Согласовать",
            "TaskButton2Message": "Отклонить",
            "ShowComment": "Y",
            "CommentLabelMessage": "Комментарий",
            "CommentRequired": "YR",
            "DelegationType": "2",
        },
        _node("SequenceActivity", f"{name}Approved", {"Title": "Согласовано"}, *yes),
        _node(
            "SequenceActivity",
            f"{name}Rejected",
            {"Title": "Отклонено"},
            _choice(f"{name}Why", silent, no, late),
        ),
    )
    return [asked, task]
