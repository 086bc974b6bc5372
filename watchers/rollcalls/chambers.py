"""How do the chambers of Congress publish roll calls?

The Clerk of the House: `/evs/2026/index.asp` is a table for people of the newest roll calls, `/evs/2026/ROLL_300.asp`
of the hundred from 300 on; each row names number, day, issue, question, result and title. `/evs/2026/roll314.xml` is
the paper of one. The tables were reported missing at times; then the papers of the next numbers are asked for.

The Secretary of the Senate: `vote_menu_119_2.xml` lists all of a session with number, day, issue, question and result;
its row does not always name the bill (an amendment, an en bloc vote). `vote_119_2_00217.xml` is the paper of one, which
lists every senator with party; totals by party are counted from that list.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.coded_text import phrase
from domain.documents import DocumentId
from domain.errors import Changed, Refused, mismatch
from domain.sources import Response
from watchers.markup import MALFORMED, Node, first_child, parse_html, table_rows
from watchers.rollcalls.rolls import (
    PARTIES,
    GetPaper,
    RollCall,
    RollIndex,
    VoteTally,
    VotingSession,
    by_size,
    children_named,
    local_time,
    measure_named,
    parse_paper,
    says_absent,
    senate_amendment,
    stated_number,
    text_of,
)

MOST_ROLL_CALLS = 4000
"""No session has had half as many."""

LONGEST_GAP = 2
"""Numbers in a row that may be without a paper, because votes were vacated."""

MAX_PROBES = 40
"""Numbers tried in one poll when there is no table; a long day in the House has fewer votes."""

FARTHEST, FAR_PROBES = 90, 3
"""How many numbers behind such a gap are tried as well, and so many of them in one poll; besides these one that lies
farther and farther."""

_ROLL = re.compile(r"[0-9]{1,4}")
_LINKED_YEAR = re.compile(r"[?&]year=(\d{4})\b|/evs/(\d{4})/")
_ISSUE = 2
_HOUSE_DATES = ("%d-%b-%Y %H:%M",)


class HouseRolls:
    """The House of Representatives and its Clerk."""

    name = "House"
    numbered = True

    def index(self, session: VotingSession) -> str:
        return f"/evs/{session.year}/index.asp"

    def path(self, session: VotingSession, number: int) -> str:
        return f"/evs/{session.year}/roll{number:03d}.xml"

    def listing(
        self, front: Response | None, get: GetPaper, session: VotingSession, since: int | None, turn: int = 0
    ) -> RollIndex:
        if front is None:
            exists = _RollProbe(self, get, session)
            return exists.highest() if since is None else exists.following(since, turn)
        issues = parse_table(front.body, session.year)
        if not issues and since:
            raise _shorter(self.index(session), since)
        begin, highest = (since or 0) + 1, max(issues, default=0)
        for hundred in range(begin // 100 * 100, highest + 1, 100):
            if any(n not in issues for n in range(max(begin, hundred), min(hundred + 99, highest) + 1)):
                issues = self._earlier(get, session, hundred) | issues
        bills = {n: measure_named(issue, session.congress) for n, issue in issues.items()}
        return RollIndex(bills, highest=highest)

    def _earlier(self, get: GetPaper, session: VotingSession, hundred: int) -> dict[int, str]:
        """Read the table of a hundred; of one that is not there, the papers of its roll calls will have to say."""
        try:
            return parse_table(get(f"/evs/{session.year}/ROLL_{hundred:03d}.asp").body, session.year)
        except Refused as error:
            if error.status != 404:
                raise
            return {}

    def has_list(self, body: bytes, session: VotingSession) -> bool:
        try:
            rows = [cells for _, cells in table_rows(parse_html(body))]
        except MALFORMED:
            return False
        return any(len(cells) > _ISSUE and cells[0].lower() in ("roll", "roll call") for cells in rows) or bool(
            parse_table(body, session.year)
        )

    def paper(self, body: bytes, session: VotingSession, number: int) -> Node:
        """Return what the paper of a roll call says of it; Changed when it is another one's, or none."""
        where = self.path(session, number)
        found = first_child(parse_paper(body, "rollcall-vote", where), "vote-metadata")
        if found is None:
            raise Changed(mismatch(where, "a <{name}>", name="vote-metadata"))
        stated = (stated_number(found, where, "congress"), _session(found), stated_number(found, where, "rollcall-num"))
        if stated not in ((session.congress, session.session, number), (session.congress, None, number)):
            raise _other_roll((session.congress, session.session, number), stated, where)
        return found

    def read(self, body: bytes, session: VotingSession, number_: int, url: str) -> RollCall:
        where = self.path(session, number_)
        found = self.paper(body, session, number_)
        clock = first_child(found, "action-time")
        hour = (clock.get("time-etz") if clock is not None else None) or "00:00"
        taken_at = local_time(f"{text_of(found, 'action-date')} {hour}", _HOUSE_DATES, f"{where}: <action-date>")
        kind = (text_of(found, "vote-type") or "").lower()
        return RollCall(
            chamber=self.name,
            congress=session.congress,
            session=session.session,
            year=session.year,
            number=number_,
            bill=measure_named(text_of(found, "legis-num"), session.congress),
            question=text_of(found, "vote-question") or "",
            result=text_of(found, "vote-result") or "",
            on=taken_at.date().isoformat(),
            taken_at=taken_at if clock is not None else None,
            url=url,
            tally=_house_totals(found, where),
            parties=by_size(dict(_house_parties(found, where))),
            about=text_of(found, "vote-desc"),
            amendment=_amendment(found),
            requires="2/3" if kind.startswith("2/3") else "3/5" if kind.startswith("3/5") else None,
        )


class _RollProbe:
    """Finds roll calls without a table, by asking for their papers: those say what they are about.

    A vote that was vacated leaves its number without a paper for good; and a 200 is no paper by itself: for numbers
    that do not exist the Clerk has answered one with an error in it.
    """

    def __init__(self, house: HouseRolls, get: GetPaper, session: VotingSession) -> None:
        self._house = house
        self._get = get
        self._session = session
        self._unreadable: Changed | None = None

    def following(self, since: int, turn: int) -> RollIndex:
        """Find the roll calls after number `since`. Besides the next numbers some beyond a longer gap are tried, others
        at each `turn`: a day of polls goes over all of them. Behind a gap of any length the walk goes on from the first
        number that has a paper."""
        beyond = since + LONGEST_GAP + 2
        far = [beyond + (turn * FAR_PROBES + step) % FARTHEST for step in range(FAR_PROBES)]
        far.append(min(beyond + (FARTHEST << turn % 5), MOST_ROLL_CALLS))
        known = max((n for n in far if n > since and self._has_paper(n)), default=since)
        found = self._walk(since, known)
        if not found and known > since:
            found = self._walk(self._behind_gap(since, known) - 1, known)
        highest = max(found, default=since)
        return RollIndex(unclear=frozenset(found), highest=highest, doubt=None if found else self._unreadable)

    def _walk(self, since: int, known: int) -> list[int]:
        """Return the numbers after `since` that have a paper, up to a gap; `known` is one that has, or none beyond."""
        found: list[int] = []
        for number in range(since + 1, since + MAX_PROBES + 1):
            if number > max((found or [since])[-1] + LONGEST_GAP + 1, known):
                break
            if self._has_paper(number):
                found.append(number)
        return found

    def _behind_gap(self, absent: int, present: int) -> int:
        """Return the first number behind a gap, by halving between one that has no paper and one that has."""
        while present - absent > 1:
            middle = (absent + present) // 2
            absent, present = (absent, middle) if self._has_paper(middle) else (middle, present)
        return present

    def highest(self) -> RollIndex:
        """Find the last roll call of a session by halving: some twenty questions settle a thousand."""
        above = 1
        while above <= MOST_ROLL_CALLS and self._first_from(above) is not None:
            above *= 2
        below = above // 2
        while above - below > 1:
            middle = (above + below) // 2
            found = self._first_from(middle)
            below, above = (max(middle, found), above) if found is not None else (below, middle)
        return RollIndex(highest=below, doubt=None if below else self._unreadable)

    def _first_from(self, number: int) -> int | None:
        """Return the first number that has a paper, from this one on; None where a few in a row have none."""
        return next((n for n in range(number, number + LONGEST_GAP + 1) if self._has_paper(n)), None)

    def _has_paper(self, number: int) -> bool:
        url, body = self._house.path(self._session, number), b""
        try:
            body = self._get(url).body
            self._house.paper(body, self._session, number)
        except Refused as error:
            if error.status != 404:
                raise
            return False
        except Changed as error:
            if b"<rollcall-vote" not in body and not says_absent(body):
                self._unreadable = error
            return False
        return True


def _other_roll(expected: tuple[int | None, ...], stated: tuple[int | None, ...], where: str) -> Changed:
    """Say that a paper is another one's: Congress, session, and number where it has one."""
    return Changed(mismatch(where, "Congress, session and number {stated}", str(stated), stated=str(expected)))


def _shorter(where: str, since: int) -> Changed:
    return Changed(mismatch(where, "roll calls up to {n} at least", phrase("a list without any"), n=since))


def _session(found: Node) -> int | None:
    """Return the session that a paper names (`2nd`), None if it names none."""
    said = text_of(found, "session") or ""
    return int(said[0]) if said[:1] in ("1", "2") else None


def _house_totals(found: Node, where: str) -> VoteTally | None:
    totals = first_child(found, "vote-totals", "totals-by-vote")
    return None if totals is None else _tally(totals, where)


def _house_parties(found: Node, where: str) -> Iterator[tuple[str, VoteTally]]:
    totals = first_child(found, "vote-totals")
    for row in children_named(totals, "totals-by-party") if totals is not None else ():
        name = text_of(row, "party") or "unknown"
        yield PARTIES.get(name.lower(), name), _tally(row, where)


def _tally(row: Node, where: str) -> VoteTally:
    yea, nay, present, absent = (
        stated_number(row, where, f"{name}-total", absent=0) for name in ("yea", "nay", "present", "not-voting")
    )
    return VoteTally(yea, nay, present, absent)


def _amendment(found: Node) -> str | None:
    """Name an amendment as the paper does: by its author, whose words hold its number in the committee's report."""
    author, place = text_of(found, "amendment-author"), text_of(found, "amendment-num")
    return author or (f"amendment {place}" if place else None)


def parse_table(body: bytes, year: int | None = None) -> dict[int, str]:
    """Return the roll calls of a table and the issue each is about; rows that are none (headings), and those whose
    links name another `year`, are left out."""
    try:
        rows = [(cells, _linked_years(row)) for row, cells in table_rows(parse_html(body))]
    except MALFORMED:
        return {}
    found = {
        int(cells[0]): cells[_ISSUE]
        for cells, years in rows
        if len(cells) > _ISSUE and _ROLL.fullmatch(cells[0]) and (year is None or years <= {year})
    }
    return {number: issue for number, issue in found.items() if number <= MOST_ROLL_CALLS}


def _linked_years(row: Node) -> set[int]:
    links = (link.get("href") or "" for link in row.iter("a"))
    return {int(year) for link in links for years in _LINKED_YEAR.findall(link) for year in years if year}


_LISTS = "/legislative/LIS/roll_call_lists"
_VOTES = "/legislative/LIS/roll_call_votes"
_SENATE_DATES = ("%B %d, %Y, %I:%M %p", "%B %d, %Y")
_WAYS = {"yea": 0, "guilty": 0, "nay": 1, "not guilty": 1, "present": 2, "present, giving live pair": 2}
_ABSENT = 3


class SenateRolls:
    """The Senate and its Secretary."""

    name = "Senate"
    numbered = False

    def index(self, session: VotingSession) -> str:
        return f"{_LISTS}/vote_menu_{session.congress}_{session.session}.xml"

    def path(self, session: VotingSession, number: int) -> str:
        part = f"{session.congress}_{session.session}"
        return f"{_VOTES}/vote{session.congress}{session.session}/vote_{part}_{number:05d}.xml"

    def listing(
        self, front: Response | None, get: GetPaper, session: VotingSession, since: int | None, turn: int = 0
    ) -> RollIndex:
        return RollIndex() if front is None else parse_menu(front.body, session, since)

    def has_list(self, body: bytes, session: VotingSession) -> bool:
        return not says_absent(body)

    def read(self, body: bytes, session: VotingSession, number_: int, url: str) -> RollCall:
        where = self.path(session, number_)
        found = parse_paper(body, "roll_call_vote", where)
        stated = tuple(stated_number(found, where, name) for name in ("congress", "session", "vote_number"))
        if stated != (session.congress, session.session, number_):
            raise _other_roll((session.congress, session.session, number_), stated, where)
        said = text_of(found, "vote_date")
        taken_at = local_time(said, _SENATE_DATES, f"{where}: <vote_date>")
        return RollCall(
            chamber=self.name,
            congress=session.congress,
            session=session.session,
            year=session.year,
            number=number_,
            bill=_senate_bill(found, session.congress),
            question=text_of(found, "question") or text_of(found, "vote_question_text") or "",
            result=text_of(found, "vote_result") or "",
            on=taken_at.date().isoformat(),
            taken_at=taken_at if said and ":" in said else None,
            url=url,
            tally=_senate_totals(found, where),
            parties=_senate_parties(found),
            about=text_of(found, "vote_title") or text_of(found, "vote_document_text"),
            amendment=text_of(found, "amendment", "amendment_number"),
            requires=_majority(found),
        )


def parse_menu(body: bytes, session: VotingSession, since: int | None) -> RollIndex:
    """Read the list of a session; Changed if it is another session's, or has lost what it had."""
    where = SenateRolls().index(session)
    found = parse_paper(body, "vote_summary", where)
    stated = (stated_number(found, where, "congress"), stated_number(found, where, "session"))
    if stated != (session.congress, session.session):
        raise _other_roll((session.congress, session.session), stated, where)
    bills: dict[int, DocumentId | None] = {}
    unclear = set()
    votes = first_child(found, "votes")
    for row in children_named(votes, "vote") if votes is not None else ():
        roll = stated_number(row, where, "vote_number")
        issue, about = text_of(row, "issue"), text_of(row, "question", "measure")
        bills[roll] = measure_named(issue, session.congress) or measure_named(about, session.congress)
        if bills[roll] is None and any(senate_amendment(said, session.congress) for said in (issue, about)):
            unclear.add(roll)
    if since and not bills:
        raise _shorter(where, since)
    return RollIndex(bills, frozenset(unclear), max(bills, default=0))


def _senate_bill(found: Node, congress: int) -> DocumentId | None:
    """Return the bill a paper is about: its document, else what the amendment voted on would amend."""
    kind, place = text_of(found, "document", "document_type"), text_of(found, "document", "document_number")
    for said in (
        f"{kind} {place}" if kind and place else None,
        text_of(found, "document", "document_name"),
        text_of(found, "amendment", "amendment_to_document_number"),
    ):
        bill = measure_named(said, _document_congress(found, congress))
        if bill is not None:
            return bill
    return None


def _document_congress(found: Node, congress: int) -> int:
    said = text_of(found, "document", "document_congress") or ""
    return int(said) if said.isascii() and said.isdigit() and int(said) else congress


def _senate_totals(found: Node, where: str) -> VoteTally | None:
    count = first_child(found, "count")
    if count is None or not text_of(count, "yeas"):
        return None
    yea, nay, present, absent = (
        stated_number(count, where, n, absent=0) for n in ("yeas", "nays", "present", "absent")
    )
    return VoteTally(yea, nay, present, absent)


def _senate_parties(found: Node) -> dict[str, VoteTally]:
    counts: dict[str, list[int]] = {}
    for party, way in _votes(found):
        counts.setdefault(party, [0, 0, 0, 0])[way] += 1
    return by_size({party: VoteTally(*ways) for party, ways in counts.items()})


def _votes(found: Node) -> Iterator[tuple[str, int]]:
    members = first_child(found, "members")
    for member in children_named(members, "member") if members is not None else ():
        party = text_of(member, "party")
        if party:
            yield party, _WAYS.get((text_of(member, "vote_cast") or "").lower(), _ABSENT)


def _majority(found: Node) -> str | None:
    said = text_of(found, "majority_requirement")
    return said if said and said != "1/2" else None
