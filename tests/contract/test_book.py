"""The book's promises about transactions and wake-ups, kept by SQLite in memory and in a file."""

from __future__ import annotations

import dataclasses
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest

from b24app.domain.hold import HoldState
from b24app.ports.records import AttemptKind
from b24app.ports.records import AttemptRecord
from b24app.ports.records import Lane
from b24app.ports.records import MessageKind

if TYPE_CHECKING:
    from collections.abc import Callable

    from b24app.ports.book import Book
    from b24app.ports.book import UnitOfWork

from tests.contract.rows import HOUR
from tests.contract.rows import NOW
from tests.contract.rows import SECOND
from tests.contract.rows import A
from tests.contract.rows import B
from tests.contract.rows import add
from tests.contract.rows import deal_record
from tests.contract.rows import effect
from tests.contract.rows import hold
from tests.contract.rows import reserve
from tests.contract.rows import robot
from tests.contract.rows import taken
from tests.contract.rows import wake


def test_a_failed_transaction_leaves_nothing(book: Book) -> None:
    def fail() -> None:
        with book.write() as unit:
            unit.inbox.add([wake()])
            unit.holds.add(hold())
            unit.effects.add([effect("k")])
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    with book.read() as unit:
        assert unit.inbox.waiting(A) == 0
        assert unit.holds.all_open(A) == []
        assert unit.effects.open_count(A) == 0


def test_nothing_done_while_reading_is_kept(book: Book) -> None:
    with book.read() as unit:
        unit.attempts.add(AttemptRecord(A, "k", AttemptKind.DRAG, 1, None, 4, "a", "b", NOW))
    with book.read() as unit:
        assert unit.attempts.recent(A, 1, since=NOW) == []


def test_writers_take_turns(book: Book) -> None:
    """K8: fifty parallel read-decide-write rounds over one account never over-commit it."""

    def allow(deal: int) -> bool:
        with book.write() as unit:
            unit.reserves.lock(A, "7701")
            room = 10 - len(unit.reserves.of_account(A, "7701", now=NOW))
            if room > 0:
                unit.reserves.put(reserve(deal))
            return room > 0

    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(allow, range(1, 51))) == 10


def test_a_message_merges_with_its_like_that_still_waits(book: Book) -> None:
    assert add(book, wake(), wake(), wake(2), wake(1, MessageKind.COMPANY)) == 3
    assert add(book, wake()) == 0
    assert taken(book) == [(MessageKind.DEAL, 1), (MessageKind.DEAL, 2), (MessageKind.COMPANY, 1)]


def test_a_message_that_waits_is_as_new_as_what_merged_with_it(book: Book) -> None:
    later = dataclasses.replace(wake(), received_at=NOW + SECOND)
    add(book, wake(), wake(2), wake(member=B))
    add(book, later, wake())
    with book.write() as unit:
        rows = unit.inbox.take(A, now=NOW, limit=9)
    assert [row.message.received_at for row in rows] == [NOW + SECOND, NOW]


@pytest.mark.parametrize("echo_first", [True, False])
def test_what_somebody_did_stays_his_beside_our_echo_and_waits_for_nothing(
    book: Book, echo_first: bool
) -> None:
    ours, his = wake(), dataclasses.replace(wake(), user_id=7)
    first, second = (ours, his) if echo_first else (his, ours)
    add(book, first)
    if echo_first:
        with book.write() as unit:
            [row] = unit.inbox.take(A, now=NOW, limit=9)
            unit.inbox.postpone([row.id], until=NOW + HOUR, error="likely an echo", failed=False)
    add(book, second)
    with book.write() as unit:
        [row] = unit.inbox.take(A, now=NOW, limit=9)
    assert row.message.user_id == 7


def test_what_somebody_did_stays_his_when_it_merges_on_being_put_back(book: Book) -> None:
    add(book, dataclasses.replace(wake(), user_id=7))
    with book.write() as unit:
        [row] = unit.inbox.take(A, now=NOW, limit=9)
        unit.inbox.add([wake()])
        unit.inbox.postpone([row.id], until=NOW + HOUR, error="", failed=False)
        [row] = unit.inbox.take(A, now=NOW, limit=9)
    assert row.message.user_id == 7


def test_what_is_ready_is_what_would_be_taken(book: Book) -> None:
    add(book, wake(), wake(2), wake(3), wake(member=B))
    with book.write() as unit:
        unit.holds.add(hold(3))
        [first, _] = unit.inbox.take(A, now=NOW, limit=9)
        unit.inbox.postpone([first.id], until=NOW + SECOND, error="later", failed=False)
    with book.read() as unit:
        assert unit.inbox.ready(A, now=NOW) == 0
        assert unit.inbox.ready(A, now=NOW + SECOND) == 1


def test_a_message_that_arrives_while_its_like_is_worked_on_is_new(book: Book) -> None:
    add(book, wake())
    assert taken(book) == [(MessageKind.DEAL, 1)]
    assert add(book, wake()) == 1
    assert taken(book) == [(MessageKind.DEAL, 1)]


def test_a_robot_call_is_stored_once_for_ever(book: Book) -> None:
    assert add(book, robot("t1"), robot("t2"), robot("t1")) == 2
    with book.write() as unit:
        unit.inbox.finish([row.id for row in unit.inbox.take(A, now=NOW, limit=9)])
    assert add(book, robot("t1")) == 0
    with book.write() as unit:
        assert unit.inbox.prune(NOW + HOUR) == 0
    assert add(book, robot("t1")) == 0


def test_a_deal_was_asked_about_when_its_newest_message_came_finished_or_not(book: Book) -> None:
    company = dataclasses.replace(wake(kind=MessageKind.COMPANY), received_at=NOW + HOUR)
    add(book, wake(), company, wake(member=B), dataclasses.replace(robot("t1"), received_at=NOW + SECOND))
    with book.write() as unit:
        unit.inbox.finish([row.id for row in unit.inbox.take(A, now=NOW, limit=9)])
    with book.read() as unit:
        assert unit.inbox.last_asked(A, 1) == NOW + SECOND
        assert unit.inbox.last_asked(B, 1) == NOW
        assert unit.inbox.last_asked(A, 2) is None


def test_one_token_on_two_portals_is_two_calls(book: Book) -> None:
    assert add(book, robot("t1"), robot("t1", member=B)) == 2


def test_fifty_threads_with_one_event_leave_one_row(book: Book) -> None:
    with ThreadPoolExecutor(50) as pool:
        assert sum(pool.map(lambda _: add(book, wake()), range(50))) == 1
    assert taken(book) == [(MessageKind.DEAL, 1)]


def test_two_takers_never_get_the_same_message(book: Book) -> None:
    add(book, *(wake(deal) for deal in range(1, 41)))

    def some(_: int) -> list[int]:
        with book.write() as unit:
            return [row.id for row in unit.inbox.take(A, now=NOW, limit=5)]

    with ThreadPoolExecutor(8) as pool:
        ids = [new_id for part in pool.map(some, range(8)) for new_id in part]
    assert len(ids) == len(set(ids)) == 40


def test_messages_are_taken_oldest_first_and_not_more_than_asked(book: Book) -> None:
    add(book, *(wake(deal) for deal in (3, 1, 2)))
    with book.write() as unit:
        assert [row.message.subject_id for row in unit.inbox.take(A, now=NOW, limit=2)] == [3, 1]


def test_the_two_lanes_share_the_messages_between_them(book: Book) -> None:
    everything = [wake(deal, kind) for deal in (1, 2) for kind in MessageKind]
    add(book, *everything)
    with book.write() as unit:
        unit.holds.add(hold(1))
        guarded = [row.message for row in unit.inbox.take_guarded(A, now=NOW, limit=50)]
        rest = [row.message for row in unit.inbox.take(A, now=NOW, limit=50)]
        pushed = [row.message for row in unit.inbox.take_pushes(A, now=NOW, limit=50)]
    assert {(message.subject_id, message.kind) for message in guarded} == {
        (1, kind)
        for kind in MessageKind
        if kind not in {MessageKind.COMPANY, MessageKind.REQUISITE, MessageKind.LEDGER}
    }
    assert {message.kind for message in pushed} == {MessageKind.LEDGER}
    assert len(guarded) + len(rest) + len(pushed) == len(everything)


def test_a_message_of_a_held_deal_handed_over_goes_to_the_decide_lane(book: Book) -> None:
    add(book, wake())
    with book.write() as unit:
        unit.holds.add(hold())
        [row] = unit.inbox.take_guarded(A, now=NOW, limit=9)
        unit.inbox.hand_over([row.id], Lane.DECIDE)
        assert unit.inbox.take_guarded(A, now=NOW, limit=9) == []
        [again] = unit.inbox.take(A, now=NOW, limit=9)
    assert (again.message, again.lane, again.attempts) == (wake(), Lane.DECIDE, 0)


def test_news_of_a_held_deal_reach_the_guard_while_an_older_message_waits_for_a_decision(book: Book) -> None:
    add(book, wake())
    with book.write() as unit:
        unit.holds.add(hold())
        unit.inbox.hand_over([row.id for row in unit.inbox.take_guarded(A, now=NOW, limit=9)], Lane.DECIDE)
        assert unit.inbox.add([wake()]) == 1
        assert len(unit.inbox.take_guarded(A, now=NOW, limit=9)) == 1


def test_a_released_deal_is_no_longer_guarded(book: Book) -> None:
    add(book, wake())
    with book.write() as unit:
        episode = unit.holds.add(hold())
        unit.holds.change(dataclasses.replace(episode, state=HoldState.RELEASED, closed_at=NOW))
        assert unit.inbox.take_guarded(A, now=NOW, limit=9) == []


@pytest.mark.parametrize(("failed", "attempts"), [(True, 1), (False, 0)])
def test_a_postponed_message_waits_for_its_moment(book: Book, *, failed: bool, attempts: int) -> None:
    add(book, wake())
    with book.write() as unit:
        [row] = unit.inbox.take(A, now=NOW, limit=9)
        unit.inbox.postpone([row.id], until=NOW + SECOND, error="1C is silent", failed=failed)
        assert unit.inbox.take(A, now=NOW, limit=9) == []
        assert unit.inbox.waiting(A) == 1
        [again] = unit.inbox.take(A, now=NOW + SECOND, limit=9)
    assert again.attempts == attempts


def test_a_message_put_back_merges_with_its_like_that_came_meanwhile(book: Book) -> None:
    add(book, wake())
    with book.write() as unit:
        [row] = unit.inbox.take(A, now=NOW, limit=9)
        unit.inbox.add([wake()])
        unit.inbox.postpone([row.id], until=NOW + HOUR, error="", failed=True)
    assert taken(book) == [(MessageKind.DEAL, 1)]
    assert taken(book, now=NOW + HOUR) == []


def test_what_a_dead_process_had_taken_is_put_back(book: Book) -> None:
    add(book, wake(1), wake(2), robot("t"), wake(9, member=B))
    taken(book)
    taken(book, B)
    add(book, wake(2))
    with book.write() as unit:
        assert unit.inbox.reclaim(A) == 3
        assert unit.inbox.reclaim(A) == 0
    assert sorted(number for _, number in taken(book)) == [1, 1, 2]
    assert taken(book, B) == []


def test_a_finished_message_is_not_put_back_and_can_be_pruned(book: Book) -> None:
    add(book, wake(), wake(2))
    with book.write() as unit:
        unit.inbox.finish([row.id for row in unit.inbox.take(A, now=NOW, limit=1)])
        assert unit.inbox.reclaim(A) == 0
        assert unit.inbox.prune(NOW) == 0
        assert unit.inbox.prune(NOW + SECOND) == 1
        assert unit.inbox.waiting(A) == 1


def test_waiting_robots_are_unanswered_until_their_answers_are_effects(book: Book) -> None:
    add(
        book, robot("t1"), robot("t2"), robot("t3", deal=2), robot("t4", waiting=False), robot("t5", member=B)
    )
    taken(book)
    with book.write() as unit:
        assert unit.inbox.unanswered(A, 1) == [robot("t1"), robot("t2")]
        assert unit.inbox.unanswered_deals(A) == [1, 2]
        unit.inbox.answered(["t1", "t3"])
        assert unit.inbox.unanswered(A, 1) == [robot("t2")]
        assert unit.inbox.unanswered_deals(A) == [1]


LOOKS: list[tuple[str, Callable[[UnitOfWork], object]]] = [
    ("inbox", lambda unit: unit.inbox.take(B, now=NOW, limit=9)),
    ("waiting", lambda unit: unit.inbox.waiting(B)),
    ("ready", lambda unit: unit.inbox.ready(B, now=NOW)),
    ("deals", lambda unit: unit.deals.many(B, [1])),
    ("checks", lambda unit: unit.checks.of_deal(B, 1, limit=9)),
    ("reserves", lambda unit: unit.reserves.of_account(B, "7701", now=NOW)),
    ("holds", lambda unit: unit.holds.open_of_accounts(B, ["7701"])),
    ("episodes", lambda unit: unit.holds.episodes(B, 1)),
    ("effects", lambda unit: unit.effects.due(B, now=NOW, limit=9)),
    ("cancelled", lambda unit: unit.effects.cancel_pending(B, 1)),
    ("unanswered", lambda unit: unit.inbox.unanswered(B, 1)),
    ("dropped", lambda unit: unit.reserves.drop(B, 1)),
]


@pytest.mark.parametrize("look", [look for _, look in LOOKS], ids=[name for name, _ in LOOKS])
def test_no_portal_sees_the_rows_of_another(book: Book, look: Callable[[UnitOfWork], object]) -> None:
    with book.write() as unit:
        unit.inbox.add([wake(), robot("t")])
        unit.deals.save(deal_record())
        unit.reserves.put(reserve(1))
        unit.holds.add(hold())
        unit.effects.add([effect("k")])
        assert not look(unit)
