"""What does the log say of a poll, a message, a channel? One line each."""

from __future__ import annotations

import logging

from domain.delivery import State
from monitor.dispatch import Attempt
from monitor.logs import event
from monitor.poll import Outcome

log = logging.getLogger("lexwatch")


def polled(name: str, outcome: Outcome, seconds: float) -> None:
    for fault in outcome.faults:
        event(log, "fault", level=logging.WARNING, source=name, document=fault.document, error=fault.error)
    event(
        log,
        "poll",
        level=logging.INFO if outcome.error is None else logging.WARNING,
        source=name,
        state=outcome.source.state,
        requests=outcome.requests,
        revisions=outcome.revisions,
        changes=outcome.changes,
        alerts=outcome.alerts,
        took=f"{seconds:.2f}s",
        next=outcome.source.due_at,
        error=outcome.error,
    )


def attempted(attempt: Attempt) -> None:
    after = attempt.delivery
    event(
        log,
        "delivery",
        level=logging.INFO if after.state is State.SENT else logging.WARNING,
        delivery=after.id,
        document=after.document,
        channel=after.channel,
        to=after.to,
        state=after.state,
        attempts=after.attempts,
        possible_repeat=after.possible_repeat,
        answer=attempt.answer,
    )


def channel(name: str, attempt: Attempt, was_open: bool) -> None:
    """Say that a channel rests from now on, or works again; nothing while that stays as it was."""
    if attempt.circuit.is_open == was_open:
        return
    if attempt.circuit.is_open:
        event(log, "channel", level=logging.WARNING, channel=name, state="rests", error=attempt.answer)
    else:
        event(log, "channel", channel=name, state="works")
