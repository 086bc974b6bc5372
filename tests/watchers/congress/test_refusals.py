"""What bad answers of api.congress.gov do to a poll: the reliability cases C41 to C66, each named in its test."""

from __future__ import annotations

import sys
from datetime import timedelta
from typing import Any

import pytest

from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Kind
from tests.watchers.congress.publisher import BILL, REPORTED, TEXT, Bill, CongressPoller, Publisher, add, followed

EVERYTHING = frozenset(Kind)
OTHER = us_bill(119, "s", 2174)


def stays(reader: CongressPoller, error: type[SourceError]) -> None:
    """A poll that raises leaves cursor and records as they were."""
    cursor, records = reader.cursor, dict(reader.records)
    with pytest.raises(error):
        reader.poll()
    assert (reader.cursor, reader.records) == (cursor, records)


@pytest.mark.parametrize(
    ("refusal", "error"),
    [
        pytest.param(Refused("key", status=403), Refused, id="C41 a bad key stops the poll"),
        pytest.param(
            (200, {"error": {"code": "API_KEY_INVALID", "message": "An invalid api_key was supplied."}}),
            Refused,
            id="C41 a bad key told in a 200 stops the poll",
        ),
        pytest.param(
            (200, {"error": {"code": "OVER_RATE_LIMIT", "message": "slow down"}}),
            Unavailable,
            id="C66 a used-up allowance told in a 200 stops the poll",
        ),
        pytest.param(Unavailable("429", status=429), Unavailable, id="C66 a 429 stops the poll"),
        pytest.param(Blocked("challenge", status=403), Blocked, id="C45 a challenge page stops the poll"),
    ],
)
@pytest.mark.parametrize("at", ["119", "119/hr/6508", "119/hr/6508/actions", "119/hr/6508/text"])
def test_who_refuses_us_fails_the_poll(refusal: Any, error: type[SourceError], at: str) -> None:
    publisher = Publisher({BILL: Bill()})
    reader = followed(publisher)
    add(publisher, REPORTED)
    publisher.bills[BILL].lists["text"] = [TEXT]
    publisher.turns = lambda path, query: refusal if path == f"/bill/{at}" else None
    stays(reader, error)
    publisher.turns = lambda path, query: None
    assert ("status", "REPORTED") in reader.news()


NESTED = b'{"bill": ' + b"[" * 200_000 + b"]" * 200_000 + b"}"
DAMAGED = {
    "C42 a bill that is not there": (404, {"error": "Unknown resource: bill/119/hr/6508"}),
    "a request the door saw refused": Refused("status 400", status=400),
    "C43 a failure told as a string": (500, {"error": "cannot access local variable 'bill' (UnboundLocalError)"}),
    "C44 a 200 with an error string": (200, {"error": "Unknown resource"}),
    "C44 a 200 with an error object": (200, {"error": {"message": "something"}}),
    "C44 a 200 with an error of odd shape": (200, {"error": [1, 2]}),
    "C45 HTML labelled JSON": b"<!doctype html><title>Just a page</title>",
    "C45 HTML that the door refused": Changed("text/html where JSON was expected"),
    "C46 JSON that was cut": b'{"bill": {"congress": 119, "type": "H',
    "C46 an empty body": b"",
    "C47 two hundred thousand brackets": NESTED,
    "C48 an integer of 6000 digits": b'{"bill": {"congress": ' + b"9" * 6000 + b', "type": "HR", "number": "6508"}}',
    "C48 not a number": b'{"bill": {"congress": NaN, "type": "HR", "number": "6508"}}',
    "C50 a list as an object": (200, {"bill": [1], "actions": {"a": 1}}),
    "C50 an array as the whole": b"[1, 2]",
    "C50 a member missing": (200, {"request": {}}),
    "bytes that are no UTF-8": b'{"bill": {"congress": 119, "type": "\xff\xfe"}, "actions": ["\xff"]}',
    "another bill than asked": (200, {"bill": {"congress": 119, "type": "HR", "number": "1"}, "actions": [7]}),
}


@pytest.mark.parametrize("reply", DAMAGED.values(), ids=DAMAGED.keys())
@pytest.mark.parametrize("at", ["item", "actions"])
def test_one_bill_that_cannot_be_read_is_its_own_fault(reply: Any, at: str) -> None:
    publisher = Publisher({BILL: Bill(), OTHER: Bill()})
    reader = followed(publisher)
    for bill in (BILL, OTHER):
        add(publisher, REPORTED, bill)
    suffix = "/actions" if at == "actions" else ""
    publisher.turns = lambda path, query: reply if path == f"/bill/119/hr/6508{suffix}" else None
    steps = reader.poll()
    assert [step.record.document for step in steps] == [OTHER], "others go on"
    assert [fault.document for fault in reader.faults] == [BILL]
    assert str(reader.faults[0].error)
    publisher.turns = lambda path, query: None
    assert ("status", "REPORTED") in reader.news(), "and nothing was lost"


@pytest.mark.parametrize("reply", [r for n, r in DAMAGED.items() if "C42" not in n], ids=lambda _: "")
def test_a_list_that_cannot_be_read_fails_the_poll(reply: Any) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, REPORTED)
    publisher.turns = lambda path, query: reply if path == "/bill/119" else None
    if reply == DAMAGED["C50 a list as an object"]:
        reply = (200, {"bills": {"a": 1}})
    stays(reader, SourceError)
    publisher.turns = lambda path, query: None
    assert ("status", "REPORTED") in reader.news()


def test_c43_a_bill_that_keeps_failing_is_asked_ever_more_rarely() -> None:
    publisher = Publisher({BILL: Bill(), OTHER: Bill()})
    publisher.turns = lambda path, query: (500, {"error": "broken"}) if path.startswith("/bill/119/hr") else None
    reader = CongressPoller(publisher)
    asked = []
    for _ in range(96):
        reader.poll()
        asked.append(sum(path == "119/hr/6508" for path in publisher.paths()))
    assert asked[:4] == [1, 1, 1, 1], "a few tries at once"
    assert sum(asked) <= 12, "then no hammering: two days of quarter hours"
    publisher.turns = lambda path, query: None
    publisher.bills[BILL].updated = publisher.now
    reader.poll()
    assert BILL in reader.records, "a touch makes it tried at once"


def test_one_lost_answer_is_the_bills_fault_and_a_second_the_sources() -> None:
    bills = {us_bill(119, "hr", number): Bill() for number in range(1, 6)}
    publisher = Publisher(bills)
    publisher.turns = lambda path, query: Unavailable("timed out") if path == "/bill/119/hr/2" else None
    reader = CongressPoller(publisher)
    reader.poll()
    assert len(reader.records) == 4
    assert len(reader.faults) == 1
    down = CongressPoller(
        Publisher(bills, turns=lambda path, query: Unavailable("timed out") if path.count("/") > 2 else None)
    )
    with pytest.raises(Unavailable):
        down.poll()
    assert len(down.publisher.asked) == 3


def test_a_list_that_is_counted_but_not_there_is_reported_once_and_costs_no_further_readings() -> None:
    publisher = Publisher(bills={BILL: Bill(says={"textVersions": {"count": 2}})})
    publisher.turns = lambda path, query: (404, {"error": f"Unknown resource: {path}"}) if "/text" in path else None
    reader = CongressPoller(publisher)
    reader.poll()
    assert [str(fault.error) for fault in reader.faults] == [
        "us/bill/119/hr/6508/text: Unknown resource: /bill/119/hr/6508/text"
    ]
    publisher.paths()
    for _ in range(6):
        reader.poll()
        assert (publisher.paths(), reader.faults) == (["119"], [])
    add(publisher, REPORTED)
    assert ("status", "REPORTED") in reader.news()
    publisher.turns = lambda path, query: None
    publisher.bills[BILL].lists["text"] = [TEXT, {**TEXT, "type": "Reported in House"}]
    reader.poll(timedelta(hours=2))
    assert len(reader.records[BILL].facets["texts"]) == 2


def test_a_further_list_that_fails_leaves_the_bills_status_alone() -> None:
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, REPORTED)
    publisher.bills[BILL].lists["text"] = [TEXT]
    publisher.turns = lambda path, query: (500, {"error": "broken"}) if path.endswith("/text") else None
    assert ("status", "REPORTED") in reader.news()
    assert [fault.document for fault in reader.faults] == [BILL]
    publisher.turns = lambda path, query: None
    assert reader.news() == [("text", "Introduced in House")]


@pytest.mark.parametrize(
    "action",
    [
        pytest.param({}, id="nothing at all"),
        pytest.param({"actionDate": "2026-01-20"}, id="a day alone"),
        pytest.param({"text": "Considered."}, id="no day"),
        pytest.param({"actionDate": None, "text": None, "committees": None, "sourceSystem": None}, id="nulls"),
        pytest.param({"actionDate": "2026-01-20", "text": "", "type": "Floor", "actionCode": "H30000"}, id="no words"),
        pytest.param({"actionDate": "2026-01-20", "text": "x", "sourceSystem": {"name": "Senate"}}, id="no code"),
    ],
)
def test_c49_an_action_that_lacks_something_is_reported_readably(action: dict[str, Any]) -> None:
    publisher = Publisher()
    publisher.bills[BILL].says = {"latestAction": None, "sponsors": None, "laws": None, "policyArea": None}
    reader = followed(publisher)
    add(publisher, action)
    ((kind, label),) = reader.news()
    assert kind == "action"
    assert label


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        ({"type": 7}, "$.type"),
        ({"text": ["a"]}, "$.text"),
        ({"sourceSystem": "House"}, "$.sourceSystem"),
        ({"committees": {"name": "x"}}, "$.committees"),
        ({"recordedVotes": [{"rollNumber": "x"}]}, "$.recordedVotes[0].rollNumber"),
        ({"actionDate": "2026-13-40"}, "actionDate"),
        ({"actionDate": "yesterday"}, "actionDate"),
    ],
)
def test_c50_a_wrong_type_is_named_by_its_path(damage: dict[str, Any], words: str) -> None:
    publisher = Publisher()
    reader = followed(publisher)
    add(publisher, {**REPORTED, **damage})
    assert reader.news() == []
    (fault,) = reader.faults
    assert isinstance(fault.error, Changed)
    assert words in str(fault.error)
    assert "actions[0]" in str(fault.error)


def test_c66_a_small_allowance_is_shared_fairly() -> None:
    bills = {us_bill(119, "hr", number): Bill() for number in range(1, 501)}
    publisher = Publisher(bills)
    left = 1000

    def meter(path: str, query: dict[str, str]) -> None:
        nonlocal left
        left -= 1
        publisher.headers = {"x-ratelimit-remaining": str(left)}

    publisher.turns = meter
    reader = CongressPoller(publisher)
    reader.poll()
    assert left >= 20
    assert 450 <= len(reader.records) < 500
    left = 1000
    reader.poll()
    assert len(reader.records) == 500


def test_no_damage_overflows_the_stack() -> None:
    limit = sys.getrecursionlimit()
    publisher = Publisher()
    publisher.turns = lambda path, query: b'{"bills":' + b'{"a":' * 200_000 + b"1" + b"}" * 200_001
    with pytest.raises(Changed):
        CongressPoller(publisher).poll()
    assert sys.getrecursionlimit() == limit
