"""Rows of `status` are filtered, sorted and grouped by what they say, not by where they stand in the file."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.alerts.routing import Watch
from domain.jurisdictions.us.names import us_bill
from monitor.config.settings import Settings, WatchSettings
from monitor.portfolio import (
    Filters,
    grouped,
    in_order,
    last_news,
    misnamed,
    next_date,
    portfolio_rows,
    select,
    watched,
)

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)


def row(name: str, **members: Any) -> dict[str, Any]:
    """Return a row as `status --json` has it, constructed."""
    absent = "title note stage status_on status_text introduced_on changed_at label priority position owner news_at"
    empty = dict.fromkeys(absent.split())
    return {"id": f"us/bill/119/hr/{len(name)}", "kind": "bill", "watch": name, "tags": []} | empty | members


ROWS = [
    row("plain", stage="introduced", status_on="2025-12-01", changed_at="2026-01-20T10:00:00Z"),
    row("nato", tags=["NATO", "client-a"], owner="Ana", priority="high", stage="in_committee", status_on="2025-12-09"),
    row(
        "changed",
        tags=["energy"],
        owner="bo",
        priority="low",
        stage="passed_one_chamber",
        status_on="2026-01-15",
        news_at="2026-01-17T23:30:00Z",
        title="Adjustable Rates Act",
        next_hearing={"on": "2026-02-01"},
    ),
    row(
        "war",
        id="ua/regime/martial-law",
        kind="regime",
        stage="in_force",
        status_on="2025-11-05",
        note="Київ",
        term={"ends_at": "2026-02-03T05:30:00+02:00"},
        next={"starts_at": None},
        days_left=14,
    ),
    row("White House", id="feed/white-house", kind="feed", status_on="2026-01-19", tags=["client-a"]),
]

WANTED = {
    "nothing named": (Filters(), ["plain", "nato", "changed", "war", "White House"]),
    "a tag, whatever its capitals": (Filters(tags=("nato",)), ["nato"]),
    "one of two tags": (Filters(tags=("energy", "CLIENT-A")), ["nato", "changed", "White House"]),
    "an owner": (Filters(owners=("ana",)), ["nato"]),
    "a stage as the screen writes it": (Filters(stages=("in committee",)), ["nato"]),
    "a stage as JSON writes it": (Filters(stages=("in_force",)), ["war"]),
    "kinds": (Filters(kinds=("regime", "feed")), ["war", "White House"]),
    "news since a day": (Filters(since=date(2026, 1, 17)), ["changed", "White House"]),
    "news since a day further east": (Filters(since=date(2026, 1, 18), zone="Europe/Kyiv"), ["changed", "White House"]),
    "a word of the title": (Filters(text="rates"), ["changed"]),
    "a word of the note, in another script": (Filters(text="КИЇВ"), ["war"]),
    "a tag and an owner who has none of it": (Filters(tags=("nato",), owners=("bo",)), []),
}


@pytest.mark.parametrize(("wanted", "names"), WANTED.values(), ids=WANTED)
def test_selects(wanted: Filters, names: list[str]) -> None:
    assert [one["watch"] for one in select(ROWS, wanted)] == names


ORDERS = {
    "changed": ["White House", "changed", "nato", "plain", "war"],
    "next": ["changed", "war", "White House", "nato", "plain"],
    "priority": ["nato", "White House", "plain", "war", "changed"],
    "name": ["changed", "nato", "plain", "war", "White House"],
}


@pytest.mark.parametrize(("by", "names"), ORDERS.items(), ids=ORDERS)
def test_sorts(by: str, names: list[str]) -> None:
    assert [one["watch"] for one in in_order(ROWS, by)] == names
    assert [one["watch"] for one in in_order(ROWS[::-1], by)] == names, "wherever they stand in the file"


def test_the_first_reading_is_no_news_of_the_day_it_was_read() -> None:
    assert last_news(ROWS[0]) == date(2025, 12, 1)
    assert last_news(row("unread")) is None


def test_a_term_that_ended_has_no_next_date() -> None:
    ended = row("war", stage="ended", term={"ends_at": "2026-02-03T05:30:00+02:00"}, next={"starts_at": None})
    assert next_date(ended) is None


def test_groups_name_each_tag_and_put_what_has_none_last() -> None:
    found = {heading: [one["watch"] for one in rows] for heading, rows in grouped(ROWS, "tag").items()}
    assert found == {
        "client-a": ["nato", "White House"],
        "energy": ["changed"],
        "NATO": ["nato"],
        "": ["plain", "war"],
    }
    assert list(grouped(ROWS, "owner")) == ["Ana", "bo", ""]


UNKNOWN = {
    "a tag with a slip": (Filters(tags=("natoo",)), 'unknown tag "natoo"; did you mean NATO?'),
    "a tag like none": (Filters(tags=("zzz",)), 'unknown tag "zzz"; expected one of NATO, energy'),
    "an owner": (Filters(owners=("anna",)), 'unknown owner "anna"; did you mean ana?'),
    "a stage": (Filters(stages=("in comittee",)), 'unknown stage "in comittee"; did you mean in_committee?'),
    "a part of a stage": (Filters(stages=("passed",)), 'unknown stage "passed"; did you mean passed_one_chamber?'),
    "a kind": (Filters(kinds=("bils",)), 'unknown kind "bils"; did you mean bill?'),
    "nothing": (Filters(tags=("nato",), owners=("Ana",), stages=("In force", "reported"), kinds=("Feed",)), None),
}


@pytest.mark.parametrize(("wanted", "sentence"), UNKNOWN.values(), ids=UNKNOWN)
def test_names_the_nearest_of_what_is_not_there(wanted: Filters, sentence: str | None) -> None:
    watches = [Watch("a", tags=("NATO", "energy"), owner="ana"), Watch("b")]
    assert misnamed(wanted, watches) == sentence


def test_says_that_no_watch_has_any_tag() -> None:
    assert misnamed(Filters(tags=("nato",)), [Watch("a")]) == 'unknown tag "nato"; no watch has any tag'


def test_what_is_watched_twice_has_the_tags_of_both_and_the_weightiest_priority(tmp_path: Path) -> None:
    bill = us_bill(119, "hr", 1)
    one = WatchSettings("one", bill, tags=("nato", "x"), priority="low", owner="ana")
    other = WatchSettings("other", bill, tags=("X", "energy"), note="for Tuesday", position="oppose")
    [(document, watch)] = watched(Settings(path=tmp_path, database="", watches=(one, other))).items()
    assert document == bill
    assert (watch.name, set(watch.tags)) == ("one", {"nato", "x", "energy"})
    assert (watch.priority, watch.owner, watch.position, watch.note) == ("normal", "ana", "oppose", "for Tuesday")


def test_of_what_has_another_tag_nothing_is_asked(tmp_path: Path) -> None:
    asked: list[list[str]] = []

    class Record:
        def status_rows(self, names: list[str], *_: object) -> tuple[()]:
            asked.append(names)
            return ()

        def moved(self, names: list[str]) -> dict[str, object]:
            asked.append(names)
            return {}

    bills = [us_bill(119, "hr", number) for number in range(1, 4)]
    watches = tuple(WatchSettings(str(bill), bill, tags=("a",) if bill.parts[-1] == "2" else ()) for bill in bills)
    settings = Settings(path=tmp_path, database="", watches=watches)
    rows = portfolio_rows(settings, Record(), NOW, Filters(tags=("A",)), full=False)  # type: ignore[arg-type]
    assert [row["id"] for row in rows] == [str(bills[1])]
    assert asked == [[str(bills[1])]] * 2
