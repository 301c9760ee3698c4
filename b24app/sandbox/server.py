"""A WSGI application served on loopback from a thread, closing without a trace."""

from __future__ import annotations

import socket
import socketserver
import sys
import threading
from http.server import BaseHTTPRequestHandler
from http.server import ThreadingHTTPServer
from io import BytesIO
from types import TracebackType
from typing import TYPE_CHECKING
from typing import Any
from typing import Self
from urllib.parse import unquote_to_bytes

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

_JOIN_SECONDS = 10.0
_MAX_BODY = 64 * 1024 * 1024
_Headers = list[tuple[str, str]]


class _Handler(BaseHTTPRequestHandler):
    """Answer WSGI requests over kept-alive HTTP/1.1 connections and write no access log."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Write nothing: tokens travel in query strings."""

    def do_GET(self) -> None:
        self._answer()

    do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = do_OPTIONS = do_GET

    def _answer(self) -> None:
        started: list[tuple[str, _Headers]] = []

        def start_response(status: str, headers: _Headers, exc_info: Any = None) -> Any:
            del exc_info
            started[:] = [(status, headers)]
            return body.append

        body: list[bytes] = []
        length = int(self.headers.get("Content-Length") or 0)
        if length > _MAX_BODY or "Transfer-Encoding" in self.headers:
            self.close_connection = True
            self.send_error(411)
            return
        try:
            chunks = self.server.app(self._environ(self.rfile.read(length)), start_response)
            try:
                body.extend(chunks)
                self._write(*started[0], b"".join(body))
            finally:
                if hasattr(chunks, "close"):
                    chunks.close()
        except ConnectionError:
            self.close_connection = True

    def _write(self, status: str, headers: _Headers, body: bytes) -> None:
        code, _, reason = status.partition(" ")
        if any(name.lower() == "date" for name, _ in headers):
            self.send_response_only(int(code), reason)
        else:
            self.send_response(int(code), reason)
        for name, value in headers:
            if name.lower() not in {"content-length", "connection"}:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _environ(self, body: bytes) -> dict[str, Any]:
        path, _, query = self.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": self.command,
            "SCRIPT_NAME": "",
            "PATH_INFO": unquote_to_bytes(path).decode("latin-1"),
            "QUERY_STRING": query,
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": str(self.server.server_port),
            "SERVER_PROTOCOL": self.request_version,
            "REMOTE_ADDR": self.client_address[0],
            "REMOTE_PORT": str(self.client_address[1]),
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": BytesIO(body),
            "wsgi.errors": sys.stderr,
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
            "sandbox.connection": self.connection,
        }
        if "Content-Type" in self.headers:
            environ["CONTENT_TYPE"] = self.headers["Content-Type"]
        for name, value in self.headers.items():
            key = name.upper().replace("-", "_")
            if key not in {"CONTENT_TYPE", "CONTENT_LENGTH"}:
                environ["HTTP_" + key] = value
        return environ


class _Server(ThreadingHTTPServer):
    """Remember open connections, so that stopping does not wait for idle keep-alive clients."""

    daemon_threads = False
    block_on_close = True
    request_queue_size = 256

    def __init__(self, port: int, app: WSGIApplication) -> None:
        self.app = app
        self._open: set[socket.socket] = set()
        self._open_lock = threading.Lock()
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        """Skip the name look-up of the base class: it may ask a name server."""
        socketserver.TCPServer.server_bind(self)
        self.server_name = "127.0.0.1"
        self.server_port = int(self.server_address[1])

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._open_lock:
            self._open.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._open_lock:
            self._open.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Print the failure of an application; cut connections are an everyday thing and stay silent."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)

    def cut_connections(self) -> None:
        with self._open_lock:
            for connection in self._open:
                _shut(connection)


def _shut(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:  # the peer was faster
        return


def cut(environ: dict[str, Any]) -> None:
    """Break the client's connection without an answer.

    Raises:
        ConnectionResetError: always; the server ends the request quietly on it.
    """
    _shut(environ["sandbox.connection"])
    raise ConnectionResetError("the sandbox dropped the connection")


class Served:
    """Serve `app` on 127.0.0.1 at `port` (0: a free one) with threads and keep-alive HTTP/1.1.

    The port is taken at construction, so `url` is known before `start`. Use as a context manager or call
    `start` and `stop`; `stop` cuts idle connections, lets running handlers end and joins their threads.
    """

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        self._server = _Server(port, app)
        self._thread: threading.Thread | None = None
        self._closed = False

    @property
    def port(self) -> int:
        """The TCP port taken."""
        return int(self._server.server_port)

    @property
    def url(self) -> str:
        """`http://127.0.0.1:<port>` without a trailing slash."""
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> Self:
        """Begin to answer."""
        self._thread = threading.Thread(
            target=self._server.serve_forever,
            kwargs={"poll_interval": 0.02},
            name=f"sandbox-{self.port}",
            daemon=True,
        )
        self._thread.start()
        return self

    def stop(self) -> None:
        """Stop answering and give the port back; a second call does nothing."""
        if self._closed:
            return
        self._closed = True
        if self._thread is not None:
            self._server.shutdown()
            self._thread.join(_JOIN_SECONDS)
        self._server.cut_connections()
        self._server.server_close()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()
