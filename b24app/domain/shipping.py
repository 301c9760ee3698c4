"""Whether a shipment document stands on a permission: pure, over what is still left of each of them."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Iterable

# Lines rounded one by one may differ from the deal's sum by kopecks (F16 AC3: "more than rounding").
ROUNDING = Decimal("1.00")


@dataclass(frozen=True, slots=True)
class Permission:
    """What one deal's permission still covers: its amount less what was shipped on it already.

    `contract` None: the permission names no contract.
    """

    deal_id: int
    check_id: int
    contract: str | None
    left: Money


def permission_for(
    amount: Money, contract: str | None, permissions: Iterable[Permission]
) -> Permission | None:
    """Choose the permission a document of this amount stands on: the smallest that is enough, None: none.

    One under the document's own contract goes before one that names no contract; one under another contract
    never counts, nor does one in another currency.
    """
    fitting = [
        one
        for one in permissions
        if one.left.currency == amount.currency
        and amount.amount <= one.left.amount + ROUNDING
        and (one.contract is None or contract is None or one.contract == contract)
    ]
    return min(
        fitting, key=lambda one: (one.contract != contract, one.left.amount, one.deal_id), default=None
    )
