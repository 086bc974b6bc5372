"""What the lists of a Congress are worth when every bill is wanted: one enumeration, then no request more."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.errors import Changed, SourceError, Unavailable
from domain.jurisdictions.us.names import us_bill
from domain.observation import Page, PollRequest
from domain.records.facets import Kind
from domain.sources import Request, Response
from tests.watchers.congress.publisher import BASE, BILL, KEY, REFERRED, REPORTED, START, Bill, Publisher, add, stamp
from watchers.congress import DEMO_READINGS
from watchers.congress.watcher import BILLS_PER_PAGE, CongressWatcher

WHOLE = DocumentId.parse("us/bill/119")
QUARTER = timedelta(minutes=15)


def crowd(count: int, *, since: datetime = START - timedelta(days=2)) -> dict[DocumentId, Bill]:
    """Return bills nobody follows, each touched a second after the last."""
    return {us_bill(119, "s", n): Bill(updated=since + timedelta(seconds=n)) for n in range(1, count + 1)}


@dataclass(slots=True)
class WholeCongressPoller:
    """Polls again and again with what a store would remember: cursor and the first page that ends an enumeration."""

    publisher: Publisher
    following: dict[DocumentId, frozenset[Kind]] = field(default_factory=lambda: {WHOLE: frozenset()})
    key: Any = KEY
    whole: bool = False
    cursor: str | None = None

    def poll(self, after: timedelta = QUARTER) -> list[Page]:
        self.publisher.now += after
        pages = []
        for page in self._pages():
            self.cursor = page.cursor or self.cursor
            pages.append(page)
        return pages

    def _pages(self) -> Iterator[Page]:
        ask = PollRequest(self.cursor, self.following, self.publisher.now)
        return CongressWatcher(BASE, self.key, whole=self.whole).poll(ask, self.publisher)


def documents(pages: list[Page]) -> list[DocumentId]:
    return [observation.document for page in pages for observation in page.observations]


def test_the_first_poll_enumerates_a_congress_once_and_ends_with_its_baseline() -> None:
    publisher = Publisher(crowd(1200))
    pages = WholeCongressPoller(publisher).poll()
    told = [page for page in pages if page.observations]
    assert set(documents(pages)) == set(publisher.bills)
    assert all(len(page.observations) <= 250 for page in pages)
    assert [page.complete for page in told] == [False] * (len(told) - 1) + [True]
    assert len({page.scope for page in told}) == 1
    assert publisher.paths() == ["119"] * (1 + 5)
    for page in told:
        kept = {found.digest for found in page.evidence}
        assert all(set(one.evidence.values()) <= kept for one in page.observations)


def test_a_bill_is_stated_with_what_its_line_shows_and_nothing_else() -> None:
    publisher = Publisher({BILL: Bill()})
    (one,) = [o for page in WholeCongressPoller(publisher).poll() for o in page.observations]
    assert set(one.facets) == {"listed", "listed_title"}
    assert [entry["text"] for entry in one.facets["listed_title"].values()] == ["NATO Act"]
    assert [(e["on"], e["text"]) for e in one.facets["listed"].values()] == [("2025-12-09", REFERRED["text"])]
    assert one.url == "https://www.congress.gov/bill/119th-congress/house-bill/6508"


def test_after_that_a_poll_that_finds_nothing_is_one_request() -> None:
    publisher = Publisher(crowd(300))
    listener = WholeCongressPoller(publisher)
    for _ in range(4):
        listener.poll()
    publisher.paths()
    assert listener.poll() == [Page(cursor=None, requests=1)]


@pytest.mark.parametrize("touched", [0, 1, 249, 250, 251, 1000])
def test_touched_bills_cost_a_request_for_each_250_and_one_more(touched: int) -> None:
    publisher = Publisher(crowd(1100))
    listener = WholeCongressPoller(publisher)
    for _ in range(4):
        listener.poll(timedelta(hours=2))
    publisher.paths()
    for n in range(1, touched + 1):
        publisher.bills[us_bill(119, "s", n)].updated = publisher.now + timedelta(seconds=n)
    pages = listener.poll(timedelta(hours=1))
    assert len(publisher.paths()) <= -(-touched // 250) + 1
    assert len(set(documents(pages)) & set(publisher.bills)) >= touched
    listener.poll()
    listener.poll()
    publisher.paths()
    assert [len(listener.poll()) and len(publisher.paths()) for _ in range(3)] == [1, 1, 1]


def test_a_long_list_is_gone_on_with_where_it_grew() -> None:
    """A mass touch goes on for hours: what came since the last poll is asked for, not all of it again."""
    publisher = Publisher(crowd(1100))
    listener = WholeCongressPoller(publisher)
    for _ in range(4):
        listener.poll(timedelta(hours=2))
    for n in range(1, 601):
        publisher.bills[us_bill(119, "s", n)].updated = publisher.now + timedelta(seconds=n)
    listener.poll()
    publisher.paths()
    for n in range(601, 621):
        publisher.bills[us_bill(119, "s", n)].updated = publisher.now + timedelta(seconds=n)
    pages = listener.poll()
    assert publisher.paths() == ["119"]
    assert {us_bill(119, "s", n) for n in range(601, 621)} <= set(documents(pages))
    for n in range(1, 6):
        publisher.bills[us_bill(119, "s", n)].updated = publisher.now + timedelta(seconds=n)
    pages = listener.poll()
    assert len(publisher.paths()) <= 3, "five bills left the front of the list for its end"
    assert {us_bill(119, "s", n) for n in range(1, 6)} <= set(documents(pages))


def test_a_small_allowance_enumerates_over_several_polls_and_leaves_the_watched_first() -> None:
    """The shared key: 24 requests a day beside the list, 50 in all; and what was read is not read again."""
    publisher = Publisher(crowd(7000) | {BILL: Bill()})
    listener = WholeCongressPoller(publisher, {WHOLE: frozenset(), BILL: frozenset()}, key=None)
    first = listener.poll(timedelta(hours=1))
    assert publisher.paths()[:3] == ["119", "119/hr/6508", "119/hr/6508/actions"]
    assert not any(page.complete and page.scope for page in first)
    days = 0
    complete = False
    seen = set(documents(first))
    while not complete:
        days += 1
        assert days < 4
        for _ in range(24):
            for page in listener.poll(timedelta(hours=1)):
                seen |= {one.document for one in page.observations}
                complete = complete or (page.complete and page.scope is not None)
        assert len(publisher.paths()) <= 24 + DEMO_READINGS
    assert seen == set(publisher.bills)


@pytest.mark.slow
def test_a_mass_touch_under_a_small_allowance_fails_nothing_and_is_caught_up_with() -> None:
    publisher = Publisher(crowd(9000) | {BILL: Bill()})
    listener = WholeCongressPoller(publisher, {BILL: frozenset()}, key=None)
    for _ in range(3):
        listener.poll(timedelta(hours=12))
    publisher.paths()
    start = publisher.now
    for n, bill in enumerate(publisher.bills.values()):
        bill.updated = start + timedelta(milliseconds=100 * n)
    add(publisher, REPORTED, at=start + timedelta(milliseconds=100 * 9000))
    told: list[Page] = []
    for _ in range(4):
        told += [page for _ in range(24) for page in listener.poll(timedelta(hours=1))]
        assert len(publisher.paths()) <= 24 + DEMO_READINGS
    actions = [one.facets["actions"] for page in told for one in page.observations]
    assert any(entry["text"] == REPORTED["text"] for facet in actions for entry in facet.values())


def test_a_poll_that_is_cut_off_keeps_what_it_had_and_goes_on_there() -> None:
    publisher = Publisher(crowd(2000))
    listener = WholeCongressPoller(publisher)

    def failing(path: str, query: dict[str, str]) -> SourceError | None:
        return Unavailable("status 503", status=503) if int(query.get("offset", 0)) > 700 else None

    publisher.turns = failing
    with pytest.raises(Unavailable):
        listener.poll()
    assert publisher.asked[-1].url.endswith("offset=747")
    publisher.paths()
    publisher.turns = lambda path, query: None
    pages = listener.poll()
    assert len(publisher.paths()) == 1 + 6
    assert [page.complete for page in pages if page.scope][-1]


def test_poisoned_pages_of_an_enumeration_are_stepped_over_and_reported() -> None:
    publisher = Publisher(crowd(900))
    broken = {n: us_bill(119, "s", n) for n in (3, 400)}

    def poisoned(path: str, query: dict[str, str]) -> Any:
        first, limit = int(query.get("offset", 0)), int(query.get("limit", 20))
        if "1970" in query["fromDateTime"] and any(first <= n - 1 < first + limit for n in broken):
            return 500, {"error": "constructed"}
        return None

    publisher.turns = poisoned
    pages = WholeCongressPoller(publisher).poll()
    assert set(documents(pages)) == set(publisher.bills) - set(broken.values())
    assert len([fault for page in pages for fault in page.faults]) == 2
    assert pages[-1].complete or [page.complete for page in pages if page.scope][-1]


def test_an_enumeration_that_finds_nothing_is_an_error() -> None:
    publisher = Publisher({})
    publisher.turns = lambda path, query: (200, {"bills": [], "pagination": {"count": 17_000}})
    with pytest.raises(Changed):
        WholeCongressPoller(publisher).poll()


def test_what_is_read_in_full_is_not_reported_from_the_list_as_well() -> None:
    publisher = Publisher(crowd(3) | {BILL: Bill()})
    listener = WholeCongressPoller(publisher, {WHOLE: frozenset(), BILL: frozenset()})
    listener.poll()
    add(publisher, REPORTED)
    pages = listener.poll()
    (full,) = [one for page in pages for one in page.observations if one.document == BILL]
    assert "actions" in full.facets
    assert "listed" not in full.facets


def test_wanting_the_whole_again_is_another_baseline() -> None:
    publisher = Publisher(crowd(3) | {BILL: Bill()})
    listener = WholeCongressPoller(publisher, {WHOLE: frozenset(), BILL: frozenset()})
    (before,) = {page.scope for page in listener.poll() if page.scope}
    listener.following = {BILL: frozenset()}
    assert not any(page.scope for page in listener.poll())
    listener.following[WHOLE] = frozenset()
    assert before not in {page.scope for page in listener.poll() if page.scope}


def test_the_whole_is_that_of_the_congress_that_sits() -> None:
    publisher = Publisher(crowd(3) | {us_bill(120, "hr", 1): Bill()})
    listener = WholeCongressPoller(publisher, {}, whole=True)
    assert {bill.parts[0] for bill in documents(listener.poll())} == {"119"}
    publisher.now = datetime.fromisoformat("2027-01-04T00:00:00Z")
    assert {bill.parts[0] for bill in documents(listener.poll())} == {"120"}


def test_summaries_are_read_from_their_own_list_where_a_search_needs_them() -> None:
    publisher = Publisher(crowd(300))
    for n in range(1, 300):
        publisher.bills[us_bill(119, "s", n)].lists["summaries"] = [summary(n)]
    listener = WholeCongressPoller(publisher, {WHOLE: frozenset({Kind.SUMMARY})})
    pages = listener.poll()
    stated = [one for page in pages for one in page.observations if "summaries" in one.facets]
    assert len({one.document for one in stated}) == 299
    assert stated[0].facets["summaries"]["00"]["text"] == "This bill sets a constructed rule 1."
    listener.poll()
    listener.poll()
    publisher.paths()
    publisher.bills[us_bill(119, "s", 300)].lists["summaries"] = [summary(300, publisher.now)]
    pages = listener.poll()
    assert us_bill(119, "s", 300) in documents(pages)
    assert len(publisher.paths()) == 2
    assert all("summaries" not in one.facets for one in WholeCongressPoller(publisher).poll()[0].observations)


def summary(n: int, at: datetime = START - timedelta(days=1)) -> dict[str, Any]:
    return {
        "versionCode": "00",
        "actionDate": "2026-01-05",
        "actionDesc": "Introduced in Senate",
        "text": f"<p>This bill sets a constructed rule {n}.</p>",
        "updateDate": stamp(at + timedelta(seconds=n)),
    }


def test_bills_are_stored_some_at_a_time_and_the_first_at_once() -> None:
    publisher = Publisher(crowd(60))
    listener = WholeCongressPoller(publisher, dict.fromkeys(publisher.bills, frozenset()))
    pages = listener.poll()
    assert [len(page.observations) for page in pages] == [
        1,
        BILLS_PER_PAGE,
        BILLS_PER_PAGE,
        60 - 1 - 2 * BILLS_PER_PAGE,
    ]


def test_what_was_read_waits_two_seconds_for_its_page_at_most() -> None:
    publisher = Publisher(crowd(20))
    listener = WholeCongressPoller(publisher, dict.fromkeys(publisher.bills, frozenset()))
    listener.publisher.now += QUARTER
    slow = publisher.__call__

    def answering(request: Request) -> Response:
        publisher.now += timedelta(milliseconds=400)
        return slow(request)

    ask = PollRequest(None, listener.following, publisher.now)
    pages = list(CongressWatcher(BASE, KEY).poll(ask, answering))
    assert [len(page.observations) for page in pages] == [1, 3, 3, 3, 3, 3, 3, 1]


def test_bills_read_before_a_refusal_are_kept() -> None:
    publisher = Publisher(crowd(10))
    listener = WholeCongressPoller(publisher, dict.fromkeys(publisher.bills, frozenset()))
    publisher.turns = lambda path, query: Unavailable("status 429", status=429) if len(publisher.asked) > 12 else None
    pages = CongressWatcher(BASE, KEY).poll(PollRequest(None, listener.following, publisher.now), publisher)
    kept = [next(pages), next(pages)]
    with pytest.raises(Unavailable):
        next(pages)
    assert len(documents(kept)) == 5
