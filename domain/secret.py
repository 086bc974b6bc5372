"""What must never be printed?"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """A credential that shows itself only when asked to. `origin` says where it came from (`env:NAME`)."""

    value: str
    origin: str

    def reveal(self) -> str:
        return self.value

    def __repr__(self) -> str:
        return f"Secret({self.origin})"

    __str__ = __repr__
