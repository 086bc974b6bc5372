"""What the US Congress publishes in the simulated year: lines, people, titles, milestones, texts, roll calls.

It rests in August and from the middle of December; the 120th begins on 3 January 2027 at noon, and its roll calls are
counted anew. All bills are constructed.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from functools import partial
from typing import Any
from zlib import crc32

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from tests.simulation.events import BILLS, DAY, END, HOUR, NEW_CONGRESS, NEXT_BILL, NEXT_WATCHED, OTHERS, Schedule, at
from tests.simulation.publishers import World
from tests.watchers.congress.publisher import INTRODUCED, REFERRED, Bill
from tests.watchers.rollcalls.publisher import house_paper, house_table, issue, senate_menu, senate_paper
from tests.watchers.texts.publisher import FIRST, bill_xml

SUMMER = (datetime(2026, 7, 2, tzinfo=UTC), datetime(2026, 7, 30, tzinfo=UTC))
AUTUMN = (datetime(2026, 9, 2, tzinfo=UTC), datetime(2026, 12, 17, tzinfo=UTC))
SPRING = (NEXT_WATCHED + DAY, END - 8 * DAY)
STEPS = (
    (date(2026, 9, 15), "5000", 9, "Reported by the Committee on Foreign Affairs. H. Rept. 119-910.", {"status": 1}),
    (date(2026, 10, 1), "14500", 0, "Received in the Senate and Read twice and referred to the Committee on Foreign "
     "Relations.", {}),
    (date(2026, 12, 16), "28000", 9, "Presented to President.", {}),
    (date(2027, 1, 2), "36000", 9, "Became Public Law No: 119-150.", {"status": 1}),
)  # fmt: skip
"""The way of the first bill beside its two roll calls, and which of its lines are a step: what passes it on is none."""


def prepare(world: World) -> None:
    """Publish the bills of the 119th and the lists of roll calls as they stand before the year."""
    for bill in (*BILLS, *OTHERS):
        _introduce(world, bill, f"Constructed Measure {bill.parts[2]}", "2026-02-03")
    for year in (2025, 2026):
        world.clerk.papers[f"/evs/{year}/index.asp"] = house_table({1: "QUORUM"}, year)
    for part in (1, 2):
        world.senate.papers[_menu(119, part)] = senate_menu({1: issue("PN1")}, 119, part)


def add_bills(made: Schedule) -> None:
    for bill in BILLS:
        for first, last in (SUMMER, AUTUMN, AUTUMN):
            _line(made, made.moment(first, last), bill)
            _cosponsor(made, made.moment(first, last), bill)
        _title(made, made.moment(*AUTUMN), bill)
    for day, code, system, text, told in STEPS:
        says = {"laws": [{"number": "119-150", "type": "Public Law"}]} if code == "36000" else {}
        _act(made, at(day, 18), BILLS[0], code, system, text, text[:22], says, **told, action=1)
    text = f"Reported by the Committee on {made.word()}. H. Rept. 119-911."
    _act(made, at(date(2026, 7, 21), 15), BILLS[1], "5000", 9, text, text, status=1, action=1)
    _taken_back(made, at(date(2026, 10, 6), 15), BILLS[4])
    _text(made, at(date(2026, 7, 21), 20), BILLS[1])
    _text(made, at(date(2026, 12, 1), 15), BILLS[2])
    _hearing(made, at(date(2026, 9, 8), 15), BILLS[3])
    for number in range(12):
        season = (SUMMER, AUTUMN)[number % 2]
        _new_bill(made, made.moment(*season), us_bill(119, "hr", 9000 + number), found=number % 3 > 0)


def add_new_congress(made: Schedule) -> None:
    """From 3 January at noon on bills are those of the 120th; one of them is watched later, others are searched for."""
    for number, bill in enumerate([NEXT_BILL, *(us_bill(120, "hr", place) for place in range(10, 34))]):
        early = (NEW_CONGRESS + 4 * HOUR, NEW_CONGRESS + 28 * HOUR)
        _new_bill(made, made.moment(*(early if number < 6 else SPRING)), bill, found=number % 2 > 0)
    for _ in range(6):
        _line(made, made.moment(*SPRING), NEXT_BILL)
        _cosponsor(made, made.moment(*SPRING), NEXT_BILL)


def add_touches(made: Schedule) -> None:
    """What moves and is no news: on most days a bill is touched and says what it said."""
    day = datetime(2026, 7, 1, 17, tzinfo=UTC)
    while day < END:
        bill = made.random.choice(BILLS if made.random.random() < 0.3 else OTHERS)
        if day.weekday() < 5:
            made.add(day, partial(World.touch, bill=bill), "us/bill")
        day += DAY


def _introduce(world: World, bill: DocumentId, title: str, day: str) -> None:
    lines = [dict(REFERRED, actionDate=day), dict(INTRODUCED, actionDate=day)]
    world.congress.bills[bill] = Bill(world.clock(), title, {"actions": lines}, {"introducedDate": day})
    if bill in BILLS:
        package = f"BILLS-119hr{bill.parts[2]}ih"
        world.congress.bills[bill].lists["text"] = [_text_row(package, "Introduced in House", day)]
        world.texts.put(package, bill_xml(FIRST))
    world.touch(bill)


def _day(moment: datetime) -> str:
    """Return the day of a moment in Washington, nearly enough."""
    return (moment - 5 * HOUR).date().isoformat()


def _act(
    made: Schedule, moment: datetime, bill: DocumentId, code: str | None, system: int, text: str, mark: str,
    says: Mapping[str, Any] = {}, **told: int,
) -> None:  # fmt: skip
    line = {"actionDate": _day(moment), "text": text, "type": "Floor", **({"actionCode": code} if code else {})}
    line["sourceSystem"] = {"code": system, "name": "Senate" if system == 0 else "House floor actions"}

    def apply(world: World) -> None:
        world.congress.bills[bill].lists["actions"].insert(0, line)
        world.congress.bills[bill].says |= says
        world.touch(bill)

    made.add(moment, apply, bill, mark, **told)


def _line(made: Schedule, moment: datetime, bill: DocumentId) -> None:
    word = made.word()
    _act(made, moment, bill, None, 2, f"The Committee on {word} took note of the measure.", word, action=1)


def _taken_back(made: Schedule, moment: datetime, bill: DocumentId) -> None:
    """The report of another bill stands here for a day; that it was wrong is told when it has been gone for days."""
    text = f"Reported by the Committee on {made.word()}. H. Rept. 119-912."
    _act(made, moment, bill, "5000", 9, text, text, status=1, action=1)

    def apply(world: World) -> None:
        lines = world.congress.bills[bill].lists["actions"]
        lines[:] = [line for line in lines if line["text"] != text]
        world.touch(bill)

    made.add(moment + DAY, apply, bill, "no longer stated", correction=1)


def _cosponsor(made: Schedule, moment: datetime, bill: DocumentId) -> None:
    word = made.word()
    row = {
        "bioguideId": f"{word[0]}{crc32(word.encode()) % 10**6:06}", "firstName": "A", "lastName": word, "party": "R",
        "state": "KY", "district": 4, "fullName": f"Rep. {word}, A. [R-KY-4]", "isOriginalCosponsor": False,
        "sponsorshipDate": _day(moment),
    }  # fmt: skip

    def apply(world: World) -> None:
        world.congress.bills[bill].lists.setdefault("cosponsors", []).append(row)
        world.touch(bill)

    made.add(moment, apply, bill, word, sponsor=1)


def _title(made: Schedule, moment: datetime, bill: DocumentId) -> None:
    word = made.word()

    def apply(world: World) -> None:
        world.congress.bills[bill].title = f"{word} Measure of {bill.parts[2]}"
        world.touch(bill)

    made.add(moment, apply, bill, word, title=1)


def _text(made: Schedule, moment: datetime, bill: DocumentId) -> None:
    """A version is listed; its file follows hours later, and then the difference is told."""
    word, package = made.word(), f"BILLS-119hr{bill.parts[2]}rh"

    def apply(world: World) -> None:
        row = _text_row(package, "Reported in House", _day(moment))
        world.congress.bills[bill].lists["text"].insert(0, row)
        world.touch(bill)

    made.add(moment, apply, bill, "Reported in House", text=2)
    made.add(moment + 4 * HOUR, lambda world: world.texts.put(package, bill_xml(FIRST, f"The {word} shall be given.")))


def _text_row(package: str, name: str, day: str) -> dict[str, Any]:
    address = f"https://www.congress.gov/119/bills/hr0/{package}.xml"
    return {"type": name, "date": f"{day}T04:00:00Z", "formats": [{"type": "Formatted XML", "url": address}]}


def _hearing(made: Schedule, moment: datetime, bill: DocumentId) -> None:
    word = made.word()
    says = {"title": f"Hearing on {word} (constructed)", "date": (moment + 9 * DAY).strftime("%Y-%m-%dT%H:%M:%SZ")}
    named = f"HR {bill.parts[2]}"
    made.add(moment, lambda world: world.calendar.put("4711", world.clock(), named, **says), bill, word, hearing=1)


def _new_bill(made: Schedule, moment: datetime, bill: DocumentId, *, found: bool) -> None:
    """A bill is introduced; a search finds it or not."""
    word = made.word()
    title = f"{word} {'NATO ' if found else ''}Act of {moment.year}"
    apply = partial(_introduce, bill=bill, title=title, day=_day(moment))
    made.add(moment, apply, bill, word, **({"appeared": 1} if found else {}))


# -- roll calls


def add_votes(made: Schedule) -> None:
    """Roll calls of both chambers: most on other business, some vacated, a few on watched bills."""
    rolls = RollCalls()
    day = datetime(2026, 7, 6, tzinfo=UTC)
    while day < END - 2 * DAY:
        rests = day.month == 8 or datetime(2026, 12, 17, tzinfo=UTC) < day < NEW_CONGRESS
        if not rests and day.weekday() < 4 and made.random.random() < 0.5:
            for vote in (rolls.house, rolls.senate):
                made.add(day.replace(hour=made.random.randrange(15, 22)), vote, "us/vote")
        day += DAY
    for moment in (at(date(2026, 10, 20), 20), at(date(2027, 2, 23), 20)):
        made.add(moment, partial(rolls.house, vacated=True), "us/vote")
    votes = (
        (date(2026, 9, 29), "house", BILLS[0], True), (date(2026, 12, 10), "senate", BILLS[0], True),
        (date(2026, 12, 16), "house", BILLS[4], False), (date(2027, 3, 10), "house", NEXT_BILL, False),
        (date(2027, 5, 12), "senate", NEXT_BILL, False),
    )  # fmt: skip
    for on, chamber, bill, passage in votes:
        marks = (f"us/vote/{bill.parts[0]}/{chamber}/{on.year}/", "On passage Passed", "Passed Senate")
        apply = partial(getattr(rolls, chamber), bill=bill, passage=passage)
        told = {"status": 1, "action": 1} if passage else {}
        made.add(at(on, 21, 33), apply, bill, *(marks[:2] if chamber == "house" else marks[::2]), **told, vote=1)
    empty = {"/evs/2027/index.asp": house_table({})}
    made.add(at(date(2027, 1, 1), 12), lambda world: world.clerk.papers.update(empty))


class RollCalls:
    """The numbers of each chamber's roll calls by session, and what each is about."""

    def __init__(self) -> None:
        self.about: dict[tuple[str, str], dict[int, str]] = {}

    def _next(self, world: World, chamber: str, about: str, *, vacated: bool) -> tuple[str, str, dict[int, str], int]:
        congress, session = ("119", "2") if world.clock() < NEW_CONGRESS else ("120", "1")
        known = self.about.setdefault((chamber, congress), {1: issue("PN1") if chamber == "senate" else "QUORUM"})
        number = max(known) + (2 if vacated else 1)
        known[number] = about
        return congress, session, known, number

    def house(
        self, world: World, bill: DocumentId | None = None, *, passage: bool = False, vacated: bool = False
    ) -> None:
        """Take a vote; a vacated one before it leaves its number without row and paper."""
        now, about = world.clock(), f"H R {bill.parts[2]}" if bill else "H RES 31"
        congress, session, known, number = self._next(world, "house", about, vacated=vacated)
        says = {"congress": congress, "session": "2nd" if session == "2" else "1st", "action_date": f"{now:%d-%b-%Y}"}
        papers = {f"/evs/{now.year}/roll{number:03d}.xml": house_paper(number, about, **says)}
        papers[f"/evs/{now.year}/index.asp"] = house_table(known, now.year)
        for hundred in range(0, number + 1, 100):
            rows = {n: words for n, words in known.items() if hundred <= n < hundred + 100}
            papers[f"/evs/{now.year}/ROLL_{hundred:03d}.asp"] = house_table(rows, now.year)
        world.clerk.papers.update(papers)
        if bill and passage:
            text = f"On passage Passed by the Yeas and Nays: 221 - 205 (Roll no. {number})."
            _pass(world, bill, "House", "H37100", text, number)

    def senate(self, world: World, bill: DocumentId | None = None, *, passage: bool = False) -> None:
        now, name = world.clock(), f"H.R. {bill.parts[2]}" if bill else "PN12"
        congress, session, known, number = self._next(world, "senate", issue(name), vacated=False)
        facts = (congress, "H.R." if bill else "PN", name.rpartition(" ")[2].removeprefix("PN"))
        tags = zip(("congress", "type", "number"), facts, strict=True)
        document = "".join(f"<document_{tag}>{fact}</document_{tag}>" for tag, fact in tags)
        says = {
            "congress": congress, "session": session, "congress_year": str(now.year),
            "vote_date": f"{now:%B %d, %Y},  05:33 PM", "vote_question_text": f"On Passage of the Bill {name}",
            "document": f"{document}<document_name>{name}</document_name>",
        }  # fmt: skip
        part = f"{congress}_{session}"
        path = f"/legislative/LIS/roll_call_votes/vote{congress}{session}/vote_{part}_{number:05d}.xml"
        world.senate.papers[path] = senate_paper(number, **says)
        world.senate.papers[_menu(int(congress), int(session))] = senate_menu(known, int(congress), int(session))
        if bill and passage:
            text = f"Passed Senate without amendment by Yea-Nay Vote. 60 - 39. Record Vote Number: {number}."
            _pass(world, bill, "Senate", "17000", text, number)


def _pass(world: World, bill: DocumentId, chamber: str, code: str, text: str, number: int) -> None:
    now = world.clock()
    vote = {
        "chamber": chamber, "congress": 119, "date": now.strftime("%Y-%m-%dT%H:%M:%SZ"), "rollNumber": number,
        "sessionNumber": 2, "url": f"https://clerk.house.gov/evs/{now.year}/roll{number:03d}.xml",
    }  # fmt: skip
    line = {"actionCode": code, "actionDate": _day(now), "text": text, "type": "Floor", "recordedVotes": [vote]}
    line["sourceSystem"] = {"code": 0 if chamber == "Senate" else 2, "name": chamber}
    world.congress.bills[bill].lists["actions"].insert(0, line)
    world.touch(bill)


def _menu(congress: int, part: int) -> str:
    return f"/legislative/LIS/roll_call_lists/vote_menu_{congress}_{part}.xml"
