"""What lies ahead of a document, as far as it is known today?

Ends and starts of terms, the steps of the ladder before an end, anniversaries, hearings, and the end of a Congress.
Pure: from what the record says now; what comes may still change it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from domain.documents import DocumentId, congress_end, ordinal
from domain.jurisdictions.us.statuses import stage
from domain.records.facets import Entry, Facet
from domain.terms import Regime, Term, instant, minute, terms
from domain.terms.reminders import lacking, steps_ahead

WASHINGTON = ZoneInfo("America/New_York")
_OPEN_STAGES = frozenset(
    {
        "reserved",
        "introduced",
        "in_committee",
        "reported",
        "passed_one_chamber",
        "resolving_differences",
        "awaiting_president",
        "stalled",
        "unknown",
    }
)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One thing to come. `on` is its day where it happens, `at` its moment (aware) where a time of day is known.

    `kind`: `end` of a term, `anniversary` (the end of one that runs by anniversaries), `start` of one, `reminder` (a
    step of the ladder), `hearing`, or `congress` (its end).
    """

    on: date
    at: datetime | None
    kind: str
    what: str

    def is_within(self, now: datetime, until: datetime) -> bool:
        """Say whether it comes after `now` and by `until` (aware); a day without a time counts as a whole."""
        if self.at is not None:
            return instant(now) < instant(self.at) <= instant(until)
        return now.date() <= self.on <= until.date()


def upcoming_of_regime(regime: Regime, facets: Mapping[str, Facet], now: datetime) -> Iterator[Upcoming]:
    """Yield the starts and ends of every term known to lie ahead, and the reminders of the running one's end."""
    missing = lacking(regime, facets, now)
    wanting = f", {missing}" if missing else ""
    for term in terms(regime, facets):
        role = "introduction" if term.number == 0 else f"extension {term.number}" if term.number else "extension"
        if instant(term.starts_at) > instant(now):
            what = f"{role} starts {minute(term.starts_at)} ({regime.zone}){wanting}"
            yield Upcoming(term.starts_at.date(), term.starts_at, "start", what)
        if instant(term.ends_at) > instant(now) and not term.is_open:
            then = (wanting or _then(regime, term)) if term.holds(now) else ""
            what = f"{role} ends {minute(term.ends_at)} ({regime.zone}){then}"
            yield Upcoming(_last_day(term), term.ends_at, "anniversary" if regime.anniversary else "end", what)
    for at, days, missing in steps_ahead(regime, facets, now):
        what = f"reminder: {days} day{'s' if days != 1 else ''} left, {missing} so far"
        yield Upcoming(at.date(), at, "reminder", what)


def upcoming_of_bill(
    document: DocumentId, status: str | None, facets: Mapping[str, Facet], now: datetime
) -> Iterator[Upcoming]:
    """Yield the hearings of a bill, and the end of its Congress while something can still become of it."""
    yield from hearings(facets)
    end = congress_end(int(document.parts[0]))
    noon = datetime.combine(end, time(12), WASHINGTON)
    if stage(status or "INTRODUCED", document, now.astimezone(WASHINGTON).date()) in _OPEN_STAGES:
        what = f"the {ordinal(int(document.parts[0]))} Congress ends; what is not law by then lapses"
        yield Upcoming(end, noon, "congress", what)


def hearings(facets: Mapping[str, Facet]) -> Iterator[Upcoming]:
    """Yield the hearings stated of a document, cancelled ones left out."""
    for entry in facets.get("hearings", {}).values():
        at = _moment(entry)
        day = at.date() if at else _day(entry)
        if day is not None and str(entry.get("state", "")).lower() not in ("cancelled", "canceled", "postponed"):
            yield Upcoming(day, at, "hearing", str(entry.get("label") or entry.get("text") or "hearing"))


def _then(regime: Regime, term: Term) -> str:
    if term.ended_by:
        return "; an act ends it early"
    return "; it goes on until an act ends it" if regime.continues else "; its renewal is in force"


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
