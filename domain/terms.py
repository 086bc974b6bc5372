"""Which regime is in force, from when to when, by which acts, and what comes next?

A regime (martial law, an emergency, a sanctions package) runs in terms. Its record keeps what was seen of it in three
facets, each entry once stated kept for good:

- `instruments`: the acts that set a term. Subject: the act's identity. `act` is `introduction`, `extension`, `end` or
  `lapse`; `starts_at` local wall time (`2025-11-05T05:30`); `length` (`90 days`, `3 months`, `1 year`) or `ends_at`
  (local wall time, exclusive); `on` the day it was signed; `confidence` official, secondary or inferred.
- `approvals`: the acts without which an instrument is not valid. `approves` names it, `on` is the day of adoption.
- `steps`: what else was seen on the way (`bill_registered`, `law_signed`, `in_force`), with `of` naming the act.

How the regime is reckoned stands in its `item` facet (`zone`, `two_keys`), so that a record explains itself.

Terms are reckoned in the regime's own wall time (rule 7): ninety days across a change of clocks are ninety days.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

from domain.facets import Entry, Facet
from domain.identity import DocumentId

COVERAGE_BEFORE_END = timedelta(days=30)
"""An expiry is only stated if the sources were read without a gap from this long before the end until now."""


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
class Regime:
    """What is needed to reckon a regime's terms. `zone` is an IANA name; `two_keys` says that an instrument is valid
    only with an approval (in Ukraine a decree needs a law, law 389-VIII, art. 5)."""

    document: DocumentId
    title: str
    zone: str
    two_keys: bool


@dataclass(frozen=True, slots=True)
class Term:
    """One bounded run of a regime. `starts_at` and `ends_at` carry the regime's offset; the end is exclusive.

    `number` counts extensions within the episode, the introduction is 0; None when a link before it is missing.
    """

    episode: str
    number: int | None
    starts_at: datetime
    ends_at: datetime
    length: str | None
    instrument: str
    approval: str | None
    confidence: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """Since when the sources of a regime have been read without a gap, and until when. Both aware UTC; None: never."""

    since: datetime | None = None
    through: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """How a regime stands at one moment, with the reason where it cannot be said."""

    status: RegimeStatus
    term: Term | None
    next_state: Next
    next_instrument: str | None
    next_starts_at: datetime | None
    known_through: datetime | None
    reason: str | None


def regime_of(document: DocumentId, facets: Mapping[str, Facet]) -> Regime:
    """Return how this regime is reckoned, as its record states it; UTC and one key where it does not."""
    item = facets.get("item", {}).get("", {})
    title = facets.get("title", {}).get("display", {}).get("text") or str(document)
    return Regime(document, str(title), str(item.get("zone") or "UTC"), bool(item.get("two_keys")))


def terms(regime: Regime, facets: Mapping[str, Facet], *, planned: bool = False) -> tuple[Term, ...]:
    """Return the chain of terms, oldest first. A term whose approval has not been seen is a plan: it is left out
    unless `planned`."""
    approvals = _approvals(facets)
    chain: list[Term] = []
    for subject, entry in _setting(facets):
        confidence = str(entry.get("confidence", "official"))
        approval = approvals.get(subject)
        if regime.two_keys and approval is None and confidence != "inferred" and not planned:
            continue
        starts_at = local(str(entry["starts_at"]), regime.zone)
        before = chain[-1] if chain else None
        opens = entry["act"] == "introduction"
        chain.append(
            Term(
                episode=str(starts_at.year) if opens or before is None else before.episode,
                number=0 if opens else _following(before, starts_at),
                starts_at=starts_at,
                ends_at=_end(entry, starts_at, regime.zone),
                length=entry.get("length"),
                instrument=subject,
                approval=approval,
                confidence=confidence,
            )
        )
    return tuple(_cut_short(chain, facets, regime.zone))


def standing(regime: Regime, facets: Mapping[str, Facet], coverage: Coverage, now: datetime) -> Standing:
    """Say how a regime stands at `now` (aware), given what was read of it and how well its sources were covered."""
    chain = terms(regime, facets)
    running = next((t for t in reversed(chain) if t.starts_at <= now < t.ends_at), None)
    past = [t for t in chain if t.ends_at <= now]
    term = running or (past[-1] if past else None)
    status, reason = _verdict(running, term, facets, coverage, now)
    state, instrument, starts_at = _renewal(regime, facets, chain, term, now)
    return Standing(status, term, state, instrument, starts_at, coverage.through, reason)


def announce(document: DocumentId, facets: Mapping[str, Facet], facet: str, subject: str) -> str:
    """Say one newly seen step of a regime as people would: the act, and the term it stands for, to the minute."""
    entry = facets[facet][subject]
    label = str(entry.get("label") or entry.get("text") or subject).removeprefix(f"{document.jurisdiction.upper()} ")
    label = label[:1].upper() + label[1:]  # whose act it is, the regime's own name says
    regime = regime_of(document, facets)
    chain = terms(regime, facets, planned=True)
    term = next((t for t in chain if t.instrument == _act_of(facets, facet, subject)), None)
    return f"{label}: {spell(term, regime.zone)}" if term else label


def spell(term: Term, zone: str) -> str:
    """Write a term as people read it: its number in the chain, both ends to the minute, the zone, the length."""
    role = "introduction" if term.number == 0 else f"extension {term.number}" if term.number else "extension"
    length = f", {term.length}" if term.length else ""
    return f"{role}, {_minute(term.starts_at)} to {_minute(term.ends_at)} ({zone}{length})"


def local(wall: str, zone: str) -> datetime:
    """Read a local wall time (`2025-11-05T05:30`) as an aware datetime in its zone."""
    return datetime.fromisoformat(wall).replace(tzinfo=ZoneInfo(zone))


def add_length(start: datetime, length: str) -> datetime:
    """Add `90 days`, `3 months` or `1 year` in wall time; a month's missing day becomes its last one."""
    count, unit = length.split()
    number = int(count)
    if unit.startswith("day"):
        return start + timedelta(days=number)
    months = start.month - 1 + number * (12 if unit.startswith("year") else 1)
    year, month = start.year + months // 12, months % 12 + 1
    return start.replace(year=year, month=month, day=min(start.day, calendar.monthrange(year, month)[1]))


def _act_of(facets: Mapping[str, Facet], facet: str, subject: str) -> str | None:
    """Return the instrument that an entry is about: itself, what it approves, or what its law approves."""
    if facet == "instruments":
        return subject
    entry = facets[facet][subject]
    if facet == "approvals":
        return entry.get("approves")
    of = str(entry.get("of"))
    approved = facets.get("approvals", {}).get(of, {}).get("approves")
    return str(approved or of)


def _minute(moment: datetime) -> str:
    return f"{moment.day} {moment:%b %Y %H:%M}"


def _setting(facets: Mapping[str, Facet]) -> list[tuple[str, Entry]]:
    """Return the instruments that set a term, in the order of their starts: arrival order says nothing.

    What was inferred gives way to the act itself, once that was read.
    """
    setting = [
        (subject, entry)
        for subject, entry in facets.get("instruments", {}).items()
        if entry.get("act") in ("introduction", "extension") and entry.get("starts_at")
    ]
    read = {entry["starts_at"] for _, entry in setting if entry.get("confidence") != "inferred"}
    setting = [(s, e) for s, e in setting if e.get("confidence") != "inferred" or e["starts_at"] not in read]
    return sorted(setting, key=lambda pair: (pair[1]["starts_at"], pair[1].get("on") or "", pair[0]))


def _approvals(facets: Mapping[str, Facet]) -> dict[str, str]:
    return {str(e["approves"]): subject for subject, e in facets.get("approvals", {}).items() if e.get("approves")}


def _following(before: Term | None, starts_at: datetime) -> int | None:
    """Number an extension after its predecessor; unknown where the chain has a gap before it."""
    if before is None or before.number is None:
        return None
    return before.number + 1 if before.ends_at >= starts_at else None


def _end(entry: Entry, starts_at: datetime, zone: str) -> datetime:
    if entry.get("ends_at"):
        return local(str(entry["ends_at"]), zone)
    return add_length(starts_at, str(entry["length"]))


def _cut_short(chain: list[Term], facets: Mapping[str, Facet], zone: str) -> Iterator[Term]:
    """End a term early where an act says so."""
    ends = [
        local(str(e["starts_at"]), zone)
        for e in facets.get("instruments", {}).values()
        if e.get("act") == "end" and e.get("starts_at")
    ]
    for term in chain:
        cut = next((end for end in sorted(ends) if term.starts_at <= end < term.ends_at), None)
        yield (
            term
            if cut is None
            else Term(
                term.episode, term.number, term.starts_at, cut, term.length, term.instrument, term.approval,
                term.confidence,
            )
        )  # fmt: skip


def _verdict(
    running: Term | None, last: Term | None, facets: Mapping[str, Facet], coverage: Coverage, now: datetime
) -> tuple[RegimeStatus, str | None]:
    if running is not None:
        return RegimeStatus.IN_FORCE, None
    acts = [e for e in facets.get("instruments", {}).values() if e.get("act") in ("end", "lapse")]
    if last is not None:
        day = last.ends_at.date().isoformat()
        if any(e["act"] == "end" and str(e.get("starts_at", ""))[:10] == day for e in acts):
            return RegimeStatus.ENDED_EARLY, None
        if any(e["act"] == "lapse" and e.get("on") == day for e in acts):
            return RegimeStatus.ENDED, None
    if coverage.through is None:
        return RegimeStatus.UNKNOWN, "no source of this regime has been read yet"
    if last is None:
        return RegimeStatus.NOT_IN_FORCE, None
    wanted_since = last.ends_at - COVERAGE_BEFORE_END
    if coverage.since is None or coverage.since > wanted_since:
        return RegimeStatus.UNKNOWN, (
            f"the last known term ended {last.ends_at.isoformat()}, and the sources have not been read without a gap "
            f"since {wanted_since.astimezone(UTC).date().isoformat()}: a renewal may have been missed"
        )
    if coverage.through < last.ends_at:
        return RegimeStatus.UNKNOWN, (
            f"the last known term ended {last.ends_at.isoformat()}, and the sources were last read before that"
        )
    return RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN, None


def _renewal(
    regime: Regime, facets: Mapping[str, Facet], chain: tuple[Term, ...], term: Term | None, now: datetime
) -> tuple[Next, str | None, datetime | None]:
    """Say how far the successor of `term` has come."""
    after = term.ends_at if term else now
    for subject, entry in reversed(_setting(facets)):
        starts_at = local(str(entry["starts_at"]), regime.zone)
        if starts_at >= after and (term is None or subject != term.instrument):
            return _stage_of(subject, facets, any(t.instrument == subject for t in chain)), subject, starts_at
    bills = [e for e in facets.get("steps", {}).values() if e.get("step") == "bill_registered"]
    if term and any(str(e.get("on", "")) > term.starts_at.date().isoformat() for e in bills):
        return Next.BILL_REGISTERED, None, None
    return Next.NONE_SEEN, None, None


def _stage_of(subject: str, facets: Mapping[str, Facet], approved: bool) -> Next:
    approval = _approvals(facets).get(subject)
    seen = {e.get("step") for e in facets.get("steps", {}).values() if e.get("of") in (subject, approval)}
    if "in_force" in seen:
        return Next.IN_FORCE_LATER
    if "law_signed" in seen:
        return Next.LAW_SIGNED
    return Next.LAW_ADOPTED if approval or approved else Next.DECREE_SIGNED
