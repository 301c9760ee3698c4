"""The file of a process template: one PHP array, serialized and packed by zlib (bizproc 1)."""

from __future__ import annotations

import re
import zlib
from typing import Any

from b24app.sandbox.portal.store import Record

_OBJECTS = re.compile(rb"(^|;)[OC]:\+?\d+:")
_PARTS = ("PARAMETERS", "VARIABLES", "CONSTANTS", "DOCUMENT_FIELDS")
_LIMITS = {"PARAMETERS": 65_535, "VARIABLES": 65_535, "CONSTANTS": 16 * 1024 * 1024}


class BptError(Exception):
    """The bytes are not a template the portal would take."""


def open_template(source: bytes) -> Record:
    """Read a file as the import does: serialized text, plain or in a zlib stream; nothing else.

    Raises:
        BptError: for gzip, raw deflate, JSON, objects inside, no TEMPLATE, parts too big to store.
    """
    try:
        found = unserialize(source)
    except BptError:
        try:
            found = unserialize(zlib.decompress(source))
        except zlib.error as error:
            raise BptError("neither serialized nor packed by zlib") from error
    if not isinstance(found, dict) or not isinstance(found.get("TEMPLATE"), list) or not found["TEMPLATE"]:
        raise BptError("no TEMPLATE in it")
    parts = {name: found.get(name) or {} for name in _PARTS}
    if not all(isinstance(part, dict) for part in parts.values()):
        raise BptError("a part of it is not an array")
    for name, most in _LIMITS.items():
        if len(zlib.compress(serialize(parts[name]))) > most:
            raise BptError(f"{name} is too big")
    return {"TEMPLATE": found["TEMPLATE"]} | parts


def pack(template: Record) -> bytes:
    """Write a template as the portal exports it."""
    return zlib.compress(serialize(template), 9)


def serialize(value: Any) -> bytes:
    """Write a value as PHP's `serialize`; lengths of strings are bytes of UTF-8."""
    if value is None:
        return b"N;"
    if isinstance(value, bool):
        return b"b:%d;" % value
    if isinstance(value, int):
        return b"i:%d;" % value
    if isinstance(value, str):
        text = value.encode()
        return b's:%d:"%s";' % (len(text), text)
    pairs = list(value.items()) if isinstance(value, dict) else list(enumerate(value))
    inside = b"".join(serialize(key) + serialize(item) for key, item in pairs)
    return b"a:%d:{%s}" % (len(pairs), inside)


def unserialize(source: bytes) -> Any:
    """Read PHP's serialized text; arrays with the keys 0..n-1 become lists.

    Raises:
        BptError: for anything but scalars and arrays.
    """
    if _OBJECTS.search(source):
        raise BptError("objects are not read")
    value, end = _value(source, 0)
    if end != len(source):
        raise BptError("something follows the value")
    return value


_SCALAR = re.compile(rb"(?:N|(b|i|d):([^;]+));")
_HEAD = re.compile(rb"(s|a):(\d+):")


def _value(source: bytes, at: int) -> tuple[Any, int]:
    scalar = _SCALAR.match(source, at)
    if scalar is not None:
        return _scalar(scalar), scalar.end()
    head = _HEAD.match(source, at)
    if head is None:
        raise BptError(f"no value at byte {at}")
    size, start = int(head[2]), head.end()
    return _text(source, start, size) if head[1] == b"s" else _array(source, start, size)


def _scalar(found: re.Match[bytes]) -> Any:
    kind, text = found[1], found[2]
    try:
        if kind == b"b":
            return bool(int(text))
        if kind == b"i":
            return int(text)
        return None if kind is None else float(text)
    except ValueError as error:
        raise BptError(f"not a number at byte {found.start()}") from error


def _text(source: bytes, start: int, size: int) -> tuple[str, int]:
    inside = source[start + 1 : start + 1 + size]
    end = start + size + 3
    if source[start : start + 1] != b'"' or source[end - 2 : end] != b'";':
        raise BptError(f"a string of another length at byte {start}")
    try:
        return inside.decode(), end
    except UnicodeDecodeError as error:
        raise BptError(f"not UTF-8 at byte {start}") from error


def _array(source: bytes, start: int, size: int) -> tuple[Any, int]:
    at = start + 1
    found: dict[Any, Any] = {}
    for _number in range(size):
        key, at = _value(source, at)
        if not isinstance(key, int | str):
            raise BptError(f"a key that is no key before byte {at}")
        found[key], at = _value(source, at)
    if source[start : start + 1] != b"{" or source[at : at + 1] != b"}":
        raise BptError(f"an array of another size at byte {start}")
    listed = list(found) == list(range(len(found)))
    return (list(found.values()) if listed else found), at + 1
