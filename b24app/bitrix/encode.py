"""Batch commands as PHP query strings, with references to the results of earlier commands (bitrix24 3.3)."""

from __future__ import annotations

from collections.abc import Iterator
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import quote

_TRIGGER = "$result"
_DEFUSED = "$\u200bresult"


@dataclass(frozen=True, slots=True)
class Reference:
    """The value an earlier command of the same batch returned at a path.

    A path that does not resolve becomes the deepest value that did, never empty: match rows by their own ids.
    """

    command: str
    path: tuple[str | int, ...]

    def __str__(self) -> str:
        return f"{_TRIGGER}[{self.command}]" + "".join(f"[{step}]" for step in self.path)


def reference(command: str, *path: str | int) -> Reference:
    """Point at a value in the result of an earlier command."""
    return Reference(command, path)


def encode_command(method: str, params: Mapping[str, Any]) -> str:
    """Write one batch command; values are URL-encoded once, the brackets of references stay bare."""
    query = "&".join(f"{key}={value}" for key, value in _pairs("", params))
    return f"{method}?{query}" if query else method


def referenced(params: Any) -> set[str]:
    """Return the ids of the commands these parameters refer to."""
    if isinstance(params, Reference):
        return {params.command}
    if isinstance(params, Mapping):
        params = list(params.values())
    if isinstance(params, (list, tuple)):
        return {command for item in params for command in referenced(item)}
    return set()


def _pairs(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            name = quote(str(key), safe="")
            yield from _pairs(f"{prefix}[{name}]" if prefix else name, item)
    elif isinstance(value, (list, tuple)):
        for index, item in enumerate(value):
            yield from _pairs(f"{prefix}[{index}]", item)
    else:
        yield prefix, _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Reference):
        return str(value)
    if isinstance(value, bool):
        return "Y" if value else "N"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, (int, str)):
        # A person's text must not be read as a reference of ours by the portal.
        return quote(str(value).replace(_TRIGGER, _DEFUSED), safe="")
    raise TypeError(f"cannot be sent in a batch command: {type(value).__name__}")
