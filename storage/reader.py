"""What does the record say? The quick way for whoever only asks.

Plain SQL over the named views: neither SQLModel nor SQLAlchemy is imported, nothing is ever written or migrated, and
the service writes on meanwhile. A reader holds one consistent state from its opening on, so keep it short.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from domain.documents import Alias, DocumentId
from storage import rows
from storage.location import (
    END_OF_TIME,
    Row,
    locate,
    moment_text,
    opened,
    read_moment,
    read_moment_if,
)

if TYPE_CHECKING:
    from domain.alerts.delivery import Circuit, State
    from domain.alerts.routing import Alert, Watch
    from domain.alerts.search import SearchMatch
    from domain.alerts.send_delays import Mute
    from domain.coded_text import CodedText
    from domain.observation import Evidence
    from domain.ports import WorkerState
    from domain.records.record import Change, Record
    from domain.sources import SourceState
    from storage.records import StoredRevision

_EVER = "9999-12-31"


class StatusRow(NamedTuple):
    """Where one document stands, as of a day and as known at a moment.

    `status` is None before the first point of the timeline. `sources` are those that stated any of it, `checked_at` is
    the last good poll of any of them.
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
    doubt: str | None = None


class Moved(NamedTuple):
    """When the last change of a document was seen, None before there was any since the first reading; the day of its
    latest action; and whether a hearing was ever stated of it."""

    seen_at: datetime | None = None
    action_on: str | None = None
    has_hearings: bool = False


class DocumentHistory(NamedTuple):
    """What is known of a document's past: the state in which we met it, and the changes since, oldest first.

    `first` is None for a source or a channel, which have changes but no record. What the first state carried is
    made by `domain.records.detection.past_changes`, which takes the members of `first`.
    """

    first: StoredRevision | None
    changes: tuple[Change, ...]


class DeliveryRow(NamedTuple):
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


class StoredAlert(NamedTuple):
    """An alert as it was decided, and what became of its messages."""

    alert: Alert
    created_at: datetime
    deliveries: tuple[DeliveryRow, ...]


class EntryVersion(NamedTuple):
    """What an entry said, and since when it was known."""

    entry: Mapping[str, Any]
    known_from: datetime


class ChangePlace(NamedTuple):
    """Where a change stands in the record, and when it was seen (as text)."""

    document: str
    revision: int
    position: int
    seen_at: str


class CopyAge(NamedTuple):
    """Until when a copy of the record knows it, and how long that is ago; None for both where it does not say. A
    server in recovery says it of itself, of any other copy it is the last poll or the last sign of life of a worker."""

    until: datetime | None
    behind: timedelta | None


_STANDBY = """
    SELECT pg_is_in_recovery(), pg_last_xact_replay_timestamp(), clock_timestamp(),
           pg_last_wal_receive_lsn() = pg_last_wal_replay_lsn() AND EXISTS (SELECT 1 FROM pg_stat_wal_receiver)
"""
_LAST_WRITE = """
    SELECT max(at) FROM (
        SELECT max(last_poll_at) AS at FROM source UNION ALL SELECT max(seen_at) AS at FROM worker) AS written
"""

_NOW = """
    SELECT id, title, url, status, status_on, status_text, introduced_on, law, revision, first_seen_at, changed_at,
           doubt
    FROM v_status d
"""

_THEN = """
    SELECT d.identity AS id, h.title, d.url, s.status, s.status_on, s.text, h.introduced_on,
           CASE WHEN s.status LIKE 'ENACTED:%' THEN h.law END, r.number, d.first_seen_at, r.known_from, h.doubt
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
_STATED_BY = "SELECT DISTINCT id, source FROM v_revisions"
_CHECKED = "SELECT source, last_good_at, waiting FROM v_sources WHERE source IN (SELECT value FROM json_each(:sources))"

_DELIVERIES = """
    SELECT delivery, alerts, id, changes, watches, channel, "to", state, attempts, created_at, due_at, sent_at, reasons,
           corrects, possible_repeat, subject, error
    FROM v_alerts
"""
_ALERTS_WITH = {
    "state": "state = :state",
    "since": "coalesce(sent_at, created_at) >= :since",
    "channel": "channel = :channel",
    "watches": """number IN (SELECT m.delivery FROM delivery_alert m JOIN alert_watch w ON w.alert = m.alert
                             WHERE w.name IN (SELECT value FROM json_each(:watches)))""",
}
_LAST_WITHIN = """
    SELECT value, (
        SELECT d.identity FROM document d LEFT JOIN revision r ON r.document = d.id AND r.number = 1
        WHERE d.identity > value || '/' AND d.identity < value || '0'
        ORDER BY d.first_seen_at DESC, coalesce(r.published_at, '') DESC, d.id LIMIT 1)
    FROM json_each(:documents)
"""
_MOVED = """
    SELECT d.identity,
           (SELECT max(coalesce(c.seen_at, r.known_from)) FROM change c
            JOIN revision r ON r.document = c.document AND r.number = c.revision
            WHERE c.document = d.id AND NOT r.baseline),
           (SELECT max(e.day) FROM entry e JOIN entry_form m ON m.id = e.form
            WHERE e.document = d.id AND e.to_revision IS NULL AND m.facet = 'actions'),
           (SELECT count(*) FROM facet f WHERE f.document = d.id AND f.name = 'hearings')
    FROM document d WHERE d.identity IN (SELECT value FROM json_each(:documents))
"""
_STANDING_ENTRIES = """
    SELECT id, entry FROM v_entries
    WHERE facet = :facet AND to_revision IS NULL AND id IN (SELECT value FROM json_each(:documents))
"""
_VERSIONS = """
    SELECT e.id, e.subject, e.entry, r.known_from FROM v_entries e
    JOIN v_revisions r ON r.id = e.id AND r.revision = e.from_revision
    WHERE e.facet = :facet AND e.id IN (SELECT value FROM json_each(:documents))
    ORDER BY e.id, e.subject, e.from_revision
"""
_SEEN = """
    SELECT id, revision, position, seen_at FROM v_history WHERE seen_at >= :since AND seen_at < :until
    ORDER BY seen_at DESC, id, revision DESC, position
"""
_LAST_SENT = """
    SELECT w.name, d.identity, a.created_at FROM alert_watch w
    JOIN alert a ON a.seq = w.alert JOIN document d ON d.id = a.document
    WHERE w.name IN (SELECT value FROM json_each(:watches)) AND a.seq IN (
        SELECT max(alert) FROM alert_watch WHERE name IN (SELECT value FROM json_each(:watches)) GROUP BY name)
"""
_SENT_BY = f"""
    SELECT DISTINCT {rows.CHANGED} FROM alert_watch w JOIN alert_change n ON n.alert = w.alert
    JOIN v_history h ON h.document = n.document AND h.revision = n.revision AND h.position = n.place
    WHERE w.name = :watch ORDER BY h.seen_at DESC, h.id, h.revision, h.kind LIMIT :limit
"""
_OF_SEARCHES = """
    WHERE (CAST(:watches AS VARCHAR) IS NULL OR m.watch IN (SELECT value FROM json_each(:watches)))
      AND (CAST(:document AS VARCHAR) IS NULL OR d.identity = :document)
"""
_COUNTED = """
    SELECT watch, count(*), sum(CASE WHEN baseline THEN 1 ELSE 0 END) FROM search_match
    WHERE watch IN (SELECT value FROM json_each(:watches)) GROUP BY watch
"""
_FOUND_BY = f"""
    SELECT {rows.CHANGED} FROM search_match m JOIN document d ON d.id = m.document JOIN v_history h ON h.id = d.identity
    WHERE m.watch = :watch AND h.seen_at >= m.since ORDER BY h.seen_at DESC, h.id, h.revision, h.kind
"""
_MANY = 1 << 31
_NEWS = "SELECT DISTINCT source, substr(known_from, 1, 10) AS day FROM revision ORDER BY day DESC"


@contextmanager
def open_reader(url_or_path: str | Path) -> Iterator[Reader]:
    """Yield a reader of one consistent state.

    NoRecord when nothing is there yet, SchemaMismatch for a database of another version, StoreError when it cannot be
    read.
    """
    with opened(locate(url_or_path)) as execute:
        yield Reader(execute)


class Reader(rows.Answers):
    """Answers from one state of the record. Not shared between threads."""

    def status_rows(
        self,
        documents: Sequence[str] | None = None,
        as_of: str | None = None,
        known_at: datetime | None = None,
    ) -> tuple[StatusRow, ...]:
        """Return where documents stand: those asked for, in that order, or all, by identity.

        `as_of` is a day (`YYYY-MM-DD`, the end of it; ValueError for another form): the last status reached by then.
        `known_at` leaves out what we learned later, and documents first seen later. Unknown documents are left out.
        """
        times = {
            "as_of": date.fromisoformat(as_of).isoformat() if as_of else _EVER,
            "known_at": moment_text(known_at) if known_at else END_OF_TIME,
        }
        then = bool(as_of or known_at)
        asked = {"asked": json.dumps(list(documents))} if documents is not None else {}
        chosen = f"WHERE {'d.identity' if then else 'd.id'} {_ASKED}" if asked else ""
        found = self._rows(f"{_THEN if then else _NOW} {chosen} ORDER BY 1", **asked, **(times if then else {}))
        stated: dict[str, list[str]] = {}
        for document, source in self._rows(f"{_STATED_BY} {f'WHERE id {_ASKED}' if asked else ''}", **asked):
            stated.setdefault(document, []).append(source)
        named = sorted({source for by in stated.values() for source in by})
        sources = self._rows(_CHECKED, sources=json.dumps(named))
        checked = {source: at for source, at, _ in sources if at is not None}
        waiting = {source: json.loads(said)[1] for source, _, said in sources if said is not None}
        by_id = {row[0]: _status_row(row, stated.get(row[0], ()), checked, waiting) for row in found}
        wanted = by_id if documents is None else dict.fromkeys(documents)
        return tuple(by_id[document] for document in wanted if document in by_id)

    def history(self, document: str) -> DocumentHistory:
        """Return the past of a document, a source or a channel; empty for one never seen."""
        found = self._rows(f"{rows.CHANGES} WHERE id = :id ORDER BY revision, position", id=document)
        return DocumentHistory(self.revision(document, 1), tuple(rows.change(row) for row in found))

    def changes_within(self, document: str, limit: int = _MANY) -> tuple[Change, ...]:
        """Return the stored changes of everything named within a document, as the entries of a feed, newest first."""
        within = {"first": f"{document}/", "last": f"{document}0", "limit": limit}
        where = "WHERE id > :first AND id < :last ORDER BY seen_at DESC, id, revision DESC, position LIMIT :limit"
        return tuple(rows.change(row) for row in self._rows(f"{rows.CHANGES} {where}", **within))

    def changes_sent_by(self, watch: str, limit: int = _MANY) -> tuple[Change, ...]:
        """Return the changes that alerts of a watch carried, newest first."""
        return tuple(rows.change(row) for row in self._rows(_SENT_BY, watch=watch, limit=limit))

    def found(self, watches: Sequence[str]) -> Mapping[str, tuple[int, int]]:
        """Return how many documents searches of these names found, and how many of them were there when it began."""
        counted = self._rows(_COUNTED, watches=json.dumps(list(watches)))
        return {watch: (int(all_of_it), int(begun)) for watch, all_of_it, begun in counted}

    def changes_found_by(self, watch: str) -> tuple[Change, ...]:
        """Return the stored changes of what a search found, since it found it, newest first."""
        return tuple(rows.change(row) for row in self._rows(_FOUND_BY, watch=watch))

    def last_within(self, documents: Sequence[str]) -> Mapping[str, str]:
        """Return for each document the newest one named within it, as the last entry of a feed."""
        found = self._rows(_LAST_WITHIN, documents=json.dumps(list(documents)))
        return {document: last for document, last in found if last is not None}

    def moved(self, documents: Sequence[str]) -> Mapping[str, Moved]:
        """Return for each document when and how it last moved."""
        found = self._rows(_MOVED, documents=json.dumps(list(documents)))
        return {row[0]: Moved(read_moment_if(row[1]), row[2], bool(row[3])) for row in found}

    def entries(self, documents: Sequence[str], facet: str) -> Mapping[str, Mapping[str, Any]]:
        """Return for each document what stands in a facet of one entry, such as what a feed says about its entry."""
        found = self._rows(_STANDING_ENTRIES, facet=facet, documents=json.dumps(list(documents)))
        return {document: json.loads(entry) for document, entry in found}

    def versions(self, documents: Sequence[str], facet: str) -> Mapping[tuple[str, str], Sequence[EntryVersion]]:
        """Return all that was ever stated in a facet of these documents, by document and subject, oldest first."""
        found: dict[tuple[str, str], list[EntryVersion]] = {}
        for document, subject, entry, at in self._rows(_VERSIONS, facet=facet, documents=json.dumps(list(documents))):
            found.setdefault((document, subject), []).append(EntryVersion(json.loads(entry), read_moment(at)))
        return found

    def changes_seen(self, since: datetime, until: datetime) -> Sequence[ChangePlace]:
        """Return where the changes stand that were seen from `since` on and before `until`, newest first."""
        found = self._rows(_SEEN, since=moment_text(since), until=moment_text(until))
        return [ChangePlace(*row) for row in found]

    def changes_at(self, places: Sequence[ChangePlace]) -> Sequence[Change]:
        """Return the changes that stand there, in the same order; a few hundred at a time."""
        asked = {"documents": json.dumps(sorted({place.document for place in places}))}
        asked |= {"first": min(place.seen_at for place in places), "last": max(place.seen_at for place in places)}
        where = "WHERE h.id IN (SELECT value FROM json_each(:documents)) AND h.seen_at BETWEEN :first AND :last"
        found = self._rows(f"SELECT {rows.CHANGED}, h.position FROM v_history h {where}", **asked)
        changes = {(row[0], row[1], row[-1]): rows.change(row) for row in found}
        return [changes[place[:3]] for place in places]

    def last_sent(self, watches: Sequence[str]) -> Mapping[str, tuple[str, datetime]]:
        """Return for each watch the document of its last alert, and when that was made."""
        found = self._rows(_LAST_SENT, watches=json.dumps(list(watches)))
        return {watch: (document, read_moment(at)) for watch, document, at in found}

    def matches(self, watches: Sequence[str] | None = None, document: str | None = None) -> tuple[SearchMatch, ...]:
        """Return what searches found, the last first: those of these names or all, and of one document or all."""
        asked = {"watches": None if watches is None else json.dumps(list(watches)), "document": document}
        found = self._rows(f"{rows.MATCHES} {_OF_SEARCHES} {rows.LAST_FOUND_FIRST}", **asked)
        return tuple(rows.search_match(row) for row in found)

    def revision(self, document: str, number: int) -> StoredRevision | None:
        """Return the record as it stood at a revision, or None when there is no such revision."""
        from storage import records  # where things stand needs no facets

        return records.revision(self._execute, DocumentId.parse(document), number)

    def records(self, documents: Sequence[str]) -> Mapping[DocumentId, Record]:
        """Return the records of those of the documents that have one, as they stand."""
        from storage import records

        return records.records(self._execute, [DocumentId.parse(document) for document in documents])

    def facets(self, documents: Sequence[str], names: Sequence[str] | None) -> Mapping[str, Mapping[str, Any]]:
        """Return facets of these names, or all, of those of the documents that have a record, as they stand."""
        from storage import records

        return records.facets(self._execute, documents, names)

    def revisions(self, document: str) -> tuple[tuple[int, datetime], ...]:
        """Return the number of every revision and when it became known, oldest first."""
        found = self._rows("SELECT revision, known_from FROM v_revisions WHERE id = :id ORDER BY revision", id=document)
        return tuple((row[0], read_moment(row[1])) for row in found)

    def alerts(
        self,
        state: str | None = None,
        since: datetime | None = None,
        channel: str | None = None,
        watches: Sequence[str] | None = None,
    ) -> tuple[DeliveryRow, ...]:
        """Return one row per message, in the order they were stored; only those in a state, sent or made `since` a
        moment, by a channel, for one of these watches, where these are given."""
        asked = {
            "state": state,
            "since": moment_text(since) if since else None,
            "channel": channel,
            "watches": None if watches is None else json.dumps(list(watches)),
        }
        given = {name: value for name, value in asked.items() if value is not None}
        chosen = " AND ".join(_ALERTS_WITH[name] for name in given)
        found = self._rows(f"{_DELIVERIES} {f'WHERE {chosen}' if chosen else ''} ORDER BY number", **given)
        return tuple(_delivery_row(row) for row in found)

    def alert(self, alert: str) -> StoredAlert | None:
        """Return an alert by its id with its changes and messages, or None."""
        found = self._first(f"{rows.ALERTS} WHERE a.id = :id", id=alert)
        if found is None:
            return None
        seq, created_at = found[0], read_moment(found[5])
        watches = tuple(row[0] for row in self._rows(rows.WATCHES_OF_ALERT, alert=seq))
        changes = tuple(rows.change(row) for row in self._rows(rows.CHANGES_OF_ALERT, alert=seq))
        carrying = "WHERE number IN (SELECT delivery FROM delivery_alert WHERE alert = :alert) ORDER BY number"
        messages = tuple(_delivery_row(row) for row in self._rows(f"{_DELIVERIES} {carrying}", alert=seq))
        return StoredAlert(rows.alert(found, watches, changes), created_at, messages)

    def change(self, key: str) -> Change | None:
        """Return a change by its key, `document@revision:kind:subject`, or None."""
        document, _, rest = key.partition("@")
        revision, kind, subject = (*rest.split(":", 2), "", "")[:3]
        if not (revision.isascii() and revision.isdigit()):
            return None
        found = self._first(
            f"{rows.CHANGES} WHERE id = :id AND revision = :revision AND kind = :kind AND subject = :subject",
            id=document,
            revision=min(int(revision), 1 << 62),
            kind=kind,
            subject=subject,
        )
        return rows.change(found) if found else None

    def evidence(self, digest: str) -> Evidence | None:
        """Return archived bytes by their digest; None for bytes never read, or read and not kept."""
        found = self._first(rows.EVIDENCE, digest=digest)
        return rows.evidence(found) if found else None

    def sources(self, names: Iterable[str] | None = None) -> tuple[SourceState, ...]:
        """Return the health of each source ever polled, or of those of these names, by name."""
        if names is None:
            return tuple(rows.source(row) for row in self._rows(f"{rows.SOURCES} ORDER BY name"))
        chosen = "WHERE name IN (SELECT value FROM json_each(:names)) ORDER BY name"
        return tuple(rows.source(row) for row in self._rows(f"{rows.SOURCES} {chosen}", names=json.dumps(list(names))))

    def news(self, days: int = 30) -> Mapping[str, tuple[date, ...]]:
        """Return for each source the last days (UTC) on which it stated something new, newest first."""
        found: dict[str, list[date]] = {}
        for source, day in self._rows(_NEWS):
            known = found.setdefault(source, [])
            if len(known) < days:
                known.append(date.fromisoformat(day))
        return {source: tuple(known) for source, known in found.items()}

    def channels_used(self) -> tuple[str, ...]:
        """Return the names of the channels that a message was ever made for."""
        return tuple(row[0] for row in self._rows("SELECT DISTINCT channel FROM delivery ORDER BY channel"))

    def circuits(self) -> tuple[Circuit, ...]:
        """Return whether each channel works that ever failed, by name."""
        return tuple(rows.circuit(row) for row in self._rows(f"{rows.CIRCUITS} ORDER BY channel"))

    def watches(self) -> tuple[Watch, ...]:
        """Return the watches the service registered, oldest first."""
        return tuple(rows.watch(row) for row in self._rows(rows.WATCHES))

    def watches_known_by(self, names: Sequence[str], addresses: Sequence[str]) -> tuple[Watch, ...]:
        """Return the registered watches that have one of these names or addresses, oldest first."""
        asked = {"names": json.dumps(list(names)), "addresses": json.dumps(list(addresses))}
        return tuple(rows.watch(row) for row in self._rows(rows.WATCHES_KNOWN_BY, **asked))

    def workers(self) -> tuple[WorkerState, ...]:
        """Return what the workers that share the database last said of themselves, by name."""
        return tuple(rows.worker(row) for row in self._rows(rows.WORKERS))

    def mutes(self, now: datetime) -> tuple[Mute, ...]:
        """Return the mutes in force, oldest first."""
        return tuple(rows.mute(row) for row in self._rows(rows.MUTES, now=moment_text(now)))

    def knows(self, document: str) -> bool:
        """Say whether there is a record of this document."""
        return self._first("SELECT 1 FROM v_documents WHERE id = :id", id=document) is not None

    def find(self, scheme: str, value: str) -> tuple[str, ...]:
        """Return the documents that have this other name."""
        sql = "SELECT id FROM v_aliases WHERE value = :value AND scheme = :scheme ORDER BY id"
        return tuple(row[0] for row in self._rows(sql, value=value, scheme=scheme))

    def aliases(self, document: str) -> tuple[Alias, ...]:
        """Return the other names of a document."""
        found = self._rows("SELECT scheme, value FROM v_aliases WHERE id = :id ORDER BY position", id=document)
        return tuple(Alias(row[0], row[1]) for row in found)

    def titled(self, titles: Sequence[str], *, part: bool = False, limit: int = 200) -> Mapping[str, str]:
        """Return the documents that have one of these titles, or with `part` one of them in theirs, with their titles.
        Latin capitals make no difference."""
        texts = [title.replace("!", "!!").replace("%", "!%").replace("_", "!_") for title in titles]
        forms = json.dumps([form for text in texts for form in (text.lower(), text)])
        around = "'%' || a.value || '%'" if part else "a.value"
        found = self._rows(
            f"""SELECT DISTINCT s.id, s.title FROM v_status s, (SELECT value FROM json_each(:forms)) a
                WHERE lower(s.title) LIKE {around} ESCAPE '!' OR s.title LIKE {around} ESCAPE '!'
                ORDER BY s.id LIMIT :limit""",
            forms=forms,
            limit=limit,
        )
        return {row[0]: row[1] for row in found}

    def known_like(self, text: str, limit: int = 5) -> tuple[str, ...]:
        """Return known documents that somebody may have meant: identity or title contains the text, else look alike."""
        like = f"%{text.lower().replace('!', '!!').replace('%', '!%').replace('_', '!_')}%"
        similar = self._rows(
            """SELECT id, CASE WHEN lower(title) LIKE :text ESCAPE '!' THEN 1 ELSE 0 END AS titled FROM v_status
               WHERE lower(id) LIKE :text ESCAPE '!' OR lower(title) LIKE :text ESCAPE '!'
               ORDER BY titled, id LIMIT :limit""",
            text=like,
            limit=limit,
        )
        found = [row[0] for row in similar]
        if len(found) < limit:
            import difflib  # costs a quick answer more than the answer, and only a slip of the pen needs it

            everything = [row[0] for row in self._rows("SELECT id FROM v_documents ORDER BY id")]
            found += difflib.get_close_matches(text.lower(), everything, n=limit)
        return tuple(dict.fromkeys(found))[:limit]

    def copy_age(self, now: datetime, *, server: bool) -> CopyAge:
        """Return how old the record is that is read here, where it is a copy; `server` says that it is PostgreSQL's.

        A standby that has replayed all that it was sent, and is still being sent, is not behind, however long ago
        anything was written. It measures by its own clock.
        """
        if server:
            in_recovery, replayed, clock, is_level = self._execute(_STANDBY, {})[0]
            if in_recovery and is_level:
                return CopyAge(clock, timedelta())
            if in_recovery and replayed is not None:
                return CopyAge(replayed, max(clock - replayed, timedelta()))
        written_at = read_moment_if(self._execute(_LAST_WRITE, {})[0][0])
        return CopyAge(written_at, None if written_at is None else max(now - written_at, timedelta()))

    def rehearsal(self) -> bool:
        """Say whether the record was written under --now."""
        return self._first("SELECT 1 FROM meta WHERE name = 'rehearsal' AND value = 'yes'") is not None


def _status_row(
    row: Row, sources: Sequence[str], checked: Mapping[str, str], waiting: Mapping[str, Mapping[str, str | None]]
) -> StatusRow:
    """Read a row; a document that waits for the allowance of a source was checked when that really read it."""
    read_at = (waiting.get(name, {}).get(row[0], checked.get(name)) for name in sources)
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
        first_seen_at=read_moment(row[9]),
        changed_at=read_moment(row[10]),
        doubt=row[11],
        sources=tuple(sorted(sources)),
        checked_at=read_moment_if(max(filter(None, read_at), default=None)),
    )


def _delivery_row(row: Row) -> DeliveryRow:
    from domain.alerts.delivery import State
    from domain.coded_text import list_from_json

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
        created_at=read_moment(row[9]),
        due_at=read_moment(row[10]),
        sent_at=read_moment_if(row[11]),
        reasons=tuple(dict.fromkeys(reason for one in json.loads(row[12]) for reason in list_from_json(one))),
        corrects=row[13],
        possible_repeat=bool(row[14]),
        subject=row[15],
        error=row[16],
    )
