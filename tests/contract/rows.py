"""What the suites of the book share: one portal and another, a moment, and rows in their plainest form."""

from __future__ import annotations

import dataclasses
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING

from b24app.domain.decision import Outcome
from b24app.domain.hold import HoldState
from b24app.domain.money import Money
from b24app.domain.rules import ReasonCode
from b24app.ports.portal import Notify
from b24app.ports.records import DealRecord
from b24app.ports.records import HoldRecord
from b24app.ports.records import Message
from b24app.ports.records import MessageKind
from b24app.ports.records import NewEffect
from b24app.ports.records import ReserveRecord

if TYPE_CHECKING:
    from b24app.ports.book import Book

A, B = "portal-a", "portal-b"
NOW = datetime(2026, 11, 24, 9, 30, 15, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def rub(amount: str) -> Money:
    return Money(Decimal(amount), "RUB")


def wake(subject: int = 1, kind: MessageKind = MessageKind.DEAL, member: str = A) -> Message:
    return Message(member, kind, subject, NOW)


def robot(token: str, deal: int = 1, member: str = A, *, waiting: bool = True) -> Message:
    return Message(
        member, MessageKind.ROBOT, deal, NOW, event_token=token, robot_code="cc_check", waiting=waiting
    )


def hold(deal: int = 1, member: str = A, inn: str | None = "7701", opened: datetime = NOW) -> HoldRecord:
    reasons = (ReasonCode.LIMIT, ReasonCode.OVERDUE_DAYS)
    return HoldRecord(member, deal, inn, 5, reasons, rub("1500.55"), 12, opened, HoldState.HELD)


def effect(key: str, deal: int | None = 1, member: str = A, **changes: object) -> NewEffect:
    plain = NewEffect(member, key, Notify(7, key, "текст"), deal_id=deal)
    return dataclasses.replace(plain, **changes)  # type: ignore[arg-type]  # names are checked by replace


def deal_record(deal: int = 1, member: str = A, outcome: Outcome = Outcome.ALLOW) -> DealRecord:
    return DealRecord(
        member, deal, 3, "7701", "v", "f", "S", outcome, 5, rub("90071992547409.93"), None, 12, NOW
    )


def reserve(deal: int, member: str = A, inn: str = "7701", expires: datetime = NOW + HOUR) -> ReserveRecord:
    return ReserveRecord(member, inn, deal, "c-1", rub("10.01"), 5, expires)


def add(book: Book, *messages: Message) -> int:
    with book.write() as unit:
        return unit.inbox.add(messages)


def taken(book: Book, member: str = A, now: datetime = NOW) -> list[tuple[MessageKind, int]]:
    with book.write() as unit:
        rows = unit.inbox.take(member, now=now, limit=50)
        return [(row.message.kind, row.message.subject_id) for row in rows]
