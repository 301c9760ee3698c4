"""The virtual table `Balance` of a register (onec_odata 1.6)."""

from __future__ import annotations

import re
from collections.abc import Callable
from collections.abc import Mapping
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import Enum

from b24app.sandbox.onec.errors import bad_call
from b24app.sandbox.onec.errors import bad_value
from b24app.sandbox.onec.errors import not_implemented
from b24app.sandbox.onec.errors import unknown_property
from b24app.sandbox.onec.errors import unparsable
from b24app.sandbox.onec.filtering import Predicate
from b24app.sandbox.onec.filtering import moment
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.schema import ACCOUNT
from b24app.sandbox.onec.schema import Field
from b24app.sandbox.onec.schema import Kind
from b24app.sandbox.onec.schema import Register
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value

_PARAMETER = re.compile(r"(?:^|,) *(?P<name>[^\W\d]\w*) *= *(?='|datetime')")
_PERIOD = re.compile(r"datetime'(?P<date>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)'")
_KNOWN = {"Period", "Condition", "Dimensions", "AccountCondition"}


class Quoting(Enum):
    """How this base wants quotes inside `Condition='…'`; both ways are reported from live bases.

    `NEITHER`: it refuses every such argument, as old platforms might.
    """

    DOUBLED = "doubled"
    SINGLE = "single"
    BOTH = "both"
    NEITHER = "neither"


@dataclass(frozen=True, slots=True)
class BalanceCall:
    """Parsed parameters: an exclusive moment or None for current totals, conditions, dimension names."""

    period: datetime | None
    condition: str | None
    dimensions: tuple[str, ...]
    accounts: str | None = None


def parse_call(text: str, register: Register, quoting: Quoting) -> BalanceCall:
    """Read what stands in the parentheses of `Balance(…)`.

    Raises:
        ODataError: code 21 for an unknown parameter, 10 for an unknown dimension, 14 for what does not parse.
    """
    given = _split(text)
    if "AccountCondition" in given and not register.accounting:
        raise bad_call()
    condition, accounts = given.get("Condition"), given.get("AccountCondition")
    return BalanceCall(
        period=_period(given.get("Period")),
        condition=None if condition is None else _unquote(condition, quoting),
        dimensions=_dimensions(given.get("Dimensions"), register),
        accounts=None if accounts is None else _unquote(accounts, quoting),
    )


def slice_moment(text: str) -> datetime | None:
    """Read the moment of `SliceLast(…)`, inclusive; None for the newest of all.

    Raises:
        ODataError: as `parse_call`; 501 for `Condition`, which this base does not imitate here.
    """
    given = _split(text)
    if set(given) - {"Period"}:
        raise not_implemented("Condition of SliceLast")
    return _period(given.get("Period"))


def _split(text: str) -> dict[str, str]:
    if not text.strip(" "):
        return {}
    marks = [found for found in _PARAMETER.finditer(text) if found["name"] in _KNOWN or found.start() == 0]
    if not marks or marks[0].start() != 0:
        raise bad_call()
    ends = [found.start() for found in marks[1:]] + [len(text)]
    given = {
        found["name"]: text[found.end() : end].strip(" ") for found, end in zip(marks, ends, strict=True)
    }
    if not set(given) <= _KNOWN:
        raise bad_call()
    return given


def _period(text: str | None) -> datetime | None:
    if text is None:
        return None
    found = _PERIOD.fullmatch(text)
    if found is None:
        raise bad_value("Неверное значение параметра Period")
    return moment(found["date"], "Period")


def _unquote(text: str, quoting: Quoting) -> str:
    if len(text) < 2 or text[0] != "'" or text[-1] != "'":
        raise unparsable("Condition")
    if quoting is Quoting.NEITHER:
        raise unparsable("Condition")
    inner = text[1:-1]
    doubled = "'" not in inner.replace("''", "")
    if quoting is Quoting.SINGLE or (quoting is Quoting.BOTH and not doubled):
        return inner
    if not doubled:
        raise unparsable("Condition")
    return inner.replace("''", "'")


def _dimensions(text: str | None, register: Register) -> tuple[str, ...]:
    if text is None:
        return tuple(register.dimensions)
    names = tuple(name.strip(" ") for name in text.strip("'").split(",") if name.strip(" "))
    for name in names:
        if name not in register.dimensions:
            raise unknown_property(name)
    return names or tuple(register.dimensions)


def balance_fields(register: Register, dimensions: tuple[str, ...]) -> dict[str, Field]:
    """The fields of an answer: dimensions as in rows, `<Resource>Balance`; of accounts `…Dr`, `…Cr` too."""
    sides = ("", "Dr", "Cr") if register.accounting else ("",)
    names = [f"{name}Balance{side}" for name in register.resources for side in sides]
    return register.columns(dimensions) | {name: Field(name, Kind.NUMBER) for name in names}


def totals(
    movements: Sequence[Movement],
    call: BalanceCall,
    register: Register,
    *,
    condition: Predicate | None,
    seen: Callable[[Row], bool],
) -> list[Row]:
    """Sum the movements before the moment of the call; rows whose every resource is nought are not kept.

    `seen` is asked about the dimensions of each row that meets the condition; it may raise.
    """
    columns = tuple(register.columns(call.dimensions))
    sums: dict[tuple[Value, ...], dict[str, Decimal]] = {}
    for movement in movements:
        if call.period is not None and movement.period >= call.period:
            continue
        where = movement.dimensions
        if condition is not None and not condition(where):
            continue
        if not seen(where):
            continue
        group = sums.setdefault(tuple(where[name] for name in columns), {})
        sign = 1 if movement.receipt else -1
        for name, amount in movement.resources.items():
            group[name] = group.get(name, Decimal(0)) + sign * amount
    return [_answer(columns, key, group, register) for key, group in sums.items() if any(group.values())]


def _answer(
    columns: tuple[str, ...], key: tuple[Value, ...], group: Mapping[str, Decimal], register: Register
) -> Row:
    made: dict[str, Value] = dict(zip(columns, key, strict=True))
    for name in register.resources:
        amount = group.get(name, Decimal(0))
        made[f"{name}Balance"] = amount
        if register.accounting:
            kind = register.kinds.get(str(made.get(ACCOUNT)), "both")
            debit = kind == "active" or (kind == "both" and amount > 0)
            made[f"{name}BalanceDr"] = amount if debit else Decimal(0)
            made[f"{name}BalanceCr"] = Decimal(0) if debit else -amount
    return made
