"""The shelf of writes owed to the portal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from b24app.ports.portal import Result
from b24app.ports.records import EffectRecord
from b24app.ports.records import EffectState
from b24app.ports.records import NewEffect
from b24app.storage.sql import chunks
from b24app.storage.sql import insert_new
from b24app.storage.tables import effects

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy import Connection
    from sqlalchemy import RowMapping

    from b24app.ports.portal import Outcome

_OPEN = (EffectState.PENDING, EffectState.SENDING)


class SqlEffects:
    """`ports.book.EffectShelf` over one transaction."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, new: Iterable[NewEffect]) -> int:
        """Store effects whose key is new; return how many."""
        return insert_new(self._connection, effects, (_values(effect) for effect in new))

    def due(self, member_id: str, *, now: datetime, limit: int) -> list[EffectRecord]:
        """Return pending effects that may go now; an `after` that names no stored effect holds nothing up."""
        earlier = effects.alias("earlier")
        blocked = exists().where(
            earlier.c.member_id == effects.c.member_id,
            earlier.c.key == effects.c.after,
            earlier.c.state.in_(_OPEN),
        )
        query = (
            select(effects)
            .where(
                effects.c.member_id == member_id,
                effects.c.state == EffectState.PENDING,
                or_(effects.c.not_before.is_(None), effects.c.not_before <= now),
                not_(blocked),
            )
            .order_by(effects.c.urgent.desc(), effects.c.id)
            .limit(limit)
        )
        return [_record(row) for row in self._connection.execute(query).mappings()]

    def adrift(self, member_id: str, *, sent_before: datetime) -> list[EffectRecord]:
        """Return effects left SENDING whose request was sent before the moment given, oldest first."""
        return self._all(
            effects.c.member_id == member_id,
            effects.c.state == EffectState.SENDING,
            effects.c.sent_at < sent_before,
        )

    def sending(self, ids: Iterable[int], *, now: datetime, group: str | None = None) -> None:
        """Mark open effects as being sent; without `group` the one of an earlier try stays."""
        changes: dict[str, Any] = {
            "state": EffectState.SENDING,
            "sent_at": now,
            "attempts": effects.c.attempts + 1,
        }
        if group is not None:
            changes["message_group"] = group
        for chunk in chunks(ids):
            open_ones = effects.c.id.in_(chunk) & effects.c.state.in_(_OPEN)
            self._connection.execute(update(effects).where(open_ones).values(changes))

    def settle(self, effect_id: int, outcome: Outcome, *, now: datetime) -> None:
        """Write down an outcome; a failure without a note is noted by the name of its result."""
        changes = _settled(outcome, now)
        self._connection.execute(update(effects).where(effects.c.id == effect_id).values(changes))

    def cancel_pending(self, member_id: str, deal_id: int, *, keep: Iterable[str] = ()) -> list[EffectRecord]:
        """Cancel a deal's effects that have not left yet; return them as they are now."""
        spared = frozenset(keep)
        pending = self._all(
            effects.c.member_id == member_id,
            effects.c.deal_id == deal_id,
            effects.c.state == EffectState.PENDING,
        )
        ids = [record.id for record in pending if record.effect.key not in spared]
        for chunk in chunks(ids):
            self._connection.execute(
                update(effects).where(effects.c.id.in_(chunk)).values(state=EffectState.CANCELLED)
            )
        return [record for chunk in chunks(ids) for record in self._all(effects.c.id.in_(chunk))]

    def by_key(self, member_id: str, key: str) -> EffectRecord | None:
        """Return the effect stored under a key."""
        found = self._all(effects.c.member_id == member_id, effects.c.key == key)
        return found[0] if found else None

    def open_count(self, member_id: str) -> int:
        """Count effects pending or sending."""
        query = select(func.count()).where(effects.c.member_id == member_id, effects.c.state.in_(_OPEN))
        return self._connection.scalars(query).one()

    def _all(self, *conditions: ColumnElement[bool]) -> list[EffectRecord]:
        query = select(effects).where(*conditions).order_by(effects.c.id)
        return [_record(row) for row in self._connection.execute(query).mappings()]


def _settled(outcome: Outcome, now: datetime) -> dict[str, Any]:
    """Return the column changes an outcome means."""
    note = outcome.note
    match outcome.result:
        case Result.UNCERTAIN:
            return {"note": note}
        case Result.RETRY:
            return {
                "state": EffectState.PENDING,
                "sent_at": None,
                "not_before": outcome.after,
                "note": note,
            }
        case Result.DONE:
            return {
                "state": EffectState.DONE,
                "sent_at": None,
                "settled_at": now,
                "ref": outcome.ref,
                "note": note,
            }
        case failure:
            return {
                "state": EffectState.FAILED,
                "sent_at": None,
                "settled_at": now,
                "ref": outcome.ref,
                "note": note or failure.value,
            }


def _values(effect: NewEffect) -> dict[str, Any]:
    return {
        "member_id": effect.member_id,
        "key": effect.key,
        "action": effect.action,
        "deal_id": effect.deal_id,
        "check_id": effect.check_id,
        "after": effect.after,
        "urgent": effect.urgent,
        "not_before": effect.not_before,
        "state": EffectState.PENDING,
        "attempts": 0,
    }


def _record(row: RowMapping) -> EffectRecord:
    return EffectRecord(
        id=row["id"],
        effect=NewEffect(
            member_id=row["member_id"],
            key=row["key"],
            action=row["action"],
            deal_id=row["deal_id"],
            check_id=row["check_id"],
            after=row["after"],
            urgent=row["urgent"],
            not_before=row["not_before"],
        ),
        state=row["state"],
        attempts=row["attempts"],
        sent_at=row["sent_at"],
        ref=row["ref"],
        note=row["note"],
        group=row["message_group"],
    )
