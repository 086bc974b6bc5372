"""What would happen? `lexwatch check` says what is asked and who is notified, `lexwatch rehearse` what a configuration
would have sent over the recorded past."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from domain.alerts.delivery import State
from domain.alerts.routing import Audience, Route
from domain.dates import iso_utc
from domain.documents import label
from domain.errors import ConfigError, SourceError, StoreError, UnknownName
from domain.observation import Observation, PollRequest
from domain.options import format_duration
from domain.ports import Clock, Http, WorkerState
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.sources import Request, Response
from monitor.cli.session import Session, nothing_recorded, time_option
from monitor.cli.terminal import in_words, local_time, one_line, print_json, print_note, print_rows
from monitor.config.loader import load_config
from monitor.config.settings import ChannelSettings, Settings, SourceSettings, WatchSettings
from monitor.config.watch_tables import pin_watches
from monitor.portfolio import searches_of
from monitor.service.context import ScheduledSource, build_sources, watches_of
from storage.location import locate
from watchers import SOURCES, source

if TYPE_CHECKING:
    from monitor.service.backtest import BacktestMessage
    from storage.reader import Reader

Json = dict[str, Any]

PAGES_SEARCHED = 4
"""Pages of a source that `check --online` asks for where a search looks through them."""

MATCHES_NAMED = 5

BEGINNING = datetime(1900, 1, 1, tzinfo=UTC)


def check(session: Session, *, online: bool) -> int:
    """Say what this installation would do. Faults of the configuration and the database end it (exit status 2)."""
    settings = session.load()
    click.echo(f"configuration: {settings.path} ({session.place.because})")
    for warning in settings.warnings:
        print_note(f"warning: {warning}")
    if "://" not in settings.database:
        _check_file(settings)
    with session.reading(settings) as reader:
        click.echo(f"record: {locate(settings.database)} ({_record(session, reader)})")
        workers = reader.workers() if reader else ()
        names = searches_of(settings)
        found = reader.found(names) if reader and names else {}
    scheduled = build_sources(settings)
    _show_workers(workers, settings, session.clock())
    _show_sources(settings, scheduled)
    _show_audience(settings)
    _show_costs(settings, session.clock().date())
    for name in names if reader else ():
        click.echo(f"{name}: {_counted(found.get(name, (0, 0))[0], 'document')} on record")
    broken = _try_templates(settings, session.clock)
    unread = [watch.name for watch in settings.watches if watch.page]
    for name in unread:
        print_note(
            f"{name} is never read: this version reads no pages; a feed it names: lexwatch watch {name} --online"
        )
    return (_ask_each(settings, scheduled, session.clock) if online else 0) or broken or bool(unread)


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


def _record(session: Session, reader: Reader | None) -> str:
    if reader is None:
        return "begun by the first lexwatch run"
    if reader.rehearsal() != session.rehearsal:
        how = "without --now" if session.rehearsal else "with --now"
        print_note(f"warning: this record can only be read here: it must be written {how}")
    return "rehearsal" if reader.rehearsal() else "in use"


def _show_workers(workers: Sequence[WorkerState], settings: Settings, now: datetime) -> None:
    """List the workers that share the database, and say where one has another configuration."""
    if not workers:
        return
    since = now - settings.take_over
    gone = {one.name for one in workers if one.seen_at < since}
    differing = [one.name for one in workers if one.name not in gone and one.configuration != settings.digest]
    rows = [
        (
            one.name,
            ", ".join(one.queues),
            local_time(one.seen_at.isoformat(), settings.timezone),
            "gone" if one.name in gone else "another" if one.name in differing else "the same",
        )
        for one in workers
    ]
    click.echo("")
    print_rows(("Worker", "Takes", "Last seen", "Configuration"), rows)
    for name in differing:
        print_note(f"warning: {name} has another configuration than this one: make the files the same")


def _check_file(settings: Settings) -> None:
    """StoreError where the database file could not be written."""
    folder = Path(settings.database).parent
    place = settings.database if os.path.exists(settings.database) else folder
    if not settings.shipped and not folder.is_dir():
        raise StoreError(f"service.database: expected an existing folder, {folder} is none")
    if os.path.exists(place) and not os.access(place, os.W_OK):
        raise StoreError(f"service.database: {place} cannot be written by this user")


ALIKE = 3
"""More watches than this that go to the same people in the same way are one line."""


def _show_sources(settings: Settings, scheduled: Mapping[str, ScheduledSource]) -> None:
    alike: dict[tuple[bool, str], list[SourceSettings]] = {}
    for name, found in settings.sources.items():
        every = format_duration(scheduled[name].every) if name in scheduled else "not yet"
        alike.setdefault((name.startswith("feed/"), every), []).append(found)
    rows = []
    for (of_watches, every), members in alike.items():
        if of_watches and len(members) > ALIKE:
            rows.append((f"{len(members)} feeds", every, _some([one.base_url for one in members])))
        else:
            rows += [(one.name, every, one.base_url) for one in members]
    click.echo("")
    print_rows(("Source", "Every", "Address"), rows)


def _show_audience(settings: Settings) -> None:
    """Say who is notified of what: of a few watches in one table, of more what is followed, and then each way once."""
    ways = {watch.name: _ways(watch, settings) for watch in settings.watches}
    click.echo("")
    if len(ways) <= ALIKE:
        rows = [(watch.name, _follows(watch), *way) for watch in settings.watches for way in ways[watch.name]]
        print_rows(("Watch", "Follows", "Channel", "To", "Kinds"), rows)
    else:
        print_rows(("Watch", "Follows"), list(_followed(settings.watches)))
        together: dict[tuple[str, str, str], list[WatchSettings]] = {}
        for watch in settings.watches:
            for way in ways[watch.name]:
                together.setdefault(way, []).append(watch)
        everything = len(settings.watches)
        carried = [
            (*way, "everything" if len(members) == everything else _counted_kinds(members))
            for way, members in together.items()
        ]
        click.echo("")
        print_rows(("Channel", "To", "Kinds", "Of"), carried)
    if any(kinds == _DEFAULT for of_watch in ways.values() for *_, kinds in of_watch):
        click.echo(f"\n{_DEFAULT}: {_in_order(DEFAULT_KINDS, whole=True)}")
    for words in (*map(_route, settings.routes), *map(_hours, settings.channels)):
        if words:
            click.echo(words)
    if settings.operator:
        click.echo(f"\nbroken sources and channels: reported to {', '.join(settings.operator)}")


def _of_kinds(watches: Sequence[WatchSettings]) -> dict[str, list[WatchSettings]]:
    kinds: dict[str, list[WatchSettings]] = {}
    for watch in watches:
        kinds.setdefault(_kind_of(watch), []).append(watch)
    return kinds


def _followed(watches: Sequence[WatchSettings]) -> Iterator[tuple[str, str]]:
    """Yield what is followed: one line for many of a kind."""
    for kind, members in _of_kinds(watches).items():
        if len(members) > ALIKE:
            yield _counted(len(members), kind), _some([_follows(watch) for watch in members])
        else:
            yield from ((watch.name, _follows(watch)) for watch in members)


def _counted_kinds(watches: Sequence[WatchSettings]) -> str:
    """Name a few watches, or say how many of each kind there are: "57 bills, Acts, UA martial law"."""
    return ", ".join(
        _counted(len(members), kind) if len(members) > ALIKE else ", ".join(watch.name for watch in members)
        for kind, members in _of_kinds(watches).items()
    )


_Ways = tuple[tuple[str, str, str], ...]
_DEFAULT = "the default kinds"


def _kind_of(watch: WatchSettings) -> str:
    if watch.search is not None:
        return "search"
    return "feed" if watch.feed else "page" if watch.page else watch.document.kind if watch.document else ""


def _follows(watch: WatchSettings) -> str:
    follows = label(watch.document) if watch.document else watch.feed or watch.page or ""
    if watch.search is not None:
        follows += f" whose {' or '.join(watch.search.places)} matches {watch.search.written}"
    return follows


def _ways(watch: WatchSettings, settings: Settings) -> _Ways:
    """Return who is notified of a watch: channels, addresses and kinds, channels that carry the same together."""
    together: dict[frozenset[Kind], list[ChannelSettings]] = {}
    for channel in settings.channels:
        kinds = _kinds(watch, channel, settings.routes)
        if kinds:
            together.setdefault(kinds, []).append(channel)
    ways = (
        (
            " and ".join(filter(None, (", ".join(one.name for one in channels[:-1]), channels[-1].name))),
            ", ".join(dict.fromkeys(to for one in channels for to in one.to or (one.kind,))),
            _in_order(kinds),
        )
        for kinds, channels in together.items()
    )
    return tuple(ways) or (("nobody", "", ""),)


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - ALIKE} more" if len(names) > ALIKE else ""
    return ", ".join(names[:ALIKE]) + more


def _route(route: Route) -> str:
    """Say what narrows a route and when it goes; nothing for one that carries its kinds at once."""
    facts = [
        f"only what is tagged {' or '.join(route.tags)}" if route.tags else "",
        f"only what {' or '.join(route.owners)} is responsible for" if route.owners else "",
        f"only priority {' or '.join(route.priorities)}" if route.priorities else "",
        f"only {', '.join(sorted(route.stages))}" if route.stages else "",
        f"at least {route.severity.word}" if route.severity is not None else "",
        "with " + ", ".join(f'"{word}"' for word in route.words) if route.words else "",
        f"as a digest, {route.when} ({route.when.zone})" if route.when is not None else "",
    ]
    stated = "; ".join(fact for fact in facts if fact)
    return f"{', '.join(route.watches)} to {', '.join(route.channels)}: {stated}" if stated else ""


def _hours(channel: ChannelSettings) -> str:
    """Say when a channel is quiet, and when it gets its report; nothing for one without hours of its own."""
    facts, quiet, report = [], channel.quiet, channel.report
    if quiet is not None:
        urgent = f", but for {', '.join(quiet.urgent)}" if quiet.urgent else ""
        facts.append(f"{channel.name} is quiet {quiet} ({quiet.zone}){urgent}")
    if report is not None:
        facts.append(f"{channel.name} gets the table of its portfolio {report} ({report.zone})")
    return "; ".join(facts)


def _kinds(watch: WatchSettings, channel: ChannelSettings, routes: tuple[Route, ...]) -> frozenset[Kind]:
    if not routes:
        return DEFAULT_KINDS
    there = [route for route in routes if channel.name in route.channels]
    return frozenset().union(*(route.kinds for route in there if route.takes(watch)))


def _in_order(kinds: frozenset[Kind], *, whole: bool = False) -> str:
    return _DEFAULT if kinds == DEFAULT_KINDS and not whole else ", ".join(kind for kind in Kind if kind in kinds)


def _ask_each(settings: Settings, scheduled: Mapping[str, ScheduledSource], clock: Clock) -> int:
    """Ask each source for its first page, keep nothing, and say how it went; 1 when one failed. Channels are named and
    left alone: a message is only sent when somebody asks for one."""
    from monitor.service.runtime import build_http  # whoever checks a configuration does not pay for what runs it

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

    searching = any(watch.search is not None for watch in settings.watches)
    try:
        pages = entry.watcher.poll(_question(settings, entry, clock), counted)
        shown = list(islice(pages, PAGES_SEARCHED if searching else 1))
    except SourceError as error:
        click.echo(f"{name}: {error.state}: {error}")
        return False
    faults = [fault for page in shown for fault in page.faults]
    for fault in faults:
        click.echo(f"{name}: {fault.document or 'list'}: {fault.error.state}: {in_words(fault.error.recorded)}")
    stated = {one.document: one for page in shown for one in page.observations}
    where = "on its first page" if len(shown) < 2 else f"on its first {len(shown)} pages"
    click.echo(f"{name}: reached, {_counted(requests, 'request')}, {_counted(len(stated), 'document')} {where}")
    _show_matches(settings, stated.values())
    return not faults


def _show_matches(settings: Settings, stated: Collection[Observation]) -> None:
    """Say what each search finds among what a source showed, so that its words can be checked before anything runs."""
    for watch in watches_of(settings):
        covered = [one for one in stated if watch.search and watch.covers(one.document)]
        found = [one.document for one in covered if watch.search and watch.search.found_in(one.facets) is not None]
        if covered:
            named = ": " + ", ".join(map(label, found[:MATCHES_NAMED])) if found else ""
            more = f" and {len(found) - MATCHES_NAMED} more" if len(found) > MATCHES_NAMED else ""
            click.echo(f"  {watch.name} finds {len(found)} of {_counted(len(covered), 'document')}{named}{more}")


def _counted(number: int, noun: str) -> str:
    return f"{number} {noun if number == 1 else 'searches' if noun == 'search' else f'{noun}s'}"


def _question(settings: Settings, entry: ScheduledSource, clock: Clock) -> PollRequest:
    """Return what the service would ask at its very first poll."""
    from monitor.service.poll import demand_of

    audience = Audience(tuple(watches_of(settings)), settings.routes)
    watched = audience.asked_of(entry.watcher.name, entry.watcher.handles)
    return PollRequest(cursor=None, watched=watched, now=clock(), searches=demand_of(audience))


def _show_costs(settings: Settings, today: date) -> None:
    """Say what the configuration takes beyond asking for what is watched, as its sources know it."""
    for name in settings.sources:
        declared = source(name).costs if name in SOURCES else None
        for line in declared(settings, today) if declared else ():
            click.echo(f"\n{line}")


def backtest(session: Session, *, since: str | None, config: str | None, as_json: bool) -> int:
    """Say who would have got which messages; exit status 1 when nothing is on record yet."""
    from monitor.service.backtest import messages_sent, run_backtest
    from storage.audit import AuditReader

    settings = _settings_to_try(session, config)
    begin = time_option(since, settings.timezone, "--since") if since else BEGINNING
    until = session.clock()
    with session.reading() as reader:
        if reader is None:
            raise UnknownName(nothing_recorded(session.settings))
        archive = AuditReader.of(reader)
        found = run_backtest(archive, settings, begin, until)
        really = messages_sent(archive, begin, until)
    for name in found.unread:
        print_note(f"nothing is on record of what {name} follows: what it would have told is not known")
    rows = [_recipient_json(place, found.sent, really) for place in _recipients(found.sent, really)]
    if as_json:
        print_json(
            {
                "since": iso_utc(begin) if since else None,
                "until": iso_utc(until),
                "revisions": found.revisions,
                "unread": list(found.unread),
                "recipients": rows,
            }
        )
    else:
        _show_backtest(rows, settings.timezone)
    return 0


def _settings_to_try(session: Session, config: str | None) -> Settings:
    """Read the configuration to be tried out; the record is that of the one in force."""
    if config is None:
        return session.settings
    path = Path(config)
    if not path.is_file():
        raise ConfigError([f"{config}, named by --config, cannot be read: it does not exist"])
    settings = load_config(path, now=session.clock(), secrets=False)
    with session.reading() as reader:
        return pin_watches(settings, reader.watches() if reader else ())


def _recipients(sent: Iterable[BacktestMessage], really: Iterable[BacktestMessage]) -> Sequence[tuple[str, str]]:
    return sorted({(one.channel, one.to) for one in (*sent, *really)})


def _recipient_json(place: tuple[str, str], sent: Iterable[BacktestMessage], really: Iterable[BacktestMessage]) -> Json:
    mine = sorted((one for one in sent if (one.channel, one.to) == place), key=lambda one: one.at)
    theirs = [one for one in really if (one.channel, one.to) == place]
    now, then = _changes_in(mine), _changes_in(theirs)
    return {
        "channel": place[0],
        "to": place[1],
        "messages": len(mine),
        "really": len(theirs),
        "changes": sum(now.values()),
        "more": sorted((now - then).elements()),
        "fewer": sorted((then - now).elements()),
        "subjects": [_message_json(one) for one in mine],
    }


def _changes_in(sent: Iterable[BacktestMessage]) -> Counter[str]:
    return Counter(key for one in sent for _, keys in one.alerts for key in keys)


def _message_json(one: BacktestMessage) -> Json:
    return {
        "at": iso_utc(one.at),
        "state": "sent" if one.state is State.SENT else "waits",
        "subject": one.subject,
        "documents": list(dict.fromkeys(str(document) for document, _ in one.alerts)),
        "changes": [key for _, keys in one.alerts for key in keys],
    }


def _show_backtest(rows: Sequence[Json], zone: str) -> None:
    if not rows:
        print_note("nobody would have been told anything, and nobody was")
    for row in rows:
        sent, really = _counted(row["messages"], "message"), _counted(row["really"], "message")
        click.echo(one_line(f"{row['to']} by {row['channel']}: {sent}; really {really}"))
        messages = [
            [local_time(m["at"], zone), m["state"], m["subject"] or ", ".join(m["documents"])] for m in row["subjects"]
        ]
        if messages:
            print_rows(("When", "State", "Subject"), messages, spare=("State",))
        if row["more"] or row["fewer"]:
            click.echo(f"  {len(row['more'])} changes more than really told, {len(row['fewer'])} fewer")
        click.echo()
