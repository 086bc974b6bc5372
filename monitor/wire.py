"""How is an answer read off the wire, within the time that is left for the whole call?

A socket's timeout begins anew with every byte, so a server that sends one byte a second holds a caller for ever. Here
every single wait is given what is left of the call, and no more; it needs no watchdog and no second thread.
"""

from __future__ import annotations

import http.client
import io
import socket
import threading
from collections.abc import Callable
from email.errors import MultipartInvariantViolationDefect, StartBoundaryNotFoundDefect
from typing import Any, Protocol

_MAX_INTERIM = 20
# The header parser looks for parts in what is only the head of a multipart answer.
_NO_DEFECTS = (StartBoundaryNotFoundDefect, MultipartInvariantViolationDefect)


class Dial(Protocol):
    def __call__(self, host: str, port: int, left: Callable[[], float]) -> socket.socket: ...


class Call(threading.local):
    """The call this thread is making: connections find here how to connect and how long they may take.

    `reached` is false while a connection is being made for it: no byte of the request has left us then. `reused` says
    that none was made, because an idle one was at hand.
    """

    def __init__(self) -> None:
        self.reached = False
        self.reused = False
        self._dial: Dial | None = None
        self._monotonic: Callable[[], float] = lambda: 0.0
        self._ends_at = 0.0

    def start(self, dial: Dial, monotonic: Callable[[], float], seconds: float) -> None:
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


call = Call()


class Answer(http.client.HTTPResponse):
    """An answer whose every byte is waited for no longer than the call has left."""

    def __init__(self, sock: socket.socket, *rest: Any, **options: Any) -> None:
        super().__init__(sock, *rest, **options)
        assert isinstance(self.fp, io.BufferedReader)
        raw = self.fp.detach()
        assert isinstance(raw, socket.SocketIO)
        self.fp = io.BufferedReader(_Timed(sock, raw))

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


class _Timed(io.RawIOBase):
    def __init__(self, sock: socket.socket, raw: socket.SocketIO) -> None:
        self._sock = sock
        self._raw = raw

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        self._sock.settimeout(call.left())
        return self._raw.readinto(buffer)

    def close(self) -> None:
        self._raw.close()
        super().close()
