"""The scheduled snapshot: figures of every client with a card, mirrored to the portal where they moved.

Works on ports, and asks the services only what is accepted of a card. It may be interrupted and run again:
every small transaction stores the figures, the accepted terms and the writes they cause together, so what was
done is not done twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import date
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING
from typing import Protocol

from b24app.domain.card import CardTerms
from b24app.domain.case import AssessmentCase
from b24app.domain.client import facts_of_card
from b24app.domain.contracts import contracts_limit
from b24app.domain.errors import CurrencyMismatchError
from b24app.domain.exposure import Candidate
from b24app.domain.exposure import Reserve
from b24app.domain.ground import lay_ground
from b24app.domain.judgement import measure
from b24app.domain.limits import Granted
from b24app.domain.money import Money
from b24app.ports.errors import GatewayError
from b24app.ports.ledger import SyncIssue
from b24app.ports.portal import MirrorFields
from b24app.ports.portal import WriteCompany
from b24app.ports.records import EffectState
from b24app.ports.records import KnownCard
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import NewEffect
from b24app.ports.records import SnapshotRow
from b24app.ports.records import SyncRun
from b24app.services.cards import known_card
from b24app.services.shipped import not_yet_shipped

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator
    from collections.abc import Sequence
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from b24app.domain.policy import Policy
    from b24app.domain.rates import Rates
    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Contract
    from b24app.ports.book import Book
    from b24app.ports.book import UnitOfWork
    from b24app.ports.clock import Clock
    from b24app.ports.ledger import Ledger
    from b24app.ports.portal import CompanyFacts
    from b24app.ports.portal import Portals

JOB = "snapshot"
BATCH = 100
_ISSUES_KEPT = 200
_ENDED = frozenset({EffectState.DONE, EffectState.FAILED, EffectState.CANCELLED})


class CreditTerms(Protocol):
    """What the snapshot needs of a portal's credit settings."""

    @property
    def policy(self) -> Policy:
        """The parameters of a decision, with the currency of the default limit."""
        ...

    @property
    def zone(self) -> ZoneInfo:
        """The credit time zone (K12)."""
        ...


class Side(Enum):
    """Which of the two a run reads."""

    PORTAL = "portal"
    LEDGER = "ledger"


@dataclass(slots=True)
class _Run:
    """One run while it goes on: its start, the directory of cards by ИНН, what it has counted."""

    member_id: str
    mode: Mode
    started_at: datetime
    terms: CreditTerms
    rates: Rates | None = None
    cards: dict[str, list[CompanyFacts]] = field(default_factory=dict)
    rows: int = 0
    changed: int = 0
    issues: list[str] = field(default_factory=list)

    def note_rates(self, batch: Iterable[AccountFigures], rates_of: Callable[[str], Rates]) -> None:
        """Ask for exchange rates where currencies meet, outside any transaction, and once a run."""
        policy = self.terms.policy
        met = policy.currencies.union(*(account.currencies for account in batch))
        if self.rates is None and met != {policy.currency}:
            self.rates = rates_of(self.member_id)

    def note(self, issue: SyncIssue) -> None:
        """Keep an issue for the record."""
        self.issues.append(f"{issue.subject}: {issue.why}")


class SnapshotSync:
    """Bring the figures of accounting to the company cards of a portal.

    `ledger_of`, `settings_of`, `rates_of` open a portal's ledger, credit settings and exchange rates by its
    member id. `progress` is called with the number of clients read, now and then.
    """

    def __init__(
        self,
        book: Book,
        portals: Portals,
        ledger_of: Callable[[str], Ledger],
        clock: Clock,
        settings_of: Callable[[str], CreditTerms],
        rates_of: Callable[[str], Rates],
    ) -> None:
        self._book = book
        self._portals = portals
        self._ledger_of = ledger_of
        self._clock = clock
        self._settings_of = settings_of
        self._rates_of = rates_of

    def run(
        self,
        member_id: str,
        *,
        progress: Callable[[int], None] | None = None,
        on_failure: Callable[[GatewayError, Side], None] | None = None,
    ) -> SyncRun:
        """Read both sides, store and mirror what moved; return the record of the run, which is stored too.

        A failure of the portal or of 1C ends the run, is told to `on_failure` and stands in `error`; what was
        stored before it stays.
        """
        with self._book.read() as unit:
            portal = unit.portals.get(member_id)
        mode = portal.mode if portal is not None else Mode.ENFORCE
        run = _Run(member_id, mode, self._clock.now(), self._settings_of(member_id))
        error, side = None, Side.PORTAL
        try:
            self._read_directory(run)
            side = Side.LEDGER
            self._mirror(run, progress)
        except GatewayError as failure:
            error = f"{type(failure).__name__}: {failure}"
            if on_failure is not None:
                on_failure(failure, side)
        return self._record(run, error)

    def _read_directory(self, run: _Run) -> None:
        for company in self._portals.open(run.member_id).stream_companies():
            inns = {requisite.inn.strip() for requisite in company.requisites if requisite.inn.strip()}
            if len(inns) == 1:
                run.cards.setdefault(inns.pop(), []).append(company)
            elif inns:
                run.note(SyncIssue(f"company {company.id}", f"has several ИНН: {', '.join(sorted(inns))}"))
        for inn, cards in run.cards.items():
            if len(cards) > 1:
                named = ", ".join(str(card.id) for card in cards)
                run.note(SyncIssue(inn, f"companies {named} share one ИНН and one credit account"))

    def _mirror(self, run: _Run, progress: Callable[[int], None] | None) -> None:
        with self._book.read() as unit:
            before = unit.snapshots.all(run.member_id)
        accounts = self._accounts(run)
        while batch := list(islice(accounts, BATCH)):
            run.note_rates(batch, self._rates_of)
            with self._book.write() as unit:
                moved = [account.inn for account in batch if _mirror_account(unit, run, account, before)]
                run.changed += len(moved)
                concerned = run.terms.policy.sharing(moved)
                held = unit.holds.open_of_accounts(run.member_id, concerned)
                _wake(unit, run, (hold.deal_id for hold in held))
            if progress is not None:
                progress(run.rows)
        with self._book.write() as unit:
            _wake(unit, run, (deal.deal_id for deal in unit.deals.technical(run.member_id)))

    def _accounts(self, run: _Run) -> Iterator[AccountFigures]:
        """Read the ledger's clients that have a card."""
        for read in self._ledger_of(run.member_id).stream(now=run.started_at):
            if isinstance(read, SyncIssue):
                run.note(read)
                continue
            run.rows += 1
            if read.inn in run.cards:
                yield read

    def _record(self, run: _Run, error: str | None) -> SyncRun:
        kept = run.issues[:_ISSUES_KEPT]
        if len(run.issues) > len(kept):
            kept.append(f"and {len(run.issues) - len(kept)} more")
        record = SyncRun(
            member_id=run.member_id,
            job=JOB,
            started_at=run.started_at,
            finished_at=self._clock.now(),
            rows=run.rows,
            changed=run.changed,
            issues=tuple(kept),
            error=error,
        )
        with self._book.write() as unit:
            unit.snapshots.add_run(record)
        return record


def _wake(unit: UnitOfWork, run: _Run, deal_ids: Iterable[int]) -> None:
    unit.inbox.add(
        Message(run.member_id, MessageKind.RECHECK, deal_id, run.started_at) for deal_id in deal_ids
    )


def _mirror_account(
    unit: UnitOfWork, run: _Run, account: AccountFigures, before: dict[str, SnapshotRow]
) -> bool:
    """Store one account's figures and owe the portal what moved; tell whether anything did.

    An account that cannot be added up (several currencies) is an issue and its cards stay as they are.
    """
    cards = run.cards[account.inn]
    stored = [unit.cards.get(run.member_id, card.id) for card in cards]
    known = [
        known_card(run.member_id, run.mode, card, seen) for card, seen in zip(cards, stored, strict=True)
    ]
    # A second card of a client, seen for the first time, decides nothing for the first.
    old = [card for card, seen in zip(known, stored, strict=True) if seen is not None]
    base = next((card.accepted for card in old or known if card is not None), cards[0].terms)
    try:
        accepted = _accepted(base, account.contracts)
        row = _measure(unit, run, account, accepted)
    except CurrencyMismatchError as error:
        run.note(SyncIssue(account.inn, f"several currencies: {error}"))
        return False
    earlier = before.get(account.inn)
    moved = earlier is None or replace(earlier, as_of=row.as_of) != row
    for card, seen, was in zip(cards, known, stored, strict=True):
        accepted_card = _accepted_card(run, card, seen, row)
        if accepted_card != was:
            unit.cards.save(accepted_card)
        _mirror_card(unit, run, card, seen, row, moved=moved or was is None)
    if moved:
        unit.snapshots.save([row])
    return moved


def _accepted(base: CardTerms, contracts: Sequence[Contract]) -> CardTerms:
    """Return the terms we stand for: limit and shortest term of accounting, the rest as accepted before."""
    terms = [contract.deferral_days for contract in contracts if contract.active]
    known = [days for days in terms if days is not None]
    return replace(
        base, limit=contracts_limit(contracts), terms_days=min(known) if known else base.terms_days
    )


def _measure(unit: UnitOfWork, run: _Run, account: AccountFigures, accepted: CardTerms) -> SnapshotRow:
    policy = run.terms.policy
    promised = unit.reserves.of_account(run.member_id, account.inn, now=run.started_at)
    live = not_yet_shipped(unit, promised, as_of=account.as_of)
    case = AssessmentCase(
        figures=account,
        own_limit=accepted.limit,
        candidate=Candidate(None, Money.zero(policy.currency)),
        reserves=tuple(Reserve(row.deal_id, row.contract, row.amount) for row in live),
        on=run.started_at.astimezone(run.terms.zone).date(),
        now=run.started_at,
        client=facts_of_card(accepted),
        rates=run.rates,
    )
    ground = lay_ground(case, policy)
    exposure, overdue = measure(ground)
    limit = ground.limit.limit
    paid = account.last_payment
    return SnapshotRow(
        member_id=run.member_id,
        inn=account.inn,
        balance=exposure.receivables - exposure.credit,
        overdue=overdue.amount,
        overdue_days=overdue.max_days,
        available=limit.amount - exposure.before if isinstance(limit, Granted) else None,
        last_payment=paid.paid_on.isoformat() if paid is not None else None,
        onec_ref=account.counterparties[0].ref if account.counterparties else "",
        terms=accepted,
        as_of=account.as_of,
    )


def _accepted_card(run: _Run, card: CompanyFacts, known: KnownCard | None, row: SnapshotRow) -> KnownCard:
    """Accept the terms for one card.

    `mirrored` is written by the delivery that carries the terms over, so that until then the old ones on the
    card are not taken for somebody's typing.
    """
    return KnownCard(
        member_id=run.member_id,
        company_id=card.id,
        inn=row.inn,
        title=card.title,
        accepted=row.terms,
        mirrored=known.mirrored if known is not None else card.terms,
        version=known.version if known is not None else 0,
    )


def _mirror_card(
    unit: UnitOfWork, run: _Run, card: CompanyFacts, known: KnownCard | None, row: SnapshotRow, *, moved: bool
) -> None:
    """Owe the portal one card's terms and figures; a typed-over card is left to the check."""
    untouched = card.terms in _expected(known, row.terms, card)
    if not untouched:
        unit.inbox.add([Message(run.member_id, MessageKind.COMPANY, card.id, run.started_at)])
    terms = row.terms if untouched and card.terms != row.terms else None
    if not moved and terms is None:
        return
    key = _key(unit, run, card.id, row, moved=moved)
    if key is not None:
        unit.effects.add([NewEffect(run.member_id, key, WriteCompany(card.id, terms, _fields(row)))])


def _expected(known: KnownCard | None, accepted: CardTerms, card: CompanyFacts) -> tuple[CardTerms, ...]:
    """Return the terms a card may show without anybody having typed; an unknown one may show anything."""
    if known is None:
        return (card.terms,)
    return accepted, known.accepted, known.mirrored if known.mirrored is not None else CardTerms()


def _key(unit: UnitOfWork, run: _Run, company_id: int, row: SnapshotRow, *, moved: bool) -> str | None:
    """Name the write: a new one each run for what moved, else a repair, one at a time."""
    values = repr(replace(row, as_of=run.started_at, member_id="") if moved else row.terms)
    stem = f"mirror:{company_id}:{hashlib.blake2s(values.encode(), digest_size=8).hexdigest()}"
    if moved:
        return stem
    number = 1
    while (effect := unit.effects.by_key(run.member_id, f"{stem}:{number}")) is not None:
        if effect.state not in _ENDED:
            return None
        number += 1
    return f"{stem}:{number}"


def _fields(row: SnapshotRow) -> MirrorFields:
    return MirrorFields(
        balance=row.balance,
        overdue=row.overdue,
        available=row.available,
        overdue_days=row.overdue_days,
        last_payment=date.fromisoformat(row.last_payment) if row.last_payment is not None else None,
        onec_id=row.onec_ref or None,
        as_of=row.as_of,
    )
