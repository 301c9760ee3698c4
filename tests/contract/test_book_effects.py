"""The book's promises about writes owed to the portal."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

import pytest

from b24app.ports.portal import Outcome as ActionOutcome
from b24app.ports.portal import Result
from b24app.ports.records import EffectState
from b24app.ports.records import NewEffect

if TYPE_CHECKING:
    from b24app.ports.book import Book
    from b24app.ports.book import UnitOfWork

from tests.contract.rows import HOUR
from tests.contract.rows import NOW
from tests.contract.rows import SECOND
from tests.contract.rows import A
from tests.contract.rows import B
from tests.contract.rows import effect


def keys(book: Book, now: datetime = NOW, member: str = A) -> list[str]:
    with book.read() as unit:
        return [record.effect.key for record in unit.effects.due(member, now=now, limit=50)]


def settle(book: Book, key: str, outcome: ActionOutcome) -> None:
    with book.write() as unit:
        record = unit.effects.by_key(A, key)
        assert record is not None
        unit.effects.sending([record.id], now=NOW)
        unit.effects.settle(record.id, outcome, now=NOW)


def store(book: Book, *new: NewEffect) -> int:
    with book.write() as unit:
        return unit.effects.add(new)


def test_an_effect_is_stored_once(book: Book) -> None:
    assert store(book, effect("k"), effect("k"), effect("k", member=B)) == 2
    assert store(book, effect("k")) == 0
    with book.read() as unit:
        record = unit.effects.by_key(A, "k")
    assert record is not None
    assert (record.effect, record.state, record.attempts) == (effect("k"), EffectState.PENDING, 0)


def test_effects_are_due_urgent_first_then_in_order_and_not_before_their_moment(book: Book) -> None:
    store(book, effect("1"), effect("2", not_before=NOW + SECOND), effect("3", urgent=True), effect("4"))
    assert keys(book) == ["3", "1", "4"]
    assert keys(book, NOW + SECOND) == ["3", "1", "2", "4"]


@pytest.mark.parametrize(
    ("result", "free"),
    [
        (Result.DONE, True),
        (Result.REFUSED, True),
        (Result.GONE, True),
        (Result.GUARD_FAILED, True),
        (Result.UNCERTAIN, False),
    ],
)
def test_an_effect_waits_until_the_one_before_it_has_ended(book: Book, result: Result, *, free: bool) -> None:
    store(book, effect("first"), effect("then", after="first"), effect("first", member=B))
    assert keys(book) == ["first"]
    settle(book, "first", ActionOutcome(result))
    assert keys(book) == (["then"] if free else [])


def test_an_effect_after_a_cancelled_one_may_go(book: Book) -> None:
    store(book, effect("first"), effect("then", deal=2, after="first"))
    with book.write() as unit:
        unit.effects.cancel_pending(A, 1)
    assert keys(book) == ["then"]


@pytest.mark.parametrize(
    ("outcome", "state", "note"),
    [
        (ActionOutcome(Result.DONE, ref="55"), EffectState.DONE, None),
        (ActionOutcome(Result.REFUSED, note="no right"), EffectState.FAILED, "no right"),
        (ActionOutcome(Result.GUARD_FAILED), EffectState.FAILED, "guard_failed"),
        (ActionOutcome(Result.GONE), EffectState.FAILED, "gone"),
        (ActionOutcome(Result.RETRY, after=NOW + HOUR), EffectState.PENDING, None),
        (ActionOutcome(Result.UNCERTAIN, note="timeout"), EffectState.SENDING, "timeout"),
    ],
)
def test_an_outcome_is_written_down(
    book: Book, outcome: ActionOutcome, state: EffectState, note: str | None
) -> None:
    store(book, effect("k"))
    settle(book, "k", outcome)
    with book.read() as unit:
        record = unit.effects.by_key(A, "k")
        assert record is not None
        assert (record.state, record.ref, record.note, record.attempts) == (state, outcome.ref, note, 1)
        assert (record.sent_at is not None) == (state is EffectState.SENDING)
        assert unit.effects.open_count(A) == (state in {EffectState.PENDING, EffectState.SENDING})
        assert keys_in(unit, NOW) == []
        assert keys_in(unit, NOW + HOUR) == (["k"] if state is EffectState.PENDING else [])


def keys_in(unit: UnitOfWork, now: datetime) -> list[str]:
    return [record.effect.key for record in unit.effects.due(A, now=now, limit=9)]


def test_an_effect_left_in_the_air_is_found_after_its_time(book: Book) -> None:
    store(book, effect("k"))
    with book.write() as unit:
        [record] = unit.effects.due(A, now=NOW, limit=9)
        unit.effects.sending([record.id], now=NOW, group="merged")
        unit.effects.sending([record.id], now=NOW)
        assert unit.effects.adrift(A, sent_before=NOW) == []
        assert unit.effects.adrift(B, sent_before=NOW + SECOND) == []
        [found] = unit.effects.adrift(A, sent_before=NOW + SECOND)
    assert (found.sent_at, found.attempts, found.group) == (NOW, 2, "merged")


def test_a_newer_decision_cancels_only_what_has_not_left(book: Book) -> None:
    store(
        book, effect("sent"), effect("kept"), effect("waits"), effect("other", deal=2), effect("x", member=B)
    )
    with book.write() as unit:
        sent = unit.effects.by_key(A, "sent")
        assert sent is not None
        unit.effects.sending([sent.id], now=NOW)
        cancelled = unit.effects.cancel_pending(A, 1, keep=["kept"])
        assert [(record.effect.key, record.state) for record in cancelled] == [
            ("waits", EffectState.CANCELLED)
        ]
        unit.effects.sending([cancelled[0].id], now=NOW)
        waits = unit.effects.by_key(A, "waits")
        assert waits is not None
        assert waits.state is EffectState.CANCELLED
    assert keys(book) == ["kept", "other"]
    assert keys(book, member=B) == ["x"]
