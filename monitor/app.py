"""What is this installation made of? The composition root: everything is built here once and passed down."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from domain.detect import advance
from domain.ports import Clock, Http, Notifier, Store, Transaction, Watcher
from domain.routing import Audience, Watch
from monitor.address import allowed_hosts
from monitor.audience import watches_of
from monitor.config import ChannelSettings, Settings
from monitor.dial import Dialer
from monitor.failpoints import reach
from monitor.http import Door
from monitor.looks import Report, manners, tell_of_template, template_faults
from monitor.moves import Moves
from monitor.regimes import FOLDER, find, upkeep
from monitor.settling import settle
from notifications import NOTIFIERS
from notifications.manner import Manner
from storage.sqlite import open_store
from watchers import WATCHERS, read_feed, read_whole_congress

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
"""A mail relay beside lexwatch needs no entry in `allow_hosts`; one elsewhere in a private network does."""

Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True)
class Beat:
    """A watcher and how often it is asked."""

    watcher: Watcher
    every: timedelta


@dataclass(frozen=True, slots=True)
class App:
    """Everything a running lexwatch consists of. `sources` and `notifiers` are by configured name."""

    settings: Settings
    clock: Clock
    store: Store
    http: Http
    sources: Mapping[str, Beat]
    notifiers: Mapping[str, Notifier]
    audience: Audience


def build(settings: Settings, *, clock: Clock, rehearsal: bool) -> App:
    """Build an installation and open its database; StoreError when that cannot be done."""
    store = open_store(settings.database, rehearsal=rehearsal, now=clock(), trace=reach)
    return furnish(settings, store, clock)


def furnish(settings: Settings, store: Store, clock: Clock) -> App:
    """Build everything but the store: at the start, and again when the configuration was changed."""
    http = build_http(settings, clock)
    notifiers = build_notifiers(settings, http, lambda name, why: tell_of_template(store, audience, name, why, clock()))
    with store.begin() as tx:
        watches = _as_configured(tx.register(watches_of(settings), clock()), settings)
        _begin_regimes(tx, watches, settings.path.parent / FOLDER, clock())
        quiet = {channel.name: channel.quiet for channel in settings.channels if channel.quiet is not None}
        tx.equip(quiet, settings.burst)
    settle(store, clock)
    audience = Audience(
        watches=tuple(watches),
        routes=settings.routes,
        recipients={name: tuple(notifier.recipients) for name, notifier in notifiers.items()},
        operator=settings.operator,
    )
    for name, why in template_faults(settings, clock()).items():
        tell_of_template(store, audience, name, why, clock())
    return App(settings, clock, store, http, build_sources(settings), notifiers, audience)


def _begin_regimes(tx: Transaction, watches: Sequence[Watch], folder: Path, now: datetime) -> None:
    """Put what the files of the watched regimes say on record: known before anybody watched, so told to nobody.

    What a file says later stands behind what was read (`monitor.regimes.upkeep`).
    """
    for watch in watches:
        known = find(watch.document, folder) if watch.document else None
        if known is None:
            continue
        record = tx.record(known.regime.document)
        step = advance(record, upkeep(known, record, now), now)
        if step is not None:
            tx.keep(known.evidence(now))
            tx.save(replace(step, changes=(), baseline=True))


def build_http(settings: Settings, clock: Clock) -> Door:
    """Build the one door to the network."""
    return Door(contact=settings.contact or "", allow_hosts=settings.allow_hosts, clock=clock, on_redirect=Moves())


def build_sources(settings: Settings) -> dict[str, Beat]:
    """Build a watcher for each configured source that this version can read."""
    beats = {}
    for name, source in settings.sources.items():
        if name in WATCHERS:
            make = read_whole_congress if source.whole else WATCHERS[name]
            watcher = make(source.base_url, source.api_key)
            beats[name] = Beat(watcher, max(source.every, watcher.every_at_least))
    for watch in settings.watches:
        if watch.feed is not None and watch.subject is not None:
            name = str(watch.subject)
            beats[name] = Beat(read_feed(watch.subject, watch.feed), settings.sources[name].every)
    return beats


def build_notifiers(settings: Settings, http: Http, report: Report | None = None) -> dict[str, Notifier]:
    """Build a notifier for each configured channel of a kind that this version knows. `report` hears of a template
    that cannot be used."""
    connect = _mail_connect(settings)
    manner = manners(settings, report)
    return {c.name: _notifier(c, http, connect, manner(c)) for c in settings.channels if c.kind in NOTIFIERS}


def _mail_connect(settings: Settings) -> Connect:
    """Guard mail servers as publishers are guarded; a relay on this very machine is always meant."""
    dial = Dialer(allowed_hosts((*settings.allow_hosts, *THIS_MACHINE)))

    def connect(host: str, port: int, seconds: float) -> socket.socket:
        deadline = time.monotonic() + seconds
        return dial(host, port, lambda: max(0.0, deadline - time.monotonic()))

    return connect


def _notifier(channel: ChannelSettings, http: Http, connect: Connect, manner: Manner) -> Notifier:
    make = NOTIFIERS[channel.kind]
    if channel.kind == "email":
        return make(
            name=channel.name,
            to=channel.to,
            sender=channel.sender,
            server=channel.server,
            password=channel.password,
            unsubscribe=channel.unsubscribe,
            manner=manner,
            connect=connect,
        )
    if channel.kind == "slack":
        return make(name=channel.name, webhook=channel.webhook, http=http, manner=manner)
    if channel.kind == "webhook":
        return make(name=channel.name, webhook=channel.webhook, secret=channel.secret, http=http, manner=manner)
    if channel.kind == "apprise":
        return make(name=channel.name, url=channel.url, manner=manner)
    return make(name=channel.name, manner=manner)


def _as_configured(stored: Sequence[Watch], settings: Settings) -> list[Watch]:
    """Give the watches their words and searches, which the configuration alone knows: others make no other watch."""
    wanted = {watch.name: watch for watch in watches_of(settings)}
    return [
        replace(watch, words=like.words, search=like.search, follow=like.follow)
        for watch in stored
        if (like := wanted.get(watch.name)) is not None
    ]
