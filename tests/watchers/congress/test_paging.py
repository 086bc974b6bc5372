"""How lists are read to their end when pages lie: the reliability cases C51 to C55 and the list of a Congress."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest

from domain.documents import DocumentId
from domain.errors import Changed, Unavailable
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Kind
from tests.watchers.congress.publisher import (
    BASE,
    BILL,
    REPORTED,
    START,
    Bill,
    CongressPoller,
    Publisher,
    add,
    followed,
    row,
)
from watchers.congress.client import CongressClient
from watchers.congress.cursor import ListPosition
from watchers.congress.item import bills_of
from watchers.congress.lists import read_portions

EVERYTHING = frozenset(Kind)
OTHER = us_bill(119, "s", 2174)


def steps_of(count: int) -> list[dict[str, Any]]:
    day = {"actionDate": "2026-01-05", "sourceSystem": {"code": 2}}
    return [{**day, "text": f"Constructed step {n}."} for n in range(count)]


def test_c51_without_pagination_a_full_page_is_never_taken_for_the_end() -> None:
    publisher = Publisher({BILL: Bill(lists={"actions": steps_of(600)})})

    def without(path: str, query: dict[str, str]) -> Any:
        if not path.endswith("/actions"):
            return None
        offset = int(query["offset"])
        return 200, {"actions": publisher.bills[BILL].lists["actions"][offset : offset + 250]}

    publisher.turns = without
    reader = CongressPoller(publisher)
    (step,) = reader.poll()
    assert len(step.record.facets["actions"]) == 600


def test_c65_six_hundred_actions_at_first_sight_are_a_silent_baseline() -> None:
    reader = CongressPoller(publisher := Publisher({BILL: Bill(lists={"actions": steps_of(620)})}))
    (step,) = reader.poll()
    assert len(step.record.facets["actions"]) == 620
    assert len(step.changes) == 1
    assert len(publisher.asked) == 5, "list, item, three pages"


def test_c52_next_that_never_ends_is_not_followed() -> None:
    publisher = Publisher({BILL: Bill(lists={"actions": steps_of(250)})})
    publisher.turns = lambda path, query: (
        (200, {"actions": steps_of(250), "pagination": {"count": 10_000, "next": f"{BASE}/bill/119"}})
        if path.endswith("/actions")
        else None
    )
    reader = CongressPoller(publisher)
    reader.poll()
    assert len(publisher.asked) < 10
    assert len(reader.faults) == 1, "a list that will not end is not complete"


def test_c53_next_on_another_host_is_never_asked() -> None:
    publisher = Publisher({BILL: Bill(lists={"actions": steps_of(400)})})
    reader = CongressPoller(publisher)
    reader.poll()
    assert len(reader.records[BILL].facets["actions"]) == 400
    assert {urlsplit(request.url).netloc for request in publisher.asked} == {urlsplit(BASE).netloc}


def test_c54_a_second_page_that_fails_leaves_the_bill_where_it_was() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    publisher.bills[BILL].lists["actions"] = steps_of(400) + publisher.bills[BILL].lists["actions"]
    publisher.bills[BILL].updated = publisher.now
    publisher.turns = lambda path, query: (500, {"error": "broken"}) if query.get("offset", "0") != "0" else None
    assert reader.poll() == []
    assert len(reader.faults) == 1
    publisher.turns = lambda path, query: None
    assert len(reader.news()) == 400


def test_c55_actions_that_move_between_two_pages_are_all_read() -> None:
    lines = steps_of(400)
    publisher = Publisher({BILL: Bill(lists={"actions": lines})})

    def moving(path: str, query: dict[str, str]) -> Any:
        if query.get("offset", "0") != "0" and len(lines) == 400:
            del lines[3]  # a line vanishes, and everything behind it moves up
        return None

    publisher.turns = moving
    reader = CongressPoller(publisher)
    reader.poll()
    reader.poll()
    assert len(reader.records[BILL].facets["actions"]) == 399


# -- the list of a Congress --------------------------------------------------------------------------------------------


def crowd(count: int) -> dict[DocumentId, Bill]:
    """Return bills nobody follows, each touched a second after the last, and the one that is followed among them."""
    bills = {us_bill(119, "s", n): Bill(updated=START + timedelta(seconds=n)) for n in range(1, count)}
    return {**bills, BILL: Bill(updated=START + timedelta(seconds=count // 2, microseconds=1))}


def alone(publisher: Publisher) -> CongressPoller:
    reader = CongressPoller(publisher, only=frozenset({BILL}))
    reader.poll()
    publisher.paths()
    return reader


@pytest.mark.parametrize("touched", [1, 2, 249, 250, 251, 499, 500, 501, 1000, 2500])
def test_the_list_costs_a_request_for_each_250_touched_bills_and_one_more_at_most(touched: int) -> None:
    publisher = Publisher()
    reader = alone(publisher)
    publisher.bills |= crowd(touched)
    reader.poll()
    lists = [path for path in publisher.paths() if path == "119"]
    assert len(lists) <= -(-touched // 250) + 1
    assert reader.records[BILL].revision == 1
    assert reader.faults == []


@pytest.mark.parametrize("moved", [0, 100, 248, 249, 250, 300])
def test_c55_a_list_that_moves_between_its_pages_loses_no_bill(moved: int) -> None:
    """A bill touched again goes to the end, and everything behind it moves up: over the edge of a page already read."""
    publisher = Publisher()
    reader = alone(publisher)
    add(publisher, REPORTED)
    publisher.bills |= crowd(600)
    publisher.bills[BILL].lists["actions"] = [REPORTED, *publisher.bills[BILL].lists["actions"]]
    publisher.bills[BILL].updated = START + timedelta(seconds=250, microseconds=1)
    publisher.now = START + timedelta(minutes=20)
    once = [us_bill(119, "s", moved + 1)]

    def moving(path: str, query: dict[str, str]) -> None:
        if path == "/bill/119" and query["offset"] != "0" and once:
            publisher.bills[once.pop()].updated = publisher.now

    publisher.turns = moving
    assert ("status", "REPORTED") in reader.news(timedelta(minutes=1))


def test_bills_that_leave_a_list_while_it_is_read_hide_none_of_the_rest() -> None:
    """Two bills of the first page are touched again at every further request; what follows them moves up by two."""
    publisher = Publisher()
    publisher.bills |= crowd(2000)
    publisher.now = START + timedelta(minutes=50)
    again = iter(range(1, 10_000))

    def moving(path: str, query: dict[str, str]) -> None:
        if path == "/bill/119" and query["offset"] != "0":
            for _ in range(2):
                publisher.bills[us_bill(119, "s", next(again))].updated = publisher.now

    publisher.turns = moving
    window = ListPosition(since=int(START.timestamp()))
    client = CongressClient(publisher, BASE, "planted-key")
    told = read_portions(client, bills_of("119"), window, int(publisher.now.timestamp()), lambda: True)
    names = {entry.bill for portion in told for entry in portion.entries}
    assert names >= set(crowd(2000))
    assert client.asked <= 2 * (2000 // 249 + 2)


def test_a_list_into_whose_middle_bills_come_is_asked_again_from_where_it_was() -> None:
    publisher = Publisher()
    reader = alone(publisher)
    publisher.bills |= crowd(600)
    publisher.now = START + timedelta(minutes=20)
    turn = iter(range(5000, 10_000))

    def filling(path: str, query: dict[str, str]) -> None:
        if path == "/bill/119" and query["offset"] != "0":
            publisher.bills[us_bill(119, "s", next(turn))] = Bill(updated=START + timedelta(seconds=1))

    publisher.turns = filling
    reader.poll(timedelta(minutes=1))
    first = urlsplit(publisher.asked[0].url).query
    publisher.asked.clear()
    reader.poll(timedelta(minutes=1))
    assert urlsplit(publisher.asked[0].url).query == first


def test_a_list_that_grows_at_its_end_is_read_with_what_grew() -> None:
    publisher = Publisher()
    reader = alone(publisher)
    publisher.bills |= crowd(300)
    born = [us_bill(119, "s", 9999)]

    def growing(path: str, query: dict[str, str]) -> None:
        if path == "/bill/119" and query["offset"] != "0" and born:
            publisher.bills[born.pop()] = Bill(updated=publisher.now)

    publisher.turns = growing
    reader.only = frozenset({BILL, us_bill(119, "s", 9999)})
    reader.poll()
    paths = publisher.paths()
    assert paths.count("119") == 2
    assert "119/s/9999" in paths


@pytest.mark.parametrize("hole", [[249], [249, 498], [0]], ids=["second page", "two pages", "first page"])
def test_an_empty_page_in_the_middle_is_not_the_end(hole: list[int]) -> None:
    """LibraryOfCongress/api.congress.gov #365."""
    publisher = Publisher()
    reader = alone(publisher)
    rows = [row(us_bill(119, "s", n), START + timedelta(seconds=n)) for n in range(1, 900)]
    rows += [row(BILL, START + timedelta(seconds=2000))]
    add(publisher, REPORTED)

    def holed(path: str, query: dict[str, str]) -> Any:
        if path != "/bill/119":
            return None
        offset = int(query["offset"])
        shown = [] if offset in hole else rows[offset : offset + 250]
        return 200, {"bills": shown, "pagination": {"count": len(rows)}}

    publisher.turns = holed
    assert ("status", "REPORTED") in reader.news()


def test_pages_short_by_one_are_not_the_end() -> None:
    """LibraryOfCongress/api.congress.gov #212, #334, #399."""
    publisher = Publisher()
    reader = alone(publisher)
    rows = [row(us_bill(119, "s", n), START + timedelta(seconds=n)) for n in range(1, 600)]
    rows += [row(BILL, START + timedelta(seconds=2000))]
    add(publisher, REPORTED)

    def short(path: str, query: dict[str, str]) -> Any:
        if path != "/bill/119":
            return None
        offset = int(query["offset"])
        return 200, {"bills": rows[offset : offset + 249], "pagination": {"count": len(rows)}}

    publisher.turns = short
    assert ("status", "REPORTED") in reader.news()


@pytest.mark.parametrize("broken", [0, 1, 124, 125, 249, 250, 420, 598])
def test_one_broken_record_is_stepped_over(broken: int) -> None:
    """One record that cannot be written fails its whole page (#78, #79, #116, #196, #253, #351)."""
    publisher = Publisher()
    reader = alone(publisher)
    publisher.bills |= crowd(599)
    add(publisher, REPORTED, at=START + timedelta(seconds=3000))

    def poisoned(path: str, query: dict[str, str]) -> Any:
        if path == "/bill/119" and int(query["offset"]) <= broken < int(query["offset"]) + int(query["limit"]):
            return 500, {"error": "Reverse for 'bill_details' not found. (NoReverseMatch)"}
        return None

    publisher.turns = poisoned
    assert ("status", "REPORTED") in reader.news() or broken == 598
    assert [fault.document for fault in reader.faults] == [None]
    assert len([path for path in publisher.paths() if path == "119"]) <= 3 + 2 * 16, (
        "halved once, twice where pages overlap"
    )


def test_a_publisher_that_is_down_is_not_taken_for_a_broken_record() -> None:
    publisher = Publisher()
    reader = alone(publisher)
    publisher.turns = lambda path, query: (500, {"error": "broken"})
    with pytest.raises(Unavailable):
        reader.poll()
    assert len(publisher.asked) <= 14


@pytest.mark.parametrize(
    "entry",
    [
        pytest.param({}, id="no members"),
        pytest.param({"congress": 119, "type": "HR"}, id="no number"),
        pytest.param({"congress": 119, "type": "XR", "number": "1"}, id="no such type"),
        pytest.param({"congress": 119, "type": "HR", "number": "one"}, id="a number in words"),
        pytest.param({"congress": "119th", "type": "HR", "number": 1}, id="a Congress in words"),
        pytest.param({"congress": 119, "type": "HR", "number": "1", "updateDate": "soon"}, id="an odd stamp"),
        pytest.param([], id="not an object"),
    ],
)
def test_an_entry_that_cannot_be_read_is_a_fault_and_the_rest_is_read(entry: Any) -> None:
    publisher = Publisher()
    reader = alone(publisher)
    add(publisher, REPORTED)
    rows = [entry, row(BILL, publisher.now)]
    publisher.turns = lambda path, query: (200, {"bills": rows}) if path == "/bill/119" else None
    assert ("status", "REPORTED") in reader.news()
    assert [(fault.document, type(fault.error)) for fault in reader.faults] == [(None, Changed)]
    publisher.turns = lambda path, query: (200, {"bills": [entry]}) if path == "/bill/119" else None
    with pytest.raises(Changed):
        reader.poll()


def test_an_empty_list_that_counts_entries_is_an_error() -> None:
    """LibraryOfCongress/api.congress.gov #111."""
    publisher = Publisher()
    reader = alone(publisher)
    publisher.turns = lambda path, query: (200, {"bills": [], "pagination": {"count": 3}})
    with pytest.raises(Changed):
        reader.poll()


def test_a_list_that_forgets_what_it_must_still_hold_is_an_error() -> None:
    publisher = Publisher()
    reader = alone(publisher)
    timed = {**row(BILL, publisher.now), "updateDate": "2026-01-06T20:10:00Z"}
    publisher.turns = lambda path, query: (200, {"bills": [timed]}) if path == "/bill/119" else None
    reader.poll()
    publisher.turns = lambda path, query: (200, {"bills": []}) if path == "/bill/119" else None
    with pytest.raises(Changed):
        reader.poll()


def test_a_list_with_bare_days_alone_still_shows_what_was_touched() -> None:
    """As the API wrote it in 2022."""
    publisher = Publisher()
    reader = alone(publisher)
    add(publisher, REPORTED)
    day = {"congress": 119, "type": "HR", "number": "6508", "updateDate": "2026-01-06"}
    publisher.turns = lambda path, query: (200, {"bills": [day]}) if path == "/bill/119" else None
    assert ("status", "REPORTED") in reader.news()


def test_the_list_is_asked_from_an_hour_before_the_last_stamp() -> None:
    publisher = Publisher()
    reader = alone(publisher)
    add(publisher, REPORTED, at=START + timedelta(minutes=20))
    reader.poll()
    publisher.asked.clear()
    reader.poll()
    query = urlsplit(publisher.asked[0].url).query
    assert query == "format=json&fromDateTime=2026-01-06T19:20:00Z&sort=updateDate+asc&limit=250&offset=0"
