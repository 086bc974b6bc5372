"""Which lines of a bill's actions are news, through whole polls: the reliability cases C56 to C64."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from domain.coded_text import coded
from domain.errors import Changed
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Kind
from tests.watchers.congress.publisher import (
    BILL,
    REFERRED,
    REPORTED,
    Publisher,
    add,
    followed,
)

EVERYTHING = frozenset(Kind)
OTHER = us_bill(119, "s", 2174)


@pytest.mark.parametrize(
    "rearranged",
    [
        pytest.param(lambda lines: lines[::-1], id="C56 reordered"),
        pytest.param(lambda lines: lines + lines[:1], id="C57 one line twice, not adjacent"),
        pytest.param(lambda lines: [*lines, {**lines[1], "actionCode": "1000"}], id="an echo under another code"),
        pytest.param(
            lambda lines: [{**lines[0], "text": f"{lines[0]['text']} (text: CR H5112)"}, *lines[1:]],
            id="a citation of the Record appended",
        ),
        pytest.param(
            lambda lines: [{**lines[0], "text": lines[0]["text"].replace(" ", "  ")}, *lines[1:]], id="odd spaces"
        ),
        pytest.param(
            lambda lines: [*lines, {**lines[0], "committees": [{"systemCode": "hsas00"}]}],
            id="the referral once more for another committee",
        ),
        pytest.param(lambda lines: [{**lines[0], "actionTime": "10:00:00"}, *lines[1:]], id="a time of day added"),
    ],
)
def test_what_is_no_event_is_no_news(rearranged: Callable[[list[Any]], list[Any]]) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].lists["actions"] = rearranged(publisher.bills[BILL].lists["actions"])
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    assert reader.faults == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Passed by 217 - 188.", "Passed by 218 - 188.", id="C62 a vote count corrected"),
        pytest.param("Hearing held.", "Hearings held.", id="C58 nearly the same words"),
    ],
)
def test_a_reworded_line_is_one_correction_and_moves_no_status(old: str, new: str) -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["actions"].insert(0, {**REPORTED, "text": old})
    reader = followed(publisher)
    publisher.bills[BILL].lists["actions"][0] = {**REPORTED, "text": new}
    publisher.bills[BILL].updated = publisher.now
    told = reader.news() + reader.news()
    assert told == [("correction", coded("entry.dated", on="2026-01-20", words=new).to_json())]


def test_c59_a_back_dated_action_is_reported_once_with_its_own_day() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    late = {**REPORTED, "actionDate": "2025-12-10", "text": "Hearings held.", "actionCode": "4100"}
    publisher.bills[BILL].lists["actions"].append(late)
    publisher.bills[BILL].updated = publisher.now
    (step,) = reader.poll()
    (change,) = step.changes
    assert (change.happened_on, change.seen_at) == ("2025-12-10", publisher.now)
    assert reader.news() == []


def test_c60_a_line_that_vanishes_and_returns_is_no_news() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["actions"].insert(0, REPORTED)
    reader = followed(publisher)
    publisher.bills[BILL].lists["actions"].remove(REPORTED)
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    assert reader.records[BILL].last_status.status == "REPORTED"  # type: ignore[union-attr]
    publisher.bills[BILL].lists["actions"].insert(0, REPORTED)
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []


@pytest.mark.parametrize("counted", [True, False], ids=["still counted", "not even counted"])
def test_c61_actions_that_all_vanish_are_not_believed(counted: bool) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].lists["actions"] = []
    publisher.bills[BILL].updated = publisher.now
    if counted:
        publisher.bills[BILL].says = {"actions": {"count": 2}}
    for _ in range(3):
        assert reader.news() == []
        assert isinstance(reader.faults[0].error, Changed)
    assert len(reader.records[BILL].facets["actions"]) == 2


def test_c61_cosponsors_that_all_vanish_are_not_believed() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["cosponsors"] = [{"bioguideId": "L000596", "fullName": "Rep. Luna"}]
    reader = followed(publisher, kinds=EVERYTHING)
    gone = publisher.bills[BILL].lists.pop("cosponsors")
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    assert len(reader.faults) == 1
    assert [reader.news() for _ in range(120)] == [[]] * 120
    publisher.bills[BILL].lists["cosponsors"] = gone
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    publisher.bills[BILL].lists["cosponsors"] = [*gone, {"bioguideId": "M001184", "fullName": "Rep. Massie"}]
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == [("sponsor", "Rep. Massie")]


def test_a_list_shorter_than_counted_is_believed_when_it_stays_so() -> None:
    """Counts and lists have disagreed for good (LibraryOfCongress/api.congress.gov #126, #212)."""
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, REPORTED)
    publisher.bills[BILL].says = {"actions": {"count": 4}}
    assert reader.news() == []
    assert len(reader.faults) == 1
    assert ("status", "REPORTED") in reader.news()
    assert reader.faults == []


def test_c63_twins_of_two_committees_are_two_events_and_a_referral_to_two_is_one() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    hearing = {"actionDate": "2026-01-20", "text": "Hearings held.", "actionCode": "4100", "sourceSystem": {"code": 9}}
    for committee in ("hsfa00", "hsas00"):
        add(publisher, {**hearing, "committees": [{"systemCode": committee}]})
    assert reader.news() == [("action", "Hearings held.")] * 2
    referral = {**REFERRED, "actionDate": "2026-01-21", "text": "Referred to the Committee on Armed Services, and …"}
    for committee in ("hsfa00", "hsas00"):
        add(publisher, {**referral, "committees": [{"systemCode": committee}]})
    assert reader.news() == [("action", referral["text"])]


def test_c64_a_latest_action_ahead_of_the_actions_moves_nothing() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].says = {"latestAction": {"actionDate": "2026-01-20", "text": REPORTED["text"]}}
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    add(publisher, REPORTED)
    assert reader.news()[0] == ("status", "REPORTED")


@pytest.mark.parametrize("first", ["house", "library"])
def test_c64_the_second_reporting_of_an_event_is_silent_whichever_came_first(first: str) -> None:
    words = "On motion to suspend the rules and pass the bill Agreed to by voice vote."
    house: dict[str, Any] = {"text": f"{words} (text: CR H1967)", "actionCode": "H37300", "sourceSystem": {"code": 2}}
    library: dict[str, Any] = {"text": f"Passed/agreed to in House: {words}", "actionCode": "8000"}
    house |= {"actionDate": "2026-01-20", "actionTime": "16:18:41"}
    library |= {"actionDate": "2026-01-20", "sourceSystem": {"code": 9}}
    publisher = Publisher()
    reader = followed(publisher)
    told = []
    for line in (house, library) if first == "house" else (library, house):
        add(publisher, line)
        told.append(sorted(kind for kind, _ in reader.news()))
    assert told == [["action", "status"], []]
