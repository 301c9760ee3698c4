"""The bytes of a call to a nested dictionary of strings, within bounds of size, depth and number.

Bitrix24 posts PHP-style form keys (`auth[member_id]=…`, bitrix24 1.5); some documentation samples read JSON
bodies (bizproc 4), so both are accepted and end in the same shape: every scalar is a string.
"""

from __future__ import annotations

import json
from typing import Final
from typing import NoReturn
from typing import cast
from urllib.parse import unquote_to_bytes

from qs_codec import DecodeOptions
from qs_codec import decode

from b24app.protocol.calls import BadCall
from b24app.protocol.calls import TooLarge

Node = str | list["Node"] | dict[str, "Node"]
Form = dict[str, Node]

MAX_BYTES: Final = 1024 * 1024
MAX_QUERY_BYTES: Final = 16 * 1024
MAX_DEPTH: Final = 8
MAX_VALUES: Final = 5000
_MAX_LIST = 2000
_FORM = "application/x-www-form-urlencoded"
_JSON = "application/json"


def parse_body(body: bytes, content_type: str) -> Form:
    """Parse the body of a call. A missing content type counts as a form.

    Raises `TooLarge` over 1 MiB, `BadCall` for another content type, bytes that are not UTF-8, null bytes,
    nesting over 8, more than 5,000 values or 2,000 list entries.
    """
    if len(body) > MAX_BYTES:
        raise TooLarge(f"a body of {len(body)} bytes")
    kind = content_type.partition(";")[0].strip().lower()
    if kind == _JSON:
        return _parse_json(body)
    if kind in {_FORM, ""}:
        return _parse_pairs(body)
    raise BadCall("neither a form nor JSON")


def parse_query(query: bytes) -> Form:
    """Parse the query string of a call; bounds and errors as for a body, 16 KiB at most."""
    if len(query) > MAX_QUERY_BYTES:
        raise TooLarge(f"a query string of {len(query)} bytes")
    return _parse_pairs(query)


def _parse_pairs(raw: bytes) -> Form:
    _refuse_strange_bytes(unquote_to_bytes(raw))
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise BadCall("half of a character encoded") from error
    if text.count("&") >= MAX_VALUES:
        raise BadCall(f"more than {MAX_VALUES} values")
    try:
        return cast("Form", decode(text, _options()))
    except (IndexError, ValueError, TypeError, AttributeError) as error:
        raise BadCall("nested too deep, too long or contradictory") from error


def _options() -> DecodeOptions:
    return DecodeOptions(
        depth=MAX_DEPTH,
        strict_depth=True,
        parameter_limit=MAX_VALUES,
        raise_on_limit_exceeded=True,
        list_limit=_MAX_LIST,
    )


def _parse_json(body: bytes) -> Form:
    _refuse_strange_bytes(body)
    try:
        parsed = json.loads(body, parse_int=str, parse_float=str, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise BadCall("not JSON") from error
    if not isinstance(parsed, dict):
        raise BadCall("JSON without keys")
    return cast("Form", _Bounded().take(parsed, MAX_DEPTH))


def _refuse_constant(name: str) -> NoReturn:
    raise BadCall(f"{name} in JSON")


def _refuse_strange_bytes(raw: bytes) -> None:
    if b"\0" in raw:
        raise BadCall("a null byte")
    try:
        raw.decode()
    except UnicodeDecodeError as error:
        raise BadCall("not UTF-8") from error


class _Bounded:
    """Walk parsed JSON once, counting values and levels, and turn scalars into the strings PHP sends."""

    def __init__(self) -> None:
        self._left = MAX_VALUES

    def take(self, value: object, levels: int) -> Node:
        self._left -= 1
        if self._left < 0 or levels < 0:
            raise BadCall("JSON nested too deep or with too many values")
        if isinstance(value, dict):
            return {self._clean(key): self.take(part, levels - 1) for key, part in value.items()}
        if isinstance(value, list):
            return [self.take(part, levels - 1) for part in value]
        if isinstance(value, bool):
            return "1" if value else "0"
        return self._clean(value) if isinstance(value, str) else ""

    def _clean(self, text: str) -> str:
        if "\0" in text or any("\ud800" <= letter <= "\udfff" for letter in text):
            raise BadCall("a null byte or half a character in JSON")
        return text
