"""The 1C OData dialect without I/O: addresses, literals, values, and the one place that names failures.

Rules and their sources: onec_odata 1.2, 1.3, 1.5, 1.6, 1.9 and 5.
"""

from __future__ import annotations

import json
import re
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from enum import Enum
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import quote

from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from b24app.ports.errors import NotFound
from b24app.ports.errors import Rejected
from b24app.ports.errors import TransportFailure

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping
    from collections.abc import Sequence

KEEP = "'(),/:;=$*"
FORMAT = "application/json;odata=nometadata"
URL_BUDGET = 2048
EMPTY_GUID = "00000000-0000-0000-0000-000000000000"
EMPTY_YEAR = 1
BOM = b"\xef\xbb\xbf"
_GUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_XML_CODE = re.compile(r"<(?:\w+:)?code>\s*([^<]*?)\s*</(?:\w+:)?code>")
_XML_TEXT = re.compile(r"<(?:\w+:)?message[^>]*>\s*([^<]*?)\s*</(?:\w+:)?message>")
_QUOTED = re.compile(r"[\"«']([^\"»']+)[\"»']")
_TEXT_LIMIT = 300
_OR = " or "
_OK, _REDIRECT, _UNAUTHORIZED, _MISSING, _TOO_LONG, _SERVER = 200, 300, 401, 404, 414, 500
_NO_VERDICT = frozenset({500, 502, 503, 504})


class BadValueError(ValueError):
    """A value of a row that is not of the type the metadata promise; the row becomes an issue."""


class Quoting(Enum):
    """How quotes inside `Condition='…'` are written; both forms are reported to work (onec_odata 1.6)."""

    SINGLE = "single"
    DOUBLED = "doubled"


# --- addresses


def address(base: str, resource: str, options: Mapping[str, str]) -> str:
    """Return the full address; spaces become %20, never + (onec_odata 1.5, 5).

    `options` are named without the dollar sign; empty ones are left out. `resource` may be empty: the
    service document.
    """
    return f"{base.rstrip('/')}/{quote(resource, safe=KEEP)}?{query_string(options)}"


def query_string(options: Mapping[str, str]) -> str:
    """Return the encoded query part, `$format` first."""
    pairs = {"$format": FORMAT} | {f"${name}": value for name, value in options.items() if value}
    return "&".join(f"{name}={quote(value, safe=KEEP)}" for name, value in pairs.items())


def encoded_size(text: str) -> int:
    """Count the bytes a text takes in an address."""
    return len(quote(text, safe=KEEP))


def or_chains(parts: Sequence[str], *, spent: int, budget: int = URL_BUDGET) -> Iterator[tuple[str, int]]:
    """Join conditions by `or` into as few chains as fit the budget; yield each with its number of parts.

    `spent`: encoded bytes of the rest of the address. A chain has at least one part even if that is too long.
    """
    joiner = encoded_size(_OR)
    chain: list[str] = []
    size = spent
    for part in parts:
        step = encoded_size(part) + (joiner if chain else 0)
        if chain and size + step > budget:
            yield _OR.join(chain), len(chain)
            chain, size = [], spent
            step -= joiner
        chain.append(part)
        size += step
    if chain:
        yield _OR.join(chain), len(chain)


def virtual_table(
    register: str,
    *,
    dimensions: Sequence[str] = (),
    condition: str = "",
    accounts: str = "",
    quoting: Quoting = Quoting.SINGLE,
    period: datetime | None = None,
) -> str:
    """Name a register's `Balance` with its arguments (onec_odata 1.6); `dimensions` are bare names.

    `accounts` is the condition on the accounts of an accounting register. `period` is a naive moment of the
    base; records of that very second are not in the balance.
    """
    arguments = [f"Dimensions='{','.join(dimensions)}'"] if dimensions else []
    for name, given in (("AccountCondition", accounts), ("Condition", condition)):
        inner = given.replace("'", "''") if quoting is Quoting.DOUBLED else given
        arguments += [f"{name}='{inner}'"] if given else []
    if period is not None:
        arguments.insert(0, f"Period={datetime_literal(period)}")
    return f"{register}/Balance({','.join(arguments)})"


# --- literals


def guid_literal(ref: str) -> str:
    """Write a reference; refuses anything but a guid, so nothing else can enter an address."""
    if not _GUID.fullmatch(ref):
        raise BadValueError(f"not a guid: {ref!r}")
    return f"guid'{ref}'"


def text_literal(text: str) -> str:
    """Write a string; quotes inside are doubled."""
    return "'" + text.replace("'", "''") + "'"


def datetime_literal(moment: datetime) -> str:
    """Write a moment of the base's own clock (1C dates carry no zone)."""
    return f"datetime'{moment.replace(tzinfo=None).isoformat(timespec='seconds')}'"


# --- values


def text(row: Mapping[str, Any], name: str) -> str:
    """Read a string; a missing or null one is an error of the mapping, an empty one is an answer."""
    value = _present(row, name)
    if not isinstance(value, str):
        raise BadValueError(f"{name}: not a string")
    return value


def amount(row: Mapping[str, Any], name: str) -> Decimal:
    """Read a number, exact, whether it comes as number or as string; null is zero."""
    value = _present(row, name)
    if value is None:
        return Decimal(0)
    if isinstance(value, bool):
        raise BadValueError(f"{name}: not a number")
    try:
        number = Decimal(str(value))
    except InvalidOperation as error:
        raise BadValueError(f"{name}: not a number") from error
    if not number.is_finite():
        raise BadValueError(f"{name}: not a finite number")
    return number


def integer(row: Mapping[str, Any], name: str) -> int:
    """Read a whole number; Int64 arrives as a string (onec_odata 1.3)."""
    number = amount(row, name)
    if number != number.to_integral_value():
        raise BadValueError(f"{name}: not a whole number")
    return int(number)


def flag(row: Mapping[str, Any], name: str) -> bool:
    """Read a boolean, refusing strings: "false" is true in Python."""
    value = _present(row, name)
    if not isinstance(value, bool):
        raise BadValueError(f"{name}: not a boolean")
    return value


def guid(row: Mapping[str, Any], name: str) -> str | None:
    """Read a reference in lower case; the empty guid, an empty string and null are None."""
    value = _present(row, name)
    if value in (None, "", EMPTY_GUID):
        return None
    if not isinstance(value, str) or not _GUID.fullmatch(value):
        raise BadValueError(f"{name}: not a guid")
    return value.lower()


def reference(row: Mapping[str, Any], name: str) -> str:
    """Read a reference that must be there."""
    ref = guid(row, name)
    if ref is None:
        raise BadValueError(f"{name}: empty")
    return ref


def moment(row: Mapping[str, Any], name: str) -> datetime | None:
    """Read a date of the base's own clock (naive); the year 1 is 1C's empty date."""
    value = _present(row, name)
    if value in (None, ""):
        return None
    try:
        parsed = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise BadValueError(f"{name}: not a date") from error
    if parsed.tzinfo is not None:
        raise BadValueError(f"{name}: a date with a zone")
    return None if parsed.year == EMPTY_YEAR else parsed


def composite(row: Mapping[str, Any], name: str) -> tuple[str, str] | None:
    """Read a reference of several types as (type without namespace, guid); None when empty."""
    ref = guid(row, name)
    kind = text(row, f"{name}_Type").removeprefix("StandardODATA.")
    return None if ref is None or kind == "Undefined" else (kind, ref)


def _present(row: Mapping[str, Any], name: str) -> Any:
    if name not in row:
        raise BadValueError(f"{name}: not in the answer")
    return row[name]


# --- answers and failures


def document(body: bytes) -> dict[str, Any]:
    """Decode a body that was read whole; raises `BadAnswer` for anything but a JSON object."""
    try:
        answer = json.loads(body.removeprefix(BOM).decode("utf-8"), parse_float=Decimal)
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise BadAnswer("1C: the answer is not JSON") from error
    if not isinstance(answer, dict) or "odata.error" in answer or "exception" in answer:
        raise BadAnswer("1C: the answer is not an OData document")
    return answer


def values(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Take the rows of a collection that was read whole."""
    rows = answer.get("value")
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise BadAnswer("1C: the answer is not a collection")
    return rows


def failure(status: int, body: bytes) -> GatewayError | None:
    """Turn a status and a body into the typed error, or None for a success (onec_odata 1.9).

    A 401 without an OData body is the password, with code 20 rights; 404 code 8 an object outside the
    composition; 500 code -1 a refusal by the configuration, any other 5xx no answer at all.
    """
    if _OK <= status < _REDIRECT:
        return None
    code, said = _error_of(body)
    if code:
        return _verdict(status, code, said)
    if status == _UNAUTHORIZED:
        return AuthLost("1C: login or password refused")
    if status >= _SERVER:
        return _silent(status)
    if status == _MISSING:
        return LedgerMisconfigured("1C: nothing is published at this address (HTTP 404)")
    if status == _TOO_LONG:
        return LedgerMisconfigured("1C: the web server refuses so long an address (HTTP 414)")
    return BadAnswer(f"1C: HTTP {status} without an OData body")


def _verdict(status: int, code: str, said: str) -> GatewayError:
    if code == "20":
        return Forbidden(f"1C: no rights (HTTP {status}): {said}")
    if code == "8":
        return LedgerMisconfigured(
            f"1C: add {_object_of(said)} to the OData composition", missing=(_object_of(said),)
        )
    if code == "9":
        return NotFound(f"1C: {said}")
    return _silent(status) if status in _NO_VERDICT and code != "-1" else Rejected(code, said)


def _silent(status: int) -> TransportFailure:
    return TransportFailure(f"1C: HTTP {status} without a verdict")


def _error_of(body: bytes) -> tuple[str, str]:
    """Return code and text of an OData error, JSON or XML; empty strings when there is none."""
    decoded = body.removeprefix(BOM).decode("utf-8", errors="replace")
    try:
        answer = json.loads(decoded)
    except (ValueError, RecursionError):
        code, said = _XML_CODE.search(decoded), _XML_TEXT.search(decoded)
        return (code.group(1) if code else "", said.group(1)[:_TEXT_LIMIT] if said else "")
    error = answer.get("odata.error") if isinstance(answer, dict) else None
    if not isinstance(error, dict):
        return "", ""
    message = error.get("message")
    said_json = message.get("value", "") if isinstance(message, dict) else message or ""
    return str(error.get("code", "")), str(said_json)[:_TEXT_LIMIT]


def _object_of(said: str) -> str:
    found = _QUOTED.search(said)
    return found.group(1) if found else said or "the missing object"
