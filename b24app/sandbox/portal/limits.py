"""The portal's brakes: the leaky bucket of requests and the working time of each method (bitrix24 3.2)."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from datetime import datetime

_MINUTE = 60
_BUCKETS = 10


class LeakyBucket:
    """Drains `rate` requests a second and holds `burst` of them."""

    def __init__(self, rate: float, burst: float) -> None:
        self.rate = rate
        self.burst = burst
        self._level = 0.0
        self._at: datetime | None = None

    def take(self, now: datetime) -> bool:
        """Add one request; False if it would overflow, then nothing is added."""
        if self._at is not None:
            self._level = max(0.0, self._level - self.rate * (now - self._at).total_seconds())
        self._at = now
        if self._level + 1 > self.burst:
            return False
        self._level += 1
        return True


class OperatingTime:
    """Seconds a method worked in the last ten one-minute buckets; `limit` seconds close it."""

    def __init__(self, limit: float) -> None:
        self.limit = limit
        self._minutes: dict[str, dict[int, float]] = defaultdict(dict)

    def spent(self, method: str, now: datetime) -> float:
        """Seconds still counted for the method."""
        minute = int(now.timestamp()) // _MINUTE
        kept = {at: used for at, used in self._minutes[method].items() if at > minute - _BUCKETS}
        self._minutes[method] = kept
        return sum(kept.values())

    def charge(self, method: str, seconds: float, now: datetime) -> None:
        """Count a call that took `seconds`."""
        minute = int(now.timestamp()) // _MINUTE
        used = self._minutes[method]
        used[minute] = used.get(minute, 0.0) + seconds

    def reset_at(self, method: str, now: datetime) -> int:
        """Unix second at which the oldest bucket leaves."""
        oldest = min(self._minutes[method], default=int(now.timestamp()) // _MINUTE)
        return (oldest + _BUCKETS) * _MINUTE


@dataclass(slots=True)
class Timing:
    """How long methods seem to take.

    `latency`: seconds by method. `charge_only` True: the seconds are charged and shown, nobody sleeps.
    `request_limit`: seconds after which a request is cut.
    """

    latency: dict[str, float] = field(default_factory=dict)
    charge_only: bool = False
    request_limit: float = 60.0
