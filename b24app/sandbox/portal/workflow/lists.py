"""SELECT, FILTER and ORDER of the bizproc lists; all scalars are answered as strings (bitrix24 5.3, 12)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from b24app.sandbox.portal import filters
from b24app.sandbox.portal.core import Call
from b24app.sandbox.portal.fields import ZONE
from b24app.sandbox.portal.fields import Field
from b24app.sandbox.portal.store import Record
from b24app.sandbox.portal.store import iso

_KEY = re.compile(r"([^a-zA-Z]*)(.*)", re.DOTALL)
_PREFIXES = frozenset({"", "!", "<", "<=", ">", ">="})


def selected(call: Call, known: Mapping[str, Field], default: tuple[str, ...]) -> list[str]:
    """Read SELECT: unknown names are ignored, nothing known is the default."""
    raw = call.value("SELECT")
    rows = list(raw.values()) if isinstance(raw, dict) else raw
    names = [str(row).upper() for row in rows] if isinstance(rows, list) else []
    return [name for name in dict.fromkeys(names) if name in known] or list(default)


def conditions(call: Call, known: Mapping[str, Field]) -> Record:
    """Read FILTER as the stricter portals do: other prefixes and lower-case names are ignored silently.

    The documentation allows `=` and any case, older modules do not (bitrix24 5.3): whoever leans on either
    gets rows he did not ask for.
    """
    raw = call.value("FILTER")
    kept: Record = {}
    for key, value in raw.items() if isinstance(raw, dict) else ():
        prefix, name = _KEY.fullmatch(str(key)).groups()  # type: ignore[union-attr] # matches any text
        if prefix in _PREFIXES and name in known:
            kept[f"{prefix}{name}"] = value
    return kept


def arranged(
    call: Call, rows: list[Record], kept: Record, known: Mapping[str, Field], default: Record
) -> list[Record]:
    """Filter and sort rows; each has its fields by name and `id`."""
    test = filters.compiled(kept, known)
    raw = call.value("ORDER")
    asked = (
        {str(name).upper(): str(way).upper() for name, way in raw.items()} if isinstance(raw, dict) else {}
    )
    order = {name: "DESC" if way == "DESC" else "ASC" for name, way in asked.items() if name in known}
    return filters.sorted_by([row for row in rows if test(row)], order or default, known)


def shown(row: Record, names: list[str]) -> Record:
    """Write a row: numbers and moments as strings, arrays as they are, an absent value null."""
    return {name: _text(row[name]) for name in names}


def _text(value: Any) -> Any:
    if value is None or isinstance(value, list | dict):
        return value
    return iso(value, ZONE) if isinstance(value, datetime) else str(value)
