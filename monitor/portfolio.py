"""Where does everything watched stand, one row for each document, feed, search and regime, and which are wanted?

A row is a plain JSON value with the members of `status --json` in the order of the contract. Times are UTC with `Z`,
days `YYYY-MM-DD`, absent is null. Only the record is asked, a fixed number of questions however many rows there are;
nothing that writes is imported.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import chain
from types import MappingProxyType
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import msgspec

from domain.dates import iso_day, iso_utc
from domain.documents import DocumentId, named_feed, public_url
from domain.jurisdictions import jurisdiction_of, status_label
from domain.options import PRIORITIES, as_written, suggest
from monitor.cli.terminal import Json, in_words
from monitor.config.settings import Settings, WatchSettings

if TYPE_CHECKING:
    from domain.alerts.routing import Labelled
    from domain.records.facets import Facet
    from domain.sources import SourceState
    from storage.reader import Moved, Reader, StatusRow

Row = Mapping[str, Any]

SORTS = ("changed", "next", "priority", "name")
GROUPS = ("tag", "owner", "stage")
WATCH_KINDS = ("feed", "search", "page")
"""Kinds of rows that are no document."""

_TERM_STAGES = ("not_in_force", "in_force", "expired", "ended", "unknown")
_AT_A_TIME = 500
"""Records are large: of no more documents are they read at once."""


@dataclass(frozen=True, slots=True)
class Filters:
    """What rows are wanted: with one of each that is named here, whatever the capitals; all where nothing is named.
    `since` is a day in `zone`, an IANA name; `text` stands in the name, title, note, status or tags."""

    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    since: date | None = None
    text: str = ""
    zone: str = "UTC"


EVERYTHING = Filters()
_NOTHING_STATED: Json = {"edition": None, "news_at": None}


def portfolio_rows(
    settings: Settings,
    reader: Reader | None,
    now: datetime,
    wanted: Filters = EVERYTHING,
    *,
    documents: Sequence[DocumentId] | None = None,
    watches: Sequence[WatchSettings] | None = None,
    everything: bool = False,
    as_of: date | None = None,
    known_at: datetime | None = None,
    full: bool = True,
    states: Sequence[SourceState] | None = None,
) -> list[Json]:
    """Return a row for each of the `documents` and each of the `watches` (on feeds, pages and searches), None for all
    that is watched, or for `everything` on record; of these the `wanted` ones, in the order of the configuration.

    Without `full` a bill has the day of its latest action and its next hearing only. With `as_of` or `known_at` the
    rows tell where things stood then, and what is stated of the present alone is null. `states` are those of the
    configured sources, where they are read already.
    """
    present = as_of is None and known_at is None
    labelled = {document: watch for document, watch in watched(settings).items() if _has_labels(watch, wanted)}
    asked = list(labelled) if documents is None else list(documents)
    all_on_record = everything and documents is None and not (wanted.tags or wanted.owners)
    names = None if all_on_record else [str(document) for document in asked]
    standings = reader.status_rows(names, iso_day(as_of), known_at) if reader else ()
    if all_on_record:
        asked = list(dict.fromkeys([*asked, *(DocumentId.parse(standing.id) for standing in standings)]))
    feeds = {watch.subject: watch for watch in settings.watches if watch.feed and watch.subject}
    rows = status_rows(
        asked,
        standings,
        {**feeds, **labelled} if documents is None else {**feeds, **watched(settings)},
        now=now,
        as_of=as_of,
        known_at=known_at,
        regimes=_regimes(settings, reader, asked, now, as_of, known_at),
    )
    if present:
        rows = _with_unread(settings, rows)
    if watches is None:
        watches = [watch for watch in settings.watches if watch.document is None or watch.search]
    watches = [watch for watch in watches if _has_labels(watch, wanted)] if present else []  # of the present alone
    if states is None:
        states = reader.sources(settings.sources) if reader and watches else ()
    rows += _of_watches(settings, reader, watches, states, now)
    stated = _stated(settings, reader if present else None, asked, standings, now, full=full)
    return select((row | stated.get(row["id"], _NOTHING_STATED) for row in rows), wanted)


_LOOKED_AT = 50
"""Rows that were never read of which it is looked whether anything would read them."""


def _with_unread(settings: Settings, rows: Sequence[Json]) -> list[Json]:
    """Say of what was never read and has no source in the configuration which section it needs."""
    never = [
        row["id"] for row in rows if row["revision"] is None or (row["kind"] == "regime" and not row["known_through"])
    ]
    if not never:
        return list(rows)
    from monitor.config.watch_tables import missing_readers  # whoever asks for what was read does not pay for it

    asked, watches, folder = tuple(settings.sources), watched(settings), settings.path.parent
    said = {}
    for name in never[:_LOOKED_AT]:
        watch = watches.get(DocumentId.parse(name))
        if watch is not None and (needed := missing_readers(watch, asked, folder)):
            said[name] = f"nothing reads this: add [source.{needed[0]}]"
    return [_unread(row, said[row["id"]]) if row["id"] in said else row for row in rows]


def _unread(row: Json, said: str) -> Json:
    """Say it before what else is said of why a status is not known."""
    because = {"reason": "; ".join(filter(None, (said, row["reason"])))} if "reason" in row else {}
    return row | {"doubt": said} | because


def watched(settings: Settings) -> dict[DocumentId, WatchSettings]:
    """Map each watched document to its watch, in the order of the configuration; a search names none. What is watched
    twice has the tags of both, the weightiest priority, and else what the first says."""
    found: dict[DocumentId, WatchSettings] = {}
    for watch in settings.watches:
        if watch.document is not None and watch.search is None:
            before = found.get(watch.document)
            found[watch.document] = watch if before is None else _both(before, watch)
    return found


def _both(one: WatchSettings, other: WatchSettings) -> WatchSettings:
    priorities = [watch.priority or "normal" for watch in (one, other)]
    return msgspec.structs.replace(
        one,
        tags=tuple({tag.casefold(): tag for tag in (*other.tags, *one.tags)}.values()),
        priority=min(priorities, key=PRIORITIES.index) if one.priority or other.priority else None,
        position=one.position or other.position,
        owner=one.owner or other.owner,
        note=one.note or other.note,
    )


def _has_labels(watch: WatchSettings, wanted: Filters) -> bool:
    """Say whether a watch has the tags and owner that are wanted: what has not need not be read."""
    return _any_of(wanted.tags, watch.tags) and _any_of(wanted.owners, (watch.owner or "",))


def _of_watches(
    settings: Settings,
    reader: Reader | None,
    watches: Sequence[WatchSettings],
    states: Sequence[SourceState],
    now: datetime,
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
    counted = reader.found(searches) if reader and searches else {}
    rows = []
    for watch in watches:
        row = status_of_watch(watch, last.get(watch.name), _read_by(settings, watch, named), now)
        found, begun = counted.get(watch.name, (0, 0))
        words = {"searches_for": watch.search.written, "found": found, "began_with": begun} if watch.search else {}
        rows.append(row | words)
    return rows


def searches_of(settings: Settings) -> list[str]:
    """Return the names of the saved searches."""
    return [watch.name for watch in settings.watches if watch.search is not None]


def found_documents(reader: Reader | None, searches: Sequence[str]) -> list[DocumentId]:
    """Return what searches of these names found, what was found last first."""
    return list(dict.fromkeys(one.document for one in reader.matches(searches))) if reader and searches else []


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


def _read_by(settings: Settings, watch: WatchSettings, states: Mapping[str, SourceState]) -> list[SourceState]:
    """Return the states of the sources that read a feed, or list what a search looks through."""
    if watch.search is None:
        return [states[str(watch.subject)]] if str(watch.subject) in states else []
    from watchers import SOURCES, source  # only searches need to know who lists what

    listing = [source(name) for name in settings.sources if name in SOURCES]
    places = [place for place in (watch.document, *watch.also) if place is not None]
    names = [one.name for one in listing if one.lists_all and (watch.assumed or any(map(one.handles, places)))]
    return [states[name] for name in names if name in states]


def _regimes(
    settings: Settings,
    reader: Reader | None,
    documents: Sequence[DocumentId],
    now: datetime,
    as_of: date | None,
    known_at: datetime | None,
) -> dict[DocumentId, Json]:
    if not any(document.kind == "regime" for document in documents):
        return {}
    from monitor.cli.regime_report import regime_answers
    from monitor.service.regimes import FOLDER  # whoever asks for bills does not pay for terms

    folder = settings.path.parent / FOLDER
    return regime_answers(reader, documents, now=now, as_of=as_of, known_at=known_at, folder=folder)


def _stated(
    settings: Settings,
    reader: Reader | None,
    documents: Sequence[DocumentId],
    standings: Sequence[StatusRow],
    now: datetime,
    *,
    full: bool,
) -> dict[str, Json]:
    """Map documents to what is stated of them beside their status. Null is what was not read, or is not asked of the
    present."""
    names = [str(document) for document in documents]
    moved = reader.moved(names) if reader else {}
    editions = _editions(reader, documents)
    found: dict[str, Json] = {
        name: {"edition": editions.get(name), "news_at": iso_utc(moved[name].seen_at if name in moved else None)}
        for name in names
    }
    bills = [document for document in documents if document.kind == "bill"]
    read = _bills_in_full(reader, bills, standings, now) if full else _bills_in_short(reader, bills, moved, now)
    for name, members in read.items():
        found[name] |= members
    searches = searches_of(settings) if full else []
    for match in reader.matches(searches) if reader and searches else ():
        if str(match.document) in found:
            row = found[str(match.document)]
            row["matched_by"] = [*(row.get("matched_by") or ()), match.watch]
            row["matched_words"] = {**row.get("matched_words", {}), match.watch: list(match.words)}
    return found


def _editions(reader: Reader | None, documents: Sequence[DocumentId]) -> dict[str, Json]:
    """Map acts to the edition in force: its day, and the act that made it."""
    acts = [str(document) for document in documents if document.kind in jurisdiction_of(document).edited_kinds]
    items = reader.entries(acts, "item") if reader and acts else {}
    return {
        document: {"on": item["edition_on"], "basis": item.get("edition_basis")}
        for document, item in items.items()
        if item.get("edition_on")
    }


_OF_BILL = (
    "sponsors", "cosponsors", "committees", "actions", "listed", "movement", "hearings", "texts", "related"
)  # fmt: skip
"""The facets that `stated_of_bill` reads."""

_MEMBERS_OF_BILL = (
    "sponsor", "cosponsors", "committees", "latest_action", "next_hearing", "versions", "related", "matched_by"
)  # fmt: skip


def _bills_in_short(
    reader: Reader | None,
    bills: Sequence[DocumentId],
    moved: Mapping[str, Moved],
    now: datetime,
) -> dict[str, Json]:
    """Map bills to the day of their latest action and their next hearing."""
    names = [str(bill) for bill in bills]
    with_hearings = [name for name in names if name in moved and moved[name].has_hearings]
    planned = reader.facets(with_hearings, ("hearings",)) if reader and with_hearings else {}
    acted = {name: {"on": one.action_on, "text": None} for name, one in moved.items() if one.action_on}
    return {
        name: {
            "latest_action": acted.get(name),
            "next_hearing": _next_hearing(planned.get(name, {}), jurisdiction_of(bill).day(now)),
        }
        for name, bill in zip(names, bills, strict=True)
    }


def _bills_in_full(
    reader: Reader | None,
    bills: Sequence[DocumentId],
    standings: Sequence[StatusRow],
    now: datetime,
) -> dict[str, Json]:
    """Map bills to all that is stated of them."""
    found: dict[str, Json] = {str(bill): dict.fromkeys(_MEMBERS_OF_BILL) for bill in bills}
    reached = {row.id: row.status_text for row in standings}
    names = list(found) if reader else []
    for first in range(0, len(names), _AT_A_TIME):
        stated = reader.facets(names[first : first + _AT_A_TIME], _OF_BILL) if reader else {}
        for name, facets in stated.items():
            known = stated_of_bill(DocumentId.parse(name), facets, reached.get(name), now)
            found[name] = known | {"matched_by": []}
    return found


def stated_of_bill(document: DocumentId, facets: Mapping[str, Facet], says: str | None, now: datetime) -> Json:
    """`says` are the words of its status: of the lines of one moment, it is the last; what lists alone show counts
    where it is later. Versions of the text stand in the order of their days, those without a day first."""
    committees, joined = facets.get("committees"), facets.get("cosponsors")
    staying = [one for one in (joined or {}).values() if "original" in one and not one.get("withdrawn_on")]
    parties = Counter(str(one.get("party") or "") for one in staying)
    stated = chain(*(facets.get(name, {}).values() for name in ("movement", "listed", "actions")))
    actions = [*stated][::-1]  # in the order in which they happened
    latest = max(
        actions, key=lambda one: (one.get("on") or "", one.get("time") or "", one.get("text") == says), default=None
    )
    versions = sorted(facets.get("texts", {}).items(), key=lambda pair: pair[1].get("on") or "")
    return {
        "sponsor": next((one.get("label") for one in facets.get("sponsors", {}).values()), None),
        "cosponsors": None if joined is None else {"total": len(staying), "by_party": dict(parties.most_common())},
        "committees": None if committees is None else [in_words(one.get("label")) for one in committees.values()],
        "latest_action": latest and {"on": latest.get("on"), "text": latest.get("text")},
        "next_hearing": _next_hearing(facets, jurisdiction_of(document).day(now)),
        "versions": [{"on": one.get("on"), "name": in_words(one.get("label")) or name} for name, one in versions],
        "related": [{"id": name, "says": in_words(one.get("text"))} for name, one in facets.get("related", {}).items()],
    }


def _next_hearing(facets: Mapping[str, Facet], today: date) -> Json | None:
    if not facets.get("hearings"):
        return None
    from domain.upcoming import hearings  # it is of terms as well, and most bills have no hearing

    ahead = [one for one in hearings(facets) if one.on >= today]
    found = min(ahead, key=lambda one: (one.on, str(one.at)), default=None)
    return (
        None if found is None else {"on": found.on.isoformat(), "at": iso_utc(found.at), "what": in_words(found.what)}
    )


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
    failing = next((state for state in read_by if not state.is_ok), None)
    trouble = f"{failing.state}: {in_words(failing.error)}" if failing else None
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
        "source_state": str(failing.state) if failing else None,
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
        "ended_on": iso_day(law.ended_on(reached, since, document, today)) if reached else None,
        "law": None,
        "url": None if standing else public_url(document),
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


def select(rows: Iterable[Json], wanted: Filters) -> list[Json]:
    """Return the rows that are wanted, in their order."""
    text = wanted.text.casefold()
    return [
        row
        for row in rows
        if _any_of(wanted.tags, row["tags"])
        and _any_of(wanted.owners, (row["owner"] or "",))
        and _any_of(wanted.stages, (row["stage"] or "",))
        and _any_of(wanted.kinds, (row["kind"],))
        and (not text or text in _text_of(row))
        and (wanted.since is None or (last_news(row, wanted.zone) or date.min) >= wanted.since)
    ]


def _any_of(wanted: Sequence[str], found: Iterable[str]) -> bool:
    """Say whether something found is wanted; everything is where nothing is named."""
    return not wanted or not {_plain(one) for one in wanted}.isdisjoint(map(_plain, found))


def _plain(name: str) -> str:
    """Write a name without what makes no difference: capitals, and whether a stage is written as on the screen."""
    return name.casefold().replace(" ", "_")


def _text_of(row: Row) -> str:
    members = ("id", "title", "watch", "note", "label", "status_text", "owner", "position")
    return "\n".join(filter(None, chain((row[member] for member in members), row["tags"]))).casefold()


def last_news(row: Row, zone: str = "UTC") -> date | None:
    """Return the day of the last news of a row: when the last change was seen, in `zone`; before there was any, the day
    that the record gives to its latest action or status."""
    if row["news_at"] is not None:
        return _day(row["news_at"], zone)
    stated = ((row.get("latest_action") or {}).get("on"), row["status_on"], row["introduced_on"])
    return max((date.fromisoformat(day) for day in stated if day), default=None)


def next_date(row: Row, zone: str = "UTC") -> date | None:
    """Return the next day that matters of a row: a hearing, the end of a term, or the start of the one that follows."""
    hearing, term, after = (row.get(member) or {} for member in ("next_hearing", "term", "next"))
    moments = (term.get("ends_at"), after.get("starts_at")) if row.get("days_left") is not None else ()
    days = [_day(moment, zone) for moment in moments if moment]
    return min([*days, *([date.fromisoformat(hearing["on"])] if hearing else [])], default=None)


def _day(moment: str, zone: str) -> date:
    return datetime.fromisoformat(moment).astimezone(ZoneInfo(zone)).date()


def in_order(rows: Iterable[Json], by: str, zone: str = "UTC") -> list[Json]:
    """Return rows by one of `SORTS`: the newest news first, the next date first, the weightiest first, or by name. Rows
    without a date come last; rows alike stay in the order of their news, then of their names."""
    found = sorted(rows, key=lambda row: _natural(str(row["watch"] or row["id"])))
    if by == "name":
        return found
    found.sort(key=lambda row: last_news(row, zone) or date.min, reverse=True)
    if by == "next":
        found.sort(key=lambda row: next_date(row, zone) or date.max)
    elif by == "priority":
        found.sort(key=weight)
    return found


def _natural(name: str) -> list[tuple[int, str]]:
    """Return what orders a name as people do: HR 9 before HR 10, whatever the capitals."""
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", name.casefold())]


def weight(row: Row) -> int:
    """Return the place of a row's priority, the weightiest first."""
    return PRIORITIES.index(str(row["priority"] or "normal"))


def grouped(rows: Iterable[Json], by: str) -> dict[str, list[Json]]:
    """Return rows under headings of one of `GROUPS`, by alphabet, "" (what has none) last. A row with several tags
    stands under each."""
    found: dict[str, list[Json]] = {}
    for row in rows:
        value = row["tags" if by == "tag" else by]
        for heading in (value if isinstance(value, list) else [value]) or [""]:
            found.setdefault(heading or "", []).append(row)
    return {heading: found[heading] for heading in sorted(found, key=lambda one: (one == "", one.casefold()))}


def misnamed(wanted: Filters, watches: Iterable[Labelled]) -> str | None:
    """Say in a sentence which filter names what there is not, with the nearest that there is; None where all are
    known."""
    from domain.jurisdictions import all_jurisdictions  # whoever filters nothing does not pay for these

    labels = list(watches) if wanted.tags or wanted.owners else []
    laws = all_jurisdictions() if wanted.stages or wanted.kinds else ()
    known = {
        "tag": (wanted.tags, [tag for watch in labels for tag in watch.tags]),
        "owner": (wanted.owners, [watch.owner for watch in labels if watch.owner]),
        "stage": (wanted.stages, [*(stage for law in laws for stage in law.stages), *_TERM_STAGES]),
        "kind": (wanted.kinds, [*(kind for law in laws for kind in law.kinds), *WATCH_KINDS, "regime"]),
    }
    for what, (names, there) in known.items():
        spelled = {_plain(one) for one in there}
        for name in names:
            if _plain(name) not in spelled:
                near = suggest(name, dict.fromkeys(there)) if there else f"no watch has any {what}"
                return f"unknown {what} {as_written(name)}; {near}"
    return None
