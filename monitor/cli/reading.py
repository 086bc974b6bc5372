"""The commands that only ask: status, history, alerts, sources, upcoming. They import nothing that writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from domain.dates import iso_utc
from domain.documents import DocumentId, label
from domain.errors import UnknownName
from domain.jurisdictions import jurisdiction_of, next_step, status_label
from domain.sources import Health
from monitor.cli import report
from monitor.cli.report import Json
from monitor.cli.session import Session, time_option
from monitor.cli.terminal import local_time, print_facts, print_json, print_note, print_rows
from storage.location import locate

if TYPE_CHECKING:
    from domain.records.facets import Facet
    from domain.records.record import Record
    from domain.sources import SourceState
    from domain.upcoming import Upcoming
    from monitor.config.settings import WatchSettings
    from storage.reader import Reader

FEW = 3
"""Documents asked for by name and told at length; more make a table."""


def status(
    session: Session, what: Sequence[str], *, everything: bool, as_of: str | None, known_at: str | None, as_json: bool
) -> int:
    """Where things stand. Exit status 1 when a name means nothing, after the others were answered."""
    day = _day(as_of)
    known = time_option(known_at, session.settings.timezone, "--known-at") if known_at else None
    at_present = day is None and known is None
    watches = report.watched(session.settings)
    with session.reading() as reader:
        asked, others, unknown = _asked(session, reader, what)
        documents = asked if what else list(watches)
        chosen = None if everything and not what else [str(document) for document in documents]
        standings = reader.status_rows(chosen, as_of, known) if reader else ()
        if chosen is None:
            documents = list(dict.fromkeys([*documents, *(DocumentId.parse(s.id) for s in standings)]))
        found = _regimes(reader, documents, session, day, known)
        editions = _editions(reader, documents) if at_present else {}
        muted = _muted(reader, documents, session) if what and len(documents) <= FEW else {}
        states = reader.sources(session.settings.sources) if reader and at_present else ()
        of_watches = _of_watches(session, reader, others, states) if at_present else []
        if reader is None:
            print_note(f"nothing is recorded yet in {locate(session.settings.database)}: start lexwatch run")
    feeds = {watch.subject: watch for watch in session.settings.watches if watch.feed and watch.subject}
    watches = {**feeds, **watches}
    rows = report.status(documents, standings, watches, now=session.clock(), as_of=day, known_at=known, regimes=found)
    rows = [row | {"edition": editions.get(row["id"])} for row in (*rows, *of_watches)]
    if as_json:
        print_json(rows)
    elif what and len(rows) <= FEW:
        for row in rows:
            _print_details(row, session.settings.timezone, muted.get(row["id"]))
    else:
        _print_table(rows, session.settings.timezone)
    for trouble in _failing(states, session.settings.timezone) if not as_json else ():
        print_note(trouble)
    return 1 if unknown else 0


def _failing(states: Sequence[SourceState], zone: str) -> Iterator[str]:
    """Say which sources cannot be read at present, and since when nothing was read of them."""
    for state in states:
        if state.state is not Health.OK:
            since = local_time(iso_utc(state.last_good_at), zone)
            read = f"last read {since}" if since else "never read yet"
            yield f"{state.name} is {state.state} ({read}): {report.in_words(state.error) or ''}"


def _asked(
    session: Session, reader: Reader | None, what: Sequence[str]
) -> tuple[list[DocumentId], list[WatchSettings], int]:
    """Return the documents that are asked for, the watches on feeds and searches (all of them where nothing is named),
    and how many names mean nothing."""
    if not what:
        return [], [watch for watch in session.settings.watches if watch.search or watch.feed or watch.page], 0
    documents: list[DocumentId] = []
    others: list[WatchSettings] = []
    unknown = 0
    for typed in what:
        try:
            document = None if (search := session.search_called(typed)) else session.document(typed, reader, print_note)
        except UnknownName as error:
            unknown += 1
            print_note(str(error))
            continue
        feed = next((w for w in session.settings.watches if w.feed and w.subject == document), None)
        if watch := search or feed:
            others.append(watch)
        elif document is not None:
            documents.append(document)
    return list(dict.fromkeys(documents)), others, unknown


def _of_watches(
    session: Session, reader: Reader | None, watches: Sequence[WatchSettings], states: Sequence[SourceState]
) -> list[Json]:
    """Say where feeds and searches stand: the last entry, or the last that was alerted of, and when they are read."""
    if not watches:
        return []
    named = {state.name: state for state in states}
    feeds = {str(watch.subject): watch.name for watch in watches if watch.feed}
    entries = {feeds[feed]: (entry, None) for feed, entry in reader.last_within(list(feeds)).items()} if reader else {}
    searches = [watch.name for watch in watches if watch.search]
    sent = reader.last_sent(searches) if reader and searches else {}
    last = _last_documents(reader, {**entries, **sent})
    now = session.clock()
    return [
        report.status_of_watch(watch, last.get(watch.name), _read_by(session, watch, named), now) for watch in watches
    ]


def _last_documents(reader: Reader | None, last: Mapping[str, tuple[str, datetime | None]]) -> dict[str, Json]:
    """Return, by watch, what is shown of its last document: of an entry the day it states, else when it was seen."""
    if reader is None or not last:
        return {}
    names = sorted({document for document, _ in last.values()})
    rows = {row.id: row for row in reader.status_rows(names)}
    entries = [name for name in names if name.startswith("feed/")]
    stated = reader.entries(entries, "item")
    found = {}
    for watch, (name, at) in last.items():
        row, says = rows.get(name), stated.get(name, {})
        seen = at or (row.first_seen_at if row else None)
        on = says.get("published_on") or says.get("updated_on") or (seen.date().isoformat() if seen else None)
        found[watch] = {"id": name, "title": row and row.title, "on": on, "url": row and row.url}
    return found


def _read_by(session: Session, watch: WatchSettings, states: Mapping[str, SourceState]) -> list[SourceState]:
    """Return the states of the sources that read a feed, or list what a search looks through."""
    if watch.search is None:
        return [states[str(watch.subject)]] if str(watch.subject) in states else []
    from watchers import SOURCES, source  # only searches need to know who lists what

    listing = [source(name) for name in session.settings.sources if name in SOURCES]
    places = [place for place in (watch.document, *watch.also) if place is not None]
    names = [one.name for one in listing if one.lists_all and any(map(one.handles, places))]
    return [states[name] for name in names if name in states]


def _regimes(
    reader: Reader | None, documents: list[DocumentId], session: Session, as_of: date | None, known_at: datetime | None
) -> dict[DocumentId, Json]:
    if not any(document.kind == "regime" for document in documents):
        return {}
    from monitor.cli.regime_report import regime_answers
    from monitor.service.regimes import FOLDER  # whoever asks for bills does not pay for terms

    folder = session.settings.path.parent / FOLDER
    return regime_answers(reader, documents, now=session.clock(), as_of=as_of, known_at=known_at, folder=folder)


def _editions(reader: Reader | None, documents: Sequence[DocumentId]) -> dict[str, Json]:
    """Map acts to the edition in force: its day, and the act that made it."""
    acts = [str(document) for document in documents if document.kind in jurisdiction_of(document).edited_kinds]
    records = reader.records(acts) if reader and acts else {}
    items = {str(document): record.facets.get("item", {}).get("", {}) for document, record in records.items()}
    return {
        document: {"on": item["edition_on"], "basis": item.get("edition_basis")}
        for document, item in items.items()
        if item.get("edition_on")
    }


def _print_table(rows: list[Json], zone: str) -> None:
    if not rows:
        print_note("nothing is watched: add a [[watch]] to the configuration")
        return
    headers = ("Document", "Status", "Since", "Stage", "Title", "Note", "Checked")
    print_rows(headers, [_status_row(row, zone) for row in rows], spare=("Checked", "Stage", "Note"))


def _status_row(row: Json, zone: str) -> list[str | None]:
    return [
        _called(row),
        _standing(row),
        row["status_on"],
        _words(row["stage"]),
        (row["status_text"] if row["kind"] == "regime" else None) or row["title"] or row.get("reason"),
        row["note"],
        local_time(row["checked_at"], zone),
    ]


def _called(row: Json) -> str:
    """Name what a row is about: a feed, its entries and a search by their watch."""
    of_watch = row["watch"] if "last_entry" in row or row["id"].startswith("feed/") else None
    return of_watch or label(DocumentId.parse(row["id"]))


def _standing(row: Json) -> str | None:
    """The status in plain words. That a session ended is said beside it, because the status itself never changes."""
    if "last_entry" in row:
        return f"{row['kind']}: {row['doubt']}" if row["doubt"] else row["kind"]
    if row["doubt"]:
        return f"{row['label'] or 'Not known'}: {row['doubt']}"
    if row["kind"] == "regime":
        return ", ".join(filter(None, (row["label"], _countdown(row))))
    if row["revision"] is None and row["status"] is None:
        return "not read yet"
    return f"{row['label']}, ended with its session" if row["stage"] == "lapsed" else row["label"]


def _countdown(row: Json) -> str | None:
    left = row["days_left"]
    return None if left is None else f"{left} day{'s' if left != 1 else ''} left"


def _muted(reader: Reader | None, documents: Sequence[DocumentId], session: Session) -> dict[str, str]:
    """Map the documents about which no message is sent now to the moment when that ends, in words."""
    from domain.alerts.send_delays import held_until  # asked of few documents at a time

    now, found = session.clock(), {}
    mutes = reader.mutes(now) if reader else ()
    for document in documents if mutes else ():
        watches = [watch.name for watch in session.settings.watches if watch.document == document]
        until = held_until(document, watches, mutes, now)
        if until is not None:
            found[str(document)] = (
                f"until {local_time(until.isoformat(), session.settings.timezone)}: messages are held"
            )
    return found


def _print_details(row: Json, zone: str, muted: str | None) -> None:
    document = DocumentId.parse(row["id"])
    if "last_entry" in row:
        click.echo(row["watch"])
        print_facts(_facts_of_watch(row, zone))
        return
    click.echo(_called(row))
    facts = _regime_facts(row, zone) if row["kind"] == "regime" else _facts(row, document, zone)
    print_facts({**facts, "muted": muted})


def _facts_of_watch(row: Json, zone: str) -> dict[str, str | None]:
    last = row["last_entry"] or {}
    return {
        "follows": f"a {row['kind']}",
        "last entry" if row["kind"] == "feed" else "last alert": last.get("title"),
        "on": last.get("on"),
        "page": last.get("url"),
        "address": row["url"] if row["kind"] != "search" else None,
        "trouble": row["doubt"],
        "note": row["note"],
        "checked": local_time(row["checked_at"], zone) or "never",
        "next check": local_time(row["next_check_at"], zone),
    }


def _regime_facts(row: Json, zone: str) -> dict[str, str | None]:
    term, renewal = row["term"] or {}, row["next"]
    act = term.get("instrument") and label(DocumentId.parse(term["instrument"]))
    approval = term.get("approval") and label(DocumentId.parse(term["approval"]))
    ahead = renewal["instrument"] and label(DocumentId.parse(renewal["instrument"]))
    return {
        "title": row["title"],
        "status": row["label"],
        "because": row["reason"],
        "left": _countdown(row),
        "term": row["status_text"],
        "act": f"{act}, approved by {approval}" if approval else act,
        "confidence": term.get("confidence"),
        "where": ", ".join(row["scope"]) or None,
        "next": ": ".join(filter(None, (_words(renewal["state"]), ahead))),
        "usually": "; ".join(lead["text"] for lead in row["lead_times"]) or None,
        "last read": local_time(row["known_through"], zone) or "never",
        "warning": "; ".join(row["checks"]) or None,
        "note": row["note"],
        "watch": row["watch"],
    }


def _facts(row: Json, document: DocumentId, zone: str) -> dict[str, str | None]:
    reached = row["status"] if row["revision"] is not None else None
    words = jurisdiction_of(document).status_words(reached, document) if reached else None
    return {
        "title": row["title"],
        "stage": _words(row["stage"]) or (None if row["doubt"] else "not read yet"),
        "status": f"{row['label']}, since {row['status_on']}" if reached else row["status"],
        "in doubt": row["doubt"],
        "record says": row["status_text"],
        "means": (words and words.meaning) or row.get("reason"),
        "next": next_step(words, row["law"]) if words and not row["ended_on"] else None,
        jurisdiction_of(document).begun_word: row["introduced_on"],
        "edition": _edition(row["edition"]),
        "ended": f"{row['ended_on']}, with its session" if row["ended_on"] else None,
        "law": row["law"],
        "note": row["note"],
        "watch": row["watch"],
        "first seen": local_time(row["first_seen_at"], zone),
        "changed": _revision(row, zone),
        "checked": local_time(row["checked_at"], zone),
        "page": row["url"],
    }


def _edition(edition: Json | None) -> str | None:
    return ", on the basis of ".join(filter(None, (edition["on"], edition["basis"]))) if edition else None


def _revision(row: Json, zone: str) -> str | None:
    return f"{local_time(row['changed_at'], zone)} (revision {row['revision']})" if row["changed_at"] else None


def history(session: Session, what: str, *, as_json: bool) -> int:
    """Every change known of one document, oldest first, both dates; of a feed those of its entries, of a search those
    that it alerted of."""
    with session.reading() as reader:
        search = session.search_called(what)
        try:
            document = search.document if search else session.document(what, reader, print_note)
        except UnknownName as error:
            return _unknown(error, as_json=as_json)
        assert document is not None
        several = _of_several(session, reader, search, document)
        past = reader.history(str(document)) if reader and several is None else None
        record = reader.records([str(document)]).get(document) if reader and document.kind == "regime" else None
    rows = several if several is not None else report.history(past) if past else []
    if record and not as_json:
        from monitor.cli.regime_report import print_terms

        print_terms(record)
    if as_json:
        print_json(rows)
    elif not rows:
        print_note(f"nothing is known of {search.name if search else session.called(document)} yet")
    else:
        zone = session.settings.timezone
        headers = ("Happened", "Seen", "Kind", "Change", "Record says")
        print_rows(headers, [_change_row(row, DocumentId.parse(row["id"]), zone) for row in rows], spare=("Seen",))
    return 0


def _unknown(error: UnknownName, *, as_json: bool) -> int:
    """Say that a name means nothing; who reads JSON gets an empty list all the same."""
    print_note(str(error))
    if as_json:
        print_json([])
    return 1


def _of_several(
    session: Session, reader: Reader | None, search: WatchSettings | None, document: DocumentId
) -> list[Json] | None:
    """Return the changes of a feed's entries, or of what a search alerted of, oldest first; None for one document."""
    of_feed = document.is_feed and not document.parts
    if search is None and not of_feed:
        return None
    if reader is None:
        return []
    found = reader.changes_sent_by(search.name) if search else reader.changes_within(str(document))
    return report.changes(found[::-1])


def _change_row(row: Json, document: DocumentId, zone: str) -> list[str | None]:
    before, after = row["before"], row["after"]
    if row["kind"] == "status":
        before, after = (value and status_label(value, document) for value in (before, after))
    change = f"{before} → {after}" if before and after else after or (f"no longer: {before}" if before else None)
    text = row["text"] if row["text"] != after else None
    return [row["happened_on"], local_time(row["seen_at"], zone), row["kind"], change, text]


def alerts(session: Session, *, state: str | None, as_json: bool) -> int:
    """What was sent, is waiting or died, to whom, why."""
    with session.reading() as reader:
        rows = report.alerts(reader.alerts(state)) if reader else []
        resting = [circuit for circuit in reader.circuits() if circuit.failures] if reader else []
    for circuit in resting:
        since = local_time(circuit.since.isoformat() if circuit.since else None, session.settings.timezone)
        trouble = report.in_words(circuit.error) or ""
        print_note(f"the channel {circuit.channel} takes no message since {since or 'it was removed'}: {trouble}")
    if as_json:
        print_json(rows)
    elif not rows:
        print_note("no alert" + (f" is {state}" if state else " yet"))
    else:
        zone = session.settings.timezone
        headers = ("Created", "State", "Channel", "To", "Subject", "Sent", "Tries", "Trouble")
        print_rows(headers, [_alert_row(row, zone) for row in rows], spare=("Tries", "Sent", "Created", "Trouble"))
    return 0


def _alert_row(row: Json, zone: str) -> list[str | None]:
    return [
        local_time(row["created_at"], zone),
        row["state"] + (" (possible repeat)" if row["possible_repeat"] else ""),
        row["channel"],
        row["to"],
        row["subject"] or row["id"],
        local_time(row["sent_at"], zone),
        str(row["attempts"]),
        row["error"] if row["state"] != "sent" else None,
    ]


def sources(session: Session, *, as_json: bool) -> int:
    """How each source is."""
    with session.reading() as reader:
        states = reader.sources() if reader else ()
        news = reader.news() if reader else {}
    named = {str(watch.subject): watch.name for watch in session.settings.watches if watch.feed}
    rows = report.sources(states, session.settings.sources, session.clock(), news)
    rows = [row | {"watch": named.get(row["source"])} for row in rows]
    if as_json:
        print_json(rows)
    elif not rows:
        print_note("no source is configured: add a section [source.NAME]")
    else:
        zone = session.settings.timezone
        headers = ("Source", "State", "Last good poll", "Next poll", "Failures", "Requests", "Trouble")
        print_rows(headers, [_source_row(row, zone) for row in rows], spare=("Requests", "Failures", "Next poll"))
    return 0


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


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"expected a day such as 2026-01-20, saw {text!r}", param_hint="--as-of") from None


def _words(stage: str | None) -> str:
    return (stage or "").replace("_", " ")


def upcoming(session: Session, *, days: int, as_json: bool) -> int:
    """List ends, starts, reminders, anniversaries and hearings within so many days, the next first."""
    now = session.clock()
    watches = report.watched(session.settings)
    with session.reading() as reader:
        known = reader.records([str(document) for document in watches]) if reader else {}
    until = now + timedelta(days=days)
    found = [
        (ahead, document)
        for document in watches
        for ahead in _ahead_of(session, document, known.get(document), now)
        if ahead.is_within(now, until)
    ]
    found.sort(key=lambda pair: (_moment_of(pair[0]), str(pair[1]), pair[0].what))
    rows = [_upcoming_json(ahead, document, watches[document].name) for ahead, document in found]
    if as_json:
        print_json(rows)
    elif not rows:
        print_note(f"nothing is known to lie ahead in the next {days} days")
    else:
        zone = session.settings.timezone
        headers = ("When", "Document", "Kind", "What", "Watch")
        print_rows(headers, [_upcoming_row(row, zone) for row in rows], spare=("Watch", "Kind"))
    return 0


def _ahead_of(session: Session, document: DocumentId, record: Record | None, now: datetime) -> Iterator[Upcoming]:
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


def _upcoming_row(row: Json, zone: str) -> list[str | None]:
    document = label(DocumentId.parse(row["id"]))
    return [local_time(row["at"], zone) or row["on"], document, row["kind"], row["what"], row["watch"]]
