"""Fixtures of the contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24app.storage.book import SqlBook
from b24app.storage.engine import memory_database
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from b24app.ports.book import Book


@pytest.fixture(params=["memory", "file"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    if request.param == "memory":
        database = memory_database()
    else:
        database = open_database(f"sqlite:///{tmp_path / 'book.sqlite3'}")
        migrate(database)
    yield SqlBook(database)
    database.close()
