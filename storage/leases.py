"""When may a delivery be sent, and by whom is its outcome recorded? One rule for every store."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.alerts.delivery import CAUGHT_UP, LEASE, LONGEST_PAUSE, Delivery, State
from domain.alerts.routing import Alert

WAITING = (State.PENDING, State.AMBIGUOUS)


def first(alert: Alert, recipient: str, now: datetime) -> Delivery:
    """Return the message of a new alert to one recipient, as nobody holds it yet."""
    late = CAUGHT_UP if alert.caught_up else None
    return Delivery(
        id=alert.delivery_id(recipient),
        alerts=(alert.id,),
        document=alert.document,
        channel=alert.channel,
        to=recipient,
        state=State.PENDING,
        attempts=0,
        due_at=now,
        created_at=now,
        digest_key=late if alert.when is None else str(alert.when),
        not_before=None if alert.when is None else alert.when.after(now),
    )


def is_due(delivery: Delivery, now: datetime) -> bool:
    """Say whether to send now: waiting, its time come (or written by a clock since set back), and in nobody's hands."""
    its_time = delivery.due_at <= now or delivery.due_at > now + LONGEST_PAUSE
    return delivery.state in WAITING and its_time and is_free(delivery, now)


def is_free(delivery: Delivery, now: datetime) -> bool:
    """Say whether nobody holds a lease: none, run out, or longer than any lease, so from a clock since set back."""
    lease = delivery.leased_until
    return lease is None or lease <= now or lease > now + LEASE


def may_claim(stored: Delivery | None, claimed: Delivery) -> bool:
    """Say whether a claim still meets the delivery it was made from: same state and alerts (others may have joined
    it), one attempt fewer, nobody's lease."""
    if stored is None or claimed.leased_until is None or stored.state not in WAITING:
        return False
    unmoved = stored.state == claimed.state and stored.attempts == claimed.attempts - 1
    unmoved = unmoved and stored.alerts == claimed.alerts
    return unmoved and is_free(stored, claimed_at(claimed))


def claimed_at(claimed: Delivery) -> datetime:
    """Return the moment of a claim, which follows from its lease."""
    return (claimed.leased_until or claimed.due_at) - LEASE


def after_claim(stored: Delivery, claimed: Delivery) -> Delivery:
    """Return what a good claim leaves behind; a message once frozen stays as it is."""
    return replace(
        stored,
        attempts=claimed.attempts,
        leased_until=claimed.leased_until,
        message=stored.message or claimed.message,
        possible_repeat=claimed.possible_repeat or stored.possible_repeat or stored.maybe_sent,
        maybe_sent=False,
    )


def after_finish(stored: Delivery, outcome: Delivery) -> Delivery | None:
    """Return what an attempt makes of the stored delivery, or None when it has no say any more.

    What was accepted stays accepted. A failure counts only for the attempt that is the present one: a sender that
    outlived its lease must not undo what its successor does. Its success does count: the message arrived. What was
    held or withdrawn while in hand stays so unless it arrived; what nobody waits for any more need not be held.
    """
    arrived = outcome.state is State.SENT
    decided = arrived or (stored.state is State.HELD and outcome.state is State.SUPPRESSED)
    if stored.state is State.SENT or (not arrived and outcome.attempts != stored.attempts):
        return None
    return replace(
        stored,
        state=outcome.state if decided or stored.state in WAITING else stored.state,
        due_at=outcome.due_at,
        leased_until=outcome.leased_until,
        sent_at=outcome.sent_at,
        error=outcome.error,
        maybe_sent=outcome.maybe_sent,
        possible_repeat=outcome.possible_repeat or stored.possible_repeat or outcome.attempts < stored.attempts,
        message=stored.message or outcome.message,
    )
