"""Never lost, never invented, once: does it hold while the service is killed, backups restored, the database lost?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.fixture import FULL, START
from tests.crash.harness import start_harness
from tests.crash.kill_runs import KillPlan, run_kills
from tests.helpers.timing import FakeClock

pytestmark = pytest.mark.crash


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(KillPlan.short(seed=20260106, kills=6), id="a short run"),
        pytest.param(
            KillPlan.whole(seed=20260107, kills=40, twice=True), id="through every failpoint", marks=pytest.mark.slow
        ),
    ],
)
def test_nothing_is_lost_by_kills_at_random_and_at_every_failpoint(tmp_path: Path, plan: KillPlan) -> None:
    """By every kind of channel and in every way: at once, with a digest, after a quiet night, put right, reminded."""
    clock = FakeClock(START)
    with start_harness(tmp_path, bills=6, fixture=FULL, clock=clock, simulated=True) as harness:
        report = run_kills(harness, plan, clock)
    print(report, *report.schedule, sep="\n")
    assert report.faults() == []
    assert report.result is not None
    assert report.result.ok > 100
    assert report.corrected > 0
    assert (report.restores, report.losses) == (plan.restores, plan.losses)
    assert report.windows, "no death fell between acceptance and record: the run proved nothing about repeats"
    assert report.result.repeats > 0
