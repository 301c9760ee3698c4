"""Overdue by instalment after virtual allocation of unallocated money (credit_management K5)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import Enum
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING
from typing import Final
from typing import NamedTuple

from b24app.domain.exposure import NetScope
from b24app.domain.money import Money
from b24app.domain.money import amount_in
from b24app.domain.money import total

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.domain.receivable import Position

ZERO = Decimal(0)
_BUCKET_ENDS = (0, 30, 60, 90)


class OverdueItem(NamedTuple):
    """An instalment still unpaid past its due day: `days` late, `amount` left after allocation."""

    document: str
    contract: str | None
    due: date
    days: int
    amount: Money


class Overdue(NamedTuple):
    """The overdue part of an account, oldest first.

    `advice_allocate`: there is unallocated money that would shrink a due debt once offset in accounting.
    """

    amount: Money
    max_days: int
    items: tuple[OverdueItem, ...]
    advice_allocate: bool

    def later_than(self, days: int) -> Money:
        """Return the sum of what is late by more than so many days."""
        items = self.items
        if items and items[-1].days > days:
            return self.amount
        late = [item.amount.amount for item in items if item.days > days]
        return Money(sum(late, ZERO), self.amount.currency)


class Lateness(NamedTuple):
    """How lateness is counted on a day (K5).

    `tolerance` is the residual per instalment that is still forgiven, `disputed` what is not late of each
    document (N22), both in `currency`.
    """

    on: date
    currency: str
    net_scope: NetScope = NetScope.CONTRACT
    tolerance: Decimal = ZERO
    disputed: Mapping[str, Decimal] | None = None


def _oldest_first(item: OverdueItem) -> tuple[date, str, str, Decimal]:
    return item.due, item.document, item.contract or "", item.amount.amount


# Made by the dozen for every late client, so without the detour of a named tuple's own constructor.
_item: Final = partial(tuple.__new__, OverdueItem)
_oldest_of_contract: Final = itemgetter(*map(OverdueItem._fields.index, ("due", "document", "amount")))


@dataclass(slots=True)
class LateScope:
    """What is late in one netting scope before any allocation, oldest first, and the money for it."""

    items: list[OverdueItem] = field(default_factory=list)
    money: Decimal = ZERO


def late_scopes(
    positions: Iterable[Position], how: Lateness, *, net_scope: NetScope | None = None
) -> list[LateScope]:
    """Group late instalments by netting scope with the money that covers them virtually.

    What the client disputes of a document is not late, its oldest instalments first. `net_scope` stands in
    for the one of `how`. Money on its way (`pending`) softens overdue under its own contract even where
    advances are not netted: accounting itself subtracts it there (onec_odata 3.1). Raises
    `CurrencyMismatchError`.
    """
    on, currency, net_scope = how.on, how.currency, net_scope or how.net_scope
    today = on.toordinal()
    mixed = net_scope is NetScope.CUSTOMER
    scopes: dict[str | None, LateScope] = {}
    for position in positions:
        contract = position.contract
        scope = scopes.setdefault(None if mixed else contract, LateScope())
        credit = amount_in(position.credit, currency)
        scope.money += amount_in(position.pending, currency)
        if net_scope is not NetScope.OFF:
            scope.money += credit
        scope.items += [
            _item((part.document, contract, part.due, today - part.due.toordinal(), part.open_amount))
            for part in position.instalments
            if part.due is not None and part.due < on and amount_in(part.open_amount, currency) > ZERO
        ]
    for scope in scopes.values():
        scope.items.sort(key=_oldest_first if mixed else _oldest_of_contract)
    if how.disputed:
        _set_disputes_aside(scopes.values(), how.disputed)
    return list(scopes.values())


def _set_disputes_aside(scopes: Iterable[LateScope], disputed: Mapping[str, Decimal]) -> None:
    """Take what is disputed off the oldest instalments of each document, whatever scope they are in."""
    left = dict(disputed)
    found = [(item, scope) for scope in scopes for item in scope.items]
    for _, scope in found:
        scope.items = []
    for item, scope in sorted(found, key=lambda pair: _oldest_first(pair[0])):
        part = max(ZERO, min(left.get(item.document, ZERO), item.amount.amount))
        if part:
            left[item.document] -= part
        scope.items += _rest_of(item, item.amount.amount - part)


def _rest_of(item: OverdueItem, rest: Decimal, tolerance: Decimal = ZERO) -> list[OverdueItem]:
    """Return the item with what is left of it, or nothing when that is forgiven."""
    if rest <= tolerance:
        return []
    return [item._replace(amount=Money(rest, item.amount.currency))]


def measure_overdue(positions: Sequence[Position], how: Lateness) -> Overdue:
    """Find what is overdue on a day after covering the oldest late instalments with the money at hand (K5).

    Raises `CurrencyMismatchError` when an amount other than zero is in another currency.
    """
    items: list[OverdueItem] = []
    scopes = [scope for scope in late_scopes(positions, how) if scope.items]
    for scope in scopes:
        items += _left_over(scope, how.tolerance)
    if len(scopes) > 1:
        items.sort(key=_oldest_first)
    whole = sum([item.amount.amount for item in items], ZERO)
    return Overdue(
        amount=Money(whole, how.currency) if items else Money.zero(how.currency),
        max_days=items[0].days if items else 0,
        items=tuple(items),
        advice_allocate=bool(scopes)
        and any(position.credit.is_positive for position in positions)
        and any(item.amount.amount > how.tolerance for scope in scopes for item in scope.items),
    )


def _left_over(scope: LateScope, tolerance: Decimal) -> list[OverdueItem]:
    """Cover the oldest with the money of the scope; what is left up to the tolerance is forgiven."""
    if not scope.money and not tolerance:
        return scope.items
    money, items = scope.money, []
    for item in scope.items:
        late = item.amount.amount
        if money > 0:
            covered = min(money, late)
            money -= covered
            items += _rest_of(item, late - covered, tolerance)
        elif late > tolerance:
            items.append(item)
    return items


class AgeingBucket(Enum):
    """How late a sum is: not yet, or by calendar days (E43)."""

    CURRENT = "current"
    UP_TO_30 = "1-30"
    UP_TO_60 = "31-60"
    UP_TO_90 = "61-90"
    OVER_90 = "90+"


@dataclass(frozen=True, slots=True)
class AgeingLine:
    """The sum in one ageing bucket."""

    bucket: AgeingBucket
    amount: Money


def bucket_of(days: int) -> AgeingBucket:
    """Name the ageing bucket of a number of days past due."""
    for bucket, end in zip(AgeingBucket, _BUCKET_ENDS, strict=False):
        if days <= end:
            return bucket
    return AgeingBucket.OVER_90


def ageing(items: Iterable[OverdueItem], *, currency: str) -> tuple[AgeingLine, ...]:
    """Sum overdue items by bucket; every bucket appears, in order. Raises `CurrencyMismatchError`."""
    found = list(items)
    return tuple(
        AgeingLine(bucket, total((item.amount for item in found if bucket_of(item.days) is bucket), currency))
        for bucket in AgeingBucket
    )
