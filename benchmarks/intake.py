"""Print how long 200 callers at once wait for the intake, alone and beside a busy lane.

The database lies in the folder for temporary files: set TMPDIR to measure another disk.
"""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from pathlib import Path

from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.storage.book import SqlBook
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.intake import GroupCommitIntake

CALLERS = 200
ROUNDS = 25
NOW = datetime(2026, 1, 1, tzinfo=UTC)


def main() -> None:
    """Measure `put`, alone and while a lane takes and finishes; then one commit by itself."""
    with tempfile.TemporaryDirectory() as folder:
        database = open_database(f"sqlite:///{Path(folder) / 'bench.sqlite3'}")
        migrate(database)
        book = SqlBook(database)
        intake = GroupCommitIntake(book)
        intake.start()
        _report("200 in flight", _measure(intake, 0))
        busy = threading.Event()
        lane = threading.Thread(target=_work, args=(book, busy))
        lane.start()
        _report("200 in flight, busy lane", _measure(intake, 1))
        busy.set()
        lane.join()
        _report("one transaction each, alone", [_alone(book, number) for number in range(200)])
        intake.stop()
        database.close()


def _measure(intake: GroupCommitIntake, series: int) -> list[float]:
    def call(caller: int) -> list[float]:
        waits = []
        for turn in range(ROUNDS):
            number = (series * ROUNDS + turn) * CALLERS + caller
            token = f"{series}-{number}"
            message = Message("portal", MessageKind.ROBOT, number, NOW, event_token=token, waiting=True)
            started = time.perf_counter()
            intake.put([message])
            waits.append(time.perf_counter() - started)
        return waits

    with ThreadPoolExecutor(CALLERS) as pool:
        return [wait for waits in pool.map(call, range(CALLERS)) for wait in waits]


def _work(book: SqlBook, stop: threading.Event) -> None:
    while not stop.is_set():
        with book.write() as unit:
            unit.inbox.finish([row.id for row in unit.inbox.take("portal", now=NOW, limit=50)])
        time.sleep(0.002)


def _alone(book: SqlBook, number: int) -> float:
    started = time.perf_counter()
    with book.write() as unit:
        unit.inbox.add([Message("portal", MessageKind.DEAL, number, NOW)])
    return time.perf_counter() - started


def _report(title: str, waits: list[float]) -> None:
    cuts = statistics.quantiles(waits, n=100)
    print(f"{title}: p50 {cuts[49] * 1000:.1f} ms, p99 {cuts[98] * 1000:.1f} ms, of {len(waits)}")


if __name__ == "__main__":
    main()
