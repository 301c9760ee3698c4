"""The promises of the token vault and of the rate bucket."""

from __future__ import annotations

import sqlite3
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import text

from b24app.ports.portal import Priority
from b24app.ports.tokens import TokenPair
from b24app.storage.engine import Database
from b24app.storage.engine import memory_database
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.errors import BadSecretKeyError
from b24app.storage.secrets import SecretBox
from b24app.storage.secrets import new_secret_key
from b24app.storage.tokens import SqlRateBucket
from b24app.storage.tokens import SqlTokenVault

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

A, B = "portal-a", "portal-b"
NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
OLD_KEY = new_secret_key()
PAIR = TokenPair(7, "access-1", "refresh-1", NOW + timedelta(hours=1))
NEXT = TokenPair(7, "access-2", "refresh-2", NOW + timedelta(hours=2))


@pytest.fixture(params=["memory", "file"])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "memory":
        opened = memory_database()
    else:
        opened = open_database(f"sqlite:///{tmp_path / 'book.sqlite3'}")
        migrate(opened)
    yield opened
    opened.close()


@pytest.fixture
def vault(database: Database) -> SqlTokenVault:
    return SqlTokenVault(database, SecretBox(OLD_KEY))


def seconds(count: float) -> datetime:
    return NOW + timedelta(seconds=count)


def test_a_pair_comes_back_and_belongs_to_one_portal(vault: SqlTokenVault) -> None:
    assert vault.pair(A) is None
    vault.save(A, PAIR)
    assert vault.pair(A) == PAIR
    assert vault.pair(B) is None
    vault.save(A, NEXT)
    assert vault.pair(A) == NEXT


def test_the_application_token_lives_beside_the_pair(vault: SqlTokenVault) -> None:
    vault.set_application_token(A, "constant")
    assert vault.pair(A) is None
    assert not vault.lease(A, refused="x", now=NOW, seconds=30)
    vault.save(A, PAIR)
    assert vault.application_token(A) == "constant"
    assert vault.application_token(B) is None


def test_after_uninstall_nothing_is_left(vault: SqlTokenVault) -> None:
    vault.save(A, PAIR)
    vault.save(B, PAIR)
    vault.set_application_token(A, "constant")
    vault.forget(A)
    assert (vault.pair(A), vault.application_token(A), vault.pair(B)) == (None, None, PAIR)


def test_of_many_who_saw_one_refused_token_one_may_refresh(vault: SqlTokenVault) -> None:
    vault.save(A, PAIR)
    with ThreadPoolExecutor(8) as pool:
        wins = pool.map(lambda _: vault.lease(A, refused="access-1", now=NOW, seconds=30), range(16))
    assert sum(wins) == 1


def test_a_lease_ends_by_release_by_time_or_by_new_tokens(vault: SqlTokenVault) -> None:
    vault.save(A, PAIR)
    assert vault.lease(A, refused="access-1", now=NOW, seconds=30)
    assert not vault.lease(A, refused="access-1", now=seconds(29), seconds=30)
    assert vault.lease(A, refused="access-1", now=seconds(30), seconds=30)
    vault.release(A, refused="another")
    assert not vault.lease(A, refused="access-1", now=seconds(31), seconds=30)
    vault.release(A, refused="access-1")
    assert vault.lease(A, refused="access-1", now=seconds(31), seconds=30)
    vault.save(A, NEXT)
    assert not vault.lease(A, refused="access-1", now=seconds(32), seconds=30)
    assert vault.lease(A, refused="access-2", now=seconds(32), seconds=30)


def test_a_refresh_replaces_only_the_pair_it_began_with(vault: SqlTokenVault) -> None:
    vault.save(A, PAIR)
    assert not vault.replace(A, NEXT, refused="another")
    assert vault.pair(A) == PAIR
    assert vault.replace(A, NEXT, refused="access-1")
    assert vault.pair(A) == NEXT
    vault.forget(A)
    assert not vault.replace(A, PAIR, refused="access-2")
    assert vault.pair(A) is None


def test_dead_tokens_are_let_go_and_the_application_token_stays(vault: SqlTokenVault) -> None:
    vault.save(A, PAIR)
    vault.set_application_token(A, "constant")
    vault.discard(A, refused="another")
    assert vault.pair(A) == PAIR
    vault.discard(A, refused="access-1")
    assert (vault.pair(A), vault.application_token(A)) == (None, "constant")
    vault.save(A, NEXT)
    assert vault.pair(A) == NEXT


def test_no_secret_lies_open_in_the_database(vault: SqlTokenVault, database: Database) -> None:
    vault.save(A, PAIR)
    vault.set_application_token(A, "constant")
    with database.read() as connection:
        stored = str(connection.execute(text("SELECT * FROM portal_secrets")).all())
    assert not any(secret in stored for secret in ("access-1", "refresh-1", "constant"))


def test_no_secret_shows_in_a_repr(vault: SqlTokenVault) -> None:
    vault.save(A, PAIR)
    printed = f"{vault.pair(A)!r} {vault!r} {SecretBox(OLD_KEY)!r}"
    assert not any(secret in printed for secret in ("access-1", "refresh-1", OLD_KEY))


def test_rotation_reseals_everything_with_the_new_key(vault: SqlTokenVault, database: Database) -> None:
    new_key = new_secret_key()
    vault.save(A, PAIR)
    vault.set_application_token(A, "constant")
    vault.set_application_token(B, "other")
    assert vault.rotate(SecretBox(new_key)) == 2
    assert vault.pair(A) == PAIR
    fresh = SqlTokenVault(database, SecretBox(new_key))
    assert (fresh.pair(A), fresh.application_token(A), fresh.application_token(B)) == (
        PAIR,
        "constant",
        "other",
    )
    with pytest.raises(BadSecretKeyError):
        SqlTokenVault(database, SecretBox(OLD_KEY)).pair(A)


def test_a_rotation_that_fails_changes_nothing(vault: SqlTokenVault, database: Database) -> None:
    vault.save(A, PAIR)
    SqlTokenVault(database, SecretBox(new_secret_key())).save(B, PAIR)
    with pytest.raises(BadSecretKeyError):
        vault.rotate(SecretBox(new_secret_key()))
    assert vault.pair(A) == PAIR


# The bucket


def test_the_bucket_holds_nine_tenths_and_drains_at_its_rate(database: Database) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=50)
    assert [bucket.take(A, Priority.URGENT, now=NOW) for _ in range(45)] == [0.0] * 45
    assert bucket.take(A, Priority.URGENT, now=NOW) == 0.5
    assert bucket.take(A, Priority.URGENT, now=seconds(0.5)) == 0.0
    assert bucket.take(A, Priority.URGENT, now=seconds(0.5)) == 0.5
    assert bucket.take(B, Priority.URGENT, now=NOW) == 0.0


@pytest.mark.parametrize(
    ("priority", "room"), [(Priority.BULK, 27), (Priority.NORMAL, 40), (Priority.URGENT, 45)]
)
def test_each_priority_fills_its_share(database: Database, priority: Priority, room: int) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=50)
    for _ in range(room):
        assert bucket.take(A, priority, now=NOW) == 0.0
    assert bucket.take(A, priority, now=NOW) > 0
    if priority is not Priority.URGENT:
        assert bucket.take(A, Priority.URGENT, now=NOW) == 0.0


def test_waiting_as_long_as_told_is_enough(database: Database) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=3)
    moment = NOW
    for _ in range(20):
        pause = bucket.take(A, Priority.BULK, now=moment)
        moment += timedelta(seconds=pause, microseconds=1 if pause else 0)
        assert pause == 0 or bucket.take(A, Priority.BULK, now=moment) == 0.0


def test_threads_together_take_no_more_than_there_is(database: Database) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=50)
    with ThreadPoolExecutor(20) as pool:
        waits = list(pool.map(lambda _: bucket.take(A, Priority.URGENT, now=NOW), range(80)))
    assert waits.count(0.0) == 45


def test_a_refusal_for_speed_fills_the_bucket(database: Database) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=50)
    bucket.drain(A, now=NOW)
    assert bucket.take(A, Priority.URGENT, now=NOW) == 3.0
    assert bucket.take(A, Priority.URGENT, now=seconds(3)) == 0.0


def test_a_clock_set_back_gives_no_room_away(database: Database) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=50)
    bucket.drain(A, now=NOW)
    assert bucket.take(A, Priority.URGENT, now=seconds(-60)) == 3.0


def test_a_method_is_parked_until_its_moment(database: Database) -> None:
    bucket = SqlRateBucket(database, rate=2, burst=50)
    bucket.park(A, "crm.item.update", until=seconds(60))
    bucket.park(A, "crm.item.update", until=seconds(90))
    assert bucket.parked(A, now=seconds(89)) == {"crm.item.update": seconds(90)}
    assert bucket.parked(A, now=seconds(90)) == {}
    assert bucket.parked(B, now=NOW) == {}


# Keys


@pytest.mark.parametrize(
    "key", ["", " , ", "short", "x" * 31], ids=["empty", "commas", "short", "one letter short"]
)
def test_a_weak_key_is_refused_without_being_shown(key: str) -> None:
    with pytest.raises(BadSecretKeyError) as caught:
        SecretBox(key)
    assert not key.strip(" ,") or key not in str(caught.value)


def test_a_passphrase_opens_what_it_sealed_in_another_process() -> None:
    phrase = "слишком длинная фраза, чтобы её забыть, и с запятыми тоже".replace(",", "")
    assert SecretBox(phrase).open(SecretBox(phrase).seal("hush")) == "hush"


def test_an_old_key_behind_the_new_one_still_opens() -> None:
    sealed = SecretBox(OLD_KEY).seal("hush")
    assert SecretBox(f"{new_secret_key()}, {OLD_KEY}").open(sealed) == "hush"


def test_the_file_database_is_the_kind_that_survives_a_power_cut(tmp_path: Path) -> None:
    file = tmp_path / "book.sqlite3"
    opened = open_database(f"sqlite:///{file}")
    migrate(opened)
    with opened.read() as connection:
        answers = [
            connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
    opened.close()
    assert answers == ["wal", 2, 1]
    assert sqlite3.threadsafety >= 1
