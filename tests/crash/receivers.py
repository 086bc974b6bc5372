"""What did the receivers take, byte for byte, and did they say so?

A mail server, a Slack webhook and a signed one on loopback that live in the test's own process and so survive every
kill. The signed one takes nothing whose signature is wrong or of another day, as a real one would. A message
counts as delivered once its last byte has arrived (the final dot of SMTP, the last byte of a POST): from then on a
real receiver may show it to a person, whether or not its answer is read. An incomplete body is not a delivery.

`behave` decides how each conversation goes; see `Behaviour`.
"""

from __future__ import annotations

import socket
import socketserver
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from http.server import BaseHTTPRequestHandler
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import urlsplit

from tests.crash.messages import ReceivedMessage, read_mail, read_post
from tests.helpers.timing import wait_until
from tests.helpers.webhook_signature import verifies


class Behaviour(StrEnum):
    """How a receiver treats one message."""

    TAKE = "take"
    REFUSE_LATER = "refuse, temporarily"
    REFUSE_EARLY = "refuse before the body, temporarily"
    RESET_BEFORE = "reset before the message is complete"
    RESET_AFTER = "take it, then reset instead of answering"
    ERROR_AFTER = "take it, then answer with a temporary error"
    HANG_AFTER = "take it, then say nothing"
    BUSY = "too busy: 421 and hang up, or 429 with the seconds to wait"
    SLOW = "take it, and answer after a while"


_TAKEN = (Behaviour.TAKE, Behaviour.SLOW)
_SLOW_SECONDS = 0.2


@dataclass(slots=True)
class Receiver:
    """One receiver. `url` is what the configuration must say. `ponder` is asked how many seconds to think between
    taking a message and answering: the longer, the more kills fall between acceptance and record. `connections` are
    those that were accepted and not closed yet."""

    behave: Callable[[str], Behaviour] = lambda _to: Behaviour.TAKE
    ponder: Callable[[], float] = lambda: 0.0
    clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    url: str = ""
    taken: list[ReceivedMessage] = field(default_factory=list)
    told: dict[str, set[str]] = field(default_factory=dict)
    incomplete: int = 0
    connections: set[socket.socket] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopping: threading.Event = field(default_factory=threading.Event)

    def take(self, message: ReceivedMessage) -> None:
        with self.lock:
            self.taken.append(message)
            self.told.setdefault(message.to, set()).update(message.marks)

    def read_what_the_dead_sent(self) -> None:
        """Wait until whatever was sent by processes that have ended was read, and counted where it was complete.
        Connections are accepted in their order: when a new one was answered, all that were begun before are known."""
        with suppress(ConnectionRefusedError), socket.create_connection(self._address()) as last:
            last.shutdown(socket.SHUT_WR)
            while last.recv(4096):
                pass
        assert wait_until(lambda: not any(map(_has_more, self._open())), every=0.005), f"{self.url} does not end"

    def _address(self) -> tuple[str, int]:
        where = urlsplit(self.url)
        assert where.hostname is not None
        assert where.port is not None
        return where.hostname, where.port

    def _open(self) -> list[socket.socket]:
        with self.lock:
            return list(self.connections)

    def cut_short(self) -> None:
        with self.lock:
            self.incomplete += 1

    def so_far(self) -> list[ReceivedMessage]:
        with self.lock:
            return list(self.taken)


def _has_more(connection: socket.socket) -> bool:
    """Say whether there are bytes that nobody read yet, or the peer is gone and the connection still open here."""
    try:
        connection.recv(1, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except BlockingIOError:
        return False
    except OSError:  # closed meanwhile, or reset
        return connection.fileno() >= 0
    return True


def reset(connection: socket.socket) -> None:
    """Close at once with a RST, as a crashed peer does."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


class _SmtpHandler(socketserver.StreamRequestHandler):
    """As much SMTP as a client needs, with the last reply in our own run (RFC 5321, 4.1.1.4)."""

    disable_nagle_algorithm = True

    def handle(self) -> None:
        self.receiver = cast("_Server", self.server).receiver
        self.recipients: list[str] = []
        with suppress(OSError):
            self._say("220 constructed receiver")
            while self._obey(self.rfile.readline(4096)):
                pass

    def _say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")
        self.wfile.flush()

    def _obey(self, line: bytes) -> bool:
        verb = line[:4].upper().strip()
        if not line or verb == b"QUIT":
            if line:
                self._say("221 bye")
            return False
        if verb == b"EHLO":
            self._say("250-constructed\r\n250-8BITMIME\r\n250 SMTPUTF8")
        elif verb == b"RCPT":
            self.recipients.append(line.partition(b"<")[2].partition(b">")[0].decode())
            self._say("250 ok")
        elif verb == b"DATA":
            return self._data()
        else:
            if verb in (b"MAIL", b"RSET"):
                self.recipients = []
            self._say("250 ok")
        return True

    def _data(self) -> bool:
        to = " ".join(self.recipients)
        behaviour = self.receiver.behave(to)
        if behaviour is Behaviour.REFUSE_EARLY:
            self._say("451 come back later")
            return True
        if behaviour is Behaviour.BUSY:
            self._say("421 too busy, closing")
            return False
        self._say("354 go on")
        content = self._body(stop_early=behaviour is Behaviour.RESET_BEFORE)
        if content is None:
            self.receiver.cut_short()
            reset(self.connection)
            return False
        if behaviour is Behaviour.REFUSE_LATER:
            self._say("451 come back later")
            return True
        answered = behaviour in _TAKEN and self._still_there()
        taken = read_mail(content, to, self.receiver.clock(), answered)
        self.receiver.take(replace(taken, denied=behaviour is Behaviour.ERROR_AFTER))
        time.sleep(self.receiver.ponder() + _SLOW_SECONDS * (behaviour is Behaviour.SLOW))
        return self._close(behaviour)

    def _close(self, behaviour: Behaviour) -> bool:
        if behaviour is Behaviour.RESET_AFTER:
            reset(self.connection)
            return False
        if behaviour is Behaviour.HANG_AFTER:
            self.receiver.stopping.wait()
            return False
        self._say("250 taken" if behaviour in _TAKEN else "451 trouble after the fact")
        return True

    def _body(self, stop_early: bool) -> bytes | None:
        """Read up to the final dot; None when the peer went away, or when we do in the middle."""
        lines: list[bytes] = []
        while line := self.rfile.readline(65536):
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
            if stop_early and len(lines) > 3:
                return None
        return None

    def _still_there(self) -> bool:
        """Say whether the peer's process still holds its end of the connection."""
        peer: socket.socket = self.connection
        peer.setblocking(False)
        try:
            return peer.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            return True
        except OSError:
            return False
        finally:
            peer.setblocking(True)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128
    receiver: Receiver

    def process_request(self, request: Any, client_address: Any) -> None:
        with self.receiver.lock:
            self.receiver.connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self.receiver.lock:
            self.receiver.connections.discard(request)

    def handle_error(self, *_: object) -> None:
        """A sender killed in the middle of a conversation is what these tests are about."""


class _PostServer(_Server):
    room: str
    signed: bool = False


class _PostHandler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_POST(self) -> None:
        receiver, room = cast(_PostServer, self.server).receiver, cast(_PostServer, self.server).room
        behaviour = receiver.behave(room)
        length = int(self.headers.get("Content-Length") or 0)
        body = b"" if behaviour is Behaviour.RESET_BEFORE else self.rfile.read(length)
        if len(body) < length:
            receiver.cut_short()
            self._vanish()
            return
        if behaviour in (Behaviour.REFUSE_LATER, Behaviour.REFUSE_EARLY):
            self._answer(503, b"later")
            return
        if behaviour is Behaviour.BUSY:
            self._answer(429, b"ratelimited", {"Retry-After": "40"})
            return
        headers = {name.lower(): value for name, value in self.headers.items()}
        if cast(_PostServer, self.server).signed and not verifies(headers, body, now=time.time()):
            self._answer(401, b"not signed by anybody we know")
            return
        taken = read_post(body, room, receiver.clock(), behaviour in _TAKEN, headers.get("webhook-id"))
        receiver.take(replace(taken, denied=behaviour is Behaviour.ERROR_AFTER))
        time.sleep(receiver.ponder() + _SLOW_SECONDS * (behaviour is Behaviour.SLOW))
        if behaviour in _TAKEN:
            self._answer(200, b"ok")
        elif behaviour is Behaviour.ERROR_AFTER:
            self._answer(500, b"trouble after the fact")
        else:
            if behaviour is Behaviour.HANG_AFTER:
                receiver.stopping.wait()
            self._vanish()

    def _answer(self, status: int, body: bytes, more: Mapping[str, str] = MappingProxyType({})) -> None:
        self.send_response(status)
        for name, value in more.items():
            self.send_header(name, value)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _vanish(self) -> None:
        self.close_connection = True
        reset(self.connection)

    def log_message(self, *_: object) -> None:
        return


@contextmanager
def mail_receiver(receiver: Receiver | None = None) -> Iterator[Receiver]:
    """Take mail on 127.0.0.1 until the block ends. A receiver that is given again keeps its port and its memory."""
    receiver = receiver or Receiver()
    port = int(receiver.url.rpartition(":")[2]) if receiver.url else 0
    server = _Server(("127.0.0.1", port), _SmtpHandler)
    server.receiver = receiver
    receiver.url = f"smtp://127.0.0.1:{server.server_address[1]}"
    yield from _serving(server, receiver)


@contextmanager
def slack_receiver(
    receiver: Receiver | None = None, room: str = "policy-room", *, signed: bool = False
) -> Iterator[Receiver]:
    """Take Slack messages for a room on 127.0.0.1 until the block ends; `signed`: those of a signed webhook."""
    receiver = receiver or Receiver()
    port = int(receiver.url.split(":")[2].partition("/")[0]) if receiver.url else 0
    server = _PostServer(("127.0.0.1", port), _PostHandler)
    server.receiver = receiver
    server.room = room
    server.signed = signed
    receiver.url = f"http://127.0.0.1:{server.server_address[1]}/services/T0000/B0000/constructed"
    yield from _serving(server, receiver)


def _serving(server: socketserver.BaseServer, receiver: Receiver) -> Iterator[Receiver]:
    receiver.stopping.clear()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.stopping.set()
        server.shutdown()
        server.server_close()
        thread.join()


def webhook_receiver(receiver: Receiver | None = None, name: str = "archive") -> AbstractContextManager[Receiver]:
    """Take what is signed with the constructed secret of `tests.helpers.webhook_signature`."""
    return slack_receiver(receiver, name, signed=True)
