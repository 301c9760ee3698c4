"""What a client's contracts in accounting give: his limit, the contract of a deal, its deferral."""

from __future__ import annotations

from dataclasses import replace
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.limits import NotSet
from b24app.domain.limits import Unlimited
from b24app.domain.money import total

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence

    from b24app.domain.client import ClientFacts
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


def choose_contract(named: str | None, currency: str, contracts: Sequence[Contract]) -> Contract | None:
    """Return the contract a deal names by ref or number, else the only active one in its currency.

    None when it is not certain: then no advance is netted against the deal, which is never looser.
    """
    if named:
        matches = [row for row in contracts if named in {row.ref, row.number}]
    else:
        matches = [row for row in contracts if row.active and row.currency == currency]
    return matches[0] if len(matches) == 1 else None


def facts_under(facts: ClientFacts, contract: Contract | None) -> ClientFacts:
    """Lay the deferral of the deal's own contract over the client's: it is the nearest word."""
    days = contract.deferral_days if contract is not None else None
    return facts if days is None else replace(facts, terms_days=days)


class LimitClarity(Enum):
    """Whether the contracts of a client tell one limit that may also be written back (F17)."""

    NONE = "none"
    """No active contract sets a limit: the client inherits one."""
    ONE = "one"
    SEVERAL = "several"
    """Limits of several contracts are added up; a changed limit needs a person to say which of them."""
    CURRENCIES = "currencies"
    """Limits stand in several currencies and make no sum."""


def limit_clarity(contracts: Iterable[Contract]) -> LimitClarity:
    """Tell how many active contracts set a limit, and whether in one currency."""
    amounts = [row.limit.amount for row in contracts if row.active and isinstance(row.limit, Granted)]
    if len({amount.currency for amount in amounts}) > 1:
        return LimitClarity.CURRENCIES
    if not amounts:
        return LimitClarity.NONE
    return LimitClarity.ONE if len(amounts) == 1 else LimitClarity.SEVERAL
