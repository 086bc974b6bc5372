"""Receipts as the service gives them: once a period, over restarts and stops, true to what was counted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.errors import StoreError, Unavailable
from domain.ports import Notice, Store
from domain.sources import SourceState
from monitor.service.context import Context, ScheduledSource
from monitor.service.coverage_reports import CoverageReports
from monitor.service.poll import Poll
from notifications.compose import compose
from storage.store import open_store
from tests.helpers.english import english
from tests.helpers.fakes import BILL, FakeWatcher, ManualClock, lines, no_network, observation, page
from tests.helpers.stores import TemporaryStore
from tests.monitor.config.config_files import CHANNEL, config_errors_of, read

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
EVERY = timedelta(hours=1)
WEEKLY = DigestSchedule.parse("weekly monday 09:00", "UTC")


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    on_disk = getattr(request, "param", "memory") == "sqlite"
    kept = open_store(tmp_path / "r.db", rehearsal=False, now=MONDAY) if on_disk else TemporaryStore()
    yield kept
    kept.close()


in_every_store = pytest.mark.parametrize("store", ["memory", "sqlite"], indirect=True)


@dataclass(slots=True)
class ServiceHarness:
    """One source, one channel, and the part of the service that gives receipts."""

    store: Store
    clock: ManualClock = field(default_factory=lambda: ManualClock(MONDAY))
    watcher: FakeWatcher = field(default_factory=FakeWatcher)
    rhythms: Mapping[str, DigestSchedule] = field(default_factory=lambda: {"desk": WEEKLY})
    watches: tuple[Watch, ...] = (Watch("nato", BILL, created_at=MONDAY - timedelta(days=60)),)
    receipts: CoverageReports = field(default_factory=CoverageReports)

    @property
    def audience(self) -> Audience:
        return Audience(watches=self.watches, recipients={"desk": ("desk@example.org",)}, operator=("desk",))

    def poll(self) -> None:
        with self.store.read() as view:
            source = view.source("congress") or SourceState("congress")
        outcome = Poll(
            source,
            ScheduledSource(self.watcher, EVERY),
            no_network,
            Context(self.store, self.audience, self.clock),
        ).run()
        if outcome.quiet:
            with self.store.begin() as tx:
                tx.save_poll_times([outcome.source])

    def look(self) -> None:
        sources = {"congress": ScheduledSource(self.watcher, EVERY)}
        self.receipts.check(self.rhythms, sources, Context(self.store, self.audience, self.clock))

    def run(self, *, polls: int) -> None:
        """Live for as many polls."""
        for _ in range(polls):
            self.clock.later(EVERY)
            self.poll()
            self.look()

    def told(self) -> list[Notice]:
        """Return every receipt ever put into the outbox."""
        later = self.clock() + timedelta(days=400)
        with self.store.read() as view:
            found = [view.notice(delivery, "UTC") for delivery in view.due("desk", later, 1000)]
        return [notice for notice in found if str(notice.document) == "channel/desk"]

    def lines(self) -> list[list[str]]:
        return [[english(change.after) for change in notice.changes] for notice in self.told()]


@in_every_store
def test_a_week_ends_with_one_message_that_lists_every_watch(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.look()
    harness.watcher.pages = [page(observation(actions=lines("Introduced in House.", on="2025-12-09")), scope="s")]
    harness.poll()
    harness.run(polls=167)
    assert harness.lines() == []
    harness.run(polls=15)
    assert harness.lines() == [
        [
            "Coverage report, 5 Jan 2026 09:00 to 12 Jan 2026 09:00: 1 watch; nothing missed",
            "nato (HR 6508 · 119th): 169 checks; last change 9 Dec 2025; nothing missed",
        ]
    ]


def test_it_reads_well_as_a_message(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.look()
    harness.run(polls=168)
    letter = compose(harness.told()[0])
    assert letter.subject == (
        "[lexwatch] Coverage report, 5 Jan 2026 09:00 to 12 Jan 2026 09:00: 1 watch; nothing missed"
    )
    assert [told.headline for told in letter.news][1:] == [
        "nato (HR 6508 · 119th): 168 checks; no change on record; nothing missed"
    ]
    assert letter.heading_of_more == "Each watch", "its lines are no further news"
    assert letter.reason == "desk gets a coverage report weekly Monday 09:00"
    assert letter.kinds == ("receipt",)


def test_failed_polls_are_reported(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.look()
    harness.run(polls=8)
    harness.watcher.error = Unavailable("down (constructed)")
    harness.run(polls=8)
    harness.watcher.error = None
    harness.run(polls=152)
    (receipt,) = harness.lines()
    assert receipt[1].startswith("nato (HR 6508 · 119th): 8 of 168 checks failed; longest gap 9 h; congress was")


def test_over_restarts_there_is_one_a_week(store: Store) -> None:
    harness = ServiceHarness(store)
    for _ in range(28):
        harness.receipts = CoverageReports()
        harness.look()
        harness.run(polls=18)
    assert len(harness.lines()) == 3
    assert [receipt[0].partition(": ")[0] for receipt in harness.lines()] == [
        "Coverage report, 5 Jan 2026 09:00 to 12 Jan 2026 09:00",
        "Coverage report, 12 Jan 2026 09:00 to 19 Jan 2026 09:00",
        "Coverage report, 19 Jan 2026 09:00 to 26 Jan 2026 09:00",
    ]


@in_every_store
def test_one_that_was_due_while_nothing_ran_comes_once_after_the_polls_and_says_the_gap(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.look()
    harness.run(polls=24)
    harness.clock.later(timedelta(days=20))
    harness.receipts = CoverageReports()
    harness.look()
    assert harness.lines() == [], "the polls that are due are waited for"
    harness.poll()
    harness.look()
    harness.run(polls=24)
    (receipt,) = harness.lines()
    assert receipt[0].startswith("Coverage report, 5 Jan 2026 09:00 to 26 Jan 2026 09:00: 1 watch; 1 with gaps")
    assert receipt[1].startswith("nato (HR 6508 · 119th): 25 checks; longest gap 20 d; congress was read again")


def test_a_source_that_hangs_is_not_waited_for_for_ever(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.look()
    harness.run(polls=150)
    harness.clock.later(timedelta(days=1))
    for _ in range(11):
        harness.look()
        harness.clock.later(timedelta(minutes=1))
    assert harness.lines()[0][1].startswith("nato (HR 6508 · 119th): 150 checks; longest gap 1 d")


def test_cut_off_before_it_is_recorded_it_is_still_due(tmp_path: Path) -> None:
    full: list[str] = []

    def trace(place: str) -> None:
        if place == "store.before_commit" and full:
            raise StoreError(full.pop())

    with_disk = open_store(tmp_path / "r.db", rehearsal=False, now=MONDAY, trace=trace)
    harness = ServiceHarness(with_disk)
    harness.look()
    harness.run(polls=167)
    harness.clock.later(EVERY)
    harness.poll()
    full.append("disk full (constructed)")
    with pytest.raises(StoreError):
        harness.look()
    assert harness.lines() == []
    harness.receipts = CoverageReports()
    harness.look()
    harness.look()
    assert len(harness.lines()) == 1
    with_disk.close()


def test_a_clock_set_forward_and_back_does_not_silence_it(store: Store) -> None:
    harness = ServiceHarness(store)
    harness.look()
    harness.clock.later(timedelta(days=3650))
    harness.poll()
    harness.look()
    assert len(harness.lines()) == 1
    harness.clock.later(-timedelta(days=3650))
    harness.receipts = CoverageReports()
    harness.look()
    harness.run(polls=170)
    assert len(harness.lines()) == 2
    assert harness.lines()[1][0].startswith("Coverage report, 5 Jan 2026 09:00 to 12 Jan 2026 09:")


def test_each_channel_has_hours_and_counts_of_its_own(store: Store) -> None:
    daily = DigestSchedule.parse("daily 12:00", "UTC")
    harness = ServiceHarness(store, rhythms={"desk": daily})
    harness.look()
    harness.run(polls=24 * 2)
    assert [receipt[1].partition(": ")[2][:9] for receipt in harness.lines()] == ["3 checks;", "24 checks"]


def test_a_watch_that_no_source_reads_says_so(store: Store) -> None:
    decree = Watch("decree", DocumentId.parse("ua/decree/793/2025"), created_at=MONDAY)
    harness = ServiceHarness(store, watches=(decree,))
    harness.look()
    harness.run(polls=168)
    assert harness.lines()[0][1] == "decree (UA decree 793/2025): no source reads it: nothing was checked"


def test_nobody_who_did_not_ask_gets_one(store: Store) -> None:
    harness = ServiceHarness(store, rhythms={})
    harness.look()
    harness.run(polls=170)
    assert harness.lines() == []
    with store.read() as view:
        assert view.account("desk") is None


def test_the_operator_gets_those_of_the_service_and_a_channel_its_own(tmp_path: Path) -> None:
    other = CHANNEL.replace("desk", "room") + 'receipt = "daily 08:00"\n'
    third = CHANNEL.replace("desk", "hall")
    settings = read(
        tmp_path, f'[service]\noperator = ["desk"]\nreceipt = "weekly monday 09:00"\n{CHANNEL}{other}{third}'
    )
    assert {name: str(rhythm) for name, rhythm in settings.receipts.items()} == {
        "desk": "weekly monday 09:00",
        "room": "daily 08:00",
    }
    assert settings.receipts["desk"] == replace(WEEKLY, zone=settings.timezone)


def test_what_is_no_schedule_is_named(tmp_path: Path) -> None:
    faults = config_errors_of(tmp_path, f'[service]\nreceipt = "mondays"\n{CHANNEL}receipt = "noon"\n')
    assert [fault.split(": ")[1] for fault in faults] == ["service.receipt", "channel[1].receipt"]
    assert all('expected "daily 08:00" or "weekly monday 08:00", saw ' in fault for fault in faults)


def test_a_receipt_for_nobody_is_warned_of(tmp_path: Path) -> None:
    settings = read(tmp_path, f'[service]\nreceipt = "daily 09:00"\n{CHANNEL}')
    assert any("service.receipt" in warning and "nobody gets it" in warning for warning in settings.warnings)
