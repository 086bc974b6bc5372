"""Is anything lost when three sends in ten go wrong, and does what comes again come with the same id and bytes?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.fixture import FULL, START
from tests.crash.harness import start_harness
from tests.crash.kill_runs import KillPlan, KillRunner, evaluate, read_baseline
from tests.crash.publisher import publish_something
from tests.crash.receivers import Behaviour
from tests.crash.report import KillReport
from tests.helpers.timing import FakeClock

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

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


def random_behaviour(dice: random.Random, met: list[Behaviour]) -> Callable[[str], Behaviour]:
    def fate(_to: str) -> Behaviour:
        met.append(dice.choice(FAILURES) if dice.random() < SHARE else Behaviour.TAKE)
        return met[-1]

    return fate


@pytest.mark.parametrize(
    "turns",
    [pytest.param(12, id="a few hours of it"), pytest.param(250, id="two weeks of it", marks=pytest.mark.slow)],
)
def test_three_sends_in_ten_go_wrong_and_nothing_is_lost(tmp_path: Path, turns: int) -> None:
    dial, dice, met = FakeClock(START), random.Random(turns), list[Behaviour]()
    with start_harness(tmp_path, bills=5, scene=FULL, clock=dial, rehearsing=True) as under_test:
        report = KillReport("three in ten", recipients=len(FULL.recipients))
        hand = KillRunner(under_test, report, dice, dial, KillPlan(turns, 0, away=0))
        past = read_baseline(under_test, hand, hand.run_once)
        for sink in under_test.sinks:
            sink.verdict = random_behaviour(dice, met)
        for _ in range(turns):
            for _ in range(3):
                publish_something(under_test, dice)
            dial.skip(timedelta(minutes=dice.uniform(6, 120)))
            hand.run_once()
        for sink in under_test.sinks:
            sink.verdict = lambda _to: Behaviour.TAKE
        evaluate(under_test, report, past, hand.run_until_idle(), hand.undisturbed)
    print(report, *report.schedule, sep="\n")
    wrong = sum(fate is not Behaviour.TAKE for fate in met)
    assert wrong > 0.2 * len(met)
    assert set(FAILURES) <= set(met)
    assert report.faults() == []
    assert report.verdict is not None
    assert report.verdict.repeats > 0
    assert all(repeat.same_bytes for repeat in report.verdict.repeated)
