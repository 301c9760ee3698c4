"""Lists out of vendor answers, never by position: every row is known by its own id (bitrix24 3.3)."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Mapping
from collections.abc import Sequence
from typing import Any

from b24app.ports.errors import BadAnswer
from b24app.protocol.answers import BatchAnswer

PAGE = 50

Row = Mapping[str, Any]


def wanted(answer: BatchAnswer, command: str) -> Any:
    """Return a command's result; raise its error, or `BadAnswer` when the batch does not mention it."""
    if command in answer.errors:
        raise answer.errors[command]
    if command not in answer.results:
        raise BadAnswer(f"batch: no answer to {command}")
    return answer.results[command]


def rows_of(result: Any, name: str | None = None) -> list[Row]:
    """Return the rows of a list method: the result itself, or the list under a name in it."""
    rows = result.get(name, []) if name is not None and isinstance(result, Mapping) else result
    if not isinstance(rows, list):
        raise BadAnswer(f"a list was expected, {type(rows).__name__} came")
    return [row for row in rows if isinstance(row, Mapping)]


def whole(value: Any) -> int:
    """Read an id, written as a number or a string; 0 for none, which comes as 0, "", null or false."""
    try:
        return int(str(value or 0))
    except ValueError:
        return 0


def by_id(rows: Iterable[Row], key: str) -> dict[int, Row]:
    """Index rows by their id, leaving out rows without one."""
    return {whole(row.get(key)): row for row in rows if whole(row.get(key))}


def pages(ids: Iterable[int], size: int = PAGE) -> list[Sequence[int]]:
    """Cut distinct ids, in growing order, into pages."""
    ordered = sorted(set(ids))
    return [ordered[index : index + size] for index in range(0, len(ordered), size)]
