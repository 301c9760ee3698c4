"""What every offline 1C base is, whatever its configuration: a published store of rows with its troubles."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.onec.family import Family
from b24app.sandbox.onec.faults import RequestLog
from b24app.sandbox.onec.faults import Switches
from b24app.sandbox.onec.http import Gate
from b24app.sandbox.onec.http import Publication
from b24app.sandbox.onec.planting import Planted
from b24app.sandbox.onec.reading import Reader
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.onec.store import Store

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


@dataclass(frozen=True, slots=True)
class Document:
    """Where a document lies: its set, key and number."""

    kind: str
    ref: str
    number: str


@dataclass(frozen=True, slots=True)
class Account:
    """Who may read the base."""

    login: str
    password: str


@dataclass(frozen=True, slots=True)
class ClientBalance:
    """A client's figures in one currency, by 1C's own rules, at the clock's today.

    `debt` is what is owed less money received (negative: we owe), `overdue` by instalment less what waits
    for the bank, `advance` is money that closes nothing, `pending` is «Оплачивается», `shipping` is
    «Отгружается»; the last two are always nought where the configuration has no such figure.
    """

    debt: Decimal
    overdue: Decimal
    advance: Decimal
    pending: Decimal
    shipping: Decimal


@dataclass(frozen=True, slots=True)
class ContractCard:
    """A contract as people see it; `limit` None: no limit is kept or its switch is off."""

    number: str
    currency: str
    active: bool
    limit: Decimal | None
    term_days: int | None


class OneCBase:
    """A base of one configuration; serve `app`, its OData root is `path`.

    `switches` are its troubles and `log` what was asked of it. `timezone`: an IANA name, to which every date
    in the base is local. All methods may be called from any thread.
    """

    def __init__(
        self,
        family: Family,
        *,
        clock: SandboxClock,
        account: Account,
        timezone: str,
        publication: Publication | None = None,
    ) -> None:
        about = publication or Publication()
        self._clock = clock
        self._zone = ZoneInfo(timezone)
        self._store = Store(family)
        self.switches = Switches()
        self.log = RequestLog()
        reader = Reader(self._store, self.switches, about.quoting)
        given = (account.login, account.password)
        self._gate = Gate(reader, self.switches, self.log, about, given, clock.now)

    @property
    def app(self) -> WSGIApplication:
        """The WSGI application."""
        return self._gate

    @property
    def path(self) -> str:
        """The path of the OData root, `/<publication>/odata/standard.odata`."""
        return self._gate.root

    def now(self) -> datetime:
        """The moment of the server's wall clock, without a zone, to the second."""
        return self._clock.now().astimezone(self._zone).replace(tzinfo=None, microsecond=0)

    def write(self, kind: str, key: str, values: Mapping[str, Value]) -> None:
        """Write a whole object as 1C holds it, or change some values of one; a posted document is posted.

        Raises:
            KeyError: the configuration has no such set, or the set no such property.
        """
        self._store.write(kind, key, values)

    def plant(self, error: Planted | None) -> None:
        """Plant an error into what the base answers, None takes it out."""
        self.switches.planted = error
        self._store.unposted_counts = error is Planted.UNPOSTED
        self._store.repost()

    def unpost(self, document: Document) -> None:
        """Take a document back; its movements vanish."""
        self._store.write(document.kind, document.ref, {"Posted": False})

    def mark_deleted(self, document: Document) -> None:
        """Unpost a document and mark it for deletion."""
        self._store.write(document.kind, document.ref, {"Posted": False, "DeletionMark": True})

    def documents(self, kind: str) -> list[Row]:
        """All documents of a set, unposted ones too."""
        return self._store.rows(kind)
