"""Never lost, never invented, once: does it hold with several workers, killed, cut off, their server restarted?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.worker_kills import Plan, run_worker_kills
from tests.crash.workers import PollInterval, constructed_feeds
from tests.helpers.stores import PostgreSQL

pytestmark = pytest.mark.crash


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(Plan(seed=20261129, kills=3, restarts=1, partitions=1, feeds=6), id="a short run"),
        pytest.param(Plan(seed=20261130, kills=60, restarts=4, partitions=4), id="a long run", marks=pytest.mark.slow),
    ],
)
def test_nothing_is_lost_sent_twice_or_polled_twice_at_once(tmp_path: Path, postgresql: PostgreSQL, plan: Plan) -> None:
    report = run_worker_kills(plan, tmp_path, postgresql)
    print(report)
    assert report.faults() == []
    assert report.result.ok > 20
    if plan.kills > 30:  # of a few kills none may fall into a poll or a message, for nobody says when they come
        assert report.taken_over > 0, "nobody was given up: the run proved nothing about that"


@pytest.mark.parametrize(
    ("second", "found"),
    [
        pytest.param(PollInterval(9001, 3.0, 4.0, True), 0, id="one after the other"),
        pytest.param(PollInterval(9001, 1.5, 4.0, True), 1, id="begun before the first had its answer"),
        pytest.param(PollInterval(9001, 1.2, 1.4, False), 1, id="begun and given up within the first"),
        pytest.param(PollInterval(9002, 1.5, 4.0, True), 0, id="another feed"),
    ],
)
def test_polls_of_one_feed_that_were_under_way_at_once_are_found(second: PollInterval, found: int) -> None:
    publisher = constructed_feeds(2)
    publisher.polls = [second, PollInterval(9001, 1.0, 2.0, True), PollInterval(9001, 8.0, 9.0, True)]
    assert len(publisher.overlaps()) == found
