"""When does which job run? APScheduler with a job per source and per channel, and a few of our own.

A job says when it wants to run next, and is planned for that moment when it ends. So no run is ever listed twice and a
clock that jumps by years makes each job due once. What is due stands in our tables, not in a job store: jobs are
made anew from it at the start. Machine time is used here; `delay` of a job is what is left by the service's own clock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from datetime import UTC, datetime, timedelta
from typing import Any

from apscheduler.executors.base import BaseExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger

from monitor.service.process import WorkerPool

Job = Callable[[], timedelta]
"""Does its work and returns the pause until it wants to run again."""

LOST_AFTER = timedelta(hours=1)
"""A job that never ended and so was never planned again is tried again after this."""

STEP = timedelta(seconds=2)
"""By so much the machine's clock may go back within a second before every job is planned anew."""


class JobScheduler:
    """Runs jobs on worker pools, never one of them twice at a time."""

    def __init__(self, pools: Collection[WorkerPool]) -> None:
        self._scheduler = BackgroundScheduler(
            timezone=UTC,
            executors={pool.name: _PoolExecutor(pool, self.plan) for pool in pools},
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )
        self._trigger = _PlannedAtEnd()
        self._jobs: set[str] = set()
        self._offset = _offset()

    def add(self, name: str, job: Job, pool: WorkerPool, delay: timedelta = timedelta(0)) -> None:
        """Plan a job of a new name; a name that is known is left alone."""
        if name in self._jobs:
            return
        self._jobs.add(name)
        at = datetime.now(UTC) + delay
        self._scheduler.add_job(job, self._trigger, id=name, executor=pool.name, next_run_time=at)

    def plan(self, name: str, delay: timedelta = timedelta(0)) -> None:
        """Run a job once so much time has passed; nothing if it was removed meanwhile."""
        try:
            self._scheduler.modify_job(name, next_run_time=datetime.now(UTC) + max(delay, timedelta(0)))
        except JobLookupError:
            return

    def keep_only(self, names: Collection[str]) -> None:
        """Remove all jobs but these."""
        for name in self._jobs.difference(names):
            self._jobs.discard(name)
            self._scheduler.remove_job(name)

    def start(self) -> None:
        self._scheduler.start()

    def notice_clock_step(self) -> None:
        """Run every job once if the machine's clock was set back: each waits for a moment that is now far away. To be
        called about once a second. A clock that goes forward makes jobs due by itself."""
        offset = _offset()
        if offset < self._offset - STEP:
            for name in sorted(self._jobs):
                self.plan(name)
        self._offset = offset

    def stop(self) -> None:
        """Start nothing more; what is in hand goes on."""
        self._scheduler.shutdown(wait=False)


class _PlannedAtEnd(BaseTrigger):  # type: ignore[misc]
    """The trigger of every job: while it is in hand, nothing but the end of it plans it again."""

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        return now + LOST_AFTER


class _PoolExecutor(BaseExecutor):  # type: ignore[misc]
    """Hands jobs to a pool that grows while hosts hang and whose threads die with the program."""

    def __init__(self, pool: WorkerPool, plan: Callable[[str, timedelta], None]) -> None:
        super().__init__()
        self._pool, self._plan = pool, plan

    def _do_submit_job(self, job: Any, run_times: list[datetime]) -> None:
        def work() -> None:
            try:
                delay = job.func()
            finally:
                self._run_job_success(job.id, [])
            self._plan(job.id, delay)

        self._pool.submit(work)


def _offset() -> timedelta:
    """Return how far the machine's clock is ahead of one that never jumps."""
    return timedelta(seconds=time.time() - time.monotonic())
