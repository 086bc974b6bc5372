"""What can be remembered in one unit of work? `domain.ports.Transaction` over SQL.

Runs inside BEGIN IMMEDIATE: what it reads cannot move before it commits, so a check followed by a write is safe.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.changes import Change
from domain.delivery import Delivery, State, released
from domain.detect import Step
from domain.errors import Conflict, StoreError
from domain.identity import DocumentId
from domain.mutes import Mute, held_until, settled
from domain.observation import Evidence
from domain.ports import Notice
from domain.record import Record
from domain.routing import Alert, Watch
from domain.schedule import SourceState
from storage import leases, packing, tables, values, watching
from storage.batch import Batch
from storage.instants import written
from storage.looking import SqlView
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
_ATTACH = "INSERT INTO alert_change (alert, position, document, revision, place) VALUES (?, ?, ?, ?, ?)"
_ASKING = """
    SELECT w.value FROM json_each(?) j JOIN alert a ON a.id = j.value, json_each(a.watches) w ORDER BY j.key, w.key
"""
_NAME = "INSERT INTO document (identity, revision) VALUES (?, 0) ON CONFLICT (identity) DO NOTHING"

_EVIDENCE = table(tables.Evidence)
_DELIVERY = table(tables.Delivery)
_SOURCE = table(tables.Source)

_keep = upsert(_EVIDENCE)
_KEEP = _keep.on_conflict_do_update(
    index_elements=["digest"],
    set_={column.name: _keep.excluded[column.name] for column in _EVIDENCE.c if column.name not in ("id", "digest")},
    where=_EVIDENCE.c.body.is_(None),
)
_ESTABLISH = upsert(table(tables.Scope)).on_conflict_do_nothing()


_mute = upsert(table(tables.Mute))
_MUTE = _mute.on_conflict_do_update(
    index_elements=["kind", "name"], set_={"until": _mute.excluded.until, "created_at": _mute.excluded.created_at}
)


def _save_source(*, but: tuple[str, ...] = ()) -> Any:
    statement = upsert(_SOURCE)
    moved = {c.name: statement.excluded[c.name] for c in _SOURCE.c if c.name not in ("name", *but)}
    return statement.on_conflict_do_update(index_elements=["name"], set_=moved)


_SAVE_SOURCE = _save_source()
_TOUCH = _save_source(but=("cursor",))
_ADD_DELIVERY = insert(_DELIVERY)
_SET_DELIVERY = update(_DELIVERY).where(_DELIVERY.c.id == bindparam("which"))


class SqlTransaction(SqlView):
    """Reads see what was written before in the same transaction."""

    def __init__(self, connection: Connection, trace: Callable[[str], None]) -> None:
        super().__init__(self._run)
        self._connection = connection
        self._trace = trace
        self._batch = Batch(connection, trace)

    def flush(self) -> None:
        """Write what was gathered."""
        self._batch.write()

    def records(self, documents: Iterable[DocumentId]) -> dict[DocumentId, Record]:
        self.flush()
        return dict(super().records(documents))

    def notice(self, delivery: Delivery, zone: str) -> Notice:
        self.flush()
        return super().notice(delivery, zone)

    def save(self, step: Step) -> None:
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
                "body": evidence.packed or packing.archived(evidence.body),
            },
        )

    def establish(self, scope: str, at: datetime) -> None:
        """Remember that a scope has its baseline; the first time counts."""
        self._connection.execute(_ESTABLISH, {"name": scope, "established_at": at})

    def save_source(self, source: SourceState) -> None:
        self._connection.execute(_SAVE_SOURCE, _source(source))

    def touch(self, sources: Sequence[SourceState]) -> None:
        """Remember polls that found nothing, all in one go; cursors stay as stored."""
        if sources:
            self._connection.execute(_TOUCH, [_source(source) for source in sources])

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

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        """Store an alert with its changes and one delivery per recipient, pending or held; a stored alert is left
        alone."""
        self.flush()
        self._trace("store.between_change_and_outbox")
        document = self._key(alert.document)
        number = self._run(
            """INSERT INTO alert (id, document, revision, channel, watches, reason, created_at)
               VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING seq""",
            (
                alert.id,
                document,
                alert.revision,
                alert.channel,
                json.dumps(alert.watches, ensure_ascii=False),
                alert.reason,
                written(now),
            ),
        )
        if number:
            self._attach_changes(number[0][0], alert.changes)
            until = held_until(alert.document, alert.watches, self.mutes(now), now)
            for recipient in dict.fromkeys(recipients):
                self._add_delivery(number[0][0], document, alert, recipient, now, until)

    def claim(self, delivery: Delivery) -> bool:
        """Store a claimed delivery; false if it was taken or changed meanwhile, or a mute holds it from now on."""
        stored = self.delivery(delivery.id)
        if stored is None or not leases.may_claim(stored, delivery):
            return False
        if self._moved([stored], leases.claimed_at(delivery)):
            return False
        self._set(leases.after_claim(stored, delivery))
        return True

    def mark(self, delivery: str) -> None:
        """Remember that the receiver may take the message from now on."""
        self._run("UPDATE delivery SET maybe_sent = 1 WHERE id = ? AND state IN ('pending', 'ambiguous')", (delivery,))

    def finish(self, delivery: Delivery) -> None:
        """Store what an attempt made of the delivery; `storage.leases.after_finish` says when it has no say."""
        stored = self.delivery(delivery.id)
        if stored is None:
            raise StoreError(f"no delivery is called {delivery.id}")
        outcome = leases.after_finish(stored, delivery)
        if outcome is not None:
            self._set(outcome)

    def release(self, now: datetime) -> Sequence[Delivery]:
        """Give back every lease; returns the deliveries as they are now."""
        leased = self._run(f"{values.DELIVERIES} WHERE y.leased_until IS NOT NULL ORDER BY y.seq", ())
        free = tuple(released(values.delivery(row), now) for row in leased)
        for delivery in free:
            self._set(delivery)
        return free

    def mute(self, mute: Mute) -> None:
        """Remember a mute; it takes the place of an earlier one of the same document or watch."""
        self._connection.execute(
            _MUTE, {"kind": _kind(mute), "name": mute.subject, "until": mute.until, "created_at": mute.created_at}
        )

    def unmute(self, mute: Mute) -> None:
        """Forget the mute of this document or watch."""
        self._run("DELETE FROM mute WHERE kind = ? AND name = ?", (_kind(mute), mute.subject))

    def settle(self, now: datetime) -> Sequence[Delivery]:
        """Hold what the mutes cover and free what none covers any more; returns what changed, as it is now."""
        rows = self._run(f"{values.DELIVERIES} WHERE y.state IN ('pending', 'ambiguous', 'held') ORDER BY y.seq", ())
        found = (values.delivery(row) for row in rows)
        return self._moved([delivery for delivery in found if leases.is_free(delivery, now)], now)

    def _moved(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
        """Hold or free deliveries as the mutes want it; returns those that changed."""
        mutes = self.mutes(now)
        after = [(before, settled(before, self._asking(before), mutes, now)) for before in deliveries]
        moved = tuple(delivery for before, delivery in after if delivery != before)
        for delivery in moved:
            self._set(delivery)
        return moved

    def _asking(self, delivery: Delivery) -> Sequence[str]:
        """Return the names of the watches that a message is for."""
        rows = self._run(_ASKING, (json.dumps(delivery.alerts),))
        return tuple(dict.fromkeys(row[0] for row in rows))

    def _advance(self, step: Step) -> int:
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

    def _key(self, document: DocumentId) -> int:
        """Return the key of a document; one never seen (a source, a channel) gets a name without a record."""
        self._run(_NAME, (str(document),))
        return int(self._run("SELECT id FROM document WHERE identity = ?", (str(document),))[0][0])

    def _attach_changes(self, alert: int, changes: Sequence[Change]) -> None:
        together: dict[tuple[int, int], dict[str, Change]] = {}
        for change in changes:
            together.setdefault((self._key(change.document), change.revision), {})[change.key] = change
        position = 0
        for (document, revision), told in together.items():
            places = self._batch.write_changes(document, revision, told.values())
            for key in told:
                self._run(_ATTACH, (alert, position, document, revision, places[key]))
                position += 1

    def _add_delivery(
        self, alert: int, document: int, of: Alert, recipient: str, now: datetime, until: datetime | None
    ) -> None:
        added = self._connection.execute(
            _ADD_DELIVERY,
            {
                "id": of.delivery_id(recipient),
                "document": document,
                "channel": of.channel,
                "recipient": recipient,
                "state": str(State.PENDING if until is None else State.HELD),
                "attempts": 0,
                "due_at": until or now,
                "held_until": until,
                "created_at": now,
                "maybe_sent": False,
                "possible_repeat": False,
            },
        )
        self._run(
            "INSERT INTO delivery_alert (delivery, position, alert) VALUES (?, 0, ?)",
            (added.lastrowid, alert),
        )

    def _set(self, delivery: Delivery) -> None:
        message = delivery.message
        self._connection.execute(
            _SET_DELIVERY,
            {
                "which": delivery.id,
                "state": str(delivery.state),
                "attempts": delivery.attempts,
                "due_at": delivery.due_at,
                "leased_until": delivery.leased_until,
                "sent_at": delivery.sent_at,
                "error": delivery.error,
                "maybe_sent": delivery.maybe_sent,
                "possible_repeat": delivery.possible_repeat,
                "subject": message and message.subject,
                "body": message and message.body,
                "content_type": message and message.content_type,
                "held_until": delivery.held_until,
            },
        )

    def _run(self, sql: str, parameters: tuple[object, ...]) -> Sequence[values.Row]:
        result = self._connection.exec_driver_sql(sql, parameters)
        return result.fetchall() if result.returns_rows else ()


def _kind(mute: Mute) -> str:
    return "watch" if mute.document is None else "document"


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
    }
