"""How are dates and wall times read, added to and written?

Terms are computed in the wall time of the regime's zone (rule 7): ninety days across a change of clocks are ninety
days, not 2,160 hours. Two wall times have no single answer, and both rules are those of the zone database: a time that
the clocks show twice means the first showing; a time that they skip means as long after the jump as it would have been
after the hour they jumped from (03:30 where 03:00 becomes 04:00 is 04:30)."""

from __future__ import annotations

import calendar
import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo


def iso_day(day: date | None) -> str | None:
    """Write a day as YYYY-MM-DD."""
    return day.isoformat() if day else None


def iso_utc(moment: datetime | None) -> str | None:
    """Write an aware instant as the JSON of the contract does: UTC, `Z`, no fraction of a second; None stays None."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if moment else None


OPEN = datetime(9999, 12, 31, tzinfo=UTC)
"""The end of a term for which no end is stated: the far end of the calendar, so that every comparison still holds."""

_LENGTH = re.compile(r"(?P<count>[1-9][0-9]{0,4}) (?P<unit>day|week|month|year)s?")


def local(wall: str, zone: str) -> datetime:
    """Read a local wall time (`2025-11-05T05:30`, or a day for its first moment) as an aware datetime in its zone."""
    return settled(unsettled(wall, zone))


def unsettled(wall: str, zone: str) -> datetime:
    """Read a wall time as it is written, even one the clocks skip: what lengths are added to."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))


def settled(moment: datetime) -> datetime:
    """Return the moment that a wall time means: one that the clocks skip is moved on by what they skipped."""
    return moment.astimezone(UTC).astimezone(moment.tzinfo)


def instant(moment: datetime) -> datetime:
    """Return a moment as UTC: two datetimes of one zone are compared by their wall times, which can mislead."""
    return moment.astimezone(UTC)


def day_after(day: str, zone: str) -> datetime:
    """Return the first moment after a day that still belongs to the term ("until 31 July" is the whole of it)."""
    return settled(unsettled(day[:10], zone) + timedelta(days=1))


def is_length(text: str) -> bool:
    """Say whether `text` is a length such as `90 days`, `3 months` or `1 year`."""
    return _LENGTH.fullmatch(text) is not None


def add_length(start: datetime, length: str) -> datetime:
    """Add `90 days`, `2 weeks`, `3 months` or `1 year` in wall time; a month's missing day becomes its last one.

    ValueError for anything that is no length.
    """
    return settled(moved(start, length))


def moved(start: datetime, length: str, times: int = 1) -> datetime:
    """Add a length `times` over (or take it away) without settling what the clocks skip; the twelfth anniversary of a
    29 February is one again."""
    found = _LENGTH.fullmatch(length)
    if found is None:
        raise ValueError(f"expected a length such as 90 days, 3 months or 1 year, saw {length!r}")
    number = int(found["count"]) * times
    if found["unit"] in ("day", "week"):
        return start + timedelta(days=number * (7 if found["unit"] == "week" else 1))
    months = start.month - 1 + number * (12 if found["unit"] == "year" else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))
