"""How is an alert shown on a terminal or in a log?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from domain.alerts.delivery import Frozen
from domain.errors import DeliveryError
from domain.ports import Notice
from notifications.compose import compose, named_changes
from notifications.templates import RenderOptions


class Console:
    """Prints each alert as a short block to a stream; the standard output of the moment when none is given."""

    kind = "console"
    capacity = 500

    def __init__(self, *, name: str, render: RenderOptions | None = None, stream: TextIO | None = None) -> None:
        self.name = name
        self._render = render or RenderOptions()
        self._stream = stream

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def cost(self, notice: Notice) -> int:
        return named_changes(notice)

    def freeze(self, notice: Notice) -> Frozen:
        message = compose(notice, self._render)
        body = self._render.templates.as_console(message).encode()
        return Frozen(message.subject, body, "text/plain; charset=utf-8", message.overview_only)

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        stream = self._stream or sys.stdout
        encoding = stream.encoding or "utf-8"
        about_to_commit()
        try:
            # A terminal that knows only ASCII shows question marks rather than nothing.
            stream.write(message.body.decode().encode(encoding, "replace").decode(encoding) + "\n")
            stream.flush()
        except (OSError, ValueError) as error:
            raise DeliveryError(f"the console does not take text: {type(error).__name__}") from error
        return "printed"
