"""Fixtures of the contract suites."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from b24app.sandbox.portal import SandboxPortal
from b24app.storage.book import SqlBook
from b24app.storage.engine import memory_database
from b24app.storage.engine import migrate
from b24app.storage.engine import open_database
from tests.contract.sides import fake_side
from tests.contract.sides import wire_side
from tests.contract.sides import world

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from b24app.ports.book import Book
    from tests.contract.sides import Side


@pytest.fixture(params=["memory", "file"])
def book(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Book]:
    if request.param == "memory":
        database = memory_database()
    else:
        database = open_database(f"sqlite:///{tmp_path / 'book.sqlite3'}")
        migrate(database)
    yield SqlBook(database)
    database.close()


@pytest.fixture(params=["fake", "gateway"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """Run each test of the Portal port over both."""
    if request.param == "fake":
        yield fake_side()
        return
    with SandboxPortal(world(), rate=1000, burst=5000) as sandbox:
        yield wire_side(sandbox)
