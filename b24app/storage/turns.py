"""Turns of jobs: one at a time in this process, and beside other processes on the same SQLite file."""

from __future__ import annotations

import hashlib
import threading
from contextlib import ExitStack
from contextlib import contextmanager
from typing import TYPE_CHECKING

from b24app.ports.jobs import JobUnderWayError
from b24app.storage.errors import DatabaseInUseError
from b24app.storage.process_lock import ProcessLock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class FileTurns:
    """`ports.jobs.Turns` by lock files beside the database's file, which the system frees when we die.

    Without a file (another database, or one in memory) only the threads of this process take turns.
    """

    def __init__(self, database_file: Path | None = None) -> None:
        self._file = database_file
        self._lock = threading.Lock()
        self._taken: set[tuple[str, str]] = set()

    @contextmanager
    def take(self, member_id: str, job: str) -> Iterator[None]:
        """Hold the turn while the context lasts; raises `JobUnderWayError` at once when it is taken."""
        turn = (member_id, job)
        with self._lock:
            if turn in self._taken:
                raise JobUnderWayError(member_id, job)
            self._taken.add(turn)
        try:
            with ExitStack() as stack:
                if self._file is not None:
                    self._lock_file(stack, self._file, turn)
                yield
        finally:
            with self._lock:
                self._taken.discard(turn)

    @staticmethod
    def _lock_file(stack: ExitStack, file: Path, turn: tuple[str, str]) -> None:
        member_id, job = turn
        name = hashlib.blake2s(member_id.encode(), digest_size=6).hexdigest()
        try:
            stack.enter_context(ProcessLock(file.with_name(f"{file.name}.{job}-{name}")))
        except DatabaseInUseError as error:
            raise JobUnderWayError(member_id, job) from error
