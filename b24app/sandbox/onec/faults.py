"""Troubles to switch on, and the log of what was asked."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from collections.abc import Sequence
from dataclasses import dataclass
from dataclasses import field
from datetime import timedelta
from enum import Enum

from b24app.sandbox.onec.planting import Planted
from b24app.sandbox.onec.planting import spoil_movements
from b24app.sandbox.onec.planting import spoil_row
from b24app.sandbox.onec.posting import Movement
from b24app.sandbox.onec.schema import Row


class Fault(Enum):
    """How the base misbehaves as a whole."""

    OFF = "off"
    """The connection is dropped without an answer."""
    INTERNAL = "internal"
    """500 with code -1."""
    UNAUTHORIZED = "unauthorized"
    """401 without an OData body, as for a changed password."""
    GARBAGE = "garbage"
    """200 with the login page of the web server."""
    UNAVAILABLE = "unavailable"
    """503 of the web server."""


@dataclass(slots=True)
class Switches:
    """Set from any thread; `restore` ends every trouble and wakes hanging requests.

    `remaining`: the fault strikes so many requests and is gone, None: until restored. In seconds: `hang` and
    `latency` before every answer (an outage and a slow line), `first` before the first one after start.
    `skew`: the web server's clock is ahead by so much. `forbidden`: sets the user may not read; `removed`:
    sets taken out of the composition; `hidden`: keys of partners (counterparties, where there are no
    partners) hidden by row-level access. `planted`: an error in its sums; see `Planted`. `extension`: our
    extension is installed (no trouble, so `restore` leaves it). `lost_writes`: so many next writes are
    carried out and their answers dropped.
    """

    fault: Fault | None = None
    remaining: int | None = None
    hang: float = 0.0
    latency: float = 0.0
    first: float = 0.0
    skew: timedelta = timedelta()
    forbidden: set[str] = field(default_factory=set)
    extension: bool = False
    lost_writes: int = 0
    removed: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    planted: Planted | None = None
    _awake: threading.Event = field(default_factory=threading.Event)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _met: bool = False

    def restore(self) -> None:
        """End all troubles."""
        with self._lock:
            self.fault, self.remaining = None, None
            self.hang = self.latency = self.first = 0.0
            self.skew = timedelta()
            self.forbidden, self.removed, self.hidden = set(), set(), set()
            self.planted = None
            self._awake.set()
            self._awake = threading.Event()

    def spoil_movements(self, movements: Sequence[Movement]) -> Sequence[Movement]:
        """Give movements with the planted error, if one is."""
        return spoil_movements(movements, self.planted)

    def spoil_row(self, row: Row) -> Row:
        """Give an object with the planted error, if one is."""
        return spoil_row(row, self.planted)

    def strike(self) -> Fault | None:
        """Wait as long as this request must wait, then tell the fault that hits it."""
        with self._lock:
            seconds = self.hang + self.latency + (0.0 if self._met else self.first)
            self._met = True
            awake = self._awake
        if seconds:
            awake.wait(seconds)
        with self._lock:
            return self._spend()

    def _spend(self) -> Fault | None:
        if self.fault is None or self.remaining is None:
            return self.fault
        if self.remaining <= 0:
            return None
        self.remaining -= 1
        return self.fault


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """What came: the resource is the path after `standard.odata/`, the query is raw; no credentials."""

    method: str
    resource: str
    query: str


class RequestLog:
    """Every request that reached the base, whatever it was answered; `on_request` is called for each."""

    def __init__(self) -> None:
        self.on_request: Callable[[], None] | None = None
        self._lock = threading.Lock()
        self._seen: list[LoggedRequest] = []

    def add(self, request: LoggedRequest) -> None:
        """Remember a request."""
        with self._lock:
            self._seen.append(request)
        if self.on_request is not None:
            self.on_request()

    @property
    def requests(self) -> tuple[LoggedRequest, ...]:
        """All requests since the last reset, in order of arrival."""
        with self._lock:
            return tuple(self._seen)

    def count(self, prefix: str = "") -> int:
        """How many requests had a resource beginning with `prefix`."""
        return sum(one.resource.startswith(prefix) for one in self.requests)

    def by_resource(self) -> Counter[str]:
        """How often each set or function was asked, without keys and parameters."""
        return Counter(one.resource.split("(")[0] for one in self.requests)

    def reset(self) -> None:
        """Forget all requests."""
        with self._lock:
            self._seen.clear()
