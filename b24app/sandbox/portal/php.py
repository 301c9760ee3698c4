"""Query strings and form bodies as PHP reads and writes them: brackets nest, lists are maps of numbers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl
from urllib.parse import urlencode

_KEY = re.compile(r"\[([^\]]*)\]")


def decode(text: str) -> dict[str, Any]:
    """Read `a[b][]=1&c=2` into nested maps; maps with the keys 0..n-1 become lists."""
    root: dict[str, Any] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, *rest = _path(name)
        _put(root, [head, *rest], value)
    return {key: _listed(value) for key, value in root.items()}


def encode(data: dict[str, Any]) -> str:
    """Write nested `data` as PHP's event sender does: true is 1, false 0, null an empty string.

    Empty lists and maps vanish (bitrix24 1.5).
    """
    return urlencode([pair for key, value in data.items() for pair in _flat(key, value)])


def merge(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """Join query and body parameters; the body wins on a repeated name."""
    return {**base, **over}


def _path(name: str) -> list[str]:
    bracket = name.find("[")
    if bracket <= 0:
        return [name]
    return [name[:bracket], *_KEY.findall(name[bracket:])]


def _put(node: dict[str, Any], path: list[str], value: str) -> None:
    for key in path[:-1]:
        child = node.setdefault(_name(node, key), {})
        if not isinstance(child, dict):
            return
        node = child
    node[_name(node, path[-1])] = value


def _name(node: dict[str, Any], key: str) -> str:
    if key:
        return key
    numbers = [int(name) for name in node if name.isdecimal()]
    return str(max(numbers) + 1 if numbers else 0)


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    inner = {key: _listed(item) for key, item in value.items()}
    if list(inner) == [str(number) for number in range(len(inner))]:
        return list(inner.values())
    return inner


def _flat(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _flat(f"{prefix}[{key}]", item)
    elif isinstance(value, list | tuple):
        for number, item in enumerate(value):
            yield from _flat(f"{prefix}[{number}]", item)
    else:
        yield prefix, _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    return str(value)
