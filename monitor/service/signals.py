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
    Only the main thread can hear signals; elsewhere nobody wishes anything.
    """
    wishes = ShutdownSignals()
    if threading.current_thread() is not threading.main_thread():
        yield wishes
        return
    wanted = {signal.SIGTERM: wishes.stopping, signal.SIGINT: wishes.stopping, signal.SIGHUP: wishes.reloading}
    before = {number: signal.signal(number, lambda *_, e=e: e.set()) for number, e in wanted.items()}
    try:
        yield wishes
    finally:
        for number, answer in before.items():
            signal.signal(number, answer)
