"""JSON as 1C writes it, piece by piece: exact numbers, whole numbers as strings, dates without a zone."""

from __future__ import annotations

import json
from collections.abc import Iterable
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from b24app.sandbox.onec.schema import Row
    from b24app.sandbox.onec.schema import Value

_CHUNK = 32_768


def render(value: Value) -> str:
    """One value (onec_odata 1.3): Int64 is a string, Double a number, empty things stay 1C's empty things."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, int):
        return f'"{value}"'
    if isinstance(value, Decimal):
        return _number(value)
    if isinstance(value, datetime):
        return f'"{value.isoformat(timespec="seconds")}"'
    if isinstance(value, tuple):
        return "[" + ",".join(map(render, value)) + "]"
    return "{" + ",".join(f"{json.dumps(k, ensure_ascii=False)}:{render(v)}" for k, v in value.items()) + "}"


def collection(rows: Iterable[Row], heading: dict[str, str]) -> Iterator[bytes]:
    """A whole collection in chunks; `heading` goes before `value`."""
    titles = "".join(f"{json.dumps(k)}:{json.dumps(v, ensure_ascii=False)}," for k, v in heading.items())
    buffer, size = ["{" + titles + '"value":['], 0
    for number, row in enumerate(rows):
        piece = ("," if number else "") + render(row)
        buffer.append(piece)
        size += len(piece)
        if size > _CHUNK:
            yield "".join(buffer).encode()
            buffer, size = [], 0
    buffer.append("]}")
    yield "".join(buffer).encode()


def _number(value: Decimal) -> str:
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
