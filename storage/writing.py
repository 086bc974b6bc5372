"""What can be remembered in one unit of work? `domain.ports.Transaction` over SQL.

Runs inside BEGIN IMMEDIATE: what it reads cannot move before it commits, so a check followed by a write is safe.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.dialects.sqlite import insert as upsert

from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import Delivery
from domain.alerts.routing import Watch
from domain.documents import DocumentId
from domain.errors import Conflict
from domain.observation import Evidence
from domain.ports import Notice
from domain.records.detection import NewRevision
from domain.records.record import Change, Record
from domain.sources import SourceState
from storage import tables, watching
from storage.instants import written
from storage.looking import HALF
from storage.outbox import SqlOutbox
from storage.tables import table

_FULL = 250
"""Steps gathered before they are written: a page (rule 1)."""

_FIRST = """
    INSERT INTO document (identity, revision, url, first_seen_at, known_from) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT (identity) DO UPDATE
        SET revision = excluded.revision, url = excluded.url, first_seen_at = excluded.first_seen_at,
            known_from = excluded.known_from
        WHERE revision = 0
    RETURNING id
"""
_NEXT = "UPDATE document SET revision = ?, url = ?, known_from = ? WHERE identity = ? AND revision = ? RETURNING id"
_EVIDENCE = table(tables.Evidence)
_SOURCE = table(tables.Source)

_keep = upsert(_EVIDENCE)
_KEEP = _keep.on_conflict_do_update(
    index_elements=["digest"],
    set_={column.name: _keep.excluded[column.name] for column in _EVIDENCE.c if column.name not in ("id", "digest")},
    where=_EVIDENCE.c.body.is_(None),
)
_NOTE_IMPORT = "INSERT INTO imported (digest, name) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
_ESTABLISH = upsert(table(tables.Scope)).on_conflict_do_nothing()


def _save_source(*, but: tuple[str, ...] = ()) -> Any:
    statement = upsert(_SOURCE)
    moved = {c.name: statement.excluded[c.name] for c in _SOURCE.c if c.name not in ("name", *but)}
    return statement.on_conflict_do_update(index_elements=["name"], set_=moved)


_SAVE_ACCOUNT = """
    INSERT INTO account (channel, number, closed_at, counted) VALUES (?, ?, ?, ?)
    ON CONFLICT (channel) DO UPDATE
        SET number = excluded.number, closed_at = excluded.closed_at, counted = excluded.counted
"""
_SAVE_SOURCE = _save_source()
_TOUCH = _save_source(but=("cursor",))


class SqlTransaction(SqlOutbox):
    """Reads see what was written before in the same transaction."""

    def records(self, documents: Iterable[DocumentId]) -> dict[DocumentId, Record]:
        self.flush()
        return dict(super().records(documents))

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        self.flush()
        return super().notice(delivery, zone)

    def past(self, document: DocumentId) -> Sequence[Change]:
        self.flush()
        return super().past(document)

    def save(self, step: NewRevision) -> None:
        """Append a revision; Conflict if the record is no longer at `step.based_on`."""
        key = self._advance(step)
        if key in self._batch or len(self._batch) >= _FULL:
            self.flush()
        self._batch.add(key, step)

    def keep(self, evidence: Evidence) -> None:
        """Archive bytes under their digest; the same bytes are kept once, as first fetched."""
        self._connection.execute(
            _KEEP,
            {
                "digest": evidence.digest,
                "url": evidence.url,
                "fetched_at": evidence.fetched_at,
                "content_type": evidence.content_type,
                "etag": evidence.etag,
                "last_modified": evidence.last_modified,
                "body": self._ready.archived(evidence),
            },
        )

    def save_imported_files(self, files: Mapping[str, str]) -> None:
        """Remember files as imported, by digest, with their names; the first name of the same bytes stays."""
        rows = [(bytes.fromhex(digest[:HALF]), name) for digest, name in files.items()]
        if rows:
            self._connection.exec_driver_sql(_NOTE_IMPORT, rows)

    def establish(self, scope: str, at: datetime) -> None:
        """Remember that a scope has its baseline; the first time counts."""
        self._connection.execute(_ESTABLISH, {"name": scope, "established_at": at})

    def save_source(self, source: SourceState) -> None:
        self._connection.execute(_SAVE_SOURCE, _source(source))

    def touch(self, sources: Sequence[SourceState]) -> None:
        """Remember polls that found nothing, all in one go; cursors stay as stored."""
        if sources:
            self._connection.execute(_TOUCH, [_source(source) for source in sources])

    def save_account(self, account: ReportState) -> None:
        """Remember where the receipts of a channel stand."""
        counted = json.dumps(dict(account.counted), ensure_ascii=False)
        self._run(_SAVE_ACCOUNT, (account.channel, account.number, written(account.closed_at), counted))

    def register(self, watches: Sequence[Watch], now: datetime) -> Sequence[Watch]:
        """Make the stored watches equal to these; returns them oldest first, with their creation times."""
        plan = watching.register(self.watches(), watches, now)
        for watch in plan.closed:
            self._run("UPDATE watch SET closed_at = ? WHERE name = ? AND closed_at IS NULL", (written(now), watch.name))
        for watch in plan.noted:
            self._run("UPDATE watch SET note = ? WHERE name = ? AND closed_at IS NULL", (watch.note, watch.name))
        for watch in plan.opened:
            document = None if watch.document is None else str(watch.document)
            self._run(
                "INSERT INTO watch (name, document, note, created_at) VALUES (?, ?, ?, ?)",
                (watch.name, document, watch.note, written(now)),
            )
        return self.watches()

    def _advance(self, step: NewRevision) -> int:
        """Move the document to its next revision and return its key; nobody else can move it before we commit."""
        record = step.record
        document, since = str(record.document), written(record.known_from)
        if step.based_on:
            found = self._run(_NEXT, (record.revision, record.url, since, document, step.based_on))
        else:
            seen = written(record.first_seen_at)
            found = self._run(_FIRST, (document, record.revision, record.url, seen, since))
        if not found:
            raise Conflict(f"the record of {document} is no longer at revision {step.based_on}: read it again")
        return int(found[0][0])


def _source(source: SourceState) -> dict[str, Any]:
    return {
        "name": source.name,
        "state": str(source.state),
        "due_at": source.due_at,
        "last_poll_at": source.last_poll_at,
        "last_good_at": source.last_good_at,
        "failures": source.failures,
        "error": source.error,
        "cursor": source.cursor,
        "requests": source.requests,
        "lag": source.lag,
        "told": source.told,
        "changes": source.changes,
        "checks": source.checks,
        "failed": source.failed,
        "gaps": json.dumps([[written(since), written(until)] for since, until in source.gaps]) if source.gaps else None,
    }
