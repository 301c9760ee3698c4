"""The lanes of all portals: started when a portal is installed, woken when its inbox grows."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

from b24app.services.lanes import PortalLanes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.ports.book import Book
    from b24app.services.delivery import Delivery
    from b24app.services.desk import CreditDesk
    from b24app.services.guard import Watch


class Dispatch:
    """Keeps two lanes running for every installed portal of this process."""

    def __init__(self, *, book: Book, desk: CreditDesk, watch: Watch, delivery: Delivery) -> None:
        self._book = book
        self._desk = desk
        self._watch = watch
        self._delivery = delivery
        self._lanes: dict[str, PortalLanes] = {}
        self._lock = threading.Lock()
        self._running = False

    def start(self) -> None:
        """Start the lanes of every installed portal."""
        self._running = True
        with self._book.read() as unit:
            installed = [portal.member_id for portal in unit.portals.all() if portal.installed]
        self.wake(installed)

    def wake(self, member_ids: Iterable[str]) -> None:
        """Have these portals' lanes look at once, starting them when they are new to this process."""
        for member_id in member_ids:
            lanes = self._ensure(member_id)
            if lanes is not None:
                lanes.wake()

    def stop(self) -> None:
        """Stop all lanes after their rounds."""
        with self._lock:
            self._running = False
            lanes = list(self._lanes.values())
            self._lanes.clear()
        for each in lanes:
            each.stop()

    def _ensure(self, member_id: str) -> PortalLanes | None:
        with self._lock:
            if not self._running:
                return None
            lanes = self._lanes.get(member_id)
            if lanes is None:
                lanes = PortalLanes(
                    member_id, book=self._book, desk=self._desk, watch=self._watch, delivery=self._delivery
                )
                lanes.start()
                self._lanes[member_id] = lanes
            return lanes
