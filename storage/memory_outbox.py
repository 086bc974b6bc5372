"""What becomes of messages in one unit of work without a disk? The outbox half of `domain.ports.Transaction`."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from domain.alerts.delivery import Circuit, Delivery, State, recalled, released, revived
from domain.alerts.routing import Alert
from domain.alerts.send_delays import BURST, Holds, Mute, QuietHours, settled
from domain.errors import StoreError
from domain.records.corrections import is_open
from domain.records.record import Change
from storage import leases
from storage.remembered import MemoryView


class MemoryOutbox(MemoryView):
    """Works on the copy of the state that its transaction has."""

    def enqueue(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        if alert.id in self._state.alerts:
            return
        self._remember_changes(alert.changes)
        self._state.alerts[alert.id] = alert
        for recipient in dict.fromkeys(recipients):
            delivery = leases.first(alert, recipient, now)
            self._state.deliveries[delivery.id] = delivery
            self._moved([delivery], now)

    def claim(self, delivery: Delivery) -> bool:
        stored = self._state.deliveries.get(delivery.id)
        if stored is None or not leases.may_claim(stored, delivery):
            return False
        if self._moved([stored], leases.claimed_at(delivery)):
            return False
        self._state.deliveries[delivery.id] = leases.after_claim(stored, delivery)
        return True

    def withdraw(self, delivery: str, reason: str) -> bool:
        stored = self._state.deliveries.get(delivery)
        if stored is None or not is_open(stored):
            return False
        self._state.deliveries[delivery] = replace(stored, state=State.WITHDRAWN, error=reason)
        return True

    def recall(self, delivery: str, reason: str) -> bool:
        stored = self._state.deliveries.get(delivery)
        if stored is None or stored.state is not State.DEAD:
            return False
        self._state.deliveries[delivery] = recalled(stored, reason)
        return True

    def address(self, alert: Alert, recipients: Sequence[str], now: datetime) -> None:
        for recipient in dict.fromkeys(recipients):
            sent = self._state.deliveries.values()
            if not any(alert.id in d.alerts and (d.channel, d.to) == (alert.channel, recipient) for d in sent):
                delivery = leases.first(alert, recipient, now)
                self._state.deliveries[delivery.id] = delivery
                self._moved([delivery], now)

    def mark(self, delivery: str) -> None:
        stored = self._state.deliveries.get(delivery)
        if stored is not None and stored.state in leases.WAITING:
            self._state.deliveries[delivery] = replace(stored, maybe_sent=True)

    def finish(self, delivery: Delivery) -> None:
        stored = self._state.deliveries.get(delivery.id)
        if stored is None:
            raise StoreError(f"no delivery is called {delivery.id}")
        outcome = leases.after_finish(stored, delivery)
        if outcome is not None:
            self._state.deliveries[delivery.id] = outcome

    def release(self, now: datetime) -> Sequence[Delivery]:
        leased = [d for d in self._state.deliveries.values() if d.leased_until is not None]
        free = tuple(released(delivery, now) for delivery in leased)
        self._state.deliveries.update({delivery.id: delivery for delivery in free})
        return free

    def mute(self, mute: Mute) -> None:
        self._state.mutes[mute.document, mute.watch] = mute

    def unmute(self, mute: Mute) -> None:
        self._state.mutes.pop((mute.document, mute.watch), None)

    def settle(self, now: datetime, among: Collection[str] | None = None) -> Sequence[Delivery]:
        chosen = [d for d in map(self.delivery, self.waiting()) if d and (among is None or d.id in among)]
        return self._moved([d for d in chosen if leases.is_free(d, now)], now)

    def join(self, bundle: Sequence[Delivery]) -> bool:
        stored = [self.delivery(delivery.id) for delivery in bundle]
        if list(bundle) != stored or not all(d.is_untouched for d in bundle) or len(bundle) < 2:
            return False
        alerts = tuple(alert for delivery in bundle for alert in delivery.alerts)
        self._state.deliveries[bundle[0].id] = replace(bundle[0], alerts=alerts)
        for delivery in bundle[1:]:
            del self._state.deliveries[delivery.id]
        return True

    def revive(self, deliveries: Sequence[str] | None, now: datetime) -> Sequence[Delivery]:
        dead = [d for d in self._state.deliveries.values() if d.state is State.DEAD]
        again = [revived(d, now) for d in dead if deliveries is None or d.id in deliveries]
        self._state.deliveries.update({delivery.id: delivery for delivery in again})
        self._moved(again, now)
        return tuple(self._state.deliveries[delivery.id] for delivery in again)

    def save_circuit(self, circuit: Circuit) -> None:
        self._state.circuits[circuit.channel] = circuit

    def equip(self, quiet: Mapping[str, QuietHours], burst: timedelta = BURST) -> None:
        self._state.quiet = dict(quiet)
        self._state.spans["burst"] = burst

    def _moved(self, deliveries: Sequence[Delivery], now: datetime) -> Sequence[Delivery]:
        """Hold or free deliveries as what holds them wants it; returns those that changed."""
        mutes = self.mutes(now)
        after = [(before, settled(before, self._holds(before, mutes, now), now)) for before in deliveries]
        moved = tuple(delivery for before, delivery in after if delivery != before)
        self._state.deliveries.update({delivery.id: delivery for delivery in moved})
        return moved

    def _holds(self, delivery: Delivery, mutes: Sequence[Mute], now: datetime) -> Holds:
        hours = self._state.quiet.get(delivery.channel)
        until = hours.until(now) if hours is not None else None
        if hours is not None and hours.lets_pass(self._told(delivery)):
            until = None
        burst = self._state.spans.get("burst", BURST)
        return Holds(mutes, self._asking(delivery), until, self._spoken_at(delivery, now), burst)

    def _spoken_at(self, delivery: Delivery, now: datetime) -> datetime | None:
        place = (delivery.document, delivery.channel, delivery.to)
        told = (
            d.sent_at
            for d in self._state.deliveries.values()
            if (d.document, d.channel, d.to) == place and d.state is State.SENT and d.not_before is None
        )
        return max((at for at in told if at is not None and at <= now), default=None)

    def _remember_changes(self, changes: Iterable[Change]) -> None:
        for change in changes:
            self._state.changes.setdefault(change.key, change)
