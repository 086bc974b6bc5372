"""What does a receipt say: was everything that is watched looked at, how often, and was anything missed?

A receipt goes to a channel at the hours of its schedule and covers the time since the one before. It says only what was
counted: polls that failed, the longest pause between good ones, a source that cannot be read now, a watch that nobody
reads. "Nothing missed" stands only where none of these is so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.alerts.digest_schedule import DigestSchedule
from domain.coded_text import CodedText, coded
from domain.records.facets import Kind, short_digest
from domain.records.record import Change, operational_change
from domain.sources import Health, SourceState

REASON = "reason.coverage_report"
"""Why somebody gets one: it is no news of what he watches, but he asked for it."""

LISTED = 50
"""Watches that have a line of their own; those with trouble come first, the rest is counted."""

PATIENCE = 2
"""A pause of more than so many intervals is named."""

LEAST_PAUSE = timedelta(minutes=10)
"""A shorter pause is never named: a poll may take so long."""


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
    lines += [coded("coverage.line", watch=one.name, clauses=_clauses(one, counts, zone)) for one in listed]
    if hidden := len(subjects) - len(listed):
        lines.append(coded("coverage.more" if len(ill) <= LISTED else "coverage.more_with_gaps", n=hidden))
    return tuple(_change(account, place, line, now) for place, line in enumerate(lines))


def listed_first(subjects: Sequence[ReportSubject], counts: Mapping[str, SourceCount]) -> tuple[ReportSubject, ...]:
    """Return the watches that will have a line: only for these need anybody ask for their last change."""
    return tuple(sorted(subjects, key=lambda subject: _is_well(subject, counts))[:LISTED])


def _is_well(subject: ReportSubject, counts: Mapping[str, SourceCount]) -> bool:
    return bool(subject.sources) and all(counts[name].is_well for name in subject.sources)


def _head(
    account: ReportState, subjects: Sequence[ReportSubject], ill: Sequence[ReportSubject], zone: str, now: datetime
) -> CodedText:
    return coded(
        "coverage.head",
        since=_local(account.closed_at, zone),
        until=_local(now, zone),
        watches=coded("coverage.watches", n=len(subjects)),
        verdict=coded("coverage.gaps", n=len(ill)) if ill else coded("coverage.complete"),
    )


def _clauses(subject: ReportSubject, counts: Mapping[str, SourceCount], zone: str) -> CodedText:
    if not subject.sources:
        return coded("coverage.no_source")
    several = len(subject.sources) > 1
    parts = [clause for name in subject.sources for clause in _of_source(counts[name], zone, several=several)]
    parts += [] if subject.is_open else [_last(subject)]
    parts += [coded("coverage.complete")] if _is_well(subject, counts) else []
    return coded("clauses", parts=tuple(parts))


def _last(subject: ReportSubject) -> CodedText:
    if subject.last_on is None:
        return coded("coverage.no_change")
    return coded(
        "coverage.last_entry" if subject.has_entries else "coverage.last_change", on=subject.last_on.isoformat()
    )


def _of_source(found: SourceCount, zone: str, *, several: bool) -> Iterable[CodedText]:
    """Yield what is to be said of one source, how often it was asked first."""
    source = found.source
    checks = _checks(found)
    yield coded("coverage.by_source", checks=checks, source=source.name) if several else checks
    if found.gap is not None:
        yield coded("coverage.longest_gap", minutes=round(found.gap.total_seconds() / 60))
    good = source.last_good_at
    if source.state is not Health.OK:
        since = good or source.last_poll_at
        if good is None or since is None:
            yield coded("coverage.never_read", source=source.name, trouble=_trouble(source))
        else:
            yield coded("coverage.unreadable", source=source.name, since=_local(since, zone), trouble=_trouble(source))
    elif (found.failed or found.gap is not None) and good is not None:
        yield coded("coverage.read_again", source=source.name, at=_local(good, zone))
    if source.state is Health.OK and source.error is not None:
        yield coded("coverage.partly_read", source=source.name, trouble=source.error)


def _checks(found: SourceCount) -> CodedText:
    if not found.checks:
        return coded("coverage.unchecked")
    if not found.failed:
        return coded("coverage.checks", n=found.checks)
    if found.checks == 1:
        return coded("coverage.only_check_failed")
    return coded("coverage.checks_failed", n=found.checks, failed=found.failed)


def _trouble(source: SourceState) -> CodedText:
    return coded("coverage.trouble", state=str(source.state), error=str(source.error))


def _counted(sources: Iterable[SourceState]) -> dict[str, tuple[int, int]]:
    return {source.name: (source.checks, source.failed) for source in sources}


def _local(at: datetime, zone: str) -> str:
    return at.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes")


def _change(account: ReportState, place: int, line: CodedText, now: datetime) -> Change:
    """A line as a change: the number of the receipt makes its identity, so that it can be stored once only."""
    number = int(short_digest(f"receipt#{account.channel}#{account.number + 1}@{account.closed_at:%Y%m%d%H%M}"), 16)
    said = (None, line.to_json(), None)
    return operational_change(Kind.RECEIPT, account.channel, number, f"receipt/{place:03}", said, now, "lexwatch")
