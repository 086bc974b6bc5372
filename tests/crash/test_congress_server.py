"""Is the scripted publisher a good witness?"""

from __future__ import annotations

import http.client
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from tests.crash.bills import marks_in
from tests.crash.congress_server import KEY, BadAnswer, CongressServer, constructed_bills, serve_congress
from tests.helpers.timing import wait_until

NOW = datetime(2026, 1, 6, 12, tzinfo=UTC)


def ask(origin: CongressServer, path: str, key: str = KEY) -> tuple[int, bytes]:
    parts = urlsplit(origin.url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=60)
    try:
        connection.request("GET", parts.path + path, headers={"X-Api-Key": key})
        response = connection.getresponse()
        return response.status, response.read()
    finally:
        connection.close()


def heard(origin: CongressServer, path: str) -> Any:
    status, body = ask(origin, path)
    assert status == 200
    return json.loads(body)


def test_the_list_honours_from_limit_and_offset() -> None:
    with serve_congress(constructed_bills(5, lambda: NOW)) as origin:
        origin.publish(9003)
        everything = heard(origin, "/bill/119?format=json&limit=2&offset=2")
        assert [bill["number"] for bill in everything["bills"]] == ["9004", "9005"]
        assert "next" in everything["pagination"]
        since = heard(origin, "/bill/119?fromDateTime=2026-01-06T12:00:00Z&limit=250")
        assert [bill["number"] for bill in since["bills"]] == ["9003"]


def test_an_event_shows_in_item_counts_and_sublists_newest_first() -> None:
    with serve_congress(constructed_bills(1, lambda: NOW)) as origin:
        first, second, print_ = origin.publish(9001), origin.publish(9001), origin.publish(9001, "text")
        item = heard(origin, "/bill/119/hr/9001")["bill"]
        assert (item["actions"]["count"], item["textVersions"]["count"]) == (3, 1)
        said = json.dumps(heard(origin, "/bill/119/hr/9001/actions?limit=250"))
        assert marks_in(said) == {second.mark, first.mark}
        texts = heard(origin, "/bill/119/hr/9001/text")["textVersions"]
        assert marks_in(json.dumps(texts)) == {print_.mark}
        assert texts[0]["date"] == "2026-01-06T05:00:00Z"


def test_the_stamp_of_a_bill_moves_with_every_event_even_within_one_second() -> None:
    origin = constructed_bills(1, lambda: NOW)
    stamps = []
    for _ in range(3):
        origin.publish(9001)
        stamps.append(origin.bills[9001].updated)
    assert stamps == [NOW, NOW + timedelta(seconds=1), NOW + timedelta(seconds=2)]


def test_an_event_is_served_once_its_answer_left_completely() -> None:
    with serve_congress(constructed_bills(2, lambda: NOW)) as origin:
        event, other = origin.publish(9001), origin.publish(9002)
        heard(origin, "/bill/119/hr/9001/actions")
        wait_until(lambda: bool(origin.served))
        assert (event.mark in origin.served, other.mark in origin.served) == (True, False)
        assert origin.read == {9001}


def test_an_answer_that_is_cut_short_serves_nothing() -> None:
    with serve_congress(constructed_bills(1, lambda: NOW)) as origin:
        origin.publish(9001)
        origin.ill = lambda path: BadAnswer.CUT if path.endswith("/actions") else None
        with pytest.raises(http.client.IncompleteRead) as cut:
            ask(origin, "/bill/119/hr/9001/actions")
        assert marks_in(cut.value.partial.decode()) & origin.phantoms
        assert origin.served == {}


@pytest.mark.parametrize(
    ("ill", "status"),
    [
        pytest.param(BadAnswer.ERROR, 500, id="an error is answered with 500"),
        pytest.param(BadAnswer.HTML, 200, id="a page in the place of JSON is answered with 200"),
    ],
)
def test_an_ill_answer_serves_nothing(ill: BadAnswer, status: int) -> None:
    with serve_congress(constructed_bills(1, lambda: NOW)) as origin:
        origin.publish(9001)
        origin.ill = lambda _path: ill
        assert ask(origin, "/bill/119/hr/9001/actions")[0] == status
        assert origin.served == {}


def test_a_request_without_the_key_is_refused_and_an_unknown_path_is_not_there() -> None:
    with serve_congress(constructed_bills(1, lambda: NOW)) as origin:
        assert ask(origin, "/bill/119", key="wrong")[0] == 403
        assert ask(origin, "/bill/119/hr/1")[0] == 404
