"""What is new in a feed?

One conditional request; the body is read only if its digest moved, and an entry told only if what it says moved. An
entry is new because we have not seen it, never because of its date; one that is no longer listed is not gone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from domain.errors import Changed, SourceError
from domain.facets import digest
from domain.http import Request, Response
from domain.identity import DocumentId
from domain.observation import Ask, Evidence, Fault, Observation, Page
from domain.ports import Http
from watchers.feed.cursor import Cursor, dump, load
from watchers.feed.entry import Reading
from watchers.feed.known import Known, Traits, recognise
from watchers.feed.reading import read
from watchers.feed.statement import observe

LARGEST = 20 * 1024 * 1024
PAGE = 250

RECHECK = int(timedelta(hours=5).total_seconds())
"""Seconds after which a feed is asked for unconditionally: every twentieth poll in the usual rhythm of 15 minutes. Some
servers answer 304 for ever."""

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"


class Feed:
    """Reads the one feed of a watch. Its name as a source is that of its documents: `feed/white-house-actions`."""

    def __init__(self, document: DocumentId, address: str) -> None:
        self.name = str(document)
        self._document = document
        self._address = address
        self._scope = f"{self.name} {address}"  # the same feed for another watch has a baseline of its own

    @property
    def every_at_least(self) -> timedelta:
        return timedelta(0)

    def reads(self, document: DocumentId) -> bool:
        return document.is_feed and document.is_within(self._document)

    def poll(self, ask: Ask, http: Http) -> Iterator[Page]:
        """Ask the feed; SourceError if what answers is no feed, or an empty one that was full before."""
        now = int(ask.now.timestamp())
        cursor = load(ask.cursor, self._address)
        stale = not 0 <= now - cursor.full_at < RECHECK
        response = http(self._request(cursor, conditional=not stale))
        if response.unchanged:
            yield Page(requests=1)
            return
        body = digest(response.body)
        after = cursor.with_validators(response, now)
        if body == cursor.digest:
            yield Page(cursor=_moved(cursor, after, stale), requests=1)
            return
        reading = read(response.body, response.headers.get("content-type", ""), response.url, ask.now)
        known = cursor.known()
        if known and not reading.entries:
            raise Changed(f"{self._place}: expected entries, saw an empty feed; it had {cursor.window} when last read")
        yield from self._pages(reading, cursor, after, known, response, body)

    @property
    def _place(self) -> str:
        return self._address.partition("?")[0]

    def _request(self, cursor: Cursor, *, conditional: bool) -> Request:
        return Request(
            url=self._address,
            headers={"accept": _ACCEPT},
            etag=cursor.etag if conditional else None,
            last_modified=cursor.last_modified if conditional else None,
            max_bytes=LARGEST,
        )

    def _pages(
        self, reading: Reading, before: Cursor, after: Cursor, known: Known, response: Response, body: str
    ) -> Iterator[Page]:
        """Say what moved, at most 250 entries at a time; all is remembered with the last page."""
        recent = list(known)[-before.window :] if before.window else []
        settled = recognise(reading.entries, known, recent)
        current = {key: found for key, _, found in settled}
        moved = [
            observe(self._entry(key), entry, self.name, body, known=key in known)
            for key, entry, found in settled
            if key not in known or known[key].content != found.content
        ]
        kept = evidence(response, body)
        faults = tuple(Fault(None, error) for error in self._notes(reading, recent, current))
        whole = reading.whole or bool(known)
        # A feed that was cut is asked for anew: its validators may be those of the whole one.
        position = after if reading.whole else replace(after, etag=None, last_modified=None)
        cursor = dump(position.with_entries(body if whole else "", current))
        pages = _in_pages(moved)
        for number, page in enumerate(pages, start=1):
            last = number == len(pages)
            yield Page(
                scope=self._scope,
                observations=page,
                evidence=(kept,),
                complete=last and whole,
                cursor=cursor if last else None,
                faults=faults if last else (),
                requests=1 if last else 0,
            )

    def _entry(self, key: str) -> DocumentId:
        return DocumentId(self._document.jurisdiction, self._document.kind, (key,))

    def _notes(self, reading: Reading, recent: Sequence[str], current: Mapping[str, Traits]) -> Iterator[SourceError]:
        for note in reading.notes:
            yield Changed(f"{self._place}: {note}")
        if recent and len(current) >= len(recent) and not any(key in current for key in recent):
            yield Changed(
                f"{self._place}: may have missed entries: none of the {len(recent)} that were in the feed when it was "
                "last read is left in it; a shorter `every` on this watch helps"
            )


def evidence(response: Response, body: str) -> Evidence:
    """Return the bytes of a feed as what its entries were read from; `body` is their digest."""
    return Evidence(
        digest=body,
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "application/xml"),
        body=response.body,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _moved(before: Cursor, after: Cursor, stale: bool) -> str | None:
    """Return what to remember after the same body came again: new validators, so that the next answer can be a 304."""
    validators = (after.etag, after.last_modified)
    renewed = validators != (before.etag, before.last_modified)
    return dump(after) if renewed or (stale and any(validators)) else None


def _in_pages(observations: Sequence[Observation]) -> list[tuple[Observation, ...]]:
    return [tuple(observations[at : at + PAGE]) for at in range(0, max(len(observations), 1), PAGE)]
