"""The book's promises about credit policies: versions never change, and one of two writers is first."""

from __future__ import annotations

import dataclasses
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from b24app.ports.records import PolicyRecord
from tests.contract.rows import HOUR
from tests.contract.rows import NOW
from tests.contract.rows import SECOND
from tests.contract.rows import A
from tests.contract.rows import B
from tests.contract.rows import reserve

if TYPE_CHECKING:
    from b24app.ports.book import Book

FIRST = PolicyRecord(A, 1, '[limits]\ndefault_limit = "0.00 RUB"  # ₽\r\n', "ivanov", NOW, "начало")


def test_a_portal_without_a_policy_has_none(book: Book) -> None:
    with book.read() as unit:
        assert unit.policies.newest_version(A) == 0
        assert unit.policies.newest(A) is None
        assert unit.policies.get(A, 1) is None
        assert unit.policies.all(A) == []


def test_the_newest_version_is_in_force_and_the_old_ones_stay(book: Book) -> None:
    second = dataclasses.replace(FIRST, version=2, note="", made_at=NOW + SECOND)
    with book.write() as unit:
        assert unit.policies.add(FIRST)
        assert unit.policies.add(dataclasses.replace(FIRST, member_id=B))
    with book.write() as unit:
        assert unit.policies.add(second)
    with book.read() as unit:
        assert unit.policies.newest_version(A) == 2
        assert unit.policies.newest(A) == second
        assert unit.policies.all(A) == [FIRST, second]
        assert unit.policies.get(A, 1) == FIRST
        assert unit.policies.newest_version(B) == 1


def test_a_version_is_stored_once(book: Book) -> None:
    with book.write() as unit:
        assert unit.policies.add(FIRST)
        assert not unit.policies.add(dataclasses.replace(FIRST, document="other"))
        assert unit.policies.get(A, 1) == FIRST


def test_of_many_writers_who_saw_the_same_version_one_is_first(book: Book) -> None:
    barrier = threading.Barrier(8)

    def store(number: int) -> bool:
        barrier.wait()
        with book.write() as unit:
            return unit.policies.add(dataclasses.replace(FIRST, author=str(number)))

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(store, range(8))) == 1


def test_live_reserves_of_a_portal_are_of_all_its_accounts(book: Book) -> None:
    with book.write() as unit:
        for row in (reserve(2, inn="7702"), reserve(1), reserve(3, expires=NOW), reserve(4, B)):
            unit.reserves.put(row)
        assert unit.reserves.live(A, now=NOW) == [reserve(1), reserve(2, inn="7702")]
        assert unit.reserves.live(A, now=NOW + HOUR) == []
