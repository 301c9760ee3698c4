"""Filters of the list methods: prefixes, numbered OR groups, typed comparison (bitrix24 6.2)."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from collections.abc import Iterator
from collections.abc import Mapping
from typing import Any

from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.fields import Kind
from b24app.sandbox.portal.fields import parse
from b24app.sandbox.portal.store import Record

Test = Callable[[Record], bool]

PREFIXES = ("!=%", "!%=", ">=", "<=", "!@", "=%", "%=", "!%", "!=", "@", "%", "=", ">", "<", "!")


def compiled(source: Any, fields: Mapping[str, Field]) -> Test:
    """A test of records for a filter as a client sent it.

    Raises:
        RestError: `INVALID_ARG_VALUE` for a field the type does not have.
    """
    if source in (None, "", [], {}):
        return lambda _record: True
    tests: list[Test] = []
    either = False
    for key, value in _pairs(source):
        if key.lower() == "logic":
            either = str(value).upper() == "OR"
        elif key.isdecimal():
            tests.append(compiled(value, fields))
        else:
            tests.append(_condition(key, value, fields))
    if either:
        return lambda record: any(test(record) for test in tests)
    return lambda record: all(test(record) for test in tests)


def _pairs(source: Any) -> list[tuple[str, Any]]:
    if isinstance(source, dict):
        return [(str(key), value) for key, value in source.items()]
    if isinstance(source, list):
        return [(str(number), value) for number, value in enumerate(source)]
    raise RestError("INVALID_ARG_VALUE", "Filter must be an array")


def split(key: str) -> tuple[str, str]:
    """The operation and the field name of a filter key."""
    prefix = next((mark for mark in PREFIXES if key.startswith(mark)), "")
    return prefix, key.removeprefix(prefix)


def _condition(key: str, value: Any, fields: Mapping[str, Field]) -> Test:
    prefix, name = split(key)
    field = fields.get(name)
    if field is None:
        raise RestError("INVALID_ARG_VALUE", f"Invalid filter: field '{name}' is not allowed in filter")
    if "%" in prefix:
        return _like(field.name, value, inverted=prefix.startswith("!"))
    if prefix in {">", "<", ">=", "<="}:
        return _compare(prefix, field, value)
    return _one_of(field, value, inverted=prefix.startswith("!"))


def _like(name: str, value: Any, *, inverted: bool) -> Test:
    needle = str(value).strip("%").lower()
    return lambda record: (needle in str(record.get(name) or "").lower()) != inverted


def _compare(prefix: str, field: Field, value: Any) -> Test:
    bound = _operand(field, value)

    def test(record: Record) -> bool:
        stored = record.get(field.name)
        if stored is None or bound is None or isinstance(stored, list):
            return False
        return bool(_ORDERS[prefix](stored, bound))

    return test


_ORDERS: dict[str, Callable[[Any, Any], bool]] = {
    ">": lambda a, b: a > b,
    "<": lambda a, b: a < b,
    ">=": lambda a, b: a >= b,
    "<=": lambda a, b: a <= b,
}


def _one_of(field: Field, value: Any, *, inverted: bool) -> Test:
    wanted = _operands(field, value)

    def test(record: Record) -> bool:
        stored = record.get(field.name)
        have = stored if isinstance(stored, list) else [stored]
        hit = any(_same(one, other) for one in have for other in wanted)
        return hit != inverted

    return test


def _operands(field: Field, value: Any) -> list[Any]:
    """One value, or all scalars of an array however deep.

    A batch reference that did not resolve arrives as a map; the portal runs the command with whatever
    values it finds there (bitrix24 3.3), so nonsense among them is skipped.
    """
    if not isinstance(value, dict | list):
        return [_operand(field, value)]
    operands = []
    for item in _scalars(value):
        with contextlib.suppress(RestError):
            operands.append(_operand(field, item))
    return operands


def _scalars(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _scalars(item)
    else:
        yield value


def _same(stored: Any, wanted: Any) -> bool:
    if wanted is None:
        return stored in (None, "", 0)
    return bool(stored == wanted)


def _operand(field: Field, value: Any) -> Any:
    if isinstance(value, dict | list):
        raise RestError("INVALID_ARG_VALUE", f"Invalid filter value of field '{field.name}'")
    if field.kind is Kind.BOOLEAN:
        return value is True or str(value) in {"Y", "1"}
    try:
        parsed = parse(Field(field.name, field.kind, options=field.options), value)
    except RestError:
        if field.kind is Kind.ENUMERATION:
            return value
        raise RestError("INVALID_ARG_VALUE", f"Invalid filter value of field '{field.name}'") from None
    return None if value in (None, "") else parsed


def sorted_by(records: list[Record], order: Any, fields: Mapping[str, Field]) -> list[Record]:
    """Records in the order a client asked for; by id without one.

    Raises:
        RestError: `INVALID_ARG_VALUE` for an unknown field or direction.
    """
    result = sorted(records, key=lambda record: record["id"])
    if order in (None, "", [], {}):
        return result
    if not isinstance(order, dict):
        raise RestError("INVALID_ARG_VALUE", "Order must be an array")
    for name, direction in reversed(list(order.items())):
        field = fields.get(str(name))
        if field is None or str(direction).upper() not in {"ASC", "DESC"}:
            raise RestError("INVALID_ARG_VALUE", f"Invalid order: field '{name}' is not allowed in order")
        result.sort(key=_sort_key(field.name), reverse=str(direction).upper() == "DESC")
    return result


def _sort_key(name: str) -> Callable[[Record], tuple[bool, Any]]:
    def key(record: Record) -> tuple[bool, Any]:
        value = record.get(name)
        if isinstance(value, list):
            value = str(value)
        return (value is not None, 0 if value is None else value)

    return key
