"""One process on one SQLite file; the operating system frees the lock when its holder dies."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING
from typing import Self

from b24app.storage.errors import DatabaseInUseError

if TYPE_CHECKING:
    from pathlib import Path
    from types import TracebackType

if sys.platform == "win32":
    import msvcrt
else:
    import fcntl


class ProcessLock:
    """An exclusive lock on `<database file>.lock`; use it as a context or by `acquire` and `release`."""

    def __init__(self, database_file: Path) -> None:
        self._path = database_file.with_name(f"{database_file.name}.lock")
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock at once or raise `DatabaseInUseError`."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            _lock(descriptor)
        except OSError as error:
            os.close(descriptor)
            raise DatabaseInUseError(f"the database is in use by another process ({self._path})") from error
        self._descriptor = descriptor

    def release(self) -> None:
        """Give the lock back; the lock file stays, since removing it would race with the next holder."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def __enter__(self) -> Self:
        self.acquire()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
    else:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
