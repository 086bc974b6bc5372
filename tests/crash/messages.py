"""How does a receiver read what it took: who it is, and what it tells?"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes, policy

from tests.crash.bills import marks_in

_DELIVERY = re.compile(rb"dl-[0-9a-f]{12}")
_ALERT = re.compile(rb"al-[0-9a-f]{12}")
_LAST_LINE = re.compile(r"    al-[0-9a-f]{12}( al-[0-9a-f]{12})*")


@dataclass(frozen=True, slots=True)
class ReceivedMessage:
    """One complete message. `answered` says whether the acceptance was written to a peer still listening, `denied`
    whether the receiver took it and said that it had not."""

    id: str
    to: str
    body: bytes
    at: datetime
    answered: bool
    marks: frozenset[str]
    alerts: tuple[str, ...]
    subject: str = ""
    denied: bool = False

    @property
    def instead(self) -> bool:
        """Say whether it names itself as taking the place of one that was withdrawn."""
        return b"takes the place of" in b" ".join(self.body.replace(b"=\r\n", b"").split())

    def with_unmarked(self, marks: Iterable[str]) -> ReceivedMessage:
        """Return the message with what it tells without a mark, as far as it names the bills of it."""
        named = frozenset(mark for mark in marks if b"HR " + mark[2:6].encode() in self.body)
        return replace(self, marks=self.marks | named)

    @property
    def tells_of_a_report(self) -> bool:
        """Say whether it tells that a bill was reported; the official words, with the mark, may stand nowhere then."""
        return b"Reported by committee (was" in b" ".join(self.body.replace(b"=\r\n", b"").split())

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()


def read_mail(content: bytes, to: str, at: datetime, answered: bool) -> ReceivedMessage:
    """Read a mail as its receiver would: who it is by its Message-ID, what it tells by its plain text."""
    mail = message_from_bytes(content, policy=policy.default)
    plain = mail.get_body(("plain",))
    words = plain.get_content() if plain is not None else mail.get_content()
    found = _DELIVERY.search(str(mail["Message-ID"]).encode())
    return ReceivedMessage(
        id=found.group().decode() if found else str(mail["Message-ID"]),
        to=to,
        body=content,
        at=at,
        answered=answered,
        marks=marks_in(f"{mail['Subject']} {words}"),
        alerts=tuple(str(mail["X-Lexwatch-Alert"] or "").split()),
        subject=str(mail["Subject"]),
    )


def read_post(body: bytes, to: str, at: datetime, answered: bool, id: str | None = None) -> ReceivedMessage:
    """Read a posted message: who it is by its `webhook-id` or the delivery or alert it names, what it tells by all its
    words."""
    alerts = tuple(dict.fromkeys(found.decode() for found in _ALERT.findall(body)))
    delivery = _DELIVERY.search(body)
    return ReceivedMessage(
        id=id or (delivery.group().decode() if delivery else (alerts[0] if alerts else "nameless")),
        to=to,
        body=body,
        at=at,
        answered=answered,
        marks=marks_in(body.decode()),
        alerts=alerts,
    )


def terminal_id(alerts: Iterable[str]) -> str:
    """Return how a message on a terminal is known, which names its alerts and no delivery."""
    return " ".join(sorted(alerts))


def read_terminal(printed: bytes, to: str, at: datetime) -> Iterator[ReceivedMessage]:
    """Read what one process printed; a message whose last line, its alerts, never came was cut short."""
    block: list[str] = []
    for line in printed.decode().splitlines():
        block.append(line)
        if _LAST_LINE.fullmatch(line):
            text = "\n".join(block).strip("\n")
            alerts = tuple(line.split())
            yield ReceivedMessage(terminal_id(alerts), to, text.encode(), at, True, marks_in(text), alerts)
            block = []
