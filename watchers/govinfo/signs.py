"""Which followed files were written since we last looked?

The feed of batches tells, in one request that mostly answers "not modified". Behind it stand the folders' listings,
and behind these the sitemaps: asked at a slow beat, and at once when the feed fails, is empty, or has gone past what we
know of it. All three have been empty or days old while the files were right; none of them ever says that a bill is
gone.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from msgspec.structs import replace

from domain.errors import Changed, SourceError
from domain.identity import DocumentId
from domain.observation import Fault
from watchers.govinfo.asking import LISTED, XML, Asker, copy_of, ends_the_poll
from watchers.govinfo.batches import newest, parse_batches
from watchers.govinfo.cursor import Copy, Cursor, Index
from watchers.govinfo.listing import Stamps, parse_listing, parse_sitemap
from watchers.govinfo.places import BATCHES, Folder, folder_of, listing_of, sitemap_of

BEAT = 6 * 3600
"""Seconds after which the listings are asked although the feed works."""

LATE = 24 * 3600
"""Seconds by which a file may be newer than the newest batch before the feed is taken for stopped: the usual distance
of two batches is four hours."""


@dataclass(slots=True)
class Look:
    """What a look for signs came to. `failure` is set when nothing could be learned of any folder."""

    faults: list[Fault] = field(default_factory=list)
    failure: SourceError | None = None


def look(asker: Asker, cursor: Cursor, bills: Collection[DocumentId], now: int) -> Look:
    """Note in the cursor which bills' files moved; `now` in seconds since 1970.

    Raises SourceError if the publisher wants to be left alone, or was not reached.
    """
    found = Look()
    deaf = _feed(asker, cursor, bills, found)
    heard = deaf is None
    folders = sorted({folder_of(bill) for bill in bills})
    for folder in folders:
        age = now - cursor.index(folder).asked_at
        if deaf is not None or not 0 <= age < BEAT:
            heard = _folder(asker, cursor, folder, bills, now, found) or heard
    if not heard:
        found.failure = deaf or found.faults[-1].error
    return found


class _Gap(Changed):
    """The feed works and does not reach back to what we know of it: no fault, but not enough."""


def _feed(asker: Asker, cursor: Cursor, bills: Collection[DocumentId], found: Look) -> SourceError | None:
    """Read the feed; return why it does not suffice, None if it does."""
    try:
        _read_feed(asker, cursor, bills)
    except SourceError as error:
        if ends_the_poll(error):
            raise
        if not isinstance(error, _Gap):
            found.faults.append(Fault(None, error))
        return error
    return None


def _read_feed(asker: Asker, cursor: Cursor, bills: Collection[DocumentId]) -> None:
    response = asker.get(BATCHES, XML, cursor.feed)
    if response is None:
        return
    batches = parse_batches(response.body)
    last = newest(batches)
    if last < cursor.newest:
        raise Changed("feed of batches: expected what it said before or more, saw an older copy")
    fresh = [batch for batch in batches if batch.name not in cursor.batches]
    reaches_back = not cursor.batches or len(fresh) < len(batches)
    _move(cursor, {bill for batch in fresh for bill in batch.bills if bill in bills})
    cursor.feed = copy_of(response)
    cursor.batches = [batch.name for batch in batches]
    cursor.newest = last
    if not reaches_back or not all(batch.bills for batch in fresh):
        raise _Gap("feed of batches: it does not name all that was written since we last looked")


def _move(cursor: Cursor, bills: Iterable[DocumentId]) -> None:
    """Note that files were written: each is read at once, however often it failed."""
    for bill in bills:
        cursor.keep(bill, replace(cursor.mark(bill), moved=True, failures=0))


@dataclass(frozen=True, slots=True)
class _Way:
    """One way to learn of a folder: where it is, how it is read, and where its answers are remembered."""

    path: Callable[[Folder], str]
    accept: tuple[str, ...]
    parse: Callable[[bytes, str], Stamps]
    kept: str
    stamp: str


_WAYS = (
    _Way(listing_of, LISTED, parse_listing, "listing", "listed"),
    _Way(sitemap_of, XML, parse_sitemap, "sitemap", "mapped"),
)


def _folder(asker: Asker, cursor: Cursor, folder: Folder, bills: Collection[DocumentId], now: int, found: Look) -> bool:
    """Learn of one folder by its listing, else by its sitemap; false when neither tells."""
    for way in _WAYS:
        try:
            _ask(asker, cursor, folder, bills, way, now, found)
        except SourceError as error:
            if ends_the_poll(error):
                raise
            found.faults.append(Fault(None, error))
        else:
            return True
    cursor.keep_index(folder, replace(cursor.index(folder), asked_at=0))  # at the next poll again
    return False


def _ask(
    asker: Asker, cursor: Cursor, folder: Folder, bills: Collection[DocumentId], way: _Way, now: int, found: Look
) -> None:
    index = cursor.index(folder)
    known: Copy = getattr(index, way.kept)
    response = asker.get(way.path(folder), way.accept, known)
    after: Index = replace(index, asked_at=now)
    if response is not None:
        where = f"{way.kept} of {'/'.join(folder)}"
        stamps = way.parse(response.body, where)
        _compare(cursor, folder, bills, way, stamps, where, found)
        after = replace(after, **{way.kept: copy_of(response)})
    cursor.keep_index(folder, after)


def _compare(
    cursor: Cursor,
    folder: Folder,
    bills: Collection[DocumentId],
    way: _Way,
    stamps: Stamps,
    where: str,
    found: Look,
) -> None:
    """Note what moved; Changed if the answer is older than one we had: then it says nothing of anything."""
    ours = [bill for bill in bills if folder_of(bill) == folder]
    older = [bill for bill in ours if bill in stamps and 0 < stamps[bill] < getattr(cursor.mark(bill), way.stamp)]
    if older:
        raise Changed(f"{where}: expected what it said before or more, saw an older copy ({older[0]})")
    for bill in ours:
        mark = cursor.mark(bill)
        if bill not in stamps:
            if mark.file.digest:
                found.faults.append(Fault(None, Changed(f"{where}: expected the file of {bill}, saw it missing")))
            continue
        known = getattr(mark, way.stamp)
        if stamps[bill] <= known:
            continue
        if not mark.moved and cursor.newest and stamps[bill] > cursor.newest + LATE:
            stopped = Changed(f"feed of batches: expected {bill} in it, saw nothing for a day; asking the {way.kept}")
            found.faults.append(Fault(None, stopped))
        if stamps[bill] > (known or mark.read_at):
            _move(cursor, (bill,))
        cursor.keep(bill, replace(cursor.mark(bill), **{way.stamp: stamps[bill]}))
