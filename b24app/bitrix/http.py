"""One HTTP exchange with Bitrix24, its failures told apart by whether the call may have been carried out."""

from __future__ import annotations

import ipaddress
import json
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import requests
from urllib3.exceptions import ConnectTimeoutError
from urllib3.exceptions import NewConnectionError
from urllib3.exceptions import ProxyError

from b24app.ports.errors import Forbidden
from b24app.ports.errors import NotReached
from b24app.ports.errors import TransportFailure
from b24app.protocol.answers import RawAnswer

USER_AGENT = "b24app credit control"
_NEVER_SENT = (NewConnectionError, ConnectTimeoutError, ProxyError)


@dataclass(frozen=True, slots=True)
class HttpCall:
    """A request; neither the address nor the content shows in a repr, because both may carry secrets."""

    subject: str
    url: str = field(repr=False)
    query: Mapping[str, str] | None = field(default=None, repr=False)
    body: Mapping[str, Any] | None = field(default=None, repr=False)


def open_session(endpoint: str) -> requests.Session:
    """Make a keep-alive session; a loopback portal is never reached through a proxy."""
    session = requests.Session()
    session.headers.update({"Accept": "application/json", "User-Agent": USER_AGENT})
    session.trust_env = not is_loopback(endpoint)
    return session


def exchange(session: requests.Session, call: HttpCall, timeout: tuple[float, float]) -> RawAnswer:
    """Send a GET, or a POST when there is a body, and return what came back, redirects included.

    Raises `NotReached` when no connection was made and `TransportFailure` when the outcome is unknown. Causes
    are cut off: the text of a `requests` error contains the whole address, and with it secrets.
    """
    try:
        response = session.request(
            "GET" if call.body is None else "POST",
            call.url,
            params=call.query,
            data=None if call.body is None else json.dumps(call.body, default=_plain).encode(),
            headers={} if call.body is None else {"Content-Type": "application/json"},
            timeout=timeout,
            allow_redirects=False,
        )
    except requests.RequestException as error:
        if _never_sent(error):
            raise NotReached(f"{call.subject}: no connection ({type(error).__name__})") from None
        raise TransportFailure(f"{call.subject}: connection lost ({type(error).__name__})") from None
    return RawAnswer(response.status_code, dict(response.headers), response.content)


def check_address(url: str, *, allow_insecure: bool) -> str:
    """Return a REST base with a closing slash; raise `Forbidden` for plain http outside loopback."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise Forbidden(f"not a portal address: {parts.scheme}://{parts.netloc}")
    if parts.scheme == "http" and not (allow_insecure or is_loopback(url)):
        raise Forbidden(f"plain http is not allowed for {parts.netloc}")
    return url if url.endswith("/") else f"{url}/"


def is_loopback(url: str) -> bool:
    """Tell whether an address stays on this machine."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _never_sent(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    if not isinstance(error, requests.ConnectionError) or not error.args:
        return False
    return isinstance(getattr(error.args[0], "reason", error.args[0]), _NEVER_SENT)


def _plain(value: object) -> str:
    if isinstance(value, Decimal):
        return f"{value:f}"
    raise TypeError(f"cannot be sent as JSON: {type(value).__name__}")
