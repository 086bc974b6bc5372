"""A clock that jumps by any distance costs one evaluation of every job: seconds, megabytes, and an end in time."""

from __future__ import annotations

import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, tzinfo

import apscheduler.schedulers.base
import pytest

from monitor.service import scheduler as scheduling
from monitor.service.process import WorkerPool
from monitor.service.scheduler import JobScheduler
from tests.helpers.timing import wait_until

SOURCES = 300
EVERY = timedelta(minutes=15)
ENOUGH_SECONDS = 20.0
"""For a machine under load; a jump that is enumerated second by second takes minutes and a gigabyte."""

MOST_BYTES = 10 * 2**20


class Machine:
    """The machine's clock, which may be set: the scheduler and APScheduler see it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, at: datetime | None = None) -> None:
        self.shift = at - datetime.now(UTC) if at else timedelta(0)
        machine, real = self, time.time

        class Shifted(datetime):
            @classmethod
            def now(cls, tz: tzinfo | None = None) -> datetime:  # type: ignore[override]
                return datetime.fromtimestamp(real(), tz) + machine.shift

        monkeypatch.setattr(apscheduler.schedulers.base, "datetime", Shifted)
        monkeypatch.setattr(scheduling, "datetime", Shifted)
        monkeypatch.setattr(scheduling.time, "time", lambda: real() + machine.shift.total_seconds())

    def jump(self, by: timedelta) -> None:
        self.shift += by


class Service:
    """A scheduler with a job a second and many jobs a quarter of an hour, counted."""

    def __init__(self) -> None:
        self.runs: Counter[str] = Counter()
        self.pool = WorkerPool("test", 4)
        self.scheduler = JobScheduler([self.pool])
        self.scheduler.add("upkeep", self._job("upkeep", timedelta(seconds=1)), self.pool)
        for number in range(SOURCES):
            self.scheduler.add(f"source {number}", self._job(f"source {number}", EVERY), self.pool)

    def _job(self, name: str, pause: timedelta) -> Callable[[], timedelta]:
        def job() -> timedelta:
            self.runs[name] += 1
            return pause

        return job

    def polled(self, times: int) -> bool:
        self.scheduler.notice_clock_step()
        return sum(self.runs[f"source {n}"] for n in range(SOURCES)) >= times * SOURCES


@pytest.mark.parametrize(
    ("begins", "jump"),
    [
        pytest.param(None, timedelta(days=3), id="three days"),
        pytest.param(None, timedelta(days=30), id="thirty days"),
        pytest.param(None, timedelta(days=365), id="a year"),
        pytest.param(datetime(1970, 1, 2, tzinfo=UTC), timedelta(days=20_785), id="from 1970"),
        pytest.param(None, timedelta(days=-30), id="thirty days back"),
    ],
)
def test_a_jump_costs_one_evaluation(begins: datetime | None, jump: timedelta, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = Machine(monkeypatch, begins)
    service = Service()
    service.scheduler.start()
    try:
        assert wait_until(lambda: service.polled(1), ENOUGH_SECONDS), "everything is due at the start"
        tracemalloc.start()
        began = time.monotonic()
        machine.jump(jump)
        assert wait_until(lambda: service.polled(2), ENOUGH_SECONDS)
        seconds = time.monotonic() - began
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    finally:
        stopping = time.monotonic()
        service.scheduler.stop()
    ended = time.monotonic() - stopping
    print(f"{jump.days} days: all jobs run after {seconds:.1f} s, {peak / 2**20:.1f} MB more, ended in {ended:.2f} s")
    assert all(service.runs[f"source {number}"] == 2 for number in range(SOURCES)), "each once, however far"
    assert service.runs["upkeep"] <= 3 + 2 * seconds
    assert peak < MOST_BYTES
    assert ended < 10
