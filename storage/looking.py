"""What can be asked of the record on the way to a decision? `domain.ports.View` over SQL."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from domain.changes import Change
from domain.delivery import LEASE, LONGEST_PAUSE, Delivery
from domain.identity import DocumentId, public_url
from domain.mutes import Mute
from domain.observation import Evidence
from domain.ports import Notice
from domain.record import Record
from domain.routing import Watch
from domain.schedule import SourceState
from storage import rebuilding, values
from storage.instants import read, read_if, written
from storage.values import Execute, Row

_DUE = f"""{values.DELIVERIES}
    WHERE y.state IN ('pending', 'ambiguous') AND y.channel = ?
      AND (y.due_at <= ? OR y.due_at > ?)
      AND (y.leased_until IS NULL OR y.leased_until <= ? OR y.leased_until > ?)
    ORDER BY y.seq LIMIT ?
"""

_NEXT_DUE = """
    SELECT min(max(due_at, coalesce(leased_until, due_at))) FROM delivery WHERE state IN ('pending', 'ambiguous')
"""

_PUBLISHED = """
    SELECT d.identity, max(r.published_at) FROM document d JOIN revision r ON r.document = d.id
    WHERE d.identity IN (SELECT value FROM json_each(?)) AND r.published_at IS NOT NULL
    GROUP BY d.id
"""

_ARCHIVED = "SELECT digest FROM evidence WHERE body IS NOT NULL AND digest IN (SELECT value FROM json_each(?))"

_TOLD = """
    SELECT h.id, h.revision, h.kind, h.subject, h."before", h."after", h.text, h.happened_on, h.seen_at, h.source,
           h.published_at, h.evidence, h.corrects
    FROM json_each(?) j JOIN alert a ON a.id = j.value JOIN alert_change n ON n.alert = a.seq
    JOIN v_history h ON h.document = n.document AND h.revision = n.revision AND h.position = n.place
    ORDER BY j.key, n.position
"""

_ALERTS = """
    SELECT a.watches, a.reason FROM json_each(?) j JOIN alert a ON a.id = j.value ORDER BY j.key
"""

_NOTES = """
    SELECT w.note FROM json_each(?) j
    JOIN watch w ON w.id = (SELECT max(id) FROM watch WHERE name = j.value) AND w.note IS NOT NULL
    ORDER BY j.key
"""


class SqlView:
    """Answers from one consistent reading. Not shared between threads."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def record(self, document: DocumentId) -> Record | None:
        return self.records([document]).get(document)

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        return rebuilding.records(self._execute, documents)

    def published(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, datetime]:
        """Return the publisher's newest stamp among the revisions of each document that has one."""
        rows = self._execute(_PUBLISHED, (json.dumps([str(document) for document in documents]),))
        return {DocumentId.parse(row[0]): read(row[1]) for row in rows}

    def archived(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those of the digests whose bytes are archived."""
        return frozenset(str(row[0]) for row in self._execute(_ARCHIVED, (json.dumps(list(digests)),)))

    def evidence(self, digest: str) -> Evidence | None:
        """Return archived bytes by their digest; None for bytes never read, or read and not kept."""
        row = self._first(values.EVIDENCE, digest)
        return None if row is None else values.evidence(row)

    def established(self, scope: str) -> bool:
        return self._first("SELECT 1 FROM scope WHERE name = ?", scope) is not None

    def source(self, name: str) -> SourceState | None:
        row = self._first(f"{values.SOURCES} WHERE name = ?", name)
        return None if row is None else values.source(row)

    def watches(self) -> Sequence[Watch]:
        """Return the registered watches that are still wanted, oldest first."""
        return tuple(values.watch(row) for row in self._execute(values.WATCHES, ()))

    def due(self, channel: str, now: datetime, limit: int) -> Sequence[Delivery]:
        """Return what to send now in the order it was stored; `storage.leases.is_due` is the rule in words."""
        moments = (written(now), written(now + LONGEST_PAUSE), written(now), written(now + LEASE))
        return tuple(values.delivery(row) for row in self._execute(_DUE, (channel, *moments, limit)))

    def delivery(self, delivery: str) -> Delivery | None:
        row = self._first(f"{values.DELIVERIES} WHERE y.id = ?", delivery)
        return None if row is None else values.delivery(row)

    def next_due_at(self) -> datetime | None:
        """Return when the next waiting delivery is due or, if it is in somebody's hands, when its lease runs out."""
        row = self._first(_NEXT_DUE)
        return read_if(row[0]) if row else None

    def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes in force, oldest first."""
        return tuple(values.mute(row) for row in self._execute(values.MUTES, (written(now),)))

    def hold_is_over(self, now: datetime) -> bool:
        """Say whether a held delivery has reached its time."""
        return self._first("SELECT 1 FROM delivery WHERE state = 'held' AND due_at <= ?", written(now)) is not None

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        """Return what the message of this delivery has to say: its changes, and the document as it stands."""
        alerts = json.dumps(delivery.alerts)
        told = [(json.loads(row[0]), str(row[1])) for row in self._execute(_ALERTS, (alerts,))]
        watches = tuple(dict.fromkeys(name for names, _ in told for name in names))
        changes = dict.fromkeys(values.change(row) for row in self._execute(_TOLD, (alerts,)))
        return notice_of(
            delivery,
            zone,
            standing=self._first(
                "SELECT title, url, status, status_on FROM v_status WHERE id = ?", str(delivery.document)
            ),
            changes=tuple(changes),
            watches=watches,
            notes=[str(row[0]) for row in self._execute(_NOTES, (json.dumps(watches),))],
            reasons=[reason for _, reason in told],
        )

    def _first(self, sql: str, *parameters: object) -> Row | None:
        return next(iter(self._execute(sql, parameters)), None)


def notice_of(
    delivery: Delivery,
    zone: str,
    *,
    standing: Row | None,
    changes: tuple[Change, ...],
    watches: tuple[str, ...],
    notes: Iterable[str],
    reasons: Iterable[str],
) -> Notice:
    """Put a notice together; `standing` is title, url, status and its day, None for a document without a record."""
    title, url, status, status_on = standing or (None, None, None, None)
    return Notice(
        delivery=delivery.id,
        alerts=delivery.alerts,
        document=delivery.document,
        title=title,
        url=url or public_url(delivery.document),
        status=status,
        status_on=status_on,
        changes=changes,
        watches=watches,
        note="; ".join(dict.fromkeys(notes)) or None,
        reason="; ".join(dict.fromkeys(reasons)),
        created_at=delivery.created_at,
        to=delivery.to,
        zone=zone,
    )
