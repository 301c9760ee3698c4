"""The steps every flow takes alike: contracts, payments, rows that are issues when they cannot be read."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from typing import TypeVar

from b24app.ports.ledger import SyncIssue
from sync_1c.odata import BadValueError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sync_1c.gathering import Gathering
    from sync_1c.profile import Asked
    from sync_1c.profile import Row

PAYMENT_DAYS = 180
_Value = TypeVar("_Value")


def take_contracts(gathered: Gathering, asked: Asked) -> None:
    """Read the contracts of the wanted counterparties."""
    profile, reads = gathered.profile, asked.reads
    if asked.narrow:
        parts = [profile.contract_of(ref) for ref in asked.refs or ()]
        gathered.take_contracts(reads.chained(profile.contracts, parts))
    else:
        gathered.take_contracts(reads.pages(profile.contracts()))


def take_receipts(gathered: Gathering, asked: Asked) -> None:
    """Read the newest payments of the last half year."""
    profile, reads = gathered.profile, asked.reads
    for make in profile.receipts(asked.moment.today - timedelta(days=PAYMENT_DAYS)):
        if asked.narrow:
            refs, kept = asked.refs or (), gathered.receipts_kept
            gathered.take_receipts(reads.newest(make, refs, profile.receipt_from, kept=kept))
        else:
            gathered.take_receipts(reads.pages(make("")))


def parsed(row: Row, parse: Callable[[Row], _Value], gathered: Gathering) -> _Value | None:
    """Read a row that matters to a report alone: an unreadable one is an issue and no more."""
    try:
        return parse(row)
    except BadValueError as error:
        gathered.issues.append(SyncIssue(gathered.profile.name_of(row), f"a row cannot be read: {error}"))
        return None
