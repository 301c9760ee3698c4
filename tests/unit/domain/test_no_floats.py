"""Money never meets a float: neither the rules nor the wire format may name one."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

import b24app

ROOMS = ("domain", "protocol")
FILES = [path for room in ROOMS for path in sorted((Path(b24app.__file__).parent / room).rglob("*.py"))]


def _floats(source: str) -> list[int]:
    """Return the lines that hold a float literal or the name `float`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if (isinstance(node, ast.Constant) and isinstance(node.value, float))
        or (isinstance(node, ast.Name) and node.id == "float")
    ]


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_float_is_named(path: Path) -> None:
    assert _floats(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("source", ["x = 0.1", "float('1')", "def f(x: float) -> None: ..."])
def test_the_check_itself_finds_floats(source: str) -> None:
    assert _floats(source) == [1]
