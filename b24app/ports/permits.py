"""Permissions to ship as accounting's own extension reads them: rows we write, each under a key of ours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING
from typing import Protocol

from b24app.domain.money import Money

if TYPE_CHECKING:
    from collections.abc import Mapping
    from collections.abc import Sequence


class PermitKind(Enum):
    """What a row says: shipments are being stopped at all, a client is under control, a deal is permitted."""

    MODE = "mode"
    CLIENT = "client"
    DEAL = "deal"


@dataclass(frozen=True, slots=True)
class Permit:
    """One row. Only a DEAL row has `amount` and `until` (aware; whole seconds).

    `contract`: the only one it covers, None: any. `active` False: taken back. `note`: for people.
    """

    key: str
    kind: PermitKind
    active: bool
    inn: str = ""
    contract: str | None = None
    amount: Money | None = None
    until: datetime | None = None
    note: str = ""


class Permits(Protocol):
    """The register of permissions in accounting. Methods raise `GatewayError` subclasses only."""

    def is_published(self) -> bool:
        """Tell whether the extension is there and its register may be written; asked anew now and then."""
        ...

    def read(self, keys: Sequence[str]) -> Mapping[str, Permit]:
        """Read the rows of these keys; a key without a row is absent."""
        ...

    def write(self, permit: Permit, *, exists: bool) -> None:
        """Write a row, a new one or over the one that `exists`; harmless to repeat."""
        ...
