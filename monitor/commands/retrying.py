"""How is a message tried again that was given up? `lexwatch alerts retry`.

A short write beside the running service, which sends by itself: the same id, the same frozen message. What that message
says may have been put right meanwhile: then it is withdrawn, and its reader gets what stands now.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime

import click

from domain.delivery import Delivery, State
from domain.errors import UnknownName
from domain.ports import Notice, Transaction
from domain.revival import WITHDRAWN, Revival, outdated, revival
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
            said = tuple(try_again(tx, [d for d in tx.dead() if all_dead or d.id in deliveries], now))
    for line in said:
        say(line)
    say("the running service sends them; without one: lexwatch run --once" if said else "nothing is dead")
    return 0


def try_again(tx: Transaction, dead: Sequence[Delivery], now: datetime) -> Iterator[str]:
    """Make these dead messages wait again, or what stands now in the place of what they say; yields what was done."""
    for delivery in dead:
        notice = tx.notice(delivery, "UTC")
        wrong = _put_right(tx, notice)
        if wrong and len(notice.documents) > 1:
            yield f"{delivery.id} to {delivery.to} stays dead: what it says of {', '.join(wrong)} was put right since"
            continue
        found = revival(delivery, notice, tx.past(delivery.document)) if wrong else None
        yield _revive(tx, delivery, now) if found is None else _replace(tx, found, now)


def _put_right(tx: Transaction, notice: Notice) -> tuple[str, ...]:
    """Return the documents of which the message says what is no longer so."""
    about = {document: tx.past(document) for document in notice.documents}
    return tuple(
        str(document)
        for document, past in about.items()
        if outdated((change for change in notice.changes if change.document == document), past)
    )


def _revive(tx: Transaction, delivery: Delivery, now: datetime) -> str:
    (again,) = tx.revive([delivery.id], now)
    held = " (held back for now)" if again.state is State.HELD else ""
    return f"{again.id} to {again.to} by {again.channel} is tried again{held}"


def _replace(tx: Transaction, found: Revival, now: datetime) -> str:
    """Withdraw the message and tell what stands now, in the same breath."""
    old = found.delivery
    tx.recall(old.id, WITHDRAWN)
    if found.alert is None:
        return f"{old.id} to {old.to} is withdrawn: {WITHDRAWN}, and nothing is left to tell"
    tx.enqueue(found.alert, (old.to,), now)
    tx.address(found.alert, (old.to,), now)
    return f"{old.id} to {old.to} is withdrawn: {WITHDRAWN}; {found.alert.delivery_id(old.to)} says what stands now"


def _refusal(name: str, delivery: Delivery | None) -> str | None:
    """Say why a message cannot be tried again, None if it can."""
    if delivery is None:
        return f"{name}: no message is called that; lexwatch alerts --state dead --json lists the dead"
    return None if delivery.state is State.DEAD else f"{name}: it is {delivery.state}, only the dead are tried again"
