"""Does a channel work at all, and when is it tried again?

A failure that says nothing about the message (nobody answers, the log-in is refused, the service is down, the address
is gone) counts against the channel. After a few in a row it rests: its other messages wait untried, one is the probe
when the rest is over, and the first that is taken lets all of them go.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.delivery import LONGEST_PAUSE, Delivery, jitter
from domain.errors import DeliveryError

OPENS_AFTER = 3
"""Failures in a row before the channel rests: one or two are a hiccup, and their messages wait by themselves."""

TELL_AFTER = timedelta(minutes=15)
"""How long a channel must have been failing before the operator hears: what passes by itself is not worth a message."""

_RESTS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 900, 1800, 3600))


@dataclass(frozen=True, slots=True)
class Circuit:
    """What is remembered of a channel between sends. Times are aware UTC.

    `failures` counts those in a row that were the channel's, `since` is the first of them; `rests_until` is None while
    the channel is in use. `told` says that the operator has heard of the present trouble; `changes` numbers what he
    was told. `refused` says that the last failure will not pass by itself: a person must act.
    """

    channel: str
    failures: int = 0
    since: datetime | None = None
    rests_until: datetime | None = None
    error: str | None = None
    told: bool = False
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
    return replace(circuit, failures=failures, since=since, rests_until=rest, error=str(error), refused=error.refused)


def after_word(circuit: Circuit) -> Circuit:
    """Return the circuit after the receiver took a message, or said something about one: the channel works."""
    return replace(circuit, failures=0, since=None, rests_until=None, error=None, refused=False)


def is_dying(circuit: Circuit, now: datetime) -> bool:
    """Say whether the operator has to hear now that the channel does not work: at once where waiting mends nothing."""
    if circuit.told or circuit.since is None or circuit.failures < OPENS_AFTER:
        return False
    return circuit.refused or now - circuit.since >= TELL_AFTER


def is_back(circuit: Circuit) -> bool:
    """Say whether the operator has to hear now that the channel works again."""
    return circuit.told and circuit.failures == 0


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
