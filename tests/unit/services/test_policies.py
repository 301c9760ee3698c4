"""Policies by portal: the version in force, a new one taking its place, the deals it wakes (F7, F26)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from dataclasses import field
from dataclasses import replace
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from b24app.config import Credit
from b24app.domain.decision import Outcome
from b24app.domain.hold import HoldState
from b24app.files.policy_diff import Stamp
from b24app.files.policy_file import UnreadablePolicyError
from b24app.files.policy_file import write_policy
from b24app.files.policy_seed import default_text
from b24app.files.policy_seed import seed
from b24app.ports.records import MessageKind
from b24app.ports.records import PolicyRecord
from b24app.services.policies import Accepted
from b24app.services.policies import PolicyBook
from b24app.services.policies import PolicyMovedError
from b24app.services.policies import RefusedPolicyError
from b24app.storage.book import SqlBook
from b24app.storage.book import memory_book
from tests.contract.rows import deal_record
from tests.contract.rows import hold
from tests.contract.rows import reserve

A, B = "portal-a", "portal-b"
NOW = datetime(2026, 11, 24, 22, 30, tzinfo=UTC)
STRICTER = default_text().replace("days = 90", "days = 60")


@dataclass
class Hand:
    """A clock set by hand."""

    at: datetime = NOW

    def now(self) -> datetime:
        return self.at


@dataclass
class House:
    """A book with a policy keeper over it."""

    book: SqlBook = field(default_factory=memory_book)
    clock: Hand = field(default_factory=Hand)
    currencies_of: Callable[[str], frozenset[str] | None] | None = None

    @property
    def keeper(self) -> PolicyBook:
        """A keeper that has parsed nothing yet, as after a start."""
        zone = ZoneInfo("Europe/Moscow")
        return PolicyBook(
            book=self.book,
            clock=self.clock,
            seed=seed(Credit()),
            zone=zone,
            currencies_of=self.currencies_of,
        )

    def bring_in(self, text: str, member_id: str = A, author: str = "ivanov") -> Accepted:
        keeper = self.keeper
        return keeper.accept(member_id, keeper.examine(member_id, text), author=author, note="почему")

    def waiting(self, member_id: str = A) -> list[tuple[MessageKind, int]]:
        with self.book.write() as unit:
            taken = unit.inbox.take(member_id, now=self.clock.at, limit=50)
            taken += unit.inbox.take_guarded(member_id, now=self.clock.at, limit=50)
            return [(row.message.kind, row.message.subject_id) for row in taken]


@pytest.fixture
def house() -> House:
    return House()


def test_a_fresh_portal_has_the_seed_and_stores_it_as_version_1(house: House) -> None:
    keeper = house.keeper
    assert keeper.current(A) == seed(Credit())
    assert keeper.current(A).version == "0"
    assert (keeper.record(A), keeper.at(A, 1), keeper.stamps(A)) == (None, None, {})
    assert keeper.ensure(A) == 1
    assert keeper.ensure(A) == 1
    assert keeper.current(A) == replace(seed(Credit()), version="1")
    record = keeper.record(A)
    assert record is not None
    assert (record.author, record.made_at, record.document) == ("b24app", NOW, write_policy(seed(Credit())))
    assert keeper.current(B).version == "0"


def test_a_new_version_takes_the_old_ones_place_at_once(house: House) -> None:
    keeper = house.keeper
    keeper.ensure(A)
    assert keeper.current(A).version == "1"
    assert house.bring_in(STRICTER) == Accepted(2, 0)
    assert keeper.current(A).version == "2"
    assert [rule.days for rule in keeper.current(A).rules.rules] == [60]
    first = keeper.at(A, 1)
    assert first is not None
    assert [rule.days for rule in first.rules.rules] == [90]
    assert keeper.record(A) == PolicyRecord(A, 2, STRICTER, "ivanov", NOW, "почему")


def test_a_version_is_parsed_once(house: House) -> None:
    keeper = house.keeper
    keeper.ensure(A)
    assert keeper.current(A) is keeper.current(A)


def test_an_import_before_the_first_start_keeps_the_seed_as_version_1(house: House) -> None:
    assert house.bring_in(STRICTER).version == 2
    assert house.keeper.at(A, 1) == replace(seed(Credit()), version="1")


def test_a_file_that_changes_nothing_makes_no_version(house: House) -> None:
    assert house.bring_in(default_text()) == Accepted(1, 0)
    assert house.bring_in(write_policy(house.keeper.current(A))) == Accepted(1, 0)


@pytest.mark.parametrize("text", ["[limits", default_text() + "[[rules]]\nid = 'x'\ntype = 'y'\n"])
def test_of_a_bad_file_nothing_is_stored_and_the_old_policy_stays(house: House, text: str) -> None:
    house.keeper.ensure(A)
    examined = house.keeper.examine(A, text)
    assert examined.reading.errors
    assert examined.changes == ()
    with pytest.raises(RefusedPolicyError):
        house.keeper.accept(A, examined, author="ivanov")
    assert house.keeper.current(A).version == "1"


def test_a_file_compared_with_what_is_not_in_force_any_more_is_not_stored(house: House) -> None:
    examined = house.keeper.examine(A, STRICTER)
    house.bring_in(STRICTER.replace("days = 60", "days = 45"))
    with pytest.raises(PolicyMovedError):
        house.keeper.accept(A, examined, author="petrov")
    assert house.keeper.current(A).version == "2"


def test_f26_what_is_held_waits_or_is_not_shipped_yet_is_woken_in_the_same_transaction(house: House) -> None:
    with house.book.write() as unit:
        unit.holds.add(hold(1))
        unit.holds.add(replace(hold(2), state=HoldState.RELEASED, closed_at=NOW))
        unit.deals.save(replace(deal_record(3, outcome=Outcome.TECHNICAL), technical_since=NOW))
        unit.deals.save(deal_record(4))
        unit.reserves.put(reserve(4, expires=NOW + timedelta(days=3)))
        unit.reserves.put(reserve(5, expires=NOW - timedelta(days=3)))
        unit.holds.add(hold(6, B))
        unit.holds.add(hold(4, A))
    assert house.bring_in(STRICTER) == Accepted(2, 3)
    assert sorted(house.waiting()) == [(MessageKind.RECHECK, deal) for deal in (1, 3, 4)]
    assert house.waiting(B) == []


def test_nobody_is_woken_when_nothing_is_stored(house: House) -> None:
    with house.book.write() as unit:
        unit.holds.add(hold(1))
    examined = house.keeper.examine(A, STRICTER)
    house.bring_in(STRICTER)
    house.waiting()
    with pytest.raises(PolicyMovedError):
        house.keeper.accept(A, examined, author="petrov")
    assert house.waiting() == []


def test_today_and_the_known_currencies_are_asked_for_the_check(house: House) -> None:
    text = default_text() + (
        '[[credit_groups]]\ncode = "h"\nname = "H"\nlimit = "5.00 EUR"\nuntil = 2026-11-24\n'
        'members = ["7707083893"]\n'
    )
    # At half past ten in the evening in UTC it is the 25th in Moscow.
    asked = [problem.key for problem in house.keeper.examine(A, text).reading.problems]
    assert asked == ["rate_not_known", "group_over"]
    house.currencies_of = {A: frozenset({"USD"}), B: frozenset({"EUR"})}.get
    assert [each.key for each in house.keeper.examine(A, text).reading.errors] == ["no_rate"]
    assert [each.key for each in house.keeper.examine(B, text).reading.problems] == ["group_over"]
    assert [each.key for each in house.keeper.examine(None, text).reading.errors] == []


def test_a_rule_is_stamped_with_whoever_changed_it_last(house: House) -> None:
    house.keeper.ensure(A)
    house.clock.at += timedelta(days=1)
    more = STRICTER + '[[rules]]\nid = "used"\ntype = "limit_used"\npercent = 95\n'
    house.bring_in(more, author="ivanov")
    house.clock.at += timedelta(days=1)
    house.bring_in(more.replace("warn_percent = 80", "warn_percent = 70"), author="petrov")
    stamp = Stamp(2, "ivanov", NOW + timedelta(days=1))
    keeper = house.keeper
    for _ in range(2):
        assert keeper.stamps(A) == {"overdue-90": stamp, "used": stamp}


def test_a_stored_policy_nobody_can_read_decides_nothing(house: House) -> None:
    house.keeper.ensure(A)
    with house.book.write() as unit:
        unit.policies.add(PolicyRecord(A, 2, "[limits]\nof_the_future = 1\n", "ivanov", NOW))
    with pytest.raises(UnreadablePolicyError):
        house.keeper.current(A)
    assert house.keeper.stamps(A)["overdue-90"].version == 1
    assert house.keeper.at(A, 1) is not None


def test_a_stored_policy_nobody_can_read_is_replaced_by_an_import(house: House) -> None:
    with house.book.write() as unit:
        unit.policies.add(PolicyRecord(A, 1, "[limits", "ivanov", NOW))
    [change] = house.keeper.examine(A, default_text()).changes
    assert (change.what, change.before) == ("Вся политика", "прежняя не читается")
    assert house.bring_in(default_text()).version == 2
    assert house.keeper.current(A).version == "2"
