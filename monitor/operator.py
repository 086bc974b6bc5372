"""What does the operator hear of channels? That one is dying or back, that messages died, that one was taken away.

Each is a change of `channel/NAME`, told by the other channels. What is not sent yet goes as one message, so that many
deaths are told together.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.changes import Change
from domain.circuit import Circuit, is_back, is_dying
from domain.delivery import GIVE_UP_AFTER, Delivery, State, suppressed
from domain.facets import Kind, short_digest
from domain.identity import operational
from domain.ports import Store, Transaction
from domain.routing import Audience, for_operator

WORKS, FAILS, REMOVED = "messages are taken", "no message is taken", "no longer configured"
REFUSED = "every message is refused: a person must act"


def tell_of_channel(tx: Transaction, circuit: Circuit, audience: Audience, now: datetime) -> Circuit:
    """Tell once that a channel does not work, and once that it does again; returns the circuit to be remembered."""
    if is_dying(circuit, now):
        text = (
            f"Since {circuit.since:%Y-%m-%d %H:%M} UTC: {circuit.error}. Its messages wait and are sent when it works."
        )
        said = (WORKS, REFUSED if circuit.refused else FAILS, text)
        return _tell(tx, replace(circuit, told=True), said, audience, now)
    if is_back(circuit):
        text = "What waited for it is being sent."
        return _tell(tx, replace(circuit, told=False), (FAILS, WORKS, text), audience, now)
    return circuit


def tell_of_death(tx: Transaction, delivery: Delivery, audience: Audience, now: datetime) -> None:
    """Tell that a message will not be tried again; nothing for one that lives, or was about a channel itself."""
    if delivery.state is not State.DEAD or delivery.document.is_operational:
        return
    text = f"a message to {delivery.to} about {delivery.document} was given up: {delivery.error}"
    said = (str(State.PENDING), str(State.DEAD), text)
    # Each dead message is told once: its id makes the alert's identity, and so does how often it was tried.
    number = int(short_digest(f"{delivery.id}#{delivery.attempts}"), 16)
    _enqueue(tx, _news(delivery.channel, number, delivery.id, said, now), audience, now)


def look_after_the_stranded(store: Store, audience: Audience, now: datetime) -> None:
    """Say what happens to messages whose channel the configuration no longer has: they wait, and the operator hears of
    it once; when a receiver would be given up they are laid aside."""
    with store.look() as view:
        if not view.stranded(tuple(audience.recipients)):
            return
    with store.begin() as tx:
        waiting: dict[str, int] = {}
        for delivery in tx.stranded(tuple(audience.recipients)):
            if now - max(delivery.created_at, delivery.held_until or delivery.created_at) >= GIVE_UP_AFTER:
                tx.finish(suppressed(delivery, f"the channel {delivery.channel} is no longer configured"))
            else:
                waiting[delivery.channel] = waiting.get(delivery.channel, 0) + 1
        for channel, number in waiting.items():
            _tell_of_removal(tx, channel, number, audience, now)


def _tell_of_removal(tx: Transaction, channel: str, waiting: int, audience: Audience, now: datetime) -> None:
    """Tell once that messages wait for a channel that is gone. It is remembered as one that does not work: that it
    works again is told when it does."""
    circuit = tx.circuit(channel)
    if circuit.told:
        return
    messages = "1 message waits" if waiting == 1 else f"{waiting} messages wait"
    text = f"{messages} for it: kept for {GIVE_UP_AFTER.days} days in case it comes back, then laid aside."
    gone = replace(circuit, told=True, failures=max(1, circuit.failures))
    tx.save_circuit(_tell(tx, gone, (WORKS, REMOVED, text), audience, now))


def _tell(tx: Transaction, circuit: Circuit, said: tuple[str, str, str], audience: Audience, now: datetime) -> Circuit:
    """Store the operator's alerts; returns the circuit with its next number."""
    number = circuit.changes + 1
    _enqueue(tx, _news(circuit.channel, number, "health", said, now), audience, now)
    return replace(circuit, changes=number)


def _news(channel: str, number: int, subject: str, said: tuple[str, str, str], now: datetime) -> Change:
    before, after, text = said
    return Change(
        document=operational("channel", channel),
        revision=number,
        kind=Kind.CHANNEL,
        subject=subject,
        before=before,
        after=after,
        text=text,
        happened_on=None,
        seen_at=now,
        source=channel,
    )


def _enqueue(tx: Transaction, news: Change, audience: Audience, now: datetime) -> None:
    for alert in for_operator(news, audience, but_not=news.source):
        tx.enqueue(alert, audience.recipients[alert.channel], now)
