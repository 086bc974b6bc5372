"""A Federal Register on loopback or in memory, in the shapes of the real one.

Numbers and days of the notices in `NOTICES` are those of the record (`monitor.service.regimes`); the rest is
*constructed*.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

from domain.errors import Unavailable
from domain.records.facets import digest
from domain.sources import Request, Response
from tests.helpers.http_server import ReceivedRequest, Reply

BASE = "https://register.example.org/api/v1"
TITLES = {
    "eo-13660": "Continuation of the National Emergency With Respect to Ukraine",
    "eo-13222": "Continuation of the National Emergency With Respect to Export Control Regulations",
    "eo-13848": (
        "Continuation of the National Emergency With Respect to Foreign Interference in or Undermining Public "
        "Confidence in United States Elections"
    ),
    "eo-14156": "Continuation of the National Energy Emergency",
}


@dataclass(frozen=True)
class Document:
    number: str
    title: str
    published: str
    signed: str | None = None
    subtype: str = "Notice"
    citation: str | None = None
    corrects: str | None = None
    text: str = ""

    def row(self, base: str) -> dict[str, object]:
        stem = f"{base}/documents"
        return {
            "citation": self.citation,
            "correction_of": f"{stem}/{self.corrects}" if self.corrects else None,
            "document_number": self.number,
            "html_url": f"https://www.federalregister.gov/d/{self.number}",
            "publication_date": self.published,
            "raw_text_url": f"{base}/text/{self.number}.txt",
            "signing_date": self.signed,
            "subtype": self.subtype,
            "title": self.title,
        }


NOTICES = (
    Document("2024-04858", TITLES["eo-13660"], "2024-03-05", "2024-03-04", citation="89 FR 15947"),
    Document("2026-00732", TITLES["eo-14156"], "2026-01-15", "2026-01-12", citation="91 FR 1667"),
    Document("2026-16748", TITLES["eo-13222"], "2026-08-14"),
    Document("2026-18046", TITLES["eo-13848"], "2026-09-02"),
)


def noise(day: str, count: int = 3) -> list[Document]:
    """Compose documents that renew nothing."""
    titles = ("Constitution Day, 2026", "Establishing a Commission", "Continuation of the National Emergency With "
              "Respect to the Constructed Republic")  # fmt: skip
    return [
        Document(f"{day[:4]}-9{day[5:7]}{day[8:]}{n}", titles[n % 3], day, day, "Proclamation") for n in range(count)
    ]


@dataclass
class FederalRegisterServer:
    """What is published up to a day; `page_size` makes it answer in smaller pages than it is asked for."""

    documents: list[Document] = field(default_factory=list)
    page_size: int = 1000
    down: bool = False
    today: str = "9999-12-31"
    asked: list[str] = field(default_factory=list)

    def put(self, *documents: Document) -> None:
        self.documents = [d for d in self.documents if d.number not in {n.number for n in documents}] + [*documents]

    def listed(self, since: str) -> list[Document]:
        found = (d for d in self.documents if since <= d.published <= self.today)
        return sorted(found, key=lambda d: (d.published, d.number), reverse=True)

    def body(self, base: str, path: str, query: dict[str, list[str]]) -> bytes | None:
        if "/text/" in path:
            number = path.rpartition("/")[2].removesuffix(".txt")
            return next((d.text.encode() for d in self.documents if d.number == number), None)
        assert query.get("conditions[type][]", ["PRESDOCU"]) == ["PRESDOCU"], "one type, or what searches look through"
        if "page" not in query:
            number = path.rpartition("/")[2].removesuffix(".json")
            return next((json.dumps(d.row(base)).encode() for d in self.documents if d.number == number), None)
        found = self.listed(query["conditions[publication_date][gte]"][0])[:: -1 if query["order"] == ["oldest"] else 1]
        page = int(query["page"][0])
        shown = found[(page - 1) * self.page_size : page * self.page_size]
        answer: dict[str, object] = {"count": len(found), "total_pages": -(-len(found) // self.page_size)}
        if shown:
            answer["results"] = [d.row(base) for d in shown]
        return json.dumps(answer).encode()

    def http(self, request: Request) -> Response:
        """Answer as an `Http`, at a fixed instant."""
        self.asked.append(request.url)
        if self.down:
            raise Unavailable("the register does not answer", status=503)
        parts = urlsplit(request.url)
        body = self.body(BASE, parts.path, parse_qs(parts.query))
        if body is None:
            raise Unavailable("no such text", status=404)
        tag = f'"{digest(body)[:12]}"'
        fetched = datetime(2026, 1, 1, tzinfo=UTC)
        if request.etag == tag:
            return Response(304, request.url, {}, b"", fetched)
        return Response(200, request.url, {"etag": tag, "content-type": "application/json"}, body, fetched)

    def answer(self, asked: ReceivedRequest) -> Reply:
        """Answer on loopback."""
        self.asked.append(asked.path)
        if self.down:
            return Reply(503, b"down", "text/plain")
        body = self.body(f"http://{asked.headers['host']}/api/v1", asked.path, asked.query)
        if body is None:
            return Reply(404, b"none", "text/plain")
        tag = f'"{digest(body)[:12]}"'
        if asked.headers.get("if-none-match") == tag:
            return Reply(304)
        return Reply(200, body, "application/json" if "/text/" not in asked.path else "text/plain", {"ETag": tag})


def register(*documents: Iterable[Document] | Document) -> FederalRegisterServer:
    """Set up a register of the notices known by date, and others around them."""
    made = FederalRegisterServer([*NOTICES, *(d for day in ("2024-02-20", "2026-01-05", "2026-08-20", "2026-10-06", "2026-11-02")  # noqa: E501
                                 for d in noise(day))])  # fmt: skip
    for each in documents:
        made.put(*([each] if isinstance(each, Document) else each))
    return made
