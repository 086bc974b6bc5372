"""A mail server on loopback that keeps what it accepted and refuses what it is told to refuse."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(frozen=True, slots=True)
class AcceptedMail:
    """One message the server answered 250 to."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        parsed = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(parsed, EmailMessage)
        return parsed


@dataclass(slots=True)
class MailServer:
    """`verdict` answers each complete message: `250 OK`, or another reply line to refuse it."""

    server: str = ""
    accepted: list[AcceptedMail] = field(default_factory=list)
    verdict: Callable[[AcceptedMail], str] = lambda _: "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        mail = AcceptedMail(envelope.mail_from, tuple(envelope.rcpt_tos), envelope.content)
        reply = self.verdict(mail)
        if reply.startswith("2"):
            self.accepted.append(mail)
        return reply


@contextmanager
def serve_mail(**options: Any) -> Iterator[MailServer]:
    """Accept mail on 127.0.0.1 until the block ends; `options` go to aiosmtpd's Controller."""
    mailbox = MailServer()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(mailbox, hostname="127.0.0.1", port=port, **options)
    controller.start()
    mailbox.server = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()
