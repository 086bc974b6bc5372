"""A channel that writes to a list: all that a new kind of channel has to be."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

import msgspec

from domain import options
from domain.alerts.delivery import Frozen
from domain.options import Key
from domain.ports import Notice
from notifications.compose import compose
from notifications.templates import RenderOptions

SENT: list[tuple[str, str]] = []


class ToyOptions(msgspec.Struct, frozen=True, kw_only=True):
    shelf: Annotated[str, Key("where the messages are put", options.name)]
    loud: Annotated[bool, Key("in capitals")] = False


class Toy:
    kind = "toy"

    def __init__(self, *, name: str, shelf: str, loud: bool, render: RenderOptions) -> None:
        self.name, self._shelf, self._loud, self._render = name, shelf, loud, render

    @property
    def recipients(self) -> Sequence[str]:
        return (self.name,)

    def freeze(self, notice: Notice) -> Frozen:
        message = compose(notice, self._render)
        return Frozen(message.subject, message.subject.encode(), "text/plain")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        about_to_commit()
        SENT.append((self._shelf, message.subject.upper() if self._loud else message.subject))
        return "put there"
