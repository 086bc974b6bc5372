"""Where does a regime stand, and how is the list of its terms shown to a person?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from domain.coded_text import CodedText, coded
from domain.dates import instant, iso_utc
from domain.documents import DocumentId, label
from domain.records.facets import Entry, Facet
from domain.records.record import Record
from domain.sources import SourceState
from domain.terms import (
    Coverage,
    Regime,
    RegimeState,
    RegimeStatus,
    Term,
    checks,
    regime_of,
    regime_state,
    term_text,
    terms,
)
from domain.terms.reminders import as_json, days_left, leads
from monitor.cli.terminal import print_rows
from monitor.service.regimes import find_regime, proven_coverage
from notifications.translation import ENGLISH

if TYPE_CHECKING:
    from storage.reader import Reader


TERM_HEADERS = ("Term", "From", "To", "Length", "Act", "Approved by", "Known from")


def print_terms(record: Record) -> None:
    """Write the terms of a recorded regime, oldest first, in its own wall time; nothing where none is known."""
    regime = regime_of(record.document, record.facets)
    chain = terms(regime, record.facets)
    if not chain:
        return
    click.echo(f"{regime.title} ({regime.zone})")
    print_rows(TERM_HEADERS, list(_term_rows(regime, chain)), spare=("Length", "Approved by"))
    click.echo()


def _term_rows(regime: Regime, chain: Iterable[Term]) -> Iterator[list[str | None]]:
    for term in chain:
        early = " (early)" if term.ended_by else ""
        yield [
            term.episode if regime.by_law else _role(term),
            ENGLISH.moment(term.starts_at),
            "until an act ends it" if term.is_open else ENGLISH.moment(term.ends_at) + early,
            term.length,
            _act_label(regime, term.instrument),
            _act_label(regime, term.approval),
            term.confidence,
        ]


def _role(term: Term) -> str:
    """Name a term by its episode and its place in it; a place is unknown while a link before it is missing."""
    place = "introduction" if term.number == 0 else f"extension {term.number if term.number is not None else '?'}"
    return f"{term.episode} {place}"


def _lead_row(lead: Mapping[str, str | int | float]) -> Json:
    return {**lead, "text": ENGLISH.render(str(lead["text"]))}


def _act_label(regime: Regime, subject: str | None) -> str | None:
    """Name an act as people do; a term that only its neighbours fix has none."""
    if subject is None or not subject.startswith(f"{regime.document.jurisdiction}/"):
        return None
    return label(DocumentId.parse(subject)).removeprefix(f"{regime.document.jurisdiction.upper()} ")


Json = dict[str, Any]

_DATED = ("instruments", "approvals", "steps")
_LABELS = {
    RegimeStatus.NOT_IN_FORCE: "Not in force",
    RegimeStatus.IN_FORCE: "In force",
    RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN: "Expired, no renewal seen",
    RegimeStatus.ENDED: "Ended",
    RegimeStatus.ENDED_EARLY: "Ended early",
    RegimeStatus.UNKNOWN: "Not known",
}
_STAGES = {RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN: "expired", RegimeStatus.ENDED_EARLY: "ended"}


def regime_answers(
    reader: Reader | None,
    documents: Iterable[DocumentId],
    *,
    now: datetime,
    as_of: date | None = None,
    known_at: datetime | None = None,
    folder: Path | None = None,
) -> dict[DocumentId, Json]:
    """Answer for the regimes among `documents` from the record as it was known, or the history kept in their files
    alone; `folder` holds those of the user."""
    asked = [document for document in documents if document.kind == "regime"]
    if not asked:
        return {}
    sources = {state.name: state for state in reader.sources()} if reader else {}
    recorded = _recorded_facets(reader, asked, known_at)
    found: dict[DocumentId, Json] = {}
    for document in asked:
        facets = recorded.get(document)
        covered = _coverage(sources.get(_source(document, facets)), document, known_at)
        if facets is None:
            facets = _file_facets(document, folder, min(now, known_at or now))
        answer = regime_answer(document, facets, covered, now=now, as_of=as_of, folder=folder)
        if (other := answer["barred_while"]) is not None:
            known = found
            if other not in found:
                known = regime_answers(reader, [other], now=now, as_of=as_of, known_at=known_at, folder=folder)
            answer = answer | {"barred_while": _bar(other, known[other])}
        found[document] = answer
    return found


def _bar(regime: DocumentId, answer: Json) -> Json:
    """Return what bars an election: the regime, and how it stands itself."""
    return {"id": str(regime), "status": answer["status"], "ends_at": (answer["term"] or {}).get("ends_at")}


def _recorded_facets(
    reader: Reader | None, documents: Sequence[DocumentId], known_at: datetime | None
) -> Mapping[DocumentId, Mapping[str, Facet]]:
    """Return what the record holds of regimes, as of now in one question, else as it was known at a moment."""
    if reader is None:
        return {}
    if known_at is None:
        return {document: record.facets for document, record in reader.records(list(map(str, documents))).items()}
    found = {}
    for document in documents:
        numbers = [number for number, known_from in reader.revisions(str(document)) if known_from <= known_at]
        stored = reader.revision(str(document), max(numbers)) if numbers else None
        if stored:
            found[document] = stored.record.facets
    return found


def _source(document: DocumentId, facets: Mapping[str, Facet] | None) -> str:
    """Return the publisher that carries a regime on, as its record says; its file is the slower answer."""
    stated = (facets or {}).get("item", {}).get("", {}).get("source")
    if stated is not None:
        return str(stated)
    found = find_regime(document)
    return found.source if found else ""


def _coverage(source: SourceState | None, document: DocumentId, known_at: datetime | None) -> Coverage:
    """Return what the publisher's resume position proves, no further than what was known."""
    if source is None:
        return Coverage()
    found = proven_coverage(source, document)
    if known_at is None or found.through is None or found.through <= known_at:
        return found
    return Coverage(found.since, known_at)


def regime_answer(
    document: DocumentId,
    facets: Mapping[str, Facet] | None,
    coverage: Coverage,
    *,
    now: datetime,
    as_of: date | None = None,
    folder: Path | None = None,
) -> Json:
    """Return the members that a regime's status has beyond those of any document.

    `facets` is the record as it was known, None when nothing is recorded yet: then the shipped history answers, and
    what it cannot know is UNKNOWN. `as_of` means the end of that day in the regime's zone, and leaves out acts dated
    later. `now` is aware.
    """
    known = facets if facets is not None else _file_facets(document, folder, now)
    if known is None:
        return _shape(document, None, None, coded("regime.no_history"), coverage)
    regime = _rules(document, known, folder)
    moment = now if as_of is None else _end_of(as_of, regime.zone)
    seen = known if as_of is None else _facets_by(as_of, known)
    found = regime_state(regime, seen, coverage, moment)
    after = next((term for term in terms(regime, seen) if instant(term.starts_at) > instant(moment)), None)
    return _shape(document, regime, found, None, coverage) | {
        "next_term": _term(document, after) if after else None,
        "checks": [ENGLISH.render(check.sentence) for check in checks(regime, seen)],
        "days_left": _days_left(found, moment),
        "lead_times": [_lead_row(as_json(lead)) for lead in leads(regime, seen, moment)],
    }


def _days_left(found: RegimeState, now: datetime) -> int | None:
    """Return the days left of the running term, begun ones counted; None where none runs, or no end is stated."""
    term = found.term
    return days_left(term.ends_at, now) if term and term.holds(now) and not term.is_open else None


def _rules(document: DocumentId, facets: Mapping[str, Facet], folder: Path | None) -> Regime:
    """Return how a regime is computed: as its record says, or as its file does where a publisher alone stated it."""
    found = find_regime(document, folder) if "zone" not in facets.get("item", {}).get("", {}) else None
    return found.regime if found else regime_of(document, facets)


def _file_facets(document: DocumentId, folder: Path | None, now: datetime) -> Mapping[str, Facet] | None:
    found = find_regime(document, folder)
    return found.observation(now).facets if found else None


def _end_of(day: date, zone: str) -> datetime:
    return datetime.combine(day + timedelta(days=1), time.min, ZoneInfo(zone)) - timedelta(microseconds=1)


def _facets_by(day: date, facets: Mapping[str, Facet]) -> dict[str, Facet]:
    """Leave out what happened after a day; an entry without a date counts from the term it sets."""
    last = day.isoformat()
    return {
        name: {k: e for k, e in facet.items() if _happened(e) <= last} if name in _DATED else facet
        for name, facet in facets.items()
    }


def _happened(entry: Entry) -> str:
    return str(entry.get("on") or entry.get("published_on") or entry.get("starts_at") or "")[:10]


def _shape(
    document: DocumentId,
    regime: Regime | None,
    found: RegimeState | None,
    reason: CodedText | None,
    coverage: Coverage,
) -> Json:
    status = found.status if found else RegimeStatus.UNKNOWN
    term = found.term if found else None
    coded_reason = found.reason if found else reason
    said = ENGLISH.render(coded_reason) if coded_reason else None
    return {
        "title": regime.title if regime else None,
        "status": str(status),
        "label": _label(status, regime, found),
        "doubt": said if status is RegimeStatus.UNKNOWN else None,
        "stage": _STAGES.get(status, status.lower()),
        "status_on": _since(status, term, past=bool(regime and regime.by_law and found and found.reason)),
        "status_text": ENGLISH.render(term_text(term, regime)) if term and regime else None,
        "known_through": iso_utc(coverage.through),
        "reason": said,
        "term": _term(document, term) if term else None,
        "next": {
            "state": str(found.next_state) if found else "none_seen",
            "instrument": _act_identity(document, found.next_instrument) if found else None,
            "starts_at": found.next_starts_at.isoformat() if found and found.next_starts_at else None,
        },
        "next_term": None,
        "scope": list(term.scope) if term else [],
        "checks": [],
        "days_left": None,
        "lead_times": [],
        "basis": [dict(zip(("says", "article", "address"), one, strict=True)) for one in regime.basis]
        if regime
        else [],
        "barred_while": regime.barred_while if regime else None,
        "by_law": bool(regime and regime.by_law),
    }


def _label(status: RegimeStatus, regime: Regime | None, found: RegimeState | None) -> str:
    """Return the status in plain words; a term of office is not in force, it runs, or its end has passed."""
    if regime is None or not regime.by_law or status is not RegimeStatus.IN_FORCE:
        return _LABELS[status]
    return "Past the end of its term" if found and found.reason else "Term runs"


def _since(status: RegimeStatus, term: Term | None, *, past: bool) -> str | None:
    """The day the present standing began, where that is known; `past` of an office that goes on after its term."""
    if term is None or status is RegimeStatus.UNKNOWN:
        return None
    runs = status is RegimeStatus.IN_FORCE and not past
    return (term.starts_at if runs else term.ends_at).date().isoformat()


def _act_identity(document: DocumentId, subject: str | None) -> str | None:
    """Return the identity of an act; a term that only its neighbours fix, or that a file states by hand, has none."""
    return subject if subject is not None and subject.startswith(f"{document.jurisdiction}/") else None


def _term(document: DocumentId, term: Term) -> Json:
    return {
        "episode": term.episode,
        "number": term.number,
        "starts_at": term.starts_at.isoformat(),
        "ends_at": None if term.is_open else term.ends_at.isoformat(),
        "length": term.length,
        "instrument": _act_identity(document, term.instrument),
        "approval": term.approval,
        "confidence": term.confidence,
    }
