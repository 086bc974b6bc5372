"""When does a channel get its coverage report, and what stands in it?

The decision is `domain.alerts.coverage_report`; here it is asked once a minute, given what the sources' rows count, and
recorded in one transaction with the message: cut off anywhere, a report is stored once or is still due.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

from domain.alerts.coverage_report import (
    REASON,
    ReportState,
    ReportSubject,
    SourceCount,
    closed,
    count,
    coverage_report,
    is_due,
    listed_first,
    opened,
    reset,
)
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, Audience, Watch
from domain.coded_text import coded
from domain.documents import label
from domain.ports import ReadTransaction, Store
from domain.sources import SourceState
from domain.sources import is_due as poll_is_due
from monitor.service.context import Context, ScheduledSource
from monitor.service.logs import log_event

INTERVAL, INTERVAL_WHILE_WAITING = timedelta(minutes=1), timedelta(seconds=1)
LONGEST_WAIT = timedelta(minutes=10)
"""How long a poll that is due is waited for: after a stop it says how long nothing was read."""

log = logging.getLogger("lexwatch")


@dataclass(slots=True)
class CoverageReports:
    """Remembers since when a report that is due waits for polls, by channel."""

    waiting: dict[str, datetime] = field(default_factory=dict)

    def check(
        self, schedules: Mapping[str, DigestSchedule], sources: Mapping[str, ScheduledSource], context: Context
    ) -> timedelta:
        """Send the reports that are due; returns the pause until the next look. StoreError when one cannot be recorded:
        then it is still due."""
        if not schedules:
            return INTERVAL
        now = context.clock()
        with context.store.read() as view:
            accounts = {channel: view.account(channel) for channel in schedules}
            states = [view.source(name) or SourceState(name) for name in sources]
        waits = False
        for channel, account in accounts.items():
            if account is None or account.closed_at > now:
                begin(channel, account, states, context.store, now)
            elif is_due(account, schedules[channel], now):
                if self._waits(channel, states, now):
                    waits = True
                else:
                    _send(account, schedules[channel], sources, context, now)
        return INTERVAL_WHILE_WAITING if waits else INTERVAL

    def _waits(self, channel: str, states: Iterable[SourceState], now: datetime) -> bool:
        """Say whether a poll that is due may still change what there is to say: waited for, but not for ever."""
        if any(poll_is_due(state, now) for state in states):
            since = self.waiting.setdefault(channel, now)
            if since <= now < since + LONGEST_WAIT:
                return True
        self.waiting.pop(channel, None)
        return False


def begin(
    channel: str, account: ReportState | None, states: Sequence[SourceState], store: Store, now: datetime
) -> None:
    """Begin to count for a channel; anew where the clock was set back since."""
    begun = opened(channel, states, now) if account is None else reset(account, states, now)
    with store.begin() as tx:
        tx.save_account(begun)


def _send(
    account: ReportState,
    schedule: DigestSchedule,
    sources: Mapping[str, ScheduledSource],
    context: Context,
    now: datetime,
) -> None:
    audience = context.audience
    with context.store.begin() as tx:
        if tx.account(account.channel) != account:
            return
        states = {name: tx.source(name) or SourceState(name) for name in sources}
        named = {str(watch.document): watch.name for watch in audience.watches}  # a feed is called as its watch
        counts = {
            name: count(replace(states[name], name=named.get(name, name)), source.every, account, now)
            for name, source in sources.items()
        }
        alert = _alert(account, schedule, _subjects(tx, audience, sources, counts), counts, now)
        tx.enqueue(alert, audience.recipients.get(account.channel, ()), now)
        tx.save_account(closed(account, states.values(), now))
    log_event(log, "report", channel=account.channel, number=account.number + 1, watches=len(audience.watches))


def _alert(
    account: ReportState,
    schedule: DigestSchedule,
    subjects: Sequence[ReportSubject],
    counts: Mapping[str, SourceCount],
    now: datetime,
) -> Alert:
    changes = coverage_report(account, subjects, counts, schedule.zone, now)
    reason = coded(REASON, channel=account.channel, schedule=str(schedule))
    return Alert(changes[0].document, changes[0].revision, account.channel, (), changes, (reason,))


def _subjects(
    view: ReadTransaction, audience: Audience, sources: Mapping[str, ScheduledSource], counts: Mapping[str, SourceCount]
) -> tuple[ReportSubject, ...]:
    """Return all watches with the sources that read them; those that get a line with the day of their last change."""
    reads = {name: scheduled.watcher.handles for name, scheduled in sources.items()}
    found = {_name(watch): (watch, _sources(watch, reads)) for watch in audience.watches}
    subjects = [ReportSubject(name, read) for name, (_, read) in found.items()]
    listed = {subject.name for subject in listed_first(subjects, counts)}
    return tuple(_dated(view, found[s.name][0], s) if s.name in listed else s for s in subjects)


def _name(watch: Watch) -> str:
    """Call a watch by what it follows, and by its name where it has one of its own."""
    if watch.document is None or watch.search is not None or watch.document.is_feed:
        return watch.name
    known = label(watch.document)
    return known if watch.name in (known, str(watch.document)) else f"{watch.name} ({known})"


def _sources(watch: Watch, reads: Mapping[str, Callable[..., bool]]) -> tuple[str, ...]:
    return tuple(name for name, read in reads.items() if watch.document is not None and read(watch.document))


def _dated(view: ReadTransaction, watch: Watch, subject: ReportSubject) -> ReportSubject:
    """Add the day of the last change: of an act that of the newest news, of a feed that of the newest entry."""
    if watch.document is None or watch.search is not None:
        return replace(subject, is_open=True)
    if watch.document.is_feed:
        seen = view.last_seen(watch.document)
        return replace(subject, last_on=seen.date() if seen else None, has_entries=True)
    days = (_day(change.happened_on) or change.seen_at.date() for change in view.past(watch.document))
    return replace(subject, last_on=max(days, default=None))


def _day(happened_on: str | None) -> date | None:
    """Read the legal day of a change, which may be no more than a month or a year: then it has none."""
    try:
        return date.fromisoformat(happened_on or "")
    except ValueError:
        return None
