"""How does a regime stand at one moment, and how far has the renewal of its term come?

An outage is UNKNOWN, never an expiry: that a term ran out with no successor is only said where the sources were read
without a gap. Nor is it an expiry where an act was seen that may be the successor, and could not be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from domain.coded_text import CodedText, coded
from domain.dates import instant
from domain.records.facets import Entry, Facet
from domain.terms.acts import Regime, acts, approvals, endings, seen_steps, unread
from domain.terms.chain import Term, ended, stated_minute, terms

COVERAGE_BEFORE_END = timedelta(days=30)
"""An expiry is only stated if the sources were read without a gap from this long before the end until now."""

STALE = timedelta(days=1)
"""What "until now" allows: between two polls nobody knows more, but a day without any is a gap."""


class RegimeStatus(StrEnum):
    """How a regime stands; an outage is UNKNOWN, never an expiry."""

    NOT_IN_FORCE = "NOT_IN_FORCE"
    IN_FORCE = "IN_FORCE"
    EXPIRED_NO_SUCCESSOR_SEEN = "EXPIRED_NO_SUCCESSOR_SEEN"
    ENDED = "ENDED"
    ENDED_EARLY = "ENDED_EARLY"
    UNKNOWN = "UNKNOWN"


class Next(StrEnum):
    """How far the renewal of the running term has come."""

    NONE_SEEN = "none_seen"
    BILL_REGISTERED = "bill_registered"
    DECREE_SIGNED = "decree_signed"
    LAW_ADOPTED = "law_adopted"
    LAW_SIGNED = "law_signed"
    IN_FORCE_LATER = "in_force_later"


@dataclass(frozen=True, slots=True)
class Coverage:
    """Since when the sources of a regime have been read without a gap, and until when. Both aware UTC; None: never."""

    since: datetime | None = None
    through: datetime | None = None


@dataclass(frozen=True, slots=True)
class RegimeState:
    """How a regime stands at one moment, with the reason where it cannot be said."""

    status: RegimeStatus
    term: Term | None
    next_state: Next
    next_instrument: str | None
    next_starts_at: datetime | None
    known_through: datetime | None
    reason: CodedText | None


def regime_state(regime: Regime, facets: Mapping[str, Facet], coverage: Coverage, now: datetime) -> RegimeState:
    """Say how a regime stands at `now` (aware), given what was read of it and how well its sources were covered."""
    chain = terms(regime, facets)
    running = next((t for t in chain if t.holds(now)), None)
    past = [t for t in chain if instant(t.ends_at) <= instant(now)]
    term = running or (past[-1] if past else None)
    if running is not None:
        status, reason = RegimeStatus.IN_FORCE, None
    else:
        later = next((t for t in chain if instant(t.starts_at) > instant(now)), None)
        status, reason = _without_a_term(regime, term, later, facets, coverage, now)
    state, instrument, starts_at = _renewal(regime, facets, chain, term, now)
    return RegimeState(status, term, state, instrument, starts_at, coverage.through, reason)


def _without_a_term(
    regime: Regime,
    last: Term | None,
    later: Term | None,
    facets: Mapping[str, Facet],
    coverage: Coverage,
    now: datetime,
) -> tuple[RegimeStatus, CodedText | None]:
    """Say how a regime stands while no known term runs: `last` is the one before, `later` the next one known."""
    if doubt := _unread_since(regime, last, facets):
        return RegimeStatus.UNKNOWN, coded("regime.act_unread", act=doubt)
    if last is not None and _lapse_is_on_record(last, facets):
        return RegimeStatus.ENDED, None
    if last is not None and last.ended_by is not None:
        return RegimeStatus.ENDED_EARLY, None
    if later is not None and later.number != 0:
        since = stated_minute(later.starts_at)
        return RegimeStatus.UNKNOWN, coded("regime.link_missing", act=later.instrument, since=since)
    if last is not None and regime.continues:
        return RegimeStatus.IN_FORCE, _goes_on(regime, last)
    if coverage.through is None:
        return RegimeStatus.UNKNOWN, _unread(regime, last)
    if last is None:
        return RegimeStatus.NOT_IN_FORCE, None
    return _after(last, coverage, now)


def _goes_on(regime: Regime, last: Term) -> CodedText:
    """Say why a regime runs beyond the end of its last term; an end that was computed is said to be."""
    end = stated_minute(last.ends_at)
    if not regime.by_law:
        return coded("regime.goes_on", end=end)
    ended = coded("regime.ended_computed" if last.confidence == "inferred" else "regime.ended", end=end)
    if regime.continues_while is not None:
        return coded("regime.goes_on_while", ended=ended, other=str(regime.continues_while))
    return coded("regime.goes_on_by_law", ended=ended)


def _unread_since(regime: Regime, last: Term | None, facets: Mapping[str, Facet]) -> str | None:
    """Return the last act known by name alone that may have gone on with the regime, or begun it anew."""
    if last is None:
        since = ""
    elif last.ended_by is not None or _lapse_is_on_record(last, facets):
        since = last.ends_at.date().isoformat()
    else:
        since = last.starts_at.date().isoformat()
    later = [(day, subject) for subject, day in unread(regime, facets).items() if day > since]
    return max(later)[1] if later else None


def _unread(regime: Regime, last: Term | None) -> CodedText:
    known = coded("regime.last_term", end=stated_minute(last.ends_at)) if last else coded("regime.no_term")
    if not regime.by_hand:
        return coded("regime.unread", known=known)
    if not regime.look_up:
        return coded("regime.by_hand", known=known)
    return coded("regime.by_hand_at", known=known, address=regime.look_up)


def _after(last: Term, coverage: Coverage, now: datetime) -> tuple[RegimeStatus, CodedText | None]:
    """Report an expiry from an outage after the end of the last known term."""
    wanted_since, end = last.ends_at - COVERAGE_BEFORE_END, stated_minute(last.ends_at)
    if coverage.since is None or instant(coverage.since) > instant(wanted_since):
        since = wanted_since.astimezone(UTC).date().isoformat()
        return RegimeStatus.UNKNOWN, coded("regime.read_with_a_gap", end=end, since=since)
    if coverage.through is None or instant(coverage.through) < instant(last.ends_at):
        return RegimeStatus.UNKNOWN, coded("regime.read_before_the_end", end=end)
    if instant(coverage.through) < instant(now) - STALE:
        through = stated_minute(coverage.through)
        return RegimeStatus.UNKNOWN, coded("regime.not_read_since", end=end, through=through)
    return RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN, None


def _lapse_is_on_record(last: Term, facets: Mapping[str, Facet]) -> bool:
    """Say whether the record has it that this term was the last: on the day of its end, or its last whole day."""
    days = {last.ends_at.date().isoformat(), (last.ends_at - timedelta(microseconds=1)).date().isoformat()}
    return any(_is_lapse(entry) and entry.get("on") in days for entry in facets.get("instruments", {}).values())


def _is_lapse(entry: Entry) -> bool:
    return entry.get("act") == "lapse"


def _renewal(
    regime: Regime, facets: Mapping[str, Facet], chain: tuple[Term, ...], term: Term | None, now: datetime
) -> tuple[Next, str | None, datetime | None]:
    """Say how far the successor of `term` has come: the first act known that goes beyond its end."""
    in_chain = {t.instrument for t in chain}
    after = term.ends_at if term else now
    for act in ended(acts(regime, facets, planned=True), endings(regime, facets)):
        awaited = instant(act.starts_at) > instant(now) or act.subject not in in_chain
        if awaited and instant(act.ends_at) > instant(after) and (term is None or act.subject != term.instrument):
            follows = act.subject in in_chain and (term is None or instant(act.starts_at) <= instant(after))
            state = _stage_of(act.subject, facets, act.subject in in_chain)
            return state if regime.two_keys or not follows else Next.IN_FORCE_LATER, act.subject, act.starts_at
    if named := _unread_since(regime, term, facets):
        state = _stage_of(named, facets, "/law/" in named)
        return Next.LAW_SIGNED if state is Next.IN_FORCE_LATER else state, named, None
    bills = [e for e in facets.get("steps", {}).values() if e.get("step") == "bill_registered"]
    if term and any(str(e.get("on", "")) > term.starts_at.date().isoformat() for e in bills):
        return Next.BILL_REGISTERED, None, None
    return Next.NONE_SEEN, None, None


def _stage_of(act: str, facets: Mapping[str, Facet], approved: bool) -> Next:
    approval = approvals(facets).get(act)
    seen = seen_steps(facets, act, *([approval] if approval else []))
    if "in_force" in seen:
        return Next.IN_FORCE_LATER
    if "law_signed" in seen:
        return Next.LAW_SIGNED
    return Next.LAW_ADOPTED if approval or approved else Next.DECREE_SIGNED
