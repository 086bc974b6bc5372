"""What does a feed say of one entry, before anything is made of it?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from watchers.feed.dates import Stamp


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry, in plain text. `link` leads to http or https, without what passes; `text` is summary and content;
    `stated` holds what a publisher says of its state beside them (`stage`: `Committee stage`)."""

    guid: str | None = None
    link: str | None = None
    title: str = ""
    text: str = ""
    author: str | None = None
    published: Stamp | None = None
    updated: Stamp | None = None
    categories: tuple[str, ...] = ()
    stated: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reading:
    """The entries of one answer, in its order. `notes` say what of it was left out, and why: `whole` is false if that
    may hide an entry from us that was there before."""

    entries: tuple[Entry, ...]
    notes: tuple[str, ...] = ()
    whole: bool = True


def joined(summary: str, content: str) -> str:
    """Return both texts of an entry, or the longer one where it says what the other says."""
    short, long = sorted((summary, content), key=len)
    start = short.rstrip(" .…[]")
    return long if not start or start in long else f"{summary}\n{content}"
