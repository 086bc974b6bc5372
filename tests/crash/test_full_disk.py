"""Is anything half done or lost when the disk is full?

Two ways. `full` at a named place: SQLite's own error, raised where a transaction begins, writes or commits. And a limit
on how large a file may grow (RLIMIT_FSIZE), so that the write of one very frame of the write-ahead log fails in the
system, whatever the program was doing; the log and the terminal of the program fail with it. What this does not show:
the short writes of file systems that are full by blocks. Before the eighth frame not even SQLite's index of that log
has room, and the service does not start.
"""

from __future__ import annotations

import random
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.fixture import FULL, START
from tests.crash.harness import start_harness
from tests.crash.kill_runs import KillPlan, KillRunner, evaluate
from tests.crash.publisher import publish_something
from tests.crash.report import KillReport
from tests.helpers.timing import NO_HANG_SECONDS, FakeClock

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

HEADER, FRAME = 32, 4096 + 24
"""Bytes of a write-ahead log before its first frame, and of one frame with its page."""

SOME_FRAMES, ALL_FRAMES = (4, 8, 9, 11, 14, 20), range(1, 61)
SOME_PLACES = (("store.after_begin", 4), ("store.between_change_and_outbox", 1), ("store.before_commit", 5))
ALL_PLACES = tuple(
    (place, nth)
    for place in ("store.after_begin", "store.before_change", "store.between_change_and_outbox", "store.before_commit")
    for nth in range(1, 13)
)


@pytest.mark.parametrize(
    ("frames", "places"),
    [
        pytest.param(SOME_FRAMES, SOME_PLACES, id="at some writes"),
        pytest.param(ALL_FRAMES, ALL_PLACES, id="at each of the first writes", marks=pytest.mark.slow),
    ],
)
def test_a_full_disk_leaves_nothing_half_done_and_all_is_reported_when_there_is_room(
    tmp_path: Path, frames: tuple[int, ...] | range, places: tuple[tuple[str, int], ...]
) -> None:
    clock, rng = FakeClock(START), random.Random(1)
    with start_harness(tmp_path, bills=5, fixture=FULL, clock=clock, simulated=True) as harness:
        report = KillReport("a full disk", recipients=len(FULL.recipients))
        runner = KillRunner(harness, report, rng, clock, KillPlan(1, 0, absence=0))
        past = runner.read_baseline(runner.run_once)
        refused = 0
        limits = [(None, HEADER + FRAME * frame) for frame in frames]
        for failpoint, largest in [*limits, *((f"{place}:{nth}:full", None) for place, nth in places)]:
            for _ in range(2):
                publish_something(harness, rng)
            clock.skip(timedelta(minutes=rng.uniform(6, 90)))
            refused += harness.start("run", "--once", failpoint=failpoint, largest=largest).wait(NO_HANG_SECONDS) != 0
            runner.examine(f"no room: {failpoint or largest}")
        evaluate(runner, past, runner.run_until_idle())
    report.own_faults = []
    print(report, *report.schedule, sep="\n")
    assert refused >= len(limits) // 2
    assert report.faults() == []
