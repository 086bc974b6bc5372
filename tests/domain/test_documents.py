"""Names that never change, and the Congress of a day."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.documents import DocumentId, label, named_feed, operational, public_url
from domain.jurisdictions.us.names import congress_end, congress_on, ordinal, us_bill


def test_a_bill_has_one_name() -> None:
    assert str(us_bill(119, "HR", 6508)) == "us/bill/119/hr/6508"
    assert DocumentId.parse("us/bill/119/hr/6508") == us_bill(119, "hr", 6508)


@pytest.mark.parametrize("text", ["", "us", "us/", "US/bill", "us/bill/119/hr/65 08", "ua/decree/793/2025/", "us/біл"])
def test_is_not_an_identity(text: str) -> None:
    with pytest.raises(ValueError, match="identity"):
        DocumentId.parse(text)


@pytest.mark.parametrize(("kind", "number"), [("hb", 1), ("hr", 0), ("hr", 99999999999), ("", 1)])
def test_is_not_a_bill(kind: str, number: int) -> None:
    with pytest.raises(ValueError, match="bill"):
        us_bill(119, kind, number)


DAYS = {
    "the first day of the 119th": (date(2025, 1, 3), 119),
    "the morning before it": (date(2025, 1, 2), 118),
    "new year's day of its second year": (date(2026, 1, 1), 119),
    "its last whole day": (date(2027, 1, 2), 119),
    "the day the 120th begins": (date(2027, 1, 3), 120),
    "the first Congress": (date(1789, 3, 4), 1),
}


@pytest.mark.parametrize(("day", "number"), DAYS.values(), ids=DAYS.keys())
def test_congress_on(day: date, number: int) -> None:
    assert congress_on(day) == number


@given(st.integers(74, 200))
def test_a_congress_ends_where_the_next_begins(number: int) -> None:
    assert congress_on(congress_end(number)) == number + 1


def test_ordinals_read_as_people_write_them() -> None:
    assert [ordinal(n) for n in (1, 2, 3, 11, 12, 13, 101, 112, 119, 121)] == [
        "1st", "2nd", "3rd", "11th", "12th", "13th", "101st", "112th", "119th", "121st"
    ]  # fmt: skip


LABELS = {
    "us/bill/119/hr/6508": "HR 6508 · 119th",
    "us/bill/119/hjres/105": "HJRes 105 · 119th",
    "ua/decree/793/2025": "UA decree 793/2025",
    "ua/law/4643-ix": "UA law 4643-IX",
    "ua/regime/martial-law": "UA martial law",
    "source/congress": "source congress",
}


@pytest.mark.parametrize(("document", "expected"), LABELS.items())
def test_label(document: str, expected: str) -> None:
    assert label(DocumentId.parse(document)) == expected


def test_a_channel_may_be_called_anything() -> None:
    assert str(operational("channel", "Policy Room №1")) == "channel/policy-room-1"
    assert str(operational("channel", "—")) == "channel/unnamed"


def test_a_bill_has_a_page_people_can_open() -> None:
    assert public_url(us_bill(119, "sjres", 80)) == (
        "https://www.congress.gov/bill/119th-congress/senate-joint-resolution/80"
    )
    assert public_url(operational("source", "congress")) is None


@pytest.mark.parametrize(
    ("name", "identity"),
    [
        ("White House actions", "feed/white-house-actions"),
        ("uk-bills", "feed/uk-bills"),
        ("Укази", "feed/feed-a0b1c2d3"),
        ("https://example.org/feed/", "feed/https-example-org-feed-a0b1c2d3"),
        ("x" * 300, "feed/" + "x" * 48 + "-a0b1c2d3"),
        ("../..", "feed/feed-a0b1c2d3"),
    ],
)
def test_a_feed_is_called_after_its_watch(name: str, identity: str) -> None:
    found = str(named_feed(name))
    assert found == identity or (identity.endswith("-a0b1c2d3") and found[:-8] == identity[:-8])
    assert label(named_feed(name)) == found.removeprefix("feed/")


@given(st.text(), st.text())
def test_two_names_share_a_feed_only_if_they_read_alike(one: str, other: str) -> None:
    if named_feed(one) == named_feed(other):
        assert re.split(r"[\s-]+", one.strip().lower()) == re.split(r"[\s-]+", other.strip().lower())


def test_an_entry_is_within_its_feed_and_nothing_else_is() -> None:
    feed = named_feed("White House actions")
    entry = DocumentId("feed", feed.kind, ("0123456789abcdef",))
    assert entry.is_within(feed)
    assert feed.is_within(feed)
    assert not feed.is_within(entry)
    assert not us_bill(119, "hr", 6508).is_within(us_bill(119, "hr", 65))
    assert entry.is_feed
    assert not us_bill(119, "hr", 1).is_feed
