"""What is new in GovInfo's bulk data, and which files are read now?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum

from msgspec.structs import replace

from domain.documents import DocumentId
from domain.errors import Changed, SourceError, mismatch
from domain.jurisdictions.us.names import is_bill
from domain.observation import Evidence, Fault, Observation, Page, PollRequest
from domain.ports import Http
from domain.sources import Response
from watchers.client import (
    ApiClient,
    PublisherWatcher,
    answer_state,
    evidence_of,
    no_answer_came,
    pause_after,
    refresh_after,
    refuses_us,
)
from watchers.govinfo.billstatus import SOURCE, parse_billstatus
from watchers.govinfo.change_signals import ChangeSignals
from watchers.govinfo.client import CODEC, XML, FileState, GovInfoCursor, file_of

FULL_REFRESH = 12 * 3600
"""Seconds within which every file is read whatever the signs say, and whole, so that a statement nobody answered is
heard again (`domain.records.precedence.UNANSWERED_FOR`)."""

REREAD_AFTER = 30 * 60
"""Seconds after which a file that was announced and came as it had been is asked once more; and any file, while
neither feed nor listings nor sitemaps tell what was written."""

MAX_REREADS = 3
"""How often."""


class FileReadReason(IntEnum):
    """Why a file is read now; the smaller comes first."""

    MOVED = 0
    NEVER_READ = 1
    AGAIN = 2
    REFRESH = 3


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
    refresh = age < 0 or age >= refresh_after(bill, FULL_REFRESH)
    if (mark.again or (blind and not refresh)) and age >= REREAD_AFTER:
        return FileReadReason.AGAIN
    return FileReadReason.REFRESH if refresh else None


@dataclass(frozen=True, slots=True)
class _FileReading:
    """What reading one file came to; `mark` is to be remembered, whatever `observation` is."""

    mark: FileState
    observation: Observation | None = None
    evidence: Evidence | None = None
    fault: Fault | None = None


class GovInfoWatcher(PublisherWatcher):
    """Reads bills and resolutions of the US Congress from GovInfo's BILLSTATUS files, without a key."""

    name = SOURCE
    handles = staticmethod(is_bill)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what was written and read what is due, the likeliest news first.

        Raises SourceError if the publisher stops answering, or if neither feed nor listings nor sitemaps tell what was
        written, after what is due was read; one file that cannot be read is a fault on its page.
        """
        bills = [bill for bill in request.watched if self.handles(bill)]
        if not bills:
            return
        now = int(request.now.timestamp())
        cursor = CODEC.load(request.cursor)
        cursor.forget_all_but(bills)
        client = ApiClient(http, self._base_url)
        signs = ChangeSignals(client, cursor, bills, now).read()
        faults = tuple(signs.faults)
        read = False
        due = reading_order(cursor, bills, now, blind=signs.failure is not None)
        for page in _read_due(client, cursor, due, now, faults):
            read = True
            yield page
        if not read:
            after = CODEC.dump(cursor)
            yield Page(cursor=after if after != request.cursor else None, faults=faults, requests=client.spent())
        if signs.failure is not None:
            raise signs.failure


def _read_due(
    client: ApiClient,
    cursor: GovInfoCursor,
    due: Sequence[tuple[DocumentId, FileReadReason]],
    now: int,
    faults: tuple[Fault, ...],
) -> Iterator[Page]:
    """Read the files that are due; `faults` go with the first page."""
    cut_off = False
    for bill, reason in due:
        read = _read(client, bill, cursor.mark(bill), reason, now)
        cursor.keep(bill, read.mark)
        yield Page(
            observations=(read.observation,) if read.observation else (),
            evidence=(read.evidence,) if read.evidence else (),
            cursor=CODEC.dump(cursor),
            faults=(*faults, *((read.fault,) if read.fault else ())),
            requests=client.spent(),
        )
        faults = ()
        if read.fault is not None and no_answer_came(read.fault.error):
            if cut_off:
                raise read.fault.error
            cut_off = True


def _read(client: ApiClient, bill: DocumentId, mark: FileState, reason: FileReadReason, now: int) -> _FileReading:
    """Read one file. At its refresh it is asked for whole: what it says is heard again although it is known."""
    path = file_of(bill)
    try:
        response = client.get_if_changed(path, None if reason is FileReadReason.REFRESH else mark.file, accept=XML)
        if response is None:
            return _FileReading(_unchanged(mark, reason, now))
        return _read_answer(bill, mark, reason, response, now)
    except SourceError as error:
        if refuses_us(error):
            raise
        return _FileReading(replace(mark, failures=mark.failures + 1, failed_at=now), fault=Fault(bill, error))


def _read_answer(
    bill: DocumentId, mark: FileState, reason: FileReadReason, response: Response, now: int
) -> _FileReading:
    reading = parse_billstatus(response.body)
    if reading.document != bill:
        raise Changed(mismatch(file_of(bill), "{form}", str(reading.document), form=str(bill)))
    copy = answer_state(response)
    after = replace(_unchanged(mark, reason, now), file=copy)
    if copy.digest != mark.file.digest:
        after = replace(after, again=0)
    archived = evidence_of(response, "application/xml")
    return _FileReading(after, reading.observation(archived.digest), archived)


def _unchanged(mark: FileState, reason: FileReadReason, now: int) -> FileState:
    """Return the mark after a reading that brought nothing new. What was announced is asked again a few times: caches
    hand out the old file for a while."""
    again = MAX_REREADS if reason is FileReadReason.MOVED else mark.again - (reason is FileReadReason.AGAIN)
    return replace(mark, moved=False, read_at=now, again=max(again, 0), failures=0, failed_at=0)
