"""Slowly changing parts of a base, kept for an hour: currencies, the architecture, the analytics keys."""

from __future__ import annotations

import time
from threading import Lock
from typing import TYPE_CHECKING
from typing import Generic
from typing import TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

HOUR = 3600.0
_Value = TypeVar("_Value")


class Kept(Generic[_Value]):
    """One value with the moment it was read; `get` reads it anew when it is too old or `fresh` is asked."""

    def __init__(self, ttl: float = HOUR) -> None:
        self._ttl = ttl
        self._lock = Lock()
        self._held: tuple[float, _Value] | None = None

    def get(self, read: Callable[[], _Value], *, fresh: bool = False) -> _Value:
        """Return the value, reading it when needed; two threads may both read, the later answer stays.

        A failed read keeps nothing and raises what `read` raised.
        """
        with self._lock:
            held = self._held
        if held is not None and not fresh and time.monotonic() - held[0] < self._ttl:
            return held[1]
        started = time.monotonic()
        value = read()
        with self._lock:
            self._held = (started, value)
        return value
