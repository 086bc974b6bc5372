"""How the Senate's roll calls are read, found and told. All votes are constructed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.errors import Changed
from domain.jurisdictions.us.names import us_bill
from tests.helpers.english import english
from tests.watchers.rollcalls.publisher import BILL, RollCallPoller, RollCallServer, issue, senate_menu, senate_paper
from watchers.rollcalls.chambers import SenateRolls, parse_menu
from watchers.rollcalls.rolls import RollCall, VotingSession
from watchers.rollcalls.watcher import senate

SESSION = VotingSession(119, 2, 2026)
MENU = "/legislative/LIS/roll_call_lists/vote_menu_119_2.xml"
EARLIER = "/legislative/LIS/roll_call_lists/vote_menu_119_1.xml"


def read(body: bytes, number: int = 217) -> RollCall:
    return SenateRolls().read(body, SESSION, number, "https://www.senate.gov/vote_119_2_00217.xml")


def place(number: int) -> str:
    return f"/legislative/LIS/roll_call_votes/vote1192/vote_119_2_{number:05d}.xml"


def office(issues: dict[int, str]) -> RollCallServer:
    found = RollCallServer({MENU: senate_menu(issues), EARLIER: senate_menu({}, session=1)})
    found.papers |= {place(n): senate_paper(n) for n in issues}
    return found


def test_a_paper_states_question_result_totals_and_counts_the_parties() -> None:
    entry = read(senate_paper(217)).entry()
    assert read(senate_paper(217)).name == "us/vote/119/senate/2026/217"
    assert english(entry["label"]) == "Senate roll call 217, On Passage of the Bill: Bill Passed 2–1 (R 1–1, D 1–0)"
    assert entry["totals"] == {"yea": 2, "nay": 1, "present": 0, "not_voting": 1}
    assert entry["parties"]["R"] == {"yea": 1, "nay": 1, "present": 0, "not_voting": 1}
    assert (entry["on"], entry["taken_at"]) == ("2026-03-10", "2026-03-10T17:33:00-04:00")
    assert entry["requires"] is None


@pytest.mark.parametrize(
    ("says", "bill", "words"),
    [
        pytest.param(
            {
                "question": "On the Cloture Motion",
                "vote_result": "Cloture Motion Rejected",
                "majority_requirement": "3/5",
            },
            us_bill(119, "hr", 6508),
            "On the Cloture Motion: Cloture Motion Rejected",
            id="cloture is a vote on the way",
        ),
        pytest.param(
            {
                "document": "<document_name>S.Amdt. 2382</document_name>",
                "question": "On the Amendment",
                "vote_result": "Amendment Agreed to",
                "amendment": "<amendment_number>S.Amdt. 2382</amendment_number>"
                "<amendment_to_document_number>H.R. 6508</amendment_to_document_number>",
            },
            us_bill(119, "hr", 6508),
            "On the Amendment (S.Amdt. 2382): Amendment Agreed to",
            id="an amendment belongs to what it amends",
        ),
        pytest.param(
            {"document": "<document_type>PN</document_type><document_number>373</document_number>"},
            None,
            "On Passage of the Bill: Bill Passed",
            id="a nomination is no bill",
        ),
        pytest.param(
            {"document": "<document_name>S.J.Res. 181</document_name>", "count": "<yeas/>"},
            us_bill(119, "sjres", 181),
            "On Passage of the Bill: Bill Passed",
            id="a paper without a count",
        ),
    ],
)
def test_a_paper_names_its_bill_and_its_question(says: dict[str, str], bill: object, words: str) -> None:
    roll = read(senate_paper(217, **says))
    assert roll.bill == bill
    assert words in english(roll.label)


@pytest.mark.parametrize(
    ("body", "words"),
    [
        (b"<html/>", "expected a <roll_call_vote>"),
        (senate_paper(218), "saw"),
        (senate_paper(217, session="1"), "saw"),
        (senate_paper(217, vote_date="soon"), "expected a time such as"),
        (senate_paper(217, count="<yeas>many</yeas>"), "expected a number"),
    ],
    ids=["a page for people", "another number", "another session", "no day", "no count"],
)
def test_what_cannot_be_read_is_named(body: bytes, words: str) -> None:
    with pytest.raises(Changed, match=words):
        read(body)


def test_the_list_names_bills_and_says_where_it_is_unclear() -> None:
    found = parse_menu(
        senate_menu(
            {
                1: issue("H.R. 6508", "S.Amdt. 2382"),
                2: issue("S.Amdt. 2383"),
                3: issue("PN373"),
                4: "<en_bloc/>",
                5: issue("S. 2174"),
                6: issue("Treaty Doc. 118-1"),
            }
        ),
        SESSION,
        0,
    )
    assert {n: str(b) for n, b in found.bills.items() if b} == {1: "us/bill/119/hr/6508", 5: "us/bill/119/s/2174"}
    assert (found.unclear, found.highest) == (frozenset({2}), 6)


def test_the_list_of_another_session_is_refused() -> None:
    with pytest.raises(Changed, match="Congress, session and number"):
        parse_menu(senate_menu({1: issue("H.R. 1")}, session=1), SESSION, 0)


def test_a_list_that_lost_everything_is_a_fault() -> None:
    found = office({1: issue("S. 1")})
    desk = RollCallPoller(senate("https://papers.example"), found)
    desk.news()
    found.papers[MENU] = senate_menu({})
    with pytest.raises(Changed, match="without any"):
        desk.news()


def test_a_new_vote_costs_its_paper_and_is_reported_once() -> None:
    found = office({1: issue("S. 1")})
    desk = RollCallPoller(senate("https://papers.example"), found)
    assert desk.news() == []
    found.places()
    assert desk.news() == []
    assert found.places() == [MENU]
    votes = {1: issue("S. 1"), 2: issue("PN373"), 3: issue("H.R. 6508"), 4: issue("S. 2")}
    found.papers |= {MENU: senate_menu(votes), place(3): senate_paper(3)}
    assert [c.subject for c in desk.news()] == ["us/vote/119/senate/2026/3"]
    assert found.places() == [MENU, place(3)]
    assert desk.news(timedelta(hours=25)) == []
    assert found.places() == [MENU, place(3)]
    assert desk.news(timedelta(hours=25)) == []
    assert found.places() == [MENU]


def test_an_amendment_whose_row_names_no_bill_is_looked_up() -> None:
    found = office({1: issue("S. 1")})
    desk = RollCallPoller(senate("https://papers.example"), found)
    desk.news()
    votes = {1: issue("S. 1"), 2: issue("S.Amdt. 2382"), 3: issue("S.Amdt. 2383")}
    amends = "<amendment_number>S.Amdt. 2382</amendment_number><amendment_to_document_number>{}"
    amends += "</amendment_to_document_number>"
    found.papers |= {
        MENU: senate_menu(votes),
        place(2): senate_paper(2, document="<document_name/>", amendment=amends.format("H.R. 6508")),
        place(3): senate_paper(3, document="<document_name/>", amendment=amends.format("S. 1")),
    }
    assert [c.subject for c in desk.news()] == ["us/vote/119/senate/2026/2"]
    assert set(desk.records) == {BILL}
