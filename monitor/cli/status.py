"""Where do things stand? `lexwatch status`: the rows of `monitor.portfolio`, for a person or a program."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import click

from domain.dates import iso_utc
from domain.documents import DocumentId, label
from domain.errors import UnknownName
from domain.jurisdictions import jurisdiction_of, next_step
from monitor.cli.session import Session, day_option, nothing_recorded, time_option
from monitor.cli.terminal import (
    Json,
    in_words,
    local_time,
    print_answer,
    print_facts,
    print_heading,
    print_note,
    print_rows,
)
from monitor.config.settings import WatchSettings
from monitor.portfolio import (
    Filters,
    found_documents,
    grouped,
    in_order,
    last_news,
    misnamed,
    next_date,
    portfolio_rows,
)

if TYPE_CHECKING:
    from domain.sources import SourceState
    from storage.reader import Reader

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
    sort: str | None = None,
    group: str | None = None,
    **filters: Any,
) -> int:
    """Where things stand. Exit status 1 when a name means nothing, after the others were answered."""
    settings, zone = session.settings, session.settings.timezone
    day = day_option(as_of, "--as-of") if as_of else None
    known = time_option(known_at, zone, "--known-at") if known_at else None
    wanted = filters_of(session, **filters)
    with session.reading() as reader:
        documents, watches, unknown = _asked(session, reader, what)
        found = found_documents(reader, [watch.name for watch in watches if watch.search])
        found = [document for document in found if document not in documents] if day is known is None else []
        few = bool(what) and len(documents) + len(watches) <= FEW
        states = reader.sources(settings.sources) if reader and day is known is None else ()
        rows = portfolio_rows(
            settings,
            reader,
            session.clock(),
            wanted,
            documents=[*documents, *found] if what else None,
            watches=watches if what else None,
            everything=everything,
            as_of=day,
            known_at=known,
            full=few or form is not None,
            states=states,
        )
        muted = _muted(reader, documents, session) if few else {}
        if reader is None:
            print_note(nothing_recorded(settings))
    if sort or not (form or what):
        rows = in_order(rows, sort or "changed", zone)
    if form:
        print_answer(rows, form)
        return 1 if unknown else 0
    if few:
        names = set(map(str, found))
        for row in (row for row in rows if row["id"] not in names or "last_entry" in row):
            _print_details(row, zone, muted.get(row["id"]))
        documents_found = [row for row in rows if row["id"] in names and "last_entry" not in row]
        _print_found(in_order(documents_found, sort or "changed", zone))
    else:
        _print_table(rows, zone, session.clock(), group, nothing=_nothing(settings.watches, what, wanted))
    for trouble in _failing(states, zone):
        print_note(trouble)
    return 1 if unknown else 0


MOST_SHOWN = 200
"""Documents that `status` prints of what a search found."""


def _print_found(rows: Sequence[Json]) -> None:
    """Print what searches found, each with its status, its latest action and the words by which it was found."""
    if not rows:
        return
    click.echo("")
    lines = [
        [
            _called(row),
            _standing(row) or "not read in full yet",
            row["status_on"],
            " ".join(filter(None, ((row.get("latest_action") or {}).get(member) for member in ("on", "text")))) or None,
            row["title"],
            "; ".join(dict.fromkeys(word for words in row.get("matched_words", {}).values() for word in words)),
        ]
        for row in rows[:MOST_SHOWN]
    ]
    headers = ("Document", "Status", "Since", "Latest action", "Title", "Words")
    print_rows(headers, lines, spare=("Words", "Since"), cut="Title")
    if len(rows) > MOST_SHOWN:
        print_note(f"and {len(rows) - MOST_SHOWN} more: --json and --csv have all of them")


def filters_of(
    session: Session,
    *,
    tags: Sequence[str] = (),
    owners: Sequence[str] = (),
    stages: Sequence[str] = (),
    kinds: Sequence[str] = (),
    since: str | None = None,
    text: str | None = None,
) -> Filters:
    """Read the options that filter a list; a usage error (exit 2) names the nearest of what there is not."""
    named = {"tags": tuple(tags), "owners": tuple(owners), "stages": tuple(stages), "kinds": tuple(kinds)}
    begin = day_option(since, "--since") if since else None
    wanted = Filters(**named, since=begin, text=text or "", zone=session.settings.timezone)
    if problem := misnamed(wanted, session.settings.watches):
        raise click.UsageError(problem)
    return wanted


def _nothing(watches: Sequence[WatchSettings], what: Sequence[str], wanted: Filters) -> str:
    """Say why there is no row."""
    if not watches and not what:
        return "nothing is watched: add a [[watch]] to the configuration"
    since = f" with news since {wanted.since}" if wanted.since else ""
    return f"nothing of what is watched is like that{since}"


def _failing(states: Sequence[SourceState], zone: str) -> Iterator[str]:
    """Say which publishers cannot be read at present, and since when nothing was read of them. A feed has a row of its
    own, which says it."""
    for state in states:
        if not state.is_ok and not state.name.startswith("feed/"):
            since = local_time(iso_utc(state.last_good_at), zone)
            read = f"last read {since}" if since else "never read yet"
            yield f"{state.name} is {state.state} ({read}): {in_words(state.error) or ''}"


def _asked(
    session: Session, reader: Reader | None, what: Sequence[str]
) -> tuple[list[DocumentId], list[WatchSettings], int]:
    """Return the documents that are asked for, the watches on feeds and searches, and how many names mean nothing."""
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


def _print_table(rows: Sequence[Json], zone: str, now: datetime, group: str | None, *, nothing: str) -> None:
    """Print one line for each row, under the headings of its group."""
    if not rows:
        print_note(nothing)
        return
    for heading, members in grouped(rows, group).items() if group else [("", rows)]:
        if group:
            called = _words(heading) if group == "stage" else heading
            print_heading(f"{called or f'no {group}'} ({len(members)})")
        lines = [_line(row, zone, now) for row in members]
        print_rows(
            _HEADERS,
            lines,
            spare=_IF_THERE_IS_ROOM[::-1],
            cut="Title",
            bold=[row["priority"] == "high" for row in members],
        )
    if any(row["doubt"] and row["label"] and row["kind"] != "regime" for row in rows):
        print_note("? the record is in doubt: lexwatch status WHAT says why")


_IF_THERE_IS_ROOM = ("Next", "Priority", "Owner", "Tags", "Position", "Note", "Stage", "Checked")
_HEADERS = ("Document", "Status", "Changed", "Title", *_IF_THERE_IS_ROOM)


def _line(row: Json, zone: str, now: datetime) -> list[str | None]:
    changed, ahead = last_news(row, zone), next_date(row, zone)
    return [
        _called(row, now if sys.stdout.isatty() else None),
        _standing(row, now),
        changed and changed.isoformat(),
        _title(row, now),
        ahead and ahead.isoformat(),
        row["priority"],
        row["owner"],
        ", ".join(row["tags"]),
        row["position"],
        row["note"],
        _words(row["stage"]),
        local_time(row["checked_at"], zone),
    ]


def _title(row: Json, now: datetime) -> str:
    """What a row is about; of a regime first how its renewal stands."""
    if row["kind"] != "regime" or row["stage"] != "in_force":
        return str(row.get("reason") or row["title"] or row.get("searches_for") or "")
    return "; ".join(filter(None, (_renewal(row, now), row["title"])))


def _renewal(row: Json, now: datetime) -> str | None:
    """Say how far the renewal of the running term has come: "renewed to 4 May"."""
    left = _countdown(row)
    if row["by_law"]:
        return f"by law, {left}" if left else None
    state, after = row["next"]["state"], row["next_term"]
    to = f" to {_short(after['ends_at'], now)}" if after and after["ends_at"] else ""
    if state == "in_force_later":
        return f"renewed{to}"
    return f"{_RENEWALS[state]}{to}, {left}" if left else None


_RENEWALS = {
    "none_seen": "no renewal seen",
    "bill_registered": "bill to renew it registered",
    "decree_signed": "renewal signed, not yet law",
    "law_adopted": "law to renew it adopted",
    "law_signed": "law to renew it signed",
}


def _short(stated: str, now: datetime | None = None) -> str:
    """Write a day, or the day of a moment in its own zone, for people: 3 Feb 2026, and 3 Feb in the months before."""
    on = date.fromisoformat(stated[:10])
    near = now is not None and 0 <= (on - now.date()).days < _NEAR
    return f"{on.day} {on:%b}" + ("" if near else f" {on.year}")


_NEAR = 300
"""Days ahead within which a day and a month name no other day."""


def _called(row: Json, now: datetime | None = None) -> str:
    """Name what a row is about: a feed, its entries and a search by their watch. A document of the session that sits at
    `now` is named without it: on a terminal the room is for the title."""
    of_watch = row["watch"] if "last_entry" in row or row["id"].startswith("feed/") else None
    if of_watch:
        return str(of_watch)
    document = DocumentId.parse(row["id"])
    session = _session_sitting(document.jurisdiction, now.date()) if now else None
    return label(document).partition(" · ")[0] if session and document.is_within(session) else label(document)


@lru_cache(maxsize=8)
def _session_sitting(jurisdiction: str, today: date) -> DocumentId | None:
    return jurisdiction_of(DocumentId(jurisdiction, "bill", ())).search_scope(today)


def _standing(row: Json, now: datetime | None = None) -> str | None:
    """The status in plain words, with a question mark where it is in doubt. That a session ended is said beside it,
    because the status itself never changes."""
    if "last_entry" in row:
        read = "found" in row and (row["found"] or row["checked_at"])
        kind = f"search, {row['found']} found" if read else row["kind"]
        trouble = row["source_state"] or row["doubt"]
        return f"{kind}: {trouble}" if trouble else kind
    if row["kind"] == "regime":
        ends_at = (row["term"] or {}).get("ends_at")
        if ends_at and row["by_law"] and row["reason"]:
            return f"{row['label']} ({_short(ends_at)})"
        ends_at = ends_at if row["days_left"] is not None else None
        return f"{row['label']} to {_short(ends_at, now)}" if ends_at else row["label"]
    if row["doubt"]:
        return f"{row['label']} ?" if row["label"] else row["doubt"]
    if row["revision"] is None and row["status"] is None:
        return "not read yet"
    return f"Lapsed: {row['label']}" if row["stage"] == "lapsed" else row["label"]


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
        "looks for": row.get("searches_for"),
        "finds": f"{row['found']} ({row['began_with']} when it began)" if "found" in row else None,
        "last entry" if row["kind"] == "feed" else "last alert": last.get("title"),
        "on": last.get("on"),
        "page": last.get("url"),
        "address": row["url"] if row["kind"] != "search" else None,
        "trouble": row["doubt"],
        "note": row["note"],
        "tags": ", ".join(row["tags"]) or None,
        "list read" if row["kind"] == "search" else "checked": local_time(row["checked_at"], zone) or "never",
        "next check": local_time(row["next_check_at"], zone),
    }


def _regime_facts(row: Json, zone: str) -> dict[str, str | None]:
    term, renewal = row["term"] or {}, row["next"]
    act = term.get("instrument") and label(DocumentId.parse(term["instrument"]))
    approval = term.get("approval") and label(DocumentId.parse(term["approval"]))
    step = _RENEWALS.get(renewal["state"]) or _words(renewal["state"])
    ahead = renewal["instrument"] and label(DocumentId.parse(renewal["instrument"]))
    return {
        "title": row["title"],
        "status": row["label"],
        "because": row["reason"],
        "left": _countdown(row),
        "follows": _following(row),
        "term": row["status_text"],
        "act": f"{act}, approved by {approval}" if approval else act,
        "confidence": term.get("confidence"),
        "where": ", ".join(row["scope"]) or None,
        "next": None if row["by_law"] else ": ".join(filter(None, (step, ahead))),
        "usually": "; ".join(lead["text"] for lead in row["lead_times"]) or None,
        "last read": None if row["by_law"] else local_time(row["known_through"], zone) or "never",
        "warning": "; ".join(row["checks"]) or None,
        "elections": _barred(row["barred_while"], zone),
        **{one["article"]: f"{one['says']} {one['address']}" for one in row["basis"]},
        **_labels(row),
    }


def _following(row: Json) -> str | None:
    """Say which term follows the running one: "extension 18, 3 Feb 2026 to 4 May 2026"."""
    after = row["next_term"]
    if not after or row["next"]["state"] != "in_force_later":
        return None
    name = f"extension {after['number']}" if after["number"] else "the next term"
    return f"{name}, {_short(after['starts_at'])}" + (f" to {_short(after['ends_at'])}" if after["ends_at"] else " on")


def _labels(row: Json) -> dict[str, str | None]:
    """Return what its watch says of a document."""
    return {
        "note": row["note"],
        "tags": ", ".join(row["tags"]) or None,
        **{name: row[name] for name in ("priority", "position", "owner", "watch")},
    }


def _barred(bar: Json | None, zone: str) -> str | None:
    """Say what bars the elections that are to follow, and how long it is known to run."""
    if bar is None:
        return None
    name = label(DocumentId.parse(bar["id"]))
    if bar["status"] != "IN_FORCE":
        return f"barred while {name} is in force (lexwatch status {bar['id']})"
    until = local_time(bar["ends_at"], zone)
    return f"barred while {name} is in force" + (f", now until {until} if nothing renews it" if until else "")


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
        **_bill_facts(row, zone),
        jurisdiction_of(document).begun_word: row["introduced_on"],
        "edition": _edition(row["edition"]),
        "ended": f"{row['ended_on']}, with its session" if row["ended_on"] else None,
        "law": row["law"],
        **_labels(row),
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
        "last action": f"{latest['on']}: {latest['text']}" if latest else None,
        "hearing": f"{local_time(ahead['at'], zone) or ahead['on']}: {ahead['what']}" if ahead else None,
        "sponsor": row.get("sponsor"),
        "cosponsors": f"{joined['total']}" + (f" ({parties})" if parties else "") if joined else None,
        "committees": _some(row.get("committees") or ()),
        "texts": _some([_version(one) for one in reversed(row.get("versions") or ())], "earlier"),
        "related": _some([str(one["says"] or label(DocumentId.parse(one["id"]))) for one in row.get("related") or ()]),
        "found by": ", ".join(row.get("matched_by") or ()) or None,
    }


def _version(one: Json) -> str:
    return f"{one['name']} ({one['on']})" if one["on"] else str(one["name"])


def _some(names: Sequence[str], rest: str = "more") -> str | None:
    """Name the first few of a list, and how many there are beside."""
    more = [f"and {len(names) - FEW} {rest}"] if len(names) > FEW else []
    return "; ".join([*names[:FEW], *more]) or None


def _edition(edition: Json | None) -> str | None:
    return ", on the basis of ".join(filter(None, (edition["on"], edition["basis"]))) if edition else None


def _revision(row: Json, zone: str) -> str | None:
    return f"{local_time(row['changed_at'], zone)} (revision {row['revision']})" if row["changed_at"] else None


def _words(stage: str | None) -> str:
    return (stage or "").replace("_", " ")
