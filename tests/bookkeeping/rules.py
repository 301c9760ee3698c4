"""Figures of a client counted from his documents, by the rules of each configuration (days, exact money).

УТ: a receipt closes the instalments of the sale it names, the earliest first; other money is an advance.
БП: documents in the order of days; a sale takes up advances, a receipt without a name pays the oldest debts.
УНФ: a sale takes up no advance; a sale falls due by the term of its contract, never without one.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import timedelta
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from tests.bookkeeping.documents import Sale

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.bookkeeping.documents import Agreement
    from tests.bookkeeping.documents import Client
    from tests.bookkeeping.documents import Receipt

ZERO = Decimal(0)
USUAL_TERM = 5
"""The term of БП where a contract sets none, in days."""


class Way(Enum):
    """How a configuration settles and finds due days."""

    TRADE = "УТ"
    TRADE_BY_OBJECT = "УТ, old architecture"
    ACCOUNTS = "БП, due days by document"
    ACCOUNTS_BY_TERM = "БП, due days by contract"
    SMALL_FIRM = "УНФ"


@dataclass(frozen=True, slots=True)
class Figures:
    """Of one contract: owed, of it overdue and for how many days, prepaid, not yet confirmed by the bank."""

    debt: Decimal = ZERO
    overdue: Decimal = ZERO
    days: int = 0
    advance: Decimal = ZERO
    pending: Decimal = ZERO


@dataclass(frozen=True, slots=True)
class Told:
    """Of one ИНН: figures by contract number and currency, payments of the last day (day, currency, sum)."""

    figures: dict[tuple[str, str], Figures]
    paid: frozenset[tuple[date, str, Decimal]]


@dataclass(slots=True)
class _Debt:
    due: date | None
    left: Decimal
    sale: str
    first: bool


@dataclass(slots=True)
class _Contract:
    debts: list[_Debt] = field(default_factory=list)
    advances: list[Decimal] = field(default_factory=list)
    pending: Decimal = ZERO

    def pay(self, amount: Decimal, debts: Iterable[_Debt]) -> None:
        """Pay debts in order; the rest is an advance."""
        for debt in debts:
            part = min(amount, debt.left)
            debt.left -= part
            amount -= part
        if amount:
            self.advances.append(amount)

    def figures(self, today: date) -> Figures:
        """Add up what is left."""
        late = [debt for debt in self.debts if debt.left and debt.due is not None and debt.due < today]
        return Figures(
            debt=sum((debt.left for debt in self.debts), ZERO),
            overdue=sum((debt.left for debt in late), ZERO),
            days=max(((today - debt.due).days for debt in late if debt.due), default=0),
            advance=sum(self.advances, ZERO),
            pending=self.pending,
        )


def expected(clients: Iterable[Client], way: Way, *, today: date) -> dict[str, Told]:
    """Count the figures of every ИНН."""
    of_inn: dict[str, list[Client]] = defaultdict(list)
    for client in clients:
        of_inn[client.inn].append(client)
    return {inn: _told(group, way, today) for inn, group in of_inn.items()}


def _told(group: list[Client], way: Way, today: date) -> Told:
    found: dict[tuple[str, str], Figures] = {}
    paid: list[tuple[date, str, Decimal]] = []
    for client in group:
        for agreement in client.agreements:
            receipts = [one for one in client.receipts if one.agreement == agreement.number]
            sales = [one for one in client.sales if one.agreement == agreement.number and not one.draft]
            figures = _SETTLE[way](agreement, sales, receipts).figures(today)
            if figures != Figures():
                found[agreement.number, agreement.currency] = figures
            paid += [(one.day, agreement.currency, one.amount) for one in receipts if one.confirmed]
    last = max((day for day, _, _ in paid), default=today)
    return Told(found, frozenset(one for one in paid if one[0] == last))


def _trade(agreement: Agreement, sales: list[Sale], receipts: list[Receipt]) -> _Contract:
    del agreement
    made = _Contract()
    for sale in sales:
        own = [_Debt(due, amount, sale.number, first=False) for due, amount in sorted(sale.instalments)]
        named = (one.amount for one in receipts if one.confirmed and one.sale == sale.number)
        made.pay(sum(named, ZERO), own)
        made.debts += own
    made.advances += [one.amount for one in receipts if one.confirmed and one.sale is None]
    made.pending = sum((one.amount for one in receipts if not one.confirmed), ZERO)
    return made


def _by_object(agreement: Agreement, sales: list[Sale], receipts: list[Receipt]) -> _Contract:
    """As УТ counts the overdue part of a settlement object: money that waits for the bank is taken off it."""
    made = _trade(agreement, sales, receipts)
    for sale in sales:
        waits = sum((one.amount for one in receipts if not one.confirmed and one.sale == sale.number), ZERO)
        softened = [debt for debt in made.debts if debt.sale == sale.number]
        for debt in softened:
            part = min(waits, debt.left)
            waits -= part
            made.debts.append(_Debt(None, part, sale.number, first=False))
            debt.left -= part
    made.pending = ZERO
    return made


def _by_due_day(agreement: Agreement, sales: list[Sale], receipts: list[Receipt]) -> _Contract:
    return _accounts(agreement, sales, receipts, by_term=False)


def _by_term(agreement: Agreement, sales: list[Sale], receipts: list[Receipt]) -> _Contract:
    return _accounts(agreement, sales, receipts, by_term=True)


def _accounts(
    agreement: Agreement, sales: list[Sale], receipts: list[Receipt], *, by_term: bool
) -> _Contract:
    made = _Contract()
    term = agreement.term if agreement.term is not None else USUAL_TERM
    documents: list[Sale | Receipt] = [*sales, *(one for one in receipts if one.confirmed)]
    for one in sorted(documents, key=lambda one: one.day):
        if isinstance(one, Sale):
            for number, (due, amount) in enumerate(one.instalments):
                day = one.day + timedelta(days=term) if by_term else due
                debt = _Debt(day, amount, one.number, first=number == 0)
                _take_up(made, debt)
                made.debts.append(debt)
            continue
        named = [debt for debt in made.debts if debt.sale == one.sale and debt.first]
        made.pay(one.amount, named if one.sale else made.debts)
    return made


def _take_up(made: _Contract, debt: _Debt) -> None:
    rest: list[Decimal] = []
    for advance in made.advances:
        part = min(advance, debt.left)
        debt.left -= part
        if advance - part:
            rest.append(advance - part)
    made.advances = rest


def _small_firm(agreement: Agreement, sales: list[Sale], receipts: list[Receipt]) -> _Contract:
    made = _Contract()
    for sale in sorted(sales, key=lambda one: one.day):
        due = sale.day + timedelta(days=agreement.term) if agreement.term else None
        made.debts += [
            _Debt(due, amount, sale.number, first=n == 0) for n, (_, amount) in enumerate(sale.instalments)
        ]
    for receipt in receipts:
        if receipt.confirmed:
            named = [debt for debt in made.debts if debt.sale == receipt.sale and debt.first]
            made.pay(receipt.amount, named if receipt.sale else made.debts)
    return made


_SETTLE = {
    Way.TRADE: _trade,
    Way.TRADE_BY_OBJECT: _by_object,
    Way.ACCOUNTS: _by_due_day,
    Way.ACCOUNTS_BY_TERM: _by_term,
    Way.SMALL_FIRM: _small_firm,
}
