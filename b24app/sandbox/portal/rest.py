"""The portal's REST address as a WSGI application, with the journal, the faults and the end of each hit."""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable
from collections.abc import Iterator
from typing import TYPE_CHECKING
from typing import Any

from b24app.sandbox.portal import events
from b24app.sandbox.portal import execute
from b24app.sandbox.portal import php
from b24app.sandbox.portal.core import Core
from b24app.sandbox.portal.core import Hit
from b24app.sandbox.portal.errors import RestError
from b24app.sandbox.portal.requestlog import Fault
from b24app.sandbox.portal.requestlog import RequestLog
from b24app.sandbox.portal.store import Record
from b24app.sandbox.server import cut

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse

_REASONS = {
    200: "OK",
    400: "Bad Request",
    401: "Unauthorized",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    429: "Too Many Requests",
    500: "Internal Server Error",
    503: "Service Unavailable",
}
_JSON = [("Content-Type", "application/json; charset=utf-8")]
_HTML = b"<!DOCTYPE html><html><body><h1>Authorization</h1></body></html>"


class _Answer:
    """The body of a response that does something once its bytes are out."""

    def __init__(self, body: bytes, then: Callable[[], None]) -> None:
        self._body = body
        self._then = [then]

    def then(self, action: Callable[[], None]) -> None:
        """Do `action` after everything asked for before."""
        self._then.append(action)

    def __iter__(self) -> Iterator[bytes]:
        yield self._body

    def close(self) -> None:
        """Run what comes after the answer; the server calls it."""
        for action in self._then:
            action()


class RestApp:
    """`/rest/<method>[.json]` by GET or POST, JSON or form."""

    def __init__(self, core: Core) -> None:
        self._core = core

    def __call__(self, environ: dict[str, Any], start_response: StartResponse) -> _Answer:
        """Answer one request as WSGI; cut connections end in ConnectionResetError."""
        with contextlib.ExitStack() as leaving:
            self._core.activity.enter()
            leaving.callback(self._core.activity.leave)
            answer = self._respond(environ, start_response)
            answer.then(leaving.pop_all().close)
            return answer

    def _respond(self, environ: dict[str, Any], start_response: StartResponse) -> _Answer:
        core = self._core
        name = environ["PATH_INFO"].removeprefix("/rest/").strip("/").lower().removesuffix(".json")
        params, token = _read(environ)
        entry = core.journal.open(name, _commands(name, params), core.now())
        core.journal.run_before(entry)
        fault = core.faults.take(entry)
        if fault is not None and (early := self._early(fault, (name, params, token), entry)) is not None:
            if early == 0:
                cut(environ)
            return self._plain(early, fault[0], entry, start_response)
        hit = Hit(0)
        try:
            status, body = self._execute(name, params, token, hit)
        except execute.RequestCutError:
            entry.status = 0
            events.finish(core, hit)
            cut(environ)
            raise
        if fault is not None and fault[0] is Fault.SLOW:
            core.stopping.wait(fault[1])
        if fault is not None and fault[0] is Fault.DROP_AFTER:
            entry.status = 0
            events.finish(core, hit)
            cut(environ)
        entry.status = status
        start_response(f"{status} {_REASONS.get(status, 'Error')}", list(_JSON))
        return _Answer(json.dumps(body).encode(), lambda: self._end(hit, entry))

    def _end(self, hit: Hit, entry: RequestLog) -> None:
        events.finish(self._core, hit)
        self._core.journal.run_after(entry)

    def _early(
        self, fault: tuple[Fault, float], call: tuple[str, Record, str], entry: RequestLog
    ) -> int | None:
        """The status of a fault that answers instead of executing, 0 for a cut, None to go on."""
        kind, seconds = fault
        statuses = {Fault.ERROR_500: 500, Fault.ERROR_503: 503, Fault.HTML: 200, Fault.DROP_BEFORE: 0}
        if kind is Fault.FINISH_LATER:
            self._core.activity.enter()
            thread = threading.Thread(target=self._later, args=(call, seconds), daemon=True)
            thread.start()
            entry.status = 0
            return 0
        if kind in statuses:
            entry.status = statuses[kind]
            return statuses[kind]
        return None

    def _later(self, call: tuple[str, Record, str], seconds: float) -> None:
        """Execute a request whose client has gone."""
        with contextlib.ExitStack() as leaving:
            leaving.callback(self._core.activity.leave)
            if self._core.stopping.wait(seconds):
                return
            hit = Hit(0)
            with contextlib.suppress(execute.RequestCutError):
                self._execute(*call, hit)
            events.finish(self._core, hit)

    def _plain(self, status: int, fault: Fault, entry: RequestLog, start_response: StartResponse) -> _Answer:
        headers, body = list(_JSON), b""
        if fault is Fault.HTML:
            headers, body = [("Content-Type", "text/html; charset=utf-8")], _HTML
        elif fault is Fault.ERROR_503:
            body = _error("OVERLOAD_LIMIT", "REST API is blocked due to overload")
        else:
            body = _error("INTERNAL_SERVER_ERROR", "Internal server error")
        start_response(f"{status} {_REASONS[status]}", headers)
        return _Answer(body, lambda: self._core.journal.run_after(entry))

    def _execute(self, name: str, params: Record, token: str, hit: Hit) -> tuple[int, Record]:
        core = self._core
        try:
            with core.store.lock:
                if not core.bucket.take(core.now()):
                    raise RestError("QUERY_LIMIT_EXCEEDED", "Too many requests", 503)  # noqa: TRY301 - one way out
                if not execute.known(name):
                    raise RestError("ERROR_METHOD_NOT_FOUND", "Method not found!", 404)  # noqa: TRY301 - as above
                hit.user_id = core.checked_token(token).user_id
                core.automation.expire()
                core.processes.expire()
            return 200, execute.Executor(core, hit).run(name, params)
        except RestError as error:
            return error.status, error.body()


def _error(code: str, text: str) -> bytes:
    return json.dumps({"error": code, "error_description": text}).encode()


def _read(environ: dict[str, Any]) -> tuple[Record, str]:
    """Parameters of query and body joined, and the token from wherever it stands (bitrix24 2.5)."""
    params = php.decode(environ["QUERY_STRING"])
    body = environ["wsgi.input"].read()
    if environ.get("CONTENT_TYPE", "").partition(";")[0].strip().lower() == "application/json":
        params = php.merge(params, _json(body))
    elif body:
        params = php.merge(params, php.decode(body.decode("utf-8", "replace")))
    bearer = environ.get("HTTP_AUTHORIZATION", "")
    token = params.pop("auth", None) or params.pop("access_token", None)
    if not token and bearer.lower().startswith("bearer "):
        token = bearer[7:].strip()
    return params, token if isinstance(token, str) else ""


def _json(body: bytes) -> Record:
    """A JSON object; anything else counts as no parameters, as in PHP."""
    try:
        value = json.loads(body or b"{}")
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _commands(name: str, params: Record) -> tuple[str, ...]:
    if name != execute.BATCH:
        return ()
    try:
        return tuple(execute.method_of(command) for command in execute.commands_of(params).values())
    except RestError:
        return ()
