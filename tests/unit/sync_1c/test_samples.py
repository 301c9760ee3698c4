"""Every recorded row of 1C goes through the readers of values: references, moments, numbers, flags, texts."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from sync_1c import odata

FILES = sorted((Path(__file__).parents[2] / "payloads" / "onec" / "bp3").glob("*.json"))


def rows_in(file: Path) -> list[dict[str, Any]]:
    answer = odata.document(file.read_bytes())
    return odata.values(answer) if "value" in answer else [answer]


def read(row: dict[str, Any], name: str) -> object:
    """Read one property by the reader its name and its JSON type call for."""
    value = row[name]
    if name.endswith("_Key"):
        return odata.guid(row, name)
    if isinstance(value, bool):
        return odata.flag(row, name)
    if isinstance(value, str) and len(value) == len("0001-01-01T00:00:00") and value[10:11] == "T":
        return odata.moment(row, name)
    return odata.amount(row, name) if not isinstance(value, str) else odata.text(row, name)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_property_of_every_recorded_row_is_read(file: Path) -> None:
    rows = rows_in(file)
    assert rows
    for row in rows:
        plain = [name for name, value in row.items() if not isinstance(value, list | dict)]
        assert len(plain) > len("Ref")
        for name in plain:
            read(row, name)
        parts = [part for value in row.values() if isinstance(value, list) for part in value]
        for part in parts:
            for name in part:
                read(part, name)


def test_the_errors_are_read_elsewhere_and_none_is_left_out() -> None:
    errors = sorted((FILES[0].parents[1] / "errors").glob("*.json"))
    assert len(errors) == 8
    for file in errors:
        assert odata.failure(400, file.read_bytes()) is not None
        assert json.loads(file.read_bytes())
