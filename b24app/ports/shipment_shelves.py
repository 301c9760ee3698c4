"""The part of the book that keeps what was shipped in accounting and what we permitted there."""

from __future__ import annotations

from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from b24app.ports.records import PermitRecord
    from b24app.ports.records import ShipmentRecord


class ShipmentShelf(Protocol):
    """Shipment documents seen posted in accounting."""

    def many(self, member_id: str, refs: Iterable[str]) -> dict[str, ShipmentRecord]: ...
    def save(self, shipment: ShipmentRecord) -> None:
        """Insert or replace by reference."""
        ...

    def forget(self, member_id: str, ref: str) -> None: ...
    def standing(self, member_id: str, *, since: datetime) -> list[ShipmentRecord]:
        """Return what stands permitted or past us, dated since a moment: both may still be taken back."""
        ...

    def of_deal(self, member_id: str, deal_id: int) -> list[ShipmentRecord]:
        """Return the documents of a deal, oldest first."""
        ...

    def of_deals(self, member_id: str, deal_ids: Iterable[int]) -> list[ShipmentRecord]:
        """Return the documents of these deals."""
        ...

    def prune(self, member_id: str, before: datetime) -> int:
        """Forget documents dated before a moment that are no affair of ours; return how many."""
        ...


class PermitShelf(Protocol):
    """Permission rows as last sent to accounting."""

    def all(self, member_id: str) -> dict[str, PermitRecord]: ...
    def save(self, records: Iterable[PermitRecord]) -> None:
        """Insert or replace by key."""
        ...

    def forget(self, member_id: str, key: str) -> None: ...
