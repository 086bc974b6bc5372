"""Is anything lost when three sends in ten go wrong, and does what comes again come with the same id and bytes?"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.chaos.kills import Executioner, Plan, judge, read_baseline
from tests.chaos.press import publish_something
from tests.chaos.report import Report
from tests.chaos.rig import rig
from tests.chaos.scene import FULL, START
from tests.chaos.sinks import Fate
from tests.chaos.times import Sundial

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(900)]

SHARE = 0.3
WAYS = (
    Fate.REFUSE_EARLY,
    Fate.REFUSE_LATER,
    Fate.RESET_BEFORE,
    Fate.RESET_AFTER,
    Fate.ERROR_AFTER,
    Fate.BUSY,
    Fate.SLOW,
)


def fates(dice: random.Random, met: list[Fate]) -> Callable[[str], Fate]:
    def fate(_to: str) -> Fate:
        met.append(dice.choice(WAYS) if dice.random() < SHARE else Fate.TAKE)
        return met[-1]

    return fate


@pytest.mark.parametrize(
    "turns",
    [pytest.param(12, id="a few hours of it"), pytest.param(250, id="two weeks of it", marks=pytest.mark.slow)],
)
def test_three_sends_in_ten_go_wrong_and_nothing_is_lost(tmp_path: Path, turns: int) -> None:
    dial, dice, met = Sundial(START), random.Random(turns), list[Fate]()
    with rig(tmp_path, bills=5, scene=FULL, clock=dial, rehearsing=True) as under_test:
        report = Report("three in ten", recipients=len(FULL.recipients))
        hand = Executioner(under_test, report, dice, dial, Plan(turns, 0, away=0))
        past = read_baseline(under_test, hand, hand.live_undisturbed)
        for sink in under_test.sinks:
            sink.verdict = fates(dice, met)
        for _ in range(turns):
            for _ in range(3):
                publish_something(under_test, dice)
            dial.skip(timedelta(minutes=dice.uniform(6, 120)))
            hand.live_undisturbed()
        for sink in under_test.sinks:
            sink.verdict = lambda _to: Fate.TAKE
        judge(under_test, report, past, hand.come_to_rest(), hand.undisturbed)
    print(report, *report.schedule, sep="\n")
    wrong = sum(fate is not Fate.TAKE for fate in met)
    assert wrong > 0.2 * len(met)
    assert set(WAYS) <= set(met)
    assert report.faults() == []
    assert report.verdict is not None
    assert report.verdict.repeats > 0
    assert all(repeat.same_bytes for repeat in report.verdict.repeated)
