"""Accounting (1C) as the services see it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from typing import Protocol

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping
    from collections.abc import Sequence
    from datetime import datetime

    from b24app.domain.rates import Rates
    from b24app.domain.receivable import AccountFigures


@dataclass(frozen=True, slots=True)
class SyncIssue:
    """One bad or doubtful row: what it is about and why; the run goes on."""

    subject: str
    why: str


@dataclass(frozen=True, slots=True)
class LedgerAnswer:
    """Live figures by ИНН as of one moment; a client 1C does not know is absent from `accounts`.

    `rates`: the exchange rates accounting keeps, None where it was not asked or keeps none.
    """

    accounts: Mapping[str, AccountFigures]
    issues: tuple[SyncIssue, ...]
    as_of: datetime
    rates: Rates | None = None


class Ledger(Protocol):
    """Read clients' balances from accounting.

    Every method raises `GatewayError` subclasses only; nothing here writes.
    """

    def fetch(self, inns: Sequence[str], *, now: datetime) -> LedgerAnswer:
        """Read the live figures of these clients in a bounded number of requests (deadline: 20 s in all).

        The "today" of overdue sums that 1C computes itself is `now` in the base's time zone.
        """
        ...

    def stream(self, *, now: datetime) -> Iterator[AccountFigures | SyncIssue]:
        """Read the figures of every client with an ИНН, streamed, for the scheduled snapshot."""
        ...

    def probe(self) -> None:
        """Make the cheapest call that proves address, login and rights; return nothing or raise."""
        ...
