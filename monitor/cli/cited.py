"""What has the official record on the documents that an article cites, and where does it differ from the article?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from domain.claims import Claim, Mismatch, OfficialTerm, compare, compare_term, official_steps
from domain.documents import DocumentId, label, public_url
from domain.errors import SourceError
from domain.jurisdictions import jurisdiction_of, status_label
from domain.ports import Http
from domain.records.facets import Facet, Kind
from domain.sources import Request, Response
from monitor.cli.session import Session
from monitor.cli.terminal import Json, print_note

if TYPE_CHECKING:
    from domain.ports import Watcher
    from domain.records.record import Record
    from storage.reader import Reader

Said = Mapping[DocumentId, Sequence[Claim]]

MOST_REQUESTS = 25
"""What `--online` asks of one source about one document, at most."""

MOST_ASKED = 20
"""Documents that `--online` asks about, at most."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a document: the facets of its record, and what `find` answers of it."""

    facets: Mapping[str, Facet]
    answer: Json


def http_of(session: Session) -> Http:
    """Build the client by which publishers, and the address of an article, are asked."""
    from monitor.service.runtime import build_http  # whoever reads a file does not pay for the network

    return build_http(session.load(), session.clock)


def known_of(
    session: Session, reader: Reader | None, documents: Sequence[DocumentId], day: date, *, online: bool
) -> dict[DocumentId, Known]:
    """Return what the record says of those of the documents it holds; of the others, with `online`, the sources."""
    regimes = {one: known for one in documents if (known := _known_regime(session, reader, one, day))}
    names = [str(one) for one in documents if one.kind != "regime"]
    facets = reader.facets(names, None) if reader and names else {}
    found = {DocumentId.parse(name): stated for name, stated in facets.items()}
    if online:
        missing = [one for one in documents if one.kind != "regime" and one not in found][:MOST_ASKED]
        found |= _asked(session, missing)
    now = session.clock()
    return regimes | {one: Known(stated, _answer(one, stated, now)) for one, stated in found.items()}


def _answer(document: DocumentId, facets: Mapping[str, Facet], now: datetime) -> Json:
    """Say where a document stands, by its facets; the members are those of `status --json`."""
    law = jurisdiction_of(document)
    points = law.timeline(document, facets)
    last = points[-1] if points else None
    title = facets.get("title", {}).get("display", {}).get("text")
    absent = "no such document at its source" if facets.get("absent") else None
    return {
        "title": title,
        "status": last and last.status,
        "label": status_label(last.status, document) if last else absent,
        "status_on": last and last.on,
        "status_text": last and last.text,
        "stage": law.stage(last.status, document, law.day(now)) if last else None,
        "introduced_on": law.began_on(document, facets),
        "url": public_url(document),
    }


def _known_regime(session: Session, reader: Reader | None, document: DocumentId, day: date) -> Known | None:
    """Say where a regime stands now, and which term was in force on the day of the article (`then`)."""
    if document.kind != "regime":
        return None
    from monitor.cli.regime_report import regime_answers
    from monitor.service.regimes import FOLDER, find_regime

    folder, now = session.settings.path.parent / FOLDER, session.clock()
    answer = regime_answers(reader, [document], now=now, folder=folder)[document]
    then = regime_answers(reader, [document], now=now, as_of=day, folder=folder)[document]
    recorded = reader.records([str(document)]).get(document) if reader else None
    made = find_regime(document, folder)
    facets = recorded.facets if recorded else made.observation(now).facets if made else {}
    members = ("title", "status", "label", "status_on", "status_text", "stage", "term", "next")
    url = made.regime.look_up if made else None
    return Known(facets, {name: answer[name] for name in members} | {"url": url, "then": then["term"]})


def _asked(session: Session, documents: Sequence[DocumentId]) -> dict[DocumentId, Mapping[str, Facet]]:
    """Ask the configured sources about documents, once each, and keep nothing."""
    from monitor.service.context import build_sources
    from watchers import SOURCES, source

    settings = session.load()
    http, now = http_of(session), session.clock()
    found: dict[DocumentId, Mapping[str, Facet]] = {}
    for name, entry in build_sources(settings).items():
        if name not in SOURCES or not source(name).primary:
            continue
        for document in documents:
            if document not in found and entry.watcher.handles(document):
                record = _record_from(name, entry.watcher, document, http, now)
                if record is not None:
                    found[document] = record.facets
    return found


def _record_from(name: str, watcher: Watcher, document: DocumentId, http: Http, now: datetime) -> Record | None:
    """Return the record by the first page of a source that tells of a document; None where none does."""
    from domain.observation import PollRequest
    from domain.records.detection import advance

    record: Record | None = None
    question = PollRequest(None, {document: frozenset(Kind)}, now)
    try:
        for page in watcher.poll(question, _Limited(http)):
            for observation in page.observations:
                if observation.document == document and (step := advance(record, observation, now)):
                    record = step.record
            if record is not None:
                break
    except SourceError as error:
        print_note(f"{label(document)}: {name} did not answer: {error}")
    return record


class _Limited:
    """An Http that ends after so many requests: nobody reads a whole parliament for one article."""

    def __init__(self, http: Http) -> None:
        self._http, self._left = http, MOST_REQUESTS

    def __call__(self, request: Request) -> Response:
        if self._left == 0:
            raise SourceError(f"more than {MOST_REQUESTS} requests for one document: watch it instead")
        self._left -= 1
        return self._http(request)


def _differences_of(document: DocumentId, said: Sequence[Claim], known: Known, day: date) -> list[Mismatch]:
    """Return where what a text of this day says of a document and its record differ."""
    if document.kind == "regime":
        return _of_terms(document, said, known, day)
    law = jurisdiction_of(document)
    lines = [
        (str(line.get("on") or ""), str(line.get("text") or "")) for line in known.facets.get("actions", {}).values()
    ]
    points = [(point.status, point.on, point.text) for point in law.timeline(document, known.facets)]
    if begun := law.began_on(document, known.facets):
        points.append((f"BEGUN:{document.kind}", begun, ""))
    steps = official_steps(law.claim_forms, points, lines)
    whole = document.kind == "bill" and not {"actions", "status"}.isdisjoint(known.facets)
    return [found for claim in said if (found := compare(claim, steps, complete=whole))]


def _of_terms(document: DocumentId, said: Sequence[Claim], known: Known, day: date) -> list[Mismatch]:
    from domain.terms import regime_of, term_text, terms
    from notifications.translation import ENGLISH

    regime = regime_of(document, known.facets)
    official = [
        OfficialTerm(
            term.number,
            term.starts_at,
            None if term.is_open else term.ends_at,
            ENGLISH.render(term_text(term, regime)) + ("" if term.confidence == "official" else f"; {term.confidence}"),
        )
        for term in terms(regime, known.facets)
    ]
    moment = datetime.combine(day, time(12), ZoneInfo(regime.zone))
    ends = next((claim.value for claim in said if claim.kind == "until"), "")
    return [found for claim in said if (found := compare_term(claim, official, moment, ends))]


def differences(said: Said, known: Mapping[DocumentId, Known], day: date) -> dict[DocumentId, list[Mismatch]]:
    """Return where each document's record differs. What is said of several at once differs only where none agrees."""
    found = {one: _differences_of(one, claimed, known[one], day) for one, claimed in said.items() if one in known}
    agreed = {claim for one in found for claim in set(said[one]) - {mismatch.claim for mismatch in found[one]}}
    return {one: [mismatch for mismatch in own if mismatch.claim not in agreed] for one, own in found.items()}
