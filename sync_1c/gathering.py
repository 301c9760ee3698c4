"""What one reading found about its clients besides their settlements, and what is wrong with whom; no I/O.

Money that cannot be read is never left out: its client gets an issue instead of figures, and a row that
cannot even be attributed ends the read.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING

from b24app.ports.errors import BadAnswer
from b24app.ports.ledger import SyncIssue
from sync_1c.odata import BadValueError

if TYPE_CHECKING:
    from collections.abc import Collection
    from collections.abc import Iterable
    from collections.abc import Mapping

    from sync_1c.profile import Profile
    from sync_1c.profile import Row
    from sync_1c.rows import ClientContract
    from sync_1c.rows import Receipt
    from sync_1c.rows import WrittenOff


@dataclass(slots=True)
class Gathering:
    """Everything read about the wanted counterparties (`wanted` None: about all of them).

    `receipts_kept`: how many of the newest receipts are kept of each document kind.
    """

    profile: Profile
    currencies: Mapping[str, str]
    wanted: Collection[str] | None
    receipts_kept: int
    contracts: dict[str, list[ClientContract]] = field(default_factory=lambda: defaultdict(list))
    receipts: dict[str, list[Receipt]] = field(default_factory=lambda: defaultdict(list))
    written_off: dict[str, list[WrittenOff]] = field(default_factory=lambda: defaultdict(list))
    broken: dict[str, str] = field(default_factory=dict)
    issues: list[SyncIssue] = field(default_factory=list)

    def wants(self, counterparty: str | None) -> bool:
        """Tell whether rows of this counterparty are asked for; intercompany rows have none."""
        return counterparty is not None and (self.wanted is None or counterparty in self.wanted)

    def take_contracts(self, rows: Iterable[Row]) -> None:
        """Collect contracts; an unreadable one spoils its client, because a limit may stand in it."""
        for row in rows:
            try:
                found = self.profile.parse_contract(row, self.currencies)
            except BadValueError as error:
                self.spoil(self.profile.counterparty_in(row), f"a contract cannot be read: {error}")
                continue
            if found is not None and self.wants(found.counterparty):
                self.contracts[found.counterparty].append(found)

    def take_receipts(self, rows: Iterable[Row]) -> None:
        """Collect the newest payments of each client; an unreadable one is an issue and no more.

        They come in the order their documents were written in, which is not that of the days the bank moved
        the money.
        """
        newest: dict[str, list[Receipt]] = defaultdict(list)
        for row in rows:
            try:
                receipt = self.profile.parse_receipt(row)
            except BadValueError as error:
                self.issues.append(SyncIssue(self.profile.name_of(row), f"a payment cannot be read: {error}"))
                continue
            if receipt is None or not self.wants(receipt.counterparty):
                continue
            kept = newest[receipt.counterparty]
            kept.append(receipt)
            if len(kept) > self.receipts_kept:
                kept.remove(min(kept, key=lambda each: each.paid_on))
        for counterparty, kept in newest.items():
            self.receipts[counterparty] += kept

    def spoil(self, counterparty: str | None, why: str) -> None:
        """Give a client an issue instead of figures; raises `BadAnswer` when nobody knows whose it is."""
        if counterparty is None:
            raise BadAnswer(f"1C: {why}, and it does not say whose it is")
        if self.wants(counterparty):
            self.broken.setdefault(counterparty, why)
