"""What does an alert rest on, asked of the record? The questions of `why`, `verify` and `rehearse`."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from domain.alerts.delivery import Delivery
from domain.alerts.routing import Watch
from domain.documents import DocumentId
from domain.records.record import Change
from storage import sealing, values
from storage.instants import read, read_if, written
from storage.looking import SqlView
from storage.reader import Reader, StoredAlert, open_reader

_CORRECTED = f"{values.CHANGES} WHERE corrects = ? ORDER BY seen_at"

_SOURCED = """
    SELECT digest, url, fetched_at, content_type, etag, last_modified, body IS NOT NULL FROM v_evidence WHERE digest = ?
"""

_SINCE = """
    SELECT d.identity, r.number, r.known_from FROM revision r JOIN document d ON d.id = r.document
    WHERE r.known_from >= ? ORDER BY r.known_from, d.id, r.number
"""

_NAMED = "SELECT name, document, note, created_at FROM watch ORDER BY id"


@dataclass(frozen=True, slots=True)
class EvidenceOrigin:
    """Where and when bytes were fetched, without the bytes. `archived` says whether they were kept."""

    digest: str
    url: str | None
    fetched_at: datetime | None
    content_type: str | None
    etag: str | None
    last_modified: str | None
    archived: bool


class AuditReader(Reader):
    """Answers from one state of the record. Not shared between threads."""

    @classmethod
    def of(cls, reader: Reader) -> AuditReader:
        """Ask the state that a reader sees already."""
        return cls(reader._connection)

    @property
    def view(self) -> SqlView:
        """The same state, asked as on the way to a decision."""
        return SqlView(self._rows)

    def changes_of(self, document: DocumentId, revision: int) -> tuple[Change, ...]:
        """Return the stored changes of one revision, in their order."""
        rows = self._rows(
            f"{values.CHANGES} WHERE id = ? AND revision = ? ORDER BY position", (str(document), revision)
        )
        return tuple(values.change(row) for row in rows)

    def last_changes(self, document: DocumentId, limit: int) -> tuple[Change, ...]:
        """Return the last stored changes of a document, the newest first."""
        rows = self._rows(
            f"{values.CHANGES} WHERE id = ? ORDER BY revision DESC, position LIMIT ?", (str(document), limit)
        )
        return tuple(values.change(row) for row in rows)

    def corrections_of(self, change: Change) -> tuple[Change, ...]:
        """Return the changes that put this one right."""
        return tuple(values.change(row) for row in self._rows(_CORRECTED, (change.key,)))

    def evidence_origin(self, digest: str) -> EvidenceOrigin | None:
        """Return where the bytes of that digest came from, whether or not they were kept; None if nobody named them."""
        rows = self._rows(_SOURCED, (digest,))
        if not rows:
            return None
        name, url, fetched_at, kind, etag, modified, kept = rows[0]
        return EvidenceOrigin(name, url, read_if(fetched_at), kind, etag, modified, bool(kept))

    def delivery(self, delivery: str) -> Delivery | None:
        return self.view.delivery(delivery)

    def alert_ids(self) -> tuple[str, ...]:
        """Return the id of every alert, in the order they were stored."""
        return tuple(row[0] for row in self._rows("SELECT id FROM alert ORDER BY seq", ()))

    def seal_of_alert(self, alert: str) -> str | None:
        """Return the seal that an alert was stored with."""
        return self._seal("SELECT seal FROM alert WHERE id = ?", alert)

    def seal_anew(self, kept: StoredAlert) -> str:
        """Return the seal of an alert as it is stored now."""
        return sealing.seal(self._rows, kept.alert, kept.alert.changes, kept.created_at)

    def seal_of_message(self, delivery: str) -> str | None:
        return self._seal("SELECT seal FROM delivery WHERE id = ?", delivery)

    def revisions_since(self, moment: datetime) -> Iterator[tuple[DocumentId, int, datetime]]:
        """Yield every revision known from then on, in the order in which they became known."""
        for document, number, known_from in self._rows(_SINCE, (written(moment),)):
            yield DocumentId.parse(document), number, read(known_from)

    def news_of_sources(self, moment: datetime) -> tuple[Change, ...]:
        """Return what the operator was told of sources from then on, in its order."""
        rows = self._rows(
            f"{values.CHANGES} WHERE kind = 'source' AND seen_at >= ? ORDER BY seen_at", (written(moment),)
        )
        return tuple(values.change(row) for row in rows)

    def names_within(self, document: DocumentId) -> bool:
        """Say whether there is a record of this document, or of one named within it."""
        first, last = f"{document}/", f"{document}0"
        sql = "SELECT 1 FROM v_documents WHERE id = ? OR (id > ? AND id < ?) LIMIT 1"
        return bool(self._rows(sql, (str(document), first, last)))

    def every_watch(self) -> tuple[Watch, ...]:
        """Return the watches there ever were, closed ones too, oldest first."""
        return tuple(values.watch(row) for row in self._rows(_NAMED, ()))

    def deliveries(self) -> tuple[Delivery, ...]:
        """Return every message, in the order they were stored."""
        return tuple(values.delivery(row) for row in self._rows(f"{values.DELIVERIES} ORDER BY y.seq", ()))

    def keys_told(self, alerts: Sequence[str]) -> tuple[str, ...]:
        """Return the keys of the changes that these alerts tell."""
        rows = self._rows(
            """SELECT DISTINCT h.change FROM json_each(?) j JOIN alert a ON a.id = j.value
               JOIN alert_change n ON n.alert = a.seq
               JOIN v_history h ON h.document = n.document AND h.revision = n.revision AND h.position = n.place
               ORDER BY h.change""",
            (json.dumps(list(alerts)),),
        )
        return tuple(row[0] for row in rows)

    def _seal(self, sql: str, name: str) -> str | None:
        rows = self._rows(sql, (name,))
        return rows[0][0] if rows else None


@contextmanager
def open_audit_reader(url_or_path: str | Path) -> Iterator[AuditReader]:
    """Yield an archive of one consistent state; the errors are those of `storage.reader.open_reader`."""
    with open_reader(url_or_path) as reader:
        yield AuditReader.of(reader)
