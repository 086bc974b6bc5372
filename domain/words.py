"""Which of the words somebody asked for occur in a text?

Words are matched whole, whatever their case, accents, kind of space, dash or apostrophe: `Noël` finds `NOEL`, `NATO`
does not find `senator`. A phrase is found across any white space. There are no patterns: what is typed is what is
looked for.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

_SAME = str.maketrans({"’": "'", "ʼ": "'", "‘": "'", "`": "'"} | dict.fromkeys("‐‑‒–—−", "-"))
_UNSPACED = ("CJK ", "HIRAGANA", "KATAKANA", "HANGUL", "THAI ", "LAO ", "KHMER", "MYANMAR")
"""Scripts that write no space between words, or join particles to them: no boundary is asked for there."""


def occurring(words: Sequence[str], text: str | None) -> tuple[str, ...]:
    """Return those of `words` that occur in `text`, as they were written and in their order."""
    if not words or not text:
        return ()
    folded = fold(text)
    return tuple(word for word in words if is_word(word) and pattern(word).search(folded))


@lru_cache(maxsize=1024)
def is_word(word: str) -> bool:
    """Say whether there is anything to look for: a letter or a digit."""
    return any(character.isalnum() for character in fold(word))


def fold(text: str) -> str:
    """Return `text` without what two spellings of one word may differ in: case, accents, invisible characters, the
    kinds of spaces, dashes and apostrophes."""
    if text.isascii():
        return " ".join(text.casefold().translate(_SAME).split())
    plain = unicodedata.normalize("NFKD", text).casefold().translate(_SAME)
    kept = (c for c in plain if unicodedata.category(c) not in ("Mn", "Cf"))
    return " ".join("".join(kept).split())


@lru_cache(maxsize=1024)
def pattern(word: str, *, prefix: bool = False) -> re.Pattern[str]:
    """Return what finds a word or phrase in a folded text; with `prefix`, at the beginning of longer words too.

    `word` must have something to look for (`is_word`).
    """
    folded = fold(word)
    before = r"(?<!\w)" if _bounded(folded[0]) else ""
    after = r"(?!\w)" if _bounded(folded[-1]) and not prefix else ""
    return re.compile(before + re.escape(folded) + after)


def _bounded(character: str) -> bool:
    return character.isalnum() and not unicodedata.name(character, "").startswith(_UNSPACED)
