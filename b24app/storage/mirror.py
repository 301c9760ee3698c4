"""The shelves of accepted cards, mirrored figures, job runs and silences of 1C."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update

from b24app.ports.records import KnownCard
from b24app.ports.records import RunOutcome
from b24app.ports.records import SnapshotRow
from b24app.ports.records import SyncRun
from b24app.storage.sql import chunks
from b24app.storage.sql import insert_new
from b24app.storage.sql import upsert
from b24app.storage.tables import card_history
from b24app.storage.tables import cards
from b24app.storage.tables import outages
from b24app.storage.tables import snapshots
from b24app.storage.tables import sync_runs
from b24app.storage.types import money_from
from b24app.storage.types import money_or_none
from b24app.storage.types import money_values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy import Connection
    from sqlalchemy import RowMapping

_CARD_FIELDS = tuple(item.name for item in dataclasses.fields(KnownCard))
_RUN_FIELDS = tuple(item.name for item in dataclasses.fields(SyncRun))


class SqlCards:
    """`ports.book.CardShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, member_id: str, company_id: int) -> KnownCard | None:
        """Return a card as last accepted."""
        found = self._all(cards.c.member_id == member_id, cards.c.company_id == company_id)
        return found[0] if found else None

    def many(self, member_id: str, company_ids: Iterable[int]) -> dict[int, KnownCard]:
        """Return these cards by company."""
        found: dict[int, KnownCard] = {}
        for chunk in chunks(company_ids):
            rows = self._all(cards.c.member_id == member_id, cards.c.company_id.in_(chunk))
            found |= {card.company_id: card for card in rows}
        return found

    def of_account(self, member_id: str, inn: str) -> list[KnownCard]:
        """Return the cards of one tax number."""
        return self._all(cards.c.member_id == member_id, cards.c.inn == inn)

    def all(self, member_id: str) -> list[KnownCard]:
        """Return every card of a portal."""
        return self._all(cards.c.member_id == member_id)

    def save(self, card: KnownCard) -> None:
        """Insert or replace; the version of a known card is the database's own, whatever `card` says."""
        known = self.get(card.member_id, card.company_id)
        version = card.version if known is None else known.version
        if known is not None and known.accepted != card.accepted:
            version += 1
            old = {
                "member_id": known.member_id,
                "company_id": known.company_id,
                "version": known.version,
                "accepted": known.accepted,
            }
            self._connection.execute(insert(card_history), old)
        values = {name: getattr(card, name) for name in _CARD_FIELDS} | {"version": version}
        upsert(self._connection, cards, [values])

    def _all(self, *conditions: ColumnElement[bool]) -> list[KnownCard]:
        query = select(cards).where(*conditions).order_by(cards.c.company_id)
        return [KnownCard(**row) for row in self._connection.execute(query).mappings()]


class SqlSnapshots:
    """`ports.book.SnapshotShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def all(self, member_id: str) -> dict[str, SnapshotRow]:
        """Return the mirrored figures by tax number."""
        query = select(snapshots).where(snapshots.c.member_id == member_id)
        return {row["inn"]: _snapshot(row) for row in self._connection.execute(query).mappings()}

    def many(self, member_id: str, inns: Iterable[str]) -> dict[str, SnapshotRow]:
        """Return the mirrored figures of these clients by tax number."""
        found: dict[str, SnapshotRow] = {}
        for chunk in chunks(inns):
            query = select(snapshots).where(snapshots.c.member_id == member_id, snapshots.c.inn.in_(chunk))
            rows = self._connection.execute(query).mappings()
            found |= {row["inn"]: _snapshot(row) for row in rows}
        return found

    def save(self, rows: Iterable[SnapshotRow]) -> None:
        """Insert or replace figures by tax number."""
        upsert(self._connection, snapshots, (_snapshot_values(row) for row in rows))

    def add_run(self, run: SyncRun) -> int:
        """Note a run of a job; return its id."""
        added = insert(sync_runs).values(_run_values(run)).returning(sync_runs.c.id)
        run_id: int = self._connection.scalars(added).one()
        return run_id

    def end_run(self, run_id: int, run: SyncRun) -> None:
        """Complete a noted run."""
        self._connection.execute(update(sync_runs).where(sync_runs.c.id == run_id).values(_run_values(run)))

    def interrupt_runs(self, member_id: str, job: str) -> int:
        """Call the runs of a job that still stand as running interrupted; return how many."""
        mine = and_(sync_runs.c.member_id == member_id, sync_runs.c.job == job)
        left = and_(mine, sync_runs.c.outcome == RunOutcome.RUNNING)
        change = update(sync_runs).where(left).values(outcome=RunOutcome.INTERRUPTED)
        return self._connection.execute(change).rowcount

    def runs(self, member_id: str, *, limit: int) -> list[SyncRun]:
        """Return the newest runs of all jobs, newest first."""
        query = (
            select(*(sync_runs.c[name] for name in _RUN_FIELDS))
            .where(sync_runs.c.member_id == member_id)
            .order_by(sync_runs.c.id.desc())
            .limit(limit)
        )
        return [SyncRun(**row) for row in self._connection.execute(query).mappings()]

    def prune_runs(self, before: datetime) -> int:
        """Delete the runs of every portal that ended before a moment, but the newest of each job."""
        newest = select(func.max(sync_runs.c.id)).group_by(sync_runs.c.member_id, sync_runs.c.job)
        old = and_(sync_runs.c.finished_at < before, sync_runs.c.id.not_in(newest))
        return self._connection.execute(delete(sync_runs).where(old)).rowcount

    def last_run(self, member_id: str, job: str) -> SyncRun | None:
        """Return the run of a job noted last."""
        query = (
            select(*(sync_runs.c[name] for name in _RUN_FIELDS))
            .where(sync_runs.c.member_id == member_id, sync_runs.c.job == job)
            .order_by(sync_runs.c.id.desc())
            .limit(1)
        )
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else SyncRun(**row)


class SqlOutages:
    """`ports.book.OutageShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open(self, member_id: str, *, now: datetime, why: str) -> tuple[int, bool]:
        """Return the id of the running outage, opening one if needed, and whether it was opened now."""
        row = {"member_id": member_id, "opened_at": now, "why": why}
        opened = insert_new(self._connection, outages, [row]) == 1
        return self._connection.scalars(_running(member_id)).one(), opened

    def close(self, member_id: str, *, now: datetime) -> int | None:
        """End the running outage; return its id, or None when there was none."""
        running = self.running(member_id)
        if running is not None:
            self._connection.execute(update(outages).where(outages.c.id == running).values(closed_at=now))
        return running

    def running(self, member_id: str) -> int | None:
        """Return the id of the running outage."""
        return self._connection.scalars(_running(member_id)).one_or_none()


def _run_values(run: SyncRun) -> dict[str, Any]:
    return {name: getattr(run, name) for name in _RUN_FIELDS}


def _running(member_id: str) -> Any:
    return select(outages.c.id).where(outages.c.member_id == member_id, outages.c.closed_at.is_(None))


def _snapshot_values(row: SnapshotRow) -> dict[str, Any]:
    return {
        "member_id": row.member_id,
        "inn": row.inn,
        **money_values("balance", row.balance),
        **money_values("overdue", row.overdue),
        "overdue_days": row.overdue_days,
        **money_values("available", row.available),
        "last_payment": row.last_payment,
        "onec_ref": row.onec_ref,
        "terms": row.terms,
        "as_of": row.as_of,
    }


def _snapshot(row: RowMapping) -> SnapshotRow:
    return SnapshotRow(
        member_id=row["member_id"],
        inn=row["inn"],
        balance=money_from(row, "balance"),
        overdue=money_from(row, "overdue"),
        overdue_days=row["overdue_days"],
        available=money_or_none(row, "available"),
        last_payment=row["last_payment"],
        onec_ref=row["onec_ref"],
        terms=row["terms"],
        as_of=row["as_of"],
    )
