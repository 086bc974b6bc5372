"""When does an entry say it was published?

Read here and not by feedparser, which makes 1 January 2027 of 2026-13-40. A day without a time stays a day; a time
without a zone is one too, for nobody knows whose. What cannot be is nothing: an entry without a date is never from now.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from email.utils import parsedate_to_datetime

_EARLIEST = date(1900, 1, 1)
_NONE = frozenset({"1970-01-01"})
"""What programs write that have no date."""

_ISO = re.compile(
    r"(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:[.,]\d+)?)?\s*([Zz]|[+-]\d{2}:?\d{2})?)?"
)
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_WORDED = re.compile(r"(?:[A-Za-z]+\.?,?\s+)?(\d{1,2})\s+([A-Za-z]{3})[a-z]*\.?,?\s+(\d{4})")


@dataclass(frozen=True, slots=True)
class Stamp:
    """A day as the publisher writes it (`YYYY-MM-DD`), and the instant (aware UTC) where a time with a zone is said."""

    on: str
    at: datetime | None = None


def stamp(text: object, now: datetime) -> Stamp | None:
    """Read a date of RSS (RFC 822) or Atom (RFC 3339); None for what is no date or cannot be one of a publication.

    `now` is aware UTC. Tomorrow's date is possible, because it is tomorrow somewhere; a later one is not, and an
    instant after `now` is left out.
    """
    if not isinstance(text, str) or len(text) > 100:
        return None
    found = _iso(text.strip()) or _mail(text.strip())
    if found is None or found.on in _NONE:
        return None
    if not _EARLIEST <= date.fromisoformat(found.on) <= now.date() + timedelta(days=1):
        return None
    return found if found.at is None or found.at <= now else Stamp(found.on)


def _iso(text: str) -> Stamp | None:
    form = _ISO.fullmatch(text)
    if form is None:
        return None
    try:
        if form[4] is None or form[7] is None:
            datetime(int(form[1]), int(form[2]), int(form[3]), int(form[4] or 0), int(form[5] or 0), tzinfo=UTC)
            return Stamp(f"{form[1]}-{form[2]}-{form[3]}")
        zone = "+00:00" if form[7] in "Zz" else f"{form[7][:3]}:{form[7][-2:]}"
        clock = f"{form[4]}:{form[5]}:{'59' if form[6] == '60' else form[6] or '00'}"
        return _stamped(datetime.fromisoformat(f"{form[1]}-{form[2]}-{form[3]}T{clock}{zone}"))
    except (ValueError, OverflowError):
        return None


def _mail(text: str) -> Stamp | None:
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError, OverflowError):
        return _worded(text)
    if moment.tzinfo is None:
        return Stamp(moment.date().isoformat())
    try:
        return _stamped(moment)
    except OverflowError:
        return None


def _worded(text: str) -> Stamp | None:
    """Read `30 July 2026`, which is a day and no mail date."""
    form = _WORDED.fullmatch(text)
    if form is None or form[2].lower() not in _MONTHS:
        return None
    try:
        return Stamp(date(int(form[3]), _MONTHS.index(form[2].lower()) + 1, int(form[1])).isoformat())
    except ValueError:
        return None


def _stamped(moment: datetime) -> Stamp:
    return Stamp(moment.date().isoformat(), moment.astimezone(UTC))
