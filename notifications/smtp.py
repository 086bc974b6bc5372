"""Which mail server is talked to, over what line, and for how long?"""

from __future__ import annotations

import os
import smtplib
import socket
import ssl
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

Connect = Callable[[str, int, float], socket.socket]
"""Opens a connection to host and port within so many seconds; where the guard against private addresses stands.
Raises OSError or a SourceError."""

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def connect_directly(host: str, port: int, timeout: float) -> socket.socket:
    return socket.create_connection((host, port), timeout)


@dataclass(frozen=True, slots=True)
class SmtpServer:
    """A mail server as its address in the configuration names it."""

    scheme: str
    host: str
    port: int
    user: str | None

    @classmethod
    def parse(cls, url: str) -> SmtpServer:
        """Read `smtp://host:25`, `smtp+starttls://user@host:587` or `smtps://user@host:465`; ValueError says what is
        wrong without showing what was written."""
        parts = urlsplit(url)
        if parts.scheme not in PORTS:
            raise ValueError(f"expected an address beginning with {', '.join(f'{name}://' for name in PORTS)}")
        if parts.password is not None:
            raise ValueError("expected no password in the address; name it under `password`")
        if not parts.hostname or parts.path.strip("/") or parts.query or parts.fragment:
            raise ValueError("expected scheme://host:port, with the user before an @")
        user = unquote(parts.username) if parts.username else None
        return cls(parts.scheme, parts.hostname, parts.port or PORTS[parts.scheme], user)

    @property
    def is_local(self) -> bool:
        return self.host in ("localhost", "127.0.0.1", "::1")


class SmtpSession(smtplib.SMTP):
    """An SMTP client whose connection is opened by the caller's `connect`, secured at once for smtps, and cut when its
    time is over: a server that drips single bytes never runs into the timeout of a single step."""

    def __init__(self, server: SmtpServer, connect: Connect, timeout: float, patience: float) -> None:
        self._open = connect
        self._tls_first = server.scheme == "smtps"
        self._patience = patience
        self._cutter: _DeadlineTimer | None = None
        name = socket.gethostname()
        super().__init__(local_hostname=name if "." in name and name.isascii() else "[127.0.0.1]", timeout=timeout)
        self._host = server.host

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        raw = self._open(host, port, timeout)
        raw.settimeout(timeout)
        self._cutter = _DeadlineTimer(raw, self._patience)
        if not self._tls_first:
            return raw
        try:
            return ssl.create_default_context().wrap_socket(raw, server_hostname=host)
        except (OSError, ValueError):
            raw.close()
            raise

    def allow(self, seconds: float) -> None:
        """Give the server so many seconds from now, for every single step and altogether."""
        if self.sock is None or self._cutter is None:
            raise smtplib.SMTPServerDisconnected("the connection is closed")
        self.sock.settimeout(seconds)
        self._cutter.cut_after(seconds)

    def close(self) -> None:
        super().close()
        if self._cutter is not None:
            self._cutter.close()


class _DeadlineTimer:
    """Cuts a line when its time is over. Its handle is its own: STARTTLS takes the first one out of our hands."""

    def __init__(self, line: socket.socket, seconds: float) -> None:
        self._handle = socket.socket(fileno=os.dup(line.fileno()))
        self._timer = self._started(seconds)

    def cut_after(self, seconds: float) -> None:
        self._timer.cancel()
        self._timer = self._started(seconds)

    def close(self) -> None:
        self._timer.cancel()
        self._handle.close()

    def _started(self, seconds: float) -> threading.Timer:
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        return timer

    def _cut(self) -> None:
        with suppress(OSError):
            self._handle.shutdown(socket.SHUT_RDWR)
