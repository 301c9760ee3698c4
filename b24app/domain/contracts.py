"""The limit a client has by his contracts in accounting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.domain.money import total

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.domain.receivable import Contract


def contracts_limit(contracts: Iterable[Contract]) -> CreditLimit:
    """Sum the limits of the active contracts that set one; when none does, it is not set (onec_odata 3.1).

    A contract without its own limit adds nothing and does not make the client unlimited. Raises
    `CurrencyMismatchError` when limits stand in several currencies: they cannot be one sum.
    """
    limits = [contract.limit for contract in contracts if contract.active]
    if any(isinstance(limit, Unlimited) for limit in limits):
        return Unlimited()
    amounts = [limit.amount for limit in limits if isinstance(limit, Granted)]
    return Granted(total(amounts, amounts[0].currency)) if amounts else NotSet()
