"""May a message go now, or is it kept back, and until when?

Four things hold a message, never detection: a mute, the quiet hours of its channel, the hour of its digest, and another
message about the same document that went out just before. All of them count together, and the latest end wins. What
changes meanwhile is recorded as ever, and reported when the hold is over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.alerts.delivery import Delivery, State, held, resumed
from domain.alerts.digest_schedule import at_wall
from domain.alerts.severity import Severity, severity
from domain.documents import DocumentId
from domain.records.record import Change


@dataclass(frozen=True, slots=True)
class Mute:
    """Somebody wants nothing of a document (with everything below it), or for a watch, before `until`.

    Exactly one of `document` and `watch` is given. Times are aware UTC.
    """

    until: datetime
    created_at: datetime
    document: DocumentId | None = None
    watch: str | None = None

    @property
    def subject(self) -> str:
        return str(self.document) if self.document is not None else self.watch or ""


def held_until(document: DocumentId, watches: Iterable[str], mutes: Sequence[Mute], now: datetime) -> datetime | None:
    """Return until when a message about a document, asked for by these watches, is held; None if it is not.

    A mute of the document holds it whoever asked. Mutes of watches hold it once every watch that asked is muted, and
    until the first of them is not.
    """
    active = [mute for mute in mutes if mute.until > now]
    ends = [mute.until for mute in active if mute.document is not None and document.is_within(mute.document)]
    silent = {mute.watch: mute.until for mute in active if mute.watch is not None}
    wanted = list(watches)
    if wanted and all(name in silent for name in wanted):
        ends.append(min(silent[name] for name in wanted))
    return max(ends, default=None)


BURST = timedelta(seconds=5)
"""How long what follows a message about the same document waits for more of it: the first goes at once. Long enough for
sources that report one event within seconds of each other, short enough that nobody waits for it."""


@dataclass(frozen=True, slots=True)
class HoldSettings:
    """What the configuration wants held: quiet hours by channel, of those that have any, and how long a burst is."""

    quiet: Mapping[str, QuietHours] = field(default_factory=dict)
    burst: timedelta = BURST


@dataclass(frozen=True, slots=True)
class Holds:
    """What may keep one message back: the mutes in force, the watches that asked for it, the end of its channel's quiet
    hours unless it is urgent, when its recipient was last notified of the document by the channel, and how long a burst
    is."""

    mutes: Sequence[Mute] = ()
    watches: Sequence[str] = ()
    quiet_until: datetime | None = None
    spoken_at: datetime | None = None
    burst: timedelta = BURST

    def until(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Return until when the message is held, None if it may go."""
        ends = (
            held_until(delivery.document, self.watches, self.mutes, now),
            self.quiet_until,
            delivery.not_before if delivery.is_untouched else None,
            self._burst_end(delivery, now),
        )
        return max((end for end in ends if end is not None and end > now), default=None)

    def _burst_end(self, delivery: Delivery, now: datetime) -> datetime | None:
        """A message that has been in somebody's hands waits for nothing more, nor does one about a source."""
        spoken_at = self.spoken_at
        if spoken_at is None or spoken_at > now or not delivery.is_untouched or delivery.not_before is not None:
            return None
        return None if delivery.document.jurisdiction == "source" else spoken_at + self.burst


def settled(delivery: Delivery, holds: Holds, now: datetime) -> Delivery:
    """Return a message that still has to be sent as its holds want it: held, or free to go."""
    until = holds.until(delivery, now)
    if until is not None:
        return held(delivery, until)
    return resumed(delivery, now) if delivery.state is State.HELD else delivery


EXPECTED_HOURS = 'expected two times such as "22:00-07:00"'

_FORM = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])\s*[-–]\s*([01][0-9]|2[0-3]):([0-5][0-9])")


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` until `end`, wall times of an IANA zone; over midnight where the end is not later.

    `urgent` holds words that pass all the same: kinds (`vote`), and severities (`critical`), which mean at least that.
    """

    start: time
    end: time
    zone: str = "UTC"
    urgent: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str, zone: str, urgent: Iterable[str] = ()) -> QuietHours:
        """Read `22:00-07:00`; ValueError for anything else, and for hours that begin when they end."""
        form = _FORM.fullmatch(text.strip())
        if form is None:
            raise ValueError(EXPECTED_HOURS)
        start, end = time(int(form[1]), int(form[2])), time(int(form[3]), int(form[4]))
        if start == end:
            raise ValueError(f"{EXPECTED_HOURS}, not the same time twice")
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
