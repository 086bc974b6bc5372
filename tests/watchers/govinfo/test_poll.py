"""GovInfo is asked little, believed as far as it goes, and never takes an empty list for the end of all bills."""

from __future__ import annotations

from datetime import timedelta

import pytest

from domain.documents import DocumentId
from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.jurisdictions.us.names import us_bill
from tests.watchers.govinfo.billstatus_files import written
from tests.watchers.govinfo.publisher import (
    BILL,
    HOUR,
    LISTING,
    REPORTED,
    RSS,
    SITEMAP,
    START,
    File,
    GovInfoPoller,
    GovInfoServer,
    Reply,
    feed,
    followed,
    listing,
    place,
    sitemap,
)
from watchers.govinfo.watcher import MAX_REREADS

OTHER = us_bill(119, "hr", 9002)
NEWS = ("status", "REPORTED")
XML, JSON = "application/xml", "application/json"


def test_the_first_poll_reads_what_is_followed() -> None:
    bulk = GovInfoServer()
    reader = GovInfoPoller(bulk)
    (step,) = reader.poll()
    assert bulk.paths() == [RSS, LISTING, place(BILL)]
    assert step.source == "govinfo"
    assert step.record.last_status is not None
    assert step.record.last_status.status == "REFERRED"
    (evidence,) = reader.pages[0].evidence
    assert set(step.evidence.values()) == {evidence.digest}
    assert reader.faults == []


@pytest.mark.parametrize("validators", [True, False], ids=["with an ETag", "without one"])
def test_nothing_moves_and_one_request_is_made(validators: bool) -> None:
    bulk = GovInfoServer(validators=validators)
    reader = followed(bulk)
    for _ in range(4):
        assert reader.poll() == []
        assert bulk.paths() == [RSS]
        assert [page.cursor for page in reader.pages] == [None]


def test_a_file_that_was_announced_is_read_and_no_other() -> None:
    bulk = GovInfoServer(files={BILL: File(), OTHER: File(written(number=9002))})
    reader = followed(bulk)
    bulk.write(REPORTED)
    assert NEWS in reader.news()
    assert bulk.paths() == [RSS, place(BILL)]
    assert reader.news() == []


def test_what_a_batch_writes_of_others_costs_nothing() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.batches.append(("another", bulk.now, (us_bill(119, "s", 1), us_bill(118, "hr", 9001))))
    assert reader.poll() == []
    assert bulk.paths() == [RSS]


def test_an_announced_file_that_comes_late_is_asked_again() -> None:
    """Caches hand out the old file for a while."""
    bulk = GovInfoServer()
    reader = followed(bulk)
    old = bulk.files[BILL]
    bulk.write(REPORTED)
    new, bulk.files[BILL] = bulk.files[BILL], old
    assert reader.news() == []
    bulk.files[BILL] = new
    assert NEWS in reader.news()
    bulk.paths()
    reader.poll()
    assert bulk.paths() == [RSS]


def test_an_announced_file_that_never_changes_is_let_be() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.batches.append(("touched alone", bulk.now, (BILL,)))
    asked = []
    for _ in range(MAX_REREADS + 3):
        reader.poll(timedelta(minutes=40))
        asked += bulk.paths()
    assert asked.count(place(BILL)) == 1 + MAX_REREADS


def test_notices_that_are_suspended_send_us_to_the_listing() -> None:
    """An item may name no file (usgpo/bill-status, README: notices are suspended while all is processed anew)."""
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.write(REPORTED, announced=False)
    bulk.batches.append(("reprocessed", bulk.now, ()))
    assert NEWS in reader.news()
    assert bulk.paths() == [RSS, LISTING, place(BILL)]
    assert reader.faults == []


def test_a_feed_that_has_run_past_what_we_know_sends_us_to_the_listing() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.write(REPORTED)
    bulk.batches = [(f"batch {n}", bulk.now + n * HOUR, (OTHER,)) for n in range(3)]
    assert NEWS in reader.news()
    assert reader.faults == []


def test_what_the_feed_forgot_the_listing_tells() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.write(REPORTED, announced=False)
    told = [news for _ in range(7) for news in reader.news()]
    assert told.count(NEWS) == 1


def test_a_feed_that_stopped_is_a_fault() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    reader.poll(3 * timedelta(days=1))
    bulk.write(REPORTED, announced=False)
    assert NEWS in [news for _ in range(7) for news in reader.news()]
    bulk.write(announced=False)
    faults = []
    for _ in range(7):
        reader.poll()
        faults += reader.faults
    assert any("saw nothing for a day" in str(fault.error) for fault in faults)


EMPTY = {
    RSS: (feed([]), "application/rss+xml"),
    LISTING: (b'{"files": []}', JSON),
    SITEMAP: (sitemap({}), XML),
}
BROKEN: dict[str, dict[str, Reply]] = {
    "empty": dict(EMPTY),
    "gone": {path: Refused(f"{path}: status 404", status=404) for path in EMPTY},
    "a page": {path: Changed(f"{path}: expected XML, saw text/html") for path in EMPTY},
    "out of order": {path: Unavailable(f"{path}: status 503", status=503) for path in EMPTY},
    "not XML": dict.fromkeys(EMPTY, (b"<rss", XML)),
    "of another shape": dict.fromkeys(EMPTY, (b"<html><body/></html>", XML)),
}


@pytest.mark.parametrize("fault", BROKEN)
@pytest.mark.parametrize("well", [LISTING, SITEMAP], ids=["the listing works", "the sitemap works"])
def test_one_sign_that_works_suffices(fault: str, well: str) -> None:
    """Empty or old sitemaps and listings: usgpo/bulk-data #37, usgpo/bill-status #100, #139."""
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.turns = lambda path: BROKEN[fault].get(path) if path != well else None
    assert reader.news() == []
    assert reader.faults
    bulk.write(REPORTED)
    assert NEWS in reader.news()
    assert all(isinstance(found.error, SourceError) for found in reader.faults)
    assert BILL in reader.records


@pytest.mark.parametrize("fault", BROKEN)
def test_no_sign_at_all_is_a_broken_source_and_no_end_of_bills(fault: str) -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.turns = BROKEN[fault].get
    with pytest.raises(SourceError) as raised:
        reader.poll()
    assert raised.value.state == ("changed" if fault not in ("gone", "out of order") else raised.value.state)
    bulk.write(REPORTED)
    with pytest.raises(SourceError):
        reader.poll()
    assert reader.records[BILL].last_status is not None
    assert reader.records[BILL].last_status.status == "REPORTED", "the file itself is asked within the hour"
    bulk.turns = lambda path: None
    assert reader.news() == []


@pytest.mark.parametrize(
    ("stale", "path"),
    [
        ((feed([("older", START - timedelta(days=9), (OTHER,))]), "application/rss+xml"), RSS),
        ((listing({BILL: File(at=START - timedelta(days=9))}), JSON), LISTING),
    ],
    ids=["the feed", "the listing"],
)
def test_an_older_copy_is_a_fault_and_says_nothing(stale: Reply, path: str) -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.turns = lambda asked: stale if asked == path else None
    assert reader.news(7 * HOUR) == []
    (fault,) = reader.faults
    assert "older copy" in str(fault.error)
    bulk.write(REPORTED)
    assert NEWS in [news for _ in range(3) for news in reader.news(7 * HOUR)]


def test_a_bill_missing_from_a_listing_is_a_fault_of_the_listing() -> None:
    bulk = GovInfoServer(files={BILL: File(), OTHER: File(written(number=9002))})
    reader = followed(bulk)
    bulk.turns = lambda path: (listing({OTHER: File()}), JSON) if path == LISTING else None
    assert reader.news(7 * HOUR) == []
    assert any("expected the file of us/bill/119/hr/9001, saw none" in str(fault.error) for fault in reader.faults)
    assert reader.records[BILL].facets["actions"]


@pytest.mark.parametrize(
    "error",
    [
        Blocked("a challenge", status=403),
        Unavailable("slow down", status=429),
        Unavailable("no network", reached=False),
    ],
    ids=["blocked", "too many requests", "no network"],
)
def test_a_publisher_that_wants_peace_has_it(error: SourceError) -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.turns = lambda path: error
    with pytest.raises(type(error)):
        reader.poll()
    assert len(bulk.paths()) == 1


def test_every_file_is_read_whole_at_the_interval() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    reader.poll(13 * HOUR)
    (request,) = [request for request in bulk.asked if request.url.endswith(place(BILL))]
    assert (request.etag, request.last_modified) == (None, None)
    assert len(reader.pages[0].observations) == 1


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (Refused("status 404", status=404), "404"),
        ((b"<html/>", XML), "expected <billStatus>"),
        ((written(number=9002), XML), "expected us/bill/119/hr/9001, saw us/bill/119/hr/9002"),
        ((b" ", XML), "saw an empty file"),
    ],
    ids=["not there", "a page", "another bill's", "empty (usgpo/bill-status #103)"],
)
def test_a_file_that_cannot_be_read_is_a_fault_of_its_own(reply: Reply, told: str) -> None:
    bulk = GovInfoServer(files={BILL: File(), OTHER: File(written(number=9002))})
    reader = followed(bulk)
    bulk.write(REPORTED)
    bulk.write(REPORTED, bill=OTHER)
    bulk.turns = lambda path: reply if path == place(BILL) else None
    assert NEWS in reader.news()
    (fault,) = reader.faults
    assert fault.document == BILL
    assert told in str(fault.error)
    bulk.turns = lambda path: None
    assert NEWS in reader.news()


def test_a_file_that_fails_again_and_again_is_asked_ever_more_rarely() -> None:
    bulk = GovInfoServer()
    reader = followed(bulk)
    bulk.write(REPORTED)
    bulk.turns = lambda path: Refused("status 404", status=404) if path == place(BILL) else None
    asked = 0
    for _ in range(24):
        reader.poll()
        asked += bulk.paths().count(place(BILL))
    assert 4 <= asked <= 16, "tried at once, then after ever longer pauses, and anew when a listing names it"


def test_a_publisher_that_stops_answering_ends_the_poll() -> None:
    others = [us_bill(119, "hr", number) for number in range(9001, 9006)]
    bulk = GovInfoServer(files={bill: File(written(number=int(bill.parts[2]))) for bill in others})
    bulk.turns = lambda path: Unavailable("status 503", status=503) if "/BILLSTATUS-" in path else None
    with pytest.raises(Unavailable):
        GovInfoPoller(bulk).poll()
    assert len([path for path in bulk.paths() if "/BILLSTATUS-" in path]) == 2


def test_what_is_no_longer_followed_is_forgotten() -> None:
    bulk = GovInfoServer(files={BILL: File(), OTHER: File(written(number=9002))})
    reader = followed(bulk)
    del bulk.files[OTHER]
    reader.poll()
    assert reader.cursor is not None
    assert "119/hr/9002" not in reader.cursor
    assert "119/hr/9001" in reader.cursor


@pytest.mark.parametrize("cursor", ["", "{}", '{"version": 9}', "[1]", '{"marks": 7}'])
def test_a_cursor_that_cannot_be_read_is_none(cursor: str) -> None:
    reader = GovInfoPoller(GovInfoServer(), cursor=cursor)
    assert len(reader.poll()) == 1


def test_bills_of_two_congresses_and_types_have_listings_of_their_own() -> None:
    bills: dict[DocumentId, File] = {BILL: File(), us_bill(117, "s", 9003): File()}
    bulk = GovInfoServer(files=bills)
    reader = GovInfoPoller(bulk)
    reader.poll()
    paths = bulk.paths()
    assert "/bulkdata/json/BILLSTATUS/117/s" in paths
    assert LISTING in paths


def test_the_moment_of_polling_does_not_matter() -> None:
    """Whenever we look, an event is told once: by the feed, by the listing, or at the beat."""
    for minutes in (7, 61, 240, 800, 2000):
        bulk = GovInfoServer()
        reader = followed(bulk)
        told = []
        for number in range(12):
            if number == 5:
                bulk.write(REPORTED)
            told += reader.news(timedelta(minutes=minutes))
        assert told.count(NEWS) == 1, minutes
