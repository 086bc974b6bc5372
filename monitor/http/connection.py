"""How do we get a connection to a machine we are allowed to talk to, and an answer from it, within the time left?

The name is resolved, every address is checked, and the connection goes to the very address that was checked: a name
that points elsewhere a moment later changes nothing. Every single wait is given what is left of the whole call: a
socket's own timeout begins anew with every byte."""

from __future__ import annotations

import http.client
import io
import ipaddress
import socket
import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from email.errors import MultipartInvariantViolationDefect, StartBoundaryNotFoundDefect
from typing import Any, Protocol

from domain.errors import Refused, SourceError, Unavailable
from monitor.http.addresses import is_public_address

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


class SafeConnector:
    """Connects to hosts; safe to share between threads. Everything it raises says the host was not reached."""

    def __init__(
        self, allow_hosts: Collection[str], resolve: ResolveName = socket.getaddrinfo, connect: OpenSocket | None = None
    ) -> None:
        self._allow_hosts = allow_hosts
        self._resolve = resolve
        self._connect = connect or open_socket
        self._lookups: dict[tuple[str, int], _NameLookup] = {}
        self._lock = threading.Lock()

    def __call__(self, host: str, port: int, left: SecondsLeft) -> socket.socket:
        addresses = self._judged(host, self._addresses(host, port, left))
        fault: OSError = TimeoutError()
        for place, (family, sockaddr) in enumerate(addresses, 1):
            patience = CONNECT_LIMIT if place == len(addresses) else _NEXT_AFTER
            try:
                return self._connect(family, sockaddr, min(patience, left()))
            except OSError as error:
                fault = error
        raise Unavailable(f"{host}: no connection to port {port} ({_cause(fault)})", reached=False)

    def _judged(self, host: str, addresses: list[tuple[int, Any]]) -> list[tuple[int, Any]]:
        if host in self._allow_hosts:
            return addresses
        public = [(family, sockaddr) for family, sockaddr in addresses if is_public_address(sockaddr[0])]
        if not public:
            raise Refused(
                f"{host}: expected a public address, saw {addresses[0][1][0]}, which is inside a private or special "
                f"network; if that is meant, add {host!r} to http.allow_hosts",
                reached=False,
            )
        return public

    def _addresses(self, host: str, port: int, left: SecondsLeft) -> list[tuple[int, Any]]:
        literal = _literal(host, port)
        if literal:
            return [literal]
        lookup = self._lookup(host, port)
        try:
            found = lookup.wait(left())
        except TimeoutError:
            raise _no_name(host, "the resolver did not answer in time") from None
        except (OSError, UnicodeError) as error:
            raise _no_name(host, _cause(error)) from None
        # A name may list one address several times, and families we cannot speak.
        usable = {(f, a): None for f, _, _, _, a in found if f in (socket.AF_INET, socket.AF_INET6)}
        if not usable:
            raise _no_name(host, "it has no address")
        return list(usable)

    def _lookup(self, host: str, port: int) -> _NameLookup:
        """Join the running lookup of this name or start one: a resolver that hangs holds one thread per name."""
        with self._lock:
            lookup = self._lookups.get((host, port))
            if lookup is None:
                lookup = self._lookups[host, port] = _NameLookup(self._resolve, host, port, self._forget)
                threading.Thread(target=lookup.run, name=f"resolve {host}", daemon=True).start()
            return lookup

    def _forget(self, host: str, port: int) -> None:
        with self._lock:
            self._lookups.pop((host, port), None)


class _NameLookup:
    """One question to the resolver. It cannot be given a time limit, so it is asked on a thread of its own."""

    def __init__(self, resolve: ResolveName, host: str, port: int, forget: Callable[[str, int], None]) -> None:
        self._resolve, self._host, self._port, self._forget = resolve, host, port, forget
        self._done = threading.Event()
        self._found: list[tuple[Any, ...]] = []
        self._fault: OSError | UnicodeError | None = None

    def run(self) -> None:
        try:
            self._found = self._resolve(self._host, self._port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            self._fault = error
        finally:
            self._forget(self._host, self._port)
            self._done.set()

    def wait(self, seconds: float) -> list[tuple[Any, ...]]:
        if not self._done.wait(seconds):
            raise TimeoutError
        if self._fault:
            raise self._fault
        return self._found


def _literal(host: str, port: int) -> tuple[int, Any] | None:
    try:
        ip = ipaddress.ip_address(host)
    except ValueError:
        return None
    if ip.version == 4:
        return socket.AF_INET, (host, port)
    return socket.AF_INET6, (host, port, 0, 0)


def open_socket(family: int, sockaddr: Any, seconds: float) -> socket.socket:
    with ExitStack() as undo:
        sock = undo.enter_context(socket.socket(family, socket.SOCK_STREAM))
        sock.settimeout(seconds)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        sock.connect(sockaddr)
        undo.pop_all()
    return sock


def _no_name(host: str, cause: str) -> SourceError:
    return Unavailable(f"{host}: the name could not be resolved ({cause})", reached=False)


def _cause(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return "timed out"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__


_MAX_INTERIM = 20
# The header parser looks for parts in what is only the head of a multipart answer.
_NO_DEFECTS = (StartBoundaryNotFoundDefect, MultipartInvariantViolationDefect)


class ConnectHost(Protocol):
    def __call__(self, host: str, port: int, left: Callable[[], float]) -> socket.socket: ...


class CallState(threading.local):
    """The call this thread is making: connections find here how to connect and how long they may take.

    `reached` is false while a connection is being made for it: no byte of the request has left us then. `reused` says
    that none was made, because an idle one was at hand.
    """

    def __init__(self) -> None:
        self.reached = False
        self.reused = False
        self._dial: ConnectHost | None = None
        self._monotonic: Callable[[], float] = lambda: 0.0
        self._ends_at = 0.0

    def start(self, dial: ConnectHost, monotonic: Callable[[], float], seconds: float) -> None:
        self.reached = True
        self._dial = dial
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
        assert self._dial is not None, "no call was started on this thread"
        sock = self._dial(host, port, self.left)
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
