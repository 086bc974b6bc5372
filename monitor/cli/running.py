"""The commands that run or change something: run, test-channel, alerts retry."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from pathlib import Path

import click

from domain.alerts.delivery import Delivery, State
from domain.errors import ConfigError, DeliveryError, UnknownName
from domain.options import suggest
from domain.ports import Notice, Transaction
from domain.records.corrections import CORRECTED_AFTER_GIVING_UP, Replacement, outdated, replacement
from monitor.cli.session import Session
from monitor.cli.terminal import print_note
from monitor.config.settings import Settings
from monitor.service.logs import log_event, setup_logging
from monitor.service.signals import ShutdownSignals, install_signal_handlers
from storage.store import open_store

log = logging.getLogger("lexwatch")


def run(session: Session, *, once: bool) -> int:
    """Run the service; a faulty configuration is told before anything is opened."""
    with install_signal_handlers() as signals:
        return _run(session, signals, once=once)


def _run(session: Session, signals: ShutdownSignals, *, once: bool) -> int:
    settings = session.load()
    prepare(settings)
    setup_logging(settings)
    _tell_warnings(settings)

    def reload() -> Settings:
        fresh = session.load()
        setup_logging(fresh)
        _tell_warnings(fresh)
        return fresh

    from monitor.service.service import run_service as serve

    return serve(settings, clock=session.clock, rehearsal=session.rehearsal, once=once, reload=reload, signals=signals)


def prepare(settings: Settings) -> None:
    """Make the folder of the shipped default's database; a folder the user named must be there already."""
    if settings.shipped:
        try:
            Path(settings.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError([f"{Path(settings.database).parent} cannot be made: {error.strerror}"]) from None


def _tell_warnings(settings: Settings) -> None:
    for warning in settings.warnings:
        log_event(log, "configuration", level=logging.WARNING, warning=warning)


def test_channel(session: Session, name: str) -> int:
    """Send one test message to each recipient of a channel; 1 when a receiver did not take it."""
    from monitor.service.runtime import build_http, build_notifiers
    from notifications.compose import trial_notice

    settings = session.load()
    notifier = build_notifiers(settings, build_http(settings, session.clock)).get(name)
    if notifier is None:
        known = [channel.name for channel in settings.channels]
        raise click.BadParameter(f"unknown channel {name!r}; {suggest(name, known)}", param_hint="NAME")
    refused = 0
    for recipient in notifier.recipients:
        notice = trial_notice(name, recipient, session.clock(), settings.timezone)
        try:
            answer = notifier.send(
                notifier.freeze(notice), delivery=notice.delivery, to=recipient, about_to_commit=lambda: None
            )
            click.echo(f"{recipient}: accepted: {answer}", err=True)
        except DeliveryError as error:
            refused += 1
            click.echo(f"{recipient}: not accepted: {error}", err=True)
    return 1 if refused else 0


def retry(session: Session, deliveries: Sequence[str], *, all_dead: bool) -> int:
    """Make dead messages wait to be sent again; UnknownName when one named is not dead, and then none is touched."""
    if bool(deliveries) == all_dead:
        raise click.UsageError("name the messages to try again, or say --all-dead")
    now = session.clock()
    prepare(session.settings)
    database, holds = session.settings.database, session.settings.holds
    with closing(open_store(database, rehearsal=session.rehearsal, now=now, holds=holds)) as store:
        with store.begin() as tx:
            refused = [words for name in deliveries if (words := _refusal(name, tx.delivery(name)))]
            if refused:
                raise UnknownName("\n".join(refused))
            said = tuple(try_again(tx, [d for d in tx.dead() if all_dead or d.id in deliveries], now))
    for line in said:
        print_note(line)
    print_note("the running service sends them; without one: lexwatch run --once" if said else "nothing is dead")
    return 0


def try_again(tx: Transaction, dead: Sequence[Delivery], now: datetime) -> Iterator[str]:
    """Make these dead messages wait again, or what stands now in the place of what they say; yields what was done."""
    for delivery in dead:
        notice = tx.notice(delivery, "UTC")
        wrong = _put_right(tx, notice)
        if wrong and len(notice.documents) > 1:
            yield f"{delivery.id} to {delivery.to} stays dead: what it says of {', '.join(wrong)} was put right since"
            continue
        found = replacement(delivery, notice, tx.past(delivery.document)) if wrong else None
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


def _replace(tx: Transaction, found: Replacement, now: datetime) -> str:
    """Withdraw the message and tell what stands now, in the same breath."""
    old = found.delivery
    tx.recall(old.id, CORRECTED_AFTER_GIVING_UP)
    if found.alert is None:
        return f"{old.id} to {old.to} is withdrawn: {CORRECTED_AFTER_GIVING_UP}, and nothing is left to tell"
    alert = tx.enqueue(found.alert, (old.to,), now)
    tx.add_recipients(alert, (old.to,), now)
    instead = alert.delivery_id(old.to)
    return f"{old.id} to {old.to} is withdrawn: {CORRECTED_AFTER_GIVING_UP}; {instead} says what stands now"


def _refusal(name: str, delivery: Delivery | None) -> str | None:
    """Say why a message cannot be tried again, None if it can."""
    if delivery is None:
        return f"{name}: no message is called that; lexwatch alerts --state dead --json lists the dead"
    return None if delivery.state is State.DEAD else f"{name}: it is {delivery.state}, only the dead are tried again"
