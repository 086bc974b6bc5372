"""A replay of the legislation database over years: real reader, real record, a clock set by hand.

The dates of acts are the record's (`monitor.service.regimes`); their texts are *constructed* from the official
formula, the
other acts of the lists are *constructed*, and where the day of an entry into force is not on record it is *modelled*:
six days after the law's adoption, but before its term.
"""

from __future__ import annotations

import random
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from domain.alerts.routing import Audience, Route, Watch
from domain.documents import DocumentId
from domain.errors import SourceError, Unavailable
from domain.jurisdictions.ua import nreg_of, number_of
from domain.observation import Page
from domain.records.detection import advance
from domain.records.facets import Kind
from domain.records.record import Change, Record
from domain.sources import SourceState
from domain.terms import Coverage, RegimeState, Term, regime_state, terms
from monitor.service.context import Context, ScheduledSource
from monitor.service.poll import Poll, ingest_page
from monitor.service.regimes import regime_coverage, regime_rules, shipped_regimes
from monitor.service.time_triggers import TimeTriggers
from tests.helpers.english import english
from tests.helpers.stores import TemporaryStore
from tests.watchers.rada.publisher import (
    BASE,
    EXTENSION,
    MARTIAL_LAW,
    MOBILISATION,
    MOBILISING,
    RadaDocument,
    RadaServer,
    decree,
    law,
    written,
)
from watchers.rada.watcher import RadaWatcher

KYIV = ZoneInfo("Europe/Kyiv")
REACH = timedelta(days=30)
IN_FORCE, NOT_YET = 5, 6
EVERY = timedelta(minutes=30)
Fact = Mapping[str, Any]

_TITLES = {
    (MARTIAL_LAW, "introduction"): ("Про введення воєнного стану в Україні", "ввести в Україні воєнний стан"),
    (MARTIAL_LAW, "extension"): (EXTENSION, "продовжити строк дії воєнного стану в Україні"),
    (MOBILISATION, "extension"): (MOBILISING, "продовжити строк проведення загальної мобілізації"),
}


@dataclass(frozen=True)
class NumberedAct(RadaDocument):
    """A document under its own number: laws of 2018 are those of the eighth convocation."""

    named: str = ""

    @property
    def number(self) -> str:
        return self.named


@dataclass(frozen=True)
class Appearance:
    """A document as the database shows it from `at` on."""

    at: datetime
    act: RadaDocument


def facts(document: DocumentId) -> tuple[Fact, ...]:
    """The terms of a regime that have an act and its approval, oldest first."""
    known = shipped_regimes()[document].instruments
    return tuple(f for f in known if (document, f["act"]) in _TITLES and "id" in f and "approval" in f)


def appearances(document: DocumentId, fact: Fact) -> tuple[Appearance, ...]:
    """Decree, law and entry into force of one term, each on the evening of its day in Kyiv."""
    title, what = _TITLES[document, fact["act"]]
    start = datetime.fromisoformat(fact["starts_at"])
    clock = f"{start:%H} години {start:%M} хвилин " if "T" in fact["starts_at"] else ""
    named, approving = DocumentId.parse(fact["id"]), DocumentId.parse(fact["approval"])
    signed = decree(nreg_of(named) or "", fact["on"], f"{clock}{written(start.date())}", title=title, what=what)
    text = (signed.text or "").replace("на 90 діб", f"на {fact['length'].split()[0]} діб")
    if fact["act"] == "introduction":
        text = text.replace(text[text.index("Частково") : text.index(what)], "")
    adopted = fact.get("approved_on") or fact["on"] + timedelta(days=1)
    approval = law(nreg_of(approving) or "", adopted, signed)
    number = number_of(approving)
    words = (approval.text or "").replace(f"{approval.nreg.split('-')[0]}-IX", number)
    force = fact.get("in_force_on") or min(adopted + timedelta(days=6), start.date() - timedelta(days=1))
    first = _act(signed, number_of(named), text, fact["on"])
    second = _act(approval, number, words, adopted)
    third = replace(second, status=IN_FORCE, touched=evening(force), text=words.replace("не набрав чинності", "чинний"))
    return Appearance(first.touched, first), Appearance(second.touched, second), Appearance(third.touched, third)


def _act(act: RadaDocument, number: str, text: str, on: date) -> NumberedAct:
    return NumberedAct(act.nreg, act.title, on, act.issuer, NOT_YET, evening(on), text, named=number)


def evening(day: date) -> datetime:
    return datetime.combine(day, time(18), KYIV).astimezone(UTC)


@cache
def unrelated_acts() -> tuple[Appearance, ...]:
    """*Constructed* acts that renew nothing, one touched every three days from 2018 on."""
    days = (date(2018, 9, 1) + timedelta(days=3 * n) for n in range(1080))
    return tuple(
        Appearance(evening(day), NumberedAct(f"{n % 900}/{day.year}", "Про відзначення державними нагородами України", day,  # noqa: E501
                                  status=IN_FORCE, touched=evening(day), named=f"{n % 900}/{day.year}"))
        for n, day in enumerate(days)
    )  # fmt: skip


class RadaDatabase(RadaServer):
    """The database as of `now`: the lists reach back thirty days, cards and texts to the beginning."""

    def __init__(self, held: Iterable[Appearance]) -> None:
        super().__init__()
        self.held = sorted((*held, *unrelated_acts()), key=lambda arrival: arrival.at)
        self.moments = [arrival.at for arrival in self.held]
        self.place = 0

    def at(self, now: datetime) -> None:
        self.now = now
        place = bisect_right(self.moments, now)
        self.put(*(arrival.act for arrival in self.held[self.place : place]))
        self.place = place

    def _newest_first(self) -> list[RadaDocument]:
        first = bisect_right(self.moments, self.now - REACH)
        listed = {arrival.act.nreg: arrival.act for arrival in self.held[first : self.place]}
        return sorted(listed.values(), key=lambda act: act.touched, reverse=True)


@dataclass
class RadaReplay:
    """A poller over the years, its alerts, and those of the operator."""

    database: RadaDatabase
    begins: datetime
    follows: tuple[DocumentId, ...] = (MARTIAL_LAW,)
    failures: random.Random | None = None
    down: tuple[datetime, datetime] | None = None
    store: TemporaryStore = field(default_factory=TemporaryStore)
    source: SourceState = field(default_factory=lambda: SourceState("rada"))
    triggers: TimeTriggers = field(default_factory=TimeTriggers)
    polls: int = 0

    def __post_init__(self) -> None:
        watches = tuple(Watch(d.parts[0], d, created_at=self.begins - timedelta(seconds=1)) for d in self.follows)
        recipients = {"desk": ("desk@example.org",), "operator": ("ops@example.org",)}
        self.audience = Audience(watches, (Route(channels=("desk",)),), recipients, ("operator",))
        self.database.refuse = self._refuse

    def know(self, document: DocumentId, now: datetime) -> None:
        """Put the shipped history on record, silently, as at the start of the service."""
        kept = shipped_regimes()[document]
        step = advance(None, kept.observation(now), now)
        assert step is not None
        with self.store.begin() as tx:
            tx.save(replace(step, changes=()))

    def at(self, now: datetime) -> None:
        """Poll, and let the clock say what it has to say."""
        self.database.at(now)
        self.polls += 1
        outcome = Poll(
            self.source,
            ScheduledSource(RadaWatcher(BASE), EVERY),
            self.database,
            Context(self.store, self.audience, lambda: now),
        ).run()
        self.source = outcome.source
        with self.store.begin() as tx:
            tx.save_source(self.source)
        if outcome.revisions:
            self.triggers.invalidate()
        self.triggers.check(("rada",), Context(self.store, self.audience, lambda: now))

    def run(self, moments: Iterable[datetime]) -> None:
        for now in moments:
            self.at(now)

    def infer(self, document: DocumentId, now: datetime) -> None:
        """Lay the terms that only their neighbours fix on the record, as a person who keeps a file does."""
        found = shipped_regimes()[document].observation(now)
        inferred = {s: e for s, e in found.facets["instruments"].items() if e.get("confidence") == "inferred"}
        observation = replace(found, facets={"instruments": inferred}, evidence={})
        ingest_page(
            Page(scope="rada/past", observations=(observation,), complete=False),
            "shipped",
            Context(self.store, self.audience, lambda: now),
        )

    def _refuse(self, _: str) -> bytes | SourceError | None:
        out = self.down is not None and self.down[0] <= self.database.now < self.down[1]
        unlucky = self.failures is not None and self.failures.random() < 0.1
        return Unavailable("timed out") if out or unlucky else None

    def record(self, document: DocumentId = MARTIAL_LAW) -> Record:
        with self.store.read() as view:
            record = view.record(document)
        assert record is not None
        return record

    def chain(self, document: DocumentId = MARTIAL_LAW) -> tuple[Term, ...]:
        record = self.record(document)
        return terms(regime_rules(record), record.facets)

    def standing(self, document: DocumentId = MARTIAL_LAW) -> RegimeState:
        record = self.record(document)
        with self.store.read() as view:
            covered: Coverage = regime_coverage(record, view.source)
        return regime_state(regime_rules(record), record.facets, covered, self.database.now)

    def reported(self, document: DocumentId = MARTIAL_LAW, kind: Kind | None = None) -> list[Change]:
        """Return the changes of a regime that were reported, in order."""
        found = [c for a in self.store.alerts if a.channel == "desk" and a.document == document for c in a.changes]
        return [change for change in found if kind is None or change.kind is kind]

    def operator_alerts(self) -> list[str]:
        """Return what the operator was alerted to of regimes: what cannot be determined, and that it can be again."""
        alerts = [a for a in self.store.alerts if a.channel == "operator" and "regime" in str(a.document)]
        return [f"{change.subject} {english(change.after)}" for alert in alerts for change in alert.changes]


def days(first: datetime, last: datetime, *more: datetime, every: int = 12) -> Iterator[datetime]:
    """Yield a moment every so many hours, and `more`, in order."""
    interval = timedelta(hours=every)
    steps = (first + interval * n for n in range(int((last - first) / interval) + 1))
    yield from sorted({*steps, *(at.astimezone(UTC) for at in more if first <= at <= last)})


def moments_of(ends: Sequence[datetime]) -> list[datetime]:
    """Return every step of the ladder to the minute and the minute before, and the ends: wall time of Kyiv."""
    steps = [end - timedelta(days=n) for end in ends for n in (21, 14, 7, 4, 1)]
    return [*steps, *(step - timedelta(minutes=1) for step in steps), *ends, *(e - timedelta(minutes=1) for e in ends)]
