"""What do a bill's further lists say?"""

from __future__ import annotations

import json
from typing import Any

import pytest

from domain.errors import Changed
from domain.facets import Kind
from watchers.congress.sublists import SUBLISTS, followed


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


def test_titles_are_named_by_type_and_words_and_the_display_title_is_told_elsewhere() -> None:
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
    assert after["L000596/withdrawn"] == {
        "on": "2026-01-05",
        "text": "Cosponsor withdrew: Rep. Luna",
        "label": "Rep. Luna withdrew",
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
        "label": "Identical bill",
        "identified_by": ["CRS"],
    }
    assert found == read("relatedBills", {**row, "title": "Another", "latestAction": {"text": "Passed."}})


def test_summaries_are_plain_words_and_a_touch_is_no_change() -> None:
    row = {"versionCode": "00", "actionDesc": "Introduced in House", "actionDate": "2025-12-09"}
    one = read(
        "summaries", {**row, "text": " <p><b>NATO Act</b></p> <p>This &amp; that.</p>", "updateDate": "2026-01-01"}
    )
    assert one["00"]["text"] == "NATO Act This & that."
    assert one["00"]["label"] == "Introduced in House (5 words)"
    assert one == read(
        "summaries", {**row, "text": "<p>NATO Act</p><p>This &amp; that.</p>", "updateDate": "2026-02-02"}
    )


def test_subcommittees_stand_beside_their_committee() -> None:
    part = {"systemCode": "HSFA14", "name": "Europe Subcommittee", "activities": []}
    found = read("committees", {"systemCode": "hsfa00", "name": "Foreign Affairs", "subcommittees": [part]})
    assert [entry["label"] for entry in found.values()] == ["Foreign Affairs", "Europe Subcommittee (Foreign Affairs)"]
    assert found["hsfa14"]["parent"] == "hsfa00"


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
    ],
)
def test_what_cannot_be_read_is_named(member: str, row: Any, words: str) -> None:
    good = {"bioguideId": "X", "systemCode": "x", "congress": 119, "number": 1, "type": "S"}
    with pytest.raises(Changed) as raised:
        read(member, good, row)
    assert words in str(raised.value)
    assert f"{member}[1]" in str(raised.value)


def test_the_default_kinds_follow_the_texts_alone() -> None:
    assert [one.facet for one in followed(frozenset({Kind.STATUS, Kind.TEXT, Kind.VOTE}))] == ["texts"]
    assert len(followed(frozenset(Kind))) == len(SUBLISTS) == 6
