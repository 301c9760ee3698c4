"""The tree of a template's activities: what each declares, what the import refuses (bizproc 1, 2).

The activities an approval is made of are here; the designer's others are refused as unknown ones are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from b24app.sandbox.portal.store import Record

APPROVE, REST = "ApproveActivity", "rest_"
_TYPE = re.compile(r"\w+", re.ASCII)
_NAME = re.compile(r"[A-Za-z0-9_]+")
_REST = re.compile(r"rest_[0-9a-f]{32}")
_REST_PROPERTIES: Record = {
    "AuthUserId": None,
    "SetStatusMessage": "Y",
    "StatusMessage": "",
    "UseSubscription": "",
    "TimeoutDuration": 0,
    "TimeoutDurationType": "s",
}
DECLARED: dict[str, Record] = {
    "SequentialWorkflowActivity": {"Permission": []},
    "SequenceActivity": {},
    "IfElseActivity": {},
    "IfElseBranchActivity": {"truecondition": None, "mixedcondition": None, "fieldcondition": None}
    | {"propertyvariablecondition": None},
    APPROVE: {
        "Users": None,
        "ApproveType": "all",
        "OverdueDate": None,
        "Name": None,
        "Description": None,
        "Parameters": None,
        "ApproveMinPercent": 50,
        "ApproveWaitForAll": "N",
        "StatusMessage": "",
        "SetStatusMessage": "Y",
        "TimeoutDuration": 0,
        "TimeoutDurationType": "s",
        "TaskButton1Message": "",
        "TaskButton2Message": "",
        "CommentLabelMessage": "",
        "ShowComment": "Y",
        "CommentRequired": "N",
        "AccessControl": "N",
        "DelegationType": 0,
    },
    "GetUserActivity": {
        "UserType": "",
        "UserParameter": None,
        "ReserveUserParameter": None,
        "MaxLevel": 1,
        "SkipAbsent": "",
        "SkipAbsentReserve": "Y",
        "SkipTimeman": "",
        "SkipTimemanReserve": "N",
    },
    "SocNetMessageActivity": {
        "MessageText": "",
        "MessageFormat": "",
        "MessageUserFrom": None,
        "MessageUserTo": None,
    },
    "SetStateTitleActivity": {"TargetStateTitle": ""},
}
_REQUIRED = {
    APPROVE: ("Users", "ApproveType", "Name"),
    "GetUserActivity": ("UserParameter", "ReserveUserParameter"),
    "SocNetMessageActivity": ("MessageUserTo", "MessageText"),
}
_WAYS = frozenset({"any", "all", "vote"})


class TemplateError(Exception):
    """A template the import refuses; the message is what the portal answers."""


@dataclass(frozen=True, slots=True)
class Node:
    """One activity. `properties`: only declared ones, with the defaults of the rest."""

    type: str
    name: str
    title: str
    active: bool
    properties: Record
    children: tuple[Node, ...]

    @property
    def calls_app(self) -> bool:
        """Whether it is a step of an application."""
        return self.type.startswith(REST)

    def walk(self) -> Iterator[Node]:
        """Return the node and everything under it."""
        yield self
        for child in self.children:
            yield from child.walk()


def build(template: list[Any], demanded: dict[str, tuple[str, ...]]) -> Node:
    """Make the tree; `demanded`: the properties an app's own step requires, by the step's type.

    A step no application has registered passes: it is missed only when the process comes to it (bizproc 3).

    Raises:
        TemplateError: for anything `ValidateProperties` or `ValidateChild` refuses.
    """
    if len(template) != 1:
        raise TemplateError("Template must have one root activity")
    root = _node(template[0], demanded)
    if root.type != "SequentialWorkflowActivity":
        raise TemplateError(f"Activity '{root.type}' can not be the root")
    seen: set[str] = set()
    for node in root.walk():
        if node.name in seen:
            raise TemplateError(f"DuplicateActivityName: {node.name}")
        seen.add(node.name)
    return root


def _node(source: Any, demanded: dict[str, tuple[str, ...]]) -> Node:
    if not isinstance(source, dict):
        raise TemplateError("Activity must be an array")
    kind, name = str(source.get("Type") or ""), str(source.get("Name") or "")
    if not _TYPE.fullmatch(kind) or (kind not in DECLARED and not _REST.fullmatch(kind)):
        raise TemplateError(f"Activity '{kind}' is not found")
    if not _NAME.fullmatch(name):
        raise TemplateError(f"Wrong activity name '{name}'")
    given = source.get("Properties") or {}
    children = source.get("Children") or []
    if not isinstance(given, dict) or not isinstance(children, list):
        raise TemplateError(f"Properties and Children of '{name}' must be arrays")
    made = Node(
        type=kind,
        name=name,
        title=str(given.get("Title") or ""),
        active=source.get("Activated", "Y") != "N",
        properties=_properties(kind, given),
        children=tuple(_node(child, demanded) for child in children),
    )
    _validate(made, given, demanded.get(kind, ()))
    return made


def _properties(kind: str, given: Record) -> Record:
    if kind not in DECLARED:
        return _REST_PROPERTIES | {key: value for key, value in given.items() if key != "Title"}
    declared = DECLARED[kind]
    return declared | {key: value for key, value in given.items() if key in declared}


def _validate(node: Node, given: Record, own: tuple[str, ...]) -> None:
    for name in (*_REQUIRED.get(node.type, ()), *own):
        if _is_empty(given.get(name)):
            raise TemplateError(f"{node.name}: property '{name}' is not specified")
    if node.type == APPROVE and node.properties["ApproveType"] not in _WAYS:
        raise TemplateError(f"{node.name}: property 'ApproveType' is not correct")
    inside = {child.type for child in node.children}
    if node.type == "IfElseActivity" and inside - {"IfElseBranchActivity"}:
        raise TemplateError(f"{node.name}: only IfElseBranchActivity may be inside")
    if node.type == APPROVE and (inside - {"SequenceActivity"} or len(node.children) > 2):
        raise TemplateError(f"{node.name}: two SequenceActivity are inside")


def _is_empty(value: Any) -> bool:
    if isinstance(value, list):
        return all(_is_empty(item) for item in value)
    return value is None or not str(value).strip()
