"""When does a digest go? Every day or every week at a wall time."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")

EXPECTED_SCHEDULE = 'expected "daily 08:00" or "weekly monday 08:00"'

NOON = time(12)

_FORM = re.compile(rf"(?:daily|weekly ({'|'.join(WEEKDAYS)})) ([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class DigestSchedule:
    """Daily, or weekly on `weekday` (Monday is 0), at a wall time of an IANA zone."""

    at: time
    zone: str = "UTC"
    weekday: int | None = None

    @classmethod
    def parse(cls, text: str, zone: str) -> DigestSchedule:
        """Read `daily 08:00` or `weekly monday 08:00`; ValueError for anything else."""
        form = _FORM.fullmatch(" ".join(text.lower().split()))
        if form is None:
            raise ValueError(EXPECTED_SCHEDULE)
        day = WEEKDAYS.index(form[1]) if form[1] else None
        return cls(time(int(form[2]), int(form[3])), zone, day)

    @classmethod
    def read(cls, stored: str) -> DigestSchedule:
        """Read what `written` says."""
        text, _, zone = stored.rpartition(" ")
        return cls.parse(text, zone)

    @property
    def written(self) -> str:
        """The schedule with its zone: `daily 08:00 Europe/Oslo`."""
        return f"{self} {self.zone}"

    @property
    def word(self) -> str:
        """What people call it: daily or weekly."""
        return "daily" if self.weekday is None else "weekly"

    def __str__(self) -> str:
        day = "" if self.weekday is None else f" {WEEKDAYS[self.weekday]}"
        return f"{self.word}{day} {self.at:%H:%M}"

    def after(self, now: datetime) -> datetime:
        """Return the next time after `now`, both aware UTC. A night that repeats an hour has it once, a night that
        skips it has it when the clock has jumped."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today + timedelta(days=n) for n in range(-1, 9))
        times = (at_wall(day, self.at, self.zone) for day in days if self.weekday in (None, day.weekday()))
        return min(moment for moment in times if moment > now)

    def before(self, now: datetime) -> datetime:
        """Return the last time at or before `now`."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        days = (today - timedelta(days=n) for n in range(-1, 9))
        times = (at_wall(day, self.at, self.zone) for day in days if self.weekday in (None, day.weekday()))
        return max(moment for moment in times if moment <= now)

    def days(self, first: datetime, last: datetime) -> tuple[date, date]:
        """Return the first and the last day of a digest about what was seen from `first` to `last` (aware UTC): the
        days before a morning's digest, those up to the day itself before one that goes later."""
        zone = ZoneInfo(self.zone)
        since, until = (at.astimezone(zone).date() for at in (self.before(first), self.after(last)))
        if self.at < NOON:
            return since, until - timedelta(days=1)
        return since + timedelta(days=1), until


def at_wall(day: date, at: time, zone: str) -> datetime:
    """Return a wall time of a zone as aware UTC: the first of two that read alike; one that is skipped is as long after
    midnight as it says."""
    return datetime.combine(day, at, ZoneInfo(zone)).astimezone(UTC)
