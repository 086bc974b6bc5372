"""What is new in a feed?

One conditional request; the body is read only if its digest moved, and an entry stated only if what it says moved. An
entry is new because we have not seen it, never because of its date; one that is no longer listed is not gone.

The resume position holds what to ask with, what the last body was, and the entries known: some 70 bytes each, the 5,000
seen last, so that it stays below 400 KB. What a poll needs when nothing has changed is read without the entries.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from domain.documents import Alias, DocumentId
from domain.errors import Changed, SourceError
from domain.observation import Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Facet, digest, short_digest
from domain.sources import Request, Response
from watchers.client import evidence_of
from watchers.feed.identity import EntryTraits, KnownEntries, match_entries, possible_keys, traits_of
from watchers.feed.parser import FeedContent, FeedEntry, parse_feed
from watchers.feed.values import PublishedDate
from watchers.plain_text import comparable_text

VERSION = 1
MAX_KNOWN = 5000

_LONGEST_VALIDATOR = 500


@dataclass(frozen=True, slots=True)
class FeedCursor:
    """All that is remembered. `address` is the feed's; `digest` that of the body read last, "" before the first;
    `full_at` when a body last came, in seconds since 1970; `window` how many entries it held, the last ones known;
    `packed` the entries themselves, unread; `moved` that they were read at another address."""

    address: str
    etag: str | None = None
    last_modified: str | None = None
    digest: str = ""
    full_at: int = 0
    window: int = 0
    packed: bytes = b"[]"
    moved: bool = False

    def known(self) -> KnownEntries:
        """Return the entries known, the last seen last."""
        return {
            key: EntryTraits(base or key, page, content) for key, base, page, content in _ENTRIES.decode(self.packed)
        }

    def with_validators(self, response: Response, now: int) -> FeedCursor:
        """Return what is remembered after a body came; validators too long to be sent back are none."""
        return replace(
            self,
            etag=_short(response.headers.get("etag")),
            last_modified=_short(response.headers.get("last-modified")),
            full_at=now,
            moved=False,
        )

    def with_entries(self, digest: str, current: Mapping[str, EntryTraits]) -> FeedCursor:
        """Return what is remembered after a body was read: what is in the feed moves to the end."""
        kept = {key: found for key, found in self.known().items() if key not in current} | dict(current)
        rows = [(k, "" if f.base == k else f.base, f.page, f.content) for k, f in kept.items()]
        packed = msgspec.json.encode(rows[-MAX_KNOWN:])
        return replace(self, digest=digest, window=len(current), packed=packed)


class _Stored(msgspec.Struct, omit_defaults=True):
    v: int
    a: str
    d: str
    f: int
    w: int
    k: msgspec.Raw
    e: str | None = None
    m: str | None = None


_STORED = msgspec.json.Decoder(_Stored)
_ENTRIES = msgspec.json.Decoder(list[tuple[str, str, str, str]])


def load_cursor(text: str | None, address: str) -> FeedCursor:
    """Read a resume position back; one that cannot be read is none: everything is then read anew, and what the record
    knows is no news. Of another address the entries stay known: the feed has moved, and its news are still news."""
    if text is None:
        return FeedCursor(address)
    try:
        stored = _STORED.decode(text)
        if stored.v != VERSION:
            return FeedCursor(address)
        if stored.a != address:
            return FeedCursor(address, full_at=stored.f, window=stored.w, packed=bytes(stored.k), moved=True)
        return FeedCursor(address, stored.e, stored.m, stored.d, stored.f, stored.w, bytes(stored.k))
    except ValueError:
        return FeedCursor(address)


def dump_cursor(cursor: FeedCursor) -> str:
    """Write a resume position; equal positions give equal text."""
    stored = _Stored(
        v=VERSION,
        a=cursor.address,
        d=cursor.digest,
        f=cursor.full_at,
        w=cursor.window,
        k=msgspec.Raw(cursor.packed),
        e=cursor.etag,
        m=cursor.last_modified,
    )
    return msgspec.json.encode(stored).decode()


def _short(validator: str | None) -> str | None:
    return validator if validator and len(validator) <= _LONGEST_VALIDATOR else None


READER = "feed/1"

LONGEST_TITLE = 1000
LONGEST_TEXT = 50_000
"""Characters kept of what an entry says: an executive order has some thirty thousand."""


def observe_entry(document: DocumentId, entry: FeedEntry, source: str, evidence: str, *, known: bool) -> Observation:
    """Return what a feed says of an entry. `known` if it was seen before: then its day is that of the last change.

    The text always begins with the title, so that whoever asks for words finds them in either.
    """
    first, last = (entry.updated, entry.published) if known else (entry.published, entry.updated)
    stamp = first or last
    title = _cut(entry.title or entry.text or entry.link or "Untitled", LONGEST_TITLE)
    whole = f"{entry.title}\n{entry.text}".strip() or title
    facets: dict[str, Facet] = {
        "title": {"display": {"text": title}},
        "item": {"": _about(entry)},
        "content": {
            "body": {"text": _cut(whole, LONGEST_TEXT), "label": _measure(entry), "on": stamp.on if stamp else None}
        },
        "stated": {name: _state_entry(name, value, whole, stamp) for name, value in entry.stated.items()},
    }
    return Observation(
        document=document,
        source=source,
        reader=READER,
        facets=facets,
        evidence=dict.fromkeys(facets, evidence),
        published_at=stamp.at if stamp else None,
        url=entry.link,
        aliases=(Alias("url", entry.link),) if entry.link else (),
    )


def _about(entry: FeedEntry) -> dict[str, object]:
    return {
        "guid": _cut(entry.guid, LONGEST_TITLE) if entry.guid else None,
        "link": entry.link,
        "author": _cut(entry.author, LONGEST_TITLE) if entry.author else None,
        "categories": [_cut(name, 200) for name in entry.categories[:100]],
        "published_on": entry.published.on if entry.published else None,
        "updated_on": entry.updated.on if entry.updated else None,
    }


def _measure(entry: FeedEntry) -> str:
    """Name a state of the text: how long it is, and a mark that tells it from another one of that length."""
    said = comparable_text(f"{entry.title}\n{entry.text}")
    words = len(said.split())
    return f"{words} word{'' if words == 1 else 's'} ({short_digest(said)[:6]})"


def _state_entry(name: str, value: str, whole: str, stamp: PublishedDate | None) -> dict[str, object]:
    text = f"{name.capitalize()}: {value}\n{whole}"
    return {"text": _cut(text, LONGEST_TEXT), "label": value, "on": stamp.on if stamp else None}


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


MAX_BYTES = 20 * 1024 * 1024
ENTRIES_PER_PAGE = 250

RECHECK = int(timedelta(hours=5).total_seconds())
"""Seconds after which a feed is asked for unconditionally: every twentieth poll in the usual rhythm of 15 minutes. Some
servers answer 304 for ever."""

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"


class FeedWatcher:
    """Reads the one feed of a watch. Its name as a source is that of its documents: `feed/white-house-actions`."""

    def __init__(self, document: DocumentId, address: str) -> None:
        self.name = str(document)
        self._document = document
        self._address = address

    @property
    def min_interval(self) -> timedelta:
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return document.is_feed and document.is_within(self._document)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask the feed; SourceError if what answers is no feed, or an empty one that was full before."""
        now = int(request.now.timestamp())
        cursor = load_cursor(request.cursor, self._address)
        stale = cursor.moved or not 0 <= now - cursor.full_at < RECHECK
        response = http(self._request(cursor, conditional=not stale))
        if response.unchanged:
            yield Page(requests=1)
            return
        body = digest(response.body)
        after = cursor.with_validators(response, now)
        if body == cursor.digest:
            yield Page(cursor=_moved(cursor, after, stale), requests=1)
            return
        reading = parse_feed(response.body, response.headers.get("content-type", ""), response.url, request.now)
        known = cursor.known()
        if known and not reading.entries:
            raise Changed(f"{self._place}: expected entries, saw an empty feed; it had {cursor.window} when last read")
        yield from self._pages(reading, cursor, after, known, response, body)

    @property
    def _place(self) -> str:
        return self._address.partition("?")[0]

    def _request(self, cursor: FeedCursor, *, conditional: bool) -> Request:
        return Request(
            url=self._address,
            headers={"accept": _ACCEPT},
            etag=cursor.etag if conditional else None,
            last_modified=cursor.last_modified if conditional else None,
            max_bytes=MAX_BYTES,
        )

    def _pages(
        self,
        reading: FeedContent,
        before: FeedCursor,
        after: FeedCursor,
        known: KnownEntries,
        response: Response,
        body: str,
    ) -> Iterator[Page]:
        """Say what moved, at most 250 entries at a time; all is remembered with the last page."""
        recent = list(known)[-before.window :] if before.window else []
        settled = match_entries(reading.entries, known, recent)
        current = {key: found for key, _, found in settled}
        moved = [
            observe_entry(self._entry(key), entry, self.name, body, known=key in known)
            for key, entry, found in settled
            if key not in known or known[key].content != found.content
        ]
        kept = evidence_of(response, "application/xml")
        faults = tuple(Fault(None, error) for error in self._notes(reading, recent, current))
        whole = reading.whole or bool(known)
        # A feed that was cut is asked for anew: its validators may be those of the whole one.
        position = after if reading.whole else replace(after, etag=None, last_modified=None)
        cursor = dump_cursor(position.with_entries(body if whole else "", current))
        past: Sequence[Observation] = ()
        news: Sequence[Observation] = moved
        if before.moved and known and not any(key in known for key in current):
            past, news = _split_at(moved, before.full_at)
        pages = [(f"{self.name} {self._address}", page) for page in _in_pages(past)] if past else []
        pages += [(self.name, page) for page in _in_pages(news)]
        for number, (scope, page) in enumerate(pages, start=1):
            last = number == len(pages)
            yield Page(
                scope=scope,
                observations=page,
                evidence=(kept,),
                complete=last and whole,
                cursor=cursor if last else None,
                faults=faults if last else (),
                requests=1 if last else 0,
            )

    def _entry(self, key: str) -> DocumentId:
        return DocumentId(self._document.jurisdiction, self._document.kind, (key,))

    def _notes(
        self, reading: FeedContent, recent: Sequence[str], current: Mapping[str, EntryTraits]
    ) -> Iterator[SourceError]:
        for note in reading.notes:
            yield Changed(f"{self._place}: {note}")
        if recent and len(current) >= len(recent) and not any(key in current for key in recent):
            yield Changed(
                f"{self._place}: may have missed entries: none of the {len(recent)} that were in the feed when it was "
                "last read is left in it; a shorter `every` on this watch helps"
            )


def parse_entries(given: ParseInput) -> Iterator[Observation]:
    """Read the entries of a feed (`feed/1`), each as one seen before or as a new one.

    An entry is recognised by what was known of the feed then, which is not kept: so every entry of the bytes is read,
    and one of them must be the one that was recorded. The name of a new one follows from its guid, link or words.
    """
    for name in dict.fromkeys(given.named.values()):
        kept = given.archive.evidence(name)
        found = parse_feed(kept.body, kept.content_type, kept.url, given.known_from)
        for entry in found.entries:
            if given.before is None and given.document.parts[-1] not in possible_keys(traits_of(entry)):
                continue
            seen = observe_entry(given.document, entry, given.source, name, known=given.before is not None)
            facets = {facet: stated for facet, stated in seen.facets.items() if facet in given.named}
            yield given.observation(facets, seen.published_at)


def _moved(before: FeedCursor, after: FeedCursor, stale: bool) -> str | None:
    """Return what to remember after the same body came again: new validators, so that the next answer can be a 304."""
    validators = (after.etag, after.last_modified)
    renewed = validators != (before.etag, before.last_modified)
    return dump_cursor(after) if renewed or (stale and any(validators)) else None


def _split_at(entries: Sequence[Observation], read_at: int) -> tuple[Sequence[Observation], Sequence[Observation]]:
    """Part the entries of a feed that has nothing in common with the one read before under its name: its past, and what
    was published after that one was read (seconds since 1970), which cannot be past."""
    new = [one for one in entries if one.published_at is not None and one.published_at.timestamp() > read_at]
    return [one for one in entries if one not in new], new


def _in_pages(observations: Sequence[Observation]) -> list[tuple[Observation, ...]]:
    return [
        tuple(observations[at : at + ENTRIES_PER_PAGE]) for at in range(0, max(len(observations), 1), ENTRIES_PER_PAGE)
    ]
