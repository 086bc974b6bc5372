"""What becomes of messages in one unit of work? The outbox half of `domain.ports.Transaction` over SQL."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, bindparam, insert, update
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.alerts.audit import seal_of_message
from domain.alerts.delivery import Circuit, Delivery, State, recalled, released, revived
from domain.alerts.routing import Alert
from domain.alerts.send_delays import BURST, Holds, Mute, QuietHours, settled
from domain.coded_text import list_to_json
from domain.documents import DocumentId
from domain.errors import StoreError
from domain.records.record import Change
from storage import correcting, leases, sealing, tables, values
from storage.batch import Batch
from storage.instants import read_if, written
from storage.looking import CHANGES_TOLD, SqlView
from storage.readying import Ready
from storage.tables import table

_ATTACH = "INSERT INTO alert_change (alert, position, document, revision, place) VALUES (?, ?, ?, ?, ?)"
_ASKING = """
    SELECT w.value FROM json_each(?) j JOIN alert a ON a.id = j.value, json_each(a.watches) w ORDER BY j.key, w.key
"""
_NAME = "INSERT INTO document (identity, revision) VALUES (?, 0) ON CONFLICT (identity) DO NOTHING"

_SPOKEN = """
    SELECT max(y.sent_at) FROM delivery y
    WHERE y.document = (SELECT id FROM document WHERE identity = ?) AND y.channel = ? AND y.recipient = ?
      AND y.state = 'sent' AND y.not_before IS NULL AND y.sent_at <= ?
"""
_ADDRESSED = """
    SELECT 1 FROM delivery_alert m JOIN delivery y ON y.seq = m.delivery WHERE m.alert = ? AND y.recipient = ?
"""
_SET_BURST = """
    INSERT INTO meta (name, value) VALUES ('burst', ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value
"""
_OPEN = f"""{values.DELIVERIES}
    WHERE y.id IN (SELECT value FROM json_each(?)) AND y.state IN ('pending', 'ambiguous', 'held') ORDER BY y.seq
"""
_MOVE = """
    UPDATE delivery_alert SET delivery = ?, position = position + ?
    WHERE delivery = (SELECT seq FROM delivery WHERE id = ?)
"""

_DELIVERY = table(tables.Delivery)
_CHANNEL = table(tables.Channel)

_mute = upsert(table(tables.Mute))
_MUTE = _mute.on_conflict_do_update(
    index_elements=["kind", "name"], set_={"until": _mute.excluded.until, "created_at": _mute.excluded.created_at}
)


def _save_channel(*names: str) -> Any:
    statement = upsert(_CHANNEL)
    moved = {name: statement.excluded[name] for name in names}
    return statement.on_conflict_do_update(index_elements=["name"], set_=moved)


_SAVE_CIRCUIT = _save_channel("failures", "since", "rests_until", "error", "told", "changes", "refused")
_EQUIP = _save_channel("quiet", "zone", "urgent")
_ADD_DELIVERY = insert(_DELIVERY)
_SET_DELIVERY = update(_DELIVERY).where(_DELIVERY.c.id == bindparam("which"))


class SqlOutbox(SqlView):
    """Runs inside the transaction of `storage.writing`; what it reads cannot move before that commits."""

    def __init__(self, connection: Connection, trace: Callable[[str], None], ready: Ready) -> None:
        super().__init__(self._run)
        self._connection = connection
        self._trace = trace
        self._ready = ready
        self._batch = Batch(connection, trace, ready)

    def flush(self) -> None:
        """Write what was gathered."""
        self._batch.write()

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        """Store an alert with its changes and one delivery per recipient, pending or held; a stored alert is left
        alone."""
        self.flush()
        self._trace("store.between_change_and_outbox")
        document = self._key(alert.document)
        number = self._run(
            """INSERT INTO alert (id, document, revision, channel, watches, reason, created_at, rhythm)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING RETURNING seq""",
            (
                alert.id,
                document,
                alert.revision,
                alert.channel,
                json.dumps(alert.watches, ensure_ascii=False),
                list_to_json(alert.reasons),
                written(now),
                alert.when and alert.when.written,
            ),
        )
        if number:
            self._attach_changes(number[0][0], alert.changes)
            self._seal(number[0][0], alert, now)
            for recipient in dict.fromkeys(recipients):
                self._add_delivery(number[0][0], document, alert, recipient, now)

    def claim(self, delivery: Delivery) -> bool:
        """Store a claimed delivery; false if it was taken or changed meanwhile, or a mute holds it from now on."""
        stored = self.delivery(delivery.id)
        if stored is None or not leases.may_claim(stored, delivery):
            return False
        if self._moved([stored], leases.claimed_at(delivery)):
            return False
        self._set(leases.after_claim(stored, delivery))
        return True

    def withdraw(self, delivery: str, reason: str) -> bool:
        """Withdraw a message that nobody tried to send yet; false if somebody did, or it is gone."""
        return correcting.withdraw(self._run, delivery, reason)

    def recall(self, delivery: str, reason: str) -> bool:
        """Withdraw a message that was given up; false if it is not dead."""
        stored = self.delivery(delivery)
        if stored is None or stored.state is not State.DEAD:
            return False
        self._set(recalled(stored, reason))
        return True

    def address(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        """Give a stored alert further recipients; who has a message of it already gets no second one."""
        number, document = self._run("SELECT seq, document FROM alert WHERE id = ?", (alert.id,))[0]
        for recipient in dict.fromkeys(recipients):
            if not self._run(_ADDRESSED, (number, recipient)):
                self._add_delivery(number, document, alert, recipient, now)

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

    def settle(self, now: datetime, among: Collection[str] | None = None) -> Sequence[Delivery]:
        """Hold what the mutes cover and free what none covers any more; returns what changed, as it is now."""
        chosen = json.dumps(list(self.waiting() if among is None else among))
        rows = self._run(_OPEN, (chosen,))
        found = (values.delivery(row) for row in rows)
        return self._moved([delivery for delivery in found if leases.is_free(delivery, now)], now)

    def join(self, bundle: Sequence[Delivery]) -> bool:
        """Make one message of several that nobody tried to send; false if one of them was taken or changed."""
        stored = [self.delivery(delivery.id) for delivery in bundle]
        if list(bundle) != stored or not all(d.is_untouched for d in bundle) or len(bundle) < 2:
            return False
        carrier = self._run("SELECT seq FROM delivery WHERE id = ?", (bundle[0].id,))[0][0]
        place = len(bundle[0].alerts)
        for delivery in bundle[1:]:
            self._run(_MOVE, (carrier, place, delivery.id))
            self._run("DELETE FROM delivery WHERE id = ?", (delivery.id,))
            place += len(delivery.alerts)
        return True

    def revive(self, deliveries: Sequence[str] | None, now: datetime) -> Sequence[Delivery]:
        """Make dead deliveries, those named or all, wait to be sent again; returns them as they are now."""
        rows = self._run(f"{values.DELIVERIES} WHERE y.state = 'dead' ORDER BY y.seq", ())
        dead = (values.delivery(row) for row in rows)
        again = [revived(delivery, now) for delivery in dead if deliveries is None or delivery.id in deliveries]
        for delivery in again:
            self._set(delivery)
        moved = {delivery.id: delivery for delivery in self._moved(again, now)}
        return tuple(moved.get(delivery.id, delivery) for delivery in again)

    def save_circuit(self, circuit: Circuit) -> None:
        """Remember whether a channel works."""
        self._connection.execute(
            _SAVE_CIRCUIT,
            {
                "name": circuit.channel,
                "failures": circuit.failures,
                "since": circuit.since,
                "rests_until": circuit.rests_until,
                "error": circuit.error,
                "told": circuit.told,
                "changes": circuit.changes,
                "refused": circuit.refused,
            },
        )

    def equip(self, quiet: Mapping[str, QuietHours], burst: timedelta = BURST) -> None:
        """Make the stored quiet hours, and how long a burst is, equal to these."""
        self._run(_SET_BURST, (str(burst.total_seconds()),))
        self._run("UPDATE channel SET quiet = NULL, zone = NULL, urgent = NULL WHERE quiet IS NOT NULL", ())
        for name, hours in quiet.items():
            self._connection.execute(
                _EQUIP, {"name": name, "quiet": str(hours), "zone": hours.zone, "urgent": json.dumps(hours.urgent)}
            )

    def _moved(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
        """Hold or free deliveries as what holds them wants it; returns those that changed."""
        mutes, quiet = self.mutes(now), self.quiet()
        after = [(before, settled(before, self._holds(before, mutes, quiet, now), now)) for before in deliveries]
        moved = tuple(delivery for before, delivery in after if delivery != before)
        for delivery in moved:
            self._set(delivery)
        return moved

    def _holds(
        self, delivery: Delivery, mutes: Sequence[Mute], quiet: Mapping[str, QuietHours], now: datetime
    ) -> Holds:
        hours = quiet.get(delivery.channel)
        until = hours.until(now) if hours is not None else None
        if hours is not None and until is not None and hours.urgent and hours.lets_pass(self._told(delivery)):
            until = None
        spoken_at = self._spoken_at(delivery, now)
        return Holds(mutes, self._asking(delivery) if mutes else (), until, spoken_at, self._burst())

    def _burst(self) -> timedelta:
        row = self._first("SELECT value FROM meta WHERE name = 'burst'")
        return BURST if row is None else timedelta(seconds=float(row[0]))

    def _spoken_at(self, delivery: Delivery, now: datetime) -> datetime | None:
        """Return when the recipient was last told of the document, at once and by this channel."""
        place = (str(delivery.document), delivery.channel, delivery.to)
        return read_if(self._run(_SPOKEN, (*place, written(now)))[0][0]) if delivery.is_untouched else None

    def _told(self, delivery: Delivery) -> Sequence[Change]:
        return tuple(values.change(row) for row in self._run(CHANGES_TOLD, (json.dumps(delivery.alerts),)))

    def _asking(self, delivery: Delivery) -> Sequence[str]:
        """Return the names of the watches that a message is for."""
        rows = self._run(_ASKING, (json.dumps(delivery.alerts),))
        return tuple(dict.fromkeys(row[0] for row in rows))

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

    def _seal(self, key: int, alert: Alert, now: datetime) -> None:
        """Seal an alert with its changes as they are stored."""
        stored = (values.change(row) for row in self._run(CHANGES_TOLD, (json.dumps([alert.id]),)))
        self._run("UPDATE alert SET seal = ? WHERE seq = ?", (sealing.seal(self._run, alert, stored, now), key))

    def _add_delivery(self, alert: int, document: int, of: Alert, recipient: str, now: datetime) -> None:
        delivery = leases.first(of, recipient, now)
        added = self._connection.execute(
            _ADD_DELIVERY,
            {
                "id": delivery.id,
                "document": document,
                "channel": delivery.channel,
                "recipient": delivery.to,
                "state": str(delivery.state),
                "attempts": 0,
                "due_at": now,
                "created_at": now,
                "maybe_sent": False,
                "possible_repeat": False,
                "tray": delivery.tray,
                "not_before": delivery.not_before,
            },
        )
        self._run(
            "INSERT INTO delivery_alert (delivery, position, alert) VALUES (?, 0, ?)",
            (added.lastrowid, alert),
        )
        self._moved([delivery], now)

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
                "seal": message and seal_of_message(message, delivery.alerts),
            },
        )

    def _run(self, sql: str, parameters: tuple[object, ...]) -> Sequence[values.Row]:
        result = self._connection.exec_driver_sql(sql, parameters)
        return result.fetchall() if result.returns_rows else ()


def _kind(mute: Mute) -> str:
    return "watch" if mute.document is None else "document"
