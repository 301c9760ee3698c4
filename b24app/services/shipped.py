"""What of the permissions is shipped already: room that stands in the balance is not taken twice (K1, K2).

A posted document counts as shipped only where the balance was read after it had been seen posted: documents
first, balance second may count a shipment twice, never lose it.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from typing import TYPE_CHECKING

from b24app.domain.money import Money
from b24app.domain.money import total
from b24app.ports.records import ShipmentState

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import ReserveRecord


def not_yet_shipped(
    unit: UnitOfWork, reserves: Iterable[ReserveRecord], *, as_of: datetime
) -> list[ReserveRecord]:
    """Return these reserves less what a balance of `as_of` holds of each already, if that leaves anything."""
    rows = list(reserves)
    if not rows:
        return []
    shipped = _shipped(unit, rows[0].member_id, [row.deal_id for row in rows], as_of)
    left = (replace(row, amount=_less(row.amount, shipped[row.deal_id])) for row in rows)
    return [row for row in left if row.amount.is_positive]


def still_to_ship(unit: UnitOfWork, member_id: str, deal_id: int, amount: Money, *, as_of: datetime) -> Money:
    """Return what of a deal's amount is not in a balance of `as_of` yet (K2: the value still to ship)."""
    return _less(amount, _shipped(unit, member_id, [deal_id], as_of)[deal_id])


def _shipped(
    unit: UnitOfWork, member_id: str, deal_ids: Iterable[int], as_of: datetime
) -> defaultdict[int, list[Money]]:
    found: defaultdict[int, list[Money]] = defaultdict(list)
    for row in unit.shipments.of_deals(member_id, deal_ids):
        if row.state is ShipmentState.PERMITTED and row.noticed_at < as_of and row.deal_id is not None:
            found[row.deal_id].append(row.amount)
    return found


def _less(amount: Money, shipped: Iterable[Money]) -> Money:
    same = [each for each in shipped if each.currency == amount.currency]
    left = amount - total(same, amount.currency)
    return left if left.is_positive or not amount.is_positive else Money.zero(amount.currency)
