"""Who can be asked? One line per publisher; quirks live in its package and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING

from domain.errors import SourceError
from watchers.declaration import BulkReading, SourceDeclaration, imported

if TYPE_CHECKING:
    from domain.documents import DocumentId
    from domain.observation import Parse
    from domain.ports import Watcher

SOURCES: Mapping[str, str] = {
    "clerk": "watchers.rollcalls:CLERK",
    "congress": "watchers.congress:CONGRESS",
    "federal_register": "watchers.federal_register:FEDERAL_REGISTER",
    "govinfo": "watchers.govinfo:GOVINFO",
    "legisinfo": "watchers.legisinfo:LEGISINFO",
    "president": "watchers.rada:PRESIDENT",
    "rada": "watchers.rada:RADA",
    "rada_bills": "watchers.rada:RADA_BILLS",
    "rada_cards": "watchers.rada:RADA_CARDS",
    "senate": "watchers.rollcalls:SENATE",
    "texts": "watchers.texts:TEXTS",
}
"""Section of the configuration → where its declaration stands. It is imported when it is asked for."""

FEED_READERS: Mapping[str, str] = {"feed/1": "watchers.feed.watcher:parse_entries"}
"""The readers of what needs no section: the feed of a watch."""


def source(name: str) -> SourceDeclaration:
    """Return the declaration of a publisher; KeyError for a name nobody has."""
    declared: SourceDeclaration = imported(SOURCES[name])
    return declared


def reader(name: str) -> Parse | None:
    """Return the parser of that name and version (`congress/1`), None for one nobody has."""
    place = _readers().get(name)
    found: Parse | None = imported(place) if place else None
    return found


@cache
def _readers() -> Mapping[str, str]:
    found = dict(FEED_READERS)
    for name in SOURCES:
        found |= source(name).readers
    return found


@cache
def _bulk_parsers() -> tuple[Callable[[bytes], BulkReading], ...]:
    return tuple(imported(source(name).bulk) for name in SOURCES if source(name).bulk)


def parse_bulk(body: bytes) -> BulkReading:
    """Read one bulk file of whichever publisher serves such files; the SourceError of the last one that was tried."""
    *others, last = _bulk_parsers()
    for parse in others:
        try:
            return parse(body)
        except SourceError:
            continue
    return last(body)


def feed_watcher(document: DocumentId, address: str) -> Watcher:
    """Build the reader of one feed, whoever publishes it; its entries are named below `document`."""
    from watchers.feed.watcher import FeedWatcher

    return FeedWatcher(document, address)
