"""Overdue by instalment after virtual allocation of unallocated money (credit_management K5)."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

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


@dataclass(frozen=True, slots=True)
class OverdueItem:
    """An instalment still unpaid past its due day: `days` late, `amount` left after allocation."""

    document: str
    contract: str | None
    due: date
    days: int
    amount: Money


@dataclass(frozen=True, slots=True)
class Overdue:
    """The overdue part of an account, oldest first.

    `advice_allocate`: there is unallocated money that would shrink a due debt once offset in accounting.
    """

    amount: Money
    max_days: int
    items: tuple[OverdueItem, ...]
    advice_allocate: bool


@dataclass(frozen=True, slots=True)
class Lateness:
    """How lateness is counted on a day (K5).

    `tolerance` is the residual per instalment that is still forgiven, `disputed` what is not late of each
    document (N22), both in `currency`.
    """

    on: date
    currency: str
    net_scope: NetScope = NetScope.CONTRACT
    tolerance: Decimal = ZERO
    disputed: Mapping[str, Decimal] | None = None


@dataclass(slots=True)
class LateInstalment:
    """An instalment past its due day, before any allocation.

    `amount` is what is late of it, in the currency of the account; `whole` all that is open.
    """

    due: date
    document: str
    contract: str | None
    amount: Decimal
    whole: Money


@dataclass(slots=True)
class LateScope:
    """The late instalments of one netting scope, oldest first, and the money that reaches them."""

    instalments: list[LateInstalment] = field(default_factory=list)
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
    scopes: dict[str | None, LateScope] = {}
    for position in positions:
        key = None if net_scope is NetScope.CUSTOMER else position.contract
        scope = scopes.setdefault(key, LateScope())
        credit = amount_in(position.credit, currency)
        scope.money += amount_in(position.pending, currency)
        if net_scope is not NetScope.OFF:
            scope.money += credit
        for instalment in position.instalments:
            whole, due = instalment.open_amount, instalment.due
            amount = amount_in(whole, currency)
            if due is not None and due < on and amount > 0:
                scope.instalments.append(
                    LateInstalment(due, instalment.document, position.contract, amount, whole)
                )
    for scope in scopes.values():
        scope.instalments.sort(key=_oldest_first)
    if how.disputed:
        _set_disputes_aside(scopes.values(), dict(how.disputed))
    return list(scopes.values())


def _set_disputes_aside(scopes: Iterable[LateScope], left: dict[str, Decimal]) -> None:
    """Take what is disputed off the oldest instalments of each document, whatever scope they are in."""
    for late in sorted((late for scope in scopes for late in scope.instalments), key=_oldest_first):
        part = min(left.get(late.document, ZERO), late.amount)
        if part > 0:
            left[late.document] -= part
            late.amount -= part
    for scope in scopes:
        scope.instalments = [late for late in scope.instalments if late.amount > 0]


def measure_overdue(positions: Sequence[Position], how: Lateness) -> Overdue:
    """Find what is overdue on a day after covering the oldest late instalments with the money at hand (K5).

    Raises `CurrencyMismatchError` when an amount other than zero is in another currency.
    """
    items: list[OverdueItem] = []
    scopes = [scope for scope in late_scopes(positions, how) if scope.instalments]
    for scope in scopes:
        items += _left_over(scope, how)
    if len(scopes) > 1:
        items.sort(key=lambda item: (item.due, item.document, item.contract or "", item.amount.amount))
    whole = sum((item.amount.amount for item in items), ZERO)
    return Overdue(
        amount=Money(whole, how.currency) if items else Money.zero(how.currency),
        max_days=items[0].days if items else 0,
        items=tuple(items),
        advice_allocate=bool(scopes)
        and any(position.credit.is_positive for position in positions)
        and any(late.amount > how.tolerance for scope in scopes for late in scope.instalments),
    )


def _oldest_first(late: LateInstalment) -> tuple[date, str, str, Decimal]:
    return late.due, late.document, late.contract or "", late.amount


def _left_over(scope: LateScope, how: Lateness) -> list[OverdueItem]:
    money, tolerance, on = scope.money, how.tolerance, how.on
    items = []
    for late in scope.instalments:
        left = late.amount
        if money:
            covered = min(money, left)
            money -= covered
            left -= covered
        if left > tolerance:
            days = (on - late.due).days
            amount = late.whole if left == late.whole.amount else Money(left, how.currency)
            items.append(OverdueItem(late.document, late.contract, late.due, days, amount))
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
