"""Frozen values to JSON and back, driven by their type hints.

Money is `"1500.00 RUB"`, a Decimal its digits, a moment ISO 8601, a duration its microseconds, an Enum its
value. A dataclass is an object of its fields; where a hint allows several the object names its class under
`"type"`.
Rows written by an older version stay readable: a missing field takes the dataclass's default, a field nobody
knows any more is passed over.

A hint is worked out once, into two functions that are kept (`Coding`): recorded checks are read again by the
hundred thousand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from collections.abc import Iterator
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from functools import lru_cache
from types import MemberDescriptorType
from types import NoneType
from types import UnionType
from typing import Any
from typing import NamedTuple
from typing import Union
from typing import cast
from typing import get_args
from typing import get_origin

from b24app.domain.errors import BadMoneyError
from b24app.domain.money import Money
from b24app.storage.errors import BrokenRowError
from b24app.storage.hints import field_hints

Act = Callable[[Any], Any]
Put = Callable[[Any, Any], None]
Default = Callable[[], Any]
TAG = "type"
_MICROSECOND = timedelta(microseconds=1)
_PLAIN = (str, int, bool, float, NoneType)
_UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, ArithmeticError, BadMoneyError)
# A debt stands in every check of its client: the same sums and days come again and again.
_SUMS_KEPT = 2**15
_DAYS_KEPT = 2**12


class Coding(NamedTuple):
    """How values of one hint are written and read; a value of the type `as_is` is the same in JSON."""

    write: Act
    read: Act
    as_is: type | None = None


def encode(kind: Any, value: object) -> Any:
    """Return `value` as JSON values; raises `BrokenRowError` when it does not fit the hint `kind`."""
    return coding(kind).write(value)


def decode(kind: Any, value: Any) -> Any:
    """Return what `encode` with the same hint was given; raises `BrokenRowError` for anything else."""
    read = coding(kind).read
    try:
        return read(value)
    except _UNREADABLE as error:
        raise BrokenRowError(f"cannot read a stored {kind}: {type(error).__name__}") from error


@cache
def coding(kind: Any) -> Coding:
    """Work out how values of the hint `kind` are written and read.

    `write` raises `BrokenRowError` as `encode` does; `read` whatever it stumbles over. Raises `TypeError` for
    a hint nothing is known about.
    """
    origin = get_origin(kind) or kind
    arguments = get_args(kind)
    if origin in {Union, UnionType}:
        return _union(arguments)
    if origin in _PLAIN:
        return _plain(origin)
    if origin in _LEAVES:
        return _leaf(origin, *_LEAVES[origin])
    if origin is dict:
        return _mapping(kind, coding(arguments[1]))
    if issubclass(origin, Enum):
        return _choice(origin)
    if dataclasses.is_dataclass(origin):
        return _record(cast("type", origin))
    if origin is list or (origin is tuple and Ellipsis in arguments):
        return _series(kind, origin, coding(arguments[0]))
    if origin is tuple:
        return _places(kind, [coding(each) for each in arguments])
    raise TypeError(f"no way to store {kind}")


def _misfit(value: object, kind: Any) -> BrokenRowError:
    return BrokenRowError(f"{type(value).__name__} does not fit {kind}")


def _plain(kind: type) -> Coding:
    def write(value: object) -> object:
        if type(value) is kind:
            return value
        raise _misfit(value, kind)

    def read(value: object) -> object:
        if type(value) is kind:
            return value
        raise TypeError

    return Coding(write, read, as_is=kind)


def _leaf(kind: type, text_of: Act, read: Act) -> Coding:
    def write(value: object) -> object:
        if type(value) is kind:
            return text_of(value)
        raise _misfit(value, kind)

    return Coding(write, read)


def _choice(kind: type[Enum]) -> Coding:
    def write(value: object) -> object:
        if isinstance(value, kind):
            return value.value
        raise _misfit(value, kind)

    return Coding(write, {member.value: member for member in kind}.__getitem__)


def _encode_money(value: Money) -> str:
    return f"{value.amount} {value.currency}"


@lru_cache(_SUMS_KEPT)
def _decode_money(value: str) -> Money:
    amount, currency = value.split(" ")
    return Money(Decimal(amount), currency)


_LEAVES: dict[object, tuple[Act, Act]] = {
    Money: (_encode_money, _decode_money),
    Decimal: (str, Decimal),
    datetime: (datetime.isoformat, datetime.fromisoformat),
    date: (date.isoformat, lru_cache(_DAYS_KEPT)(date.fromisoformat)),
    timedelta: (lambda value: value // _MICROSECOND, lambda value: timedelta(microseconds=value)),
}


def _record(kind: type) -> Coding:
    return Coding(_record_writer(kind), _record_reader(kind))


def _fields(kind: type) -> Iterator[tuple[dataclasses.Field[Any], Coding]]:
    hints = field_hints(kind)
    for item in dataclasses.fields(kind):
        yield item, coding(hints[item.name])


# The fields are looked at on first use, since a class may hold others of its own kind. They are plain tuples:
# nothing else is taken apart as fast.


def _record_writer(kind: type) -> Act:
    @cache
    def parts() -> tuple[tuple[str, type | None, Act], ...]:
        return tuple((item.name, coded.as_is, coded.write) for item, coded in _fields(kind))

    def write(value: object) -> dict[str, Any]:
        if not isinstance(value, kind):
            raise _misfit(value, kind)
        stored = {}
        for name, as_is, write_part in parts():
            found = getattr(value, name)
            stored[name] = found if type(found) is as_is else write_part(found)
        return stored

    return write


def _record_reader(kind: type) -> Act:
    """Make objects as a frozen `__init__` makes them, field by field, but read the fields on the way."""
    finish: Act | None = getattr(kind, "__post_init__", None)

    @cache
    def parts() -> tuple[tuple[str, type | None, Act, Put, Default], ...]:
        return tuple(
            (item.name, coded.as_is, coded.read, _putting(kind, item.name), _default_of(item))
            for item, coded in _fields(kind)
        )

    def read(value: Any) -> object:
        if type(value) is not dict:
            raise TypeError
        made: Any = object.__new__(kind)
        for name, as_is, read_part, put, default in parts():
            try:
                stored = value[name]
            except KeyError:
                put(made, default())
            else:
                put(made, stored if type(stored) is as_is else read_part(stored))
        if finish is not None:
            finish(made)
        return made

    return read


def _putting(kind: type, name: str) -> Put:
    """Return what sets a field of a new object, frozen or not: its slot, where it has one."""
    slot = getattr(kind, name, None)
    if isinstance(slot, MemberDescriptorType):
        return slot.__set__
    return lambda made, value: object.__setattr__(made, name, value)


def _default_of(item: dataclasses.Field[Any]) -> Default:
    """Return what makes the value a row lacks; it raises `TypeError` when the field has no default."""

    def default() -> object:
        if item.default is not dataclasses.MISSING:
            return item.default
        if item.default_factory is not dataclasses.MISSING:
            return item.default_factory()
        raise TypeError(f"{item.name} is missing")

    return default


def _mapping(kind: Any, each: Coding) -> Coding:
    write_item, read_item, _ = each

    def write(value: object) -> dict[Any, Any]:
        if not isinstance(value, dict):
            raise _misfit(value, kind)
        return {key: write_item(item) for key, item in value.items()}

    def read(value: Any) -> dict[Any, Any]:
        return {key: read_item(item) for key, item in value.items()}

    return Coding(write, read)


def _series(kind: Any, origin: Any, each: Coding) -> Coding:
    """`tuple[X, ...]` and `list[X]`: any number of one kind."""
    write_item, read_item, _ = each

    def write(value: Any) -> list[Any]:
        if not isinstance(value, origin):
            raise _misfit(value, kind)
        return [write_item(item) for item in value]

    def read(value: Any) -> Any:
        if type(value) is not list:
            raise TypeError
        return origin([read_item(item) for item in value])

    return Coding(write, read)


def _places(kind: Any, places: list[Coding]) -> Coding:
    """`tuple[X, Y]`: a kind for each place."""

    def write(value: object) -> list[Any]:
        if not isinstance(value, tuple) or len(value) != len(places):
            raise _misfit(value, kind)
        return [place.write(item) for place, item in zip(places, value, strict=True)]

    def read(value: Any) -> tuple[Any, ...]:
        if type(value) is not list:
            raise TypeError
        return tuple(place.read(item) for place, item in zip(places, value, strict=True))

    return Coding(write, read)


def _union(members: tuple[Any, ...]) -> Coding:
    real = [member for member in members if member is not NoneType]
    inner = coding(real[0]) if len(real) == 1 else _several(real)
    return _optional(inner) if NoneType in members else inner


def _optional(inner: Coding) -> Coding:
    write_real, read_real, as_is = inner

    def write(value: object) -> Any:
        return None if value is None else write_real(value)

    def read(value: Any) -> Any:
        return None if value is None else read_real(value)

    return Coding(write, read, as_is=as_is or NoneType)


def _several(members: list[Any]) -> Coding:
    """A value is written by its own type; it is read by the class it names, or by its type in JSON."""
    writers = {get_origin(member) or member: _tagged(member) for member in reversed(members)}
    readers = {member: coding(member).read for member in members}
    named = {member.__name__: reading for member, reading in readers.items()}

    def write(value: object) -> Any:
        writing = writers.get(type(value))
        if writing is None:
            raise _misfit(value, " | ".join(named))
        return writing(value)

    def read(value: Any) -> Any:
        if type(value) is dict and TAG in value:
            return named[value[TAG]](value)
        return readers[type(value)](value)

    return Coding(write, read)


def _tagged(member: Any) -> Act:
    """Write one of several: a dataclass names its class."""
    write, tag = coding(member).write, {TAG: member.__name__}
    return (lambda value: tag | write(value)) if dataclasses.is_dataclass(member) else write
