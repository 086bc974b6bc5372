"""What must be remembered between polls?

The resume position is compact JSON of our own: per Congress where the list was read to, per bill what was last read.
Times are whole seconds since 1970, UTC; 0 is never. A bill takes some 90 bytes, so that 500 of them stay below 60 KB.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

import msgspec

from domain.identity import DocumentId
from watchers.congress.item import COUNTED

VERSION = 1
DAY = 86_400


@dataclass(frozen=True, slots=True)
class Window:
    """Where the list of a Congress was read to: `since`, the greatest stamp handled; `digest` of the answer if it was
    one page, "" otherwise; `sure`, how many entries it must still hold when asked from there again."""

    since: int
    digest: str = ""
    sure: int = 0


@dataclass(frozen=True, slots=True)
class Mark:
    """What is remembered of one bill.

    `listed`: the newest stamp the list showed; `handled`: the newest stamp a reading has covered. `touched_at`: when a
    newer stamp was last met by a reading; `refreshed_at`: when the followed lists were last asked whatever their
    counts. `failures` in a row, the last at `failed_at`. `counts`: the length of each list when it was last read; a
    negative one was doubtful then (shorter than counted, or empty after it had been full) and is asked once more.
    """

    listed: int = 0
    handled: int = 0
    read_at: int = 0
    touched_at: int = 0
    refreshed_at: int = 0
    failures: int = 0
    failed_at: int = 0
    counts: Mapping[str, int] = field(default_factory=dict)


@dataclass(slots=True)
class Cursor:
    """All that is remembered. `spent` holds when and how many requests went into readings during the last day, for
    keys whose allowance is by the day."""

    windows: dict[int, Window] = field(default_factory=dict)
    marks: dict[DocumentId, Mark] = field(default_factory=dict)
    spent: list[tuple[int, int]] = field(default_factory=list)

    def forget_all_but(self, bills: Collection[DocumentId]) -> None:
        """Drop what is no longer followed."""
        self.marks = {bill: mark for bill, mark in self.marks.items() if bill in bills}
        congresses = {int(bill.parts[0]) for bill in bills}
        self.windows = {number: window for number, window in self.windows.items() if number in congresses}

    def spend(self, requests: int, now: int) -> None:
        """Count requests against the day's allowance."""
        self.spent = [(at, n) for at, n in self.spent if now - DAY < at <= now] + [(now, requests)]

    def spent_lately(self, now: int) -> int:
        """Return the requests of the last 24 hours."""
        return sum(n for at, n in self.spent if now - DAY < at <= now)


class _Stored(msgspec.Struct):
    v: int
    w: dict[str, tuple[int, str, int]]
    b: dict[str, tuple[int, int, int, int, int, int, int, list[int | None]]]
    d: list[tuple[int, int]] = []


_STORED = msgspec.json.Decoder(_Stored)


def load(text: str | None) -> Cursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    if text is None:
        return Cursor()
    try:
        stored = _STORED.decode(text)
        if stored.v != VERSION:
            return Cursor()
        return Cursor(
            windows={int(number): Window(*window) for number, window in stored.w.items()},
            marks={DocumentId("us", "bill", tuple(name.split("/"))): _mark(row) for name, row in stored.b.items()},
            spent=stored.d,
        )
    except ValueError:
        return Cursor()


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    stored = _Stored(
        v=VERSION,
        w={str(n): (w.since, w.digest, w.sure) for n, w in sorted(cursor.windows.items())},
        b={"/".join(bill.parts): _row(mark) for bill, mark in sorted(cursor.marks.items())},
        d=cursor.spent,
    )
    return msgspec.json.encode(stored).decode()


_Row = tuple[int, int, int, int, int, int, int, list[int | None]]


def _row(mark: Mark) -> _Row:
    return (
        mark.listed,
        mark.handled,
        mark.read_at,
        mark.touched_at,
        mark.refreshed_at,
        mark.failures,
        mark.failed_at,
        [mark.counts.get(name) for name in COUNTED],
    )


def _mark(row: _Row) -> Mark:
    counts = {name: count for name, count in zip(COUNTED, row[7], strict=False) if count is not None}
    return Mark(*row[:7], counts=counts)
