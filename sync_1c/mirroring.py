"""One client's figures brought to his cards: what is stored, what the portal is owed, who is decided again.

Works on ports and inside the caller's transaction; calls nobody.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
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
from b24app.ports.ledger import SyncIssue
from b24app.ports.portal import MirrorFields
from b24app.ports.portal import WriteCompany
from b24app.ports.records import EffectState
from b24app.ports.records import KnownCard
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import Mode
from b24app.ports.records import NewEffect
from b24app.ports.records import ReserveRecord
from b24app.ports.records import SnapshotRow
from b24app.services.cards import known_card
from b24app.services.jobs import Tally
from b24app.services.shipped import not_yet_shipped

if TYPE_CHECKING:
    from collections.abc import Callable
    from collections.abc import Iterable
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from b24app.domain.policy import Policy
    from b24app.domain.rates import Rates
    from b24app.domain.receivable import AccountFigures
    from b24app.domain.receivable import Contract
    from b24app.ports.book import UnitOfWork
    from b24app.ports.portal import CompanyFacts

RECENT = timedelta(days=150)
"""Payments no older than this are read from every base; an older one may have left the window."""
_NEVER = datetime.min.replace(tzinfo=UTC)
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


@dataclass(slots=True)
class Run:
    """One run while it goes on: its start, the directory of cards by ИНН, what it has counted."""

    member_id: str
    mode: Mode
    started_at: datetime
    terms: CreditTerms
    rates: Rates | None = None
    cards: dict[str, list[CompanyFacts]] = field(default_factory=dict)
    tally: Tally = field(default_factory=Tally)

    def note_rates(self, batch: Iterable[AccountFigures], rates_of: Callable[[str], Rates]) -> None:
        """Ask for exchange rates where currencies meet, outside any transaction, and once a run."""
        policy = self.terms.policy
        met = policy.currencies.union(*(account.currencies for account in batch))
        if self.rates is None and met != {policy.currency}:
            self.rates = rates_of(self.member_id)

    def take_cards(self, companies: Iterable[CompanyFacts], *, reports: bool = True) -> None:
        """Index cards by their ИНН; what does not fit is an issue, if such are wanted."""
        for company in companies:
            inns = {requisite.inn.strip() for requisite in company.requisites if requisite.inn.strip()}
            if len(inns) == 1:
                self.cards.setdefault(inns.pop(), []).append(company)
            elif inns and reports:
                self.note(SyncIssue(f"company {company.id}", f"has several ИНН: {', '.join(sorted(inns))}"))
        for inn, cards in self.cards.items():
            if len(cards) > 1 and reports:
                named = ", ".join(str(card.id) for card in cards)
                self.note(SyncIssue(inn, f"companies {named} share one ИНН and one credit account"))

    def note(self, issue: SyncIssue) -> None:
        """Keep an issue for the record."""
        self.tally.issues.append(f"{issue.subject}: {issue.why}")


def wake(unit: UnitOfWork, run: Run, deal_ids: Iterable[int]) -> None:
    """Have deals decided again."""
    unit.inbox.add(
        Message(run.member_id, MessageKind.RECHECK, deal_id, run.started_at) for deal_id in deal_ids
    )


def undermined(unit: UnitOfWork, run: Run, account: AccountFigures) -> list[int]:
    """Return the client's deals whose last decision stands on figures that are no longer so (F14, F15).

    A held one: on any other figures. An allowed and not yet shipped one: when money counted then is gone
    (AC5); that its own shipment has been posted meanwhile does not count.
    """
    found = []
    for hold in unit.holds.open_of_accounts(run.member_id, [account.inn]):
        before = _decided_on(unit, hold.check_id)
        if before is None or _bare(before.figures) != _bare(account):
            found.append(hold.deal_id)
    for reserve in unit.reserves.of_account(run.member_id, account.inn, now=run.started_at):
        before = _decided_on(unit, reserve.check_id)
        if before is not None and money_is_gone(before.figures, account, before.on):
            found.append(reserve.deal_id)
    return found


def money_is_gone(before: AccountFigures, now: AccountFigures, on: date) -> bool:
    """Tell whether a payment counted on a day is no longer there, or debts due before it have come back.

    A shipment of that day or later is due no earlier, so it never looks like that.
    """
    oldest = min((payment.paid_on for payment in now.payments), default=on - RECENT)
    known = [payment for payment in before.payments if payment.paid_on > oldest]
    gone = Counter(known) - Counter(now.payments)
    late_then, late_now = _late_sums(before, on), _late_sums(now, on)
    return bool(gone) or any(late > late_then[currency] for currency, late in late_now.items())


def _late_sums(account: AccountFigures, on: date) -> dict[str, Decimal]:
    """Add up by currency what was due before a day."""
    sums: dict[str, Decimal] = defaultdict(Decimal)
    for position in account.positions:
        for part in position.instalments:
            if part.due is not None and part.due < on:
                sums[part.open_amount.currency] += part.open_amount.amount
    return sums


def _decided_on(unit: UnitOfWork, check_id: int) -> AssessmentCase | None:
    check = unit.checks.get(check_id)
    return check.case if check is not None else None


def _bare(account: AccountFigures) -> AccountFigures:
    """Leave out what says only when: the moment, and payments, of which readings keep different numbers."""
    return replace(account, payments=(), as_of=_NEVER)


@dataclass(frozen=True, slots=True)
class Before:
    """What our database holds of a batch of clients: mirrored figures, cards by id, live reserves by ИНН."""

    figures: dict[str, SnapshotRow]
    cards: dict[int, KnownCard]
    reserves: dict[str, list[ReserveRecord]]


def look_up(unit: UnitOfWork, run: Run, accounts: Sequence[AccountFigures]) -> Before:
    """Read a batch's rows in a few statements."""
    inns = [account.inn for account in accounts]
    cards = [card.id for inn in inns for card in run.cards.get(inn, ())]
    reserves: dict[str, list[ReserveRecord]] = defaultdict(list)
    for reserve in unit.reserves.live(run.member_id, now=run.started_at):
        reserves[reserve.inn].append(reserve)
    return Before(unit.snapshots.many(run.member_id, inns), unit.cards.many(run.member_id, cards), reserves)


def mirror_account(unit: UnitOfWork, run: Run, account: AccountFigures, before: Before) -> SnapshotRow | None:
    """Owe the portal what moved of one account; return the figures to be stored, None when nothing moved.

    An account that cannot be added up (several currencies) is an issue and its cards stay as they are.
    """
    earlier = before.figures.get(account.inn)
    if earlier is not None and earlier.as_of > account.as_of:
        return None  # somebody has read newer figures meanwhile
    cards = run.cards.get(account.inn)
    if not cards:
        return None
    stored = [before.cards.get(card.id) for card in cards]
    known = [
        known_card(run.member_id, run.mode, card, seen) for card, seen in zip(cards, stored, strict=True)
    ]
    # A second card of a client, seen for the first time, decides nothing for the first.
    old = [card for card, seen in zip(known, stored, strict=True) if seen is not None]
    base = next((card.accepted for card in old or known if card is not None), cards[0].terms)
    try:
        accepted = _accepted(base, account.contracts)
        live = not_yet_shipped(unit, before.reserves.get(account.inn, ()), as_of=account.as_of)
        row = _measure(run, account, accepted, live)
    except CurrencyMismatchError as error:
        run.note(SyncIssue(account.inn, f"several currencies: {error}"))
        return None
    moved = earlier is None or replace(earlier, as_of=row.as_of) != row
    for card, seen, was in zip(cards, known, stored, strict=True):
        accepted_card = _accepted_card(run, card, seen, row)
        if accepted_card != was:
            unit.cards.save(accepted_card)
        _mirror_card(unit, run, card, seen, row, moved=moved or was is None)
    return row if moved else None


def _accepted(base: CardTerms, contracts: Sequence[Contract]) -> CardTerms:
    """Return the terms we stand for: limit and shortest term of accounting, the rest as accepted before."""
    terms = [contract.deferral_days for contract in contracts if contract.active]
    known = [days for days in terms if days is not None]
    return replace(
        base, limit=contracts_limit(contracts), terms_days=min(known) if known else base.terms_days
    )


def _measure(
    run: Run, account: AccountFigures, accepted: CardTerms, live: Sequence[ReserveRecord]
) -> SnapshotRow:
    policy = run.terms.policy
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


def _accepted_card(run: Run, card: CompanyFacts, known: KnownCard | None, row: SnapshotRow) -> KnownCard:
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
    unit: UnitOfWork, run: Run, card: CompanyFacts, known: KnownCard | None, row: SnapshotRow, *, moved: bool
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


def _key(unit: UnitOfWork, run: Run, company_id: int, row: SnapshotRow, *, moved: bool) -> str | None:
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
