"""Ask 1C for a few clients, or read the whole register: decided by how long each took on this very base."""

from __future__ import annotations

from threading import Lock

_REQUESTS_AT_LEAST = 7.0
_REQUESTS_PER_CLIENT = 0.6
_FULL_TO_ONE = 25.0
_SMOOTHING = 0.3


class Pace:
    """Remember the seconds of one narrow request and of one full read; safe to share between threads.

    A fetch of n clients takes about 7 + 0.6 n narrow requests (`or` chains of 8 to 12 conditions for keys,
    two registers, contracts and two payment documents), so narrow reading is chosen while
    (7 + 0.6 n) × narrow ≤ full. Until a full read has been timed it is taken for 25 narrow ones: 12.5 s
    beside 0.5 s on a live base (onec_odata 1.6). `few_limit` overrides all this with a number of clients.
    """

    def __init__(self, few_limit: int | None = None) -> None:
        self._few_limit = few_limit
        self._narrow: float | None = None
        self._full: float | None = None
        self._lock = Lock()

    def is_few(self, clients: int) -> bool:
        """Tell whether so many clients are read faster by conditions than by a full read."""
        if self._few_limit is not None:
            return clients <= self._few_limit
        with self._lock:
            narrow, full = self._narrow, self._full
        requests = _REQUESTS_AT_LEAST + _REQUESTS_PER_CLIENT * clients
        if narrow is None or full is None:
            return requests <= _FULL_TO_ONE
        return requests * narrow <= full

    def narrow_took(self, seconds: float, requests: int) -> None:
        """Learn from one fetch by conditions."""
        if requests:
            each = seconds / requests
            with self._lock:
                known = self._narrow
                self._narrow = each if known is None else known + _SMOOTHING * (each - known)

    def full_took(self, seconds: float) -> None:
        """Learn from one full read."""
        with self._lock:
            self._full = seconds
