"""The shelf of credit policies, every version of them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlalchemy import func
from sqlalchemy import select

from b24app.ports.records import PolicyRecord
from b24app.storage.sql import insert_new
from b24app.storage.tables import policies

if TYPE_CHECKING:
    from sqlalchemy import ColumnElement
    from sqlalchemy import Connection

_FIELDS = tuple(item.name for item in dataclasses.fields(PolicyRecord))


class SqlPolicies:
    """`ports.book.PolicyShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def newest_version(self, member_id: str) -> int:
        """Return the number of the version in force, 0 when there is none."""
        query = select(func.max(policies.c.version)).where(policies.c.member_id == member_id)
        return self._connection.scalars(query).one() or 0

    def newest(self, member_id: str) -> PolicyRecord | None:
        """Return the version in force."""
        return self.get(member_id, self.newest_version(member_id))

    def get(self, member_id: str, version: int) -> PolicyRecord | None:
        """Return one version."""
        found = self._all(policies.c.member_id == member_id, policies.c.version == version)
        return found[0] if found else None

    def all(self, member_id: str) -> list[PolicyRecord]:
        """Return every version, oldest first."""
        return self._all(policies.c.member_id == member_id)

    def add(self, policy: PolicyRecord) -> bool:
        """Store a version; False: its number is taken, somebody was first."""
        values = {name: getattr(policy, name) for name in _FIELDS}
        return insert_new(self._connection, policies, [values]) == 1

    def _all(self, *conditions: ColumnElement[bool]) -> list[PolicyRecord]:
        query = select(policies).where(*conditions).order_by(policies.c.version)
        return [PolicyRecord(**row) for row in self._connection.execute(query).mappings()]
