"""Has it happened yet?"""

from __future__ import annotations

import time
from collections.abc import Callable


def wait_until(so: Callable[[], bool], seconds: float = 10.0, every: float = 0.02) -> bool:
    """Ask again and again until it is so, at most for `seconds`; say whether it came to be."""
    deadline = time.monotonic() + seconds
    while not so():
        if time.monotonic() >= deadline:
            return False
        time.sleep(every)
    return True
