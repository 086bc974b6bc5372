"""At which hours is a channel not to disturb anybody?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.changes import Change
from domain.rhythm import at_wall
from domain.severity import Severity, severity

EXPECTED = 'expected two times such as "22:00-07:00"'

_FORM = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `start` until `end`, wall times of an IANA zone; over midnight where the end is not later.

    `urgent` holds words that pass all the same: kinds (`vote`), and severities (`critical`), which mean at least that.
    """

    start: time
    end: time
    zone: str = "UTC"
    urgent: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, zone: str, urgent: Iterable[str] = ()) -> Quiet:
        """Read `22:00-07:00`; ValueError for anything else, and for hours that begin when they end."""
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise ValueError(EXPECTED)
        start, end = time(int(form[1]), int(form[2])), time(int(form[3]), int(form[4]))
        if start == end:
            raise ValueError(f"{EXPECTED}, not the same time twice")
        return cls(start, end, zone, tuple(urgent))

    def __str__(self) -> str:
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def until(self, now: datetime) -> datetime | None:
        """Return when the quiet of this moment is over, None outside of it. Both are aware UTC; the first moment is
        quiet, the last is not."""
        today = now.astimezone(ZoneInfo(self.zone)).date()
        for day in (today - timedelta(days=1), today):
            begins = at_wall(day, self.start, self.zone)
            ends = at_wall(day if self.end > self.start else day + timedelta(days=1), self.end, self.zone)
            if begins <= now < ends:
                return ends
        return None

    def lets_pass(self, changes: Iterable[Change]) -> bool:
        """Say whether one of the changes is urgent enough to disturb."""
        return bool(self.urgent) and any(self._is_urgent(change) for change in changes)

    def _is_urgent(self, change: Change) -> bool:
        if change.kind in self.urgent:
            return True
        known = [Severity[word.upper()] for word in self.urgent if word.upper() in Severity.__members__]
        return bool(known) and severity(change) >= min(known)
