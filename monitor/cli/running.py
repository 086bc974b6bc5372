"""The commands that run or change something: run, test-channel, alerts retry, import."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING

import click

from domain.alerts.delivery import Delivery, State
from domain.errors import ConfigError, DeliveryError, UnknownName, Unreachable
from domain.options import suggest
from domain.ports import Notice, Store, Transaction
from domain.records.corrections import CORRECTED_AFTER_GIVING_UP, Replacement, outdated, replacement
from monitor.cli.session import Session
from monitor.cli.terminal import in_words, print_note
from monitor.config.loader import keep_copy, state_folder
from monitor.config.settings import Settings
from monitor.service.failpoints import hit
from monitor.service.logs import log_event, setup_logging
from monitor.service.process import ShutdownSignals, install_signal_handlers

if TYPE_CHECKING:
    from monitor.service.bulk_files import UnreadableFile
    from monitor.service.bulk_import import ImportCounts
    from notifications.message import Message

log = logging.getLogger("lexwatch")


def run(session: Session, *, once: bool, new_record: bool = False) -> int:
    """Run the service; a faulty configuration is reported before anything is opened."""
    with install_signal_handlers() as signals:
        return _run(session, signals, once=once, new_record=new_record)


def worker(session: Session, queues: str | None) -> int:
    """Run as one of several on a PostgreSQL database; a usage error for a queue there is not."""
    from monitor.service.service import QUEUES
    from storage.location import locate

    wanted = tuple(dict.fromkeys(name.strip() for name in queues.split(","))) if queues is not None else QUEUES
    for name in wanted:
        if name not in QUEUES:
            raise click.BadParameter(f"{name!r} is none of {', '.join(QUEUES)}", param_hint="--queues")
    with install_signal_handlers() as signals:
        settings = _load(session, signals)
        if settings is not None and locate(settings.database).file is not None:
            raise ConfigError(
                [
                    "service.database: several workers share a PostgreSQL database, postgresql://user@host/name; "
                    "on a file there is one: lexwatch run"
                ]
            )
        return _run(session, signals, once=False, new_record=False, queues=wanted)


def _load(session: Session, signals: ShutdownSignals) -> Settings | None:
    """Read the configuration, which asks the database what its watches are: again and again while the server is away.
    None when asked to stop meanwhile."""
    noted = False
    while not signals.stopping.is_set():
        try:
            return session.load()
        except Unreachable as error:
            if not noted:
                print_note(f"{error}; trying again")
            noted = True
            signals.stopping.wait(_SECONDS_BETWEEN_TRIES)
    return None


def _run(
    session: Session, signals: ShutdownSignals, *, once: bool, new_record: bool, queues: Sequence[str] | None = None
) -> int:
    session.new_record = new_record
    settings = session.load() if once else _load(session, signals)
    if settings is None:
        return 0
    prepare(settings)
    keep_copy(session.place.path, os.environ)
    setup_logging(settings)
    _log_warnings(settings)

    def reload() -> Settings:
        fresh = session.load()
        keep_copy(session.place.path, os.environ)
        setup_logging(fresh)
        _log_warnings(fresh)
        return fresh

    from monitor.service.service import run_service as serve

    return serve(
        settings,
        clock=session.clock,
        rehearsal=session.rehearsal,
        once=once,
        reload=reload,
        signals=signals,
        marker=marker_of(settings),
        new_record=new_record,
        **({} if queues is None else {"queues": queues}),
    )


def marker_of(settings: Settings) -> Path:
    """Return the file in the user's state folder that remembers this database, so that a lost one is noticed."""
    from storage.ownership import marker_file

    return marker_file(settings.database, state_folder(os.environ))


@contextmanager
def open_record(session: Session) -> Iterator[Store]:
    """Open the database for a short write, beside the service or without it."""
    from storage.store import open_store

    settings = session.settings
    prepare(settings)
    store = open_store(
        settings.database,
        rehearsal=session.rehearsal,
        now=session.clock(),
        holds=settings.holds,
        marker=marker_of(settings),
        trace=hit,
    )
    with closing(store):
        yield store


def prepare(settings: Settings) -> None:
    """Make the folder of the shipped default's database; a folder the user named must be there already."""
    if settings.shipped:
        try:
            Path(settings.database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigError([f"{Path(settings.database).parent} cannot be made: {error.strerror}"]) from None


def _log_warnings(settings: Settings) -> None:
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


def digest(session: Session, name: str, *, out: str | None) -> int:
    """Write the next digests and the report of a channel, or the digests of a route, as they stand; to a file that ends
    in .html as HTML. 1 when nothing waits."""
    from monitor.cli.exporting import whole_file
    from monitor.service.context import audience_of
    from monitor.service.digests import next_digests, next_report
    from monitor.service.runtime import render_options
    from notifications.compose import compose
    from storage.audit import AuditReader

    settings, render = session.settings, render_options(session.settings, None)
    routes = [route for route in settings.routes if route.name == name]
    wanted = {channel for route in routes for channel in route.channels} or {name}
    channels = [channel for channel in settings.channels if channel.name in wanted]
    if not channels:
        known = [*(channel.name for channel in settings.channels), *(one.name for one in settings.routes if one.name)]
        raise click.BadParameter(f"no channel or route is called that; {suggest(name, known)}", param_hint="NAME")
    found: list[str] = []
    with session.reading() as reader:
        view = AuditReader.of(reader).view if reader else None
        audience = audience_of(settings, reader.watches() if reader else ())
        for channel in channels:
            if view is None:
                break
            options = render(channel)
            form = options.templates.as_html if out and out.lower().endswith((".html", ".htm")) else _as_mail
            keys = {str(route.when) for route in routes} or None
            notices = next_digests(view, channel.name, audience, settings.timezone, session.clock(), keys)
            if channel.report is not None and reader is not None and not routes:
                notices.append(next_report(settings, channel.name, audience, reader, session.clock()))
            found += [form(compose(notice, options)) for notice in notices]
    if not found:
        schedules = sorted({str(r.when) for r in settings.routes if r.when and wanted.intersection(r.channels)})
        print_note(f"nothing waits for the next digest of {name}" + (f" ({', '.join(schedules)})" if schedules else ""))
        return 1
    if out is None:
        click.echo("\n\n".join(found))
        return 0
    with whole_file(out) as file:
        file.write("\n\n".join(found).encode())
    print_note(f"{out}: {len(found)} message{'' if len(found) == 1 else 's'}, as it would go now")
    return 0


def _as_mail(message: Message) -> str:
    from notifications.templates import SHIPPED

    return f"Subject: {message.subject}\n\n{SHIPPED.as_text(message)}"


def retry(session: Session, deliveries: Sequence[str], *, all_dead: bool) -> int:
    """Make dead messages wait to be sent again; UnknownName when one named is not dead, and then none is touched."""
    if bool(deliveries) == all_dead:
        raise click.UsageError("name the messages to try again, or say --all-dead")
    now = session.clock()
    with open_record(session) as store, store.begin() as tx:
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
        wrong = _outdated_documents(tx, notice)
        if wrong and len(notice.documents) > 1:
            yield f"{delivery.id} to {delivery.to} stays dead: what it says of {', '.join(wrong)} was corrected since"
            continue
        found = replacement(delivery, notice, tx.past(delivery.document)) if wrong else None
        yield _revive(tx, delivery, now) if found is None else _replace(tx, found, now)


def _outdated_documents(tx: Transaction, notice: Notice) -> tuple[str, ...]:
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
    """Withdraw the message and send what stands now, in one transaction."""
    old = found.delivery
    tx.recall(old.id, CORRECTED_AFTER_GIVING_UP)
    if found.alert is None:
        return f"{old.id} to {old.to} is withdrawn: {in_words(CORRECTED_AFTER_GIVING_UP)}, and nothing is left to send"
    alert = tx.enqueue(found.alert, (old.to,), now)
    tx.add_recipients(alert, (old.to,), now)
    instead = alert.delivery_id(old.to)
    return f"{old.id} to {old.to} is withdrawn: {in_words(CORRECTED_AFTER_GIVING_UP)}; {instead} says what stands now"


def _refusal(name: str, delivery: Delivery | None) -> str | None:
    """Say why a message cannot be tried again, None if it can."""
    if delivery is None:
        return f"{name}: no message is called that; lexwatch alerts --state dead --json lists the dead"
    return None if delivery.state is State.DEAD else f"{name}: it is {delivery.state}, only the dead are tried again"


_SECONDS_BETWEEN_TRIES = 5.0
"""Seconds until a database server that is away is asked again."""

_SECONDS_BETWEEN_CHECKS = 0.2
"""Seconds between two looks at how far it is."""


@dataclass(slots=True)
class Progress:
    """Shows how far an import is, on a terminal; `seconds` is a clock that never goes back."""

    files: int
    stream: IO[str] = field(default_factory=lambda: sys.stderr)
    began: float = field(default_factory=time.monotonic)
    shown_at: float = 0.0
    shown: int = 0

    def report(self, tally: ImportCounts) -> None:
        now = time.monotonic()
        if self.stream.isatty() and now - self.shown_at >= _SECONDS_BETWEEN_CHECKS:
            self.shown_at = now
            self._show(progress_line(tally, self.files, now - self.began))

    def complain(self, file: UnreadableFile) -> None:
        self.clear()
        print_note(f"{file.name}: left out: {file.reason}")

    def clear(self) -> None:
        if self.shown:
            self._show("")
            self.stream.write("\r")

    def _show(self, text: str) -> None:
        """Write over what was shown last."""
        self.stream.write(f"\r{text:<{self.shown}}")
        self.stream.flush()
        self.shown = len(text)


def import_(session: Session, paths: Sequence[str]) -> int:
    """Import; 1 when a file had to be left out."""
    from monitor.service.bulk_files import count_files, read_files
    from monitor.service.bulk_import import import_files, parse_pool

    places = [Path(path) for path in paths]
    with open_record(session) as store:
        progress = Progress(count_files(places))
        with parse_pool(progress.files) as read:
            tally = import_files(
                read_files(places), store, session.clock, read=read, report=progress.report, complain=progress.complain
            )
        progress.clear()
        if any(watch.search is not None for watch in session.settings.watches):
            from monitor.service.context import watches_of
            from monitor.service.runtime import write_finds

            write_finds(store, watches_of(session.settings), session.clock(), imported=True)
    print_note(import_summary(tally, time.monotonic() - progress.began))
    return 1 if tally.bad else 0


def progress_line(tally: ImportCounts, files: int, seconds: float) -> str:
    """Say how far an import is, how fast, and how long it will take at this pace."""
    rate = tally.seen / seconds if seconds > 0 else 0
    left = f", {_span((files - tally.seen) / rate)} left" if rate and files > tally.seen else ""
    return f"{tally.seen:,} of {max(files, tally.seen):,} files, {rate:,.0f} a second{left}"


def import_summary(tally: ImportCounts, seconds: float) -> str:
    """Say what an import came to."""
    counts = {
        "new": tally.new,
        "changed": tally.changed,
        "with nothing new": tally.same,
        "read before": tally.known,
        "left out": tally.bad,
    }
    reported = ", ".join(f"{count:,} {what}" for what, count in counts.items() if count) or "nothing in it"
    return f"{tally.seen:,} file{'' if tally.seen == 1 else 's'} in {_span(seconds)}: {reported}"


def _span(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole} s" if whole < 120 else f"{whole // 60} min" if whole < 7200 else f"{whole // 3600} h"
