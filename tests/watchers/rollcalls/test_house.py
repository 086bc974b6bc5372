"""How the Clerk's roll calls are read, found and told. All votes are constructed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.errors import Changed, Unavailable
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.facets import DEFAULT_KINDS, Kind
from tests.helpers.english import english
from tests.watchers.rollcalls.publisher import (
    BILL,
    OTHER,
    RollCallPoller,
    RollCallServer,
    counts,
    house_paper,
    house_table,
    totals,
)
from watchers.rollcalls.chambers import HouseRolls, parse_table
from watchers.rollcalls.rolls import RollCall, VotingSession
from watchers.rollcalls.watcher import clerk

SESSION = VotingSession(119, 2, 2026)
INDEX = "/evs/2026/index.asp"
EARLIER = "/evs/2025/index.asp"


def read(body: bytes, number: int = 314) -> RollCall:
    return HouseRolls().read(body, SESSION, number, "https://clerk.house.gov/evs/2026/roll314.xml")


def office(issues: dict[int, str], **papers: bytes) -> RollCallServer:
    found = RollCallServer({INDEX: house_table(issues), EARLIER: house_table({}, 2025)})
    for n, words in issues.items():
        found.papers[f"/evs/2026/roll{n:03d}.xml"] = house_paper(n, words)
    return found


def vote(found: RollCallServer, issues: dict[int, str], **says: str) -> None:
    """Hold further votes."""
    known = parse_table(found.papers[INDEX], 2026) if isinstance(found.papers[INDEX], bytes) else {}
    found.papers[INDEX] = house_table(known | issues)
    for n, words in issues.items():
        found.papers[f"/evs/2026/roll{n:03d}.xml"] = house_paper(n, words, **says)


def test_a_paper_states_question_result_totals_and_day() -> None:
    entry = read(house_paper(314)).entry()
    assert read(house_paper(314)).name == "us/vote/119/house/2026/314"
    assert english(entry["label"]) == "House roll call 314, On Passage: Passed 221–205 (R 210–5, D 11–200)"
    assert entry["text"] == "On Passage: Passed – NATO Act"
    assert entry["totals"] == {"yea": 221, "nay": 205, "present": 0, "not_voting": 4}
    assert entry["parties"]["D"] == {"yea": 11, "nay": 200, "present": 0, "not_voting": 0}
    assert (entry["on"], entry["taken_at"]) == ("2026-03-10", "2026-03-10T17:33:00-04:00")
    assert entry["url"].endswith("roll314.xml")


@pytest.mark.parametrize(
    ("says", "label"),
    [
        pytest.param(
            {"vote_question": "On Motion to Recommit", "vote_result": "Failed"},
            "House roll call 314, On Motion to Recommit: Failed 221–205",
            id="a motion to recommit is not passage",
        ),
        pytest.param(
            {
                "vote_question": "On Agreeing to the Amendment",
                "amendment_num": "20",
                "amendment_author": "Constructed of Ohio Part A Amendment No. 25",
                "vote_result": "Agreed to",
            },
            "House roll call 314, On Agreeing to the Amendment (Constructed of Ohio Part A Amendment No. 25): "
            "Agreed to 221–205",
            id="an amendment is named by its author",
        ),
        pytest.param(
            {"total": counts(221, 205, 2, 4)},
            "House roll call 314, On Passage: Passed 221–205, 2 present",
            id="who was present is said",
        ),
        pytest.param(
            {"vote_question": "Call of the House", "vote_result": "Passed", "total": ""},
            "House roll call 314, Call of the House: Passed",
            id="a call of the roll has no yeas and nays",
        ),
    ],
)
def test_a_vote_is_worded_by_its_question(says: dict[str, str], label: str) -> None:
    assert english(read(house_paper(314, totals="", **says)).label) == label


def test_two_thirds_are_stated() -> None:
    assert read(house_paper(314, vote_type="2/3 YEA-AND-NAY")).requires == "2/3"


@pytest.mark.parametrize(
    ("issue", "bill"),
    [
        ("H R 6508", us_bill(119, "hr", 6508)),
        ("H RES 780", us_bill(119, "hres", 780)),
        ("H J RES 105", us_bill(119, "hjres", 105)),
        ("S CON RES 7", us_bill(119, "sconres", 7)),
        ("S 2174", us_bill(119, "s", 2174)),
        ("H.R. 6508", us_bill(119, "hr", 6508)),
        ("QUORUM", None),
        ("JOURNAL", None),
        ("", None),
        ("H R 0", None),
        ("H R 6508 and more", None),
    ],
)
def test_the_issue_names_a_bill_or_none(issue: str, bill: object) -> None:
    assert read(house_paper(314, issue)).bill == bill


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html><body>Error</body></html>", "expected a <rollcall-vote>"),
        (b"", "expected the XML"),
        (b"<rollcall-vote/>", "<vote-metadata>"),
        (house_paper(315), r"number \(119, 2, 314\), saw \(119, 2, 315\)"),
        (house_paper(314, congress="118"), r"number \(119, 2, 314\), saw \(118, 2, 314\)"),
        (house_paper(314, action_date="yesterday"), "expected a time such as"),
        (house_paper(314, total=counts(1, 2).replace("2", "two")), "expected a number"),
        (b'<!DOCTYPE rollcall-vote [<!ENTITY a "b">]><rollcall-vote>&a;</rollcall-vote>', "entities"),
    ],
    ids=[
        "a page for people",
        "nothing",
        "no metadata",
        "another number",
        "another Congress",
        "no day",
        "no count",
        "xxe",
    ],
)
def test_what_cannot_be_read_is_named(body: bytes, words: str) -> None:
    with pytest.raises(Changed, match=words):
        read(body)


def test_a_table_names_numbers_and_issues() -> None:
    assert parse_table(house_table({314: "H R 6508", 313: "JOURNAL"}), 2026) == {314: "H R 6508", 313: "JOURNAL"}
    assert parse_table(b"<html>Roll Call unavailable</html>", 2026) == {}


def test_votes_before_the_bill_was_followed_are_past() -> None:
    found = office({1: "QUORUM", 2: "H R 6508"})
    found.papers["/evs/2026/roll002.xml"] = house_paper(2, action_date="02-Mar-2026")
    desk = RollCallPoller(clerk("https://papers.example"), found)
    assert desk.news() == []
    assert list(desk.records[BILL].facets["tallies"]) == ["us/vote/119/house/2026/2"]
    assert desk.news(timedelta(days=2)) == []


def test_a_new_vote_on_a_followed_bill_is_reported_once_and_others_are_not_read() -> None:
    found = office({1: "QUORUM", 2: "H R 30"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    found.places()
    vote(found, {3: "H R 30", 4: "H R 6508", 5: "JOURNAL"})
    assert [(c.kind, c.subject) for c in desk.news()] == [(Kind.VOTE, "us/vote/119/house/2026/4")]
    assert found.places() == [INDEX, "/evs/2026/roll004.xml"]
    for _ in range(120):
        assert desk.news(timedelta(hours=1)) == []


def test_while_nothing_moves_a_poll_costs_one_request() -> None:
    found = office({1: "H R 30"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    found.places()
    for _ in range(5):
        assert desk.news() == []
    assert found.places() == [INDEX] * 5


def test_nobody_who_follows_votes_means_no_request() -> None:
    found = office({1: "H R 6508"})
    assert RollCallPoller(clerk("https://papers.example"), found, kinds=DEFAULT_KINDS - {Kind.VOTE}).news() == []
    assert found.places() == []


def test_more_votes_than_the_first_table_shows_are_looked_up() -> None:
    found = office({1: "QUORUM"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    everything = {n: "H R 6508" if n in (2, 150) else "H R 30" for n in range(1, 231)}
    for n in (2, 150):
        found.papers[f"/evs/2026/roll{n:03d}.xml"] = house_paper(n)
    found.papers[INDEX] = house_table({n: i for n, i in everything.items() if n > 210})
    for hundred in (0, 100, 200):
        found.papers[f"/evs/2026/ROLL_{hundred:03d}.asp"] = house_table(
            {n: i for n, i in everything.items() if hundred <= n < hundred + 100}
        )
    assert [c.subject for c in desk.news()] == ["us/vote/119/house/2026/2", "us/vote/119/house/2026/150"]


def test_a_table_that_lost_everything_is_a_fault_and_nothing_is_forgotten() -> None:
    found = office({1: "H R 30"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    found.papers[INDEX] = house_table({})
    with pytest.raises(Changed, match="without any"):
        desk.news()
    found.papers[INDEX] = house_table({1: "H R 30"})
    assert desk.news() == []


def test_a_paper_that_comes_after_its_row_is_waited_for() -> None:
    found = office({1: "H R 30"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    vote(found, {2: "H R 6508"})
    paper = found.papers.pop("/evs/2026/roll002.xml")
    assert desk.news() == []
    assert desk.faults == []
    found.papers["/evs/2026/roll002.xml"] = paper
    assert [c.subject for c in desk.news(timedelta(minutes=31))] == ["us/vote/119/house/2026/2"]


def test_a_publisher_that_does_not_answer_loses_nothing() -> None:
    found = office({1: "H R 30"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    vote(found, {2: "H R 6508"})
    paper = found.papers["/evs/2026/roll002.xml"]
    found.papers["/evs/2026/roll002.xml"] = Unavailable("timeout")
    with pytest.raises(Unavailable):
        desk.news()
    found.papers["/evs/2026/roll002.xml"] = paper
    assert [c.subject for c in desk.news()] == ["us/vote/119/house/2026/2"]


def test_totals_put_right_a_day_later_are_read() -> None:
    found = office({1: "H R 30"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    vote(found, {2: "H R 6508"})
    desk.news()
    found.papers["/evs/2026/roll002.xml"] = house_paper(2, total=counts(222, 205, 0, 3), totals=totals("R", 1, 0))
    desk.news(timedelta(hours=25))
    assert desk.records[BILL].facets["tallies"]["us/vote/119/house/2026/2"]["totals"]["yea"] == 222


def test_a_vote_of_yesterday_is_stated_once_the_action_had_time_to_come_first() -> None:
    """The bill is followed from today on; its action line was read at once, the Clerk's paper says the same later."""
    found = office({1: "H R 6508"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    line = {
        "us/vote/119/house/2026/1": {"on": "2026-03-10", "text": "On passage Passed.", "label": "House roll call 1"}
    }
    desk.lay(Observation(BILL, "congress", "congress/1", {"votes": line}))
    assert desk.news() == []
    assert desk.records[BILL].facets["tallies"] == {}
    assert desk.news(timedelta(hours=3)) == []
    assert list(desk.records[BILL].facets["tallies"]) == list(line)


def test_a_vote_of_yesterday_that_no_action_reported_yet_is_not_lost() -> None:
    found = office({1: "H R 6508"})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.lay(Observation(BILL, "congress", "congress/1", {"votes": {}}))
    assert desk.news() == []
    assert [c.subject for c in desk.news(timedelta(hours=3))] == ["us/vote/119/house/2026/1"]


def test_a_bill_followed_later_has_its_own_past() -> None:
    found = office({1: "H R 30", 2: "H R 30"})
    for n in (1, 2):
        found.papers[f"/evs/2026/roll{n:03d}.xml"] = house_paper(n, "H R 30", action_date="02-Feb-2026")
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    desk.following.append(OTHER)
    assert desk.news() == []
    assert len(desk.records[OTHER].facets["tallies"]) == 2
    vote(found, {3: "H R 30"})
    assert [c.subject for c in desk.news()] == ["us/vote/119/house/2026/3"]


def test_the_first_votes_of_a_new_session_are_news_of_bills_followed_before() -> None:
    found = RollCallServer({EARLIER: house_table({362: "H R 30"}, 2025)}, now=datetime(2025, 12, 20, 12, tzinfo=UTC))
    for hundred in (0, 100, 200, 300):
        found.papers[f"/evs/2025/ROLL_{hundred:03d}.asp"] = house_table({})
    desk = RollCallPoller(clerk("https://papers.example"), found)
    desk.news()
    assert desk.news(timedelta(days=16)) == []
    found.papers[INDEX] = house_table({1: "QUORUM", 2: "H R 6508"})
    found.papers["/evs/2026/roll001.xml"] = house_paper(1, "QUORUM", action_date="06-Jan-2026")
    found.papers["/evs/2026/roll002.xml"] = house_paper(2, action_date="07-Jan-2026")
    assert [c.subject for c in desk.news()] == ["us/vote/119/house/2026/2"]
