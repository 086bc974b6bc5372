"""What must be remembered between polls?

The resume position is compact JSON of our own: per Congress where the list was read to, per bill what was last read.
Times are whole seconds since 1970, UTC; 0 is never. A bill takes some 90 bytes, so that 500 of them stay below 60 KB.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

import msgspec

from domain.identity import DocumentId
from watchers.congress.item import COUNTED

VERSION = 1
DAY = 86_400

OVERLAP = 3600
"""Seconds before the last stamp handled from which a list is asked: stamps appear late and out of order."""


class Window(msgspec.Struct, frozen=True, array_like=True):
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


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one bill.

    `listed`: the newest stamp the list showed; `handled`: the newest stamp a reading has covered. `touched_at`: when a
    newer stamp was last met by a reading; `refreshed_at`: when the followed lists were last asked whatever their
    counts. `failures` in a row, the last at `failed_at`. `counts`: the length of each list of COUNTED when it was last
    read; a negative one was doubtful then (shorter than counted, or empty after it had been full) and is asked once
    more.
    """

    listed: int = 0
    handled: int = 0
    read_at: int = 0
    touched_at: int = 0
    refreshed_at: int = 0
    failures: int = 0
    failed_at: int = 0
    counts: tuple[int | None, ...] = ()

    def count(self, name: str) -> int | None:
        """Return the length of a list when it was last read, None if it never was."""
        place = _PLACES[name]
        return self.counts[place] if place < len(self.counts) else None


_PLACES = {name: place for place, name in enumerate(COUNTED)}


def counted(counts: Mapping[str, int]) -> tuple[int | None, ...]:
    """Return lengths by name in the order a mark keeps them."""
    return tuple(counts.get(name) for name in COUNTED)


class Gathering(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one committee meeting: the stamp the list showed of it, when it starts, and the bills it
    names."""

    touched: int = 0
    starts: int = 0
    bills: list[str] = []


class Waiting(msgspec.Struct, frozen=True, array_like=True):
    """A committee meeting still to be read: the stamp the list showed of it, and the tries made in vain."""

    touched: int
    tries: int = 0


class Agenda(msgspec.Struct, omit_defaults=True):
    """The committee meetings of a Congress, by `119/house/118123`. `since`: the greatest stamp handled; `asked_at` and
    `read_at`: when the list was last asked, and last read. `bills` are those whose past meetings are known; `due` the
    meetings still to be read."""

    since: int = 0
    asked_at: int = 0
    read_at: int = 0
    meetings: dict[str, Gathering] = {}
    bills: list[str] = []
    due: dict[str, Waiting] = {}


class Cursor(msgspec.Struct):
    """All that is remembered. `windows` is by list: `119`, what was touched lately; `119/whole`, every bill once;
    `119/summaries`. `marks` is by Congress, type and number (`119/hr/6508`); `spent` holds when and how many requests
    went into more than the first page of a list during the last day, for keys whose allowance is by the day; `agendas`
    are the committee meetings of each Congress."""

    version: int = VERSION
    windows: dict[str, Window] = {}
    marks: dict[str, Mark] = {}
    spent: list[tuple[int, int]] = []
    agendas: dict[str, Agenda] = {}

    def mark(self, bill: DocumentId) -> Mark:
        """Return what is remembered of a bill; of one never met, nothing."""
        return self.marks.get(path(bill), _NEVER_MET)

    def keep(self, bill: DocumentId, mark: Mark) -> None:
        self.marks[path(bill)] = mark

    def forget_all_but(self, bills: Collection[DocumentId], windows: Collection[str]) -> bool:
        """Drop what is no longer followed; true if there was any."""
        wanted = {path(bill) for bill in bills}
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


_NEVER_MET = Mark()
_CURSOR = msgspec.json.Decoder(Cursor)


def path(bill: DocumentId) -> str:
    """Return the name of a bill in addresses and marks: `119/hr/6508`."""
    return "/".join(bill.parts)


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
