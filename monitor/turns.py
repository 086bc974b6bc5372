"""When may a host be asked again?"""

from __future__ import annotations

import threading
from collections.abc import Callable

_MANY_HOSTS = 4096


class Turns:
    """Gives each host one call per `spacing` seconds; who comes too early waits for the next free turn."""

    def __init__(self, spacing: float, sleep: Callable[[float], None], monotonic: Callable[[], float]) -> None:
        self._spacing, self._sleep, self._monotonic = spacing, sleep, monotonic
        self._next: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, host: str, spacing: float | None = None) -> None:
        """Wait for this host's turn; `spacing` asks for a longer pause after it than the usual one."""
        with self._lock:
            now = self._monotonic()
            turn = max(now, self._next.get(host, now))
            self._next[host] = turn + max(self._spacing, spacing or 0.0)
            if len(self._next) > _MANY_HOSTS:
                self._next = {name: at for name, at in self._next.items() if at > now}
        if turn > now:
            self._sleep(turn - now)
