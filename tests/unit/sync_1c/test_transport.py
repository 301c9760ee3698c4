"""HTTP to 1C over a loopback server that misbehaves."""

from __future__ import annotations

import base64
import json
import socket
import threading
import time
from collections.abc import Callable
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from b24app.ports.errors import AuthLost
from b24app.ports.errors import BadAnswer
from b24app.ports.errors import NotReached
from b24app.ports.errors import TransportFailure
from b24app.sandbox.server import Served
from b24app.sandbox.server import cut
from sync_1c.transport import Deadline
from sync_1c.transport import ODataTransport
from sync_1c.transport import Timeouts
from sync_1c.transport import Utf8Basic
from sync_1c.transport import odata_base

Environ = dict[str, Any]
Answer = tuple[str, bytes]


class Scripted:
    """Answer by a function of the request; keep what was asked."""

    def __init__(self, answer: Callable[[int, Environ], Answer]) -> None:
        self.answer = answer
        self.seen: list[Environ] = []

    def __call__(self, environ: Environ, start_response: Any) -> list[bytes]:
        self.seen.append(environ)
        status, body = self.answer(len(self.seen), environ)
        start_response(status, [("Content-Type", "text/plain")])
        return [body]


@contextmanager
def serving(
    answer: Callable[[int, Environ], Answer], **more: Any
) -> Iterator[tuple[ODataTransport, Scripted]]:
    app = Scripted(answer)
    with Served(app) as served:
        auth = Utf8Basic("Обмен", "пароль")
        yield ODataTransport(served.url, auth, Timeouts(connect=1, read=2), pauses=(0.01,), **more), app


@contextmanager
def raw_server(*pieces: bytes | float) -> Iterator[str]:
    """Serve one connection: send the bytes, sleep the numbers (until the end of the test at most)."""
    over = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                connection.recv(65536)
                for piece in pieces:
                    if isinstance(piece, bytes):
                        connection.sendall(piece)
                    elif over.wait(piece):
                        return

        thread = threading.Thread(target=serve)
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}"
        over.set()
        thread.join(5)


def reach(url: str) -> ODataTransport:
    """Reach a raw server."""
    return ODataTransport(url, Utf8Basic("u", "p"), Timeouts(connect=1, read=5), pauses=())


def test_a_cyrillic_login_travels_as_utf_8() -> None:
    with serving(lambda _n, _e: ("200 OK", b'{"value": []}')) as (transport, app):
        transport.document("X", {}, Deadline(5))
    told = base64.b64decode(app.seen[0]["HTTP_AUTHORIZATION"].removeprefix("Basic "))
    assert told.decode("utf-8") == "Обмен:пароль"
    assert "пароль" not in repr(transport)


def test_rows_are_streamed_past_a_bom_with_exact_numbers() -> None:
    body = b'\xef\xbb\xbf{"odata.metadata": "http://x", "value": [{"a": 90071992547409.93}, {"a": "1"}]}'
    with serving(lambda _n, _e: ("200 OK", body)) as (transport, _):
        rows = list(transport.rows("X", {}, Deadline(5)))
    assert [str(row["a"]) for row in rows] == ["90071992547409.93", "1"]


@pytest.mark.parametrize(
    "body",
    [
        b"<html>login</html>",
        b"",
        b"{}",
        b'{"value": {"a": 1}}',
        b'{"value": [{"a": 1}, ',
        b'{"value": [1]}',
        b'{"value": [{"a": 1}]} x',
        b'{"odata.error": {"code": "1"}}',
        b'{"value": [{"a": "\xff"}]}',
        b"\x00\xff" * 2_500_000,
    ],
    ids=[
        "html",
        "empty",
        "no value",
        "object",
        "cut",
        "number",
        "tail",
        "error",
        "not utf-8",
        "5 MB of noise",
    ],
)
def test_an_answer_that_is_no_whole_collection_is_bad_and_never_a_short_list(body: bytes) -> None:
    with serving(lambda _n, _e: ("200 OK", body)) as (transport, _), pytest.raises(BadAnswer):
        list(transport.rows("X", {}, Deadline(5)))


def test_a_document_is_read_up_to_a_limit_only() -> None:
    body = b'{"value": "' + b"x" * 5_000_000 + b'"}'
    with serving(lambda _n, _e: ("200 OK", body)) as (transport, _), pytest.raises(BadAnswer, match="larger"):
        transport.document("X", {}, Deadline(5))


def test_pages_go_on_until_a_short_one_and_demand_an_order() -> None:
    def answer(_n: int, environ: Environ) -> Answer:
        skip = 2 if "skip=2" in environ["QUERY_STRING"] else 0
        rows = [json.dumps({"n": number}) for number in range(skip, min(skip + 2, 3))]
        return "200 OK", ('{"value": [' + ",".join(rows) + "]}").encode()

    with serving(answer) as (transport, app):
        rows = list(transport.pages("X", {"orderby": "Ref_Key"}, Deadline(5), size=2))
        with pytest.raises(ValueError, match="orderby"):
            next(transport.pages("X", {}, Deadline(5)))
    assert [row["n"] for row in rows] == [0, 1, 2]
    assert len(app.seen) == 2


@pytest.mark.parametrize("status", ["502 Bad Gateway", "503 Busy", "504 Late"])
def test_a_busy_answer_is_asked_again(status: str) -> None:
    def answer(number: int, _environ: Environ) -> Answer:
        return (status, b"") if number == 1 else ("200 OK", b'{"value": []}')

    with serving(answer) as (transport, app):
        assert transport.document("X", {}, Deadline(5)) == {"value": []}
    assert len(app.seen) == 2


def test_a_dropped_connection_is_asked_again_and_then_told() -> None:
    def answer(number: int, environ: Environ) -> Answer:
        if number < 2:
            cut(environ)
        return "200 OK", b'{"value": []}'

    with serving(answer) as (transport, _):
        assert transport.document("X", {}, Deadline(5)) == {"value": []}

    def never(_number: int, environ: Environ) -> Answer:
        cut(environ)
        return "", b""

    with serving(never) as (transport, app):
        with pytest.raises(TransportFailure):
            transport.document("X", {}, Deadline(5))
        assert len(app.seen) == 2


@pytest.mark.parametrize("status", ["500 Internal", "401 Unauthorized", "404 Not Found"])
def test_other_failures_are_told_at_once(status: str) -> None:
    with serving(lambda _n, _e: (status, b"<html>")) as (transport, app):
        with pytest.raises(Exception, match="1C"):
            transport.document("X", {}, Deadline(5))
        assert len(app.seen) == 1


def test_a_login_redirect_is_not_followed() -> None:
    with serving(lambda _n, _e: ("302 Found", b"")) as (transport, _), pytest.raises(BadAnswer):
        transport.document("X", {}, Deadline(5))


def test_the_password_error_is_its_own() -> None:
    with serving(lambda _n, _e: ("401 Unauthorized", b"")) as (transport, _), pytest.raises(AuthLost):
        transport.document("X", {}, Deadline(5))


def test_nobody_listening_is_not_reached() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(NotReached):
        reach(f"http://127.0.0.1:{port}").document("X", {}, Deadline(2))


@pytest.mark.parametrize(
    "pieces",
    [
        (30.0,),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n" + b'{"value": [', 30.0),
        (b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b'{"value": [', 30.0),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n" + b'{"value": [', *([0.1, b" "] * 300)),
    ],
    ids=["no answer", "stops in the body", "stops, closing", "a byte at a time"],
)
def test_a_hung_base_ends_at_the_deadline(pieces: tuple[bytes | float, ...]) -> None:
    with raw_server(*pieces) as url:
        began = time.monotonic()
        with pytest.raises(TransportFailure):
            list(reach(url).rows("X", {}, Deadline(0.3)))
        assert time.monotonic() - began < 15


def test_an_answer_cut_short_is_a_failure_not_a_shorter_list() -> None:
    whole = b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"value": [{"a": 1}]}'
    with raw_server(whole) as url, pytest.raises(TransportFailure):
        list(reach(url).rows("X", {}, Deadline(2)))


def test_a_passed_deadline_sends_nothing() -> None:
    with serving(lambda _n, _e: ("200 OK", b"{}")) as (transport, app):
        with pytest.raises(TransportFailure):
            transport.document("X", {}, Deadline(0))
        assert app.seen == []


def test_the_odata_root_is_added_once() -> None:
    assert odata_base("https://1c/ut/") == "https://1c/ut/odata/standard.odata"
    assert odata_base("https://1c/ut/odata/standard.odata/") == "https://1c/ut/odata/standard.odata"
