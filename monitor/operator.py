"""What does the operator hear of channels? That one is dying or back, that messages died, that one was taken away.

Each is a change of `channel/NAME`, told by the other channels. What is not sent yet goes as one message, so that many
deaths are told together.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.changes import Change
from domain.circuit import Circuit, is_back, is_dying
from domain.delivery import Delivery, State
from domain.facets import Kind, short_digest
from domain.identity import operational
from domain.ports import Transaction
from domain.routing import Audience, for_operator

WORKS, FAILS, REMOVED = "messages are taken", "no message is taken", "no longer configured"


def tell_of_channel(tx: Transaction, circuit: Circuit, audience: Audience, now: datetime) -> Circuit:
    """Tell once that a channel does not work, and once that it does again; returns the circuit to be remembered."""
    if is_dying(circuit, now):
        text = (
            f"Since {circuit.since:%Y-%m-%d %H:%M} UTC: {circuit.error}. Its messages wait and are sent when it works."
        )
        return _tell(tx, replace(circuit, told=True), (WORKS, FAILS, text), audience, now)
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


def tell_of_removal(tx: Transaction, channel: str, waiting: int, audience: Audience, now: datetime) -> None:
    """Tell once that messages wait for a channel that the configuration no longer has."""
    circuit = tx.circuit(channel)
    if not circuit.told:
        text = f"{waiting} of its messages wait. They are kept for four days in case it comes back, then laid aside."
        tx.save_circuit(_tell(tx, replace(circuit, told=True), (WORKS, REMOVED, text), audience, now))


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
