"""What is new among a chamber's roll calls?

One request tells whether anything moved. The list names what each roll call is about, so that only the papers of
followed bills are read, each a page of its own. A paper is read once more a day later, for totals are corrected.

A bill's past is read when it is first followed, and is no news. What was voted on in the last days before is left for
later: who asks the Library of Congress as well may not have heard of it there yet, and it must not be lost between.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial

import msgspec
from msgspec.structs import replace

from domain.coded_text import phrase
from domain.documents import DocumentId, public_url
from domain.errors import Changed, Refused, SourceError, mismatch
from domain.jurisdictions.us.names import is_bill
from domain.observation import Evidence, Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Facet, Kind, digest
from domain.sources import Response
from watchers.client import ApiClient, CursorCodec, PublisherWatcher, evidence_of, parse_fetched
from watchers.rollcalls.chambers import HouseRolls, SenateRolls
from watchers.rollcalls.rolls import (
    Chamber,
    RollCall,
    RollIndex,
    VotingSession,
    open_sessions,
    says_absent,
    sessions_begun,
)


class SessionState(msgspec.Struct, frozen=True, array_like=True):
    """Where a session's list was read to: `through` is the last number handled, `digest` that of the list;
    `missing_at` is when it was last looked for in vain, 0 if it is there, `missing_since` when it was first missed;
    `turns` counts the polls that looked for papers without it."""

    through: int = 0
    digest: str = ""
    missing_at: int = 0
    missing_since: int = 0
    turns: int = 0


class PendingRoll(msgspec.Struct, frozen=True, array_like=True):
    """A roll call to be read. `bill` is what the list says it is about (`119/hr/30`), "" where it does not say; `at`
    the time from which it is asked; `tries` how often in vain; `reported` that it was read once and is looked at again;
    `skipped` that the list has later ones but not this one; `begun` when its bill was followed anew, of a paper that
    was missing from its past, else 0."""

    session: str
    number: int
    bill: str
    at: int = 0
    tries: int = 0
    reported: bool = False
    skipped: bool = False
    begun: int = 0


class RollCallsCursor(msgspec.Struct):
    """All that is remembered. `shelves` by session (`119-2`); `bills` are those whose past was read (`119/hr/30`)."""

    version: int = 1
    shelves: dict[str, SessionState] = {}
    bills: list[str] = []
    due: list[PendingRoll] = []


CODEC = CursorCodec(RollCallsCursor)

FRESH_FOR = timedelta(days=3)
"""A vote this young is not past when its bill is first followed."""

STATE_AFTER = 2 * 3600
"""Seconds after which such a vote is stated: by then the Library's own list of actions was read."""

REREAD_AFTER = 24 * 3600
"""Seconds after which the paper of a roll call is looked at once more."""

_PAUSE, _SKIPPED_PAUSE = 30 * 60, 3 * 3600
_MOST_TRIES = 48
"""A paper that is not there yet is asked for again after these seconds, and so often: a day long, or six if the list
passes over it."""

MOST_SKIPPED = 32
"""Numbers that a list passes over, in one poll, whose papers are asked for later, the newest ones."""

MAX_REQUESTS = 200
"""Requests of one poll behind which nothing further is begun; what is left is done in the next."""

MOST_PAST = 400
"""Roll calls of one bill that are read when it is first followed, the newest ones; no bill has had half as many."""


class RollCallsWatcher(PublisherWatcher):
    """Reads the roll calls of one chamber on followed bills."""

    handles = staticmethod(is_bill)

    def __init__(self, name: str, chamber: Chamber, base_url: str) -> None:
        super().__init__(base_url)
        self.name = name
        self._chamber = chamber

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what moved and read what followed bills were voted on.

        Raises SourceError if the list fails or the publisher refuses; one paper that cannot be read is a fault.
        """
        bills = {
            bill_path(bill): bill
            for bill, kinds in request.followed().items()
            if self.handles(bill) and Kind.VOTE in kinds
        }
        if bills:
            yield from _Poll(
                self.name,
                self._chamber,
                ApiClient(http, self._base_url),
                CODEC.load(request.cursor),
                bills,
                request.now,
            ).pages()


def clerk(base_url: str) -> RollCallsWatcher:
    """Return the reader of the House's roll calls."""
    return RollCallsWatcher("clerk", HouseRolls(), base_url)


def senate(base_url: str) -> RollCallsWatcher:
    """Return the reader of the Senate's roll calls."""
    return RollCallsWatcher("senate", SenateRolls(), base_url)


def bill_path(bill: DocumentId) -> str:
    """Return the name of a bill in the resume position: `119/hr/30`."""
    return "/".join(bill.parts)


def _mark(front: Response) -> str:
    return digest(front.body)[:16]


@dataclass(slots=True)
class _Poll:
    """One poll while it runs. `bills` are the followed ones; `listings` what was asked of each session's list,
    `answers` those of this poll by path."""

    name: str
    chamber: Chamber
    client: ApiClient
    cursor: RollCallsCursor
    bills: Mapping[str, DocumentId]
    at: datetime
    faults: list[Fault] = field(default_factory=list)
    listings: dict[str, RollIndex] = field(default_factory=dict)
    answers: dict[str, Response] = field(default_factory=dict)

    @property
    def _now(self) -> int:
        return int(self.at.timestamp())

    def pages(self) -> Iterator[Page]:
        before = CODEC.dump(self.cursor)
        self._forget()
        known = set(self.cursor.bills)
        for session in open_sessions(self.at):
            if any(bill.parts[0] == str(session.congress) for bill in self.bills.values()):
                self._look(session, known)
        for name in self.bills:
            if name not in known and self._goes_on:
                yield from self._begin(name)
        for due in [due for due in self.cursor.due if due.at <= self._now or due.at > self._now + 2 * REREAD_AFTER]:
            if self._goes_on:
                yield from self._read_due(due)
        after = CODEC.dump(self.cursor)
        if self.client.asked or self.faults or after != before:
            yield Page(
                cursor=after if after != before else None, faults=tuple(self.faults), requests=self.client.spent()
            )

    @property
    def _goes_on(self) -> bool:
        return self.client.asked < MAX_REQUESTS

    def _forget(self) -> None:
        """Drop what nobody follows any more."""
        self.cursor.bills = [name for name in self.cursor.bills if name in self.bills]
        self.cursor.due = [due for due in self.cursor.due if not due.bill or due.bill in self.bills]

    def _look(self, session: VotingSession, known: set[str]) -> None:
        """Note which new roll calls concern bills followed before."""
        papers_of = self.cursor.shelves.get(session.key, SessionState())
        waits = self.chamber.numbered and 0 <= self._now - papers_of.missing_at < REREAD_AFTER
        front = None if waits else self._front(session, papers_of.digest)
        if front is not None and papers_of.digest == _mark(front):
            return
        beginning = papers_of == SessionState() and not any(name.startswith(f"{session.congress}/") for name in known)
        since = None if beginning else papers_of.through
        listing = self.chamber.listing(front, self._get, session, since, papers_of.turns)
        if beginning:
            self.listings[session.key] = listing
        else:
            for number in sorted(n for n in {*listing.bills, *listing.unclear} if n > papers_of.through):
                self._want(session, number, listing, known)
            skipped = sorted(listing.skipped(papers_of.through))[-MOST_SKIPPED:]
            self.cursor.due += [PendingRoll(session.key, n, "", self._now + _PAUSE, skipped=True) for n in skipped]
        if listing.doubt:
            self.faults.append(Fault(None, listing.doubt))
        self.cursor.shelves[session.key] = self._after(
            papers_of, session, front, max(listing.highest, papers_of.through), waits
        )

    def _after(
        self, known: SessionState, session: VotingSession, front: Response | None, through: int, waits: bool
    ) -> SessionState:
        """Return what is remembered of a session. A list that was there and is missing for a day is no list that is
        not there yet."""
        if front is not None:
            return SessionState(through, _mark(front))
        since = known.missing_since or self._now
        if not self.chamber.numbered and known.through and self._now - since >= REREAD_AFTER:
            where = self.chamber.index(session)
            saw = phrase("no such list for a day")
            raise Changed(mismatch(where, "roll calls up to {n} at least", saw, n=known.through))
        return SessionState(through, "", known.missing_at if waits else self._now, since, known.turns + 1)

    def _want(self, session: VotingSession, number: int, listing: RollIndex, known: set[str]) -> None:
        bill = listing.bills.get(number)
        name = bill_path(bill) if bill else ""
        if number in listing.unclear or name in known:
            self.cursor.due.append(PendingRoll(session.key, number, name))

    def _begin(self, name: str) -> Iterator[Page]:
        """State the past of a bill that is followed anew; its first reading is its baseline, be it empty. A paper that
        is missing or cannot be read is asked for later, and keeps neither the past nor what is voted next."""
        bill = self.bills[name]
        past: list[tuple[RollCall, Evidence]] = []
        later: list[PendingRoll] = []
        try:
            for session, number in self._about(bill):
                found = self._past_paper(bill, session, number)
                if found is None:
                    later.append(PendingRoll(session.key, number, name, self._now + _PAUSE, tries=1, begun=self._now))
                elif self._is_past(found[0], self._now):
                    past.append(found)
                else:
                    later.append(PendingRoll(session.key, number, name, self._now + STATE_AFTER))
        except SourceError as error:
            self._complain(bill, error)
            return
        self.cursor.bills = sorted({*self.cursor.bills, name})
        self.cursor.due += [due for due in later if not self._is_due(due)]
        yield self._page(bill, past)

    def _about(self, bill: DocumentId) -> Iterator[tuple[VotingSession, int]]:
        """Yield the roll calls that the lists name about a bill, of each session the newest."""
        for session in sessions_begun(int(bill.parts[0]), self.at):
            listing = self._whole(session)
            for number in sorted(n for n, about in listing.bills.items() if about == bill)[-MOST_PAST:]:
                yield session, number

    def _past_paper(self, bill: DocumentId, session: VotingSession, number: int) -> tuple[RollCall, Evidence] | None:
        """Read a paper of a bill's past; None, and a fault unless it is only not there, where that fails."""
        try:
            return self._paper(session, number)
        except SourceError as error:
            if error.status != 404:
                self._complain(bill, error)
            return None

    def _whole(self, session: VotingSession) -> RollIndex:
        """Read the list of a session from its first roll call on, once a poll."""
        if session.key not in self.listings:
            front = self._front(session)
            found = self.chamber.listing(front, self._get, session, None) if front else RollIndex()
            self.listings[session.key] = found
        return self.listings[session.key]

    def _is_past(self, roll: RollCall, begun: int) -> bool:
        """Say whether a vote is past for who follows its bill since `begun`."""
        return date.fromisoformat(roll.on) <= (datetime.fromtimestamp(begun, self.at.tzinfo) - FRESH_FOR).date()

    def _is_due(self, wanted: PendingRoll) -> bool:
        return any((due.session, due.number) == (wanted.session, wanted.number) for due in self.cursor.due)

    def _read_due(self, due: PendingRoll) -> Iterator[Page]:
        congress, _, number = due.session.partition("-")
        session = VotingSession.of(int(congress), int(number))
        try:
            roll, kept = self._paper(session, due.number)
        except SourceError as error:
            after = self._postponed(due)
            if error.status != 404 or (after is None and not due.skipped):
                self._complain(self.bills.get(due.bill), error)
            self._replace(due, after)
            return
        name = bill_path(roll.bill) if roll.bill else ""
        bill = self.bills.get(name)
        again = PendingRoll(due.session, due.number, name, self._now + REREAD_AFTER, reported=True)
        self._replace(due, None if due.reported or bill is None else again)
        if bill is not None and name in self.cursor.bills:
            is_past = due.begun > 0 and self._is_past(roll, due.begun)
            yield self._page(bill, [(roll, kept)], f"{self.name}/past" if is_past else None)

    def _postponed(self, due: PendingRoll) -> PendingRoll | None:
        """A paper may follow its row in the list; one that never comes is given up."""
        if due.tries >= _MOST_TRIES:
            return None
        return replace(due, at=self._now + (_SKIPPED_PAUSE if due.skipped else _PAUSE), tries=due.tries + 1)

    def _replace(self, due: PendingRoll, by: PendingRoll | None) -> None:
        self.cursor.due = [one for one in self.cursor.due if one != due] + ([by] if by else [])

    def _complain(self, bill: DocumentId | None, error: SourceError) -> None:
        """A paper that cannot be read is a fault; a publisher that refuses us, or does not answer, ends the poll."""
        if not isinstance(error, Changed) and error.status != 404:
            raise error
        self.faults.append(Fault(bill, error))

    def _page(self, bill: DocumentId, rolls: list[tuple[RollCall, Evidence]], scope: str | None = None) -> Page:
        """State roll calls; in a `scope` of its own, which is never complete, what is past and no news."""
        observation = parse_fetched(
            partial(_parse, self.chamber),
            bill,
            self.name,
            f"{self.name}/1",
            self.at,
            {"tallies": [kept for _, kept in rolls]},
            context={"rolls": [[roll.congress, roll.session, roll.number] for roll, _ in rolls]},
        )
        evidence = tuple({kept.digest: kept for _, kept in rolls}.values())
        cursor = CODEC.dump(self.cursor)
        return Page(
            scope=scope,
            observations=(observation,),
            evidence=evidence,
            cursor=cursor,
            requests=self.client.spent(),
            complete=scope is None,
        )

    def _paper(self, session: VotingSession, number: int) -> tuple[RollCall, Evidence]:
        """Read a paper. A notice that there is none (yet) is Refused with status 404, whatever status it came with."""
        path = self.chamber.path(session, number)
        response = self._get(path)
        try:
            roll = self.chamber.read(response.body, session, number, response.url)
        except Changed as error:
            if says_absent(response.body, response.url):
                raise Refused(str(error), said=error.said, status=404) from error
            raise
        return roll, evidence_of(response, "text/xml")

    def _front(self, session: VotingSession, known: str = "") -> Response | None:
        """Ask for a session's list; None where there is none, as before the first vote of a session. The list that is
        `known`, by its mark, is not read again."""
        try:
            response = self._get(self.chamber.index(session))
        except Refused as error:
            if error.status != 404:
                raise
            return None
        if known and known == _mark(response):
            return response
        if says_absent(response.body, response.url) or not self.chamber.has_list(response.body, session):
            return None
        return response

    def _get(self, path: str) -> Response:
        """Ask for a path, once a poll."""
        if path not in self.answers:
            self.answers[path] = self.client.get(path)
        return self.answers[path]


def parse_house(given: ParseInput) -> Iterator[Observation]:
    """Read papers of the Clerk of the House (`clerk/1`)."""
    return _parse(HouseRolls(), given)


def parse_senate(given: ParseInput) -> Iterator[Observation]:
    """Read papers of the Senate (`senate/1`)."""
    return _parse(SenateRolls(), given)


def _parse(chamber: Chamber, given: ParseInput) -> Iterator[Observation]:
    """Read the papers of a bill's roll calls; `rolls` of the context are Congress, session and number of each."""
    tallies: Facet = {}
    papers = given.pages("tallies")
    numbers = given.context.get("rolls", ())
    if len(papers) != len(numbers):
        raise LookupError(f"{len(papers)} papers for {len(numbers)} roll calls")
    for paper, (congress, session, number) in zip(papers, numbers, strict=True):
        roll = chamber.read(paper.body, VotingSession.of(congress, session), number, paper.url)
        tallies = {**tallies, roll.name: roll.entry()}
    yield given.observation({"tallies": tallies}, url=public_url(given.document))
