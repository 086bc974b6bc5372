"""What arrived in the journalist's mailbox?"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller


@dataclass(slots=True)
class Mailbox:
    """A mail server's end: `letters` grows with every accepted message, oldest first. While `closed` it answers as
    a server in trouble does, with a temporary refusal, and counts in `refused`."""

    address: str = ""
    letters: list[EmailMessage] = field(default_factory=list)
    closed: bool = False
    refused: int = 0

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """Take or refuse one message: called by aiosmtpd after the final dot."""
        if self.closed:
            self.refused += 1
            return "451 4.3.0 Mailbox unavailable, please try again later"
        letter = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(letter, EmailMessage)
        self.letters.append(letter)
        return "250 2.0.0 OK"


@contextmanager
def receive() -> Iterator[Mailbox]:
    """Accept mail on 127.0.0.1 until the block ends; `address` is what a channel's `server` names."""
    mailbox = Mailbox()
    port = _free_port()
    controller = Controller(mailbox, hostname="127.0.0.1", port=port)
    controller.start()
    mailbox.address = f"smtp://127.0.0.1:{port}"
    try:
        yield mailbox
    finally:
        controller.stop()


def text_of(letter: EmailMessage) -> str:
    """Return the plain-text part, as a mail reader without HTML shows it."""
    part = letter.get_body(("plain",))
    return "" if part is None else str(part.get_content()).strip()


def _free_port() -> int:
    """Ask the system for a port: aiosmtpd looks itself up under the number it was given, so 0 will not do."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])
