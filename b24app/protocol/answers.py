"""A Bitrix24 answer turned into data or a typed error: the one place that knows the vendor's error codes.

Codes are compared without case and decide before the HTTP status does, because an error may come with 200
and statuses differ between sources (bitrix24 13). Descriptions are never matched: they are localized.
Vendor's pages: https://apidocs.bitrix24.com/error-codes.html, https://apidocs.bitrix24.com/limits.html
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from datetime import UTC
from datetime import datetime
from decimal import Decimal
from decimal import InvalidOperation
from typing import Any

from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import MethodParked
from b24app.ports.errors import MethodUnknown
from b24app.ports.errors import NotFound
from b24app.ports.errors import RateLimited
from b24app.ports.errors import Rejected
from b24app.ports.errors import TokensDead
from b24app.ports.errors import TransportFailure

NO_RESETS: Mapping[str, datetime] = {}

_TOKENS_DEAD = {"invalid_grant", "no_auth_found", "invalid_token", "authorization_error"}
_AUTH_LOST = {
    "error_oauth",
    "application_not_found",
    "payment_required",
    "wrong_client",
    "invalid_client",
    "not_installed",
    "portal_deleted",
}
_FORBIDDEN = {
    "access_denied",
    "insufficient_scope",
    "invalid_scope",
    "user_access_error",
    "invalid_credentials",
    "allowed_only_intranet_user",
    "method_confirm_waiting",
    "method_confirm_denied",
    "wrong_auth_type",
}
_NOT_FOUND = {"not_found", "not found"}
_UNKNOWN_METHOD = {"error_method_not_found", "error_manifest_is_not_available"}
_CRASHED = {"internal_server_error", "error_unexpected_answer"}
_KINDS: tuple[tuple[set[str], type[GatewayError]], ...] = (
    (_TOKENS_DEAD, TokensDead),
    (_AUTH_LOST, AuthLost),
    (_UNKNOWN_METHOD, MethodUnknown),
    (_CRASHED, TransportFailure),
)
_SERVER_ERROR = 500
_TOO_MANY = 429


class TokenExpired(GatewayError):
    """The access token is over its hour; refused before execution, so refresh and repeat (bitrix24 2.4)."""

    retryable = True


@dataclass(frozen=True, slots=True)
class RawAnswer:
    """An HTTP answer as it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Timing:
    """What a method cost: seconds it ran, and when its oldest operating minute is forgotten."""

    seconds: Decimal
    operating_reset_at: datetime | None


@dataclass(frozen=True, slots=True)
class Answer:
    """A successful answer; `total` and `next` only of lists read with a count."""

    result: Any
    total: int | None = None
    next: int | None = None
    timing: Timing | None = None


@dataclass(frozen=True, slots=True)
class BatchAnswer:
    """The answers of a batch by command id; an id in neither `results` nor `errors` was not answered."""

    results: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, GatewayError] = field(default_factory=dict)
    totals: dict[str, int] = field(default_factory=dict)
    nexts: dict[str, int] = field(default_factory=dict)
    timings: dict[str, Timing] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class TokenGrant:
    """A refreshed pair. `client_endpoint` is the portal; the answer's own `domain` is not (bitrix24 2.2)."""

    access: str = field(repr=False)
    refresh: str = field(repr=False)
    expires_in: int
    user_id: int | None
    member_id: str
    client_endpoint: str


def parse_answer(method: str, raw: RawAnswer, *, resets: Mapping[str, datetime] = NO_RESETS) -> Answer:
    """Read the answer of a REST method.

    `resets`: the last known `operating_reset_at` by method, for `MethodParked`. Raises the errors of
    `ports.errors`, or `TokenExpired`.
    """
    payload = _payload(method, raw, resets)
    if "result" not in payload:
        raise _no_verdict(method, raw)
    return Answer(
        payload["result"],
        _whole(payload.get("total")),
        _whole(payload.get("next")),
        _timing(payload.get("time")),
    )


def parse_batch(
    answer: Answer, methods: Mapping[str, str], *, resets: Mapping[str, datetime] = NO_RESETS
) -> BatchAnswer:
    """Split a batch's answer by command id; `methods` names the method of every command sent.

    PHP sends `[]` for an empty map and may send a list for numeric ids; both are understood (bitrix24 3.3).
    """
    if not isinstance(answer.result, Mapping):
        raise BadAnswer("batch: no map of results")
    result = answer.result
    timings = {key: _timing(value) for key, value in _by_id(result.get("result_time")).items()}
    return BatchAnswer(
        results=_by_id(result.get("result")),
        errors={
            key: _command_error(methods.get(key, key), value, resets)
            for key, value in _by_id(result.get("result_error")).items()
        },
        totals=_counts(result.get("result_total")),
        nexts=_counts(result.get("result_next")),
        timings={key: timing for key, timing in timings.items() if timing is not None},
    )


def parse_grant(raw: RawAnswer) -> TokenGrant:
    """Read the authorization server's answer to a refresh; an error may come with 200 (bitrix24 2.4)."""
    payload = _payload("oauth/token", raw, NO_RESETS)
    access, refresh = payload.get("access_token"), payload.get("refresh_token")
    if not isinstance(access, str) or not isinstance(refresh, str) or not access or not refresh:
        raise _no_verdict("oauth/token", raw)
    return TokenGrant(
        access=access,
        refresh=refresh,
        expires_in=_whole(payload.get("expires_in")) or 3600,
        user_id=_whole(payload.get("user_id")),
        member_id=str(payload.get("member_id") or ""),
        client_endpoint=str(payload.get("client_endpoint") or ""),
    )


def _payload(subject: str, raw: RawAnswer, resets: Mapping[str, datetime]) -> Mapping[str, Any]:
    try:
        payload = json.loads(raw.body, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        if raw.status >= _SERVER_ERROR:
            raise TransportFailure(f"{subject}: HTTP {raw.status} without a verdict") from error
        raise BadAnswer(f"{subject}: HTTP {raw.status} is not JSON") from error
    if not isinstance(payload, Mapping):
        raise _no_verdict(subject, raw)
    if "error" in payload and ("result" not in payload or payload["error"]):
        raise _error(subject, payload, raw, resets)
    return payload


def _no_verdict(subject: str, raw: RawAnswer) -> GatewayError:
    kind = TransportFailure if raw.status >= _SERVER_ERROR else BadAnswer
    return kind(f"{subject}: HTTP {raw.status} carries neither a result nor an error")


def _error(
    subject: str, payload: Mapping[str, Any], raw: RawAnswer, resets: Mapping[str, datetime]
) -> GatewayError:
    code = str(payload["error"] if payload["error"] is not None else "").strip()
    text = str(payload.get("error_description") or "")
    known = _by_code(subject, code, text, resets=resets, headers=raw.headers)
    if known is None and raw.status == _TOO_MANY:
        return RateLimited(subject, _retry_after(raw.headers))
    return known or _by_status(subject, code, text, raw.status)


def _command_error(method: str, value: object, resets: Mapping[str, datetime]) -> GatewayError:
    if isinstance(value, Mapping):
        code, text = str(value.get("error", "")).strip(), str(value.get("error_description") or "")
    else:
        code, text = str(value), ""
    known = _by_code(method, code, text, resets=resets, headers={})
    return known or Rejected(code, f"{method}: {text}")


def _by_code(
    subject: str,
    code: str,
    text: str,
    *,
    resets: Mapping[str, datetime],
    headers: Mapping[str, str],
) -> GatewayError | None:
    low = code.lower()
    if low == "expired_token":
        return TokenExpired(f"{subject}: the access token has expired")
    if low == "query_limit_exceeded":
        return RateLimited(subject, _retry_after(headers))
    if low == "operation_time_limit":
        return MethodParked(subject, resets.get(subject))
    if low == "overload_limit":
        return Rejected(code, f"{subject}: {text}")
    if low in _FORBIDDEN:
        return Forbidden(f"{subject}: {low}: {text}")
    if low in _NOT_FOUND:
        return NotFound(f"{subject}: {text or low}")
    kind = next((kind for codes, kind in _KINDS if low in codes), None)
    return kind(f"{subject}: {low}") if kind else None


def _by_status(subject: str, code: str, text: str, status: int) -> GatewayError:
    what = f"{subject}: HTTP {status}, {code or 'no code'}: {text}"
    if status >= _SERVER_ERROR:
        return TransportFailure(what)
    kinds: dict[int, type[GatewayError]] = {401: AuthLost, 403: Forbidden, 404: NotFound}
    kind = kinds.get(status)
    return kind(what) if kind else Rejected(code, f"{subject}: {text}")


def _retry_after(headers: Mapping[str, str]) -> int:
    for name, value in headers.items():
        if name.lower() == "retry-after" and value.strip().isdigit():
            return max(1, int(value))
    return 1


def _by_id(value: object) -> dict[str, Any]:
    if isinstance(value, Mapping):
        return {str(key): item for key, item in value.items()}
    if isinstance(value, list):
        return {str(index): item for index, item in enumerate(value)}
    return {}


def _counts(value: object) -> dict[str, int]:
    counts = {key: _whole(item) for key, item in _by_id(value).items()}
    return {key: count for key, count in counts.items() if count is not None}


def _whole(value: object) -> int | None:
    try:
        return int(str(value)) if value is not None and value != "" else None
    except ValueError:
        return None


def _timing(value: object) -> Timing | None:
    if not isinstance(value, Mapping):
        return None
    try:
        seconds = Decimal(str(value.get("duration", 0)))
        reset = value.get("operating_reset_at")
        moment = None if not reset else datetime.fromtimestamp(int(str(reset)), UTC)
    except (ValueError, InvalidOperation, OverflowError):
        return None
    return Timing(seconds, moment)
