"""Who hears that a changed configuration was refused, or that it is right again?

The operator, once each: the service goes on with the old one, so nobody would notice before the next restart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from domain.changes import Change
from domain.facets import Kind
from domain.identity import operational
from domain.ports import Clock, Store, Transaction
from domain.routing import Audience, for_operator
from domain.schedule import Health, SourceState

NAME = "configuration"
REFUSED = "a changed file was refused"
IN_FORCE = "in force again"
MOST = 5
"""Faults named in the message; `lexwatch check` names all."""


def refused(store: Store, audience: Audience, faults: Sequence[str], clock: Clock) -> None:
    """Remember that a changed configuration was refused; tell the operator unless he has heard of it."""
    now = clock()
    more = f"; and {len(faults) - MOST} more" if len(faults) > MOST else ""
    error = "; ".join(faults[:MOST]) + more
    with store.begin() as tx:
        before = tx.source(NAME) or SourceState(NAME)
        after = replace(before, state=Health.REFUSED, last_poll_at=now, failures=before.failures + 1, error=error)
        if not before.told:
            text = f"The one read before stays in force. {error}"
            after = _tell(tx, replace(after, told=True), audience, (Health.OK, REFUSED, text), now)
        tx.save_source(after)


def taken(store: Store, audience: Audience, clock: Clock) -> None:
    """Remember that the configuration was read and taken; tell the operator if he had heard otherwise."""
    with store.look() as view:
        known = view.source(NAME)
    if known is None or not known.told:
        return
    now = clock()
    good = replace(known, state=Health.OK, last_poll_at=now, last_good_at=now, failures=0, error=None, told=False)
    with store.begin() as tx:
        tx.save_source(_tell(tx, good, audience, (REFUSED, IN_FORCE, None), now))


def _tell(
    tx: Transaction, state: SourceState, audience: Audience, said: tuple[str, str, str | None], now: datetime
) -> SourceState:
    """Store the operator's alerts; returns the state with its next number."""
    before, after, text = said
    change = Change(
        document=operational("source", NAME),
        revision=state.changes + 1,
        kind=Kind.SOURCE,
        subject="reload",
        before=before,
        after=after,
        text=text,
        happened_on=None,
        seen_at=now,
        source=NAME,
    )
    for alert in for_operator(change, audience):
        tx.enqueue(alert, audience.recipients[alert.channel], now)
    return replace(state, changes=state.changes + 1)
