"""The shelf of wake-ups."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from sqlalchemy import and_
from sqlalchemy import delete
from sqlalchemy import exists
from sqlalchemy import func
from sqlalchemy import not_
from sqlalchemy import or_
from sqlalchemy import select
from sqlalchemy import update

from b24app.domain.hold import OPEN_STATES
from b24app.ports.records import Lane
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import StoredMessage
from b24app.storage.sql import chunks
from b24app.storage.sql import insert_new
from b24app.storage.tables import holds
from b24app.storage.tables import inbox

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any

    from sqlalchemy import ColumnElement
    from sqlalchemy import Connection
    from sqlalchemy import RowMapping

WAITING, TAKEN, DONE = "waiting", "taken", "done"
_ABOUT_DEALS = (
    MessageKind.ROBOT,
    MessageKind.DEAL,
    MessageKind.SWEEP,
    MessageKind.BUTTON,
    MessageKind.RECHECK,
)
_PUSHED = inbox.c.kind == MessageKind.LEDGER
_GUARDED = and_(
    inbox.c.lane == Lane.AUTO,
    inbox.c.kind.in_(_ABOUT_DEALS),
    exists().where(
        holds.c.member_id == inbox.c.member_id,
        holds.c.deal_id == inbox.c.subject_id,
        holds.c.state.in_(OPEN_STATES),
    ),
)


class SqlInbox:
    """`ports.book.InboxShelf` over one transaction.

    Messages without a token merge while one of the same portal, kind, subject *and lane* waits: a message
    handed over to the decide lane must not swallow news the guard has to see while 1C is silent.
    """

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, messages: Iterable[Message]) -> int:
        """Store messages; return how many were new."""
        arrived = list(messages)
        new = insert_new(self._connection, inbox, (_values(message) for message in arrived))
        if new < len(arrived):
            self._renew(message for message in arrived if message.event_token is None)
        return new

    def take(self, member_id: str, *, now: datetime, limit: int) -> list[StoredMessage]:
        """Take the oldest waiting messages for the decide lane."""
        return self._take(member_id, and_(not_(_GUARDED), not_(_PUSHED)), now=now, limit=limit)

    def take_guarded(self, member_id: str, *, now: datetime, limit: int) -> list[StoredMessage]:
        """Take the oldest waiting messages about deals held at present."""
        return self._take(member_id, _GUARDED, now=now, limit=limit)

    def take_pushes(self, member_id: str, *, now: datetime, limit: int) -> list[StoredMessage]:
        """Take the oldest waiting messages of accounting."""
        return self._take(member_id, _PUSHED, now=now, limit=limit)

    def finish(self, ids: Iterable[int]) -> None:
        """Mark messages as worked off; they are kept so that a robot call is known for ever."""
        for chunk in chunks(ids):
            self._connection.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(state=DONE))

    def hand_over(self, ids: Iterable[int], lane: Lane) -> None:
        """Put taken messages back for the lane named."""
        self._put_back(self._taken(inbox.c.id.in_(list(ids))), lane=lane)

    def postpone(self, ids: Iterable[int], *, until: datetime, error: str, failed: bool) -> None:
        """Put taken messages back until a moment; `failed` counts as one of a message's tries."""
        rows = self._taken(inbox.c.id.in_(list(ids)))
        self._put_back(
            rows, not_before=until, error=error, attempts=inbox.c.attempts + 1 if failed else inbox.c.attempts
        )

    def reclaim(self, member_id: str) -> int:
        """Put back what a dead process had taken; return how many."""
        rows = self._taken(inbox.c.member_id == member_id)
        self._put_back(rows)
        return len(rows)

    def unanswered(self, member_id: str, deal_id: int) -> list[Message]:
        """Return the deal's waiting robot calls that have no answer effect yet, oldest first."""
        mine = (_unanswered(member_id), inbox.c.subject_id == deal_id)
        query = select(inbox).where(*mine).order_by(inbox.c.id)
        return [_message(row) for row in self._connection.execute(query).mappings()]

    def unanswered_deals(self, member_id: str) -> list[int]:
        """Return the ids of all deals with a waiting robot call without an answer effect."""
        query = select(inbox.c.subject_id).distinct().where(_unanswered(member_id))
        return sorted(self._connection.scalars(query))

    def answered(self, event_tokens: Iterable[str]) -> None:
        """Note that the answers of these robot calls are effect rows now."""
        for chunk in chunks(event_tokens):
            self._connection.execute(
                update(inbox).where(inbox.c.event_token.in_(chunk)).values(answered=True)
            )

    def ready(self, member_id: str, *, now: datetime) -> int:
        """Count the messages `take` would find."""
        query = select(func.count()).where(_takeable(member_id, now), not_(_GUARDED), not_(_PUSHED))
        return self._connection.scalars(query).one()

    def waiting(self, member_id: str) -> int:
        """Count messages not yet taken."""
        query = select(func.count()).where(inbox.c.member_id == member_id, inbox.c.state == WAITING)
        return self._connection.scalars(query).one()

    def is_open(self, member_id: str, deal_id: int) -> bool:
        """Tell whether a message about a deal waits or is being worked on."""
        query = select(inbox.c.id).where(
            inbox.c.member_id == member_id,
            inbox.c.subject_id == deal_id,
            inbox.c.kind.in_(_ABOUT_DEALS),
            inbox.c.state != DONE,
        )
        return self._connection.scalars(query.limit(1)).first() is not None

    def last_asked(self, member_id: str, deal_id: int) -> datetime | None:
        """Return when the newest message about a deal arrived."""
        query = select(func.max(inbox.c.received_at)).where(
            inbox.c.member_id == member_id, inbox.c.subject_id == deal_id, inbox.c.kind.in_(_ABOUT_DEALS)
        )
        newest: datetime | None = self._connection.scalars(query).one()
        return newest

    def prune(self, before: datetime) -> int:
        """Delete finished messages received before a moment, of every portal; return how many.

        Robot calls stay: their tokens must be known for ever.
        """
        old = and_(inbox.c.state == DONE, inbox.c.received_at < before, inbox.c.event_token.is_(None))
        return self._connection.execute(delete(inbox).where(old)).rowcount

    def _renew(self, messages: Iterable[Message]) -> None:
        """Have waiting messages that others merged with count as received when those were, and from whom.

        What somebody else did is looked at without delay.
        """
        subjects: dict[tuple[str, MessageKind, datetime, int | None], list[int]] = defaultdict(list)
        for message in messages:
            key = (message.member_id, message.kind, message.received_at, message.user_id)
            subjects[key].append(message.subject_id)
        for (member_id, kind, received_at, user_id), ids in subjects.items():
            for chunk in chunks(ids):
                alike = and_(_mergeable(member_id, kind), inbox.c.subject_id.in_(chunk))
                older = and_(alike, inbox.c.received_at < received_at)
                self._connection.execute(update(inbox).where(older).values(received_at=received_at))
                if user_id is not None:
                    somebody = update(inbox).where(alike).values(user_id=user_id, not_before=None)
                    self._connection.execute(somebody)

    def _take(
        self, member_id: str, which: ColumnElement[bool], *, now: datetime, limit: int
    ) -> list[StoredMessage]:
        query = (
            select(inbox)
            .where(_takeable(member_id, now), which)
            .order_by(inbox.c.id)
            .limit(limit)
            .with_for_update(of=inbox, skip_locked=True)
        )
        rows = self._connection.execute(query).mappings().all()
        ids = [row["id"] for row in rows]
        for chunk in chunks(ids):
            self._connection.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(state=TAKEN))
        return [StoredMessage(row["id"], _message(row), row["lane"], row["attempts"]) for row in rows]

    def _taken(self, which: ColumnElement[bool]) -> Sequence[RowMapping]:
        query = select(inbox).where(which, inbox.c.state == TAKEN).order_by(inbox.c.id)
        return self._connection.execute(query).mappings().all()

    def _put_back(self, rows: Sequence[RowMapping], **changes: object) -> None:
        """Make rows wait again; one whose like has arrived meanwhile is finished: that one stands for it."""
        for row in rows:
            lane = changes.get("lane", row["lane"])
            if row["event_token"] is None and self._has_like(row, lane):
                self.finish([row["id"]])
                self._renew([_message(row)])
                continue
            mine = update(inbox).where(inbox.c.id == row["id"])
            self._connection.execute(mine.values(state=WAITING, **changes))

    def _has_like(self, row: RowMapping, lane: object) -> bool:
        alike = and_(_mergeable(row["member_id"], row["kind"], lane), inbox.c.subject_id == row["subject_id"])
        return self._connection.execute(select(inbox.c.id).where(alike)).first() is not None


def _takeable(member_id: str, now: datetime) -> ColumnElement[bool]:
    return and_(
        inbox.c.member_id == member_id,
        inbox.c.state == WAITING,
        or_(inbox.c.not_before.is_(None), inbox.c.not_before <= now),
    )


def _mergeable(member_id: str, kind: MessageKind, lane: object = Lane.AUTO) -> ColumnElement[bool]:
    return and_(
        inbox.c.member_id == member_id,
        inbox.c.kind == kind,
        inbox.c.lane == lane,
        inbox.c.state == WAITING,
        inbox.c.event_token.is_(None),
    )


def _unanswered(member_id: str) -> ColumnElement[bool]:
    return and_(
        inbox.c.member_id == member_id,
        inbox.c.kind == MessageKind.ROBOT,
        inbox.c.waiting,
        not_(inbox.c.answered),
    )


def _values(message: Message) -> dict[str, Any]:
    return {
        "member_id": message.member_id,
        "kind": message.kind,
        "subject_id": message.subject_id,
        "received_at": message.received_at,
        "event_token": message.event_token,
        "robot_code": message.robot_code,
        "waiting": message.waiting,
        "user_id": message.user_id,
        "reference": message.reference,
        "lane": Lane.AUTO,
        "state": WAITING,
        "attempts": 0,
        "answered": False,
    }


def _message(row: RowMapping) -> Message:
    return Message(
        member_id=row["member_id"],
        kind=row["kind"],
        subject_id=row["subject_id"],
        received_at=row["received_at"],
        event_token=row["event_token"],
        robot_code=row["robot_code"],
        waiting=row["waiting"],
        user_id=row["user_id"],
        reference=row["reference"],
    )
