"""Worker pools: nobody waits for the slow ones, and a pool that is shut down waits for nobody."""

from __future__ import annotations

import threading

from monitor.service.process import WorkerPool
from tests.helpers.timing import NO_HANG_SECONDS, wait_until


def test_a_pool_is_done_when_every_task_is() -> None:
    pool, gate, done = WorkerPool("t", 2), threading.Event(), []
    assert pool.submit(lambda: (gate.wait(NO_HANG_SECONDS), done.append("a")))
    assert pool.submit(lambda: done.append("b"))
    assert not pool.wait(0.05)
    gate.set()
    assert pool.wait(NO_HANG_SECONDS)
    assert sorted(done) == ["a", "b"]


def test_a_slow_task_delays_nobody() -> None:
    pool, gate, reached = WorkerPool("t", 2), threading.Event(), threading.Event()
    pool.submit(lambda: gate.wait(NO_HANG_SECONDS))
    pool.submit(reached.set)
    assert reached.wait(NO_HANG_SECONDS)
    gate.set()


def test_a_shutdown_does_not_wait_for_what_hangs() -> None:
    pool, gate, begun = WorkerPool("t", 1), threading.Event(), threading.Event()
    pool.submit(lambda: (begun.set(), gate.wait(NO_HANG_SECONDS)))
    assert begun.wait(NO_HANG_SECONDS)
    assert pool.shutdown(0.05) is False
    assert not pool.submit(lambda: None)
    gate.set()


def test_a_pool_grows_while_others_hang() -> None:
    pool, gate, reached = WorkerPool("t", 1), threading.Event(), threading.Event()
    pool.submit(lambda: gate.wait(NO_HANG_SECONDS))
    pool.grow(2)
    pool.grow(1)
    pool.submit(reached.set)
    assert reached.wait(NO_HANG_SECONDS)
    gate.set()


def test_there_is_a_worker_more_for_each_that_is_stuck_up_to_a_limit() -> None:
    pool, gate, reached = WorkerPool("stuck", 2), threading.Event(), threading.Event()
    for _ in range(3):
        pool.submit(lambda: gate.wait(NO_HANG_SECONDS))
    pool.submit(reached.set)
    pool.add_worker_for_stuck(60.0, 9)
    assert not reached.wait(0.1), "nobody is stuck yet"
    assert wait_until(lambda: (pool.add_worker_for_stuck(0.05, 3), reached.is_set())[1] or threads("stuck-") == 3)
    assert not reached.wait(0.1), "three workers at most, and all are stuck"
    assert wait_until(lambda: (pool.add_worker_for_stuck(0.05, 9), reached.is_set())[1])
    assert threads("stuck-") <= 5
    gate.set()
    assert pool.wait(NO_HANG_SECONDS)


def threads(name: str) -> int:
    return sum(thread.name.startswith(name) for thread in threading.enumerate())
