"""How does the Clerk of the House publish roll calls?

`/evs/2026/index.asp` is a table for people of the newest roll calls, `/evs/2026/ROLL_300.asp` of the hundred from 300
on; each row names number, day, issue, question, result and title. `/evs/2026/roll314.xml` is the paper of one. The
tables were reported missing at times; then the next number is tried, which answers 404 until there is such a vote.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.errors import Changed, Refused
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
    stated_number,
    text_of,
)

MOST_ROLL_CALLS = 4000
"""No session has had half as many."""

LONGEST_GAP = 2
"""Numbers in a row that may be without a paper, because votes were vacated."""

MAX_PROBES = 40
"""Numbers tried in one poll when there is no table; a long day in the House has fewer votes."""

_ROLL = re.compile(r"[0-9]{1,4}")
_ISSUE = 2
_DATES = ("%d-%b-%Y %H:%M",)


class HouseRolls:
    """The House of Representatives and its Clerk."""

    name = "House"

    def index(self, session: VotingSession) -> str:
        return f"/evs/{session.year}/index.asp"

    def path(self, session: VotingSession, number: int) -> str:
        return f"/evs/{session.year}/roll{number:03d}.xml"

    def listing(self, front: Response | None, get: GetPaper, session: VotingSession, since: int | None) -> RollIndex:
        if front is None:
            return self._tried(get, session, since)
        issues = parse_table(front.body)
        if not issues and since:
            raise Changed(f"{self.index(session)}: expected roll calls up to {since} at least, saw a table without any")
        begin, highest = (since or 0) + 1, max(issues, default=0)
        for hundred in range(begin // 100 * 100, highest + 1, 100):
            if any(n not in issues for n in range(max(begin, hundred), min(hundred + 99, highest) + 1)):
                issues = parse_table(get(f"/evs/{session.year}/ROLL_{hundred:03d}.asp").body) | issues
        bills = {n: measure_named(issue, session.congress) for n, issue in issues.items()}
        return RollIndex(bills, highest=highest)

    def _tried(self, get: GetPaper, session: VotingSession, since: int | None) -> RollIndex:
        """Find new roll calls without a table: their own papers say what they are about."""
        exists = _RollProbe(self, get, session)
        if since is None:
            return RollIndex(highest=exists.highest())
        found: list[int] = []
        last = since
        while last - since < MAX_PROBES and (following := exists.first_from(last + 1)) is not None:
            found.append(following)
            last = following
        return RollIndex(unclear=frozenset(found), highest=last)

    def read(self, body: bytes, session: VotingSession, number_: int, url: str) -> RollCall:
        where = f"House roll call {number_} of {session.year}"
        found = first_child(parse_paper(body, "rollcall-vote", where), "vote-metadata")
        if found is None:
            raise Changed(f"{where}: expected <vote-metadata>, saw none")
        stated = (stated_number(found, where, "congress"), stated_number(found, where, "rollcall-num"))
        if stated != (session.congress, number_):
            raise Changed(f"{where}: expected Congress {session.congress}, roll call {number_}, saw {stated}")
        clock = first_child(found, "action-time")
        hour = (clock.get("time-etz") if clock is not None else None) or "00:00"
        taken_at = local_time(f"{text_of(found, 'action-date')} {hour}", _DATES, f"{where}: <action-date>")
        kind = (text_of(found, "vote-type") or "").lower()
        return RollCall(
            chamber=self.name,
            congress=session.congress,
            session=session.session,
            year=session.year,
            number=number_,
            bill=measure_named(text_of(found, "legis-num"), session.congress),
            question=text_of(found, "vote-question") or "Vote",
            result=text_of(found, "vote-result") or "no result stated",
            on=taken_at.date().isoformat(),
            taken_at=taken_at if clock is not None else None,
            url=url,
            tally=_totals(found, where),
            parties=by_size(dict(_by_party(found, where))),
            about=text_of(found, "vote-desc"),
            amendment=_amendment(found),
            requires="2/3" if kind.startswith("2/3") else "3/5" if kind.startswith("3/5") else None,
        )


class _RollProbe:
    """Says whether there is a roll call of a number, by asking for its paper.

    A vote that was vacated leaves its number without a paper for good; and a 200 is no paper by itself: for numbers
    that do not exist the Clerk has answered one with an error in it.
    """

    def __init__(self, house: HouseRolls, get: GetPaper, session: VotingSession) -> None:
        self._house = house
        self._get = get
        self._session = session

    def first_from(self, number: int) -> int | None:
        """Return the first number that has a paper, from this one on; None where a few in a row have none."""
        return next((n for n in range(number, number + LONGEST_GAP + 1) if self._has_paper(n)), None)

    def _has_paper(self, number: int) -> bool:
        try:
            body = self._get(self._house.path(self._session, number)).body
            found = first_child(parse_paper(body, "rollcall-vote", "roll call"), "vote-metadata")
        except Refused as error:
            if error.status != 404:
                raise
            return False
        except Changed:
            return False
        stated = [text_of(found, name) for name in ("congress", "rollcall-num")] if found is not None else []
        return stated == [str(self._session.congress), str(number)]

    def highest(self) -> int:
        """Find the last roll call of a session by halving: some twenty questions settle a thousand."""
        above = 1
        while above <= MOST_ROLL_CALLS and self.first_from(above) is not None:
            above *= 2
        below = above // 2
        while above - below > 1:
            middle = (above + below) // 2
            found = self.first_from(middle)
            below, above = (max(middle, found), above) if found is not None else (below, middle)
        return below


def _totals(found: Node, where: str) -> VoteTally | None:
    totals = first_child(found, "vote-totals", "totals-by-vote")
    return None if totals is None else _tally(totals, where)


def _by_party(found: Node, where: str) -> Iterator[tuple[str, VoteTally]]:
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


def parse_table(body: bytes) -> dict[int, str]:
    """Return the roll calls of a table and the issue each is about; rows that are none (headings) are left out."""
    try:
        rows = [cells for _, cells in table_rows(parse_html(body))]
    except MALFORMED:
        return {}
    return {int(row[0]): row[_ISSUE] for row in rows if len(row) > _ISSUE and _ROLL.fullmatch(row[0])}
