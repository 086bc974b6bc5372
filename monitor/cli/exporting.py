"""How does the record get into a spreadsheet, a calendar, a list of news? `lexwatch export`.

The portfolio has the rows of `status`, the changes of a period have those of `history`. A file is whole or it is not
there: it is written beside its place and renamed. Nothing that writes to the record is imported.
"""

from __future__ import annotations

import io
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import chain
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from domain.dates import iso_day
from domain.documents import DocumentId, label, public_url
from domain.jurisdictions import jurisdiction_of
from monitor.cli.lists import ahead_of
from monitor.cli.session import Session, nothing_recorded
from monitor.cli.terminal import Json, print_note
from monitor.portfolio import Filters, in_order, last_news, misnamed, next_date, portfolio_rows, select
from notifications import exports
from notifications.exports import Event, News

if TYPE_CHECKING:
    from domain.records.facets import Facet
    from domain.records.record import Change
    from domain.upcoming import Upcoming
    from storage.reader import EntryVersion, Reader


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


PORTFOLIO = _words(
    "id kind title watch note tags priority position owner jurisdiction label stage status status_on status_text doubt "
    "news_on next_on introduced_on ended_on law sponsor cosponsors cosponsors_by_party committees latest_action_on "
    "latest_action next_hearing_on next_hearing term_starts_at term_ends_at matched_by url revision first_seen_at "
    "changed_at checked_at"
)
CHANGES = _words(
    "seen_at happened_on document kind what text title watch tags owner before after published_at source url id "
    "revision change corrects evidence"
)
"""Columns of the two tables; JSON has every member, and those with members of their own as such."""

PERIOD = timedelta(days=30)
"""How far back changes, and the hearings of a calendar, go where no day is named."""

AT_ONCE = 500
"""Records and changes read together, so that memory does not grow with their number."""

_OF_THE_DOCUMENT = ("hearing", "start", "end", "anniversary", "edition")
"""What comes to a document alone. Anything else, as the end of a session, comes to all of its documents at once."""


def export(
    session: Session,
    *,
    form: str,
    out: str | None,
    changes: bool,
    since: datetime | None,
    until: datetime | None,
    everything: bool,
    sort: str | None,
    **filters: Any,
) -> int:
    """Write the portfolio, the changes of a period or a calendar, whole or not at all."""
    zone = ZoneInfo(session.settings.timezone)
    wanted = Filters(**filters, zone=zone.key)
    if fault := misnamed(wanted, session.settings.watches):
        raise click.ClickException(fault)
    if out is None and form == "xlsx" and sys.stdout.isatty():
        raise click.UsageError("a workbook is no text for a terminal: name a file with --out")
    listed = changes or form == "atom"
    if until is not None and not listed:
        raise click.UsageError("--until ends a period of changes: say --changes as well")
    now = session.clock()
    begin = since.replace(tzinfo=zone) if since else now - PERIOD
    end = (until + timedelta(days=1)).replace(tzinfo=zone) if until else now + timedelta(seconds=1)
    if since and not listed and form != "ics":
        wanted = replace(wanted, since=since.date())
    with session.reading() as reader:
        if reader is None:
            print_note(nothing_recorded(session.settings))
        rows = portfolio_rows(session.settings, reader, now, wanted, everything=everything)
        rows += _found(session, reader, rows, wanted) if reader else []
        rows = in_order(rows, sort, zone.key) if sort else rows
        found = change_rows(reader, rows, begin, end) if reader and listed else iter(())
        with whole_file(out) if out and out != "-" else _standard_output() as file:
            if form == "ics":
                exports.write_calendar(_events(session, reader, rows, begin), file)
            elif form == "atom":
                named = [
                    session.place.path.absolute().parent.name,
                    *(one for given in filters.values() for one in given),
                ]
                _write_news(found, file, "/".join(named), now)
            else:
                table = (row for _, _, row in found) if listed else _cells(rows, form, zone.key)
                _write_table(table, CHANGES if listed else PORTFOLIO, form, file)
    return 0


def _cells(rows: Iterable[Json], form: str, zone: str) -> Iterator[Json]:
    """Yield the rows of a portfolio; for a table with a column for each member of a member, and the days that count."""
    for row in rows:
        latest, hearing, joined, term = (
            row.get(name) or {} for name in ("latest_action", "next_hearing", "cosponsors", "term")
        )
        flat = {
            "news_on": iso_day(last_news(row, zone)),
            "next_on": iso_day(next_date(row, zone)),
            "cosponsors": joined.get("total"),
            "cosponsors_by_party": [f"{number} {party}" for party, number in joined.get("by_party", {}).items()],
            "latest_action_on": latest.get("on"),
            "latest_action": latest.get("text"),
            "next_hearing_on": hearing.get("on"),
            "next_hearing": hearing.get("what"),
            "term_starts_at": term.get("starts_at"),
            "term_ends_at": term.get("ends_at"),
        }
        yield row if form == "json" else row | flat


def _found(session: Session, reader: Reader, rows: Sequence[Json], wanted: Filters) -> list[Json]:
    """Return the rows of what searches found, beside those there are: each is labelled as its search."""
    searches = {watch.name: watch for watch in session.settings.watches if watch.search is not None}
    listed = {row["id"] for row in rows} | {str(watch.document) for watch in session.settings.watches}
    found = {
        one.document: searches[one.watch] for one in reader.matches(list(searches)) if str(one.document) not in listed
    }
    plain = replace(wanted, tags=(), owners=())
    stated = portfolio_rows(session.settings, reader, session.clock(), plain, documents=list(found), watches=())
    labelled = []
    for row in stated:
        watch = found[DocumentId.parse(row["id"])]
        labels = {name: getattr(watch, name) for name in ("note", "priority", "position", "owner")}
        labelled.append({**row, **labels, "watch": watch.name, "tags": list(watch.tags)})
    return select(labelled, wanted)


def _write_table(rows: Iterable[Json], columns: Sequence[str], form: str, out: IO[bytes]) -> None:
    if form == "xlsx":
        exports.write_xlsx(rows, columns, out)
        return
    text = io.TextIOWrapper(out, encoding="utf-8", errors="replace", newline="")
    if form == "csv":
        exports.write_csv(rows, columns, text)
    else:
        exports.write_json(rows, text)
    text.flush()
    text.detach()


def _write_news(found: Iterator[tuple[Change, Json, Json]], out: IO[bytes], name: str, now: datetime) -> None:
    """Write changes as a feed of that name; one without any was updated when it was asked for."""
    first = next(found, None)
    newest = first[0].seen_at if first else now
    all_of_them = chain([first] if first else [], found)
    exports.write_atom(news(all_of_them), out, name=name, updated=newest)


@contextmanager
def _standard_output() -> Iterator[IO[bytes]]:
    yield sys.stdout.buffer
    sys.stdout.buffer.flush()


# -- the calendar


def events(
    rows: Iterable[Json],
    hearings: Mapping[tuple[str, str], Sequence[EntryVersion]],
    ahead: Iterable[tuple[str, Upcoming, int, datetime]],
    since: datetime,
) -> Iterator[Event]:
    """Return the events of a portfolio, by their keys, as the rows of `status` name its documents: each hearing from
    `since` on, also one that was called off, and what lies ahead (document, what, revision and when it was known)."""
    named = {row["id"]: row for row in rows}
    parts = [*_hearings(named, hearings, since), *_ahead(named, ahead)]
    together: dict[str, list[_Part]] = {}
    places = {document: place for place, document in enumerate(named)}
    for part in sorted(parts, key=lambda part: places[part.row["id"]]):
        together.setdefault(part.key, []).append(part)
    for key in sorted(together):
        yield _event(key, together[key])


@dataclass(frozen=True, slots=True)
class _Part:
    """What an event is to one document."""

    key: str
    row: Json
    version: int
    changed_at: datetime
    ahead: Upcoming
    url: str | None
    place: str | None = None
    lines: tuple[str, ...] = ()
    called_off: bool = False


def _hearings(
    named: Mapping[str, Json], stated: Mapping[tuple[str, str], Sequence[EntryVersion]], since: datetime
) -> Iterator[_Part]:
    from domain.upcoming import hearing, is_called_off

    for (document, subject), versions in stated.items():
        newest = versions[-1]
        entry = newest.entry
        dated = (found for version in reversed(versions) if (found := hearing(subject, version.entry)) is not None)
        last = next(dated, None)  # one that is put off may have no day: it is cancelled on its last
        if last is None or last.on < since.date():
            continue
        off = is_called_off(entry) or hearing(subject, entry) is None
        # Several documents may be taken up in one meeting, which has an address of its own.
        key = f"hearing/{entry.get('url') or f'{document}/{subject}'}"
        lines = (str(entry.get("text") or ""), *map(str, entry.get("committees") or ()))
        yield _Part(
            key, named[document], len(versions) - 1, newest.known_from, last, entry.get("url"), entry.get("place"),
            lines, off,
        )  # fmt: skip


def _ahead(named: Mapping[str, Json], found: Iterable[tuple[str, Upcoming, int, datetime]]) -> Iterator[_Part]:
    for document, ahead, revision, known_from in found:
        whose = document if ahead.kind in _OF_THE_DOCUMENT else DocumentId.parse(document).jurisdiction
        key = f"{ahead.kind}/{whose}/{ahead.key or ahead.what}"
        yield _Part(key, named[document], revision, known_from, ahead, named[document]["url"])


def _event(key: str, parts: Sequence[_Part]) -> Event:
    from notifications.translation import ENGLISH

    standing = [part for part in parts if not part.called_off]
    first = (standing or parts)[0]
    names = [called(part.row) for part in standing or parts]
    who = ", ".join(names[:3]) + (f" and {len(names) - 3} more" if len(names) > 3 else "")
    what = ENGLISH.render(first.ahead.what)
    described = [
        line for part in parts for line in (f"{called(part.row)}: {part.row['title'] or ''}", part.row["note"])
    ]
    return Event(
        key=key,
        version=max(part.version for part in parts),
        changed_at=max(part.changed_at for part in parts),
        starts=first.ahead.at or first.ahead.on,
        summary=f"{'' if standing else 'Cancelled: '}{who}: {what}",
        description=(*first.lines, *filter(None, described)),
        place=first.place,
        url=first.url,
        tags=tuple(dict.fromkeys(tag for part in parts for tag in part.row["tags"])),
        cancelled=not standing,
    )


def called(row: Json) -> str:
    """Name what a row is about; what a feed holds is named by its watch."""
    document = DocumentId.parse(row["id"])
    return (row["watch"] if document.is_feed else None) or label(document)


def _events(session: Session, reader: Reader | None, rows: Sequence[Json], since: datetime) -> Iterable[Event]:
    """Return the events of the documents of a portfolio, some hundreds of records at a time."""
    now = session.clock()
    rows = [row for row in rows if "last_entry" not in row]
    hearings: dict[tuple[str, str], Sequence[EntryVersion]] = {}
    found: list[tuple[str, Upcoming, int, datetime]] = []
    for first in range(0, len(rows), AT_ONCE):
        part = rows[first : first + AT_ONCE]
        names = [row["id"] for row in part]
        hearings |= reader.versions(names, "hearings") if reader else {}
        items = reader.facets(names, ("item",)) if reader else {}
        for row in part:
            known_from = datetime.fromisoformat(row["changed_at"]) if row["changed_at"] else now
            coming = _coming(session, reader, row, items.get(row["id"], {}), now)
            found += ((row["id"], one, row["revision"] or 0, known_from) for one in coming)
    return events(rows, hearings, found, since)


def _coming(
    session: Session, reader: Reader | None, row: Json, facets: Mapping[str, Facet], now: datetime
) -> Iterator[Upcoming]:
    """Yield what lies ahead of a document beside its hearings; a reminder is no event."""
    document = DocumentId.parse(row["id"])
    if document.kind != "regime":
        yield from jurisdiction_of(document).upcoming(document, row["status"], facets, now)
        return
    record = reader.records([row["id"]]).get(document) if reader else None
    yield from (one for one in ahead_of(session, document, record, now) if one.kind != "reminder")


# -- changes


def change_rows(
    reader: Reader, rows: Sequence[Json], since: datetime, until: datetime
) -> Iterator[tuple[Change, Json, Json]]:
    """Yield the changes of a portfolio that were seen from `since` on and before `until`, newest first: each with the
    row of its document or feed, and as a row of its own."""
    from notifications.wording import change_json, headline

    named = {row["id"]: row for row in rows}
    places = [place for place in reader.changes_seen(since, until) if _row_of(named, place.document) is not None]
    for first in range(0, len(places), AT_ONCE):
        part = places[first : first + AT_ONCE]
        standing = {row.id: row for row in reader.status_rows(sorted({place.document for place in part}))}
        for change in reader.changes_at(part):
            document = str(change.document)
            row, own = _row_of(named, document) or {}, standing.get(document)
            title = (own.title if own else None) or row["title"]
            yield change, row, {
                **change_json(change),
                "document": called({**row, "id": document}),
                "what": headline(change, exports.LONGEST_LINE, title=title),
                "title": title,
                "watch": row["watch"],
                "tags": row["tags"],
                "owner": row["owner"],
                "url": (own.url if own else None) or public_url(change.document),
            }  # fmt: skip


def _row_of(named: Mapping[str, Json], document: str) -> Json | None:
    """Return the row of a document; of an entry that of its feed."""
    feed = "/".join(document.split("/", 2)[:2]) if document.startswith("feed/") else document
    return named.get(document) or named.get(feed)


def news(found: Iterable[tuple[Change, Json, Json]]) -> Iterator[News]:
    """Return changes as entries of a feed."""
    for change, row, listed in found:
        dated = f"Happened on {change.happened_on}." if change.happened_on else None
        lines = (listed["title"], listed["text"], dated, row["note"])
        yield News(
            change=listed["change"],
            seen_at=change.seen_at,
            kind=str(change.kind),
            source=change.source,
            title=f"{listed['document']}: {listed['what']}",
            text=tuple(filter(None, lines)),
            url=listed["url"],
            published_at=change.published_at,
        )


# -- files


@contextmanager
def whole_file(path: str) -> Iterator[IO[bytes]]:
    """Yield what takes the bytes of a file that appears when all is written; what stood there before stays until then.
    A usage error for a place that cannot be written."""
    place = Path(os.path.realpath(path))
    if place.exists() and not place.is_file():
        raise click.ClickException(f"{path} cannot be written: it is no file; name one with --out")
    try:
        handle, name = tempfile.mkstemp(prefix=f".{place.name[:100]}.", suffix=".part", dir=place.parent)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror}") from None
    try:
        with os.fdopen(handle, "wb") as out:
            yield out
            out.flush()
            os.fsync(out.fileno())
        os.chmod(name, place.stat().st_mode & 0o777 if place.exists() else 0o666 & ~_umask())
        os.replace(name, place)
    except OSError as error:
        raise click.ClickException(f"{path} cannot be written: {error.strerror or error}") from None
    finally:
        with suppress(FileNotFoundError):
            os.unlink(name)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
