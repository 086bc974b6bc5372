"""How is an e-mail handed to a mail server, once?

The conversation stops before the final dot until the caller has remembered that the server may have the message from
then on; a server that goes silent after it leaves the delivery ambiguous, never lost and never silently repeated.
"""

from __future__ import annotations

import os
import re
import smtplib
import socket
import ssl
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from domain.errors import DeliveryError, SourceError
from domain.options import Secret
from notifications.email import Connect, SmtpServer, SmtpTimeouts
from notifications.sanitize import one_line
from notifications.translation import coded_error

_QUIT_TIMEOUT = 2.0
_LONGEST_LINE = 8192
_REPLY = re.compile(rb"([0-9]{3})(?:([ -])([^\r\n]*))?\r?\n")
_NOT_ABOUT_THIS_MESSAGE = frozenset({421, 530, 534, 535, 538})
"""Replies that a person can mend in the configuration, or that pass by themselves (RFC 4954, 6; RFC 5321, 4.2.2)."""


def transmit(
    server: SmtpServer,
    body: bytes,
    *,
    password: Secret | None,
    sender: str,
    to: str,
    connect: Connect,
    timeouts: SmtpTimeouts,
    about_to_commit: Callable[[], None],
) -> str:
    """Hand a message to the server and return its answer; DeliveryError when it did not take it, with `maybe_sent`
    when that is not known."""
    with closing(SmtpSession(server, connect, timeouts.step, timeouts.total)) as session:
        _introduce(session, server, password)
        with _before_acceptance(to):
            _offer(session, sender, to, body)
            session.allow(timeouts.final)
        about_to_commit()
        answer = _commit(session)
        with suppress(OSError):
            session.allow(_QUIT_TIMEOUT)
            session.quit()
        return answer


_WITHOUT_TLS = ("WRONG_VERSION_NUMBER", "UNKNOWN_PROTOCOL", "HTTP_REQUEST", "RECORD_LAYER_FAILURE")
"""What OpenSSL says, by version, where the other side answers in the clear."""


def _introduce(session: SmtpSession, server: SmtpServer, password: Secret | None) -> None:
    """Connect, secure the line where asked for, log in. Nothing here says anything about the message: it waits."""
    where = f"{server.host}:{server.port}"
    try:
        code, reply = session.connect(server.host, server.port)
        if code != 220:
            raise smtplib.SMTPResponseException(code, reply)
        session.ehlo_or_helo_if_needed()
        if server.scheme == "smtp+starttls":
            session.starttls(context=ssl.create_default_context())
            session.ehlo_or_helo_if_needed()
        _log_in(session, server, password, where)
    except smtplib.SMTPNotSupportedError as error:
        params = {"server": where, "fault": str(error)}
        raise coded_error(DeliveryError, "delivery.mail_in_clear", params, channel=True) from None
    except smtplib.SMTPResponseException as error:
        said = _reply(error.smtp_code, error.smtp_error)
        params = {"server": where, "answer": said}
        raise coded_error(DeliveryError, "delivery.mail_answer", params, channel=True) from None
    except (OSError, SourceError, UnicodeError) as error:
        if isinstance(error, ssl.SSLError) and error.reason in _WITHOUT_TLS:
            raise coded_error(DeliveryError, "delivery.mail_without_tls", {"server": where}, channel=True) from None
        params = {"server": where, "cause": _cause(error)}
        raise coded_error(DeliveryError, "delivery.mail_server", params, channel=True) from error


def _log_in(session: SmtpSession, server: SmtpServer, secret: Secret | None, where: str) -> None:
    if server.user is None or secret is None:
        return
    user, password = server.user, secret.reveal()
    try:
        session.login(user, password)
    except smtplib.SMTPAuthenticationError as error:
        said = _without((password, f"\0{user}\0{password}"), _text(error.smtp_error))
        params = {"server": where, "answer": _reply(error.smtp_code, said)}
        raise coded_error(DeliveryError, "delivery.mail_log_in", params, channel=True) from None
    except UnicodeError:  # not chained: it quotes the password
        raise coded_error(DeliveryError, "delivery.mail_ascii", {"server": where}, channel=True) from None


def _offer(session: SmtpSession, sender: str, to: str, body: bytes) -> None:
    """Say everything but the final dot: a line that breaks here leaves nothing to deliver (RFC 5321, 3.3)."""
    # The sender is a matter of configuration: whatever is said against it, the message itself can wait.
    _expect(session.mail(sender), (250,), "sender", sender, final=False)
    _expect(session.rcpt(to), (250, 251), "recipient", to, final=True)
    _expect(session.docmd("DATA"), (354,), "message", final=True)
    session.send(dotted(body))


def _commit(session: SmtpSession) -> str:
    """Send the final dot and wait for the server's word. Silence here means: it may have the message."""
    try:
        session.send(b".\r\n")
        answer = _last_word(session)
    except OSError as error:
        raise coded_error(DeliveryError, "delivery.mail_silent", {"cause": _cause(error)}, maybe_sent=True) from error
    if not 200 <= answer[0] < 600 or 300 <= answer[0] < 400:
        raise coded_error(DeliveryError, "delivery.mail_unreadable", {"answer": _reply(*answer)}, maybe_sent=True)
    if 400 <= answer[0] < 500:
        # Only a 5xx proves that it refused the message for good: some have queued it when they say 451.
        facts = {"maybe_sent": True, "channel": answer[0] in _NOT_ABOUT_THIS_MESSAGE}
        raise coded_error(DeliveryError, "delivery.mail_refused.message", {"answer": _reply(*answer)}, **facts)
    _expect(answer, range(200, 300), "message", final=True)
    return _reply(*answer)


def _last_word(session: SmtpSession) -> tuple[int, bytes]:
    """Read a whole reply. smtplib would take the first digits of a line cut in the middle for the server's word."""
    words: list[bytes] = []
    while session.file is not None:
        line = session.file.readline(_LONGEST_LINE)
        reply = _REPLY.fullmatch(line)
        if reply is None:
            raise smtplib.SMTPServerDisconnected(f"an incomplete reply: {line[:80]!r}")
        words.append(reply[3] or b"")
        if reply[2] != b"-":
            return int(reply[1]), b" ".join(words)
    raise smtplib.SMTPServerDisconnected("the connection is closed")


def dotted(body: bytes) -> bytes:
    """Double the dot at the start of a line (RFC 5321, 4.5.2); the body ends with CRLF."""
    stuffed = re.sub(rb"(?m)^\.", b"..", body)
    return stuffed if stuffed.endswith(b"\r\n") else stuffed + b"\r\n"


def _expect(answer: tuple[int, bytes], good: Sequence[int], what: str, address: str = "", *, final: bool) -> None:
    """Raise unless the reply is good; `final` where a 5xx is a word about this message or this recipient. `what` is
    message, sender or recipient, the latter two with their address."""
    code, _ = answer
    if code in good:
        return
    permanent = final and 500 <= code < 600 and code not in _NOT_ABOUT_THIS_MESSAGE
    channel = not final or code in _NOT_ABOUT_THIS_MESSAGE
    params = {"address": address, "answer": _reply(*answer)} if address else {"answer": _reply(*answer)}
    said = f"delivery.mail_refused.{what}"
    raise coded_error(DeliveryError, said, params, permanent=permanent, channel=channel)


@contextmanager
def _before_acceptance(to: str) -> Iterator[None]:
    """Nothing was committed yet: a line that breaks is only another try later."""
    try:
        yield
    except OSError as error:
        params = {"to": to, "cause": _cause(error)}
        raise coded_error(DeliveryError, "delivery.mail_went_away", params) from error


def _reply(code: int, text: bytes | str) -> str:
    return one_line(f"{code} {_text(text)}", 300)


def _text(said: bytes | str) -> str:
    return said.decode("utf-8", "replace") if isinstance(said, bytes) else said


def _without(secrets: Sequence[str], text: str) -> str:
    """Return what a server said without what we said: some repeat the log-in they refuse, as it is or encoded."""
    for secret in secrets:
        for form in (secret, b64encode(secret.encode()).decode()):
            text = text.replace(form, "[password]")
    return text


def _cause(error: Exception) -> str:
    if isinstance(error, SourceError) and error.said:
        return error.recorded
    return one_line(f"{type(error).__name__}: {error}", 300)


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
