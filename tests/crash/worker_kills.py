"""Workers are killed, the server restarted, connections cut: is anything lost, told twice or polled twice at once?

What happens follows from a seed: a killed worker begins again within a second; the server is ended as by `pg_ctl stop
-m immediate`; a worker is cut off for a while, sometimes for longer than others wait for a sign of life, and finds its
connections broken afterwards, or as they were. Meanwhile entries are published all the time.
"""

from __future__ import annotations

import random
import tempfile
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from tests.crash.checker import CheckResult
from tests.crash.publisher import again_and_again
from tests.crash.workers import Machines, machines
from tests.helpers.stores import PostgreSQL
from tests.helpers.timing import wait_until

PATIENCE = timedelta(seconds=180)
"""How long after it was served an entry may be told while all this happens."""


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    kills: int
    restarts: int
    partitions: int
    workers: int = 3
    feeds: int = 12

    def steps(self) -> list[str]:
        steps = ["kill"] * self.kills + ["restart"] * self.restarts + ["cut"] * self.partitions
        random.Random(self.seed).shuffle(steps)
        return steps


@dataclass(slots=True)
class WorkerReport:
    """How it went; `faults` names what broke a promise."""

    plan: Plan
    result: CheckResult
    polls: int
    overlaps: int
    events: int
    windows: int
    taken_over: int
    seconds: float
    errors: list[str] = field(default_factory=list)
    settled: bool = True

    def faults(self) -> list[str]:
        found = list(self.result.faults)
        found += [f"{self.overlaps} times two polls of one source were under way at once"] if self.overlaps else []
        found += [] if self.settled else ["something still waited in the end"]
        return found + [f"logged: {line}" for line in self.errors]

    def figures(self) -> dict[str, int]:
        plan, result = self.plan, self.result
        return {
            "kills": plan.kills,
            "restarts": plan.restarts,
            "partitions": plan.partitions,
            "events": self.events,
            "polls": self.polls,
            "overlaps": self.overlaps,
            "ok": result.ok,
            "lost": len(result.lost),
            "told_twice": len(result.twice),
            "repeats": result.repeats,
            "repeats_marked": sum(one.copies - 1 for one in result.repeated if one.marked),
            "windows": self.windows,
            "taken_over": self.taken_over,
            "faults": len(self.faults()),
        }

    def __str__(self) -> str:
        lines = [f"seed {self.plan.seed}, {self.plan.workers} workers, {self.seconds:.0f} s: {self.figures()}"]
        return "\n".join([*lines, str(self.result), *(f"  fault: {fault}" for fault in self.faults())])


def run_worker_kills(plan: Plan, folder: Path, postgresql: PostgreSQL) -> WorkerReport:
    """Run the plan on a new database, and say what became of everything."""
    began, rng = time.monotonic(), random.Random(plan.seed + 1)
    with machines(folder, postgresql, plan.workers, plan.feeds) as found:
        for receiver in found.receivers:
            receiver.ponder = lambda: rng.random() * 0.05
        found.publisher.latency = lambda: 0.02 + rng.random() * 0.3
        for worker in found.workers:
            worker.start()
        past = frozenset(mark for listed in found.publisher.feeds.values() for mark, _ in listed)
        baseline = "SELECT count(*) FROM scope WHERE name LIKE 'feed/%'"
        assert found.wait_for(lambda: found.rows(baseline)[0][0] == plan.feeds), found.workers[0].said()
        news = random.Random(plan.seed + 2)

        def publish() -> None:
            found.publisher.publish(news.choice(sorted(found.publisher.feeds)))

        with again_and_again(publish, lambda: news.random() * 1.2):
            for step in plan.steps():
                _disturb(step, found, postgresql, rng)
        for worker in found.workers:
            if not worker.is_running():
                worker.start()
        settled = _settle(found)
        time.sleep(2)
        for worker in found.workers:
            worker.stop()
        said = [line for worker in found.workers for line in worker.said().splitlines()]
        return WorkerReport(
            plan,
            found.evaluate(past, PATIENCE),
            len(found.publisher.polls),
            len(found.publisher.overlaps()),
            sum(map(len, found.publisher.feeds.values())),
            sum(found.windows.values()),
            sum(" taken_over job=" in line for line in said),
            time.monotonic() - began,
            [line[:600] for line in said if _is_fault(line)][:20],
            settled,
        )


def _settle(found: Machines) -> bool:
    """Wait until everything is sent, for as long as something comes; a busy machine has a long queue by then."""
    for _ in range(20):
        before = found.taken()
        if found.wait_for(found.is_settled):
            return True
        if len(found.taken()) == len(before):
            return False
    return False


def _is_fault(line: str) -> bool:
    """Say whether a line of the log tells of a fault of lexwatch: that the server is away is none."""
    return line.startswith("Traceback") or (" error " in line[:40] and " database " not in line[:60])


def _disturb(step: str, found: Machines, postgresql: PostgreSQL, rng: random.Random) -> None:
    worker = rng.choice(found.workers)
    if step == "kill":
        if rng.random() < 0.5:  # with a poll in hand, which somebody else has to take over
            usual, found.publisher.latency = found.publisher.latency, lambda: 2.0
            wait_until(lambda: found.publisher.under_way >= len(found.workers), 10)
            worker.kill()
            found.publisher.latency = usual
        else:
            time.sleep(rng.random() * 0.8)
            worker.kill()
        for receiver in found.receivers:
            receiver.read_what_the_dead_sent()
        found.count_windows()
        worker.start()
    elif step == "restart":
        time.sleep(rng.random())
        postgresql.crash()
        time.sleep(0.4 + rng.random() * 3)
        postgresql.start_again()
        assert found.wait_for(lambda: found.count_windows() >= 0)
    else:
        worker.proxy.cut()
        end = time.monotonic() + 1.0 + rng.choice((0.5, 2.0, 5.0, 8.0))
        while time.monotonic() < end:  # what it had in hand may arrive at any time, and is sent again by others
            time.sleep(0.25)
            found.count_windows()
        worker.proxy.heal(broken=rng.random() < 0.5)


def run_on_postgresql(options: Any) -> WorkerReport:
    """Run what the command line asks for on a server of its own."""
    each = max(1, options.kills // 30)
    plan = Plan(options.seed, options.kills, each, each, options.workers)
    # Not in a folder that nobody but its owner may enter: root's server runs as another user.
    with tempfile.TemporaryDirectory(prefix="lexwatch-postgresql-", ignore_cleanup_errors=True) as place:
        postgresql = PostgreSQL(Path(place))
        try:
            with tempfile.TemporaryDirectory(prefix="lexwatch-crash-") as folder:
                return run_worker_kills(plan, Path(folder), postgresql)
        finally:
            postgresql.stop()
