"""What may stand behind each key of a regime's file, and what is it then?

Each reader takes a value as TOML gives it and returns it as we use it, or says in a ValueError what it expected.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from domain.documents import DocumentId
from domain.terms import is_length

Read = Callable[[object], Any]


def text(value: object) -> str:
    if not isinstance(value, str) or not value.strip() or not value.isprintable():
        raise ValueError("text in quotes, on one line")
    return value


def texts(value: object) -> list[str]:
    if not isinstance(value, list) or not value:
        raise ValueError('a list of texts such as ["first", "second"]')
    return [text(each) for each in value]


def flag(value: object) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def count(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 366:
        raise ValueError("a whole number from 1 to 366")
    return value


def reminder_days(value: object) -> list[int]:
    if not isinstance(value, list) or not value:
        raise ValueError("days before the end such as [21, 14, 7, 4, 1]")
    return sorted({count(each) for each in value}, reverse=True)


def day(value: object) -> date:
    """Read a day: a TOML date, or text that is one."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError("a day such as 2026-07-31") from None


def wall(value: object) -> str:
    """Read local wall time, without an offset: the zone of the regime says where."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    try:
        found = datetime.fromisoformat(value if isinstance(value, str) else "")
    except ValueError:
        raise ValueError('local time such as "2025-11-05T05:30", or a day') from None
    if found.tzinfo is not None:
        raise ValueError('local time without an offset such as "2025-11-05T05:30": `zone` says where')
    return str(value)


def length(value: object) -> str:
    if not isinstance(value, str) or not is_length(value):
        raise ValueError('a length such as "90 days", "3 months" or "1 year"')
    return value


def zone(value: object) -> str:
    try:
        return ZoneInfo(value if isinstance(value, str) else "").key
    except (ValueError, OSError, KeyError):
        raise ValueError('a zone such as "Europe/Oslo"') from None


def identity(value: object) -> str:
    try:
        return str(DocumentId.parse(value if isinstance(value, str) else ""))
    except ValueError:
        raise ValueError('an identity such as "xx/act/7-2025"') from None


def identities(value: object) -> list[str]:
    return [identity(each) for each in texts(value)]


def regime(value: object) -> str:
    """Read the name of a regime: jurisdiction, the word `regime`, and parts of its own."""
    found = DocumentId.parse(identity(value)) if isinstance(value, str) else None
    if found is None or found.kind != "regime" or not found.parts:
        raise ValueError('a name such as "xx/regime/name", lower-case')
    return str(found)


def regimes(value: object) -> list[str]:
    return [regime(each) for each in texts(value)]


def address(value: object) -> str:
    if not isinstance(value, str) or urlsplit(value).scheme not in ("http", "https") or not urlsplit(value).netloc:
        raise ValueError("a web address")
    return value


def one_of(words: Collection[str]) -> Read:
    """Return a reader that takes one of these words."""

    def read(value: object) -> str:
        if not isinstance(value, str) or value not in words:
            raise ValueError(f"one of {', '.join(words)}")
        return value

    return read


def some_of(words: Collection[str]) -> Read:
    """Return a reader that takes a list of these words."""
    one = one_of(words)

    def read(value: object) -> list[str]:
        if not isinstance(value, list) or not value:
            raise ValueError(f"a list out of {', '.join(words)}")
        return [one(each) for each in value]

    return read


STEPS = ("bill_registered", "decree_signed", "law_adopted", "law_signed", "published", "in_force")

TOP: Mapping[str, Read] = {
    "regime": regime,
    "title": text,
    "zone": zone,
    "issuer": text,
    "source": text,
    "look_up": address,
    "paired_with": regimes,
    "reminders": reminder_days,
}
TERM: Mapping[str, Read] = {
    "length": length,
    "inclusive": flag,
    "continues": flag,
    "anniversary": flag,
    "window": length,
    "lapse_after": count,
}
RENEWAL: Mapping[str, Read] = {"steps": some_of(STEPS), "keys": some_of(STEPS)}
RECOGNISE: Mapping[str, Read] = {"titles": texts, "phrases": texts, "numbers": texts}
NARROWED: Mapping[str, Read] = {"starts_at": wall, "length": length, "ends_at": wall, "until": day, "scope": texts}
INSTRUMENT: Mapping[str, Read] = {
    "id": identity,
    "name": text,
    "act": one_of(("introduction", "extension", "end", "partial_end", "lapse")),
    "on": day,
    "published_on": day,
    "known_on": day,
    "starts_at": wall,
    "starts": one_of(("signature", "publication")),
    "length": length,
    "ends_at": wall,
    "until": day,
    "scope": texts,
    "repeals": identities,
    "approval": identity,
    "approved_on": day,
    "in_force_on": day,
    "rejected": flag,
    "confidence": one_of(("official", "secondary", "inferred")),
    "times": count,
}
TABLES = {"term": TERM, "renewal": RENEWAL, "recognise": RECOGNISE}
