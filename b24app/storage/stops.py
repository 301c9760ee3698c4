"""The shelves of reserves, holds and attempts to get round them."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

from sqlalchemy import delete
from sqlalchemy import func
from sqlalchemy import insert
from sqlalchemy import select
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from b24app.domain.hold import OPEN_STATES
from b24app.ports.records import AttemptRecord
from b24app.ports.records import HoldRecord
from b24app.ports.records import ReserveRecord
from b24app.storage.errors import AlreadyHeldError
from b24app.storage.sql import chunks
from b24app.storage.sql import insert_new
from b24app.storage.sql import upsert
from b24app.storage.tables import attempts
from b24app.storage.tables import credit_accounts
from b24app.storage.tables import holds
from b24app.storage.tables import reserves
from b24app.storage.types import money_from
from b24app.storage.types import money_values

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy import Connection
    from sqlalchemy import RowMapping

_ATTEMPT_FIELDS = tuple(item.name for item in dataclasses.fields(AttemptRecord))


class SqlReserves:
    """`ports.book.ReserveShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def lock(self, member_id: str, inn: str) -> None:
        """Lock the credit account's row (made when missing) until the transaction ends (K8).

        SQLite's write transaction already excludes every other one; there FOR UPDATE is not spelled at all.
        """
        insert_new(self._connection, credit_accounts, [{"member_id": member_id, "inn": inn}])
        account = select(credit_accounts).where(
            credit_accounts.c.member_id == member_id, credit_accounts.c.inn == inn
        )
        self._connection.execute(account.with_for_update()).one()

    def of_account(self, member_id: str, inn: str, *, now: datetime) -> list[ReserveRecord]:
        """Return the live, unexpired reserves of an account, by deal."""
        return self._all(
            reserves.c.member_id == member_id, reserves.c.inn == inn, reserves.c.expires_at > now
        )

    def live(self, member_id: str, *, now: datetime) -> list[ReserveRecord]:
        """Return a portal's live, unexpired reserves, by deal."""
        return self._all(reserves.c.member_id == member_id, reserves.c.expires_at > now)

    def of_deal(self, member_id: str, deal_id: int) -> ReserveRecord | None:
        """Return the deal's reserve, expired or not."""
        found = self._all(reserves.c.member_id == member_id, reserves.c.deal_id == deal_id)
        return found[0] if found else None

    def put(self, reserve: ReserveRecord) -> None:
        """Make or replace the deal's reserve."""
        values = {
            "member_id": reserve.member_id,
            "deal_id": reserve.deal_id,
            "inn": reserve.inn,
            "contract": reserve.contract,
            "check_id": reserve.check_id,
            "expires_at": reserve.expires_at,
        }
        upsert(self._connection, reserves, [values | money_values("amount", reserve.amount)])

    def drop(self, member_id: str, deal_id: int) -> bool:
        """Release the deal's reserve; tell whether there was one."""
        statement = delete(reserves).where(reserves.c.member_id == member_id, reserves.c.deal_id == deal_id)
        return self._connection.execute(statement).rowcount == 1

    def expired(self, member_id: str, *, now: datetime) -> list[ReserveRecord]:
        """Return the reserves whose time is over."""
        return self._all(reserves.c.member_id == member_id, reserves.c.expires_at <= now)

    def _all(self, *conditions: ColumnElement[bool]) -> list[ReserveRecord]:
        query = select(reserves).where(*conditions).order_by(reserves.c.deal_id)
        return [_reserve(row) for row in self._connection.execute(query).mappings()]


class SqlHolds:
    """`ports.book.HoldShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def open_of_deal(self, member_id: str, deal_id: int) -> HoldRecord | None:
        """Return the deal's open hold; there is one at most."""
        found = self._all(
            holds.c.member_id == member_id, holds.c.deal_id == deal_id, holds.c.state.in_(OPEN_STATES)
        )
        return found[0] if found else None

    def open_of_accounts(self, member_id: str, inns: Iterable[str]) -> list[HoldRecord]:
        """Return the open holds of these accounts, oldest first."""
        found: list[HoldRecord] = []
        for chunk in chunks(inns):
            found += self._all(
                holds.c.member_id == member_id, holds.c.inn.in_(chunk), holds.c.state.in_(OPEN_STATES)
            )
        return sorted(found, key=lambda hold: (hold.opened_at, hold.id))

    def all_open(self, member_id: str) -> list[HoldRecord]:
        """Return every open hold of a portal, oldest first."""
        return self._all(holds.c.member_id == member_id, holds.c.state.in_(OPEN_STATES))

    def add(self, hold: HoldRecord) -> HoldRecord:
        """Store a new episode and return it with its id; raises `AlreadyHeldError` for a second open one."""
        statement = insert(holds).returning(holds.c.id)
        try:
            new_id = self._connection.scalars(statement, _hold_values(hold)).one()
        except IntegrityError as error:
            raise AlreadyHeldError(f"deal {hold.deal_id} of {hold.member_id} is held already") from error
        return dataclasses.replace(hold, id=new_id)

    def change(self, hold: HoldRecord) -> bool:
        """Save by compare-and-swap on `version`; False: somebody was first."""
        mine = (holds.c.id == hold.id) & (holds.c.member_id == hold.member_id)
        values = _hold_values(hold) | {"version": hold.version + 1}
        return (
            self._connection.execute(
                update(holds).where(mine, holds.c.version == hold.version).values(values)
            ).rowcount
            == 1
        )

    def episodes(self, member_id: str, deal_id: int) -> list[HoldRecord]:
        """Return all holds of a deal, oldest first."""
        return self._all(holds.c.member_id == member_id, holds.c.deal_id == deal_id)

    def _all(self, *conditions: ColumnElement[bool]) -> list[HoldRecord]:
        query = select(holds).where(*conditions).order_by(holds.c.opened_at, holds.c.id)
        return [_hold(row) for row in self._connection.execute(query).mappings()]


class SqlAttempts:
    """`ports.book.AttemptShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, attempt: AttemptRecord) -> bool:
        """Store an attempt unless its key is known; tell whether it was new."""
        values = {name: getattr(attempt, name) for name in _ATTEMPT_FIELDS}
        return insert_new(self._connection, attempts, [values]) == 1

    def close(self, member_id: str, key: str, *, at: datetime | None) -> None:
        """Note that what was attempted was taken back; None: it stands again."""
        mine = (attempts.c.member_id == member_id) & (attempts.c.key == key)
        self._connection.execute(update(attempts).where(mine).values(closed_at=at))

    def recent(self, member_id: str, deal_id: int, *, since: datetime) -> list[AttemptRecord]:
        """Return a deal's attempts since a moment, oldest first."""
        query = (
            select(*(attempts.c[name] for name in _ATTEMPT_FIELDS))
            .where(
                attempts.c.member_id == member_id,
                attempts.c.deal_id == deal_id,
                attempts.c.noticed_at >= since,
            )
            .order_by(attempts.c.noticed_at, attempts.c.id)
        )
        return [AttemptRecord(**row) for row in self._connection.execute(query).mappings()]

    def by_user(self, member_id: str, user_id: int, *, since: datetime) -> int:
        """Count a person's attempts since a moment."""
        query = select(func.count()).where(
            attempts.c.member_id == member_id,
            attempts.c.user_id == user_id,
            attempts.c.noticed_at >= since,
        )
        return self._connection.scalars(query).one()


def _reserve(row: RowMapping) -> ReserveRecord:
    return ReserveRecord(
        member_id=row["member_id"],
        inn=row["inn"],
        deal_id=row["deal_id"],
        contract=row["contract"],
        amount=money_from(row, "amount"),
        check_id=row["check_id"],
        expires_at=row["expires_at"],
    )


def _hold_values(hold: HoldRecord) -> dict[str, Any]:
    return {
        "member_id": hold.member_id,
        "deal_id": hold.deal_id,
        "inn": hold.inn,
        "check_id": hold.check_id,
        "reasons": hold.reasons,
        "manager_id": hold.manager_id,
        "opened_at": hold.opened_at,
        "state": hold.state,
        "closed_at": hold.closed_at,
        "version": hold.version,
    } | money_values("value", hold.value)


def _hold(row: RowMapping) -> HoldRecord:
    return HoldRecord(
        member_id=row["member_id"],
        deal_id=row["deal_id"],
        inn=row["inn"],
        check_id=row["check_id"],
        reasons=row["reasons"],
        value=money_from(row, "value"),
        manager_id=row["manager_id"],
        opened_at=row["opened_at"],
        state=row["state"],
        closed_at=row["closed_at"],
        version=row["version"],
        id=row["id"],
    )
