"""Our own writes come back as events: they wait while we write, so that many are read together and dropped.

A change by somebody else must not wait with them. It is told apart by its author, where the portal names one,
and by its arrival: an echo comes while we write the deal or right after. A later message about a deal makes
the waiting one as new as itself, and as foreign.
"""

from __future__ import annotations

import math
import threading
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

from b24app.ports.records import MessageKind

if TYPE_CHECKING:
    from collections.abc import Iterable

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import StoredMessage

# An echo arrives while a deal is written or this long after; this long without a write, writing has ended.
PAUSE = timedelta(seconds=3)
QUIET = timedelta(seconds=2.5)
# However long we write, echoes are looked at on every second stroke of this many seconds.
STROKE = 30.0
KEPT = 5000
NEVER = datetime.min.replace(tzinfo=UTC)


def without_echoes(
    unit: UnitOfWork, echoes: Echoes, member_id: str, taken: list[StoredMessage], now: datetime
) -> list[StoredMessage]:
    """Put likely echoes off until the portal is not written to any more; return what is to be looked at now.

    All of them are put off until the same moment; it costs no failed try.
    """
    likely = echoes.likely(member_id, taken)
    if not likely:
        return taken
    ended = echoes.end_of_writing(member_id)
    writing = now < ended or unit.effects.open_count(member_id) > 0
    latest = min(_latest(row.message.received_at) for row in likely)
    if not writing or now >= latest:
        return taken
    until = min(ended if now < ended else now + QUIET, latest)
    unit.inbox.postpone([row.id for row in likely], until=until, error="likely an echo", failed=False)
    return [row for row in taken if row not in likely]


def _latest(received_at: datetime) -> datetime:
    """Return when an echo is looked at whatever happens, one moment for many."""
    stroke = math.floor(received_at.timestamp() / STROKE) + 2
    return datetime.fromtimestamp(stroke * STROKE, tz=received_at.tzinfo)


class Echoes:
    """Remembers which deals this process wrote lately. Nothing depends on it: forgetting costs a read."""

    def __init__(self, pause: timedelta = PAUSE) -> None:
        self._pause = pause
        self._lock = threading.Lock()
        self._wrote: dict[tuple[str, int], tuple[datetime, datetime]] = {}
        self._last: dict[str, datetime] = {}

    def wrote(self, member_id: str, deal_ids: Iterable[int], began: datetime, ended: datetime) -> None:
        """Note that deals were written between two moments; before it is answered `ended` is `began`."""
        with self._lock:
            if len(self._wrote) > KEPT:
                lately = ended - timedelta(seconds=2 * STROKE)
                self._wrote = {key: times for key, times in self._wrote.items() if times[1] > lately}
            self._wrote |= {(member_id, deal_id): (began, ended) for deal_id in deal_ids}
            self._last[member_id] = ended

    def end_of_writing(self, member_id: str) -> datetime:
        """Return the moment a portal will not have been written to for a while, unless more is written."""
        with self._lock:
            return self._last.get(member_id, NEVER) + QUIET

    def likely(self, member_id: str, messages: Iterable[StoredMessage]) -> list[StoredMessage]:
        """Return the change events among messages that came when echoes of our writes come."""
        with self._lock:
            return [row for row in messages if self._is_likely(member_id, row)]

    def _is_likely(self, member_id: str, row: StoredMessage) -> bool:
        times = self._wrote.get((member_id, row.message.subject_id))
        if times is None or row.message.kind is not MessageKind.DEAL or row.message.user_id is not None:
            return False
        began, ended = times
        return began <= row.message.received_at < ended + self._pause
