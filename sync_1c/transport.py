"""HTTP to one 1C base: one session a thread, deadlines that end a hung base, rows streamed off the wire.

Rules: onec_odata 1.2 (UTF-8 Basic header, keep-alive session), 1.5 (no server paging), 1.9 (retry only GET).
"""

from __future__ import annotations

import re
import threading
import time
from base64 import b64encode
from contextlib import contextmanager
from contextlib import suppress
from dataclasses import dataclass
from dataclasses import field
from typing import TYPE_CHECKING
from typing import Any

import ijson
import requests
from requests.auth import AuthBase
from urllib3.exceptions import HTTPError
from urllib3.exceptions import NewConnectionError

from b24app.ports.errors import BadAnswer
from b24app.ports.errors import NotReached
from b24app.ports.errors import TransportFailure
from sync_1c import odata

if TYPE_CHECKING:
    from collections.abc import Iterator
    from collections.abc import Mapping

    from urllib3.response import BaseHTTPResponse

PAGE = 500
_ROOT = "/odata/standard.odata"
_CHUNK = 65536
_HEAD = 4096
_COLLECTION = re.compile(rb'\A\s*\{(?:[^\[\]{}]*,)?\s*"value"\s*:\s*\[')
_BUSY = frozenset({502, 503, 504})
_PAUSES = (0.3, 1.0)


def odata_base(publication: str) -> str:
    """Return the OData root of a publication; one that is a root already stays (onec_odata 1.1)."""
    address = publication.rstrip("/")
    return address if address.endswith(_ROOT) else address + _ROOT


class Deadline:
    """The end of one whole operation; the remaining time bounds every request in it."""

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds

    @property
    def remaining(self) -> float:
        """Seconds left, never negative."""
        return max(0.0, self._ends - time.monotonic())

    def require(self) -> float:
        """Return the seconds left; raises `TransportFailure` when there are none."""
        left = self.remaining
        if left <= 0:
            raise TransportFailure("1C did not answer before the deadline")
        return left


class Utf8Basic(AuthBase):
    """HTTP Basic from UTF-8 bytes (onec_odata 1.2): requests' own fails on Cyrillic logins."""

    def __init__(self, username: str, password: str) -> None:
        self.username = username
        self._header = "Basic " + b64encode(f"{username}:{password}".encode()).decode("ascii")

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        """Sign one request."""
        request.headers["Authorization"] = self._header
        return request

    def __repr__(self) -> str:
        return "Utf8Basic(…)"


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds: to connect, between two reads, and for one streamed full read of the scheduled snapshot."""

    connect: float = 10.0
    read: float = 120.0
    stream: float = 1800.0


@dataclass(frozen=True, slots=True)
class Knock:
    """One answer as it came, whatever it is; `seconds` from asking to its last byte."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    def header(self, name: str) -> str:
        """Return a header by its name in any case, empty when there is none."""
        return next((value for key, value in self.headers.items() if key.lower() == name.lower()), "")


@dataclass(slots=True)
class ODataTransport:
    """GET requests to one base. Raises `GatewayError` subclasses only; safe to share between threads.

    `max_body`: the largest answer, in bytes, that is read whole; larger ones are `BadAnswer`. `pauses`:
    seconds before each repeat of a request that was refused a connection, dropped, or answered 502, 503, 504.
    """

    base: str
    auth: Utf8Basic
    timeouts: Timeouts = field(default_factory=Timeouts)
    max_body: int = 4 * 1024 * 1024
    pauses: tuple[float, ...] = _PAUSES
    _local: threading.local = field(default_factory=threading.local, repr=False)

    def document(self, resource: str, options: Mapping[str, str], deadline: Deadline) -> dict[str, Any]:
        """Read one answer whole."""
        with self._answer(resource, options, deadline) as body:
            return odata.document(body.whole(self.max_body))

    def write(self, method: str, resource: str, body: Mapping[str, Any], deadline: Deadline) -> None:
        """Write one object (`POST` or `PATCH`), once: whoever calls looks before he repeats (onec_odata 1.7).

        The answer is the object written (onec_odata 1.7); anything else, as a login page, is `BadAnswer`.
        Raises `TransportFailure` when it may have been carried out, `NotReached` when it surely was not.
        """
        left = deadline.require()
        limits = (min(self.timeouts.connect, left), min(self.timeouts.read, left))
        url = odata.address(self.base, resource, {})
        try:
            with self._session().request(
                method, url, json=body, auth=self.auth, timeout=limits, allow_redirects=False
            ) as answer:
                body_back = answer.content
                error = odata.failure(answer.status_code, body_back)
        except requests.ConnectTimeout as failure:
            raise NotReached("1C cannot be reached: connecting timed out") from failure
        except requests.ConnectionError as failure:
            if isinstance(getattr(failure.args[0], "reason", None), NewConnectionError):
                raise NotReached("1C cannot be reached") from failure
            raise TransportFailure("1C dropped a write") from failure
        except requests.RequestException as failure:
            raise TransportFailure("1C did not answer a write") from failure
        if error is not None:
            raise error
        odata.document(body_back)

    def rows(self, resource: str, options: Mapping[str, str], deadline: Deadline) -> Iterator[dict[str, Any]]:
        """Stream the rows of a collection that comes in one answer (virtual tables), in constant memory.

        An answer that is not a collection, or is cut short, raises `BadAnswer` or `TransportFailure`: never
        a silently shorter list.
        """
        with self._answer(resource, options, deadline) as body:
            body.expect_collection()
            try:
                for row in ijson.items(body, "value.item"):
                    if not isinstance(row, dict):
                        raise BadAnswer("1C: a row is not an object")
                    yield row
            except (ijson.JSONError, UnicodeDecodeError) as error:
                deadline.require()
                raise BadAnswer("1C: the answer is not JSON") from error

    def pages(
        self, resource: str, options: Mapping[str, str], deadline: Deadline, *, size: int = PAGE
    ) -> Iterator[dict[str, Any]]:
        """Stream a set page by page; `orderby` must be among the options, else pages may overlap."""
        if not options.get("orderby"):
            raise ValueError("paging without $orderby")
        skip = 0
        while True:
            count = 0
            page = {**options, "top": str(size), "skip": str(skip) if skip else ""}
            for row in self.rows(resource, page, deadline):
                count += 1
                yield row
            if count < size:
                return
            skip += size

    def knock(self, resource: str, options: Mapping[str, str], deadline: Deadline) -> Knock:
        """Ask once, without repeats, and return whatever came back; raises only when no HTTP answer came."""
        began = time.monotonic()
        response = self._send(odata.address(self.base, resource, options), deadline)
        alarm = threading.Timer(deadline.remaining, _cut, (response.raw,))
        alarm.daemon = True
        alarm.start()
        body = _Body(response, deadline)
        try:
            said = body.whole(self.max_body)
        finally:
            alarm.cancel()
            body.dispose()
        return Knock(response.status_code, dict(response.headers), said, time.monotonic() - began)

    @contextmanager
    def _answer(self, resource: str, options: Mapping[str, str], deadline: Deadline) -> Iterator[_Body]:
        response = self._get(odata.address(self.base, resource, options), deadline)
        alarm = threading.Timer(deadline.remaining, _cut, (response.raw,))
        alarm.daemon = True
        alarm.start()
        body = _Body(response, deadline)
        try:
            error = odata.failure(response.status_code, b"" if response.ok else body.head())
            if error is not None:
                raise error
            yield body
        finally:
            alarm.cancel()
            body.dispose()

    def _get(self, url: str, deadline: Deadline) -> requests.Response:
        for pause in (*self.pauses, None):
            try:
                response = self._send(url, deadline)
            except NotReached:
                if pause is None or deadline.remaining <= pause:
                    raise
            else:
                if response.status_code not in _BUSY or pause is None or deadline.remaining <= pause:
                    return response
                response.close()
            time.sleep(pause)
        raise AssertionError("the last try returns or raises")

    def _send(self, url: str, deadline: Deadline) -> requests.Response:
        left = deadline.require()
        limits = (min(self.timeouts.connect, left), min(self.timeouts.read, left))
        try:
            return self._session().get(
                url, auth=self.auth, timeout=limits, stream=True, allow_redirects=False
            )
        except requests.ConnectTimeout as error:
            raise NotReached("1C cannot be reached: connecting timed out") from error
        except requests.Timeout as error:
            raise TransportFailure("1C did not answer in time") from error
        except requests.ConnectionError as error:
            never_met = isinstance(getattr(error.args[0], "reason", None), NewConnectionError)
            kind = NotReached if never_met or isinstance(error, requests.exceptions.SSLError) else _Dropped
            raise kind("1C cannot be reached" if never_met else "1C dropped the connection") from error
        except requests.RequestException as error:
            raise BadAnswer("1C: not an HTTP answer") from error

    def _session(self) -> requests.Session:
        session: requests.Session | None = getattr(self._local, "session", None)
        if session is None:
            session = self._local.session = requests.Session()
            session.headers["Accept"] = "application/json"
        return session


class _Dropped(NotReached):
    """A dropped GET: nothing was written, so it is repeated like one that was never sent."""


def _cut(raw: BaseHTTPResponse) -> None:
    """End a read that is still waiting at the deadline; the reader then sees the deadline has passed."""
    with suppress(ValueError, RuntimeError, OSError):  # the answer ended in the same instant
        raw.shutdown()


class _Body:
    """The body of one answer, read piece by piece under the deadline, without its BOM."""

    def __init__(self, response: requests.Response, deadline: Deadline) -> None:
        self._raw = response.raw
        self._response = response
        self._deadline = deadline
        self._ahead = b""
        self._started = False
        self._ended = False

    def read(self, size: int = _CHUNK) -> bytes:
        """Return at most `size` bytes, none at the end (the reading half of a file, for the JSON parser)."""
        if size == 0:
            return b""
        if self._ahead:
            piece, self._ahead = self._ahead[:size], self._ahead[size:]
            return piece
        return self._pull(size)

    def head(self, size: int = _HEAD) -> bytes:
        """Look at the first bytes without consuming them."""
        while len(self._ahead) < size:
            piece = self._pull(_CHUNK)
            if not piece:
                break
            self._ahead += piece
        return self._ahead

    def expect_collection(self) -> None:
        """Raise `BadAnswer` unless the answer begins as an OData collection (a login page does not)."""
        if not _COLLECTION.match(self.head()):
            raise BadAnswer("1C: the answer is not a collection")

    def whole(self, limit: int) -> bytes:
        """Read everything; raises `BadAnswer` beyond `limit` bytes."""
        pieces, size = [], 0
        while piece := self.read(_CHUNK):
            size += len(piece)
            if size > limit:
                raise BadAnswer(f"1C: the answer is larger than {limit} bytes")
            pieces.append(piece)
        return b"".join(pieces)

    def dispose(self) -> None:
        """Give a finished connection back, drop one with unread bytes."""
        if self._ended:
            self._response.close()
        else:
            self._raw.close()

    def _pull(self, size: int) -> bytes:
        if self._ended:
            return b""
        try:
            piece: bytes = self._raw.read1(max(size, _HEAD), decode_content=True)
        except (HTTPError, OSError, ValueError) as error:
            self._deadline.require()
            raise TransportFailure("1C broke off its answer") from error
        self._deadline.require()
        if not self._started and piece:
            self._started = True
            piece = piece.removeprefix(odata.BOM)
        if not piece:
            self._ended = True
        if len(piece) > size:
            piece, self._ahead = piece[:size], piece[size:]
        return piece
