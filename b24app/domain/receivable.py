"""What accounting says about a client: the facts a decision is made of."""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import datetime

from b24app.domain.limits import NOT_SET
from b24app.domain.limits import CreditLimit
from b24app.domain.limits import Granted
from b24app.domain.money import Money


@dataclass(frozen=True, slots=True)
class Instalment:
    """One unpaid part of a posted sale: a sum and the day it is due (K5 counts by instalment).

    `due` is None when accounting knows no date for the sum: it counts as exposure and is never overdue.
    `open_amount` is not negative.
    """

    document: str
    due: date | None
    open_amount: Money


@dataclass(frozen=True, slots=True)
class Position:
    """Settlements under one contract and currency: the netting scope of K1.

    `credit`: unallocated receipts and credit notes (advance), not negative. `pending`: receipts entered but
    not yet confirmed by the bank: they soften overdue, not exposure. `shipped_not_invoiced`: K1's SNI.
    `organisation`: the own company that trades under the contract; None when accounting does not tell.
    """

    contract: str | None
    currency: str
    instalments: tuple[Instalment, ...] = ()
    credit: Money = field(kw_only=True)
    pending: Money = field(kw_only=True)
    shipped_not_invoiced: Money = field(kw_only=True)
    organisation: str | None = field(default=None, kw_only=True)


@dataclass(frozen=True, slots=True)
class Contract:
    """A customer contract in accounting: its limit, its term, and the own company it is with."""

    ref: str
    number: str
    currency: str
    active: bool
    limit: CreditLimit = NOT_SET
    deferral_days: int | None = None
    organisation: str | None = None


@dataclass(frozen=True, slots=True)
class Counterparty:
    """A legal entity as accounting knows it."""

    ref: str
    name: str
    inn: str
    kpp: str


@dataclass(frozen=True, slots=True)
class Payment:
    """Money received from the client, as posted."""

    paid_on: date
    amount: Money


@dataclass(frozen=True, slots=True)
class AccountFigures:
    """All that accounting says about one credit account (one ИНН, however many cards) at `as_of`.

    `payments` are the latest first, at most a dozen. `as_of` is aware. `written_off`: debt given up as
    hopeless, one sum a currency; told where accounting shows it, in the scheduled snapshot alone.
    """

    inn: str
    counterparties: tuple[Counterparty, ...]
    positions: tuple[Position, ...]
    contracts: tuple[Contract, ...]
    payments: tuple[Payment, ...]
    as_of: datetime
    written_off: tuple[Money, ...] = ()

    @property
    def currencies(self) -> frozenset[str]:
        """Every currency money of the client is in, his active limits included; nothing is in none."""
        limits = (row.limit for row in self.contracts if row.active)
        found = {limit.amount.currency for limit in limits if isinstance(limit, Granted)}
        for position in self.positions:
            sums = [position.credit, position.pending, position.shipped_not_invoiced]
            sums += [part.open_amount for part in position.instalments]
            found |= {money.currency for money in sums if money}
        return frozenset(found)

    @property
    def last_payment(self) -> Payment | None:
        """The most recent payment, if any is known."""
        return self.payments[0] if self.payments else None
