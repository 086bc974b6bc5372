"""What must be remembered of a chamber's roll calls between polls?

The resume position is compact JSON of our own. Times are whole seconds since 1970, UTC.
"""

from __future__ import annotations

import msgspec

VERSION = 1


class Shelf(msgspec.Struct, frozen=True, array_like=True):
    """Where a session's list was read to: `through` is the last number handled, `digest` that of the list;
    `missing_at` is when the list was last looked for in vain, 0 if it is there."""

    through: int = 0
    digest: str = ""
    missing_at: int = 0


class Due(msgspec.Struct, frozen=True, array_like=True):
    """A roll call to be read. `bill` is what the list says it is about (`119/hr/30`), "" where it does not say; `at`
    the time from which it is asked; `tries` how often in vain; `told` that it was read once and is looked at again."""

    session: str
    number: int
    bill: str
    at: int = 0
    tries: int = 0
    told: bool = False


class Cursor(msgspec.Struct):
    """All that is remembered. `shelves` by session (`119-2`); `bills` are those whose past was read (`119/hr/30`)."""

    version: int = VERSION
    shelves: dict[str, Shelf] = {}
    bills: list[str] = []
    due: list[Due] = []


_CURSOR = msgspec.json.Decoder(Cursor)


def load(text: str | None) -> Cursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    if text is None:
        return Cursor()
    try:
        cursor = _CURSOR.decode(text)
    except ValueError:
        return Cursor()
    return cursor if cursor.version == VERSION else Cursor()


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    return msgspec.json.encode(cursor, order="sorted").decode()
