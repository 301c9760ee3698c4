"""The numbered journal of REST requests, its hooks, and the faults a test may plan."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

Hook = Callable[[int, str], None]
Predicate = Callable[[int, tuple[str, ...]], bool]


@dataclass(slots=True)
class RequestLog:
    """One REST request. `commands` names the methods inside a batch; `status` 0: cut without an answer.

    `n` counts from 1 since the last `reset_counts`. Parameters are left out: they carry tokens.
    """

    n: int
    method: str
    commands: tuple[str, ...]
    at: datetime
    status: int | None = None


class Fault(Enum):
    """What goes wrong with a request; only `DROP_AFTER`, `SLOW` and `FINISH_LATER` let it be executed."""

    ERROR_500 = "500 INTERNAL_SERVER_ERROR"
    ERROR_503 = "503 OVERLOAD_LIMIT"
    DROP_BEFORE = "the connection is cut before executing"
    DROP_AFTER = "executed, then cut without an answer"
    HTML = "an HTML page with status 200"
    SLOW = "the answer comes `seconds` later"
    FINISH_LATER = "cut at once, executed `seconds` later"


@dataclass(slots=True)
class _Plan:
    fault: Fault
    times: int
    when: Predicate
    seconds: float


class Faults:
    """The planned faults; each request takes the first that fits it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._plans: list[_Plan] = []

    def plan(
        self, fault: Fault, *, times: int = 1, when: Predicate | None = None, seconds: float = 0.0
    ) -> None:
        """Let the next `times` requests fail for which `when(n, methods)` holds (None: any).

        `methods` is the request's method followed by those inside a batch.
        """
        with self._lock:
            self._plans.append(_Plan(fault, times, when or (lambda _n, _methods: True), seconds))

    def clear(self) -> None:
        """Forget all plans."""
        with self._lock:
            self._plans.clear()

    def take(self, entry: RequestLog) -> tuple[Fault, float] | None:
        """The fault of this request and its seconds."""
        with self._lock:
            for plan in self._plans:
                if plan.times > 0 and plan.when(entry.n, (entry.method, *entry.commands)):
                    plan.times -= 1
                    return plan.fault, plan.seconds
        return None


class Journal:
    """Requests in order of arrival, with hooks around each answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._entries: list[RequestLog] = []
        self._before: list[Hook] = []
        self._after: list[Hook] = []

    def open(self, method: str, commands: tuple[str, ...], at: datetime) -> RequestLog:
        """Number a request that has just arrived."""
        with self._lock:
            entry = RequestLog(len(self._entries) + 1, method, commands, at)
            self._entries.append(entry)
        return entry

    def entries(self) -> list[RequestLog]:
        """A copy of the journal."""
        with self._lock:
            return list(self._entries)

    def reset(self) -> None:
        """Start numbering anew."""
        with self._lock:
            self._entries.clear()

    def before(self, hook: Hook) -> None:
        """Call `hook(n, method)` before a request is executed."""
        self._before.append(hook)

    def after(self, hook: Hook) -> None:
        """Call `hook(n, method)` once the answer's bytes are written."""
        self._after.append(hook)

    def run_before(self, entry: RequestLog) -> None:
        """Run the hooks before executing."""
        for hook in list(self._before):
            hook(entry.n, entry.method)

    def run_after(self, entry: RequestLog) -> None:
        """Run the hooks after the answer."""
        for hook in list(self._after):
            hook(entry.n, entry.method)
