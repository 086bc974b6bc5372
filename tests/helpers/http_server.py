"""An HTTP server on loopback that answers as it is told and remembers what it was asked."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass(frozen=True, slots=True)
class ReceivedRequest:
    """One request as it arrived; header names in lower case."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Reply:
    status: int = 200
    body: bytes = b""
    content_type: str = "application/json"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class HttpServer:
    """`answer` may be replaced at any time; `asked` grows with every complete request."""

    url: str
    answer: Callable[[ReceivedRequest], Reply]
    asked: list[ReceivedRequest] = field(default_factory=list)
    listening: _Listening | None = None

    def paths(self) -> list[str]:
        return [asked.path for asked in self.asked]

    def refuse(self) -> None:
        """Refuse connections until `listen` is called, and end those that are open."""
        if self.listening is not None:
            self.listening.end()
            self.listening = None

    def listen(self) -> None:
        """Take connections, at the port of before."""
        if self.listening is None:
            self.listening = _Listening(int(self.url.rpartition(":")[2]), self)


class _Listening(ThreadingHTTPServer):
    """A port that is open, and the connections it has taken."""

    daemon_threads = True

    def __init__(self, port: int, loopback: HttpServer) -> None:
        super().__init__(("127.0.0.1", port), _handler(loopback))
        self.connections: set[Any] = set()
        self.thread = threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self.thread.start()

    def get_request(self) -> tuple[Any, Any]:
        connection, address = super().get_request()
        self.connections.add(connection)
        return connection, address

    def shutdown_request(self, request: Any) -> None:
        self.connections.discard(request)
        super().shutdown_request(request)

    def end(self) -> None:
        self.shutdown()
        self.server_close()
        for connection in list(self.connections):
            with suppress(OSError):
                connection.shutdown(socket.SHUT_RDWR)
        self.thread.join()


@contextmanager
def serve(answer: Callable[[ReceivedRequest], Reply]) -> Iterator[HttpServer]:
    """Serve HTTP on 127.0.0.1 until the block ends."""
    loopback = HttpServer("http://127.0.0.1:0", answer)
    loopback.listen()
    assert loopback.listening is not None
    loopback.url = f"http://127.0.0.1:{loopback.listening.server_port}"
    try:
        yield loopback
    finally:
        loopback.refuse()


def _handler(loopback: HttpServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True  # headers and body are two writes, and would wait 40 ms for each other

        def _serve(self) -> None:
            parts = urlsplit(self.path)
            asked = ReceivedRequest(
                self.command,
                parts.path,
                parse_qs(parts.query, keep_blank_values=True),
                {name.lower(): value for name, value in self.headers.items()},
                self.rfile.read(int(self.headers.get("Content-Length") or 0)),
            )
            loopback.asked.append(asked)
            answer = loopback.answer(asked)
            self.send_response(answer.status)
            self.send_header("Content-Type", answer.content_type)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            if answer.status not in (204, 304):
                self.send_header("Content-Length", str(len(answer.body)))
            self.end_headers()
            if answer.status not in (204, 304):
                self.wfile.write(answer.body)

        do_GET = do_POST = do_HEAD = _serve

        def log_message(self, *_: object) -> None:
            return

    return Handler
