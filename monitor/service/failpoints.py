"""Where can a test cut the program off?

Named places that do nothing unless `LEXWATCH_FAILPOINT` is set to `name:nth:action`; then the nth arrival at `name`
exits (as SIGKILL would: no clean-up), raises, sleeps for a while, or finds the disk full as SQLite would say it. The
tests in tests/crash use them.
"""

from __future__ import annotations

import os
import threading
import time

NAMES = (
    "store.before_migrate",
    "store.before_migrate_commit",
    "poll.after_fetch",
    "poll.before_record",
    "poll.withdrawn",
    "poll.after_record",
    "store.before_change",
    "store.between_change_and_outbox",
    "store.before_begin",
    "store.after_begin",
    "store.before_commit",
    "store.after_commit",
    "clock.between_doubt_and_reminder",
    "service.settled",
    "dispatch.joined",
    "dispatch.after_claim",
    "dispatch.before_send",
    "dispatch.marked",
    "dispatch.after_send",
    "dispatch.circuit_saved",
    "dispatch.after_finish",
)

_EXIT_STATUS = 137
_PAUSE_SECONDS = 5.0


class FailpointHit(RuntimeError):
    """Raised at a failpoint whose action is `raise`."""


class _Failpoint:
    """One armed place and how often it has been passed."""

    def __init__(self, setting: str) -> None:
        self.name, nth, self.action = setting.split(":")
        self.left = int(nth)
        self.lock = threading.Lock()

    def arrive(self, name: str) -> None:
        if name != self.name:
            return
        with self.lock:
            self.left -= 1
            if self.left != 0:
                return
        if self.action == "exit":
            os._exit(_EXIT_STATUS)
        if self.action == "sleep":
            time.sleep(_PAUSE_SECONDS)
            return
        raise _disk_full() if self.action == "full" else FailpointHit(name)


def _disk_full() -> Exception:
    import sqlite3  # only ever needed where somebody armed it

    error = sqlite3.OperationalError("database or disk is full")
    error.sqlite_errorcode = sqlite3.SQLITE_FULL
    return error


def _from_environment() -> _Failpoint | None:
    setting = os.environ.get("LEXWATCH_FAILPOINT")
    return _Failpoint(setting) if setting else None


_armed = _from_environment()


def arm() -> None:
    """Read the environment again: for a process that was made before it was known where it is to end."""
    global _armed
    _armed = _from_environment()


def hit(name: str) -> None:
    """Arrive at a named place; nothing happens unless exactly this one is armed."""
    if _armed is not None:
        _armed.arrive(name)
