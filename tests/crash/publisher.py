"""What happens in the world while the service lives and dies?

Several times a second something is published, put right, introduced or only touched, whoever is alive to see it. A
message lists only so many changes and counts the rest, so while somebody has much to hear nothing new is published.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from tests.crash.congress_server import BadAnswer
from tests.crash.fixture import DAILY, NIGHT, RELAY, ROOM
from tests.crash.harness import Harness

EVENT_SECONDS = 0.15
DELAY_SECONDS = 0.03
CORRECTED_SHARE = 0.16
MOST_UNTOLD = {ROOM: 16, NIGHT: 40, DAILY: 45, RELAY: 40}
"""Slack shows 21 changes, a mail and a webhook 60."""


@contextmanager
def publish_continuously(rig: Harness, dice: random.Random, righted: float = CORRECTED_SHARE) -> Iterator[None]:
    """Let something happen all the time until the block ends; `righted` is the share of lines put right."""
    over = threading.Event()

    def publish() -> None:
        while not over.wait(dice.uniform(0.5, 1.5) * EVENT_SECONDS):
            publish_something(rig, dice, righted)

    thread = threading.Thread(target=publish, daemon=True)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def publish_something(rig: Harness, dice: random.Random, righted: float = CORRECTED_SHARE) -> None:
    """Let one thing happen to some bill, or nothing but a stamp that moves."""
    number, chance = dice.choice(sorted(rig.origin.numbers)), dice.random()
    if chance < 0.1 or _much_is_untold(rig):
        rig.origin.touch(number)
    elif rig.scene.full and chance < 0.14:
        rig.origin.introduce()
    elif rig.scene.full and chance < 0.14 + righted:
        rig.origin.correct(dice)
    else:
        rig.origin.publish(number, "text" if dice.random() < 0.2 else "action")


def _much_is_untold(rig: Harness) -> bool:
    current = {event.mark for event in rig.origin.events} - rig.past
    return any(len(current - rig.told(to)) >= most for to, most in MOST_UNTOLD.items() if to in rig.scene.recipients)


def random_bad_answers(dice: random.Random, share: float) -> Callable[[str], BadAnswer | None]:
    """Make so large a share of all answers go wrong, each in one of the ways there are."""
    lock = threading.Lock()

    def ill(_path: str) -> BadAnswer | None:
        with lock:
            return dice.choice(list(BadAnswer)) if dice.random() < share else None

    return ill


def random_delay(dice: random.Random) -> Callable[[], float]:
    return lambda: dice.uniform(0, DELAY_SECONDS)
