"""What do the channels share, and how is an alert shown on a terminal or in a log?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from domain.alerts.delivery import Frozen
from domain.coded_text import CodedText, Param, coded
from domain.errors import Blocked, DeliveryError, SourceError
from domain.ports import Notice
from domain.sources import secret_parts
from notifications.compose import compose, named_changes
from notifications.sanitize import one_line
from notifications.templates import RenderOptions
from notifications.translation import coded_error

_LONGEST = 300

ADDRESS_REFUSED = frozenset({401, 402, 403, 404, 405, 407, 410, 451})
"""Answers about the address or the credential, not about the message: the next message would get the same one."""


def delivery_error(code: str, url: str, error: SourceError) -> DeliveryError:
    """Return what an answer to a POST, or its absence, means for the message. `code` is of the sentence that says so
    with the `error`, of which nothing shows the address but its host."""
    params = {"error": _without(error.said, url) if error.said else without_address(str(error), url)}
    status = error.status
    if status is None or 200 <= status < 300:
        facts = {"maybe_sent": error.reached, "channel": True}
        return coded_error(DeliveryError, code, params, retry_after=error.retry_after, **facts)
    # A server that failed, or a gateway before it, does not say that the receiver has not taken the message.
    maybe_sent = status >= 500
    # A challenge in front of the receiver is no word of the receiver's.
    if status in ADDRESS_REFUSED and not isinstance(error, Blocked):
        return coded_error(DeliveryError, code, params, retry_after=error.retry_after, refused=True)
    permanent = 400 <= status < 500 and status not in (408, 425, 429) and not isinstance(error, Blocked)
    facts = {"permanent": permanent, "maybe_sent": maybe_sent, "channel": not permanent}
    return coded_error(DeliveryError, code, params, retry_after=error.retry_after, **facts)


def _without(said: Param, url: str) -> Param:
    """Return a coded text, or one of its parameters, without an address anywhere in it."""
    if isinstance(said, CodedText):
        return coded(said.code, **{name: _without(value, url) for name, value in said.params})
    if isinstance(said, tuple):
        return tuple(_without(one, url) for one in said)
    return without_address(said, url) if isinstance(said, str) else said


def without_address(text: str, url: str) -> str:
    """Return a text as one line without an address that is a secret, nor any part of it that gives it away."""
    for piece in secret_parts(url):
        text = text.replace(piece, "[webhook]")
    return one_line(text, _LONGEST)


class Channel:
    """What channels share: each is its own recipient, and a message costs the changes it must name."""

    def __init__(self, name: str, render: RenderOptions | None) -> None:
        self.name = name
        self._render = render or RenderOptions()

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def cost(self, notice: Notice) -> int:
        return named_changes(notice)


class Console(Channel):
    """Prints each alert as a short block to a stream; the standard output of the moment when none is given."""

    kind = "console"
    capacity = 500

    def __init__(self, *, name: str, render: RenderOptions | None = None, stream: TextIO | None = None) -> None:
        super().__init__(name, render)
        self._stream = stream

    def freeze(self, notice: Notice) -> Frozen:
        message = compose(notice, self._render)
        body = self._render.templates.as_console(message).encode()
        return Frozen(message.subject, body, "text/plain; charset=utf-8", message.counted_only)

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        stream = self._stream or sys.stdout
        encoding = stream.encoding or "utf-8"
        about_to_commit()
        try:
            # A terminal that knows only ASCII shows question marks rather than nothing.
            stream.write(message.body.decode().encode(encoding, "replace").decode(encoding) + "\n")
            stream.flush()
        except (OSError, ValueError) as error:
            raise coded_error(DeliveryError, "delivery.console", {"fault": type(error).__name__}) from error
        return "printed"
