"""What a poll costs, and that it never believes a server that says "unchanged" for ever."""

from __future__ import annotations

import pytest

from tests.watchers.feed.feed_poller import ADDRESS, EVERY, FeedPoller, Item, acts, following, rss
from watchers.feed.watcher import MAX_BYTES, RECHECK

TEN = rss(acts(*range(10)))
ETAG = {"etag": '"1"'}
DATE = {"last-modified": "Mon, 05 Jan 2026 12:00:00 GMT"}


@pytest.mark.parametrize("validators", [ETAG, DATE, ETAG | DATE], ids=["an ETag", "a date", "both"])
def test_a_304_is_one_request_and_nothing_to_write(validators: dict[str, str]) -> None:
    desk = following(TEN, headers=validators)
    outcome = desk.poll()
    assert (outcome.requests, outcome.quiet, len(desk.asked)) == (1, True, 2)
    assert desk.asked[1].etag == validators.get("etag")
    assert desk.asked[1].last_modified == validators.get("last-modified")


def test_the_same_bytes_are_not_read_again() -> None:
    desk = following(TEN)
    outcome = desk.poll()
    assert (outcome.requests, outcome.quiet) == (1, True)
    assert (desk.asked[1].etag, desk.asked[1].last_modified) == (None, None)


def test_a_new_etag_with_the_same_bytes_is_stored_so_that_the_next_answer_is_a_304() -> None:
    desk = following(TEN, headers={"etag": '"1"'})
    desk.headers = {"etag": '"2"'}
    assert desk.poll().revisions == 0
    assert desk.poll().quiet
    assert desk.asked[-1].etag == '"2"'


def test_a_server_that_says_unchanged_for_ever_is_asked_without_conditions_after_twenty_polls() -> None:
    desk = following(TEN, headers=ETAG)
    desk.body = rss([Item(11), *acts(*range(10))])
    outcomes = [desk.poll() for _ in range(21)]
    assert sum(o.alerts for o in outcomes) == 1
    assert [request.etag for request in desk.asked].count(None) == 2
    assert EVERY.total_seconds() * 20 == RECHECK


def test_a_recheck_that_finds_nothing_is_not_repeated_at_each_poll() -> None:
    desk = following(TEN, headers=ETAG)
    for _ in range(45):
        desk.poll()
    assert [request.etag for request in desk.asked].count(None) == 3


def test_the_request_is_capped_and_names_what_it_reads() -> None:
    desk = following(TEN)
    assert desk.asked[0].url == ADDRESS
    assert desk.asked[0].max_bytes == MAX_BYTES == 20 * 1024 * 1024
    assert "application/atom+xml" in desk.asked[0].headers["accept"]


def test_a_validator_too_long_to_be_sent_back_is_none() -> None:
    desk = following(TEN, headers={"etag": "x" * 10_000})
    desk.poll()
    assert desk.asked[-1].etag is None


def test_a_clock_set_back_asks_without_conditions() -> None:
    desk = FeedPoller(headers=ETAG)
    desk.poll(TEN)
    desk.now -= 10 * EVERY
    desk.poll()
    assert desk.asked[-1].etag is None
