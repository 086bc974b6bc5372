"""Which committee meetings concern followed bills, and what moved among them?

One request an hour and Congress tells which meetings were touched, if anybody wants to hear of hearings; only those are
read. What a bill's meetings are when it is first followed is its past; from then on each one scheduled, moved, put off
or called off is news. A publisher that has no such list (a mirror) is asked again the next day, and nothing is said.
"""

from __future__ import annotations

from collections.abc import Collection, Generator, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlsplit

from domain.documents import DocumentId, public_url
from domain.errors import SourceError
from domain.observation import Evidence, Fault, Observation, Page, ParseInput
from domain.records.facets import Entry, Kind
from watchers.client import numbered, refuses_us
from watchers.congress.client import LIMIT, SOURCE, CongressClient, ListPage, evidence, parse_list_page, read_all
from watchers.congress.cursor import (
    CODEC,
    DAY,
    OVERLAP,
    CongressCursor,
    MeetingsState,
    MeetingState,
    PendingMeeting,
    bill_path,
)
from watchers.congress.meetings import Meeting, parse_listed, parse_meeting

MEETINGS_READER = "congress-meetings/1"

ASK_EVERY = 3600
"""Seconds between two questions for what moved: meetings are announced days ahead."""

FIRST_WINDOW = 14 * DAY
"""Seconds back from which meetings are read at first: what was announced earlier is touched again before it begins."""

MAX_MEETINGS = 40
"""Meetings read in one poll; the rest wait for the next."""

_MAX_TRIES = 5

OBSERVATIONS_PER_PAGE = 250
"""Bills whose past is recorded together (rule 1)."""


def read_hearings(
    client: CongressClient, cursor: CongressCursor, following: Mapping[DocumentId, frozenset[Kind]], now: int
) -> Generator[Page, None, tuple[Fault, ...]]:
    """Yield what moved among the committee meetings of followed bills, and return what could not be read; `now` in
    seconds since 1970. The cursor may have moved besides.

    Raises SourceError if the publisher refuses us; a list or a meeting that cannot be read is a fault.
    """
    wanted = {bill_path(bill): bill for bill, kinds in following.items() if Kind.HEARING in kinds}
    for congress in [name for name in cursor.agendas if not any(bill.startswith(f"{name}/") for bill in wanted)]:
        del cursor.agendas[congress]
    faults: tuple[Fault, ...] = ()
    for congress in sorted({bill.parts[0] for bill in wanted.values()}):
        bills = {name: bill for name, bill in wanted.items() if bill.parts[0] == congress}
        desk = _MeetingReader(client, cursor, congress, bills, now)
        yield from desk.pages()
        faults += tuple(desk.faults)
    return faults


@dataclass(slots=True)
class _MeetingReader:
    """The meetings of one Congress during one poll. `bills` are the followed ones, `read` what was read now."""

    client: CongressClient
    cursor: CongressCursor
    congress: str
    bills: Mapping[str, DocumentId]
    now: int
    read: dict[str, tuple[Meeting, Evidence]] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    @property
    def _agenda(self) -> MeetingsState:
        return self.cursor.agendas.setdefault(self.congress, MeetingsState())

    def pages(self) -> Iterator[Page]:
        agenda = self._agenda
        agenda.bills = [name for name in agenda.bills if name in self.bills]
        listens = self._newly_followed()
        due = not -DAY < self.now - agenda.asked_at < ASK_EVERY
        if not due and not (listens and agenda.read_at):
            return
        if due:
            self._look()
            yield from self._moved()
        if self._agenda.read_at and not self._agenda.due:
            yield from self._past(listens)

    def _newly_followed(self) -> list[str]:
        """Return the bills whose meetings are their past: they were read, and their meetings never were."""
        met = [name for name in self.bills if name not in self._agenda.bills]
        return [name for name in met if self.cursor.mark(self.bills[name]).read_at]

    def _look(self) -> None:
        """Note which meetings were touched since the list was last read."""
        agenda, where = self._agenda, f"/committee-meeting/{self.congress}"
        agenda.asked_at = self.now
        since = max(agenda.since - OVERLAP, 0) if agenda.since else self.now - FIRST_WINDOW
        begin = datetime.fromtimestamp(since, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

        def turn(offset: int) -> ListPage:
            query = f"format=json&fromDateTime={begin}&limit={LIMIT}&offset={offset}"
            answer = self.client.answer(f"/committee-meeting/{self.congress}?{query}")
            return parse_list_page(answer, "committeeMeetings", where)

        try:
            listing = read_all(turn, turn(0))
            found = list(parse_listed(listing.rows, where))
        except SourceError as error:
            self._refused(error)
            return
        for one in found:
            known = agenda.due.get(one.path) or agenda.meetings.get(one.path)
            if one.touched >= since and (known is None or one.touched > known.touched):
                agenda.due[one.path] = PendingMeeting(one.touched)
        if listing.settled:
            agenda.since = min(max((agenda.since or since, *(one.touched for one in found))), self.now)
        agenda.read_at = self.now
        self._forget(since)

    def _refused(self, error: SourceError) -> None:
        if refuses_us(error):
            raise error
        if error.status == 404:
            self._agenda.asked_at = self.now + DAY - ASK_EVERY
        else:
            self.faults.append(Fault(None, error))

    def _forget(self, since: int) -> None:
        """Drop meetings long over that the list no longer shows."""
        kept = self._agenda.meetings.items()
        over = self.now - 2 * DAY
        self._agenda.meetings = {name: one for name, one in kept if one.touched >= since or one.starts >= over}

    def _moved(self) -> Iterator[Page]:
        """Read what was touched and state it of the followed bills that a meeting names, or named before."""
        for name in list(self._agenda.due)[:MAX_MEETINGS]:
            if self.client.exhausted:
                return
            before = self._agenda.meetings.get(name)
            found = self._read(name)
            if found is None:
                continue
            meeting, kept = found
            named = {bill_path(bill) for bill in meeting.bills}
            for bill in self._agenda.bills:
                met = before is not None and bill in before.bills
                if bill in named and not (met and self._is_past(meeting)):
                    yield self._page([self._said(bill, {meeting.subject: meeting.entry()}, [kept])], [kept])
                elif met and bill not in named and not self._is_over(meeting):
                    dropped = {meeting.subject: meeting.entry(dropped=True)}
                    yield self._page([self._said(bill, dropped, [kept])], [kept])

    def _past(self, listens: list[str]) -> Iterator[Page]:
        """State the meetings of bills that are followed anew. They are past, in a scope of their own."""
        reported: list[Observation] = []
        evidences: dict[str, Evidence] = {}
        for bill in listens:
            meetings = [name for name, one in self._agenda.meetings.items() if bill in one.bills]
            found = [read for name in meetings if (read := self.read.get(name) or self._read(name))]
            if any(name in self._agenda.due for name in meetings):
                continue
            entries = {meeting.subject: meeting.entry() for meeting, _ in found}
            reported.append(self._said(bill, entries, [kept for _, kept in found]))
            evidences |= {kept.digest: kept for _, kept in found}
        for start in range(0, len(reported), OBSERVATIONS_PER_PAGE):
            part = reported[start : start + OBSERVATIONS_PER_PAGE]
            self._agenda.bills = sorted({*self._agenda.bills, *(bill_path(said.document) for said in part)})
            scope = f"{SOURCE}/us/bill/{self.congress}/hearings/{self.now}-{start}"
            yield self._page(part, evidences.values(), scope)

    def _read(self, name: str) -> tuple[Meeting, Evidence] | None:
        """Read one meeting; None if it cannot be. One that fails is tried again, not for ever."""
        agenda = self._agenda
        known = agenda.meetings.get(name, MeetingState())
        waiting = agenda.due.pop(name, PendingMeeting(known.touched))
        try:
            answer = self.client.answer(f"/committee-meeting/{name}?format=json")
            meeting = parse_meeting(answer.body, name, answer.status)
        except SourceError as error:
            if refuses_us(error):
                agenda.due[name] = waiting
                raise
            if error.status != 404:
                self.faults.append(Fault(None, error))
            if error.status != 404 and waiting.tries + 1 < _MAX_TRIES:
                agenda.due[name] = PendingMeeting(waiting.touched, waiting.tries + 1)
            else:
                agenda.meetings[name] = MeetingState(waiting.touched, known.starts or self.now, known.bills)
            return None
        starts = int(meeting.starts_at.timestamp()) if meeting.starts_at else self.now
        agenda.meetings[name] = MeetingState(waiting.touched, starts, [bill_path(bill) for bill in meeting.bills])
        self.read[name] = (meeting, evidence(answer))
        return self.read[name]

    def _is_over(self, meeting: Meeting) -> bool:
        return meeting.starts_at is not None and meeting.starts_at.timestamp() < self.now

    def _is_past(self, meeting: Meeting) -> bool:
        """True for what is said of a meeting after it took place: papers were added, its hour was put right."""
        return self._is_over(meeting) and meeting.stands

    def _said(self, bill: str, entries: Mapping[str, Entry], kept: list[Evidence]) -> Observation:
        document = self.bills[bill]
        names = numbered("hearings", [one.digest for one in kept])
        return Observation(
            document, SOURCE, MEETINGS_READER, {"hearings": dict(entries)}, names, url=public_url(document)
        )

    def _page(self, said: Collection[Observation], kept: Collection[Evidence], scope: str | None = None) -> Page:
        return Page(
            scope=scope,
            observations=tuple(said),
            evidence=tuple(kept),
            cursor=CODEC.dump(self.cursor),
            requests=self.client.spent(),
        )


def parse_meetings(given: ParseInput) -> Iterator[Observation]:
    """Read committee meetings (`congress-meetings/1`); one that names the bill no longer was dropped."""
    entries = {}
    for page in given.pages("hearings"):
        place = urlsplit(page.url).path.partition("/committee-meeting/")[2]
        meeting = parse_meeting(page.body, place)
        entries[meeting.subject] = meeting.entry(dropped=given.document not in meeting.bills)
    yield given.observation({"hearings": entries})
