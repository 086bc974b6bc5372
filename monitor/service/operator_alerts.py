"""Of what is the operator alerted? That a channel fails or works again, that messages died, that one was removed, that
a changed configuration was refused.

Each is a change of `channel/NAME` or `source/NAME`, sent once. What is not sent yet goes as one message."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from domain.alerts.delivery import GIVE_UP_AFTER, Circuit, Delivery, State, is_back, is_dying, suppressed
from domain.alerts.routing import Audience, for_operator
from domain.coded_text import CodedText, coded
from domain.errors import DeliveryError, StoreError
from domain.ports import Notice, Notifier, Transaction, WorkerState
from domain.records.facets import Kind, short_digest
from domain.records.record import Change, operational_change
from domain.sources import Health, SourceState
from monitor.service.context import Context
from monitor.service.logs import log_event

log = logging.getLogger("lexwatch")


WORKS, FAILS, ALL_REFUSED, REMOVED = (
    coded(f"channel.{state}").to_json() for state in ("works", "fails", "refused", "removed")
)


def alert_channel_state(tx: Transaction, circuit: Circuit, audience: Audience, now: datetime) -> Circuit:
    """Alert once that a channel does not work, and once that it does again; returns the circuit to be remembered."""
    if is_dying(circuit, now):
        since = (circuit.since or now).isoformat(timespec="minutes")
        text = coded("channel.failing_since", since=since, error=str(circuit.error))
        said = (WORKS, ALL_REFUSED if circuit.refused else FAILS, text)
        return _alert_channel(tx, replace(circuit, operator_knows=True), said, audience, now)
    if is_back(circuit):
        text = coded("channel.works_again")
        return _alert_channel(tx, replace(circuit, operator_knows=False), (FAILS, WORKS, text), audience, now)
    return circuit


def alert_dead_delivery(tx: Transaction, delivery: Delivery, audience: Audience, now: datetime) -> None:
    """Alert that a message will not be tried again; nothing for one that lives, or was about a channel itself."""
    if delivery.state is not State.DEAD or delivery.document.is_operational:
        return
    about, error = audience.called(delivery.document), str(delivery.error)
    text = coded("channel.message_dead", to=delivery.to, document=about, error=error)
    said = (None, coded("channel.dead").to_json(), _sentence(text))
    # Each dead message is reported once: its id makes the alert's identity, and so does how often it was tried.
    number = int(short_digest(f"{delivery.id}#{delivery.attempts}"), 16)
    news = operational_change(Kind.CHANNEL, delivery.channel, number, delivery.id, said, now)
    enqueue_for_operator(tx, news, audience, now, but_not=delivery.channel)


def handle_orphaned_deliveries(context: Context) -> None:
    """Say what happens to messages whose channel the configuration no longer has: they wait, and the operator learns of
    it once; when a receiver would be given up they are laid aside."""
    store, audience, now = context.store, context.audience, context.clock()
    with store.read() as view:
        if not view.stranded(tuple(audience.recipients)):
            return
    with store.begin() as tx:
        waiting: dict[str, int] = {}
        for delivery in tx.stranded(tuple(audience.recipients)):
            if now - max(delivery.created_at, delivery.held_until or delivery.created_at) >= GIVE_UP_AFTER:
                tx.finish(suppressed(delivery, coded("gone.channel_removed", channel=delivery.channel).to_json()))
            else:
                waiting[delivery.channel] = waiting.get(delivery.channel, 0) + 1
        for channel, number in waiting.items():
            _alert_channel_removed(tx, channel, number, audience, now)


def _alert_channel_removed(tx: Transaction, channel: str, waiting: int, audience: Audience, now: datetime) -> None:
    """Alert once that messages wait for a channel that is gone. It is remembered as one that does not work: that it
    works again is said when it does."""
    circuit = tx.circuit(channel)
    if circuit.operator_knows:
        return
    text = coded("channel.waiting", n=waiting, days=GIVE_UP_AFTER.days)
    gone = replace(circuit, operator_knows=True, failures=max(1, circuit.failures))
    tx.save_circuit(_alert_channel(tx, gone, (WORKS, REMOVED, text), audience, now))


def _alert_channel(
    tx: Transaction, circuit: Circuit, said: tuple[str, str, CodedText], audience: Audience, now: datetime
) -> Circuit:
    """Store the operator's alerts; returns the circuit with its next number."""
    number = circuit.changes + 1
    before, after, text = said
    words = (before, after, _sentence(text))
    news = operational_change(Kind.CHANNEL, circuit.channel, number, "health", words, now)
    enqueue_for_operator(tx, news, audience, now, but_not=circuit.channel)
    return replace(circuit, changes=number)


def _sentence(text: CodedText) -> str:
    return coded("sentences", parts=(text,)).to_json()


def enqueue_for_operator(
    tx: Transaction, news: Change, audience: Audience, now: datetime, but_not: str | None = None
) -> int:
    """Store the operator's alerts of a change of a source or channel, but for the channel that is ill; returns how
    many they are."""
    alerts = for_operator(news, audience, but_not=but_not)
    for alert in alerts:
        tx.enqueue(alert, audience.recipients[alert.channel], now)
    return len(alerts)


CONFIG_SOURCE = "configuration"
CONFIG_REFUSED = coded("configuration.refused").to_json()
CONFIG_IN_FORCE = coded("configuration.in_force").to_json()
MOST_ERRORS_NAMED = 5
"""Faults named in the message; `lexwatch check` names all."""


def config_refused(context: Context, faults: Sequence[str]) -> None:
    """Remember that a changed configuration was refused; alert the operator unless that was done."""
    now = context.clock()
    error, more = "; ".join(faults[:MOST_ERRORS_NAMED]), len(faults) - MOST_ERRORS_NAMED
    if more > 0:
        error = coded("configuration.more", faults=error, n=more).to_json()
    with context.store.begin() as tx:
        before = tx.source(CONFIG_SOURCE) or SourceState(CONFIG_SOURCE)
        after = replace(before, state=Health.REFUSED, last_poll_at=now, failures=before.failures + 1, error=error)
        if not before.operator_knows:
            text = coded("configuration.kept", faults=error).to_json()
            said = (Health.OK, CONFIG_REFUSED, text)
            after = _alert_source(tx, replace(after, operator_knows=True), "reload", said, context.audience, now)
        tx.save_source(after)


def config_accepted(context: Context) -> None:
    """Remember that the configuration was read and taken; alert the operator if the contrary was said."""
    with context.store.read() as view:
        known = view.source(CONFIG_SOURCE)
    if known is None or not known.operator_knows:
        return
    now = context.clock()
    good = replace(
        known, state=Health.OK, last_poll_at=now, last_good_at=now, failures=0, error=None, operator_knows=False
    )
    with context.store.begin() as tx:
        said = (CONFIG_REFUSED, CONFIG_IN_FORCE, None)
        tx.save_source(_alert_source(tx, good, "reload", said, context.audience, now))


def _alert_source(
    tx: Transaction,
    state: SourceState,
    subject: str,
    said: tuple[str, str, str | None],
    audience: Audience,
    now: datetime,
) -> SourceState:
    """Store the operator's alerts; returns the state with its next number."""
    number = state.changes + 1
    enqueue_for_operator(tx, operational_change(Kind.SOURCE, state.name, number, subject, said, now), audience, now)
    return replace(state, changes=number)


DRIFT_SOURCE = "workers"
SAME_CONFIGURATION, CONFIGURATIONS_DIFFER = (coded(f"workers.{state}").to_json() for state in ("same", "differ"))


def alert_configuration_drift(workers: Sequence[WorkerState], context: Context) -> None:
    """Alert the operator once that workers run different configurations, and once that they are the same again."""
    differ = len({worker.configuration for worker in workers}) > 1
    with context.store.read() as view:
        known = view.source(DRIFT_SOURCE)
    if differ == (known is not None and known.operator_knows):
        return
    now = context.clock()
    names = "; ".join(f"{one.name} {one.configuration[:8]}" for one in sorted(workers, key=lambda one: one.name))
    with context.store.begin() as tx:
        before = tx.source(DRIFT_SOURCE) or SourceState(DRIFT_SOURCE)
        if before.operator_knows == differ:
            return
        old, new = (SAME_CONFIGURATION, CONFIGURATIONS_DIFFER)[:: 1 if differ else -1]
        text = coded("workers.configurations", workers=names).to_json() if differ else None
        state = Health.CHANGED if differ else Health.OK
        after = replace(before, state=state, error=text, operator_knows=differ, last_poll_at=now)
        tx.save_source(_alert_source(tx, after, "configuration", (old, new, text), context.audience, now))


def alert_database_lost(error: StoreError, notifiers: Mapping[str, Notifier], context: Context) -> None:
    """Alert the operator at once that the database is gone: nothing can be put in the outbox any more."""
    now = context.clock()
    said = (Health.OK, "lost", str(error))
    change = operational_change(Kind.SOURCE, "database", 1, "lost", said, now)
    for alert in for_operator(change, context.audience):
        notifier = notifiers[alert.channel]
        for to in context.audience.recipients[alert.channel]:
            notice = Notice(
                delivery=alert.delivery_id(to),
                alerts=(alert.id,),
                document=alert.document,
                changes=(change,),
                reasons=alert.reasons,
                created_at=now,
                to=to,
                zone=context.zone,
                written_at=now,
            )
            try:
                message = notifier.freeze(notice)
                notifier.send(message, delivery=notice.delivery, to=to, about_to_commit=lambda: None)
            except DeliveryError as trouble:
                log_event(log, "delivery", level=logging.ERROR, channel=alert.channel, to=to, error=trouble)
