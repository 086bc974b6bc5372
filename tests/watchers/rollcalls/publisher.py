"""A Clerk and a Secretary in memory. All votes are constructed; the shapes are those of the chambers' papers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from domain.documents import DocumentId
from domain.errors import Refused, SourceError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Fault, Observation, Page, PollRequest
from domain.records.detection import advance
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.records.record import Change, Record
from domain.sources import Request, Response
from watchers.rollcalls.watcher import RollCallsWatcher

BILL = us_bill(119, "hr", 6508)
OTHER = us_bill(119, "hr", 30)
START = datetime(2026, 3, 10, 15, 0, tzinfo=UTC)
BASE = "https://papers.example"


def house_paper(number: int, issue: str = "H R 6508", **says: str) -> bytes:
    """Return the Clerk's paper of one roll call; `says` replaces elements by name, with `_` for `-`."""
    told = {
        "congress": "119",
        "session": "2nd",
        "rollcall_num": str(number),
        "legis_num": issue,
        "vote_question": "On Passage",
        "vote_type": "YEA-AND-NAY",
        "vote_result": "Passed",
        "action_date": "10-Mar-2026",
        "vote_desc": "NATO Act",
        "totals": totals("Republican", 210, 5) + totals("Democratic", 11, 200) + totals("Independent", 0, 0),
        "total": counts(221, 205, 0, 4),
    } | says
    totals_ = told.pop("totals")
    total = told.pop("total")
    rows = "".join(f"<{k.replace('_', '-')}>{v}</{k.replace('_', '-')}>\n" for k, v in told.items())
    whole = f"<totals-by-vote><total-stub>Totals</total-stub>{total}</totals-by-vote>" if total else ""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<!DOCTYPE rollcall-vote PUBLIC "-//US Congress//DTDs/vote v1.0 20031119 //EN" "https://clerk.house.gov/vote.dtd">\n'
        f"<rollcall-vote><vote-metadata><majority>R</majority>{rows}"
        '<action-time time-etz="17:33">5:33 PM</action-time>'
        f"<vote-totals>{totals_}{whole}</vote-totals></vote-metadata><vote-data/></rollcall-vote>"
    ).encode()


def totals(party: str, *ways: int) -> str:
    return f"<totals-by-party><party>{party}</party>{counts(*ways)}</totals-by-party>"


def counts(yea: int, nay: int, present: int = 0, absent: int = 0) -> str:
    names = ("yea-total", "nay-total", "present-total", "not-voting-total")
    return "".join(f"<{n}>{v}</{n}>" for n, v in zip(names, (yea, nay, present, absent), strict=True))


def house_table(issues: dict[int, str], year: int = 2026) -> bytes:
    rows = "".join(
        f'<TR><TD><A HREF="http://clerk.house.gov/cgi-bin/vote.asp?year={year}&rollnumber={n}">{n}</A></TD>\n'
        f'<TD><FONT FACE="Arial">10-Mar</FONT></TD><TD><FONT><A HREF="x">{issue}</A></FONT></TD>'
        f"<TD>On Passage</TD><TD ALIGN=CENTER>P</TD><TD>Title &amp; more</TD></TR>\n"
        for n, issue in sorted(issues.items(), reverse=True)
    )
    head = "<TR><TH>Roll</TH><TH>Date</TH><TH>Issue</TH><TH>Question</TH><TH>Result</TH><TH>Title</TH></TR>"
    return f"<HTML><BODY><H2>Congress</H2><TABLE>{head}{rows}</TABLE></BODY></HTML>".encode()


def senate_paper(number: int, **says: str) -> bytes:
    told = {
        "congress": "119",
        "session": "2",
        "congress_year": "2026",
        "vote_number": str(number),
        "vote_date": "March 10, 2026,  05:33 PM",
        "vote_question_text": "On Passage of the Bill H.R. 6508",
        "vote_result_text": "Bill Passed (2-1)",
        "question": "On Passage of the Bill",
        "vote_title": "NATO Act",
        "majority_requirement": "1/2",
        "vote_result": "Bill Passed",
        "document": "<document_congress>119</document_congress><document_type>H.R.</document_type>"
        "<document_number>6508</document_number><document_name>H.R. 6508</document_name>",
        "count": "<yeas>2</yeas><nays>1</nays><present/><absent>1</absent>",
    } | says
    members = "".join(
        f"<member><member_full>{p}</member_full><party>{p}</party><vote_cast>{v}</vote_cast></member>"
        for p, v in (("R", "Yea"), ("R", "Nay"), ("R", "Not Voting"), ("D", "Yea"))
    )
    rows = "".join(f"<{k}>{v}</{k}>" for k, v in told.items())
    return f'<?xml version="1.0"?><roll_call_vote>{rows}<members>{members}</members></roll_call_vote>'.encode()


def senate_menu(issues: dict[int, str], congress: int = 119, session: int = 2) -> bytes:
    rows = "".join(
        f"<vote><vote_number>{n:05d}</vote_number><vote_date>10-Mar</vote_date>{issue}<result>Agreed to</result>"
        "<vote_tally/><title>constructed</title></vote>"
        for n, issue in sorted(issues.items(), reverse=True)
    )
    return (
        f'<?xml version="1.0"?><vote_summary><congress>{congress}</congress><session>{session}</session>'
        f"<congress_year>2026</congress_year><votes>{rows}</votes></vote_summary>"
    ).encode()


def issue(words: str, measure: str = "") -> str:
    return f"<issue>{words}</issue><question>On the Amendment <measure>{measure}</measure>\n </question>"


Paper = bytes | SourceError | tuple[str, bytes]
"""A body, or what is raised instead, or the address that the asker is redirected to and what lies there."""


@dataclass(slots=True)
class RollCallServer:
    """Papers by path; what is not there answers 404. Remembers what it was asked."""

    papers: dict[str, Paper] = field(default_factory=dict)
    now: datetime = START
    asked: list[str] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        place = request.url.removeprefix(BASE)
        self.asked.append(place)
        found = self.papers.get(place)
        if found is None:
            raise Refused(f"{place}: status 404", status=404)
        if isinstance(found, SourceError):
            raise found
        url, body = (f"{BASE}{found[0]}", found[1]) if isinstance(found, tuple) else (request.url, found)
        return Response(200, url, {"content-type": "text/xml"}, body, self.now)

    def places(self) -> list[str]:
        asked, self.asked = self.asked, []
        return asked


@dataclass(slots=True)
class RollCallPoller:
    """Polls an office again and again, keeping what the store would keep, and says what would be news.

    Rule 3 is kept as the poll keeps it: what the first complete page of a bill carries is its baseline.
    """

    watcher: RollCallsWatcher
    office: RollCallServer
    kinds: frozenset[Kind] = DEFAULT_KINDS
    following: list[DocumentId] = field(default_factory=lambda: [BILL])
    cursor: str | None = None
    records: dict[DocumentId, Record] = field(default_factory=dict)
    begun: set[DocumentId] = field(default_factory=set)
    pages: list[Page] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def news(self, after: timedelta = timedelta(minutes=15)) -> list[Change]:
        self.office.now += after
        self.pages, self.faults = [], []
        ask = PollRequest(self.cursor, dict.fromkeys(self.following, self.kinds), self.office.now)
        told = []
        for page in self.watcher.poll(ask, self.office):
            self.pages.append(page)
            self.faults += page.faults
            for observation in page.observations:
                changes = self.lay(observation)
                told += changes if page.scope is None else []
                self.begun.add(observation.document)
            self.cursor = page.cursor or self.cursor
        return told

    def lay(self, observation: Observation) -> list[Change]:
        document = observation.document
        step = advance(self.records.get(document), observation, self.office.now)
        if step is None:
            return []
        self.records[document] = step.record
        return list(step.changes) if document in self.begun and step.based_on else []
