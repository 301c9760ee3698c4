"""The `$filter` language of 1C: parse a text into a predicate over rows (onec_odata 1.5).

Arithmetic, `like`, date parts, `any` and `all` are refused with 501, which the platform would run.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from typing import TypeAlias

from b24app.sandbox.onec.errors import ODataError
from b24app.sandbox.onec.errors import not_implemented
from b24app.sandbox.onec.errors import unparsable
from b24app.sandbox.onec.schema import NAMESPACE
from b24app.sandbox.onec.schema import Kind
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.onec.scope import Column
from b24app.sandbox.onec.scope import Scope

Predicate: TypeAlias = Callable[[Row], bool]

_GUID = r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_TOKEN = re.compile(
    r" *(?:"
    rf"guid'(?P<guid>{_GUID})'"
    r"|datetime'(?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)'"
    r"|'(?P<text>(?:[^']|'')*)'"
    r"|(?P<number>-?\d+(?:\.\d+)?)(?![\w.])"
    r"|(?P<name>[^\W\d]\w*(?:/[^\W\d]\w*)*)"
    r"|(?P<sign>[(),])"
    r")"
)
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "eq": operator.eq,
    "ne": operator.ne,
    "gt": operator.gt,
    "ge": operator.ge,
    "lt": operator.lt,
    "le": operator.le,
}
_TEXT_CALLS: dict[str, Callable[[str, str], bool]] = {
    "startswith": str.startswith,
    "endswith": str.endswith,
    "substringof": lambda part, whole: part in whole,
}
_UNIMITATED = {
    "add",
    "sub",
    "mul",
    "div",
    "concat",
    "like",
    "substring",
    "dateadd",
    "datedifference",
    "round",
}
_UNIMITATED |= {"any", "all", "year", "month", "day", "hour", "minute", "second", "quarter"}
_NUMBERS = {Kind.NUMBER, Kind.WHOLE}
_ORDERED = {Kind.NUMBER, Kind.WHOLE, Kind.DATE, Kind.TEXT}


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class _Cast:
    """`cast(guid'…','Catalog_X')`."""

    key: str
    type: str


_Operand: TypeAlias = Column | _Cast


def parse_filter(text: str, scope: Scope, *, option: str = "$filter") -> Predicate:
    """Compile a filter.

    Raises:
        ODataError: code 14 when it does not parse or compares unlike types, 6 for an unknown name, status 501
            for what this base does not imitate.
    """
    return _Parser(text, scope, option).whole()


def _tokens(text: str, option: str) -> Iterator[_Token]:
    at = 0
    end = len(text.rstrip(" "))
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None or found.lastgroup is None:
            raise unparsable(option)
        yield _Token(found.lastgroup, found[found.lastgroup])
        at = found.end()


class _Parser:
    """Recursive descent: or, and, not, parentheses, comparison, call."""

    def __init__(self, text: str, scope: Scope, option: str) -> None:
        self._option = option
        self._scope = scope
        self._tokens = list(_tokens(text, option))
        self._at = 0

    def whole(self) -> Predicate:
        parsed = self._or()
        if self._at != len(self._tokens):
            raise self._broken()
        return parsed

    def _or(self) -> Predicate:
        parts = [self._and()]
        while self._word("or"):
            parts.append(self._and())
        return parts[0] if len(parts) == 1 else lambda row: any(part(row) for part in parts)

    def _and(self) -> Predicate:
        parts = [self._unary()]
        while self._word("and"):
            parts.append(self._unary())
        return parts[0] if len(parts) == 1 else lambda row: all(part(row) for part in parts)

    def _unary(self) -> Predicate:
        if self._word("not"):
            denied = self._unary()
            return lambda row: not denied(row)
        if self._sign("("):
            inner = self._or()
            self._expect(")")
            return inner
        return self._call() or self._comparison()

    def _call(self) -> Predicate | None:
        name = self._peek().text
        if not self._opens() or name == "cast":
            return None
        if name in _UNIMITATED:
            raise not_implemented(name)
        self._at += 2
        if name == "isof":
            return self._isof()
        if name not in _TEXT_CALLS:
            raise self._broken()
        first = self._text_operand()
        self._expect(",")
        second = self._text_operand()
        self._expect(")")
        test = _TEXT_CALLS[name]
        return lambda row: test(str(first.read(row)), str(second.read(row)))

    def _isof(self) -> Predicate:
        column = self._scope.column(self._next("name").text)
        self._expect(",")
        wanted = NAMESPACE + self._next("text").text
        self._expect(")")
        type_of = column.type_of
        if type_of is None:
            raise self._broken()
        return lambda row: type_of(row) == wanted

    def _text_operand(self) -> Column:
        made = self._operand()
        if isinstance(made, _Cast) or made.kind is not Kind.TEXT:
            raise self._broken()
        return made

    def _comparison(self) -> Predicate:
        left = self._operand()
        word = self._next("name").text
        if word in _UNIMITATED:
            raise not_implemented(word)
        if word not in _COMPARE:
            raise self._broken()
        return self._compare(left, word, self._operand())

    def _compare(self, left: _Operand, word: str, right: _Operand) -> Predicate:
        if isinstance(left, _Cast) or isinstance(right, _Cast):
            return self._compare_cast(left, word, right)
        if Kind.COMPOSITE in (left.kind, right.kind):
            matches = word == "ne"  # a bare guid or text against a composite field silently matches nothing
            return lambda _row: matches
        alike = left.kind is right.kind or {left.kind, right.kind} <= _NUMBERS
        if not alike or (word not in ("eq", "ne") and left.kind not in _ORDERED):
            raise self._broken()
        test, read_left, read_right = _COMPARE[word], left.read, right.read
        return lambda row: test(read_left(row), read_right(row))

    def _compare_cast(self, left: _Operand, word: str, right: _Operand) -> Predicate:
        column, cast = (right, left) if isinstance(left, _Cast) else (left, right)
        if isinstance(column, _Cast) or not isinstance(cast, _Cast) or word not in ("eq", "ne"):
            raise self._broken()
        type_of, read, equal = column.type_of, column.read, word == "eq"
        if type_of is None:
            raise self._broken()
        key, name = cast.key, cast.type
        return lambda row: (read(row) == key and type_of(row) == name) is equal

    def _operand(self) -> _Operand:
        token = self._peek()
        if token.kind == "name" and self._opens():
            return self._cast()
        self._at += 1
        if token.kind == "name" and token.text in ("true", "false"):
            return _constant(Kind.FLAG, token.text == "true")
        if token.kind == "name":
            return self._scope.column(token.text)
        return self._literal(token)

    def _literal(self, token: _Token) -> Column:
        if token.kind == "guid":
            return _constant(Kind.GUID, token.text.lower())
        if token.kind == "text":
            return _constant(Kind.TEXT, token.text.replace("''", "'"))
        if token.kind == "number":
            return _constant(Kind.NUMBER, Decimal(token.text))
        if token.kind == "date":
            return _constant(Kind.DATE, moment(token.text, self._option))
        raise self._broken()

    def _cast(self) -> _Cast:
        name = self._next("name").text
        if name in _UNIMITATED:
            raise not_implemented(name)
        if name != "cast":
            raise self._broken()
        self._expect("(")
        key = self._next("guid").text.lower()
        self._expect(",")
        target = self._next("text").text
        self._expect(")")
        return _Cast(key, NAMESPACE + target)

    def _opens(self) -> bool:
        following = self._tokens[self._at + 1 : self._at + 2]
        return self._peek().kind == "name" and following == [_Token("sign", "(")]

    def _peek(self) -> _Token:
        if self._at >= len(self._tokens):
            raise self._broken()
        return self._tokens[self._at]

    def _next(self, kind: str) -> _Token:
        token = self._peek()
        if token.kind != kind:
            raise self._broken()
        self._at += 1
        return token

    def _take(self, token: _Token) -> bool:
        found = self._tokens[self._at : self._at + 1] == [token]
        self._at += found
        return found

    def _word(self, word: str) -> bool:
        return self._take(_Token("name", word))

    def _sign(self, sign: str) -> bool:
        return self._take(_Token("sign", sign))

    def _expect(self, sign: str) -> None:
        if not self._sign(sign):
            raise self._broken()

    def _broken(self) -> ODataError:
        return unparsable(self._option)


def moment(text: str, option: str) -> datetime:
    """Read the inside of a `datetime'…'` literal, the server's local time.

    Raises:
        ODataError: code 14, the day or hour does not exist.
    """
    try:
        return datetime.fromisoformat(text)
    except ValueError as error:
        raise unparsable(option) from error


def _constant(kind: Kind, value: Value) -> Column:
    return Column(kind, lambda _row: value)
