"""Exchange rates for decisions: read from a portal when currencies meet, and kept for an hour (N8)."""

from __future__ import annotations

import logging
import threading
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import Final

from b24app.domain.money import NO_CURRENCY
from b24app.domain.rates import Rates
from b24app.ports.errors import GatewayError

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.ports.clock import Clock
    from b24app.ports.portal import Portals
    from b24app.ports.records import SyncRun
    from b24app.services.jobs import JobRunner

RATES_JOB: Final = "rates"
KEPT: Final = timedelta(hours=1)
RETRY: Final = timedelta(minutes=5)
NOTHING_KNOWN: Final = Rates(NO_CURRENCY)
"""No rates at all, so that not even a base is pretended to be known."""

_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Shelf:
    """What is known of one portal, held by one thread at a time: `asked` when, good until `due`."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    rates: Rates = NOTHING_KNOWN
    asked: datetime | None = None
    due: datetime | None = None

    def is_due(self, now: datetime) -> bool:
        """Tell whether to ask; a clock that was set back makes what was kept of no known age."""
        return self.asked is None or self.due is None or not self.asked <= now < self.due


class RateBoard:
    """Rates by portal, asked for at most once an hour, and after a failure once in five minutes.

    A portal that fails keeps the rates it told last: each carries its day, and the domain refuses one that is
    too old. A portal that never told any has none, which converts nothing. Safe to share between threads: one
    asks, the others of that portal wait for its answer.
    """

    def __init__(self, portals: Portals, clock: Clock) -> None:
        self._portals = portals
        self._clock = clock
        self._lock = threading.Lock()
        self._shelves: dict[str, _Shelf] = {}

    def of(self, member_id: str) -> Rates:
        """Return the portal's rates, at most an hour behind it; never raises `GatewayError`."""
        with self._lock:
            shelf = self._shelves.setdefault(member_id, _Shelf())
        with shelf.lock:
            now = self._clock.now()
            if shelf.is_due(now):
                shelf.asked, shelf.due = now, now + self._ask(member_id, shelf)
            return shelf.rates

    def known(self, member_id: str) -> Rates:
        """Return what was told last, without asking."""
        with self._lock:
            shelf = self._shelves.get(member_id)
        return shelf.rates if shelf is not None else NOTHING_KNOWN

    def renew(self, member_id: str) -> Rates:
        """Ask now, whatever is kept. Raises `GatewayError`; what was known before stays."""
        told = self._portals.open(member_id).fetch_rates()
        with self._lock:
            shelf = self._shelves.setdefault(member_id, _Shelf())
        with shelf.lock:
            now = self._clock.now()
            shelf.rates, shelf.asked, shelf.due = told, now, now + KEPT
        return told

    def _ask(self, member_id: str, shelf: _Shelf) -> timedelta:
        """Read anew and tell how long the outcome is good for."""
        try:
            shelf.rates = self._portals.open(member_id).fetch_rates()
        except GatewayError as error:
            _log.warning("portal %s does not tell its exchange rates: %s", member_id, error)
            return RETRY
        return KEPT


def renew_rates(jobs: JobRunner, board: RateBoard, member_id: str) -> SyncRun:
    """Read a portal's rates as a recorded run; a failure stands in it. Raises `JobUnderWayError`."""
    with jobs.run(member_id, RATES_JOB) as tally:
        before = board.known(member_id)
        try:
            told = board.renew(member_id)
        except GatewayError as error:
            tally.error = f"{type(error).__name__}: {error}"
        else:
            tally.rows = len(told.known)
            tally.changed = len(set(told.known) - set(before.known))
    return tally.ended
