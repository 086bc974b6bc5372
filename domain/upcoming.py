"""What lies ahead of a document, as far as it is known today?

Ends and starts of terms, reminders before an end, anniversaries, hearings, and the end of a session.
Pure: from what the record says now; what comes may still change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.records.facets import Entry, Facet
from domain.terms import Regime, Term, instant, terms
from domain.terms.chain import stated_minute
from domain.terms.reminders import lacking, steps_ahead


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One thing to come. `on` is its day where it happens, `at` its moment (aware) where a time of day is known.

    `kind`: `end` of a term, `anniversary` (the end of one that runs by anniversaries), `start` of one, `reminder`
    (before an end), `election` on a day fixed by law, `hearing`, or what its jurisdiction calls the end of a session.
    `key` names it among those of its kind and document for ever, wherever it moves to; "" where `what` does.
    """

    on: date
    at: datetime | None
    kind: str
    what: str
    key: str = ""

    def is_within(self, now: datetime, until: datetime) -> bool:
        """Say whether it comes after `now` and by `until` (aware); a day without a time counts as a whole."""
        if self.at is not None:
            return instant(now) < instant(self.at) <= instant(until)
        return now.date() <= self.on <= until.date()


def upcoming_of_regime(regime: Regime, facets: Mapping[str, Facet], now: datetime) -> Iterator[Upcoming]:
    """Yield the starts and ends of every term known to lie ahead, and the reminders of the running one's end."""
    missing = lacking(regime, facets, now)
    for on, election, article in regime.elections:
        if on >= now.date().isoformat():
            said = coded("ahead.election", what=election, article=article).to_json()
            yield Upcoming(date.fromisoformat(on), None, "election", said, f"election/{on}")
    for term in terms(regime, facets):
        role = coded("ahead.term_of_office") if regime.by_law else _role(term)
        key = f"{term.episode}/{term.instrument}"
        if instant(term.starts_at) > instant(now):
            what = coded("ahead.starts", role=role, at=stated_minute(term.starts_at), zone=regime.zone)
            yield Upcoming(term.starts_at.date(), term.starts_at, "start", _wanting(what, missing), key)
        if instant(term.ends_at) > instant(now) and not term.is_open:
            what = coded("ahead.ends", role=role, at=stated_minute(term.ends_at), zone=regime.zone)
            said = what.to_json()
            if term.holds(now):
                said = _wanting(what, missing) if missing else _then(what, regime, term)
            kind = "anniversary" if regime.anniversary else "end"
            yield Upcoming(_last_day(term), term.ends_at, kind, said, key)
    for at, days, lacks in steps_ahead(regime, facets, now):
        missed = coded("ahead.reminder", n=days, renewal=lacks)
        what = coded("ahead.reminder_by_law", n=days) if regime.by_law else missed
        yield Upcoming(at.date(), at, "reminder", what.to_json())


def _role(term: Term) -> CodedText:
    if term.number == 0:
        return coded("ahead.introduction")
    return coded("ahead.extension", number=term.number) if term.number else coded("ahead.extension_unnumbered")


def _wanting(what: CodedText, missing: CodedText | None) -> str:
    return (coded("ahead.with_renewal", what=what, renewal=missing) if missing else what).to_json()


def upcoming_of_document(
    document: DocumentId, status: str | None, facets: Mapping[str, Facet], now: datetime
) -> Iterator[Upcoming]:
    """Yield the hearings of a document, and what its law lets come: the end of its session, while it is open."""
    yield from hearings(facets)
    yield from jurisdiction_of(document).upcoming(document, status, facets, now)


def hearings(facets: Mapping[str, Facet]) -> Iterator[Upcoming]:
    """Yield the hearings stated of a document, cancelled ones left out."""
    for subject, entry in facets.get("hearings", {}).items():
        if not is_called_off(entry) and (found := hearing(subject, entry)) is not None:
            yield found


def hearing(subject: str, entry: Entry) -> Upcoming | None:
    """Return a hearing by its entry; None where no day is stated."""
    at = _moment(entry)
    day = at.date() if at else _day(entry)
    what = str(entry.get("label") or entry.get("text") or "hearing")
    return None if day is None else Upcoming(day, at, "hearing", what, subject)


def is_called_off(entry: Entry) -> bool:
    """Say whether a hearing does not take place on its day, or no longer concerns the document."""
    return str(entry.get("state", "")).lower() in ("cancelled", "canceled", "postponed", "dropped")


def _then(what: CodedText, regime: Regime, term: Term) -> str:
    """Say beside an end for which nothing is wanting why it is none."""
    code = "ended_early" if term.ended_by else "continues" if regime.continues else "renewed"
    if regime.by_law and not term.ended_by:
        code = "continues_by_law" if regime.continues else "by_law"
    return coded("ahead.with_note", what=what, note=coded(f"ahead.{code}")).to_json()


def _last_day(term: Term) -> date:
    """Return the last day of a term: one that ends at midnight ran to the day before."""
    return (term.ends_at - timedelta(microseconds=1)).date()


def _moment(entry: Entry) -> datetime | None:
    """Read `starts_at`, an aware moment; one without an offset says no more than its day."""
    try:
        found = datetime.fromisoformat(str(entry.get("starts_at") or ""))
    except ValueError:
        return None
    return found if found.tzinfo is not None else None


def _day(entry: Entry) -> date | None:
    try:
        return date.fromisoformat(str(entry.get("starts_at") or entry.get("on") or "")[:10])
    except ValueError:
        return None
