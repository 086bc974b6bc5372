"""Fetch, detect, decide, record: what one poll leaves behind, on both stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from domain.alerts.delivery import State
from domain.alerts.routing import Audience, Route, Watch
from domain.documents import DocumentId
from domain.errors import Changed, Refused, SourceError, Unavailable
from domain.jurisdictions.us.names import us_bill
from domain.observation import Fault, Page, PollRequest
from domain.ports import Http, Store
from domain.records.facets import Kind
from domain.sources import Health, Request, Response, SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, PollOutcome
from storage.migrate import backup
from storage.store import open_store
from tests.helpers.english import english
from tests.helpers.fakes import BILL, NOON, FakeWatcher, ManualClock, lines, no_network, observation, page
from tests.helpers.stores import TemporaryStore

EVERY = timedelta(minutes=15)
WATCH = Watch("nato", BILL, created_at=NOON)
EVERYTHING = Route(("*",), frozenset(Kind), ("desk",))
AUDIENCE = Audience((WATCH,), (EVERYTHING,), {"desk": ("desk@example.org",)}, ("desk",))
INTRODUCED = observation(title={"display": {"text": "NATO Act"}}, actions=lines("Introduced."), texts={})
HELD = observation(title={"display": {"text": "NATO Act"}}, actions=lines("Introduced.", "Hearings held."), texts={})


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param == "memory":
        yield TemporaryStore()
        return
    opened = open_store(str(tmp_path / "record.db"), rehearsal=False, now=NOON)
    yield opened
    opened.close()


class ServiceHarness:
    """One source polled again and again."""

    def __init__(self, store: Store) -> None:
        self.store, self.clock, self.watcher = store, ManualClock(), FakeWatcher()
        self.source = SourceState("congress")
        self.audience = AUDIENCE

    def poll(self, *pages: object, error: SourceError | None = None, by: timedelta = EVERY) -> PollOutcome:
        self.watcher.pages, self.watcher.error = pages, error  # type: ignore[assignment]
        self.clock.later(by)
        outcome = Poll(
            self.source,
            ScheduledSource(self.watcher, EVERY),
            no_network,
            Context(self.store, self.audience, self.clock),
        ).run()
        self.source = outcome.source
        return outcome

    def waiting(self) -> list[str]:
        with self.store.read() as view:
            due = view.due("desk", self.clock(), 100)
            return [f"{d.document} {' '.join(c.kind for c in view.notice(d, 'UTC').changes)}" for d in due]


@contextmanager
def restored(folder: Path) -> Iterator[ServiceHarness]:
    """Yield a harness that read the bill once, restored a day later from the backup made then."""
    database, copy = folder / "record.db", folder / "copy.db"
    with closing(open_store(str(database), rehearsal=False, now=NOON)) as store:
        before = ServiceHarness(store)
        before.poll(page(INTRODUCED, cursor="1"))
        backup(database, copy)
    for file in folder.glob("record.db*"):
        file.unlink()
    copy.rename(database)
    with closing(open_store(str(database), rehearsal=False, now=NOON + timedelta(days=1))) as store:
        harness = ServiceHarness(store)
        harness.source, harness.clock.now = before.source, NOON + timedelta(days=1)
        yield harness


@pytest.fixture
def harness(store: Store) -> ServiceHarness:
    return ServiceHarness(store)


def test_the_first_reading_is_a_silent_baseline(harness: ServiceHarness) -> None:
    outcome = harness.poll(page(INTRODUCED, cursor="1"))
    assert (outcome.revisions, outcome.changes, outcome.alerts) == (1, 0, 0)
    assert harness.waiting() == []
    with harness.store.read() as view:
        assert view.established(f"congress/{BILL}")
        assert view.record(BILL) is not None


def test_a_new_line_is_reported_once(harness: ServiceHarness) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    assert harness.poll(page(HELD, cursor="2")).alerts == 1
    assert harness.poll(page(HELD, cursor="3")).alerts == 0
    assert harness.waiting() == [f"{BILL} action"]


def test_an_unseen_document_in_an_established_scope_appears(harness: ServiceHarness) -> None:
    other = us_bill(119, "s", 2174)
    audience = replace(AUDIENCE, watches=(*AUDIENCE.watches, Watch("companion", other, created_at=NOON)))
    harness.poll(page(INTRODUCED, cursor="1", scope="congress/119"))
    harness.watcher.pages = (page(observation(other, actions=lines("Read twice.")), cursor="2", scope="congress/119"),)
    outcome = Poll(
        harness.source,
        ScheduledSource(harness.watcher, EVERY),
        no_network,
        Context(harness.store, audience, harness.clock),
    ).run()
    assert (outcome.changes, outcome.alerts) == (1, 1)
    assert harness.waiting() == [f"{other} appeared"]


ACT = DocumentId.parse("ua/law/9999-20")


@pytest.mark.parametrize(
    ("days", "told"),
    [
        pytest.param(["2026-01-01"], [], id="before either began: its past"),
        pytest.param(
            ["2026-01-04", "2026-01-08"], ["first", "second"], id="a later step is news for whoever came later"
        ),
        pytest.param(["2026-01-04"], ["first"], id="between the two: news for the first"),
        pytest.param(["2026-01-01", "2026-02-01"], [], id="a day that is still to come has not happened"),
    ],
)
def test_the_first_reading_reports_what_happened_since_each_watch_began(
    harness: ServiceHarness, days: list[str], told: list[str]
) -> None:
    words = ("не набрав чинності", "чинний")
    stated = {on: {"text": word, "on": on} for on, word in zip(days, words, strict=False)}
    began = {"first": NOON - timedelta(days=4), "second": NOON}
    watches = tuple(Watch(name, ACT, created_at=at) for name, at in began.items())
    harness.audience = replace(AUDIENCE, watches=watches)
    harness.poll(page(observation(ACT, status=stated), cursor="1"), by=timedelta(days=4))
    with harness.store.read() as view:
        found = [view.notice(one, "UTC") for one in view.due("desk", harness.clock(), 100)]
    assert sorted({name for notice in found for name in ("first", "second") if name in str(notice.reasons)}) == told


def test_a_baseline_may_take_several_polls(harness: ServiceHarness) -> None:
    unfinished = replace(page(INTRODUCED, cursor="1", scope="congress/119"), complete=False)
    harness.poll(unfinished)
    with harness.store.read() as view:
        assert not view.established("congress/119")
    assert harness.poll(page(HELD, cursor="2", scope="congress/119")).alerts == 0
    assert harness.poll(page(observation(actions=lines("Markup held.")), cursor="3", scope="congress/119")).alerts == 1


def test_a_poll_that_found_nothing_leaves_the_store_alone(harness: ServiceHarness) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    outcome = harness.poll(page())
    assert outcome.quiet
    assert outcome.source.last_good_at == harness.clock()
    assert outcome.source.cursor == "1"


def test_a_page_before_a_failure_is_kept_and_so_is_its_place(harness: ServiceHarness) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    outcome = harness.poll(page(HELD, cursor="2"), error=Unavailable("timed out"))
    assert (outcome.source.cursor, outcome.source.state, outcome.alerts) == ("2", Health.UNAVAILABLE, 1)
    assert harness.poll(page(HELD, cursor="3")).alerts == 0


TROUBLE = {
    "unavailable": (Unavailable("timed out"), 3),
    "refused": (Refused("API_KEY_INVALID"), 1),
    "changed": (Changed("no bills member"), 2),
}


@pytest.mark.parametrize(("error", "polls"), TROUBLE.values(), ids=TROUBLE.keys())
def test_the_operator_hears_once_when_a_source_breaks_and_once_when_it_is_back(
    harness: ServiceHarness, error: SourceError, polls: int
) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    for _ in range(polls + 4):
        harness.poll(error=error, by=timedelta(hours=1))
    assert harness.waiting() == ["source/congress source"]
    for _ in range(3):
        harness.poll(page(), by=timedelta(hours=1))
    assert harness.waiting() == ["source/congress source"] * 2
    with harness.store.read() as view:
        record = view.record(BILL)
        assert record is not None
        assert record.revision == 1


def test_one_bill_that_cannot_be_read_is_reported_and_leaves_the_others(harness: ServiceHarness) -> None:
    missing = us_bill(119, "hr", 99999)
    audience = replace(AUDIENCE, watches=(*AUDIENCE.watches, Watch("typo", missing)))
    ill = replace(page(INTRODUCED, cursor="1"), faults=(Fault(missing, Refused("404", status=404)),))
    harness.watcher.pages = (ill,)
    outcome = Poll(
        harness.source,
        ScheduledSource(harness.watcher, EVERY),
        no_network,
        Context(harness.store, audience, harness.clock),
    ).run()
    assert (outcome.source.state, outcome.went_well, outcome.revisions) == (Health.OK, False, 1)
    assert "HR 99999 · 119th: 404" in english(outcome.source.error)


def test_a_source_of_which_nothing_can_be_read_is_broken_although_its_list_answers(harness: ServiceHarness) -> None:
    outcome = harness.poll(replace(page(), faults=(Fault(BILL, Changed("HTML for JSON")),)))
    assert (outcome.source.state, outcome.source.failures) == (Health.CHANGED, 1)


def test_a_bill_that_was_read_with_one_list_missing_leaves_its_source_well(harness: ServiceHarness) -> None:
    outcome = harness.poll(replace(page(INTRODUCED, cursor="1"), faults=(Fault(BILL, Unavailable("titles: 500")),)))
    assert (outcome.source.state, outcome.revisions, outcome.went_well) == (Health.OK, 1, True)
    assert "titles: 500" in (outcome.source.error or "")


def test_requests_of_a_poll_that_fails_at_once_are_counted(store: Store) -> None:
    class Asking(FakeWatcher):
        def poll(self, ask: PollRequest, http: Http) -> Iterator[Page]:
            http(Request("https://example.org/"))
            yield Page()

    def down(_: Request) -> Response:
        raise Unavailable("timed out")

    outcome = Poll(
        SourceState("congress"), ScheduledSource(Asking(), EVERY), down, Context(store, AUDIENCE, ManualClock())
    ).run()
    assert (outcome.requests, outcome.source.requests) == (1, 1)


def test_lag_is_measured_from_publication_to_our_seeing_it(harness: ServiceHarness) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    assert harness.source.lag is None
    harness.poll(page(HELD, cursor="2"), by=timedelta(minutes=30))
    assert harness.source.lag == timedelta(hours=2, minutes=45).total_seconds()


def test_what_is_due_was_put_there_with_the_change(harness: ServiceHarness) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    harness.poll(page(HELD, cursor="2"))
    with harness.store.read() as view:
        (delivery,) = view.due("desk", harness.clock(), 10)
    assert (delivery.state, delivery.attempts, delivery.to) == (State.PENDING, 0, "desk@example.org")


def test_a_watch_made_before_the_clock_was_set_back_hears_what_is_seen_now(harness: ServiceHarness) -> None:
    harness.poll(page(INTRODUCED, cursor="1"))
    harness.audience = replace(AUDIENCE, watches=(replace(WATCH, created_at=NOON + timedelta(days=2)),))
    assert harness.poll(page(HELD, cursor="2")).alerts == 1


def test_what_was_not_read_for_long_after_a_restore_is_marked_as_a_possible_repeat(tmp_path: Path) -> None:
    """One bill cannot be read for two months after the restore, while every poll is good: its first reading since may
    say what was sent before, and what comes after that is new."""
    with restored(tmp_path) as harness:
        for days in (1, 30, 30):
            assert harness.poll(page(observation(us_bill(119, "s", 1), texts={}), cursor="2"), by=timedelta(days=days))
        assert harness.poll(page(HELD, cursor="3")).alerts == 1
        marked = observation(title={"display": {"text": "NATO Act"}}, actions=lines("Introduced.", "Markup."), texts={})
        assert harness.poll(page(marked, cursor="4")).alerts == 1
        with harness.store.read() as view:
            repeats = [delivery.possible_repeat for delivery in view.due("desk", harness.clock(), 100)]
    assert repeats == [True, False]


def test_an_unchanged_document_counts_as_read_since_the_restore(tmp_path: Path) -> None:
    with restored(tmp_path) as harness:
        assert not harness.poll(page(INTRODUCED, cursor="1")).quiet
        assert harness.poll(page(INTRODUCED, cursor="1")).quiet, "once is enough"
        harness.poll(page(HELD, cursor="2"), by=timedelta(days=31))
        with harness.store.read() as view:
            assert [one.possible_repeat for one in view.due("desk", harness.clock(), 100)] == [False]
