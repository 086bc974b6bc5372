"""Every loop over requests has a stated bound, and a test that reaches it: the table, and the tests that stand nowhere
else. All answers are constructed."""

from __future__ import annotations

import ast
from importlib import import_module
from typing import Any, NamedTuple

import pytest

from domain.errors import Changed, SourceError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.records.detection import advance
from tests.helpers.paths import CHECKOUT
from tests.watchers.congress.publisher import BASE, BILL, START, CongressPoller, Publisher, row
from tests.watchers.texts.publisher import RecordLookupStub, TextServer, bill_xml
from watchers.congress.client import LIMIT, MOST_PAGES
from watchers.congress.lists import MOST_POISONED
from watchers.texts.watcher import MAX_REQUESTS


class Loop(NamedTuple):
    """What is asked for again and again, the constant that bounds it in one poll, and the test that reaches it."""

    asks: str
    bound: str
    test: str


HERE = "test_request_bounds.py"
ROLLS = "rollcalls/test_roll_record.py"
REGISTER = "federal_register/test_register_record.py"
LOOPS = [
    Loop("pages of the list of a Congress", "congress.client:MOST_PAGES", f"{HERE}::test_a_list_of_bills_without_end"),
    Loop("pages of a list of a bill", "congress.client:MOST_PAGES", f"{HERE}::test_a_list_of_a_bill_without_end"),
    Loop(
        "pages that ignore the offset",
        "congress.client:MOST_HOLES",
        "congress/test_paging.py::test_c52_next_that_never_ends_is_not_followed",
    ),
    Loop("halves of a page that fails", "congress.lists:MOST_POISONED", f"{HERE}::test_a_list_that_fails_everywhere"),
    Loop(
        "readings of a list that moves",
        "congress.lists:MOST_PASSES",
        "congress/test_paging.py::test_a_list_into_whose_middle_bills_come_is_asked_again_from_where_it_was",
    ),
    Loop(
        "meetings of committees",
        "congress.meeting_reader:MAX_MEETINGS",
        "congress/test_hearings.py::test_many_meetings_are_read_over_several_polls_before_the_past_is_settled",
    ),
    Loop(
        "a bill that does not exist",
        "client:pause_after",
        "congress/test_no_such_bill.py::test_it_is_asked_for_ever_more_rarely",
    ),
    Loop(
        "documents of the Register that are followed by number",
        "federal_register.single_documents:MOST_DOCUMENTS",
        "federal_register/test_single_documents.py::test_a_document_is_asked_for_four_times_a_day_and_so_many_in_one_poll",
    ),
    Loop("texts", "texts.watcher:MAX_REQUESTS", f"{HERE}::test_texts_of_many_bills"),
    Loop(
        "numbers of roll calls behind the last",
        "rollcalls.chambers:MAX_PROBES",
        f"{ROLLS}::test_probing_stops_at_its_bound_and_goes_on_in_the_next_poll",
    ),
    Loop(
        "numbers behind a gap",
        "rollcalls.chambers:FARTHEST",
        f"{ROLLS}::test_us_9_the_farthest_number_that_is_tried_is_found_within_a_day_of_polls",
    ),
    Loop(
        "the last roll call of a session, tables of a session",
        "rollcalls.chambers:MOST_ROLL_CALLS",
        f"{ROLLS}::test_a_first_reading_stops_at_its_bound",
    ),
    Loop(
        "roll calls of a bill's past",
        "rollcalls.watcher:MOST_PAST",
        f"{ROLLS}::test_a_first_reading_stops_at_its_bound",
    ),
    Loop(
        "roll calls that are due",
        "rollcalls.watcher:MAX_REQUESTS",
        f"{ROLLS}::test_papers_that_are_due_stop_at_their_bound_and_go_on_in_the_next_poll",
    ),
    Loop(
        "a roll call that a list passes over",
        "rollcalls.watcher:_MOST_TRIES",
        f"{ROLLS}::test_us_9_a_vacated_number_is_asked_for_ever_more_rarely_and_given_up_in_silence",
    ),
    Loop(
        "pages of the Federal Register",
        "federal_register.watcher:MOST_PAGES",
        f"{REGISTER}::test_a_list_without_end_stops_at_its_bound_and_is_not_believed",
    ),
    Loop(
        "texts of the Federal Register",
        "federal_register.watcher:MOST_TEXTS",
        f"{REGISTER}::test_texts_of_one_poll_stop_at_their_bound_and_the_rest_is_read_later",
    ),
    Loop(
        "pages of the list of acts", "rada.lists:MAX_PAGES", "rada/test_robust.py::test_100_a_list_without_end_is_left"
    ),
    Loop(
        "acts",
        "rada.watcher:ACTS_A_POLL",
        "rada/test_ua_record.py::test_a_poll_reads_so_many_acts_and_the_next_ones_the_rest",
    ),
    Loop(
        "cards of bills",
        "rada.cards:CARDS_A_POLL",
        "rada/test_bill_cards.py::test_more_bills_than_one_poll_reads_have_their_turns",
    ),
]


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.asks)
def test_a_loop_has_its_bound_and_its_test(loop: Loop) -> None:
    module, _, name = loop.bound.partition(":")
    assert hasattr(import_module(f"watchers.{module}"), name)
    file, _, function = loop.test.partition("::")
    tree = ast.parse((CHECKOUT / "tests" / "watchers" / file).read_text(encoding="utf-8"))
    assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


def endless(path: str, query: dict[str, str], name: str, make: Any) -> tuple[int, Any]:
    """Return a full page at any offset, each with other rows, and another page behind it."""
    at, limit = int(query.get("offset", 0)), int(query.get("limit", 20))
    pages = {"count": 10**9, "next": f"{BASE}{path}?offset={at + limit}"}
    return 200, {name: [make(at + n) for n in range(limit)], "pagination": pages}


def test_a_list_of_bills_without_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("watchers.congress.lists.MOST_PAGES", 12)
    publisher = Publisher()
    publisher.turns = lambda path, query: (
        endless(path, query, "bills", lambda n: row(us_bill(119, "hr", n + 1), START)) if path == "/bill/119" else None
    )
    reader = CongressPoller(publisher)
    with pytest.raises(Changed, match="at most 12 pages, saw no end"):
        reader.poll()
    assert len(publisher.asked) <= 13


def test_a_list_of_a_bill_without_end() -> None:
    publisher = Publisher()
    day = {"actionDate": "2026-01-05", "sourceSystem": {"code": 2}}
    publisher.turns = lambda path, query: (
        endless(path, query, "actions", lambda n: {**day, "text": f"Step {n}."}) if path.endswith("/actions") else None
    )
    reader = CongressPoller(publisher)
    reader.poll()
    assert [fault.document for fault in reader.faults] == [BILL]
    assert len(publisher.asked) <= MOST_PAGES + 3


def test_a_list_that_fails_everywhere() -> None:
    publisher = Publisher()
    publisher.turns = lambda path, query: (500, {"error": "broken"}) if path == "/bill/119" else None
    reader = CongressPoller(publisher)
    with pytest.raises(SourceError, match="broken"):
        reader.poll()
    assert len(publisher.asked) <= (MOST_POISONED + 2) * 2 * LIMIT.bit_length()


def test_texts_of_many_bills() -> None:
    server = RecordLookupStub()
    poller = TextServer(server)
    bills = [us_bill(119, "hr", n) for n in range(1, MAX_REQUESTS + 31)]
    for bill in bills:
        package = f"BILLS-119hr{bill.parts[2]}ih"
        server.put(package, bill_xml("One."))
        entry = {"label": "IH", "on": None, "formats": [{"type": "PDF", "url": f"https://x.example/{package}.pdf"}]}
        step = advance(None, Observation(bill, "congress", "congress/1", {"texts": {"IH": entry}}), server.now)
        assert step is not None
        poller.known[bill] = step.record
    read = []
    for _ in range(2):
        server.asked.clear()
        poller.poll()
        assert len(server.asked) <= MAX_REQUESTS
        read.append(sum("wordings" in record.facets for record in poller.known.values()))
    assert read == [MAX_REQUESTS, len(bills)]
