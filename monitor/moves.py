"""Which addresses have moved for good, so that somebody should write the new one into the configuration?"""

from __future__ import annotations

import logging
import threading

from monitor.address import parse_target
from monitor.logs import event

_FOR_GOOD = frozenset({301, 308})
_MOST = 200

log = logging.getLogger("lexwatch")


class Moves:
    """Logs each move once while the program runs: host and path, never a query. Safe to share between threads."""

    def __init__(self) -> None:
        self._told: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def __call__(self, before: str, after: str, status: int) -> None:
        move = parse_target(before).place, parse_target(after).place
        with self._lock:
            if status not in _FOR_GOOD or move in self._told or len(self._told) >= _MOST:
                return
            self._told.add(move)
        event(log, "moved", level=logging.WARNING, address=move[0], to=move[1], answer=status)
