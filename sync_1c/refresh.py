"""Figures of accounting brought to the portal: of every client on a schedule, of some when asked.

Works on ports, and asks the services only what is accepted of a card. It may be interrupted and run again:
every small transaction stores the figures, the accepted terms and the writes they cause together, so what was
done is not done twice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from itertools import islice
from typing import TYPE_CHECKING

from b24app.ports.errors import GatewayError
from b24app.ports.ledger import SyncIssue
from b24app.ports.records import Mode
from sync_1c.mirroring import Run
from sync_1c.mirroring import look_up
from sync_1c.mirroring import mirror_account
from sync_1c.mirroring import undermined
from sync_1c.mirroring import wake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Sequence

    from b24app.domain.rates import Rates
    from b24app.domain.receivable import AccountFigures
    from b24app.ports.book import Book
    from b24app.ports.book import UnitOfWork
    from b24app.ports.ledger import Ledger
    from b24app.ports.portal import CompanyFacts
    from b24app.ports.portal import Portals
    from b24app.ports.records import SyncRun
    from b24app.services.jobs import JobRunner
    from b24app.services.jobs import Tally
    from sync_1c.mirroring import CreditTerms

JOB = "snapshot"
PAYMENTS_JOB = "payments"
BATCH = 100
CARDS_AT_ONCE = 50


class Side(Enum):
    """Which of the two a run reads."""

    PORTAL = "portal"
    LEDGER = "ledger"


@dataclass(frozen=True, slots=True)
class Watching:
    """Who follows a run: `progress` hears the number of clients read, now and then; `on_failure` its end."""

    progress: Callable[[int], None] | None = None
    on_failure: Callable[[GatewayError, Side], None] | None = None


NOBODY = Watching()


class _UndoneError(Exception):
    """Ends the transaction of a rehearsal without a trace."""


class SnapshotSync:
    """Bring the figures of accounting to the company cards of a portal.

    `ledger_of`, `settings_of`, `rates_of` open a portal's ledger, credit settings and exchange rates by its
    member id.
    """

    def __init__(
        self,
        book: Book,
        portals: Portals,
        ledger_of: Callable[[str], Ledger],
        jobs: JobRunner,
        settings_of: Callable[[str], CreditTerms],
        rates_of: Callable[[str], Rates],
    ) -> None:
        self._book = book
        self._portals = portals
        self._ledger_of = ledger_of
        self._jobs = jobs
        self._settings_of = settings_of
        self._rates_of = rates_of

    def run(self, member_id: str, watching: Watching = NOBODY, *, rehearsal: bool = False) -> SyncRun:
        """Read both sides whole, store and mirror what moved; return the record of the run.

        A failure of the portal or of 1C ends the run, is told to `on_failure` and stands in `error`; what was
        stored before it stays. A rehearsal counts the same and writes nothing. Raises `JobUnderWayError`.
        """
        turn = self._jobs.rehearse if rehearsal else self._jobs.run
        with turn(member_id, JOB) as tally:
            run = self._begin(member_id, tally)
            side = Side.PORTAL
            try:
                run.take_cards(self._portals.open(member_id).stream_companies())
                side = Side.LEDGER
                self._mirror(run, self._streamed(run), watching, rehearsal=rehearsal)
                if not rehearsal:
                    self._wake_technical(run)
            except GatewayError as failure:
                _failed(tally, failure)
                if watching.on_failure is not None:
                    watching.on_failure(failure, side)
        return tally.ended

    def refresh(self, member_id: str, inns: Sequence[str]) -> SyncRun:
        """Read these clients live, mirror what moved, and have decided again what stood on other figures.

        A failure ends the run and stands in `error`. Raises `JobUnderWayError`.
        """
        with self._jobs.run(member_id, PAYMENTS_JOB) as tally:
            run = self._begin(member_id, tally)
            try:
                run.take_cards(self._cards_of(member_id, inns), reports=False)
                answer = self._ledger_of(member_id).fetch(inns, now=run.started_at)
                for issue in answer.issues:
                    run.note(issue)
                tally.rows = len(answer.accounts)
                self._mirror(run, iter(answer.accounts.values()), NOBODY, rehearsal=False)
            except GatewayError as failure:
                _failed(tally, failure)
        return tally.ended

    def _begin(self, member_id: str, tally: Tally) -> Run:
        with self._book.read() as unit:
            portal = unit.portals.get(member_id)
        mode = portal.mode if portal is not None else Mode.ENFORCE
        return Run(member_id, mode, self._jobs.clock.now(), self._settings_of(member_id), tally=tally)

    def _cards_of(self, member_id: str, inns: Sequence[str]) -> Iterator[CompanyFacts]:
        """Read the cards our database knows these clients by; one it does not know waits for the snapshot."""
        with self._book.read() as unit:
            ids = sorted({card.company_id for inn in inns for card in unit.cards.of_account(member_id, inn)})
        door = self._portals.open(member_id)
        for start in range(0, len(ids), CARDS_AT_ONCE):
            yield from door.fetch_companies(ids[start : start + CARDS_AT_ONCE])

    def _mirror(
        self, run: Run, accounts: Iterator[AccountFigures], watching: Watching, *, rehearsal: bool
    ) -> None:
        while batch := list(islice(accounts, BATCH)):
            run.note_rates(batch, self._rates_of)
            try:
                with self._book.write() as unit:
                    _mirror_batch(unit, run, batch)
                    if rehearsal:
                        raise _UndoneError  # noqa: TRY301 - the transaction's own way to roll back
            except _UndoneError:
                pass
            if watching.progress is not None:
                watching.progress(run.tally.rows)

    def _wake_technical(self, run: Run) -> None:
        with self._book.write() as unit:
            wake(unit, run, (deal.deal_id for deal in unit.deals.technical(run.member_id)))

    def _streamed(self, run: Run) -> Iterator[AccountFigures]:
        """Read the ledger's clients that have a card."""
        for read in self._ledger_of(run.member_id).stream(now=run.started_at):
            if isinstance(read, SyncIssue):
                run.note(read)
                continue
            run.tally.rows += 1
            if read.inn in run.cards:
                yield read


def _mirror_batch(unit: UnitOfWork, run: Run, accounts: Sequence[AccountFigures]) -> None:
    """Store a batch's figures, and wake the deals they concern."""
    before = look_up(unit, run, accounts)
    rows = [mirror_account(unit, run, account, before) for account in accounts]
    moved = [row for row in rows if row is not None]
    unit.snapshots.save(moved)
    run.tally.changed += len(moved)
    concerned = run.terms.policy.sharing([row.inn for row in moved])
    woken = {hold.deal_id for hold in unit.holds.open_of_accounts(run.member_id, concerned)}
    held = unit.holds.open_of_accounts(run.member_id, [account.inn for account in accounts])
    staked = before.reserves.keys() | {hold.inn for hold in held}
    for account in accounts:
        if account.inn in staked:
            woken.update(undermined(unit, run, account))
    wake(unit, run, sorted(woken))


def _failed(tally: Tally, failure: GatewayError) -> None:
    tally.error = f"{type(failure).__name__}: {failure}"
