"""What does somebody ask of the running program by a signal: to stop, or to read its configuration again?"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field


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
