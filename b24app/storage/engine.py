"""The database as a whole: how it is opened, locked for writing and migrated."""

from __future__ import annotations

import json
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from typing import Any

from alembic import command
from alembic.config import Config as AlembicConfig
from sqlalchemy import QueuePool
from sqlalchemy import create_engine
from sqlalchemy import event
from sqlalchemy.engine import make_url

from b24app.storage.errors import DatabaseBusyError
from b24app.storage.tables import metadata

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy import Engine
    from sqlalchemy.engine import URL
    from sqlalchemy.engine.interfaces import DBAPIConnection
    from sqlalchemy.pool import ConnectionPoolEntry

BUSY_SECONDS = 30
MIGRATIONS = Path(__file__).with_name("migrations")
_WRITES = "b24app_writes"


class Database:
    """An engine with short transactions of two kinds: `write` holds the write lock from its first line.

    On SQLite writers of this process queue at a lock of their own, because SQLite's busy wait is a poll that
    would make them wait longer than needed; writers of other processes meet at BEGIN IMMEDIATE.
    """

    def __init__(self, engine: Engine) -> None:
        self.engine = engine
        self._turn = threading.Lock() if engine.dialect.name == "sqlite" else None

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Commit on a clean exit, roll back on an exception; raises `DatabaseBusyError` after 30 s."""
        if self._turn is not None and not self._turn.acquire(timeout=BUSY_SECONDS):
            raise DatabaseBusyError(f"the write lock was not free for {BUSY_SECONDS} s")
        try:
            with self.engine.connect().execution_options(**{_WRITES: True}) as connection, connection.begin():
                yield connection
        finally:
            if self._turn is not None:
                self._turn.release()

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a consistent view; nothing done in it is kept."""
        with self.engine.connect() as connection:
            if connection.dialect.name != "sqlite":
                connection = connection.execution_options(isolation_level="REPEATABLE READ")  # noqa: PLW2901 - the same one
            with connection.begin() as transaction:
                yield connection
                transaction.rollback()

    def close(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()


def open_database(url: str) -> Database:
    """Open the database of an SQLAlchemy URL; nothing is created or migrated yet.

    `sqlite:///file` and `postgresql+psycopg://…` are served. A database in memory (`sqlite://`) has a single
    connection, which its users take in turn.
    """
    return Database(open_engine(url))


def open_engine(url: str) -> Engine:
    """Make the engine, with the settings that durability needs."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, json_serializer=_to_json, pool_pre_ping=True, pool_size=20)
    options: dict[str, Any] = {"pool_size": 20, "max_overflow": 40, "pool_timeout": BUSY_SECONDS}
    if sqlite_file(parsed) is None:
        options = {"pool_size": 1, "max_overflow": 0, "pool_timeout": 10}
    engine = create_engine(
        parsed,
        json_serializer=_to_json,
        poolclass=QueuePool,
        connect_args={"check_same_thread": False, "timeout": BUSY_SECONDS},
        **options,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def sqlite_file(url: URL | str) -> Path | None:
    """Return the file behind a SQLite URL; None for another database or one in memory."""
    parsed = make_url(url)
    name = parsed.database
    if parsed.get_backend_name() != "sqlite" or not name or name == ":memory:":
        return None
    return Path(name)


def migrate(database: Database) -> None:
    """Bring the schema to the newest revision; nothing happens when it already is."""
    with database.write() as connection:
        command.upgrade(alembic_config(connection), "head")


def alembic_config(connection: Connection) -> AlembicConfig:
    """Return Alembic's settings for our migrations over an open connection."""
    config = AlembicConfig()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def memory_database() -> Database:
    """Open an empty database in memory with the whole schema, for tests and trials."""
    database = open_database("sqlite://")
    with database.write() as connection:
        metadata.create_all(connection)
    return database


def _to_json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _prepare_sqlite(connection: DBAPIConnection, entry: ConnectionPoolEntry) -> None:
    """Take transactions into our own hands and make a commit survive a power cut."""
    del entry
    connection.isolation_level = None  # the driver would begin by itself, and too late
    cursor = connection.cursor()
    for pragma in (
        f"busy_timeout={BUSY_SECONDS * 1000}",
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(_WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
