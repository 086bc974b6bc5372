"""What is remembered of a Congress between polls, and which bills are read in this one?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from enum import IntEnum

import msgspec
from msgspec.structs import replace

from domain.documents import DocumentId
from domain.records.facets import Kind
from watchers.client import CursorCodec, pause_after, refresh_after
from watchers.congress.item import COUNTED
from watchers.congress.sublists import followed_lists

DAY = 86_400

OVERLAP = 3600
"""Seconds before the last stamp handled from which a list is asked: stamps appear late and out of order."""


class ListPosition(msgspec.Struct, frozen=True, array_like=True):
    """Where a list was read to.

    `since`: the greatest stamp handled; the list is asked from `margin` seconds before. `digest` of the last answer of
    a finished reading, "" while there is none. `sure`: how many entries the list must still hold when asked from there
    again. `offset`: where the reading goes on, in a list too long for one poll or whose last page alone is asked again;
    `expected`: the entries that were seen last and must stand there; `top`: the greatest stamp met so far. Of a list
    that is read from its beginning, `begun` says since when and `complete` whether its end was reached.
    """

    since: int
    digest: str = ""
    sure: int = 0
    margin: int = OVERLAP
    offset: int = 0
    expected: tuple[str, ...] = ()
    top: int = 0
    begun: int = 0
    complete: bool = False


class BillState(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one bill.

    `listed`: the newest stamp the list showed; `handled`: the newest stamp a reading has covered. `touched_at`: when a
    newer stamp was last met by a reading; `refreshed_at`: when the followed lists were last asked whatever their
    counts. `failures` in a row, the last at `failed_at`. `counts`: the length of each list of COUNTED when it was last
    read; a negative one was doubtful then (shorter than counted, or empty after it had been full) and is asked once
    more. `absent`: it was asked for and there was no such bill. `unreadable`: some of its lines could not be read.
    """

    listed: int = 0
    handled: int = 0
    read_at: int = 0
    touched_at: int = 0
    refreshed_at: int = 0
    failures: int = 0
    failed_at: int = 0
    counts: tuple[int | None, ...] = ()
    absent: bool = False
    unreadable: bool = False

    def count(self, name: str) -> int | None:
        """Return the length of a list when it was last read, None if it never was."""
        place = _PLACES[name]
        return self.counts[place] if place < len(self.counts) else None


_PLACES = {name: place for place, name in enumerate(COUNTED)}


def counted(counts: Mapping[str, int]) -> tuple[int | None, ...]:
    """Return lengths by name in the order a mark keeps them."""
    return tuple(counts.get(name) for name in COUNTED)


class MeetingState(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one committee meeting: the stamp the list showed of it, when it starts, and the bills it
    names."""

    touched: int = 0
    starts: int = 0
    bills: list[str] = []


class PendingMeeting(msgspec.Struct, frozen=True, array_like=True):
    """A committee meeting still to be read: the stamp the list showed of it, and the tries made in vain."""

    touched: int
    tries: int = 0


class MeetingsState(msgspec.Struct, omit_defaults=True):
    """The committee meetings of a Congress, by `119/house/118123`. `since`: the greatest stamp handled; `asked_at` and
    `read_at`: when the list was last asked, and last read. `bills` are those whose past meetings are known; `due` the
    meetings still to be read."""

    since: int = 0
    asked_at: int = 0
    read_at: int = 0
    meetings: dict[str, MeetingState] = {}
    bills: list[str] = []
    due: dict[str, PendingMeeting] = {}


class CongressCursor(msgspec.Struct):
    """All that is remembered. `windows` is by list: `119`, what was touched lately; `119/whole`, every bill once;
    `119/summaries`. `marks` is by Congress, type and number (`119/hr/6508`); `spent` holds when and how many requests
    went into more than the first page of a list during the last day, for keys whose allowance is by the day; `agendas`
    are the committee meetings of each Congress."""

    version: int = 1
    windows: dict[str, ListPosition] = {}
    marks: dict[str, BillState] = {}
    spent: list[tuple[int, int]] = []
    agendas: dict[str, MeetingsState] = {}

    def mark(self, bill: DocumentId) -> BillState:
        """Return what is remembered of a bill; of one never met, nothing."""
        return self.marks.get(bill_path(bill), _NEVER_MET)

    def keep(self, bill: DocumentId, mark: BillState) -> None:
        self.marks[bill_path(bill)] = mark

    def forget_all_but(self, bills: Collection[DocumentId], windows: Collection[str]) -> bool:
        """Drop what is no longer followed; true if there was any."""
        wanted = {bill_path(bill) for bill in bills}
        gone = [name for name in self.marks if name not in wanted]
        ended = [name for name in self.windows if name not in windows]
        for name in gone:
            del self.marks[name]
        for name in ended:
            del self.windows[name]
        return bool(gone or ended)

    def spend(self, requests: int, now: int) -> None:
        """Count requests against the day's allowance."""
        self.spent = [(at, n) for at, n in self.spent if now - DAY < at <= now] + [(now, requests)]

    def spent_lately(self, now: int) -> int:
        """Return the requests of the last 24 hours."""
        return sum(n for at, n in self.spent if now - DAY < at <= now)


_NEVER_MET = BillState()
CODEC = CursorCodec(CongressCursor)


def bill_path(bill: DocumentId) -> str:
    """Return the name of a bill in addresses and marks: `119/hr/6508`."""
    return "/".join(bill.parts)


REREAD_AFTER = (30 * 60, 2 * 3600, 6 * 3600)
"""Seconds after a touch at which a bill is read once more: its stamp can move before the new action is in the answer
(LibraryOfCongress/api.congress.gov #384)."""

REFRESH = 24 * 3600
"""Seconds after which followed lists are read although their counts stand: an entry may have replaced another."""


class ReadReason(IntEnum):
    """Why a bill is read now; the smaller comes first."""

    TOUCHED = 0
    NEVER_READ = 1
    AGAIN = 2
    INCOMPLETE = 3
    REFRESH = 4


def reading_order(
    cursor: CongressCursor, following: Mapping[DocumentId, frozenset[Kind]], now: int, interval: int
) -> list[DocumentId]:
    """Return the bills to read, first what is most likely news; those that failed before come after their peers.

    `now` in seconds since 1970; `interval` is the number of seconds within which every bill is read whatever the list
    says, since the list has lacked bills (#233).
    """
    places = []
    for bill, kinds in following.items():
        mark = cursor.mark(bill)
        reason = reason_to_read(bill, mark, kinds, now, interval)
        if reason is not None:
            places.append(_place(reason, mark, bill))
    return [place[-1] for place in sorted(places)]


def _place(reason: ReadReason, mark: BillState, bill: DocumentId) -> tuple[int, int, int, DocumentId]:
    return (reason, mark.failures, mark.listed if reason is ReadReason.TOUCHED else mark.read_at, bill)


def reason_to_read(
    bill: DocumentId, mark: BillState, kinds: frozenset[Kind], now: int, interval: int
) -> ReadReason | None:
    """Say why a bill is read now, None if it is not."""
    waiting = mark.failures > 0 and mark.failed_at <= now < mark.failed_at + pause_after(mark.failures)
    if waiting and mark.failed_at > mark.read_at:
        return None
    if mark.listed > mark.handled:
        return ReadReason.TOUCHED
    if not mark.read_at:
        return ReadReason.NEVER_READ
    if any(mark.read_at < mark.touched_at + after <= now for after in REREAD_AFTER):
        return ReadReason.AGAIN
    if not waiting and _lacks(mark, kinds):
        return ReadReason.INCOMPLETE
    age = now - mark.read_at
    if age < 0 or (age >= refresh_after(bill, interval)):
        return ReadReason.REFRESH
    return None


def _lacks(mark: BillState, kinds: frozenset[Kind]) -> bool:
    """True if a followed list was never read, or failed at the last reading."""
    for one in followed_lists(kinds):
        count = mark.count(one.member)
        if count is None or (count < 0 and mark.failures > 0):
            return True
    return False


def note_stamps(cursor: CongressCursor, stamps: Iterable[tuple[DocumentId, int]]) -> bool:
    """Note what the list showed of followed bills; true if anything is new. A bill that moved is tried at once."""
    moved = False
    for bill, stamp in stamps:
        mark = cursor.mark(bill)
        if stamp > mark.listed:
            cursor.keep(bill, replace(mark, listed=stamp, failures=0))
            moved = True
    return moved
