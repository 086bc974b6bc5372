"""What do the lists of a Congress show since we last looked, page by page?

One request while nothing moves: the same address, and an answer whose digest is known is not even parsed. A list sorted
by its stamps only moves to the front, when an entry is touched and goes to the end; so each page is held against the
entries seen last, and where they are missing we step back until they show. A list too long for one poll, or for the
allowance, is gone on with in the next.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from msgspec.structs import replace

from domain.coded_text import phrase
from domain.errors import Changed, Unavailable, mismatch
from domain.observation import Fault
from domain.records.facets import digest
from domain.sources import Response
from watchers.congress.client import (
    LIMIT,
    MOST_HOLES,
    MOST_PAGES,
    CongressClient,
    ListPage,
    continues,
    empty_list,
    parse_list_page,
)
from watchers.congress.cursor import OVERLAP, ListPosition
from watchers.congress.item import ListDefinition, ListRow

MOST_POISONED = 2
"""Single records that may fail in one reading of the list; more is the publisher's own failure."""

MOST_PASSES = 2
"""Beginnings in one poll: a list that moved backwards under our eyes is read once more."""

QUIET_SECONDS = 4 * 3600
"""Seconds after the newest stamp from which a list longer than a page is asked without overlap: whatever comes late
has come."""

_KEPT_ROWS = 5
_NO_OVERLAP = 60
_FIRST_STEP, _GROWTH = 10, 4


@dataclass(frozen=True, slots=True)
class ListPortion:
    """A page of a list. `window` is where the list stands once the page is stored, `over` is true of the last one."""

    entries: tuple[ListRow, ...]
    window: ListPosition
    responses: tuple[Response, ...]
    faults: tuple[Fault, ...]
    over: bool


def read_portions(
    client: CongressClient, of: ListDefinition, known: ListPosition, now: int, spare: Callable[[], bool]
) -> Iterator[ListPortion]:
    """Read a list from where `known` says; nothing comes when the answer is the one we know.

    `now` in seconds since 1970. `spare` says before each page but the first whether it may be asked. Raises SourceError
    when the list as a whole cannot be read; what came before stands.
    """
    known = _from_its_end(known, now)
    walk = _ListReader(client, of, known, now, spare)
    first = walk.ask(known.offset, LIMIT)
    if first.status == 200 and known.digest and _name(first) == known.digest:
        return
    yield from walk.go(first)


def _from_its_end(known: ListPosition, now: int) -> ListPosition:
    """Let go of a long list once it is quiet: from then on it is asked from its end."""
    if known.digest and known.offset and now - known.top >= QUIET_SECONDS:
        return replace(known, since=known.top, margin=_NO_OVERLAP, digest="", offset=0, expected=(), sure=0)
    return known


def _name(response: Response) -> str:
    return digest(response.body)[:16]


@dataclass(slots=True)
class _ListReader:
    """One reading of a list, by offset. A page that fails because of one broken record is halved until the record
    stands alone, and is stepped over."""

    client: CongressClient
    of: ListDefinition
    known: ListPosition
    now: int
    spare: Callable[[], bool]
    poisoned: dict[int, Fault] = field(default_factory=dict)
    stamps: list[int] = field(default_factory=list)
    certain: list[int] = field(default_factory=list)
    passes: int = 1
    settled: bool = True

    def go(self, first: Response) -> Iterator[ListPortion]:
        offset, expected = self.known.offset, self.known.expected
        page = self._read(first, offset, LIMIT)
        reported: set[int] = set()
        holes = pages = 0
        before: ListPage | None = None
        while True:
            offset, page = self._place(offset, expected, page, before is None)
            if before is not None and not offset:
                before, holes = None, 0  # begun anew
            entries, faults = self._entries(page, offset)
            faults += [fault for at, fault in self.poisoned.items() if at not in reported]
            reported |= self.poisoned.keys()
            holes = 0 if page.rows else holes + 1
            stuck = before is not None and ((bool(page.rows) and page.rows == before.rows) or holes >= MOST_HOLES)
            self.settled = self.settled and not stuck
            pages += 1
            if pages > MOST_PAGES:
                raise Changed(mismatch(self.of.path, "at most {n} pages", phrase("no end"), n=MOST_PAGES))
            over = stuck or not continues(page, offset)
            names = tuple(entry.name for entry in entries)
            if over:
                self._refuse_emptiness(page)
                yield ListPortion(
                    entries, self._end(page, offset, names, faults), page.responses, tuple(faults), over=True
                )
                return
            expected = tuple(reversed(names[-_KEPT_ROWS:])) if len(page.rows) == LIMIT else ()
            offset += LIMIT - 1
            ahead = replace(self.known, digest="", offset=offset, expected=expected, top=self._top())
            if entries:
                yield ListPortion(entries, ahead, page.responses, tuple(faults), over=False)
            if not self.spare():
                return
            before, page = page, self._turn(offset)

    def ask(self, offset: int, limit: int) -> Response:
        moment = datetime.fromtimestamp(max(0, min(self.known.since, self.now) - self.known.margin), UTC)
        since = moment.strftime("%Y-%m-%dT%H:%M:%SZ")
        query = f"format=json&fromDateTime={since}&sort=updateDate+asc&limit={limit}&offset={offset}"
        return self.client.answer(f"{self.of.path}?{query}")

    def _turn(self, offset: int) -> ListPage:
        return self._read(self.ask(offset, LIMIT), offset, LIMIT)

    def _read(self, response: Response, offset: int, limit: int) -> ListPage:
        try:
            return parse_list_page(response, self.of.member, f"{self.of.path}?offset={offset}")
        except Unavailable as error:
            if response.status != 500:
                raise
            if limit == 1:
                self.poisoned[offset] = Fault(None, error)
            if len(self.poisoned) > MOST_POISONED:
                raise
        if limit == 1:
            return ListPage(())
        half = limit // 2
        return _joined(*(self._part(offset + a, n) for a, n in ((0, half), (half, limit - half))))

    def _part(self, offset: int, limit: int) -> ListPage:
        return self._read(self.ask(offset, limit), offset, limit)

    def _place(self, asked: int, expected: tuple[str, ...], found: ListPage, resumed: bool) -> tuple[int, ListPage]:
        """Return the page that was asked for, or one before it that still shows what is expected there.

        Entries that were touched have left to the end, and what follows them has moved up. Entries that came in before
        have moved it down, unseen: then the list is begun anew.
        """
        offset, page, step = asked, found, _FIRST_STEP
        if not offset or not expected or not (page.rows or resumed):
            return offset, page
        while offset:
            names = [self.of.name_of(row) for row in page.rows]
            if names[:1] == [expected[0]] or (offset < asked and not set(expected).isdisjoint(names)):
                return offset, page
            if offset == asked and expected[0] in names:
                break
            offset, step = max(0, offset - step), step * _GROWTH
            if offset:
                page = self._turn(offset)
        return self._anew(asked, found)

    def _anew(self, asked: int, found: ListPage) -> tuple[int, ListPage]:
        """Begin the list anew, from its newest stamp if it was read to its end before; but not a third time."""
        if self.passes >= MOST_PASSES:
            self.settled = False
            return asked, found
        self.passes += 1
        if self.known.digest:
            self.known = replace(self.known, since=max(self.known.since, self.known.top), margin=OVERLAP, digest="")
        return 0, self._turn(0)

    def _refuse_emptiness(self, page: ListPage) -> None:
        """An empty list where there must be something is a fault of the publisher, not an answer."""
        if not self.stamps and not self.poisoned and (self.known.sure or self.known.offset or page.count):
            promised = page.count or self.known.sure or 1
            raise Changed(empty_list(self.of.path, promised, self.of.member))

    def _entries(self, page: ListPage, offset: int) -> tuple[tuple[ListRow, ...], list[Fault]]:
        entries: list[ListRow] = []
        faults: list[Fault] = []
        for number, row in enumerate(page.rows):
            try:
                entries.append(self.of.read(row, f"{self.of.path}.{self.of.member}[{offset + number}]", self.now))
            except Changed as error:
                faults.append(Fault(None, error))
        if page.rows and not entries:
            raise faults[-1].error
        self.stamps += [entry.newest for entry in entries]
        self.certain += [entry.certain for entry in entries]
        return tuple(entries), faults

    def _top(self) -> int:
        return max((self.known.top, self.known.since, *self.stamps))

    def _end(self, page: ListPage, offset: int, names: tuple[str, ...], faults: list[Fault]) -> ListPosition:
        """Say where the list stands when it was read to its end."""
        whole = replace(self.known, complete=self.known.complete or (self.settled and bool(self.known.begun)))
        if not self.settled:
            return replace(whole, digest="", offset=0, expected=(), top=0)
        top = min(self._top(), self.now)
        mark = _name(page.responses[0]) if len(page.responses) == 1 and not faults and not self.poisoned else ""
        if offset and mark and sum(stamp >= top - OVERLAP for stamp in self.stamps) > LIMIT:
            return replace(whole, digest=mark, offset=offset, expected=names[:_KEPT_ROWS], top=top)
        sure = sum(moment >= top - OVERLAP for moment in self.certain)
        alone = mark if not offset else ""
        margin = self.known.margin if top == self.known.since else OVERLAP
        return replace(whole, since=top, digest=alone, sure=sure, margin=margin, offset=0, expected=(), top=0)


def _joined(left: ListPage, right: ListPage) -> ListPage:
    count = right.count if right.count is not None else left.count
    return ListPage(left.rows + right.rows, count, right.goes_on, left.responses + right.responses)
