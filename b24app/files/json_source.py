"""A JSON document as people write it: exact numbers, and for everything wrong its line.

`json` tells no line of what it could read, takes the last of two equal keys and reads `NaN`; this does not.
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from decimal import Decimal
from typing import TYPE_CHECKING
from typing import Any
from typing import Final
from typing import NoReturn

from b24app.files.problems import Problem
from b24app.files.problems import field_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.files.locator import Path

BOOK: Final = "case"
_LONGEST_INTEGER: Final = 30
_DEEPEST: Final = 100
_PIECE: Final = re.compile(r'"(?:[^"\\]|\\.)*"|[\[\]{}:,]|[^\s\[\]{}:,"]+', re.DOTALL)
_SURROGATE: Final = re.compile(r"\\u[dD][89a-fA-F]")
_HALF: Final = re.compile("[\ud800-\udfff]")
_CONSTANTS: Final = frozenset({"NaN", "Infinity", "-Infinity"})
_WORDS: Final = (
    ("Expecting property name", "json_key"),
    ("Expecting ':'", "json_colon"),
    ("Expecting ','", "json_comma"),
    ("Illegal trailing comma", "json_key"),
    ("Expecting value", "json_value"),
    ("Extra data", "json_extra"),
    ("Unterminated string", "json_string"),
    ("Invalid control character", "json_control"),
    ("Invalid \\", "json_escape"),
)


class _ConstantError(ValueError):
    """A constant JSON does not have."""


def parse_json(text: str) -> tuple[Any, list[Problem]]:
    """Read a document with every number exact: what it holds, and what is wrong with its form.

    A document that cannot be read at all is None with one problem.
    """
    if not text.strip():
        return None, [_problem("json_empty", None)]
    pairs = _Pairs()
    try:
        document = json.loads(
            text,
            parse_float=_exact,
            parse_int=_integer,
            parse_constant=_refuse,
            object_pairs_hook=pairs.taken,
        )
    except json.JSONDecodeError as error:
        key = next((key for start, key in _WORDS if error.msg.startswith(start)), "json")
        return None, [_problem(key, error.lineno, column=str(error.colno))]
    except _ConstantError:
        return None, [_problem("json_constant", _line_of_constant(text))]
    except RecursionError:
        return None, [_problem("json_deep", _line_of_depth(text), deepest=str(_DEEPEST))]
    half = _line_of_half(text)
    if half is not None:
        return None, [_problem("json_half", half)]
    if not pairs.repeat:
        return document, []
    return document, [
        Problem(line, field, "json_twice", {"line": str(first)}, book=BOOK)
        for line, field, first in JsonLines(text).repeated
    ]


class JsonLines:
    """The lines of a valid JSON document by the path of what stands there."""

    def __init__(self, text: str) -> None:
        self._breaks = [match.start() for match in re.finditer("\n", text)]
        self._lines: dict[Path, int] = {}
        self.repeated: list[tuple[int, str, int]] = []
        self._walk(text)

    def line(self, path: Path) -> int | None:
        """Return the line of a value, else of the nearest thing around it; None for the document itself."""
        while path:
            if path in self._lines:
                return self._lines[path]
            path = path[:-1]
        return None

    def _walk(self, text: str) -> None:
        """Follow the brackets; the path's last part is a key or the number of an item.

        It is a loop, so that no depth can exhaust the stack.
        """
        path: list[str | int] = []
        names_key = False
        for at, piece in _pieces(text):
            if piece in "}]":
                path.pop()
                names_key = False
                continue
            if piece == ",":
                names_key = isinstance(path[-1], str)
                if not names_key:
                    path[-1] = int(path[-1]) + 1
                continue
            if piece == ":":
                continue
            if names_key:
                path[-1] = str(json.loads(piece, strict=False))
                self._note(tuple(path), at)
                names_key = False
                continue
            if path and isinstance(path[-1], int):
                self._note(tuple(path), at)
            if piece in "{[":
                names_key = piece == "{"
                path.append("" if names_key else 0)

    def _note(self, path: Path, at: int) -> None:
        line = bisect_right(self._breaks, at - 1) + 1
        if path in self._lines:
            self.repeated.append((line, field_of(path), self._lines[path]))
        else:
            self._lines[path] = line


class _Pairs:
    """Watches for an object that has a key twice."""

    def __init__(self) -> None:
        self.repeat = False

    def taken(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        self.repeat = self.repeat or len(found) != len(pairs)
        return found


def _pieces(text: str) -> Iterator[tuple[int, str]]:
    for match in _PIECE.finditer(text):
        yield match.start(), match[0]


def _exact(written: str) -> Decimal:
    """Read a number with a point or an exponent; one out of all bounds is as large as can be."""
    try:
        return Decimal(written)
    except ArithmeticError:
        return Decimal("Infinity")


def _integer(written: str) -> int | Decimal:
    return int(written) if len(written) <= _LONGEST_INTEGER else Decimal(written)


def _refuse(name: str) -> NoReturn:
    raise _ConstantError(name)


def _line_of_constant(text: str) -> int | None:
    found = next((at for at, piece in _pieces(text) if piece in _CONSTANTS), None)
    return None if found is None else text.count("\n", 0, found) + 1


def _line_of_depth(text: str) -> int | None:
    depth = 0
    for at, piece in _pieces(text):
        depth += (piece in "{[") - (piece in "}]")
        if depth > _DEEPEST:
            return text.count("\n", 0, at) + 1
    return None


def _line_of_half(text: str) -> int | None:
    """Find a text with half a character, which nothing could ever print."""
    if not _SURROGATE.search(text):
        return None
    for at, piece in _pieces(text):
        if piece[0] == '"' and _SURROGATE.search(piece) and _HALF.search(json.loads(piece)):
            return text.count("\n", 0, at) + 1
    return None


def _problem(key: str, line: int | None, **pieces: str) -> Problem:
    return Problem(line, "", key, pieces, book=BOOK)
