"""What a poll of api.congress.gov asks, says and remembers."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from domain.jurisdictions.us.names import us_bill
from domain.observation import PollRequest
from domain.options import Secret
from domain.records.facets import DEFAULT_KINDS, Kind
from tests.watchers.congress.publisher import (
    BASE,
    BILL,
    INTRODUCED,
    KEY,
    REPORTED,
    START,
    TEXT,
    Bill,
    CongressPoller,
    Publisher,
    add,
    followed,
)
from watchers.congress import CONGRESS, DEMO_KEY
from watchers.congress.watcher import CongressWatcher

EVERYTHING = frozenset(Kind) - {Kind.HEARING}
USUAL = DEFAULT_KINDS - {Kind.HEARING}
"""Meetings have a list of their own, which test_hearings.py looks at."""
QUIET = timedelta(minutes=15)
OTHER = us_bill(119, "s", 2174)


def test_the_first_poll_reads_list_item_and_actions_and_nothing_that_is_empty() -> None:
    publisher = Publisher()
    reader = CongressPoller(publisher, EVERYTHING)
    (step,) = reader.poll()
    assert publisher.paths() == ["119", "119/hr/6508", "119/hr/6508/actions"]
    assert [change.kind for change in step.changes] == [Kind.APPEARED]
    assert step.record.last_status is not None
    assert (step.record.last_status.status, step.record.last_status.on) == ("REFERRED", "2025-12-09")
    assert step.record.facets["related"] == {}, "stated as empty, so that a first entry will be news"
    assert sum(page.requests for page in reader.pages) == 3


def test_a_poll_that_finds_nothing_costs_one_request_and_says_nothing() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    reader.poll()
    publisher.paths()
    before = reader.cursor
    assert reader.poll() == []
    assert publisher.paths() == ["119"]
    (page,) = reader.pages
    assert (page.cursor, page.observations, page.requests, page.faults) == (None, (), 1, ())
    assert reader.cursor == before


def test_an_unchanged_list_is_asked_by_the_same_address_and_not_parsed() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, REPORTED)
    reader.poll()
    publisher.asked.clear()
    reader.poll(timedelta(seconds=1))
    reader.poll(timedelta(seconds=1))
    first, second = publisher.asked
    assert first.url == second.url
    body = publisher(first).body

    class Unreadable(bytes):
        def removeprefix(self, *_: object) -> bytes:
            raise AssertionError("an answer already known was parsed")

    publisher.turns = lambda path, query: Unreadable(body)
    assert reader.poll(timedelta(seconds=1)) == []


def test_the_key_travels_in_a_header_only() -> None:
    publisher = Publisher()
    reader = CongressPoller(publisher, EVERYTHING)
    publisher.bills[BILL].lists["text"] = [TEXT]
    reader.poll()
    assert {request.headers["X-Api-Key"] for request in publisher.asked} == {"planted-key"}
    assert all("planted-key" not in request.url for request in publisher.asked)
    assert all(request.url.startswith(f"{BASE}/bill/119") for request in publisher.asked)
    assert "planted-key" not in (reader.cursor or "")
    assert all("planted-key" not in found.url for page in reader.pages for found in page.evidence)


def test_a_new_action_is_reported_once() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, REPORTED)
    assert reader.news() == [("status", "REPORTED"), ("action", REPORTED["text"])]
    assert publisher.paths() == ["119", "119/hr/6508", "119/hr/6508/actions"]
    assert [reader.news() for _ in range(40)] == [[]] * 40


def test_a_touch_that_changes_nothing_is_silent_and_gets_no_further_list() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["text"] = [TEXT]
    reader = followed(publisher)
    publisher.bills[BILL].updated = publisher.now
    assert reader.poll() == []
    assert publisher.paths() == ["119", "119/hr/6508", "119/hr/6508/actions"]


def test_a_text_version_is_asked_for_when_its_count_moves() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].lists["text"] = [TEXT]
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == [("text", "Introduced in House")]
    assert publisher.paths()[-1] == "119/hr/6508/text"


def test_a_facet_newly_followed_is_read_without_news() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["titles"] = [{"title": "NATO Act", "titleType": "Short Title", "titleTypeCode": 101}]
    reader = followed(publisher)
    reader.kinds = DEFAULT_KINDS | {Kind.TITLE}
    assert reader.news() == []
    assert "119/hr/6508/titles" in publisher.paths()
    assert len(reader.records[BILL].facets["titles"]) == 1


def test_an_action_that_shows_after_its_stamp_moved_is_met_within_the_hour() -> None:
    """LibraryOfCongress/api.congress.gov #384."""
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].updated = publisher.now
    assert reader.news() == []
    publisher.bills[BILL].lists["actions"].insert(0, REPORTED)
    told = [change for _ in range(3) for change in reader.news()]
    assert ("status", "REPORTED") in told


def test_a_bill_the_list_lacks_is_read_on_the_slow_interval() -> None:
    """LibraryOfCongress/api.congress.gov #233."""
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, REPORTED, at=START - timedelta(days=2))
    told = [change for _ in range(24) for change in reader.news()]
    assert ("status", "REPORTED") in told


def test_followed_lists_are_read_once_a_day_although_their_counts_stand() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["titles"] = [{"title": "One", "titleType": "Short Title", "titleTypeCode": 101}]
    reader = followed(publisher, kinds=EVERYTHING)
    publisher.bills[BILL].lists["titles"] = [{"title": "Two", "titleType": "Short Title", "titleTypeCode": 101}]
    told = [change for _ in range(25) for change in reader.news(timedelta(hours=1))]
    assert told == [("title", "Short Title: Two")]


def test_each_bill_is_a_page_whose_cursor_remembers_it() -> None:
    publisher = Publisher({BILL: Bill(), OTHER: Bill()})
    whole = list(
        CongressWatcher(BASE, KEY).poll(PollRequest(None, dict.fromkeys(publisher.bills, USUAL), START), publisher)
    )
    assert [len(page.observations) for page in whole] == [1, 1]
    publisher.asked.clear()
    resumed = PollRequest(whole[0].cursor, dict.fromkeys(publisher.bills, USUAL), START)
    (rest,) = CongressWatcher(BASE, KEY).poll(resumed, publisher)
    assert rest.observations[0].document == whole[1].observations[0].document


def test_a_bill_the_list_showed_is_not_forgotten_when_the_poll_is_cut_off() -> None:
    publisher = Publisher({BILL: Bill(), OTHER: Bill()})
    reader = followed(publisher)
    for bill in (BILL, OTHER):
        add(publisher, REPORTED, bill)
    publisher.headers = {"x-ratelimit-remaining": "20"}
    first = reader.news()
    assert first == [], "the allowance is kept for the list"
    assert reader.pages[-1].waiting.keys() == {BILL, OTHER}
    assert all(reader.pages[-1].waiting.values()), "they were read before"
    publisher.headers = {}
    assert sorted(reader.news()) == sorted([("action", REPORTED["text"]), ("status", "REPORTED")] * 2)


def test_what_is_likely_news_is_read_before_what_was_never_read() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[us_bill(119, "hr", 1)] = Bill()
    add(publisher, REPORTED)
    reader.poll()
    assert [p for p in publisher.paths() if p.count("/") == 2] == ["119/hr/6508", "119/hr/1"]


def test_five_hundred_bills_fit_into_sixty_kilobytes() -> None:
    bills = {us_bill(119, "hconres", 90_000 + number): Bill() for number in range(500)}
    reader = CongressPoller(Publisher(bills), EVERYTHING)
    reader.poll()
    assert len(reader.records) == 500
    assert len((reader.cursor or "").encode()) <= 60_000


def test_the_slow_interval_is_spread() -> None:
    bills = {us_bill(119, "hr", number): Bill() for number in range(1, 201)}
    reader = CongressPoller(publisher := Publisher(bills))
    reader.poll()
    publisher.asked.clear()
    read = []
    for _ in range(24):
        reader.poll()
        read.append(sum(path.count("/") == 2 for path in publisher.paths()))
    assert sum(read) >= 200, "every bill within six hours"
    assert max(read) <= 60, "and never most of them at once"


def test_two_congresses_are_two_lists() -> None:
    publisher = Publisher({BILL: Bill(), us_bill(118, "hr", 131): Bill()})
    reader = followed(publisher)
    reader.poll()
    assert publisher.paths()[:2] == ["118", "119"]


def test_nothing_followed_asks_nothing() -> None:
    publisher = Publisher({})
    assert CongressPoller(publisher).poll() == []
    assert publisher.asked == []


def test_a_bill_no_longer_followed_is_forgotten() -> None:
    publisher = Publisher({BILL: Bill(), OTHER: Bill()})
    reader = followed(publisher)
    del publisher.bills[OTHER]
    reader.poll()
    assert "2174" not in (reader.cursor or "")


@pytest.mark.parametrize("cursor", ["", "{}", "null", '{"version":9}', "not JSON", '{"version":1,"marks":{"x":[""]}}'])
def test_a_cursor_that_cannot_be_read_starts_anew_and_loses_nothing(cursor: str) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    reader.cursor = cursor
    add(publisher, REPORTED, at=START - timedelta(days=2))
    assert ("status", "REPORTED") in reader.news()


# -- DEMO_KEY ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bills", "key", "said"),
    [
        (60, DEMO_KEY, ["60 bills need about 180 requests: 8 days with DEMO_KEY; a free key does it at once"]),
        (8, DEMO_KEY, []),
        (60, KEY, []),
    ],
    ids=["sixty bills with the key everybody shares", "few bills", "a key of one's own"],
)
def test_check_says_how_long_many_bills_take(bills: int, key: Secret, said: list[str]) -> None:
    watches = [SimpleNamespace(search=None, document=us_bill(119, "hr", n + 1)) for n in range(bills)]
    section = SimpleNamespace(options=SimpleNamespace(api_key=key, whole=False))
    settings = SimpleNamespace(sources={"congress": section}, watches=watches)
    assert CONGRESS.costs is not None
    assert list(CONGRESS.costs(settings, START.date())) == said


def test_without_a_key_the_shared_one_is_used_within_its_fifty_requests_a_day() -> None:
    bills = {us_bill(119, "hr", number): Bill() for number in range(1, 31)}
    reader = CongressPoller(publisher := Publisher(bills, now=datetime(2026, 1, 6, tzinfo=UTC)), key=None)
    watcher = CongressWatcher(BASE, None)
    assert watcher.min_interval == timedelta(hours=1)
    assert CongressWatcher(BASE, KEY).min_interval == timedelta(0)
    for _ in range(3):
        publisher.asked.clear()
        for _ in range(24):
            reader.poll(watcher.min_interval)
        assert len(publisher.asked) <= 50
    assert {request.headers["X-Api-Key"] for request in publisher.asked} == {"DEMO_KEY"}
    assert len(reader.records) == 30, "days go by, but every bill has its turn"


def test_a_shared_key_that_others_used_up_keeps_what_is_left_for_the_list() -> None:
    publisher = Publisher(headers={"x-ratelimit-remaining": "3"})
    CongressPoller(publisher, key=None).poll()
    assert publisher.paths() == ["119"]


def test_the_clock_set_back_reads_once_and_goes_on() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    reader.poll(timedelta(days=-1))
    assert "119/hr/6508" in publisher.paths()
    reader.poll()
    reader.poll(timedelta(days=1))
    add(publisher, REPORTED)
    assert ("status", "REPORTED") in reader.news()


def test_a_stamp_from_the_future_blinds_nobody() -> None:
    far = us_bill(119, "hr", 9999)
    publisher = Publisher({BILL: Bill(), far: Bill(updated=START + timedelta(days=4000))})
    reader = followed(publisher)
    add(publisher, REPORTED)
    assert ("status", "REPORTED") in reader.news()
    late = {**REPORTED, "text": "Committee on Foreign Affairs discharged."}
    add(publisher, late)
    assert ("action", late["text"]) in reader.news()


def test_a_reserved_number_becomes_a_bill() -> None:
    """Numbers are reserved for leaders: no sponsor, hardly an action, and /actions may fail (#335, #398)."""
    publisher = Publisher({BILL: Bill(title="Reserved for the Speaker.", lists={"actions": []})})
    publisher.turns = lambda path, query: (500, {"error": "broken"}) if path.endswith("/actions") else None
    reader = followed(publisher)
    assert reader.records[BILL].title == "Reserved for the Speaker."
    publisher.turns = lambda path, query: None
    publisher.bills[BILL].says = {"sponsors": [{"bioguideId": "X1", "fullName": "Rep. Example"}]}
    publisher.bills[BILL].title = "Example Act"
    add(publisher, INTRODUCED)
    told = reader.news()
    assert told == [("status", "INTRODUCED"), ("action", "Introduced in House")]
    assert reader.records[BILL].title == "Example Act"
    assert not [kind for kind, _ in told if kind in ("sponsor", "title")], "filled in, they are no news of their own"


def test_evidence_holds_the_bytes_of_every_facet() -> None:
    publisher = Publisher()
    publisher.bills[BILL].lists["text"] = [TEXT]
    reader = CongressPoller(publisher)
    reader.poll()
    (page,) = reader.pages
    (observation,) = page.observations
    kept = {found.digest: found for found in page.evidence}
    assert set(observation.facets) <= set(observation.evidence)
    assert set(observation.evidence.values()) == set(kept)
    assert b"Introduced in House" in kept[observation.evidence["texts"]].body
    assert observation.published_at == publisher.bills[BILL].updated
    assert observation.url == "https://www.congress.gov/bill/119th-congress/house-bill/6508"
    assert replace(observation, published_at=None).reader == "congress/1"
