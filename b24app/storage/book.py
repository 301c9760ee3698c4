"""The book: one short transaction over all shelves."""

from __future__ import annotations

from contextlib import contextmanager
from functools import cached_property
from typing import TYPE_CHECKING

from b24app.storage.effects import SqlEffects
from b24app.storage.engine import memory_database
from b24app.storage.inbox import SqlInbox
from b24app.storage.mirror import SqlCards
from b24app.storage.mirror import SqlOutages
from b24app.storage.mirror import SqlSnapshots
from b24app.storage.permits import SqlPermits
from b24app.storage.policies import SqlPolicies
from b24app.storage.shipments import SqlShipments
from b24app.storage.stops import SqlAttempts
from b24app.storage.stops import SqlHolds
from b24app.storage.stops import SqlReserves
from b24app.storage.verdicts import SqlChecks
from b24app.storage.verdicts import SqlDeals
from b24app.storage.verdicts import SqlPortals

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection

    from b24app.storage.engine import Database


class SqlUnit:
    """`ports.book.UnitOfWork`: the shelves of one open transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @cached_property
    def portals(self) -> SqlPortals:
        """Installations."""
        return SqlPortals(self._connection)

    @cached_property
    def inbox(self) -> SqlInbox:
        """Wake-ups."""
        return SqlInbox(self._connection)

    @cached_property
    def deals(self) -> SqlDeals:
        """Newest decided versions."""
        return SqlDeals(self._connection)

    @cached_property
    def checks(self) -> SqlChecks:
        """Decisions, for ever."""
        return SqlChecks(self._connection)

    @cached_property
    def reserves(self) -> SqlReserves:
        """Room taken in credit accounts."""
        return SqlReserves(self._connection)

    @cached_property
    def holds(self) -> SqlHolds:
        """Hold episodes."""
        return SqlHolds(self._connection)

    @cached_property
    def effects(self) -> SqlEffects:
        """Writes owed to the portal."""
        return SqlEffects(self._connection)

    @cached_property
    def attempts(self) -> SqlAttempts:
        """Attempts to get round a block."""
        return SqlAttempts(self._connection)

    @cached_property
    def shipments(self) -> SqlShipments:
        """Shipment documents seen in accounting."""
        return SqlShipments(self._connection)

    @cached_property
    def permits(self) -> SqlPermits:
        """Permission rows as last sent to accounting."""
        return SqlPermits(self._connection)

    @cached_property
    def cards(self) -> SqlCards:
        """Accepted card versions."""
        return SqlCards(self._connection)

    @cached_property
    def snapshots(self) -> SqlSnapshots:
        """Mirrored figures and job runs."""
        return SqlSnapshots(self._connection)

    @cached_property
    def outages(self) -> SqlOutages:
        """Silences of 1C."""
        return SqlOutages(self._connection)

    @cached_property
    def policies(self) -> SqlPolicies:
        """Versions of the credit policy."""
        return SqlPolicies(self._connection)


class SqlBook:
    """`ports.book.Book` over a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def write(self) -> Iterator[SqlUnit]:
        """Open a transaction that holds the write lock; it must never be opened inside another."""
        with self._database.write() as connection:
            yield SqlUnit(connection)

    @contextmanager
    def read(self) -> Iterator[SqlUnit]:
        """Open a consistent view."""
        with self._database.read() as connection:
            yield SqlUnit(connection)


def memory_book() -> SqlBook:
    """Open an empty book in memory, for tests and trials; its threads take turns."""
    return SqlBook(memory_database())
