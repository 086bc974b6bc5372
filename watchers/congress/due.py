"""Which bills are read in this poll, and why?

From what is remembered and the time to an order of reading; nothing is asked here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import IntEnum
from zlib import crc32

from msgspec.structs import replace

from domain.facets import Kind
from domain.identity import DocumentId
from watchers.congress.cursor import Cursor, Mark
from watchers.congress.sublists import followed

AGAIN = (30 * 60, 2 * 3600, 6 * 3600)
"""Seconds after a touch at which a bill is read once more: its stamp can move before the new action is in the answer
(LibraryOfCongress/api.congress.gov #384)."""

REFRESH = 24 * 3600
"""Seconds after which followed lists are read although their counts stand: an entry may have replaced another."""

_SPREAD = 2 / 3
_PATIENT_TRIES = 3
_FIRST_PAUSE = 10 * 60
_LONGEST_PAUSE = 12 * 3600


class Why(IntEnum):
    """Why a bill is read now; the smaller comes first."""

    TOUCHED = 0
    NEVER_READ = 1
    AGAIN = 2
    INCOMPLETE = 3
    BEAT = 4


def order(cursor: Cursor, following: Mapping[DocumentId, frozenset[Kind]], now: int, beat: int) -> list[DocumentId]:
    """Return the bills to read, first what is most likely news; those that failed before come after their peers.

    `now` in seconds since 1970; `beat` is the number of seconds within which every bill is read whatever the list
    says, since the list has lacked bills (#233).
    """
    places = []
    for bill, kinds in following.items():
        mark = cursor.mark(bill)
        reason = why(bill, mark, kinds, now, beat)
        if reason is not None:
            places.append(_place(reason, mark, bill))
    return [place[-1] for place in sorted(places)]


def _place(reason: Why, mark: Mark, bill: DocumentId) -> tuple[int, int, int, DocumentId]:
    return (reason, mark.failures, mark.listed if reason is Why.TOUCHED else mark.read_at, bill)


def why(bill: DocumentId, mark: Mark, kinds: frozenset[Kind], now: int, beat: int) -> Why | None:
    """Say why a bill is read now, None if it is not."""
    waiting = mark.failures > 0 and mark.failed_at <= now < mark.failed_at + pause(mark.failures)
    if waiting and mark.failed_at > mark.read_at:
        return None
    if mark.listed > mark.handled:
        return Why.TOUCHED
    if not mark.read_at:
        return Why.NEVER_READ
    if any(mark.read_at < mark.touched_at + after <= now for after in AGAIN):
        return Why.AGAIN
    if not waiting and _lacks(mark, kinds):
        return Why.INCOMPLETE
    age = now - mark.read_at
    if age < 0 or (age >= beat * _SPREAD and age >= beat * _phase(bill)):
        return Why.BEAT
    return None


def _lacks(mark: Mark, kinds: frozenset[Kind]) -> bool:
    """True if a followed list was never read, or failed at the last reading."""
    for one in followed(kinds):
        count = mark.count(one.member)
        if count is None or (count < 0 and mark.failures > 0):
            return True
    return False


def _phase(bill: DocumentId) -> float:
    """Spread the beat: bills first read together come due one after another, from two thirds of it on."""
    return _SPREAD + (1 - _SPREAD) * (crc32(str(bill).encode()) % 1000) / 1000


def pause(failures: int) -> int:
    """Return the seconds before a bill that failed is asked again: a few tries at once, then ever more rarely."""
    if failures <= _PATIENT_TRIES:
        return 0
    return min(_FIRST_PAUSE << min(failures - _PATIENT_TRIES - 1, 10), _LONGEST_PAUSE)


def touch(cursor: Cursor, stamps: Iterable[tuple[DocumentId, int]]) -> bool:
    """Note what the list showed of followed bills; true if anything is new. A bill that moved is tried at once."""
    moved = False
    for bill, stamp in stamps:
        mark = cursor.mark(bill)
        if stamp > mark.listed:
            cursor.keep(bill, replace(mark, listed=stamp, failures=0))
            moved = True
    return moved
