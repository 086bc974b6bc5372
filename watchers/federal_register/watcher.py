"""What must be remembered between polls, and what does it prove about coverage?

Compact JSON of our own. `through` is when the list last said something new, in seconds since 1970: the next list
reaches back at least that far, so that there is never a gap behind it. `regimes` maps each regime to the first day of
the first list that was read for it; `refused` are documents whose title is alike and whose text says otherwise.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode, urlsplit
from zoneinfo import ZoneInfo

import msgspec

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.errors import Blocked, Changed, SourceError
from domain.observation import Evidence, Fault, Observation, Page, PollRequest
from domain.ports import Http
from domain.records.facets import Entry, digest
from domain.sources import Request, Response
from domain.terms import Coverage
from watchers.federal_register.documents import (
    FIELDS,
    PresidentialDocument,
    RegimeForms,
    TitleMatch,
    confirms,
    document_of,
    folded,
    parse_page,
    recognise,
)

VERSION = 1
FIRST_MONTHS = 14
"""Months that the first list of a regime reaches back: every yearly renewal falls into them."""

USUAL_MONTHS = 4
"""Months that a list reaches back afterwards: the ninety days of a renewal, and what is put right late."""

_WASHINGTON = ZoneInfo("America/New_York")
_MAX_REFUSED = 200


class FederalRegisterCursor(msgspec.Struct, omit_defaults=True):
    v: int = VERSION
    floor: str = ""
    etag: str = ""
    modified: str = ""
    digest: str = ""
    through: int = 0
    regimes: dict[str, str] = {}
    refused: list[str] = []


_DECODER = msgspec.json.Decoder(FederalRegisterCursor)


def load_cursor(text: str | None) -> FederalRegisterCursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    try:
        cursor = _DECODER.decode(text or "{}")
    except ValueError:
        return FederalRegisterCursor()
    return cursor if cursor.v == VERSION else FederalRegisterCursor()


def dump_cursor(cursor: FederalRegisterCursor) -> str:
    """Write a resume position; equal positions give equal text."""
    kept = msgspec.structs.replace(
        cursor, regimes=dict(sorted(cursor.regimes.items())), refused=sorted(cursor.refused)[-_MAX_REFUSED:]
    )
    return msgspec.json.encode(kept).decode()


def first_day(cursor: FederalRegisterCursor, followed: list[DocumentId], now: datetime) -> str:
    """Return the first day the next list has to reach back to. It moves once a month, so that the address of the list
    stays and a conditional request means something."""
    fresh = any(str(regime) not in cursor.regimes for regime in followed)
    day = _months_before(now, FIRST_MONTHS if fresh else USUAL_MONTHS)
    if cursor.through:
        day = min(day, _months_before(datetime.fromtimestamp(cursor.through, UTC), 1))
    return day.isoformat()


def coverage(cursor: str | None, last_good_at: datetime | None, document: DocumentId) -> Coverage:
    """Say since when the documents of a regime have been read without a gap, and until when.

    A poll that finds nothing does not move the cursor: `last_good_at` is when the source last answered well.
    """
    known = load_cursor(cursor)
    since = known.regimes.get(str(document))
    if since is None:
        return Coverage()
    first = datetime.combine(date.fromisoformat(since), time(), _WASHINGTON).astimezone(UTC)
    through = datetime.fromtimestamp(known.through, UTC)
    return Coverage(first, max(through, last_good_at) if last_good_at else through)


def _months_before(moment: datetime, months: int) -> date:
    """Return the first day of the month so many months before."""
    day = moment.astimezone(_WASHINGTON).date().replace(day=1)
    for _ in range(months):
        day = (day - timedelta(days=1)).replace(day=1)
    return day


SOURCE = "federal_register"
READER = "federal_register/1"
PER_PAGE = 1000
MOST_PAGES = 10

_JSON = ("application/json",)
_TEXT = ("text/plain", "text/html")


class FederalRegisterWatcher:
    """Reads the notices, orders and proclamations by which US national emergencies go on or end."""

    name = SOURCE

    def __init__(self, base_url: str) -> None:
        self._base_url = base_url.rstrip("/")

    @property
    def min_interval(self) -> timedelta:
        return timedelta(0)

    def handles(self, document: DocumentId) -> bool:
        return (document.jurisdiction, document.kind) == ("us", "regime")

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what was published and state what of it renews or ends a followed regime.

        Raises SourceError if the list cannot be read; a single row or text that cannot is a fault.
        """
        regimes = _known(request)
        unknown = any(
            regime not in request.lookup.records([regime]) for regime in request.watched if self.handles(regime)
        )
        if regimes or unknown:
            yield from _Poll(http, self._base_url, load_cursor(request.cursor), request, regimes).pages()


def _known(request: PollRequest) -> dict[DocumentId, RegimeForms]:
    """Return the followed regimes that this publisher carries on, with their words, as their records hold them."""
    followed = [document for document in request.watched if document.kind == "regime"]
    found = {}
    for document, record in request.lookup.records(followed).items():
        rules = record.facets.get("item", {}).get("", {})
        if rules.get("source") == SOURCE:
            found[document] = RegimeForms.of(rules.get("recognise", {}))
    return found


@dataclass(slots=True)
class _Poll:
    """One poll while it runs."""

    http: Http
    base_url: str
    cursor: FederalRegisterCursor
    request: PollRequest
    regimes: Mapping[DocumentId, RegimeForms]
    asked: int = 0
    papers: dict[str, PresidentialDocument] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    shown_by: dict[str, str] = field(default_factory=dict)
    texts: dict[str, str] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def pages(self) -> Iterator[Page]:
        since = first_day(self.cursor, list(self.regimes), self.request.now)
        first = self._first(since)
        if first is None:
            yield Page(requests=self.asked)
            return
        self._take(first, since)
        for regime, forms in self.regimes.items():
            observation = self._observation(regime, forms)
            yield Page(observations=(observation,), evidence=self._proof(observation))
        self._note(first, since)
        yield Page(cursor=dump_cursor(self.cursor), faults=tuple(self.faults), requests=self.asked)

    def _proof(self, observation: Observation) -> tuple[Evidence, ...]:
        return tuple(self.evidence[name] for name in dict.fromkeys(observation.evidence.values()))

    def _first(self, since: str) -> Response | None:
        """Ask for the first page; None if it is the one we know, and everything followed was read from it."""
        known = since == self.cursor.floor and all(str(regime) in self.cursor.regimes for regime in self.regimes)
        response = self._get(
            self._address(since, 1),
            _JSON,
            etag=self.cursor.etag or None if known else None,
            modified=self.cursor.modified or None if known else None,
        )
        if response.unchanged or (known and digest(response.body) == self.cursor.digest):
            return None
        return response

    def _take(self, response: Response, since: str) -> None:
        """Read the list to its end: what it counts must be there."""
        rows = 0
        for number in range(1, MOST_PAGES + 1):
            leaf = parse_page(response.body, number)
            rows += leaf.rows
            kept = _evidence(response)
            self.evidence[kept.digest] = kept
            self.faults += [Fault(None, fault) for fault in leaf.faults]
            for paper in leaf.papers:
                self.papers.setdefault(paper.number, paper)
                self.shown_by.setdefault(paper.number, kept.digest)
            if rows >= leaf.count or not leaf.rows:
                break
            response = self._get(self._address(since, number + 1), _JSON)
        if not rows or rows < leaf.count:
            raise Changed(f"list of presidential documents since {since}: expected {leaf.count or 'some'}, saw {rows}")

    def _note(self, first: Response, since: str) -> None:
        cursor = self.cursor
        cursor.floor, cursor.digest = since, digest(first.body)
        cursor.etag, cursor.modified = first.headers.get("etag", ""), first.headers.get("last-modified", "")
        cursor.through = int(self.request.now.timestamp())
        for regime in map(str, self.regimes):
            cursor.regimes[regime] = min(cursor.regimes.get(regime, since), since)

    def _observation(self, regime: DocumentId, forms: RegimeForms) -> Observation:
        """State every act of the list that concerns a regime; an act once stated stays, so that order says nothing."""
        instruments: dict[str, Entry] = {}
        steps: dict[str, Entry] = {}
        proof: dict[str, dict[str, None]] = {"instruments": {}, "steps": {}}
        published: PresidentialDocument | None = None
        for number, paper in sorted(self.papers.items()):
            if paper.corrects:
                continue
            act = self._act(paper, forms)
            if act is not None:
                instruments[str(paper.document)] = instrument_of(paper, act)
                shown_by = {self.shown_by[number]: None, self.texts.get(number, self.shown_by[number]): None}
                proof["instruments"] |= shown_by
                published = paper
        known = self.request.lookup.records([regime]).get(regime)
        acts = {*instruments, *(known.facets.get("instruments", {}) if known else ())}
        for number, paper in sorted(self.papers.items()):
            of = corrected_by(paper)
            if of in acts:
                steps[f"corrected:{paper.document}"] = correction_of(paper, str(of))
                proof["steps"][self.shown_by[number]] = None
        return Observation(
            document=regime,
            source=SOURCE,
            reader=READER,
            facets={"instruments": instruments, "steps": steps},
            evidence={
                facet if place == 1 else f"{facet}/{place}": found
                for facet, digests in proof.items()
                for place, found in enumerate(digests, start=1)
            },
            url=published.url if published else None,
            context={"texts": {n: found for n, found in self.texts.items() if found in proof["instruments"]}},
        )

    def _act(self, paper: PresidentialDocument, forms: RegimeForms) -> str | None:
        """Say what a document does to a regime; where its title is only alike, its text has the word."""
        found = recognise(paper.title, forms)
        if found is None or found.match is TitleMatch.TITLE:
            return found.act if found else None
        if paper.number in self.cursor.refused:
            return None
        text = self._text(paper)
        if text is None:
            return None
        if any(confirms(text, other) for other in (forms, *self.regimes.values())):
            return found.act if confirms(text, forms) else None
        self.cursor.refused.append(paper.number)
        return None

    def _text(self, paper: PresidentialDocument) -> str | None:
        """Read the text of a document, only from the publisher itself; None, and a fault, where that fails."""
        try:
            if urlsplit(paper.text_url or "").netloc != urlsplit(self.base_url).netloc:
                raise Changed(f"{paper.document}: expected the address of its text at the publisher, saw none")
            response = self._get(paper.text_url or "", _TEXT)
        except Blocked:
            raise
        except SourceError as error:
            self.faults.append(Fault(None, error))
            return None
        kept = _evidence(response)
        self.evidence[kept.digest] = kept
        self.texts[paper.number] = kept.digest
        return response.body.decode("utf-8", "replace")

    def _get(
        self, url: str, accept: tuple[str, ...], *, etag: str | None = None, modified: str | None = None
    ) -> Response:
        self.asked += 1
        return self.http(Request(url=url, accept=accept, etag=etag, last_modified=modified))

    def _address(self, since: str, page: int) -> str:
        query = [
            ("conditions[type][]", "PRESDOCU"),
            ("conditions[publication_date][gte]", since),
            ("order", "newest"),
            ("per_page", str(PER_PAGE)),
            ("page", str(page)),
            *(("fields[]", name) for name in FIELDS),
        ]
        return f"{self.base_url}/documents.json?{urlencode(query)}"


def instrument_of(paper: PresidentialDocument, act: str) -> Entry:
    """State an act. When its term begins follows from the regime's anniversary, never from here."""
    entry: dict[str, str | None] = {
        "act": act,
        "on": paper.signed_on,
        "published_on": paper.published_on,
        "text": paper.title,
        "label": _named(paper),
        "confidence": "official",
        "citation": paper.citation,
    }
    return {name: value for name, value in entry.items() if value or name == "on"}


def correction_of(paper: PresidentialDocument, of: str) -> Entry:
    return {
        "step": "corrected",
        "of": of,
        "on": paper.published_on,
        "text": paper.title,
        "label": coded("act.correction", number=paper.number).to_json(),
        "confidence": "official",
    }


def corrected_by(paper: PresidentialDocument) -> str | None:
    """Return what a document corrects: by its field, or where its number says so (`C1-2024-04858`)."""
    if paper.corrects:
        return str(document_of(paper.corrects))
    head, _, rest = paper.number.partition("-")
    is_correction = head[:1] in "CRXZ" and head[1:].isdigit() and "correction" in folded(paper.title)
    return str(document_of(rest)) if is_correction else None


def _named(paper: PresidentialDocument) -> str:
    day = datetime.fromisoformat(paper.signed_on or paper.published_on)
    kind = paper.subtype.replace("_", " ").capitalize() or "Document"
    verb = "of" if paper.signed_on else "published on"
    place = f" ({paper.citation})" if paper.citation else f" ({paper.number})"
    return f"{kind} {verb} {day.day} {day:%B %Y}{place}"


def _evidence(response: Response) -> Evidence:
    return Evidence(
        digest=digest(response.body),
        url=response.url,
        fetched_at=response.fetched_at,
        content_type=response.headers.get("content-type", "application/json"),
        body=response.body,
        etag=response.headers.get("etag"),
        last_modified=response.headers.get("last-modified"),
    )
