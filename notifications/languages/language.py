"""What must be known of a language to tell people in it?

Only our own words are translated. What a publisher wrote, a title or an official sentence, stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from string import Formatter
from typing import Any, NamedTuple

from domain.records.facets import Kind


class Phrases(NamedTuple):
    """How a kind of change is told when something came, became something else, or went. `bare` tells one without
    words of its own."""

    came: str
    became: str
    went: str
    bare: str


class Rung(NamedTuple):
    """What is said of a status: in a few words, in a sentence, and of what can come next. `{C}` is the chamber that
    the status names, `{D}` the other one, `{O}` the chamber of origin; an ending such as `_ins` names a case."""

    sentence: str
    meaning: str
    next_step: str


@dataclass(frozen=True)
class Language:
    """The words of one language. Templates are those of `str.format`.

    `plural` maps a number to the place of its form in `nouns`. `ladder` and `chambers` are those of
    `domain.jurisdictions.us.statuses`.
    `sentences` are our own sentences as the record keeps them, in English, beside what they are here: each gap of the
    first is carried over, said again by the same rules; `{n}` takes digits only, `{n:noun}` counts them.
    """

    code: str
    months: Sequence[str]
    phrases: Mapping[Kind, Phrases]
    words: Mapping[str, str]
    nouns: Mapping[str, Sequence[str]]
    plural: Callable[[int], int]
    ladder: Mapping[str, Rung]
    chambers: Mapping[str, Mapping[str, str]]
    sentences: Sequence[tuple[str, str]] = ()

    def say(self, word: str, **values: object) -> str:
        """Return one of our words with its gaps filled."""
        return self.words[word].format(**values) if values else self.words[word]

    def counted(self, number: int, noun: str) -> str:
        """Write a number with its noun: `1 change`, `2 changes`; 1 день, 2 дні, 5 днів."""
        return f"{number} {self.nouns[noun][self.plural(number)]}"

    def day(self, day: date) -> str:
        """Write a day as `9 December 2025`."""
        return f"{day.day} {self.months[day.month - 1]} {day.year}"

    def retold(self, text: str) -> str:
        """Return a sentence of ours, as the record keeps it in English, in this language; what is not known stays.

        What several sentences make is retold sentence by sentence.
        """
        if not self.sentences:
            return text
        whole = self._whole(text, _DEPTH) if len(text) <= _LONGEST else None
        return whole or "; ".join(self._piece(piece) for piece in _pieces(text))

    def _piece(self, text: str) -> str:
        """Retell what stands between two semicolons."""
        if len(text) > _LONGEST:
            return text
        return self._whole(text, _DEPTH) or ". ".join(self._part(part) for part in text.split(". "))

    def _part(self, text: str) -> str:
        """Retell one sentence, which may end in a full stop or begin with a name and a colon."""
        bare = text.removesuffix(".")
        name, colon, rest = bare.partition(": ")
        said = self._whole(bare, _DEPTH)
        if said is None:
            said = f"{self._whole(name, _DEPTH) or name}{colon}{self._whole(rest, _DEPTH) or rest}"
        return said + text[len(bare) :]

    def _whole(self, text: str, depth: int) -> str | None:
        """Retell a text that one of our sentences fits; None for any other."""
        if (day := self._date(text)) is not None:
            return day
        for pattern, said in self._compiled if depth else ():
            if (found := pattern.fullmatch(text)) and _is_closed(found.groupdict().get(_SEVERAL, "")):
                return self._filled(said, found.groupdict(), depth - 1)
        return None

    def _filled(self, said: str, gaps: Mapping[str, str], depth: int) -> str:
        values: dict[str, object] = {name: self._whole(gap, depth) or gap for name, gap in gaps.items()}
        if _SEVERAL in gaps:
            values[_SEVERAL] = "; ".join(self._whole(gap, depth) or gap for gap in _pieces(gaps[_SEVERAL]))
        return _Filler(self).vformat(said, (), values)

    def _date(self, text: str) -> str | None:
        """Write a day (`2026-02-03`) or a moment (`3 Feb 2026 05:30`) of our sentences out; None for anything else."""
        for form, time in _DATES.items():
            with suppress(ValueError):
                found = datetime.strptime(text, form).replace(tzinfo=UTC)
                return self.day(found.date()) + (f"{found:{time}}" if time else "")
        return None

    @cached_property
    def _compiled(self) -> tuple[tuple[re.Pattern[str], str], ...]:
        return tuple((_pattern(english), said) for english, said in self.sentences)


_LONGEST = 1600
_DEPTH = 5
"""How deep sentences stand in sentences, at most."""

_SEVERAL = "all"
"""The gap that holds several sentences of ours, parted by semicolons."""

_DATES = {"%Y-%m-%d": "", "%d %b %Y %H:%M": ", %H:%M", "%d %b %Y": ""}


class _Filler(Formatter):
    """Fills the gaps of a retold sentence; `{n:noun}` is counted."""

    def __init__(self, language: Language) -> None:
        self._language = language

    def format_field(self, value: Any, format_spec: str) -> str:
        return self._language.counted(int(value), format_spec) if format_spec else str(value)


def _pieces(text: str) -> list[str]:
    """Part a text at its semicolons, except within brackets: there they belong to the sentence around them."""
    pieces: list[str] = []
    for piece in text.split("; "):
        if pieces and pieces[-1].count("(") > pieces[-1].count(")"):
            pieces[-1] += f"; {piece}"
        else:
            pieces.append(piece)
    return pieces


def _is_closed(text: str) -> bool:
    """Say whether no bracket ends in a text that did not begin there."""
    return all(text.count("(", 0, end.end()) >= text.count(")", 0, end.end()) for end in re.finditer(r"\)", text))


def _pattern(english: str) -> re.Pattern[str]:
    """Read a sentence with gaps as a pattern; a gap is as short as can be."""
    pieces: list[str] = []
    for literal, name, _, _ in Formatter().parse(english):
        pieces.append(re.escape(literal))
        if name:
            pieces.append(f"(?P<{name}>{_GAPS.get(name, '.+?')})")
    return re.compile("".join(pieces))


_GAPS = {
    "n": "[0-9]{1,9}",
    "m": "[0-9]{1,9}",
    "d": "[0-9-]{10}",
    "t": "[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}(?: [0-9:]{5})?",
    "u": "[0-9]{1,2} [A-Z][a-z]{2} [0-9]{4}(?: [0-9:]{5})?",
    "o": "[0-9]{1,3}[a-z]{2}",
    "k": "[a-z]+",
    "r": "[0-9]+(?:-[0-9]+)?",
    "a": "[^;]+?",
    "b": "[^;]+?",
    "w": "[^;]+?",
}
"""What may stand in a gap of that name."""
