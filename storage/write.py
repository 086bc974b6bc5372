"""What can be remembered in one unit of work? `domain.ports.Transaction` over SQL.

What it decides about cannot move before it commits (`storage.store` takes the locks), so a check followed by a write is
safe.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import insert, update

from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import Delivery
from domain.alerts.routing import Watch
from domain.alerts.search import SearchMatch
from domain.documents import DocumentId
from domain.errors import Conflict, StoreError, TakenOver
from domain.observation import Evidence
from domain.ports import Notice, WorkerState
from domain.records.detection import NewRevision
from domain.records.record import Change, Record
from domain.sources import SourceState, Waiting
from storage import tables
from storage.location import moment_text
from storage.outbox import SqlOutbox, remember
from storage.read import HALF
from storage.tables import table

_FULL = 250
"""Steps gathered before they are written: a page (rule 1)."""

_FIRST = """
    INSERT INTO document (identity, revision, url, first_seen_at, known_from)
    VALUES (:document, :revision, :url, :seen, :since)
    ON CONFLICT (identity) DO UPDATE
        SET revision = excluded.revision, url = excluded.url, first_seen_at = excluded.first_seen_at,
            known_from = excluded.known_from
        WHERE document.revision = 0
    RETURNING id
"""
_NEXT = """
    UPDATE document SET revision = :revision, url = :url, known_from = :since
    WHERE identity = :document AND revision = :based_on RETURNING id
"""
_MATCH = """
    INSERT INTO search_match (watch, document, words, since, baseline)
    SELECT :watch, id, :words, :since, :baseline FROM document WHERE identity = :document
    ON CONFLICT (watch, document) DO NOTHING
"""
_MADE_ANEW = (
    """
    UPDATE watch SET closed_at = :now WHERE closed_at IS NULL AND name IN (SELECT value FROM json_each(:names))
    """,
    """
    INSERT INTO watch (name, document, note, tags, priority, position, owner, address, created_at)
    SELECT name, document, note, tags, priority, position, owner, address, :now FROM watch
    WHERE id IN (SELECT max(id) FROM watch WHERE name IN (SELECT value FROM json_each(:names)) GROUP BY name)
    """,
)
_NUMBERS = "SELECT id FROM document WHERE identity IN (SELECT value FROM json_each(:documents))"
_JOB = """
    SELECT id FROM lexwatch_jobs.procrastinate_jobs
    WHERE id = :job AND worker_id = :worker AND status = 'doing' FOR SHARE
"""
_IS_ARCHIVED = "SELECT 1 FROM evidence WHERE digest = :digest"


class SqlTransaction(SqlOutbox):
    """Reads see what was written before in the same transaction."""

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        self.flush()
        return super().records(documents)

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
        self._batch.add(key, self._prepared.step(step))

    def keep(self, evidence: Evidence) -> None:
        """Archive bytes under their digest; the same bytes are kept once, as first fetched."""
        if self._first(_IS_ARCHIVED, digest=evidence.digest) is None:
            values = {
                "digest": evidence.digest,
                "url": evidence.url,
                "fetched_at": evidence.fetched_at,
                "content_type": evidence.content_type,
                "etag": evidence.etag,
                "last_modified": evidence.last_modified,
                "body": self._prepared.archived(evidence),
            }
            self._connection.execute(self._upsert(tables.EvidenceRows), values)

    def save_imported_files(self, files: Mapping[str, str]) -> None:
        """Remember files as imported, by digest, with their names; the first name of the same bytes stays."""
        names = {digest[:HALF]: name for digest, name in reversed(list(files.items()))}
        rows = [{"digest": digest, "name": name} for digest, name in names.items()]
        if rows:
            self._connection.execute(self._upsert(tables.ImportedRows), rows)

    def establish(self, scope: str, at: datetime) -> None:
        """Remember that a scope has its baseline; the first time counts."""
        self._connection.execute(self._upsert(tables.ScopeRows), {"name": scope, "established_at": at})

    def save_reread(self, source: str, documents: Collection[DocumentId]) -> None:
        """Remember that a source has stated documents since the restore."""
        self.flush()
        found = self._rows(_NUMBERS, documents=json.dumps([str(document) for document in documents]))
        if found:
            values = [{"document": row[0], "source": source} for row in found]
            self._connection.execute(self._upsert(tables.RereadRows), values)

    def save_source(self, source: SourceState) -> None:
        self._connection.execute(self._upsert(tables.SourceRows, *_SOURCE), _source(source))

    def save_poll_times(self, sources: Sequence[SourceState]) -> None:
        """Remember polls that found nothing, all in one go; cursors stay as stored."""
        if sources:
            moved = [name for name in _SOURCE if name != "cursor"]
            self._connection.execute(self._upsert(tables.SourceRows, *moved), [_source(source) for source in sources])

    def save_account(self, account: ReportState) -> None:
        """Remember where the coverage reports of a channel stand."""
        values = {
            "channel": account.channel,
            "number": account.number,
            "closed_at": account.closed_at,
            "counted": json.dumps(dict(account.counted), ensure_ascii=False),
        }
        self._connection.execute(self._upsert(tables.AccountRows, "number", "closed_at", "counted"), values)

    def add_sources(self, names: Collection[str]) -> None:
        """Remember sources that were never polled; those that are known stay as they are."""
        if names:
            self._connection.execute(self._upsert(tables.SourceRows), [_source(SourceState(name)) for name in names])

    def plan(self, job: str, at: datetime) -> None:
        """Remember when one of the service's own jobs is due again."""
        remember(self._connection, {f"next {job}": moment_text(at)})

    def put_in_force(self, configuration: str) -> None:
        """Remember the digest of the configuration that decides from now on."""
        remember(self._connection, {"configuration": configuration})

    def save_matches(self, matches: Sequence[SearchMatch]) -> None:
        """Remember what searches found; what was found before stays as it is."""
        self.flush()
        for match in matches:
            self._rows(
                _MATCH,
                watch=match.watch,
                document=str(match.document),
                words=json.dumps(match.words, ensure_ascii=False),
                since=moment_text(match.since),
                baseline=match.baseline,
            )

    def put_searches(self, searches: Mapping[str, str], now: datetime) -> None:
        """Remember what each search looks for; what others found is forgotten, but for one that has only another name.
        One that looks for something else under its name is another watch from `now` on."""
        known = self.searches()
        kept = {name for name, key in known.items() if searches.get(name) == key}
        gone = {key: name for name, key in known.items() if name not in searches}
        for name, key in searches.items():
            if name not in known and key in gone:
                self._rows(
                    "UPDATE search_match SET watch = :name WHERE watch = :before", name=name, before=gone.pop(key)
                )
                kept.add(name)
        self._rows(
            "DELETE FROM search_match WHERE watch NOT IN (SELECT value FROM json_each(:kept))",
            kept=json.dumps(sorted(kept)),
        )
        changed = json.dumps([name for name in known if name in searches and name not in kept])
        for statement in _MADE_ANEW:
            self._rows(statement, names=changed, now=moment_text(now))
        remember(self._connection, {"searches": json.dumps(dict(searches), ensure_ascii=False)})

    def save_worker(self, worker: WorkerState) -> None:
        """Remember what a worker says of itself."""
        values = {
            "name": worker.name,
            "seen_at": worker.seen_at,
            "configured_at": worker.configured_at,
            "configuration": worker.configuration,
            "version": worker.version,
            "queues": json.dumps(worker.queues),
        }
        self._connection.execute(self._upsert(tables.WorkerRows, *list(values)[1:]), values)

    def forget_workers(self, before: datetime) -> None:
        """Forget the workers that have said nothing since."""
        self._rows("DELETE FROM worker WHERE seen_at < :before", before=moment_text(before))

    def demand_job(self, job: int, worker: int) -> None:
        """TakenOver when a job of the queue is not in the hands of this worker any more. The row is locked until this
        transaction ends: the job is taken over before what it records, or after, never in between."""
        if not self._rows(_JOB, job=job, worker=worker):
            raise TakenOver("another worker was given this job meanwhile")

    def register(self, watches: Sequence[Watch], now: datetime) -> Sequence[Watch]:
        """Make the stored watches equal to these; returns them oldest first, with their creation times."""
        plan = watch_changes(self.watches(), watches, now)
        stored = table(tables.WatchRows)
        for watch in plan.closed:
            self._connection.execute(update(stored).where(_is_open(watch)).values(closed_at=now))
        for before, watch in plan.edited:
            self._connection.execute(update(stored).where(_is_open(before)).values(_values(watch)))
        opened = [
            {
                **_values(watch),
                "document": None if watch.document is None else str(watch.document),
                "created_at": watch.created_at,
            }
            for watch in plan.opened
        ]
        if opened:
            self._connection.execute(insert(stored), opened)
        return self.watches()

    def _advance(self, step: NewRevision) -> int:
        """Move the document to its next revision and return its key; nobody else can move it before we commit."""
        record = step.record
        where = {"document": str(record.document), "revision": record.revision, "url": record.url}
        since = moment_text(record.known_from)
        if step.based_on:
            found = self._rows(_NEXT, **where, since=since, based_on=step.based_on)
        else:
            found = self._rows(_FIRST, **where, since=since, seen=moment_text(record.first_seen_at))
        if not found:
            raise Conflict(f"the record of {record.document} is no longer at revision {step.based_on}: read it again")
        return int(found[0][0])


def _is_open(watch: Watch) -> Any:
    stored = table(tables.WatchRows)
    return (stored.c.name == watch.name) & stored.c.closed_at.is_(None)


_SOURCE = tuple(column.name for column in table(tables.SourceRows).c if column.name != "name")


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
        "operator_knows": source.operator_knows,
        "changes": source.changes,
        "checks": source.checks,
        "failed": source.failed,
        "gaps": json.dumps([[moment_text(since), moment_text(until)] for since, until in source.gaps])
        if source.gaps
        else None,
        "waiting": _waiting(source.waiting) if source.waiting else None,
    }


def _waiting(waiting: Waiting) -> str:
    documents = {document: at and moment_text(at) for document, at in waiting.documents.items()}
    return json.dumps([moment_text(waiting.since), documents])


@dataclass(frozen=True, slots=True)
class WatchChanges:
    """Watches to close, to open, and to keep with another note, address or name: as it is stored, and as it is wanted.
    A watch on another document is another watch; a feed under a new name, or a search in a new session, is the same."""

    closed: tuple[Watch, ...]
    opened: tuple[Watch, ...]
    edited: tuple[tuple[Watch, Watch], ...]


def watch_changes(stored: Sequence[Watch], wanted: Sequence[Watch], now: datetime) -> WatchChanges:
    """Compare the open watches with the wanted ones; StoreError when a name is wanted twice."""
    twice = [name for name, times in Counter(watch.name for watch in wanted).items() if times > 1]
    if twice:
        raise StoreError(f"two watches cannot share one name: {', '.join(twice)}")
    known = {watch.name: watch for watch in stored}
    names = {watch.name for watch in wanted}
    feeds = {watch.document: watch for watch in stored if watch.address and watch.name not in names}
    kept: list[tuple[Watch, Watch]] = []
    for watch in wanted:
        before = known.get(watch.name) or (feeds.get(watch.document) if watch.address else None)
        if before is not None and before.document == watch.document:
            kept.append((before, watch))
    stays, goes_on = {before.name for before, _ in kept}, {watch.name for _, watch in kept}
    return WatchChanges(
        closed=tuple(watch for watch in stored if watch.name not in stays),
        opened=tuple(
            replace(watch, created_at=_since(known.get(watch.name), watch, now))
            for watch in wanted
            if watch.name not in goes_on
        ),
        edited=tuple((before, watch) for before, watch in kept if _values(before) != _values(watch)),
    )


def _since(before: Watch | None, watch: Watch, now: datetime) -> datetime:
    """Say since when a watch is there: a search that goes on in another session of its legislature is not new."""
    if before is None or before.document is None or watch.document is None or watch.search is None:
        return now
    old, new = before.document, watch.document
    sessions = len(old.parts) == len(new.parts) == 1 and (old.jurisdiction, old.kind) == (new.jurisdiction, new.kind)
    return before.created_at or now if sessions else now


def _values(watch: Watch) -> dict[str, str | None]:
    """Return what of a watch may change while it goes on, as it is stored."""
    return {
        "name": watch.name,
        "note": watch.note,
        "address": watch.address,
        "tags": json.dumps(watch.tags, ensure_ascii=False) if watch.tags else None,
        "priority": watch.priority,
        "position": watch.position,
        "owner": watch.owner,
    }
