"""A publisher of texts in memory that answers like govinfo.gov. All texts are constructed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import md5

from domain.documents import DocumentId
from domain.errors import Refused, SourceError
from domain.jurisdictions.us.names import us_bill
from domain.observation import Evidence, Fault, Observation, PollRequest
from domain.records.detection import NewRevision, advance
from domain.records.facets import DEFAULT_KINDS, Facet, Kind
from domain.records.record import Change, Record
from domain.sources import Request, Response
from watchers.texts.watcher import TextsWatcher

BASE = "https://www.govinfo.gov"
BILL = us_bill(119, "hr", 6508)
START = datetime(2026, 1, 6, 20, tzinfo=UTC)
IH, RH = "BILLS-119hr6508ih", "BILLS-119hr6508rh"
NAMES = {IH: ("Introduced in House", "2025-12-09"), RH: ("Reported in House", "2026-01-20")}
FIRST = (
    "Not later than 90 days after the date of the enactment of this Act, the President shall give notice of "
    "withdrawal from the Treaty."
)


def bill_xml(*paragraphs: str, form: str = "IH") -> bytes:
    """Build a bill as GovInfo publishes one."""
    sections = "".join(
        f"<section><enum>{number}.</enum><text display-inline='yes-display-inline'>{text}</text></section>"
        for number, text in enumerate(paragraphs, start=1)
    )
    return (
        '<?xml version="1.0"?>\n<!DOCTYPE bill PUBLIC "-//US Congress//DTDs/bill.dtd//EN" "bill.dtd">\n'
        f"<bill><metadata><dublinCore><dc>{form}</dc></dublinCore></metadata><form><congress>119th CONGRESS</congress>"
        f"<legis-num>H. R. 6508</legis-num><official-title>To withdraw from the Treaty.</official-title></form>"
        f"<legis-body>{sections}</legis-body></bill>"
    ).encode()


def listed(*packages: str) -> Facet:
    """Return the facet `texts` that names these packages, as the API's addresses do."""
    return {
        NAMES[package][0]: {
            "label": NAMES[package][0],
            "on": NAMES[package][1],
            "formats": [{"type": "Formatted Text", "url": f"https://www.congress.gov/119/bills/hr6508/{package}.htm"}],
        }
        for package in packages
    }


@dataclass(slots=True)
class RecordLookupStub:
    """`files` is by address below BASE; `ill` answers instead of everything while it is set."""

    files: dict[str, bytes] = field(default_factory=dict)
    ill: SourceError | None = None
    now: datetime = START
    asked: list[Request] = field(default_factory=list)
    unchanged: int = 0

    def put(self, package: str, body: bytes, form: str = "xml") -> None:
        folder = "xml" if form == "xml" else "html"
        self.files[f"/content/pkg/{package}/{folder}/{package}.{form}"] = body

    def __call__(self, request: Request) -> Response:
        self.asked.append(request)
        if self.ill is not None:
            raise self.ill
        path = request.url.removeprefix(BASE)
        if path not in self.files:
            raise Refused(f"{path}: 404 Not Found", status=404)
        body = self.files[path]
        etag = f'"{md5(body, usedforsecurity=False).hexdigest()}"'
        if request.etag == etag:
            self.unchanged += 1
            return Response(304, request.url, {"etag": etag}, b"", self.now)
        kind = "application/xml" if path.endswith("xml") else "text/html"
        assert kind in request.accept
        return Response(200, request.url, {"content-type": kind, "etag": etag}, body, self.now)


@dataclass(slots=True)
class TextServer:
    """Polls a shelf again and again, keeping what the store would keep."""

    shelf: RecordLookupStub
    kinds: frozenset[Kind] = DEFAULT_KINDS
    cursor: str | None = None
    known: dict[DocumentId, Record] = field(default_factory=dict)
    archive: dict[str, Evidence] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)
    requests: int = 0

    def records(self, documents: object) -> Mapping[DocumentId, Record]:
        return dict(self.known)

    def evidence(self, digest: str) -> Evidence | None:
        return self.archive.get(digest)

    def list(self, *packages: str, bill: DocumentId = BILL) -> None:
        """Let the record name these versions."""
        stated = Observation(bill, "congress", "congress/1", {"texts": listed(*packages)})
        step = advance(self.known.get(bill), stated, self.shelf.now)
        if step:
            self.known[bill] = step.record

    def poll(self, after: timedelta = timedelta(hours=1)) -> list[NewRevision]:
        """Let time pass, poll, and return what it meant."""
        self.shelf.now += after
        self.faults, self.requests = [], 0
        steps = []
        ask = PollRequest(self.cursor, dict.fromkeys(self.known, self.kinds), self.shelf.now, self)
        for page in TextsWatcher(BASE).poll(ask, self.shelf):
            self.faults += page.faults
            self.requests += page.requests
            for observation in page.observations:
                step = advance(self.known.get(observation.document), observation, self.shelf.now)
                if step:
                    self.known[observation.document] = step.record
                    steps.append(step)
                    needed = set(step.evidence.values())
                    self.archive.update({e.digest: e for e in page.evidence if e.digest in needed})
            self.cursor = page.cursor or self.cursor
        return steps

    def news(self, after: timedelta = timedelta(hours=1)) -> list[Change]:
        """Poll and return the changes a person would hear of."""
        return [change for step in self.poll(after) for change in step.changes]


def begun(*packages: str, **options: object) -> TextServer:
    """Return a library that has read these versions, an hour ago."""
    shelf = RecordLookupStub()
    for package in packages:
        shelf.put(package, bill_xml(FIRST))
    library = TextServer(shelf)
    library.list(*packages)
    assert library.news() == []
    shelf.asked.clear()
    return replace(library, **options) if options else library  # type: ignore[arg-type]
