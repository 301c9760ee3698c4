"""How long to leave a portal alone that does not answer: longer each time, until it answers again."""

from __future__ import annotations

import threading
from collections import Counter
from datetime import timedelta

FIRST = timedelta(seconds=1)
LONGEST = timedelta(seconds=60)
DOUBLINGS = 6


class Patience:
    """Counts failures in a row by portal."""

    def __init__(self) -> None:
        self._failures: Counter[str] = Counter()
        self._lock = threading.Lock()

    def after_failure(self, member_id: str) -> timedelta:
        """Count one more failure and return the pause it asks for."""
        with self._lock:
            self._failures[member_id] += 1
            return pause(self._failures[member_id] - 1)

    def after_success(self, member_id: str) -> None:
        """Start from the shortest pause again."""
        with self._lock:
            self._failures.pop(member_id, None)


def pause(failures: int) -> timedelta:
    """Return the pause after so many earlier failures in a row: 1, 2, 4 … 60 seconds."""
    return min(FIRST * (1 << min(failures, DOUBLINGS)), LONGEST)
