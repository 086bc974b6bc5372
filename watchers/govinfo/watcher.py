"""What is new in GovInfo's bulk data?

One request tells whether any followed file was written anew; only those are read, and at a slow beat each of them. A
file states everything of its bill, so that a bill read here needs no other source.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from msgspec.structs import replace

from domain.errors import Changed, Refused, SourceError
from domain.facets import digest
from domain.http import Response
from domain.identity import DocumentId
from domain.observation import Ask, Evidence, Fault, Observation, Page
from domain.ports import Http
from watchers.billstatus.reading import SOURCE, parse_billstatus
from watchers.govinfo.asking import XML, Asker, concerns_line, copy_of, ends_the_poll
from watchers.govinfo.cursor import Cursor, Mark, dump, load
from watchers.govinfo.due import TRIES, Why, order
from watchers.govinfo.places import file_of
from watchers.govinfo.signs import look


@dataclass(frozen=True, slots=True)
class _Read:
    """What reading one file came to; `mark` is to be remembered, whatever `observation` is."""

    mark: Mark
    observation: Observation | None = None
    evidence: Evidence | None = None
    fault: Fault | None = None


class GovInfo:
    """Reads bills and resolutions of the US Congress from GovInfo's BILLSTATUS files, without a key."""

    name = SOURCE

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    @property
    def every_at_least(self) -> timedelta:
        return timedelta(0)

    def reads(self, document: DocumentId) -> bool:
        return document.is_bill and len(document.parts) == 3

    def poll(self, ask: Ask, http: Http) -> Iterator[Page]:
        """Ask what was written and read what is due, the likeliest news first.

        Raises SourceError if the publisher stops answering, or if neither feed nor listings nor sitemaps tell what was
        written, after what is due was read; one file that cannot be read is a fault on its page.
        """
        bills = [bill for bill in ask.following if self.reads(bill)]
        if not bills:
            return
        now = int(ask.now.timestamp())
        cursor = load(ask.cursor)
        cursor.forget_all_but(bills)
        asker = Asker(http, self._base_url)
        signs = look(asker, cursor, bills, now)
        faults = tuple(signs.faults)
        read = False
        due = order(cursor, bills, now, blind=signs.failure is not None)
        for page in _read_due(asker, cursor, due, now, faults):
            read = True
            yield page
        if not read:
            after = dump(cursor)
            yield Page(cursor=after if after != ask.cursor else None, faults=faults, requests=asker.spent())
        if signs.failure is not None:
            raise signs.failure


def _read_due(
    asker: Asker, cursor: Cursor, due: Sequence[tuple[DocumentId, Why]], now: int, faults: tuple[Fault, ...]
) -> Iterator[Page]:
    """Read the files that are due; `faults` go with the first page."""
    cut_off = False
    for bill, reason in due:
        read = _read(asker, bill, cursor.mark(bill), reason, now)
        cursor.keep(bill, read.mark)
        yield Page(
            observations=(read.observation,) if read.observation else (),
            evidence=(read.evidence,) if read.evidence else (),
            cursor=dump(cursor),
            faults=(*faults, *((read.fault,) if read.fault else ())),
            requests=asker.spent(),
        )
        faults = ()
        if read.fault is not None and concerns_line(read.fault.error):
            if cut_off:
                raise read.fault.error
            cut_off = True


def _read(asker: Asker, bill: DocumentId, mark: Mark, reason: Why, now: int) -> _Read:
    """Read one file. At the beat it is asked for whole: what it says is heard again although it is known."""
    path = file_of(bill)
    try:
        response = asker.get(path, XML, None if reason is Why.BEAT else mark.file)
        if response is None:
            return _Read(_unchanged(mark, reason, now))
        return _heard(bill, mark, reason, response, now)
    except SourceError as error:
        if ends_the_poll(error) or (isinstance(error, Refused) and error.status in (401, 403)):
            raise
        return _Read(replace(mark, failures=mark.failures + 1, failed_at=now), fault=Fault(bill, error))


def _heard(bill: DocumentId, mark: Mark, reason: Why, response: Response, now: int) -> _Read:
    reading = parse_billstatus(response.body)
    if reading.document != bill:
        raise Changed(f"{file_of(bill)}: expected {bill}, saw {reading.document}")
    copy = copy_of(response)
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
    return _Read(after, reading.observation(archived.digest), archived)


def _unchanged(mark: Mark, reason: Why, now: int) -> Mark:
    """Return the mark after a reading that brought nothing new. What was announced is asked again a few times: caches
    hand out the old file for a while."""
    again = TRIES if reason is Why.MOVED else mark.again - (reason is Why.AGAIN)
    return replace(mark, moved=False, read_at=now, again=max(again, 0), failures=0, failed_at=0)
