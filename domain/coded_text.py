"""How does the record keep a sentence of ours? As a code and its parameters, put into words where somebody reads it.

In JSON a coded text is an object that begins with its `code`, followed by its parameters by name: `{"code":
"reminder.days_left", "days": 14, "renewal": {"code": "renewal.none_seen"}}`. Parameters are data: days `YYYY-MM-DD`,
moments ISO 8601 with an offset, identities, codes, numbers, and the words of others as they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from string import Formatter
from typing import Any, Union

Param = Union[str, int, "CodedText", tuple["Param", ...]]

_BEGINNING = '{"code":'
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
"""The canonical form of JSON; one encoder for all, for it is asked ten times a bill."""


@dataclass(frozen=True, slots=True)
class CodedText:
    """A sentence as data. `params` are sorted by name, so that equal sentences are equal values."""

    code: str
    params: tuple[tuple[str, Param], ...] = ()

    def get(self, name: str) -> Param | None:
        """Return a parameter, or None where it has none of that name."""
        return dict(self.params).get(name)

    def to_json(self) -> str:
        """Return the canonical form: one line, the code first, the parameters by name."""
        return _encode(_plain(self))

    @classmethod
    def from_json(cls, text: str) -> CodedText:
        """Read what `to_json` wrote; ValueError for anything else."""
        found = _value(json.loads(text))
        if not isinstance(found, cls):
            raise ValueError(f"expected a coded text, saw {text[:60]!r}")
        return found


def coded(code: str, /, **params: Param) -> CodedText:
    """Return a sentence as data."""
    return CodedText(code, tuple(sorted(params.items())))


def phrase(english: str, /, **params: Param) -> CodedText:
    """Return words of ours that few read and nobody asks for by a code: the English, with gaps that `params` fill, is
    what a catalogue translates. It must stand where it is called, so that it can be collected."""
    return coded("phrase", english=english, **params)


def in_english(value: Param) -> str:
    """Put phrases into their own English, for a log or a traceback; another coded text stands as the record keeps
    it."""
    if isinstance(value, tuple):
        return ", ".join(map(in_english, value))
    if not isinstance(value, CodedText) or value.code != "phrase":
        return value.to_json() if isinstance(value, CodedText) else str(value)
    params = dict(value.params)
    return _PlainFormatter().vformat(str(params.pop("english")), (), params)


class _PlainFormatter(Formatter):
    """Fills gaps with English; how a language writes a value, after a colon, is for the edge."""

    def format_field(self, value: Any, format_spec: str) -> str:
        return in_english(value)


def is_coded(text: str | None) -> bool:
    """Say whether a text looks like a coded text in JSON; words that begin so are nobody's."""
    return text is not None and text.startswith(_BEGINNING)


def words_in(text: str | None) -> str:
    """Return the words that a text carries: of a coded text those of others that are its parameters."""
    if text is None or not is_coded(text):
        return text or ""
    return "\n".join(_words(CodedText.from_json(text)))


def _words(value: Param) -> Iterator[str]:
    if isinstance(value, CodedText):
        value = tuple(param for _, param in value.params)
    if isinstance(value, tuple):
        for one in value:
            yield from _words(one)
    elif isinstance(value, str):
        yield value


def list_to_json(texts: Iterable[CodedText]) -> str:
    """Return several as a JSON array on one line."""
    return _encode([_plain(text) for text in texts])


def list_from_json(text: str) -> tuple[CodedText, ...]:
    """Read what `list_to_json` wrote; ValueError for anything else."""
    found = _value(json.loads(text))
    if not isinstance(found, tuple) or not all(isinstance(one, CodedText) for one in found):
        raise ValueError(f"expected a list of coded texts, saw {text[:60]!r}")
    return tuple(one for one in found if isinstance(one, CodedText))


def _plain(value: Param) -> object:
    if isinstance(value, CodedText):
        return {"code": value.code, **{name: _plain(param) for name, param in value.params}}
    return [_plain(one) for one in value] if isinstance(value, tuple) else value


def _value(found: object) -> Param:
    if isinstance(found, dict) and isinstance(found.get("code"), str):
        params = {str(name): _value(param) for name, param in found.items() if name != "code"}
        return CodedText(found["code"], tuple(sorted(params.items())))
    if isinstance(found, list):
        return tuple(_value(one) for one in found)
    if isinstance(found, str | int):
        return found
    raise ValueError(f"expected words, a number, a coded text or a list, saw {type(found).__name__}")
