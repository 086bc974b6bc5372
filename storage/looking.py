"""What can be asked of the record on the way to a decision? `domain.ports.ReadTransaction` over SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.alerts.bundles import digest, is_digest
from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import LEASE, LONGEST_PAUSE, Circuit, Delivery
from domain.alerts.routing import Watch, merged
from domain.alerts.send_delays import Mute, QuietHours
from domain.coded_text import CodedText, list_from_json
from domain.documents import DocumentId, public_url
from domain.jurisdictions.us.statuses import law_in
from domain.observation import Evidence
from domain.ports import Notice
from domain.records.corrections import AlertOutcome
from domain.records.record import Change, Record
from domain.sources import SourceState
from storage import correcting, records, values
from storage.instants import read, written
from storage.values import Execute, Row

_DUE = f"""{values.DELIVERIES}
    WHERE y.state IN ('pending', 'ambiguous') AND y.channel = ?
      AND (y.due_at <= ? OR y.due_at > ?)
      AND (y.leased_until IS NULL OR y.leased_until <= ? OR y.leased_until > ?)
    ORDER BY y.seq LIMIT ?
"""

_WAITING = "SELECT id FROM delivery WHERE state IN ('pending', 'ambiguous', 'held') ORDER BY seq"

_STRANDED = f"""{values.DELIVERIES}
    WHERE y.state IN ('pending', 'ambiguous', 'held') AND y.channel NOT IN (SELECT value FROM json_each(?))
    ORDER BY y.seq
"""

_PUBLISHED = """
    SELECT d.identity, max(r.published_at) FROM document d JOIN revision r ON r.document = d.id
    WHERE d.identity IN (SELECT value FROM json_each(?)) AND r.published_at IS NOT NULL
    GROUP BY d.id
"""

_TITLES = "SELECT id, title FROM v_status WHERE id > ? AND id < ? AND title IS NOT NULL"
"""From `us/bill/120/` to `us/bill/1200`: 0 is the sign after the stroke."""

_LAST_SEEN = "SELECT max(known_from) FROM document WHERE identity = ? OR (identity > ? AND identity < ?)"

_IMPORTED = "SELECT digest FROM imported WHERE digest = ?"

HALF = 32
"""Hexadecimal digits of a digest that an imported file is known by: half of the SHA-256 is ample, and half as large."""

CHANGES_TOLD = f"""
    SELECT {values.CHANGED}
    FROM json_each(?) j JOIN alert a ON a.id = j.value JOIN alert_change n ON n.alert = a.seq
    JOIN v_history h ON h.document = n.document AND h.revision = n.revision AND h.position = n.place
    ORDER BY j.key, n.position
"""

_ALERTS = """
    SELECT a.watches, a.reason FROM json_each(?) j JOIN alert a ON a.id = j.value ORDER BY j.key
"""

_ABOUT = """
    SELECT a.id, d.identity FROM json_each(?) j JOIN alert a ON a.id = j.value JOIN document d ON d.id = a.document
    ORDER BY j.key
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
        return records.records(self._execute, documents)

    def published(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, datetime]:
        """Return the publisher's newest stamp among the revisions of each document that has one."""
        rows = self._execute(_PUBLISHED, (json.dumps([str(document) for document in documents]),))
        return {DocumentId.parse(row[0]): read(row[1]) for row in rows}

    def imported(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those of the digests that name files imported before."""
        return frozenset(d for d in digests if self._first(_IMPORTED, bytes.fromhex(d[:HALF])) is not None)

    def evidence(self, digest: str) -> Evidence | None:
        """Return archived bytes by their digest; None for bytes never read, or read and not kept."""
        row = self._first(values.EVIDENCE, digest)
        return None if row is None else values.evidence(row)

    def titles(self, within: DocumentId) -> Mapping[DocumentId, str]:
        """Return the title of every document named within this one that has one."""
        rows = self._execute(_TITLES, (f"{within}/", f"{within}0"))
        return {DocumentId.parse(row[0]): str(row[1]) for row in rows}

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

    def dead(self) -> Sequence[Delivery]:
        """Return every message that was given up, oldest first."""
        rows = self._execute(f"{values.DELIVERIES} WHERE y.state = 'dead' ORDER BY y.seq", ())
        return tuple(values.delivery(row) for row in rows)

    def stranded(self, channels: Collection[str]) -> Sequence[Delivery]:
        """Return what still has to be sent by a channel that is none of these, oldest first."""
        return tuple(values.delivery(row) for row in self._execute(_STRANDED, (json.dumps(list(channels)),)))

    def circuit(self, channel: str) -> Circuit:
        """Return whether a channel works; one never heard of does."""
        row = self._first(f"{values.CIRCUITS} WHERE channel = ?", channel)
        return Circuit(channel) if row is None else values.circuit(row)

    def quiet(self) -> Mapping[str, QuietHours]:
        """Return the quiet hours by channel, of those that have any."""
        return {str(row[0]): values.quiet(row) for row in self._execute(values.QUIET, ())}

    def account(self, channel: str) -> ReportState | None:
        """Return where the receipts of a channel stand; None before it was first asked for one."""
        row = self._first(values.ACCOUNT, channel)
        return None if row is None else values.account(row)

    def last_seen(self, document: DocumentId) -> datetime | None:
        """Return when something new was last seen of a document or of anything named within it."""
        row = self._first(_LAST_SEEN, str(document), f"{document}/", f"{document}0")
        return read(row[0]) if row and row[0] else None

    def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes in force, oldest first."""
        return tuple(values.mute(row) for row in self._execute(values.MUTES, (written(now),)))

    def waiting(self) -> Sequence[str]:
        """Return the ids of the deliveries that wait to be sent or are held, oldest first."""
        return tuple(str(row[0]) for row in self._execute(_WAITING, ()))

    def has_ended_hold(self, now: datetime) -> bool:
        """Say whether a held delivery has reached its time."""
        return self._first("SELECT 1 FROM delivery WHERE state = 'held' AND due_at <= ?", written(now)) is not None

    def past(self, document: DocumentId) -> Sequence[Change]:
        """Return every change that history tells of a document, oldest first."""
        return correcting.past(self._execute, document)

    def fates(self, changes: Sequence[Change]) -> Sequence[AlertOutcome]:
        """Return every alert that carried one of these changes, once for each recipient."""
        return correcting.fates(self._execute, changes)

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        """Return what the message of this delivery has to say: its changes, and each document as it stands."""
        about: dict[str, list[str]] = {}
        for alert, document in self._execute(_ABOUT, (json.dumps(delivery.alerts),)):
            about.setdefault(document, []).append(alert)
        return gathered(delivery, about, lambda part: self._notice(part, zone))

    def _notice(self, delivery: Delivery, zone: str) -> Notice:
        """Return what a message about one document says."""
        alerts = json.dumps(delivery.alerts)
        told = [(json.loads(row[0]), str(row[1])) for row in self._execute(_ALERTS, (alerts,))]
        watches = tuple(dict.fromkeys(name for names, _ in told for name in names))
        changes = dict.fromkeys(values.change(row) for row in self._execute(CHANGES_TOLD, (alerts,)))
        original = correcting.answered(self._execute, delivery.id, delivery.channel, delivery.to, changes)
        return notice_of(
            delivery,
            zone,
            standing=self._first(
                "SELECT title, url, status, status_on, law, status_text FROM v_status WHERE id = ?",
                str(delivery.document),
            ),
            changes=tuple(changes),
            watches=watches,
            notes=[str(row[0]) for row in self._execute(_NOTES, (json.dumps(watches),))],
            reasons=[reason for _, reasons in told for reason in list_from_json(reasons)],
            replies_to=self.delivery(original) if original else None,
        )

    def _first(self, sql: str, *parameters: object) -> Row | None:
        return next(iter(self._execute(sql, parameters)), None)


def gathered(delivery: Delivery, about: Mapping[str, Sequence[str]], notice: Callable[[Delivery], Notice]) -> Notice:
    """Put together what a message says: one notice for each document, or the only one. `about` maps each document to
    the alerts about it, `notice` says one of them."""
    parts = tuple(
        notice(replace(delivery, document=DocumentId.parse(document), alerts=tuple(alerts)))
        for document, alerts in about.items()
    )
    if len(parts) < 2 and not is_digest(delivery.tray):
        return parts[0] if parts else notice(delivery)
    return digest(delivery, parts)


def notice_of(
    delivery: Delivery,
    zone: str,
    *,
    standing: Row | None,
    changes: tuple[Change, ...],
    watches: tuple[str, ...],
    notes: Iterable[str],
    reasons: Iterable[CodedText],
    replies_to: Delivery | None = None,
) -> Notice:
    """Put a notice together; `standing` is title, url, status, its day, the law it became and the words of the status,
    None for a document without a record."""
    title, url, status, status_on, law, text = standing or (None, None, None, None, None, None)
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
        reasons=merged(reasons),
        created_at=delivery.created_at,
        to=delivery.to,
        zone=zone,
        replies_to=replies_to.id if replies_to else None,
        law=law or law_in(text),
        told_at=replies_to.created_at if replies_to else None,
    )
