"""How is a moment written so that it sorts as text and reads well from any tool?"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache

END = "9999-12-31T23:59:59.999999Z"
"""Sorts after every moment that occurs."""


@lru_cache(maxsize=1024)
def written(moment: datetime) -> str:
    """Return `2026-01-06T10:00:00.000000Z`: always UTC, always microseconds. ValueError for a time without offset."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs its offset from UTC: {moment.isoformat()}")
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def written_if(moment: datetime | None) -> str | None:
    """Return the moment as text, or None where there is none."""
    return None if moment is None else written(moment)


def read(text: str) -> datetime:
    """Return the aware UTC moment that `written` wrote."""
    return datetime.fromisoformat(text)


def read_if(text: str | None) -> datetime | None:
    """Return the moment, or None where none was written."""
    return None if text is None else datetime.fromisoformat(text)
