"""Recorded checks decided again under a new policy: what would have come out otherwise (F7).

Every check stands alone: with the figures, the reserves and the rates recorded with it.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections import deque
from concurrent.futures import BrokenExecutor
from concurrent.futures import Executor
from concurrent.futures import Future
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from functools import partial
from multiprocessing import active_children
from multiprocessing import get_context
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.money import Money
from b24app.ports.records import Weight
from b24app.services.redecide import Change
from b24app.services.redecide import Gap
from b24app.services.redecide import begin
from b24app.services.redecide import redecide
from b24app.services.redecide import redecide_here

if TYPE_CHECKING:
    from collections.abc import Generator
    from collections.abc import Iterable
    from collections.abc import Iterator
    from datetime import datetime

    from b24app.domain.policy import Policy
    from b24app.domain.rules import ReasonCode
    from b24app.ports.book import Book
    from b24app.ports.records import PackedCheck
    from b24app.ports.records import RecordedVerdict
    from b24app.services.redecide import Outturn
    from b24app.services.redecide import Restore
    from b24app.services.redecide import Turn

WEIGHTS: Final = (Weight.BINDING, Weight.OBSERVED)
"""What bound a deal, or would have; advice asked for elsewhere says nothing about what ships."""

PAGE: Final = 500
SMALL: Final = 4_000
"""Fewer checks are decided sooner than other processes start."""

MOST_PROCESSES: Final = 8
KEPT: Final = 50


@dataclass(frozen=True, slots=True)
class Question:
    """Whose checks are decided again, under which policy, since when (None: all of them)."""

    member_id: str
    policy: Policy
    since: datetime | None = None


@dataclass(frozen=True, slots=True)
class ChangedCheck:
    """A check that would come out otherwise."""

    check_id: int
    deal_id: int
    client: str
    decided_at: datetime
    change: Change
    amount: Money
    before: RecordedVerdict
    after: RecordedVerdict


@dataclass(slots=True)
class Share:
    """Checks of one kind and the deals they were of; a deal checked twice counts with its newest amount."""

    checks: int = 0
    amounts: dict[int, Money] = field(default_factory=dict)

    def add(self, deal_id: int, amount: Money) -> None:
        """Count a check."""
        self.checks += 1
        self.amounts[deal_id] = amount

    @property
    def deals(self) -> int:
        """How many deals."""
        return len(self.amounts)

    @property
    def value(self) -> tuple[Money, ...]:
        """What the deals are worth, by currency."""
        totals: dict[str, Money] = {}
        for amount in self.amounts.values():
            known = totals.get(amount.currency)
            totals[amount.currency] = amount if known is None else known + amount
        return tuple(totals[currency] for currency in sorted(totals))


@dataclass(slots=True)
class Tally:
    """What has been found so far: it grows page by page and may be read at any moment.

    `gained` and `lost`: reasons that would hold and did not, and the other way round. `listed`: the newest
    changed check of each deal, of the `keep` deals that changed last.
    """

    keep: int = KEPT
    examined: int = 0
    unchanged: int = 0
    first: datetime | None = None
    last: datetime | None = None
    gaps: Counter[Gap] = field(default_factory=Counter)
    every: Share = field(default_factory=Share)
    changes: dict[Change, Share] = field(default_factory=dict)
    gained: dict[ReasonCode, Share] = field(default_factory=dict)
    lost: dict[ReasonCode, Share] = field(default_factory=dict)
    listed: dict[int, ChangedCheck] = field(default_factory=dict)

    def take(self, page: list[PackedCheck], outturn: Outturn) -> None:
        """Add what became of a page."""
        self.examined += len(page)
        self.unchanged += outturn.unchanged
        self.gaps += outturn.gaps
        self.first, self.last = self.first or page[0].decided_at, page[-1].decided_at
        for turn in outturn.turns:
            self._note(page[turn.place], turn)

    @property
    def newest_first(self) -> list[ChangedCheck]:
        """The listed checks, the newest first."""
        return list(self.listed.values())[::-1]

    def _note(self, check: PackedCheck, turn: Turn) -> None:
        self.every.add(check.deal_id, turn.amount)
        self.changes.setdefault(turn.change, Share()).add(check.deal_id, turn.amount)
        was, becomes = ({each.code for each in verdict.reasons} for verdict in (turn.before, turn.after))
        for shelf, codes in ((self.gained, becomes - was), (self.lost, was - becomes)):
            for code in codes:
                shelf.setdefault(code, Share()).add(check.deal_id, turn.amount)
        self.listed.pop(check.deal_id, None)
        self.listed[check.deal_id] = ChangedCheck(
            check.id,
            check.deal_id,
            check.company_title,
            check.decided_at,
            turn.change,
            turn.amount,
            turn.before,
            turn.after,
        )
        if len(self.listed) > self.keep:
            del self.listed[next(iter(self.listed))]


class Backtest:
    """Decides a portal's recorded checks again, `page` of them at a time.

    `restore` reads a packed check in whatever process.
    """

    def __init__(self, book: Book, restore: Restore, *, page: int = PAGE) -> None:
        self._book = book
        self._restore = restore
        self._page = page

    def count(self, question: Question) -> int:
        """Count the checks there are to decide again."""
        with self._book.read() as unit:
            return unit.checks.count(question.member_id, weights=WEIGHTS, since=question.since)

    def run(self, question: Question, tally: Tally, *, processes: int = 1) -> Generator[int, None, None]:
        """Add page after page to the tally, in the order of the checks; yield how many checks a page had.

        Closing the iterator, or an exception in it, stops the other processes; what the tally holds stays.
        """
        with _workers(question.policy, self._restore, processes) as workers:
            ahead: deque[tuple[list[PackedCheck], Future[Outturn] | None]] = deque()
            for page in self._pages(question):
                ahead.append((page, _sent(workers, page)))
                if len(ahead) > 2 * processes or workers is None:
                    yield self._settle(question, tally, *ahead.popleft())
            while ahead:
                yield self._settle(question, tally, *ahead.popleft())

    def _settle(
        self, question: Question, tally: Tally, page: list[PackedCheck], sent: Future[Outturn] | None
    ) -> int:
        """Take the answer of a worker, or decide the page here when there is none."""
        try:
            outturn = sent.result() if sent is not None else None
        except BrokenExecutor:
            outturn = None
        if outturn is None:
            outturn = redecide(_rows(page), question.policy, self._restore)
        tally.take(page, outturn)
        return len(page)

    def _pages(self, question: Question) -> Iterator[list[PackedCheck]]:
        last = 0
        while True:
            with self._book.read() as unit:
                page = unit.checks.packed(
                    question.member_id, after=last, limit=self._page, weights=WEIGHTS, since=question.since
                )
            if not page:
                return
            last = page[-1].id
            yield page


def processes_for(checks: int) -> int:
    """Choose how many processes so many checks are worth."""
    return 1 if checks < SMALL else min(os.cpu_count() or 1, MOST_PROCESSES)


def _rows(page: Iterable[PackedCheck]) -> list[tuple[str | None, str]]:
    return [(check.case, check.decision) for check in page]


def _sent(workers: Executor | None, page: list[PackedCheck]) -> Future[Outturn] | None:
    """Hand a page to a worker; None where there is none, or not any more."""
    if workers is None:
        return None
    try:
        with _keyboard_held_back():
            return workers.submit(redecide_here, _rows(page))
    except BrokenExecutor:
        return None


@contextmanager
def _keyboard_held_back() -> Iterator[None]:
    """Start processes that never hear Ctrl+C: they are born deaf to it, and this one hears it afterwards."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def _workers(policy: Policy, restore: Restore, processes: int) -> Iterator[Executor | None]:
    """Start the processes and end them: when their work is done, or at once when it is broken off.

    For one process none is started.
    """
    if processes <= 1:
        yield None
        return
    workers = ProcessPoolExecutor(
        processes, mp_context=get_context("spawn"), initializer=partial(begin, policy, restore)
    )
    others = set(active_children())
    try:
        yield workers
    except BaseException:
        for child in set(active_children()) - others:
            child.terminate()
        raise
    finally:
        workers.shutdown(cancel_futures=True)
