"""Which bills of a Congress were touched since we last looked?

One request while nothing moves: the same address, and an answer whose digest is known is not even parsed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime

import msgspec

from domain.errors import Changed, Unavailable
from domain.facets import digest
from domain.http import Response
from domain.identity import DocumentId, us_bill
from domain.observation import Fault
from watchers.congress.answers import decode, stamp
from watchers.congress.asking import LIMIT, Asker
from watchers.congress.cursor import Window
from watchers.congress.paging import Leaf, Listing, parse_leaf, read_all

OVERLAP = 3600
"""Seconds before the last stamp handled from which the list is asked: stamps appear late and out of order."""

MOST_POISONED = 2
"""Single records that may fail in one reading of the list; more is the publisher's own failure."""


class _Row(msgspec.Struct, rename="camel"):
    congress: int
    type: str
    number: str | int
    update_date: str | None = None
    update_date_including_text: str | None = None


_ROW = msgspec.json.Decoder(_Row)


@dataclass(frozen=True, slots=True)
class Touched:
    """What the list said: per bill its newest stamp in seconds since 1970, and where it was read to."""

    stamps: tuple[tuple[DocumentId, int], ...]
    window: Window
    faults: tuple[Fault, ...] = ()


def touched(asker: Asker, congress: str, window: Window | None, now: int) -> Touched | None:
    """Read the list of bills touched since `window`; None when the answer is the one we know.

    Raises SourceError when the list as a whole cannot be read.
    """
    known = window or Window(since=now - OVERLAP)
    pages = _Pages(asker, congress, min(known.since, now) - OVERLAP)
    first = pages.ask(0, LIMIT)
    if first.status == 200 and known.digest and digest(first.body)[:16] == known.digest:
        return None
    listing = read_all(pages.turn, pages.read(first, 0, LIMIT))
    return _settle(listing, pages, known, now)


class _Pages:
    """The pages of one list, by offset. A page that fails because of one broken record is halved until the record
    stands alone, and is stepped over."""

    def __init__(self, asker: Asker, congress: str, since: int) -> None:
        self._asker = asker
        self._from = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        self.where = f"list of Congress {congress}"
        self._path = f"/bill/{congress}"
        self.poisoned: dict[int, Fault] = {}

    def ask(self, offset: int, limit: int) -> Response:
        query = f"format=json&fromDateTime={self._from}&sort=updateDate+asc&limit={limit}&offset={offset}"
        return self._asker.get(f"{self._path}?{query}")

    def turn(self, offset: int) -> Leaf:
        return self.read(self.ask(offset, LIMIT), offset, LIMIT)

    def read(self, response: Response, offset: int, limit: int) -> Leaf:
        try:
            return parse_leaf(response, "bills", f"{self.where} at {offset}")
        except Unavailable as error:
            if response.status != 500:
                raise
            if limit == 1:
                self.poisoned[offset] = Fault(None, error)
            if len(self.poisoned) > MOST_POISONED:
                raise
        if limit == 1:
            return Leaf(())
        half = limit // 2
        return _joined(*(self._part(offset + a, n) for a, n in ((0, half), (half, limit - half))))

    def _part(self, offset: int, limit: int) -> Leaf:
        return self.read(self.ask(offset, limit), offset, limit)


def _joined(left: Leaf, right: Leaf) -> Leaf:
    count = right.count if right.count is not None else left.count
    return Leaf(left.rows + right.rows, count, right.goes_on, left.responses + right.responses)


def _settle(listing: Listing, pages: _Pages, known: Window, now: int) -> Touched:
    if not listing.rows and not pages.poisoned and (known.sure or listing.count):
        promised = listing.count or known.sure
        raise Changed(f"{pages.where}: expected at least {promised} touched bills, saw an empty list")
    faults = list(pages.poisoned.values())
    stamps: dict[DocumentId, int] = {}
    own: list[int] = []
    for found in _rows(listing, pages.where, now):
        if isinstance(found, Fault):
            faults.append(found)
            continue
        bill, newest, certain = found
        stamps[bill] = max(newest, stamps.get(bill, 0))
        own.append(certain)
    if listing.rows and not stamps:
        raise faults[-1].error
    since = min(max((known.since, *stamps.values())), now) if listing.settled else known.since
    alone = len(listing.responses) == 1 and not faults
    window = Window(
        since=since,
        digest=digest(listing.responses[0].body)[:16] if alone else "",
        sure=sum(moment >= since - OVERLAP for moment in own),
    )
    return Touched(tuple(stamps.items()), window, tuple(faults))


def _rows(listing: Listing, where: str, now: int) -> Iterator[tuple[DocumentId, int, int] | Fault]:
    """Read entry by entry: one that cannot be read is a fault, not the end.

    Yields the bill, its newest stamp, and the moment the list is certain to filter it by: `updateDate`, which may be
    a bare day. An entry with nothing but a day counts as touched until that day's end; no stamp is later than now.
    """
    for number, row in enumerate(listing.rows):
        at = f"{where}.bills[{number}]"
        try:
            read = decode(row, _ROW, at)
            bill = us_bill(read.congress, read.type, int(read.number))
            plain = _seconds(read.update_date, f"{at}.updateDate")
            with_text = _seconds(read.update_date_including_text, f"{at}.updateDateIncludingText")
        except Changed as error:
            yield Fault(None, error)
            continue
        except ValueError as error:
            yield Fault(None, Changed(f"{at}: {error}"))
            continue
        whole_day = min(plain + 86_399, now) if read.update_date and len(read.update_date) == 10 else plain
        yield bill, min(with_text or whole_day, now), plain


def _seconds(text: str | None, where: str) -> int:
    moment = stamp(text, where)
    return int(moment.timestamp()) if moment else 0
