"""Random documents into an offline base, and what the adapter told back into comparable figures."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.sandbox.world import SeedClient
from b24app.sandbox.world import SeedContract
from b24app.sandbox.world import SeedPayment
from b24app.sandbox.world import SeedSale
from tests.bookkeeping.rules import ZERO
from tests.bookkeeping.rules import Figures
from tests.bookkeeping.rules import Told

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Position
    from b24app.sandbox.onec.families import SeededBase
    from tests.bookkeeping.documents import Client


def seed_of(client: Client) -> SeedClient:
    """Bring a client to the form bases are seeded from, without his drafts."""
    return SeedClient(
        key=client.key,
        name=f"ООО «{client.key}»",
        full_name=f"ООО «{client.key}»",
        inn=client.inn,
        kpp=client.kpp,
        kind="ООО",
        manager=1,
        contracts=tuple(
            SeedContract(one.number, None, one.term, one.currency, company=one.company)
            for one in client.agreements
        ),
        sales=tuple(
            SeedSale(
                one.number,
                one.agreement,
                one.day,
                sum((amount for _, amount in one.instalments), ZERO),
                one.instalments,
            )
            for one in client.sales
            if not one.draft
        ),
        payments=tuple(
            SeedPayment(one.number, one.agreement, one.day, one.amount, one.sale, one.confirmed)
            for one in client.receipts
        ),
    )


def write_drafts(base: SeededBase, clients: Iterable[Client], today: date) -> int:
    """Write the drafts as documents that were posted once and taken back; return how many."""
    count = 0
    for client in clients:
        for one in client.sales:
            if one.draft:
                (due, amount), ago = one.instalments[0], (today - one.day).days
                wait = (due - one.day).days
                base.unpost(base.post_sale(client.key, amount, wait, one.agreement, days_ago=ago))
                count += 1
    return count


def told_of(account: AccountFigures, today: date) -> Told:
    """Bring what the adapter told to the form of the expected figures.

    Sums under a contract that is not the client's, or under two of our companies, get names that no expected
    figure has.
    """
    numbers = {contract.ref: contract.number for contract in account.contracts}
    figures: dict[tuple[str, str], Figures] = {}
    for position in account.positions:
        name = numbers.get(position.contract or "", f"somebody's {position.contract}")
        scope = name, position.currency
        if scope in figures:
            scope = f"{name} with {position.organisation}", position.currency
        figures[scope] = _figures(position, today)
    paid = account.last_payment
    last = {(paid.paid_on, paid.amount.currency, paid.amount.amount)} if paid is not None else set()
    return Told(figures, frozenset(last))


def _figures(position: Position, today: date) -> Figures:
    late = [part for part in position.instalments if part.due is not None and part.due < today]
    return Figures(
        debt=_sum(part.open_amount.amount for part in position.instalments),
        overdue=_sum(part.open_amount.amount for part in late),
        days=max(((today - part.due).days for part in late if part.due), default=0),
        advance=position.credit.amount,
        pending=position.pending.amount,
    )


def _sum(amounts: Iterable[Decimal]) -> Decimal:
    return sum(amounts, ZERO)


def differences(told: Told, wanted: Told, *, skip: frozenset[str] = frozenset()) -> set[str]:
    """Name what differs between two figures of a client: fields of `Figures`, and `paid`.

    Of several payments of the last day any may be told.
    """
    right = told.paid <= wanted.paid and bool(told.paid) == bool(wanted.paid)
    found = set() if right else {"paid"}
    for scope in told.figures.keys() | wanted.figures.keys():
        here, there = told.figures.get(scope, Figures()), wanted.figures.get(scope, Figures())
        found |= {name for name in Figures.__slots__ if getattr(here, name) != getattr(there, name)}
    return found - skip
