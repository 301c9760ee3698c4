"""The shelf of shipment documents seen posted in accounting."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy import select

from b24app.ports.records import ShipmentRecord
from b24app.ports.records import ShipmentState
from b24app.storage.sql import chunks
from b24app.storage.sql import upsert
from b24app.storage.tables import shipments
from b24app.storage.types import money_from
from b24app.storage.types import money_values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import ColumnElement
    from sqlalchemy import Connection

_FIELDS = tuple(item.name for item in dataclasses.fields(ShipmentRecord) if item.name != "amount")
_STANDING = (ShipmentState.PERMITTED, ShipmentState.PAST)


class SqlShipments:
    """`ports.shipment_shelves.ShipmentShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def many(self, member_id: str, refs: Iterable[str]) -> dict[str, ShipmentRecord]:
        """Return the known ones of these documents by reference."""
        found: dict[str, ShipmentRecord] = {}
        for chunk in chunks(refs):
            rows = self._all(shipments.c.member_id == member_id, shipments.c.ref.in_(chunk))
            found |= {row.ref: row for row in rows}
        return found

    def save(self, shipment: ShipmentRecord) -> None:
        """Insert or replace by reference."""
        values = {name: getattr(shipment, name) for name in _FIELDS}
        upsert(self._connection, shipments, [values | money_values("amount", shipment.amount)])

    def forget(self, member_id: str, ref: str) -> None:
        """Forget a document."""
        mine = (shipments.c.member_id == member_id) & (shipments.c.ref == ref)
        self._connection.execute(delete(shipments).where(mine))

    def standing(self, member_id: str, *, since: datetime) -> list[ShipmentRecord]:
        """Return what stands permitted or past us, dated since a moment, oldest first."""
        return self._all(
            shipments.c.member_id == member_id,
            shipments.c.state.in_(_STANDING),
            shipments.c.dated >= since,
        )

    def of_deal(self, member_id: str, deal_id: int) -> list[ShipmentRecord]:
        """Return the documents of a deal, oldest first."""
        return self._all(shipments.c.member_id == member_id, shipments.c.deal_id == deal_id)

    def of_deals(self, member_id: str, deal_ids: Iterable[int]) -> list[ShipmentRecord]:
        """Return the documents of these deals."""
        found: list[ShipmentRecord] = []
        for chunk in chunks(deal_ids):
            found += self._all(shipments.c.member_id == member_id, shipments.c.deal_id.in_(chunk))
        return found

    def prune(self, member_id: str, before: datetime) -> int:
        """Forget documents dated before a moment that are no affair of ours; return how many."""
        old = (shipments.c.state == ShipmentState.BASELINE) & (shipments.c.dated < before)
        statement = delete(shipments).where(shipments.c.member_id == member_id, old)
        return self._connection.execute(statement).rowcount

    def _all(self, *conditions: ColumnElement[bool]) -> list[ShipmentRecord]:
        query = select(shipments).where(*conditions).order_by(shipments.c.dated, shipments.c.ref)
        return [
            ShipmentRecord(**{name: row[name] for name in _FIELDS}, amount=money_from(row, "amount"))
            for row in self._connection.execute(query).mappings()
        ]
