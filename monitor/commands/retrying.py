"""How is a message tried again that was given up? `lexwatch alerts retry`.

A short write beside the running service, which sends by itself: the same id, the same frozen message.
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import closing

import click

from domain.delivery import Delivery, State
from domain.errors import UnknownName
from monitor.commands.running import prepare
from monitor.session import Session
from monitor.terminal import say
from storage.sqlite import open_store


def retry(session: Session, deliveries: Sequence[str], *, all_dead: bool) -> int:
    """Make dead messages wait to be sent again; UnknownName when one named is not dead, and then none is touched."""
    if bool(deliveries) == all_dead:
        raise click.UsageError("name the messages to try again, or say --all-dead")
    now = session.clock()
    prepare(session.settings)
    with closing(open_store(session.settings.database, rehearsal=session.rehearsal, now=now)) as store:
        with store.begin() as tx:
            refused = [words for name in deliveries if (words := _refusal(name, tx.delivery(name)))]
            if refused:
                raise UnknownName("\n".join(refused))
            again = tx.revive(None if all_dead else deliveries, now)
    for delivery in again:
        held = " (held back for now)" if delivery.state is State.HELD else ""
        say(f"{delivery.id} to {delivery.to} by {delivery.channel} is tried again{held}")
    say("nothing is dead" if not again else "the running service sends them; without one: lexwatch run --once")
    return 0


def _refusal(name: str, delivery: Delivery | None) -> str | None:
    """Say why a message cannot be tried again, None if it can."""
    if delivery is None:
        return f"{name}: no message is called that; lexwatch alerts --state dead --json lists the dead"
    return None if delivery.state is State.DEAD else f"{name}: it is {delivery.state}, only the dead are tried again"
