"""The shelf of permission rows as last sent to accounting."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy import select

from b24app.ports.records import PermitRecord
from b24app.storage.sql import upsert
from b24app.storage.tables import permits

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import Any

    from sqlalchemy import Connection


class SqlPermits:
    """`ports.shipment_shelves.PermitShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, member_id: str) -> dict[str, PermitRecord]:
        """Return every row of a portal by its key."""
        query = select(permits).where(permits.c.member_id == member_id).order_by(permits.c.key)
        found: dict[str, PermitRecord] = {}
        for row in self._connection.execute(query).mappings():
            values = {name: value for name, value in row.items() if name != "key"}
            found[row["key"]] = PermitRecord(**values)
        return found

    def save(self, records: Iterable[PermitRecord]) -> None:
        """Insert or replace by key."""
        upsert(self._connection, permits, (_values(record) for record in records))

    def forget(self, member_id: str, key: str) -> None:
        """Forget a row."""
        mine = (permits.c.member_id == member_id) & (permits.c.key == key)
        self._connection.execute(delete(permits).where(mine))


def _values(record: PermitRecord) -> dict[str, Any]:
    return {
        "member_id": record.member_id,
        "key": record.permit.key,
        "permit": record.permit,
        "state": record.state,
        "sent_at": record.sent_at,
        "attempts": record.attempts,
        "not_before": record.not_before,
    }
