"""What must be remembered between polls, and what does it prove about coverage?

The resume position is compact JSON of our own. Times are whole seconds since 1970, UTC; 0 is never. Only acts that
renew a regime or are followed by name are remembered one by one: some ten a year.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from domain.terms import Coverage

VERSION = 1
DAY = 86_400
REACH = 30 * DAY
"""How far back the list `n` reaches."""

MOST_ACTS = 200


class Act(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is remembered of one act. Days are `YYYY-MM-DD`, `starts_at` local wall time.

    `update`, `row`: what the feed and the list showed when it was last read. `pending_since`, `tries`: since when its
    title is known without a readable text, and how often that was asked for; `missed` says what was found instead, and
    `told_unread` that this was said.
    """

    title: str = ""
    issuer: str = ""
    regime: str = ""
    act: str = ""
    number: str = ""
    on: str = ""
    status: str = ""
    in_force_on: str = ""
    in_force: bool = False
    starts_at: str = ""
    length: str = ""
    scope: str = ""
    clause: str = ""
    approves: str = ""
    reservation: str = ""
    narrowed: dict[str, str] = {}
    takes_effect: str = ""
    dokid: str = ""
    update: str = ""
    row: str = ""
    read_at: int = 0
    pending_since: int = 0
    tries: int = 0
    missed: str = ""
    told_unread: bool = False
    card_modified: str = ""
    text_modified: str = ""
    text_digest: str = ""


class Gap(msgspec.Struct, frozen=True):
    """Days that no list in hand covers. `page`: where reading the list of all documents goes on; `newest`: the newest
    day on the page before; `silent`: it lies before lexwatch began to watch."""

    since: int
    until: int
    page: int = 1
    newest: str = ""
    silent: bool = False
    tried_at: int = 0


class Cursor(msgspec.Struct, omit_defaults=True):
    """All that is remembered. `opened` is when coverage began, `since` the beginning of the present stretch without a
    gap, `through` when the lists were last read, `full_at` when the 30-day list was last read whole."""

    v: int = VERSION
    digest: str = ""
    modified: str = ""
    list_modified: str = ""
    recent: list[str] = []
    opened: int = 0
    since: int = 0
    through: int = 0
    full_at: int = 0
    begun_at: int = 0
    regimes: list[str] = []
    gap: Gap | None = None
    acts: dict[str, Act] = {}


_DECODER = msgspec.json.Decoder(Cursor)


def load(text: str | None) -> Cursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    if text is None:
        return Cursor()
    try:
        cursor = _DECODER.decode(text)
    except ValueError:
        return Cursor()
    return cursor if cursor.v == VERSION else Cursor()


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    kept = sorted(cursor.acts.items(), key=lambda pair: (-pair[1].read_at, pair[0]))[:MOST_ACTS]
    return msgspec.json.encode(msgspec.structs.replace(cursor, acts=dict(sorted(kept)))).decode()


def coverage(cursor: str | None, last_good_at: datetime | None = None) -> Coverage:
    """Say since when the database has been read without a gap, and until when.

    A poll that finds nothing does not move the cursor: pass when the source last answered well as `last_good_at`.
    Nothing is covered before the 30-day list was read once to its end.
    """
    known = load(cursor)
    if not known.since:
        return Coverage()
    through = datetime.fromtimestamp(known.through, UTC)
    if last_good_at is not None:
        through = max(through, last_good_at)
    return Coverage(since=datetime.fromtimestamp(known.since, UTC), through=through)


@dataclass(frozen=True, slots=True)
class Backfill:
    """A stretch of days whose documents no list in hand covers; aware UTC."""

    since: datetime
    until: datetime


def backfill(cursor: str | None) -> Backfill | None:
    """Return what still has to be filled in, or None when nothing is missing."""
    gap = load(cursor).gap
    if gap is None:
        return None
    return Backfill(datetime.fromtimestamp(gap.since, UTC), datetime.fromtimestamp(gap.until, UTC))
