"""Payments at once (credit_management F14, F15): read again who has something at stake, and whom 1C names.

What is pushed only says who changed. What a deal stands on is always read from accounting and compared with
what it was decided on, so lost, repeated and reordered pushes end in the same state.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

from b24app.ports.records import RunOutcome

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.ports.book import Book
    from b24app.ports.clock import Clock
    from b24app.ports.records import StoredMessage
    from b24app.ports.records import SyncRun
    from b24app.services.settings import CreditSettings

log = structlog.get_logger(__name__)

PUSHES_AT_ONCE = 500
AFTER_FAILURE = timedelta(seconds=30)
REST = 5
"""A base that answers slowly is left alone for so many times what its last answer took."""

Refresh = Callable[[str, Sequence[str]], "SyncRun"]


@dataclass(frozen=True, slots=True)
class Tempo:
    """The bounds of the interval between two looks."""

    shortest: timedelta
    longest: timedelta

    def after(self, last: timedelta, run: SyncRun | None, *, held: bool) -> timedelta:
        """Return the wait after a look: short while deals are held or something moved, else twice the last.

        Never shorter than the load of a slow base allows, never longer than the upper bound.
        """
        moved = run is not None and (run.changed > 0 or run.outcome is not RunOutcome.DONE)
        wait = self.shortest if held or moved else min(last * 2, self.longest)
        taken = timedelta(seconds=run.seconds) if run is not None else timedelta()
        return max(min(max(wait, taken * REST), self.longest), self.shortest)


@dataclass(frozen=True, slots=True)
class Stake:
    """The clients whose deals are held, and those whose deals are allowed and not seen shipped."""

    held: frozenset[str]
    allowed: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Beat:
    due: datetime
    wait: timedelta


@dataclass(slots=True)
class _Beats:
    lock: threading.Lock = field(default_factory=threading.Lock)
    by_portal: dict[str, _Beat] = field(default_factory=dict)


class PaymentWatch:
    """Looks for payments and their reversals; `tick` is called every few seconds."""

    def __init__(
        self,
        *,
        book: Book,
        clock: Clock,
        refresh: Refresh,
        settings_of: Callable[[str], CreditSettings],
        tempo: Tempo,
    ) -> None:
        """`refresh` reads clients live and has undermined deals decided again."""
        self._book = book
        self._clock = clock
        self._refresh = refresh
        self._settings_of = settings_of
        self._tempo = tempo
        self._beats = _Beats()

    def tick(self, member_id: str) -> bool:
        """Look if it is time to or 1C has called; tell whether accounting was asked.

        Raises `JobUnderWayError` when another process looks just now; the pushes then wait for the next tick.
        """
        now = self._clock.now()
        with self._book.write() as unit:
            pushes = unit.inbox.take_pushes(member_id, now=now, limit=PUSHES_AT_ONCE)
        if not pushes and not self._is_due(member_id, now):
            return False
        looked = False
        try:
            run = self._look(member_id, pushes)
            looked = run is None or run.outcome is RunOutcome.DONE
        finally:
            self._settle(pushes, looked=looked)
        return run is not None

    def stake(self, member_id: str) -> Stake:
        """Return who has something at stake now."""
        now = self._clock.now()
        with self._book.read() as unit:
            held = {hold.inn for hold in unit.holds.all_open(member_id) if hold.inn}
            allowed = {reserve.inn for reserve in unit.reserves.live(member_id, now=now)}
        return Stake(frozenset(held), frozenset(allowed))

    def _look(self, member_id: str, pushes: list[StoredMessage]) -> SyncRun | None:
        stake = self.stake(member_id)
        named = {push.message.reference for push in pushes if push.message.reference}
        clients = stake.held | stake.allowed | named
        inns = self._settings_of(member_id).policy.sharing(clients) if clients else ()
        run = self._refresh(member_id, sorted(inns)) if inns else None
        wait = self._tempo.after(self._last(member_id), run, held=bool(stake.held))
        with self._beats.lock:
            self._beats.by_portal[member_id] = _Beat(self._clock.now() + wait, wait)
        return run

    def _settle(self, pushes: list[StoredMessage], *, looked: bool) -> None:
        ids = [push.id for push in pushes]
        if not ids:
            return
        with self._book.write() as unit:
            if looked:
                unit.inbox.finish(ids)
            else:
                until = self._clock.now() + AFTER_FAILURE
                unit.inbox.postpone(ids, until=until, error="accounting was not read", failed=False)

    def _is_due(self, member_id: str, now: datetime) -> bool:
        with self._beats.lock:
            beat = self._beats.by_portal.get(member_id)
        if beat is None:
            return True
        # A hold that has come since the last quiet look is not made to wait for the long interval to end.
        early = beat.due - beat.wait + self._tempo.shortest
        return now >= beat.due or (now >= early and bool(self.stake(member_id).held))

    def _last(self, member_id: str) -> timedelta:
        with self._beats.lock:
            beat = self._beats.by_portal.get(member_id)
        return beat.wait if beat is not None else self._tempo.shortest
