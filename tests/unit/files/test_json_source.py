"""JSON with exact numbers and a line for everything."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from b24app.files.json_source import JsonLines
from b24app.files.json_source import parse_json

BROKEN = [
    pytest.param("", "json_empty", None, None, id="nothing"),
    pytest.param(" \n ", "json_empty", None, None, id="blank"),
    pytest.param('{\n "a": 1,\n}', "json_key", 3, "1", id="a comma too many"),
    pytest.param('{\n "a" 1}', "json_colon", 2, "6", id="no colon"),
    pytest.param('{\n "a": 1\n "b": 2}', "json_comma", 3, "2", id="no comma"),
    pytest.param('{\n "a": }', "json_value", 2, "7", id="no value"),
    pytest.param("{\n 'a': 1}", "json_key", 2, "2", id="single quotes"),
    pytest.param('{"a": 1}\n{"b": 2}', "json_extra", 2, "1", id="two documents"),
    pytest.param('{\n "a": "b}', "json_string", 2, "7", id="no closing quote"),
    pytest.param('{\n "a": "b\nc"}', "json_control", 2, "9", id="a line break in a text"),
    pytest.param('{\n "a": "C:\\data"}', "json_escape", 2, "10", id="one backslash"),
    pytest.param('{\n "NaN": 1,\n "a": NaN}', "json_constant", 3, None, id="not a number"),
    pytest.param('{"\\ud83d\\ude00": 1,\n"a": "\\ud83d"}', "json_half", 2, None, id="half a character"),
    pytest.param("[1,\n-Infinity]", "json_constant", 2, None, id="minus infinity"),
    pytest.param("[\n" * 100_000, "json_deep", 101, None, id="a bomb of brackets"),
    pytest.param('{"a":\n' * 100_000, "json_deep", 101, None, id="a bomb of braces"),
]


@pytest.mark.parametrize(("text", "key", "line", "column"), BROKEN)
def test_what_is_no_json_is_told_with_its_place(
    text: str, key: str, line: int | None, column: str | None
) -> None:
    document, [problem] = parse_json(text)
    assert document is None
    assert (problem.key, problem.line, problem.pieces.get("column")) == (key, line, column)
    assert problem.text("ru") != problem.text("en")


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("90071992547409.93", Decimal("90071992547409.93")),
        ("0.1", Decimal("0.1")),
        ("1e3", Decimal(1000)),
        ("12", 12),
        ("9" * 5000, Decimal("9" * 5000)),
        ("1e9999999999999999999", Decimal("Infinity")),
    ],
    ids=["beyond a float", "a tenth", "an exponent", "whole", "very long", "out of all bounds"],
)
def test_numbers_stay_exact(written: str, read: object) -> None:
    [found], problems = parse_json(f"[{written}]")
    assert (found, type(found), problems) == (read, type(read), [])


def test_a_repeated_key_is_told_and_the_rest_is_read() -> None:
    document, [problem] = parse_json('{"a": [{"b": 1,\n"c": 2,\n"b": 3}]}')
    assert document == {"a": [{"b": 3, "c": 2}]}
    assert (problem.line, problem.field, problem.key) == (3, "a[1].b", "json_twice")
    assert "1" in problem.text()


KEYS = st.text(max_size=5)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=20,
)


@given(VALUES)
def test_every_path_has_the_line_it_was_written_on(document: Any) -> None:
    text = json.dumps(document, indent=1, ensure_ascii=False)
    lines, breaks = JsonLines(text), text.split("\n")
    for path in _paths(document):
        line = lines.line(path)
        assert line is not None
        if isinstance(path[-1], str):
            key = json.dumps(path[-1], ensure_ascii=False)
            assert breaks[line - 1].strip().startswith(f"{key}:")
    assert lines.line(()) is None
    assert lines.line(("no such",)) is None


def _paths(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = [(*path, key) for key, _ in items]
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return found + [each for key, inner in items for each in _paths(inner, (*path, key))]
