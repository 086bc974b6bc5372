"""How do we get a connection to a machine we are allowed to talk to, within the time that is left?

The name is resolved, every address is judged, and the connection goes to the very address that was judged: a name
that points elsewhere a moment later changes nothing.
"""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Callable, Collection
from contextlib import ExitStack
from typing import Any

from domain.errors import Refused, SourceError, Unavailable
from monitor.address import is_public

Resolve = Callable[..., list[tuple[Any, ...]]]
"""Called as `socket.getaddrinfo(host, port, type=SOCK_STREAM)` is, and answers like it."""

Left = Callable[[], float]
"""Returns the seconds left of the whole call; raises TimeoutError when there are none."""

Connect = Callable[[int, Any, float], socket.socket]
"""Called with an address family, a socket address and seconds; raises OSError."""

CONNECT_LIMIT = 15.0
"""Seconds one address may take to accept a connection."""

_NEXT_AFTER = 5.0
"""Seconds after which the next address is tried: a network with broken IPv6 swallows packets without a word."""


class Dialer:
    """Connects to hosts; safe to share between threads. Everything it raises says the host was not reached."""

    def __init__(
        self, allow_hosts: Collection[str], resolve: Resolve = socket.getaddrinfo, connect: Connect | None = None
    ) -> None:
        self._allow_hosts = allow_hosts
        self._resolve = resolve
        self._connect = connect or connect_to
        self._lookups: dict[tuple[str, int], _Lookup] = {}
        self._lock = threading.Lock()

    def __call__(self, host: str, port: int, left: Left) -> socket.socket:
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
        public = [(family, sockaddr) for family, sockaddr in addresses if is_public(sockaddr[0])]
        if not public:
            raise Refused(
                f"{host}: expected a public address, saw {addresses[0][1][0]}, which is inside a private or special "
                f"network; if that is meant, add {host!r} to http.allow_hosts",
                reached=False,
            )
        return public

    def _addresses(self, host: str, port: int, left: Left) -> list[tuple[int, Any]]:
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

    def _lookup(self, host: str, port: int) -> _Lookup:
        """Join the running lookup of this name or start one: a resolver that hangs holds one thread per name."""
        with self._lock:
            lookup = self._lookups.get((host, port))
            if lookup is None:
                lookup = self._lookups[host, port] = _Lookup(self._resolve, host, port, self._forget)
                threading.Thread(target=lookup.run, name=f"resolve {host}", daemon=True).start()
            return lookup

    def _forget(self, host: str, port: int) -> None:
        with self._lock:
            self._lookups.pop((host, port), None)


class _Lookup:
    """One question to the resolver. It cannot be given a time limit, so it is asked on a thread of its own."""

    def __init__(self, resolve: Resolve, host: str, port: int, forget: Callable[[str, int], None]) -> None:
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


def connect_to(family: int, sockaddr: Any, seconds: float) -> socket.socket:
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
