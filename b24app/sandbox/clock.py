"""The time the sandboxes and the app between them live in: real time plus an offset people may move."""

from __future__ import annotations

import threading
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class SandboxClock:
    """Follow real time from `start` (aware; None: the real now); safe from any thread.

    `told`: a file the offset is written to whenever it changes, for a `FollowingClock` of another process.
    """

    def __init__(self, start: datetime | None = None, *, told: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._told = told
        self._offset = timedelta()
        self.advance(timedelta() if start is None else start.astimezone(UTC) - _real_now())

    def now(self) -> datetime:
        """The sandbox's moment, aware, UTC."""
        with self._lock:
            return _real_now() + self._offset

    def advance(self, by: timedelta) -> None:
        """Move the clock ahead by `by`."""
        with self._lock:
            self._offset += by
            if self._told is not None:
                fresh = self._told.with_suffix(".new")
                fresh.write_text(str(self._offset.total_seconds()), encoding="ascii")
                fresh.replace(self._told)


class FollowingClock:
    """The clock of another process: real time plus the offset its file tells."""

    def __init__(self, file: Path) -> None:
        self._file = file

    def now(self) -> datetime:
        """The sandbox's moment, aware, UTC."""
        return _real_now() + timedelta(seconds=float(self._file.read_text(encoding="ascii")))


def _real_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the sandbox may not import the product's clock
