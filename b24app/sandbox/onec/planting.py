"""Errors planted on purpose: what a base would answer if it, or whoever reads it, had a bug.

For tests of the tests: a comparison that does not notice one of these is worth nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from datetime import timedelta
from decimal import ROUND_DOWN
from decimal import Decimal
from enum import Enum

from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.schema import Row

_DAY = timedelta(days=1)
_EACH = 50
_DUE = "ДатаПлановогоПогашения"
_DATED = ("Date", "ДатаРегистратора", "Финиш", "СрокОплаты")
_RECEIPT = "РасшифровкаПлатежа"
_CONTRACT_OF = ("АналитикаУчетаПоПартнерам_Key", "Договор_Key", "ExtDimension2")


class Planted(Enum):
    """What is wrong with the base."""

    LOST = "lost"
    """Every fiftieth movement is missing."""
    SIGN = "sign"
    """Every fiftieth movement counts the other way."""
    LATE = "late"
    """Debts fall due a day later than they do."""
    UNPOSTED = "unposted"
    """Documents that are not posted move registers."""
    KOPECKS = "kopecks"
    """Sums lose their kopecks."""
    CONTRACT = "contract"
    """Movements of one contract stand under another."""


def spoil_movements(movements: Sequence[Movement], planted: Planted | None) -> Sequence[Movement]:
    """Give movements as a base with this error would."""
    if planted is Planted.LOST:
        return [one for number, one in enumerate(movements) if number % _EACH]
    if planted is Planted.SIGN:
        return [
            one if number % _EACH else replace(one, receipt=not one.receipt)
            for number, one in enumerate(movements)
        ]
    if planted is Planted.KOPECKS:
        return [_rounded(one) for one in movements]
    if planted is Planted.LATE:
        return [_later(one) for one in movements]
    return _under_one_contract(movements) if planted is Planted.CONTRACT else movements


def spoil_row(row: Row, planted: Planted | None) -> Row:
    """Give an object as a base with this error would; payments keep their day."""
    if planted is not Planted.LATE or _RECEIPT in row:
        return row
    moved = {name: row[name] for name in _DATED if name in row}
    return {**row, **{name: value + _DAY for name, value in moved.items() if isinstance(value, datetime)}}


def _rounded(one: Movement) -> Movement:
    cut = {name: amount.quantize(Decimal(1), ROUND_DOWN) for name, amount in one.resources.items()}
    return replace(one, resources=cut)


def _later(one: Movement) -> Movement:
    due = one.dimensions.get(_DUE)
    if not isinstance(due, datetime) or due.year == 1:
        return one
    return replace(one, dimensions={**one.dimensions, _DUE: due + _DAY})


def _under_one_contract(movements: Sequence[Movement]) -> list[Movement]:
    """Put every fiftieth movement under the contract of the movement before it."""
    made: list[Movement] = []
    for number, one in enumerate(movements):
        if number and number % _EACH == 0:
            before = movements[number - 1].dimensions
            wrong = {name: before[name] for name in _CONTRACT_OF if name in one.dimensions and name in before}
            made.append(replace(one, dimensions={**one.dimensions, **wrong}))
        else:
            made.append(one)
    return made
