"""Query options of a read: parse them from the raw query string and apply them to rows (onec_odata 1.5)."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from b24app.sandbox.onec.errors import bad_value
from b24app.sandbox.onec.errors import not_implemented
from b24app.sandbox.onec.errors import unknown_segment
from b24app.sandbox.onec.errors import unparsable
from b24app.sandbox.onec.errors import unsupported_option
from b24app.sandbox.onec.schema import Entity
from b24app.sandbox.onec.schema import Kind
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.onec.scope import Column
from b24app.sandbox.onec.scope import Scope

_KNOWN = {"$format", "$filter", "$select", "$orderby", "$top", "$skip", "$inlinecount", "$allowedOnly"}
_ORDER = re.compile(r"(?P<path>[\w/]+)(?: +(?P<way>asc|desc))?")


@dataclass(frozen=True, slots=True)
class Options:
    """The options of one request, still as texts where they need the fields of the set."""

    filter: str | None = None
    select: str | None = None
    orderby: str | None = None
    top: int | None = None
    skip: int = 0
    counted: bool = False
    allowed_only: bool = False
    format: str | None = None


def parse_options(query: str) -> Options:
    """Read a raw query string; `+` stays a plus sign, as 1C leaves it.

    Raises:
        ODataError: code 0 for an option that does not exist, 4 for a bad number, 501 for `$expand`.
    """
    given = dict(_pairs(query))
    if "$expand" in given:
        raise not_implemented("$expand")
    for name in given:
        if name.startswith("$") and name not in _KNOWN:
            raise unsupported_option(name)
    return Options(
        filter=given.get("$filter"),
        select=given.get("$select"),
        orderby=given.get("$orderby"),
        top=_number(given, "$top"),
        skip=_number(given, "$skip") or 0,
        counted=_inlinecount(given.get("$inlinecount")),
        allowed_only="true" in (given.get("allowedOnly"), given.get("$allowedOnly")),
        format=given.get("$format"),
    )


def _pairs(query: str) -> Iterable[tuple[str, str]]:
    for part in filter(None, query.split("&")):
        name, _, value = part.partition("=")
        yield unquote(name), unquote(value)


def _number(given: Mapping[str, str], name: str) -> int | None:
    text = given.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit():
        raise bad_value(f"Неверное значение параметра {name}")
    return int(text)


def _inlinecount(text: str | None) -> bool:
    if text not in (None, "none", "allpages"):
        raise bad_value("Неверное значение параметра $inlinecount")
    return text == "allpages"


def ordered(rows: list[Row], orderby: str | None, scope: Scope) -> list[Row]:
    """Sort by `$orderby`; without it rows come in no promised order (here: by key, backwards).

    Raises:
        ODataError: code 14 for a bad text, 6 for an unknown field.
    """
    if orderby is None:
        return rows[::-1]
    result = list(rows)
    for part in reversed(orderby.split(",")):
        found = _ORDER.fullmatch(part.strip(" "))
        if found is None:
            raise unparsable("$orderby")
        column = scope.column(found["path"])
        result.sort(key=_sort_key(column), reverse=found["way"] == "desc")
    return result


def _sort_key(column: Column) -> Callable[[Row], Any]:
    return column.read  # values of one column are of one type, so they compare


def selected(rows: Iterable[Row], select: str | None, scope: Scope, entity: Entity | None) -> Iterable[Row]:
    """Keep the fields of `$select`, lazily; `*` is all, `**` all but sections, `A/B` a nested object.

    Raises:
        ODataError: code 6 for an unknown field.
    """
    if select is None:
        return rows
    names = [name.strip(" ") for name in select.split(",")]
    if "*" in names:
        return rows
    return _Selection(names, scope, entity).of(rows)


class _Selection:
    def __init__(self, names: list[str], scope: Scope, entity: Entity | None) -> None:
        self._plain: list[str] = []
        self._sections: dict[str, list[str]] = {}
        self._paths: dict[str, dict[str, Column]] = {}
        for name in names:
            if name == "**":
                self._plain += [one.name for one in scope.fields.values() if one.kind is not Kind.SECTION]
            else:
                self._add(name, scope, entity)

    def of(self, rows: Iterable[Row]) -> Iterable[Row]:
        return (self._one(row) for row in rows)

    def _add(self, name: str, scope: Scope, entity: Entity | None) -> None:
        head, _, rest = name.partition("/")
        if not rest:
            scope.column(name)
            self._plain.append(name)
        elif entity is not None and head in entity.sections:
            if rest not in entity.sections[head].fields:
                raise unknown_segment(rest)
            self._sections.setdefault(head, []).append(rest)
        else:
            self._paths.setdefault(head, {})[rest] = scope.column(name)

    def _one(self, row: Row) -> Row:
        made: dict[str, Value] = {name: row[name] for name in self._plain}
        for title, names in self._sections.items():
            lines = row[title]
            made[title] = tuple({name: line[name] for name in names} for line in _rows(lines))
        for head, columns in self._paths.items():
            made[head] = {path: column.read(row) for path, column in columns.items()}
        return made


def _rows(value: Value) -> tuple[Row, ...]:
    if not isinstance(value, tuple):
        raise TypeError(f"not a section: {value!r}")
    return value
