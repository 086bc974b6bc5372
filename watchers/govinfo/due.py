"""Which files are read in this poll, and why?"""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from zlib import crc32

from domain.identity import DocumentId
from watchers.govinfo.cursor import Cursor, Mark

BEAT = 12 * 3600
"""Seconds within which every file is read whatever the signs say, and whole, so that a statement nobody answered is
heard again (`domain.owners.PATIENCE`)."""

AGAIN = 30 * 60
"""Seconds after which a file that was announced and came as it had been is asked once more; and any file, while
neither feed nor listings nor sitemaps tell what was written."""

TRIES = 3
"""How often."""

_SPREAD = 2 / 3
_PATIENT_TRIES = 3
_FIRST_PAUSE = 10 * 60
_LONGEST_PAUSE = 12 * 3600


class Why(IntEnum):
    """Why a file is read now; the smaller comes first."""

    MOVED = 0
    NEVER_READ = 1
    AGAIN = 2
    BEAT = 3


def order(
    cursor: Cursor, bills: Iterable[DocumentId], now: int, *, blind: bool = False
) -> list[tuple[DocumentId, Why]]:
    """Return the bills to read, first what is most likely news; those that failed before come after their peers.
    `now` in seconds since 1970; `blind` says that nothing tells what was written."""
    places = []
    for bill in bills:
        mark = cursor.mark(bill)
        reason = why(bill, mark, now, blind=blind)
        if reason is not None:
            places.append((reason, mark.failures, mark.read_at, bill))
    return [(place[-1], place[0]) for place in sorted(places)]


def why(bill: DocumentId, mark: Mark, now: int, *, blind: bool = False) -> Why | None:
    """Say why a bill's file is read now, None if it is not."""
    if mark.failures and mark.failed_at <= now < mark.failed_at + pause(mark.failures):
        return None
    if mark.moved:
        return Why.MOVED
    if not mark.read_at:
        return Why.NEVER_READ
    age = now - mark.read_at
    beat = age < 0 or age >= BEAT * (_SPREAD + (1 - _SPREAD) * _phase(bill))
    if (mark.again or (blind and not beat)) and age >= AGAIN:
        return Why.AGAIN
    return Why.BEAT if beat else None


def _phase(bill: DocumentId) -> float:
    """Spread the beat: bills first read together come due one after another, from two thirds of it on."""
    return (crc32(str(bill).encode()) % 1000) / 1000


def pause(failures: int) -> int:
    """Return the seconds before a file that failed is asked again: a few tries at once, then ever more rarely."""
    if failures <= _PATIENT_TRIES:
        return 0
    return min(_FIRST_PAUSE << min(failures - _PATIENT_TRIES - 1, 10), _LONGEST_PAUSE)
