"""Calls from the portal to the app: events and robots, form encoded, sent after the hit, never repeated."""

from __future__ import annotations

import heapq
import random
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from dataclasses import field
from typing import Any

import requests

from b24app.sandbox.portal import php

_TIMEOUT_SECONDS = 15.0
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "User-Agent": "Bitrix24 Webhook Engine"}


@dataclass(slots=True)
class SentEvent:
    """An event as handed to the sender. `status` None: not sent yet, 0: nobody answered."""

    event: str
    data: dict[str, Any]
    handler: str
    with_tokens: bool
    status: int | None = None


@dataclass(slots=True)
class RobotCall:
    """A robot call as handed to the sender; the token block is not kept."""

    code: str
    deal_id: int
    workflow_id: str
    event_token: str = field(repr=False)
    properties: dict[str, Any]
    use_subscription: str
    handler: str
    status: int | None = None


@dataclass(slots=True)
class Switches:
    """What a test may spoil about events: names to drop, a delay in seconds, copies, a random order."""

    drop: set[str] = field(default_factory=set)
    delay: float = 0.0
    copies: int = 1
    shuffle: bool = False


@dataclass(order=True)
class _Due:
    at: float
    number: int
    record: SentEvent | RobotCall = field(compare=False)
    body: Callable[[], dict[str, Any]] = field(compare=False)


class Outbox:
    """Sends in the background with `senders` threads; one sender keeps the order."""

    def __init__(self, senders: int) -> None:
        self._senders = senders
        self._heap: list[_Due] = []
        self._wake = threading.Condition()
        self._threads: list[threading.Thread] = []
        self._number = 0
        self._busy = 0
        self._stopped = False
        self._held_back = False

    def start(self) -> None:
        """Begin to send."""
        for number in range(self._senders):
            thread = threading.Thread(target=self._work, name=f"sandbox-sender-{number}", daemon=True)
            self._threads.append(thread)
            thread.start()

    def stop(self) -> None:
        """Forget what is not sent and end the threads."""
        with self._wake:
            self._stopped = True
            self._heap.clear()
            self._wake.notify_all()
        for thread in self._threads:
            thread.join(_TIMEOUT_SECONDS + 1)

    def put(
        self, record: SentEvent | RobotCall, body: Callable[[], dict[str, Any]], delay: float = 0.0
    ) -> None:
        """Send `body()` to the record's handler after `delay` seconds; it is built when sent."""
        with self._wake:
            if self._stopped:
                return
            self._number += 1
            heapq.heappush(self._heap, _Due(time.monotonic() + delay, self._number, record, body))
            self._wake.notify_all()

    @contextmanager
    def held_back(self) -> Iterator[None]:
        """Send nothing while the block runs, and then everything at once."""
        with self._wake:
            self._held_back = True
        try:
            yield
        finally:
            with self._wake:
                self._held_back = False
                self._wake.notify_all()

    def wait_empty(self, timeout: float) -> bool:
        """Wait up to `timeout` seconds until everything is sent and answered."""
        with self._wake:
            return self._wake.wait_for(lambda: not self._heap and not self._busy, timeout)

    def _next(self) -> _Due | None:
        with self._wake:
            while not self._stopped:
                waits = bool(self._heap) and not self._held_back
                left = self._heap[0].at - time.monotonic() if waits else None
                if left is not None and left <= 0:
                    self._busy += 1
                    return heapq.heappop(self._heap)
                self._wake.wait(left)
            return None

    def _work(self) -> None:
        with requests.Session() as session:
            session.trust_env = False
            while (due := self._next()) is not None:
                try:
                    due.record.status = _post(session, due.record.handler, php.encode(due.body()))
                finally:
                    with self._wake:
                        self._busy -= 1
                        self._wake.notify_all()


def _post(session: requests.Session, url: str, body: str) -> int:
    try:
        answer = session.post(
            url, data=body.encode(), headers=_FORM, timeout=_TIMEOUT_SECONDS, allow_redirects=False
        )
    except requests.RequestException:  # the portal does not care and does not repeat (bitrix24 7.2)
        return 0
    return answer.status_code


def jitter(switches: Switches) -> float:
    """Seconds an event waits before it is sent."""
    if switches.shuffle:
        return random.uniform(0, max(switches.delay, 0.05))
    return switches.delay
