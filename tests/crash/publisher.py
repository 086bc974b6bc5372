"""What happens in the world while the service runs and dies?

Several times a second something is published, corrected, introduced or only touched, whether or not anybody is there
to see it, and now and then as much at once as after a publisher's long pause.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.crash.congress_server import BadAnswer
from tests.crash.harness import Harness

EVENT_SECONDS = 0.15
DELAY_SECONDS = 0.03
CORRECTED_SHARE = 0.16
FLOOD, FLOOD_SHARE = 150, 0.002


@contextmanager
def publish_continuously(harness: Harness, rng: random.Random, corrected: float = CORRECTED_SHARE) -> Iterator[None]:
    """Let something happen all the time until the block ends; `corrected` is the share of lines put right."""

    def publish() -> None:
        for _ in range(FLOOD if rng.random() < FLOOD_SHARE else 1):
            publish_something(harness, rng, corrected)

    with again_and_again(publish, lambda: rng.uniform(0.5, 1.5) * EVENT_SECONDS):
        yield


@contextmanager
def again_and_again(task: Callable[[], object], pause: Callable[[], float]) -> Iterator[None]:
    """Run a task in a thread, after a pause in seconds each time, until the block ends."""
    over = threading.Event()

    def run() -> None:
        while not over.wait(pause()):
            task()

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def publish_something(harness: Harness, rng: random.Random, corrected: float = CORRECTED_SHARE) -> None:
    """Let one thing happen to some bill, or nothing but a stamp that moves."""
    number, chance = rng.choice(sorted(harness.origin.numbers)), rng.random()
    if chance < 0.1:
        harness.origin.touch(number)
    elif harness.fixture.full and chance < 0.14:
        harness.origin.introduce()
    elif harness.fixture.full and chance < 0.14 + corrected:
        harness.origin.correct(rng)
    else:
        harness.origin.publish(number, rng.choices(("action", "text", "report"), (0.76, 0.2, 0.04))[0])


def random_bad_answers(rng: random.Random, share: float) -> Callable[[str], BadAnswer | None]:
    """Make so large a share of all answers go wrong, each in one of the ways there are."""
    lock = threading.Lock()

    def ill(_path: str) -> BadAnswer | None:
        with lock:
            return rng.choice(list(BadAnswer)) if rng.random() < share else None

    return ill


def random_delay(rng: random.Random) -> Callable[[], float]:
    return lambda: rng.uniform(0, DELAY_SECONDS)
