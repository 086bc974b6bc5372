"""What is new in GovInfo's bulk data, and which files are read now?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import IntEnum
from zlib import crc32

from msgspec.structs import replace

from domain.documents import DocumentId
from domain.errors import Changed, Refused, SourceError
from domain.jurisdictions.us.names import is_bill
from domain.observation import Evidence, Fault, Observation, Page, PollRequest
from domain.ports import Http
from domain.records.facets import digest
from domain.sources import Response
from watchers.govinfo.billstatus import SOURCE, parse_billstatus
from watchers.govinfo.change_signals import read_signals
from watchers.govinfo.client import (
    XML,
    FileState,
    GovInfoClient,
    GovInfoCursor,
    answer_state,
    dump_cursor,
    ends_the_poll,
    file_of,
    load_cursor,
    no_answer_came,
)

FULL_REFRESH = 12 * 3600
"""Seconds within which every file is read whatever the signs say, and whole, so that a statement nobody answered is
heard again (`domain.records.precedence.UNANSWERED_FOR`)."""

REREAD_AFTER = 30 * 60
"""Seconds after which a file that was announced and came as it had been is asked once more; and any file, while
neither feed nor listings nor sitemaps tell what was written."""

MAX_REREADS = 3
"""How often."""

_SPREAD = 2 / 3
_PATIENT_TRIES = 3
_FIRST_PAUSE = 10 * 60
_LONGEST_PAUSE = 12 * 3600


class FileReadReason(IntEnum):
    """Why a file is read now; the smaller comes first."""

    MOVED = 0
    NEVER_READ = 1
    AGAIN = 2
    BEAT = 3


def reading_order(
    cursor: GovInfoCursor, bills: Iterable[DocumentId], now: int, *, blind: bool = False
) -> list[tuple[DocumentId, FileReadReason]]:
    """Return the bills to read, first what is most likely news; those that failed before come after their peers.
    `now` in seconds since 1970; `blind` says that nothing tells what was written."""
    places = []
    for bill in bills:
        mark = cursor.mark(bill)
        reason = reason_to_read(bill, mark, now, blind=blind)
        if reason is not None:
            places.append((reason, mark.failures, mark.read_at, bill))
    return [(place[-1], place[0]) for place in sorted(places)]


def reason_to_read(bill: DocumentId, mark: FileState, now: int, *, blind: bool = False) -> FileReadReason | None:
    """Say why a bill's file is read now, None if it is not."""
    if mark.failures and mark.failed_at <= now < mark.failed_at + pause_after(mark.failures):
        return None
    if mark.moved:
        return FileReadReason.MOVED
    if not mark.read_at:
        return FileReadReason.NEVER_READ
    age = now - mark.read_at
    beat = age < 0 or age >= FULL_REFRESH * (_SPREAD + (1 - _SPREAD) * _phase(bill))
    if (mark.again or (blind and not beat)) and age >= REREAD_AFTER:
        return FileReadReason.AGAIN
    return FileReadReason.BEAT if beat else None


def _phase(bill: DocumentId) -> float:
    """Spread the beat: bills first read together come due one after another, from two thirds of it on."""
    return (crc32(str(bill).encode()) % 1000) / 1000


def pause_after(failures: int) -> int:
    """Return the seconds before a file that failed is asked again: a few tries at once, then ever more rarely."""
    if failures <= _PATIENT_TRIES:
        return 0
    return min(_FIRST_PAUSE << min(failures - _PATIENT_TRIES - 1, 10), _LONGEST_PAUSE)


@dataclass(frozen=True, slots=True)
class _FileReading:
    """What reading one file came to; `mark` is to be remembered, whatever `observation` is."""

    mark: FileState
    observation: Observation | None = None
    evidence: Evidence | None = None
    fault: Fault | None = None


class GovInfoWatcher:
    """Reads bills and resolutions of the US Congress from GovInfo's BILLSTATUS files, without a key."""

    name = SOURCE

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    @property
    def min_interval(self) -> timedelta:
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return is_bill(document)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what was written and read what is due, the likeliest news first.

        Raises SourceError if the publisher stops answering, or if neither feed nor listings nor sitemaps tell what was
        written, after what is due was read; one file that cannot be read is a fault on its page.
        """
        bills = [bill for bill in request.watched if self.handles(bill)]
        if not bills:
            return
        now = int(request.now.timestamp())
        cursor = load_cursor(request.cursor)
        cursor.forget_all_but(bills)
        asker = GovInfoClient(http, self._base_url)
        signs = read_signals(asker, cursor, bills, now)
        faults = tuple(signs.faults)
        read = False
        due = reading_order(cursor, bills, now, blind=signs.failure is not None)
        for page in _read_due(asker, cursor, due, now, faults):
            read = True
            yield page
        if not read:
            after = dump_cursor(cursor)
            yield Page(cursor=after if after != request.cursor else None, faults=faults, requests=asker.spent())
        if signs.failure is not None:
            raise signs.failure


def _read_due(
    asker: GovInfoClient,
    cursor: GovInfoCursor,
    due: Sequence[tuple[DocumentId, FileReadReason]],
    now: int,
    faults: tuple[Fault, ...],
) -> Iterator[Page]:
    """Read the files that are due; `faults` go with the first page."""
    cut_off = False
    for bill, reason in due:
        read = _read(asker, bill, cursor.mark(bill), reason, now)
        cursor.keep(bill, read.mark)
        yield Page(
            observations=(read.observation,) if read.observation else (),
            evidence=(read.evidence,) if read.evidence else (),
            cursor=dump_cursor(cursor),
            faults=(*faults, *((read.fault,) if read.fault else ())),
            requests=asker.spent(),
        )
        faults = ()
        if read.fault is not None and no_answer_came(read.fault.error):
            if cut_off:
                raise read.fault.error
            cut_off = True


def _read(asker: GovInfoClient, bill: DocumentId, mark: FileState, reason: FileReadReason, now: int) -> _FileReading:
    """Read one file. At the beat it is asked for whole: what it says is heard again although it is known."""
    path = file_of(bill)
    try:
        response = asker.get(path, XML, None if reason is FileReadReason.BEAT else mark.file)
        if response is None:
            return _FileReading(_unchanged(mark, reason, now))
        return _read_answer(bill, mark, reason, response, now)
    except SourceError as error:
        if ends_the_poll(error) or (isinstance(error, Refused) and error.status in (401, 403)):
            raise
        return _FileReading(replace(mark, failures=mark.failures + 1, failed_at=now), fault=Fault(bill, error))


def _read_answer(
    bill: DocumentId, mark: FileState, reason: FileReadReason, response: Response, now: int
) -> _FileReading:
    reading = parse_billstatus(response.body)
    if reading.document != bill:
        raise Changed(f"{file_of(bill)}: expected {bill}, saw {reading.document}")
    copy = answer_state(response)
    after = replace(_unchanged(mark, reason, now), file=copy)
    if copy.digest != mark.file.digest:
        after = replace(after, again=0)
    archived = Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "application/xml"),
        body=response.body,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )
    return _FileReading(after, reading.observation(archived.digest), archived)


def _unchanged(mark: FileState, reason: FileReadReason, now: int) -> FileState:
    """Return the mark after a reading that brought nothing new. What was announced is asked again a few times: caches
    hand out the old file for a while."""
    again = MAX_REREADS if reason is FileReadReason.MOVED else mark.again - (reason is FileReadReason.AGAIN)
    return replace(mark, moved=False, read_at=now, again=max(again, 0), failures=0, failed_at=0)
