"""What is new in a feed?

One conditional request; the body is read only if its digest moved, and an entry stated only if what it says moved. An
entry is new because we have not seen it, never because of its date; one that is no longer listed is not gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property
from itertools import accumulate
from typing import Any

import msgspec

from domain.coded_text import CodedText, coded, phrase
from domain.documents import Alias, DocumentId
from domain.errors import Changed, SourceError, mismatch
from domain.observation import Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Facet, short_digest
from domain.sources import Response
from watchers.client import AnswerState, ApiClient, answer_state, evidence_of
from watchers.feed.cursor import NO_GUID, FeedCursor, dump_cursor, load_cursor
from watchers.feed.entries import (
    EntryTraits,
    FeedEntry,
    KnownEntries,
    MatchedEntries,
    forms_of,
    match_entries,
    possible_keys,
    traits_of,
)
from watchers.feed.parser import FeedContent, parse_feed
from watchers.feed.values import PublishedDate
from watchers.plain_text import comparable_text

READER = "feed/1"

LONGEST_TITLE = 1000
LONGEST_TEXT = 50_000
"""Characters kept of what an entry says: an executive order has some thirty thousand."""


def observe_entry(
    document: DocumentId,
    entry: FeedEntry,
    source: str,
    evidence: str,
    *,
    known: bool,
    returns: int = 0,
    relinked: bool = False,
    rewritten: bool = False,
    renewed: bool = False,
) -> Observation:
    """Return what a feed says of an entry. Of one that was `known` its day is that of the last change, if any is said.

    `returns` counts how often in a row its words went back to earlier ones, `relinked` says that its link changed with
    those of the whole feed, `rewritten` that its words did so too, `renewed` that it is dated later than ever before:
    the stage it returns to is then a new step of its procedure. The text always begins with the title, so that whoever
    asks for words finds them in either.
    """
    stamp = entry.updated if known else entry.published or entry.updated
    whole = f"{entry.title}\n{entry.text}".strip() or _name(entry)
    marks = {key: True for key, holds in (("relinked", relinked), ("rewritten", rewritten)) if holds}
    unsteady = {"returns": returns} if returns > 1 else {}
    unsteady_stage = {} if renewed else unsteady
    facets: dict[str, Facet] = {
        "title": {"display": {"text": _name(entry), **unsteady}},
        "item": {"": _about(entry)},
        "content": {"body": {**_body(entry, whole, stamp), **marks, **unsteady}},
        "stated": {
            name: {**_state_entry(name, value, whole, stamp), **unsteady_stage} for name, value in entry.stated.items()
        },
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
        context={**unsteady, **marks, **({"renewed": True} if unsteady and renewed and entry.stated else {})},
    )


def _name(entry: FeedEntry) -> str:
    """Return what an entry is called: its title, or whatever else it says of itself."""
    return _cut(entry.title or entry.text or entry.link or entry.guid or "", LONGEST_TITLE)


def _body(entry: FeedEntry, whole: str, stamp: PublishedDate | None) -> dict[str, Any]:
    """Return the words of an entry, `whole` with its title, as they are kept."""
    body: dict[str, Any] = {
        "text": _cut(whole, LONGEST_TEXT),
        "title": _cut(entry.title, LONGEST_TITLE),
        "link": entry.link,
        "label": _measure(entry).to_json(),
        "on": stamp.on if stamp else None,
    }
    return {**body, "dated": True} if entry.published or entry.updated else body


def _about(entry: FeedEntry) -> dict[str, object]:
    return {
        "guid": _cut(entry.guid, LONGEST_TITLE) if entry.guid else None,
        "link": entry.link,
        "author": _cut(entry.author, LONGEST_TITLE) if entry.author else None,
        "categories": [_cut(name, 200) for name in entry.categories[:100]],
        "published_on": entry.published.on if entry.published else None,
        "updated_on": entry.updated.on if entry.updated else None,
    }


def _measure(entry: FeedEntry) -> CodedText:
    """Name a state of the text: how long it is, and a mark that tells it from another one of that length."""
    said = comparable_text(f"{entry.title}\n{entry.text}")
    return coded("entry.measure", n=len(said.split()), mark=short_digest(said)[:6])


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

RELINKED_AGAIN = int(timedelta(days=30).total_seconds())
"""Seconds for which the operator does not hear again that all links of a feed changed: some do so at every poll."""

FEW = 1
"""Entries of a feed that has at times as many, or fewer, and may rightly have none."""

MOST_NEW = 1000
MOST_EDITED = 250
MOST_EDITED_TEXT = 1_000_000
"""Entries of a known feed that one poll states, new ones and edited ones, and the characters of the latter: comparing
words costs. The rest is stated by the next polls, each in its turn."""

_ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.1"


_Settled = tuple[str, FeedEntry, EntryTraits]


def _affordable(edited: Sequence[_Settled]) -> list[str]:
    """Return the keys of the first entries that one poll may state: one at least."""
    sizes = accumulate(min(len(entry.title) + len(entry.text), LONGEST_TEXT) for _, entry, _ in edited)
    return [
        one[0] for n, (one, size) in enumerate(zip(edited, sizes, strict=True)) if not n or size < MOST_EDITED_TEXT
    ][:MOST_EDITED]


@dataclass(frozen=True)
class _Reading:
    """One body that was read: what it says, what was known before, and which of its entries were known."""

    content: FeedContent
    before: FeedCursor
    known: dict[str, EntryTraits]
    recent: Sequence[str]
    matched: MatchedEntries
    moved: bool
    """Whether the entries known were read at another address."""

    now: int
    """Seconds since 1970."""

    @cached_property
    def changed(self) -> Sequence[_Settled]:
        """The entries that are new or say something else than before."""
        known = self.known
        return [one for one in self.matched.entries if one[0] not in known or known[one[0]].content != one[2].content]

    @cached_property
    def edited(self) -> Sequence[str]:
        """The keys of the edited entries that this poll states, beginning where the last poll ended. Those of a
        redesign all are: hardly any says anything new."""
        edited = [one for one in self.changed if one[0] in self.known and one[0] not in self.matched.relinked]
        turn = self.before.turn % max(1, len(edited))
        return _affordable(edited[turn:] + edited[:turn])

    @cached_property
    def stated(self) -> Sequence[_Settled]:
        """The changed entries that this poll states, in the order of the feed; all of a feed that is read first."""
        if not self.known:
            return self.changed
        new = [one[0] for one in self.changed if one[0] not in self.known][:MOST_NEW]
        chosen = {*new, *self.edited, *self.matched.relinked}
        return [one for one in self.changed if one[0] in chosen]

    @property
    def waiting(self) -> int:
        """How many of them wait for the next poll."""
        return len(self.changed) - len(self.stated)

    @cached_property
    def current(self) -> dict[str, EntryTraits]:
        """The entries of the feed by their keys, with what is remembered of each; one that waits is as it was."""
        known = self.known
        waiting = {one[0] for one in self.changed} - {one[0] for one in self.stated}
        now = {key: found.after(known[key]) if key in known else found for key, _, found in self.matched.entries}
        return (
            {key: known.get(key, found) if key in waiting else found for key, found in now.items()} if waiting else now
        )

    @cached_property
    def kept(self) -> Mapping[str, EntryTraits]:
        """What of them is known from now on: a new one that waits is new again."""
        waiting = {one[0] for one in self.changed} - {one[0] for one in self.stated} - set(self.known)
        return {key: found for key, found in self.current.items() if key not in waiting} if waiting else self.current

    @property
    def rewritten(self) -> Collection[str]:
        """The entries whose new words are those of a redesign; a feed whose links always change has none."""
        return self.matched.rewritten if self.relinked_anew else ()

    @property
    def relinked_anew(self) -> bool:
        return bool(self.matched.relinked) and self.now - self.before.relinked_at > RELINKED_AGAIN

    def known_after(self) -> KnownEntries:
        """What was known, without the guids that other documents carry now."""
        lost = {key: replace(self.known[key], base=NO_GUID) for key in self.matched.replaced}
        return {**self.known, **lost} if lost else self.known


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
        """Ask the feed; SourceError if what answers is no feed, or an empty one that always had entries."""
        now = int(request.now.timestamp())
        before = load_cursor(request.cursor)
        moved = before.full_at > 0 and before.address != self._address
        fresh = not moved and 0 <= now - before.full_at < RECHECK
        client = ApiClient(http, self._address, {"accept": _ACCEPT})
        response = client.get(self._address, known=before.answer if fresh else None, max_bytes=MAX_BYTES)
        if response.unchanged:
            yield Page(requests=1)
            return
        answer = answer_state(response)
        after = msgspec.structs.replace(before, address=self._address, answer=answer, full_at=now)
        if not moved and answer.digest == before.answer.digest:
            yield Page(cursor=_same_body(before, after, fresh), requests=1)
            return
        content = parse_feed(response.body, response.headers.get("content-type", ""), response.url, request.now)
        if before.window and not content.entries and before.least > FEW:
            had = before.window
            saw = phrase("an empty feed; it had {n} when last read", n=had)
            raise Changed(mismatch(self._place, "entries", saw))
        known = before.known()
        recent = list(known)[-before.window :] if before.window else []
        matched = match_entries(content.entries, known, recent, before.forms)
        reading = _Reading(content, before, known, recent, matched, moved, now)
        yield from self._pages(reading, after, response, request)

    @property
    def _place(self) -> str:
        return self._address.partition("?")[0]

    def _pages(self, reading: _Reading, after: FeedCursor, response: Response, request: PollRequest) -> Iterator[Page]:
        """Say what moved, at most 250 entries at a time; all is remembered with the last page."""
        kept = evidence_of(response, "application/xml")
        changed = self._changed(reading, kept.digest)
        whole = reading.content.whole or bool(reading.known)
        past, news = _past_and_news(reading, changed, request)
        another = bool(past) and bool(reading.known)
        parts = [(f"{self.name} {self._address}" if another else self.name, page, True) for page in _in_pages(past)]
        parts += [(self.name, page, False) for page in _in_pages(news)]
        remarks = list(_remarks(reading, len(past) if another else 0))
        for number, (scope, page, is_past) in enumerate(parts or [(self.name, (), False)], start=1):
            last = number >= len(parts)
            ends = last or (is_past and not parts[number][2])
            yield Page(
                scope=scope,
                observations=page,
                evidence=(kept,),
                complete=ends and whole,
                cursor=dump_cursor(_position(reading, after)) if last else None,
                faults=tuple(Fault(None, error) for error in self._notes(reading)) if last else (),
                requests=1 if last else 0,
                remarks=tuple(remarks) if last else (),
            )

    def _changed(self, reading: _Reading, body: str) -> list[Observation]:
        known, current = reading.known, reading.current
        return [
            observe_entry(
                self._entry(key),
                entry,
                self.name,
                body,
                known=key in known,
                returns=current[key].returns,
                relinked=key in reading.matched.relinked,
                rewritten=key in reading.rewritten,
                renewed=key in known and found.latest > known[key].latest,
            )
            for key, entry, found in reading.stated
        ]

    def _entry(self, key: str) -> DocumentId:
        return DocumentId(self._document.jurisdiction, self._document.kind, (key,))

    def _notes(self, reading: _Reading) -> Iterator[SourceError]:
        for note in reading.content.notes:
            yield Changed(phrase("{where}: {note}", where=self._place, note=note))
        recent, current = reading.recent, reading.current
        gone = len(current) >= len(recent) > 0 and not any(key in current for key in recent)
        if gone and reading.before.least > FEW and not reading.moved:
            yield Changed(
                phrase(
                    "{where}: may have missed entries: none of the {n} that were in the feed when it was last read is "
                    "left in it; a shorter `every` on this watch helps",
                    where=self._place,
                    n=len(recent),
                )
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
            known = given.before is not None
            seen = observe_entry(given.document, entry, given.source, name, known=known, **given.context)
            facets = {facet: stated for facet, stated in seen.facets.items() if facet in given.named}
            yield given.observation(facets, seen.published_at)


def _same_body(before: FeedCursor, after: FeedCursor, fresh: bool) -> str | None:
    """Return what to remember after the same body came again: new validators, so that the next answer can be a 304."""
    stale = not fresh and bool(after.answer.etag or after.answer.modified)
    return dump_cursor(after) if after.answer != before.answer or stale else None


def _position(reading: _Reading, after: FeedCursor) -> FeedCursor:
    """Return what is remembered after a body was read. A feed that was cut is asked for anew: its validators may be
    those of the whole one; nor does one that was never read whole begin anything."""
    answer = after.answer
    if not reading.content.whole:
        answer = AnswerState(digest=answer.digest if reading.known else "")
    relinked_at = after.full_at if reading.matched.relinked else after.relinked_at
    if reading.waiting:
        answer = AnswerState()
    after = msgspec.structs.replace(
        after,
        answer=answer,
        relinked_at=relinked_at,
        forms=forms_of(reading.content.entries) or after.forms,
        turn=reading.before.turn + len(reading.edited) if reading.waiting else 0,
        crowded_at=reading.now if reading.waiting else after.crowded_at,
    )
    return after.with_entries(reading.known_after(), reading.kept)


def _remarks(reading: _Reading, past: int) -> Iterator[CodedText]:
    """Yield what the operator should hear of a feed that can be read, and is not what it was."""
    if reading.relinked_anew:
        yield coded("feed.relinked", n=len(reading.matched.relinked))
    if reading.waiting and reading.now - reading.before.crowded_at > RELINKED_AGAIN:
        yield coded("feed.crowded", n=len(reading.changed), most=len(reading.stated))
    if past:
        yield coded("feed.another", n=past)


def _past_and_news(
    reading: _Reading, changed: Sequence[Observation], request: PollRequest
) -> tuple[Sequence[Observation], Sequence[Observation]]:
    """Part the entries of a feed of which nothing is known, or nothing of what is known is left at its new address: its
    past, and what was published since it was watched, or last read, which cannot be past."""
    nothing_in_common = not any(key in reading.known for key, _, _ in reading.matched.entries)
    if reading.known and not (reading.moved and nothing_in_common):
        return (), changed
    if not reading.content.whole:
        return changed, ()
    since = reading.before.full_at if reading.known else request.since.timestamp() if request.since else None
    new = _published_since(changed, since, request.now) if since is not None else []
    taken = {one.document for one in new}
    return [one for one in changed if one.document not in taken], new


STAMPED_AT_ONCE = 2
"""Entries that may bear one time, or that of our question, before it is taken for the time at which they were
written out: some publishers stamp every entry with the time of the answer."""

_JUST_NOW = timedelta(minutes=5)


def _published_since(entries: Sequence[Observation], since: float, now: datetime) -> list[Observation]:
    new = [one for one in entries if one.published_at is not None and one.published_at.timestamp() > since]
    stamps = Counter(one.published_at for one in new)
    just_now = [one for one in new if one.published_at is not None and now - one.published_at < _JUST_NOW]
    distrusted = {one.document for one in just_now} if len(just_now) > STAMPED_AT_ONCE else set()
    return [one for one in new if stamps[one.published_at] <= STAMPED_AT_ONCE and one.document not in distrusted]


def _in_pages(observations: Sequence[Observation]) -> list[tuple[Observation, ...]]:
    return [tuple(observations[at : at + ENTRIES_PER_PAGE]) for at in range(0, len(observations), ENTRIES_PER_PAGE)]
