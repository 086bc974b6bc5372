"""What do the database's rows and cards say of an act, beside its text?"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import msgspec

from domain.errors import Changed, mismatch, seen
from watchers.client import decode_json
from watchers.rada.act_text import STATUSES, is_page
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
    where = f"/laws/card/{nreg}"
    wrapped = b'"list"' in body
    row = _decode(body, _CARD, where) if not wrapped else _only(_decode(body, _PAGE, where).rows, where)
    if row.nreg != nreg:
        raise Changed(mismatch(where, "the card of {name}", seen(row.nreg), name=nreg))
    return _card(row)


def _only(rows: list[_Row], where: str) -> _Row:
    if len(rows) != 1:
        raise Changed(mismatch(where, "documents: {n}", len(rows), n=1))
    return rows[0]


def _decode(body: bytes, decoder: msgspec.json.Decoder[T], where: str) -> T:
    text = decoded(body)
    if is_page(text):
        raise NoList(mismatch(where, "JSON", repr(body[:40])))
    return decode_json(text.encode(), decoder, where)


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


class NoList(Changed):
    """A web page where a list was asked for: the publisher documents this list as a page."""
