"""What do the coded texts of the record say in English?"""

from __future__ import annotations

from typing import Any

from domain.coded_text import CodedText
from domain.records.facets import Entry
from notifications.translation import ENGLISH


def english(value: str | CodedText | None) -> str:
    """Return the words of a coded text or of its JSON; other words as they stand, "" for None."""
    return ENGLISH.render(value) if value is not None else ""


def in_words(entry: Entry) -> dict[str, Any]:
    """Return an entry of a facet with its coded texts in English."""
    return {name: _words(value) for name, value in entry.items()}


def _words(value: Any) -> Any:
    if isinstance(value, list):
        return [_words(one) for one in value]
    return ENGLISH.render(value) if isinstance(value, str) else value
