"""What does an alert rest on, asked of the record? The questions of `why`, `verify` and `rehearse`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.alerts.audit import seal_of_alert
from domain.alerts.delivery import Delivery
from domain.alerts.routing import Watch
from domain.documents import DocumentId
from domain.records.record import Change
from storage import rows
from storage.location import locate, moment_text, opened, read_moment, read_moment_if
from storage.read import SqlReadTransaction, alerts_of
from storage.reader import Reader, StoredAlert
from storage.records import stated_digests

_CHANGES_OF = f"{rows.CHANGES} WHERE id = :id AND revision = :revision ORDER BY position"
_LAST_CHANGES = f"{rows.CHANGES} WHERE id = :id ORDER BY revision DESC, position LIMIT :limit"
_CORRECTED = f"{rows.CHANGES} WHERE corrects = :key ORDER BY seen_at"
_OF_SOURCES = f"{rows.CHANGES} WHERE kind = 'source' AND seen_at >= :since ORDER BY seen_at"
_ORIGIN = "SELECT digest, url, fetched_at, content_type, etag, last_modified FROM v_evidence WHERE digest = :digest"
_SINCE = """
    SELECT d.identity, r.number, r.known_from FROM revision r JOIN document d ON d.id = r.document
    WHERE r.known_from >= :since ORDER BY r.known_from, d.id, r.number
"""
_EVERY_WATCH = f"SELECT {rows.WATCHED} FROM watch ORDER BY id"
_WITHIN = "SELECT 1 FROM v_documents WHERE id = :id OR (id > :first AND id < :last) LIMIT 1"


@dataclass(frozen=True, slots=True)
class EvidenceOrigin:
    """Where and when archived bytes were fetched, without the bytes."""

    digest: str
    url: str | None
    fetched_at: datetime | None
    content_type: str | None
    etag: str | None
    last_modified: str | None


class AuditReader(Reader):
    """Answers from one state of the record. Not shared between threads."""

    @classmethod
    def of(cls, reader: Reader) -> AuditReader:
        """Ask the state that a reader sees already."""
        return cls(reader._execute)

    @property
    def view(self) -> SqlReadTransaction:
        """The same state, asked as on the way to a decision."""
        return SqlReadTransaction(self._execute)

    def changes_of(self, document: DocumentId, revision: int) -> tuple[Change, ...]:
        """Return the stored changes of one revision, in their order."""
        return self._changes(_CHANGES_OF, id=str(document), revision=revision)

    def last_changes(self, document: DocumentId, limit: int) -> tuple[Change, ...]:
        """Return the last stored changes of a document, the newest first."""
        return self._changes(_LAST_CHANGES, id=str(document), limit=limit)

    def corrections_of(self, change: Change) -> tuple[Change, ...]:
        """Return the changes that correct this one."""
        return self._changes(_CORRECTED, key=change.key)

    def evidence_origin(self, digest: str) -> EvidenceOrigin | None:
        """Return where the bytes of that digest came from; None if they were not kept."""
        found = self._first(_ORIGIN, digest=digest)
        if found is None:
            return None
        name, url, fetched_at, kind, etag, modified = found
        return EvidenceOrigin(name, url, read_moment_if(fetched_at), kind, etag, modified)

    def delivery(self, delivery: str) -> Delivery | None:
        return self.view.delivery(delivery)

    def alert_ids(self) -> tuple[str, ...]:
        """Return the id of every alert, in the order they were stored."""
        return tuple(row[0] for row in self._rows("SELECT id FROM alert ORDER BY seq"))

    def epochs(self) -> tuple[str, ...]:
        """Return the epochs of the record, the first first: with each restore a new one begins."""
        found = self._first("SELECT value FROM meta WHERE name = 'epochs'")
        return tuple(json.loads(found[0])) if found else ()

    def seal_of_alert(self, alert: str) -> str | None:
        """Return the seal that an alert was stored with."""
        return self._seal("SELECT seal FROM alert WHERE id = :id", alert)

    def seal_anew(self, kept: StoredAlert) -> str:
        """Return the seal of an alert as it is stored now; StoreError when a state it is about is damaged."""
        changes = kept.alert.changes
        for document, number in {(change.document, change.revision) for change in changes}:
            self.revision(str(document), number)
        return seal_of_alert(kept.alert, kept.created_at, stated_digests(self._execute, changes))

    def seal_of_message(self, delivery: str) -> str | None:
        return self._seal("SELECT seal FROM delivery WHERE id = :id", delivery)

    def revisions_since(self, moment: datetime) -> Iterator[tuple[DocumentId, int, datetime]]:
        """Yield every revision known from then on, in the order in which they became known."""
        for document, number, known_from in self._rows(_SINCE, since=moment_text(moment)):
            yield DocumentId.parse(document), number, read_moment(known_from)

    def news_of_sources(self, moment: datetime) -> tuple[Change, ...]:
        """Return what the operator was sent about sources from then on, in its order."""
        return self._changes(_OF_SOURCES, since=moment_text(moment))

    def names_within(self, document: DocumentId) -> bool:
        """Say whether there is a record of this document, or of one named within it."""
        bounds = {"first": f"{document}/", "last": f"{document}0"}
        return self._first(_WITHIN, id=str(document), **bounds) is not None

    def every_watch(self) -> tuple[Watch, ...]:
        """Return the watches there ever were, closed ones too, oldest first."""
        return tuple(rows.watch(row) for row in self._rows(_EVERY_WATCH))

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return every message, in the order they were stored."""
        found = self._rows(f"{rows.DELIVERIES} ORDER BY y.seq")
        alerts = alerts_of(self._execute, found)
        return tuple(rows.delivery(row, alerts[row[-1]]) for row in found)

    def _changes(self, sql: str, **parameters: object) -> tuple[Change, ...]:
        return tuple(rows.change(row) for row in self._rows(sql, **parameters))

    def _seal(self, sql: str, name: str) -> str | None:
        found: Sequence[str | None] | None = self._first(sql, id=name)
        return found[0] if found else None


@contextmanager
def open_audit_reader(url_or_path: str | Path) -> Iterator[AuditReader]:
    """Yield an audit reader of one consistent state; the errors are those of `storage.reader.open_reader`."""
    with opened(locate(url_or_path)) as execute:
        yield AuditReader(execute)
