"""Is anything lost when three sends in ten go wrong, and does what comes again come with the same id and bytes?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.fixture import FULL, START
from tests.crash.harness import start_harness
from tests.crash.kill_runs import KillPlan, KillRunner, evaluate
from tests.crash.publisher import publish_something
from tests.crash.receivers import Behaviour
from tests.crash.report import KillReport
from tests.helpers.timing import FakeClock

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]

SHARE = 0.3
FAILURES = (
    Behaviour.REFUSE_EARLY,
    Behaviour.REFUSE_LATER,
    Behaviour.RESET_BEFORE,
    Behaviour.RESET_AFTER,
    Behaviour.ERROR_AFTER,
    Behaviour.BUSY,
    Behaviour.SLOW,
)


def random_behaviour(rng: random.Random, met: list[Behaviour]) -> Callable[[str], Behaviour]:
    def behaviour(_to: str) -> Behaviour:
        met.append(rng.choice(FAILURES) if rng.random() < SHARE else Behaviour.TAKE)
        return met[-1]

    return behaviour


@pytest.mark.parametrize(
    "polls",
    [pytest.param(7, id="a few hours of it"), pytest.param(250, id="two weeks of it", marks=pytest.mark.slow)],
)
def test_three_sends_in_ten_go_wrong_and_nothing_is_lost(tmp_path: Path, polls: int) -> None:
    clock, rng, met = FakeClock(START), random.Random(polls), list[Behaviour]()
    with start_harness(tmp_path, bills=5, fixture=FULL, clock=clock, simulated=True) as harness:
        report = KillReport("three in ten", recipients=len(FULL.recipients))
        runner = KillRunner(harness, report, rng, clock, KillPlan(polls, 0, absence=0))
        past = runner.read_baseline(runner.run_once)
        for receiver in harness.receivers:
            receiver.behave = random_behaviour(rng, met)
        for _ in range(polls):
            for _ in range(3):
                publish_something(harness, rng)
            clock.skip(timedelta(minutes=rng.uniform(6, 120)))
            runner.run_once()
        for receiver in harness.receivers:
            receiver.behave = lambda _to: Behaviour.TAKE
        evaluate(runner, past, runner.run_until_idle())
    print(report, *report.schedule, sep="\n")
    wrong = sum(behaviour is not Behaviour.TAKE for behaviour in met)
    assert wrong > 0.2 * len(met)
    assert set(FAILURES) <= set(met)
    assert report.faults() == []
    assert report.result is not None
    assert report.result.repeats > 0
    assert all(repeat.same_bytes for repeat in report.result.repeated)
