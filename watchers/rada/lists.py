"""Which documents do the database's lists show, and how many of the last days do they cover?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple, TypeVar

import msgspec

from domain.errors import Changed, SourceError, Unavailable
from domain.observation import Fault
from domain.records.facets import digest, short_digest
from watchers.feed.body import check_body, decode_body
from watchers.markup import MALFORMED, Node, parse_damaged_xml
from watchers.rada.act_text import STATUSES, is_page
from watchers.rada.client import RadaClient, RadaCursor, last_modified_of, nreg_in
from watchers.rada.text import decoded, shown, stamp_day

T = TypeVar("T")
_Loose = int | str | None


class _Row(msgspec.Struct):
    nreg: str
    nazva: str = ""
    dokid: _Loose = None
    status: _Loose = None
    n_vlas: _Loose = None
    organs: _Loose = None
    orgnum: _Loose = None
    orgdat: _Loose = None
    pridat: _Loose = None
    poddat: _Loose = None
    datred: _Loose = None
    pidstava: _Loose = None
    hist: Any = None
    history: Any = None
    eds: Any = None
    publics: Any = None


class _Page(msgspec.Struct):
    rows: list[_Row] = msgspec.field(name="list")
    cnt: _Loose = None


_PAGE = msgspec.json.Decoder(_Page)
_CARD = msgspec.json.Decoder(_Row)


class CardEvent(NamedTuple):
    """What happened to an act: the day, the number of the kind of event, and the key of the act that did it."""

    on: str
    kind: str
    basis: str


@dataclass(frozen=True, slots=True)
class DocumentCard:
    """What the database says of one document, beside its text. Days are `YYYY-MM-DD`, absent is None.

    `number` is the one the act has by its issuer; `status` the word of the dictionary `stan`, `status_on` since when,
    where the status says so; `dokid` the database's stable number; `touched_on` the newest day the row names; `events`
    and `editions` may lie ahead; `key` changes with status and last event, not with every byte.
    """

    nreg: str
    title: str
    number: str
    status: str | None
    status_on: str | None
    dokid: str | None
    adopted_on: str | None
    event_on: str | None
    edition_on: str | None
    edition_basis: str
    published_on: str | None
    touched_on: str | None
    key: str
    events: tuple[CardEvent, ...] = ()
    editions: tuple[CardEvent, ...] = ()

    def since(self, status: str, today: str) -> str | None:
        """Return the day since when the act has had a status, as its events say, up to `today`; None where they say
        nothing of it."""
        past = [event for event in self.events if event.on <= today]
        if status == "чинний":
            return next((event.on for event in past if event.kind == ENTERED_INTO_FORCE), None)
        if status == "втратив чинність" and (lost := [event.on for event in past if event.kind == LOST_FORCE]):
            return lost[-1]
        if status == "не набрав чинності":
            return self.adopted_on
        last = past[-1] if past else None
        return last.on if last and last.kind not in (EDITION, ADOPTED, ENTERED_INTO_FORCE) else None

    def end_after(self, today: str) -> str | None:
        """Return the day after `today` on which the act will lose force; None while none is fixed."""
        return next((event.on for event in self.events if event.kind == LOST_FORCE and event.on > today), None)

    def edition(self, today: str) -> CardEvent | None:
        """Return the edition in force on a day: the card's own, unless that one lies ahead."""
        if self.edition_on and self.edition_on <= today:
            return CardEvent(self.edition_on, EDITION, self.edition_basis)
        return next((one for one in reversed(self.editions) if one.on <= today), None)


ADOPTED, ENTERED_INTO_FORCE, LOST_FORCE, EDITION = "4", "1", "3", "0"
"""Numbers of kinds of events, as cards have them (`podid`)."""


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
        kind = NoList if is_page(decoded(body)) else Changed
        raise kind(f"{where}: expected JSON, saw {body[:40]!r} ({error})") from error


def _card(row: _Row) -> DocumentCard:
    days = (row.orgdat, row.pridat, row.poddat, row.datred)
    papers = str(row.publics or "").split("|")
    number, _, since = str(row.status if row.status is not None else "").partition(":")
    editions = tuple(_events(row.eds, None, "datred"))
    current = next((one.basis for one in editions if one.on == stamp_day(row.datred) and one.basis), "")
    return DocumentCard(
        nreg=row.nreg,
        title=_legible(shown(row.nazva)),
        number=_number(row),
        status=_status(number),
        status_on=stamp_day(since.partition(":")[0]),
        dokid=str(row.dokid) if row.dokid else None,
        adopted_on=stamp_day(row.pridat) or stamp_day(row.orgdat),
        event_on=stamp_day(row.poddat),
        edition_on=stamp_day(row.datred),
        edition_basis=str(row.pidstava or current),
        published_on=min((day for part in papers if (day := stamp_day(part[:8]))), default=None),
        touched_on=max((day for stamp in days if (day := stamp_day(stamp))), default=None),
        key=f"{row.status}:{row.poddat}",
        events=tuple(_events(row.hist, row.history, "poddat")),
        editions=editions,
    )


def _events(listed: Any, written: Any, day: str) -> Iterable[CardEvent]:
    """Read a list of events, oldest first, or the string that says the same: `20070531:4:|20100209:0:1804-17`."""
    parts: Any
    if isinstance(listed, list):
        parts = [(one.get(day), one.get("podid"), one.get("pidstava")) for one in listed if isinstance(one, dict)]
    else:
        parts = [((*part.split(":"), "", "")[0:3]) for part in str(written or "").split("|")]
    found = (CardEvent(on, str(kind or 0), str(basis or "")) for at, kind, basis in parts if (on := stamp_day(at)))
    return sorted(found, key=lambda event: event.on)


def _number(row: _Row) -> str:
    """Return the number of an act: `1:20251021:4643-IX` of its first issuer, else its own."""
    issued = str(row.organs or "").split("|")[0].split(":")
    return shown(issued[2] if len(issued) > 2 and issued[2] else str(row.orgnum or row.n_vlas or ""))


def _status(number: str) -> str | None:
    """Return the word of the dictionary; a number it does not have is kept as it is."""
    if number.isdecimal() and int(number) < len(STATUSES):
        return STATUSES[int(number)]
    return number or None


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
_MOST_KEPT = 60


@dataclass(frozen=True, slots=True)
class ListedAct:
    """What the lists show of one document: by the feed (`update`, `updated_at`, `issuer`) and by a row."""

    title: str = ""
    issuer: str = ""
    update: str = ""
    updated_at: datetime | None = None
    row: DocumentCard | None = None

    @property
    def number(self) -> str:
        """Return the number of the act, as the row or the feed states it."""
        said = _ISSUED_NUMBER.search(self.issuer)
        return self.row.number if self.row and self.row.number else said[1] if said else ""


_ISSUED_NUMBER = re.compile(r"№\s?(\S+)\s*$")


@dataclass(slots=True)
class ListSurvey:
    """What the lists showed. `connected`: the feed goes on where it was last read. `whole`: the 30-day list was read to
    its end. `absent`: there is no such list here. `faults`: what of the lists could not be read."""

    seen: dict[str, ListedAct] = field(default_factory=dict)
    connected: bool = True
    whole: bool = False
    absent: bool = False
    faults: tuple[Fault, ...] = ()


def survey_lists(client: RadaClient, cursor: RadaCursor, now: datetime, *, whole: bool) -> ListSurvey:
    """Ask what was updated; `whole` reads everything, unconditionally. Notes in the cursor what was seen.

    Raises SourceError when the feed of updates cannot be read; every other list is optional.
    """
    response = client.updates(None if whole else cursor.modified or None)
    found = ListSurvey()
    if not whole and (response.unchanged or digest(response.body) == cursor.digest):
        return found
    read = parse_updates(response.body, now)
    updates, found.faults = read.entries, read.faults
    recent = _recent(updates)
    found.connected = not {update.key for update in updates}.isdisjoint(cursor.recent)
    if not whole and set(recent) == set(cursor.recent):
        return found
    cursor.digest, cursor.modified, cursor.recent = digest(response.body), last_modified_of(response) or "", recent
    found.seen = {u.nreg: ListedAct(u.title, u.issuer, u.key, u.updated_at) for u in reversed(updates)}
    _optional(found, "list of updated documents", lambda: _read_updated(client, cursor, found, whole=whole))
    if whole or not found.connected:
        found.absent = not _optional(found, "30-day list", lambda: _read_whole(client, found))
    return found


def _optional(found: ListSurvey, name: str, read: Callable[[], bool]) -> bool:
    """Read a list that may be absent. False if there is none here: 404, a web page, or anything else that is no list;
    all but the first two are said. A list that merely gave no answer is asked again at the next poll."""
    try:
        return read()
    except Unavailable as error:
        found.faults = (*found.faults, Fault(None, error, standing=True))
        return True
    except SourceError as error:
        if not isinstance(error, NoList):
            said = type(error)(f"{name}: {error}, read without it", status=error.status)
            found.faults = (*found.faults, Fault(None, said, standing=True))
        return False


class NoList(Changed):
    """A web page where a list was asked for: the publisher documents this list as a page."""


def _recent(updates: Iterable[UpdateEntry]) -> list[str]:
    """Return the keys of the newest entries: the feed need not be in order."""
    newest = sorted(updates, key=lambda u: u.updated_at.timestamp() if u.updated_at else 0.0, reverse=True)
    return sorted(update.key for update in newest[:_MOST_KEPT])


def add_rows(seen: dict[str, ListedAct], cards: Iterable[DocumentCard]) -> None:
    """Lay rows of a list beside what the feed showed; the row's title is the one to trust."""
    for card in cards:
        known = seen.get(card.nreg, ListedAct())
        seen[card.nreg] = replace(known, title=card.title or known.title, row=card)


def _read_updated(client: RadaClient, cursor: RadaCursor, found: ListSurvey, *, whole: bool) -> bool:
    """Read the first page of the list of updated documents: all of them, as far as is known."""
    response = client.list_page("r", 1, None if whole else cursor.list_modified or None)
    if response.status == 200:
        sheet = _first(parse_list(response.body, "list of updated documents, page 1"))
        cursor.list_modified = last_modified_of(response) or ""
        add_rows(found.seen, sheet.cards)
    return response.status != 404


def _read_whole(client: RadaClient, found: ListSurvey) -> bool:
    """Read the 30-day list to its end; it counts as whole if hardly anything moved away under our eyes. False where
    there is none."""
    known: set[str] = set()
    for number in range(1, MAX_PAGES + 1):
        response = client.list_page("n", number)
        if response.status == 404:
            return number > 1
        sheet = parse_list(response.body, f"30-day list, page {number}")
        if number == 1:
            _first(sheet)
        add_rows(found.seen, sheet.cards)
        before = len(known)
        known |= {card.nreg for card in sheet.cards}
        if sheet.count is not None and len(known) >= sheet.count:
            found.whole = True
            break
        if len(known) == before:
            found.whole = sheet.count is None or len(known) * 50 >= sheet.count * 49
            break
    return True


def _first(sheet: CardsPage) -> CardsPage:
    if not sheet.cards:
        raise Changed("expected documents, saw none")
    return sheet
