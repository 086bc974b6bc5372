"""How do we get a connection to a machine we are allowed to talk to, and an answer from it, within the time left?

The name is resolved, every address is checked, and the connection goes to the very address that was checked: a name
that points elsewhere a moment later changes nothing. Every single wait is given what is left of the whole call: a
socket's own timeout begins anew with every byte, so that a server that sends one byte a second would hold a caller.
"""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import ssl
import threading
from collections.abc import Callable, Collection
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeout
from email.errors import MultipartInvariantViolationDefect, StartBoundaryNotFoundDefect
from typing import Any

from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

from domain.coded_text import Param
from domain.errors import Refused, Unavailable
from monitor.http.addresses import is_public_address
from notifications.translation import coded_error

ResolveName = Callable[..., list[tuple[Any, ...]]]
"""Called as `socket.getaddrinfo(host, port, type=SOCK_STREAM)` is, and answers like it."""

SecondsLeft = Callable[[], float]
"""Returns the seconds left of the whole call; raises TimeoutError when there are none."""

OpenSocket = Callable[[int, Any, float], socket.socket]
"""Called with an address family, a socket address and seconds; raises OSError."""

CONNECT_LIMIT = 15.0
"""Seconds one address may take to accept a connection."""

_NEXT_AFTER = 5.0
"""Seconds after which the next address is tried: a network with broken IPv6 swallows packets without a word."""

_MAX_INTERIM = 20
# The header parser looks for parts in what is only the head of a multipart answer.
_NO_DEFECTS = (StartBoundaryNotFoundDefect, MultipartInvariantViolationDefect)


class SafeConnector:
    """Connects to hosts; safe to share between threads. Everything it raises says the host was not reached."""

    def __init__(
        self, allow_hosts: Collection[str], resolve: ResolveName = socket.getaddrinfo, connect: OpenSocket | None = None
    ) -> None:
        self._allow_hosts = allow_hosts
        self._resolve = resolve
        self._connect = connect or open_socket
        self._lookups: dict[tuple[str, int], Future[list[tuple[Any, ...]]]] = {}
        self._lock = threading.Lock()

    def __call__(self, host: str, port: int, left: SecondsLeft) -> socket.socket:
        addresses = self._checked(host, self._addresses(host, port, left))
        fault: OSError = TimeoutError()
        for place, (family, sockaddr) in enumerate(addresses, 1):
            patience = CONNECT_LIMIT if place == len(addresses) else _NEXT_AFTER
            try:
                return self._connect(family, sockaddr, min(patience, left()))
            except OSError as error:
                fault = error
        params: dict[str, Param] = {"host": host, "port": port, "cause": _cause(fault)}
        raise coded_error(Unavailable, "http.no_connection", params, reached=False)

    def _checked(self, host: str, addresses: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        if host in self._allow_hosts:
            return addresses
        public = [(family, sockaddr) for family, sockaddr in addresses if is_public_address(sockaddr[0])]
        if not public:
            params = {"host": host, "address": str(addresses[0][1][0])}
            raise coded_error(Refused, "http.private_address", params, reached=False)
        return public

    def _addresses(self, host: str, port: int, left: SecondsLeft) -> list[tuple[int, Any]]:
        try:
            version = ipaddress.ip_address(host).version
        except ValueError:
            pass
        else:
            return [(socket.AF_INET, (host, port)) if version == 4 else (socket.AF_INET6, (host, port, 0, 0))]
        try:
            found = self._lookup(host, port).result(left())
        except FutureTimeout:
            cause = "the resolver did not answer in time"
        except (OSError, UnicodeError) as error:
            cause = _cause(error)
        else:
            # A name may list one address several times, and families we cannot speak.
            usable = {(f, a): None for f, _, _, _, a in found if f in (socket.AF_INET, socket.AF_INET6)}
            if usable:
                return list(usable)
            cause = "it has no address"
        raise coded_error(Unavailable, "http.no_name", {"host": host, "cause": cause}, reached=False)

    def _lookup(self, host: str, port: int) -> Future[list[tuple[Any, ...]]]:
        """Join the running lookup of this name or start one. A resolver cannot be given a time limit, so it is asked on
        a thread of its own: one that hangs holds one thread per name."""
        with self._lock:
            lookup = self._lookups.get((host, port))
            if lookup is None:
                lookup = self._lookups[host, port] = Future()
                run = threading.Thread(target=self._look_up, args=(host, port, lookup), name=f"resolve {host}")
                run.daemon = True
                run.start()
            return lookup

    def _look_up(self, host: str, port: int, lookup: Future[list[tuple[Any, ...]]]) -> None:
        try:
            found = self._resolve(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self._forget(host, port)
            lookup.set_exception(error)
        else:
            self._forget(host, port)
            lookup.set_result(found)

    def _forget(self, host: str, port: int) -> None:
        with self._lock:
            self._lookups.pop((host, port), None)


def open_socket(family: int, sockaddr: Any, seconds: float) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_STREAM)
    try:
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(sockaddr)
    except OSError:
        sock.close()
        raise
    return sock


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


class CallState(threading.local):
    """The call this thread is making: connections find here how to connect and how long they may take.

    `reached` is false while a connection is being made for it: no byte of the request has left us then. `reused` says
    that none was made, because an idle one was at hand.
    """

    def __init__(self) -> None:
        self.reached = False
        self.reused = False
        self._connect: SafeConnector | None = None
        self._monotonic: Callable[[], float] = lambda: 0.0
        self._ends_at = 0.0

    def start(self, connect: SafeConnector, monotonic: Callable[[], float], seconds: float) -> None:
        self.reached = True
        self._connect = connect
        self._monotonic = monotonic
        self._ends_at = monotonic() + seconds

    def left(self) -> float:
        """Return the seconds left, more than 0; raise TimeoutError when there are none."""
        seconds = self._ends_at - self._monotonic()
        if seconds <= 0:
            raise TimeoutError("the time for this call is over")
        return seconds

    def connect(self, host: str, port: int) -> socket.socket:
        """Return a connected socket whose timeout is what is left."""
        assert self._connect is not None, "no call was started on this thread"
        sock = self._connect(host, port, self.left)
        sock.settimeout(self.left())
        return sock


current_call = CallState()


class DeadlineHTTPResponse(http.client.HTTPResponse):
    """An answer whose every byte is waited for no longer than the call has left."""

    def __init__(self, sock: socket.socket, *rest: Any, **options: Any) -> None:
        super().__init__(sock, *rest, **options)
        assert isinstance(self.fp, io.BufferedReader)
        raw = self.fp.detach()
        assert isinstance(raw, socket.SocketIO)
        self.fp = io.BufferedReader(_DeadlineReader(sock, raw))

    def begin(self) -> None:
        super().begin()
        # After a line that is no header the parser takes the rest for content: lengths and encodings would be lost.
        if self.headers.get_payload() or any(not isinstance(d, _NO_DEFECTS) for d in self.headers.defects):
            raise http.client.HTTPException("unreadable header")

    def _read_status(self) -> tuple[str, int, str]:
        """Skip interim answers such as 103 Early Hints (RFC 8297): up to Python 3.12 they were taken as final."""
        for _ in range(_MAX_INTERIM):
            version, status, reason = super()._read_status()  # type: ignore[misc]
            if not 100 <= status < 200 or status == http.client.SWITCHING_PROTOCOLS:
                return version, status, reason
            http.client.parse_headers(self.fp)
        raise http.client.HTTPException("interim answers without end")


class _DeadlineReader(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: socket.SocketIO) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(current_call.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()


class _GuardedConnection(HTTPConnection):
    """A connection that goes to checked addresses only and waits no longer than its call may."""

    response_class = DeadlineHTTPResponse

    def _new_conn(self) -> socket.socket:
        return current_call.connect(self.host, self.port)

    def connect(self) -> None:
        current_call.reached = current_call.reused = False
        super().connect()
        current_call.reached = True

    def send(self, data: Any) -> None:
        if self.sock is not None:
            self.sock.settimeout(current_call.left())
        super().send(data)


class _GuardedTlsConnection(_GuardedConnection, HTTPSConnection):
    """The same over TLS: name indication and the certificate go by the name, not by the address."""

    def connect(self) -> None:
        super().connect()
        # An end without TLS's own goodbye is a cut (RFC 9112, 9.8): a body ended by the close would be incomplete.
        assert isinstance(self.sock, ssl.SSLSocket)
        self.sock.suppress_ragged_eofs = False  # type: ignore[attr-defined]


class GuardedPool(HTTPConnectionPool):
    ConnectionCls = _GuardedConnection


class GuardedTlsPool(HTTPSConnectionPool):
    ConnectionCls = _GuardedTlsConnection
