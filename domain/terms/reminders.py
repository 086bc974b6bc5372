"""How long before a term do its acts usually come?

Plain quantiles of what the chain itself shows, with the number of cases: a comparison, never a verdict. Days are whole
days of the calendar between the day of the act and the day the term starts, in the regime's own dates; negative where
the act came after the start.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from domain.coded_text import CodedText, Param, coded
from domain.records.facets import Entry, Facet
from domain.terms import (
    STALE,
    Coverage,
    Next,
    Regime,
    RegimeState,
    RegimeStatus,
    Term,
    regime_state,
    term_text,
    terms,
)
from domain.terms.chain import stated_minute

FEWEST = 3
"""Cases below which no quantiles are reported: two renewals are no habit."""

STEPS = (Next.DECREE_SIGNED, Next.LAW_ADOPTED, Next.LAW_SIGNED, "published", "in_force")
"""The steps of a renewal whose lead is measured, in their order."""

_RENEWED = "renewed"
"""What the step of an act that alone renews a regime is called: one of one key has no decree and no law."""


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


def lead_text(lead: Lead) -> CodedText:
    """Say a lead: `decrees came 7-25 days before the term (median 14, 19 cases)`."""
    days = str(lead.least) if lead.least == lead.most else f"{lead.least}-{lead.most}"
    return coded(f"lead.{lead.words}", days=days, median=f"{lead.median:g}", cases=lead.cases)


def compared(lead: Lead, days_left: int) -> CodedText:
    """Say a lead beside today: `…; today is day 12 and none is seen`."""
    return coded("reminder.lead", lead=lead_text(lead), left=days_left)


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
        "text": lead_text(lead).to_json(),
    }


def quantile(ordered: Sequence[int], share: float) -> float:
    """Return the value below which `share` (0 to 1) of the ordered values lie, between two of them in proportion."""
    place = (len(ordered) - 1) * share
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def _lead(regime: Regime, step: str, ordered: Sequence[int]) -> Lead:
    words = _RENEWED if step == Next.DECREE_SIGNED and not regime.two_keys else str(step)
    lower, median, upper = (round(quantile(ordered, share), 1) for share in (0.25, 0.5, 0.75))
    return Lead(step, words, len(ordered), ordered[0], lower, median, upper, ordered[-1])


def _dated(term: Term, facets: Mapping[str, Facet]) -> Iterator[tuple[str, str]]:
    """Yield the steps of one term's acts whose day is known; a step reported of both acts counts once, the later
    day."""
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


PATIENCE = timedelta(hours=6)
"""How long after an end a source may be unread before the operator is notified of it: the poll that proves an expiry
comes after the end, and a source that rests for an hour is no trouble."""

SOON = timedelta(minutes=15)
"""When to look again while only another reading of the sources can decide."""

_PROVEN = Coverage(datetime(1900, 1, 1, tzinfo=UTC), datetime(9000, 1, 1, tzinfo=UTC))

IN_DOUBT, OUT_OF_DOUBT = coded("doubt.begins").to_json(), coded("doubt.over").to_json()

MISSING: Mapping[Next, CodedText] = {
    step: coded(f"renewal.{step}")
    for step in (Next.NONE_SEEN, Next.BILL_REGISTERED, Next.DECREE_SIGNED, Next.LAW_ADOPTED, Next.LAW_SIGNED)
}
"""What the renewal has come to, and what it lacks."""

UNREAD = coded("renewal.unread")
"""What is said instead of a renewal of which no more than the name is known."""

_AWAITED: Mapping[Next, str] = {
    Next.NONE_SEEN: Next.DECREE_SIGNED,
    Next.BILL_REGISTERED: Next.DECREE_SIGNED,
    Next.DECREE_SIGNED: Next.LAW_ADOPTED,
    Next.LAW_ADOPTED: Next.LAW_SIGNED,
    Next.LAW_SIGNED: "in_force",
}
"""The step that comes next, whose usual lead is reported."""


@dataclass(frozen=True, slots=True)
class DueReminders:
    """What is newly due. `reminders` are for readers, `doubts` for the operator; `again_at` is when to look again if
    nothing new is seen until then (aware), None for never."""

    reminders: Mapping[str, Entry]
    doubts: Mapping[str, Entry]
    again_at: datetime | None = None


def due_reminders(
    regime: Regime,
    facets: Mapping[str, Facet],
    coverage: Coverage,
    first_seen_at: datetime,
    now: datetime,
) -> DueReminders:
    """Say what the clock has to report of a regime at `now` (aware) that its record does not hold yet."""
    found = regime_state(regime, facets, coverage, now)
    term = found.term
    doubts = dict(_over(regime, facets, found))
    if term is None:
        return DueReminders({}, doubts)
    case = _EndOfTerm(regime, facets, coverage, first_seen_at, now, found, term)
    if now < term.ends_at:
        return DueReminders(dict(case.before()), doubts, case.next_step())
    if term.ends_at <= first_seen_at:
        return DueReminders({}, doubts)
    return DueReminders(dict(case.after()), doubts | dict(case.doubt()), case.next_look())


def step_at(end: datetime, days: int) -> datetime:
    """Return the moment of one reminder: so many days before the end, at its own wall time."""
    return end - timedelta(days=days)


def steps_ahead(
    regime: Regime, facets: Mapping[str, Facet], now: datetime
) -> tuple[tuple[datetime, int, CodedText], ...]:
    """Return the reminders still to come as things stand: moment, days left, and what is missing."""
    found = regime_state(regime, facets, _PROVEN, now)
    if found.term is None or now >= found.term.ends_at:
        return ()
    case = _EndOfTerm(regime, facets, _PROVEN, now, now, found, found.term)
    if not case.is_of_interest():
        return ()
    moments = ((step_at(found.term.ends_at, days), days) for days in sorted(regime.reminder_days, reverse=True))
    return tuple((at, days, case.outcome()) for at, days in moments if at > now)


def missing(found: RegimeState) -> CodedText:
    """Say what the renewal has come to, and what it lacks."""
    return UNREAD if _is_unread(found) else MISSING.get(found.next_state, MISSING[Next.NONE_SEEN])


def _is_unread(found: RegimeState) -> bool:
    return found.next_instrument is not None and found.next_starts_at is None


def lacking(regime: Regime, facets: Mapping[str, Facet], now: datetime) -> CodedText | None:
    """Return what the renewal of the running term lacks; None where it is complete, or none is needed."""
    found = regime_state(regime, facets, _PROVEN, now)
    if found.term is None or not found.term.holds(now):
        return None
    case = _EndOfTerm(regime, facets, _PROVEN, now, now, found, found.term)
    return missing(found) if case.needs_renewal() else None


@dataclass(frozen=True, slots=True)
class RegimeStanding:
    """Where a regime stands, what its renewal has come to, and what is still awaited; None where nothing is to say."""

    stands: CodedText | None
    means: CodedText | None
    awaits: CodedText | None


def standing(regime: Regime, facets: Mapping[str, Facet], now: datetime) -> RegimeStanding:
    """Say where a regime stands at `now` (aware), and how far the act that goes on with it has come."""
    found = regime_state(regime, facets, _PROVEN, now)
    term = found.term if found.term is not None and found.term.holds(now) else None
    stands = None
    if term is not None and term.is_open:
        stands = coded("stands.open")
    elif term is not None:
        stands = coded("stands.in_force", end=stated_minute(term.ends_at))
    elif found.term is not None and not regime.continues:
        stands = coded("stands.over", end=stated_minute(found.term.ends_at))
    state = found.next_state
    if state is Next.NONE_SEEN:
        if term is None or lacking(regime, facets, now) is None:
            return RegimeStanding(stands, None, None)
        awaits = coded("awaits.none_seen") if regime.two_keys else None
        return RegimeStanding(stands, coded("means.none_seen", end=stated_minute(term.ends_at)), awaits)
    if state is Next.IN_FORCE_LATER:
        if found.next_starts_at is None:
            return RegimeStanding(stands, None, None)
        begins = coded("awaits.in_force_later", start=stated_minute(found.next_starts_at))
        return RegimeStanding(stands, coded("means.in_force_later"), begins)
    return RegimeStanding(stands, coded(f"means.{state}"), coded(f"awaits.{state}"))


def days_left(end: datetime, now: datetime) -> int:
    """Return the days left, begun ones counted: at the minute of a step exactly its days. Reckoned in wall time."""
    wall = now.astimezone(end.tzinfo).replace(tzinfo=None)
    return -((wall - end.replace(tzinfo=None)) // timedelta(days=1))


@dataclass(frozen=True, slots=True)
class _EndOfTerm:
    """One end of a regime, looked at from one moment."""

    regime: Regime
    facets: Mapping[str, Facet]
    coverage: Coverage
    first_seen_at: datetime
    moment: datetime
    found: RegimeState
    term: Term

    @property
    def mark(self) -> str:
        """The end as subjects name it."""
        return f"{self.term.ends_at:%Y-%m-%dT%H:%M}"

    @property
    def sent(self) -> Facet:
        return self.facets.get("reminders", {})

    def needs_renewal(self) -> bool:
        """Say whether the term ends by itself unless something still happens.

        A successor that was only inferred, or that needs no second key, is complete as it stands.
        """
        ends = not (self.term.is_open or self.term.ended_by or self.regime.continues or self.regime.by_law)
        if not ends or self.found.next_state is Next.IN_FORCE_LATER:
            return False
        at_end = regime_state(self.regime, self.facets, _PROVEN, self.term.ends_at)
        if at_end.status is not RegimeStatus.IN_FORCE or at_end.term is None:
            return True
        return self.regime.two_keys and at_end.term.confidence != "inferred"

    def is_of_interest(self) -> bool:
        """Say whether people are reminded: something is missing, or the law itself ends the term."""
        return self.regime.by_law or self.needs_renewal()

    def outcome(self) -> CodedText:
        """Say what the end of the term means as things stand."""
        return coded("renewal.by_law") if self.regime.by_law else missing(self.found)

    def before(self) -> Iterator[tuple[str, Entry]]:
        """Yield the latest reminder that has passed, unless it or a later one was reported."""
        end = self.term.ends_at
        passed = [days for days in self.regime.reminder_days if self.first_seen_at < step_at(end, days) <= self.moment]
        if not passed or not self.is_of_interest():
            return
        days = min(passed)
        if not any(f"{later}d:{self.mark}" in self.sent for later in self.regime.reminder_days if later <= days):
            left = days_left(end, self.moment)
            label = coded("reminder.days_left", n=left, renewal=self.outcome())
            if not self.regime.by_law:
                label = self._noted(label)
            yield f"{days}d:{self.mark}", self._entry(label, self._outlook(left), state=str(self.found.next_state))

    def after(self) -> Iterator[tuple[str, Entry]]:
        """Yield what the end itself, and the time since, have made true."""
        status, end = self.found.status, stated_minute(self.term.ends_at)
        if status is RegimeStatus.ENDED_EARLY and self._is_new("ended_early"):
            yield self._end("ended_early", coded("reminder.ended_early", end=end), coded("reminder.ended_by_act"))
        if status is RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN and self._is_new("expired"):
            label = coded("reminder.expired_incomplete", end=end, renewal=missing(self.found))
            if self.found.next_state is Next.NONE_SEEN:
                label = coded("reminder.expired", end=end)
            yield self._end("expired", label, self._proof())
        if (status is RegimeStatus.ENDED or self._fell_silent()) and self._is_new("lapsed"):
            yield f"lapsed:{self.mark}", self._entry(coded("reminder.lapsed", end=end), ())

    def doubt(self) -> Iterator[tuple[str, Entry]]:
        """Yield the operator's word that it cannot be reported how the regime stands."""
        known = self.mark in self.facets.get("doubts", {}) or f"expired:{self.mark}" in self.sent
        if known or self.found.status is not RegimeStatus.UNKNOWN or self.moment < self.term.ends_at + PATIENCE:
            return
        reason: Param = self.found.reason or coded("regime.no_source")
        yield self.mark, {"label": IN_DOUBT, "text": self._text((coded("doubt.text", reason=reason),))}

    def next_step(self) -> datetime:
        """Return the next reminder, else the end."""
        moments = (step_at(self.term.ends_at, days) for days in self.regime.reminder_days)
        return min((at for at in moments if at > self.moment), default=self.term.ends_at)

    def next_look(self) -> datetime | None:
        """Return when the time since the end can make something else true."""
        if self.found.status is RegimeStatus.UNKNOWN:
            return self.moment + SOON
        lapses_at = self._lapses_at()
        if self.found.status is RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN and lapses_at and self._is_new("lapsed"):
            return max(lapses_at, self.moment + SOON)
        return None

    def _is_new(self, step: str) -> bool:
        return f"{step}:{self.mark}" not in self.sent

    def _fell_silent(self) -> bool:
        """Say whether the regime's own delay has passed with its sources read all the while."""
        at, through = self._lapses_at(), self.coverage.through
        if at is None or through is None or self.found.status is not RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN:
            return False
        return at <= min(self.moment, through)

    def _lapses_at(self) -> datetime | None:
        days = self.regime.lapse_after
        return None if days is None else self.term.ends_at + timedelta(days=days)

    def _end(self, step: str, label: CodedText, more: CodedText) -> tuple[str, Entry]:
        """Return an entry whose legal day is the end itself."""
        return f"{step}:{self.mark}", self._entry(label, (more,), on=stated_minute(self.term.ends_at))

    def _entry(self, label: CodedText, more: Iterable[CodedText], **facts: str) -> Entry:
        return {"label": label.to_json(), "text": self._text(more), "ends_at": self.mark, **facts}

    def _text(self, more: Iterable[CodedText]) -> str:
        """Say which regime and term it is, and what else there is to say."""
        named = coded("reminder.regime", title=self.regime.title, term=term_text(self.term, self.regime))
        return coded("sentences", parts=(named, *more)).to_json()

    def _proof(self) -> CodedText:
        since, through = self.coverage.since, self.coverage.through
        if since is None or through is None:
            return coded("reminder.no_renewal")
        return coded("reminder.read_without_gap", since=self._local(since), through=self._local(through))

    def _outlook(self, left: int) -> Iterator[CodedText]:
        """Yield how long before a term the missing step usually came, and what was read."""
        if self.regime.by_law:
            return
        lead = lead_of(leads(self.regime, self.facets, self.moment), _AWAITED[self.found.next_state])
        if lead is not None and not _is_unread(self.found):
            yield compared(lead, left)
        if self.coverage.through is not None:
            yield coded("reminder.sources_last_read", through=self._local(self.coverage.through))

    def _noted(self, reminder: CodedText) -> CodedText:
        """Say beside the news that it rests on old readings."""
        through = self.coverage.through
        if self.regime.by_hand:
            note = coded("reminder.by_hand")
        elif through is None:
            note = coded("reminder.unread")
        elif self.moment - through > STALE:
            note = coded("reminder.last_read", on=self._local(through))
        else:
            return reminder
        return coded("reminder.noted", reminder=reminder, note=note)

    def _local(self, moment: datetime) -> str:
        return stated_minute(moment.astimezone(ZoneInfo(self.regime.zone)))


def _over(regime: Regime, facets: Mapping[str, Facet], found: RegimeState) -> Iterator[tuple[str, Entry]]:
    """Yield the operator's word that a doubt is over, once for each end that was in doubt."""
    doubts = facets.get("doubts", {})
    if found.status is RegimeStatus.UNKNOWN:
        return
    for mark in doubts:
        if not mark.endswith("/over") and f"{mark}/over" not in doubts:
            yield f"{mark}/over", {"label": OUT_OF_DOUBT, "text": _over_text(regime, found)}


def _over_text(regime: Regime, found: RegimeState) -> str:
    status = coded("status", status=str(found.status), document=str(regime.document))
    return coded("sentences", parts=(coded("doubt.over_text", title=regime.title, status=status),)).to_json()
