"""Pages of recorded checks cost the same, however many checks there are."""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import event

from b24app.storage.engine import memory_database
from b24app.storage.verdicts import SqlChecks


@pytest.mark.parametrize("since", [None, datetime(2026, 11, 24, tzinfo=UTC)], ids=["all", "since a day"])
def test_checks_are_walked_by_id_and_never_sorted(since: datetime | None) -> None:
    database = memory_database()
    said: list[tuple[str, Any]] = []

    def listen(_connection: object, _cursor: object, statement: str, parameters: Any, *_: object) -> None:
        said.append((statement, parameters))

    with database.read() as connection:
        event.listen(database.engine, "before_cursor_execute", listen)
        SqlChecks(connection).packed("portal", after=5, limit=10, since=since)
        event.remove(database.engine, "before_cursor_execute", listen)
        [(statement, parameters)] = said
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters).all()
    assert [step.detail for step in plan] == ["SEARCH checks USING INTEGER PRIMARY KEY (rowid>?)"]
    database.close()
