"""Which followed files were written since the last poll?"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec
from msgspec.structs import replace

from domain.coded_text import CodedText, phrase
from domain.documents import DocumentId
from domain.errors import Changed, SourceError, mismatch, seen
from domain.observation import Fault
from domain.records.facets import short_digest
from watchers.client import AnswerState, ApiClient, answer_state, decode_json, refuses_us
from watchers.congress.client import parse_stamp
from watchers.govinfo.billstatus import child_text, outline, root_of, text_members
from watchers.govinfo.client import (
    BATCHES,
    LISTED,
    XML,
    Folder,
    FolderState,
    GovInfoCursor,
    bills_in,
    folder_of,
    listing_of,
    sitemap_of,
)
from watchers.markup import Node, first_child


@dataclass(frozen=True, slots=True)
class BulkBatch:
    """One item of the feed. `name` stands for its `guid`; `at` is seconds since 1970, 0 where the feed does not say;
    `bills` may be empty."""

    name: str
    at: int
    bills: frozenset[DocumentId]


def parse_batches(body: bytes) -> Sequence[BulkBatch]:
    """Read the feed; Changed when it is none, or has no items: batches finish every four hours."""
    root = root_of(body)
    channel = first_child(root, "channel") if root.tag == "rss" else None
    if channel is None:
        raise Changed(mismatch(BATCHES, "{form}", outline(root), form="<rss><channel>"))
    batches = [_batch(item) for item in channel.iterchildren("item")]
    if not batches:
        raise Changed(mismatch(BATCHES, "entries"))
    return batches


def _batch(item: Node) -> BulkBatch:
    words = child_text(item, "description") or ""
    title, guid, published = (child_text(item, name) or "" for name in ("title", "guid", "pubDate"))
    name = guid.strip() or f"{published} {title} {words}"
    return BulkBatch(short_digest(name), _finished_at(published.strip(), guid.strip()), frozenset(bills_in(words)))


def _finished_at(published: str, guid: str) -> int:
    """Read `pubDate`, else the end of a `guid` such as BILLSTATUS-2021-04-22T15:07:33Z."""
    try:
        moment = parsedate_to_datetime(published)
    except ValueError:
        try:
            found = parse_stamp(guid.removeprefix("BILLSTATUS-"), f"{BATCHES}: guid")
        except Changed:
            found = None
        return int(found.timestamp()) if found else 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def newest_batch(batches: Sequence[BulkBatch]) -> int:
    """Return when the last batch was finished."""
    return max(batch.at for batch in batches)


FileStamps = Mapping[DocumentId, int]
"""When each file was last written, in seconds since 1970."""


class _File(msgspec.Struct, rename="camel"):
    name: str | None = None
    link: str | None = None
    just_file_name: str | None = None
    display_label: str | None = None
    formatted_last_modified_time: str | None = None


class _Files(msgspec.Struct):
    files: list[_File]


_FILES = msgspec.json.Decoder(_Files)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_PLAIN = re.compile(r"(\d{1,2})-([A-Za-z]{3})-(\d{4})(?: (\d{2}):(\d{2}))?")


def parse_listing(body: bytes, where: str) -> FileStamps:
    """Read a listing, JSON or XML as it came; Changed when it is none, or lists no file of a bill."""
    if body.lstrip()[:1] != b"<":
        files: Iterable[_File] = decode_json(body.lstrip(), _FILES, where).files
    else:
        root = root_of(body)
        place = first_child(root, "files")
        if place is None:
            raise Changed(mismatch(where, "{form}", outline(root), form="<data><files>"))
        files = [msgspec.convert(text_members(node), _File) for node in place.iterchildren("file")]
    return _stamps(((_named(file), file.formatted_last_modified_time) for file in files), where)


def parse_sitemap(body: bytes, where: str) -> FileStamps:
    """Read a sitemap; Changed when it is none, or lists no file of a bill."""
    root = root_of(body)
    if not str(root.tag).endswith("urlset"):
        raise Changed(mismatch(where, "{form}", outline(root), form="<urlset>"))
    rows = [{str(child.tag).rpartition("}")[2]: child.text for child in node} for node in root.iterchildren("{*}url")]
    return _stamps(((row.get("loc"), row.get("lastmod")) for row in rows), where)


def _named(file: _File) -> str:
    return " ".join(filter(None, (file.just_file_name, file.name, file.link, file.display_label)))


def _stamps(rows: Iterable[tuple[str | None, str | None]], where: str) -> FileStamps:
    found: dict[DocumentId, int] = {}
    for name, written in rows:
        for bill in bills_in(name or ""):
            found[bill] = max(parse_written_at(written, where), found.get(bill, 0))
    if not found:
        raise Changed(mismatch(where, "files of bills"))
    return found


def parse_written_at(written: str | None, where: str) -> int:
    """Read when a file was last written, in seconds since 1970: `18-Sep-2026 20:26` (GMT) or ISO 8601; 0 when it is not
    stated."""
    words = (written or "").strip()
    plain = _PLAIN.fullmatch(words)
    if plain is None or plain[2].lower() not in _MONTHS:
        found = parse_stamp(words.replace(" ", "T", 1), where)
        return int(found.timestamp()) if found else 0
    day, month, year, hour, minute = plain.groups(default="0")
    try:
        at = datetime(int(year), _MONTHS.index(month.lower()) + 1, int(day), int(hour), int(minute), tzinfo=UTC)
    except ValueError as error:
        raise Changed(mismatch(where, "a time such as {example}", seen(words), example="18-Sep-2026 20:26")) from error
    return int(at.timestamp())


LISTINGS_EVERY = 6 * 3600
"""Seconds after which the listings are asked although the feed works."""

FEED_LATE_AFTER = 24 * 3600
"""Seconds by which a file may be newer than the newest batch before the feed is taken for stopped: the usual distance
of two batches is four hours."""


class _IncompleteFeed(Changed):
    """The feed works and does not reach back to what we know of it: no fault, but not enough."""


@dataclass(frozen=True, slots=True)
class _FolderSource:
    """One way to learn of a folder: where it is, how it is read, and where its answers are remembered."""

    path: Callable[[Folder], str]
    accept: tuple[str, ...]
    parse: Callable[[bytes, str], FileStamps]
    kept: str
    stamp: str


_FOLDER_SOURCES = (
    _FolderSource(listing_of, LISTED, parse_listing, "listing", "listed"),
    _FolderSource(sitemap_of, XML, parse_sitemap, "sitemap", "mapped"),
)


@dataclass(slots=True)
class ChangeSignals:
    """A look for signs that files of `bills` moved, and what it came to; `now` in seconds since 1970. `failure` is set
    when nothing could be learned of any folder."""

    client: ApiClient
    cursor: GovInfoCursor
    bills: Collection[DocumentId]
    now: int
    faults: list[Fault] = field(default_factory=list)
    failure: SourceError | None = None

    def read(self) -> ChangeSignals:
        """Note in the cursor which bills' files moved; SourceError if the publisher wants to be left alone, or was not
        reached."""
        feed_error = self._feed()
        answered = feed_error is None
        for folder in sorted({folder_of(bill) for bill in self.bills}):
            age = self.now - self.cursor.index(folder).asked_at
            if feed_error is not None or not 0 <= age < LISTINGS_EVERY:
                answered = self._folder(folder) or answered
        if not answered:
            self.failure = feed_error or self.faults[-1].error
        return self

    def _feed(self) -> SourceError | None:
        """Read the feed; return why it does not suffice, None if it does."""
        try:
            self._read_feed()
        except SourceError as error:
            if refuses_us(error):
                raise
            if not isinstance(error, _IncompleteFeed):
                self.faults.append(Fault(None, error))
            return error
        return None

    def _read_feed(self) -> None:
        cursor = self.cursor
        response = self.client.get_if_changed(BATCHES, cursor.feed, accept=XML)
        if response is None:
            return
        batches = parse_batches(response.body)
        last = newest_batch(batches)
        if last < cursor.newest:
            raise Changed(mismatch(BATCHES, "what it said before or more", phrase("an older copy")))
        fresh = [batch for batch in batches if batch.name not in cursor.batches]
        reaches_back = not cursor.batches or len(fresh) < len(batches)
        self._move({bill for batch in fresh for bill in batch.bills if bill in self.bills})
        cursor.feed = answer_state(response)
        cursor.batches = [batch.name for batch in batches]
        cursor.newest = last
        if not reaches_back or not all(batch.bills for batch in fresh):
            reason = mismatch(BATCHES, "all that was written since we last looked", phrase("a part of it"))
            raise _IncompleteFeed(reason)

    def _move(self, bills: Iterable[DocumentId]) -> None:
        """Note that files were written: each is read at once, however often it failed."""
        for bill in bills:
            self.cursor.keep(bill, replace(self.cursor.mark(bill), moved=True, failures=0))

    def _folder(self, folder: Folder) -> bool:
        """Learn of one folder by its listing, else by its sitemap; false when neither tells."""
        for way in _FOLDER_SOURCES:
            try:
                self._ask(folder, way)
            except SourceError as error:
                if refuses_us(error):
                    raise
                self.faults.append(Fault(None, error))
            else:
                return True
        self.cursor.keep_index(folder, replace(self.cursor.index(folder), asked_at=0))  # at the next poll again
        return False

    def _ask(self, folder: Folder, way: _FolderSource) -> None:
        index, where = self.cursor.index(folder), way.path(folder)
        known: AnswerState = getattr(index, way.kept)
        response = self.client.get_if_changed(where, known, accept=way.accept)
        after: FolderState = replace(index, asked_at=self.now)
        if response is not None:
            self._compare(folder, way, way.parse(response.body, where), where)
            after = replace(after, **{way.kept: answer_state(response)})
        self.cursor.keep_index(folder, after)

    def _compare(self, folder: Folder, way: _FolderSource, stamps: FileStamps, where: str) -> None:
        """Note what moved; Changed if the answer is older than one we had: then it says nothing of anything."""
        cursor, ours = self.cursor, [bill for bill in self.bills if folder_of(bill) == folder]
        older = [bill for bill in ours if bill in stamps and 0 < stamps[bill] < getattr(cursor.mark(bill), way.stamp)]
        if older:
            copy = phrase("an older copy ({document})", document=str(older[0]))
            raise Changed(mismatch(where, "what it said before or more", copy))
        for bill in ours:
            mark = cursor.mark(bill)
            if bill not in stamps:
                if mark.file.digest:
                    self._doubt(mismatch(where, "the file of {document}", document=str(bill)))
                continue
            known = getattr(mark, way.stamp)
            if stamps[bill] <= known:
                continue
            if not mark.moved and cursor.newest and stamps[bill] > cursor.newest + FEED_LATE_AFTER:
                saw = phrase("nothing for a day; asking {place}", place=where)
                self._doubt(mismatch(BATCHES, "{form}", saw, form=str(bill)))
            if stamps[bill] > (known or mark.read_at):
                self._move((bill,))
            cursor.keep(bill, replace(cursor.mark(bill), **{way.stamp: stamps[bill]}))

    def _doubt(self, reason: CodedText) -> None:
        self.faults.append(Fault(None, Changed(reason)))
