"""The two lanes of a portal, decide and deliver, each a thread that works one round at a time."""

from __future__ import annotations

import threading
import time
from typing import TYPE_CHECKING

import structlog

from b24app.services.delivery import BATCH_COMMANDS
from b24app.services.desk import ROUND

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.ports.book import Book
    from b24app.services.delivery import Delivery
    from b24app.services.desk import CreditDesk
    from b24app.services.guard import Watch

log = structlog.get_logger(__name__)

IDLE = 1.0
STEP = 0.05
# A load is waited for while it grows: until nothing was added for QUIET, LONGEST at most.
GATHER_QUIET, GATHER_LONGEST = 0.9, 3.0
LINGER_QUIET, LINGER_LONGEST = 0.4, 3.0
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
        """Work until stopped; a round that breaks off for whatever reason is logged, and the lane goes on."""
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


class Filling:
    """Tells whether a load is worth waiting for: begun, not full, and still growing.

    What is alone is waited with for a third of the time that many are.
    What is judged is growth and not the clock alone, so that a slow machine fills a load as a fast one does.
    `quiet` and `longest` are seconds of `clock`.
    """

    def __init__(
        self, *, full: int, quiet: float, longest: float, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._full = full
        self._quiet = quiet
        self._clock = clock
        self._load = 0
        self._grown = clock()
        self._last = self._grown + longest

    def goes_on(self, load: int) -> bool:
        """Look at the load as it is now."""
        now = self._clock()
        if load > self._load:
            self._load, self._grown = load, now
        quiet = self._quiet if self._load > 1 else self._quiet / 3
        return 0 < load < self._full and now < min(self._grown + quiet, self._last)


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
        guarded = self._guard() + self._linger()
        return guarded + self._delivery.work(self._member_id)

    def _guard(self) -> int:
        guarded = self._watch.work(self._member_id)
        if guarded:
            self._decide.wake()
        return guarded

    def _gather(self) -> None:
        """While messages keep coming in, let a round fill up: many deals, one read."""
        filling = Filling(full=ROUND, quiet=GATHER_QUIET, longest=GATHER_LONGEST)
        while filling.goes_on(self._desk.ready(self._member_id)):
            time.sleep(STEP)

    def _linger(self) -> int:
        """While decisions keep coming, let a batch fill up; held deals are guarded meanwhile."""
        guarded = 0
        filling = Filling(full=BATCH_COMMANDS, quiet=LINGER_QUIET, longest=LINGER_LONGEST)
        while self._decide.is_busy and filling.goes_on(self._delivery.load(self._member_id)):
            time.sleep(STEP)
            guarded += self._guard()
        return guarded
