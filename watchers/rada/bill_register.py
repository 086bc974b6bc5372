"""Which bills on approving a decree moved in parliament?

Two readers of one register, each a signal beside the legislation database: the search page, which knows of a vote
within minutes, asked for what moved in the last days; and the daily file, which names the law a bill became. Neither
proves that nothing was missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from domain.documents import DocumentId
from domain.errors import Changed
from domain.observation import Evidence, Observation, Page, PollRequest
from domain.ports import Http
from domain.records.facets import digest, short_digest
from domain.sources import Request, Response
from watchers.rada import REGIMES
from watchers.rada.bills import NAMED, RegisterBill, bill_facets, parse_bulk, parse_search
from watchers.rada.client import AGENT

READER = "rada-bills/1"
SEARCHED_BACK = timedelta(days=30)
"""How far the search reaches back at least; after an absence, to its beginning."""

PER_PAGE = 30
MOST_PAGES = 20

_KYIV = ZoneInfo("Europe/Kyiv")
_LARGEST = 32 * 1024 * 1024
_SLACK = timedelta(days=2)


class BillRegisterCursor(msgspec.Struct, omit_defaults=True):
    """What is remembered: when bills last moved (seconds since 1970), how what was read is known, for which regimes."""

    v: int = 1
    through: int = 0
    mark: str = ""
    etag: str = ""
    modified: str = ""
    regimes: list[str] = []


_DECODER = msgspec.json.Decoder(BillRegisterCursor)


@dataclass(frozen=True, slots=True)
class RegisterAnswer:
    """The bills an answer shows, each with the bytes it was read from, what is to be remembered, and what it cost."""

    bills: tuple[tuple[RegisterBill, Response], ...]
    cursor: BillRegisterCursor
    requests: int


class RegisterSource(Protocol):
    """Where bills are read."""

    @property
    def name(self) -> str: ...

    def ask(self, cursor: BillRegisterCursor, now: datetime, http: Http, *, fresh: bool) -> RegisterAnswer | int:
        """Return what it shows, or the requests it cost to learn that nothing moved."""
        ...


class BillRegisterWatcher:
    """Reads bills on decrees about the followed regimes from one place of the register."""

    def __init__(self, place: RegisterSource) -> None:
        self._place = place
        self.name = place.name

    @property
    def min_interval(self) -> timedelta:
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return document in REGIMES

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """State what is new of each bill; the first reading of a regime is its past.

        Raises SourceError if the register cannot be read.
        """
        followed = [regime for regime in REGIMES if regime in request.watched]
        if not followed:
            return
        before = _load_cursor(request.cursor)
        fresh = [regime for regime in followed if str(regime) not in before.regimes]
        answer = self._place.ask(before, request.now, http, fresh=bool(fresh))
        if isinstance(answer, int):
            yield Page(requests=answer)
            return
        for regime in followed:
            yield from self._pages(regime, answer, request, past=regime in fresh)
        answer.cursor.regimes = sorted({*before.regimes, *map(str, followed)})
        yield Page(cursor=msgspec.json.encode(answer.cursor).decode(), requests=answer.requests)

    def _pages(self, regime: DocumentId, answer: RegisterAnswer, request: PollRequest, *, past: bool) -> Iterator[Page]:
        for bill, response in sorted(answer.bills, key=lambda pair: (pair[0].registered_on or "", pair[0].number)):
            record = request.lookup.records([regime]).get(regime)
            if record is None or not bill.renews or bill.verdict.regime != REGIMES[regime]:
                continue
            kept = _evidence(response)
            stated = bill_facets(bill, record.facets)
            observation = Observation(
                document=regime,
                source=self.name,
                reader=READER,
                facets=stated,
                evidence=dict.fromkeys(stated, kept.digest),
                url=bill.url,
            )
            scope = f"{self.name}/past" if past else None
            yield Page(scope=scope, observations=(observation,), evidence=(kept,), complete=not past)
        if past and request.lookup.records([regime]):
            # From here on what comes is news, although nothing was said in this scope yet.
            yield Page(observations=(Observation(regime, self.name, READER, {}),))


def _load_cursor(text: str | None) -> BillRegisterCursor:
    try:
        cursor = _DECODER.decode(text or "{}")
    except ValueError:
        return BillRegisterCursor()
    return cursor if cursor.v == 1 else BillRegisterCursor()


@dataclass(frozen=True, slots=True)
class RegisterSearch:
    """The search page: a form, asked for what moved between two days and has the words every such bill has."""

    base_url: str
    name: str = "rada_bills"

    def ask(self, cursor: BillRegisterCursor, now: datetime, http: Http, *, fresh: bool) -> RegisterAnswer | int:
        since = now - SEARCHED_BACK
        if cursor.through and not fresh:
            since = min(since, datetime.fromtimestamp(cursor.through, UTC) - _SLACK)
        bills: list[tuple[RegisterBill, Response]] = []
        for number in range(1, MOST_PAGES + 1):
            response = http(self._request(since, now, number))
            found, count = parse_search(response.body, self.base_url)
            bills += ((bill, response) for bill in found)
            if number * PER_PAGE >= count:
                break
        mark = short_digest(repr(sorted(repr(bill) for bill, _ in bills)))
        if mark == cursor.mark and not fresh:
            return number
        return RegisterAnswer(tuple(bills), BillRegisterCursor(through=int(now.timestamp()), mark=mark), number)

    def _request(self, since: datetime, now: datetime, page: int) -> Request:
        form = {
            "BillSearchModel.name": NAMED,
            "BillSearchModel.passingsRangeStart": f"{since.astimezone(_KYIV):%d.%m.%Y}",
            "BillSearchModel.passingsRangeEnd": f"{now.astimezone(_KYIV):%d.%m.%Y}",
            "BillSearchModel.session": "0",
            "BillSearchModel.convocation": "0",
            "BillSearchModel.detailView": "True",
            "Paging.page": str(page),
        }
        return Request(
            url=f"{self.base_url}/billInfo/Bills/searchResults",
            method="POST",
            headers={"Content-Type": "application/x-www-form-urlencoded"},
            body=urlencode(form).encode(),
            accept=("text/html",),
        )


@dataclass(frozen=True, slots=True)
class DailyFile:
    """The file of all bills of the convocation, written anew each night; asked for conditionally."""

    base_url: str
    name: str = "rada_bulk"

    def ask(self, cursor: BillRegisterCursor, now: datetime, http: Http, *, fresh: bool) -> RegisterAnswer | int:
        response = http(
            Request(
                url=f"{self.base_url}/ogd/zpr/skl9/billinfo_list-skl9.json",
                headers={"User-Agent": AGENT},
                etag=None if fresh else cursor.etag or None,
                last_modified=None if fresh else cursor.modified or None,
                max_bytes=_LARGEST,
            )
        )
        mark = digest(response.body)[:16]
        if response.unchanged or (mark == cursor.mark and not fresh):
            return 1
        bills = parse_bulk(response.body)
        floor = (now - timedelta(days=200)).date().isoformat()
        moved = tuple(bill for bill in bills if (bill.registered_on or floor) >= floor)
        if not bills:
            raise Changed("file of all bills: expected bills on approving decrees, saw none")
        headers = response.headers
        after = BillRegisterCursor(
            through=int(now.timestamp()),
            mark=mark,
            etag=headers.get("etag", ""),
            modified=headers.get("last-modified", ""),
        )
        excerpt = _excerpt(response, moved)
        return RegisterAnswer(tuple((bill, excerpt) for bill in moved), after, 1)


def _excerpt(response: Response, bills: tuple[RegisterBill, ...]) -> Response:
    """Return the entries that were read in place of eight megabytes: what a statement was read from is kept."""
    return Response(
        response.status,
        f"{response.url}#bills",
        {**response.headers, "content-type": "application/json"},
        msgspec.json.encode([msgspec.to_builtins(bill) for bill in bills]),
        response.fetched_at,
    )


def _evidence(response: Response) -> Evidence:
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "text/html"),
        body=response.body,
    )
