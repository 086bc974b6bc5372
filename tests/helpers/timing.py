"""A clock that is moved by hand, and waiting for something with a deadline."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

NO_HANG_SECONDS = 120.0
"""Whatever ends within these did not hang, however busy the machine is: a test waits so long before it fails."""


@dataclass(slots=True)
class FakeClock:
    """A clock that goes at normal speed and is moved forward by hand, so that days pass in seconds. Aware UTC."""

    start: datetime
    begun: float = field(default_factory=time.monotonic)
    skipped: timedelta = timedelta()

    def __call__(self) -> datetime:
        return self.start + self.skipped + timedelta(seconds=time.monotonic() - self.begun)

    def skip(self, by: timedelta) -> None:
        self.skipped += by

    def until(self, hour: int, minute: int = 0) -> timedelta:
        """Return how long it is until this time of day comes next."""
        now = self()
        then = now.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return (then if then > now else then + timedelta(days=1)) - now


def wait_until(so: Callable[[], bool], seconds: float = NO_HANG_SECONDS, every: float = 0.02) -> bool:
    """Ask again and again until it is so, at most for `seconds`; say whether it came to be."""
    deadline = time.monotonic() + seconds
    while not so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True


def assert_soon(what: Callable[[], bool]) -> None:
    """Wait until it is so, and fail if it never is."""
    assert wait_until(what, every=0.05), "it did not happen in time"
