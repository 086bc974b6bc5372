"""Those who wait: no key twice, nobody waits for the slow ones, and home in time."""

from __future__ import annotations

import threading

from monitor.service.worker_pool import WorkerPool
from tests.helpers.timing import wait_until


def test_a_key_in_hand_is_not_taken_twice() -> None:
    crew, gate, done = WorkerPool("t", 2), threading.Event(), []
    assert crew.take("a", lambda: (gate.wait(10), done.append("a")))
    assert not crew.take("a", lambda: done.append("twice"))
    assert crew.take("b", lambda: done.append("b"))
    gate.set()
    assert crew.wait(10)
    assert sorted(done) == ["a", "b"]
    assert crew.take("a", lambda: None), "free again"


def test_a_slow_task_delays_nobody() -> None:
    crew, gate, reached = WorkerPool("t", 2), threading.Event(), threading.Event()
    crew.take("slow", lambda: gate.wait(10))
    crew.take("quick", reached.set)
    assert reached.wait(10)
    gate.set()


def test_going_home_does_not_wait_for_what_hangs() -> None:
    crew, gate, begun = WorkerPool("t", 1), threading.Event(), threading.Event()
    crew.take("hangs", lambda: (begun.set(), gate.wait(10)))
    assert begun.wait(10)
    assert crew.close(0.05) is False
    assert not crew.take("late", lambda: None)
    gate.set()


def test_more_hands_come_while_others_hang() -> None:
    crew, gate, reached = WorkerPool("t", 1), threading.Event(), threading.Event()
    crew.take("hangs", lambda: gate.wait(10))
    crew.grow(2)
    crew.grow(1)
    crew.take("quick", reached.set)
    assert reached.wait(10)
    gate.set()


def test_who_is_held_up_is_relieved_up_to_a_limit() -> None:
    crew, gate, reached = WorkerPool("relief", 2), threading.Event(), threading.Event()
    for name in "abc":
        crew.take(name, lambda: gate.wait(10))
    crew.take("quick", reached.set)
    crew.add_worker_for_stuck(60.0, 9)
    assert not reached.wait(0.1), "nobody is held up yet"
    assert wait_until(lambda: (crew.add_worker_for_stuck(0.05, 3), reached.is_set())[1] or threads("relief-") == 3)
    assert not reached.wait(0.1), "three hands at most, and all are held up"
    assert wait_until(lambda: (crew.add_worker_for_stuck(0.05, 9), reached.is_set())[1])
    assert threads("relief-") <= 5
    gate.set()
    assert crew.wait(10)


def threads(name: str) -> int:
    return sum(thread.name.startswith(name) for thread in threading.enumerate())
