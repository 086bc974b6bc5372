"""A publisher in memory that answers like api.congress.gov and remembers what it was asked. All bills are constructed.

It stands where the door stands: a callable from Request to Response that raises for what the door would not let pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

from domain.documents import DocumentId
from domain.errors import Refused, SourceError, Unavailable
from domain.jurisdictions.us.names import us_bill
from domain.observation import Fault, Page, PollRequest
from domain.options import Secret
from domain.records.detection import NewRevision, advance
from domain.records.facets import DEFAULT_KINDS, Kind
from domain.records.record import Record
from domain.sources import Request, Response
from watchers.congress.watcher import CongressWatcher

BASE = "https://api.congress.gov/v3"
BILL = us_bill(119, "hr", 6508)
START = datetime(2026, 1, 6, 20, 0, tzinfo=UTC)
KEY = Secret("planted-key", "env:TEST")
COUNTS = {
    "actions": "actions",
    "text": "textVersions",
    "titles": "titles",
    "cosponsors": "cosponsors",
    "committees": "committees",
    "relatedbills": "relatedBills",
    "summaries": "summaries",
}
REFERRED = {
    "actionCode": "H11100",
    "actionDate": "2025-12-09",
    "text": "Referred to the House Committee on Foreign Affairs.",
    "type": "IntroReferral",
    "sourceSystem": {"code": 2, "name": "House floor actions"},
    "committees": [{"name": "Foreign Affairs Committee", "systemCode": "hsfa00"}],
}
INTRODUCED = {
    "actionCode": "Intro-H",
    "actionDate": "2025-12-09",
    "text": "Introduced in House",
    "type": "IntroReferral",
    "sourceSystem": {"code": 9, "name": "Library of Congress"},
}
REPORTED = {
    "actionCode": "5000",
    "actionDate": "2026-01-20",
    "text": "Reported by the Committee on Foreign Affairs. H. Rept. 119-999.",
    "type": "Committee",
    "sourceSystem": {"code": 9, "name": "Library of Congress"},
}
TEXT = {
    "date": "2025-12-09T05:00:00Z",
    "type": "Introduced in House",
    "formats": [{"type": "PDF", "url": "https://www.congress.gov/119/bills/hr6508/BILLS-119hr6508ih.pdf"}],
}


def stamp(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


@dataclass(slots=True)
class Bill:
    """A bill as the publisher has it; `says` overrides members of the item."""

    updated: datetime = START - timedelta(days=2)
    title: str | None = "NATO Act"
    lists: dict[str, list[Any]] = field(default_factory=lambda: {"actions": [REFERRED, INTRODUCED]})
    says: dict[str, Any] = field(default_factory=dict)

    def item(self, document: DocumentId) -> dict[str, Any]:
        counts = {COUNTS[name]: {"count": len(rows)} for name, rows in self.lists.items() if rows}
        return {
            **row(document, self.updated),
            **counts,
            "title": self.title,
            "introducedDate": "2025-12-09",
        } | self.says

    def row(self, document: DocumentId) -> dict[str, Any]:
        """Return the bill's entry in the list of its Congress: title and latest action, no more."""
        actions = self.lists.get("actions", [])
        first = actions[0] if actions else {}
        latest = {"latestAction": {name: first[name] for name in ("actionDate", "text") if name in first}}
        return {**row(document, self.updated), "title": self.title, **latest}

    def summarised(self, document: DocumentId) -> list[dict[str, Any]]:
        """Return the bill's entries in the list of summaries; each row of `summaries` has an `updateDate`."""
        congress, kind, number = document.parts
        bill = {"congress": int(congress), "type": kind.upper(), "number": number, "title": self.title}
        return [{**one, "bill": bill} for one in self.lists.get("summaries", [])]


def row(document: DocumentId, updated: datetime) -> dict[str, Any]:
    """Return a bill's entry in the list of its Congress, where `updateDate` is a bare day."""
    congress, kind, number = document.parts
    return {
        "congress": int(congress),
        "type": kind.upper(),
        "number": number,
        "updateDate": stamp(updated)[:10],
        "updateDateIncludingText": stamp(updated),
    }


Reply = bytes | tuple[int, Any] | SourceError
"""A body as it is, status and JSON, or an error of the door."""


@dataclass(slots=True)
class Publisher:
    """`turns` is asked first, with path and query, and may answer anything; None leaves it to the bills."""

    bills: dict[DocumentId, Bill] = field(default_factory=lambda: {BILL: Bill()})
    turns: Callable[[str, dict[str, str]], Reply | None] = lambda path, query: None
    headers: dict[str, str] = field(default_factory=dict)
    now: datetime = START
    asked: list[Request] = field(default_factory=list)

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        parts = urlsplit(request.url)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        path = parts.path.removeprefix("/v3")
        reply = self.turns(path, query)
        if reply is None:
            reply = self._find(path, query)
        if isinstance(reply, SourceError):
            raise reply
        status, body = (200, reply) if isinstance(reply, bytes) else (reply[0], json.dumps(reply[1]).encode())
        if status not in request.expect:
            raise _door(status)
        return Response(status, request.url, {"content-type": "application/json", **self.headers}, body, self.now)

    def paths(self) -> list[str]:
        """Return the paths asked so far, and forget them."""
        paths = [urlsplit(request.url).path.removeprefix("/v3/bill/") for request in self.asked]
        self.asked.clear()
        return paths

    def _find(self, path: str, query: dict[str, str]) -> Reply:
        match path.strip("/").split("/"):
            case ["bill", congress]:
                since = datetime.fromisoformat(query["fromDateTime"])
                touched = [(b.updated, d) for d, b in self.bills.items() if d.parts[0] == congress]
                found = [self.bills[d].row(d) for updated, d in sorted(touched) if updated >= since]
                return 200, paged("bills", found, query)
            case ["summaries", congress]:
                since = datetime.fromisoformat(query["fromDateTime"])
                found = [one for d, b in self.bills.items() if d.parts[0] == congress for one in b.summarised(d)]
                found = [one for one in found if datetime.fromisoformat(one["updateDate"]) >= since]
                return 200, paged("summaries", sorted(found, key=lambda one: one["updateDate"]), query)
            case ["bill", *parts] if len(parts) in (3, 4):
                document = DocumentId("us", "bill", tuple(parts[:3]))
                if document not in self.bills:
                    return 404, {"error": f"Unknown resource: {path}"}
                if len(parts) == 3:
                    return 200, {"bill": self.bills[document].item(document)}
                return 200, paged(COUNTS[parts[3]], self.bills[document].lists.get(parts[3], []), query)
        return 404, {"error": f"Unknown resource: {path}"}


def _door(status: int) -> SourceError:
    if status == 429 or status >= 500:
        return Unavailable(f"status {status}", status=status)
    return Refused(f"status {status}", status=status)


def paged(name: str, rows: list[Any], query: dict[str, str]) -> dict[str, Any]:
    """Cut a list as the API does: 20 entries unless asked, 250 at most, `next` absent on the last page."""
    limit, offset = min(int(query.get("limit", 20)), 250), int(query.get("offset", 0))
    pages: dict[str, Any] = {"count": len(rows)}
    if offset + limit < len(rows):
        pages["next"] = f"{BASE}/elsewhere?offset={offset + limit}"
    return {name: rows[offset : offset + limit], "pagination": pages}


@dataclass(slots=True)
class CongressPoller:
    """Polls a publisher again and again, keeping what the store would keep: cursor and records."""

    publisher: Publisher
    kinds: frozenset[Kind] = DEFAULT_KINDS - {Kind.HEARING}  # meetings have a list of their own, tested apart
    key: Secret | None = KEY
    only: frozenset[DocumentId] | None = None
    cursor: str | None = None
    records: dict[DocumentId, Record] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def poll(self, after: timedelta = timedelta(minutes=15)) -> list[NewRevision]:
        """Let time pass, poll, and return what it meant. `pages` and `faults` are those of this poll."""
        self.publisher.now += after
        self.pages, self.faults = [], []
        return list(self._steps())

    def news(self, after: timedelta = timedelta(minutes=15)) -> list[tuple[str, str | None]]:
        """Poll and return the changes a person would hear of, as kind and new value."""
        return [(str(c.kind), c.after) for step in self.poll(after) if step.based_on for c in step.changes]

    def _steps(self) -> Iterator[NewRevision]:
        following = dict.fromkeys(self.only or self.publisher.bills, self.kinds)
        ask = PollRequest(self.cursor, following, self.publisher.now)
        for page in CongressWatcher(BASE, self.key).poll(ask, self.publisher):
            self.pages.append(page)
            self.faults += page.faults
            for observation in page.observations:
                step = advance(self.records.get(observation.document), observation, self.publisher.now)
                if step:
                    self.records[observation.document] = step.record
                    yield step
            self.cursor = page.cursor or self.cursor


def followed(publisher: Publisher, **options: Any) -> CongressPoller:
    """Return a reader that has had its baseline of this publisher, hours ago."""
    reader = CongressPoller(publisher, **options)
    reader.poll()
    for _ in range(3):
        reader.poll(timedelta(hours=3))
    publisher.paths()
    return reader


def add(publisher: Publisher, action: dict[str, Any], bill: DocumentId = BILL, at: datetime | None = None) -> None:
    found = publisher.bills[bill]
    found.lists["actions"].insert(0, action)
    found.updated = at or publisher.now
