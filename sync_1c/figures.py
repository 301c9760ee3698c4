"""Gathered rows into the domain's figures of one credit account; pure.

Rules: onec_odata 3.1 ("What 1C itself computes") and 6 (traps 6 to 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.errors import BadMoneyError
from b24app.domain.money import Money
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Contract
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Position
from b24app.ports.ledger import SyncIssue
from sync_1c import mapping
from sync_1c.odata import BadValueError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from b24app.domain.receivable import Counterparty
    from b24app.domain.receivable import Payment
    from sync_1c.gathering import Gathering
    from sync_1c.rows import Balance
    from sync_1c.rows import Key

PAYMENTS_KEPT = 12
_ZERO = Decimal(0)
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Moment:
    """When figures are built: `today` of the base, the architecture it runs, `as_of` of the read."""

    today: date
    as_of: datetime
    new_architecture: bool


@dataclass(slots=True)
class _Pot:
    """Settlements of one own company under one contract and currency while they are added up."""

    organisation: str
    contract: str | None
    document: str
    instalments: list[tuple[str, date | None, Decimal]] = field(default_factory=list)
    credit: Decimal = _ZERO
    pending: Decimal = _ZERO
    shipping: Decimal = _ZERO

    def owe(self, amount: Decimal, due: date | None, document: str | None = None) -> None:
        """Add what is owed; a negative debt is the client's money."""
        if amount > 0:
            self.instalments.append((document or self.document, due, amount))
        else:
            self.credit -= amount

    def position(self, currency: str) -> Position | None:
        """Bring the pot into the domain; an empty one is None."""
        if not (self.instalments or self.credit or self.pending or self.shipping):
            return None
        ordered = sorted(self.instalments, key=lambda item: (item[1] or date.max, item[0]))
        return Position(
            self.contract,
            currency,
            tuple(Instalment(document, due, Money(amount, currency)) for document, due, amount in ordered),
            credit=Money(self.credit, currency),
            pending=Money(self.pending, currency).at_least_zero(),
            shipped_not_invoiced=Money(self.shipping, currency),
            organisation=self.organisation or None,
        )


def build_account(
    inn: str, parties: Sequence[Counterparty], gathered: Gathering, moment: Moment
) -> AccountFigures | SyncIssue:
    """Add up everything gathered about the counterparties of one ИНН (several make one account).

    An account with money that could not be read is an issue, never figures with that money left out.
    """
    spoiled = [gathered.broken[party.ref] for party in parties if party.ref in gathered.broken]
    if spoiled:
        return SyncIssue(inn, spoiled[0])
    contracts = {
        contract.ref: contract for party in parties for contract in gathered.contracts.get(party.ref, ())
    }
    keys = [key for party in parties for key in gathered.keys_of.get(party.ref, ())]
    try:
        positions = _positions(inn, keys, contracts, gathered, moment)
    except (BadValueError, BadMoneyError) as error:
        return SyncIssue(inn, f"a settlement row cannot be read: {error}")
    return AccountFigures(
        inn=inn,
        counterparties=tuple(parties),
        positions=positions,
        contracts=tuple(sorted(contracts.values(), key=lambda contract: contract.ref)),
        payments=_payments(inn, parties, gathered),
        as_of=moment.as_of,
    )


def overdue_objects(gathered: Gathering) -> set[str]:
    """Name the settlement objects whose day is needed: those with an overdue part (old architecture)."""
    return {
        row.item
        for rows in gathered.balances.values()
        for row in rows
        if row.item is not None and _overdue_part(row, gathered) > 0
    }


def _positions(
    inn: str, keys: Sequence[Key], contracts: dict[str, Contract], gathered: Gathering, moment: Moment
) -> tuple[Position, ...]:
    """Sort rows into pots, one an own company, contract and currency (N9): each key names the first two."""
    pots: dict[tuple[str, str, str], _Pot] = {}
    add = _add_by_due_date if moment.new_architecture else _add_by_object
    for key in keys:
        contract = contracts.get(key.contract or "")
        currencies = {row.currency for row in gathered.debts.get(key.ref, ())}
        currencies |= {row.currency for row in gathered.balances.get(key.ref, ())}
        for ref in sorted(currencies):
            code = mapping.currency_code(ref, gathered.currencies)
            scope = (key.organisation, key.contract or "", code)
            number = contract.number if contract else ""
            pot = pots.setdefault(scope, _Pot(key.organisation, key.contract, number))
            add(pot, key, ref, _Sources(inn, contract, gathered, moment))
    built = (pot.position(code) for (_, _, code), pot in sorted(pots.items()))
    return tuple(position for position in built if position is not None)


@dataclass(frozen=True, slots=True)
class _Sources:
    inn: str
    contract: Contract | None
    gathered: Gathering
    moment: Moment


def _add_by_due_date(pot: _Pot, key: Key, currency: str, sources: _Sources) -> None:
    """New architecture: request A carries the due dates, request B the sum УТ itself holds against the limit.

    Both sums of A are positive and net = Долг − Предоплата. What B has above that net is owed without a date.
    """
    net = _ZERO
    for debt in sources.gathered.debts.get(key.ref, ()):
        if debt.currency == currency:
            pot.owe(debt.owed, debt.due)
            pot.owe(-debt.prepaid, None)
            net += debt.owed - debt.prepaid
    exact = _ZERO
    for balance in sources.gathered.balances.get(key.ref, ()):
        if balance.currency == currency:
            exact += balance.amount
            pot.pending += balance.pending
            pot.shipping += max(balance.shipping, _ZERO)
    if exact > net:
        pot.owe(exact - net, None)
        why = f"1C's registers differ: {exact} is owed, {net} by due dates; the difference is counted as owed"
        sources.gathered.issues.append(SyncIssue(sources.inn, why))


def _add_by_object(pot: _Pot, key: Key, currency: str, sources: _Sources) -> None:
    """Old architecture: per settlement object min(Сумма, КОплате − Оплачивается), due before today.

    Receipts not yet confirmed are subtracted here, object by object as 1C does, so the pot has no `pending`.
    """
    for balance in sources.gathered.balances.get(key.ref, ()):
        if balance.currency != currency:
            continue
        pot.shipping += max(balance.shipping, _ZERO)
        found = sources.gathered.objects.get(balance.item or "")
        document = found.number if found is not None and found.number else balance.item
        overdue = _overdue_part(balance, sources.gathered)
        if overdue > 0:
            dated = found.dated if found is not None else None
            pot.owe(overdue, _due_of(dated, sources), document)
        pot.owe(balance.amount - overdue, None, document)


def _overdue_part(row: Balance, gathered: Gathering) -> Decimal:
    morning = gathered.morning.get((row.key, row.currency, row.item))
    due_before_today = morning.to_pay if morning is not None else _ZERO
    return max(_ZERO, min(row.amount, row.to_pay - row.pending, due_before_today))


def _due_of(dated: date | None, sources: _Sources) -> date:
    """Tell when an overdue part was due: the object's day plus the contract's term, else yesterday [I]."""
    yesterday = sources.moment.today - _ONE_DAY
    term = sources.contract.deferral_days if sources.contract is not None else None
    if dated is None or term is None:
        return yesterday
    return min(dated + timedelta(days=term), yesterday)


def _payments(inn: str, parties: Sequence[Counterparty], gathered: Gathering) -> tuple[Payment, ...]:
    found: list[Payment] = []
    for party in parties:
        for receipt in gathered.receipts.get(party.ref, ()):
            try:
                found.append(mapping.payment(receipt, gathered.currencies))
            except (BadValueError, BadMoneyError) as error:
                gathered.issues.append(SyncIssue(inn, f"a payment cannot be read: {error}"))
    found.sort(key=lambda payment: payment.paid_on, reverse=True)
    return tuple(found[:PAYMENTS_KEPT])
