"""The intake: what it acknowledged is stored, what it could not store is refused loudly."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC
from datetime import datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy.exc import OperationalError

from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.storage.book import SqlBook
from b24app.storage.book import SqlUnit
from b24app.storage.book import memory_book
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.errors import BrokenRowError
from b24app.storage.errors import IntakeStoppedError
from b24app.storage.intake import GroupCommitIntake

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A = "portal-a"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LIFE = """
import sys
from datetime import UTC, datetime
from b24app.ports.records import Message, MessageKind
from b24app.storage.book import SqlBook
from b24app.storage.engine import open_database
from b24app.storage.intake import GroupCommitIntake

intake = GroupCommitIntake(SqlBook(open_database(sys.argv[1])))
intake.start()
for number in range(1, 100_000):
    intake.put([Message("portal-a", MessageKind.DEAL, number, datetime(2026, 1, 1, tzinfo=UTC))])
    print(number, flush=True)
"""


def wake(deal: int) -> Message:
    return Message(A, MessageKind.DEAL, deal, NOW)


def waiting(book: SqlBook) -> int:
    with book.read() as unit:
        return unit.inbox.waiting(A)


class CountingBook(SqlBook):
    """Count commits; the first waits until it is let go, so that others gather behind it."""

    def __init__(self, book: SqlBook) -> None:
        super().__init__(book._database)
        self.commits = 0
        self.entered = threading.Event()
        self.go = threading.Event()

    @contextmanager
    def write(self) -> Iterator[SqlUnit]:
        self.commits += 1
        self.entered.set()
        assert self.go.wait(10)
        with super().write() as unit:
            yield unit


class BrokenBook(SqlBook):
    """Refuse every commit."""

    @contextmanager
    def write(self) -> Iterator[SqlUnit]:
        with super().write() as unit:
            yield unit
            raise OperationalError("COMMIT", None, OSError("disk full"))


def test_messages_are_stored_when_put_returns() -> None:
    book = memory_book()
    told: list[frozenset[str]] = []
    intake = GroupCommitIntake(book, on_commit=told.append)
    intake.start()
    intake.put([wake(1), wake(2)])
    assert waiting(book) == 2
    intake.stop()
    assert told == [frozenset({A})]


def test_callers_who_come_together_share_a_commit() -> None:
    book = CountingBook(memory_book())
    intake = GroupCommitIntake(book)
    intake.start()
    with ThreadPoolExecutor(101) as pool:
        first = pool.submit(intake.put, [wake(0)])
        assert book.entered.wait(10)
        others = [pool.submit(intake.put, [wake(deal)]) for deal in range(1, 101)]
        while len(intake._parcels) < 100:
            threading.Event().wait(0.001)
        assert not first.done()
        book.go.set()
        for future in (first, *others):
            future.result(10)
    intake.stop()
    assert waiting(book) == 101
    assert book.commits == 2


def test_a_failed_commit_is_raised_to_the_caller() -> None:
    book = memory_book()
    intake = GroupCommitIntake(BrokenBook(book._database))
    intake.start()
    with pytest.raises(OperationalError):
        intake.put([wake(1)])
    intake.stop()
    assert waiting(book) == 0


def test_one_bad_message_does_not_harm_those_beside_it() -> None:
    book = CountingBook(memory_book())
    intake = GroupCommitIntake(book)
    intake.start()
    naive = Message(A, MessageKind.DEAL, 9, NOW.replace(tzinfo=None))
    with ThreadPoolExecutor(3) as pool:
        pool.submit(intake.put, [wake(0)])
        assert book.entered.wait(10)
        bad = pool.submit(intake.put, [naive])
        good = pool.submit(intake.put, [wake(1)])
        while len(intake._parcels) < 2:
            threading.Event().wait(0.001)
        book.go.set()
        assert isinstance(bad.exception(10), BrokenRowError)
        assert good.result(10) is None
    intake.stop()
    assert waiting(book) == 2


class DyingBook(SqlBook):
    """Fail in a way nobody foresaw."""

    @contextmanager
    def write(self) -> Iterator[SqlUnit]:
        raise ZeroDivisionError
        yield  # type: ignore[unreachable]  # makes it a generator


@pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")
def test_nobody_waits_for_a_writer_that_died() -> None:
    intake = GroupCommitIntake(DyingBook(memory_book()._database))
    intake.start()
    with pytest.raises(IntakeStoppedError):
        intake.put([wake(1)])
    intake.stop()
    assert not intake.is_running


def test_a_stopped_intake_refuses() -> None:
    intake = GroupCommitIntake(memory_book())
    with pytest.raises(IntakeStoppedError):
        intake.put([wake(1)])
    intake.start()
    intake.start()
    assert intake.is_running
    intake.stop()
    with pytest.raises(IntakeStoppedError):
        intake.put([wake(1)])


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'book.sqlite3'}"
    database = open_database(url)
    migrate(database)
    with subprocess.Popen([sys.executable, "-c", LIFE, url], stdout=subprocess.PIPE, text=True) as process:  # noqa: S603 - our own interpreter
        assert process.stdout is not None
        for line in process.stdout:
            if int(line) >= 50:
                break
        process.send_signal(signal.SIGKILL)
        acknowledged = max([50, *(int(line) for line in process.stdout if line.endswith("\n"))])
    book = SqlBook(database)
    with book.write() as unit:
        stored = {row.message.subject_id for row in unit.inbox.take(A, now=NOW, limit=200_000)}
    database.close()
    assert stored >= set(range(1, acknowledged + 1))
