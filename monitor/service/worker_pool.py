"""Which threads do the waiting?

A few daemon threads that fetch and send. Daemon, because a send may wait ten minutes for a last reply and the service
must still end within seconds: what was in hand is released, not awaited. A pool of the standard library joins its
threads when the program ends, and has no more of them when all hang.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable


class WorkerPool:
    """Runs tasks in the order in which they came; a task has to catch what it raises."""

    def __init__(self, name: str, size: int) -> None:
        self._queue: queue.SimpleQueue[Callable[[], object]] = queue.SimpleQueue()
        self._lock = threading.Condition()
        self._unfinished = 0
        self._started_at: dict[int, float] = {}
        self._open = True
        self.name = name
        self._threads = 0
        self._size = 0
        self.grow(size)

    def grow(self, size: int) -> None:
        """Have at least so many workers from now on."""
        self._size = max(self._size, size)
        self._add_workers(self._size)

    def add_worker_for_stuck(self, after: float, most: int) -> None:
        """Have a worker more for each that is busy with one task for longer than `after` seconds, up to `most`
        altogether: hosts that hang must not hold up the others, however many they are. To be called again and again."""
        before = time.monotonic() - after
        with self._lock:
            stuck = sum(since < before for since in self._started_at.values())
        self._add_workers(min(self._size + stuck, most))

    def _add_workers(self, wanted: int) -> None:
        for number in range(self._threads, wanted):
            threading.Thread(target=self._work, name=f"{self.name}-{number}", args=(number,), daemon=True).start()
        self._threads = max(self._threads, wanted)

    def submit(self, task: Callable[[], object]) -> bool:
        """Queue a task; false if the pool was shut down."""
        with self._lock:
            if not self._open:
                return False
            self._unfinished += 1
        self._queue.put(task)
        return True

    def wait(self, seconds: float | None = None) -> bool:
        """Wait until nothing is queued or in hand; false if that took longer than `seconds`."""
        with self._lock:
            return self._lock.wait_for(lambda: not self._unfinished, timeout=seconds)

    def shutdown(self, seconds: float) -> bool:
        """Take nothing more, and wait for what is in hand. Returns whether everything was finished in time."""
        with self._lock:
            self._open = False
        return self.wait(seconds)

    def _work(self, number: int) -> None:
        while True:
            task = self._queue.get()
            with self._lock:
                self._started_at[number] = time.monotonic()
            try:
                if self._open:
                    task()
            finally:
                with self._lock:
                    self._unfinished -= 1
                    del self._started_at[number]
                    self._lock.notify_all()
