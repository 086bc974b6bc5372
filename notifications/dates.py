"""How is a day or an instant written for a person?"""

from __future__ import annotations

from datetime import date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from notifications.languages import Language
from notifications.sanitize import one_line


def stated(happened_on: str | None, language: Language) -> str | None:
    """Write a legal day (`YYYY-MM-DD`) or a stated time (`YYYY-MM-DDTHH:MM±HH:MM`) without moving it.

    A time keeps the offset its source stated: it is the jurisdiction's wall time. What is neither is shown as it is.
    """
    if not happened_on:
        return None
    try:
        if len(happened_on) == 10:
            return language.day(date.fromisoformat(happened_on))
        return _moment(datetime.fromisoformat(happened_on), language)
    except ValueError:
        return one_line(happened_on, 40)


def instant(at: datetime, zone: str, language: Language) -> str:
    """Write an aware instant in the reader's zone (an IANA name): `10 December 2025, 14:05 UTC`."""
    return _moment(at.astimezone(zone_of(zone)), language)


def _moment(at: datetime, language: Language) -> str:
    name = at.tzname() or ""
    # Zones without an abbreviation are called `+03` by the zone database; `UTC+03:00` by datetime itself.
    shown = f" UTC{name}" if name[:1] in ("+", "-") else f" {name}" if name else ""
    return f"{language.day(at.date())}, {at:%H:%M}{shown}"


def days_late(happened_on: str | None, seen_at: datetime, zone: str) -> int | None:
    """Return how many days lie between the legal day and our seeing it; None where no day is stated."""
    try:
        happened = date.fromisoformat((happened_on or "")[:10])
    except ValueError:
        return None
    return (seen_at.astimezone(zone_of(zone)).date() - happened).days


def zone_of(name: str) -> tzinfo:
    """Return the named zone, or UTC for a name nobody knows: a wrong zone must not hold a message back."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")
