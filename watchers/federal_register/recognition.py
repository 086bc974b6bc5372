"""Which regime does a presidential document continue or end, by the words of the regime's own file?

A regime states the titles of its renewals, the words of their operative part and the numbers of the order that declared
it (`[recognise]`). A title that is one of them, whatever its capitals, quotes and spaces, is enough. One that is only
alike needs its text, which must have such words and cite the regime's own order before any other.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from enum import StrEnum
from typing import Any

EXTENSION, END = "extension", "end"
ALIKE = 0.8
"""How much of what a title is about must be that of the regime for its text to be worth reading (`difflib`)."""

_MARKS = re.compile(r"[^\w]+")
_CONTINUES = re.compile(r"(?:notice of )?continuation of (?:the )?(?:national )?")
_ABOUT = re.compile(r"emergency (?:with respect to|concerning|regarding) (?:the )?")
_ENDS = re.compile(
    r"(?:early )?(?:termination of|terminating|ending(?: of)?|revocation of|revoking|lifting(?: of)?) "
    r"(?:the )?(?:declaration of )?(?:the )?(?:a )?(?:national )?"
)
_ORDER = re.compile(r"(?:executive orders?|e o|proclamations?) (?:no )?(\d{4,5})")
_YEARS = re.compile(r"continu\w+ (?:in effect )?for (?:1|one) (?:additional )?year")


class Match(StrEnum):
    """How sure a title makes us."""

    TITLE = "title"
    ALIKE = "alike"


@dataclass(frozen=True, slots=True)
class Forms:
    """The words by which a regime is known, folded for comparing."""

    titles: tuple[str, ...] = ()
    phrases: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    subjects: tuple[str, ...] = field(default=())

    @classmethod
    def of(cls, stated: Mapping[str, Any]) -> Forms:
        """Fold what a regime's file states under `recognise`."""
        titles, phrases, numbers = (
            tuple(folded(str(form)) for form in stated.get(name, ())) for name in ("titles", "phrases", "numbers")
        )
        return cls(titles, phrases, numbers, tuple(_CONTINUES.sub("", title, count=1) for title in titles))


@dataclass(frozen=True, slots=True)
class Found:
    """What a title does to a regime, and how sure it is."""

    act: str
    match: Match


def folded(text: str) -> str:
    """Fold words for comparing: letters without accents, lower-case, one space for whatever stands between them."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()
    return _MARKS.sub(" ", plain.casefold()).strip()


def recognise(title: str, forms: Forms) -> Found | None:
    """Say what a title does to the regime of these forms; None when it is about something else."""
    text = folded(title)
    if ends := _ENDS.match(text):
        return Found(END, Match.TITLE) if text[ends.end() :] in forms.subjects else None
    if text in forms.titles:
        return Found(EXTENSION, Match.TITLE)
    continues = _CONTINUES.match(text)
    if continues is None:
        return None
    if text[continues.end() :] in forms.subjects:
        return Found(EXTENSION, Match.TITLE)
    about = _ABOUT.sub("", text[continues.end() :], count=1)
    alike = any(_is_alike(about, _ABOUT.sub("", known, count=1)) for known in forms.subjects)
    return Found(EXTENSION, Match.ALIKE) if alike else None


def _is_alike(one: str, other: str) -> bool:
    """Say whether one subject is named within the other, or is nearly it."""
    within = f" {one} " in f" {other} " or f" {other} " in f" {one} "
    return within or SequenceMatcher(None, one, other, autojunk=False).ratio() >= ALIKE


def confirms(text: str, forms: Forms) -> bool:
    """Say whether the text of a document whose title is only alike renews the regime of these forms."""
    words = folded(text[:100_000])
    says = any(phrase in words for phrase in forms.phrases) or bool(_YEARS.search(words))
    first = _ORDER.search(words)
    own = {digits for number in forms.numbers for digits in re.findall(r"\d{4,5}", number)}
    return says and first is not None and first[1] in own
