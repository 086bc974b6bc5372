"""Who does the waiting?

A few daemon threads that fetch and send. Daemon, because a send may wait ten minutes for a last reply and the service
must still end within seconds: what was in hand is released, not awaited.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable


class WorkerPool:
    """Runs tasks by key; a key in hand or in the queue is not taken twice."""

    def __init__(self, name: str, size: int) -> None:
        self._queue: queue.SimpleQueue[tuple[str, Callable[[], None]]] = queue.SimpleQueue()
        self._lock = threading.Condition()
        self._keys: set[str] = set()
        self._since: dict[str, float] = {}
        self._open = True
        self._name = name
        self._hired = 0
        self._size = 0
        self.grow(size)

    def grow(self, size: int) -> None:
        """Have at least so many hands from now on."""
        self._size = max(self._size, size)
        self._hire(self._size)

    def add_worker_for_stuck(self, after: float, most: int) -> None:
        """Have a hand more for each that holds one task for longer than `after` seconds, up to `most` altogether: hosts
        that hang must not hold up the others, however many they are. To be called again and again."""
        before = time.monotonic() - after
        with self._lock:
            stuck = sum(since < before for since in self._since.values())
        self._hire(min(self._size + stuck, most))

    def _hire(self, hands: int) -> None:
        for number in range(self._hired, hands):
            threading.Thread(target=self._work, name=f"{self._name}-{number}", daemon=True).start()
        self._hired = max(self._hired, hands)

    def take(self, key: str, task: Callable[[], None]) -> bool:
        """Queue a task; false if one with this key is still in hand or the crew has gone home."""
        with self._lock:
            if not self._open or key in self._keys:
                return False
            self._keys.add(key)
        self._queue.put((key, task))
        return True

    def busy(self) -> bool:
        with self._lock:
            return bool(self._keys)

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing is in hand; false if that took longer than `seconds`."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._keys, timeout=seconds)

    def close(self, seconds: float) -> bool:
        """Take nothing more, and wait for what is in hand. Returns whether everything was finished in time."""
        with self._lock:
            self._open = False
        deadline = time.monotonic() + seconds
        return self.wait(max(0.0, deadline - time.monotonic()))

    def _work(self) -> None:
        while True:
            key, task = self._queue.get()
            with self._lock:
                self._since[key] = time.monotonic()
            try:
                if self._open:
                    task()
            finally:
                with self._lock:
                    self._keys.discard(key)
                    del self._since[key]
                    self._lock.notify_all()
