"""How long before a term do its acts usually come?

Plain quantiles of what the chain itself shows, with the number of cases: a comparison, never a verdict. Days are whole
days of the calendar between the day of the act and the day the term starts, in the regime's own dates; negative where
the act came after the start.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from domain.facets import Entry, Facet
from domain.terms import Next, Regime, Term, terms

FEWEST = 3
"""Cases below which no quantiles are told: two renewals are no habit."""

STEPS: Mapping[str, str] = {
    Next.DECREE_SIGNED: "decrees came",
    Next.LAW_ADOPTED: "laws were adopted",
    Next.LAW_SIGNED: "laws were signed",
    "published": "laws were published",
    "in_force": "laws came into force",
}
"""The steps of a renewal whose lead is measured, in their order, with the words for them."""

_ONE_KEY: Mapping[str, str] = {Next.DECREE_SIGNED: "renewals came"}
"""A regime of one key has no decree and no law, but one act that renews it."""


@dataclass(frozen=True, slots=True)
class Lead:
    """How many days before the term one step came, over `cases` renewals: least, quartiles, most."""

    step: str
    words: str
    cases: int
    least: int
    lower: float
    median: float
    upper: float
    most: int


def leads(regime: Regime, facets: Mapping[str, Facet], now: datetime) -> tuple[Lead, ...]:
    """Return the leads of each step over the renewals whose term began by `now` (aware), in the order of the steps.

    Introductions have no lead, and a term that was only inferred has no acts.
    """
    begun = [t for t in terms(regime, facets) if t.number != 0 and t.starts_at <= now and t.confidence != "inferred"]
    days: dict[str, list[int]] = {step: [] for step in STEPS}
    for term in begun:
        for step, on in _dated(term, facets):
            days[step].append((term.starts_at.date() - date.fromisoformat(on)).days)
    return tuple(_lead(regime, step, sorted(found)) for step, found in days.items() if len(found) >= FEWEST)


def lead_of(found: Sequence[Lead], step: str) -> Lead | None:
    """Return the lead of one step, or None where there were too few cases."""
    return next((lead for lead in found if lead.step == step), None)


def spell_lead(lead: Lead) -> str:
    """Say a lead in words: `decrees came 7-25 days before the term (median 14, 19 cases)`."""
    days = str(lead.least) if lead.least == lead.most else f"{lead.least}-{lead.most}"
    return f"{lead.words} {days} days before the term (median {lead.median:g}, {lead.cases} cases)"


def compared(lead: Lead, days_left: int) -> str:
    """Say a lead beside today: `…; today is day 12 and none is seen`."""
    return f"{spell_lead(lead)}; today is day {days_left} and none is seen"


def as_json(lead: Lead) -> dict[str, str | int | float]:
    """Return a lead as plain values: a member of `lead_times` in `status --json`. Days before the term."""
    return {
        "step": lead.step,
        "cases": lead.cases,
        "min": lead.least,
        "lower_quartile": lead.lower,
        "median": lead.median,
        "upper_quartile": lead.upper,
        "max": lead.most,
        "text": spell_lead(lead),
    }


def quantile(ordered: Sequence[int], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the ordered values lie, between two of them in proportion."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _lead(regime: Regime, step: str, ordered: Sequence[int]) -> Lead:
    words = STEPS[step] if regime.two_keys else _ONE_KEY.get(step, STEPS[step])
    lower, median, upper = (round(quantile(ordered, share), 1) for share in (0.25, 0.5, 0.75))
    return Lead(step, words, len(ordered), ordered[0], lower, median, upper, ordered[-1])


def _dated(term: Term, facets: Mapping[str, Facet]) -> Iterator[tuple[str, str]]:
    """Yield the steps of one term's acts whose day is known; a step told of both acts counts once, the later day."""
    own = _day(facets.get("instruments", {}).get(term.instrument, {}))
    if own:
        yield Next.DECREE_SIGNED, own
    adopted = _day(facets.get("approvals", {}).get(term.approval or "", {}))
    if adopted:
        yield Next.LAW_ADOPTED, adopted
    about = {term.instrument, term.approval} - {None}
    for step in (Next.LAW_SIGNED, "published", "in_force"):
        found = [e for e in facets.get("steps", {}).values() if e.get("step") == step and e.get("of") in about]
        last = max(filter(None, map(_day, found)), default=None)
        if last:
            yield step, last


def _day(entry: Entry) -> str | None:
    """Return the legal day of an entry, or None where none is stated."""
    on = str(entry.get("on") or "")[:10]
    return on or None
