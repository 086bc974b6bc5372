"""In which language, in whose zone and by which templates does a channel tell?"""

from __future__ import annotations

from dataclasses import dataclass, field

from notifications.languages import Language, language_of
from notifications.render import SHIPPED, Layout


@dataclass(frozen=True, slots=True)
class Manner:
    """How one channel says things. `zone` is an IANA name; None leaves it to the notice."""

    language: Language = field(default_factory=lambda: language_of("en"))
    zone: str | None = None
    layout: Layout = SHIPPED
