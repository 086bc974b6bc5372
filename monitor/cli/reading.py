"""The commands that only ask: status, history, alerts, sources, upcoming. They import nothing that writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import click

from domain.documents import DocumentId, label
from domain.errors import UnknownName
from domain.jurisdictions import jurisdiction_of, next_step, status_label
from monitor.cli import report
from monitor.cli.report import Json
from monitor.cli.session import Session, time_option
from monitor.cli.terminal import local_time, print_facts, print_json, print_note, print_rows
from storage.location import locate

if TYPE_CHECKING:
    from domain.records.facets import Facet
    from domain.records.record import Record
    from domain.upcoming import Upcoming
    from storage.reader import Reader

FEW = 3
"""Documents asked for by name and told at length; more make a table."""


def status(
    session: Session, what: Sequence[str], *, everything: bool, as_of: str | None, known_at: str | None, as_json: bool
) -> int:
    """Where things stand. Exit status 1 when a name means nothing, after the others were answered."""
    day = _day(as_of)
    known = time_option(known_at, session.settings.timezone, "--known-at") if known_at else None
    watches = report.watched(session.settings)
    unknown = 0
    with session.reading() as reader:
        asked: list[DocumentId] = []
        for typed in what:
            try:
                asked.append(session.document(typed, reader, print_note))
            except UnknownName as error:
                unknown += 1
                print_note(str(error))
        documents = list(dict.fromkeys(asked)) if what else list(watches)
        chosen = None if everything and not what else [str(document) for document in documents]
        standings = reader.status_rows(chosen, as_of, known) if reader else ()
        if chosen is None:
            documents = list(dict.fromkeys([*documents, *(DocumentId.parse(s.id) for s in standings)]))
        found = _regimes(reader, documents, session, day, known)
        editions = _editions(reader, documents) if day is None and known is None else {}
        muted = _muted(reader, documents, session) if what and len(documents) <= FEW else {}
        if reader is None:
            print_note(f"nothing is recorded yet in {locate(session.settings.database)}: start lexwatch run")
    rows = report.status(documents, standings, watches, now=session.clock(), as_of=day, known_at=known, regimes=found)
    rows = [row | {"edition": editions.get(row["id"])} for row in rows]
    if as_json:
        print_json(rows)
    elif what and len(rows) <= FEW:
        for row in rows:
            _print_details(row, session.settings.timezone, muted.get(row["id"]))
    else:
        _print_table(rows, session.settings.timezone)
    return 1 if unknown else 0


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
        label(DocumentId.parse(row["id"])),
        _standing(row),
        row["status_on"],
        _words(row["stage"]),
        (row["status_text"] if row["kind"] == "regime" else None) or row["title"] or row.get("reason"),
        row["note"],
        local_time(row["checked_at"], zone),
    ]


def _standing(row: Json) -> str | None:
    """The status in plain words. That a session ended is said beside it, because the status itself never changes."""
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
    click.echo(label(document))
    facts = _regime_facts(row, zone) if row["kind"] == "regime" else _facts(row, document, zone)
    print_facts({**facts, "muted": muted})


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
        "stage": _words(row["stage"]) if row["stage"] else "not read yet",
        "status": f"{row['label']}, since {row['status_on']}" if reached else row["status"],
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
    """Every change known of one document, oldest first, both dates."""
    with session.reading() as reader:
        document = session.document(what, reader, print_note)
        past = reader.history(str(document)) if reader else None
        record = reader.records([str(document)]).get(document) if reader and document.kind == "regime" else None
    rows = report.history(past) if past else []
    if record and not as_json:
        from monitor.cli.regime_report import print_terms

        print_terms(record)
    if as_json:
        print_json(rows)
    elif not rows:
        print_note(f"nothing is known of {document} yet")
    else:
        zone = session.settings.timezone
        headers = ("Happened", "Seen", "Kind", "Change", "Record says")
        print_rows(headers, [_change_row(row, document, zone) for row in rows], spare=("Seen",))
    return 0


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
        print_note(
            f"the channel {circuit.channel} takes no message since {since or 'it was removed'}: {circuit.error or ''}"
        )
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
    rows = report.sources(states, session.settings.sources, session.clock(), news)
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
        row["source"],
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
