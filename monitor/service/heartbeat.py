"""Who notices that lexwatch itself is dead? A dead-man's switch elsewhere, asked after each healthy minute.

It is the silence that matters: nothing is asked while the service does not tick or its record fails. The address is a
secret, for whoever knows it can keep the switch quiet; it is asked by POST, of which errors name the host alone.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable

from domain.errors import SourceError
from domain.ports import Http
from domain.sources import Request, Secret
from monitor.service.logs import log_event

MINUTE = 60.0
LONGEST_GAP = 5.0
"""Seconds between two ticks; after a longer one the minute was not healthy."""

log = logging.getLogger("lexwatch")


class Heartbeat:
    """Counts healthy time and asks the switch. `monotonic` returns seconds."""

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
        if now - self._healthy_since < MINUTE:
            return False
        self._healthy_since = now
        return True

    def fault(self) -> None:
        """Begin the minute anew: the record could not be read or written."""
        self._healthy_since = self._monotonic()

    def ask(self, http: Http) -> None:
        """Report to the switch that all is well; whether that works is logged when it changes, and never more often."""
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
