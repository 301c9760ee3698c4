"""The database as a whole: its schema, its transactions, its lock."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_mock_engine
from sqlalchemy import text
from sqlalchemy.dialects import postgresql

from b24app.domain.money import Money
from b24app.storage.engine import memory_database
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from b24app.storage.engine import sqlite_file
from b24app.storage.errors import BrokenRowError
from b24app.storage.errors import DatabaseInUseError
from b24app.storage.process_lock import ProcessLock
from b24app.storage.tables import buckets
from b24app.storage.tables import metadata
from b24app.storage.types import money_values

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from sqlalchemy import ClauseElement

    from b24app.storage.engine import Database

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
HOLDER = """
import sys, time
from pathlib import Path
from b24app.storage.process_lock import ProcessLock
ProcessLock(Path(sys.argv[1])).acquire()
print("held", flush=True)
time.sleep(60)
"""


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = open_database(f"sqlite:///{tmp_path / 'book.sqlite3'}")
    migrate(opened)
    yield opened
    opened.close()


def schema(database: Database) -> dict[str, str]:
    query = "SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL AND name NOT LIKE 'alembic%'"
    with database.read() as connection:
        return {name: " ".join(sql.split()) for name, sql in connection.execute(text(query))}


def test_the_migrated_schema_is_the_one_in_the_tables(database: Database) -> None:
    with database.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []


def test_the_migrated_schema_has_the_same_partial_indexes(database: Database) -> None:
    """Alembic does not compare the conditions of indexes."""
    memory = memory_database()
    made, migrated = schema(memory), schema(database)
    memory.close()
    assert made.keys() == migrated.keys()
    indexes = {name for name, sql in made.items() if " WHERE " in sql}
    assert indexes
    assert {name: made[name] for name in indexes} == {name: migrated[name] for name in indexes}


def test_postgresql_can_spell_every_table_and_index() -> None:
    written: list[str] = []
    dialect = postgresql.dialect()  # type: ignore[no-untyped-call]  # untyped in SQLAlchemy

    def note(statement: ClauseElement, *_: object) -> None:
        written.append(str(statement.compile(dialect=dialect)))

    metadata.create_all(create_mock_engine("postgresql+psycopg://", note), checkfirst=False)
    assert sum("CREATE TABLE" in statement for statement in written) == len(metadata.tables)
    assert sum(" WHERE " in statement for statement in written) == 5


def test_migrating_twice_changes_nothing(database: Database) -> None:
    before = schema(database)
    migrate(database)
    assert schema(database) == before


def test_two_processes_at_once_do_not_lose_an_update(tmp_path: Path, database: Database) -> None:
    """Two engines share no lock of ours: only BEGIN IMMEDIATE keeps them apart."""
    other = open_database(f"sqlite:///{tmp_path / 'book.sqlite3'}")
    with database.write() as connection:
        connection.execute(buckets.insert().values(member_id="a", level=0, updated_at=NOW))

    def add_one(number: int) -> None:
        with (database, other)[number % 2].write() as connection:
            level = connection.scalars(buckets.select().with_only_columns(buckets.c.level)).one()
            connection.execute(buckets.update().values(level=level + 1))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(add_one, range(60)))
    with other.read() as connection:
        assert connection.scalars(text("SELECT level FROM buckets")).one() == 60
    other.close()


def test_a_view_stays_what_it_was_while_others_write(database: Database) -> None:
    count = text("SELECT count(*) FROM buckets")
    with database.read() as view:
        assert view.scalars(count).one() == 0
        with database.write() as connection:
            connection.execute(buckets.insert().values(member_id="a", level=0, updated_at=NOW))
        assert view.scalars(count).one() == 0
    with database.read() as view:
        assert view.scalars(count).one() == 1


def test_one_database_in_memory_serves_several_threads() -> None:
    database = memory_database()

    def add(number: int) -> None:
        with database.write() as connection:
            connection.execute(buckets.insert().values(member_id=str(number), level=0, updated_at=NOW))

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(add, range(40)))
    with database.read() as connection:
        assert connection.scalars(text("SELECT count(*) FROM buckets")).one() == 40
    database.close()


def test_a_second_process_is_refused_and_the_lock_ends_with_its_holder(tmp_path: Path) -> None:
    file = tmp_path / "book.sqlite3"
    command = [sys.executable, "-c", HOLDER, str(file)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as holder:  # noqa: S603 - our own interpreter
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        with pytest.raises(DatabaseInUseError, match="in use by another process"):
            ProcessLock(file).acquire()
        holder.kill()
    with ProcessLock(file), pytest.raises(DatabaseInUseError):
        ProcessLock(file).acquire()
    lock = ProcessLock(file)
    lock.acquire()
    lock.release()
    lock.release()


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("sqlite:///a/b.sqlite3", "a/b.sqlite3"),
        ("sqlite://", None),
        ("sqlite:///:memory:", None),
        ("postgresql+psycopg://u:p@h/d", None),
    ],
)
def test_only_a_file_of_sqlite_is_a_file(url: str, name: str | None) -> None:
    found = sqlite_file(url)
    assert (found.as_posix() if found else None) == name


def test_an_amount_too_large_for_the_column_is_refused() -> None:
    with pytest.raises(BrokenRowError):
        money_values("amount", Money(Decimal(10) ** 17, "RUB"))
