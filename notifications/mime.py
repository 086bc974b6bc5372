"""Which bytes make an e-mail?

The message is built by hand, so that the same letter always makes the same bytes: no random boundary, no clock, seven
bits, CRLF, no line beyond 76 characters but the few ASCII headers. Repeats must be byte-equal (rule 2).
"""

from __future__ import annotations

import re
from binascii import b2a_qp
from email.charset import SHORTEST, Charset
from email.header import Header
from email.utils import format_datetime, formataddr, getaddresses

from domain.facets import short_digest
from domain.ports import Notice
from notifications.letter import Letter
from notifications.render import Layout

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


def build(
    letter: Letter, notice: Notice, sender: tuple[str, str], layout: Layout, unsubscribe: str | None = None
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
        *_unsubscribing(unsubscribe),
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


def _unsubscribing(address: str | None) -> tuple[tuple[str, str], ...]:
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
