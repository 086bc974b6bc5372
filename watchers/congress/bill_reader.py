"""What does the API say of one bill now, and what has to be remembered of having asked?

The item and the actions are read every time; a further list only if somebody follows it and its count moved. A list
that comes up short, or empty after it was full, is not believed at once: what is missing from an answer is not gone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from msgspec.structs import replace

from domain.coded_text import CodedText, coded, phrase
from domain.documents import DocumentId, public_url
from domain.errors import Changed, Refused, SourceError, mismatch
from domain.observation import Evidence, Fault, Observation, ParseInput
from domain.records.facets import Facet, Kind, rule_of
from domain.sources import Response
from watchers.client import absent_observation, numbered, refuses_us
from watchers.congress.actions import read_action_lines
from watchers.congress.client import (
    LIMIT,
    SOURCE,
    CompleteList,
    CongressClient,
    ListPage,
    empty_list,
    evidence,
    fetched_rows,
    parse_list_page,
    read_all,
)
from watchers.congress.cursor import REFRESH, REREAD_AFTER, BillState, bill_path, counted
from watchers.congress.item import COUNTED, BillItem, parse_item
from watchers.congress.sublists import SUBLISTS, SubList, followed_lists

READER = "congress/1"

_BELIEVED_AFTER = 4
"""Failures in a row after which even a list whose entries can be withdrawn is believed as it is."""


@dataclass(frozen=True, slots=True)
class BillReading:
    """What one reading of a bill came to: `mark` is to be remembered, whatever `observation` is; `remarks` are for the
    operator."""

    mark: BillState
    observation: Observation | None = None
    evidence: tuple[Evidence, ...] = ()
    faults: tuple[Fault, ...] = ()
    absent: bool = False
    remarks: tuple[CodedText, ...] = ()


class IncompleteList(Changed):
    """A list delivered fewer entries than were counted; the same again will be taken for a miscount."""

    def __init__(self, message: CodedText, name: str, count: int) -> None:
        super().__init__(message)
        self.name = name
        self.count = count


class NoSuchBill(Refused):
    """The publisher answers, and has no bill of that number."""


def no_such_bill(mark: BillState, bill: DocumentId, error: NoSuchBill, now: int) -> BillReading:
    """Return the reading of a bill that does not exist: nothing failed, and it is asked for again ever more rarely."""
    after = replace(mark, failures=mark.failures + 1, failed_at=now, absent=True)
    stated = absent_observation(bill, SOURCE, READER)
    return BillReading(after, stated, faults=(Fault(bill, error, standing=True),), absent=True)


def failed(mark: BillState, bill: DocumentId, error: SourceError, now: int) -> BillReading:
    """Return a reading that came to nothing: the bill stays where it was, and is asked again ever more rarely."""
    counts = mark.counts
    if isinstance(error, IncompleteList):
        counts = counted({**_counts(mark), error.name: -error.count})
    after = replace(mark, failures=mark.failures + 1, failed_at=now, counts=counts)
    return BillReading(after, faults=(Fault(bill, error),))


def _counts(mark: BillState) -> dict[str, int]:
    return {name: count for name in COUNTED if (count := mark.count(name)) is not None}


def read_bill(
    client: CongressClient, bill: DocumentId, mark: BillState, kinds: frozenset[Kind], now: int
) -> BillReading:
    """Read a bill; `now` in seconds since 1970. Raises SourceError if its item or its actions cannot be read."""
    return _BillReader(client, bill, mark, now).read(kinds)


@dataclass(slots=True)
class _BillReader:
    """One bill while it is read: what was found so far, and from which bytes."""

    client: CongressClient
    bill: DocumentId
    mark: BillState
    now: int
    facets: dict[str, Facet] = field(default_factory=dict)
    sources: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Evidence] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    unserved: list[Fault] = field(default_factory=list)
    unreadable: tuple[Changed, ...] = ()

    @property
    def _path(self) -> str:
        return f"/bill/{bill_path(self.bill)}"

    def read(self, kinds: frozenset[Kind]) -> BillReading:
        response = self.client.answer(f"{self._path}?format=json")
        item = self._item(response)
        if self.mark.absent:
            self.facets["absent"] = {}
        for name, facet in item.facets.items():
            self._state(name, facet, (response,))
        self._actions(item, response)
        refresh = self.now - self.mark.refreshed_at >= REFRESH or self.mark.refreshed_at > self.now
        for one in followed_lists(kinds):
            self._follow(one, item, response, refresh)
        return BillReading(
            mark=self._after(item, refresh),
            observation=Observation(
                document=self.bill,
                source=SOURCE,
                reader=READER,
                facets=self.facets,
                evidence=self.sources,
                published_at=item.updated_at,
                url=public_url(self.bill),
            ),
            evidence=tuple(self.kept.values()),
            faults=(*self.faults, *self.unserved),
            remarks=tuple(self._remarks()),
        )

    def _remarks(self) -> Iterator[CodedText]:
        """Say once that lines of a bill cannot be read: its other lines are, so that nothing else would be wrong."""
        if self.unreadable and not self.mark.unreadable:
            error = self.unreadable[0].recorded
            yield coded("record.unreadable", document=str(self.bill), n=len(self.unreadable), error=error)

    def _item(self, response: Response) -> BillItem:
        """Read the item. A bill that was never read nor listed, and that the publisher itself says it has not, does not
        exist; any other is only missing from an answer."""
        try:
            return parse_item(response.body, self.bill, response.status)
        except Refused as error:
            if error.status != 404 or self.mark.read_at or self.mark.listed:
                raise
            raise NoSuchBill(phrase("no such bill at {source:source}", source=SOURCE), status=404) from error

    def _actions(self, item: BillItem, response: Response) -> None:
        known = self.mark.count("actions") or 0
        if item.counts["actions"] == 0 and known:
            raise Changed(mismatch(str(self.bill), "{n} {member}", 0, n=abs(known), member="actions"))
        facets: dict[str, Facet] = {"actions": {}, "votes": {}}
        pages: tuple[Response, ...] = (response,)
        if item.counts["actions"]:
            listing = self._list("actions", "actions", item, believed=known == -item.marks["actions"])
            read = read_action_lines(listing.rows, str(self.bill))
            facets, pages = read.facets(self.bill), listing.responses
            self.unreadable = read.unreadable
            self.unserved += [Fault(self.bill, error) for error in read.unreadable[:1]]
        for name, facet in facets.items():
            self._state(name, facet, pages)
        self.counts["actions"] = item.marks["actions"]

    def _follow(self, one: SubList, item: BillItem, response: Response, refresh: bool) -> None:
        """State a followed list if there is something to state; what goes wrong leaves the rest of the bill alone."""
        known = self.mark.count(one.member)
        if known is not None:
            self.counts[one.member] = known
        if item.counts[one.member] == 0:
            self._empty(one, known, response)
        elif known != item.marks[one.member] or refresh:
            try:
                self._ask(one, item, known)
            except IncompleteList as error:
                self.counts[one.member] = -error.count
                self.faults.append(Fault(self.bill, error))
            except SourceError as error:
                if refuses_us(error):
                    raise
                self._without(one, item, known, error)

    def _without(self, one: SubList, item: BillItem, known: int | None, error: SourceError) -> None:
        """Remember that a list could not be read. One that is counted but not there (404) is no reason to read the
        bill again before its time: it is asked for with the bill, and reported once."""
        if error.status == 404:
            unserved = -item.marks[one.member]
            self.counts[one.member] = unserved
            if known != unserved:
                self.unserved.append(Fault(self.bill, error))
            return
        self.counts.pop(one.member, None)
        if known:
            self.counts[one.member] = -abs(known)
        self.faults.append(Fault(self.bill, error))

    def _empty(self, one: SubList, known: int | None, response: Response) -> None:
        """An empty list is stated, so that its first entry will be news; one that was full before is not believed."""
        if not known:
            self._state(one.facet, {}, (response,))
            self.counts[one.member] = 0
            return
        self.counts[one.member] = -abs(known)
        if known > 0:
            error = Changed(mismatch(str(self.bill), "{n} {member}", 0, n=known, member=one.member))
            self.faults.append(Fault(self.bill, error))

    def _ask(self, one: SubList, item: BillItem, known: int | None) -> None:
        stubborn = rule_of(one.facet).removes is None or self.mark.failures >= _BELIEVED_AFTER
        believed = known == -item.marks[one.member] and stubborn
        listing = self._list(one.path, one.member, item, believed)
        stated = one.parse(listing.rows)
        self._state(one.facet, stated, listing.responses)
        # What is only announced will be there without the count moving: the list is read again with the bill.
        announced = not all(map(rule_of(one.facet).is_there, stated.values()))
        self.counts[one.member] = -item.marks[one.member] if announced else item.marks[one.member]

    def _list(self, part: str, name: str, item: BillItem, believed: bool) -> CompleteList:
        """Read a whole list of which the item says that it is not empty; Doubtful if it is short, unless believed."""
        where = f"{self.bill}/{part}"

        def turn(offset: int) -> ListPage:
            response = self.client.answer(f"{self._path}/{part}?format=json&limit={LIMIT}&offset={offset}")
            return parse_list_page(response, name, where)

        listing = read_all(turn, turn(0))
        counted = max(item.counts[name], listing.count or 0)
        if not listing.rows:
            raise Changed(empty_list(where, counted, name))
        if not believed and (len(listing.rows) < counted or not listing.settled):
            found = len(listing.rows) if listing.settled else phrase("a list that changed while it was read")
            reason = mismatch(where, "{n} {member}", found, n=counted, member=name)
            raise IncompleteList(reason, name, item.marks[name])
        return listing

    def _state(self, name: str, facet: Facet, pages: tuple[Response, ...]) -> None:
        self.facets[name] = facet
        found = [evidence(page) for page in pages]
        self.kept |= {one.digest: one for one in found}
        self.sources |= numbered(name, [one.digest for one in found])

    def _after(self, item: BillItem, refresh: bool) -> BillState:
        updated = min(int(item.updated_at.timestamp()), self.now) if item.updated_at else 0
        handled = max(self.mark.listed, self.mark.handled, updated)
        moved = handled > self.mark.handled
        settled_long_ago = not self.mark.read_at and updated < self.now - REREAD_AFTER[-1]
        return BillState(
            listed=max(self.mark.listed, handled),
            handled=handled,
            read_at=self.now,
            touched_at=self.now if moved and not settled_long_ago else self.mark.touched_at,
            refreshed_at=self.now if refresh else self.mark.refreshed_at,
            failures=self.mark.failures + 1 if self.faults else 0,
            failed_at=self.now if self.faults else 0,
            counts=counted(self.counts),
            unreadable=bool(self.unreadable),
        )


_LISTS = {one.facet: one for one in SUBLISTS.values()}


def parse_bill(given: ParseInput) -> Iterator[Observation]:
    """Read item, actions and further lists of a bill (`congress/1`)."""
    facets: dict[str, Facet] = {}
    published_at, stamped = None, False
    for name in given.facets():
        pages = given.pages(name)
        if name in ("actions", "votes", "unreadable"):
            rows = fetched_rows(pages, "actions")
            read = read_action_lines(rows or (), str(given.document)).facets(given.document)
            facets[name] = read.get(name, {})
        elif name in _LISTS:
            rows = fetched_rows(pages, _LISTS[name].member)
            facets[name] = _LISTS[name].parse(rows) if rows is not None else {}
        else:
            item = parse_item(pages[0].body, given.document)
            published_at, stamped = item.updated_at, True
            if name in item.facets:
                facets[name] = item.facets[name]
    yield given.observation(facets, published_at, stamped=stamped)
