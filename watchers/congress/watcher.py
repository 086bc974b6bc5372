"""What is new at api.congress.gov, version 3?

One request tells which bills of a Congress were touched; only followed ones among them are read. A few bills make a
page, whose cursor already remembers them: a first poll of many bills under a small allowance makes progress, and one
that is cut off goes on where it stopped. What the list showed is remembered per bill, so that a bill left for the next
poll is not forgotten when the list moves on. Where somebody wants the whole of a Congress, what its lists show of every
bill is stated too: lines that were asked for anyway, and each list once from its beginning.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import msgspec

from domain.coded_text import CodedText
from domain.documents import DocumentId
from domain.errors import SourceError
from domain.jurisdictions.us.names import congress_on
from domain.observation import Evidence, Fault, Observation, Page, PollRequest, RecordLookup
from domain.options import Secret
from domain.ports import Http
from domain.records.facets import Kind
from domain.sources import Response
from watchers.client import PublisherWatcher, no_answer_came, refuses_us
from watchers.congress import DEMO_KEY, DEMO_READINGS, handles
from watchers.congress.bill_reader import BillReading, NoSuchBill, failed, no_such_bill, read_bill
from watchers.congress.client import LIMIT, RESERVE, SOURCE, WASHINGTON, CongressClient, evidence
from watchers.congress.cursor import (
    CODEC,
    OVERLAP,
    CongressCursor,
    ListPosition,
    note_stamps,
    reading_order,
)
from watchers.congress.item import ListDefinition, ListRow, bills_of, summaries_of
from watchers.congress.lists import ListPortion, read_portions
from watchers.congress.meeting_reader import read_hearings
from watchers.congress.sublists import followed_lists

GATEWAY = "api.congress.gov"
"""Whose limits those are: another address (a mirror, a rehearsal on loopback) has its own."""

BILLS_PER_PAGE = 25
"""Bills that are remembered together: the resume position, written each time, names every followed bill."""

SECONDS_PER_PAGE = 2.0
"""How long what was read may wait for the rest of its page: so much is lost when we are cut off."""

MOST_FOUND = 1000
"""Bills found by searches that are read in full: those found last. A search for an everyday word finds thousands."""

FOUND_A_POLL = 100
"""Bills found by searches that one poll reads in full: what others wait for must not be late."""

FOUND_RESERVE = 500
"""Requests of the hour's allowance that are left for what somebody named, where the allowance has so many."""

_DEMO_RESERVE = 3
_FULL_REFRESH = 6 * 3600
_DEMO_FULL_REFRESH = 12 * 3600
_FOUND_REFRESH = 24 * 3600


class CongressWatcher(PublisherWatcher):
    """Reads bills and resolutions of the US Congress. `whole` means every bill of the Congress that sits. With the key
    everybody shares it asks once an hour."""

    name = SOURCE
    handles = staticmethod(handles)

    def __init__(self, base_url: str, api_key: Secret | None, *, whole: bool = False) -> None:
        super().__init__(base_url)
        self._key = (api_key or DEMO_KEY).reveal()
        self._demo = self._key == DEMO_KEY.reveal() and urlsplit(base_url).hostname == GATEWAY
        if self._demo:
            self.min_interval = timedelta(hours=1)
        self._whole = whole

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what moved and read what is due, the likeliest news first.

        Raises SourceError if the list of a Congress fails, the key is refused, or the publisher stops answering; one
        bill that cannot be read is a fault on its page.
        """
        wanted = self._wanted(request)
        wanted.take_found()
        if not wanted.bills and not wanted.whole:
            return
        client = CongressClient(http, self._base_url, self._key, _DEMO_RESERVE if self._demo else RESERVE)
        now, cursor = int(request.now.timestamp()), CODEC.load(request.cursor)
        yield from _Poll(client, cursor, wanted, request.lookup, now, self._demo).pages()

    def _wanted(self, request: PollRequest) -> _Followed:
        bills = {one: kinds for one, kinds in request.watched.items() if self.handles(one) and len(one.parts) == 3}
        whole = {
            one.parts[0]: kinds for one, kinds in request.watched.items() if self.handles(one) and len(one.parts) == 1
        }
        if self._whole:
            whole.setdefault(str(congress_on(request.now.astimezone(WASHINGTON).date())), frozenset())
        return _Followed(bills, whole, request.searches.found, frozenset(bills))


@dataclass(slots=True)
class _Followed:
    """The followed bills, and the Congresses of which everything is wanted, each with the kinds to be asked for. Those
    that somebody `named` come before those that searches `found`; of these the ones found first beyond MOST_FOUND are
    in `beyond`: the lists alone say what moves among them."""

    bills: dict[DocumentId, frozenset[Kind]]
    whole: Mapping[str, frozenset[Kind]]
    found: Callable[[], Mapping[DocumentId, frozenset[Kind]]]
    named: frozenset[DocumentId]
    beyond: frozenset[DocumentId] = frozenset()

    def take_found(self) -> bool:
        """Follow what searches have found until now; true if anything is new."""
        found = {bill: kinds for bill, kinds in self.found().items() if bill.parts[0] in self.whole}
        followed = [bill for bill in found if bill not in self.named]
        self.beyond = frozenset(followed[MOST_FOUND:])
        before = len(self.bills)
        for bill in self.bills.keys() & self.beyond:
            del self.bills[bill]
        for bill in (*followed[:MOST_FOUND], *(self.named & found.keys())):
            self.bills[bill] = self.bills.get(bill, frozenset()) | found[bill]
        return len(self.bills) > before

    def congresses(self) -> list[str]:
        return sorted({bill.parts[0] for bill in self.bills} | self.whole.keys())

    def with_summaries(self) -> list[str]:
        return sorted(congress for congress, kinds in self.whole.items() if Kind.SUMMARY in kinds)

    def windows(self) -> set[str]:
        """Return the names of the windows that must be kept."""
        summaries = {f"{congress}/summaries" for congress in self.with_summaries()}
        return {*self.congresses(), *(f"{congress}/whole" for congress in self.whole), *summaries}


@dataclass(slots=True)
class _Poll:
    """One poll: what is left to be told with the next page, and whether anything has to be remembered."""

    client: CongressClient
    cursor: CongressCursor
    wanted: _Followed
    lookup: RecordLookup
    now: int
    demo: bool
    faults: tuple[Fault, ...] = ()
    remarks: tuple[CodedText, ...] = ()
    moved: bool = False
    waiting: dict[DocumentId, datetime | None] = field(default_factory=dict)
    lines: dict[DocumentId, tuple[ListRow, Response]] = field(default_factory=dict)
    left_for_found: int = field(default_factory=lambda: FOUND_A_POLL)

    def pages(self) -> Iterator[Page]:
        """Yield what was touched, then followed bills that are due, then what is read once from its beginning."""
        self.moved = self.cursor.forget_all_but(self.wanted.bills, self.wanted.windows())
        for congress in self.wanted.congresses():
            yield from self._touched(congress)
        self.wanted.take_found()
        yield from self._read_due()
        if not self.demo:  # its fifty requests a day are spoken for
            yield from self._hearings()
        for congress in sorted(self.wanted.whole):
            yield from self._from_the_beginning(bills_of(congress), f"{congress}/whole", self._unread)
        for congress in self.wanted.with_summaries():
            yield from self._from_the_beginning(summaries_of(congress), f"{congress}/summaries", lambda _: True)
        if self.wanted.take_found():
            yield from self._read_due()
        yield from self._unread_movement()
        spent = self.client.spent()
        if self.moved or self.faults or spent or self.waiting:
            cursor = CODEC.dump(self.cursor) if self.moved else None
            yield Page(cursor=cursor, faults=self.faults, requests=spent, waiting=self.waiting)

    def _hearings(self) -> Iterator[Page]:
        before = msgspec.json.encode(self.cursor.agendas)
        self.faults += yield from read_hearings(self.client, self.cursor, self.wanted.bills, self.now)
        self.moved = self.moved or msgspec.json.encode(self.cursor.agendas) != before

    def _touched(self, congress: str) -> Iterator[Page]:
        """Ask which bills of a Congress were touched, and note it of those that are followed."""
        known = self.cursor.windows.get(congress) or ListPosition(since=self.now - OVERLAP)
        whole = self._begun(f"{congress}/whole") if congress in self.wanted.whole else None
        for portion in read_portions(self.client, bills_of(congress), known, self.now, self._spare):
            before = self.cursor.windows.get(congress)
            stamps = [(entry.bill, entry.newest) for entry in portion.entries if entry.bill in self.wanted.bills]
            self.moved = note_stamps(self.cursor, stamps) or portion.window != before or self.moved
            self.cursor.windows[congress] = portion.window
            self.faults += portion.faults
            self._keep_lines(portion)
            if whole is not None:
                yield self._stated(portion, f"{congress}/whole", whole, self._unread, stamped=True)

    def _keep_lines(self, portion: ListPortion) -> None:
        """Remember what the list shows anew of bills that searches found, until it is known whether they could be read:
        a bill is also touched where its latest action stays."""
        shown = {
            entry.bill: entry
            for entry in portion.entries
            if entry.bill in self.wanted.beyond or entry.bill in self.wanted.bills.keys() - self.wanted.named
            if "movement" in entry.facets and entry.newest > self.cursor.mark(entry.bill).handled
        }
        records = self.lookup.records(shown) if shown else {}
        for bill, entry in shown.items():
            known = records[bill].facets.get("listed", {}) if bill in records else {}
            if not entry.facets["movement"].keys() <= known.keys():
                self.lines[bill] = entry, _shown_in(entry, portion)

    def _unread_movement(self) -> Iterator[Page]:
        """State what the list shows of found bills that moved and could not be read in time."""
        for congress in sorted(self.wanted.whole):
            late = [bill for bill in self.lines if bill in self.waiting or bill in self.wanted.beyond]
            late = [bill for bill in late if bill.parts[0] == congress]
            for first in range(0, len(late), LIMIT):
                shown = [self.lines[bill] for bill in late[first : first + LIMIT]]
                found = {one.digest: one for one in (evidence(answer) for _, answer in shown)}
                said = [line.observation(evidence(a).digest, stamped=True, unread=True) for line, a in shown]
                name = f"{congress}/whole"
                yield self._page(said, found.values(), scope=_scope(name, self._begun(name)), complete=False)

    def _from_the_beginning(
        self, of: ListDefinition, name: str, wanted: Callable[[DocumentId], bool]
    ) -> Iterator[Page]:
        """Read a list once to its end, in as many polls as it takes; of summaries, what was touched ever after."""
        known = self._begun(name)
        if (known.complete and of.member == "bills") or (known.offset and not known.digest and not self._spare()):
            return
        for portion in read_portions(self.client, of, known, self.now, self._spare):
            self.cursor.windows[name] = portion.window
            self.faults += portion.faults
            yield self._stated(portion, name, portion.window, wanted, stamped=known.complete)

    def _begun(self, name: str) -> ListPosition:
        """Return where the reading of a list from its beginning stands."""
        return self.cursor.windows.setdefault(name, ListPosition(since=0, margin=0, begun=self.now))

    def _stated(
        self,
        portion: ListPortion,
        name: str,
        window: ListPosition,
        wanted: Callable[[DocumentId], bool],
        *,
        stamped: bool,
    ) -> Page:
        """Return a page of what a list shows. Its scope is the reading from the beginning, which makes the baseline;
        one begun again later is another."""
        kept: dict[str, Evidence] = {}
        observations = []
        for entry in portion.entries:
            if entry.facets and wanted(entry.bill):
                found = evidence(_shown_in(entry, portion))
                kept[found.digest] = found
                stated = entry.observation(found.digest, stamped=stamped)
                if stamped and entry.bill in self.wanted.beyond and entry.bill in self.lines:
                    del self.lines[entry.bill]
                    stated = replace(stated, facets=entry.facets, evidence=dict.fromkeys(entry.facets, found.digest))
                observations.append(stated)
        return self._page(observations, kept.values(), scope=_scope(name, window), complete=window.complete)

    def _page(
        self,
        observations: Collection[Observation],
        found: Collection[Evidence],
        *,
        scope: str | None = None,
        complete: bool = True,
    ) -> Page:
        """Return a page with all that has come up since the last one."""
        faults, remarks = self.faults, self.remarks
        self.faults, self.remarks, self.moved = (), (), False
        return Page(
            scope=scope,
            observations=tuple(observations),
            evidence=tuple(found),
            complete=complete,
            cursor=CODEC.dump(self.cursor),
            faults=faults,
            requests=self.client.spent(),
            remarks=remarks,
        )

    def _unread(self, bill: DocumentId) -> bool:
        """Say whether a bill is known from lists alone: what is followed is read in full, and told from that."""
        return bill not in self.wanted.bills or not self.cursor.mark(bill).read_at

    def _spare(self) -> bool:
        """Say whether there is allowance for more than what must be asked; with the shared key it is counted."""
        if self.client.exhausted:
            return False
        if self.demo and self.cursor.spent_lately(self.now) >= DEMO_READINGS:
            return False
        if self.demo:
            self.cursor.spend(1, self.now)
        return True

    def _read_due(self) -> Iterator[Page]:
        """Read the bills that are due until the allowance is used up, some of them on each page."""
        buffer = _PageBuffer(since=self.client.at)
        cut_off = False
        due = self._due()
        for number, bill in enumerate(due):
            if not self._allows(bill):
                self.waiting = {one: self._read_at(one) for one in due[number:]}
                break
            before = self.client.asked
            try:
                reading = self._read(bill)
            except SourceError:
                if buffer.readings:
                    yield self._piled(buffer)
                raise
            if reading.absent and buffer.readings:
                yield self._piled(buffer)
                buffer = _PageBuffer(BILLS_PER_PAGE, since=self.client.at)
            self.cursor.keep(bill, reading.mark)
            if self.demo:
                self.cursor.spend(self.client.asked - before, self.now)
            self.faults += reading.faults
            self.remarks += reading.remarks
            if reading.absent and reading.observation:  # no baseline: there is nothing to know yet
                yield self._page([reading.observation], (), complete=False)
                continue
            buffer.add(reading, self.client.at)
            if buffer.is_full:
                yield self._piled(buffer)
                buffer = _PageBuffer(BILLS_PER_PAGE, since=self.client.at)
            for fault in reading.faults:
                if no_answer_came(fault.error) and fault.error.status != 500:  # which is an answer, with a reason
                    if cut_off:
                        if buffer.readings:
                            yield self._piled(buffer)
                        raise fault.error
                    cut_off = True
        if buffer.readings:
            yield self._piled(buffer)

    def _due(self) -> list[DocumentId]:
        """Return the bills to read: what somebody named, then what searches found, so many at a time."""
        interval = _DEMO_FULL_REFRESH if self.demo else _FULL_REFRESH
        named = {bill: kinds for bill, kinds in self.wanted.bills.items() if bill in self.wanted.named}
        found = {bill: kinds for bill, kinds in self.wanted.bills.items() if bill not in self.wanted.named}
        first = reading_order(self.cursor, named, self.now, interval)
        then = reading_order(self.cursor, found, self.now, _FOUND_REFRESH)[: self.left_for_found]
        self.left_for_found -= len(then)
        return [*first, *then]

    def _allows(self, bill: DocumentId) -> bool:
        dearest = 2 + len(followed_lists(self.wanted.bills[bill]))
        spent = self.cursor.spent_lately(self.now) if self.demo else 0
        if bill not in self.wanted.named and not self.client.has_left(FOUND_RESERVE):
            return False
        return not self.client.exhausted and not (self.demo and spent + dearest > DEMO_READINGS)

    def _read_at(self, bill: DocumentId) -> datetime | None:
        at = self.cursor.mark(bill).read_at
        return datetime.fromtimestamp(at, UTC) if at else None

    def _read(self, bill: DocumentId) -> BillReading:
        mark = self.cursor.mark(bill)
        try:
            return read_bill(self.client, bill, mark, self.wanted.bills[bill], self.now)
        except NoSuchBill as error:
            return no_such_bill(mark, bill, error, self.now)
        except SourceError as error:
            if refuses_us(error):
                raise
            return failed(mark, bill, error, self.now)

    def _piled(self, buffer: _PageBuffer) -> Page:
        stated = [reading.observation for reading in buffer.readings if reading.observation]
        kept = {one.digest: one for reading in buffer.readings for one in reading.evidence}
        return self._page(stated, kept.values())


def _scope(name: str, window: ListPosition) -> str:
    """Name the reading of a list from its beginning, which makes the baseline of its bills."""
    return f"{SOURCE}/us/bill/{name}/{datetime.fromtimestamp(window.begun, UTC):%Y-%m-%dT%H:%M:%SZ}"


def _shown_in(entry: ListRow, portion: ListPortion) -> Response:
    """Return the answer that shows a line."""
    return next((answer for answer in portion.responses if entry.row in answer.body), portion.responses[0])


@dataclass(slots=True)
class _PageBuffer:
    """Bills read and not yet remembered. The first page of a poll has one, so that an answer is there at once."""

    room: int = 1
    since: datetime | None = None
    readings: list[BillReading] = field(default_factory=list)
    until: datetime | None = None

    def add(self, reading: BillReading, at: datetime | None) -> None:
        self.readings.append(reading)
        self.until = at

    @property
    def is_full(self) -> bool:
        waited = (self.until - self.since).total_seconds() if self.since and self.until else 0.0
        return len(self.readings) >= self.room or waited >= SECONDS_PER_PAGE
