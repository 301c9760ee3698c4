"""The Shipments port over a 1C base: documents of a window, clients by reference, names of their authors."""

from __future__ import annotations

from typing import TYPE_CHECKING

from b24app.domain.money import Money
from b24app.ports.errors import Forbidden
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.ledger import SyncIssue
from b24app.ports.shipments import ShipmentPaper
from b24app.ports.shipments import ShipmentsAnswer
from sync_1c.odata import BadValueError
from sync_1c.profiles import shared
from sync_1c.profiles import shipments as names
from sync_1c.reads import Habits
from sync_1c.reads import Reads
from sync_1c.transport import Deadline

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import date
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from b24app.domain.receivable import Counterparty
    from b24app.ports.clock import Clock
    from sync_1c.query import Query
    from sync_1c.reads import Row
    from sync_1c.transport import ODataTransport


class OneCShipments:
    """Read shipment documents of one base.

    `timezone`: in which its dates are written. `deadline`: seconds one call may take in all. Clients and
    currencies are remembered; an unknown one is asked for. Used by one thread at a time.
    """

    def __init__(
        self, transport: ODataTransport, clock: Clock, *, timezone: ZoneInfo, deadline: float
    ) -> None:
        self._transport = transport
        self._clock = clock
        self._zone = timezone
        self._deadline = deadline
        self._parties: dict[str, Counterparty] = {}
        self._currencies: dict[str, str] = {}

    def since(self, on: date) -> ShipmentsAnswer:
        """Read the documents dated `on` or later; see the port."""
        as_of, reads = self._clock.now(), self._open()
        return self._answer(reads.pages(names.shipments(names.dated_since(on))), reads, as_of)

    def of_clients(self, inns: Sequence[str], on: date) -> ShipmentsAnswer:
        """Read the documents of these clients; see the port. Every card of an ИНН counts, the newest too."""
        as_of, reads = self._clock.now(), self._open()
        asked = [shared.has_inn(inn) for inn in inns]
        cards = map(shared.parse_counterparty, reads.chained(names.counterparties, asked))
        refs = [card.ref for card in cards if card is not None]

        def query(chain: str) -> Query:
            return names.shipments(names.of_clients_since(chain, on))

        rows = reads.chained(query, [shared.with_counterparty(ref) for ref in refs])
        return self._answer(rows, reads, as_of)

    def of(self, refs: Sequence[str]) -> ShipmentsAnswer:
        """Read these documents; see the port."""
        as_of, reads = self._clock.now(), self._open()
        rows = reads.chained(names.shipments, [shared.with_ref(ref) for ref in refs])
        return self._answer(rows, reads, as_of)

    def people(self, refs: Sequence[str]) -> Mapping[str, str]:
        """Return the names of users, of whom nothing hangs: what is not published or not allowed is empty."""
        reads = self._open()
        try:
            rows = list(reads.chained(names.users, [shared.with_ref(ref) for ref in dict.fromkeys(refs)]))
        except (LedgerMisconfigured, Forbidden):
            return {}
        return dict(pair for pair in map(names.parse_user, rows) if pair is not None)

    def _open(self) -> Reads:
        return Reads(self._transport, Habits(), Deadline(self._deadline))

    def _answer(self, rows: Iterable[Row], reads: Reads, as_of: datetime) -> ShipmentsAnswer:
        issues: list[SyncIssue] = []
        read: list[names.ShipmentRow] = []
        for row in rows:
            try:
                read.append(names.parse_shipment(row))
            except BadValueError as error:
                issues.append(SyncIssue(shared.name_of(row), f"a shipment cannot be read: {error}"))
        self._learn(read, reads)
        papers = []
        for one in read:
            currency = self._currencies.get(one.currency or "")
            if currency is None:
                issues.append(SyncIssue(one.ref, f"currency {one.currency or '(empty)'} is unknown"))
            else:
                papers.append(self._paper(one, Money(one.amount, currency)))
        return ShipmentsAnswer(tuple(papers), tuple(issues), as_of)

    def _paper(self, row: names.ShipmentRow, amount: Money) -> ShipmentPaper:
        party = self._parties.get(row.counterparty or "")
        return ShipmentPaper(
            ref=row.ref,
            version=row.version,
            number=row.number,
            moment=row.moment.replace(tzinfo=self._zone),
            posted=row.posted,
            deleted=row.deleted,
            amount=amount,
            inn=party.inn if party is not None else None,
            client=party.name if party is not None else "",
            contract=row.contract,
            author=row.author,
        )

    def _learn(self, rows: Sequence[names.ShipmentRow], reads: Reads) -> None:
        """Ask for the clients and currencies these rows name and nobody has told yet."""
        if any((row.currency or "") not in self._currencies for row in rows):
            found = (shared.parse_currency(row) for row in reads.pages(shared.currencies()))
            self._currencies |= dict(pair for pair in found if pair is not None)
        strangers = {row.counterparty for row in rows if row.counterparty} - self._parties.keys()
        asked = [shared.with_ref(ref) for ref in sorted(strangers)]
        for row in reads.chained(names.counterparties, asked):
            party = shared.parse_counterparty(row)
            if party is not None:
                self._parties[party.ref] = party
