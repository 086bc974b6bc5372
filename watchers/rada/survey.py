"""Which documents do the database's lists show, and how much of the last thirty days do we know now?

The feed of updates is asked in every poll. When it moved, the first page of the 30-day list is read beside it; the
whole list is read on a slow beat, and when the feed moved so far that it no longer touches what it showed last time.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.errors import Changed, SourceError
from domain.facets import digest
from watchers.rada.asking import Asker, stamp
from watchers.rada.cursor import Cursor
from watchers.rada.lists import Card, Leaf, parse_list
from watchers.rada.updates import Update, parse_updates

MOST_PAGES = 300
_REMEMBERED = 60


@dataclass(frozen=True, slots=True)
class Seen:
    """What the lists show of one document: by the feed (`update`, `updated_at`, `issuer`) and by a row."""

    title: str = ""
    issuer: str = ""
    update: str = ""
    updated_at: datetime | None = None
    row: Card | None = None


@dataclass(slots=True)
class Survey:
    """What the lists showed. `moved`: the feed shows something else than last time. `whole`: the 30-day list was read
    to its end. `absent`: this server has none. `error`: the list could not be read, though the feed could."""

    seen: dict[str, Seen] = field(default_factory=dict)
    moved: bool = False
    whole: bool = False
    absent: bool = False
    error: SourceError | None = None


def survey(asker: Asker, cursor: Cursor, now: datetime, *, whole: bool) -> Survey:
    """Ask what was updated; `whole` reads everything, unconditionally. Notes in the cursor what was seen.

    Raises SourceError when the feed of updates cannot be read.
    """
    response = asker.updates(None if whole else cursor.modified or None)
    found = Survey()
    if not whole and (response.unchanged or digest(response.body) == cursor.digest):
        return found
    updates = parse_updates(response.body, now)
    recent = _recent(updates)
    found.moved = set(recent) != set(cursor.recent)
    if not whole and not found.moved:
        return found
    whole = whole or not set(recent) & set(cursor.recent)
    cursor.digest, cursor.modified, cursor.recent = digest(response.body), stamp(response) or "", recent
    found.seen = {u.nreg: Seen(u.title, u.issuer, u.key, u.updated_at) for u in reversed(updates)}
    try:
        (_read_whole if whole else _read_first)(asker, cursor, found)
    except SourceError as error:
        found.error = error
    return found


def _recent(updates: Iterable[Update]) -> list[str]:
    """Return the keys of the newest entries: the feed need not be in order."""
    newest = sorted(updates, key=lambda u: u.updated_at.timestamp() if u.updated_at else 0.0, reverse=True)
    return sorted(update.key for update in newest[:_REMEMBERED])


def add(seen: dict[str, Seen], cards: Iterable[Card]) -> None:
    """Lay rows of a list beside what the feed showed; the row's title is the one to trust."""
    for card in cards:
        known = seen.get(card.nreg, Seen())
        seen[card.nreg] = replace(known, title=card.title or known.title, row=card)


def _read_first(asker: Asker, cursor: Cursor, found: Survey) -> None:
    response = asker.list_page("n", 1, cursor.list_modified or None)
    if response.status == 200:
        leaf = _first(parse_list(response.body, "30-day list, page 1"))
        cursor.list_modified = stamp(response) or ""
        add(found.seen, leaf.cards)


def _read_whole(asker: Asker, cursor: Cursor, found: Survey) -> None:
    """Read the list to its end; it counts as whole if hardly anything moved away under our eyes."""
    known: set[str] = set()
    for number in range(1, MOST_PAGES + 1):
        response = asker.list_page("n", number)
        if response.status == 404:
            found.absent = number == 1
            return
        leaf = parse_list(response.body, f"30-day list, page {number}")
        if number == 1:
            _first(leaf)
            cursor.list_modified = stamp(response) or ""
        add(found.seen, leaf.cards)
        before = len(known)
        known |= {card.nreg for card in leaf.cards}
        if leaf.count is not None and len(known) >= leaf.count:
            found.whole = True
            return
        if len(known) == before:
            found.whole = leaf.count is None or len(known) * 50 >= leaf.count * 49
            return


def _first(leaf: Leaf) -> Leaf:
    if not leaf.cards:
        raise Changed("30-day list: expected documents, saw none")
    return leaf
