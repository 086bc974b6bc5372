"""Real roll calls: papers as they were published, and those of 2018, normalised by others, put back into papers."""

from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime
from html import unescape
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.english import english
from tests.helpers.paths import CORPUS
from tests.watchers.rollcalls.publisher import counts, house_paper, senate_paper
from watchers.rollcalls.chambers import HouseRolls, SenateRolls, parse_menu
from watchers.rollcalls.rolls import RollCall, VotingSession, says_absent

pytestmark = pytest.mark.corpus

FOLDER = CORPUS / "congress" / "votes"
FILES = sorted(FOLDER.rglob("data.json"))
SESSION = VotingSession(115, 2, 2018)
HOUSE = {"hr": "H R", "hres": "H RES", "hjres": "H J RES", "hconres": "H CON RES", "s": "S", "sjres": "S J RES"}
SENATE = {"hr": "H.R.", "hjres": "H.J.Res.", "s": "S.", "sjres": "S.J.Res.", "sres": "S.Res.", "hconres": "H.Con.Res."}


def ways(vote: dict[str, Any]) -> list[int]:
    found = Counter({way: len(people) for way, people in vote["votes"].items()})
    return [found["Yea"] + found["Aye"], found["Nay"] + found["No"], found["Present"], found["Not Voting"]]


def house(vote: dict[str, Any]) -> RollCall:
    taken, bill = datetime.fromisoformat(vote["date"]), vote["bill"]
    body = house_paper(
        vote["number"],
        f"{HOUSE[bill['type']]} {bill['number']}",
        congress="115",
        vote_question=vote["type"],
        vote_result=vote["result"],
        action_date=taken.strftime("%d-%b-%Y"),
        total=counts(*ways(vote)),
    ).replace(b"17:33", taken.strftime("%H:%M").encode())
    return HouseRolls().read(body, SESSION, vote["number"], vote["source_url"])


def senate(vote: dict[str, Any]) -> RollCall:
    taken, bill = datetime.fromisoformat(vote["date"]), vote.get("bill")
    yea, nay, present, absent = ways(vote)
    name = f"{SENATE[bill['type']]} {bill['number']}" if bill else f"PN{vote.get('nomination', {}).get('number', 1)}"
    body = senate_paper(
        vote["number"],
        congress="115",
        vote_date=taken.strftime("%B %d, %Y,  %I:%M %p"),
        question=vote["type"],
        vote_result=vote["result"],
        document=f"<document_congress>115</document_congress><document_name>{name}</document_name>",
        count=f"<yeas>{yea}</yeas><nays>{nay}</nays><present>{present}</present><absent>{absent}</absent>",
    )
    return SenateRolls().read(body, SESSION, vote["number"], vote["source_url"])


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_a_real_roll_call_is_read_to_what_it_was(file: Path) -> None:
    vote = json.loads(file.read_text())
    roll = house(vote) if vote["chamber"] == "h" else senate(vote)
    bill = vote.get("bill")
    assert roll.bill is None if not bill else str(roll.bill) == f"us/bill/115/{bill['type']}/{bill['number']}"
    assert roll.taken_at == datetime.fromisoformat(vote["date"])
    assert roll.tally is not None
    assert [roll.tally.yea, roll.tally.nay, roll.tally.present, roll.tally.absent] == ways(vote)
    assert english(roll.label).startswith(
        f"{roll.chamber} roll call {vote['number']}, {vote['type']}: {vote['result']} "
    )


LIVE = CORPUS / "live" / "us"
SENATE_VOTES = sorted((LIVE / "senate.gov" / "vote").glob("*.xml"))
LATER = VotingSession(116, 2, 2020)


def said(text: str, name: str) -> str:
    """Return the words of the first element of that name, found in the text alone."""
    found = re.search(rf"<{name}>(.*?)</{name}>", text, re.DOTALL)
    return " ".join(unescape(found[1]).split()) if found else ""


@pytest.mark.parametrize("file", SENATE_VOTES, ids=lambda file: file.stem)
def test_us_21_a_published_vote_of_the_senate_is_read_to_what_it_states(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    number = int(file.stem.rpartition("_")[2])
    roll = SenateRolls().read(text.encode(), LATER, number, "https://www.senate.gov/x.xml")
    members = re.findall(r"<party>(\w+)</party>.*?<vote_cast>(.*?)</vote_cast>", text, re.DOTALL)
    ways = {"Yea": "yea", "Guilty": "yea", "Nay": "nay", "Not Guilty": "nay", "Not Voting": "not_voting"}
    counted = Counter((party, ways.get(cast, "present")) for party, cast in members)
    assert {
        (party, way): number for party, tally in roll.parties.items() for way, number in tally.entry().items() if number
    } == dict(counted)
    assert roll.tally is not None
    assert (roll.tally.yea, roll.tally.nay) == (int(said(text, "yeas")), int(said(text, "nays")))
    assert (roll.question, roll.result) == (said(text, "question"), said(text, "vote_result"))
    assert roll.taken_at is not None
    assert roll.taken_at.strftime("%B %-d, %Y, %I:%M %p") == said(text, "vote_date")
    named = said(text, "document_name") or said(text, "amendment_to_document_number")
    measure = re.fullmatch(r"(H|S)\.(R|J\.Res|Con\.Res|Res)?\.? ?(\d+)", named)
    kind = measure and (measure[1] + (measure[2] or "")).replace(".", "").lower()
    assert str(roll.bill or "") == (f"us/bill/116/{kind}/{measure[3]}" if measure else "")
    assert not says_absent(text.encode())


def test_the_published_list_of_the_senate_names_the_bill_of_every_vote() -> None:
    body = (LIVE / "senate.gov" / "vote_menu" / "vote_menu_116_2.xml").read_bytes()
    found = parse_menu(body, LATER, 0)
    rows = re.findall(r"<vote>.*?</vote>", body.decode(), re.DOTALL)
    assert sorted(found.bills) == sorted(int(said(row, "vote_number")) for row in rows)
    assert (found.highest, found.skipped(0)) == (80, frozenset())
    for row in rows:
        issue = said(row, "issue")
        bill = found.bills[int(said(row, "vote_number"))]
        assert bool(bill) == bool(re.fullmatch(r"(?:H|S)\.(?:R\.|J\.Res\.|Con\.Res\.|Res\.)? ?\d+", issue)), issue
        assert not bill or str(bill).rpartition("/")[2] == issue.rpartition(" ")[2]
    for file in SENATE_VOTES:
        number = int(file.stem.rpartition("_")[2])
        roll = SenateRolls().read(file.read_bytes(), LATER, number, "x")
        assert found.bills[number] == roll.bill or number in found.unclear


def test_us_10_what_the_clerk_published_is_a_roll_call_or_none() -> None:
    folder = LIVE / "clerk.house.gov" / "roll"
    paper = next(folder.glob("roll001-1990*")).read_bytes()
    roll = HouseRolls().read(paper, VotingSession(101, 2, 1990), 1, "x")
    assert (roll.on, roll.question, roll.result, roll.bill) == ("1990-01-23", "Call of the House", "Passed", None)
    assert {party: (tally.present, tally.absent) for party, tally in roll.parties.items()} == {
        "D": (225, 30),
        "R": (151, 24),
    }
    assert says_absent(next(folder.glob("*no-such-vote*")).read_bytes())
    assert not says_absent(paper)
