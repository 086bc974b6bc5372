"""What does a receipt say: was everything that is watched looked at, how often, and was anything missed?

A receipt goes to a channel at the hours of its schedule and covers the time since the one before. It says only what was
counted: polls that failed, the longest pause between good ones, a source that cannot be read now, a watch that nobody
reads. "Nothing missed" stands only where none of these is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from types import MappingProxyType
from zoneinfo import ZoneInfo

from domain.alerts.digest_schedule import DigestSchedule
from domain.documents import operational
from domain.records.facets import Kind, short_digest
from domain.records.record import Change
from domain.sources import Health, SourceState

REASON = "reason.coverage_report"
"""Why somebody gets one: it is no news of what he watches, but he asked for it."""

LISTED = 50
"""Watches that have a line of their own; those with trouble come first, the rest is counted."""

PATIENCE = 2
"""A pause of more than so many intervals is named."""

LEAST_PAUSE = timedelta(minutes=10)
"""A shorter pause is never named: a poll may take so long."""

SAYS: Mapping[str, str] = MappingProxyType(
    {
        "head": "Receipt, {t} to {u}: {watches}",
        "watches": "{n} watches",
        "watches_one": "1 watch",
        "well": "nothing missed",
        "ill_one": "1 with gaps, named below",
        "ill": "{n} with gaps, named below",
        "checks_one": "1 check",
        "checks": "{n} checks",
        "failed": "{m} of {n} checks failed",
        "failed_one": "the only check failed",
        "unchecked": "not checked once",
        "of": "{k} by {a}",
        "gap": "longest gap {gap}",
        "broken": "{a} cannot be read since {t} ({w})",
        "never": "{a} could never be read ({w})",
        "back": "{a} was read again on {t}",
        "partly": "{a} was read in part ({w})",
        "unread": "no source reads it: nothing was checked",
        "change": "last change {t}",
        "entry": "last entry seen {t}",
        "silent": "no change on record",
        "others": "and {n} more watches, nothing missed",
        "others_one": "and 1 more watch, nothing missed",
        "others_ill": "and {n} more watches, some with gaps: lexwatch sources",
    }
)
"""Every sentence of a receipt, in English, as the record keeps it. Clauses are joined by semicolons."""


@dataclass(frozen=True, slots=True)
class ReportState:
    """Where the receipts of a channel stand: how many were sent, when the last was (or when counting began), and what
    had been counted of each source then, polls and those of them that failed."""

    channel: str
    number: int
    closed_at: datetime
    counted: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ReportSubject:
    """A watch and the names of the sources that read what it follows. `last_on` is the day of its last change, or of
    the last entry seen where `has_entries`; `is_open` means that it has no last change of its own, such as a search."""

    name: str
    sources: Sequence[str]
    last_on: date | None = None
    has_entries: bool = False
    is_open: bool = False


@dataclass(frozen=True, slots=True)
class SourceCount:
    """What was counted of one source since the last receipt. `gap` is the longest pause between good polls, None where
    it is no longer than its schedule explains; `source` is its state."""

    checks: int
    failed: int
    gap: timedelta | None
    source: SourceState

    @property
    def is_well(self) -> bool:
        """Say whether nothing can have been missed."""
        return self.checks > 0 and not self.failed and self.gap is None and not self._ails

    @property
    def _ails(self) -> bool:
        return self.source.state is not Health.OK or self.source.error is not None


def is_due(account: ReportState, schedule: DigestSchedule, now: datetime) -> bool:
    """Say whether a receipt is to be sent: its hour has come since the last one. One that was due while nothing ran is
    due once, however many hours went by."""
    return schedule.after(account.closed_at) <= now


def opened(channel: str, sources: Iterable[SourceState], now: datetime) -> ReportState:
    """Return the account of a channel that had none: counting begins now."""
    return ReportState(channel, 0, now, _counted(sources))


def closed(account: ReportState, sources: Iterable[SourceState], now: datetime) -> ReportState:
    """Return the account after a receipt: counting begins anew."""
    return replace(account, number=account.number + 1, closed_at=now, counted=_counted(sources))


def reset(account: ReportState, sources: Iterable[SourceState], now: datetime) -> ReportState:
    """Return an account that was closed in the future, before the clock was set back: counting begins now."""
    return replace(account, closed_at=now, counted=_counted(sources))


def count(source: SourceState, every: timedelta, account: ReportState, now: datetime) -> SourceCount:
    """Return what was counted of a source since the account was closed; `every` is its schedule."""
    checks, failed = account.counted.get(source.name, (0, 0))
    return SourceCount(
        max(0, source.checks - checks),
        max(0, source.failed - failed),
        _gap(source, every, account.closed_at, now),
        source,
    )


def _gap(source: SourceState, every: timedelta, since: datetime, now: datetime) -> timedelta | None:
    """Return the longest pause, the one that lasts until now included, or None where none was unusual."""
    lengths = [end - begin for begin, end in source.gaps if since < end <= now]
    if source.last_good_at is not None and source.last_good_at <= now:
        lengths.append(now - source.last_good_at)
    longest = max(lengths, default=timedelta(0))
    return longest if longest > max(PATIENCE * every, LEAST_PAUSE) else None


def coverage_report(
    account: ReportState, subjects: Sequence[ReportSubject], counts: Mapping[str, SourceCount], zone: str, now: datetime
) -> tuple[Change, ...]:
    """Return the lines of a receipt as changes of its channel: what it comes to, then the watches, those with trouble
    first, as many as are listed."""
    ill = [subject for subject in subjects if not _is_well(subject, counts)]
    well = [subject for subject in subjects if _is_well(subject, counts)]
    listed = [*ill, *well][:LISTED]
    lines = [_head(account, subjects, ill, zone, now)]
    lines += [f"{subject.name}: {_line(subject, counts, zone)}" for subject in listed]
    if len(subjects) > len(listed):
        lines.append(_others(len(subjects) - len(listed), all_well=len(ill) <= LISTED))
    return tuple(_change(account, place, line, now) for place, line in enumerate(lines))


def listed_first(subjects: Sequence[ReportSubject], counts: Mapping[str, SourceCount]) -> tuple[ReportSubject, ...]:
    """Return the watches that will have a line: only for these need anybody ask for their last change."""
    return tuple(sorted(subjects, key=lambda subject: _is_well(subject, counts))[:LISTED])


def _is_well(subject: ReportSubject, counts: Mapping[str, SourceCount]) -> bool:
    return bool(subject.sources) and all(counts[name].is_well for name in subject.sources)


def _head(
    account: ReportState, subjects: Sequence[ReportSubject], ill: Sequence[ReportSubject], zone: str, now: datetime
) -> str:
    watches = _counted_as("watches", len(subjects))
    said = SAYS["head"].format(t=_moment(account.closed_at, zone), u=_moment(now, zone), watches=watches)
    return f"{said}; {_counted_as('ill', len(ill)) if ill else SAYS['well']}"


def _others(number: int, *, all_well: bool) -> str:
    return _counted_as("others", number) if all_well else SAYS["others_ill"].format(n=number)


def _line(subject: ReportSubject, counts: Mapping[str, SourceCount], zone: str) -> str:
    if not subject.sources:
        return SAYS["unread"]
    several = len(subject.sources) > 1
    clauses = [clause for name in subject.sources for clause in _clauses(counts[name], zone, several=several)]
    clauses += [] if subject.is_open else [_last(subject)]
    clauses += [SAYS["well"]] if _is_well(subject, counts) else []
    return "; ".join(clauses)


def _last(subject: ReportSubject) -> str:
    if subject.last_on is None:
        return SAYS["silent"]
    return SAYS["entry" if subject.has_entries else "change"].format(t=_day(subject.last_on))


def _clauses(found: SourceCount, zone: str, *, several: bool) -> Iterable[str]:
    """Yield what is to be said of one source, how often it was asked first."""
    checks = _checks(found)
    yield SAYS["of"].format(k=checks, a=found.source.name) if several else checks
    if found.gap is not None:
        yield SAYS["gap"].format(gap=_span(found.gap))
    source = found.source
    good = source.last_good_at
    if source.state is not Health.OK:
        word = SAYS["never" if good is None else "broken"]
        yield word.format(a=source.name, t=_moment(good or source.last_poll_at, zone), w=_brief(source))
    elif (found.failed or found.gap is not None) and good is not None:
        yield SAYS["back"].format(a=source.name, t=_moment(good, zone))
    if source.state is Health.OK and source.error is not None:
        yield SAYS["partly"].format(a=source.name, w=_brief(source))


def _checks(found: SourceCount) -> str:
    if not found.checks:
        return SAYS["unchecked"]
    if not found.failed:
        return _counted_as("checks", found.checks)
    return SAYS["failed_one"] if found.checks == 1 else SAYS["failed"].format(m=found.failed, n=found.checks)


def _brief(source: SourceState) -> str:
    """Return what is wrong with a source, short enough for a line; no sign in it ends a clause."""
    said = f"{source.state}: {source.error}" if source.state is not Health.OK else str(source.error)
    return " ".join(said.replace(";", ",").split())[:120]


def _counted_as(what: str, number: int) -> str:
    return SAYS[f"{what}_one"] if number == 1 else SAYS[what].format(n=number)


def _counted(sources: Iterable[SourceState]) -> dict[str, tuple[int, int]]:
    return {source.name: (source.checks, source.failed) for source in sources}


def _span(length: timedelta) -> str:
    """Write a length in its two greatest units: `2 h 10 min`, `3 d 4 h`."""
    minutes = max(1, round(length.total_seconds() / 60))
    days, hours, minutes = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = [f"{n} {unit}" for n, unit in ((days, "d"), (hours, "h"), (minutes, "min")) if n]
    return " ".join(parts[:2])


def _moment(at: datetime | None, zone: str) -> str:
    if at is None:
        return ""
    there = at.astimezone(ZoneInfo(zone))
    return f"{_day(there.date())} {there:%H:%M}"


def _day(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _change(account: ReportState, place: int, line: str, now: datetime) -> Change:
    """A line as a change: the number of the receipt makes its identity, so that it can be stored once only."""
    return Change(
        document=operational("channel", account.channel),
        revision=int(
            short_digest(f"receipt#{account.channel}#{account.number + 1}@{account.closed_at:%Y%m%d%H%M}"), 16
        ),
        kind=Kind.RECEIPT,
        subject=f"receipt/{place:03}",
        before=None,
        after=line,
        text=None,
        happened_on=None,
        seen_at=now,
        source="lexwatch",
    )
