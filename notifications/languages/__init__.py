"""In which languages are people told?"""

from __future__ import annotations

from functools import cache
from importlib import import_module

from notifications.languages.language import Language

LANGUAGES = ("en", "uk")
"""The languages that ship, by their ISO 639-1 codes."""

_MODULES = {"en": "english", "uk": "ukrainian"}


@cache
def language_of(code: str) -> Language:
    """Return a language by its code; KeyError for one that does not ship. Read when the first message needs it."""
    found: Language = import_module(f"notifications.languages.{_MODULES[code]}").LANGUAGE
    return found


__all__ = ["LANGUAGES", "Language", "language_of"]
