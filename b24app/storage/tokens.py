"""The vault of portal tokens and the shared rate bucket."""

from __future__ import annotations

import hmac
from datetime import timedelta
from typing import TYPE_CHECKING
from typing import TypeGuard

from sqlalchemy import delete
from sqlalchemy import select
from sqlalchemy import update

from b24app.ports.portal import Priority
from b24app.ports.tokens import TokenPair
from b24app.storage.sql import insert_new
from b24app.storage.sql import upsert
from b24app.storage.tables import buckets
from b24app.storage.tables import parked_methods
from b24app.storage.tables import portal_secrets

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from sqlalchemy import Connection
    from sqlalchemy import RowMapping

    from b24app.storage.engine import Database
    from b24app.storage.secrets import SecretBox

# 45 of the portal's 50: a request is counted there a moment later than here.
_USABLE = 0.9
_SHARES = {Priority.URGENT: 1.0, Priority.NORMAL: 0.9, Priority.BULK: 0.6}


class SqlTokenVault:
    """`ports.tokens.TokenVault`: tokens lie encrypted and are opened only to be handed out."""

    def __init__(self, database: Database, box: SecretBox) -> None:
        self._database = database
        self._box = box

    def pair(self, member_id: str) -> TokenPair | None:
        """Return the stored pair."""
        with self._database.read() as connection:
            row = _secrets(connection, member_id)
        if row is None or row["access"] is None:
            return None
        return TokenPair(
            user_id=row["user_id"],
            access=self._box.open(row["access"]),
            refresh=self._box.open(row["refresh"]),
            expires_at=row["expires_at"],
        )

    def save(self, member_id: str, pair: TokenPair) -> None:
        """Replace the pair and end any lease."""
        self._write(
            member_id,
            user_id=pair.user_id,
            access=self._box.seal(pair.access),
            refresh=self._box.seal(pair.refresh),
            expires_at=pair.expires_at,
            lease_until=None,
        )

    def replace(self, member_id: str, pair: TokenPair, *, refused: str) -> bool:
        """Replace the pair whose access token is the refused one, and end the lease."""
        return self._change_refused(
            member_id,
            refused,
            user_id=pair.user_id,
            access=self._box.seal(pair.access),
            refresh=self._box.seal(pair.refresh),
            expires_at=pair.expires_at,
            lease_until=None,
        )

    def discard(self, member_id: str, *, refused: str) -> None:
        """Delete a pair that will never work again; the application token stays."""
        self._change_refused(
            member_id, refused, user_id=None, access=None, refresh=None, expires_at=None, lease_until=None
        )

    def lease(self, member_id: str, *, refused: str, now: datetime, seconds: float) -> bool:
        """Win the right to refresh: the stored access token still is the refused one, and no lease runs."""
        with self._database.write() as connection:
            row = _secrets(connection, member_id, lock=True)
            if not self._is_stored(row, refused):
                return False
            if row["lease_until"] is not None and row["lease_until"] > now:
                return False
            _change(connection, member_id, lease_until=now + timedelta(seconds=seconds))
            return True

    def release(self, member_id: str, *, refused: str) -> None:
        """Give the lease back without new tokens."""
        self._change_refused(member_id, refused, lease_until=None)

    def application_token(self, member_id: str) -> str | None:
        """Return the constant the portal signs its calls with."""
        with self._database.read() as connection:
            row = _secrets(connection, member_id)
        sealed = None if row is None else row["application_token"]
        return None if sealed is None else self._box.open(sealed)

    def set_application_token(self, member_id: str, token: str) -> None:
        """Replace the constant the portal signs its calls with."""
        self._write(member_id, application_token=self._box.seal(token))

    def forget(self, member_id: str) -> None:
        """Delete every secret of a portal (uninstall)."""
        with self._database.write() as connection:
            connection.execute(delete(portal_secrets).where(portal_secrets.c.member_id == member_id))

    def rotate(self, box: SecretBox) -> int:
        """Re-encrypt every secret with another box's first key; return the number of portals.

        One transaction: after a failure all secrets are as they were. From then on this vault uses `box`.
        """
        with self._database.write() as connection:
            rows = connection.execute(select(portal_secrets)).mappings().all()
            for row in rows:
                resealed = {
                    name: box.seal(self._box.open(row[name]))
                    for name in ("access", "refresh", "application_token")
                    if row[name] is not None
                }
                _change(connection, row["member_id"], **resealed)
        self._box = box
        return len(rows)

    def _change_refused(self, member_id: str, refused: str, **values: object) -> bool:
        with self._database.write() as connection:
            if not self._is_stored(_secrets(connection, member_id, lock=True), refused):
                return False
            _change(connection, member_id, **values)
            return True

    def _is_stored(self, row: RowMapping | None, access: str) -> TypeGuard[RowMapping]:
        if row is None or row["access"] is None:
            return False
        return hmac.compare_digest(self._box.open(row["access"]).encode(), access.encode())

    def _write(self, member_id: str, **values: object) -> None:
        with self._database.write() as connection:
            upsert(connection, portal_secrets, [{"member_id": member_id, **values}])


class SqlRateBucket:
    """`ports.tokens.RateBucket`: every request pours one unit in, `rate` units a second run out.

    `burst` is the portal's bucket (50 in the cloud, 250 on Enterprise); nine tenths of it are used. Of those
    NORMAL work may fill 90 %, BULK 60 %, so that there is always room for what is URGENT.
    """

    def __init__(self, database: Database, *, rate: float, burst: int) -> None:
        self._database = database
        self._rate = rate
        self._burst = float(burst)

    def take(self, member_id: str, priority: Priority, *, now: datetime) -> float:
        """Take one request's room and return 0.0, or take nothing and return how many seconds to wait."""
        room = self._burst * _USABLE * _SHARES[priority]
        with self._database.write() as connection:
            level = self._level(connection, member_id, now)
            surplus = level + 1 - room
            # A bucket smaller than one request lets them through one by one, each into an empty bucket.
            if surplus > 0 and level > 0:
                return min(surplus, level) / self._rate
            self._fill(connection, member_id, level + 1, now)
            return 0.0

    def drain(self, member_id: str, *, now: datetime) -> None:
        """Note that the portal itself refused for speed: the bucket is full as of now."""
        with self._database.write() as connection:
            self._fill(connection, member_id, self._burst, now)

    def park(self, member_id: str, method: str, *, until: datetime) -> None:
        """Keep a method from being called until a moment."""
        with self._database.write() as connection:
            upsert(connection, parked_methods, [{"member_id": member_id, "method": method, "until": until}])

    def parked(self, member_id: str, *, now: datetime) -> dict[str, datetime]:
        """Return the methods parked at present and until when."""
        query = select(parked_methods).where(
            parked_methods.c.member_id == member_id, parked_methods.c.until > now
        )
        with self._database.read() as connection:
            return {row.method: row.until for row in connection.execute(query)}

    def _level(self, connection: Connection, member_id: str, now: datetime) -> float:
        """Return what is left in the bucket, its row locked; a clock that went back drains nothing."""
        insert_new(connection, buckets, [{"member_id": member_id, "level": 0.0, "updated_at": now}])
        query = select(buckets).where(buckets.c.member_id == member_id).with_for_update()
        row = connection.execute(query).one()
        seconds = max(0.0, (now - row.updated_at).total_seconds())
        level: float = row.level
        left: float = level - seconds * self._rate
        return max(0.0, left)

    def _fill(self, connection: Connection, member_id: str, level: float, now: datetime) -> None:
        upsert(connection, buckets, [{"member_id": member_id, "level": level, "updated_at": now}])


def _secrets(connection: Connection, member_id: str, *, lock: bool = False) -> RowMapping | None:
    query = select(portal_secrets).where(portal_secrets.c.member_id == member_id)
    return connection.execute(query.with_for_update() if lock else query).mappings().one_or_none()


def _change(connection: Connection, member_id: str, **values: Any) -> None:
    if values:
        connection.execute(
            update(portal_secrets).where(portal_secrets.c.member_id == member_id).values(**values)
        )
