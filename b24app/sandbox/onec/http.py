"""The web server in front of the base: limits, authentication, faults, negotiation, errors."""

from __future__ import annotations

import base64
import binascii
import hmac
from collections.abc import Callable
from collections.abc import Iterable
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING
from typing import Any
from urllib.parse import quote
from xml.sax.saxutils import escape

from b24app.sandbox.onec.errors import ODataError
from b24app.sandbox.onec.errors import internal_error
from b24app.sandbox.onec.faults import Fault
from b24app.sandbox.onec.faults import LoggedRequest
from b24app.sandbox.onec.faults import RequestLog
from b24app.sandbox.onec.faults import Switches
from b24app.sandbox.onec.metadata import metadata
from b24app.sandbox.onec.query import parse_options
from b24app.sandbox.onec.reading import Found
from b24app.sandbox.onec.reading import Reader
from b24app.sandbox.onec.registers import Quoting
from b24app.sandbox.onec.render import collection
from b24app.sandbox.onec.render import render
from b24app.sandbox.onec.schema import Row
from b24app.sandbox.onec.schema import Value
from b24app.sandbox.onec.writing import Writer
from b24app.sandbox.server import cut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse
    from _typeshed.wsgi import WSGIEnvironment

_HTML = "text/html; charset=utf-8"
_REASONS = {
    200: "OK",
    201: "Created",
    400: "Bad Request",
    401: "Unauthorized",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    414: "URI Too Long",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
_FORMATS = {
    "json": "minimalmetadata",
    "application/json": "minimalmetadata",
    "application/json;odata=minimalmetadata": "minimalmetadata",
    "application/json;odata=nometadata": "nometadata",
}


@dataclass(frozen=True, slots=True)
class Publication:
    """How the base is published: its name, habits and the web server's limits.

    `query_limit` is IIS's for the query string, `line_limit` Apache's for the address as a whole (bytes).
    """

    name: str = "trade"
    quoting: Quoting = Quoting.BOTH
    new_architecture: bool = True
    query_limit: int = 2048
    line_limit: int = 8190


@dataclass(frozen=True, slots=True)
class _Answer:
    status: int
    kind: str
    body: Iterable[bytes]
    headers: tuple[tuple[str, str], ...] = ()


class Gate:
    """The WSGI application of one publication; `now` is its server's clock (UTC)."""

    def __init__(
        self,
        reader: Reader,
        switches: Switches,
        log: RequestLog,
        publication: Publication,
        account: tuple[str, str],
        now: Callable[[], datetime],
    ) -> None:
        self._now = now
        self._reader = reader
        self._writer = Writer(reader)
        self._switches = switches
        self._log = log
        self._publication = publication
        self._credentials = ":".join(account).encode()
        self.root = f"/{publication.name}/odata/standard.odata"

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer one request; a long collection is streamed."""
        answer = self._guarded(environ)
        told = format_datetime(self._now() + self._switches.skew, usegmt=True)
        headers = [("Content-Type", answer.kind), ("Date", told), *answer.headers]
        if isinstance(answer.body, list):
            headers.append(("Content-Length", str(sum(map(len, answer.body)))))
        start_response(f"{answer.status} {_REASONS[answer.status]}", headers)
        return answer.body

    def _guarded(self, environ: WSGIEnvironment) -> _Answer:
        path = environ.get("PATH_INFO", "").encode("latin-1").decode("utf-8", "replace")
        query = environ.get("QUERY_STRING", "")
        resource = path.removeprefix(self.root).removeprefix("/")
        self._log.add(LoggedRequest(environ["REQUEST_METHOD"], resource, query))
        fault = self._switches.strike()
        if fault is Fault.OFF:
            cut(environ)
        blocked = self._blocked(environ, path, query, fault)
        if blocked is not None:
            return blocked
        wants = _wanted(query, environ.get("HTTP_ACCEPT", ""))
        try:
            return self._answer(environ, resource, query, wants)
        except ODataError as error:
            return _refusal(error, as_json=wants is not None)

    def _blocked(
        self, environ: WSGIEnvironment, path: str, query: str, fault: Fault | None
    ) -> _Answer | None:
        """What the web server, the login or a fault answers instead of OData."""
        if path != self.root and not path.startswith(self.root + "/"):
            return _page(404, "404 - Файл или каталог не найден.")
        if len(query) > self._publication.query_limit:
            return _page(404, "HTTP Error 404.15 - Not Found: query string too long")
        if len(_raw_path(environ)) + len(query) + 1 > self._publication.line_limit:
            return _page(414, "Request-URI Too Long")
        if fault is Fault.GARBAGE:
            return _page(200, "<form action='/login'>Вход в систему</form>")
        if fault is Fault.UNAVAILABLE:
            return _page(503, "Service Unavailable")
        if fault is Fault.UNAUTHORIZED or not self._known(environ.get("HTTP_AUTHORIZATION", "")):
            asked = ("WWW-Authenticate", 'Basic realm="1C:Enterprise 8.3"')
            return _page(401, "401 - Unauthorized: Access is denied due to invalid credentials.", asked)
        if fault is Fault.INTERNAL:
            return _refusal(internal_error(), as_json=True)
        return None

    def _answer(self, environ: WSGIEnvironment, resource: str, query: str, wants: str | None) -> _Answer:
        if environ["REQUEST_METHOD"] not in ("GET", "HEAD"):
            return self._written(environ, resource)
        if resource == "$metadata":
            document = metadata(self._reader.family, self._reader.published())
            return _Answer(200, "application/xml; charset=utf-8", [document])
        options = parse_options(query)
        if resource.endswith("/$count"):
            found = self._reader.read(resource, options)
            return _Answer(200, "text/plain; charset=utf-8", [f"\ufeff{found.number}".encode()])
        if wants is None:
            raise ODataError(406, "3", "Представление не поддерживается: эта база отвечает только JSON")
        kind = f"application/json;odata={wants};charset=utf-8"
        if resource == "":
            return _Answer(200, kind, [self._service(environ)])
        found = self._reader.read(resource, options)
        return _Answer(200, kind, self._body(environ, found, wants))

    def _written(self, environ: WSGIEnvironment, resource: str) -> _Answer:
        """Carry out a write; its answer may be lost on the way."""
        made, row = self._writer.write(environ["REQUEST_METHOD"], resource, environ["wsgi.input"].read())
        if self._switches.lost_writes:
            self._switches.lost_writes -= 1
            cut(environ)
        kind = "application/json;odata=nometadata;charset=utf-8"
        return _Answer(201 if made else 200, kind, [render(row).encode()])

    def _body(self, environ: WSGIEnvironment, found: Found, wants: str) -> Iterable[bytes]:
        minimal = wants == "minimalmetadata"
        context = f"{self._url(environ)}/$metadata#{found.name}"
        if found.single is not None:
            row = _linked(found.name, found.single) if minimal else found.single
            about: dict[str, Value] = {"odata.metadata": f"{context}/@Element"} if minimal else {}
            return [render({**about, **row}).encode()]
        heading = {"odata.metadata": context} if minimal else {}
        if found.total is not None:
            heading["odata.count"] = str(found.total)
        rows = (_linked(found.name, row) for row in found.rows) if minimal else found.rows
        return _short(collection(rows, heading))

    def _service(self, environ: WSGIEnvironment) -> bytes:
        names = self._reader.published()
        rows: tuple[Row, ...] = tuple({"name": name, "url": quote(name)} for name in names)
        return render({"odata.metadata": f"{self._url(environ)}/$metadata", "value": rows}).encode()

    def _url(self, environ: WSGIEnvironment) -> str:
        return f"{environ['wsgi.url_scheme']}://{environ.get('HTTP_HOST', '')}{self.root}"

    def _known(self, header: str) -> bool:
        scheme, _, encoded = header.partition(" ")
        try:
            given = base64.b64decode(encoded, validate=True)
        except binascii.Error:
            return False
        return scheme.lower() == "basic" and hmac.compare_digest(given, self._credentials)


def _raw_path(environ: WSGIEnvironment) -> str:
    raw: Any = environ.get("REQUEST_URI") or environ.get("RAW_URI") or quote(environ.get("PATH_INFO", ""))
    return str(raw).partition("?")[0]


def _wanted(query: str, accept: str) -> str | None:
    """The JSON flavour asked for; None when it was not JSON that was asked for."""
    try:
        asked = parse_options(query).format
    except ODataError:
        asked = next(
            (x.partition("=")[2] for x in query.split("&") if x.startswith(("$format", "%24format"))), None
        )
    if asked is not None:
        return _FORMATS.get(asked.replace(" ", ""))
    for one in accept.replace(" ", "").split(","):
        if one.partition(";q=")[0] in _FORMATS:
            return _FORMATS[one.partition(";q=")[0]]
    return None


def _refusal(error: ODataError, *, as_json: bool) -> _Answer:
    if as_json:
        return _Answer(error.status, "application/json;charset=utf-8", [error.body()])
    inner = f"<m:code>{error.code}</m:code><m:message>{escape(error.text)}</m:message>"
    space = "http://schemas.microsoft.com/ado/2007/08/dataservices/metadata"
    body = f'<?xml version="1.0" encoding="UTF-8"?><m:error xmlns:m="{space}">{inner}</m:error>'
    return _Answer(error.status, "application/xml; charset=utf-8", [body.encode()])


def _page(status: int, text: str, *headers: tuple[str, str]) -> _Answer:
    body = f"<!DOCTYPE html><html><head><title>IIS</title></head><body><h2>{text}</h2></body></html>"
    return _Answer(status, _HTML, [body.encode()], headers)


def _linked(name: str, row: Row) -> Row:
    """Add the navigation links that minimal metadata carries beside references."""
    ref = row.get("Ref_Key")
    if not isinstance(ref, str) or "LineNumber" in row:
        return row
    links: dict[str, Value] = {
        f"{key.removesuffix('_Key')}@navigationLinkUrl": f"{name}(guid'{ref}')/{key.removesuffix('_Key')}"
        for key in row
        if key.endswith("_Key") and key != "Ref_Key"
    }
    return {**row, **links}


def _short(pieces: Iterator[bytes]) -> Iterable[bytes]:
    """One piece goes with its length, more are streamed."""
    first = next(pieces)
    second = next(pieces, None)
    if second is None:
        return [first]
    return _chain(first, second, pieces)


def _chain(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest
