"""Whatever the order in which documents arrive and whatever fails on the way: each step is sent exactly once."""

from __future__ import annotations

import random
from collections import Counter
from datetime import date, timedelta

import pytest

from domain.errors import SourceError, Unavailable
from tests.watchers.rada.publisher import (
    MARTIAL_LAW,
    MOBILISATION,
    MOBILISING,
    START,
    RadaPoller,
    RadaServer,
    decree,
    law,
    noise,
)

FIRST = decree("12/2026", date(2026, 1, 12))
SECOND = decree("200/2026", date(2026, 4, 20), "05:30 4 травня 2026 року")
PAIR = decree("13/2026", date(2026, 1, 12), title=MOBILISING, what="продовжити строк проведення загальної мобілізації")
LAWS = (law("4990-20", date(2026, 1, 13), FIRST), law("4999-20", date(2026, 4, 21), SECOND))
PAIRED = law("4991-20", date(2026, 1, 13), PAIR)
STEPS = {
    "instruments/ua/decree/12/2026",
    "instruments/ua/decree/200/2026",
    "instruments/ua/decree/13/2026",
    *(f"{step}ua/law/{number}-ix" for step in ("approvals/", "steps/in_force:") for number in ("4990", "4999", "4991")),
}


@pytest.mark.parametrize("seed", [*range(8), *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(8, 25))])
def test_every_step_is_reported_once_in_any_order_and_weather(seed: int) -> None:
    chance = random.Random(seed)
    database = RadaServer()
    database.put(*noise(40))
    poller = RadaPoller(database, (MARTIAL_LAW, MOBILISATION))
    poller.poll()

    def failures(_: str) -> bytes | SourceError | None:
        return Unavailable("timed out") if chance.random() < 0.1 else None

    database.refuse = failures
    acts = [FIRST, SECOND, PAIR, *LAWS, PAIRED]
    chance.shuffle(acts)
    reported: Counter[str] = Counter()
    for act in acts:
        database.now += timedelta(hours=chance.randrange(1, 30))
        database.put(*noise(chance.randrange(1, 5), touched=database.now), act)
        database.touch(act.nreg)
        reported.update(change.subject for change in poller.poll())
    for nreg in ("4991-20", "4990-20", "4999-20"):
        database.touch(nreg, status=5)
        reported.update(change.subject for change in poller.poll(by=timedelta(hours=chance.randrange(1, 9))))
    database.refuse = lambda path: None
    for _ in range(6):
        reported.update(change.subject for change in poller.poll(by=timedelta(hours=5)))
    assert reported == Counter(dict.fromkeys(STEPS, 1))
    assert database.now - START < timedelta(days=30)
