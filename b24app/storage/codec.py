"""Frozen values to JSON and back, driven by their type hints.

Money is `"1500.00 RUB"`, a Decimal its digits, a moment ISO 8601, a duration its microseconds, an Enum its
value. A dataclass is an object of its fields; where a hint allows several the object names its class under
`"type"`.
Rows written by an older version stay readable: a missing field takes the dataclass's default, a field nobody
knows any more is passed over.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from types import NoneType
from types import UnionType
from typing import Any
from typing import Union
from typing import cast
from typing import get_args
from typing import get_origin
from typing import get_type_hints

from b24app.domain.card import CardTerms
from b24app.domain.money import Money
from b24app.storage.errors import BrokenRowError

TAG = "type"
_MICROSECOND = timedelta(microseconds=1)
# Names that some modules import for the type checker only.
_NAMES: dict[str, object] = {
    "CardTerms": CardTerms,
    "Money": Money,
    "date": date,
    "datetime": datetime,
    "timedelta": timedelta,
}


def _encode_money(value: Money) -> str:
    return f"{value.amount} {value.currency}"


def _decode_money(value: str) -> Money:
    amount, currency = value.split(" ")
    return Money(Decimal(amount), currency)


_LEAVES: dict[object, tuple[Callable[[Any], object], Callable[[Any], object]]] = {
    Money: (_encode_money, _decode_money),
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, date.fromisoformat),
    timedelta: (lambda value: value // _MICROSECOND, lambda value: timedelta(microseconds=value)),
}
_PLAIN = (str, int, bool, float, NoneType)


def encode(kind: Any, value: object) -> Any:
    """Return `value` as JSON values; raises `BrokenRowError` when it does not fit the hint `kind`."""
    members = _members(kind)
    if members:
        return _encode_union(members, value)
    origin = get_origin(kind) or kind
    if origin in _PLAIN and type(value) is origin:
        return value
    if origin in _LEAVES and type(value) is origin:
        return _LEAVES[origin][0](value)
    if origin not in _PLAIN and origin not in _LEAVES and isinstance(value, origin):
        return _encode_compound(kind, value)
    raise BrokenRowError(f"{type(value).__name__} does not fit {kind}")


def _encode_compound(kind: Any, value: object) -> Any:
    match value:
        case Enum():
            return value.value
        case tuple() | list():
            return [encode(_item(kind, index), item) for index, item in enumerate(value)]
        case dict():
            return {key: encode(_item(kind, 1), item) for key, item in value.items()}
        case _:
            return {name: encode(hint, getattr(value, name)) for name, hint in _hints(kind).items()}


def decode(kind: Any, value: Any) -> Any:
    """Return what `encode` with the same hint was given; raises `BrokenRowError` for anything else."""
    try:
        return _decode(kind, value)
    except (ValueError, TypeError, KeyError, AttributeError, ArithmeticError) as error:
        raise BrokenRowError(f"cannot read a stored {kind}: {type(error).__name__}") from error


def _decode(kind: Any, value: Any) -> Any:
    members = _members(kind)
    if members:
        return _decode_union(members, value)
    origin = get_origin(kind) or kind
    if origin in _PLAIN:
        if type(value) is not origin:
            raise TypeError
        return value
    if origin in _LEAVES:
        return _LEAVES[origin][1](value)
    return origin(value) if issubclass(origin, Enum) else _decode_compound(kind, origin, value)


def _decode_compound(kind: Any, origin: Any, value: Any) -> Any:
    if dataclasses.is_dataclass(origin):
        hints = _hints(cast("type", origin))
        known = {name: _decode(hint, value[name]) for name, hint in hints.items() if name in value}
        return cast("type", origin)(**known)
    if origin is dict:
        return {key: _decode(_item(kind, 1), item) for key, item in value.items()}
    return origin(_decode(_item(kind, index), item) for index, item in enumerate(value))


def _encode_union(members: tuple[Any, ...], value: object) -> Any:
    if value is None and NoneType in members:
        return None
    several = len([member for member in members if member is not NoneType]) > 1
    for member in members:
        if type(value) is (get_origin(member) or member):
            tag = {TAG: type(value).__name__} if several and dataclasses.is_dataclass(member) else {}
            encoded = encode(member, value)
            return tag | encoded if tag else encoded
    raise BrokenRowError(f"{type(value).__name__} is none of {members}")


def _decode_union(members: tuple[Any, ...], value: Any) -> Any:
    if value is None and NoneType in members:
        return None
    real = [member for member in members if member is not NoneType]
    if len(real) == 1:
        return _decode(real[0], value)
    if isinstance(value, dict) and TAG in value:
        return _decode({member.__name__: member for member in real}[value[TAG]], value)
    if type(value) not in real:
        raise TypeError
    return _decode(type(value), value)


def _members(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if get_origin(kind) in {Union, UnionType} else ()


def _item(kind: Any, index: int) -> Any:
    """Return the hint of one member of a collection; `tuple[X, ...]` and `list[X]` repeat theirs."""
    arguments = get_args(kind)
    if get_origin(kind) is list:
        return arguments[0]
    return arguments[0] if Ellipsis in arguments else arguments[index]


@cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind, localns=_NAMES)
    return {item.name: hints[item.name] for item in dataclasses.fields(kind)}
