"""The time both sandboxes live in: real time plus an offset tests may move."""

from __future__ import annotations

import threading
from datetime import UTC
from datetime import datetime
from datetime import timedelta


class SandboxClock:
    """Follow real time from `start` (aware; None: the real now); safe from any thread."""

    def __init__(self, start: datetime | None = None) -> None:
        self._lock = threading.Lock()
        self._offset = timedelta() if start is None else start.astimezone(UTC) - _real_now()

    def now(self) -> datetime:
        """The sandbox's moment, aware, UTC."""
        with self._lock:
            return _real_now() + self._offset

    def advance(self, by: timedelta) -> None:
        """Move the clock ahead by `by`."""
        with self._lock:
            self._offset += by


def _real_now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - the sandbox may not import the product's clock
