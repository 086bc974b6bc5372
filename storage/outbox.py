"""What becomes of messages in one unit of work? The outbox half of `domain.ports.Transaction` over SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.dialects import postgresql, sqlite

from domain.alerts.audit import seal_of_alert, seal_of_message
from domain.alerts.delivery import (
    Circuit,
    Delivery,
    State,
    after_claim,
    after_finish,
    claimed_at,
    first_delivery,
    is_free,
    may_claim,
    recalled,
    released,
    revived,
)
from domain.alerts.routing import Alert
from domain.alerts.send_delays import Holds, HoldSettings, Mute, settled
from domain.coded_text import list_to_json
from domain.documents import DocumentId
from domain.errors import StoreError
from domain.records.facets import Kind
from domain.records.record import Change
from domain.sources import SourceState
from storage import rows, tables
from storage.batch import Batch
from storage.location import Execute, Row, for_postgresql, moment_text, moment_text_if, read_moment_if
from storage.read import SqlReadTransaction
from storage.records import EntryForm, stated_digests
from storage.revision_rows import Prepared
from storage.tables import table

_NAME = "INSERT INTO document (identity, revision) VALUES (:document, 0) ON CONFLICT (identity) DO NOTHING"

_LAST_SENT = """
    SELECT max(y.sent_at) FROM delivery y
    WHERE y.document = (SELECT id FROM document WHERE identity = :document) AND y.channel = :channel
      AND y.recipient = :to AND y.state = 'sent' AND y.not_before IS NULL AND y.sent_at <= :now
"""
_ADDRESSED = """
    SELECT 1 FROM delivery_alert m JOIN delivery y ON y.seq = m.delivery
    WHERE m.alert = :alert AND y.recipient = :recipient
"""
_OPEN = """
    WHERE y.id IN (SELECT value FROM json_each(:ids)) AND y.state IN ('pending', 'ambiguous', 'held') ORDER BY y.seq
"""
_MOVE = """
    UPDATE delivery_alert SET delivery = :carrier, position = position + :offset
    WHERE delivery = (SELECT seq FROM delivery WHERE id = :id)
"""
_MARK = """
    UPDATE delivery SET maybe_sent = TRUE
    WHERE id = :id AND attempts = :attempts AND leased_until = :until RETURNING id
"""
"""A claim is known by its number and its lease: a sender whose message was given to another must not send it."""

_ARRIVED = """
    UPDATE delivery SET state = 'sent', sent_at = :at, due_at = :due, leased_until = NULL, error = NULL,
        maybe_sent = FALSE, possible_repeat = possible_repeat OR :repeat
    WHERE id = :id AND attempts = :attempts AND state IN ('pending', 'ambiguous') AND body IS NOT NULL RETURNING id
"""
"""What `after_finish` says of a message that its present attempt brought to its receiver."""

_WITHDRAW = """
    UPDATE delivery SET state = 'withdrawn', error = :reason
    WHERE id = :id AND state IN ('pending', 'held') AND attempts = 0 AND body IS NULL AND leased_until IS NULL
      AND NOT maybe_sent AND NOT possible_repeat
      AND (SELECT count(*) FROM delivery_alert WHERE delivery = delivery.seq) = 1
    RETURNING id
"""
"""`domain.records.corrections.is_open` is the rule in words."""

_COUNT_CLAIMS = """
    UPDATE meta SET value = CAST(CAST(value AS INTEGER) + CAST(:claims AS INTEGER) AS VARCHAR)
    WHERE name = 'claims' RETURNING value
"""
"""A copy of the database that is restored is known by it: the marker outside remembers a larger one."""

_DELIVERY = table(tables.DeliveryRows)
_ADD_ALERT = insert(table(tables.AlertRows)).returning(table(tables.AlertRows).c.seq)
_ADD_DELIVERY = insert(_DELIVERY).returning(_DELIVERY.c.seq)
_SET_DELIVERY = update(_DELIVERY).where(_DELIVERY.c.id == bindparam("which"))

REPEATS_AFTER_RESTORE = timedelta(days=1)
"""How long after a restore what no source stated (reminders, messages to the operator) counts as a possible repeat."""

REREAD_AFTER_RESTORE = timedelta(days=30)
"""How long after a restore the first reading of a document does not prove that all that a source states of it was read
again: a list of its actions, say, may have failed, and comes later."""

_KNOWN_AT = "SELECT 1 FROM document WHERE identity = :document AND first_seen_at <= :restored"
_IS_REREAD = """
    SELECT 1 FROM reread r JOIN document d ON d.id = r.document WHERE d.identity = :document AND r.source = :source
"""

_REMEMBER = """
    INSERT INTO meta (name, value) VALUES (:name, :value) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""

_LATEST_ZONE = timedelta(hours=14)
"""How far the zone where a day begins first is ahead of UTC."""


@dataclass(frozen=True, slots=True)
class RecordIdentity:
    """Which record this is: `epoch` is new with each birth and each restore and goes into every identity made from then
    on; `restored_at` is when a backup was last taken up, None for a record that never was one; `born` is
    the first epoch. `rehearsal` says that it is written by a simulated clock."""

    epoch: str = ""
    restored_at: datetime | None = None
    born: str = ""
    rehearsal: bool = False


@lru_cache(maxsize=64)
def upsert(dialect: str, row: type[tables.StoredRow], moved: tuple[str, ...]) -> Any:
    """Return the statement that adds a row, or moves these columns of the one with the same key; none: leave it."""
    make: Any = postgresql.insert if dialect == "postgresql" else sqlite.insert
    statement = make(table(row))
    if not moved:
        return statement.on_conflict_do_nothing()
    keys = [column.name for column in table(row).primary_key]
    return statement.on_conflict_do_update(index_elements=keys, set_={name: statement.excluded[name] for name in moved})


def execute_on(connection: Connection) -> Execute:
    """Return how plain statements are run on a connection of SQLAlchemy, on either database. They go to the driver
    itself: SQLAlchemy's way takes twenty times as long, which counts where a page asks for each of its documents."""
    driver: Any = connection.connection.driver_connection
    foreign = connection.dialect.name == "postgresql"

    def execute(sql: str, parameters: Mapping[str, object]) -> Sequence[Row]:
        cursor = driver.execute(for_postgresql(sql) if foreign else sql, parameters)
        return cursor.fetchall() if cursor.description else ()

    return execute


def remember(connection: Connection, marks: Mapping[str, str]) -> None:
    """Write what the database says of itself (`storage.tables.MetaRows`), in place of what it said before."""
    execute = execute_on(connection)
    for name, value in marks.items():
        execute(_REMEMBER, {"name": name, "value": value})


class SqlOutbox(SqlReadTransaction):
    """Runs inside the transaction of `storage.write`; what it reads cannot move before that commits."""

    def __init__(
        self,
        connection: Connection,
        identity: RecordIdentity,
        holds: HoldSettings,
        prepared: Prepared,
        trace: Callable[[str], None],
    ) -> None:
        super().__init__(execute_on(connection))
        self._connection = connection
        self._identity = identity
        self._settings = holds
        self._prepared = prepared
        self._trace = trace
        self._batch = Batch(connection, self._execute, trace, prepared)
        self.claims: int | None = None
        self._claimed = 0

    def flush(self) -> None:
        """Write what was gathered."""
        self._batch.write()

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> Alert:
        """Store an alert with its changes and one delivery per recipient, pending or held; a stored alert is left
        alone. Returns it under the identity that it has in this record."""
        self.flush()
        self._trace("store.between_change_and_outbox")
        alert = replace(alert, epoch=self._identity.epoch)
        if self._first("SELECT 1 FROM alert WHERE id = :id", id=alert.id) is not None:
            return alert
        document = self._key(alert.document)
        number = self._connection.execute(_ADD_ALERT, _alert(alert, document, now)).scalar_one()
        names = [{"alert": number, "position": place, "name": name} for place, name in enumerate(alert.watches)]
        if names:
            self._connection.execute(insert(table(tables.AlertWatchRows)), names)
        self._attach_changes(number, alert.changes)
        self._seal(number, alert, now)
        for recipient in dict.fromkeys(recipients):
            self._add_delivery(number, document, alert, recipient, now)
        return alert

    def claim(self, delivery: Delivery) -> bool:
        """Store a claimed delivery; false if it was taken or changed meanwhile, or a mute holds it from now on."""
        stored = self.delivery(delivery.id)
        if stored is None or not may_claim(stored, delivery):
            return False
        if self._moved([stored], claimed_at(delivery)):
            return False
        self._set(after_claim(stored, delivery))
        self._claimed += 1
        return True

    def count_claims(self) -> None:
        """Count the claims of this transaction. The last thing it does: all who claim wait for this one row."""
        if self._claimed:
            self.claims = int(self._rows(_COUNT_CLAIMS, claims=self._claimed)[0][0])

    def add_forms(self, forms: Collection[EntryForm]) -> None:
        """Number forms of entries that a transaction beside others is going to need."""
        self._batch.add_forms(forms)

    def withdraw(self, delivery: str, reason: str) -> bool:
        """Withdraw a message that nobody tried to send yet; false if somebody did, or it is gone."""
        return bool(self._rows(_WITHDRAW, id=delivery, reason=reason))

    def recall(self, delivery: str, reason: str) -> bool:
        """Withdraw a message that was given up; false if it is not dead."""
        stored = self.delivery(delivery)
        if stored is None or stored.state is not State.DEAD:
            return False
        self._set(recalled(stored, reason))
        return True

    def add_recipients(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        """Give a stored alert further recipients; who has a message of it already gets no second one."""
        number, document = self._rows("SELECT seq, document FROM alert WHERE id = :id", id=alert.id)[0]
        for recipient in dict.fromkeys(recipients):
            if not self._rows(_ADDRESSED, alert=number, recipient=recipient):
                self._add_delivery(number, document, alert, recipient, now)

    def mark(self, delivery: Delivery) -> bool:
        """Remember that the receiver may take a claimed message from now on; false when the claim does not hold any
        more, for then somebody else sends it."""
        until = moment_text(delivery.leased_until) if delivery.leased_until else None
        return bool(self._rows(_MARK, id=delivery.id, attempts=delivery.attempts, until=until))

    def finish(self, delivery: Delivery) -> None:
        """Store what an attempt made of the delivery; `domain.alerts.delivery.after_finish` says when it has no say."""
        if delivery.state is State.SENT and self._arrived(delivery):
            return
        stored = self.delivery(delivery.id)
        if stored is None:
            raise StoreError(f"no delivery is called {delivery.id}")
        outcome = after_finish(stored, delivery)
        if outcome is not None:
            self._set(outcome)

    def release(self, now: datetime, channel: str | None = None) -> Sequence[Delivery]:
        """Give back every lease, of one channel or all; returns the deliveries as they are now."""
        leased = self._deliveries(
            "WHERE y.leased_until IS NOT NULL AND (y.channel = :channel OR CAST(:channel AS VARCHAR) IS NULL) "
            "ORDER BY y.seq",
            channel=channel,
        )
        free = tuple(released(delivery, now) for delivery in leased)
        for delivery in free:
            self._set(delivery)
        return free

    def mute(self, mute: Mute) -> None:
        """Remember a mute; it takes the place of an earlier one of the same document or watch."""
        values = {"kind": _kind(mute), "name": mute.subject, "until": mute.until, "created_at": mute.created_at}
        self._connection.execute(self._upsert(tables.MuteRows, "until", "created_at"), values)

    def unmute(self, mute: Mute) -> None:
        """Forget the mute of this document or watch."""
        self._rows("DELETE FROM mute WHERE kind = :kind AND name = :name", kind=_kind(mute), name=mute.subject)

    def settle(self, now: datetime, among: Collection[str] | None = None) -> Sequence[Delivery]:
        """Hold what the hold settings and mutes cover and free what none covers any more; returns what changed, as it
        is now."""
        chosen = json.dumps(list(self.waiting() if among is None else among))
        found = self._deliveries(_OPEN, ids=chosen)
        return self._moved([delivery for delivery in found if is_free(delivery, now)], now)

    def join(self, bundle: Sequence[Delivery]) -> bool:
        """Make one message of several that nobody tried to send; false if one of them was taken or changed."""
        stored = [self.delivery(delivery.id) for delivery in bundle]
        if list(bundle) != stored or not all(d.is_untouched for d in bundle) or len(bundle) < 2:
            return False
        carrier = self._rows("SELECT seq FROM delivery WHERE id = :id", id=bundle[0].id)[0][0]
        offset = len(bundle[0].alerts)
        for delivery in bundle[1:]:
            self._rows(_MOVE, carrier=carrier, offset=offset, id=delivery.id)
            self._rows("DELETE FROM delivery WHERE id = :id", id=delivery.id)
            offset += len(delivery.alerts)
        if any(delivery.possible_repeat for delivery in bundle[1:]) and not bundle[0].possible_repeat:
            self._set(replace(bundle[0], possible_repeat=True))
        return True

    def revive(self, deliveries: Sequence[str] | None, now: datetime) -> Sequence[Delivery]:
        """Make dead deliveries, those named or all, wait to be sent again; returns them as they are now."""
        again = [revived(d, now) for d in self.dead() if deliveries is None or d.id in deliveries]
        for delivery in again:
            self._set(delivery)
        moved = {delivery.id: delivery for delivery in self._moved(again, now)}
        return tuple(moved.get(delivery.id, delivery) for delivery in again)

    def save_circuit(self, circuit: Circuit) -> None:
        """Remember whether a channel works."""
        values = {
            "failures": circuit.failures,
            "since": circuit.since,
            "rests_until": circuit.rests_until,
            "error": circuit.error,
            "operator_knows": circuit.operator_knows,
            "changes": circuit.changes,
            "refused": circuit.refused,
        }
        self._connection.execute(self._upsert(tables.ChannelRows, *values), {"name": circuit.channel, **values})

    def _moved(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
        """Hold or free deliveries as what holds them wants it; returns those that changed."""
        mutes = self.mutes(now) if deliveries else ()
        after = [(before, settled(before, self._holds(before, mutes, now), now)) for before in deliveries]
        moved = tuple(delivery for before, delivery in after if delivery != before)
        for delivery in moved:
            self._set(delivery)
        return moved

    def _holds(self, delivery: Delivery, mutes: Sequence[Mute], now: datetime) -> Holds:
        hours = self._settings.quiet.get(delivery.channel)
        until = hours.until(now) if hours is not None else None
        if hours is not None and until is not None and hours.urgent and hours.lets_pass(self._changes_of(delivery)):
            until = None
        watches = self.watches_of([delivery])[delivery.id] if mutes else ()
        return Holds(mutes, watches, until, self._last_sent_at(delivery, now), self._settings.burst)

    def _last_sent_at(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Return when the recipient last got a message about the document, at once and by this channel."""
        if not delivery.is_untouched or not self._settings.burst:
            return None
        place = {"document": str(delivery.document), "channel": delivery.channel, "to": delivery.to}
        return read_moment_if(self._rows(_LAST_SENT, now=moment_text(now), **place)[0][0])

    def _key(self, document: DocumentId) -> int:
        """Return the key of a document; one never seen (a source, a channel) gets a name without a record."""
        self._rows(_NAME, document=str(document))
        return int(self._rows("SELECT id FROM document WHERE identity = :document", document=str(document))[0][0])

    def _attach_changes(self, alert: int, changes: Sequence[Change]) -> None:
        together: dict[tuple[int, int], dict[str, Change]] = {}
        for change in changes:
            together.setdefault((self._key(change.document), change.revision), {})[change.key] = change
        values = []
        for (document, revision), found in together.items():
            places = self._batch.write_changes(document, revision, found.values())
            values += [{"document": document, "revision": revision, "place": places[key]} for key in found]
        numbered = [{"alert": alert, "position": position, **value} for position, value in enumerate(values)]
        if numbered:
            self._connection.execute(insert(table(tables.AlertChangeRows)), numbered)

    def _seal(self, key: int, alert: Alert, now: datetime) -> None:
        """Seal an alert with its changes as they are stored, and with the states they belong to."""
        changes = tuple(rows.change(row) for row in self._rows(rows.CHANGES_OF_ALERT, alert=key))
        seal = seal_of_alert(replace(alert, changes=changes), stored(now), stated_digests(self._execute, changes))
        self._rows("UPDATE alert SET seal = :seal WHERE seq = :alert", seal=seal, alert=key)

    def _add_delivery(self, alert: int, document: int, of: Alert, recipient: str, now: datetime) -> None:
        repeats = self._may_repeat(of, now)
        delivery = replace(first_delivery(of, recipient, now), possible_repeat=repeats)
        values = {
            "id": delivery.id,
            "document": document,
            "channel": delivery.channel,
            "recipient": delivery.to,
            "state": str(delivery.state),
            "attempts": 0,
            "due_at": now,
            "created_at": now,
            "maybe_sent": False,
            "possible_repeat": repeats,
            "digest_key": delivery.digest_key,
            "not_before": delivery.not_before,
        }
        number = self._connection.execute(_ADD_DELIVERY, values).scalar_one()
        carried = {"delivery": number, "position": 0, "alert": alert}
        self._connection.execute(insert(table(tables.DeliveryAlertRows)), carried)
        self._moved([delivery], now)

    def _may_repeat(self, alert: Alert, now: datetime) -> bool:
        """Say whether this may have been sent before the backup was restored, and be told again."""
        restored_at = self._identity.restored_at
        if restored_at is None:
            return False
        known = self._first(_KNOWN_AT, document=str(alert.document), restored=moment_text(restored_at)) is not None
        reading = {}
        for name in {change.source for change in alert.changes}:
            again = self._first(_IS_REREAD, document=str(alert.document), source=name) is not None
            reading[name] = ReadingSinceRestore(self.source(name), restored_at, known, again)
        return any(_may_be_a_repeat(change, reading[change.source], now) for change in alert.changes)

    def _arrived(self, sent: Delivery) -> bool:
        at, due = moment_text_if(sent.sent_at), moment_text(sent.due_at)
        repeat = {"repeat": sent.possible_repeat}
        return bool(self._rows(_ARRIVED, id=sent.id, attempts=sent.attempts, at=at, due=due, **repeat))

    def _set(self, delivery: Delivery) -> None:
        message = delivery.message
        values = {
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
            "counted_only": json.dumps(message.counted_only) if message else None,
            "held_until": delivery.held_until,
            "seal": message and seal_of_message(message, delivery.alerts),
        }
        self._connection.execute(_SET_DELIVERY, values)

    def _upsert(self, row: type[tables.StoredRow], *moved: str) -> Any:
        return upsert(self._connection.dialect.name, row, moved)


@dataclass(frozen=True, slots=True)
class ReadingSinceRestore:
    """How far a source has read a document since a backup was restored: whether the backup `knows` the document, and
    whether the source has stated it `again`, or for the first time, since then."""

    source: SourceState | None
    restored_at: datetime
    known: bool
    again: bool


def _may_be_a_repeat(change: Change, reading: ReadingSinceRestore, now: datetime) -> bool:
    """Say whether a change may have been known before the restore: its source was not read well since, or had not read
    this document when the change came, however long ago the restore was, unless the day of the change is later. What
    the first reading left out comes within REREAD_AFTER_RESTORE."""
    source, restored_at = reading.source, reading.restored_at
    if source is None:
        return now < restored_at + REPEATS_AFTER_RESTORE
    if source.last_good_at is None or source.last_good_at < restored_at:
        return True
    if reading.again and now >= restored_at + REREAD_AFTER_RESTORE:
        return False
    if change.published_at is not None and change.published_at <= restored_at:
        return True
    if change.happened_on is not None:
        return change.happened_on[:10] <= (restored_at + _LATEST_ZONE).date().isoformat()
    # Of what the backup does not know only the faults of the poll before say that it may have been there.
    unread = reading.known and not reading.again
    return (unread or source.error is not None) and change.kind is not Kind.SOURCE


def stored(moment: datetime) -> datetime:
    """Return a moment as it reads back: in UTC."""
    return datetime.fromisoformat(moment_text(moment))


def _alert(alert: Alert, document: int, now: datetime) -> dict[str, Any]:
    return {
        "id": alert.id,
        "document": document,
        "revision": alert.revision,
        "channel": alert.channel,
        "reasons": list_to_json(alert.reasons),
        "created_at": now,
        "schedule": alert.when and alert.when.written,
        "epoch": alert.epoch,
    }


def _kind(mute: Mute) -> str:
    return "watch" if mute.document is None else "document"
