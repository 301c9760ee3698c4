"""The text of the policy file: every section and parameter under a comment in the reader's language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import TYPE_CHECKING

from b24app.domain.money import Money
from b24app.files.amounts import write_money
from b24app.messages.policy_labels import comment
from b24app.messages.policy_labels import label

if TYPE_CHECKING:
    from collections.abc import Iterator

    from b24app.files.policy_data import PolicyData
    from b24app.files.policy_data import Row


def render(data: PolicyData, language: str) -> str:
    """Write the file."""
    lines = [*_remarks("head", language), ""]
    for section, table in data.tables.items():
        lines += [*_remarks(section, language), f"[{section}]"]
        for key, value in table.items():
            lines += [f"# {label(section, key, language)}", f"{key} = {_value(value)}"]
        lines.append("")
    for section, rows in data.lists.items():
        lines += [*_remarks(section, language), ""]
        for row in rows:
            lines += [*_row(section, row), ""]
    return "\n".join(lines).rstrip() + "\n"


def _remarks(section: str, language: str) -> list[str]:
    return [f"# {line}" for line in comment(section, language).splitlines()]


def _row(header: str, row: Row) -> Iterator[str]:
    """Write a row, then the rows inside it."""
    yield f"[[{header}]]"
    nested: list[tuple[str, Row]] = []
    for key, value in row.items():
        if isinstance(value, list) and value and isinstance(value[0], Mapping):
            nested += [(f"{header}.{key}", each) for each in value]
        else:
            yield f"{key} = {_value(value)}"
    for name, each in nested:
        yield from _row(name, each)


def _value(value: object) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Money():
            return _quoted(write_money(value))
        case Decimal():
            return f"{value:f}"
        case Enum():
            return _quoted(str(value.value))
        case date():
            return value.isoformat()
        case int():
            return str(value)
        case list():
            return f"[{', '.join(_value(each) for each in value)}]"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    """Write a basic string; JSON escapes all that TOML wants escaped but DEL."""
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
