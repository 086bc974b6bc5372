"""What do the coded texts of the record say in English?"""

from __future__ import annotations

from domain.coded_text import CodedText
from notifications.translation import ENGLISH


def english(value: str | CodedText | None) -> str:
    """Return the words of a coded text or of its JSON; other words as they stand, "" for None."""
    return ENGLISH.render(value) if value is not None else ""
