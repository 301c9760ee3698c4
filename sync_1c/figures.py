"""Gathered rows into the domain's figures of one credit account; pure.

Rules: onec_odata 3 ("What 1C itself computes" of each configuration) and 6 (traps 10 and 11).
"""

from __future__ import annotations

from dataclasses import dataclass
from dataclasses import field
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.errors import BadMoneyError
from b24app.domain.money import Money
from b24app.domain.receivable import AccountFigures
from b24app.domain.receivable import Instalment
from b24app.domain.receivable import Payment
from b24app.domain.receivable import Position
from b24app.ports.ledger import SyncIssue
from sync_1c.money import BASE_CURRENCY
from sync_1c.money import currency_code
from sync_1c.odata import BadValueError
from sync_1c.rows import ZERO

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.domain.receivable import Contract
    from b24app.domain.receivable import Counterparty
    from sync_1c.gathering import Gathering
    from sync_1c.profile import Moment
    from sync_1c.profile import Settlements
    from sync_1c.rows import Piece

PAYMENTS_KEPT = 12


@dataclass(slots=True)
class _Pot:
    """Settlements of one own company under one contract and currency while they are added up."""

    organisation: str
    contract: str | None
    number: str
    instalments: list[tuple[str, date | None, Decimal]] = field(default_factory=list)
    credit: Decimal = ZERO
    pending: Decimal = ZERO
    shipping: Decimal = ZERO

    def add(self, piece: Piece) -> None:
        """Add a piece; a negative debt is the client's money."""
        if piece.amount > 0:
            self.instalments.append((piece.document or self.number, piece.due, piece.amount))
        else:
            self.credit -= piece.amount
        self.pending += piece.pending
        self.shipping += piece.shipping

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
    inn: str, parties: Sequence[Counterparty], gathered: Gathering, settled: Settlements, moment: Moment
) -> AccountFigures | SyncIssue:
    """Add up everything gathered about the counterparties of one ИНН (several make one account).

    An account with money that could not be read is an issue, never figures with that money left out.
    """
    spoiled = [gathered.broken[party.ref] for party in parties if party.ref in gathered.broken]
    if spoiled:
        return SyncIssue(inn, spoiled[0])
    contracts = {
        each.contract.ref: each.contract
        for party in parties
        for each in gathered.contracts.get(party.ref, ())
    }
    notes: list[str] = []
    try:
        pieces = [piece for party in parties for piece in settled.pieces(party.ref, notes)]
        positions = _positions(pieces, contracts)
    except (BadValueError, BadMoneyError) as error:
        return SyncIssue(inn, f"a settlement row cannot be read: {error}")
    gathered.issues.extend(SyncIssue(inn, note) for note in notes)
    return AccountFigures(
        inn=inn,
        counterparties=tuple(parties),
        positions=positions,
        contracts=tuple(sorted(contracts.values(), key=lambda contract: contract.ref)),
        payments=_payments(inn, parties, gathered),
        as_of=moment.as_of,
        written_off=_written_off(inn, parties, gathered),
    )


def _positions(pieces: Iterable[Piece], contracts: Mapping[str, Contract]) -> tuple[Position, ...]:
    """Sort pieces into pots, one an own company, contract and currency (N9)."""
    pots: dict[tuple[str, str, str], _Pot] = {}
    for piece in pieces:
        scope = (piece.organisation, piece.contract or "", piece.currency)
        if scope not in pots:
            known = contracts.get(piece.contract or "")
            pots[scope] = _Pot(piece.organisation, piece.contract, known.number if known is not None else "")
        pots[scope].add(piece)
    built = (pots[scope].position(scope[2]) for scope in sorted(pots))
    return tuple(position for position in built if position is not None)


def _payments(inn: str, parties: Sequence[Counterparty], gathered: Gathering) -> tuple[Payment, ...]:
    found: list[Payment] = []
    for party in parties:
        for receipt in gathered.receipts.get(party.ref, ()):
            try:
                code = currency_code(receipt.currency, gathered.currencies)
                found.append(Payment(receipt.paid_on, Money(receipt.amount, code)))
            except (BadValueError, BadMoneyError) as error:
                gathered.issues.append(SyncIssue(inn, f"a payment cannot be read: {error}"))
    found.sort(key=lambda payment: payment.paid_on, reverse=True)
    return tuple(found[:PAYMENTS_KEPT])


def _written_off(inn: str, parties: Sequence[Counterparty], gathered: Gathering) -> tuple[Money, ...]:
    """Add up written-off debt, one sum a currency; what cannot be told is an issue."""
    sums: dict[str, Decimal] = {}
    for party in parties:
        for lost in gathered.written_off.get(party.ref, ()):
            try:
                code = currency_code(lost.currency, gathered.currencies) if lost.currency else BASE_CURRENCY
            except BadValueError as error:
                gathered.issues.append(SyncIssue(inn, f"written-off debt cannot be read: {error}"))
                continue
            sums[code] = sums.get(code, ZERO) + lost.amount
    return tuple(Money(amount, code) for code, amount in sorted(sums.items()) if amount > 0)
