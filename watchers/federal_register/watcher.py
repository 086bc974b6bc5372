"""Was a national emergency continued, or ended, in the Federal Register?

One conditional request lists the presidential documents of the last months (documented at
federalregister.gov/developers/documentation/api/v1). What is followed says itself by which words it is known: its
record holds them, from its file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import msgspec

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.errors import Blocked, Changed, SourceError, mismatch
from domain.observation import Evidence, Fault, Observation, Page, ParseInput, PollRequest
from domain.ports import Http
from domain.records.facets import Entry, Facet
from domain.sources import Response
from domain.terms import Coverage
from watchers.client import (
    AnswerState,
    ApiClient,
    CursorCodec,
    PublisherWatcher,
    answer_state,
    evidence_of,
    host_of,
    numbered,
)
from watchers.federal_register import is_handled
from watchers.federal_register.documents import (
    FIELDS,
    PresidentialDocument,
    RegimeForms,
    act_of,
    needs_text,
    parse_page,
)
from watchers.federal_register.single_documents import SearchedState, SingleState, read_documents, read_found

FIRST_MONTHS = 14
"""Months that the first list of a regime reaches back: every yearly renewal falls into them."""

USUAL_MONTHS = 4
"""Months that a list reaches back afterwards: the ninety days of a renewal, and what is put right late."""

_WASHINGTON = ZoneInfo("America/New_York")
_MAX_REFUSED = 200


class FederalRegisterCursor(msgspec.Struct, omit_defaults=True):
    """All that is remembered. `regimes`: the first day that was read for each; `refused`: documents whose text is about
    another regime (`2027-90002 us/regime/…`); `unread`: until when everything had been read, of the regimes that a
    document may concern whose text could not be read; 0 is never; `documents`: those that are followed by number;
    `searched`: where the search for others stands."""

    version: int = 1
    floor: str = ""
    answer: AnswerState = AnswerState()
    through: int = 0
    regimes: dict[str, str] = {}
    refused: list[str] = []
    unread: dict[str, int] = {}
    documents: dict[str, SingleState] = {}
    searched: SearchedState = SearchedState()


class _Codec(CursorCodec[FederalRegisterCursor]):
    def dump(self, cursor: FederalRegisterCursor) -> str:
        """Write a resume position: of the documents refused, those of the highest numbers."""
        return super().dump(msgspec.structs.replace(cursor, refused=sorted(cursor.refused)[-_MAX_REFUSED:]))


CODEC = _Codec(FederalRegisterCursor)


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
    known = CODEC.load(cursor)
    since = known.regimes.get(str(document))
    if since is None:
        return Coverage()
    first = datetime.combine(date.fromisoformat(since), time(), _WASHINGTON).astimezone(UTC)
    if str(document) in known.unread:
        complete = known.unread[str(document)]
        return Coverage(first, datetime.fromtimestamp(complete, UTC) if complete else None)
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
MOST_PAGES, MOST_TEXTS = 10, 60
"""Pages of a list, and texts, that are read in one poll; what is left of the texts is read in the next."""

_JSON = ("application/json",)
_TEXT = ("text/plain", "text/html")


class FederalRegisterWatcher(PublisherWatcher):
    """Reads the notices, orders and proclamations by which US national emergencies go on or end."""

    name = SOURCE
    handles = staticmethod(is_handled)

    def poll(self, request: PollRequest, http: Http) -> Iterator[Page]:
        """Ask what was published and state what of it renews or ends a followed regime.

        Raises SourceError if the list cannot be read; a single row or text that cannot is a fault.
        """
        client, cursor = ApiClient(http, self._base_url), CODEC.load(request.cursor)
        yield from read_documents(client, SOURCE, request, cursor.documents)
        if (after := CODEC.dump(cursor)) != (request.cursor or CODEC.dump(FederalRegisterCursor())):
            yield Page(cursor=after)
        regimes = _known(request)
        followed = [document for document in request.watched if document.kind == "regime"]
        if regimes or len(request.lookup.records(followed)) < len(followed):
            yield from _Poll(client, cursor, request, regimes).pages()
        found = yield from read_found(client, SOURCE, request, cursor.searched)
        if found != cursor.searched:
            cursor.searched = found
            yield Page(cursor=CODEC.dump(cursor))


def _known(request: PollRequest) -> dict[DocumentId, RegimeForms]:
    """Return the followed regimes that this publisher carries on, with their words, as their records hold them."""
    followed = [document for document in request.watched if document.kind == "regime"]
    found = {}
    for document, record in request.lookup.records(followed).items():
        rules = record.facets.get("item", {}).get("", {})
        if rules.get("source") == SOURCE:
            found[document] = RegimeForms.of_record(document, record.facets)
    return found


@dataclass(slots=True)
class _Poll:
    """One poll while it runs. `decided` and `withheld` are by regime: the documents of which the text had the word, and
    those of which nothing is said because it was not read, or is about another regime."""

    client: ApiClient
    cursor: FederalRegisterCursor
    request: PollRequest
    regimes: Mapping[DocumentId, RegimeForms]
    shown: dict[str, Shown] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    texts: dict[str, Evidence] = field(default_factory=dict)
    withheld: dict[DocumentId, set[str]] = field(default_factory=dict)
    decided: dict[DocumentId, set[str]] = field(default_factory=dict)
    unread: set[DocumentId] = field(default_factory=set)
    faults: list[Fault] = field(default_factory=list)

    def pages(self) -> Iterator[Page]:
        since = first_day(self.cursor, list(self.regimes), self.request.now)
        first = self._first(since)
        if first is None:
            yield Page(requests=self.client.spent())
            return
        self._take(first, since)
        self._read_texts()
        for regime, forms in self.regimes.items():
            known = self._known(regime)
            withheld = tuple(sorted(self.withheld.get(regime, ())))
            texts = {number: self.texts[number] for number in self.decided.get(regime, ())}
            stated = state_regime(self.shown, texts, forms, known, withheld)
            proof = tuple(self.evidence[name] for name in dict.fromkeys(stated.evidence.values()))
            yield Page(observations=(stated.observation(regime),), evidence=proof)
        self._note(first, since)
        yield Page(cursor=CODEC.dump(self.cursor), faults=tuple(self.faults), requests=self.client.spent())

    def _first(self, since: str) -> Response | None:
        """Ask for the first page; None if it is the one we know, and everything followed was read from it."""
        known = since == self.cursor.floor and all(str(regime) in self.cursor.regimes for regime in self.regimes)
        known = known and not self.cursor.unread
        return self.client.get_if_changed(self._address(since, 1), self.cursor.answer if known else None, accept=_JSON)

    def _take(self, response: Response, since: str) -> None:
        """Read the list to its end: what it counts must be there."""
        for number in range(1, MOST_PAGES + 1):
            list_page = parse_page(response.body, number)
            kept = evidence_of(response, "application/json")
            self.evidence[kept.digest] = kept
            self.faults += [Fault(None, fault) for fault in list_page.faults]
            for paper in list_page.papers:
                self.shown.setdefault(paper.number, (paper, kept.digest))
            rows = len(self.shown) + len(self.faults)
            if rows >= list_page.count or not list_page.rows or number == MOST_PAGES:
                break
            response = self.client.get(self._address(since, number + 1), accept=_JSON)
        if not rows or rows < list_page.count:
            raise Changed(mismatch("/documents.json", "documents: {n}", rows, n=list_page.count or "> 0"))

    def _note(self, first: Response, since: str) -> None:
        cursor = self.cursor
        cursor.floor, cursor.answer = since, answer_state(first)
        now = int(self.request.now.timestamp())
        cursor.unread = {str(regime): cursor.unread.get(str(regime), cursor.through) for regime in self.unread}
        cursor.through = now
        for regime in map(str, self.regimes):
            cursor.regimes[regime] = min(cursor.regimes.get(regime, since), since)

    def _read_texts(self) -> None:
        """Read the texts of documents whose title does not settle which regime they are about. What is on record is not
        read again, nor what is about another regime; until a text is read, nothing is said of its document."""
        left = MOST_TEXTS
        for number, (paper, _) in sorted(self.shown.items(), reverse=True):
            wanted = [regime for regime in self._undecided(paper) if f"{number} {regime}" not in self.cursor.refused]
            if not wanted:
                continue
            text = self._text(paper) if left > 0 else None
            left -= 1
            if text is None:
                self.unread.update(wanted)
                continue
            words = _words(text)
            decided = [regime for regime in wanted if act_of(paper, self.regimes[regime], words) is not None]
            self.cursor.refused += [f"{number} {regime}" for regime in wanted if regime not in decided]
            if decided:
                self.texts[number] = self.evidence[text.digest] = text
            for regime in decided:
                self.withheld[regime].discard(number)
                self.decided.setdefault(regime, set()).add(number)

    def _undecided(self, paper: PresidentialDocument) -> list[DocumentId]:
        """Return the regimes of which a document says nothing without its text, and that do not have it on record."""
        if paper.corrects:
            return []
        found = []
        for regime, forms in self.regimes.items():
            if needs_text(paper, forms, (other for name, other in self.regimes.items() if name != regime)):
                self.withheld.setdefault(regime, set()).add(paper.number)
                if str(paper.document) not in self._known(regime):
                    found.append(regime)
        return found

    def _known(self, regime: DocumentId) -> Facet:
        record = self.request.lookup.records([regime]).get(regime)
        return record.facets.get("instruments", {}) if record else {}

    def _text(self, paper: PresidentialDocument) -> Evidence | None:
        """Read the text of a document, only from the publisher itself; None, and a fault, where that fails."""
        try:
            if host_of(paper.text_url) != host_of(self.client.base_url):
                raise Changed(mismatch(str(paper.document), "the address of its text at the publisher"))
            return evidence_of(self.client.get(paper.text_url or "", accept=_TEXT), "text/plain")
        except Blocked:
            raise
        except SourceError as error:
            self.faults.append(Fault(None, error))
            return None

    def _address(self, since: str, page: int) -> str:
        query = [
            ("conditions[type][]", "PRESDOCU"),
            ("conditions[publication_date][gte]", since),
            ("order", "newest"),
            ("per_page", str(PER_PAGE)),
            ("page", str(page)),
            *(("fields[]", name) for name in FIELDS),
        ]
        return f"{self.client.base_url}/documents.json?{urlencode(query)}"


Shown = tuple[PresidentialDocument, str]
"""A document of the list, and the digest of the page that shows it."""


@dataclass(frozen=True, slots=True)
class StatedRegime:
    """What the list says of a regime. `evidence` are the pages and texts that say so, `texts` those texts by number,
    `withheld` the documents of which nothing is said."""

    facets: Mapping[str, Facet]
    evidence: Mapping[str, str]
    texts: Mapping[str, str]
    withheld: tuple[str, ...]
    url: str | None

    def observation(self, regime: DocumentId) -> Observation:
        context = {"texts": self.texts, "withheld": list(self.withheld)}
        return Observation(regime, SOURCE, READER, self.facets, self.evidence, url=self.url, context=context)


def state_regime(
    shown: Mapping[str, Shown],
    texts: Mapping[str, Evidence],
    forms: RegimeForms,
    known: Facet,
    withheld: Collection[str] = (),
) -> StatedRegime:
    """State every act of the list that concerns a regime; `known` are its acts on record. An act once stated stays, so
    that order says nothing."""
    instruments: dict[str, Entry] = {}
    steps: dict[str, Entry] = {}
    proof: dict[str, dict[str, None]] = {"instruments": {}, "steps": {}}
    used: dict[str, str] = {}
    url = None
    for number, (paper, page) in sorted(shown.items()):
        text = texts.get(number) if number not in withheld else None
        act = None
        if not paper.corrects and number not in withheld:
            act = act_of(paper, forms, _words(text) if text else None)
        if act is not None:
            instruments[str(paper.document)] = instrument_of(paper, act)
            proof["instruments"][page] = None
            if text is not None:
                used[number] = text.digest
                proof["instruments"][text.digest] = None
            url = paper.url
    for _, (paper, page) in sorted(shown.items()):
        if paper.corrected and str(paper.corrected) in {*instruments, *known}:
            steps[f"corrected:{paper.document}"] = correction_of(paper)
            proof["steps"][page] = None
    evidence = {n: one for facet, digests in proof.items() for n, one in numbered(facet, list(digests)).items()}
    return StatedRegime({"instruments": instruments, "steps": steps}, evidence, used, tuple(withheld), url)


def parse_regime(given: ParseInput) -> Iterator[Observation]:
    """Read pages of the list and texts (`federal_register/1`), by the words that the regime's record holds."""
    if given.before is None:
        raise LookupError(f"nothing was known of {given.document}")
    forms = RegimeForms.of_record(given.document, given.before.facets)
    names = {str(number): str(name) for number, name in given.context.get("texts", {}).items()}
    texts = {number: given.archive.evidence(name) for number, name in names.items()}
    shown: dict[str, Shown] = {}
    pages = [name for name in dict.fromkeys(given.named.values()) if name not in names.values()]
    for place, name in enumerate(pages, start=1):
        for paper in parse_page(given.archive.evidence(name).body, place).papers:
            shown.setdefault(paper.number, (paper, name))
    withheld = [str(number) for number in given.context.get("withheld", ())]
    stated = state_regime(shown, texts, forms, given.before.facets.get("instruments", {}), withheld)
    yield given.observation(stated.facets, url=stated.url)


def _words(text: Evidence) -> str:
    return text.body.decode("utf-8", "replace")


def instrument_of(paper: PresidentialDocument, act: str) -> Entry:
    """State an act. When its term begins follows from the regime's anniversary, never from here."""
    entry: dict[str, str | None] = {
        "act": act,
        "on": paper.signed_on,
        "published_on": paper.published_on,
        "text": paper.title,
        "label": _named(paper).to_json(),
        "confidence": "official",
        "citation": paper.citation,
    }
    return {name: value for name, value in entry.items() if value or name == "on"}


def correction_of(paper: PresidentialDocument) -> Entry:
    return {
        "step": "corrected",
        "of": str(paper.corrected),
        "on": paper.published_on,
        "text": paper.title,
        "label": coded("act.correction", number=paper.number).to_json(),
        "confidence": "official",
    }


def _named(paper: PresidentialDocument) -> CodedText:
    kind = paper.subtype.replace("_", " ").capitalize() or coded("paper.document")
    code = "paper.signed" if paper.signed_on else "paper.published"
    day = (paper.signed_on or paper.published_on)[:10]
    return coded(code, kind=kind, on=day, place=paper.citation or paper.number)
