"""How does the Secretary of the Senate publish roll calls?

`vote_menu_119_2.xml` lists all of a session with number, day, issue, question and result; its row does not always name
the bill (an amendment, an en bloc vote). `vote_119_2_00217.xml` is the paper of one, which lists every senator with
party; totals by party are counted from that list.
"""

from __future__ import annotations

from collections.abc import Iterator

from domain.documents import DocumentId
from domain.errors import Changed
from domain.sources import Response
from watchers.markup import Node, first_child
from watchers.rollcalls.rolls import (
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
    senate_amendment,
    stated_number,
    text_of,
)

_LISTS = "/legislative/LIS/roll_call_lists"
_VOTES = "/legislative/LIS/roll_call_votes"
_DATES = ("%B %d, %Y, %I:%M %p", "%B %d, %Y")
_WAYS = {"yea": 0, "guilty": 0, "nay": 1, "not guilty": 1, "present": 2, "present, giving live pair": 2}
_ABSENT = 3


class SenateRolls:
    """The Senate and its Secretary."""

    name = "Senate"

    def index(self, session: VotingSession) -> str:
        return f"{_LISTS}/vote_menu_{session.congress}_{session.session}.xml"

    def path(self, session: VotingSession, number: int) -> str:
        part = f"{session.congress}_{session.session}"
        return f"{_VOTES}/vote{session.congress}{session.session}/vote_{part}_{number:05d}.xml"

    def listing(self, front: Response | None, get: GetPaper, session: VotingSession, since: int | None) -> RollIndex:
        if front is None:
            if since:
                raise Changed(f"{self.index(session)}: expected roll calls up to {since} at least, saw no such list")
            return RollIndex()
        return parse_menu(front.body, session, since)

    def read(self, body: bytes, session: VotingSession, number_: int, url: str) -> RollCall:
        where = f"Senate roll call {number_} of {session.year}"
        found = parse_paper(body, "roll_call_vote", where)
        stated = tuple(stated_number(found, where, name) for name in ("congress", "session", "vote_number"))
        if stated != (session.congress, session.session, number_):
            expected = (session.congress, session.session, number_)
            raise Changed(f"{where}: expected Congress, session and number {expected}, saw {stated}")
        said = text_of(found, "vote_date")
        taken_at = local_time(said, _DATES, f"{where}: <vote_date>")
        return RollCall(
            chamber=self.name,
            congress=session.congress,
            session=session.session,
            year=session.year,
            number=number_,
            bill=_bill(found, session.congress),
            question=text_of(found, "question") or text_of(found, "vote_question_text") or "Vote",
            result=text_of(found, "vote_result") or "no result stated",
            on=taken_at.date().isoformat(),
            taken_at=taken_at if said and ":" in said else None,
            url=url,
            tally=_totals(found, where),
            parties=_by_party(found),
            about=text_of(found, "vote_title") or text_of(found, "vote_document_text"),
            amendment=text_of(found, "amendment", "amendment_number"),
            requires=_requires(found),
        )


def parse_menu(body: bytes, session: VotingSession, since: int | None) -> RollIndex:
    """Read the list of a session; Changed if it is another session's, or has lost what it had."""
    where = f"Senate roll calls of {session.year}"
    found = parse_paper(body, "vote_summary", where)
    stated = (stated_number(found, where, "congress"), stated_number(found, where, "session"))
    if stated != (session.congress, session.session):
        raise Changed(f"{where}: expected Congress and session {(session.congress, session.session)}, saw {stated}")
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
        raise Changed(f"{where}: expected roll calls up to {since} at least, saw a list without any")
    return RollIndex(bills, frozenset(unclear), max(bills, default=0))


def _bill(found: Node, congress: int) -> DocumentId | None:
    """Return the bill a paper is about: its document, else what the amendment voted on would amend."""
    kind, place = text_of(found, "document", "document_type"), text_of(found, "document", "document_number")
    for said in (
        f"{kind} {place}" if kind and place else None,
        text_of(found, "document", "document_name"),
        text_of(found, "amendment", "amendment_to_document_number"),
    ):
        bill = measure_named(said, _congress(found, congress))
        if bill is not None:
            return bill
    return None


def _congress(found: Node, congress: int) -> int:
    said = text_of(found, "document", "document_congress") or ""
    return int(said) if said.isascii() and said.isdigit() and int(said) else congress


def _totals(found: Node, where: str) -> VoteTally | None:
    count = first_child(found, "count")
    if count is None or not text_of(count, "yeas"):
        return None
    yea, nay, present, absent = (
        stated_number(count, where, n, absent=0) for n in ("yeas", "nays", "present", "absent")
    )
    return VoteTally(yea, nay, present, absent)


def _by_party(found: Node) -> dict[str, VoteTally]:
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


def _requires(found: Node) -> str | None:
    said = text_of(found, "majority_requirement")
    return said if said and said != "1/2" else None
