"""Which documents do the database's lists show, and how many of the last days do they cover?"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from domain.errors import Changed, SourceError
from domain.observation import Fault
from domain.records.facets import digest, short_digest
from watchers.feed.encoding import decode_body
from watchers.feed.guard import check_body
from watchers.markup import MALFORMED, Node, parse_damaged_xml
from watchers.rada.act_text import STATUSES
from watchers.rada.client import RadaClient, RadaCursor, last_modified_of, nreg_in
from watchers.rada.dates import stamp_day
from watchers.rada.text import decoded, shown

T = TypeVar("T")
_Loose = int | str | None


class _Row(msgspec.Struct):
    nreg: str
    nazva: str = ""
    dokid: _Loose = None
    status: _Loose = None
    typ: _Loose = None
    types: _Loose = None
    n_vlas: _Loose = None
    organs: _Loose = None
    orgdat: _Loose = None
    pridat: _Loose = None
    poddat: _Loose = None
    datred: _Loose = None
    size: _Loose = None


class _Page(msgspec.Struct):
    rows: list[_Row] = msgspec.field(name="list")
    cnt: _Loose = None


_PAGE = msgspec.json.Decoder(_Page)
_CARD = msgspec.json.Decoder(_Row)


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """What the database says of one document, beside its text. Days are `YYYY-MM-DD`, absent is None.

    `status` is the word of the dictionary `stan`; `dokid` the database's stable number; `touched_on` the newest day
    the row names; `key` changes with status, edition and last event, not with every byte.
    """

    nreg: str
    title: str
    status: str | None
    dokid: str | None
    adopted_on: str | None
    event_on: str | None
    edition_on: str | None
    touched_on: str | None
    key: str


@dataclass(frozen=True, slots=True)
class CardsPage:
    """One page of a list; `count` is the number of documents the whole list has, where it says so."""

    cards: tuple[DocumentCard, ...]
    count: int | None


def parse_list(body: bytes, where: str) -> CardsPage:
    """Read one page of a list; Changed names what was not as expected. An empty page is not an error here."""
    page = _decode(body, _PAGE, where)
    count = str(page.cnt or "")
    return CardsPage(tuple(_card(row) for row in page.rows), int(count) if count.isdecimal() else None)


def parse_card(body: bytes, nreg: str) -> DocumentCard:
    """Read the card of one document; Changed if it is another's."""
    where = f"card of {nreg}"
    wrapped = b'"list"' in body
    row = _decode(body, _CARD, where) if not wrapped else _only(_decode(body, _PAGE, where).rows, where)
    if row.nreg != nreg:
        raise Changed(f"{where}: expected the card of {nreg}, saw that of {row.nreg[:40]!r}")
    return _card(row)


def _only(rows: list[_Row], where: str) -> _Row:
    if len(rows) != 1:
        raise Changed(f"{where}: expected one document, saw {len(rows)}")
    return rows[0]


def _decode(body: bytes, decoder: msgspec.json.Decoder[T], where: str) -> T:
    try:
        return decoder.decode(decoded(body))
    except msgspec.ValidationError as error:
        raise Changed(f"{where}: {error}") from error
    except RecursionError:
        raise Changed(f"{where}: expected JSON of sane depth, saw thousands of nested brackets") from None
    except ValueError as error:
        raise Changed(f"{where}: expected JSON, saw {body[:40]!r} ({error})") from error


def _card(row: _Row) -> DocumentCard:
    days = (row.orgdat, row.pridat, row.poddat, row.datred)
    return DocumentCard(
        nreg=row.nreg,
        title=_legible(shown(row.nazva)),
        status=_status(row.status),
        dokid=str(row.dokid) if row.dokid else None,
        adopted_on=stamp_day(row.pridat) or stamp_day(row.orgdat),
        event_on=stamp_day(row.poddat),
        edition_on=stamp_day(row.datred),
        touched_on=max((day for stamp in days if (day := stamp_day(stamp))), default=None),
        key=f"{row.status}:{row.poddat}:{row.datred}:{row.size}",
    )


def _status(number: _Loose) -> str | None:
    """Return the word of the dictionary; a number it does not have is kept as it is."""
    text = str(number if number is not None else "")
    if text.isdecimal() and int(text) < len(STATUSES):
        return STATUSES[int(text)]
    return text or None


def _legible(title: str) -> str:
    """Undo UTF-8 that was read as windows-1251, as cards have it at times."""
    if "Р" not in title and "С" not in title:
        return title
    try:
        return title.encode("windows-1251").decode("utf-8")
    except UnicodeError:
        return title


MAX_UPDATES = 5000
_OLDEST = datetime(1991, 1, 1, tzinfo=UTC)
_DECLARATION = re.compile(rb"\s*<\?xml[^>]{0,200}\?>")
_AHEAD = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class UpdateEntry:
    """One entry: the document's key, title, what the database says of its kind and issuer, and when it was touched.

    `key` changes whenever the database touches the document again.
    """

    nreg: str
    title: str
    issuer: str
    updated_at: datetime | None
    key: str


@dataclass(frozen=True, slots=True)
class Updates:
    """The entries of the feed, newest first as it comes, and what of it could not be read."""

    entries: tuple[UpdateEntry, ...]
    faults: tuple[Fault, ...] = ()


def parse_updates(body: bytes, now: datetime) -> Updates:
    """Read the feed; Changed when it is none, is empty, or names no documents. One entry that cannot be read is a fault
    and stops nothing."""
    items = _items(body)
    entries: list[UpdateEntry] = []
    faults: list[Fault] = []
    for place, item in enumerate(items):
        try:
            update = _update_entry(item, now)
        except ValueError as error:
            faults.append(Fault(None, Changed(f"list of updates: entry {place + 1} cannot be read: {error}"[:300])))
        else:
            entries += [update] if update else []
    if len(entries) * 2 < len(items):
        seen = _words(items[0], "link")[:80]
        raise Changed(f"list of updates: expected links such as …/laws/show/793/2025, saw {seen!r}")
    return Updates(tuple(entries), tuple(faults))


def _items(body: bytes) -> list[Node]:
    head = body[:4096].lower()
    if b"<!doctype" in head or b"<!entity" in body.lower():
        raise Changed("list of updates: expected an RSS feed, saw a document with a DOCTYPE")
    checked = check_body(decode_body(body, "application/rss+xml").body)
    try:
        root = parse_damaged_xml(_DECLARATION.sub(b"", checked.body, count=1)) if checked else None
    except MALFORMED:
        root = None
    if root is None or root.tag not in ("rss", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"):
        raise Changed(f"list of updates: expected an RSS feed, saw {body[:40]!r}")
    items = list(root.iter("{*}item"))[:MAX_UPDATES]
    if not items:
        raise Changed("list of updates: expected entries, saw none")
    return items


def _update_entry(item: Node, now: datetime) -> UpdateEntry | None:
    nreg = nreg_in(_words(item, "link")) or nreg_in(_words(item, "guid"))
    if nreg is None:
        return None
    stamp = _words(item, "pubDate")
    return UpdateEntry(
        nreg=nreg,
        title=shown(_words(item, "title")),
        issuer=shown(_words(item, "description"))[:300],
        updated_at=_moment(stamp, now),
        key=short_digest(f"{nreg} {stamp}"),
    )


def _words(item: Node, name: str) -> str:
    found = next(item.iterchildren(f"{{*}}{name}"), None)
    return "" if found is None else "".join(found.itertext()).strip()


def _moment(stamp: str, now: datetime) -> datetime | None:
    """Return a stamp as aware UTC; one before Ukraine or after tomorrow is a typing error and says nothing."""
    try:
        moment = parsedate_to_datetime(stamp)
        moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        return moment.astimezone(UTC) if _OLDEST <= moment <= now + _AHEAD else None
    except (ValueError, TypeError, IndexError, OverflowError):
        return None


MAX_PAGES = 300
_REMEMBERED = 60


@dataclass(frozen=True, slots=True)
class ListedAct:
    """What the lists show of one document: by the feed (`update`, `updated_at`, `issuer`) and by a row."""

    title: str = ""
    issuer: str = ""
    update: str = ""
    updated_at: datetime | None = None
    row: DocumentCard | None = None


@dataclass(slots=True)
class ListSurvey:
    """What the lists showed. `moved`: the feed shows something else than last time. `whole`: the 30-day list was read
    to its end. `absent`: this server has none. `error`: the list could not be read, though the feed could."""

    seen: dict[str, ListedAct] = field(default_factory=dict)
    moved: bool = False
    whole: bool = False
    absent: bool = False
    error: SourceError | None = None
    faults: tuple[Fault, ...] = ()


def survey_lists(client: RadaClient, cursor: RadaCursor, now: datetime, *, whole: bool) -> ListSurvey:
    """Ask what was updated; `whole` reads everything, unconditionally. Notes in the cursor what was seen.

    Raises SourceError when the feed of updates cannot be read.
    """
    response = client.updates(None if whole else cursor.modified or None)
    found = ListSurvey()
    if not whole and (response.unchanged or digest(response.body) == cursor.digest):
        return found
    read = parse_updates(response.body, now)
    updates, found.faults = read.entries, read.faults
    recent = _recent(updates)
    found.moved = set(recent) != set(cursor.recent)
    if not whole and not found.moved:
        return found
    whole = whole or not set(recent) & set(cursor.recent)
    cursor.digest, cursor.modified, cursor.recent = digest(response.body), last_modified_of(response) or "", recent
    found.seen = {u.nreg: ListedAct(u.title, u.issuer, u.key, u.updated_at) for u in reversed(updates)}
    try:
        (_read_whole if whole else _read_first)(client, cursor, found)
    except SourceError as error:
        found.error = error
    return found


def _recent(updates: Iterable[UpdateEntry]) -> list[str]:
    """Return the keys of the newest entries: the feed need not be in order."""
    newest = sorted(updates, key=lambda u: u.updated_at.timestamp() if u.updated_at else 0.0, reverse=True)
    return sorted(update.key for update in newest[:_REMEMBERED])


def add_rows(seen: dict[str, ListedAct], cards: Iterable[DocumentCard]) -> None:
    """Lay rows of a list beside what the feed showed; the row's title is the one to trust."""
    for card in cards:
        known = seen.get(card.nreg, ListedAct())
        seen[card.nreg] = replace(known, title=card.title or known.title, row=card)


def _read_first(client: RadaClient, cursor: RadaCursor, found: ListSurvey) -> None:
    response = client.list_page("n", 1, cursor.list_modified or None)
    if response.status == 200:
        sheet = _first(parse_list(response.body, "30-day list, page 1"))
        cursor.list_modified = last_modified_of(response) or ""
        add_rows(found.seen, sheet.cards)


def _read_whole(client: RadaClient, cursor: RadaCursor, found: ListSurvey) -> None:
    """Read the list to its end; it counts as whole if hardly anything moved away under our eyes."""
    known: set[str] = set()
    for number in range(1, MAX_PAGES + 1):
        response = client.list_page("n", number)
        if response.status == 404:
            found.absent = number == 1
            return
        sheet = parse_list(response.body, f"30-day list, page {number}")
        if number == 1:
            _first(sheet)
            cursor.list_modified = last_modified_of(response) or ""
        add_rows(found.seen, sheet.cards)
        before = len(known)
        known |= {card.nreg for card in sheet.cards}
        if sheet.count is not None and len(known) >= sheet.count:
            found.whole = True
            return
        if len(known) == before:
            found.whole = sheet.count is None or len(known) * 50 >= sheet.count * 49
            return


def _first(sheet: CardsPage) -> CardsPage:
    if not sheet.cards:
        raise Changed("30-day list: expected documents, saw none")
    return sheet
