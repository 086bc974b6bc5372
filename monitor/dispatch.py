"""What happens to a message that is due: claim, send, record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from domain.changes import Change
from domain.delivery import Delivery, State, accepted, claimed, failed, suppressed
from domain.errors import DeliveryError
from domain.facets import Kind
from domain.identity import operational
from domain.ports import Clock, Notice, Notifier, Store
from domain.routing import Audience, for_operator
from monitor.failpoints import reach

BATCH = 50


@dataclass(frozen=True, slots=True)
class Batch:
    """What one channel has to send now, oldest first, and what the messages not yet written must say."""

    deliveries: Sequence[Delivery]
    notices: Mapping[str, Notice]


@dataclass(frozen=True, slots=True)
class Attempt:
    """One message as it left our hands: the delivery as recorded, and the receiver's own words."""

    delivery: Delivery
    answer: str


def due_now(notifier: Notifier, store: Store, clock: Clock, zone: str) -> Batch:
    """Return what this channel has to send now; at most a batch, the rest comes with the next tick."""
    with store.look() as view:
        deliveries = view.due(notifier.name, clock(), BATCH)
        notices = {d.id: view.notice(d, zone) for d in deliveries if d.message is None}
    return Batch(deliveries, notices)


def send(
    delivery: Delivery,
    notice: Notice | None,
    notifier: Notifier,
    store: Store,
    audience: Audience,
    clock: Clock,
) -> Attempt | None:
    """Send one message and record what became of it; None when another sender has it.

    Somebody who was taken out of the channel while a message waited does not get it.
    """
    if delivery.to.casefold() not in map(str.casefold, notifier.recipients):
        return _leave(delivery, notifier, store, audience, clock)
    message = delivery.message or notifier.freeze(_need(notice))
    taken = claimed(delivery, message, clock())
    with store.begin() as tx:
        if not tx.claim(taken):
            return None
    reach("dispatch.after_claim")

    def about_to_commit() -> None:
        with store.begin() as tx:
            tx.mark(taken.id)
        reach("dispatch.marked")

    try:
        reach("dispatch.before_send")
        answer = notifier.send(message, delivery=taken.id, to=taken.to, about_to_commit=about_to_commit)
        reach("dispatch.after_send")
        result = accepted(taken, clock())
    except DeliveryError as error:
        answer = str(error)
        result = failed(taken, error, clock())
    _finish(result, store, audience, clock)
    reach("dispatch.after_finish")
    return Attempt(result, answer)


def _leave(delivery: Delivery, notifier: Notifier, store: Store, audience: Audience, clock: Clock) -> Attempt:
    reason = f"{delivery.to} is no longer a recipient of {notifier.name}"
    result = suppressed(delivery, reason)
    _finish(result, store, audience, clock)
    return Attempt(result, reason)


def give_up_for_now(delivery: Delivery, error: Exception, store: Store, audience: Audience, clock: Clock) -> None:
    """Put a delivery aside after a fault of our own, so that it neither blocks the others nor spins."""
    with store.look() as view:
        current = view.delivery(delivery.id)
    if current is not None and current.state in (State.PENDING, State.AMBIGUOUS):
        fault = DeliveryError(f"lexwatch itself failed: {type(error).__name__}: {error}", maybe_sent=current.maybe_sent)
        _finish(failed(current, fault, clock()), store, audience, clock)


def _finish(result: Delivery, store: Store, audience: Audience, clock: Clock) -> None:
    """Record the outcome; a message that died is told to the operator by the other channels, in the same breath."""
    with store.begin() as tx:
        tx.finish(result)
        if result.state is State.DEAD and not result.document.is_operational:
            for alert in for_operator(_death(result, clock), audience, but_not=result.channel):
                tx.enqueue(alert, audience.recipients[alert.channel], clock())


def _death(delivery: Delivery, clock: Clock) -> Change:
    """Say as a change that a message will not be tried again. Each dead message is told once: its id is the subject,
    and the revision, which makes the alert's identity, follows from it."""
    return Change(
        document=operational("channel", delivery.channel),
        revision=int(delivery.id.rpartition("-")[2], 16),
        kind=Kind.CHANNEL,
        subject=delivery.id,
        before=State.PENDING,
        after=State.DEAD,
        text=f"a message to {delivery.to} about {delivery.document} was given up: {delivery.error}",
        happened_on=None,
        seen_at=clock(),
        source=delivery.channel,
    )


def _need(notice: Notice | None) -> Notice:
    if notice is None:
        raise ValueError("a delivery without a frozen message needs its notice")
    return notice
