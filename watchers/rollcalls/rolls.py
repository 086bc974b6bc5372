"""What is a roll call, which session and which bill does it belong to, and how is its paper opened?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.errors import Changed, mismatch, parse_fault, seen
from domain.jurisdictions.us.names import congress_on, us_bill
from domain.records.facets import Entry
from domain.sources import Response
from watchers.markup import (
    ENTITIES,
    MALFORMED,
    Node,
    defines_entities,
    first_child,
    parse_html,
    parse_xml,
    words_of,
)

PARTIES = {"republican": "R", "democratic": "D", "democrat": "D", "independent": "I"}
"""How the Clerk writes a party → the letter that stands for it everywhere else."""


@dataclass(frozen=True, slots=True)
class VoteTally:
    """How many voted which way. The House calls it yea and nay or aye and no; `absent` did not vote."""

    yea: int
    nay: int
    present: int = 0
    absent: int = 0

    def entry(self) -> dict[str, int]:
        return {"yea": self.yea, "nay": self.nay, "present": self.present, "not_voting": self.absent}

    @property
    def words(self) -> str:
        """Return `221–205`, with `1 present` behind it where somebody was; who was absent decided nothing."""
        return f"{self.yea}–{self.nay}" + (f", {self.present} present" if self.present else "")


@dataclass(frozen=True, slots=True)
class RollCall:
    """One roll call as its chamber states it.

    `bill` is None for a vote on something else. `taken_at` is aware, in Washington's time (both chambers print local
    time without a zone); `on` is its day there. `tally` is None for an election or a call of the roll, where nobody
    votes yea or nay. `requires` is the majority needed (`2/3`) where the source states it.
    """

    chamber: str
    congress: int
    session: int
    year: int
    number: int
    bill: DocumentId | None
    question: str
    result: str
    on: str
    taken_at: datetime | None
    url: str
    tally: VoteTally | None = None
    parties: Mapping[str, VoteTally] = field(default_factory=dict)
    about: str | None = None
    amendment: str | None = None
    requires: str | None = None

    @property
    def name(self) -> str:
        """The identity of the vote, as both chambers count: by year and number."""
        return roll_name(self.congress, self.chamber, self.year, self.number)

    @property
    def label(self) -> CodedText:
        """Say `House roll call 314, On Passage: Passed 221–205 (R 210–3, D 11–202)`."""
        by_party = ", ".join(f"{party} {tally.words}" for party, tally in self.parties.items())
        totals = (f" {self.tally.words}" if self.tally else "") + (f" ({by_party})" if by_party else "")
        asked = f"{self.question} ({self.amendment})".lstrip() if self.amendment else self.question
        words = ": ".join(filter(None, (asked, f"{self.result}{totals}".strip())))
        code = "vote.roll_call" if self.result else "vote.without_result"
        return coded(code, chamber=self.chamber, number=self.number, words=words)

    def entry(self) -> Entry:
        """Return the entry of the facet `tallies`."""
        about = f" – {self.about}" if self.about else ""
        members: dict[str, Any] = {
            "on": self.on,
            "text": ": ".join(filter(None, (self.question, self.result))) + about,
            "label": self.label.to_json(),
            "chamber": self.chamber,
            "congress": self.congress,
            "session": self.session,
            "roll": self.number,
            "taken_at": self.taken_at.isoformat() if self.taken_at else None,
            "question": self.question,
            "result": self.result or coded("vote.no_result").to_json(),
            "totals": self.tally.entry() if self.tally else None,
            "parties": {party: tally.entry() for party, tally in self.parties.items()},
            "amendment": self.amendment,
            "requires": self.requires,
            "url": self.url,
        }
        return members


def roll_name(congress: int, chamber: str, year: int, number: int) -> str:
    """Return the identity of a roll call: us/vote/119/house/2026/314."""
    return f"us/vote/{congress}/{chamber.lower()}/{year}/{number}"


def by_size(parties: Mapping[str, VoteTally]) -> dict[str, VoteTally]:
    """Put the larger party first; one of which nobody voted or was absent is left out."""
    sizes = {p: t.yea + t.nay + t.present + t.absent for p, t in parties.items()}
    return {p: parties[p] for p in sorted(parties, key=lambda p: (-sizes[p], p)) if sizes[p]}


WASHINGTON = ZoneInfo("America/New_York")

_DIGITS = re.compile(r"[0-9]{1,6}")


_ABSENT = re.compile(
    r"not[- ](?:yet[- ])?available|not found|does not exist|no such|error sanitizing|\b404\b|please try again",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 200_000


def says_absent(body: bytes, url: str = "") -> bool:
    """Say whether an answer with status 200 is in truth a notice that there is no such paper or list (yet): nothing at
    all, an element with an error in it, the page that the publisher was redirected to, or one headed "Not Found"."""
    if not body.strip() or _ABSENT.search(url.rpartition("/")[2]):
        return True
    try:
        root = parse_html(body[:_LONGEST_NOTICE])
    except MALFORMED:
        return False
    if any(True for name in ("rollcall-vote", "roll_call_vote", "vote_summary") for _ in root.iter(name)):
        return False
    return any(_ABSENT.search(words_of(node)) for node in root.iter("title", "h1", "h2", "h3", "xml"))


def parse_paper(body: bytes, root: str, where: str) -> Node:
    """Return the root element of a paper; Changed if it is another kind of document, or a page for people."""
    try:
        found = parse_xml(body)
    except MALFORMED as error:
        raise Changed(mismatch(where, "the XML of a <{name}>", parse_fault(error), name=root)) from error
    if defines_entities(found):
        raise Changed(mismatch(where, "XML", ENTITIES))
    if found.tag != root:
        raise Changed(mismatch(where, "a <{name}>", f"<{str(found.tag)[:40]}>", name=root))
    return found


def children_named(node: Node, name: str) -> Iterator[Node]:
    yield from node.iterchildren(name)


def text_of(node: Node, *names: str) -> str | None:
    """Return all words inside the first element down the path, on one line; None when there are none."""
    found = first_child(node, *names)
    return None if found is None else words_of(found) or None


def stated_number(node: Node, where: str, *names: str, absent: int | None = None) -> int:
    """Return a number that the paper must state, or `absent` where it may leave it empty."""
    said = text_of(node, *names)
    if said is None and absent is not None:
        return absent
    if said is None or not _DIGITS.fullmatch(said):
        raise Changed(mismatch(where, "a number in <{name}>", seen(said), name="/".join(names)))
    return int(said)


def local_time(said: str | None, forms: tuple[str, ...], where: str) -> datetime:
    """Read a time of the Capitol, printed without its zone; Changed when it has none of the known forms."""
    for form in forms:
        try:
            return datetime.strptime(said or "", form).replace(tzinfo=WASHINGTON)
        except ValueError:
            continue
    example = datetime(2026, 1, 20, 17, 33, tzinfo=WASHINGTON).strftime(forms[0])
    raise Changed(mismatch(where, "a time such as {example}", seen(said), example=repr(example)))


OPEN_AFTER_END = timedelta(days=14)
"""How long after its end a session is still asked: papers come late and are put right."""


@dataclass(frozen=True, slots=True)
class VotingSession:
    """One session: `us/vote/119/house/2026/…` belongs to congress 119, session 2, year 2026."""

    congress: int
    session: int
    year: int

    @property
    def key(self) -> str:
        return f"{self.congress}-{self.session}"

    @classmethod
    def of(cls, congress: int, session: int) -> VotingSession:
        return cls(congress, session, 1786 + 2 * congress + session)


def session_at(now: datetime) -> VotingSession:
    """Return the session that counts roll calls at that moment."""
    return _session_on(now.astimezone(WASHINGTON).date())


def open_sessions(now: datetime) -> tuple[VotingSession, ...]:
    """Return the sessions whose roll calls may still be news: the present one, and for two weeks the one before."""
    today = now.astimezone(WASHINGTON).date()
    return tuple(dict.fromkeys((_session_on(today - OPEN_AFTER_END), _session_on(today))))


def sessions_begun(congress: int, now: datetime) -> Iterator[VotingSession]:
    """Yield the sessions of a Congress that have begun."""
    present = session_at(now)
    for number in (1, 2):
        session = VotingSession.of(congress, number)
        if session.year <= present.year:
            yield session


def _session_on(day: date) -> VotingSession:
    congress = congress_on(day)
    first = VotingSession.of(congress, 1)
    second_begins = date(first.year + 1, 1, 3)
    return first if day < second_begins else VotingSession.of(congress, 2)


GetPaper = Callable[[str], Response]
"""Asks for a path below the base address; Refused with status 404 when there is no such paper."""


@dataclass(frozen=True, slots=True)
class RollIndex:
    """What an index names. `bills` maps each roll call to the bill it is about, or to None when it is about something
    else; `unclear` are those whose own paper has to say; `highest` is the greatest number that is certain to exist;
    `doubt` is an answer that neither was a paper nor said that there is none."""

    bills: Mapping[int, DocumentId | None] = field(default_factory=dict)
    unclear: frozenset[int] = frozenset()
    highest: int = 0
    doubt: Changed | None = None

    def skipped(self, since: int) -> frozenset[int]:
        """Return the numbers after `since` that the index passes over: vacated votes, and papers that come late."""
        return frozenset(range(since + 1, self.highest + 1)) - self.bills.keys() - self.unclear


class Chamber(Protocol):
    """A chamber and its papers."""

    name: str
    """`House` or `Senate`."""

    numbered: bool
    """Whether papers can be found by their numbers alone, where there is no list."""

    def index(self, session: VotingSession) -> str:
        """Return the path of the list that shows first whether anything moved."""

    def has_list(self, body: bytes, session: VotingSession) -> bool:
        """Say whether an answer of `index` is a list of that session, if only an empty one."""

    def listing(
        self, front: Response | None, get: GetPaper, session: VotingSession, since: int | None, turn: int = 0
    ) -> RollIndex:
        """Read which bills the roll calls after number `since` are about; None stands for all, of which only the
        highest number is needed where the list itself does not exist. `front` is the answer of `index`, None if the
        publisher has no such paper; `turn` counts the polls without one."""

    def path(self, session: VotingSession, number: int) -> str:
        """Return the path of one roll call's paper."""

    def read(self, body: bytes, session: VotingSession, number: int, url: str) -> RollCall:
        """Read one roll call's paper; Changed when it is another one's, or none."""


_MEASURE = re.compile(r"\b(H|S)[. ]*(R|J[. ]*RES|CON[. ]*RES|RES)?[. ]*(\d{1,5})\b", re.IGNORECASE)
_AMENDMENT = re.compile(r"\bS[. ]*(U)?[. ]*AMDT[. ]*(?:NO[. ]*)?(\d{1,5})\b", re.IGNORECASE)


def measure_named(words: str | None, congress: int) -> DocumentId | None:
    """Return the bill that a whole text names (`H R 30`), None if it names something else."""
    found = _MEASURE.fullmatch(" ".join((words or "").split()).strip(" ."))
    return None if found is None else _measure(found, congress)


def senate_amendment(words: str | None, congress: int) -> DocumentId | None:
    """Return the amendment that a text names (`S.Amdt. 2382`): us/amendment/119/samdt/2382."""
    found = _AMENDMENT.search(words or "")
    if found is None or int(found[2]) == 0:
        return None
    kind = "suamdt" if found[1] else "samdt"
    return DocumentId("us", "amendment", (str(congress), kind, str(int(found[2]))))


def _measure(found: re.Match[str], congress: int) -> DocumentId | None:
    chamber, form = found[1].lower(), re.sub(r"[. ]", "", found[2] or "").lower()
    try:
        return us_bill(congress, chamber + form, int(found[3]))
    except ValueError:
        return None
