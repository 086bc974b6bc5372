"""The reader of Congress through the real door, against a publisher on loopback."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.observation import Page, PollRequest
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.sources import Request
from monitor.http.client import HttpClient
from tests.helpers.http_server import HttpServer, ReceivedRequest, Reply, serve
from tests.watchers.congress.publisher import BASE, BILL, KEY, REPORTED, START, Publisher, add
from watchers.congress.watcher import CongressWatcher

HTML = b"<!doctype html><html><title>Service notice</title><p>Please come back.</p></html>"
CHALLENGE = b"<!DOCTYPE html><html><title>Just a moment...</title><body>cf-chl</body></html>"


def relay(publisher: Publisher) -> Any:
    """Let the publisher in memory answer on the wire, whatever its status."""

    def answer(asked: ReceivedRequest) -> Reply:
        query = urlencode({name: values[0] for name, values in asked.query.items()})
        everything = frozenset(range(200, 600))
        response = publisher(
            Request(f"{BASE}{asked.path.removeprefix('/v3')}?{query}", asked.headers, expect=everything)
        )
        return Reply(response.status, response.body, headers={"X-RateLimit-Remaining": "4000"})

    return answer


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def origin(publisher: Publisher) -> Iterator[HttpServer]:
    with serve(relay(publisher)) as loopback:
        yield loopback


@pytest.fixture
def door() -> Iterator[HttpClient]:
    door = HttpClient(contact="desk@example.org", allow_hosts=["127.0.0.1"], clock=lambda: START, deadline=5)
    yield door
    door.close()


def poll(
    origin: HttpServer, door: HttpClient, cursor: str | None = None, after: timedelta = timedelta(0)
) -> list[Page]:
    ask = PollRequest(cursor, {BILL: DEFAULT_KINDS - {Kind.HEARING}}, START + after)
    return list(CongressWatcher(f"{origin.url}/v3/", KEY).poll(ask, door))


def test_a_bill_is_read_through_the_client(publisher: Publisher, origin: HttpServer, door: HttpClient) -> None:
    (page,) = poll(origin, door)
    assert len(page.observations[0].facets["actions"]) == 2
    assert page.requests == len(origin.asked) == 3
    assert {asked.headers["x-api-key"] for asked in origin.asked} == {"planted-key"}
    assert all("planted" not in f"{asked.path}{asked.query}" for asked in origin.asked)
    (quiet,) = poll(origin, door, page.cursor, timedelta(minutes=5))
    assert (quiet.cursor, quiet.requests) == (None, 1)
    add(publisher, REPORTED, at=START + timedelta(minutes=6))
    (news,) = poll(origin, door, page.cursor, timedelta(minutes=10))
    assert len(news.observations[0].facets["actions"]) == 3


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(Reply(404, HTML, "text/html"), Changed, id="404 with a page"),
        pytest.param(Reply(500, b'{"error": "broken (UnboundLocalError)"}'), Unavailable, id="500 with a string"),
        pytest.param(Reply(200, b'{"error": "broken"}'), Changed, id="200 with a string"),
        pytest.param(Reply(200, HTML, "text/html"), Changed, id="HTML"),
        pytest.param(Reply(200, HTML), Changed, id="HTML labelled JSON"),
        pytest.param(Reply(200, b'{"bill": {'), Changed, id="cut JSON"),
        pytest.param(Reply(200, b""), Changed, id="nothing"),
        pytest.param(Reply(502, b"bad gateway", "text/plain"), Unavailable, id="502"),
    ],
)
def test_one_bill_that_fails_is_a_fault(
    origin: HttpServer, door: HttpClient, answer: Reply, error: type[SourceError]
) -> None:
    publisher = origin.answer
    origin.answer = lambda asked: answer if asked.path.endswith("/6508") else publisher(asked)
    (page,) = poll(origin, door)
    ((fault,), observations) = page.faults, page.observations
    assert (fault.document, type(fault.error), observations) == (BILL, error, ())


def test_a_bill_of_which_the_publisher_says_that_it_has_none_is_stated_as_absent(
    origin: HttpServer, door: HttpClient
) -> None:
    publisher, absent = origin.answer, Reply(404, b'{"error": "Unknown resource"}')
    origin.answer = lambda asked: absent if asked.path.endswith("/6508") else publisher(asked)
    (page,) = poll(origin, door)
    assert [(fault.document, fault.error.status, fault.standing) for fault in page.faults] == [(BILL, 404, True)]
    assert [list(one.facets) for one in page.observations] == [["absent"]]


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        pytest.param(
            Reply(403, json.dumps({"error": {"code": "API_KEY_INVALID", "message": "invalid"}}).encode()),
            Refused,
            id="a bad key",
        ),
        pytest.param(
            Reply(429, json.dumps({"error": {"code": "OVER_RATE_LIMIT", "message": "exceeded"}}).encode()),
            Unavailable,
            id="over the limit",
        ),
        pytest.param(Reply(403, CHALLENGE, "text/html"), Blocked, id="a challenge page"),
        pytest.param(Reply(302, b"", headers={"Location": "http://10.0.0.1/"}), Refused, id="a redirect inside"),
    ],
)
@pytest.mark.parametrize("at", ["/v3/bill/119", "/v3/bill/119/hr/6508"])
def test_what_refuses_us_fails_the_poll(
    origin: HttpServer, door: HttpClient, answer: Reply, error: type[SourceError], at: str
) -> None:
    publisher = origin.answer
    origin.answer = lambda asked: answer if asked.path == at else publisher(asked)
    with pytest.raises(error) as raised:
        poll(origin, door)
    assert "planted-key" not in str(raised.value)
