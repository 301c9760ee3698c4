"""The loopback server under both sandboxes, and the clock they share."""

from __future__ import annotations

import socket
import threading
from datetime import UTC
from datetime import datetime
from datetime import timedelta
from typing import Any

import pytest
import requests

from b24app.sandbox.clock import SandboxClock
from b24app.sandbox.server import Served
from b24app.sandbox.server import cut


def _echo(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    if environ["PATH_INFO"] == "/cut":
        cut(environ)
    start_response("200 OK", [("Content-Type", "text/plain"), ("X-Port", environ["REMOTE_PORT"])])
    return [environ["wsgi.input"].read(), environ["QUERY_STRING"].encode()]


def test_one_connection_carries_many_requests() -> None:
    with Served(_echo) as served, requests.Session() as session:
        answers = [session.post(f"{served.url}/?q={n}", data=b"body", timeout=5) for n in range(3)]
        assert [answer.text for answer in answers] == ["bodyq=0", "bodyq=1", "bodyq=2"]
        assert len({answer.headers["X-Port"] for answer in answers}) == 1


def test_a_cut_connection_has_no_answer_and_the_next_one_works() -> None:
    with Served(_echo) as served, requests.Session() as session:
        with pytest.raises(requests.ConnectionError):
            session.get(f"{served.url}/cut", timeout=5)
        assert session.get(served.url, timeout=5).status_code == 200


def test_stopping_does_not_wait_for_idle_clients_and_frees_the_port() -> None:
    served = Served(_echo).start()
    with socket.create_connection(("127.0.0.1", served.port)) as idle:
        stopper = threading.Thread(target=served.stop)
        stopper.start()
        stopper.join(5)
        assert not stopper.is_alive()
        assert _is_closed(idle)
    with Served(_echo, served.port) as again:
        assert again.port == served.port


def test_the_clock_follows_real_time_from_where_it_was_set() -> None:
    start = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
    clock = SandboxClock(start)
    assert timedelta(0) <= clock.now() - start < timedelta(seconds=5)
    clock.advance(timedelta(days=1))
    assert timedelta(days=1) <= clock.now() - start < timedelta(days=1, seconds=5)


def _is_closed(connection: socket.socket) -> bool:
    """Tell whether the other side has closed, in order or by a reset."""
    try:
        return connection.recv(1) == b""
    except ConnectionResetError:
        return True
