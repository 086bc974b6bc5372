"""What do the database's lists and cards say of its documents?

Pure: JSON to rows. A list is an object `cnt, from, max, list`; a row and a card have the same members. Their types
waver (`types` is 2 or "6|168", `n_vlas` 12 or "71-р"), days are integers such as 20251021, and 0 is none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import msgspec

from domain.errors import Changed
from watchers.rada.instruments import STATUSES
from watchers.rada.moments import stamp_day
from watchers.rada.wording import decoded, shown

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
class Card:
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
class Leaf:
    """One page of a list; `count` is the number of documents the whole list has, where it says so."""

    cards: tuple[Card, ...]
    count: int | None


def parse_list(body: bytes, where: str) -> Leaf:
    """Read one page of a list; Changed names what was not as expected. An empty page is not an error here."""
    page = _decode(body, _PAGE, where)
    count = str(page.cnt or "")
    return Leaf(tuple(_card(row) for row in page.rows), int(count) if count.isdecimal() else None)


def parse_card(body: bytes, nreg: str) -> Card:
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


def _card(row: _Row) -> Card:
    days = (row.orgdat, row.pridat, row.poddat, row.datred)
    return Card(
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
