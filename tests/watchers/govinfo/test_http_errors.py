"""GovInfo asked through the real door: media types, validators, and a listing that needs to be asked for as data."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from domain.observation import PollRequest
from domain.records.facets import DEFAULT_KINDS
from domain.sources import Request
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.monitor.http.misbehaving_server import open_client
from tests.watchers.govinfo.publisher import BASE, BILL, LISTING, REPORTED, RSS, START, GovInfoServer, place
from watchers.govinfo.watcher import GovInfoWatcher

PAGE = Reply(200, b"<!doctype html><html><body>Bulk data</body></html>", "text/html")


def relay(bulk: GovInfoServer) -> Callable[[ReceivedRequest], Reply]:
    """Answer as the publisher does: a listing asked for as anything but data comes as a page."""

    def answer(asked: ReceivedRequest) -> Reply:
        if asked.path == LISTING and "json" not in asked.headers.get("accept", ""):
            return PAGE
        found = bulk(Request(f"{BASE}{asked.path}", etag=asked.headers.get("if-none-match")))
        return Reply(found.status, found.body, found.headers["content-type"], {"ETag": found.headers["etag"]})

    return answer


def test_a_file_that_moved_is_read_and_an_unmoved_feed_is_not_sent_twice() -> None:
    bulk = GovInfoServer()
    cursor, now = None, START
    with serve(relay(bulk)) as publisher, open_client() as door:
        told = []
        for turn in range(4):
            if turn == 2:
                bulk.now = now
                bulk.write(REPORTED)
            asked = len(publisher.asked)
            for page in GovInfoWatcher(publisher.url).poll(PollRequest(cursor, {BILL: DEFAULT_KINDS}, now), door):
                assert page.faults == ()
                cursor = page.cursor or cursor
                told += [len(o.facets["actions"]) for o in page.observations]
            paths = [one.path for one in publisher.asked[asked:]]
            assert paths == {0: [RSS, LISTING, place(BILL)], 2: [RSS, place(BILL)]}.get(turn, [RSS])
            now += timedelta(hours=1)
    assert told == [2, 3]
    assert all("if-none-match" in one.headers for one in publisher.asked[3:])
    assert not any("api_key" in one.path or "x-api-key" in one.headers for one in publisher.asked)


@pytest.mark.parametrize("path", [RSS, LISTING])
def test_a_page_in_place_of_data_is_a_fault_of_that_list(path: str) -> None:
    bulk = GovInfoServer()
    healthy = relay(bulk)
    with serve(lambda asked: PAGE if asked.path == path else healthy(asked)) as publisher, open_client() as door:
        pages = list(GovInfoWatcher(publisher.url).poll(PollRequest(None, {BILL: DEFAULT_KINDS}, START), door))
    assert [o.document for page in pages for o in page.observations] == [BILL]
    (fault,) = [fault for page in pages for fault in page.faults]
    assert fault.error.state == "changed"
