"""What is remembered without a disk, and what can be asked of it? `domain.ports.ReadTransaction` in memory."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime, timedelta

from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import Circuit, Delivery, State
from domain.alerts.routing import Alert, Watch
from domain.alerts.send_delays import Mute, QuietHours
from domain.documents import DocumentId
from domain.observation import Evidence
from domain.ports import Notice
from domain.records.corrections import AlertOutcome
from domain.records.detection import NewRevision, past_changes
from domain.records.facets import label_of
from domain.records.record import Change, Record
from domain.sources import SourceState
from storage import leases
from storage.looking import gathered, notice_of

_OPEN = (State.PENDING, State.AMBIGUOUS, State.HELD)


@dataclass(slots=True)
class Remembered:
    """All that is remembered; the values are never altered, only replaced. `notes` outlive their watches."""

    records: dict[DocumentId, Record] = field(default_factory=dict)
    firsts: dict[DocumentId, NewRevision] = field(default_factory=dict)
    published: dict[DocumentId, datetime] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    imports: dict[str, str] = field(default_factory=dict)
    scopes: dict[str, datetime] = field(default_factory=dict)
    sources: dict[str, SourceState] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    notes: dict[str, str | None] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    circuits: dict[str, Circuit] = field(default_factory=dict)
    quiet: dict[str, QuietHours] = field(default_factory=dict)
    spans: dict[str, timedelta] = field(default_factory=dict)
    accounts: dict[str, ReportState] = field(default_factory=dict)
    mutes: dict[tuple[DocumentId | None, str | None], Mute] = field(default_factory=dict)

    def copy(self) -> Remembered:
        return Remembered(**{part.name: dict(getattr(self, part.name)) for part in fields(self)})


class MemoryView:
    """`domain.ports.ReadTransaction` of one state."""

    def __init__(self, state: Remembered) -> None:
        self._state = state

    def record(self, document: DocumentId) -> Record | None:
        return self._state.records.get(document)

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        return {document: self._state.records[document] for document in documents if document in self._state.records}

    def published(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, datetime]:
        return {
            document: self._state.published[document] for document in documents if document in self._state.published
        }

    def imported(self, digests: Iterable[str]) -> frozenset[str]:
        return frozenset(digest for digest in digests if digest in self._state.imports)

    def evidence(self, digest: str) -> Evidence | None:
        return self._state.evidence.get(digest)

    def titles(self, within: DocumentId) -> Mapping[DocumentId, str]:
        found = {d: r.title for d, r in self._state.records.items() if d != within and d.is_within(within)}
        return {document: title for document, title in found.items() if title is not None}

    def established(self, scope: str) -> bool:
        return scope in self._state.scopes

    def source(self, name: str) -> SourceState | None:
        return self._state.sources.get(name)

    def watches(self) -> Sequence[Watch]:
        return tuple(self._state.watches.values())

    def due(self, channel: str, now: datetime, limit: int) -> Sequence[Delivery]:
        waiting = (d for d in self._state.deliveries.values() if d.channel == channel and leases.is_due(d, now))
        return tuple(waiting)[:limit]

    def delivery(self, delivery: str) -> Delivery | None:
        return self._state.deliveries.get(delivery)

    def dead(self) -> Sequence[Delivery]:
        return tuple(d for d in self._state.deliveries.values() if d.state is State.DEAD)

    def stranded(self, channels: Collection[str]) -> Sequence[Delivery]:
        waiting = (*leases.WAITING, State.HELD)
        return tuple(d for d in self._state.deliveries.values() if d.channel not in channels and d.state in waiting)

    def circuit(self, channel: str) -> Circuit:
        return self._state.circuits.get(channel, Circuit(channel))

    def quiet(self) -> Mapping[str, QuietHours]:
        return dict(self._state.quiet)

    def account(self, channel: str) -> ReportState | None:
        return self._state.accounts.get(channel)

    def last_seen(self, document: DocumentId) -> datetime | None:
        return max((r.known_from for d, r in self._state.records.items() if d.is_within(document)), default=None)

    def mutes(self, now: datetime) -> Sequence[Mute]:
        active = (mute for mute in self._state.mutes.values() if mute.until > now)
        return tuple(sorted(active, key=lambda mute: (mute.created_at, mute.subject)))

    def waiting(self) -> Sequence[str]:
        return tuple(d.id for d in self._state.deliveries.values() if d.state in _OPEN)

    def has_ended_hold(self, now: datetime) -> bool:
        return any(d.state is State.HELD and d.due_at <= now for d in self._state.deliveries.values())

    def past(self, document: DocumentId) -> Sequence[Change]:
        first = self._state.firsts.get(document)
        carried = past_changes(first.record, first.source, first.published_at, first.evidence) if first else ()
        return (*carried, *(c for c in self._state.changes.values() if c.document == document))

    def fates(self, changes: Sequence[Change]) -> Sequence[AlertOutcome]:
        keys = {change.key for change in changes}
        carrying = [a for a in self._state.alerts.values() if not keys.isdisjoint(c.key for c in a.changes)]
        sent = self._state.deliveries.values()
        return tuple(
            AlertOutcome(delivery, alert) for alert in carrying for delivery in sent if alert.id in delivery.alerts
        )

    def _answered(self, delivery: Delivery, changes: Sequence[Change]) -> str | None:
        """Return the message that these changes put right for the recipient of this one."""
        corrected = [change.corrects.partition(":")[0] for change in changes if change.corrects]
        for state in corrected:
            for other in self._state.deliveries.values():
                alerts = (self._state.alerts[alert] for alert in other.alerts)
                stands = other.id != delivery.id and other.state is not State.WITHDRAWN
                same = (other.channel, other.to) == (delivery.channel, delivery.to)
                if stands and same and any(f"{a.document}@{a.revision}" == state for a in alerts):
                    return other.id
        return None

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        about: dict[str, list[str]] = {}
        for alert in delivery.alerts:
            about.setdefault(str(self._state.alerts[alert].document), []).append(alert)
        return gathered(delivery, about, lambda part: self._notice(part, zone))

    def _notice(self, delivery: Delivery, zone: str) -> Notice:
        watches = self._asking(delivery)
        changes = self._told(delivery)
        return notice_of(
            delivery,
            zone,
            standing=_standing(self.record(delivery.document)),
            changes=changes,
            replies_to=self._state.deliveries.get(self._answered(delivery, changes) or ""),
            watches=watches,
            notes=[note for name in watches if (note := self._state.notes.get(name)) is not None],
            reasons=[reason for alert in delivery.alerts for reason in self._state.alerts[alert].reasons],
        )

    def _told(self, delivery: Delivery) -> tuple[Change, ...]:
        """Return the changes that a message tells, as they are stored."""
        alerts = (self._state.alerts[alert] for alert in delivery.alerts)
        return tuple(dict.fromkeys(self._state.changes[change.key] for alert in alerts for change in alert.changes))

    def _asking(self, delivery: Delivery) -> tuple[str, ...]:
        """Return the names of the watches that a message is for."""
        return tuple(dict.fromkeys(name for alert in delivery.alerts for name in self._state.alerts[alert].watches))


def _standing(record: Record | None) -> tuple[str | None, ...] | None:
    if record is None:
        return None
    rung = record.last_status
    laws = (label_of(entry) for entry in record.facets.get("laws", {}).values())
    law = next(filter(None, laws), None)
    status = (rung.status, rung.on, law, rung.text) if rung else (None, None, law, None)
    return record.title, record.url, *status
