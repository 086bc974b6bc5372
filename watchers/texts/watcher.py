"""What do the texts of followed bills say, and do they still say it?

The record names the versions (the facet `texts`); each is fetched once, archived, and compared with the version before
it. Later it is asked for conditionally, on a slow beat: a text has been replaced without a new version or a word about
it. What is not there yet is asked for again, ever more rarely.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from zlib import crc32

from domain.difference import compare
from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.facets import Entry, Facet, Kind, digest
from domain.http import Request, Response
from domain.identity import DocumentId
from domain.observation import Ask, Evidence, Fault, Memory, Observation, Page
from domain.ports import Http
from domain.record import Record
from watchers.texts.cursor import Cursor, Mark, dump, load
from watchers.texts.markup import LARGEST, paragraphs
from watchers.texts.statement import compared, replaced, wording
from watchers.texts.versions import Version, versions

SOURCE = "texts"
READER = "texts/1"

MOST = 60
"""Requests of one poll: a first look at hundreds of bills is spread over several."""

LATEST_AGAIN = int(timedelta(days=1).total_seconds())
"""Seconds after which the latest version of a bill is asked for again; the beat of the others is a week."""

EARLIER_AGAIN = 7 * LATEST_AGAIN

_PAUSES = (0, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
_PATIENCE = 7 * 24 * 3600
"""Seconds for which a listed text may be missing: the list is published before the text is."""

_XML = ("application/xml", "text/xml")
_PAGE = ("text/html", "text/plain")
_BATCH = 250


class Texts:
    """Reads the texts of bills and resolutions of the US Congress from GovInfo."""

    name = SOURCE

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    @property
    def every_at_least(self) -> timedelta:
        return timedelta(0)

    def reads(self, document: DocumentId) -> bool:
        return document.is_bill and len(document.parts) == 3

    def poll(self, ask: Ask, http: Http) -> Iterator[Page]:
        """Read the texts that are new or due; one page a text that moved.

        Raises SourceError when the publisher refuses us or stops answering.
        """
        now = int(ask.now.timestamp())
        cursor = load(ask.cursor)
        desk = Desk(self._base_url, http, ask.memory, cursor, now)
        wanted: set[str] = set()
        bills = sorted(bill for bill, kinds in ask.following.items() if Kind.TEXT in kinds and self.reads(bill))
        for start in range(0, len(bills), _BATCH):
            batch = bills[start : start + _BATCH]
            for bill, record in sorted(ask.memory.records(batch).items()):
                listed = versions(record.facets.get("texts", {}))
                wanted.update(version.package for version in listed)
                if "texts" in record.facets:
                    yield from desk.read(bill, record, listed)
        if cursor.forget_all_but(wanted) or desk.unsaid:
            yield Page(cursor=dump(cursor), faults=tuple(desk.faults), requests=desk.spent())


@dataclass(frozen=True, slots=True)
class _Copy:
    """A text as it is published now."""

    evidence: Evidence
    text: str


class Desk:
    """The texts of one poll, while they are read. `unsaid` is true while the cursor holds what no page has carried."""

    def __init__(self, base_url: str, http: Http, memory: Memory, cursor: Cursor, now: int) -> None:
        self._base_url, self._http, self._memory = base_url, http, memory
        self._cursor, self._now = cursor, now
        self._left, self._counted, self._cut_off = MOST, 0, False
        self.unsaid = False
        self.faults: list[Fault] = []

    def spent(self) -> int:
        spent, self._counted = self._counted, 0
        return spent

    def read(self, bill: DocumentId, record: Record, listed: tuple[Version, ...]) -> Iterator[Page]:
        """Read what is due of one bill."""
        if "wordings" not in record.facets:
            yield from self._first(bill, listed)
            return
        known = dict(record.facets["wordings"])
        for place, version in enumerate(listed):
            if not self._is_due(version, latest=place == len(listed) - 1):
                continue
            copy = self._fetch(bill, version)
            if copy is None:
                continue
            entry = known.get(version.package)
            stated, event = self.judge(version, listed[:place], known, entry, copy)
            if stated == entry:
                continue
            known[version.package] = stated
            yield self._page(bill, {version.package: stated}, event, {version.package: copy})

    def _first(self, bill: DocumentId, listed: tuple[Version, ...]) -> Iterator[Page]:
        """State all versions as they are when the bill is first looked at: its past, and no news."""
        if self._left < min(len(listed), MOST):
            return
        copies = {v.package: self._fetch(bill, v) for v in listed if self._is_due(v, latest=True)}
        held = {package: copy for package, copy in copies.items() if copy is not None}
        stated = stated_first(listed, {package: copy.evidence.digest for package, copy in held.items()})
        yield self._page(bill, stated, {}, held)

    def judge(
        self, version: Version, earlier: tuple[Version, ...], known: Facet, entry: Entry | None, copy: _Copy
    ) -> tuple[Entry, Mapping[str, tuple[Entry, str]]]:
        """Return what to remember of a text just read, and the event it is, with the digest of the other text."""
        past = bool(entry and entry.get("past"))
        stated = wording(version, copy.evidence.digest, past=past)
        if entry and entry.get("digest"):
            other = str(entry["digest"])
            if other == copy.evidence.digest:
                return entry, {}
            event = None if (before := self._archived(other)) is None else replaced(version, compare(before, copy.text))
            subject = f"{version.package}@{copy.evidence.digest[:12]}"
        else:
            found = self._before(earlier, known)
            if past or found is None:
                return stated, {}
            event = compared(version, found[0], compare(found[2], copy.text))
            other, subject = found[1], version.package
        return stated, {subject: (event, other)} if event else {}

    def _before(self, earlier: tuple[Version, ...], known: Facet) -> tuple[Version, str, str] | None:
        """Return the last version before this one whose text is archived: itself, its digest, its text."""
        for version in reversed(earlier):
            name = str(known.get(version.package, {}).get("digest") or "")
            text = self._archived(name) if name else None
            if text is not None:
                return version, name, text
        return None

    def _archived(self, name: str) -> str | None:
        kept = self._memory.evidence(name)
        return paragraphs(kept.body) if kept else None

    def _is_due(self, version: Version, *, latest: bool) -> bool:
        mark = self._cursor.mark(version.package)
        if self._left <= 0:
            return False
        if mark.failures and mark.failed_at <= self._now:
            return self._now - mark.failed_at >= _PAUSES[min(mark.failures, len(_PAUSES) - 1)]
        if not mark.read_at or mark.read_at > self._now:
            return True
        beat = LATEST_AGAIN if latest else EARLIER_AGAIN
        return self._now - mark.read_at >= beat * (2 + crc32(version.package.encode()) % 1000 / 1000) / 3

    def _fetch(self, bill: DocumentId, version: Version) -> _Copy | None:
        """Ask for a text; None if it stands as it was, or could not be read, which is remembered."""
        mark = self._cursor.mark(version.package)
        self.unsaid = True
        try:
            response, form = self._ask(version, mark)
            copy = None if response.unchanged else copy_of(_evidence(response))
        except SourceError as error:
            if _concerns_source(error):
                raise
            self._miss(bill, version, mark, error)
            return None
        self._cursor.marks[version.package] = mark.read(response, form, self._now)
        return copy

    def _ask(self, version: Version, mark: Mark) -> tuple[Response, int]:
        """Ask for the form that answered last; for one never read, for each until one is there."""
        addresses = version.addresses(self._base_url)
        forms = (mark.form,) if mark.read_at and mark.form < len(addresses) else range(len(addresses))
        missing: SourceError | None = None
        for form in forms:
            self._left -= 1
            self._counted += 1
            try:
                return self._http(_request(addresses[form], form, mark)), form
            except SourceError as error:
                # What is not there is refused, or answered with a page that says so.
                if not (error.status == 404 or isinstance(error, Changed)):
                    raise
                missing = missing or error
        raise missing or Changed(f"{version.package}: no address")

    def _miss(self, bill: DocumentId, version: Version, mark: Mark, error: SourceError) -> None:
        """Remember that a text could not be read; what is only not there yet is no fault."""
        after = self._cursor.marks[version.package] = mark.missed(self._now)
        if isinstance(error, Unavailable):
            if self._cut_off:
                raise error
            self._cut_off = True
        late = self._now - after.wanted_at >= _PATIENCE
        if late or mark.read_at or error.status != 404:
            self.faults.append(Fault(bill, error))

    def _page(
        self, bill: DocumentId, stated: Facet, events: Mapping[str, tuple[Entry, str]], copies: Mapping[str, _Copy]
    ) -> Page:
        digests = [copy.evidence.digest for copy in copies.values()]
        digests += [other for _, other in events.values()]
        names = {
            facet if place == 0 else f"{facet}/{place + 1}": name
            for facet in ("wordings", "rewordings")
            for place, name in enumerate(digests)
        }
        faults, self.faults, self.unsaid = tuple(self.faults), [], False
        return Page(
            observations=(
                Observation(
                    document=bill,
                    source=SOURCE,
                    reader=READER,
                    facets={"wordings": stated, "rewordings": {name: event for name, (event, _) in events.items()}},
                    evidence=names,
                    context={"copies": {package: copy.evidence.digest for package, copy in copies.items()}},
                ),
            ),
            evidence=tuple(copy.evidence for copy in copies.values()),
            cursor=dump(self._cursor),
            faults=faults,
            requests=self.spent(),
        )


def _request(address: str, form: int, mark: Mark) -> Request:
    return Request(
        url=address,
        etag=mark.etag if mark.read_at else None,
        last_modified=mark.last_modified if mark.read_at else None,
        max_bytes=LARGEST,
        accept=_XML if form == 0 else _PAGE,
    )


def copy_of(kept: Evidence) -> _Copy:
    """Return a text with the bytes it was read from."""
    return _Copy(kept, paragraphs(kept.body))


def stated_first(listed: tuple[Version, ...], digests: Mapping[str, str]) -> Facet:
    """State all versions as they are when a bill is first looked at; `digests` are those of the texts that were read,
    by package."""
    return {version.package: wording(version, digests.get(version.package), past=True) for version in listed}


def _evidence(response: Response) -> Evidence:
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", ""),
        body=response.body,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )


def _concerns_source(error: SourceError) -> bool:
    """True if the publisher refuses us, not one of its texts."""
    if isinstance(error, Refused):
        return error.status != 404
    return isinstance(error, Blocked) or error.status == 429
