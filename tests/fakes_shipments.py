"""Shipment documents of accounting held in memory, for tests of whatever stands on the Shipments port."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC
from datetime import date
from datetime import datetime
from typing import TYPE_CHECKING

from b24app.ports.shipments import ShipmentPaper
from b24app.ports.shipments import ShipmentsAnswer

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence

    from b24app.domain.money import Money
    from b24app.ports.errors import GatewayError
    from b24app.ports.ledger import SyncIssue

CLERK = "c1e4c1e4-0000-4000-8000-000000000001"


class FakeShipments:
    """Answer with the documents put in; fail when told to. Counts what was asked."""

    def __init__(self) -> None:
        self.papers: dict[str, ShipmentPaper] = {}
        self.issues: list[SyncIssue] = []
        self.clerks = {CLERK: "Кузнецова Ольга"}
        self.failure: GatewayError | None = None
        self.nameless: GatewayError | None = None
        self.asked: list[str] = []
        self._writes = 0

    def post(self, amount: Money, *, at: datetime, inn: str, contract: str | None = "A") -> str:
        """Post a document; return its reference."""
        self._writes += 1
        ref = f"d0c00000-0000-4000-8000-{self._writes:012d}"
        number = f"УТ-{self._writes}"
        self.papers[ref] = ShipmentPaper(
            ref=ref,
            version=str(self._writes),
            number=number,
            moment=at,
            posted=True,
            deleted=False,
            amount=amount,
            inn=inn,
            client="Ромашка",
            contract=contract,
            author=CLERK,
        )
        return ref

    def write(self, ref: str, **changes: object) -> None:
        """Write a document again."""
        self._writes += 1
        self.papers[ref] = replace(self.papers[ref], version=str(self._writes), **changes)  # type: ignore[arg-type]

    def since(self, on: date) -> ShipmentsAnswer:
        """Return the documents dated `on` or later."""
        self._ask("since")
        found = (paper for paper in self.papers.values() if paper.moment.date() >= on)
        return ShipmentsAnswer(tuple(found), tuple(self.issues), datetime(2026, 11, 24, tzinfo=UTC))

    def of_clients(self, inns: Sequence[str], on: date) -> ShipmentsAnswer:
        """Return the documents of these clients dated `on` or later."""
        self._ask("of_clients")
        found = [paper for paper in self.papers.values() if paper.inn in inns and paper.moment.date() >= on]
        return ShipmentsAnswer(tuple(found), (), datetime(2026, 11, 24, tzinfo=UTC))

    def of(self, refs: Sequence[str]) -> ShipmentsAnswer:
        """Return those of these documents that exist."""
        self._ask("of")
        found = (self.papers[ref] for ref in refs if ref in self.papers)
        return ShipmentsAnswer(tuple(found), (), datetime(2026, 11, 24, tzinfo=UTC))

    def people(self, refs: Sequence[str]) -> Mapping[str, str]:
        """Return the names of these users."""
        self._ask("people")
        if self.nameless is not None:
            raise self.nameless
        return {ref: self.clerks[ref] for ref in refs if ref in self.clerks}

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure
