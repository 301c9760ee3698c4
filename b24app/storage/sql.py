"""The few statements both databases know but SQLAlchemy spells per dialect."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING
from typing import Any
from typing import TypeVar

from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects import sqlite

if TYPE_CHECKING:
    from collections.abc import Iterable
    from collections.abc import Iterator

    from sqlalchemy import Connection
    from sqlalchemy import Table

Item = TypeVar("Item")
# Far below SQLite's limit of 32,766 parameters a statement.
CHUNK = 500


def chunks(items: Iterable[Item]) -> Iterator[list[Item]]:
    """Cut a series into lists of at most 500, so that no statement grows beyond the database's limits."""
    source = iter(items)
    while chunk := list(islice(source, CHUNK)):
        yield chunk


def insert_new(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> int:
    """Insert the rows that break no unique index; return how many went in."""
    insert = _insert(connection)
    return sum(
        connection.execute(insert(table).on_conflict_do_nothing(), chunk).rowcount for chunk in chunks(rows)
    )


def upsert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    """Insert rows or replace those with the same primary key."""
    keys = [column.name for column in table.primary_key]
    statement = _insert(connection)(table)
    for chunk in chunks(rows):
        changed = {name: statement.excluded[name] for name in chunk[0] if name not in keys}
        connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changed), chunk)


def _insert(connection: Connection) -> Any:
    return postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
