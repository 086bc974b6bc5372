"""What does the program itself need? To be asked to stop, threads that wait for it, and somebody who notices its death.

The threads are daemons, because a send may wait ten minutes for a last reply and the service must still end within
seconds: what was in hand is released, not awaited. A pool of the standard library joins its threads when the program
ends, and has no more of them when all hang.
"""

from __future__ import annotations

import logging
import os
import queue
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, NoReturn

from monitor.service.logs import log_event

if TYPE_CHECKING:
    from domain.options import Secret
    from domain.ports import Http

NOW, SECOND, MINUTE = timedelta(0), timedelta(seconds=1), timedelta(minutes=1)
"""Pauses until a job wants to run again."""

log = logging.getLogger("lexwatch")


@dataclass(frozen=True, slots=True)
class ShutdownSignals:
    """Set by signals, looked at where it is safe: nothing is torn out of anybody's hands."""

    stopping: threading.Event = field(default_factory=threading.Event)
    reloading: threading.Event = field(default_factory=threading.Event)


@contextmanager
def install_signal_handlers() -> Iterator[ShutdownSignals]:
    """Take SIGTERM and SIGINT for the wish to stop and SIGHUP for the wish to reload while the block lasts.

    Entered before anything is opened, so that whoever stops a service that is still starting is answered as well.
    Only the main thread gets signals; elsewhere nothing is asked for.
    """
    signals = ShutdownSignals()
    if threading.current_thread() is not threading.main_thread():
        yield signals
        return
    wanted = {signal.SIGTERM: signals.stopping, signal.SIGINT: signals.stopping, signal.SIGHUP: signals.reloading}
    before = {number: signal.signal(number, lambda *_, e=e: e.set()) for number, e in wanted.items()}
    try:
        yield signals
    finally:
        for number, answer in before.items():
            signal.signal(number, answer)


def exit_at_once(status: int) -> NoReturn:
    """End the program although threads still work: Python itself would wait for those of a pool."""
    sys.stdout.flush()
    logging.shutdown()
    os._exit(status)


class WorkerPool:
    """Runs tasks in the order in which they came; a task has to catch what it raises."""

    def __init__(self, name: str, size: int) -> None:
        self._queue: queue.SimpleQueue[Callable[[], object] | None] = queue.SimpleQueue()
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
        """Take nothing more, and wait for what is in hand; threads without work end. Returns whether everything was
        finished in time."""
        with self._lock:
            self._open = False
        for _ in range(self._threads):
            self._queue.put(None)
        return self.wait(seconds)

    def _work(self, number: int) -> None:
        while (task := self._queue.get()) is not None:
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


LONGEST_GAP = 5.0
"""Seconds between two ticks; after a longer one the minute was not healthy."""


class Heartbeat:
    """Counts healthy time and asks a dead-man's switch elsewhere after each healthy minute.

    It is the silence that matters: nothing is asked while the service does not tick or its record fails. The address is
    a secret, for whoever knows it can keep the switch quiet; it is asked by POST, of which errors name the host alone.
    `monotonic` returns seconds.
    """

    def __init__(self, address: Secret, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self.address = address
        self._monotonic = monotonic
        self._healthy_since = self._ticked_at = monotonic()
        self._trouble: str | None = None

    def tick(self) -> bool:
        """Count a tick that went well; true when a whole healthy minute is over and the switch is to be asked."""
        now = self._monotonic()
        if now - self._ticked_at > LONGEST_GAP:
            self._healthy_since = now
        self._ticked_at = now
        if now - self._healthy_since < MINUTE.total_seconds():
            return False
        self._healthy_since = now
        return True

    def fault(self) -> None:
        """Begin the minute anew: the record could not be read or written."""
        self._healthy_since = self._monotonic()

    def ask(self, http: Http) -> None:
        """Report to the switch that all is well; whether that works is logged when it changes, and never more often."""
        from domain.errors import SourceError
        from domain.sources import Request

        request = Request(self.address.reveal(), method="POST", body=b"", expect=frozenset(range(200, 300)))
        try:
            http(request)
            trouble, level, error = None, logging.INFO, None
        except SourceError as failed:
            trouble, level, error = failed.state, logging.WARNING, failed
        if trouble != self._trouble:
            log_event(log, "heartbeat", level=level, state=trouble or "ok", error=error)
        self._trouble = trouble


def heartbeat_of(address: Secret | None, before: Heartbeat | None = None) -> Heartbeat | None:
    """Return the heartbeat of a configuration, None for one without; the one from before if its address is the same."""
    if address is None:
        return None
    return before if before is not None and before.address == address else Heartbeat(address)
