"""Which bills are read in this poll, and why?

Pure: from what is remembered and the time to an order of reading.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from enum import IntEnum
from zlib import crc32

from domain.facets import Kind
from domain.identity import DocumentId
from watchers.congress.cursor import Mark
from watchers.congress.sublists import followed

AGAIN = (30 * 60, 2 * 3600, 6 * 3600)
"""Seconds after a touch at which a bill is read once more: its stamp can move before the new action is in the answer
(LibraryOfCongress/api.congress.gov #384)."""

REFRESH = 24 * 3600
"""Seconds after which followed lists are read although their counts stand: an entry may have replaced another."""

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


def order(
    marks: Mapping[DocumentId, Mark], following: Mapping[DocumentId, frozenset[Kind]], now: int, beat: int
) -> list[DocumentId]:
    """Return the bills to read, first what is most likely news; those that failed before come after their peers.

    `now` in seconds since 1970; `beat` is the number of seconds within which every bill is read whatever the list
    says, since the list has lacked bills (#233).
    """
    reasons = {bill: why(bill, marks.get(bill, Mark()), kinds, now, beat) for bill, kinds in following.items()}
    wanted = [(bill, reason) for bill, reason in reasons.items() if reason is not None]
    return [bill for bill, _ in sorted(wanted, key=lambda pair: _place(pair[1], marks.get(pair[0], Mark()), pair[0]))]


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
    if mark.read_at > now or now - mark.read_at >= beat * _phase(bill):
        return Why.BEAT
    return None


def _lacks(mark: Mark, kinds: frozenset[Kind]) -> bool:
    """True if a followed list was never read, or failed at the last reading."""
    known = (mark.counts.get(one.member) for one in followed(kinds))
    return any(count is None or (count < 0 and mark.failures > 0) for count in known)


def _phase(bill: DocumentId) -> float:
    """Spread the beat: bills first read together come due one after another, from two thirds of it on."""
    return 2 / 3 + (crc32(str(bill).encode()) % 1000) / 3000


def pause(failures: int) -> int:
    """Return the seconds before a bill that failed is asked again: a few tries at once, then ever more rarely."""
    if failures <= _PATIENT_TRIES:
        return 0
    return min(_FIRST_PAUSE << min(failures - _PATIENT_TRIES - 1, 10), _LONGEST_PAUSE)


def touch(marks: dict[DocumentId, Mark], stamps: Iterable[tuple[DocumentId, int]]) -> bool:
    """Note what the list showed of followed bills; true if anything is new. A bill that moved is tried at once."""
    moved = False
    for bill, stamp in stamps:
        mark = marks.get(bill, Mark())
        if stamp > mark.listed:
            marks[bill] = replace(mark, listed=stamp, failures=0)
            moved = True
    return moved
