"""The first knock at a base: is it there, is it published, does it let us in, how fast, by what clock; pure.

Rules: onec_odata 1.1, 1.2 and 1.9; `Date` is the web server's clock in UTC (RFC 9110, 6.6.1).
"""

from __future__ import annotations

from datetime import UTC
from datetime import datetime
from datetime import time
from datetime import timedelta
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import NameResolutionError
from urllib3.exceptions import NewConnectionError

from b24app.ports.diagnosis import Check
from b24app.ports.diagnosis import Fact
from b24app.ports.diagnosis import Finding
from b24app.ports.diagnosis import Level
from b24app.ports.diagnosis import Piece
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import Forbidden
from b24app.ports.errors import GatewayError
from b24app.ports.errors import LedgerMisconfigured
from sync_1c import odata

if TYPE_CHECKING:
    from sync_1c.transport import Knock

SKEW_ALLOWED = timedelta(minutes=1)
SKEW_ABSURD = timedelta(hours=1)
SLOW = 5.0
"""Seconds one request to a warm base may take before it is worth a word: live ones took 0.1-2 (1.2)."""
_OK, _REDIRECT, _BAD, _UNAUTHORIZED, _FORBIDDEN, _MISSING, _SERVER = 200, 300, 400, 401, 403, 404, 500
_BUSY = frozenset({502, 503, 504})
_LAST_SECOND = time(23, 59, 59)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def plain_address(url: str) -> str:
    """Return an address without the login, password and query that may stand in it."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    host = f"[{host}]" if ":" in host else host
    port = f":{parts.port}" if parts.port else ""
    return f"{parts.scheme}://{host}{port}{parts.path}"


def not_reached(error: GatewayError, url: str) -> Finding:
    """Tell why no HTTP answer came."""
    pieces = {"address": plain_address(url), "host": urlsplit(url).hostname or ""}
    return Finding(Check.ADDRESS, Level.WRONG, Fact(_cause(error), pieces))


def _cause(error: GatewayError) -> str:
    """Name the failure by what the library met; the order goes from the particular to the general."""
    cause = error.__cause__
    reason = getattr(cause.args[0], "reason", None) if cause is not None and cause.args else None
    if isinstance(cause, requests.exceptions.SSLError):
        return "tls"
    if isinstance(reason, NameResolutionError):
        return "unknown_host"
    if isinstance(reason, NewConnectionError):
        return "refused"
    if isinstance(cause, requests.ConnectTimeout):
        return "timeout"
    if isinstance(error, BadAnswer):
        return "not_http"
    return "dropped" if isinstance(cause, requests.ConnectionError) else "silent"


def reached(knock: Knock, url: str) -> Finding:
    """Tell that somebody answered, and what is wrong with how."""
    pieces: dict[str, str | int] = {"address": plain_address(url), "status": knock.status}
    if _REDIRECT <= knock.status < _BAD:
        pieces["location"] = plain_address(knock.header("Location"))
        return Finding(Check.ADDRESS, Level.WRONG, Fact("redirect", pieces))
    if knock.status in _BUSY:
        return Finding(Check.ADDRESS, Level.WRONG, Fact("busy", pieces))
    parts = urlsplit(url)
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        return Finding(Check.ADDRESS, Level.WARNING, Fact("plain", pieces))
    return Finding(Check.ADDRESS, Level.OK, Fact("answers", pieces))


def published(knock: Knock, url: str) -> Finding:
    """Tell whether what answers is OData of 1C."""
    pieces = {"address": plain_address(url), "status": str(knock.status)}
    error = odata.failure(knock.status, knock.body)
    if knock.status in (_UNAUTHORIZED, _FORBIDDEN) or isinstance(error, Forbidden):
        return Finding(Check.PUBLISHED, Level.OK, Fact("guarded", pieces))
    if error is None:
        try:
            number = len(odata.values(odata.document(knock.body)))
        except BadAnswer:
            return Finding(Check.PUBLISHED, Level.WRONG, Fact("foreign", pieces))
        return Finding(Check.PUBLISHED, Level.OK, Fact("answers", {**pieces, "number": number}))
    if isinstance(error, LedgerMisconfigured) and knock.status == _MISSING:
        return Finding(Check.PUBLISHED, Level.WRONG, Fact("missing", pieces))
    return Finding(Check.PUBLISHED, Level.WRONG, Fact("broken", pieces))


def let_in(knock: Knock, login: str) -> Finding:
    """Tell a wrong password (401) from the web server's refusal (403) and from missing rights (code 20)."""
    error = odata.failure(knock.status, knock.body)
    pieces = {"login": login}
    if isinstance(error, Forbidden):
        return Finding(Check.LOGIN, Level.WRONG, Fact("no_role", pieces))
    if knock.status == _UNAUTHORIZED:
        return Finding(Check.LOGIN, Level.WRONG, Fact("refused", pieces))
    if knock.status == _FORBIDDEN:
        return Finding(Check.LOGIN, Level.WRONG, Fact("forbidden", pieces))
    return Finding(Check.LOGIN, Level.OK, Fact("accepted", pieces))


def speed(first: float, second: float, deadline: float) -> Finding:
    """Compare the first request, which may wake the base (onec_odata 1.2), with the next; all in seconds."""
    pieces = {"first": timedelta(seconds=first), "second": timedelta(seconds=second)}
    told = {**pieces, "deadline": timedelta(seconds=deadline)}
    if first > deadline:
        return Finding(Check.SPEED, Level.WARNING, Fact("slow_first", told))
    if second > min(SLOW, deadline):
        return Finding(Check.SPEED, Level.WARNING, Fact("slow", told))
    return Finding(Check.SPEED, Level.OK, Fact("usual", told))


def clock(knock: Knock, ours: datetime) -> Finding:
    """Compare the web server's clock with ours at about the moment it answered (aware)."""
    try:
        theirs = parsedate_to_datetime(knock.header("Date"))
    except ValueError:
        return Finding(Check.CLOCK, Level.WARNING, Fact("untold"))
    theirs = theirs if theirs.tzinfo is not None else theirs.replace(tzinfo=UTC)
    apart = theirs - ours
    pieces: dict[str, Piece] = {"apart": abs(apart), "theirs": theirs, "ours": ours}
    if abs(apart) <= SKEW_ALLOWED:
        return Finding(Check.CLOCK, Level.OK, Fact("agrees", pieces))
    level = Level.WRONG if abs(apart) >= SKEW_ABSURD else Level.WARNING
    return Finding(Check.CLOCK, level, Fact("ahead" if apart > timedelta() else "behind", pieces))


def zone(entered: list[datetime], now: datetime, name: str) -> Finding:
    """Look for documents entered later than it is: a base east of its configured zone writes such [I].

    `entered`: naive moments of the base; `now` naive, in the configured zone. A base west of it, and one
    without new documents, cannot be told. 23:59:59 is how УТ dates what the bank confirmed (3.1).
    """
    late = [
        moment
        for moment in entered
        if timedelta(minutes=5) < moment - now < timedelta(hours=14) and moment.time() != _LAST_SECOND
    ]
    pieces: dict[str, str | datetime] = {"zone": name, "now": now}
    if not late:
        return Finding(Check.ZONE, Level.OK, Fact("unseen", pieces))
    return Finding(Check.ZONE, Level.WARNING, Fact("future", {**pieces, "newest": max(late)}))
