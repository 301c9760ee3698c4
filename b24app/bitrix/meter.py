"""What methods cost on a portal, learned from its answers: seconds, and when parked ones open again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from threading import Lock

from b24app.protocol.answers import Timing

_WEIGHT = 0.2
_FIRST_GUESS = 0.3
_GUESSES = {"crm.item.update": 0.6, "tasks.task.add": 0.6, "tasks.task.complete": 0.5}


class Meter:
    """Remember a moving mean of `result_time` and the last `operating_reset_at` a method (bitrix24 3.2)."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._means: dict[str, float] = {}
        self._resets: dict[str, datetime] = {}

    def note(self, method: str, timing: Timing | None) -> None:
        """Learn from one answer."""
        if timing is None:
            return
        seconds = float(timing.seconds)
        with self._lock:
            mean = self._means.get(method)
            self._means[method] = seconds if mean is None else mean + _WEIGHT * (seconds - mean)
            if timing.operating_reset_at is not None:
                self._resets[method] = timing.operating_reset_at

    def expected(self, method: str) -> float:
        """Return the seconds a call is likely to take on the portal."""
        with self._lock:
            return self._means.get(method, _GUESSES.get(method, _FIRST_GUESS))

    def resets(self) -> Mapping[str, datetime]:
        """Return the last known `operating_reset_at` by method."""
        with self._lock:
            return dict(self._resets)
