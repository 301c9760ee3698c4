"""What the figures of all clients tell beside the cards of the CRM and the raw register; no I/O.

Rules: one ИНН is one credit account however many cards it has; counterparties of one ИНН with different КПП
are branches, with the same КПП duplicates (onec_odata 6, trap 20); a limit to write back needs one contract.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.contracts import LimitClarity
from b24app.domain.contracts import limit_clarity
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.ports.diagnosis import Piece
from b24app.ports.diagnosis import RawBalance
from b24app.ports.diagnosis import cut

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping

    from b24app.domain.receivable import AccountFigures
    from b24app.ports.ledger import SyncIssue

BASE = "RUB"
NOTHING = Decimal(0)
DOUBTS = (
    ("1C's registers differ", "registers"),
    ("debts without a document", "undated"),
    ("a settlement row has an analytics key", "stray_key"),
    ("a payment cannot be read", "payment"),
    ("no exchange rates", "rates"),
    ("a settlement object", "object"),
)
"""Doubts by how the adapter words them; the figures of the client are told all the same."""


@dataclass(frozen=True, slots=True)
class Card:
    """A company card of a portal: which portal (its domain), its id and its title."""

    portal: str
    id: int
    title: str


@dataclass(frozen=True, slots=True)
class Compared:
    """A client's sum by our figures and by the register, in the base currency; `refs`: its counterparties."""

    inn: str
    name: str
    ours: Decimal
    register: Decimal
    refs: tuple[str, ...]

    @property
    def equal(self) -> bool:
        """Tell whether both say the same."""
        return self.ours == self.register

    def fact(self) -> Fact:
        """Put both sums side by side."""
        pieces = {"ours": Money(self.ours, BASE), "register": Money(self.register, BASE)}
        return Fact("balance", {"inn": self.inn, "name": self.name, **pieces})


@dataclass(slots=True)
class Survey:
    """Takes every client once; then tells. `raw` loses the counterparties that some client accounts for.

    Of clients that agree with the register only the largest are kept, so that memory does not grow with them.
    """

    raw: dict[str, RawBalance]
    cards: Mapping[str, list[Card]]
    clients: int = 0
    foreign: int = 0
    branches: int = 0
    compared: int = 0
    differing: list[Compared] = field(default_factory=list)
    largest: list[Compared] = field(default_factory=list)
    issues: list[SyncIssue] = field(default_factory=list)
    known: set[str] = field(default_factory=set)
    debtors: list[tuple[Money, str, str]] = field(default_factory=list)
    twins: list[Fact] = field(default_factory=list)
    unset: int = 0
    unclear: list[Fact] = field(default_factory=list)

    def note(self, issue: SyncIssue) -> None:
        """Keep what the reading doubted; a client who could not be read is known all the same."""
        self.issues.append(issue)
        self.known.add(issue.subject)

    def take(self, account: AccountFigures) -> None:
        """Compare one client with the register and the cards."""
        self.clients += 1
        self.known.add(account.inn)
        name = account.counterparties[0].name if account.counterparties else ""
        sums = balances(account)
        self._compare(account, name, sums)
        owed = [Money(amount, code) for code, amount in sorted(sums.items()) if amount > 0]
        if owed and account.inn not in self.cards:
            self.debtors.append((max(owed, key=lambda each: each.amount), account.inn, name))
        self._look_for_twins(account, name)
        clarity = limit_clarity(account.contracts)
        self.unset += clarity is LimitClarity.NONE
        if clarity in (LimitClarity.SEVERAL, LimitClarity.CURRENCIES):
            limited = (row for row in account.contracts if row.active and isinstance(row.limit, Granted))
            numbers = ", ".join(row.number for row in limited)
            pieces = {"inn": account.inn, "name": name, "contracts": numbers}
            self.unclear.append(Fact(f"limits.{clarity.value}", pieces))

    def _compare(self, account: AccountFigures, name: str, sums: Mapping[str, Decimal]) -> None:
        refs = tuple(party.ref for party in account.counterparties)
        rows = [self.raw.pop(ref) for ref in refs if ref in self.raw]
        if set(sums) - {BASE} or any(row.foreign for row in rows):
            self.foreign += 1
            return
        register = sum((row.amount for row in rows), NOTHING)
        ours = sums.get(BASE, NOTHING)
        if register or ours:
            self.compared += 1
            each = Compared(account.inn, name, ours, register, refs)
            kept = self.largest if each.equal else self.differing
            kept.append(each)
            if len(self.largest) > _ROOM:
                self.largest = _by_size(self.largest)[:SAMPLE]

    def _look_for_twins(self, account: AccountFigures, name: str) -> None:
        """Tell counterparties with the same КПП from branches."""
        parties = account.counterparties
        if len(parties) == len({party.kpp for party in parties}):
            self.branches += len(parties) > 1
            return
        pieces: dict[str, Piece] = {"inn": account.inn, "name": name, "number": len(parties)}
        self.twins.append(Fact("parties", pieces))

    # --- what it comes to

    def figures(self) -> Finding:
        """Tell how many clients were read, and about whom the reading had doubts."""
        if not self.issues:
            return Finding(Check.FIGURES, Level.OK, Fact("read", {"number": self.clients}))
        items = [Fact(f"doubt.{doubt(issue)}", {"subject": issue.subject}) for issue in self.issues]
        pieces = {"number": self.clients, "doubts": len(items)}
        return cut(Check.FIGURES, Level.WARNING, Fact("doubts", pieces), items)

    def balances(self, again: Mapping[str, RawBalance]) -> Finding:
        """Compare every client with the register, read before and, where it differed, `again` after.

        When nobody differs the largest are shown, to be held beside a report of 1C.
        """
        now = [replace(each, register=_sum_of(each.refs, again)) for each in self.differing]
        differing = [each for each in now if not each.equal]
        pieces = {"number": self.compared, "foreign": self.foreign}
        items = [each.fact() for each in _by_size(differing or [*self.largest, *now])]
        if differing:
            return cut(Check.BALANCES, Level.WRONG, Fact("differ", {**pieces, "wrong": len(items)}), items)
        if not items:
            return Finding(Check.BALANCES, Level.OK, Fact("none", pieces))
        return Finding(Check.BALANCES, Level.OK, Fact("equal", pieces), tuple(items[:SAMPLE]))

    @property
    def nobodys(self) -> list[tuple[str, Decimal]]:
        """Tell the counterparties with a sum in the register that stand in no client, the largest first."""
        left = [(ref, row.amount) for ref, row in self.raw.items() if row.amount or row.foreign]
        return sorted(left, key=lambda each: (-abs(each[1]), each[0]))

    def nobody(self, named: Mapping[str, tuple[str, str]]) -> Finding:
        """Tell the sums the app does not see: no ИНН, marked for deletion, a card that is hidden.

        `named`: name and ИНН by reference. Those whose client could not be read were told already.
        """
        items = []
        for ref, amount in self.nobodys:
            name, inn = named.get(ref, ("", ""))
            if not inn or inn not in self.known:
                kind = "no_inn" if name and not inn else "marked" if name else "unseen"
                items.append(Fact(f"nobody.{kind}", {"name": name or ref, "amount": Money(amount, BASE)}))
        if not items:
            return Finding(Check.NOBODY, Level.OK, Fact("none"))
        return cut(Check.NOBODY, Level.WARNING, Fact("found", {"number": len(items)}), items)

    def unknown_cards(self) -> Finding:
        """Tell the cards whose ИНН accounting does not know."""
        lost = [
            Fact("card", {"inn": inn, "title": card.title, "id": card.id})
            for inn, cards in sorted(self.cards.items())
            if inn not in self.known
            for card in cards
        ]
        if not lost:
            return Finding(Check.UNKNOWN_CARDS, Level.OK, Fact("none", {"number": len(self.cards)}))
        return cut(Check.UNKNOWN_CARDS, Level.WARNING, Fact("found", {"number": len(lost)}), lost)

    def cardless_debtors(self) -> Finding:
        """Tell who owes and has no card, the largest debts first."""
        if not self.debtors:
            return Finding(Check.DEBTORS, Level.OK, Fact("none"))
        ordered = sorted(self.debtors, key=lambda each: (-each[0].amount, each[1]))
        items = [Fact("debtor", {"inn": inn, "name": name, "debt": debt}) for debt, inn, name in ordered]
        return cut(Check.DEBTORS, Level.WARNING, Fact("found", {"number": len(items)}), items)

    def same_parties(self) -> Finding:
        """Tell the counterparties of one ИНН and one КПП."""
        pieces = {"number": len(self.twins), "branches": self.branches}
        if not self.twins:
            return Finding(Check.SAME_PARTIES, Level.OK, Fact("none", pieces))
        return cut(Check.SAME_PARTIES, Level.WARNING, Fact("found", pieces), self.twins)

    def limits(self, *, kept: bool) -> Finding:
        """Tell whose contracts give no one clear limit; `kept`: accounting keeps limits at all."""
        if not kept:
            return Finding(Check.LIMITS, Level.OK, Fact("not_kept"))
        pieces = {"number": len(self.unclear), "unset": self.unset}
        if not self.unclear:
            return Finding(Check.LIMITS, Level.OK, Fact("clear", pieces))
        items = sorted(self.unclear, key=lambda each: each.name)  # several currencies are the worse case
        return cut(Check.LIMITS, Level.WARNING, Fact("unclear", pieces), items)


SAMPLE = 5
"""So many equal clients are shown."""
_ROOM = 100


def balances(account: AccountFigures) -> dict[str, Decimal]:
    """Add up what a client owes less his money, by currency; a currency that comes to nothing stays."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for position in account.positions:
        owed = sum((part.open_amount.amount for part in position.instalments), NOTHING)
        if owed or position.credit.amount:
            sums[position.currency] += owed - position.credit.amount
    return dict(sums)


def same_cards(cards: Mapping[str, list[Card]]) -> Finding:
    """Tell the cards of one portal that share an ИНН."""
    items = []
    for inn, held in sorted(cards.items()):
        for portal in dict.fromkeys(card.portal for card in held):
            ids = [str(card.id) for card in held if card.portal == portal]
            if len(ids) > 1:
                items.append(Fact("cards", {"inn": inn, "title": held[0].title, "ids": ", ".join(ids)}))
    if not items:
        return Finding(Check.SAME_CARDS, Level.OK, Fact("none"))
    return cut(Check.SAME_CARDS, Level.WARNING, Fact("found", {"number": len(items)}), items)


def doubt(issue: SyncIssue) -> str:
    """Name a doubt; what is not among `DOUBTS` kept the client from being read."""
    return next((name for told, name in DOUBTS if issue.why.startswith(told)), "unread")


def _by_size(clients: Iterable[Compared]) -> list[Compared]:
    return sorted(clients, key=lambda each: (-abs(each.ours), each.inn))


def _sum_of(refs: tuple[str, ...], raw: Mapping[str, RawBalance]) -> Decimal:
    return sum((raw[ref].amount for ref in refs if ref in raw), NOTHING)
