"""What would the record be without a disk? `domain.ports.Store` in memory, with the same rules, for tests and demos.

A transaction works on a copy that replaces the state when it ends well: a failed one leaves nothing, and whoever looks
keeps the state he began with. Facets pass through their canonical form, as on the way to the disk and back.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from domain.changes import Change
from domain.delivery import Delivery, State, released
from domain.detect import Step
from domain.errors import Conflict, StoreError
from domain.facets import Facet, canonical
from domain.identity import DocumentId
from domain.mutes import Mute, settled
from domain.observation import Evidence
from domain.ports import Notice, Transaction, View
from domain.record import Record
from domain.routing import Alert, Watch
from domain.schedule import SourceState
from storage import leases, watching
from storage.looking import notice_of


@dataclass(slots=True)
class _State:
    """All that is remembered; the values are never altered, only replaced. `notes` outlive their watches."""

    records: dict[DocumentId, Record] = field(default_factory=dict)
    published: dict[DocumentId, datetime] = field(default_factory=dict)
    changes: dict[str, Change] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    scopes: dict[str, datetime] = field(default_factory=dict)
    sources: dict[str, SourceState] = field(default_factory=dict)
    watches: dict[str, Watch] = field(default_factory=dict)
    notes: dict[str, str | None] = field(default_factory=dict)
    alerts: dict[str, Alert] = field(default_factory=dict)
    deliveries: dict[str, Delivery] = field(default_factory=dict)
    mutes: dict[tuple[DocumentId | None, str | None], Mute] = field(default_factory=dict)

    def copy(self) -> _State:
        return _State(**{part.name: dict(getattr(self, part.name)) for part in fields(self)})


class MemoryStore:
    """A store that forgets at the end of the process. Threads may share it."""

    def __init__(self) -> None:
        self._state = _State()
        self._turn = threading.Lock()

    @contextmanager
    def begin(self) -> Iterator[Transaction]:
        """Yield one writing transaction: kept at the end of the block, forgotten if it raises."""
        with self._turn:
            state = self._state.copy()
            yield MemoryTransaction(state)
            self._state = state

    @contextmanager
    def look(self) -> Iterator[View]:
        """Yield one consistent reading."""
        yield MemoryView(self._state)

    def close(self) -> None:
        """Do nothing: there is no file."""

    @property
    def changes(self) -> tuple[Change, ...]:
        """All stored changes, in the order they were stored."""
        return tuple(self._state.changes.values())

    @property
    def alerts(self) -> tuple[Alert, ...]:
        """All stored alerts, in the order they were stored."""
        return tuple(self._state.alerts.values())

    @property
    def deliveries(self) -> tuple[Delivery, ...]:
        """All stored deliveries, in the order they were stored."""
        return tuple(self._state.deliveries.values())

    @property
    def evidence(self) -> Mapping[str, Evidence]:
        """All archived bytes by digest."""
        return dict(self._state.evidence)


class MemoryView:
    """`domain.ports.View` of one state."""

    def __init__(self, state: _State) -> None:
        self._state = state

    def record(self, document: DocumentId) -> Record | None:
        return self._state.records.get(document)

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        return {document: self._state.records[document] for document in documents if document in self._state.records}

    def published(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, datetime]:
        return {
            document: self._state.published[document] for document in documents if document in self._state.published
        }

    def archived(self, digests: Iterable[str]) -> frozenset[str]:
        return frozenset(digest for digest in digests if digest in self._state.evidence)

    def evidence(self, digest: str) -> Evidence | None:
        return self._state.evidence.get(digest)

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

    def next_due_at(self) -> datetime | None:
        waiting = (d for d in self._state.deliveries.values() if d.state in leases.WAITING)
        return min((leases.waits_until(d) for d in waiting), default=None)

    def mutes(self, now: datetime) -> Sequence[Mute]:
        active = (mute for mute in self._state.mutes.values() if mute.until > now)
        return tuple(sorted(active, key=lambda mute: (mute.created_at, mute.subject)))

    def hold_is_over(self, now: datetime) -> bool:
        return any(d.state is State.HELD and d.due_at <= now for d in self._state.deliveries.values())

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        alerts = [self._state.alerts[alert] for alert in delivery.alerts]
        watches = self._asking(delivery)
        changes = dict.fromkeys(self._state.changes[change.key] for alert in alerts for change in alert.changes)
        return notice_of(
            delivery,
            zone,
            standing=_standing(self.record(delivery.document)),
            changes=tuple(changes),
            watches=watches,
            notes=[note for name in watches if (note := self._state.notes.get(name)) is not None],
            reasons=[alert.reason for alert in alerts],
        )

    def _asking(self, delivery: Delivery) -> tuple[str, ...]:
        """Return the names of the watches that a message is for."""
        return tuple(dict.fromkeys(name for alert in delivery.alerts for name in self._state.alerts[alert].watches))


class MemoryTransaction(MemoryView):
    """`domain.ports.Transaction` on a copy of the state."""

    def save(self, step: Step) -> None:
        document = step.record.document
        known = self._state.records.get(document)
        if (known.revision if known else 0) != step.based_on:
            raise Conflict(f"the record of {document} is no longer at revision {step.based_on}: read it again")
        altered = {name: _stored(step.record.facets[name]) for name in step.altered}
        owners = {name: step.record.owners.get(name, step.source) for name in step.altered}
        self._state.records[document] = replace(
            step.record,
            facets={**(known.facets if known else {}), **altered},
            owners={**(known.owners if known else {}), **owners},
        )
        if step.published_at is not None:
            before = self._state.published.get(document, step.published_at)
            self._state.published[document] = max(before, step.published_at)
        self._remember_changes(step.changes)

    def keep(self, evidence: Evidence) -> None:
        self._state.evidence.setdefault(evidence.digest, evidence)

    def establish(self, scope: str, at: datetime) -> None:
        self._state.scopes.setdefault(scope, at)

    def save_source(self, source: SourceState) -> None:
        self._state.sources[source.name] = source

    def touch(self, sources: Sequence[SourceState]) -> None:
        for source in sources:
            known = self._state.sources.get(source.name)
            self._state.sources[source.name] = replace(source, cursor=known.cursor) if known else source

    def register(self, watches: Sequence[Watch], now: datetime) -> Sequence[Watch]:
        plan = watching.register(self.watches(), watches, now)
        for watch in plan.closed:
            del self._state.watches[watch.name]
        for watch in plan.noted:
            self._state.watches[watch.name] = replace(self._state.watches[watch.name], note=watch.note)
        for watch in plan.opened:
            self._state.watches[watch.name] = watch
        for watch in (*plan.noted, *plan.opened):
            self._state.notes[watch.name] = watch.note
        return self.watches()

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        if alert.id in self._state.alerts:
            return
        self._remember_changes(alert.changes)
        self._state.alerts[alert.id] = alert
        for recipient in dict.fromkeys(recipients):
            delivery = Delivery(
                id=alert.delivery_id(recipient),
                alerts=(alert.id,),
                document=alert.document,
                channel=alert.channel,
                to=recipient,
                state=State.PENDING,
                attempts=0,
                due_at=now,
                created_at=now,
            )
            self._state.deliveries[delivery.id] = delivery
            self._moved([delivery], now)

    def claim(self, delivery: Delivery) -> bool:
        stored = self._state.deliveries.get(delivery.id)
        if stored is None or not leases.may_claim(stored, delivery):
            return False
        if self._moved([stored], leases.claimed_at(delivery)):
            return False
        self._state.deliveries[delivery.id] = leases.after_claim(stored, delivery)
        return True

    def mark(self, delivery: str) -> None:
        stored = self._state.deliveries.get(delivery)
        if stored is not None and stored.state in leases.WAITING:
            self._state.deliveries[delivery] = replace(stored, maybe_sent=True)

    def finish(self, delivery: Delivery) -> None:
        stored = self._state.deliveries.get(delivery.id)
        if stored is None:
            raise StoreError(f"no delivery is called {delivery.id}")
        outcome = leases.after_finish(stored, delivery)
        if outcome is not None:
            self._state.deliveries[delivery.id] = outcome

    def release(self, now: datetime) -> Sequence[Delivery]:
        leased = [d for d in self._state.deliveries.values() if d.leased_until is not None]
        free = tuple(released(delivery, now) for delivery in leased)
        self._state.deliveries.update({delivery.id: delivery for delivery in free})
        return free

    def mute(self, mute: Mute) -> None:
        self._state.mutes[mute.document, mute.watch] = mute

    def unmute(self, mute: Mute) -> None:
        self._state.mutes.pop((mute.document, mute.watch), None)

    def settle(self, now: datetime) -> Sequence[Delivery]:
        waiting = (d for d in self._state.deliveries.values() if d.state in (*leases.WAITING, State.HELD))
        return self._moved([d for d in waiting if leases.is_free(d, now)], now)

    def _moved(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
        """Hold or free deliveries as the mutes want it; returns those that changed."""
        mutes = self.mutes(now)
        after = [(before, settled(before, self._asking(before), mutes, now)) for before in deliveries]
        moved = tuple(delivery for before, delivery in after if delivery != before)
        self._state.deliveries.update({delivery.id: delivery for delivery in moved})
        return moved

    def _remember_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._state.changes.setdefault(change.key, change)


def _stored(facet: Facet) -> Facet:
    loaded: dict[str, Any] = json.loads(canonical(facet))
    return loaded


def _standing(record: Record | None) -> tuple[str | None, ...] | None:
    if record is None:
        return None
    rung = record.standing
    return record.title, record.url, rung.status if rung else None, rung.on if rung else None
