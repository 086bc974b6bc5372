"""What time is it: now, or in a rehearsal?"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from domain.ports import Clock


def system_clock() -> datetime:
    """Return the time of this machine, aware UTC."""
    return datetime.now(UTC)


def simulated_clock(start: datetime) -> Clock:
    """Return a clock that stands at `start` now and goes on at normal speed, whatever happens to the machine's."""
    begun = time.monotonic_ns()
    origin = start.astimezone(UTC)

    def clock() -> datetime:
        nanoseconds = time.monotonic_ns() - begun
        return datetime.fromtimestamp(origin.timestamp() + nanoseconds / 1e9, UTC)

    return clock


def parse_instant(text: str, zone: str) -> datetime:
    """Read an ISO 8601 time as aware UTC; ValueError when it is none.

    A time without an offset is in `zone`; a day alone is its midnight there.
    """
    try:
        moment = datetime.fromisoformat(text.strip())
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=ZoneInfo(zone))
        return moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f'expected a time such as "2026-01-06T10:00:00Z", saw {text[:60]!r}') from None
