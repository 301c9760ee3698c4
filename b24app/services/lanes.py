"""The two lanes of a portal, decide and deliver, each a thread that works one round at a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.ports.book import Book
    from b24app.services.delivery import Delivery
    from b24app.services.desk import CreditDesk
    from b24app.services.guard import Watch

log = structlog.get_logger(__name__)

IDLE = 1.0
LINGER = 0.4
GATHER = 0.5
STEP = 0.05
FULL = 200
FIRST_PAUSE = 0.5
LONGEST_PAUSE = 30.0


class Lane:
    """A thread that calls `work` while there is something to do, and sleeps until woken otherwise."""

    def __init__(self, name: str, work: Callable[[], int], *, idle: float = IDLE) -> None:
        self._work = work
        self._idle = idle
        self._bell = threading.Event()
        self._stopping = threading.Event()
        self._busy = threading.Event()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def wake(self) -> None:
        """Have the lane look at once."""
        self._bell.set()

    def stop(self) -> None:
        """Stop after the round under way and wait for the thread."""
        self._stopping.set()
        self._bell.set()
        self._thread.join()

    @property
    def is_busy(self) -> bool:
        """Whether a round is under way."""
        return self._busy.is_set()

    def _run(self) -> None:
        pause = FIRST_PAUSE
        while not self._stopping.is_set():
            self._bell.clear()
            self._busy.set()
            try:
                touched = self._work()
                pause = FIRST_PAUSE
            except Exception:
                log.exception("lane.failed", lane=self._thread.name)
                touched = 0
                self._stopping.wait(pause)
                pause = min(pause * 2, LONGEST_PAUSE)
            finally:
                self._busy.clear()
            if not touched:
                self._bell.wait(self._idle)


class PortalLanes:
    """Decide and deliver for one portal; a woken decide lane wakes the deliver lane after each round."""

    def __init__(
        self, member_id: str, *, book: Book, desk: CreditDesk, watch: Watch, delivery: Delivery
    ) -> None:
        self._member_id = member_id
        self._book = book
        self._desk = desk
        self._watch = watch
        self._delivery = delivery
        self._decide = Lane(f"decide:{member_id}", self._decide_round)
        self._deliver = Lane(f"deliver:{member_id}", self._deliver_round)

    def start(self) -> None:
        """Take back what a dead process had taken, then start both lanes."""
        with self._book.write() as unit:
            reclaimed = unit.inbox.reclaim(self._member_id)
        if reclaimed:
            log.info("lane.reclaimed", portal=self._member_id, messages=reclaimed)
        self._decide.start()
        self._deliver.start()

    def wake(self) -> None:
        """Have both lanes look at once: deliver guards held deals, decide does the rest."""
        self._deliver.wake()
        self._decide.wake()

    def stop(self) -> None:
        """Stop both lanes after their rounds."""
        self._decide.stop()
        self._deliver.stop()

    def _decide_round(self) -> int:
        self._gather()
        taken = self._desk.work(self._member_id)
        if taken:
            self._deliver.wake()
        return taken

    def _deliver_round(self) -> int:
        guarded = self._watch.work(self._member_id)
        if guarded:
            self._decide.wake()
        self._linger()
        return guarded + self._delivery.work(self._member_id)

    def _gather(self) -> None:
        """While messages keep coming in, let a round fill up for a moment: many deals, one read."""
        until = time.monotonic() + GATHER
        before, count = 0, self._waiting()
        while before < count < FULL and time.monotonic() < until:
            time.sleep(STEP)
            before, count = count, self._waiting()

    def _linger(self) -> None:
        """While more decisions are on their way, let a batch fill up for a moment."""
        until = time.monotonic() + LINGER
        while self._more_is_coming() and not self._delivery.has_full_batch(self._member_id):
            if time.monotonic() >= until:
                return
            time.sleep(0.02)

    def _more_is_coming(self) -> bool:
        return self._decide.is_busy and self._waiting() > 0

    def _waiting(self) -> int:
        with self._book.read() as unit:
            return unit.inbox.waiting(self._member_id)
