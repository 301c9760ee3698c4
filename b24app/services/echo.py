"""Our own writes come back as events: give them a moment, so that many are read together and dropped."""

from __future__ import annotations

import math
import threading
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

from b24app.ports.records import MessageKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import StoredMessage

PAUSE = timedelta(seconds=1.5)
TOGETHER = 2.0
KEPT = 5000


def put_off(unit: UnitOfWork, messages: list[StoredMessage], now: datetime) -> None:
    """Put messages back to a common moment after a pause, so that they are read together; no failed try."""
    if messages:
        until = datetime.fromtimestamp(
            math.ceil((now + PAUSE).timestamp() / TOGETHER) * TOGETHER, tz=now.tzinfo
        )
        ids = [row.id for row in messages]
        unit.inbox.postpone(ids, until=until, error="likely an echo", failed=False)


class Echoes:
    """Remembers which deals this process wrote lately. Nothing depends on it: forgetting costs a read."""

    def __init__(self, pause: timedelta = PAUSE) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._wrote: dict[tuple[str, int], datetime] = {}

    def wrote(self, member_id: str, deal_ids: Iterable[int], now: datetime) -> None:
        """Note that deals were written at a moment."""
        with self._lock:
            if len(self._wrote) > KEPT:
                self._wrote = {key: at for key, at in self._wrote.items() if now - at < self._pause}
            self._wrote |= {(member_id, deal_id): now for deal_id in deal_ids}

    def early(self, member_id: str, messages: Iterable[StoredMessage], now: datetime) -> list[StoredMessage]:
        """Return the change events among messages that had better wait: most likely echoes of our writes."""
        with self._lock:
            return [
                row
                for row in messages
                if row.message.kind is MessageKind.DEAL
                and (at := self._wrote.get((member_id, row.message.subject_id))) is not None
                and now - at < self._pause
            ]
