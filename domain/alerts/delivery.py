"""What becomes of a message after each attempt to send it, and does its channel work at all?

At-least-once: claim with a lease, send, then record (rule 2). Where the receiver may have taken a message whose answer
we never recorded, the delivery is ambiguous: it is sent again, with the same id and body, and marked.

A failure that says nothing about the message (nobody answers, the log-in is refused, the service is down, the address
is gone) counts against the channel. After a few in a row it rests: its other messages wait untried, one is the probe
when the rest is over, and the first that is taken lets all of them go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from zlib import crc32

from domain.alerts.routing import Alert
from domain.documents import DocumentId
from domain.errors import DeliveryError


class State(StrEnum):
    """The life of a message. Pending, held and ambiguous still have to be sent."""

    PENDING = "pending"
    HELD = "held"
    SENT = "sent"
    AMBIGUOUS = "ambiguous"
    DEAD = "dead"
    WITHDRAWN = "withdrawn"
    SUPPRESSED = "suppressed"


LEASE = timedelta(minutes=15)
"""Longer than any send: the longest is SMTP's wait for the last reply, ten minutes (RFC 5321, 4.5.3.2.6)."""

GIVE_UP_AFTER = timedelta(days=4)
"""How long a receiver may be away before its messages die (RFC 5321, 4.5.4.1 asks for four to five days)."""

LEAST_TRIES = 4
"""What was hardly tried is not given up for its age: a message may be old because lexwatch was away."""

AWAY = timedelta(hours=36)
"""A message that is tried so long after it was due waited for lexwatch, not for its receiver. Longer than the day
between two runs of `run --once` by cron, whose messages must come to an end too."""

MOST_ABSENCES = 50
"""After so many tries a message is given up for its age even if lexwatch was away each time."""

CAUGHT_UP = "caught up"
"""The digest_key of what was seen late, after a long stop: when there is much of it, it goes as one message."""

_BACKOFF = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 900, 1800, 3600))
LONGEST_PAUSE = timedelta(hours=6)
"""No delivery is ever due later than this; one that is was written by a clock since set back (rule 7)."""


@dataclass(frozen=True, slots=True)
class Frozen:
    """A message as it goes over the wire, rendered once, at its first claim. Repeats send the same bytes.

    `counted_only` holds the keys of the changes that the message counts and does not name: of each alert it names the
    weightiest.
    """

    subject: str
    body: bytes
    content_type: str
    counted_only: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Delivery:
    """The stored life of one message to one recipient. Times are aware UTC.

    `attempts` counts claims. `maybe_sent` is set just before the receiver could take the message and cleared by
    its answer. `possible_repeat` says that a copy may have reached the receiver before. `held_until` is the end of the
    last time it was kept back on request, or in which lexwatch was away; while it is held, it is due then.

    `digest_key` is what it may be put together with: None for messages about the same document, the rhythm of a digest
    (`daily 08:00`), or CAUGHT_UP. `not_before` is when its digest goes.
    """

    id: str
    alerts: tuple[str, ...]
    document: DocumentId
    channel: str
    to: str
    state: State
    attempts: int
    due_at: datetime
    created_at: datetime
    leased_until: datetime | None = None
    sent_at: datetime | None = None
    error: str | None = None
    maybe_sent: bool = False
    possible_repeat: bool = False
    message: Frozen | None = None
    held_until: datetime | None = None
    digest_key: str | None = None
    not_before: datetime | None = None

    @property
    def is_untouched(self) -> bool:
        """Say whether nobody tried to send it yet: it has no words, and may still be put together with others."""
        return self.attempts == 0 and self.message is None and self.state in (State.PENDING, State.HELD)


def claimed(delivery: Delivery, message: Frozen, now: datetime) -> Delivery:
    """Return the delivery as taken for sending: leased, counted, its message frozen if it was not."""
    return replace(
        delivery,
        attempts=delivery.attempts + 1,
        leased_until=now + LEASE,
        message=delivery.message or message,
        possible_repeat=delivery.possible_repeat or delivery.maybe_sent or delivery.state is State.AMBIGUOUS,
        maybe_sent=False,
    )


def accepted(delivery: Delivery, now: datetime) -> Delivery:
    """Return the delivery as taken by its receiver."""
    return replace(delivery, state=State.SENT, sent_at=now, leased_until=None, maybe_sent=False, error=None)


def failed(delivery: Delivery, error: DeliveryError, now: datetime, rested_until: datetime | None = None) -> Delivery:
    """Return what a failed attempt makes of the delivery: another try later, ambiguous, or dead.

    An end comes even for a receiver that cuts us off after each message: it would collect copies for ever. The time
    it was kept back on request does not count, nor does the time in which lexwatch was away: nobody tried to send it
    then. `rested_until` is the end of the rest that its channel took before this attempt.
    """
    late = now - max(delivery.due_at, rested_until or delivery.due_at)
    away = late >= AWAY and delivery.attempts < MOST_ABSENCES
    since = now if away else max(delivery.created_at, delivery.held_until or delivery.created_at)
    aged = now - since >= GIVE_UP_AFTER and delivery.attempts >= LEAST_TRIES
    waits = State.AMBIGUOUS if error.maybe_sent else _still(delivery)
    state = State.DEAD if error.permanent or aged else waits
    return replace(
        delivery,
        state=state,
        error=error.recorded,
        leased_until=None,
        maybe_sent=False,
        due_at=now + pause(delivery.attempts, error.retry_after, delivery.id),
        held_until=now if away else delivery.held_until,
    )


def suppressed(delivery: Delivery, reason: str) -> Delivery:
    """Return the delivery as one that nobody waits for any more; that a copy may have arrived is not forgotten."""
    return replace(
        delivery,
        state=State.SUPPRESSED,
        error=reason,
        leased_until=None,
        maybe_sent=False,
        possible_repeat=delivery.possible_repeat or delivery.maybe_sent or delivery.state is State.AMBIGUOUS,
    )


def released(delivery: Delivery, now: datetime) -> Delivery:
    """Return the delivery after its sender vanished in the middle: due at once, ambiguous if it may have arrived."""
    return replace(
        delivery,
        state=State.AMBIGUOUS if delivery.maybe_sent else delivery.state,
        leased_until=None,
        maybe_sent=False,
        due_at=min(delivery.due_at, now),
    )


def held(delivery: Delivery, until: datetime) -> Delivery:
    """Return the delivery as kept back until then. It must be in nobody's hands; that a copy may have arrived before
    is not forgotten."""
    return replace(
        delivery,
        state=State.HELD,
        due_at=until,
        held_until=until,
        leased_until=None,
        maybe_sent=False,
        possible_repeat=delivery.possible_repeat or delivery.maybe_sent or delivery.state is State.AMBIGUOUS,
    )


def resumed(delivery: Delivery, now: datetime) -> Delivery:
    """Return a held delivery as due at once."""
    return replace(delivery, state=_still(delivery), due_at=now, held_until=now)


def revived(delivery: Delivery, now: datetime) -> Delivery:
    """Return a dead delivery as one to be tried again: the same id, the same frozen message, days to go anew."""
    return replace(delivery, state=_still(delivery), due_at=now, held_until=now, error=None, leased_until=None)


def recalled(delivery: Delivery, reason: str) -> Delivery:
    """Return a dead delivery as withdrawn; that a copy may have arrived is not forgotten."""
    return replace(delivery, state=State.WITHDRAWN, error=reason)


def pause(attempts: int, retry_after: timedelta | None, key: str = "") -> timedelta:
    """Return how long to wait after the given number of attempts; a receiver's own wish is honoured up to 6 h.

    `key` spreads what failed together: a fifth of the pause at most is added, the same for the same key.
    """
    if retry_after is not None:
        return min(max(retry_after, timedelta(seconds=1)), LONGEST_PAUSE)
    wait = _BACKOFF[min(max(attempts, 1), len(_BACKOFF)) - 1]
    return wait + jitter(wait, f"{key}#{attempts}") if key else wait


def jitter(wait: timedelta, key: str) -> timedelta:
    """Return up to a fifth of a pause, chosen by the key: no dice, so that it can be known beforehand."""
    return wait * (crc32(key.encode()) % 1000) / 5000


def _still(delivery: Delivery) -> State:
    """A message that was ambiguous once stays so until it is accepted."""
    return State.AMBIGUOUS if delivery.possible_repeat else State.PENDING


OPENS_AFTER = 3
"""Failures in a row before the channel rests: one or two are a hiccup, and their messages wait by themselves."""

TELL_AFTER = timedelta(minutes=15)
"""How long a channel must have been failing before the operator is notified: what passes by itself is not worth a
message."""

_RESTS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 900, 1800, 3600))


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is remembered of a channel between sends. Times are aware UTC.

    `failures` counts those in a row that were the channel's, `since` is the first of them; `rests_until` is None while
    the channel is in use. `operator_knows` says that the operator knows of the present trouble; `changes` numbers
    what he
    was sent. `refused` says that the last failure will not pass by itself: a person must act.
    """

    channel: str
    failures: int = 0
    since: datetime | None = None
    rests_until: datetime | None = None
    error: str | None = None
    operator_knows: bool = False
    changes: int = 0
    refused: bool = False

    @property
    def is_open(self) -> bool:
        """Say whether messages go one at a time, as probes."""
        return self.rests_until is not None

    def rests(self, now: datetime) -> bool:
        """Say whether nothing is to be tried now; a rest longer than any was written by a clock since set back."""
        return self.rests_until is not None and now < self.rests_until <= now + LONGEST_PAUSE


def after_trouble(circuit: Circuit, error: DeliveryError, now: datetime) -> Circuit:
    """Return the circuit after a failure of the channel; a pause the receiver named is kept at once."""
    failures = circuit.failures + 1
    since = circuit.since if circuit.since is not None and circuit.since <= now else now
    rest = None
    if failures >= OPENS_AFTER or error.retry_after is not None:
        rest = now + _rest(circuit.channel, failures, error.retry_after)
    known = error.recorded
    return replace(circuit, failures=failures, since=since, rests_until=rest, error=known, refused=error.refused)


def after_word(circuit: Circuit) -> Circuit:
    """Return the circuit after the receiver took a message, or said something about one: the channel works."""
    return replace(circuit, failures=0, since=None, rests_until=None, error=None, refused=False)


def is_dying(circuit: Circuit, now: datetime) -> bool:
    """Say whether the operator has to be notified now that the channel does not work: at once where waiting mends
    nothing."""
    if circuit.operator_knows or circuit.since is None or circuit.failures < OPENS_AFTER:
        return False
    return circuit.refused or now - circuit.since >= TELL_AFTER


def is_back(circuit: Circuit) -> bool:
    """Say whether the operator has to be notified now that the channel works again."""
    return circuit.operator_knows and circuit.failures == 0


def probe(circuit: Circuit, waiting: Sequence[Delivery]) -> Sequence[Delivery]:
    """Return the one message that tries a channel whose rest is over: the oldest. Where messages are refused it is the
    one that has waited longest for its turn, for the fault may after all be that of a single message, and the others
    must not wait for ever behind it."""
    if not circuit.refused:
        return waiting[:1]
    return sorted(waiting, key=lambda delivery: delivery.attempts)[:1]


def _rest(channel: str, failures: int, wish: timedelta | None) -> timedelta:
    rest = _RESTS[min(max(failures - OPENS_AFTER, 0), len(_RESTS) - 1)]
    if wish is not None:
        return min(max(wish, timedelta(seconds=1)), LONGEST_PAUSE)
    return rest + jitter(rest, f"{channel}#{failures}")


WAITING = (State.PENDING, State.AMBIGUOUS)


def first_delivery(alert: Alert, recipient: str, now: datetime) -> Delivery:
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


def is_free(delivery: Delivery, now: datetime) -> bool:
    """Say whether nobody holds a lease: none, run out, or longer than any lease, so from a clock since set back."""
    lease = delivery.leased_until
    return lease is None or lease <= now or lease > now + LEASE


def may_claim(stored: Delivery, claimed: Delivery) -> bool:
    """Say whether a claim still meets the delivery it was made from: same state and alerts (others may have joined
    it), one attempt fewer, nobody's lease."""
    if claimed.leased_until is None or stored.state not in WAITING:
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
        held_until=max((end for end in (stored.held_until, outcome.held_until) if end is not None), default=None),
        possible_repeat=outcome.possible_repeat or stored.possible_repeat or outcome.attempts < stored.attempts,
        message=stored.message or outcome.message,
    )
