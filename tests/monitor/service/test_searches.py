"""A saved search from the configuration to the alert: what it hears of a whole Congress, and what it does not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from domain.alerts.routing import Audience, Route, Watch
from domain.alerts.search import parse
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice, Store
from domain.records.facets import DEFAULT_KINDS, FOR_OPERATOR, Kind
from domain.sources import SourceState
from monitor.config.loader import load_config
from monitor.config.watch_tables import pin_watches, sessions_searched
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from storage.store import open_store
from tests.helpers.stores import TemporaryStore
from tests.watchers.congress.publisher import BASE, BILL, KEY, REFERRED, REPORTED, START, Bill, Publisher, add, stamp
from watchers.congress.watcher import CongressWatcher

WHOLE = DocumentId.parse("us/bill/119")
EVERY = timedelta(minutes=15)
NATO = Watch("nato", WHOLE, created_at=START, search=parse("nato NOT budget"))
OTHER = us_bill(119, "s", 2174)
THIRD = us_bill(119, "hr", 7000)
DESK = {"desk": ("desk@example.org",)}


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield TemporaryStore()
        return
    opened = open_store(str(tmp_path / "record.db"), rehearsal=False, now=START)
    yield opened
    opened.close()


@dataclass
class ServiceHarness:
    store: Store
    watches: tuple[Watch, ...] = (NATO,)
    kinds: frozenset[Kind] = DEFAULT_KINDS
    publisher: Publisher = field(default_factory=lambda: Publisher({BILL: Bill(), OTHER: Bill(title="Farm Act")}))
    source: SourceState = field(default_factory=lambda: SourceState("congress"))

    def poll(self) -> PollOutcome:
        self.publisher.now += EVERY
        audience = Audience(self.watches, (Route(("*",), self.kinds, ("desk",)),), DESK)
        clock = lambda: self.publisher.now  # noqa: E731
        outcome = Poll(
            self.source,
            ScheduledSource(CongressWatcher(BASE, KEY), EVERY),
            self.publisher,
            Context(self.store, audience, clock),
        ).run()
        self.source = outcome.source
        assert outcome.error is None
        return outcome

    def told(self) -> list[tuple[DocumentId, str, str | None, str]]:
        """Return what waits to be sent: document, kind, new value and for whom."""
        return [
            (notice.document, str(change.kind), change.after, ", ".join(notice.watches))
            for notice in self.notices()
            for change in notice.changes
        ]

    def notices(self) -> list[Notice]:
        with self.store.read() as view:
            due = view.due("desk", self.publisher.now + timedelta(days=1), 1000)
            return [view.notice(delivery, "UTC") for delivery in due]

    def touch(self, bill: DocumentId, title: str | None) -> None:
        self.publisher.bills[bill].title = title
        self.publisher.bills[bill].updated = self.publisher.now


def test_what_a_congress_holds_at_first_is_its_baseline(store: Store) -> None:
    harness = ServiceHarness(store)
    outcome = harness.poll()
    assert (outcome.revisions, outcome.changes, outcome.alerts) == (2, 0, 0)
    with store.read() as view:
        record = view.record(BILL)
    assert record is not None
    assert (record.title, record.timeline) == ("NATO Act", ()), "a status is not made up from one line"
    assert harness.told() == []


def test_a_new_bill_that_matches_appears_and_one_that_does_not_match_is_silent(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.poll()
    harness.publisher.bills[THIRD] = Bill(updated=harness.publisher.now, title="A bill to leave NATO")
    harness.publisher.bills[us_bill(119, "hr", 7001)] = Bill(updated=harness.publisher.now, title="NATO budget")
    harness.poll()
    assert harness.told() == [(THIRD, "appeared", "A bill to leave NATO", "nato")]
    (notice,) = harness.notices()
    assert [reason.get("words") for reason in notice.reasons] == [("nato",)]
    for _ in range(4):
        harness.poll()
    assert len(harness.told()) == 1


def test_a_known_bill_that_comes_to_match_is_reported_once(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.poll()
    harness.touch(OTHER, "Farm and NATO Act")
    harness.poll()
    assert harness.told() == [(OTHER, "appeared", "Farm and NATO Act", "nato")]
    harness.touch(OTHER, "Farm and NATO Act of 2026")
    harness.poll()
    assert len(harness.told()) == 1


def test_an_action_of_a_matching_bill_is_reported_where_a_route_carries_actions(store: Store) -> None:
    harness = ServiceHarness(store, kinds=DEFAULT_KINDS | {Kind.ACTION})
    harness.poll()
    add(harness.publisher, REPORTED)
    add(harness.publisher, REPORTED, OTHER)
    harness.poll()
    assert harness.told() == [(BILL, "action", REPORTED["text"], "nato")]


def test_two_searches_and_a_watch_on_the_bill_are_named_in_one_message(store: Store) -> None:
    act = Watch("acts", WHOLE, created_at=START, search=parse("act*"))
    bill = Watch("the bill", BILL, created_at=START)
    harness = ServiceHarness(store, watches=(NATO, act, bill))
    for _ in range(3):
        harness.poll()
    add(harness.publisher, REPORTED)
    harness.poll()
    assert [told[1:] for told in harness.told()] == [("status", "REPORTED", "the bill, nato, acts")]
    assert len(harness.notices()) == 1


def test_a_bill_watched_later_is_read_in_full_and_tells_nothing_of_its_past(store: Store) -> None:
    harness = ServiceHarness(store, kinds=frozenset(Kind) - FOR_OPERATOR)
    harness.poll()
    harness.watches = (NATO, Watch("the bill", BILL, created_at=harness.publisher.now))
    outcome = harness.poll()
    assert (outcome.revisions, outcome.changes) == (1, 0)
    assert harness.told() == []
    with store.read() as view:
        record = view.record(BILL)
    assert record is not None
    assert record.last_status is not None
    assert record.last_status.status == "REFERRED"
    assert REFERRED["text"] in {entry["text"] for entry in record.facets["listed"].values()}
    add(harness.publisher, REPORTED)
    harness.poll()
    assert {(kind, who) for _, kind, _, who in harness.told()} == {
        ("status", "the bill, nato"),
        ("action", "the bill, nato"),
    }


def test_a_search_hears_only_what_came_after_it(store: Store) -> None:
    every = replace(NATO, name="everything", search=parse("act*"))
    harness = ServiceHarness(store, watches=(every,))
    harness.poll()
    harness.publisher.bills[THIRD] = Bill(updated=harness.publisher.now, title="A NATO act")
    harness.poll()
    harness.watches = (every, replace(NATO, created_at=harness.publisher.now))
    harness.poll()
    assert harness.told() == [(THIRD, "appeared", "A NATO act", "everything")]


def test_summaries_are_searched_where_the_search_says_so(store: Store) -> None:
    harness = ServiceHarness(store, watches=(replace(NATO, search=parse("treaty", ("title", "summary"))),))
    harness.poll()
    row = {"versionCode": "00", "actionDate": "2026-01-05", "actionDesc": "Introduced", "text": "<p>The Treaty.</p>"}
    harness.publisher.bills[OTHER].lists["summaries"] = [{**row, "updateDate": stamp(harness.publisher.now)}]
    harness.poll()
    assert harness.told() == [(OTHER, "appeared", "Farm Act", "nato")]


def test_subjects_read_later_tell_nothing_that_was_so_before(store: Store) -> None:
    harness = ServiceHarness(store, watches=(replace(NATO, search=parse("affairs", ("subject",))),))
    harness.publisher.bills[BILL].says["policyArea"] = {"name": "International Affairs"}
    harness.poll()
    harness.watches = (*harness.watches, Watch("the bill", BILL, created_at=START))
    harness.poll()
    harness.poll()
    assert harness.told() == []


def test_nobody_pays_for_a_congress_that_nobody_wants(store: Store) -> None:
    harness = ServiceHarness(store, watches=(Watch("the bill", BILL, created_at=START),))
    harness.poll()
    assert harness.publisher.paths()[:3] == ["119", "119/hr/6508", "119/hr/6508/actions"]
    harness.poll()
    assert harness.publisher.paths().count("119") == 1
    with store.read() as view:
        assert view.record(OTHER) is None


NEXT = DocumentId.parse("us/bill/120")
IN_120 = us_bill(120, "hr", 12)
BEFORE, AFTER = datetime(2026, 11, 2, tzinfo=UTC), datetime(2027, 1, 20, tzinfo=UTC)


@pytest.mark.parametrize(
    ("created", "known_before", "told"),
    [
        pytest.param(
            BEFORE, False, [(IN_120, "appeared")], id="a search older than the Congress hears of all its bills"
        ),
        pytest.param(AFTER, False, [], id="one made later has what was there as its past"),
        pytest.param(BEFORE, True, [(IN_120, "appeared")], id="nor is anything told again once the list was read"),
    ],
)
def test_us_11_the_first_reading_of_a_new_congress(
    created: datetime, known_before: bool, told: list[tuple[DocumentId, str]], store: Store
) -> None:
    harness = ServiceHarness(store, watches=(replace(NATO, document=NEXT, created_at=created, also=(WHOLE,)),))
    harness.publisher.bills = {IN_120: Bill(updated=AFTER, title="A NATO act")}
    harness.publisher.now = AFTER
    for _ in range(3 if known_before else 1):
        harness.poll()
    assert [entry[:2] for entry in harness.told()] == told


def test_us_11_a_search_goes_on_in_the_next_congress_as_what_it_was(store: Store) -> None:
    with store.begin() as tx:
        tx.register([replace(NATO, created_at=None)], BEFORE)
    with store.begin() as tx:
        (moved,) = tx.register([replace(NATO, document=NEXT, also=(WHOLE,))], AFTER)
    assert (moved.document, moved.created_at) == (NEXT, BEFORE)
    with store.begin() as tx:
        (another,) = tx.register([replace(NATO, document=DocumentId.parse("ca/bill/45-1"))], AFTER)
    assert another.created_at == AFTER, "another legislature is another watch"


@pytest.mark.parametrize(
    ("today", "congresses"),
    [
        pytest.param("2026-12-31", ["119"], id="the Congress that sits"),
        pytest.param("2027-01-02", ["119"], id="it ends on the third"),
        pytest.param("2027-01-03", ["120", "119"], id="the next one, and laws that are still signed"),
        pytest.param("2027-02-01", ["120", "119"], id="for thirty days"),
        pytest.param("2027-02-02", ["120"], id="and no longer"),
    ],
)
def test_us_11_what_a_search_without_a_congress_covers(today: str, congresses: list[str]) -> None:
    covered = sessions_searched(date.fromisoformat(today))
    assert [one.parts[0] for one in covered if one.jurisdiction == "us"] == congresses


@pytest.mark.parametrize(
    ("pinned", "congresses"),
    [
        pytest.param("", ["120", "119"], id="a search without a Congress goes on"),
        pytest.param("congress = 119", ["119"], id="a pinned one stays"),
    ],
)
def test_us_11_what_a_search_of_2026_covers_in_2027(pinned: str, congresses: list[str], tmp_path: Path) -> None:
    path = tmp_path / "config.toml"
    path.write_text(f'[source.congress]\n[[watch]]\nsearch = "nato"\n{pinned}\n')
    settings = pin_watches(load_config(path, now=AFTER, env={}), [replace(NATO, created_at=BEFORE)])
    (watch,) = settings.watches
    assert watch.document is not None
    assert [one.parts[0] for one in (watch.document, *watch.also)] == congresses
