"""Roll calls that are not there (yet), and how far they are looked for: the cases US-9, US-10 and US-21.

All votes are constructed; the answers for what does not exist are the publishers'.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Changed
from tests.watchers.rollcalls.publisher import (
    BILL,
    RollCallPoller,
    RollCallServer,
    house_paper,
    house_table,
    issue,
    senate_menu,
    senate_paper,
)
from watchers.rollcalls.chambers import FAR_PROBES, FARTHEST, LONGEST_GAP, MAX_PROBES
from watchers.rollcalls.rolls import says_absent
from watchers.rollcalls.watcher import CODEC, MAX_REQUESTS, MOST_PAST, MOST_SKIPPED, clerk, senate

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
INDEX, EARLIER = "/evs/2026/index.asp", "/evs/2025/index.asp"
AT_REST = LONGEST_GAP + 1 + FAR_PROBES + 1
"""Requests of a poll without a table in which nothing is new."""

ERROR = b'<xml>Error sanitizing file "roll412.xml". Please try again.</xml>'
NOT_FOUND = b"<!DOCTYPE html><html><head><title>Requested Page Not Found (404)</title></head><body>x</body></html>"
NO_PAPERS = {
    "an error in place of a paper": ERROR,
    "a web page": b"<!DOCTYPE html><html><head><title>Not found</title></head></html>",
    "nothing": b"",
    "the paper of another number": house_paper(4000),
    "the paper of another Congress": house_paper(8, congress="118"),
    "the paper of another year": house_paper(8, session="1st"),
    "half a paper": house_paper(11)[:300],
}


def place(number: int, year: int = 2026) -> str:
    return f"/evs/{year}/roll{number:03d}.xml"


def untabled(last: int, otherwise: bytes | None = None, upto: int = 700) -> RollCallServer:
    """Return a Clerk without a table whose roll calls go up to `last`, with another answer for numbers behind it."""
    found = RollCallServer({place(n): house_paper(n, "H R 30") for n in range(1, last + 1)})
    if otherwise is not None:
        found.papers |= {place(n): otherwise for n in range(last + 1, upto)}
    return found


def desk_of(found: RollCallServer) -> RollCallPoller:
    desk = RollCallPoller(clerk("https://papers.example"), found)
    assert desk.news() == []
    found.places()
    return desk


@pytest.mark.parametrize("vacated", range(1, 9), ids=lambda n: f"{n} numbers without a paper")
def test_us_9_numbers_that_stay_without_a_paper_hide_no_later_one(vacated: int) -> None:
    desk = desk_of(untabled(11))
    desk.office.papers[place(12 + vacated)] = house_paper(12 + vacated)
    told = [change.subject for _ in range(96) for change in desk.news()]
    assert told == [f"us/vote/119/house/2026/{12 + vacated}"], "within a day of polls a quarter of an hour apart"
    assert desk.faults == []


def test_us_9_the_farthest_number_that_is_tried_is_found_within_a_day_of_polls() -> None:
    desk = desk_of(untabled(11))
    number = 11 + LONGEST_GAP + 1 + FARTHEST
    desk.office.papers[place(number)] = house_paper(number)
    told = [change.subject for _ in range(FARTHEST // FAR_PROBES + 1) for change in desk.news()]
    assert told == [f"us/vote/119/house/2026/{number}"]


@pytest.mark.parametrize("vacated", [33, 40, 60, 100, 250])
def test_us_9_any_number_of_vacated_roll_calls_in_a_row_hides_no_later_ones(vacated: int) -> None:
    desk = desk_of(untabled(11))
    first = 12 + vacated
    told: list[str] = []
    for number in range(first, first + 200):  # the House votes on, two roll calls between polls
        desk.office.papers[place(number)] = house_paper(number, "H R 6508" if number == first else "H R 30")
        if number % 2:
            told += [change.subject for change in desk.news()]
            assert len(desk.office.places()) <= 2 * MAX_PROBES + FAR_PROBES + 20 + MOST_SKIPPED
    assert told == [f"us/vote/119/house/2026/{first}"]
    assert desk.faults == []


def test_us_9_a_paper_that_was_passed_over_is_read_when_it_comes() -> None:
    desk = desk_of(untabled(11))
    desk.office.papers[place(13)] = house_paper(13, "H R 30")
    assert desk.news() == []
    desk.office.papers[place(12)] = house_paper(12)
    assert [change.subject for _ in range(16) for change in desk.news()] == ["us/vote/119/house/2026/12"]


def test_us_9_a_row_that_a_table_passed_over_is_read_when_its_paper_comes() -> None:
    found = RollCallServer({INDEX: house_table({1: "H R 30"}), EARLIER: house_table({}, 2025)})
    desk = desk_of(found)
    found.papers[INDEX] = house_table({1: "H R 30", 3: "H R 30"})
    assert desk.news() == []
    assert desk.faults == []
    found.papers[place(2)] = house_paper(2)
    assert [change.subject for _ in range(16) for change in desk.news()] == ["us/vote/119/house/2026/2"]


def test_us_9_a_vacated_number_is_asked_for_ever_more_rarely_and_given_up_in_silence() -> None:
    found = RollCallServer({INDEX: house_table({1: "H R 30", 3: "H R 30"}), EARLIER: house_table({}, 2025)})
    desk = desk_of(found)
    found.papers[INDEX] = house_table({1: "H R 30", 3: "H R 30", 5: "H R 30"})
    for _ in range(24 * 8):
        assert desk.news(HOUR) == []
        assert desk.faults == []
    assert found.places().count(place(4)) <= 50
    assert CODEC.load(desk.cursor).due == []


@pytest.mark.parametrize("body", NO_PAPERS.values(), ids=NO_PAPERS)
def test_us_10_an_answer_that_is_no_paper_is_no_roll_call(body: bytes) -> None:
    found = untabled(10, body, upto=8200)
    desk = RollCallPoller(clerk("https://papers.example"), found)
    assert desk.news() == []
    assert len(found.places()) < 90
    for _ in range(3):
        assert desk.news() == []
        assert len(found.places()) <= AT_REST
    found.papers[place(11)] = house_paper(11)
    assert [change.subject for change in desk.news()] == ["us/vote/119/house/2026/11"]


def test_us_10_the_next_number_is_tried_where_there_is_no_table() -> None:
    desk = desk_of(untabled(7))
    assert desk.news() == []
    asked = desk.office.places()
    assert len(asked) == AT_REST
    assert {place(8), place(9), place(10)} < set(asked)
    desk.office.papers |= {place(8): house_paper(8), place(9): house_paper(9, "H R 30")}
    assert [change.subject for change in desk.news()] == ["us/vote/119/house/2026/8"]
    assert desk.office.places().count(place(8)) == 1, "what was asked for once in a poll is not asked for again"
    assert desk.news() == []


@pytest.mark.parametrize("absent", [None, ERROR, NOT_FOUND, b""], ids=["404", "an error", "a page", "nothing"])
@pytest.mark.parametrize("table", [True, False], ids=["the table comes back", "no table ever"])
def test_us_10_over_new_year_every_vote_is_reported_and_requests_are_few(absent: bytes | None, table: bool) -> None:
    found = RollCallServer({EARLIER: house_table({362: "H R 30"}, 2025)}, now=datetime(2025, 12, 30, 12, tzinfo=UTC))
    found.papers |= {f"/evs/2025/ROLL_{hundred:03d}.asp": house_table({}, 2025) for hundred in (0, 100, 200, 300)}
    if absent is not None:
        found.papers |= {INDEX: absent} | {place(n): absent for n in range(1, 6000)}
    desk = desk_of(found)
    told, most = [], 0
    while found.now < datetime(2026, 1, 12, tzinfo=UTC):
        if found.now.date() == datetime(2026, 1, 8, tzinfo=UTC).date() and found.papers.get(place(1)) in (None, absent):
            votes = {n: "H R 6508" if n == 7 else "H R 30" for n in range(1, 21)}
            found.papers |= {place(n): house_paper(n, words) for n, words in votes.items()}
            if table:
                found.papers[INDEX] = house_table(votes)
        told += [change.subject for change in desk.news(HOUR)]
        most = max(most, len(found.places()))
        assert desk.faults == []
    assert told == ["us/vote/119/house/2026/7"]
    assert most <= 50
    assert CODEC.load(desk.cursor).shelves["119-2"].through == 20


def test_us_10_the_table_of_another_year_is_no_table_of_this_one() -> None:
    found = RollCallServer({EARLIER: house_table({}, 2025)}, now=datetime(2026, 1, 5, 12, tzinfo=UTC))
    found.papers[INDEX] = house_table(dict.fromkeys(range(300, 363), "H R 30"), 2025)
    desk = desk_of(found)
    found.papers |= {INDEX: house_table({1: "H R 6508"}), place(1): house_paper(1)}
    assert [change.subject for _ in range(30) for change in desk.news(HOUR)] == ["us/vote/119/house/2026/1"]


def test_us_10_a_publisher_that_shows_everybody_the_same_page_is_not_believed_to_have_no_votes() -> None:
    page = b"<html><head><title>Pardon our interruption</title></head><body>Prove that you are human.</body></html>"
    desk = desk_of(untabled(10))
    desk.office.papers |= {place(n): page for n in range(1, 100)} | {INDEX: page}
    assert desk.news() == []
    assert [(fault.document, type(fault.error)) for fault in desk.faults] == [(None, Changed)]


MENU = "/legislative/LIS/roll_call_lists/vote_menu_119_2.xml"
VOTE = "/legislative/LIS/roll_call_votes/vote1192/vote_119_2_{:05d}.xml"
NOT_AVAILABLE = (
    "/general/common/roll-call-vote-not-available.htm",
    b"<html><body><h1>Roll Call Vote</h1></body></html>",
)
ABSENT = {
    "a redirect": NOT_AVAILABLE,
    "a page headed not found": NOT_FOUND,
    "a page that says so in its first heading": b"<html><body><h2>Roll call vote not yet available</h2></body>",
    "nothing": b"",
    "404": None,
}


@pytest.mark.parametrize("answer", ABSENT.values(), ids=ABSENT)
def test_us_21_a_roll_call_that_is_not_published_yet_is_asked_for_later_and_the_source_is_well(answer: object) -> None:
    found = RollCallServer({MENU: senate_menu({1: issue("S. 1")})})
    desk = RollCallPoller(senate("https://papers.example"), found)
    desk.news()
    found.papers[MENU] = senate_menu({1: issue("S. 1"), 2: issue("H.R. 6508")})
    if answer is not None:
        found.papers[VOTE.format(2)] = answer  # type: ignore[assignment]
    for _ in range(6):
        assert desk.news() == []
        assert desk.faults == []
    found.papers[VOTE.format(2)] = senate_paper(2)
    assert [change.subject for _ in range(3) for change in desk.news()] == ["us/vote/119/senate/2026/2"]


@pytest.mark.parametrize("answer", ABSENT.values(), ids=ABSENT)
def test_us_21_a_list_that_is_not_there_yet_is_no_fault(answer: object) -> None:
    found = RollCallServer({} if answer is None else {MENU: answer})  # type: ignore[dict-item]
    found.now = datetime(2026, 1, 4, 15, tzinfo=UTC)
    desk = RollCallPoller(senate("https://papers.example"), found)
    for _ in range(3):
        assert desk.news(12 * HOUR) == []
        assert desk.faults == []
    found.papers |= {MENU: senate_menu({1: issue("H.R. 6508")}), VOTE.format(1): senate_paper(1)}
    assert [change.subject for change in desk.news()] == ["us/vote/119/senate/2026/1"]


@pytest.mark.parametrize("answer", ABSENT.values(), ids=ABSENT)
def test_us_21_a_list_that_vanishes_for_hours_is_no_fault_and_for_a_day_it_is(answer: object) -> None:
    found = RollCallServer({MENU: senate_menu({1: issue("S. 1")})})
    desk = RollCallPoller(senate("https://papers.example"), found)
    desk.news()
    menu = found.papers.pop(MENU)
    if answer is not None:
        found.papers[MENU] = answer  # type: ignore[assignment]
    for _ in range(20):
        assert desk.news(HOUR) == []
    with pytest.raises(Changed, match="no such list for a day"):
        [desk.news(HOUR) for _ in range(6)]
    found.papers[MENU] = menu
    assert desk.news() == []


def test_us_21_a_paper_listed_for_a_day_and_never_published_is_a_fault_of_its_bill() -> None:
    found = RollCallServer({MENU: senate_menu({1: issue("S. 1")})})
    desk = RollCallPoller(senate("https://papers.example"), found)
    desk.news()
    found.papers |= {MENU: senate_menu({1: issue("S. 1"), 2: issue("H.R. 6508")}), VOTE.format(2): NOT_AVAILABLE}
    faults = [fault for _ in range(60) if desk.news(HOUR / 2) == [] for fault in desk.faults]
    assert [(fault.document, fault.error.status) for fault in faults] == [(BILL, 404)]


PAST_GAPS = {"is not there": None, "is a notice": ERROR, "cannot be read": senate_paper(2)[:300]}


@pytest.mark.parametrize(
    ("day", "reported"),
    [
        pytest.param("March 9, 2026", ["us/vote/119/senate/2026/2"], id="a vote of yesterday is news"),
        pytest.param("February 3, 2026", [], id="a vote of last month is none"),
    ],
)
@pytest.mark.parametrize("answer", PAST_GAPS.values(), ids=PAST_GAPS)
def test_one_past_paper_that_cannot_be_read_holds_no_later_vote_up(
    answer: bytes | None, day: str, reported: list[str]
) -> None:
    earlier = senate_paper(1, vote_date="February 2, 2026,  05:33 PM")
    about = issue("H.R. 6508")
    found = RollCallServer({MENU: senate_menu({1: about, 2: about}), VOTE.format(1): earlier})
    if answer is not None:
        found.papers[VOTE.format(2)] = answer
    desk = RollCallPoller(senate("https://papers.example"), found)
    assert desk.news() == []
    assert list(desk.records[BILL].facets["tallies"]) == ["us/vote/119/senate/2026/1"]
    found.papers |= {MENU: senate_menu({1: about, 2: about, 3: about}), VOTE.format(3): senate_paper(3)}
    assert [change.subject for change in desk.news(HOUR / 4)] == ["us/vote/119/senate/2026/3"]
    assert VOTE.format(1) not in found.places()[4:]
    found.papers[VOTE.format(2)] = senate_paper(2, vote_date=f"{day},  05:33 PM")
    assert [change.subject for change in desk.news(HOUR)] == reported
    assert len(desk.records[BILL].facets["tallies"]) == 3


def test_a_paper_and_a_list_are_not_taken_for_a_notice_of_absence() -> None:
    assert not says_absent(house_paper(1, vote_desc="Vote not available Act"))
    assert not says_absent(senate_paper(1, vote_title="404 Not Found Act"))
    assert not says_absent(senate_menu({1: issue("S. 1")}))
    assert not says_absent(house_table({1: "H R 30"}))


def everything(number: int) -> bytes:
    return house_paper(number, "H R 6508", action_date="02-Feb-2026")


def first_reading_without_a_table() -> tuple[RollCallServer, int]:
    """Every number there may be has a paper: the search for the last one goes to its end."""
    return untabled(4000), 90


def first_reading_of_a_bill_in_every_roll_call() -> tuple[RollCallServer, int]:
    """A bill that each of more roll calls than any bill ever had is about."""
    found = RollCallServer(
        {INDEX: house_table(dict.fromkeys(range(1, 1001), "H R 6508")), EARLIER: house_table({}, 2025)}
    )
    found.papers |= {place(n): everything(n) for n in range(1, 1001)}
    return found, MOST_PAST + 2


def a_table_of_numbers_that_no_session_has() -> tuple[RollCallServer, int]:
    """One table names the greatest number, no other table is there."""
    rows = {3999: "H R 30", 9999: "H R 30", 123456: "H R 30"}
    return RollCallServer({INDEX: house_table(rows), EARLIER: house_table({}, 2025)}), 44


FIRST_READINGS = [
    first_reading_without_a_table,
    first_reading_of_a_bill_in_every_roll_call,
    a_table_of_numbers_that_no_session_has,
]


@pytest.mark.parametrize("opened", FIRST_READINGS, ids=lambda opened: opened.__name__)
def test_a_first_reading_stops_at_its_bound(opened: Callable[[], tuple[RollCallServer, int]]) -> None:
    found, bound = opened()
    desk = RollCallPoller(clerk("https://papers.example"), found)
    assert desk.news() == []
    assert len(found.places()) <= bound
    assert desk.news(HOUR) == []


def test_probing_stops_at_its_bound_and_goes_on_in_the_next_poll() -> None:
    desk = desk_of(untabled(10))
    desk.office.papers |= {place(n): house_paper(n, "H R 6508" if n == 150 else "H R 30") for n in range(11, 152)}
    told = [change.subject for change in desk.news()]
    assert len(desk.office.places()) <= MAX_PROBES + FAR_PROBES + 1
    told += [change.subject for _ in range(5) for change in desk.news()]
    assert told == ["us/vote/119/house/2026/150"]


def test_papers_that_are_due_stop_at_their_bound_and_go_on_in_the_next_poll() -> None:
    found = RollCallServer({INDEX: house_table({1: "H R 30"}), EARLIER: house_table({}, 2025)})
    desk = desk_of(found)
    numbers = range(2, 2 + MAX_REQUESTS + 50)
    found.papers |= {place(n): house_paper(n) for n in numbers}
    found.papers[INDEX] = house_table({1: "H R 30", **dict.fromkeys(numbers, "H R 6508")})
    told = desk.news()
    assert len(found.places()) <= MAX_REQUESTS
    told += desk.news()
    assert len({change.subject for change in told}) == len(numbers)
