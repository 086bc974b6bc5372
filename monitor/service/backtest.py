"""What would a configuration have sent on the recorded past?

The past is lived through again in memory: each revision on record goes through the watches and routes of the
configuration, in the order in which it became known, by the functions of the service itself; messages are bundled, held
and sent by its outbox on a clock that jumps from event to event. Nothing is fetched, sent or written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from domain.alerts.delivery import Delivery, Frozen, State
from domain.alerts.routing import Audience, Watch
from domain.documents import DocumentId
from domain.ports import Notice, Notifier, Transaction
from domain.records.corrections import link_corrections, plan_corrections
from domain.records.detection import NewRevision
from domain.records.facets import Kind
from domain.records.record import Change
from monitor.config.settings import Settings
from monitor.service.context import Context, audience_of
from monitor.service.dispatch import collect_due, send
from monitor.service.operator_alerts import enqueue_for_operator
from monitor.service.poll import FirstReading, alerts_of, apply_remedy
from monitor.service.verification import Verifier
from notifications.compose import compose, named_changes
from notifications.templates import RenderOptions
from notifications.translation import language_of
from storage.audit import AuditReader, open_audit_reader
from storage.records import StoredRevision
from storage.store import DatabaseStore, scratch_store

_News = tuple[datetime, str, int]
"""When it became known, of which document (none: of a source), and which revision or place."""

PAUSE = timedelta(seconds=2)
"""What lies closer together in the record was found by one poll."""

ROUNDS = 1_000
"""Batches after which one moment ends: no past has so many messages in one."""


@dataclass(frozen=True, slots=True)
class BacktestMessage:
    """One message that would have gone out, or that would still wait: then `at` is when it is due."""

    channel: str
    to: str
    at: datetime
    state: State
    subject: str | None
    alerts: tuple[tuple[DocumentId, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class BacktestResult:
    """What a configuration makes of the past. `unread` are watches of which nothing is on record."""

    sent: tuple[BacktestMessage, ...]
    unread: tuple[str, ...]
    revisions: int


@dataclass(slots=True)
class SubjectNotifier:
    """A channel that writes subjects and notifies nobody."""

    name: str
    recipients: Sequence[str]
    render: RenderOptions
    kind: str = "rehearsed"
    capacity: int = 400

    def cost(self, notice: Notice) -> int:
        return named_changes(notice)

    def freeze(self, notice: Notice) -> Frozen:
        return Frozen(compose(notice, self.render).subject, b"", "text/plain")

    def send(self, message: Frozen, *, delivery: str, to: str, about_to_commit: Callable[[], None]) -> str:
        about_to_commit()
        return "rehearsed"


@dataclass(slots=True)
class _Backtest:
    """The past while it is lived through: the clock stands at `now`."""

    archive: AuditReader
    settings: Settings
    audience: Audience
    notifiers: Mapping[str, Notifier]
    now: datetime
    verifier: Verifier
    past: DatabaseStore
    covered: dict[DocumentId, bool] = field(default_factory=dict)
    revisions: int = 0

    def live(self, since: datetime, until: datetime) -> None:
        """Go through what became known, in its order, and send what is due on the way and behind it."""
        self.past.holds = self.settings.holds
        known = (one for one in self.archive.revisions_since(since) if one[2] <= until and self._is_covered(one[0]))
        reported = [(at, str(document), number) for document, number, at in known]
        of_sources = [change for change in self.archive.news_of_sources(since) if change.seen_at <= until]
        reported += [(change.seen_at, "", place) for place, change in enumerate(of_sources)]
        for poll in _polls(sorted(reported)):
            self._wait_until(poll[0][0])
            for moment, document, number in poll:
                self.now = max(self.now, moment)
                if document:
                    self._notify(DocumentId.parse(document), number)
                else:
                    self._alert_operator(of_sources[number])
            self._settle()
            self._send_all()
        self._wait_until(until)
        self._settle()
        self._send_all()

    def _is_covered(self, document: DocumentId) -> bool:
        if document not in self.covered:
            self.covered[document] = any(watch.covers(document) for watch in self.audience.watches)
        return self.covered[document]

    def _notify(self, document: DocumentId, number: int) -> None:
        """Decide about one revision as the service does."""
        stood = self.archive.revision(str(document), number)
        if stood is None:
            return
        before = self.archive.revision(str(document), number - 1) if number > 1 else None
        self.revisions += 1
        step = self._step(stood)
        with self.past.begin() as tx:
            known = tx.record(document)
            based_on = known.revision if known else 0
            tx.save(replace(step, based_on=based_on, altered=tuple(step.record.facets), changes=(), corrections=()))
            earlier = before.record if before else None
            if stood.baseline:
                found = FirstReading(step, earlier, self.audience, number > 1, found=step.changes).alerts(self.now)
            else:
                found = alerts_of(step, earlier, self.audience, self.now)
            for alert in found:
                tx.enqueue(replace(alert, caught_up=stood.late), self.audience.recipients[alert.channel], self.now)
            if step.corrections:
                self._put_right(tx, step)

    def _put_right(self, tx: Transaction, step: NewRevision) -> None:
        document, number = step.record.document, step.record.revision
        past = tuple(c for c in self.archive.view.past(document) if c.revision < number)
        step, origins = link_corrections(step, past)
        reported = {change.key: change for changes in origins.values() for change in changes}
        apply_remedy(tx, plan_corrections(step.corrections, origins, tx.fates(tuple(reported.values()))), self.now)

    def _step(self, stood: StoredRevision) -> NewRevision:
        """Return the step that made a revision; where it put something right it is derived from the bytes."""
        record = stood.record
        stored = self.archive.changes_of(record.document, record.revision)
        changes = tuple(c for c in stored if not c.subject.startswith("search:"))
        if any(change.kind is Kind.CORRECTION or change.corrects for change in changes):
            derived = self.verifier.derive(record.document, record.revision).step
            if derived is not None:
                return derived
            changes = tuple(c for c in changes if c.kind is not Kind.CORRECTION and c.corrects is None)
        return NewRevision(
            record=record,
            based_on=record.revision - 1,
            altered=tuple(dict.fromkeys(name.partition("/")[0] for name in stood.evidence)),
            changes=changes,
            reader=stood.reader,
            source=stood.source,
            evidence=stood.evidence,
            published_at=stood.published_at,
        )

    def _alert_operator(self, change: Change) -> None:
        with self.past.begin() as tx:
            enqueue_for_operator(tx, change, self.audience, self.now)

    def _wait_until(self, moment: datetime) -> None:
        """Let the held go at their hours until then."""
        while (due_at := self._next_release(moment)) is not None:
            self.now = due_at
            self._settle()
            self._send_all()
        self.now = max(self.now, moment)

    def _next_release(self, moment: datetime) -> datetime | None:
        with self.past.read() as view:
            held = [delivery.due_at for delivery in view.stranded(()) if delivery.state is State.HELD]
        return min((at for at in held if self.now < at < moment), default=None)

    def _settle(self) -> None:
        with self.past.begin() as tx:
            tx.settle(self.now)

    def _send_all(self) -> None:
        for notifier in self.notifiers.values():
            for _ in range(ROUNDS):
                batch = collect_due(notifier, Context(self.past, Audience(), self._clock, self.settings.timezone))
                sent = [self._send(one, batch.notices.get(one.id), notifier) for one in batch.deliveries]
                if not any(sent):
                    break

    def _send(self, delivery: Delivery, notice: Notice | None, notifier: Notifier) -> bool:
        return send(delivery, notice, notifier, Context(self.past, self.audience, self._clock)) is not None

    def _clock(self) -> datetime:
        return self.now

    def outcome(self) -> Iterator[BacktestMessage]:
        """Yield every message, those that are gone and those that would still wait."""
        with open_audit_reader(self.past.path) as audit:
            for delivery in audit.deliveries():
                if delivery.state is not State.WITHDRAWN:
                    yield _message(audit, delivery)


def run_backtest(archive: AuditReader, settings: Settings, since: datetime, until: datetime) -> BacktestResult:
    """Live through what became known from `since` on (aware UTC) with a configuration. A watch counts as created then,
    or when it was created if that was earlier."""
    audience = audience_of(settings, archive.watches(), since)
    audience = replace(audience, watches=tuple(_created_by(watch, since) for watch in audience.watches))
    rendering = {c.name: RenderOptions(language_of(c.language), c.timezone) for c in settings.channels}
    notifiers: dict[str, Notifier] = {
        name: SubjectNotifier(name, recipients, rendering[name]) for name, recipients in audience.recipients.items()
    }
    unread = tuple(watch.name for watch in audience.watches if not _is_known(archive, watch))
    with scratch_store(since) as past:
        backtest = _Backtest(archive, settings, audience, notifiers, since, Verifier(archive), past)
        backtest.live(since, until)
        return BacktestResult(tuple(backtest.outcome()), unread, backtest.revisions)


def messages_sent(archive: AuditReader, since: datetime, until: datetime) -> tuple[BacktestMessage, ...]:
    """Return the messages on record that were made in that time."""
    made = (delivery for delivery in archive.deliveries() if since <= delivery.created_at <= until)
    return tuple(_message(archive, delivery) for delivery in made if delivery.state is not State.WITHDRAWN)


def _message(archive: AuditReader, delivery: Delivery) -> BacktestMessage:
    kept = [one.alert for name in delivery.alerts if (one := archive.alert(name)) is not None]
    return BacktestMessage(
        channel=delivery.channel,
        to=delivery.to,
        at=delivery.sent_at or delivery.due_at,
        state=delivery.state,
        subject=delivery.message.subject if delivery.message else None,
        alerts=tuple((alert.document, tuple(change.key for change in alert.changes)) for alert in kept),
    )


def _polls(reported: Sequence[_News]) -> Iterator[list[_News]]:
    """Yield together what one poll found: it is all on record before the first message of it is sent."""
    poll: list[_News] = []
    for news in reported:
        if poll and news[0] - poll[-1][0] >= PAUSE:
            yield poll
            poll = []
        poll.append(news)
    if poll:
        yield poll


def _created_by(watch: Watch, since: datetime) -> Watch:
    return replace(watch, created_at=min(watch.created_at or since, since))


def _is_known(archive: AuditReader, watch: Watch) -> bool:
    """Say whether anything is on record of what a watch follows, or of anything named within it."""
    return watch.document is not None and archive.names_within(watch.document)
