"""What must be remembered of a chamber's roll calls between polls?

The resume position is compact JSON of our own. Times are whole seconds since 1970, UTC.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta

import msgspec
from msgspec.structs import replace

from domain.documents import DocumentId, public_url
from domain.errors import Changed, Refused, SourceError
from domain.jurisdictions.us.names import is_bill
from domain.observation import Evidence, Fault, Observation, Page, PollRequest
from domain.ports import Http
from domain.records.facets import Facet, Kind, digest
from domain.sources import Request, Response
from watchers.rollcalls.house import HouseRolls
from watchers.rollcalls.rolls import Chamber, RollCall, RollIndex, VotingSession, open_sessions, sessions_begun
from watchers.rollcalls.senate import SenateRolls

VERSION = 1


class SessionState(msgspec.Struct, frozen=True, array_like=True):
    """Where a session's list was read to: `through` is the last number handled, `digest` that of the list;
    `missing_at` is when the list was last looked for in vain, 0 if it is there."""

    through: int = 0
    digest: str = ""
    missing_at: int = 0


class PendingRoll(msgspec.Struct, frozen=True, array_like=True):
    """A roll call to be read. `bill` is what the list says it is about (`119/hr/30`), "" where it does not say; `at`
    the time from which it is asked; `tries` how often in vain; `told` that it was read once and is looked at again."""

    session: str
    number: int
    bill: str
    at: int = 0
    tries: int = 0
    told: bool = False


class RollCallsCursor(msgspec.Struct):
    """All that is remembered. `shelves` by session (`119-2`); `bills` are those whose past was read (`119/hr/30`)."""

    version: int = VERSION
    shelves: dict[str, SessionState] = {}
    bills: list[str] = []
    due: list[PendingRoll] = []


_CURSOR = msgspec.json.Decoder(RollCallsCursor)


def load_cursor(text: str | None) -> RollCallsCursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    if text is None:
        return RollCallsCursor()
    try:
        cursor = _CURSOR.decode(text)
    except ValueError:
        return RollCallsCursor()
    return cursor if cursor.version == VERSION else RollCallsCursor()


def dump_cursor(cursor: RollCallsCursor) -> str:
    """Write a resume position; equal positions give equal text."""
    return msgspec.json.encode(cursor, order="sorted").decode()


FRESH_FOR = timedelta(days=3)
"""A vote this young is not past when its bill is first followed."""

STATE_AFTER = 2 * 3600
"""Seconds after which such a vote is stated: by then the Library's own list of actions was read."""

REREAD_AFTER = 24 * 3600
"""Seconds after which the paper of a roll call is looked at once more."""

_PAUSE = 30 * 60
_MOST_TRIES = 48


class RollCallsWatcher:
    """Reads the roll calls of one chamber on followed bills."""

    def __init__(self, name: str, chamber: Chamber, base_url: str) -> None:
        self.name = name
        self._chamber = chamber
        self._base_url = base_url.rstrip("/")

    @property
    def min_interval(self) -> timedelta:
        """Nothing: the pause that counts is the one between two requests."""
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return is_bill(document)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what moved and read what followed bills were voted on.

        Raises SourceError if the list fails or the publisher refuses; one paper that cannot be read is a fault.
        """
        bills = {
            bill_path(bill): bill
            for bill, kinds in request.watched.items()
            if self.handles(bill) and Kind.VOTE in kinds
        }
        if bills:
            yield from _Poll(
                self.name, self._chamber, self._base_url, http, load_cursor(request.cursor), bills, request.now
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


@dataclass(slots=True)
class _Poll:
    """One poll while it runs. `bills` are the followed ones; `listings` what was asked of each session's list."""

    name: str
    chamber: Chamber
    base_url: str
    http: Http
    cursor: RollCallsCursor
    bills: Mapping[str, DocumentId]
    at: datetime
    asked: int = 0
    faults: list[Fault] = field(default_factory=list)
    listings: dict[str, RollIndex] = field(default_factory=dict)

    @property
    def _now(self) -> int:
        return int(self.at.timestamp())

    def pages(self) -> Iterator[Page]:
        before = dump_cursor(self.cursor)
        self._forget()
        known = set(self.cursor.bills)
        for session in open_sessions(self.at):
            if any(bill.parts[0] == str(session.congress) for bill in self.bills.values()):
                self._look(session, known)
        for name in self.bills:
            if name not in known:
                yield from self._begin(name)
        for due in [due for due in self.cursor.due if due.at <= self._now or due.at > self._now + 2 * REREAD_AFTER]:
            yield from self._read_due(due)
        after = dump_cursor(self.cursor)
        if self.asked or self.faults or after != before:
            yield Page(cursor=after if after != before else None, faults=tuple(self.faults), requests=self._spent())

    def _forget(self) -> None:
        """Drop what nobody follows any more."""
        self.cursor.bills = [name for name in self.cursor.bills if name in self.bills]
        self.cursor.due = [due for due in self.cursor.due if not due.bill or due.bill in self.bills]

    def _look(self, session: VotingSession, known: set[str]) -> None:
        """Note which new roll calls concern bills followed before."""
        shelf = self.cursor.shelves.get(session.key, SessionState())
        missing = 0 <= self._now - shelf.missing_at < REREAD_AFTER
        front = None if missing else self._front(session)
        mark = digest(front.body)[:16] if front else ""
        if front is not None and shelf.digest == mark:
            return
        beginning = shelf == SessionState() and not any(name.startswith(f"{session.congress}/") for name in known)
        listing = self.chamber.listing(front, self._get, session, None if beginning else shelf.through)
        if beginning:
            self.listings[session.key] = listing
        else:
            for number in sorted(n for n in {*listing.bills, *listing.unclear} if n > shelf.through):
                self._want(session, number, listing, known)
        missing_at = shelf.missing_at if missing else 0 if front else self._now
        self.cursor.shelves[session.key] = SessionState(max(listing.highest, shelf.through), mark, missing_at)

    def _want(self, session: VotingSession, number: int, listing: RollIndex, known: set[str]) -> None:
        bill = listing.bills.get(number)
        name = bill_path(bill) if bill else ""
        if number in listing.unclear or name in known:
            self.cursor.due.append(PendingRoll(session.key, number, name))

    def _begin(self, name: str) -> Iterator[Page]:
        """State the past of a bill that is followed anew; its first reading is its baseline, be it empty."""
        bill = self.bills[name]
        past: list[tuple[RollCall, Evidence]] = []
        later: list[PendingRoll] = []
        try:
            for session in sessions_begun(int(bill.parts[0]), self.at):
                listing = self._whole(session)
                for number in sorted(n for n, about in listing.bills.items() if about == bill):
                    roll, kept = self._paper(session, number)
                    if self._is_fresh(roll):
                        later.append(PendingRoll(session.key, number, name, self._now + STATE_AFTER))
                    else:
                        past.append((roll, kept))
        except SourceError as error:
            self._complain(bill, error)
            return
        self.cursor.bills = sorted({*self.cursor.bills, name})
        self.cursor.due += [due for due in later if not self._is_due(due)]
        yield self._page(bill, past)

    def _whole(self, session: VotingSession) -> RollIndex:
        """Read the list of a session from its first roll call on, once a poll."""
        if session.key not in self.listings:
            front = self._front(session)
            found = self.chamber.listing(front, self._get, session, None) if front else RollIndex()
            self.listings[session.key] = found
        return self.listings[session.key]

    def _is_fresh(self, roll: RollCall) -> bool:
        return date.fromisoformat(roll.on) > (self.at - FRESH_FOR).date()

    def _is_due(self, wanted: PendingRoll) -> bool:
        return any((due.session, due.number) == (wanted.session, wanted.number) for due in self.cursor.due)

    def _read_due(self, due: PendingRoll) -> Iterator[Page]:
        congress, _, number = due.session.partition("-")
        session = VotingSession.of(int(congress), int(number))
        try:
            roll, kept = self._paper(session, due.number)
        except SourceError as error:
            self._complain(self.bills.get(due.bill), error)
            self._replace(due, self._postponed(due))
            return
        name = bill_path(roll.bill) if roll.bill else ""
        bill = self.bills.get(name)
        again = PendingRoll(due.session, due.number, name, self._now + REREAD_AFTER, told=True)
        self._replace(due, None if due.told or bill is None else again)
        if bill is not None and name in self.cursor.bills:
            yield self._page(bill, [(roll, kept)])

    def _postponed(self, due: PendingRoll) -> PendingRoll | None:
        """A paper may follow its row in the list; one that never comes is given up after a day of asking."""
        return None if due.tries >= _MOST_TRIES else replace(due, at=self._now + _PAUSE, tries=due.tries + 1)

    def _replace(self, due: PendingRoll, by: PendingRoll | None) -> None:
        self.cursor.due = [one for one in self.cursor.due if one != due] + ([by] if by else [])

    def _complain(self, bill: DocumentId | None, error: SourceError) -> None:
        """A paper that cannot be read is a fault; a publisher that refuses us, or does not answer, ends the poll."""
        if not isinstance(error, Changed) and error.status != 404:
            raise error
        self.faults.append(Fault(bill, error))

    def _page(self, bill: DocumentId, rolls: list[tuple[RollCall, Evidence]]) -> Page:
        tallies: Facet = {roll.name: roll.entry() for roll, _ in rolls}
        named = {"tallies" if n == 1 else f"tallies/{n}": kept.digest for n, (_, kept) in enumerate(rolls, start=1)}
        observation = Observation(
            document=bill,
            source=self.name,
            reader=f"{self.name}/1",
            facets={"tallies": tallies},
            evidence=named,
            context={"rolls": [[roll.congress, roll.session, roll.number] for roll, _ in rolls]},
            url=public_url(bill),
        )
        evidence = tuple({kept.digest: kept for _, kept in rolls}.values())
        return Page(
            observations=(observation,), evidence=evidence, cursor=dump_cursor(self.cursor), requests=self._spent()
        )

    def _paper(self, session: VotingSession, number: int) -> tuple[RollCall, Evidence]:
        response = self._get(self.chamber.path(session, number))
        roll = self.chamber.read(response.body, session, number, response.url)
        kept = Evidence(
            digest=digest(response.body),
            url=response.url,
            fetched_at=response.fetched_at.astimezone(UTC),
            content_type=response.headers.get("content-type", "text/xml"),
            body=response.body,
        )
        return roll, kept

    def _front(self, session: VotingSession) -> Response | None:
        """Ask for a session's list; None where there is none, as before the first vote of a session."""
        try:
            return self._get(self.chamber.index(session))
        except Refused as error:
            if error.status != 404:
                raise
            return None

    def _get(self, place: str) -> Response:
        self.asked += 1
        return self.http(Request(url=self.base_url + place))

    def _spent(self) -> int:
        spent, self.asked = self.asked, 0
        return spent
