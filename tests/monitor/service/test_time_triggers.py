"""The clock on the record: told once by the road of a poll, after a poll that is due, quiet while nothing is due."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.routing import Audience, Route, Watch
from domain.documents import DocumentId
from domain.ports import ReadTransaction
from domain.records.detection import advance
from domain.sources import SourceState
from monitor.service.context import Context
from monitor.service.regimes import shipped_regimes
from monitor.service.time_triggers import TimeTriggers
from tests.helpers.english import english
from tests.helpers.fakes import ManualClock
from tests.helpers.stores import TemporaryStore

REGIME = DocumentId("ua", "regime", ("martial-law",))
START = datetime(2026, 1, 5, 12, tzinfo=UTC)
STEP = datetime(2026, 1, 13, 3, 30, tzinfo=UTC)
"""Twenty-one days before 3 February 2026, 05:30 in Kyiv."""

MINUTE = timedelta(minutes=1)


class Room:
    """A record with the shipped history of a day, a clock set by hand, and one source."""

    def __init__(self, store: TemporaryStore | None = None) -> None:
        self.clock = ManualClock(START)
        self.store = store or TemporaryStore()
        self.reckoning = TimeTriggers()
        watch = Watch("Kyiv", REGIME, created_at=START)
        route = Route(channels=("desk",))
        self.audience = Audience((watch,), (route,), {"desk": ("a@example.org",), "ops": ("o@example.org",)}, ("ops",))
        step = advance(None, shipped_regimes()[REGIME].observation(START), START)
        assert step is not None
        with self.store.begin() as tx:
            tx.save(replace(step, changes=()))
        self.polled(START)

    def polled(self, at: datetime) -> None:
        state = SourceState("rada", due_at=at + timedelta(minutes=30), last_poll_at=at, last_good_at=at)
        with self.store.begin() as tx:
            tx.save_source(state)

    def tick(self, at: datetime, *, polled: bool = True) -> list[str]:
        """Let the clock look at a moment; return what was told then."""
        if polled:
            self.polled(at)
        self.clock.now = at
        before = len(self.store.alerts)
        self.reckoning.check(("rada",), Context(self.store, self.audience, self.clock))
        return [english(change.after) for alert in self.store.alerts[before:] for change in alert.changes]

    def revision(self) -> int:
        with self.store.read() as view:
            record = view.record(REGIME)
        assert record is not None
        return record.revision


@pytest.fixture
def room() -> Room:
    return Room()


SAID = "21 days left, no renewal seen (its sources were not read)"


def test_a_step_is_reported_at_its_minute_and_once(room: Room) -> None:
    assert room.tick(STEP - MINUTE) == []
    assert room.tick(STEP) == [SAID]
    assert room.tick(STEP + MINUTE) == []
    room.reckoning = TimeTriggers()  # the service began anew
    assert room.tick(STEP + 2 * MINUTE) == []


def test_nothing_is_written_while_nothing_is_due(room: Room) -> None:
    revision = room.revision()
    for minute in range(5):
        assert room.tick(START + minute * MINUTE) == []
    assert room.revision() == revision


class Counting(TemporaryStore):
    """Counts how often somebody looks."""

    looks = 0

    @contextmanager
    def read(self, *, single: bool = False) -> Iterator[ReadTransaction]:
        self.looks += 1
        with super().read(single=single) as view:
            yield view


def test_nothing_is_read_between_two_moments() -> None:
    store = Counting()
    room = Room(store)
    room.tick(START)
    before = store.looks
    for minute in range(1, 50):
        room.tick(START + minute * MINUTE)
    assert store.looks == before


def test_a_poll_that_is_due_is_waited_for_but_not_for_ever(room: Room) -> None:
    late = STEP + timedelta(days=2)
    assert room.tick(late, polled=False) == []
    assert room.tick(late + 5 * MINUTE, polled=False) == []
    assert room.tick(late + 10 * MINUTE, polled=False) == ["19 days left, no renewal seen (its sources were not read)"]


def test_who_watches_later_hears_only_what_comes(room: Room) -> None:
    room.audience = replace(room.audience, watches=(Watch("late", REGIME, created_at=STEP + timedelta(days=1)),))
    assert room.tick(STEP + timedelta(days=1, hours=1)) == ["20 days left, no renewal seen (its sources were not read)"]


def test_the_operator_hears_a_doubt_once_and_the_reader_no_expiry(room: Room) -> None:
    end = datetime(2026, 2, 3, 3, 30, tzinfo=UTC)
    assert room.tick(end + timedelta(hours=1)) == []
    assert room.tick(end + timedelta(hours=7)) == ["its status cannot be determined"]
    assert room.tick(end + timedelta(hours=9)) == []
    (alert,) = room.store.alerts
    assert (alert.channel, str(alert.document)) == ("ops", "source/ua-regime-martial-law")


def test_the_clock_is_no_publisher(room: Room) -> None:
    room.tick(STEP)
    with room.store.read() as view:
        assert _named(view) is None


def _named(view: ReadTransaction) -> SourceState | None:
    return view.source("clock")
