"""Real roll calls of 2018, normalised by others, put back into the chambers' papers and read."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.paths import CORPUS
from tests.watchers.rollcalls.publisher import counts, house_paper, senate_paper
from watchers.rollcalls.house import HouseRolls
from watchers.rollcalls.rolls import RollCall, VotingSession
from watchers.rollcalls.senate import SenateRolls

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
    assert roll.label.startswith(f"{roll.chamber} roll call {vote['number']}, {vote['type']}: {vote['result']} ")
