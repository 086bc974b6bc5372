"""Which lines tell of one event, and what is said of it?"""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.jurisdictions.us.names import us_bill
from watchers.congress.actions import ActionLine, action_facets, event_words

BILL = us_bill(119, "hr", 6508)
PASSED = "On passage Passed by the Yeas and Nays: 217 - 188 (Roll no. 304)."


def read(*lines: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    actions, votes = action_facets([msgspec.convert(line, ActionLine) for line in lines], BILL)
    return dict(actions), dict(votes)


def line(text: str | None, code: str | None = None, source: int | None = None, **more: Any) -> dict[str, Any]:
    return {
        "actionDate": "2026-01-20",
        "text": text,
        "actionCode": code,
        "sourceSystem": {"code": source, "name": "Senate" if source is None else "x"},
        **more,
    }


def of(*codes: str) -> list[dict[str, str]]:
    return [{"systemCode": code} for code in codes]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f"{PASSED} (text: CR H4841)", PASSED),
        (f"{PASSED} (consideration: CR H4835-4841; text: CR H4841)", PASSED),
        (f"{PASSED} (consideration: CR H1-2) (text: CR H3)", PASSED),
        (f"{PASSED} (text: 12/10/2025 CR H5112-5113)", PASSED),
        (f"{PASSED} (text of amendment in the nature of a substitute: CR H12)", PASSED),
        (f"Passed/agreed to in House: {PASSED}", PASSED),
        (f"Failed of passage/not agreed to in House: {PASSED}", PASSED),
        (f"Passed House over veto: {PASSED}", PASSED),
        (f"  {PASSED.replace(' ', '   ')} ", PASSED),
        (
            "Reported (Amended) by the Committee on X. H. Rept. 1",
            "Reported (Amended) by the Committee on X. H. Rept. 1",
        ),
        ("Agreed to (2/3 required)", "Agreed to (2/3 required)"),
        ("Passed (Roll no. 304)", "Passed (Roll no. 304)"),
        ("", ""),
    ],
)
def test_the_words_of_an_event_are_without_citations_and_echo(text: str, words: str) -> None:
    assert event_words(text) == words


TOLD_TWICE = {
    "Introduced under two codes": (line("Introduced in House", "1000", 9), line("Introduced in House", "Intro-H", 9)),
    "passage told by House and Library": (
        line(f"{PASSED} (text: CR H1)", "H37100", 2, actionTime="16:18:41"),
        line(f"Passed/agreed to in House: {PASSED}", "8000", 9),
    ),
    "presented under two codes": (
        line("Presented to President.", "E20000", 2),
        line("Presented to President.", "28000", 9),
    ),
    "a Senate line and its Library echo": (
        line("Senate Committee on Finance discharged by Unanimous Consent."),
        line("Senate Committee on Finance discharged by Unanimous Consent.", "14500", 9, committees=of("ssfi00")),
    ),
    "a referral for each committee": (
        line("Referred to the Committee on A, and in addition to B.", "H11100", 2, committees=of("hsaa00")),
        line("Referred to the Committee on A, and in addition to B.", "H11100", 2, committees=of("hsbb00")),
    ),
    "the very same line twice": (line("Motion agreed to.", "H30000", 2), line("Motion agreed to.", "H30000", 2)),
    "one that says less": (
        line("Hearings held.", "4100", 9, committees=of("hsaa00")),
        line("Hearings held.", "4100", 9),
    ),
}
ROLL = {"chamber": "House", "congress": 119, "rollNumber": 78, "sessionNumber": 2, "date": "2026-01-20T20:00:00Z"}
SAME_STATE = {
    "Became Law on two days under two codes (115 S 114, GPO #69)": (
        [line("Became Public Law No: 115-46.", "36000", 9)],
        [
            line("Became Public Law No: 115-46.", "E40000", 2, actionDate="2026-01-15"),
            line("Became Public Law No: 115-46.", "36000", 9),
        ],
    ),
    "Signed and Became Law swapped within a day (GPO #140)": (
        [line("Signed by President.", "36000", 9), line("Became Public Law No: 115-46.", "36000", 9)],
        [line("Became Public Law No: 115-46.", "36000", 9), line("Signed by President.", "36000", 9)],
    ),
    "the referral of each committee repeated (#355)": (
        [line("Referred to the Committee on A, and B.", "H11100", 2, committees=of("hsaa00", "hsbb00"))],
        [
            line("Referred to the Committee on A, and B.", "H11100", 2, committees=of("hsaa00")),
            line("Referred to the Committee on A, and B.", "H11100", 2, committees=of("hsbb00")),
        ],
    ),
    "Introduced four times (119 HR 131)": (
        [line("Introduced in House", "1000", 9), line("Introduced in House", "Intro-H", 9)],
        [line("Introduced in House", "1000", 9), line("Introduced in House", "Intro-H", 9)] * 2,
    ),
    "a citation appended to one of two lines": (
        [line(PASSED, "H37100", 2), line(f"Passed/agreed to in House: {PASSED}", "8000", 9)],
        [
            line(f"{PASSED} (consideration: CR S8766)", "H37100", 2),
            line(f"Passed/agreed to in House: {PASSED}", "8000", 9),
        ],
    ),
    "roll078 and roll78 (GPO #234)": (
        [line(PASSED, "H37100", 2, recordedVotes=[ROLL | {"url": "https://clerk.house.gov/evs/2026/roll078.xml"}])],
        [line(PASSED, "H37100", 2, recordedVotes=[ROLL | {"url": "https://clerk.house.gov/evs/2026/roll78.xml"}])],
    ),
    "a source whose code is a word in XML": (
        [line("Presented to President.", "28000", 9)],
        [line("Presented to President.", "28000", None) | {"sourceSystem": {"code": "9"}}],
    ),
}


@pytest.mark.parametrize(("before", "after"), SAME_STATE.values(), ids=SAME_STATE.keys())
def test_names_the_same_events(before: list[dict[str, Any]], after: list[dict[str, Any]]) -> None:
    assert [set(facet) for facet in read(*before)] == [set(facet) for facet in read(*after)]
    assert read(*after) == read(*reversed(after))


TWO_EVENTS = {
    "the same words at two times of day": (
        line("The House resolved into Committee of the Whole.", "H32050", 2, actionTime="10:00:00"),
        line("The House resolved into Committee of the Whole.", "H32050", 2, actionTime="14:00:00"),
    ),
    "hearings of two committees": (
        line("Hearings held.", "4100", 9, committees=of("hsaa00")),
        line("Hearings held.", "4100", 9, committees=of("hsbb00")),
    ),
    "another day": (line("Hearings held."), line("Hearings held.", actionDate="2026-01-21")),
    "other words": (line("Hearings held."), line("Markup held.")),
    "signature and veto under one code": (
        line("Signed by President.", "E30000", 2),
        line("Vetoed by President.", "E30000", 2),
    ),
}


@pytest.mark.parametrize("lines", TOLD_TWICE.values(), ids=TOLD_TWICE.keys())
def test_an_event_reported_twice_is_one_entry_whichever_came_first(lines: tuple[dict[str, Any], ...]) -> None:
    actions, _ = read(*lines)
    assert len(actions) == 1
    assert read(*reversed(lines))[0] == actions
    assert {*read(lines[0])[0], *read(lines[1])[0]} == set(actions), "the name does not depend on who told it"
    (entry,) = actions.values()
    assert set(entry["committees"]) == {c["systemCode"] for told in lines for c in told.get("committees", ())}


@pytest.mark.parametrize("lines", TWO_EVENTS.values(), ids=TWO_EVENTS.keys())
def test_two_events_are_two_entries(lines: tuple[dict[str, Any], ...]) -> None:
    assert len(read(*lines)[0]) == 2
    assert read(*lines)[0] == read(*reversed(lines))[0]


def test_an_echo_of_one_of_two_events_adds_none() -> None:
    first, second = TWO_EVENTS["the same words at two times of day"]
    echo = line(first["text"], "7000", 9)
    assert set(read(first, second, echo)[0]) == set(read(first, second)[0])


def test_an_entry_says_what_the_timeline_and_people_need() -> None:
    committee = of("HSFA00")
    told = line(
        "Referred to the House Committee on Foreign Affairs.", "H11100", 2, committees=committee, type="IntroReferral"
    )
    (entry,) = read(told)[0].values()
    assert entry == {
        "on": "2026-01-20",
        "text": "Referred to the House Committee on Foreign Affairs.",
        "label": "Referred to the House Committee on Foreign Affairs.",
        "code": "H11100",
        "source": 2,
        "time": None,
        "type": "IntroReferral",
        "chamber": "House",
        "step": "referred",
        "committees": ["hsfa00"],
        "votes": [],
        "codes": ["H11100/2"],
    }


@pytest.mark.parametrize(
    ("code", "source", "chamber"),
    [
        ("H11100", 2, "House"),
        (None, None, "Senate"),
        (None, 0, "Senate"),
        ("8000", 9, "House"),
        ("17000", 9, "Senate"),
        ("28000", 9, None),
        ("E30000", 2, None),
        ("Intro-H", 9, None),
        ("H11100", 9, "House"),
    ],
)
def test_a_line_belongs_to_the_chamber_of_its_source_or_code(code: str, source: int, chamber: str | None) -> None:
    (entry,) = read(line("Something.", code, source))[0].values()
    assert entry["chamber"] == chamber


def test_a_line_without_a_day_moves_no_timeline() -> None:
    (entry,) = read(line("Signed by President.", "E30000", 2, actionDate=None))[0].values()
    assert (entry["on"], entry["step"]) == (None, None)


@pytest.mark.parametrize(
    ("vote", "name", "on"),
    [
        ({"date": "2025-12-10T23:05:00Z"}, "us/vote/119/house/2025/314", "2025-12-10"),
        ({"date": "2025-12-11T03:05:00Z"}, "us/vote/119/house/2025/314", "2025-12-10"),
        ({"date": "2026-01-01T03:05:00Z", "sessionNumber": 1}, "us/vote/119/house/2025/314", "2025-12-31"),
        ({"chamber": "Senate", "date": "2025-07-11T03:05:00Z"}, "us/vote/119/senate/2025/314", "2025-07-10"),
        ({"congress": None, "date": "2025-12-10T23:05:00Z"}, "us/vote/119/house/2025/314", "2025-12-10"),
        ({"date": "2027-01-01T18:00:00Z", "sessionNumber": 2}, "us/vote/119/house/2026/314", "2027-01-01"),
    ],
)
def test_a_roll_call_is_named_as_the_chambers_count_them(vote: dict[str, Any], name: str, on: str) -> None:
    roll = {"chamber": "House", "congress": 119, "rollNumber": 314, "sessionNumber": 1, "url": "https://x", **vote}
    actions, votes = read(
        line(PASSED, "H37100", 2, recordedVotes=[roll]), line(PASSED, "8000", 9, recordedVotes=[roll])
    )
    assert list(votes) == [name]
    assert (votes[name]["on"], votes[name]["roll"], votes[name]["text"]) == (on, 314, PASSED)
    assert next(iter(actions.values()))["votes"] == [name]


def test_a_vote_without_number_is_no_roll_call() -> None:
    assert read(line(PASSED, recordedVotes=[{"chamber": "House"}]))[1] == {}


WORDS = ["Introduced in House", "Hearings held.", "Referred to the Committee on A, and B.", "Motion agreed to."]
LINES = st.lists(
    st.builds(
        line,
        st.sampled_from(WORDS),
        st.sampled_from(["1000", "Intro-H", "H11100", None]),
        st.sampled_from([2, 9, None]),
        actionTime=st.sampled_from([None, "10:00:00", "11:00:00"]),
        committees=st.lists(st.sampled_from(of("a", "b", "c")), max_size=2),
    ),
    max_size=8,
)


@given(LINES, st.randoms())
def test_order_and_repetition_mean_nothing(lines: list[dict[str, Any]], random: Any) -> None:
    shuffled = lines + lines
    random.shuffle(shuffled)
    assert read(*lines) == read(*shuffled)
