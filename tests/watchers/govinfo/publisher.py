"""A publisher in memory that answers as GovInfo does and remembers what it was asked. All bills are constructed.

It stands where the door stands: a callable from Request to Response that raises for what the door would not let pass.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from html import escape
from urllib.parse import urlsplit

from domain.documents import DocumentId
from domain.errors import Refused, SourceError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Fault, Page, PollRequest
from domain.records.detection import NewRevision, advance
from domain.records.facets import DEFAULT_KINDS, digest
from domain.records.record import Record
from domain.sources import Request, Response
from tests.watchers.govinfo.billstatus_files import TWO, written
from watchers.govinfo.watcher import GovInfoWatcher

BASE = "https://www.govinfo.gov"
BILL = us_bill(119, "hr", 9001)
START = datetime(2026, 1, 6, 20, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
REPORTED = ("5000", "9", "Reported by the Committee on Foreign Affairs. H. Rept. 119-999.", None)
Line = tuple[str, str, str, str | None]
RSS = "/rss/billstatus-batch.xml"
LISTING = "/bulkdata/json/BILLSTATUS/119/hr"
SITEMAP = "/sitemap/bulkdata/BILLSTATUS/119hr/sitemap.xml"

Reply = tuple[bytes, str] | SourceError


@dataclass(slots=True)
class File:
    """A bill's file as it lies there, and when it was written."""

    body: bytes = field(default_factory=written)
    at: datetime = START - timedelta(days=2)


@dataclass(slots=True)
class GovInfoServer:
    """`turns` is asked first, with the path, and may answer anything; None leaves it to the files. `batches` are what
    the feed holds, oldest first: a name, a moment, the files. `validators` off means that nothing is conditional."""

    files: dict[DocumentId, File] = field(default_factory=lambda: {BILL: File()})
    batches: list[tuple[str, datetime, tuple[DocumentId, ...]]] = field(default_factory=list)
    turns: Callable[[str], Reply | None] = lambda path: None
    validators: bool = True
    now: datetime = START
    asked: list[Request] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.batches = self.batches or [("BILLSTATUS-2026-01-04T20:00:00Z", START - timedelta(days=2), (BILL,))]

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        path = urlsplit(request.url).path
        reply = self.turns(path) or self._find(path)
        if isinstance(reply, SourceError):
            raise reply
        body, kind = reply
        etag = f'"{digest(body)[:12]}"' if self.validators else ""
        headers = {"content-type": kind} | ({"etag": etag} if etag else {})
        if etag and request.etag == etag:
            return Response(304, request.url, headers, b"", self.now)
        return Response(200, request.url, headers, body, self.now)

    def paths(self) -> list[str]:
        """Return the paths asked so far, and forget them."""
        paths = [urlsplit(request.url).path for request in self.asked]
        self.asked.clear()
        return paths

    def write(self, *actions: Line, bill: DocumentId = BILL, announced: bool = True, **says: object) -> None:
        """Write a bill's file anew, in a batch of its own."""
        stamp = self.now.strftime("%Y-%m-%dT%H:%M:%SZ")
        number = int(bill.parts[2])
        body = written(actions=(*actions, *TWO), updated=stamp, number=number, **says)  # type: ignore[arg-type]
        self.files[bill] = File(body, self.now)
        if announced:
            self.batches.append((f"BILLSTATUS-{stamp}", self.now, (bill,)))

    def _find(self, path: str) -> Reply:
        if path == RSS:
            return feed(self.batches), "application/rss+xml"
        if path == LISTING:
            return listing(self.files), "application/json"
        if path == SITEMAP:
            return sitemap(self.files), "application/xml"
        for bill, file in self.files.items():
            if path == place(bill):
                return file.body, "application/xml"
        return Refused(f"{path}: status 404", status=404)


def place(bill: DocumentId) -> str:
    congress, kind, number = bill.parts
    return f"/bulkdata/BILLSTATUS/{congress}/{kind}/BILLSTATUS-{congress}{kind}{number}.xml"


def feed(batches: list[tuple[str, datetime, tuple[DocumentId, ...]]]) -> bytes:
    """Write the feed: newest first, the files of a batch as links in an escaped page."""
    items = "".join(_item(*batch) for batch in reversed(batches))
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>Batches</title>{items}</channel></rss>'.encode()


def _item(name: str, at: datetime, bills: tuple[DocumentId, ...]) -> str:
    links = "".join(f'<li><a href="{BASE}{place(bill)}">{place(bill)}</a></li>' for bill in bills)
    return f"""<item><title>Bill Status batch</title><guid isPermaLink="false">{name}</guid>
<pubDate>{format_datetime(at)}</pubDate><description>{escape(f"<ul>{links}</ul>")}</description></item>"""


def listing(files: dict[DocumentId, File]) -> bytes:
    """Write a listing: the archive of the folder first, then file by file, with times to the minute."""
    rows = [{"displayLabel": "BILLSTATUS-119-hr.zip", "folder": False, "formattedLastModifiedTime": _plain(START)}]
    for bill, file in files.items():
        name = place(bill).rpartition("/")[2]
        rows.append(
            {
                "displayLabel": name,
                "folder": False,
                "formattedLastModifiedTime": _plain(file.at),
                "justFileName": name,
                "link": f"{BASE}{place(bill)}",
                "name": name,
            }
        )
    return json.dumps({"files": rows}).encode()


def _plain(at: datetime) -> str:
    return at.strftime("%d-%b-%Y %H:%M")


def sitemap(files: dict[DocumentId, File]) -> bytes:
    rows = "".join(
        f"<url><loc>{BASE}{place(bill)}</loc><lastmod>{file.at.strftime('%Y-%m-%dT%H:%M:%S.000Z')}</lastmod></url>"
        for bill, file in files.items()
    )
    return f'<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{rows}</urlset>'.encode()


@dataclass(slots=True)
class GovInfoPoller:
    """Polls a publisher again and again, keeping what the store would keep: cursor and records."""

    bulk: GovInfoServer
    cursor: str | None = None
    records: dict[DocumentId, Record] = field(default_factory=dict)
    pages: list[Page] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)

    def poll(self, after: timedelta = HOUR) -> list[NewRevision]:
        """Let time pass, poll, and return what it meant. `pages` and `faults` are those of this poll."""
        self.bulk.now += after
        self.pages, self.faults = [], []
        return list(self._steps())

    def news(self, after: timedelta = HOUR) -> list[tuple[str, str | None]]:
        """Poll and return the changes a person would hear of, as kind and new value."""
        return [(str(c.kind), c.after) for step in self.poll(after) if step.based_on for c in step.changes]

    def _steps(self) -> Iterator[NewRevision]:
        ask = PollRequest(self.cursor, dict.fromkeys(self.bulk.files, DEFAULT_KINDS), self.bulk.now)
        for page in GovInfoWatcher(BASE).poll(ask, self.bulk):
            self.pages.append(page)
            self.faults += page.faults
            for observation in page.observations:
                step = advance(self.records.get(observation.document), observation, self.bulk.now)
                if step:
                    self.records[observation.document] = step.record
                    yield step
            self.cursor = page.cursor or self.cursor


def followed(bulk: GovInfoServer) -> GovInfoPoller:
    """Return a reader that has had its baseline of this publisher an hour ago."""
    reader = GovInfoPoller(bulk)
    reader.poll()
    bulk.paths()
    return reader
