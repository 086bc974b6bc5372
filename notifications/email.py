"""How is a message written as an e-mail, and to whom does it go?

The same message always makes the same bytes: a fixed boundary, no clock, seven bits, lines of at most 76 characters but
for a few ASCII headers. Repeats must be byte-equal (rule 2).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from domain.alerts.delivery import Frozen
from domain.errors import ConfigError
from domain.options import Secret
from domain.ports import Notice
from domain.records.facets import short_digest
from notifications.channel import Channel
from notifications.compose import compose
from notifications.message import COLUMNS, Message
from notifications.sanitize import one_line
from notifications.templates import RenderOptions, Templates

if TYPE_CHECKING:  # whoever only reads the configuration opens no connection
    import socket
    from datetime import datetime
    from email.message import EmailMessage
    from email.policy import EmailPolicy

_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?")

# "=_" can never stand in quoted-printable text (RFC 2045, 6.7), so no message can forge the boundary.
_BOUNDARY = "=_lexwatch"


Connect = Callable[[str, int, float], "socket.socket"]
"""Opens a connection to host and port within so many seconds; where the guard against private addresses stands.
Raises OSError or a SourceError."""

PORTS = {"smtp": 25, "smtp+starttls": 587, "smtps": 465}


def connect_directly(host: str, port: int, timeout: float) -> socket.socket:
    import socket

    return socket.create_connection((host, port), timeout)


@dataclass(frozen=True, slots=True)
class SmtpTimeouts:
    """Seconds for every step up to the final dot, for all of them together, and for the server's last word (RFC 5321,
    4.5.3.2.6 asks for ten minutes); the sum stays below LEASE."""

    step: float = 30.0
    total: float = 120.0
    final: float = 600.0


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


class Email(Channel):
    """Sends e-mail, one SMTP transaction for each recipient.

    Certificates are verified, and there is no switch to leave that out. `unsubscribe` is a mailto: or https: address to
    leave by. ConfigError when the addresses cannot be used.
    """

    kind = "email"
    capacity = 400

    def __init__(
        self,
        *,
        name: str,
        to: Sequence[str],
        sender: str,
        server: str,
        password: Secret | None = None,
        unsubscribe: str | None = None,
        render: RenderOptions | None = None,
        connect: Connect = connect_directly,
        timeouts: SmtpTimeouts | None = None,
    ) -> None:
        faults: list[str] = []
        super().__init__(name, render)
        self._sender = _address(f"channel {name}: sender", sender, faults)
        self._recipients = tuple(_address(f"channel {name}: to", one, faults)[1] for one in to)
        self._server = _checked_server(name, server, password, faults)
        if faults:
            raise ConfigError(faults)
        self._password = password
        self._unsubscribe = unsubscribe
        self._connect = connect
        self._timeouts = timeouts or SmtpTimeouts()

    @property
    def recipients(self) -> Sequence[str]:
        return self._recipients

    def freeze(self, notice: Notice) -> Frozen:
        message = compose(notice, self._render)
        body = build_email(message, notice, self._sender, self._render.templates, self._unsubscribe)
        return Frozen(message.subject, body, "message/rfc822", message.counted_only)

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        from notifications.smtp import transmit  # whoever only reads the configuration needs no smtplib

        return transmit(
            self._server,
            message.body,
            password=self._password,
            sender=self._sender[1],
            to=to,
            connect=self._connect,
            timeouts=self._timeouts,
            about_to_commit=about_to_commit,
        )


def address_of(text: str) -> tuple[str, str] | None:
    """Split `Desk <desk@example.org>` into name and bare address; None unless both fit into an ASCII envelope.

    A domain with other letters is translated (IDNA); a local part with other letters would need SMTPUTF8, which
    not every server on the way has.
    """
    from email.utils import getaddresses

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
    message: Message, notice: Notice, sender: tuple[str, str], templates: Templates, unsubscribe: str | None = None
) -> bytes:
    """Return the e-mail as it goes over the wire. `sender` is a name, possibly empty, and a bare address;
    `unsubscribe` is a checked mailto: or https: address (RFC 2369)."""
    from email.headerregistry import Address
    from email.message import EmailMessage
    from email.utils import format_datetime

    domain = sender[1].rpartition("@")[2]
    subject = f"{notice.digest}>{notice.to}" if notice.parts else str(notice.document)
    thread = f"<thread-{short_digest(subject)}@{domain}>"
    answered = f"<{notice.replies_to}@{domain}>" if notice.replies_to else thread
    mail = EmailMessage(_policy())
    mail["From"] = Address(sender[0], addr_spec=sender[1])
    mail["To"] = notice.to
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(notice.written_at or notice.created_at)
    mail["Message-ID"] = f"<{notice.delivery}@{domain}>"
    mail["In-Reply-To"] = answered
    mail["References"] = thread if answered == thread else f"{thread} {answered}"
    mail["X-Lexwatch-Document"] = " ".join(map(str, notice.documents))
    mail["X-Lexwatch-Kinds"] = " ".join(message.kinds)
    mail["X-Lexwatch-Alert"] = " ".join(message.alerts)
    mail["List-Id"] = f"<{_list_id(notice)}.lexwatch.{domain}>"
    if unsubscribe is not None:
        mail["List-Unsubscribe"] = f"<{unsubscribe}>"
        if unsubscribe.startswith("https://"):  # by one click (RFC 8058)
            mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(templates.as_text(message), cte="quoted-printable")
    mail.add_alternative(templates.as_html(message), subtype="html", cte="quoted-printable")
    mail.set_boundary(_BOUNDARY)
    if message.portfolio:
        _attach_table(mail, message, notice.created_at)
    return mail.as_bytes()


def _attach_table(mail: EmailMessage, message: Message, made_at: datetime) -> None:
    """Attach the table of a report: as XLSX where XlsxWriter is installed, else as CSV."""
    from notifications.exports import MissingLibrary, write_csv, write_xlsx

    headings = [message.language.say(f"column.{name}") for name in COLUMNS]
    rows = [row.cells for row in message.portfolio]
    workbook, name = BytesIO(), f"portfolio-{made_at:%Y-%m-%d}"
    try:
        write_xlsx(rows, COLUMNS, workbook, headings, made_at)
        kind = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")
        mail.add_attachment(workbook.getvalue(), *kind, filename=f"{name}.xlsx")
    except MissingLibrary:
        lines = StringIO()
        write_csv(rows, COLUMNS, lines, headings)
        # Spreadsheets know by the mark that it is UTF-8.
        mail.add_attachment(lines.getvalue().encode("utf-8-sig"), "text", "csv", filename=f"{name}.csv")
    mail.set_boundary(f"{_BOUNDARY}_table")


@cache
def _policy() -> EmailPolicy:
    """Return how headers are written: in seven bits, with CRLF.

    Python's own folding loses a space beside an encoded word (gh-92081, gh-100900), so what is not ASCII is encoded as
    a whole; and it begins a long value on the second line, which reads as a space before it.
    """
    from email.charset import SHORTEST, Charset
    from email.header import Header
    from email.policy import EmailPolicy
    from email.utils import formataddr

    utf8 = Charset("utf-8")
    utf8.header_encoding = SHORTEST  # as it is by default, but any library may change that for the process

    class SevenBitPolicy(EmailPolicy):
        def fold_binary(self, name: str, value: Any) -> bytes:
            if str(value).isascii():
                lines = super().fold_binary(name, value).decode("ascii")
                if lines.startswith(f"{name}:\r\n") and not hasattr(value, "addresses"):
                    lines = "\r\n ".join(_folded(f"{name}: {value}")) + "\r\n"
                return lines.encode("ascii")
            if addresses := getattr(value, "addresses", None):
                said = ", ".join(formataddr((one.display_name, one.addr_spec), utf8) for one in addresses)
            else:
                said = Header(str(value), utf8, header_name=name).encode(linesep="\r\n")
            return f"{name}: {said}\r\n".encode("ascii")

    return SevenBitPolicy(linesep="\r\n", cte_type="7bit", max_line_length=76)


def _folded(header: str) -> list[str]:
    """Cut a header at its spaces into lines of 76 characters; a first word that is longer stays beside the name."""
    name, _, value = header.partition(": ")
    lines = [f"{name}: {(words := value.split(' '))[0]}"]
    for word in words[1:]:
        if len(lines[-1]) + len(word) < 76:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _list_id(notice: Notice) -> str:
    """Name what the message belongs to, as a host label (RFC 2919): its document, or the digest."""
    name = notice.digest or str(notice.document) if notice.parts else str(notice.document)
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:63].strip("-") or "news"


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
