"""The shelves of installations, deals and checks."""

from __future__ import annotations

import dataclasses
import json
from typing import TYPE_CHECKING

from sqlalchemy import Text
from sqlalchemy import cast
from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select

from b24app.domain.case import AssessmentCase
from b24app.domain.decision import Decision
from b24app.domain.decision import Outcome
from b24app.ports.records import CheckRecord
from b24app.ports.records import DealRecord
from b24app.ports.records import PackedCheck
from b24app.ports.records import PortalRecord
from b24app.ports.records import RecordedCheck
from b24app.ports.records import Weight
from b24app.storage.codec import decode
from b24app.storage.sql import chunks
from b24app.storage.sql import upsert
from b24app.storage.tables import checks
from b24app.storage.tables import deals
from b24app.storage.tables import portals
from b24app.storage.types import money_or_none
from b24app.storage.types import money_values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from sqlalchemy import Connection
    from sqlalchemy import RowMapping

_PORTAL_FIELDS = tuple(item.name for item in dataclasses.fields(PortalRecord))


class SqlPortals:
    """`ports.book.PortalShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, member_id: str) -> PortalRecord | None:
        """Return an installation."""
        query = select(portals).where(portals.c.member_id == member_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else PortalRecord(**row)

    def all(self) -> list[PortalRecord]:
        """Return every installation, by member id."""
        query = select(portals).order_by(portals.c.member_id)
        return [PortalRecord(**row) for row in self._connection.execute(query).mappings()]

    def save(self, portal: PortalRecord) -> None:
        """Insert or replace the installation's record."""
        upsert(self._connection, portals, [{name: getattr(portal, name) for name in _PORTAL_FIELDS}])


class SqlDeals:
    """`ports.book.DealShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def get(self, member_id: str, deal_id: int) -> DealRecord | None:
        """Return the newest decided version of a deal."""
        return self.many(member_id, [deal_id]).get(deal_id)

    def many(self, member_id: str, deal_ids: Iterable[int]) -> dict[int, DealRecord]:
        """Return the known ones of these deals by id."""
        found: dict[int, DealRecord] = {}
        for chunk in chunks(deal_ids):
            query = select(deals).where(deals.c.member_id == member_id, deals.c.deal_id.in_(chunk))
            found.update((row["deal_id"], _deal(row)) for row in self._connection.execute(query).mappings())
        return found

    def save(self, deal: DealRecord) -> None:
        """Insert or replace a deal's record."""
        values = {
            "member_id": deal.member_id,
            "deal_id": deal.deal_id,
            "company_id": deal.company_id,
            "inn": deal.inn,
            "version": deal.version,
            "fingerprint": deal.fingerprint,
            "standing": deal.standing,
            "outcome": deal.outcome,
            "check_id": deal.check_id,
            "technical_since": deal.technical_since,
            "manager_id": deal.manager_id,
            "updated_at": deal.updated_at,
        }
        upsert(self._connection, deals, [values | money_values("permitted", deal.permitted)])

    def forget(self, member_id: str, deal_id: int) -> None:
        """Delete a deal's record; its checks stay."""
        self._connection.execute(
            delete(deals).where(deals.c.member_id == member_id, deals.c.deal_id == deal_id)
        )

    def technical(self, member_id: str) -> list[DealRecord]:
        """Return the deals whose last outcome is technical, the longest waiting first."""
        query = (
            select(deals)
            .where(deals.c.member_id == member_id, deals.c.outcome == Outcome.TECHNICAL)
            .order_by(deals.c.technical_since, deals.c.deal_id)
        )
        return [_deal(row) for row in self._connection.execute(query).mappings()]


class SqlChecks:
    """`ports.book.CheckShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, check: CheckRecord) -> int:
        """Store a check; return its id."""
        values = {
            "member_id": check.member_id,
            "deal_id": check.deal_id,
            "company_id": check.company_id,
            "company_title": check.company_title,
            "inn": check.inn,
            "trigger": check.trigger,
            "mode": check.mode,
            "weight": check.weight,
            "version": check.version,
            "outcome": check.decision.outcome,
            "facts": check.case,
            "decision": check.decision,
            "decided_at": check.decided_at,
        }
        new_id: int = self._connection.scalars(insert(checks).returning(checks.c.id), values).one()
        return new_id

    def get(self, check_id: int) -> CheckRecord | None:
        """Return one check."""
        query = select(checks).where(checks.c.id == check_id)
        row = self._connection.execute(query).mappings().one_or_none()
        return None if row is None else _check(row)

    def of_deal(self, member_id: str, deal_id: int, *, limit: int) -> list[CheckRecord]:
        """Return a deal's checks, newest first."""
        query = (
            select(checks)
            .where(checks.c.member_id == member_id, checks.c.deal_id == deal_id)
            .order_by(checks.c.id.desc())
            .limit(limit)
        )
        return [_check(row) for row in self._connection.execute(query).mappings()]

    def recorded(
        self, member_id: str, *, after: int = 0, limit: int, weights: Iterable[Weight] = (Weight.BINDING,)
    ) -> list[RecordedCheck]:
        """Return a page of checks to decide again, oldest first."""
        return [unpack(each) for each in self.packed(member_id, after=after, limit=limit, weights=weights)]

    def packed(
        self,
        member_id: str,
        *,
        after: int = 0,
        limit: int,
        weights: Iterable[Weight] = (Weight.BINDING,),
        since: datetime | None = None,
    ) -> list[PackedCheck]:
        """Return the same page with its JSON unread."""
        query = (
            select(
                checks.c.id,
                checks.c.deal_id,
                checks.c.company_title,
                checks.c.decided_at,
                cast(checks.c.facts, Text),
                cast(checks.c.decision, Text),
            )
            # Not the bare column: SQLite would find it in an index by deal and sort all checks for each page;
            # like this it walks them by id.
            .where(checks.c.member_id.concat("") == member_id)
            .where(checks.c.weight.in_(tuple(weights)), checks.c.id > after)
            .order_by(checks.c.id)
            .limit(limit)
        )
        if since is not None:
            query = query.where(checks.c.decided_at >= since)
        return [PackedCheck(*row) for row in self._connection.execute(query)]

    def count(
        self, member_id: str, *, weights: Iterable[Weight] = (Weight.BINDING,), since: datetime | None = None
    ) -> int:
        """Count the checks all pages hold together."""
        query = (
            select(func.count())
            .select_from(checks)
            .where(checks.c.member_id == member_id, checks.c.weight.in_(tuple(weights)))
        )
        if since is not None:
            query = query.where(checks.c.decided_at >= since)
        number: int = self._connection.scalars(query).one()
        return number


def unpack(packed: PackedCheck) -> RecordedCheck:
    """Read what a packed check holds; needs no database, so that any process can be asked to."""
    return RecordedCheck(
        id=packed.id,
        deal_id=packed.deal_id,
        company_title=packed.company_title,
        decided_at=packed.decided_at,
        case=None if packed.case is None else decode(AssessmentCase, json.loads(packed.case)),
        decision=decode(Decision, json.loads(packed.decision)),
    )


def _deal(row: RowMapping) -> DealRecord:
    return DealRecord(
        member_id=row["member_id"],
        deal_id=row["deal_id"],
        company_id=row["company_id"],
        inn=row["inn"],
        version=row["version"],
        fingerprint=row["fingerprint"],
        standing=row["standing"],
        outcome=row["outcome"],
        check_id=row["check_id"],
        permitted=money_or_none(row, "permitted"),
        technical_since=row["technical_since"],
        manager_id=row["manager_id"],
        updated_at=row["updated_at"],
    )


def _check(row: RowMapping) -> CheckRecord:
    return CheckRecord(
        member_id=row["member_id"],
        deal_id=row["deal_id"],
        company_id=row["company_id"],
        company_title=row["company_title"],
        inn=row["inn"],
        trigger=row["trigger"],
        mode=row["mode"],
        weight=row["weight"],
        version=row["version"],
        case=row["facts"],
        decision=row["decision"],
        decided_at=row["decided_at"],
        id=row["id"],
    )
