"""What happens to a message that is due: claim, send, record. When is one held, and released?

What became of one message is recorded with the claim of the next of its channel, in one transaction. Channels do not
wait for each other: whoever changes a message has the lock of its channel, or of everything.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from domain.alerts.bundles import bundles
from domain.alerts.delivery import (
    Circuit,
    Delivery,
    State,
    accepted,
    after_trouble,
    after_word,
    claimed,
    failed,
    probe,
    suppressed,
)
from domain.coded_text import coded
from domain.documents import DocumentId
from domain.errors import DeliveryError, TakenOver
from domain.ports import Clock, Notice, Notifier, ReadTransaction, Store, Transaction
from domain.terms import families, regime_of
from monitor.service import operator_alerts
from monitor.service.context import Context
from monitor.service.digests import streams, with_what_is_ahead
from monitor.service.failpoints import hit
from monitor.service.logs import log_attempt, log_channel
from monitor.service.process import NOW, SECOND
from notifications.translation import ENGLISH, coded_error

BATCH = 50

QUICK, MOST_MARKS = 1.0, 5
"""Seconds within which the record says that a message is still ours to send. An answer that took longer tells what was
so then, and another may have been given the message since: it is asked again, so often at most."""

MOST_COMBINED = 1000
"""Messages of one channel looked through for those that go as one."""


@dataclass(frozen=True, slots=True)
class DueBatch:
    """What one channel has to send now, oldest first, and what the messages not yet written must say."""

    deliveries: Sequence[Delivery]
    notices: Mapping[str, Notice]


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """One message as it left our hands: the delivery as recorded, the receiver's own words, and whether the channel
    works; and the message that was claimed with the record of it."""

    delivery: Delivery
    answer: str
    circuit: Circuit
    next_claimed: Delivery | None = None


def collect_due(notifier: Notifier, context: Context, now: datetime | None = None) -> DueBatch:
    """Return what this channel has to send by `now`, else by this moment; at most a batch.

    Nothing while the channel rests, one message, the probe, when its rest is over. What goes as one is put together.
    """
    now, store, zone = now or context.clock(), context.store, context.zone
    with store.read() as view:
        circuit = view.circuit(notifier.name)
        waiting = () if circuit.rests(now) else view.due(notifier.name, now, MOST_COMBINED)
        together = bundles(
            waiting,
            _families(view, waiting),
            lambda delivery: notifier.cost(view.notice(delivery, zone)),
            notifier.capacity,
            streams(view, context.audience, waiting),
        )
        if not together:
            return _batch(view, _first_to_send(circuit, waiting), context, now)
    with store.begin(only=of_channel(notifier.name)) as tx:
        for bundle in together:
            tx.join(bundle)
        hit("dispatch.joined")
    with store.read() as view:
        return _batch(view, _first_to_send(circuit, view.due(notifier.name, now, MOST_COMBINED)), context, now)


def _first_to_send(circuit: Circuit, waiting: Sequence[Delivery]) -> Sequence[Delivery]:
    return probe(circuit, waiting) if circuit.is_open else waiting[:BATCH]


def _families(view: ReadTransaction, waiting: Sequence[Delivery]) -> Mapping[DocumentId, DocumentId]:
    """Say which of the regimes with news are renewed in pairs; nothing is read where there is at most one."""
    regimes = {delivery.document for delivery in waiting if delivery.document.kind == "regime"}
    if len(regimes) < 2:
        return {}
    return families({d: regime_of(d, r.facets).paired_with for d, r in view.records(regimes).items()})


def _batch(view: ReadTransaction, deliveries: Sequence[Delivery], context: Context, now: datetime) -> DueBatch:
    notices = {d.id: (d.channel, view.notice(d, context.zone)) for d in deliveries if d.message is None}
    audience = context.audience
    return DueBatch(
        deliveries,
        {name: with_what_is_ahead(one, view, channel, audience, now) for name, (channel, one) in notices.items()},
    )


def of_channel(name: str) -> Sequence[str]:
    """Name what a transaction decides about that changes messages of one channel."""
    return (f"channel {name}",)


def is_recipient(delivery: Delivery, notifier: Notifier) -> bool:
    """Say whether a message is for somebody of its channel still: whoever was taken out meanwhile does not get it."""
    return delivery.to.casefold() in map(str.casefold, notifier.recipients)


def written(delivery: Delivery, notice: Notice | None, notifier: Notifier, context: Context) -> Delivery:
    """Return a message with the words that it is sent in: those it was given before, if any."""
    if delivery.message is not None:
        return delivery
    return replace(delivery, message=notifier.freeze(replace(_required(notice), written_at=context.clock())))


def send(
    delivery: Delivery,
    notice: Notice | None,
    notifier: Notifier,
    context: Context,
    *,
    taken: Delivery | None = None,
    following: Callable[[], Delivery | None] = lambda: None,
) -> SendAttempt | None:
    """Send one message and record what became of it; None when another sender has it.

    `taken` is the message as it was claimed already, with the record of the one before; `following` returns
    one, with its words, that is to be claimed with the record of this one if this one arrived.
    """
    store, clock = context.store, context.clock
    if taken is None:
        if not is_recipient(delivery, notifier):
            return _suppress_removed_recipient(delivery, notifier, context)
        words = written(delivery, notice, notifier, context)
        with store.begin(only=of_channel(notifier.name)) as tx:
            taken = _claim(tx, words, clock())
        if taken is None:
            return None
    hit("dispatch.after_claim")
    about_to_commit = partial(_mark, taken, notifier.name, store)
    trouble: DeliveryError | None = None
    try:
        hit("dispatch.before_send")
        assert taken.message is not None
        answer = notifier.send(taken.message, delivery=taken.id, to=taken.to, about_to_commit=about_to_commit)
        hit("dispatch.after_send")
        result = accepted(taken, clock())
    except TakenOver:
        return None
    except DeliveryError as error:
        answer, trouble, result = str(error), error, taken
    attempt = _record_attempt(result, answer, trouble, context, following)
    hit("dispatch.after_finish")
    return attempt


def _mark(delivery: Delivery, channel: str, store: Store) -> None:
    """Note that a receiver may have a message from now on, again where that took long: another may have it since."""
    for _ in range(MOST_MARKS):
        asked = time.monotonic()
        with store.begin(only=of_channel(channel)) as tx:
            if not tx.mark(delivery):
                raise TakenOver(f"{delivery.id} is sent by another worker")
        if time.monotonic() - asked < QUICK:
            break
    hit("dispatch.marked")


def _claim(tx: Transaction, words: Delivery, now: datetime) -> Delivery | None:
    """Claim a message that has its words; None if somebody else has it, or it is held from now on."""
    assert words.message is not None
    taken = claimed(words, words.message, now)
    return taken if tx.claim(taken) else None


def _suppress_removed_recipient(delivery: Delivery, notifier: Notifier, context: Context) -> SendAttempt | None:
    """Nobody may be left out by a configuration that is not in force any more: the recipient may be a new one."""
    reason = coded("gone.recipient_removed", to=delivery.to, channel=notifier.name)
    result = suppressed(delivery, reason.to_json())
    with context.store.begin(only=of_channel(notifier.name)) as tx:
        if context.configuration is not None and not tx.in_force(context.configuration):
            return None
        tx.finish(result)
        return SendAttempt(result, ENGLISH.render(reason), tx.circuit(notifier.name))


def postpone_after_fault(delivery: Delivery, error: Exception, context: Context) -> None:
    """Put a delivery aside after a fault of our own, so that it neither blocks the others nor spins."""
    store, now = context.store, context.clock()
    with store.read() as view:
        current = view.delivery(delivery.id)
    if current is not None and current.state in (State.PENDING, State.AMBIGUOUS):
        params = {"fault": f"{type(error).__name__}: {error}"}
        fault = coded_error(DeliveryError, "delivery.unexpected", params, maybe_sent=current.maybe_sent)
        with store.begin(only=of_channel(delivery.channel)) as tx:
            result = failed(current, fault, now)
            tx.finish(result)
            operator_alerts.alert_dead_delivery(tx, result, context.audience, now)


def _record_attempt(
    result: Delivery,
    answer: str,
    trouble: DeliveryError | None,
    context: Context,
    following: Callable[[], Delivery | None],
) -> SendAttempt:
    """Record the outcome, what it says of the channel, and what the operator must know of it; claim the next message
    if this one arrived. A delivery in `trouble` is given as it was claimed."""
    now, audience = context.clock(), context.audience
    with context.store.begin(only=of_channel(result.channel)) as tx:
        before = tx.circuit(result.channel)
        if trouble is not None:
            result = failed(result, trouble, now, before.rests_until)
        circuit = operator_alerts.alert_channel_state(tx, _circuit(before, trouble, now), audience, now)
        tx.finish(_at_its_turn(result, circuit))
        if circuit != before:
            tx.save_circuit(circuit)
            hit("dispatch.circuit_saved")
        operator_alerts.alert_dead_delivery(tx, result, audience, now)
        words = following() if result.state is State.SENT else None
        next_claimed = _claim(tx, words, now) if words is not None and words.message is not None else None
    return SendAttempt(result, answer, circuit, next_claimed)


def _circuit(before: Circuit, trouble: DeliveryError | None, now: datetime) -> Circuit:
    """A receiver that takes or refuses a message works; one that says nothing about it may not."""
    return after_trouble(before, trouble, now) if trouble is not None and trouble.channel else after_word(before)


def _at_its_turn(result: Delivery, circuit: Circuit) -> Delivery:
    """Let a message that failed for its channel's sake keep its place: it is due when the channel is tried again."""
    if circuit.rests_until is None or result.state not in (State.PENDING, State.AMBIGUOUS):
        return result
    return replace(result, due_at=circuit.rests_until)


def _required(notice: Notice | None) -> Notice:
    if notice is None:
        raise ValueError("a delivery without a frozen message needs its notice")
    return notice


class Guard(Protocol):
    """The boundary around our own faults (`monitor.service.service.Service.guarded`)."""

    def __call__(
        self, name: str, task: Callable[[], timedelta], on_fault: Callable[[Exception], timedelta] | None = None
    ) -> timedelta: ...


@dataclass(slots=True)
class ChannelSender:
    """Sends what one channel has to send, message by message, until it has nothing more, does not work, or the service
    is `stopping`. `failing` are the channels that did not work when they were last tried.

    Of the messages `waiting` the first may be `claimed` already.
    """

    notifier: Notifier
    context: Context
    guarded: Guard
    stopping: Callable[[], bool]
    failing: set[str]
    waiting: deque[Delivery] = field(default_factory=deque)
    claimed: Delivery | None = None

    def run(self, now: datetime | None) -> timedelta:
        """Send a batch; returns the pause until the next, none when there may be more. `now` is the moment up to which
        messages count as due, None for this one."""
        name, batch = self.notifier.name, collect_due(self.notifier, self.context, now)
        self.waiting = deque(batch.deliveries)
        while self.waiting:
            if self.stopping() and self.claimed is None:
                return SECOND
            delivery = self.waiting.popleft()
            self.guarded(name, partial(self._write_next, batch), self._drop_next)
            attempt = partial(self._send, delivery, batch.notices.get(delivery.id))
            pause = self.guarded(name, attempt, partial(self._postpone, delivery))
            if pause > NOW:
                return pause
        return NOW if batch.deliveries else SECOND

    def _write_next(self, batch: DueBatch) -> timedelta:
        """Put the next message into words before it is claimed, so that a fault of ours is a fault of that one."""
        if self.waiting and is_recipient(self.waiting[0], self.notifier):
            notice = batch.notices.get(self.waiting[0].id)
            self.waiting[0] = written(self.waiting[0], notice, self.notifier, self.context)
        return NOW

    def _following(self) -> Delivery | None:
        """Return the next message if it is ready to go: one that has its words since an earlier attempt may be for
        somebody who was taken out since."""
        ready = self.waiting and not self.stopping() and is_recipient(self.waiting[0], self.notifier)
        return self.waiting[0] if ready else None

    def _drop_next(self, error: Exception) -> timedelta:
        return self._postpone(self.waiting.popleft(), error)

    def _send(self, delivery: Delivery, notice: Notice | None) -> timedelta:
        """Send one message; a pause when the channel does not work and the others have to wait."""
        claimed, self.claimed = self.claimed, None
        attempt = send(delivery, notice, self.notifier, self.context, taken=claimed, following=self._following)
        if attempt is None:
            return NOW
        self.claimed, name = attempt.next_claimed, self.notifier.name
        log_attempt(attempt)
        log_channel(name, attempt, name in self.failing)
        if attempt.circuit.is_open:
            self.failing.add(name)
            return SECOND
        self.failing.discard(name)
        return NOW

    def _postpone(self, delivery: Delivery, error: Exception) -> timedelta:
        postpone_after_fault(delivery, error, self.context)
        return NOW


HOLDS_PER_TRANSACTION = 100
"""Messages that are settled together: what holds each has to be looked up, and 250 took too long on a busy machine."""


def reapply_holds(store: Store, clock: Clock, before_commit: Callable[[], None] = lambda: None) -> None:
    """Hold what has to be held now and free what need not be any more."""
    with store.read() as view:
        waiting = view.waiting()
    for start in range(0, len(waiting), HOLDS_PER_TRANSACTION):
        with store.begin() as tx:
            tx.settle(clock(), waiting[start : start + HOLDS_PER_TRANSACTION])
            before_commit()
