"""What is remembered of a feed between two polls?

What to ask with, what the last body was, and the entries known: some 75 bytes each, the 5,000 seen last, so that it
stays below 400 KB. What a poll needs when nothing has changed is read without the entries.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from watchers.client import AnswerState, CursorCodec
from watchers.feed.entries import EntryTraits, KnownEntries

MAX_KNOWN = 5000

NO_GUID = "-"
"""The guid of a known entry whose own one another document carries now: it is recognised by it no more."""


class FeedCursor(
    msgspec.Struct,
    frozen=True,
    omit_defaults=True,
    rename={
        "version": "v",
        "address": "a",
        "answer": "s",
        "full_at": "f",
        "window": "w",
        "least": "l",
        "relinked_at": "r",
        "forms": "o",
        "turn": "t",
        "crowded_at": "c",
        "packed": "k",
    },
):
    """All that is remembered. `address` is the feed's, `answer` what its last body is known by; `full_at` when a body
    last came, in seconds since 1970; `window` how many entries it held, the last ones known, `least` the fewest it ever
    held (-1: never read); `relinked_at` when all links of the feed were last seen to have changed; `forms` the forms of
    the addresses it had; `turn` where among its edited entries the next poll begins, if one poll did not read them all,
    `crowded_at` when that was last so; `packed` the entries themselves, unread."""

    version: int = 1
    address: str = ""
    answer: AnswerState = AnswerState()
    full_at: int = 0
    window: int = 0
    least: int = -1
    relinked_at: int = 0
    forms: tuple[str, ...] = ()
    turn: int = 0
    crowded_at: int = 0
    packed: msgspec.Raw = msgspec.Raw(b"[]")

    def known(self) -> dict[str, EntryTraits]:
        """Return the entries known, the last seen last."""
        rows: Iterable[list[Any]] = (row + _EMPTY_ROW[len(row) :] for row in _ENTRIES.decode(self.packed))
        return {
            key: EntryTraits(*[base or key, *traits, tuple(states), latest, place])
            for key, base, *traits, states, latest, place in rows
        }

    def with_entries(self, known: KnownEntries, current: Mapping[str, EntryTraits]) -> FeedCursor:
        """Return what is remembered after a body was read: what is in the feed moves to the end."""
        kept = {key: found for key, found in known.items() if key not in current} | dict(current)
        rows = [_trimmed(key, found) for key, found in list(kept.items())[-MAX_KNOWN:]]
        least = len(current) if self.least < 0 else min(self.least, len(current))
        packed = msgspec.Raw(msgspec.json.encode(rows))
        return msgspec.structs.replace(self, window=len(current), least=least, packed=packed)


_CURSORS = CursorCodec(FeedCursor)
_ENTRIES = msgspec.json.Decoder(list[list[Any]])
_EMPTY_ROW: list[Any] = ["", "", "", "", "", 0, "", "", 0, (), 0, ""]


def _trimmed(key: str, found: EntryTraits) -> list[Any]:
    """Write a known entry without the members at its end that say nothing."""
    base = "" if found.base == key else found.base
    traits = (found.link, found.title, found.words, found.day, found.rest, found.stem)
    latest = found.latest if found.states else 0
    row: list[Any] = [key, base, *traits, found.returns, found.states, latest, found.place]
    while row and not row[-1]:
        row.pop()
    return row


def load_cursor(text: str | None) -> FeedCursor:
    """Read a resume position back; one that cannot be read is none: everything is then read anew, and what the record
    knows is no news."""
    return _CURSORS.load(text)


def dump_cursor(cursor: FeedCursor) -> str:
    """Write a resume position; equal positions give equal text."""
    return _CURSORS.dump(cursor)
