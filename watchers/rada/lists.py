"""Which documents do the database's lists show, and how many of the last days do they cover?"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from msgspec.structs import replace as struct_replace

from domain.coded_text import phrase
from domain.errors import Changed, SourceError, Unavailable, mismatch
from domain.observation import Fault
from domain.records.facets import digest, short_digest
from watchers.feed.body import check_body, decode_body
from watchers.markup import MALFORMED, Node, parse_damaged_xml
from watchers.rada.act_card import CardsPage, DocumentCard, NoList, parse_list
from watchers.rada.client import DAY, UPDATES, CoverageGap, RadaClient, RadaCursor, last_modified_of, nreg_in
from watchers.rada.text import shown, stated_day

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
            text = phrase(
                "{where}: entry {n} cannot be read: {fault}", where=UPDATES, n=place + 1, fault=str(error)[:200]
            )
            faults.append(Fault(None, Changed(text)))
        else:
            entries += [update] if update else []
    if len(entries) * 2 < len(items):
        link = _words(items[0], "link")[:80]
        raise Changed(mismatch(UPDATES, "links such as {example}", repr(link), example="…/laws/show/793/2025"))
    return Updates(tuple(entries), tuple(faults))


def _items(body: bytes) -> list[Node]:
    head = body[:4096].lower()
    if b"<!doctype" in head or b"<!entity" in body.lower():
        raise Changed(mismatch(UPDATES, "an RSS feed", phrase("a document with a DOCTYPE")))
    checked = check_body(decode_body(body, "application/rss+xml").body)
    try:
        root = parse_damaged_xml(_DECLARATION.sub(b"", checked.body, count=1)) if checked else None
    except MALFORMED:
        root = None
    if root is None or root.tag not in ("rss", "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}RDF"):
        raise Changed(mismatch(UPDATES, "an RSS feed", repr(body[:40])))
    items = list(root.iter("{*}item"))[:MAX_UPDATES]
    if not items:
        raise Changed(mismatch(UPDATES, "entries"))
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

    @property
    def signed_on(self) -> str:
        """Return the day of the act (`YYYY-MM-DD`), as the row or the feed states it; empty where neither does."""
        return (self.row.adopted_on if self.row else None) or stated_day(self.issuer) or ""


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
    _optional(found, "/laws/main/r", lambda: _read_updated(client, cursor, found, whole=whole))
    if whole or not found.connected:
        found.absent = not _optional(found, "/laws/main/n", lambda: _read_whole(client, found))
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
            text = phrase("{where}: {error}; read without it", where=name, error=error.said or str(error))
            said = type(error)(f"{name}: {error}; read without it", said=text, status=error.status)
            found.faults = (*found.faults, Fault(None, said, standing=True))
        return False


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
        sheet = _first(parse_list(response.body, "/laws/main/r/page1"))
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
        sheet = parse_list(response.body, f"/laws/main/n/page{number}")
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
        raise Changed(mismatch("", "documents"))
    return sheet


# The 30-day list ends where it ends. Behind it lies only the list of all documents, whose order the publisher does not
# promise: it is read newest first, a few pages at a time, as long as its days really descend, until they lie before the
# gap. Where that cannot be done the gap stays open, and it is said.

PAGES_A_POLL = 20
RETRY_AFTER = DAY
"""Seconds after which a list that was of no use is tried once more."""

_LAST = 3
"""How many documents in a row, at the end of a page, must lie before the gap to end it: one may stand out of order."""

_SLACK = 7
"""Days by which neighbours in the list may stand in the wrong order."""


def fill_gap(client: RadaClient, gap: CoverageGap, now: int) -> tuple[CoverageGap | None, dict[str, ListedAct]]:
    """Read on in the list of all documents. Returns the gap that is left, None when it is closed, and what was seen."""
    seen: dict[str, ListedAct] = {}
    if gap.tried_at and now - gap.tried_at < RETRY_AFTER:
        return gap, seen
    for _ in range(PAGES_A_POLL):
        try:
            response = client.list_page("a", gap.page)
            cards = parse_list(response.body, f"/laws/main/a/page{gap.page}").cards if response.status == 200 else ()
        except SourceError:
            return struct_replace(gap, tried_at=now), seen
        days = sorted(card.touched_on for card in cards if card.touched_on)
        if not days or not _descends(gap, days[-1], now):
            return struct_replace(gap, page=1, newest="", tried_at=now), seen
        add_rows(seen, cards)
        if all((card.touched_on or "") < _iso_day(gap.since) for card in cards[-_LAST:]):
            return None, seen
        gap = struct_replace(gap, page=gap.page + 1, newest=days[-1])
    return gap, seen


def _descends(gap: CoverageGap, newest: str, now: int) -> bool:
    """True if this page can be the next of a list that runs from today backwards."""
    if gap.page == 1:
        return newest >= _iso_day(gap.until - _SLACK * DAY) and newest <= _iso_day(now + 2 * DAY)
    return newest <= (datetime.fromisoformat(gap.newest) + timedelta(days=_SLACK)).date().isoformat()


def _iso_day(at: int) -> str:
    return datetime.fromtimestamp(at, UTC).date().isoformat()
