"""A publisher on loopback that breaks every rule of HTTP it is shown to break, byte by byte."""

from __future__ import annotations

import socket
import ssl
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from monitor.http.client import HttpClient

NOW = datetime(2026, 1, 20, 10, 0, tzinfo=UTC)
DEADLINE = 0.5
"""For what never answers."""

GENEROUS = 30.0
"""For what does answer, on a busy machine, too."""

PAGE = b'{"bills": []}'
JSON = "Content-Type: application/json"

Script = Callable[[socket.socket], None]
"""Answers one request on an open connection; the connection is closed when it returns."""


@contextmanager
def open_client(**options: Any) -> Iterator[HttpClient]:
    """Open a client that may talk to 127.0.0.1; `options` override."""
    usual = {"contact": "desk@example.org", "clock": lambda: NOW, "allow_hosts": ["127.0.0.1"], "deadline": GENEROUS}
    client = HttpClient(**(usual | options))
    try:
        yield client
    finally:
        client.close()


def names(**addresses: str) -> Callable[..., list[tuple[Any, ...]]]:
    """Return a resolver for `getaddrinfo` that knows these hosts only, underscores meaning dots."""
    known = {name.replace("_", "."): address for name, address in addresses.items()}

    def resolve(host: str, port: int, **_: Any) -> list[tuple[Any, ...]]:
        if host not in known:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        family = socket.AF_INET6 if ":" in known[host] else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (known[host], port))]

    return resolve


@dataclass(slots=True)
class Origin:
    """`heads` grows with every complete request head, `names` with every name a TLS client asked for; `connections`
    counts those accepted. `gone` is set when the block ends."""

    port: int = 0
    heads: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)
    connections: int = 0
    gone: threading.Event = field(default_factory=threading.Event)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@contextmanager
def misbehave(*scripts: Script, tls: ssl.SSLContext | None = None) -> Iterator[Origin]:
    """Serve on 127.0.0.1 until the block ends: the first request gets the first script, the last script repeats.

    One connection carries one request, unless the script keeps it open by itself.
    """
    origin = Origin()
    listener = socket.create_server(("127.0.0.1", 0), backlog=64)
    origin.port = listener.getsockname()[1]

    def serve(connection: socket.socket, script: Script) -> None:
        with suppress(OSError), connection:
            connection.settimeout(5)
            wrapped = tls.wrap_socket(connection, server_side=True) if tls else connection
            with wrapped:
                origin.heads.append(read_head(wrapped))
                script(wrapped)

    def accept() -> None:
        while True:
            connection, _ = listener.accept()
            if origin.gone.is_set():
                connection.close()
                return
            script = scripts[min(origin.connections, len(scripts) - 1)]
            origin.connections += 1
            threading.Thread(target=serve, args=(connection, script), daemon=True).start()

    thread = threading.Thread(target=accept, daemon=True)
    thread.start()
    try:
        yield origin
    finally:
        origin.gone.set()
        socket.create_connection(("127.0.0.1", origin.port)).close()
        thread.join()
        listener.close()


def read_head(connection: socket.socket) -> str:
    """Return one request head; raise OSError if the client leaves before it is complete."""
    head = b""
    while b"\r\n\r\n" not in head:
        got = connection.recv(65536)
        if not got:
            raise ConnectionError
        head += got
    return head.decode("latin-1")


def says(*lines: str, body: bytes = b"", length: int | None = -1) -> Script:
    """Answer with a status line and headers; `length` None sends no Content-Length, -1 the true one."""
    return raw(answer(*lines, body=body, length=length))


def answer(*lines: str, body: bytes = b"", length: int | None = -1) -> bytes:
    stated = [] if length is None else [f"Content-Length: {len(body) if length < 0 else length}"]
    return "\r\n".join([f"HTTP/1.1 {lines[0]}", *lines[1:], *stated, "", ""]).encode("latin-1") + body


def raw(content: bytes) -> Script:
    return lambda connection: connection.sendall(content)


def redirects(location: str, status: str = "302 Found", body: bytes = b"", *more: str) -> Script:
    return says(status, f"Location: {location}", *more, body=body)


def hangs(first: bytes = b"") -> Script:
    """Send something or nothing, then keep silent until the client leaves."""

    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.recv(1)

    return script


def drips(first: bytes, drop: bytes, every: float = 0.1) -> Script:
    """Send a beginning at once, then one drop after the other for as long as the client stays."""

    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        pause = threading.Event()
        while not pause.wait(every):
            connection.sendall(drop)

    return script


def pours(first: bytes, block: bytes) -> Script:
    """Send a beginning, then the same block as fast as the client takes it."""

    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        while True:
            connection.sendall(block)

    return script


def resets(first: bytes = b"") -> Script:
    """Send a beginning, then cut the connection with a reset instead of an end."""

    def script(connection: socket.socket) -> None:
        connection.sendall(first)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

    return script


def bomb(megabytes: int) -> bytes:
    """Return gzip bytes that inflate to so many megabytes of zeros; one kilobyte each, made without inflating."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    # After a full flush a segment needs nothing that came before it, so it can be repeated.
    segment = deflate.compress(bytes(1 << 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return b"\x1f\x8b\x08\0\0\0\0\0\0\xff" + segment * megabytes
