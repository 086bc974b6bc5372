"""What do the texts of followed bills say, and do they still say it?

The record names the versions (the facet `texts`); each is fetched once, archived, and compared with the version before
it. Later it is asked for conditionally, ever again: a text has been replaced without a new version or a word about it.
What is not there yet is asked for again, ever more rarely.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta

import msgspec
from msgspec.structs import replace

from domain.documents import DocumentId
from domain.errors import Changed, SourceError, Unavailable, mismatch
from domain.jurisdictions.us.names import is_bill
from domain.observation import Evidence, Fault, Observation, Page, ParseInput, PollRequest, RecordLookup
from domain.ports import Http
from domain.records.facets import Entry, Facet, Kind
from domain.records.record import Record
from domain.sources import Response
from watchers.client import (
    AnswerState,
    ApiClient,
    CursorCodec,
    PublisherWatcher,
    answer_state,
    evidence_of,
    numbered,
    refresh_after,
    refuses_us,
)
from watchers.texts.markup import LARGEST, BillText, difference, read_text
from watchers.texts.versions import TextVersion, compared, replaced, versions, wording


class TextState(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one text. `form` is which of its addresses answered, `wanted_at` when it was first missed;
    `failures` in a row, the last at `failed_at`."""

    read_at: int = 0
    form: int = 0
    answer: AnswerState = AnswerState()
    wanted_at: int = 0
    failures: int = 0
    failed_at: int = 0

    def read(self, response: Response, form: int, now: int) -> TextState:
        """Return what is remembered once it was read; a 304 leaves the validators as they are."""
        if response.unchanged:
            return replace(self, read_at=now, failures=0, failed_at=0)
        return TextState(now, form, answer_state(response))

    def missed(self, now: int) -> TextState:
        """Return what is remembered when it could not be read."""
        return replace(self, wanted_at=self.wanted_at or now, failures=self.failures + 1, failed_at=now)


class TextsCursor(msgspec.Struct):
    """All that is remembered, by package."""

    version: int = 1
    marks: dict[str, TextState] = {}

    def mark(self, package: str) -> TextState:
        return self.marks.get(package, _NEVER_READ)

    def forget_all_but(self, packages: Collection[str]) -> bool:
        """Drop what is no longer followed; true if there was any."""
        gone = [name for name in self.marks if name not in packages]
        for name in gone:
            del self.marks[name]
        return bool(gone)


_NEVER_READ = TextState()
CODEC = CursorCodec(TextsCursor)

SOURCE = "texts"
READER = "texts/1"

MAX_REQUESTS = 60
"""Requests of one poll: a first look at hundreds of bills is spread over several."""

LATEST_AGAIN = int(timedelta(days=1).total_seconds())
"""Seconds after which the latest version of a bill is asked for again; the others after a week."""

EARLIER_AGAIN = 7 * LATEST_AGAIN

_PAUSES = (0, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600)
_PATIENCE = 7 * 24 * 3600
"""Seconds for which a listed text may be missing: the list is published before the text is."""

_XML = ("application/xml", "text/xml")
_PAGE = ("text/html", "text/plain")
_BATCH = 250


class TextsWatcher(PublisherWatcher):
    """Reads the texts of bills and resolutions of the US Congress from GovInfo."""

    name = SOURCE
    handles = staticmethod(is_bill)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Read the texts that are new or due; one page a text that moved.

        Raises SourceError when the publisher refuses us or stops answering.
        """
        now = int(request.now.timestamp())
        cursor = CODEC.load(request.cursor)
        client = ApiClient(http, self._base_url)
        reader = TextReader(client, request.lookup, cursor, now)
        wanted: set[str] = set()
        bills = sorted(bill for bill, kinds in request.followed().items() if Kind.TEXT in kinds and self.handles(bill))
        for start in range(0, len(bills), _BATCH):
            batch = bills[start : start + _BATCH]
            for bill, record in sorted(request.lookup.records(batch).items()):
                listed = versions(record.facets.get("texts", {}))
                wanted.update(version.package for version in listed)
                if "texts" in record.facets:
                    yield from reader.read(bill, record, listed)
        if cursor.forget_all_but(wanted) or reader.unsaid:
            yield Page(cursor=CODEC.dump(cursor), faults=tuple(reader.faults), requests=client.spent())


@dataclass(frozen=True, slots=True)
class _PublishedText:
    """A text as it is published now."""

    evidence: Evidence
    text: BillText


class TextReader:
    """The texts of one poll, while they are read. `unsaid` is true while the cursor holds what no page has carried."""

    def __init__(self, client: ApiClient, lookup: RecordLookup, cursor: TextsCursor, now: int) -> None:
        self._client, self._lookup = client, lookup
        self._cursor, self._now = cursor, now
        self._cut_off = False
        self.unsaid = False
        self.faults: list[Fault] = []

    @property
    def _left(self) -> int:
        return MAX_REQUESTS - self._client.asked

    def read(self, bill: DocumentId, record: Record, listed: tuple[TextVersion, ...]) -> Iterator[Page]:
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
            stated, event = judge(version, listed[:place], known, copy, self._archived)
            if stated == entry:
                continue
            known[version.package] = stated
            yield self._page(bill, {version.package: stated}, event, {version.package: copy})

    def _first(self, bill: DocumentId, listed: tuple[TextVersion, ...]) -> Iterator[Page]:
        """State all versions as they are when the bill is first looked at: its past, and no news."""
        if self._left < min(len(listed), MAX_REQUESTS):
            return
        copies = {v.package: self._fetch(bill, v) for v in listed if self._is_due(v, latest=True)}
        held = {package: copy for package, copy in copies.items() if copy is not None}
        stated = stated_first(listed, {package: copy.evidence.digest for package, copy in held.items()})
        yield self._page(bill, stated, {}, held)

    def _archived(self, name: str) -> BillText | None:
        kept = self._lookup.evidence(name)
        return _read_again(kept) if kept else None

    def _is_due(self, version: TextVersion, *, latest: bool) -> bool:
        mark = self._cursor.mark(version.package)
        if self._left <= 0:
            return False
        if mark.failures and mark.failed_at <= self._now:
            return self._now - mark.failed_at >= _PAUSES[min(mark.failures, len(_PAUSES) - 1)]
        if not mark.read_at or mark.read_at > self._now:
            return True
        interval = LATEST_AGAIN if latest else EARLIER_AGAIN
        return self._now - mark.read_at >= refresh_after(version.package, interval)

    def _fetch(self, bill: DocumentId, version: TextVersion) -> _PublishedText | None:
        """Ask for a text; None if it stands as it was, or could not be read, which is remembered."""
        mark = self._cursor.mark(version.package)
        self.unsaid = True
        try:
            response, form = self._ask(version, mark)
            copy = None if response.unchanged else published_text(evidence_of(response))
        except SourceError as error:
            if refuses_us(error):
                raise
            self._miss(bill, version, mark, error)
            return None
        self._cursor.marks[version.package] = mark.read(response, form, self._now)
        return copy

    def _ask(self, version: TextVersion, mark: TextState) -> tuple[Response, int]:
        """Ask for the form that answered last; for one never read, for each until one is there."""
        addresses = version.addresses(self._client.base_url)
        forms = (mark.form,) if mark.read_at and mark.form < len(addresses) else range(len(addresses))
        missing: SourceError | None = None
        for form in forms:
            try:
                return self._get(addresses[form], mark), form
            except SourceError as error:
                # What is not there is refused, or answered with a page that says so.
                if not (error.status == 404 or isinstance(error, Changed)):
                    raise
                missing = missing or error
        raise missing or Changed(mismatch(version.package, "an address"))

    def _get(self, address: str, mark: TextState) -> Response:
        known = mark.answer if mark.read_at else None
        accept = _XML if address.endswith(".xml") else _PAGE
        return self._client.get(address, known=known, max_bytes=LARGEST, accept=accept)

    def _miss(self, bill: DocumentId, version: TextVersion, mark: TextState, error: SourceError) -> None:
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
        self,
        bill: DocumentId,
        stated: Facet,
        events: Mapping[str, tuple[Entry, str]],
        copies: Mapping[str, _PublishedText],
    ) -> Page:
        digests = [copy.evidence.digest for copy in copies.values()]
        digests += [other for _, other in events.values()]
        faults, self.faults, self.unsaid = tuple(self.faults), [], False
        return Page(
            observations=(
                Observation(
                    document=bill,
                    source=SOURCE,
                    reader=READER,
                    facets={"wordings": stated, "rewordings": {name: event for name, (event, _) in events.items()}},
                    evidence=numbered("wordings", digests) | numbered("rewordings", digests),
                    context={"copies": {package: copy.evidence.digest for package, copy in copies.items()}},
                ),
            ),
            evidence=tuple(copy.evidence for copy in copies.values()),
            cursor=CODEC.dump(self._cursor),
            faults=faults,
            requests=self._client.spent(),
        )


def published_text(kept: Evidence) -> _PublishedText:
    """Return a text with the bytes it was read from."""
    return _PublishedText(kept, read_text(kept.body))


def _read_again(kept: Evidence) -> BillText | None:
    """Read an archived text; None for one that an earlier reader took for a text and this one does not."""
    try:
        return read_text(kept.body)
    except Changed:
        return None


def stated_first(listed: tuple[TextVersion, ...], digests: Mapping[str, str]) -> Facet:
    """State all versions as they are when a bill is first looked at; `digests` are those of the texts that were read,
    by package."""
    return {version.package: wording(version, digests.get(version.package), past=True) for version in listed}


Archived = Callable[[str], BillText | None]
"""Returns an archived text by the digest of its bytes."""

TextEvent = tuple[Entry, str]
"""What is told of a text, and the digest of the text it was compared with."""


def judge(
    version: TextVersion, earlier: tuple[TextVersion, ...], known: Facet, copy: _PublishedText, archived: Archived
) -> tuple[Entry, Mapping[str, TextEvent]]:
    """Return what to remember of a text just read, and the event it is: another text than was there before, or
    another than that of the version before. `known` are the versions on record."""
    entry = known.get(version.package)
    past = bool(entry and entry.get("past"))
    stated = wording(version, copy.evidence.digest, past=past)
    if entry and entry.get("digest"):
        other = str(entry["digest"])
        if other == copy.evidence.digest:
            return entry, {}
        before = archived(other)
        event = None if before is None else replaced(version, difference(before, copy.text))
        subject = f"{version.package}@{copy.evidence.digest[:12]}"
    else:
        found = _before(earlier, known, archived)
        if past or found is None:
            return stated, {}
        event = compared(version, found[0], difference(found[2], copy.text))
        other, subject = found[1], version.package
    return stated, {subject: (event, other)} if event else {}


def _before(
    earlier: tuple[TextVersion, ...], known: Facet, archived: Archived
) -> tuple[TextVersion, str, BillText] | None:
    """Return the last version before this one whose text is archived: itself, its digest, its text."""
    for version in reversed(earlier):
        name = str(known.get(version.package, {}).get("digest") or "")
        text = archived(name) if name else None
        if text is not None:
            return version, name, text
    return None


def parse_texts(given: ParseInput) -> Iterator[Observation]:
    """Read and compare texts (`texts/1`): all versions at the first look, one of them later."""
    if given.before is None:
        raise LookupError(f"nothing was known of the texts of {given.document}")
    listed = versions(given.before.facets.get("texts", {}))
    copies = {str(package): str(digest) for package, digest in given.context.get("copies", {}).items()}
    if "wordings" not in given.before.facets:
        yield given.observation({"wordings": stated_first(listed, copies), "rewordings": {}})
        return
    known = given.before.facets["wordings"]
    for place, version in enumerate(listed):
        if version.package in copies:
            copy = published_text(given.archive.evidence(copies[version.package]))
            stated, events = judge(
                version, listed[:place], known, copy, lambda name: _read_again(given.archive.evidence(name))
            )
            reported = {subject: event for subject, (event, _) in events.items()}
            yield given.observation({"wordings": {version.package: stated}, "rewordings": reported})
