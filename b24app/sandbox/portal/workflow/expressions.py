"""References and formulas in the properties of activities, and the conditions of branches (bizproc 1)."""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import Store

OBJECTS = frozenset({"Document", "Template", "Variable", "Constant", "Workflow", "System"})
_REFERENCE = re.compile(r"\{=\s*(\w+)\s*:\s*([\w.]+)\s*(?:>\s*([\w,\s]+?)\s*)?\}", re.ASCII)
_FORMULA = re.compile(r"\{\{=(.*?)\}\}", re.DOTALL)
_USER = re.compile(r"user_(\d+)")
_DEEPEST = 8


@dataclass(frozen=True, slots=True)
class Scope:
    """What expressions of one process can name: `find(object, field)`, None for what does not exist."""

    find: Callable[[str, str], Any]
    store: Store

    def value(self, source: Any) -> Any:
        """Work a property out. What a reference brings is worked out again, as the portal does."""
        return self._value(source, 0)

    def text(self, source: Any) -> str:
        """Work a property out to text; several values are joined by commas."""
        return ", ".join(_printed(item) for item in self.listed(source))

    def listed(self, source: Any) -> list[Any]:
        """Work a property out to a flat list."""
        return _flat(self.value(source))

    def users(self, source: Any) -> list[int]:
        """Work a property out to people who exist and are active, each once, in order."""
        found: dict[int, None] = {}
        for item in self.listed(source):
            name = _USER.fullmatch(str(item))
            user = self.store.users.get(int(name[1])) if name else None
            if user is not None and user.active:
                found[user.id] = None
        return list(found)

    def number(self, source: Any) -> int:
        """Work a property out to a whole number, nonsense to 0."""
        digits = re.match(r"\s*-?\d+", self.text(source))
        return int(digits[0]) if digits else 0

    def _value(self, source: Any, depth: int) -> Any:
        if isinstance(source, list):
            if len(source) == 2 and source[0] in OBJECTS and isinstance(source[1], str):
                return self._found(source[0], source[1], "", depth)
            return [self._value(item, depth) for item in source]
        if not isinstance(source, str) or depth > _DEEPEST:
            return source
        whole = _REFERENCE.fullmatch(source.strip())
        if whole is not None:
            return self._found(whole[1], whole[2], whole[3] or "", depth)
        if source.startswith("="):
            return _counted(self._merged(source[1:], depth), source)
        formulas = _FORMULA.sub(lambda m: str(_counted(self._merged(m[1], depth), m[0])), source)
        return self._merged(formulas, depth)

    def _merged(self, source: str, depth: int) -> str:
        def put(found: re.Match[str]) -> str:
            brought = self._found(found[1], found[2], found[3] or "", depth)
            return ", ".join(_printed(item) for item in _flat(brought))

        return _REFERENCE.sub(put, source)

    def _found(self, owner: str, name: str, modifiers: str, depth: int) -> Any:
        found = self._value(self.find(owner, name), depth + 1)
        wanted = {part.strip() for part in modifiers.split(",")} & {"printable", "friendly", "bbcode"}
        if not wanted:
            return found
        return ", ".join(self._person(str(item), wanted) for item in _flat(found))

    def _person(self, item: str, wanted: set[str]) -> str:
        """Write a user for people: with the number, the name only, or as a link."""
        found = _USER.fullmatch(item)
        user = self.store.users.get(int(found[1])) if found else None
        if user is None:
            return item
        name = f"{user.name} {user.last_name}"
        if "bbcode" in wanted:
            return f"[user={user.id}]{name}[/user]"
        return name if "friendly" in wanted else f"{name} [{user.id}]"


def _flat(value: Any) -> list[Any]:
    if isinstance(value, list):
        return [inner for item in value for inner in _flat(item)]
    return [] if value is None else [value]


def _printed(value: Any) -> str:
    if isinstance(value, bool):
        return "Y" if value else "N"
    return str(value)


_SIGNS: dict[type[ast.operator], Callable[[Any, Any], Any]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def _counted(formula: str, untouched: str) -> Any:
    """Count sums of numbers; other formulas are left as they were written."""
    try:
        result = _counted_node(ast.parse(formula.strip(), mode="eval").body)
    except (SyntaxError, ValueError, ZeroDivisionError):
        return untouched
    return int(result) if result == int(result) else result


def _counted_node(node: ast.expr) -> Any:
    if isinstance(node, ast.Constant) and type(node.value) in {int, float}:
        return node.value
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_counted_node(node.operand)
    if isinstance(node, ast.BinOp) and type(node.op) in _SIGNS:
        return _SIGNS[type(node.op)](_counted_node(node.left), _counted_node(node.right))
    raise ValueError("not a sum of numbers")


def holds(scope: Scope, properties: Record) -> bool:
    """Tell whether a branch is to be taken; a branch without a condition is not."""
    if properties["truecondition"] is not None:
        return True
    if properties["mixedcondition"]:
        rows = [_mixed(row) for row in properties["mixedcondition"]]
    else:
        owner = "Document" if properties["fieldcondition"] else "Template"
        source = properties["fieldcondition"] or properties["propertyvariablecondition"] or []
        rows = [(owner, str(row[0]), str(row[1]), row[2], 0) for row in source]
    verdict: bool | None = None
    for owner, name, sign, wanted, joiner in rows:
        have = scope.find(owner, name)
        if have is None and owner == "Template":
            have = scope.find("Variable", name)
        one = _compared(scope.value(have), sign, scope.value(wanted))
        verdict = one if verdict is None else (verdict or one if joiner else verdict and one)
    return bool(verdict)


def _mixed(row: Record) -> tuple[str, str, str, Any, int]:
    joiner = 1 if str(row.get("joiner", 0)) == "1" else 0
    return str(row["object"]), str(row["field"]), str(row["operator"]), row.get("value"), joiner


def _compared(have: Any, sign: str, wanted: Any) -> bool:
    mine, theirs = [_printed(item) for item in _flat(have)], [_printed(item) for item in _flat(wanted)]
    if sign in {"empty", "!empty"}:
        return (not any(mine)) is (sign == "empty")
    if sign in {"in", "!in"}:
        return bool(set(mine) & set(theirs)) is (sign == "in")
    if sign in {"contain", "!contain"}:
        inside = any(part in whole for part in theirs for whole in mine)
        return inside is (sign == "contain")
    if sign == "between":
        return len(theirs) == 2 and _less(theirs[0], mine, "<=") and _less(theirs[1], mine, ">=")
    if sign in {"=", "!="}:
        return (mine == theirs or _numbers(mine, theirs)) is (sign == "=")
    return bool(theirs) and _less(theirs[0], mine, _MIRRORED.get(sign, ""))


_MIRRORED = {">": "<", ">=": "<=", "<": ">", "<=": ">="}
_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def _less(bound: str, mine: list[str], sign: str) -> bool:
    """Compare a bound with every value: as numbers where both are numbers, else as text."""
    if sign not in _ORDERS or not mine:
        return False
    pairs = [(_number(bound), _number(one)) for one in mine]
    as_numbers = all(None not in pair for pair in pairs)
    return all(_ORDERS[sign](*pair) for pair in (pairs if as_numbers else [(bound, one) for one in mine]))


def _numbers(mine: list[str], theirs: list[str]) -> bool:
    left, right = [_number(one) for one in mine], [_number(one) for one in theirs]
    return None not in left and left == right


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
