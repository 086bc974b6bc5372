"""What travels together through the service?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from domain.alerts.routing import Audience
from domain.ports import Clock, Store, Watcher


@dataclass(frozen=True, slots=True)
class ScheduledSource:
    """A watcher and how often it is asked."""

    watcher: Watcher
    every: timedelta


@dataclass(frozen=True, slots=True)
class Context:
    """The record, who is notified of it, and the clock by which both are read. `zone` is for dates shown."""

    store: Store
    audience: Audience
    clock: Clock
    zone: str = "UTC"
