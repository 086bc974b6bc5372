"""What must be remembered between polls, and what does it prove about coverage?

Compact JSON of our own. `through` is when the list last said something new, in seconds since 1970: the next list
reaches back at least that far, so that there is never a gap behind it. `regimes` maps each regime to the first day of
the first list that was read for it; `refused` are documents whose title is alike and whose text says otherwise.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import msgspec

from domain.identity import DocumentId
from domain.terms import Coverage

VERSION = 1
FIRST = 14
"""Months that the first list of a regime reaches back: every yearly renewal falls into them."""

USUAL = 4
"""Months that a list reaches back afterwards: the ninety days of a renewal, and what is put right late."""

_WASHINGTON = ZoneInfo("America/New_York")
_MOST = 200


class Cursor(msgspec.Struct, omit_defaults=True):
    v: int = VERSION
    floor: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    through: int = 0
    regimes: dict[str, str] = {}
    refused: list[str] = []


_DECODER = msgspec.json.Decoder(Cursor)


def load(text: str | None) -> Cursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    try:
        cursor = _DECODER.decode(text or "{}")
    except ValueError:
        return Cursor()
    return cursor if cursor.v == VERSION else Cursor()


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    kept = msgspec.structs.replace(
        cursor, regimes=dict(sorted(cursor.regimes.items())), refused=sorted(cursor.refused)[-_MOST:]
    )
    return msgspec.json.encode(kept).decode()


def floor(cursor: Cursor, followed: list[DocumentId], now: datetime) -> str:
    """Return the first day the next list has to reach back to. It moves once a month, so that the address of the list
    stays and a conditional request means something."""
    fresh = any(str(regime) not in cursor.regimes for regime in followed)
    day = _months_before(now, FIRST if fresh else USUAL)
    if cursor.through:
        day = min(day, _months_before(datetime.fromtimestamp(cursor.through, UTC), 1))
    return day.isoformat()


def coverage(cursor: str | None, last_good_at: datetime | None, document: DocumentId) -> Coverage:
    """Say since when the documents of a regime have been read without a gap, and until when.

    A poll that finds nothing does not move the cursor: `last_good_at` is when the source last answered well.
    """
    known = load(cursor)
    since = known.regimes.get(str(document))
    if since is None:
        return Coverage()
    first = datetime.combine(date.fromisoformat(since), time(), _WASHINGTON).astimezone(UTC)
    through = datetime.fromtimestamp(known.through, UTC)
    return Coverage(first, max(through, last_good_at) if last_good_at else through)


def _months_before(moment: datetime, months: int) -> date:
    """Return the first day of the month so many months before."""
    day = moment.astimezone(_WASHINGTON).date().replace(day=1)
    for _ in range(months):
        day = (day - timedelta(days=1)).replace(day=1)
    return day
