"""What does this installation consist of? Everything is built here once and passed down."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from domain.alerts.routing import Audience, Watch
from domain.alerts.search import SearchMatch
from domain.coded_text import coded
from domain.ports import Clock, Http, Notifier, Store, Transaction
from domain.records.detection import advance
from domain.records.facets import Kind, short_digest
from domain.records.record import operational_change
from monitor.config.settings import DEADLINE, ChannelSettings, Settings
from monitor.http.addresses import normalize_hosts
from monitor.http.client import HttpClient, PermanentRedirectLog
from monitor.http.connection import SafeConnector
from monitor.service.context import Context, ScheduledSource, build_sources, watches_of
from monitor.service.dispatch import reapply_holds
from monitor.service.failpoints import hit
from monitor.service.logs import log_search
from monitor.service.operator_alerts import enqueue_for_operator
from monitor.service.regimes import FOLDER, find_regime, regime_file_update
from notifications import build_notifier
from storage.location import locate
from storage.store import BUSY, DatabaseStore, open_store

if TYPE_CHECKING:
    from notifications.templates import RenderOptions

ReportTemplateFault = Callable[[str, str], None]
"""Gets the name of a template that cannot be used, and why."""

UNUSABLE = coded("template.unusable").to_json()


def render_options(
    settings: Settings, report: ReportTemplateFault | None
) -> Callable[[ChannelSettings], RenderOptions]:
    """Return what gives each channel its language, zone and templates."""
    from notifications.templates import SHIPPED, RenderOptions, Templates
    from notifications.translation import language_of

    templates = SHIPPED if settings.templates is None else Templates(settings.templates, report)
    return lambda channel: RenderOptions(language_of(channel.language), channel.timezone, templates)


def template_faults(settings: Settings, now: datetime) -> Mapping[str, str]:
    """Print a sample by each template of the user's, in every language in use; returns what is wrong, with its
    line, by the name of the template."""
    if settings.templates is None:
        return {}
    from notifications.compose import compose
    from notifications.templates import RenderOptions, Templates, sample_notices
    from notifications.translation import language_of

    templates = Templates(settings.templates)
    tongues = dict.fromkeys(channel.language for channel in settings.channels) or {"en": None}
    messages = [compose(one, RenderOptions(language_of(code))) for code in tongues for one in sample_notices(now)]
    found = ((name, templates.fault(name, message)) for name in templates.replaced for message in messages)
    return {name: why for name, why in found if why is not None}


def unknown_templates(settings: Settings) -> tuple[str, ...]:
    """Return the files of the folder whose names could be templates and are none: a misspelt one is never used."""
    if settings.templates is None:
        return ()
    from notifications.templates import TEMPLATES

    there = sorted(path.name for path in settings.templates.iterdir() if path.suffix in (".txt", ".html"))
    return tuple(name for name in there if name not in TEMPLATES)


def alert_template_fault(store: Store, audience: Audience, name: str, why: str, now: datetime) -> None:
    """Alert the operator that the template that ships stands in for one of the user's: once for each fault, since the
    same fault makes the same alert."""
    number = int(short_digest(f"{name}: {why.partition(': ')[0]}"), 16)
    change = operational_change(Kind.CHANNEL, "templates", number, name, (None, UNUSABLE, why), now)
    with store.begin() as tx:
        enqueue_for_operator(tx, change, audience, now)


DOCUMENTS_AT_ONCE = 500
"""Documents of the record in which searches look at a time."""

THIS_MACHINE = ("localhost", "127.0.0.1", "::1")
"""A mail relay beside lexwatch needs no entry in `allow_hosts`; one elsewhere in a private network does."""

LEAST_BUSY = timedelta(seconds=10)
"""Whoever waits for a lock of a server asks so soon, or after a third of `take_over`, whether its owner is gone."""

Connect = Callable[[str, int, float], socket.socket]


@dataclass(frozen=True, slots=True, kw_only=True)
class Runtime(Context):
    """Everything a running lexwatch consists of. `sources` and `notifiers` are by configured name."""

    settings: Settings
    http: Http
    sources: Mapping[str, ScheduledSource]
    notifiers: Mapping[str, Notifier]


def open_runtime(
    settings: Settings,
    *,
    clock: Clock,
    rehearsal: bool,
    marker: Path | None = None,
    new_record: bool = False,
    server_clock: Callable[[DatabaseStore, Clock], Clock] | None = None,
    register: bool = True,
) -> Runtime:
    """Build an installation and open its database; StoreError when that cannot be done.

    A database on a server belongs to one installation, by name. `server_clock` makes the clock that all go by there.
    """
    store = open_store(
        settings.database,
        rehearsal=rehearsal,
        now=clock(),
        trace=hit,
        busy=BUSY if locate(settings.database).file else min(BUSY, max(LEAST_BUSY, settings.take_over / 3)),
        marker=marker,
        new_record=new_record,
    )
    if store.location.file is None:
        clock = clock if server_clock is None else server_clock(store, clock)
        store.end_connections(clock() - settings.take_over)  # else a frozen one may keep the locks needed below
        store.claim_name(settings.name or settings.path.name)
    return build_runtime(settings, store, clock, register)


def build_runtime(settings: Settings, store: Store, clock: Clock, register: bool = True) -> Runtime:
    """Build everything but the store: at the start, and again when the configuration was changed. With `register` it
    is in force from now on; without, another one stays so."""
    http = build_http(settings, clock, settings.answer_within if locate(settings.database).file is None else DEADLINE)
    notifiers = build_notifiers(
        settings, http, lambda name, why: alert_template_fault(store, audience, name, why, clock())
    )
    store.holds = settings.holds
    with store.begin() as tx:
        stored = tx.register(watches_of(settings), clock()) if register else tx.watches()
        watches = _as_configured(stored, settings)
        if register:
            tx.put_in_force(settings.digest)
        _record_regime_files(tx, watches, settings.path.parent / FOLDER, clock())
    reapply_holds(store, clock)
    if register:
        watches = write_finds(store, watches, clock())
    audience = Audience(
        watches=tuple(watches),
        routes=settings.routes,
        recipients={name: tuple(notifier.recipients) for name, notifier in notifiers.items()},
        operator=settings.operator,
    )
    for name, why in template_faults(settings, clock()).items():
        alert_template_fault(store, audience, name, why, clock())
    return Runtime(
        store,
        audience,
        clock,
        settings.timezone,
        settings.digest,
        settings=settings,
        http=http,
        sources=build_sources(settings),
        notifiers=notifiers,
    )


def write_finds(store: Store, watches: Sequence[Watch], now: datetime, *, imported: bool = False) -> list[Watch]:
    """Look for what is on record already with the searches that are new or changed; after something was `imported`,
    with those that are neither. What was there is their past: returns the watches, the changed ones made `now`."""
    searching = {watch.name: (watch, watch.search) for watch in watches if watch.search is not None}
    keys = {name: search.key for name, (_, search) in searching.items()}
    with store.read() as view:
        known = view.searches()
        if known == keys and not imported:
            return list(watches)
        documents = view.documents()
    changed = [pair for name, pair in searching.items() if (known.get(name) == keys[name]) == imported]
    names = tuple(dict.fromkeys(name for _, search in changed for name in search.facets))
    found: list[SearchMatch] = []
    for first in range(0, len(documents) if changed else 0, DOCUMENTS_AT_ONCE):
        with store.read() as view:
            stated = view.facets(documents[first : first + DOCUMENTS_AT_ONCE], names)
        for document, facets in stated.items():
            for watch, search in changed:
                words = search.found_in(facets) if watch.covers(document) else None
                if words is not None:
                    found.append(SearchMatch(watch.name, document, words, now, baseline=True))
    with store.begin() as tx:
        tx.put_searches(dict(known) if imported else keys, now)
        tx.save_matches(found)
    for watch, _ in changed if documents else ():
        log_search(watch.name, sum(match.watch == watch.name for match in found), "the record")
    reworded = () if imported else [name for name, key in known.items() if keys.get(name, key) != key]
    return [replace(watch, created_at=now) if watch.name in reworded else watch for watch in watches]


def _record_regime_files(tx: Transaction, watches: Sequence[Watch], folder: Path, now: datetime) -> None:
    """Put what the files of the watched regimes say on record: known before anybody watched, so nobody is notified.

    What a file says later stands behind what was read (`monitor.service.regimes.regime_file_update`).
    """
    for watch in watches:
        known = find_regime(watch.document, folder) if watch.document else None
        if known is None:
            continue
        record = tx.record(known.regime.document)
        step = advance(record, regime_file_update(known, record, now), now)
        if step is not None:
            tx.keep(known.evidence(now))
            tx.save(replace(step, changes=(), baseline=True))


def build_http(settings: Settings, clock: Clock, within: timedelta = DEADLINE) -> HttpClient:
    """Build the HTTP client; each answer has to come `within` so long."""
    return HttpClient(
        deadline=within.total_seconds(),
        contact=settings.contact or "",
        allow_hosts=settings.allow_hosts,
        clock=clock,
        on_redirect=PermanentRedirectLog(),
    )


def build_notifiers(settings: Settings, http: Http, report: ReportTemplateFault | None = None) -> dict[str, Notifier]:
    """Build a notifier for each configured channel. `report` is called for a template that cannot be used."""
    connect = _mail_connect(settings)
    render = render_options(settings, report)
    return {
        channel.name: build_notifier(
            channel.kind,
            channel.name,
            msgspec.structs.asdict(channel.options),
            http=http,
            connect=connect,
            render=render(channel),
        )
        for channel in settings.channels
    }


def _mail_connect(settings: Settings) -> Connect:
    """Guard mail servers as publishers are guarded; a relay on this very machine is always meant."""
    dial = SafeConnector(normalize_hosts((*settings.allow_hosts, *THIS_MACHINE)))

    def connect(host: str, port: int, seconds: float) -> socket.socket:
        deadline = time.monotonic() + seconds
        return dial(host, port, lambda: max(0.0, deadline - time.monotonic()))

    return connect


def _as_configured(stored: Sequence[Watch], settings: Settings) -> list[Watch]:
    """Give the watches their words and searches, which the configuration alone knows: others make no other watch."""
    wanted = {watch.name: watch for watch in watches_of(settings)}
    return [
        replace(
            watch,
            words=like.words,
            search=like.search,
            follow=like.follow,
            also=like.also,
            everywhere=like.everywhere,
        )
        for watch in stored
        if (like := wanted.get(watch.name)) is not None
    ]
