"""What a lane had taken when its round broke off with an error nobody foresaw: put back, but not for ever."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING

import structlog

if TYPE_CHECKING:
    from datetime import datetime

    from b24app.ports.book import UnitOfWork
    from b24app.ports.records import StoredMessage

log = structlog.get_logger(__name__)

TRIES = 5
FAILED_PAUSE = timedelta(seconds=5)


class Unfinished:
    """Remembers the messages of the round under way in one lane; a message breaks at most 5 rounds.

    After that it is left for the next start of the program, so that it cannot stop the lane.
    """

    def __init__(self) -> None:
        self._rows: dict[str, list[StoredMessage]] = {}

    def put_back(self, unit: UnitOfWork, member_id: str, *, now: datetime) -> None:
        """Put back what the last round left, before the lane takes more; what was finished stays so."""
        again: dict[int, list[int]] = defaultdict(list)
        for row in self._rows.get(member_id, ()):
            if row.attempts + 1 < TRIES:
                again[row.attempts + 1].append(row.id)
        for tries, ids in again.items():
            log.warning("round.put_back", portal=member_id, messages=len(ids), tries=tries)
            unit.inbox.postpone(ids, until=now + pause_after(tries), error="the round broke off", failed=True)

    def begin(self, member_id: str, rows: list[StoredMessage]) -> None:
        """Note what a round has taken; committed."""
        self._rows[member_id] = rows

    def end(self, member_id: str) -> None:
        """Note that a round has come to its end."""
        self._rows.pop(member_id, None)


def pause_after(tries: int) -> timedelta:
    """Return how long a message waits that has failed so often."""
    return FAILED_PAUSE * (1 << tries)
