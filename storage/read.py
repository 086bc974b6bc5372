"""What can be asked of the record on the way to a decision? `domain.ports.ReadTransaction` over SQL."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.alerts.bundles import digest, is_digest
from domain.alerts.coverage_report import ReportState
from domain.alerts.delivery import LEASE, LONGEST_PAUSE, Circuit, Delivery
from domain.alerts.routing import Alert, Watch, merged
from domain.alerts.search import SearchMatch
from domain.alerts.send_delays import Mute
from domain.coded_text import list_from_json
from domain.documents import DocumentId, public_url
from domain.jurisdictions import jurisdiction_of
from domain.observation import Evidence
from domain.options import PRIORITIES
from domain.ports import DueWork, Notice, WorkerState
from domain.records.corrections import AlertOutcome
from domain.records.detection import past_changes, with_past
from domain.records.facets import Facet, Kind
from domain.records.record import Change, Record
from domain.sources import LONGEST_PAUSE as LONGEST_POLL_PAUSE
from domain.sources import SourceState
from domain.terms import regime_of
from domain.terms.reminders import RegimeStanding, standing
from storage import records, rows
from storage.location import Execute, Row, moment_text, read_moment, read_moment_if

_DUE = """
    WHERE y.state IN ('pending', 'ambiguous') AND y.channel = :channel
      AND (y.due_at <= :now OR y.due_at > :latest)
      AND (y.leased_until IS NULL OR y.leased_until <= :now OR y.leased_until > :longest_lease)
    ORDER BY y.seq LIMIT :limit
"""
"""What waits, its time come (or written by a clock since set back), and in nobody's hands."""

_STRANDED = """
    WHERE y.state IN ('pending', 'ambiguous', 'held') AND y.channel NOT IN (SELECT value FROM json_each(:channels))
    ORDER BY y.seq
"""
_WAITING = "SELECT id FROM delivery WHERE state IN ('pending', 'ambiguous', 'held') ORDER BY seq"
_DUE_SOURCES = """
    SELECT name FROM source WHERE due_at IS NULL OR due_at <= :now OR due_at > :latest ORDER BY due_at, name
"""
_DUE_CHANNELS = """
    SELECT y.channel FROM delivery y LEFT JOIN channel c ON c.name = y.channel
    WHERE y.state IN ('pending', 'ambiguous') AND (y.due_at <= :now OR y.due_at > :latest)
      AND (c.rests_until IS NULL OR c.rests_until <= :now OR c.rests_until > :latest)
    UNION
    SELECT y.channel FROM delivery y WHERE y.leased_until IS NOT NULL AND y.state IN ('pending', 'ambiguous')
"""
"""Also those with a message in somebody's hands: whoever had it may be dead."""

_LEASED = "SELECT 1 FROM delivery WHERE leased_until IS NOT NULL AND channel = :channel LIMIT 1"
_IN_FORCE = "SELECT value FROM meta WHERE name = 'configuration'"
_HAS_JOB = """
    SELECT 1 FROM lexwatch_jobs.procrastinate_jobs j JOIN lexwatch_jobs.procrastinate_workers w ON w.id = j.worker_id
    WHERE j.id = :job AND w.id = :worker AND j.status = 'doing'
      AND w.last_heartbeat > clock_timestamp() - make_interval(secs => :within)
"""
_PLANNED = "SELECT name, value FROM meta WHERE name >= 'next ' AND name < 'next!'"

_NEXT_DUE = """
    SELECT min(at) FROM (
        SELECT min(due_at) AS at FROM source WHERE due_at > :now
        UNION ALL
        SELECT min(due_at) FROM delivery WHERE state IN ('pending', 'ambiguous', 'held') AND due_at > :now
        UNION ALL
        SELECT min(rests_until) FROM channel WHERE rests_until > :now
    ) AS coming
"""
"""When the next source, message or channel is due that is not due now."""

_ENDED_HOLD = "SELECT 1 FROM delivery WHERE state = 'held' AND due_at <= :now LIMIT 1"

_PUBLISHED = """
    SELECT d.identity, max(r.published_at) FROM document d JOIN revision r ON r.document = d.id
    WHERE d.identity IN (SELECT value FROM json_each(:documents)) AND r.published_at IS NOT NULL
    GROUP BY d.id, d.identity
"""
_TITLES = "SELECT id, title FROM v_status WHERE id > :first AND id < :last AND title IS NOT NULL"
_LAST_SEEN = """
    SELECT max(known_from) FROM document WHERE identity = :document OR (identity > :first AND identity < :last)
"""
_REREAD = """
    SELECT d.identity FROM document d JOIN reread r ON r.document = d.id AND r.source = :source
    WHERE d.identity IN (SELECT value FROM json_each(:documents))
"""
_RESTORED = "SELECT 1 FROM meta WHERE name = 'restored_at'"
_IMPORTED = "SELECT digest FROM imported WHERE digest IN (SELECT value FROM json_each(:digests))"

HALF = 32
"""Hexadecimal digits of a digest that an imported file is known by: half of the SHA-256 is ample, and half as large."""

_ABOUT = """
    SELECT a.id, d.identity, a.reasons FROM alert a JOIN document d ON d.id = a.document
    WHERE a.id IN (SELECT value FROM json_each(:alerts))
"""
_WATCHES = """
    SELECT a.id, w.name FROM alert a JOIN alert_watch w ON w.alert = a.seq
    WHERE a.id IN (SELECT value FROM json_each(:alerts)) ORDER BY w.position
"""
_CHANGES = f"""
    SELECT {rows.CHANGED}, a.id FROM alert a JOIN alert_change n ON n.alert = a.seq
    JOIN v_history h ON h.document = n.document AND h.revision = n.revision AND h.position = n.place
    WHERE a.id IN (SELECT value FROM json_each(:alerts)) ORDER BY n.position
"""
_LABELS = """
    SELECT name, note, position, owner, priority, tags FROM watch WHERE name IN (SELECT value FROM json_each(:names))
    ORDER BY id
"""
_CALLED = "SELECT name FROM watch WHERE document = :feed ORDER BY closed_at IS NOT NULL, id DESC LIMIT 1"
_STANDING = """
    SELECT title, url, status, status_on, law, status_text, doubt, introduced_on FROM v_status WHERE id = :document
"""

_CARRYING = """
    SELECT a.seq FROM document d
    JOIN change c ON c.document = d.id AND c.revision = :revision AND c.kind = :kind AND c.subject = :subject
    JOIN alert_change n ON n.document = c.document AND n.revision = c.revision AND n.place = c.position
    JOIN alert a ON a.seq = n.alert
    WHERE d.identity = :document
"""
_ANSWERED = """
    SELECT y.id FROM document d JOIN alert a ON a.document = d.id AND a.revision = :revision
    JOIN delivery_alert m ON m.alert = a.seq JOIN delivery y ON y.seq = m.delivery
    WHERE d.identity = :document AND y.channel = :channel AND y.recipient = :to AND y.id <> :delivery
      AND y.state <> 'withdrawn'
    ORDER BY y.seq LIMIT 1
"""


class SqlReadTransaction(rows.Answers):
    """Answers from one consistent state. Not shared between threads."""

    def record(self, document: DocumentId) -> Record | None:
        return self.records([document]).get(document)

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        return records.records(self._execute, documents)

    def published(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, datetime]:
        """Return the publisher's newest stamp among the revisions of each document that has one."""
        found = self._rows(_PUBLISHED, documents=_listed(documents))
        return {DocumentId.parse(row[0]): read_moment(row[1]) for row in found}

    def not_reread(self, source: str, documents: Collection[DocumentId]) -> frozenset[DocumentId]:
        """Return the documents that a source has not stated since the record was restored; none if it never was."""
        if self._first(_RESTORED) is None:
            return frozenset()
        again = self._rows(_REREAD, documents=_listed(documents), source=source)
        return frozenset(documents) - {DocumentId.parse(row[0]) for row in again}

    def imported(self, digests: Iterable[str]) -> frozenset[str]:
        """Return those of the digests that name files imported before."""
        halves = {digest[:HALF]: digest for digest in digests}
        return frozenset(halves[row[0]] for row in self._rows(_IMPORTED, digests=_listed(halves)))

    def evidence(self, digest: str) -> Evidence | None:
        """Return archived bytes by their digest; None for bytes never read, or read and not kept."""
        row = self._first(rows.EVIDENCE, digest=digest)
        return None if row is None else rows.evidence(row)

    def titles(self, within: DocumentId) -> Mapping[DocumentId, str]:
        """Return the title of every document named within this one that has one."""
        found = self._rows(_TITLES, **_within(within))
        return {DocumentId.parse(row[0]): str(row[1]) for row in found}

    def established(self, scope: str) -> bool:
        return self._first("SELECT 1 FROM scope WHERE name = :scope", scope=scope) is not None

    def source(self, name: str) -> SourceState | None:
        row = self._first(f"{rows.SOURCES} WHERE name = :name", name=name)
        return None if row is None else rows.source(row)

    def watches(self) -> Sequence[Watch]:
        """Return the registered watches that are still wanted, oldest first."""
        return tuple(rows.watch(row) for row in self._rows(rows.WATCHES))

    def matches(self, documents: Iterable[DocumentId] | None = None) -> Sequence[SearchMatch]:
        """Return what searches found: of these documents or all, what was found last first."""
        if documents is None:
            found = self._rows(f"{rows.MATCHES} {rows.LAST_FOUND_FIRST}")
        else:
            chosen = "WHERE d.identity IN (SELECT value FROM json_each(:documents))"
            found = self._rows(f"{rows.MATCHES} {chosen} {rows.LAST_FOUND_FIRST}", documents=_listed(documents))
        return tuple(rows.search_match(row) for row in found)

    def searches(self) -> Mapping[str, str]:
        """Return what each saved search looked for when its finds were written down last."""
        row = self._first("SELECT value FROM meta WHERE name = 'searches'")
        return json.loads(row[0]) if row else {}

    def facets(self, documents: Iterable[DocumentId], names: Iterable[str]) -> Mapping[DocumentId, Mapping[str, Facet]]:
        """Return facets of these names of each document that has a record, as they stand."""
        found = records.facets(self._execute, map(str, documents), names)
        return {DocumentId.parse(document): stated for document, stated in found.items()}

    def documents(self) -> Sequence[DocumentId]:
        """Return every document that has a record."""
        found = self._rows("SELECT identity FROM document WHERE revision > 0 ORDER BY id")
        return [DocumentId.parse(row[0]) for row in found]

    def due(self, channel: str, now: datetime, limit: int) -> Sequence[Delivery]:
        """Return what to send now, in the order it was stored."""
        return self._deliveries(
            _DUE,
            channel=channel,
            now=moment_text(now),
            latest=moment_text(now + LONGEST_PAUSE),
            longest_lease=moment_text(now + LEASE),
            limit=limit,
        )

    def delivery(self, delivery: str) -> Delivery | None:
        return next(iter(self._deliveries("WHERE y.id = :id", id=delivery)), None)

    def dead(self) -> Sequence[Delivery]:
        """Return every message that was given up, oldest first."""
        return self._deliveries("WHERE y.state = 'dead' ORDER BY y.seq")

    def stranded(self, channels: Collection[str]) -> Sequence[Delivery]:
        """Return what still has to be sent by a channel that is none of these, oldest first."""
        return self._deliveries(_STRANDED, channels=_listed(channels))

    def circuit(self, channel: str) -> Circuit:
        """Return whether a channel works; one never used does."""
        row = self._first(f"{rows.CIRCUITS} WHERE channel = :channel", channel=channel)
        return Circuit(channel) if row is None else rows.circuit(row)

    def account(self, channel: str) -> ReportState | None:
        """Return where the coverage reports of a channel stand; None before it was first asked for one."""
        row = self._first(rows.ACCOUNT, channel=channel)
        return None if row is None else rows.account(row)

    def last_seen(self, document: DocumentId) -> datetime | None:
        """Return when something new was last seen of a document or of anything named within it."""
        row = self._first(_LAST_SEEN, document=str(document), **_within(document))
        return read_moment(row[0]) if row and row[0] else None

    def mutes(self, now: datetime) -> Sequence[Mute]:
        """Return the mutes in force, oldest first."""
        return tuple(rows.mute(row) for row in self._rows(rows.MUTES, now=moment_text(now)))

    def waiting(self) -> Sequence[str]:
        """Return the ids of the deliveries that wait to be sent or are held, oldest first."""
        return tuple(str(row[0]) for row in self._rows(_WAITING))

    def has_ended_hold(self, now: datetime) -> bool:
        """Say whether a held delivery has reached its time."""
        return self._first(_ENDED_HOLD, now=moment_text(now)) is not None

    def due_work(self, now: datetime) -> DueWork:
        """Return what is due, as several workers share it out."""
        at = moment_text(now)
        sources = self._rows(_DUE_SOURCES, now=at, latest=moment_text(now + LONGEST_POLL_PAUSE))
        channels = self._rows(_DUE_CHANNELS, now=at, latest=moment_text(now + LONGEST_PAUSE))
        return DueWork(
            tuple(row[0] for row in sources),
            tuple(row[0] for row in channels),
            {row[0].removeprefix("next "): read_moment(row[1]) for row in self._rows(_PLANNED)},
            self.has_ended_hold(now),
            next((row[0] for row in self._rows(_IN_FORCE)), None),
            next((read_moment_if(row[0]) for row in self._rows(_NEXT_DUE, now=at)), None),
        )

    def workers(self) -> Sequence[WorkerState]:
        """Return what the workers last said of themselves, by name."""
        return tuple(rows.worker(row) for row in self._rows(rows.WORKERS))

    def leased(self, channel: str) -> bool:
        """Say whether a message of this channel is in somebody's hands."""
        return self._first(_LEASED, channel=channel) is not None

    def in_force(self, configuration: str) -> bool:
        """Say whether a configuration, known by its digest, is the one that was registered last."""
        row = self._first(_IN_FORCE)
        return row is not None and row[0] == configuration

    def has_job(self, job: int, worker: int, within: float) -> bool:
        """Say whether a job of the queue is in the hands of this worker, who gave a sign of life within so many
        seconds."""
        return self._first(_HAS_JOB, job=job, worker=worker, within=within) is not None

    def past(self, document: DocumentId) -> Sequence[Change]:
        """Return every change in the history of a document, oldest first: also what its first reading carried."""
        first = records.revision(self._execute, document, 1)
        carried = past_changes(first.record, first.source, first.published_at, first.evidence) if first else ()
        found = self._rows(f"{rows.CHANGES} WHERE id = :document ORDER BY revision, position", document=str(document))
        return with_past(carried, [rows.change(row) for row in found])

    def fates(self, changes: Sequence[Change]) -> Sequence[AlertOutcome]:
        """Return every alert that carried one of these changes, once for each recipient."""
        carrying = sorted({row[0] for change in changes for row in self._carrying(change)})
        found: list[AlertOutcome] = []
        for seq in carrying:
            alert = self._alert(seq)
            of_alert = "WHERE y.seq IN (SELECT delivery FROM delivery_alert WHERE alert = :alert) ORDER BY y.seq"
            found += (AlertOutcome(delivery, alert) for delivery in self._deliveries(of_alert, alert=seq))
        return tuple(found)

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        """Return what the message of this delivery has to say: its changes, and each document as it stands."""
        about = self._about(delivery)
        alerts: dict[str, list[str]] = {}
        for alert in delivery.alerts:
            alerts.setdefault(about[alert][0], []).append(alert)
        one_each = [
            replace(delivery, document=DocumentId.parse(document), alerts=tuple(carried))
            for document, carried in alerts.items()
        ]
        if len(one_each) < 2 and not is_digest(delivery.digest_key):
            return self._notice(one_each[0] if one_each else delivery, about, zone)
        return digest(delivery, [self._notice(part, about, zone) for part in one_each])

    def _notice(self, part: Delivery, about: Mapping[str, tuple[str, str]], zone: str) -> Notice:
        """Return what a message about one document says."""
        changes = self._changes_of(part)
        watches = self.watches_of([part])[part.id]
        found = {row[0]: row for row in self._rows(_LABELS, names=_listed(watches))} if watches else {}
        labels = list(zip(*(found[name] for name in watches if name in found), strict=True)) or [()] * 6
        note, position, owner = ("; ".join(filter(None, dict.fromkeys(column))) or None for column in labels[1:4])
        weights = [weight or "normal" for weight in labels[4]]
        known = self._first(_STANDING, document=str(part.document)) or [None] * 8
        title, url, status, status_on, law, text, doubt, introduced_on = known
        original = self._answered(part, changes)
        feed = str(part.document.feed or (changes[0].source if changes else ""))
        called = self._first(_CALLED, feed=feed) if "/" in feed else None
        return Notice(
            delivery=part.id,
            alerts=part.alerts,
            document=part.document,
            title=title,
            url=url or public_url(part.document),
            status=status,
            status_on=status_on,
            changes=changes,
            watches=watches,
            note=note,
            tags=tuple(dict.fromkeys(tag for written in labels[5] if written for tag in json.loads(written))),
            priority=min(weights, key=PRIORITIES.index) if any(labels[4]) else None,
            position=position,
            owner=owner,
            reasons=merged(reason for alert in part.alerts for reason in list_from_json(about[alert][1])),
            created_at=part.created_at,
            to=part.to,
            zone=zone,
            replies_to=original.id if original else None,
            law=law or jurisdiction_of(part.document).law_name(text),
            reported_at=original.created_at if original else None,
            called=called[0] if called else None,
            doubt=doubt,
            introduced_on=introduced_on,
            sponsor=self._sponsor(part.document, changes),
            standing=self._standing(part.document, changes),
        )

    def _sponsor(self, document: DocumentId, changes: Iterable[Change]) -> str | None:
        """Return who brought in a document that is new."""
        if not any(change.kind is Kind.APPEARED for change in changes):
            return None
        stated = records.facets(self._execute, [str(document)], ("sponsors",)).get(str(document), {})
        return "; ".join(str(one["label"]) for one in stated.get("sponsors", {}).values() if one.get("label")) or None

    def _standing(self, document: DocumentId, changes: Sequence[Change]) -> RegimeStanding | None:
        """Say where a regime stands as of its last news."""
        record = self.record(document) if document.kind == "regime" and changes else None
        if record is None:
            return None
        now = max(change.seen_at for change in changes)
        return standing(regime_of(document, record.facets), record.facets, now)

    def _about(self, delivery: Delivery) -> dict[str, tuple[str, str]]:
        """Return the document and the reasons of each alert that a message carries."""
        found = self._rows(_ABOUT, alerts=_listed(delivery.alerts))
        return {alert: (document, reasons) for alert, document, reasons in found}

    def _changes_of(self, delivery: Delivery) -> tuple[Change, ...]:
        """Return the changes that a message is about, each once, in the order of its alerts."""
        found = self._rows(_CHANGES, alerts=_listed(delivery.alerts))
        ordered = sorted(found, key=lambda row: delivery.alerts.index(row[-1]))
        return tuple(dict.fromkeys(rows.change(row) for row in ordered))

    def watches_of(self, deliveries: Sequence[Delivery]) -> Mapping[str, tuple[str, ...]]:
        """Return the names of the watches that each message is for, by its id."""
        names: dict[str, list[str]] = {}
        for alert, name in self._rows(_WATCHES, alerts=_listed(alert for one in deliveries for alert in one.alerts)):
            names.setdefault(alert, []).append(name)
        return {
            one.id: tuple(dict.fromkeys(name for alert in one.alerts for name in names.get(alert, ())))
            for one in deliveries
        }

    def _answered(self, delivery: Delivery, changes: Iterable[Change]) -> Delivery | None:
        """Return the message that these changes correct for this recipient, or None."""
        place = {"channel": delivery.channel, "to": delivery.to, "delivery": delivery.id}
        for change in changes:
            document, _, rest = (change.corrects or "").partition("@")
            if rest:
                revision = int(rest.partition(":")[0])
                row = self._first(_ANSWERED, document=document, revision=revision, **place)
                if row:
                    return self.delivery(row[0])
        return None

    def _carrying(self, change: Change) -> Sequence[Row]:
        return self._rows(
            _CARRYING,
            document=str(change.document),
            revision=change.revision,
            kind=str(change.kind),
            subject=change.subject,
        )

    def _alert(self, seq: int) -> Alert:
        watches = tuple(row[0] for row in self._rows(rows.WATCHES_OF_ALERT, alert=seq))
        changes = tuple(rows.change(row) for row in self._rows(rows.CHANGES_OF_ALERT, alert=seq))
        return rows.alert(self._rows(f"{rows.ALERTS} WHERE a.seq = :alert", alert=seq)[0], watches, changes)

    def _deliveries(self, chosen: str, **parameters: object) -> tuple[Delivery, ...]:
        """Return deliveries with the alerts they carry: two questions, however many there are."""
        found = self._rows(f"{rows.DELIVERIES} {chosen}", **parameters)
        alerts = alerts_of(self._execute, found) if found else {}
        return tuple(rows.delivery(row, alerts[row[-1]]) for row in found)


def alerts_of(execute: Execute, found: Sequence[Row]) -> dict[int, tuple[str, ...]]:
    """Return the ids of the alerts that each of these rows of deliveries carries."""
    carried: dict[int, list[str]] = {row[-1]: [] for row in found}
    for delivery, alert in execute(rows.CARRIED, {"deliveries": json.dumps(list(carried))}):
        carried[delivery].append(alert)
    return {delivery: tuple(alerts) for delivery, alerts in carried.items()}


def _listed(values: Iterable[object]) -> str:
    return json.dumps([str(value) for value in values])


def _within(document: DocumentId) -> dict[str, str]:
    """Return the bounds of what is named within: `xx/bill/45/` to `xx/bill/450`, for 0 follows the stroke."""
    return {"first": f"{document}/", "last": f"{document}0"}
