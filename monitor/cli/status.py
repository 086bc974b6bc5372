"""Where do things stand? `lexwatch status`: the record, joined with the configuration, in the shape of the contract.

Rows are plain JSON values with the members the contract names, in its order. Times are UTC with `Z`, days `YYYY-MM-DD`,
absent is null. Nothing that writes is imported.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import click

from domain.dates import iso_utc
from domain.documents import DocumentId, label, named_feed, public_url
from domain.errors import UnknownName
from domain.jurisdictions import jurisdiction_of, next_step, status_label
from domain.sources import Health, SourceState
from monitor.cli.session import Session, nothing_recorded, time_option, watched
from monitor.cli.terminal import Json, in_words, local_time, print_answer, print_facts, print_note, print_rows
from monitor.config.settings import WatchSettings

if TYPE_CHECKING:
    from domain.records.facets import Facet
    from storage.reader import Reader, StatusRow

FEW = 3
"""Documents asked for by name and told at length; more make a table."""


def status(
    session: Session,
    what: Sequence[str],
    *,
    everything: bool,
    as_of: str | None,
    known_at: str | None,
    form: str | None,
) -> int:
    """Where things stand. Exit status 1 when a name means nothing, after the others were answered."""
    day = _day(as_of)
    known = time_option(known_at, session.settings.timezone, "--known-at") if known_at else None
    at_present = day is None and known is None
    with session.reading() as reader:
        asked, others, unknown = _asked(session, reader, what)
        few = bool(what) and len(asked) <= FEW
        chosen = asked if what else None
        rows = rows_of(
            session, reader, chosen, others, everything=everything, as_of=day, known_at=known,
            at_length=bool(form) or few,
        )  # fmt: skip
        muted = _muted(reader, asked, session) if few else {}
        states = reader.sources(session.settings.sources) if reader and at_present else ()
        if reader is None:
            print_note(nothing_recorded(session.settings))
    if form:
        print_answer(rows, form)
    else:
        _print_rows(rows, session.settings.timezone, muted if what and len(rows) <= FEW else None)
        for trouble in _failing(states, session.settings.timezone):
            print_note(trouble)
    return 1 if unknown else 0


def rows_of(
    session: Session,
    reader: Reader | None,
    asked: list[DocumentId] | None = None,
    others: Sequence[WatchSettings] | None = None,
    *,
    everything: bool = False,
    as_of: date | None = None,
    known_at: datetime | None = None,
    at_length: bool = True,
) -> list[Json]:
    """Return the rows of `status --json`: of the documents asked for and of `others`, which are watches on feeds and
    searches; where nothing is asked for, of everything watched, and with `everything` of every document known.

    `at_length` adds what is stated of bills beside their status.
    """
    settings, at_present = session.settings, as_of is None and known_at is None
    watches = watched(settings)
    documents = list(watches) if asked is None else asked
    chosen = None if everything and asked is None else [str(document) for document in documents]
    standings = reader.status_rows(chosen, as_of.isoformat() if as_of else None, known_at) if reader else ()
    if chosen is None:
        documents = list(dict.fromkeys([*documents, *(DocumentId.parse(s.id) for s in standings)]))
    found = _regimes(reader, documents, session, as_of, known_at)
    editions = _editions(reader, documents) if at_present else {}
    bills = _bills(session, reader if at_present else None, documents, standings) if at_length else {}
    if asked is None:
        others = [watch for watch in settings.watches if watch.search or watch.feed or watch.page]
    states = reader.sources(settings.sources) if reader and at_present else ()
    of_watches = _of_watches(session, reader, others or (), states) if at_present else []
    feeds = {watch.subject: watch for watch in settings.watches if watch.feed and watch.subject}
    watches = {**feeds, **watches}
    rows = status_rows(
        documents, standings, watches, now=session.clock(), as_of=as_of, known_at=known_at, regimes=found
    )
    return [row | {"edition": editions.get(row["id"])} | bills.get(row["id"], {}) for row in (*rows, *of_watches)]


def _print_rows(rows: list[Json], zone: str, muted: Mapping[str, str] | None) -> None:
    """Print a table, or each row at length where it is known which of them are muted."""
    if muted is None:
        _print_table(rows, zone)
        return
    for row in rows:
        _print_details(row, zone, muted.get(row["id"]))


def _failing(states: Sequence[SourceState], zone: str) -> Iterator[str]:
    """Say which publishers cannot be read at present, and since when nothing was read of them. A feed has a row of its
    own, which says it."""
    for state in states:
        if state.state is not Health.OK and not state.name.startswith("feed/"):
            since = local_time(iso_utc(state.last_good_at), zone)
            read = f"last read {since}" if since else "never read yet"
            yield f"{state.name} is {state.state} ({read}): {in_words(state.error) or ''}"


def _asked(
    session: Session, reader: Reader | None, what: Sequence[str]
) -> tuple[list[DocumentId], list[WatchSettings], int]:
    """Return the documents that are asked for, the watches on feeds and searches, and how many names mean nothing."""
    if not what:
        return [], [], 0
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
    return [status_of_watch(watch, last.get(watch.name), _read_by(session, watch, named), now) for watch in watches]


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


def _bills(
    session: Session, reader: Reader | None, documents: Sequence[DocumentId], standings: Sequence[StatusRow]
) -> dict[str, Json]:
    """Map bills to what is stated of them beside their status. Null is what was not read, or is not asked of the
    present."""
    members = ("sponsor", "cosponsors", "committees", "latest_action", "next_hearing", "matched_by")
    found: dict[str, Json] = {str(one): dict.fromkeys(members) for one in documents if one.kind == "bill"}
    reached = {row.id: row.status_text for row in standings}
    names = list(found) if reader else []
    searches = [watch for watch in session.settings.watches if watch.search is not None]
    now = session.clock()
    for first in range(0, len(names), 500):  # records are large: no more at once
        stated = reader.facets(names[first : first + 500], None if searches else _OF_BILL) if reader else {}
        for name, facets in stated.items():
            document = DocumentId.parse(name)
            matching = {"matched_by": _matching(searches, document, facets)}
            found[name] = stated_of_bill(document, facets, reached.get(name), now) | matching
    return found


_OF_BILL = ("sponsors", "cosponsors", "committees", "actions", "hearings")
"""The facets that `stated_of_bill` reads."""


def _matching(searches: Sequence[WatchSettings], document: DocumentId, facets: Mapping[str, Facet]) -> list[str]:
    return [
        watch.name
        for watch in searches
        if any(place is not None and document.is_within(place) for place in (watch.document, *watch.also))
        and watch.search is not None
        and watch.search.found_in(facets) is not None
    ]


def stated_of_bill(document: DocumentId, facets: Mapping[str, Facet], says: str | None, now: datetime) -> Json:
    """`says` are the words of its status: of the lines of one moment, it is the last."""
    from domain.upcoming import hearings

    committees = facets.get("committees")
    day = jurisdiction_of(document).day(now)
    joined = facets.get("cosponsors")
    staying = [one for one in (joined or {}).values() if "original" in one and not one.get("withdrawn_on")]
    parties = Counter(str(one.get("party") or "") for one in staying)
    actions = facets.get("actions", {}).values()
    latest = max(
        actions, key=lambda one: (one.get("on") or "", one.get("time") or "", one.get("text") == says), default=None
    )
    ahead = min((one for one in hearings(facets) if one.on >= day), key=lambda one: (one.on, str(one.at)), default=None)
    return {
        "sponsor": next((one.get("label") for one in facets.get("sponsors", {}).values()), None),
        "cosponsors": None if joined is None else {"total": len(staying), "by_party": dict(parties.most_common())},
        "committees": None if committees is None else [in_words(one.get("label")) for one in committees.values()],
        "latest_action": latest and {"on": latest.get("on"), "text": latest.get("text")},
        "next_hearing": ahead and {"on": ahead.on.isoformat(), "at": iso_utc(ahead.at), "what": in_words(ahead.what)},
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
        **_bill_facts(row, zone),
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


def _bill_facts(row: Json, zone: str) -> dict[str, str | None]:
    """Say what a reader asks next of a bill, where it was read."""
    joined, latest, ahead = (row.get(name) for name in ("cosponsors", "latest_action", "next_hearing"))
    parties = ", ".join(f"{n} {party}" for party, n in joined["by_party"].items()) if joined else ""
    return {
        "sponsor": row.get("sponsor"),
        "cosponsors": f"{joined['total']}" + (f" ({parties})" if parties else "") if joined else None,
        "committees": "; ".join(row.get("committees") or ()) or None,
        "last action": f"{latest['on']}: {latest['text']}" if latest else None,
        "hearing": f"{local_time(ahead['at'], zone) or ahead['on']}: {ahead['what']}" if ahead else None,
        "found by": ", ".join(row.get("matched_by") or ()) or None,
    }


def _edition(edition: Json | None) -> str | None:
    return ", on the basis of ".join(filter(None, (edition["on"], edition["basis"]))) if edition else None


def _revision(row: Json, zone: str) -> str | None:
    return f"{local_time(row['changed_at'], zone)} (revision {row['revision']})" if row["changed_at"] else None


def _words(stage: str | None) -> str:
    return (stage or "").replace("_", " ")


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise click.BadParameter(f"expected a day such as 2026-01-20, saw {text!r}", param_hint="--as-of") from None


def status_rows(
    documents: Iterable[DocumentId],
    standings: Iterable[StatusRow],
    watches: Mapping[DocumentId, WatchSettings],
    *,
    now: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
    regimes: Mapping[DocumentId, Json] = MappingProxyType({}),
) -> list[Json]:
    """Say where each document stands, in the order asked; one not read yet appears with nulls.

    `regimes` holds what is to be said of the regimes among them beyond any document (`monitor.cli.regime_report`).

    The answer is about the day `as_of`, or the day it is at `now` in the document's jurisdiction: the end of a
    session is computed on reading, never stored. A poll after `known_at` is no part of what was known then.
    """
    by_id = {standing.id: standing for standing in standings}
    return [
        _document_row(
            document,
            by_id.get(str(document)),
            watches.get(document) or (watches.get(document.feed) if document.feed else None),
            as_of or jurisdiction_of(document).day(now),
            known_at,
        )
        | regimes.get(document, {})
        for document in documents
    ]


def status_of_watch(watch: WatchSettings, last: Json | None, read_by: Sequence[SourceState], now: datetime) -> Json:
    """Say where a watch stands that follows no single document: a feed, a page or a search. `last` is its last entry,
    or what it last alerted of (`id`, `title`, `on`, `url`), `read_by` are the states of the sources that read it."""
    subject = watch.subject or named_feed(watch.name)
    kind = "search" if watch.search is not None else "page" if watch.page else "feed"
    good = [state.last_good_at for state in read_by if state.last_good_at is not None]
    due = [state.due_at for state in read_by if state.due_at is not None]
    trouble = next(
        (f"{state.state}: {in_words(state.error)}" for state in read_by if state.state is not Health.OK), None
    )
    unread = None if good or trouble else "this version does not read a page yet" if watch.page else "not read yet"
    return _document_row(subject, None, watch, jurisdiction_of(subject).day(now), None) | {
        "kind": kind,
        "title": last and last["title"],
        "status_on": last and last["on"],
        "url": watch.feed or watch.page or (last and last["url"]),
        "checked_at": iso_utc(max(good, default=None)),
        "doubt": trouble or unread,
        "last_entry": last,
        "next_check_at": iso_utc(min(due, default=None)),
    }


def _document_row(
    document: DocumentId,
    standing: StatusRow | None,
    watch: WatchSettings | None,
    today: date,
    known_at: datetime | None,
) -> Json:
    row: Json = {"id": str(document), "kind": document.kind, "title": None}
    row |= {"watch": watch and watch.name, "note": watch and watch.note}
    law = jurisdiction_of(document)
    reached, since = (standing.status, standing.status_on) if standing else (None, None)
    row |= {
        "stage": law.stage(reached, document, today) if reached else None,
        "status": reached,
        "status_on": None,
        "status_text": None,
        "introduced_on": None,
        "ended_on": _iso_day(law.ended_on(reached, since, document, today)) if reached else None,
        "law": None,
        "url": public_url(document),
        "revision": None,
        "first_seen_at": None,
        "changed_at": None,
        "checked_at": None,
        "term": None,
        "label": status_label(reached, document) if reached else None,
        "doubt": None,
        "tags": list(watch.tags) if watch else [],
        "priority": watch and watch.priority,
        "position": watch and watch.position,
        "owner": watch and watch.owner,
        "jurisdiction": document.jurisdiction,
    }
    return row | _recorded(standing, document, known_at) if standing is not None else row


def _recorded(standing: StatusRow, document: DocumentId, known_at: datetime | None) -> Json:
    """Return the members of a row that only the record knows."""
    return {
        "title": standing.title,
        "status_on": standing.status_on,
        "status_text": standing.status_text,
        "introduced_on": standing.introduced_on,
        "law": standing.law or jurisdiction_of(document).law_name(standing.status_text),
        "url": standing.url or public_url(document),
        "revision": standing.revision,
        "first_seen_at": iso_utc(standing.first_seen_at),
        "changed_at": iso_utc(standing.changed_at),
        "checked_at": iso_utc(_by(standing.checked_at, known_at)),
        "doubt": in_words(standing.doubt),
    }


def _by(moment: datetime | None, limit: datetime | None) -> datetime | None:
    return moment if moment and (limit is None or moment <= limit) else None


def _iso_day(day: date | None) -> str | None:
    return day.isoformat() if day else None
