"""What do a bill's further lists say?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.errors import Changed
from domain.records.facets import Kind
from tests.helpers.english import english, in_words
from watchers.congress.sublists import SUBLISTS, followed_lists


def read(member: str, *rows: Any) -> dict[str, Any]:
    return dict(SUBLISTS[member].parse([json.dumps(row).encode() for row in rows]))


def text(name: str, date: str | None) -> dict[str, Any]:
    return {"type": name, "date": date, "formats": []}


@pytest.mark.parametrize(
    ("date", "day"),
    [
        ("2025-12-09T05:00:00Z", "2025-12-09"),
        ("2025-07-01T04:00:00Z", "2025-07-01"),
        ("2025-12-09T00:00:00Z", "2025-12-08"),
        ("2025-12-09", "2025-12-09"),
        (None, None),
    ],
)
def test_a_texts_day_is_washingtons(date: str | None, day: str | None) -> None:
    assert read("textVersions", text("Introduced in House", date))["Introduced in House"]["on"] == day


def test_a_text_dated_later_is_the_same_text() -> None:
    undated = read("textVersions", text("Enrolled Bill", None))
    dated = read("textVersions", text("Enrolled Bill", "2025-12-09T05:00:00Z"))
    assert set(undated) == set(dated)


def test_a_version_that_comes_twice_is_two() -> None:
    first, second = text("Engrossed Amendment House", "2025-12-09"), text("Engrossed Amendment House", "2025-12-11")
    found = read("textVersions", second, first, first)
    assert {name: entry["on"] for name, entry in found.items()} == {
        "Engrossed Amendment House": "2025-12-09",
        "Engrossed Amendment House (2)": "2025-12-11",
    }


def test_titles_are_named_by_type_and_words_and_the_display_title_is_reported_elsewhere() -> None:
    short = {"title": "NATO Act", "titleType": "Short Title(s) as Introduced", "titleTypeCode": 101}
    found = read(
        "titles",
        short,
        {**short, "title": "NATO  Act "},
        {**short, "titleTypeCode": 104, "titleType": "Short Title(s) as Passed House"},
        {**short, "titleTypeCode": 45, "titleType": "Display Title"},
        {"title": "NATO Act", "titleType": "Display Title"},
        {"title": None, "titleType": "Popular Title"},
    )
    assert [entry["label"] for entry in found.values()] == [
        "Short Title(s) as Introduced: NATO  Act ".replace("  ", " ").strip(),
        "Short Title(s) as Passed House: NATO Act",
    ]


def test_a_withdrawal_is_an_entry_of_its_own() -> None:
    luna = {"bioguideId": "L000596", "fullName": "Rep. Luna", "sponsorshipDate": "2025-12-10"}
    before = read("cosponsors", luna)
    after = read("cosponsors", {**luna, "sponsorshipWithdrawnDate": "2026-01-05"})
    assert set(after) - set(before) == {"L000596/withdrawn"}
    assert in_words(after["L000596/withdrawn"]) == {
        "on": "2026-01-05",
        "text": "Cosponsor withdrew: Rep. Luna (0 cosponsors)",
        "label": "Rep. Luna withdrew",
        "totals": {},
    }
    assert after["L000596"]["withdrawn_on"] == "2026-01-05"


def test_one_who_left_and_joined_again_stands_as_joined() -> None:
    luna = {"bioguideId": "L000596", "fullName": "Rep. Luna", "sponsorshipDate": "2025-12-10"}
    again = {**luna, "sponsorshipDate": "2026-02-01"}
    found = read("cosponsors", again, {**luna, "sponsorshipWithdrawnDate": "2026-01-05"})
    assert (found["L000596"]["on"], found["L000596"]["withdrawn_on"]) == ("2026-02-01", None)


def test_related_bills_are_identities_without_their_own_news() -> None:
    row = {"congress": 119, "number": 2174, "type": "S", "title": "NATO Act", "latestAction": {"text": "Read twice."}}
    row["relationshipDetails"] = [{"type": "Identical bill", "identifiedBy": "CRS"}, {"type": "Identical bill"}]
    found = read("relatedBills", row)
    assert list(found) == ["us/bill/119/s/2174"]
    assert found["us/bill/119/s/2174"] == {
        "text": "Identical bill: S 2174 · 119th",
        "label": "S 2174 · 119th: Identical bill",
        "identified_by": ["CRS"],
    }
    assert found == read("relatedBills", {**row, "title": "Another", "latestAction": {"text": "Passed."}})


def test_summaries_are_plain_words_and_a_touch_is_no_change() -> None:
    row = {"versionCode": "00", "actionDesc": "Introduced in House", "actionDate": "2025-12-09"}
    one = read(
        "summaries", {**row, "text": " <p><b>NATO Act</b></p> <p>This &amp; that.</p>", "updateDate": "2026-01-01"}
    )
    assert one["00"]["text"] == "NATO Act This & that."
    assert english(one["00"]["label"]) == "Introduced in House (5 words)"
    assert one == read(
        "summaries", {**row, "text": "<p>NATO Act</p><p>This &amp; that.</p>", "updateDate": "2026-02-02"}
    )


def test_subcommittees_stand_beside_their_committee() -> None:
    part = {"systemCode": "HSFA14", "name": "Europe Subcommittee", "activities": []}
    found = read("committees", {"systemCode": "hsfa00", "name": "Foreign Affairs", "subcommittees": [part]})
    assert [entry["label"] for entry in found.values()] == ["Foreign Affairs", "Europe Subcommittee (Foreign Affairs)"]
    assert found["hsfa14"]["parent"] == "hsfa00"


def cosponsor(who: str, name: str, since: str, until: str | None = None) -> dict[str, Any]:
    row = {"bioguideId": who, "fullName": name, "sponsorshipDate": since}
    return row | ({"sponsorshipWithdrawnDate": until} if until else {})


def test_cosponsors_carry_the_totals_by_party_of_their_day() -> None:
    found = read(
        "cosponsors",
        cosponsor("A1", "Rep. Constructed, A [R-FL-13]", "2026-01-05"),
        cosponsor("B2", "Rep. Constructed, B [D-NY-1]", "2026-01-05", "2026-02-01"),
        cosponsor("C3", "Rep. Constructed, C [R-TX-2]", "2026-01-20"),
        cosponsor("D4", "Rep. Constructed, D [I-VT]", "2026-03-01"),
    )
    assert {who: english(entry["text"]).partition("(")[2] for who, entry in found.items()} == {
        "A1": "2 cosponsors: 1 D, 1 R)",
        "B2": "2 cosponsors: 1 D, 1 R)",
        "B2/withdrawn": "2 cosponsors: 2 R)",
        "C3": "3 cosponsors: 2 R, 1 D)",
        "D4": "3 cosponsors: 2 R, 1 I)",
    }
    assert (found["A1"]["party"], found["A1"]["state"]) == ("R", "FL")


def test_who_joins_later_changes_no_words_of_who_was_there() -> None:
    one = cosponsor("A1", "Rep. Constructed, A [R-FL-13]", "2026-01-05")
    two = cosponsor("B2", "Rep. Constructed, B [D-NY-1]", "2026-01-06")
    assert read("cosponsors", one)["A1"] == read("cosponsors", one, two)["A1"]


def test_a_cosponsor_without_party_is_counted_all_the_same() -> None:
    assert read("cosponsors", cosponsor("A1", "Rep. Constructed", "2026-01-05"))["A1"]["totals"] == {"?": 1}


def activity(name: str, date: str) -> dict[str, str]:
    return {"name": name, "date": date}


LAST = {
    "desk 13: discharged months after the referral, listed in their order": (
        [activity("Referred to", "2025-07-24T14:00:00Z"), activity("Discharged from", "2025-12-09T15:00:00Z")],
        "discharged from, 2025-12-09",
    ),
    "the newest first, as the publisher lists them": (
        [activity("Discharged from", "2025-12-09T15:00:00Z"), activity("Referred to", "2025-07-24T14:00:00Z")],
        "discharged from, 2025-12-09",
    ),
    "two on one day, the later one last in the alphabet": (
        [activity("Reported by", "2025-12-09T20:00:00Z"), activity("Hearings by", "2025-12-09T15:00:00Z")],
        "reported by, 2025-12-09",
    ),
    "two on one day, the later one first in the alphabet": (
        [activity("Referred to", "2025-12-09T15:00:00Z"), activity("Discharged from", "2025-12-09T20:00:00Z")],
        "discharged from, 2025-12-09",
    ),
    "two at one moment: the newest stands first": (
        [activity("Markup by", "2025-12-09T15:00:00Z"), activity("Referred to", "2025-12-09T15:00:00Z")],
        "markup by, 2025-12-09",
    ),
    "late in the evening of the day before in Washington": (
        [activity("Referred to", "2025-12-10T03:00:00Z")],
        "referred to, 2025-12-09",
    ),
    "one without a day": (
        [activity("Referred to", "2025-07-24T14:00:00Z"), {"name": "Bills of Interest"}],
        "referred to, 2025-07-24",
    ),
}


@pytest.mark.parametrize(("activities", "last"), LAST.values(), ids=LAST)
def test_desk_13_a_committee_is_dated_by_what_it_did_last(activities: list[dict[str, str]], last: str) -> None:
    entry = read("committees", {"systemCode": "hsed00", "name": "Education", "activities": activities})["hsed00"]
    assert entry["label"] == f"Education ({last})"
    assert entry["on"] == last[-10:]


def test_a_committee_says_what_it_did_last() -> None:
    row = {"systemCode": "hsfa00", "name": "Foreign Affairs Committee"}
    referred = {"name": "Referred To", "date": "2025-12-09T17:05:05Z"}
    marked = {"name": "Markup By", "date": "2026-01-14T15:00:00Z"}
    before = read("committees", {**row, "activities": [referred]})["hsfa00"]
    after = read("committees", {**row, "activities": [marked, referred, referred]})["hsfa00"]
    assert before["label"] == "Foreign Affairs Committee (referred to, 2025-12-09)"
    assert after["label"] == "Foreign Affairs Committee (markup by, 2026-01-14)"
    assert [one["name"] for one in after["activities"]] == ["Referred To", "Markup By"]
    assert (before["on"], after["on"]) == ("2025-12-09", "2026-01-14"), "its day is that of the newest activity"


@pytest.mark.parametrize(
    ("row", "name", "label"),
    [
        pytest.param(
            {"congress": 119, "type": "SAMDT", "number": "2382", "latestAction": {"text": "Submitted"}},
            "us/amendment/119/samdt/2382",
            "amendment S.Amdt. 2382",
            id="a Senate amendment just submitted",
        ),
        pytest.param(
            {"congress": 119, "type": "HAMDT", "number": 7, "purpose": "To strike  section 2.", "description": "other"},
            "us/amendment/119/hamdt/7",
            "amendment H.Amdt. 7, To strike section 2.",
            id="a House amendment with its purpose",
        ),
        pytest.param(
            {"congress": 97, "type": "SUAMDT", "number": "12", "purpose": "x" * 400},
            "us/amendment/97/suamdt/12",
            "amendment S.UP.Amdt. 12, " + "x" * 299 + "…",
            id="a purpose that is the whole amendment",
        ),
    ],
)
def test_amendments_are_identities_without_their_own_news(row: Any, name: str, label: str) -> None:
    found = read("amendments", row)
    assert {subject: english(entry["label"]) for subject, entry in found.items()} == {name: label}
    assert found == read("amendments", {**row, "latestAction": {"text": "Agreed to."}, "updateDate": "2026-01-01"})


@pytest.mark.parametrize(
    ("member", "row", "words"),
    [
        ("cosponsors", {"fullName": "Rep. Luna"}, "bioguideId"),
        ("committees", {"name": "Foreign Affairs"}, "systemCode"),
        ("relatedBills", {"congress": 119, "number": "x", "type": "S"}, "relatedBills[1]"),
        ("relatedBills", {"congress": 119, "number": 1, "type": "XR"}, "XR"),
        ("textVersions", {"type": "Introduced", "date": "soon"}, "textVersions[1].date"),
        ("titles", {"title": 7}, "$.title"),
        ("summaries", {"text": []}, "$.text"),
        ("amendments", {"congress": 119, "type": "XAMDT", "number": 1}, "XAMDT"),
        ("amendments", {"congress": 119, "type": "SAMDT", "number": "1a"}, "1a"),
    ],
)
def test_what_cannot_be_read_is_named(member: str, row: Any, words: str) -> None:
    kind = "SAMDT" if member == "amendments" else "S"
    good = {"bioguideId": "X", "systemCode": "x", "congress": 119, "number": 1, "type": kind}
    with pytest.raises(Changed) as raised:
        read(member, good, row)
    assert words in str(raised.value)
    assert f"{member}[1]" in str(raised.value)


def test_the_default_kinds_follow_the_texts_alone() -> None:
    assert [one.facet for one in followed_lists(frozenset({Kind.STATUS, Kind.TEXT, Kind.VOTE}))] == ["texts"]
    assert len(followed_lists(frozenset(Kind))) == len(SUBLISTS) == 7
