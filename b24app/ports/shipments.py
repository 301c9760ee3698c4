"""Shipment documents of accounting as the services see them: what was posted there, whoever did it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Protocol

from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date
    from datetime import datetime

    from b24app.ports.ledger import SyncIssue


@dataclass(frozen=True, slots=True)
class ShipmentPaper:
    """A shipment document as accounting shows it now.

    `version` changes with every write. `moment`: the document's own date, aware. `inn` is None when the
    counterparty has none or cannot be read. `contract`, `author`: references, None when empty.
    """

    ref: str
    version: str
    number: str
    moment: datetime
    posted: bool
    deleted: bool
    amount: Money
    inn: str | None
    client: str
    contract: str | None
    author: str | None


@dataclass(frozen=True, slots=True)
class ShipmentsAnswer:
    """Documents that could be read, what could not, and the moment before the first request left."""

    papers: tuple[ShipmentPaper, ...]
    issues: tuple[SyncIssue, ...]
    as_of: datetime


class Shipments(Protocol):
    """Read shipment documents. Every method raises `GatewayError` subclasses only; nothing here writes."""

    def since(self, on: date) -> ShipmentsAnswer:
        """Read the documents dated `on` (the base's own calendar) or later, unposted ones too."""
        ...

    def of_clients(self, inns: Sequence[str], on: date) -> ShipmentsAnswer:
        """Read the documents of these clients dated `on` or later, in few requests."""
        ...

    def of(self, refs: Sequence[str]) -> ShipmentsAnswer:
        """Read these documents; one that does not exist any more is absent."""
        ...

    def people(self, refs: Sequence[str]) -> Mapping[str, str]:
        """Return the names of these users of accounting; empty when they are not published."""
        ...
