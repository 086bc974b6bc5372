"""What would the record be without a disk? `domain.ports.Store` in memory, with the same rules, for tests and demos.

A transaction works on a copy that replaces the state when it ends well: a failed one leaves nothing, and whoever looks
keeps the state he began with. Facets pass through their canonical form, as on the way to the disk and back.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import Delivery
from domain.alerts.routing import Alert, Watch
from domain.errors import Conflict
from domain.observation import Evidence
from domain.ports import ReadTransaction, Transaction
from domain.records.detection import NewRevision
from domain.records.facets import Facet, canonical
from domain.records.record import Change
from domain.sources import SourceState
from storage import watching
from storage.memory_outbox import MemoryOutbox
from storage.remembered import MemoryView, Remembered


class MemoryStore:
    """A store that forgets at the end of the process. Threads may share it."""

    def __init__(self) -> None:
        self._state = Remembered()
        self._turn = threading.Lock()

    @contextmanager
    def begin(self, ahead: Sequence[NewRevision | Evidence] = ()) -> Iterator[Transaction]:
        """Yield one writing transaction: kept at the end of the block, forgotten if it raises."""
        with self._turn:
            state = self._state.copy()
            yield MemoryTransaction(state)
            self._state = state

    @contextmanager
    def look(self) -> Iterator[ReadTransaction]:
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


class MemoryTransaction(MemoryOutbox):
    """`domain.ports.Transaction` on a copy of the state."""

    def save(self, step: NewRevision) -> None:
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
        if step.based_on == 0:
            self._state.firsts[document] = step
        if step.published_at is not None:
            before = self._state.published.get(document, step.published_at)
            self._state.published[document] = max(before, step.published_at)
        self._remember_changes(step.changes)

    def keep(self, evidence: Evidence) -> None:
        self._state.evidence.setdefault(evidence.digest, evidence)

    def save_imported_files(self, files: Mapping[str, str]) -> None:
        for digest, name in files.items():
            self._state.imports.setdefault(digest, name)

    def establish(self, scope: str, at: datetime) -> None:
        self._state.scopes.setdefault(scope, at)

    def save_source(self, source: SourceState) -> None:
        self._state.sources[source.name] = source

    def touch(self, sources: Sequence[SourceState]) -> None:
        for source in sources:
            known = self._state.sources.get(source.name)
            self._state.sources[source.name] = replace(source, cursor=known.cursor) if known else source

    def save_account(self, account: ReportState) -> None:
        self._state.accounts[account.channel] = account

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


def _stored(facet: Facet) -> Facet:
    loaded: dict[str, Any] = json.loads(canonical(facet))
    return loaded
