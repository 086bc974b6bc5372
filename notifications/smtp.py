"""How is an e-mail handed to a mail server, once?

The conversation stops before the final dot until the caller has remembered that the server may have the message from
then on; a server that goes silent after it leaves the delivery ambiguous, never lost and never silently repeated.
"""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress

from domain.delivery import Frozen
from domain.errors import ConfigError, DeliveryError, SourceError
from domain.ports import Notice
from domain.secret import Secret
from notifications.clean import one_line
from notifications.manner import Manner
from notifications.mime import address_of, build
from notifications.server import Connect, Server, Session, connect_directly
from notifications.words import compose

_FAREWELL = 2.0
_LONGEST_LINE = 8192
_REPLY = re.compile(rb"([0-9]{3})(?:([ -])([^\r\n]*))?\r?\n")
_NOT_ABOUT_THIS_MESSAGE = frozenset({421, 530, 534, 535, 538})
"""Replies that a person can mend in the configuration, or that pass by themselves (RFC 4954, 6; RFC 5321, 4.2.2)."""


class Email:
    """Tells people by e-mail, one SMTP transaction for each recipient.

    `timeout` is in seconds for every step up to the final dot, `patience` for all of them together, `final_timeout`
    for the server's last word (RFC 5321, 4.5.3.2.6 asks for ten minutes); the sum stays below LEASE. Certificates are
    verified, and there is no switch to leave that out. `unsubscribe` is a mailto: or https: address to leave by.
    ConfigError when the addresses cannot be used.
    """

    kind = "email"

    def __init__(
        self,
        *,
        name: str,
        to: Sequence[str],
        sender: str,
        server: str,
        password: Secret | None = None,
        unsubscribe: str | None = None,
        manner: Manner | None = None,
        connect: Connect = connect_directly,
        final_timeout: float = 600.0,
        timeout: float = 30.0,
        patience: float = 120.0,
    ) -> None:
        faults: list[str] = []
        self.name = name
        self._sender = _address(f"channel {name}: sender", sender, faults)
        self._recipients = tuple(_address(f"channel {name}: to", one, faults)[1] for one in to)
        self._server = _server(name, server, password, faults)
        if faults:
            raise ConfigError(faults)
        self._password = password
        self._unsubscribe = unsubscribe
        self._manner = manner or Manner()
        self._connect = connect
        self._timeout = timeout
        self._patience = patience
        self._final_timeout = final_timeout

    @property
    def recipients(self) -> Sequence[str]:
        return self._recipients

    def freeze(self, notice: Notice) -> Frozen:
        letter = compose(notice, self._manner)
        body = build(letter, notice, self._sender, self._manner.layout, self._unsubscribe)
        return Frozen(letter.subject, body, "message/rfc822")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        with closing(Session(self._server, self._connect, self._timeout, self._patience)) as session:
            self._introduce(session)
            with _interruptions(to):
                _offer(session, self._sender[1], to, message.body)
                session.allow(self._final_timeout)
            about_to_commit()
            answer = _commit(session)
            with suppress(OSError):
                session.allow(_FAREWELL)
                session.quit()
            return answer

    def _introduce(self, session: Session) -> None:
        """Connect, secure the line where asked for, log in. Nothing here says anything about the message: it waits."""
        where = f"mail server {self._server.host}:{self._server.port}"
        try:
            code, reply = session.connect(self._server.host, self._server.port)
            if code != 220:
                raise smtplib.SMTPResponseException(code, reply)
            session.ehlo_or_helo_if_needed()
            if self._server.scheme == "smtp+starttls":
                session.starttls(context=ssl.create_default_context())
                session.ehlo_or_helo_if_needed()
            self._log_in(session, where)
        except smtplib.SMTPNotSupportedError as error:
            raise DeliveryError(f"{where}: {error}; nothing was sent in the clear", channel=True) from None
        except smtplib.SMTPResponseException as error:
            said = _reply(error.smtp_code, error.smtp_error)
            raise DeliveryError(f"{where} answered {said}", channel=True) from None
        except (OSError, SourceError, UnicodeError) as error:
            raise DeliveryError(f"{where}: {_cause(error)}", channel=True) from error

    def _log_in(self, session: Session, where: str) -> None:
        if self._server.user is None or self._password is None:
            return
        user, password = self._server.user, self._password.reveal()
        try:
            session.login(user, password)
        except smtplib.SMTPAuthenticationError as error:
            said = _without((password, f"\0{user}\0{password}"), _text(error.smtp_error))
            refused = f"{where} refused the log-in: {_reply(error.smtp_code, said)}"
            raise DeliveryError(refused, channel=True) from None
        except UnicodeError:  # not chained: it quotes the password
            raise DeliveryError(
                f"{where}: expected a user and a password in ASCII, which is all a log-in takes", channel=True
            ) from None


def _offer(session: Session, sender: str, to: str, body: bytes) -> None:
    """Say everything but the final dot: a line that breaks here leaves nothing to deliver (RFC 5321, 3.3)."""
    # The sender is a matter of configuration: whatever is said against it, the message itself can wait.
    _expect(session.mail(sender), (250,), f"the sender {sender}", final=False)
    _expect(session.rcpt(to), (250, 251), f"the recipient {to}", final=True)
    _expect(session.docmd("DATA"), (354,), "the message", final=True)
    session.send(dotted(body))


def _commit(session: Session) -> str:
    """Send the final dot and wait for the server's word. Silence here means: it may have the message."""
    try:
        session.send(b".\r\n")
        answer = _last_word(session)
    except OSError as error:
        raise DeliveryError(f"no answer after the final dot: {_cause(error)}", maybe_sent=True) from error
    if not 200 <= answer[0] < 600 or 300 <= answer[0] < 400:
        raise DeliveryError(f"an unreadable answer after the final dot: {_reply(*answer)}", maybe_sent=True)
    _expect(answer, range(200, 300), "the message", final=True)
    return _reply(*answer)


def _last_word(session: Session) -> tuple[int, bytes]:
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


def _expect(answer: tuple[int, bytes], good: Sequence[int], what: str, *, final: bool) -> None:
    """Raise unless the reply is good; `final` where a 5xx is a word about this message or this recipient."""
    code, _ = answer
    if code in good:
        return
    permanent = final and 500 <= code < 600 and code not in _NOT_ABOUT_THIS_MESSAGE
    channel = not final or code in _NOT_ABOUT_THIS_MESSAGE
    raise DeliveryError(f"the mail server refused {what}: {_reply(*answer)}", permanent=permanent, channel=channel)


@contextmanager
def _interruptions(to: str) -> Iterator[None]:
    """Nothing was committed yet: a line that breaks is only another try later."""
    try:
        yield
    except OSError as error:
        raise DeliveryError(f"the mail server went away before it had the message to {to}: {_cause(error)}") from error


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
    return one_line(f"{type(error).__name__}: {error}", 300)


def _address(key: str, text: str, faults: list[str]) -> tuple[str, str]:
    found = address_of(text)
    if found is None:
        faults.append(f"{key}: expected an address such as desk@example.org, saw {one_line(text, 80)!r}")
    return found or ("", "")


def _server(name: str, url: str, password: Secret | None, faults: list[str]) -> Server:
    nowhere = Server("smtp", "localhost", 25, None)
    try:
        server = Server.parse(url)
    except ValueError as error:
        faults.append(f"channel {name}: server: {error}")
        return nowhere
    if server.user is not None and password is None:
        faults.append(f"channel {name}: password: expected one, since server names a user")
    if server.user is not None and server.scheme == "smtp" and not server.is_local:
        faults.append(f"channel {name}: server: expected smtps:// or smtp+starttls:// where a password is sent")
    return server
