"""The lists: history, alerts, sources, upcoming. Each in the shape of the contract, and as a table for people.

Rows are plain JSON values with the members the contract names, in its order. Times are UTC with `Z`, days `YYYY-MM-DD`,
absent is null. Nothing that writes is imported.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from domain.dates import iso_utc
from domain.documents import DocumentId, label
from domain.errors import UnknownName
from domain.jurisdictions import status_label
from domain.options import as_written, suggest
from domain.sources import Health, SourceState, is_quiet
from monitor.cli.session import Session, as_typed, nothing_recorded, time_option
from monitor.cli.terminal import Json, in_words, local_time, print_answer, print_list, print_note
from monitor.config.settings import SourceSettings, WatchSettings
from monitor.portfolio import searches_of, watched

if TYPE_CHECKING:
    from domain.records.facets import Facet
    from domain.records.record import Change, Record
    from domain.upcoming import Upcoming
    from storage.reader import DeliveryRow, DocumentHistory, Reader

LATE_AFTER = timedelta(minutes=5)
"""How long at least a poll may be overdue before its source counts as late: the service is slow, or not running. A
source asked more rarely may be late by one interval."""


def history(session: Session, what: str, *, form: str | None) -> int:
    """Every change known of one document, oldest first, both dates; of a feed those of its entries, of a search those
    of what it found, since it found it."""
    with session.reading() as reader:
        search = session.search_called(what)
        try:
            document = search.document if search else session.document(what, reader, print_note)
        except UnknownName as error:
            print_note(str(error))
            print_answer([], form)
            return 1
        assert document is not None
        several = _of_several(reader, search, document)
        past = reader.history(str(document)) if reader and several is None else None
        record = reader.records([str(document)]).get(document) if reader and document.kind == "regime" else None
    rows = several if several is not None else history_rows(past) if past else []
    if record and not form:
        from monitor.cli.regime_report import print_terms

        print_terms(record)
    zone = session.settings.timezone
    named = ["Document"] if search else []
    table = [
        [*(label(document) for _ in named), *_change_row(row, document, zone)]
        for row in rows
        for document in [DocumentId.parse(row["id"])]
    ]
    nothing = f"nothing is known of {session.called(document)} yet"
    if search:
        nothing = f"nothing has changed of what {search.name} found: lexwatch status {search.name!r} lists it"
    headers = [*named, "Happened", "Seen", "Kind", "Change", "Record says"]
    print_list(rows, form, headers, table, nothing=nothing, spare=("Seen",))
    return 0


def _of_several(reader: Reader | None, search: WatchSettings | None, document: DocumentId) -> list[Json] | None:
    """Return the changes of a feed's entries, or of what a search found, oldest first; None for one document."""
    of_feed = document.is_feed and not document.parts
    if search is None and not of_feed:
        return None
    if reader is None:
        return []
    if search is not None:
        sent = (*reader.changes_found_by(search.name), *reader.changes_sent_by(search.name))
        found = tuple({change.key: change for change in sent}.values())
    else:
        found = reader.changes_within(str(document))
    in_order = sorted(found, key=lambda change: (change.seen_at, change.published_at or change.seen_at))
    return change_rows(in_order)  # a feed lists the newest first, and all of one reading were seen at once


def _change_row(row: Json, document: DocumentId, zone: str) -> list[str | None]:
    said = what_changed(row, document)
    text = row["text"] if row["text"] not in (said, row["after"]) else None
    return [row["happened_on"], local_time(row["seen_at"], zone), row["kind"], said, text]


def what_changed(change: Json, document: DocumentId) -> str | None:
    """Say what changed from what to what, a status in words."""
    before, after = change["before"], change["after"]
    if change["kind"] == "status":
        before, after = (value and status_label(value, document) for value in (before, after))
    return f"{before} → {after}" if before and after else after or (f"no longer: {before}" if before else None)


def alerts(
    session: Session,
    *,
    state: str | None,
    form: str | None,
    since: str | None = None,
    channel: str | None = None,
    watch: str | None = None,
) -> int:
    """What was sent, is waiting or died, to whom, why: for people the newest first."""
    zone = session.settings.timezone
    begin = time_option(since, zone, "--since") if since else None
    with session.reading() as reader:
        named = _channel_named(session, reader, channel) if channel else None
        watches = _watches_named(session, reader, watch) if watch else None
        found = reader.alerts(state, begin, named, watches) if reader else ()
        rows = alert_rows(found)
        resting = [circuit for circuit in reader.circuits() if circuit.failures] if reader else []
    for circuit in resting:
        since = local_time(circuit.since.isoformat() if circuit.since else None, session.settings.timezone)
        trouble = in_words(circuit.error) or ""
        print_note(f"the channel {circuit.channel} takes no message since {since or 'it was removed'}: {trouble}")
    headers = ("Time", "State", "Channel", "To", "Subject", "Tries", "Trouble")
    newest_first = sorted(rows, key=lambda row: str(row["sent_at"] or row["created_at"]), reverse=True)
    table, spare = (_alert_row(row, session) for row in newest_first), ("Tries", "Trouble", "To")
    asked = " like that" if begin or named or watches else f" is {state}" if state else " yet"
    print_list(rows, form, headers, table, nothing=f"no alert{asked}", spare=spare, cut="Subject")
    return 0


def _channel_named(session: Session, reader: Reader | None, typed: str) -> str:
    """Return the channel that is meant, one of the configuration or one that was used; a usage error for neither."""
    known = [channel.name for channel in session.settings.channels]
    used = reader.channels_used() if reader else ()
    return _named("channel", typed, dict.fromkeys((*known, *used)))


def _watches_named(session: Session, reader: Reader | None, typed: str) -> list[str]:
    """Return the watches that are meant: that of a name, else those on a document; a usage error for neither."""
    names = [watch.name for watch in session.settings.watches]
    same = [name for name in names if name.casefold() == as_typed(typed).casefold()]
    if same:
        return same
    try:
        document = session.document(typed, reader, print_note)
        found = [watch.name for watch in session.settings.watches if watch.subject == document]
    except UnknownName:
        found = []
    return found or [_named("watch", typed, names)]


def _named(what: str, typed: str, known: Iterable[str]) -> str:
    names = {name.casefold(): name for name in known}
    if typed.casefold() not in names:
        raise click.UsageError(f"unknown {what} {as_written(typed)}; {suggest(typed, names.values())}")
    return names[typed.casefold()]


def _alert_row(row: Json, session: Session) -> list[str | None]:
    return [
        local_time(row["sent_at"] or row["created_at"], session.settings.timezone),
        row["state"] + (" (possible repeat)" if row["possible_repeat"] else ""),
        row["channel"],
        row["to"],
        row["subject"] or _about(row, session),
        str(row["attempts"]),
        row["error"] if row["state"] != "sent" else None,
    ]


def _about(row: Json, session: Session) -> str:
    """Say what a message is about that was not written yet: its documents, and the kinds of their changes."""
    documents = list(dict.fromkeys(session.called(DocumentId.parse(one)) for one in row["id"].split()))
    kinds = dict.fromkeys(key.partition("@")[2].split(":")[1] for key in row["changes"])
    more = f" and {len(documents) - 3} more" if len(documents) > 3 else ""
    return f"{', '.join(documents[:3])}{more}: {', '.join(kinds)}"


def sources(session: Session, *, form: str | None) -> int:
    """How each source is; 1 when none of those configured can be read."""
    with session.reading() as reader:
        states = reader.sources() if reader else ()
        news = reader.news() if reader else {}
        if reader is None:
            print_note(nothing_recorded(session.settings))
    named = {str(watch.subject): watch.name for watch in session.settings.watches if watch.feed}
    rows = source_rows(states, session.settings.sources, session.clock(), news)
    rows = [row | {"watch": named.get(row["source"])} for row in rows]
    zone, nothing = session.settings.timezone, "no source is configured: add a section [source.NAME]"
    headers = ("Source", "State", "Last good poll", "Next poll", "Failures", "Requests", "Trouble")
    table, spare = (_source_row(row, zone) for row in rows), ("Requests", "Failures", "Next poll")
    print_list(rows, form, headers, table, nothing=nothing, spare=spare)
    return 1 if nothing_is_read(rows, session.settings.sources) else 0


_DOWN = (Health.UNAVAILABLE, Health.REFUSED, Health.BLOCKED, Health.CHANGED)
"""States in which nothing is read of a source."""


def nothing_is_read(rows: Sequence[Json], configured: Collection[str]) -> bool:
    """Say whether there are sources in the configuration, and none of them can be read at present."""
    asked = [row["state"] for row in rows if row["source"] in configured]
    return bool(asked) and all(state in _DOWN for state in asked)


def _source_row(row: Json, zone: str) -> list[str | None]:
    return [
        row["watch"] or row["source"],
        row["state"],
        local_time(row["last_good_at"], zone) or "never",
        local_time(row["next_poll_at"], zone),
        str(row["failures"]),
        str(row["requests"]),
        row["error"],
    ]


def upcoming(session: Session, *, days: int, form: str | None) -> int:
    """List ends, starts, reminders, anniversaries and hearings within so many days, the next first."""
    now = session.clock()
    watches = watched(session.settings)
    with session.reading() as reader:
        known = reader.records([str(document) for document in watches]) if reader else {}
        searched = _hearings_of_found(session, reader, watches) if reader else []
    until = now + timedelta(days=days)
    called = {document: watch.name for document, watch in watches.items()} | {d: name for _, d, name in searched}
    own = ((ahead, one) for one in watches for ahead in ahead_of(session, one, known.get(one), now))
    ahead_of_all = (*own, *((ahead, document) for ahead, document, _ in searched))
    found = [(ahead, document) for ahead, document in ahead_of_all if ahead.is_within(now, until)]
    found.sort(key=lambda pair: (_moment_of(pair[0]), str(pair[1]), pair[0].what))
    rows = [_upcoming_json(ahead, document, called[document]) for ahead, document in found]
    table, headers = _upcoming_rows(rows, session.settings.timezone), ("When", "Document", "Kind", "What", "Watch")
    nothing = f"nothing is known to lie ahead in the next {days} days"
    print_list(rows, form, headers, table, nothing=nothing, spare=("Watch", "Kind"))
    return 0


def _hearings_of_found(
    session: Session, reader: Reader, watches: Collection[DocumentId]
) -> list[tuple[Upcoming, DocumentId, str]]:
    """Return the hearings of what searches found and nobody watches by name, each with the name of the search."""
    matches = {one.document: one.watch for one in reader.matches(searches_of(session.settings))}
    found = [str(document) for document in matches if document not in watches]
    planned = reader.facets(found, ("hearings",)) if found else {}
    if not any(facets.get("hearings") for facets in planned.values()):
        return []
    from domain.upcoming import hearings

    return [
        (ahead, document, matches[document])
        for document in map(DocumentId.parse, planned)
        for ahead in hearings(planned[str(document)])
    ]


def ahead_of(session: Session, document: DocumentId, record: Record | None, now: datetime) -> Iterator[Upcoming]:
    """Yield what lies ahead of one document; of a regime nobody has read yet, what its file says."""
    from domain.terms import regime_of
    from domain.upcoming import upcoming_of_document, upcoming_of_regime

    if document.kind == "regime":
        facets = record.facets if record else _regime_on_file(session, document, now)
        if facets is not None:
            yield from upcoming_of_regime(regime_of(document, facets), facets, now)
        return
    facets = record.facets if record else {}
    reached = record.last_status if record else None
    yield from upcoming_of_document(document, reached.status if reached else None, facets, now)


def _regime_on_file(session: Session, document: DocumentId, now: datetime) -> Mapping[str, Facet] | None:
    from monitor.service.regimes import FOLDER, find_regime

    found = find_regime(document, session.settings.path.parent / FOLDER)
    return found.observation(now).facets if found else None


def _moment_of(ahead: Upcoming) -> float:
    """Order by the moment; a day without a time stands before the moments of that day."""
    if ahead.at is not None:
        return ahead.at.timestamp()
    return datetime.fromisoformat(f"{ahead.on.isoformat()}T00:00+00:00").timestamp()


def _upcoming_json(ahead: Upcoming, document: DocumentId, watch: str) -> Json:
    from notifications.translation import ENGLISH

    return {
        "on": ahead.on.isoformat(),
        "at": ahead.at.isoformat() if ahead.at else None,
        "id": str(document),
        "kind": ahead.kind,
        "what": ENGLISH.render(ahead.what),
        "watch": watch,
    }


def _upcoming_rows(rows: Sequence[Json], zone: str) -> Iterator[list[str | None]]:
    """Yield the rows of the table; what is the same for several documents at once, as the end of a session, is one."""
    together: dict[tuple[str | None, ...], list[Json]] = {}
    for row in rows:
        together.setdefault((row["on"], row["at"], row["kind"], row["what"]), []).append(row)
    for (on, at, kind, what), same in together.items():
        first, more = same[0], len(same) - 1
        document, watch = label(DocumentId.parse(first["id"])), first["watch"]
        yield [
            local_time(at, zone) or on,
            f"{document} and {more} more" if more else document,
            kind,
            what,
            f"{watch} and {more} more" if more else watch,
        ]


def history_rows(past: DocumentHistory) -> list[Json]:
    """Tell every change known, oldest first: the past that the first reading carried, then what changed since."""
    from domain.records.detection import past_changes, with_past
    from notifications.wording import change_json  # only this question needs them, and they would slow the others

    known: tuple[Change, ...] = ()
    if past.first is not None:
        first = past.first
        known = past_changes(first.record, first.source, first.published_at, first.evidence)
    return [change_json(change) for change in with_past(known, past.changes)]


def change_rows(found: Iterable[Change]) -> list[Json]:
    """Tell changes of several documents with the members of `history`."""
    from notifications.wording import change_json

    return [change_json(change) for change in found]


def alert_rows(reported: Iterable[DeliveryRow]) -> list[Json]:
    """List what was sent, waits or died: one entry per recipient. Several alerts in one message are named together."""
    from notifications.wording import reason_sentence  # only this question needs it

    return [
        {
            "alert": " ".join(message.alerts),
            "delivery": message.delivery,
            "id": message.id,
            "changes": list(message.changes),
            "watch": ", ".join(message.watches) or None,
            "channel": message.channel,
            "to": message.to,
            "state": str(message.state),
            "attempts": message.attempts,
            "created_at": iso_utc(message.created_at),
            "sent_at": iso_utc(message.sent_at),
            "reason": reason_sentence(message.reasons),
            "corrects": message.corrects,
            "possible_repeat": message.possible_repeat,
            "subject": message.subject,
            "error": in_words(message.error),
        }
        for message in reported
    ]


def source_rows(
    states: Sequence[SourceState],
    configured: Mapping[str, SourceSettings],
    now: datetime,
    news: Mapping[str, Sequence[date]] = MappingProxyType({}),
) -> list[Json]:
    """Say how each source is: those of the configuration first, then those that were asked once.

    `news` holds the days on which each source last had something new, newest first.
    """
    by_name = {state.name: state for state in states}
    names = dict.fromkeys((*configured, *by_name))
    return [
        _source_json(by_name.get(name) or SourceState(name), configured.get(name), news.get(name, ()), now)
        for name in names
    ]


def _source_json(known: SourceState, configured: SourceSettings | None, news: Sequence[date], now: datetime) -> Json:
    health = _health(known, configured, now)
    return {
        "source": known.name,
        "state": str(Health.QUIET if health is Health.OK and is_quiet(news, now.date()) else health),
        "last_good_at": iso_utc(known.last_good_at),
        "last_poll_at": iso_utc(known.last_poll_at),
        "next_poll_at": iso_utc(known.due_at) if configured else None,
        "failures": known.failures,
        "error": in_words(known.error),
        "requests": known.requests,
        "lag": known.lag,
        "checks": known.checks,
        "failed": known.failed,
        "longest_gap": max(((until - since).total_seconds() for since, until in known.gaps), default=None),
    }


def _health(known: SourceState, configured: SourceSettings | None, now: datetime) -> Health:
    """A source that should have been asked by now and was not is late, whatever it said last."""
    if configured is None or known.state is not Health.OK:
        return known.state
    patience = max(LATE_AFTER, configured.every)
    return Health.LATE if known.due_at is None or known.due_at + patience < now else Health.OK
