"""What is new at api.congress.gov, version 3?

One request tells which bills of a Congress were touched; only followed ones among them are read. Each bill read is a
page of its own, whose cursor already remembers it: a first poll of many bills under a small allowance makes progress,
and one that is cut off goes on where it stopped. What the list showed is remembered per bill, so that a bill left for
the next poll is not forgotten when the list moves on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from domain.errors import SourceError
from domain.facets import Kind
from domain.identity import DocumentId
from domain.observation import Ask, Fault, Page
from domain.ports import Http
from domain.secret import Secret
from watchers.congress.asking import RESERVE, Asker
from watchers.congress.cursor import Cursor, dump, load
from watchers.congress.due import order, touch
from watchers.congress.listing import touched
from watchers.congress.reading import SOURCE, concerns_line, concerns_source, failed, read_bill
from watchers.congress.sublists import followed

DEMO_KEY = "DEMO_KEY"
"""The gateway's key for everybody: 30 requests an hour and 50 a day from one address."""

GATEWAY = "api.congress.gov"
"""Whose limits those are: another address (a mirror, a rehearsal on loopback) has its own."""

DEMO_READINGS = 24
"""Requests a day for reading bills under DEMO_KEY; as many again go to the list, asked hourly."""

_DEMO_RESERVE = 3
_BEAT = 6 * 3600
_DEMO_BEAT = 12 * 3600


class Congress:
    """Reads bills and resolutions of the US Congress."""

    name = SOURCE

    def __init__(self, base_url: str, api_key: Secret | None) -> None:
        self._base_url = base_url.rstrip("/")
        self._key = api_key.reveal() if api_key else DEMO_KEY
        self._demo = self._key == DEMO_KEY and urlsplit(base_url).hostname == GATEWAY

    @property
    def every_at_least(self) -> timedelta:
        """An hour with the key everybody shares, nothing with one's own."""
        return timedelta(hours=1) if self._demo else timedelta(0)

    def reads(self, document: DocumentId) -> bool:
        return document.is_bill and len(document.parts) == 3

    def poll(self, ask: Ask, http: Http) -> Iterator[Page]:
        """Ask what moved and read what is due, the likeliest news first.

        Raises SourceError if the list of a Congress fails, the key is refused, or the publisher stops answering; one
        bill that cannot be read is a fault on its page.
        """
        following = {bill: kinds for bill, kinds in ask.following.items() if self.reads(bill)}
        if not following:
            return
        now = int(ask.now.timestamp())
        cursor = load(ask.cursor)
        asker = Asker(http, self._base_url, self._key, _DEMO_RESERVE if self._demo else RESERVE)
        faults, moved = _look(asker, cursor, following, now)
        read = False
        for page in self._read_due(asker, cursor, following, now, faults):
            read = True
            yield page
        if not read:
            yield Page(cursor=dump(cursor) if moved else None, faults=faults, requests=asker.spent())

    def _read_due(
        self,
        asker: Asker,
        cursor: Cursor,
        following: Mapping[DocumentId, frozenset[Kind]],
        now: int,
        faults: tuple[Fault, ...],
    ) -> Iterator[Page]:
        """Read the bills that are due until the allowance is used up; `faults` go with the first page."""
        cut_off = False
        for bill in order(cursor, following, now, _DEMO_BEAT if self._demo else _BEAT):
            dearest = 2 + len(followed(following[bill]))
            if asker.exhausted or (self._demo and cursor.spent_lately(now) + dearest > DEMO_READINGS):
                return
            before = asker.asked
            mark = cursor.mark(bill)
            try:
                reading = read_bill(asker, bill, mark, following[bill], now)
            except SourceError as error:
                if concerns_source(error):
                    raise
                reading = failed(mark, bill, error, now)
            cursor.keep(bill, reading.mark)
            if self._demo:
                cursor.spend(asker.asked - before, now)
            yield Page(
                observations=(reading.observation,) if reading.observation else (),
                evidence=reading.evidence,
                cursor=dump(cursor),
                faults=(*faults, *reading.faults),
                requests=asker.spent(),
            )
            faults = ()
            for fault in reading.faults:
                if concerns_line(fault.error):
                    if cut_off:
                        raise fault.error
                    cut_off = True


def _look(
    asker: Asker, cursor: Cursor, following: Mapping[DocumentId, frozenset[Kind]], now: int
) -> tuple[tuple[Fault, ...], bool]:
    """Ask each followed Congress what was touched and note it; returns faults and whether the cursor moved."""
    moved = cursor.forget_all_but(following)
    faults: list[Fault] = []
    for congress in sorted({bill.parts[0] for bill in following}):
        known = cursor.windows.get(congress)
        found = touched(asker, congress, known, now)
        if found is None:
            continue
        faults += found.faults
        stamps = [(bill, stamp) for bill, stamp in found.stamps if bill in following]
        moved = touch(cursor, stamps) or found.window != known or moved
        cursor.windows[congress] = found.window
    return tuple(faults), moved
