"""How is a message written as an e-mail and handed to a mail server, once?"""

from __future__ import annotations

import re
import smtplib
import ssl
from base64 import b64encode
from binascii import b2a_qp
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from email.charset import SHORTEST, Charset
from email.header import Header
from email.utils import format_datetime, formataddr, getaddresses

from domain.alerts.delivery import Frozen
from domain.errors import ConfigError, DeliveryError, SourceError
from domain.ports import Notice
from domain.records.facets import short_digest
from domain.sources import Secret
from notifications.compose import compose
from notifications.message import Message
from notifications.sanitize import one_line
from notifications.smtp import Connect, SmtpServer, SmtpSession, connect_directly
from notifications.templates import RenderOptions, Templates

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")

_UTF8 = Charset("utf-8")
# As the standard library has it, said here because any library may change it for the whole process (Apprise does).
_UTF8.header_encoding = SHORTEST

# "=_" can never stand in quoted-printable text (RFC 2045, 6.7), so no letter can forge the boundary.
_BOUNDARY = "=_lexwatch"


def address_of(text: str) -> tuple[str, str] | None:
    """Split `Desk <desk@example.org>` into name and bare address; None unless both fit into an ASCII envelope.

    A domain with other letters is translated (IDNA); a local part with other letters would need SMTPUTF8, which
    not every server on the way has.
    """
    found = getaddresses([text])
    if len(found) != 1:
        return None
    name, address = found[0]
    local, _, domain = address.rpartition("@")
    try:
        address = f"{local}@{domain.encode('idna').decode()}"
    except UnicodeError:
        return None
    if any(ord(c) < 32 for c in text) or not _ADDRESS.fullmatch(address):
        return None
    return name, address


def build_email(
    letter: Message, notice: Notice, sender: tuple[str, str], layout: Templates, unsubscribe: str | None = None
) -> bytes:
    """Return the e-mail as it goes over the wire. `sender` is a name, possibly empty, and a bare address;
    `unsubscribe` is a checked mailto: or https: address (RFC 2369)."""
    domain = sender[1].rpartition("@")[2]
    subject = f"{notice.digest}>{notice.to}" if notice.parts else str(notice.document)
    thread = f"<thread-{short_digest(subject)}@{domain}>"
    answered = f"<{notice.replies_to}@{domain}>" if notice.replies_to else thread
    headers = (
        ("From", formataddr(sender, _UTF8)),
        ("To", notice.to),
        ("Subject", _encoded("Subject", letter.subject)),
        ("Date", format_datetime(notice.written_at or notice.created_at)),
        ("Message-ID", f"<{notice.delivery}@{domain}>"),
        ("In-Reply-To", answered),
        ("References", thread if answered == thread else f"{thread}\r\n {answered}"),
        ("X-Lexwatch-Document", _folded(tuple(map(str, notice.documents)))),
        ("X-Lexwatch-Kinds", _folded(letter.kinds)),
        ("X-Lexwatch-Alert", _folded(letter.alerts)),
        ("List-Id", f"<{_list_id(notice)}.lexwatch.{domain}>"),
        *_unsubscribe_headers(unsubscribe),
        ("Auto-Submitted", "auto-generated"),
        ("MIME-Version", "1.0"),
        ("Content-Type", f'multipart/alternative; boundary="{_BOUNDARY}"'),
    )
    head = "".join(f"{name}: {value}\r\n" for name, value in headers)
    parts = (("plain", layout.as_text(letter)), ("html", layout.as_html(letter)))
    body = b"".join(_part(subtype, text) for subtype, text in parts)
    return head.encode("ascii") + b"\r\n" + body + f"--{_BOUNDARY}--\r\n".encode()


def _list_id(notice: Notice) -> str:
    """Name what the message belongs to, as a host label (RFC 2919): its document, or the digest."""
    name = notice.digest or str(notice.document) if notice.parts else str(notice.document)
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-") or "news"


def _unsubscribe_headers(address: str | None) -> tuple[tuple[str, str], ...]:
    """Say how to leave; by one click (RFC 8058) only where the address is https."""
    if address is None:
        return ()
    left = ("List-Unsubscribe", f"<{address}>")
    one_click = ("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    return (left, one_click) if address.startswith("https://") else (left,)


def _encoded(name: str, value: str) -> str:
    if value.isascii():
        return Header(value, header_name=name).encode(linesep="\r\n")
    return Header(value, _UTF8, header_name=name).encode(linesep="\r\n")


def _folded(words: tuple[str, ...]) -> str:
    """Write words separated by spaces, at most three to a line, so that a long digest of alerts stays legal."""
    lines = (" ".join(words[i : i + 3]) for i in range(0, len(words), 3))
    return "\r\n ".join(lines)


def _part(subtype: str, text: str) -> bytes:
    head = (
        f"--{_BOUNDARY}\r\n"
        f'Content-Type: text/{subtype}; charset="utf-8"\r\n'
        "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    quoted = b2a_qp(text.encode("utf-8"), quotetabs=False, istext=True)
    # The line end before a boundary belongs to the boundary (RFC 2046, 5.1.1): the text keeps its own.
    return head.encode() + quoted.replace(b"\n", b"\r\n") + b"\r\n"


_QUIT_TIMEOUT = 2.0
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
        manner: RenderOptions | None = None,
        connect: Connect = connect_directly,
        final_timeout: float = 600.0,
        timeout: float = 30.0,
        patience: float = 120.0,
    ) -> None:
        faults: list[str] = []
        self.name = name
        self._sender = _address(f"channel {name}: sender", sender, faults)
        self._recipients = tuple(_address(f"channel {name}: to", one, faults)[1] for one in to)
        self._server = _checked_server(name, server, password, faults)
        if faults:
            raise ConfigError(faults)
        self._password = password
        self._unsubscribe = unsubscribe
        self._manner = manner or RenderOptions()
        self._connect = connect
        self._timeout = timeout
        self._patience = patience
        self._final_timeout = final_timeout

    @property
    def recipients(self) -> Sequence[str]:
        return self._recipients

    def freeze(self, notice: Notice) -> Frozen:
        letter = compose(notice, self._manner)
        body = build_email(letter, notice, self._sender, self._manner.layout, self._unsubscribe)
        return Frozen(letter.subject, body, "message/rfc822")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        with closing(SmtpSession(self._server, self._connect, self._timeout, self._patience)) as session:
            self._introduce(session)
            with _before_acceptance(to):
                _offer(session, self._sender[1], to, message.body)
                session.allow(self._final_timeout)
            about_to_commit()
            answer = _commit(session)
            with suppress(OSError):
                session.allow(_QUIT_TIMEOUT)
                session.quit()
            return answer

    def _introduce(self, session: SmtpSession) -> None:
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

    def _log_in(self, session: SmtpSession, where: str) -> None:
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


def _offer(session: SmtpSession, sender: str, to: str, body: bytes) -> None:
    """Say everything but the final dot: a line that breaks here leaves nothing to deliver (RFC 5321, 3.3)."""
    # The sender is a matter of configuration: whatever is said against it, the message itself can wait.
    _expect(session.mail(sender), (250,), f"the sender {sender}", final=False)
    _expect(session.rcpt(to), (250, 251), f"the recipient {to}", final=True)
    _expect(session.docmd("DATA"), (354,), "the message", final=True)
    session.send(dotted(body))


def _commit(session: SmtpSession) -> str:
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


def _expect(answer: tuple[int, bytes], good: Sequence[int], what: str, *, final: bool) -> None:
    """Raise unless the reply is good; `final` where a 5xx is a word about this message or this recipient."""
    code, _ = answer
    if code in good:
        return
    permanent = final and 500 <= code < 600 and code not in _NOT_ABOUT_THIS_MESSAGE
    channel = not final or code in _NOT_ABOUT_THIS_MESSAGE
    raise DeliveryError(f"the mail server refused {what}: {_reply(*answer)}", permanent=permanent, channel=channel)


@contextmanager
def _before_acceptance(to: str) -> Iterator[None]:
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


def _checked_server(name: str, url: str, password: Secret | None, faults: list[str]) -> SmtpServer:
    nowhere = SmtpServer("smtp", "localhost", 25, None)
    try:
        server = SmtpServer.parse(url)
    except ValueError as error:
        faults.append(f"channel {name}: server: {error}")
        return nowhere
    if server.user is not None and password is None:
        faults.append(f"channel {name}: password: expected one, since server names a user")
    if server.user is not None and server.scheme == "smtp" and not server.is_local:
        faults.append(f"channel {name}: server: expected smtps:// or smtp+starttls:// where a password is sent")
    return server
