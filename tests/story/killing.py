"""The story played while the app is killed (SIGKILL) at a chosen request, and how it must end."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.stand import ALLOWED
from b24app.sandbox.stand import APPROVAL
from b24app.sandbox.stand import CHECK
from b24app.sandbox.stand import Pace
from b24app.sandbox.stand import Stand
from b24app.sandbox.story import STORY
from b24app.sandbox.story import Teller

if TYPE_CHECKING:
    from pathlib import Path

    from b24app.sandbox.world import World

FAST = Pace(timeout=2.0, settle=1.0, deadline=3.0, retry=1, sweep=1, rate=1000.0, burst=5000)
PATIENCE = 40.0
CALM = 0.6


@dataclass(frozen=True, slots=True)
class EndState:
    """What must not depend on when the app was killed: the same for every run."""

    stages: tuple[tuple[str, str], ...]
    tasks: tuple[tuple[str, int, int], ...]
    moves: tuple[tuple[str, tuple[str, ...]], ...]
    notices: tuple[tuple[str, int], ...]
    doubled: tuple[str, ...]


class Side(Enum):
    """Which request of which side the app is killed at."""

    BEFORE_PORTAL = "before the portal answers"
    AFTER_PORTAL = "after the portal answered"
    ONEC = "when 1C is asked"


class Killer:
    """Kills the app at the n-th request of one side, and starts it again."""

    def __init__(self, stand: Stand, *, at: int | None, side: Side) -> None:
        self._stand = stand
        self._at = at
        self._side = side
        self._seen = 0
        self._lock = threading.Lock()
        self._struck = threading.Event()
        self.armed = False
        self.kills = 0
        stand.portal.before_answer(lambda _n, _method: self._count(Side.BEFORE_PORTAL))
        stand.portal.after_answer(lambda _n, _method: self._count(Side.AFTER_PORTAL))
        stand.onec.log.on_request = lambda: self._count(Side.ONEC)

    @property
    def seen(self) -> int:
        """How many requests were counted since arming."""
        return self._seen

    def _count(self, side: Side) -> None:
        with self._lock:
            if self.armed and side is self._side:
                self._seen += 1
                if self._seen == self._at:
                    self.strike()

    def strike(self) -> None:
        """Kill now; `mend` starts the app again."""
        app = self._stand.app
        if app is not None:
            app.kill()
            self.kills += 1
            self._struck.set()

    def mend(self, ending: threading.Event) -> None:
        """Start the app again whenever it was killed, until `ending` is set."""
        while not ending.is_set():
            if self._struck.wait(0.05):
                self._struck.clear()
                self._stand.kill_app()
                self._stand.start_app()


def play(
    folder: Path,
    *,
    seed: World,
    at: int | None = None,
    side: Side = Side.BEFORE_PORTAL,
    after: float | None = None,
) -> tuple[EndState, Killer]:
    """Play all chapters at once on a fast stand, killing as told; return the end state.

    `at` kills at the n-th request of one side, `after` at a moment in seconds.
    """
    with Stand(folder, pace=FAST, seed=seed) as stand:
        stand.start_app()
        stand.install()
        stand.portal.settle()
        calm_down(stand)
        killer = Killer(stand, at=at, side=side)
        ending = threading.Event()
        mender = threading.Thread(target=killer.mend, args=(ending,))
        mender.start()
        timer = threading.Timer(after, killer.strike) if after is not None else None
        try:
            killer.armed = True
            if timer is not None:
                timer.start()
            _play(stand)
        finally:
            killer.armed = False
            if timer is not None:
                timer.cancel()
                timer.join()
            ending.set()
            mender.join()
        calm_down(stand)
        return _end_state(stand), killer


def _play(stand: Stand) -> None:
    """Do all that people do, then wait until every deal is where it must be."""
    teller = Teller(stand, patience=PATIENCE)
    for chapter in STORY:
        deal_id = stand.portal.deal_ids[chapter.key]
        if chapter.key == "silent":
            continue
        chapter.play(teller, deal_id)
    silent = stand.portal.deal_ids["silent"]
    stand.onec.switches.fault = Fault.OFF
    teller.drag(silent, CHECK)
    time.sleep(CALM)
    stand.onec.switches.restore()
    teller.wait(lambda: all(teller.ending(chapter).wrong == () for chapter in STORY))


def prepare(stand: Stand) -> None:
    """Start and install the app and wait until it has mirrored 1C for the first time and is idle."""
    stand.start_app()
    stand.install()
    stand.portal.settle()
    until = time.monotonic() + PATIENCE * 3
    while time.monotonic() < until:
        if _count(stand, "sync_runs WHERE job = 'snapshot' AND outcome = 'done'") and owes_nothing(stand):
            return
        time.sleep(0.05)


def owes_nothing(stand: Stand) -> bool:
    """Tell whether the portal has told the app everything, and the app has worked it off and delivered it."""
    if not stand.portal.core.outbox.wait_empty(0):
        return False
    open_effects = _count(stand, "effects WHERE state IN ('pending', 'sending')")
    return not _count(stand, "inbox WHERE state != 'done'") and not open_effects


def _count(stand: Stand, rows: str) -> int:
    """Count rows of the app's database, looking at the file as nobody but a test may."""
    database = f"file:{stand.folder / 'b24app.sqlite3'}?mode=ro"
    with closing(sqlite3.connect(database, uri=True)) as connection:
        [[number]] = connection.execute(f"SELECT count(*) FROM {rows}")  # noqa: S608 - our own words
    return int(number)


def calm_down(stand: Stand) -> None:
    """Wait until the app owes the portal nothing and nobody calls for a while."""
    until = time.monotonic() + PATIENCE
    quiet_since, count = time.monotonic(), stand.portal.count()
    while time.monotonic() < until:
        time.sleep(0.05)
        writes = sum(_is_write(entry.commands or (entry.method,)) for entry in stand.portal.requests)
        if writes != count:
            quiet_since, count = time.monotonic(), writes
        if time.monotonic() - quiet_since > CALM + FAST.settle + FAST.sweep and owes_nothing(stand):
            return


def _is_write(commands: tuple[str, ...]) -> bool:
    return any(name.rsplit(".", 1)[-1] in {"add", "update", "complete", "send"} for name in commands)


def _end_state(stand: Stand) -> EndState:
    teller = Teller(stand)
    ids = {chapter.key: stand.portal.deal_ids[chapter.key] for chapter in STORY}
    moves = []
    for key, deal_id in ids.items():
        entered = [row["STAGE_ID"] for row in stand.portal.history(deal_id)]
        moves.append((key, tuple(stage for stage in entered if stage in {CHECK, ALLOWED, APPROVAL})))
    tasks = [
        (key, len(teller.tasks(deal_id)), sum(str(task["STATUS"]) != "5" for task in teller.tasks(deal_id)))
        for key, deal_id in ids.items()
    ]
    notices: Counter[str] = Counter()
    for key, deal_id in ids.items():
        for note in stand.portal.notifications():
            if f"/crm/deal/details/{deal_id}/" in note["message"] and "остановлена" in note["message"]:
                notices[f"{key}:{note['user_id']}"] += note["message"].count(f"/crm/deal/details/{deal_id}/")
    return EndState(
        stages=tuple((key, stand.portal.deal(deal_id)["stageId"]) for key, deal_id in ids.items()),
        tasks=tuple(tasks),
        moves=tuple(moves),
        notices=tuple(sorted(notices.items())),
        doubled=tuple(mark for deal_id in ids.values() for mark in teller.doubled(deal_id)),
    )
