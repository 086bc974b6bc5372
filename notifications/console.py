"""How is an alert shown on a terminal or in a log?"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from typing import TextIO

from domain.alerts.delivery import Frozen
from domain.errors import DeliveryError
from domain.ports import Notice
from notifications.compose import compose
from notifications.templates import RenderOptions


class Console:
    """Prints each alert as a short block to a stream; the standard output of the moment when none is given."""

    kind = "console"

    def __init__(self, *, name: str, manner: RenderOptions | None = None, stream: TextIO | None = None) -> None:
        self.name = name
        self._manner = manner or RenderOptions()
        self._stream = stream

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def freeze(self, notice: Notice) -> Frozen:
        letter = compose(notice, self._manner)
        return Frozen(letter.subject, self._manner.layout.as_console(letter).encode(), "text/plain; charset=utf-8")

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
