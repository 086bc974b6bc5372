"""In what shape does the record answer? Moments are aware UTC, days `YYYY-MM-DD`."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.alerts.send_delays import Mute
from domain.coded_text import CodedText, list_from_json
from domain.documents import Alias, DocumentId
from domain.errors import SchemaMismatch, StoreError
from domain.records.record import Change
from domain.sources import SourceState
from storage import schema, values, views
from storage.faults import explained
from storage.instants import END, read, read_if, written
from storage.location import database_file
from storage.values import Row

if TYPE_CHECKING:
    from domain.alerts.delivery import Circuit, State
    from domain.alerts.routing import Alert, Watch
    from domain.observation import Evidence
    from domain.records.record import Change, Record
    from storage.records import StoredRevision


@dataclass(frozen=True, slots=True)
class StatusRow:
    """Where one document stands, as of a day and as known at a moment.

    `status` is None before the first rung. `sources` are those that stated any of it, `checked_at` is the last good
    poll of any of them.
    """

    id: str
    title: str | None
    url: str | None
    status: str | None
    status_on: str | None
    status_text: str | None
    introduced_on: str | None
    law: str | None
    revision: int
    first_seen_at: datetime
    changed_at: datetime
    sources: tuple[str, ...]
    checked_at: datetime | None


@dataclass(frozen=True, slots=True)
class DocumentHistory:
    """What is known of a document's past: the state in which we met it, and the changes since, oldest first.

    `first` is None for a source or a channel, which have changes but no record. What the first state carried is
    told by `domain.records.detection.past_changes`, which takes the members of `first`.
    """

    first: StoredRevision | None
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class DeliveryRow:
    """One message to one recipient: the members of `alerts --json`. `alerts` and `changes` name what it carries."""

    delivery: str
    alerts: tuple[str, ...]
    id: str
    changes: tuple[str, ...]
    watches: tuple[str, ...]
    channel: str
    to: str
    state: State
    attempts: int
    created_at: datetime
    due_at: datetime
    sent_at: datetime | None
    reasons: tuple[CodedText, ...]
    corrects: str | None
    possible_repeat: bool
    subject: str | None
    error: str | None


@dataclass(frozen=True, slots=True)
class StoredAlert:
    """An alert as it was decided, and what became of its messages."""

    alert: Alert
    created_at: datetime
    deliveries: tuple[DeliveryRow, ...]


_EVER = "9999-12-31"


class NoRecord(StoreError):
    """Nothing has been recorded there yet: the file is missing or empty."""


_NOW = """
    SELECT id, title, url, status, status_on, status_text, introduced_on, law, revision, first_seen_at, changed_at
    FROM v_status d
"""

_THEN = """
    SELECT d.identity AS id, h.title, d.url, s.status, s.status_on, s.text, h.introduced_on,
           CASE WHEN s.status LIKE 'ENACTED:%' THEN h.law END, r.number, d.first_seen_at, r.known_from
    FROM document d
    JOIN revision r ON r.document = d.id
         AND r.number = (SELECT max(number) FROM revision WHERE document = d.id AND known_from <= :known_at)
    LEFT JOIN headline h ON h.document = d.id
         AND h.revision = (SELECT max(revision) FROM headline WHERE document = d.id AND revision <= r.number)
    LEFT JOIN status_interval s ON s.document = d.id
         AND s.from_revision <= r.number AND (s.to_revision IS NULL OR s.to_revision > r.number)
         AND s.seq = (SELECT max(seq) FROM status_interval
                      WHERE document = d.id AND from_revision <= r.number
                        AND (to_revision IS NULL OR to_revision > r.number)
                        AND substr(status_on, 1, 10) <= :as_of)
"""
"""Over the tables, for joins of views would be worked out for every document before one is picked."""

_ASKED = "IN (SELECT value FROM json_each(:asked))"

_SOURCES = """
    SELECT d.id, json_group_array(DISTINCT d.source), max(s.last_good_at)
    FROM v_revisions d LEFT JOIN v_sources s ON s.source = d.source
"""

_TOLD = """
    SELECT delivery, alerts, id, changes, watches, channel, "to", state, attempts, created_at, due_at, sent_at, reason,
           corrects, possible_repeat, subject, error
    FROM v_alerts
"""

_ALERTED = f"""{values.CHANGES}
    WHERE (document, revision, position) IN (SELECT document, revision, place FROM alert_change WHERE alert = ?)
    ORDER BY revision, position
"""

_ALERT = """
    SELECT a.seq, d.identity, a.revision, a.channel, a.watches, a.reason, a.created_at, a.rhythm
    FROM alert a JOIN document d ON d.id = a.document WHERE a.id = ?
"""


@contextmanager
def open_reader(url_or_path: str | Path) -> Iterator[Reader]:
    """Yield a reader of one consistent state.

    NoRecord when nothing is there yet, SchemaMismatch for a database of another version, StoreError when it cannot be
    read.
    """
    path = database_file(url_or_path)
    try:
        connection = _connect(path)
        try:
            yield Reader(connection)
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise explained(error, path) from error


def _connect(path: Path) -> sqlite3.Connection:
    if not path.is_file() or not path.stat().st_size:
        raise NoRecord(f"{path}: nothing is recorded there yet; `lexwatch run` begins the record")
    with ExitStack() as undo:
        connection = _begun(path, "mode=ro")
        undo.callback(connection.close)
        _demand_known(connection, path)
        undo.pop_all()
    return connection


def _begun(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, isolation_level=None)
    try:
        connection.execute("BEGIN")
        connection.execute("SELECT 1 FROM sqlite_master").fetchone()
    except sqlite3.OperationalError as error:
        connection.close()
        if mode == "mode=ro" and _lies_still(path, error):
            return _begun(path, "mode=ro&immutable=1")
        raise
    return connection


def _lies_still(path: Path, error: sqlite3.OperationalError) -> bool:
    """A reader who may not write beside the database cannot join its log; without a log the file alone is whole."""
    closed = error.sqlite_errorcode & 0xFF in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY)
    return closed and not path.with_name(f"{path.name}-wal").exists()


def _demand_known(connection: sqlite3.Connection, path: Path) -> None:
    names = {row[0] for row in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names:
        raise NoRecord(f"{path}: nothing is recorded there yet; `lexwatch run` begins the record")
    if not {"alembic_version", "meta"} <= names:
        raise schema.foreign(str(path))
    schema.demand_current(str(path), connection.execute("SELECT version_num FROM alembic_version").fetchone()[0])
    carried = connection.execute("SELECT value FROM meta WHERE name = 'views'").fetchone()
    if carried is None or carried[0] != views.digest():
        raise SchemaMismatch(
            f"{path} has the views of another build of lexwatch: start the service once (`lexwatch run --once`)"
        )


class Reader:
    """Answers from one state of the record. Not shared between threads."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def status_rows(
        self,
        documents: Sequence[str] | None = None,
        as_of: str | None = None,
        known_at: datetime | None = None,
    ) -> tuple[StatusRow, ...]:
        """Return where documents stand: those asked for, in that order, or all, by identity.

        `as_of` is a day (`YYYY-MM-DD`, the end of it; ValueError for another form): the last rung reached by then.
        `known_at` leaves out what we learned later, and documents first seen later. Unknown documents are left out.
        """
        parameters = {
            "as_of": date.fromisoformat(as_of).isoformat() if as_of else _EVER,
            "known_at": written(known_at) if known_at else END,
            "asked": json.dumps(list(documents or ())),
        }
        then, chosen = bool(as_of or known_at), documents is not None
        asked = f"WHERE {'d.identity' if then else 'd.id'} {_ASKED}" if chosen else ""
        rows = self._rows(f"{_THEN if then else _NOW} {asked} ORDER BY 1", parameters)
        asked = f"WHERE d.id {_ASKED}" if chosen else ""
        stated = {row[0]: row for row in self._rows(f"{_SOURCES} {asked} GROUP BY d.id", parameters)}
        found = {row[0]: _standing(row, stated.get(row[0])) for row in rows}
        if documents is None:
            return tuple(found.values())
        return tuple(found[document] for document in dict.fromkeys(documents) if document in found)

    def history(self, document: str) -> DocumentHistory:
        """Return the past of a document, a source or a channel; empty for one never heard of."""
        rows = self._rows(f"{values.CHANGES} WHERE id = ? ORDER BY revision, position", (document,))
        return DocumentHistory(self.revision(document, 1), tuple(values.change(row) for row in rows))

    def revision(self, document: str, number: int) -> StoredRevision | None:
        """Return the record as it stood at a revision, or None when there is no such revision."""
        from storage import records  # where things stand needs no facets

        return records.revision(self._rows, DocumentId.parse(document), number)

    def records(self, documents: Sequence[str]) -> Mapping[DocumentId, Record]:
        """Return the records of those of the documents that have one, as they stand."""
        from storage import records

        return records.records(self._rows, [DocumentId.parse(document) for document in documents])

    def revisions(self, document: str) -> tuple[tuple[int, datetime], ...]:
        """Return the number of every revision and when it became known, oldest first."""
        rows = self._rows("SELECT revision, known_from FROM v_revisions WHERE id = ? ORDER BY revision", (document,))
        return tuple((row[0], read(row[1])) for row in rows)

    def alerts(self, state: str | None = None) -> tuple[DeliveryRow, ...]:
        """Return one row per message, in the order they were stored; only those in a state if it is given."""
        chosen = "WHERE state = ?" if state is not None else ""
        rows = self._rows(f"{_TOLD} {chosen} ORDER BY number", () if state is None else (state,))
        return tuple(_told(row) for row in rows)

    def alert(self, alert: str) -> StoredAlert | None:
        """Return an alert by its id with its changes and messages, or None."""
        rows = self._rows(_ALERT, (alert,))
        if not rows:
            return None
        from domain.alerts.digest_schedule import DigestSchedule
        from domain.alerts.routing import Alert

        seq, document, revision, channel, watches, reason, created_at, rhythm = rows[0]
        changes = self._rows(_ALERTED, (seq,))
        messages = self._rows(
            f"""{_TOLD} WHERE number IN (SELECT delivery FROM delivery_alert WHERE alert = ?) ORDER BY number""", (seq,)
        )
        kept = Alert(
            document=DocumentId.parse(document),
            revision=revision,
            channel=channel,
            watches=tuple(json.loads(watches)),
            changes=tuple(values.change(row) for row in changes),
            reasons=list_from_json(reason),
            when=DigestSchedule.read(rhythm) if rhythm else None,
        )
        return StoredAlert(kept, read(created_at), tuple(_told(row) for row in messages))

    def change(self, key: str) -> Change | None:
        """Return a change by its key, `document@revision:kind:subject`, or None."""
        document, _, rest = key.partition("@")
        revision, kind, subject = (*rest.split(":", 2), "", "")[:3]
        rows = self._rows(
            f"{values.CHANGES} WHERE id = ? AND revision = CAST(? AS INTEGER) AND kind = ? AND subject = ?",
            (document, revision, kind, subject),
        )
        return values.change(rows[0]) if rows else None

    def evidence(self, digest: str) -> Evidence | None:
        """Return archived bytes by their digest; None for bytes never read, or read and not kept."""
        rows = self._rows(values.EVIDENCE, (digest,))
        return values.evidence(rows[0]) if rows else None

    def sources(self) -> tuple[SourceState, ...]:
        """Return the health of each source ever polled, by name."""
        return tuple(values.source(row) for row in self._rows(f"{values.SOURCES} ORDER BY name", ()))

    def news(self, source: str, days: int = 30) -> tuple[date, ...]:
        """Return the last days (UTC) on which a source stated something new, newest first."""
        rows = self._rows(
            "SELECT DISTINCT substr(known_from, 1, 10) FROM v_revisions WHERE source = ? ORDER BY 1 DESC LIMIT ?",
            (source, days),
        )
        return tuple(date.fromisoformat(row[0]) for row in rows)

    def circuits(self) -> tuple[Circuit, ...]:
        """Return whether each channel works that ever failed, by name."""
        return tuple(values.circuit(row) for row in self._rows(f"{values.CIRCUITS} ORDER BY channel", ()))

    def watches(self) -> tuple[Watch, ...]:
        """Return the watches the service registered, oldest first."""
        return tuple(values.watch(row) for row in self._rows(values.WATCHES, ()))

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Return the mutes in force, oldest first."""
        return tuple(values.mute(row) for row in self._rows(values.MUTES, (written(now),)))

    def knows(self, document: str) -> bool:
        """Say whether there is a record of this document."""
        return bool(self._rows("SELECT 1 FROM v_documents WHERE id = ?", (document,)))

    def find(self, scheme: str, value: str) -> tuple[str, ...]:
        """Return the documents that have this other name."""
        rows = self._rows("SELECT id FROM v_aliases WHERE value = ? AND scheme = ? ORDER BY id", (value, scheme))
        return tuple(row[0] for row in rows)

    def aliases(self, document: str) -> tuple[Alias, ...]:
        """Return the other names of a document."""
        rows = self._rows("SELECT scheme, value FROM v_aliases WHERE id = ? ORDER BY position", (document,))
        return tuple(Alias(row[0], row[1]) for row in rows)

    def known_like(self, text: str, limit: int = 5) -> tuple[str, ...]:
        """Return known documents that somebody may have meant: identity or title contains the text, else look alike."""
        like = f"%{text.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        rows = self._rows(
            """SELECT id FROM v_status WHERE id LIKE :like ESCAPE '!' OR title LIKE :like ESCAPE '!'
               ORDER BY title LIKE :like ESCAPE '!', id LIMIT :limit""",
            {"like": like, "limit": limit},
        )
        found = [row[0] for row in rows]
        if len(found) < limit:
            import difflib  # costs a quick answer more than the answer, and only a slip of the pen needs it

            everything = [row[0] for row in self._rows("SELECT id FROM v_documents ORDER BY id", ())]
            found += difflib.get_close_matches(text.lower(), everything, n=limit)
        return tuple(dict.fromkeys(found))[:limit]

    def rehearsal(self) -> bool:
        """Say whether the record was written in a rehearsal."""
        return bool(self._rows("SELECT 1 FROM meta WHERE name = 'rehearsal' AND value = 'yes'", ()))

    def _rows(self, sql: str, parameters: tuple[object, ...] | dict[str, Any]) -> list[Row]:
        return self._connection.execute(sql, parameters).fetchall()


def _standing(row: Row, stated: Row | None) -> StatusRow:
    return StatusRow(
        id=row[0],
        title=row[1],
        url=row[2],
        status=row[3],
        status_on=row[4],
        status_text=row[5],
        introduced_on=row[6],
        law=row[7],
        revision=row[8],
        first_seen_at=read(row[9]),
        changed_at=read(row[10]),
        sources=tuple(sorted(json.loads(stated[1]))) if stated else (),
        checked_at=read_if(stated[2]) if stated else None,
    )


def _told(row: Row) -> DeliveryRow:
    from domain.alerts.delivery import State

    return DeliveryRow(
        delivery=row[0],
        alerts=tuple(json.loads(row[1])),
        id=row[2],
        changes=tuple(json.loads(row[3])),
        watches=tuple(dict.fromkeys(json.loads(row[4]))),
        channel=row[5],
        to=row[6],
        state=State(row[7]),
        attempts=row[8],
        created_at=read(row[9]),
        due_at=read(row[10]),
        sent_at=read_if(row[11]),
        reasons=tuple(dict.fromkeys(reason for one in row[12].split("\n") for reason in list_from_json(one))),
        corrects=row[13],
        possible_repeat=bool(row[14]),
        subject=row[15],
        error=row[16],
    )
