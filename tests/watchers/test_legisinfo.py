"""Bills of Canada from LEGISinfo: one request for all, a status that the source states, times of Ottawa."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType, SimpleNamespace
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.errors import Changed, Refused, SourceError, Unavailable
from domain.jurisdictions.ca import JURISDICTION as CANADA
from domain.observation import Observation, Page, PollRequest
from domain.records.detection import advance
from domain.records.facets import Kind
from domain.records.record import Record
from domain.sources import Request, Response
from tests.helpers.http_server import ReceivedRequest
from tests.helpers.paths import CORPUS
from tests.watchers.legisinfo_publisher import Legisinfo, answer, bill, other
from watchers import reader, source
from watchers.client import evidence_of, parse_fetched
from watchers.legisinfo import read_rows

NOW = datetime(2022, 2, 16, 12, tzinfo=UTC)
C10 = DocumentId.parse("ca/bill/44-1/c-10")
REAL = CORPUS / "live" / "world" / "ca_legisinfo"


@dataclass
class Asked:
    """A poll of a publisher in memory."""

    publisher: Legisinfo
    cursor: str | None = None

    def poll(
        self, *watched: DocumentId, now: datetime = NOW, known: Mapping[DocumentId, Record] = MappingProxyType({})
    ) -> list[Page]:
        self.paths: list[str] = []
        wanted = dict.fromkeys(watched, frozenset({Kind.STATUS}))
        watcher = source("legisinfo").build(SimpleNamespace(base_url="https://parl.example/legisinfo", options=None))
        pages = list(watcher.poll(PollRequest(self.cursor, wanted, now, Known(known)), self._http))
        self.cursor = next((page.cursor for page in reversed(pages) if page.cursor), self.cursor)
        return pages

    def _http(self, request: Request) -> Response:
        path = request.url.removeprefix("https://parl.example")
        self.paths.append(path)
        headers = {"if-none-match": request.etag} if request.etag else {}
        reply = self.publisher(ReceivedRequest("GET", path, {}, headers, b""))
        if reply.status == 404:
            raise Refused("answered 404", status=404)
        named = {name.lower(): value for name, value in reply.headers.items()}
        return Response(reply.status, request.url, named, reply.body, NOW)


@dataclass(frozen=True)
class Known:
    """The record as it stands."""

    found: Mapping[DocumentId, Record]

    def records(self, documents: Iterable[DocumentId]) -> Mapping[DocumentId, Record]:
        return {document: self.found[document] for document in documents if document in self.found}

    def evidence(self, digest: str) -> None:
        return None


def observations(pages: Iterable[Page]) -> list[Observation]:
    return [observation for page in pages for observation in page.observations]


def test_one_request_reads_every_followed_bill() -> None:
    asked = Asked(Legisinfo(bill("2022-02-15"), other("S-203", "A constructed bill")))
    found = observations(asked.poll(C10, DocumentId.parse("ca/bill/44-1/s-203")))
    assert asked.paths == ["/legisinfo/en/bills/json"]
    assert {str(one.document) for one in found} == {"ca/bill/44-1/c-10", "ca/bill/44-1/s-203"}
    said = next(one for one in found if one.document == C10).facets
    assert list(said["status"].values()) == [
        {"text": "House of Commons bill awaiting first reading in the Senate", "on": "2022-02-15"}
    ]
    assert said["item"][""]["introduced_on"] == "2022-01-31"
    assert said["sponsors"] == {"Jean-Yves Duclos": {"label": "Jean-Yves Duclos"}}


def test_times_are_those_of_ottawa_and_midnight_is_a_day() -> None:
    said = observations(Asked(Legisinfo(bill("2022-03-04"))).poll(C10))[0].facets["actions"]
    assert said["PassedHouseFirstReadingDateTime"]["on"] == "2022-01-31T15:18-05:00"
    assert said["PassedSenateFirstReadingDateTime"]["on"] == "2022-02-21"


def test_a_list_that_did_not_change_is_not_read_and_a_new_watch_is_served_from_it() -> None:
    asked = Asked(Legisinfo(bill("2022-02-15"), other("S-203", "A constructed bill")))
    asked.poll(C10)
    assert observations(asked.poll(C10)) == []
    both = (C10, DocumentId.parse("ca/bill/44-1/s-203"))
    assert len(observations(asked.poll(*both))) == 2


def test_a_bill_that_is_not_in_the_list_of_its_session_does_not_exist() -> None:
    bill_id = DocumentId.parse("ca/bill/44-1/c-999")
    pages = Asked(Legisinfo(bill("2022-02-15"))).poll(bill_id)
    faults = [(str(fault.document), str(fault.error), fault.standing) for page in pages for fault in page.faults]
    assert faults == [("ca/bill/44-1/c-999", "no such bill at legisinfo", True)]
    (absent,) = observations(pages)
    assert list(absent.facets) == ["absent"]
    step = advance(None, absent, NOW)
    assert step is not None
    there = Asked(Legisinfo(other("C-999", "A constructed bill")))
    (said,) = observations(there.poll(bill_id, known={bill_id: step.record}))
    assert (said.facets["absent"], bool(said.facets["status"])) == ({}, True)


def test_a_bill_that_was_read_before_is_only_missing_from_a_list() -> None:
    known = advance(None, observations(Asked(Legisinfo(bill("2022-02-15"))).poll(C10))[0], NOW)
    assert known is not None
    pages = Asked(Legisinfo(other("S-203", "A constructed bill"))).poll(C10, known={C10: known.record})
    assert [fault.standing for page in pages for fault in page.faults] == [False]
    assert observations(pages) == []


def test_a_search_reads_the_whole_session_as_one_scope() -> None:
    listed = [other(f"C-{n}", f"A constructed bill, number {n}") for n in range(201, 801)]
    pages = Asked(Legisinfo(*listed)).poll(DocumentId.parse("ca/bill/44-1"))
    scoped = [page for page in pages if page.scope]
    assert [len(page.observations) for page in scoped] == [250, 250, 100]
    assert [page.complete for page in scoped] == [False, False, True]


def test_a_bill_of_an_earlier_session_is_read_once_a_day_and_has_died() -> None:
    publisher = Legisinfo(other("C-2", "A constructed bill", session="45-1"))
    publisher.single["/legisinfo/en/bill/44-1/c-10/json"] = bill("2022-03-01")
    asked, now = Asked(publisher), datetime(2026, 6, 1, tzinfo=UTC)
    found = observations(asked.poll(C10, now=now))
    assert found[0].facets["item"][""]["session_ended_on"] == "2025-01-06"
    record = advance(None, found[0], now)
    assert record is not None
    assert [point.status for point in record.record.timeline][-2:] == ["THIRD_READING:SENATE", "LAPSED"]
    asked.poll(C10, now=now + timedelta(hours=23))
    assert asked.paths == ["/legisinfo/en/bills/json"]
    asked.poll(C10, now=now + timedelta(hours=25))
    assert asked.paths == ["/legisinfo/en/bills/json", "/legisinfo/en/bill/44-1/c-10/json"]


@pytest.mark.parametrize("session", ["45-2", "46-1"])
def test_a_session_whose_end_is_not_on_record_ended_when_that_was_first_seen(session: str) -> None:
    """Not once more each day: it was reported as ended again and again, with a correction of the day before."""
    bill_c3 = DocumentId.parse("ca/bill/45-1/c-3")
    publisher = Legisinfo(other("C-2", "A constructed bill", session=session))
    publisher.single["/legisinfo/en/bill/45-1/c-3/json"] = other("C-3", "A constructed bill", session="45-1")
    asked, record, days = Asked(publisher), None, []
    for day in range(5):
        now = datetime(2027, 5, 19, 2, tzinfo=UTC) + timedelta(days=day, minutes=day)
        (found,) = observations(asked.poll(bill_c3, now=now, known={bill_c3: record} if record else {}))
        step = advance(record, found, now)
        assert (step is None) == (day > 0)
        record = step.record if step else record
        days.append(found.facets["item"][""]["session_ended_on"])
    assert days == ["2027-05-18"] * 5, "the day in Ottawa"


def test_a_bill_that_is_gone_is_its_own_fault() -> None:
    pages = Asked(Legisinfo(other("C-2", "A constructed bill", session="45-1"))).poll(C10)
    assert [str(fault.document) for page in pages for fault in page.faults] == ["ca/bill/44-1/c-10"]


def test_what_was_read_before_the_publisher_refuses_us_is_kept_and_the_rest_is_read_next() -> None:
    names = [f"c-{number}" for number in (10, 11, 12)]
    publisher = Legisinfo(other("C-2", "A constructed bill", session="45-1"))
    for name in names:
        one = other(name.upper(), "A constructed bill", session="44-1")
        publisher.single[f"/legisinfo/en/bill/44-1/{name}/json"] = one
    asked = Refusing(publisher, allowed=2)
    bills = [DocumentId.parse(f"ca/bill/44-1/{name}") for name in names]
    read = []
    for _ in range(4):
        with suppress(Unavailable):
            asked.poll(*bills)
        read.append([path.split("/")[-2] for path in asked.paths if "/bill/" in path])
    assert read == [["c-10", "c-11"], ["c-11", "c-12"], ["c-12"], []]


@dataclass
class Refusing(Asked):
    """A poll of a publisher that answers so many requests and then wants to be left alone."""

    allowed: int = 0

    def poll(self, *watched: DocumentId, **how: Any) -> list[Page]:
        self.paths = []
        wanted = dict.fromkeys(watched, frozenset({Kind.STATUS}))
        watcher = source("legisinfo").build(SimpleNamespace(base_url="https://parl.example/legisinfo", options=None))
        pages = []
        for page in watcher.poll(PollRequest(self.cursor, wanted, NOW, Known({})), self._http):
            pages.append(page)
            self.cursor = page.cursor or self.cursor
        return pages

    def _http(self, request: Request) -> Response:
        if len(self.paths) >= self.allowed:
            self.paths.append(request.url)
            raise Unavailable("answered 429", status=429)
        return super()._http(request)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param({"NumberCode": "X-1", "StatusNameEn": "At second reading in the Senate"}, id="no such number"),
        pytest.param({**bill("2022-02-15"), "StatusNameEn": None}, id="no status"),
        pytest.param("a line of text", id="no object"),
    ],
)
def test_one_entry_that_cannot_be_read_does_not_end_the_reading(broken: Any) -> None:
    rows, faults = read_rows(json.dumps([bill("2022-02-15"), broken]).encode())
    assert list(rows) == [C10]
    assert len(faults) == 1


@pytest.mark.parametrize("body", [b"[]", b"{}", b"<html>", b"\xff\xfe", b'[{"a": 1}]'])
def test_an_answer_without_bills_is_no_empty_list(body: bytes) -> None:
    with pytest.raises(Changed):
        read_rows(body)


def test_the_names_of_before_august_2026_are_read_as_well() -> None:
    row = bill("2022-02-15")
    row["BillNumberFormatted"], row["CurrentStatusEn"] = row.pop("NumberCode"), row.pop("StatusNameEn")
    rows, _ = read_rows(answer(row))
    assert rows[C10]["status"] == "House of Commons bill awaiting first reading in the Senate"


@pytest.mark.parametrize("size", [1000, 2000, 4000])
def test_every_byte_of_a_cut_answer_is_refused_or_read(size: int) -> None:
    whole = answer(bill("2022-02-15"))
    with pytest.raises(SourceError):
        read_rows(whole[: min(size, len(whole) - 1)])


class TestOfTheCorpus:
    """The recorded answers for single bills, with the members that the JSON address gives them."""

    pytestmark = pytest.mark.corpus

    @pytest.mark.parametrize("path", sorted(REAL.glob("*.xml")), ids=lambda path: path.name)
    def test_every_bill_has_a_known_status(self, path: Path) -> None:
        stated = ElementTree.parse(path).getroot().find("Bill")
        assert stated is not None
        row = {member.tag: (member.text or "").strip() or None for member in stated}
        page = evidence_of(Response(200, "https://parl.example", {}, answer(row), NOW))
        (document,) = read_rows(page.body)[0]
        parse = reader("legisinfo/1")
        assert parse is not None
        facets = ("item", "title", "status", "actions")
        said = parse_fetched(parse, document, "legisinfo", "legisinfo/1", NOW, dict.fromkeys(facets, (page,)))
        points = CANADA.timeline(document, said.facets)
        assert points[0].status == "INTRODUCED"
        last = points[-1]
        words = CANADA.status_words(last.status, document)
        assert words is not None
        assert words.label == row["StatusNameEn"], "nothing of what the source says is lost"
        assert CANADA.stage(last.status, document, NOW.date()) in CANADA.stages
        assert last.on == str(row["LatestCompletedBillStageDateTime"])[:10]
        assert said.facets["title"]["display"]["text"] in (row["ShortTitleEn"], row["LongTitleEn"])
