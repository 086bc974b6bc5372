"""What does the configuration come to? `lexwatch check`: what is asked and how often, who is notified of what."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from datetime import date
from itertools import islice
from pathlib import Path

import click

from domain.alerts.routing import Audience, Route
from domain.documents import label
from domain.errors import SourceError, StoreError
from domain.observation import Page, PollRequest
from domain.options import format_duration
from domain.ports import Clock, Http
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.sources import Request, Response
from monitor.cli.session import Session
from monitor.cli.terminal import print_note, print_rows
from monitor.config.settings import ChannelSettings, Settings, WatchSettings
from monitor.service.context import ScheduledSource, watches_of
from monitor.service.runtime import build_http, build_sources
from storage.location import locate
from watchers import SOURCES, source


def check(session: Session, *, online: bool) -> int:
    """Say what this installation would do. Faults of the configuration and the database end it (exit status 2)."""
    settings = session.load()
    click.echo(f"configuration: {settings.path} ({session.place.because})")
    for warning in settings.warnings:
        print_note(f"warning: {warning}")
    click.echo(f"record: {locate(settings.database)} ({_record(session, settings)})")
    scheduled = build_sources(settings)
    _show_sources(settings, scheduled)
    _show_audience(settings)
    _show_costs(settings, session.clock().date())
    broken = _try_templates(settings, session.clock)
    return (_ask_each(settings, scheduled, session.clock) if online else 0) or broken


def _try_templates(settings: Settings, clock: Clock) -> int:
    """Print a sample by each template of the user's; 1 when one cannot be used."""
    if settings.templates is None:
        return 0
    from monitor.service.runtime import template_faults, unknown_templates
    from notifications.templates import TEMPLATES, Templates

    faults = template_faults(settings, clock())
    used = [name for name in Templates(settings.templates).replaced if name not in faults]
    click.echo(f"\ntemplates: {settings.templates} ({', '.join(used) or 'none used'})")
    for name, why in faults.items():
        print_note(f"error: {name} cannot be used, the one that ships takes its place: {why}")
    for name in unknown_templates(settings):
        print_note(f"warning: {name} is no template; there are {', '.join(TEMPLATES)}")
    return 1 if faults else 0


def _record(session: Session, settings: Settings) -> str:
    """Open the database as far as reading goes; StoreError when the service could not write it."""
    if "://" not in settings.database:
        _check_file(settings)
    with session.reading(settings) as reader:
        if reader is None:
            return "begun by the first lexwatch run"
        if reader.rehearsal() != session.rehearsal:
            how = "without --now" if session.rehearsal else "with --now"
            print_note(f"warning: this record can only be read here: it must be written {how}")
        return "rehearsal" if reader.rehearsal() else "in use"


def _check_file(settings: Settings) -> None:
    """StoreError where the database file could not be written."""
    folder = Path(settings.database).parent
    place = settings.database if os.path.exists(settings.database) else folder
    if not settings.shipped and not folder.is_dir():
        raise StoreError(f"service.database: expected an existing folder, {folder} is none")
    if os.path.exists(place) and not os.access(place, os.W_OK):
        raise StoreError(f"service.database: {place} cannot be written by this user")


def _show_sources(settings: Settings, scheduled: Mapping[str, ScheduledSource]) -> None:
    rows = [
        (name, format_duration(scheduled[name].every) if name in scheduled else "not yet", source.base_url)
        for name, source in settings.sources.items()
    ]
    click.echo("")
    print_rows(("Source", "Every", "Address"), rows)


def _show_audience(settings: Settings) -> None:
    rows = [row for watch in settings.watches for row in _audience(watch, settings)]
    click.echo("")
    print_rows(("Watch", "Follows", "Channel", "To", "Kinds"), rows)
    for words in (*map(_route, settings.routes), *map(_hours, settings.channels)):
        if words:
            click.echo(words)
    if settings.operator:
        click.echo(f"\nbroken sources and channels: reported to {', '.join(settings.operator)}")


def _audience(watch: WatchSettings, settings: Settings) -> Iterator[tuple[str, ...]]:
    follows = label(watch.document) if watch.document else watch.feed or watch.page or ""
    if watch.search is not None:
        follows += f" whose {' or '.join(watch.search.places)} matches {watch.search.written}"
    anybody = False
    for channel in settings.channels:
        kinds = _kinds(watch, channel, settings.routes)
        if kinds:
            anybody = True
            yield watch.name, follows, channel.name, ", ".join(channel.to) or channel.kind, _in_order(kinds)
    if not anybody:
        yield watch.name, follows, "nobody", "", ""


def _route(route: Route) -> str:
    """Say what narrows a route and when it goes; nothing for one that carries its kinds at once."""
    facts = [
        f"only {', '.join(sorted(route.stages))}" if route.stages else "",
        f"at least {route.severity.word}" if route.severity is not None else "",
        "with " + ", ".join(f'"{word}"' for word in route.words) if route.words else "",
        f"as a digest, {route.when} ({route.when.zone})" if route.when is not None else "",
    ]
    stated = "; ".join(fact for fact in facts if fact)
    return f"{', '.join(route.watches)} to {', '.join(route.channels)}: {stated}" if stated else ""


def _hours(channel: ChannelSettings) -> str:
    if channel.quiet is None:
        return ""
    urgent = f", but for {', '.join(channel.quiet.urgent)}" if channel.quiet.urgent else ""
    return f"{channel.name} is quiet {channel.quiet} ({channel.quiet.zone}){urgent}"


def _kinds(watch: WatchSettings, channel: ChannelSettings, routes: tuple[Route, ...]) -> frozenset[Kind]:
    if not routes:
        return DEFAULT_KINDS
    there = [route for route in routes if channel.name in route.channels]
    return frozenset().union(*(route.kinds for route in there if route.names(watch.name)))


def _in_order(kinds: frozenset[Kind]) -> str:
    return "the default kinds" if kinds == DEFAULT_KINDS else ", ".join(kind for kind in Kind if kind in kinds)


def _ask_each(settings: Settings, scheduled: Mapping[str, ScheduledSource], clock: Clock) -> int:
    """Ask each source for its first page, keep nothing, and say how it went; 1 when one failed. Channels are named and
    left alone: a message is only sent when somebody asks for one."""
    http = build_http(settings, clock)
    click.echo("")
    failed = [name for name, entry in scheduled.items() if not _went_well(name, entry, settings, http, clock)]
    for name in settings.sources:
        if name not in scheduled:
            click.echo(f"{name}: not asked: this version does not read it yet")
    for channel in settings.channels:
        click.echo(f"{channel.name}: not tried: lexwatch test-channel {channel.name} sends a test message")
    return 1 if failed else 0


def _went_well(name: str, entry: ScheduledSource, settings: Settings, http: Http, clock: Clock) -> bool:
    requests = 0

    def counted(request: Request) -> Response:
        nonlocal requests
        requests += 1
        return http(request)

    try:
        page = next(islice(entry.watcher.poll(_question(settings, entry, clock), counted), 1), None) or Page()
    except SourceError as error:
        click.echo(f"{name}: {error.state}: {error}")
        return False
    for fault in page.faults:
        click.echo(f"{name}: {fault.document or 'list'}: {fault.error.state}: {fault.error}")
    read = len({observation.document for observation in page.observations})
    click.echo(f"{name}: reached, {_counted(requests, 'request')}, {_counted(read, 'document')} on its first page")
    return not page.faults


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"


def _question(settings: Settings, entry: ScheduledSource, clock: Clock) -> PollRequest:
    """Return what the service would ask at its very first poll."""
    audience = Audience(tuple(watches_of(settings)), settings.routes)
    return PollRequest(cursor=None, watched=audience.asked_of(entry.watcher.name, entry.watcher.handles), now=clock())


def _show_costs(settings: Settings, today: date) -> None:
    """Say what the configuration takes beyond asking for what is watched, as its sources know it."""
    for name in settings.sources:
        declared = source(name).costs if name in SOURCES else None
        for line in declared(settings, today) if declared else ():
            click.echo(f"\n{line}")
