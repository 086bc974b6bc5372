"""What did one source say, of which documents, at one moment?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, Protocol

from domain.coded_text import CodedText
from domain.documents import Alias, DocumentId
from domain.errors import SourceError
from domain.records.facets import Facet, Kind
from domain.records.record import Record

if TYPE_CHECKING:
    from domain.records.record import Record


@dataclass(frozen=True, slots=True)
class Evidence:
    """The bytes a statement was read from. `digest` is the SHA-256 of `body`; `fetched_at` aware UTC."""

    digest: str
    url: str
    fetched_at: datetime
    content_type: str
    body: bytes
    etag: str | None = None
    last_modified: str | None = None


@dataclass(frozen=True, slots=True)
class Observation:
    """What one source said of one document at one moment.

    `facets` holds only what the source states; a facet it does not mention is absent, a facet it states to be
    empty is an empty mapping. `evidence` names, for each facet, the digest of the bytes it was read from.
    `published_at` is the publisher's own stamp of this state (aware UTC), `reader` the reader and its version
    (`gazette/1`), `url` the page a person would open. `context` holds, as plain JSON values, what the reading needed
    beside the bytes: it is kept with them, so that they can be read again.
    """

    document: DocumentId
    source: str
    reader: str
    facets: Mapping[str, Facet]
    evidence: Mapping[str, str] = field(default_factory=dict)
    published_at: datetime | None = None
    url: str | None = None
    aliases: tuple[Alias, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Fault:
    """One document could not be read while its source could: the poll goes on, the last good status stands.

    A `standing` one is no failure of this poll: it says what is known to be missing, at each poll for as long as it is.
    """

    document: DocumentId | None
    error: SourceError
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """At most 250 observations that are recorded in one transaction (rule 1).

    `scope` names what was asked (rule 3); None when documents were asked for one by one: then each is a scope of
    its own. `complete` is true on the page that ends a full enumeration of the scope and so establishes it.
    `cursor` is the source's resume position once this page is stored, or None to leave it where it was. `requests`
    counts what the page cost. `remarks` are what the operator should hear once although nothing failed, by the codes of
    sentences. `waiting` are documents that should have been read and were not, because an allowance is used up, with
    when they were read last.
    """

    scope: str | None = None
    observations: tuple[Observation, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    complete: bool = True
    cursor: str | None = None
    faults: tuple[Fault, ...] = ()
    requests: int = 0
    remarks: tuple[CodedText, ...] = ()
    waiting: Mapping[DocumentId, datetime | None] = field(default_factory=dict)


class RecordLookup(Protocol):
    """What a watcher may look up while it asks: what is known of documents, and bytes archived before."""

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]: ...

    def evidence(self, digest: str) -> Evidence | None: ...


class _EmptyLookup:
    """Remembers nothing."""

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        return {}

    def evidence(self, digest: str) -> Evidence | None:
        return None


def _nothing_matches(document: DocumentId, title: str) -> bool:
    return False


@dataclass(frozen=True, slots=True)
class SearchDemand:
    """What saved searches ask of a source beside what is watched. `matches` says of a title whether one wants it,
    `found` returns what they found until now, the last first, with the kinds somebody wants of each: it is to be
    followed as far as the allowance goes. `key` changes whenever the searches do, and is "" where there are none."""

    key: str = ""
    matches: Callable[[DocumentId, str], bool] = _nothing_matches
    found: Callable[[], Mapping[DocumentId, frozenset[Kind]]] = dict


@dataclass(frozen=True, slots=True)
class PollRequest:
    """What a watcher is asked: where it stopped, what is followed, and what time it is.

    `cursor` is opaque, the watcher's own; None on the first poll. `watched` maps each watched document of this
    source to the kinds somebody wants of. `now` is aware UTC. `lookup` answers from the record as it stands
    when it is asked. `since` is when the oldest of these watches was made (aware UTC; None: not known): what was
    published later cannot be the past of a source that is first read then. `searches` ask for more.
    """

    cursor: str | None
    watched: Mapping[DocumentId, frozenset[Kind]]
    now: datetime
    lookup: RecordLookup = field(default_factory=_EmptyLookup)
    since: datetime | None = None
    searches: SearchDemand = SearchDemand()

    def followed(self) -> dict[DocumentId, frozenset[Kind]]:
        """Return what is watched and what searches found, each with the kinds somebody wants of it."""
        found = dict(self.searches.found())
        return {**found, **{one: kinds | found.get(one, frozenset()) for one, kinds in self.watched.items()}}


class ArchiveView(Protocol):
    """What was kept. `evidence` raises LookupError for bytes that are not there, or are not what their digest says."""

    def evidence(self, digest: str) -> Evidence: ...

    def record(self, document: DocumentId, revision: int) -> Record | None: ...


@dataclass(frozen=True, slots=True)
class ParseInput:
    """What a statement rests on. `named` maps facets to digests, further bytes of one as `FACET/2` and so on; `before`
    is the record as it stood, None for a document never seen; `known_from` when it was made (aware UTC)."""

    document: DocumentId
    source: str
    reader: str
    known_from: datetime
    archive: ArchiveView
    named: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    before: Record | None = None
    published_at: datetime | None = None

    def facets(self) -> tuple[str, ...]:
        """Return the facets of which bytes are named."""
        return tuple(dict.fromkeys(name.partition("/")[0] for name in self.named))

    def pages(self, facet: str) -> tuple[Evidence, ...]:
        """Return the bytes that a facet was read from, in the order in which they were read."""
        numbered = {int(name.partition("/")[2] or 1): name for name in self.named if name.partition("/")[0] == facet}
        return tuple(self.archive.evidence(self.named[numbered[number]]) for number in sorted(numbered))

    def observation(
        self,
        facets: Mapping[str, Facet],
        published_at: datetime | None = None,
        *,
        stamped: bool = True,
        url: str | None = None,
    ) -> Observation:
        """Return what is stated, with the publisher's stamp; `stamped` is false where the stamp is not in these bytes:
        then it is the recorded one."""
        return Observation(
            document=self.document,
            source=self.source,
            reader=self.reader,
            facets=facets,
            evidence=self.named,
            published_at=published_at if stamped else self.published_at,
            url=url,
            context=self.context,
        )


Parse = Callable[[ParseInput], Iterable[Observation]]
"""Parses bytes, those just fetched or archived ones: everything they may state of the document, one of which is
recorded. Pure. LookupError when something is missing that it needs, SourceError when the bytes cannot be read."""
