"""What has become true by the passing of time alone, and who is notified?

No publisher says that nothing was published. The clock states it, as the source `clock`: an observation that goes into
the record by the same way as every poll, so that history, alerts, once-ness and crash safety come with it. The clock is
no publisher: it has no health, no interval and no resume position."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.observation import Observation, Page
from domain.ports import ReadTransaction
from domain.records.facets import Entry, Facet, Kind
from domain.records.record import Change, Record, operational_change
from domain.records.reintroduction import entry_of, normalised, reintroduced, titles_of
from domain.sources import is_due
from domain.terms import Coverage
from domain.terms.reminders import DueReminders, due_reminders
from monitor.service.context import Context
from monitor.service.failpoints import hit
from monitor.service.logs import log_event
from monitor.service.operator_alerts import enqueue_for_operator
from monitor.service.poll import ingest_page
from monitor.service.regimes import regime_coverage, regime_rules, regime_source

REINTRODUCTION_SOURCE = "clock"
REINTRODUCTION_READER = "returns/1"
REINTRODUCTION_FACET = "reintroductions"

REINTRODUCTION_INTERVAL = timedelta(hours=1)


@dataclass(slots=True)
class ReintroductionFinder:
    """Looks once an hour; `looked_at` is when it last did."""

    looked_at: datetime | None = None

    def look(self, context: Context) -> None:
        """Look for what came back of the watches that follow it. StoreError when it cannot be recorded."""
        now, audience = context.clock(), context.audience
        wanted = sorted({w.document for w in audience.watches if w.follow and w.document is not None})
        sessions = {d: session for d in wanted if (session := _following_session(d, now)) is not None}
        if not sessions or (
            self.looked_at is not None and self.looked_at <= now < self.looked_at + REINTRODUCTION_INTERVAL
        ):
            return
        with context.store.read() as view:
            stated = tuple(_reintroductions(view, sessions))
            begun = view.established(REINTRODUCTION_SOURCE)
        if stated and not begun:
            with context.store.begin() as tx:
                tx.establish(REINTRODUCTION_SOURCE, now)
        if stated:
            ingest_page(Page(scope=REINTRODUCTION_SOURCE, observations=stated), REINTRODUCTION_SOURCE, context)
        self.looked_at = now


def _following_session(document: DocumentId, now: datetime) -> DocumentId | None:
    """Return the session in which a document whose own has ended may have been introduced again."""
    law = jurisdiction_of(document)
    return law.following_session(document, law.day(now))


def _reintroductions(view: ReadTransaction, sessions: Mapping[DocumentId, DocumentId]) -> Iterator[Observation]:
    """State of each document what came back in the session that follows its own."""
    titles: dict[DocumentId, dict[str, list[DocumentId]]] = {session: {} for session in sessions.values()}
    for session, by_title in titles.items():
        for document, title in view.titles(session).items():
            by_title.setdefault(normalised(title), []).append(document)
    for record in view.records(list(sessions)).values():
        known = record.facets.get(REINTRODUCTION_FACET, {})
        there = titles[sessions[record.document]]
        alike = {d for title in titles_of(record.document, record.facets) for d in there.get(title, ())}
        candidates = view.records(sorted(alike))
        entries = reintroduction_entries(record, candidates)
        revisions = {str(document): candidate.revision for document, candidate in candidates.items()}
        if REINTRODUCTION_FACET not in record.facets:  # its first entry would be its baseline
            yield Observation(record.document, REINTRODUCTION_SOURCE, REINTRODUCTION_READER, {REINTRODUCTION_FACET: {}})
        if entries.keys() - known.keys():
            trigger_context = {"candidates": {subject: revisions[subject] for subject in entries}}
            yield Observation(
                record.document,
                REINTRODUCTION_SOURCE,
                REINTRODUCTION_READER,
                {REINTRODUCTION_FACET: {**entries, **known}},
                context=trigger_context,
            )


def reintroduction_entries(record: Record, candidates: Mapping[DocumentId, Record]) -> dict[str, Entry]:
    """Return what the record of a bill keeps of those among the candidates that are it, introduced again."""
    found = {}
    for document, candidate in candidates.items():
        match = reintroduced(record.document, record.facets, document, candidate.facets)
        if match is not None:
            found[str(document)] = entry_of(match, record.document)
    return found


CLOCK_SOURCE = "clock"
CLOCK_READER = "clock/1"

INTERVAL, LONGEST_INTERVAL = timedelta(minutes=1), timedelta(hours=1)
"""How often everything is looked at although nothing new was seen: another process may have written, or the clock may
have been set."""

LONGEST_WAIT = timedelta(minutes=10)
"""How long a poll that is due is waited for: after a pause it may bring what the clock would miss."""

BATCH = 100

log = logging.getLogger("lexwatch")


@dataclass(frozen=True, slots=True)
class TimeRule:
    """One thing the clock can make true: for which documents, and what is due of a record. `source` names the source
    whose word has to be waited for, None where the clock alone decides. `opens` is the moment before which nothing can
    be due, whatever the record says: a thousand bills need not be read until their session ends."""

    concerns: Callable[[DocumentId], bool]
    due: Callable[[Record, ReadTransaction, datetime], DueReminders]
    source: Callable[[Record], str | None] = lambda _: None
    opens: Callable[[DocumentId], datetime | None] = lambda _: None


def _is_regime(document: DocumentId) -> bool:
    return document.kind == "regime"


def _ends(record: Record, view: ReadTransaction, now: datetime) -> DueReminders:
    """The reminders of a regime, its expiry, its lapse."""
    coverage = regime_coverage(record, view.source)
    return due_reminders(regime_rules(record), record.facets, coverage, record.first_seen_at, now)


def _has_trigger(document: DocumentId) -> bool:
    return jurisdiction_of(document).time_trigger(document) is not None


def _due_by_law(record: Record, _: ReadTransaction, now: datetime) -> DueReminders:
    """What the law of its jurisdiction lets the clock alone make true, such as the end of a session."""
    trigger = jurisdiction_of(record.document).time_trigger(record.document)
    return trigger.due(record, now) if trigger else DueReminders({}, {})


def _awaited_by_law(record: Record) -> str | None:
    trigger = jurisdiction_of(record.document).time_trigger(record.document)
    return trigger.awaits if trigger else None


def _opens_by_law(document: DocumentId) -> datetime | None:
    trigger = jurisdiction_of(document).time_trigger(document)
    return trigger.opens_at if trigger else None


TIME_RULES: tuple[TimeRule, ...] = (
    TimeRule(_is_regime, _ends, regime_source),
    TimeRule(_has_trigger, _due_by_law, _awaited_by_law, _opens_by_law),
)
"""Everything the clock can make true."""


def _concerned(document: DocumentId) -> bool:
    return any(rule.concerns(document) for rule in TIME_RULES)


def _opens(document: DocumentId) -> datetime | None:
    """Return when something can first be due of a document; None for at any time."""
    moments = [rule.opens(document) for rule in TIME_RULES if rule.concerns(document)]
    return min((at for at in moments if at), default=None) if None not in moments else None


@dataclass(slots=True)
class TimeTriggers:
    """Remembers when to look at what again, so that nothing is parsed while nothing can be due."""

    looked_at: datetime | None = None
    again: dict[DocumentId, datetime] = field(default_factory=dict)
    waiting: dict[DocumentId, datetime] = field(default_factory=dict)
    reintroductions: ReintroductionFinder = field(default_factory=ReintroductionFinder)

    def invalidate(self) -> None:
        """Look at everything that depends on records again: something new was seen."""
        self.again = {document: at for document, at in self.again.items() if not _is_regime(document)}

    def check(self, sources: Collection[str], context: Context) -> timedelta:
        """Look at what may be due; `sources` are those that are polled. Returns the pause until the next look.
        StoreError when it cannot be recorded: then it is still due."""
        now, audience = context.clock(), context.audience
        if self.looked_at is not None and now < self.looked_at:  # the clock was set back
            self.again.clear()
        self.looked_at = now
        for document in audience.asked_of(CLOCK_SOURCE, _concerned):
            self.again.setdefault(document, _opens(document) or now)
        self.reintroductions.look(context)
        awaited = [d for d in audience.asked_of(CLOCK_SOURCE, _concerned) if self.again[d] <= now]
        for first in range(0, len(awaited), BATCH):
            self._look(awaited[first : first + BATCH], sources, context)
        return INTERVAL

    def _look(self, documents: Sequence[DocumentId], sources: Collection[str], context: Context) -> None:
        now = context.clock()
        with context.store.read() as view:
            known = view.records(documents)
            waiting = {d for d, record in known.items() if self._waits(record, view, now, sources)}
            records = {d: record for d, record in known.items() if d not in waiting}
            found = {d: _due_of(record, view, now) for d, record in records.items()}
            contexts = {d: _trigger_context(record, view, now) for d, record in records.items() if _is_news(found[d])}
        record_due(found, records, contexts, context)
        for document in documents:
            if document not in waiting:
                self.again[document] = _next_look(document, found.get(document), now)

    def _waits(self, record: Record, view: ReadTransaction, now: datetime, sources: Collection[str]) -> bool:
        """Say whether a poll that is due may still bring what would be missed: waited for, but not for ever."""
        document = record.document
        names = [name for rule in TIME_RULES if rule.concerns(document) and (name := rule.source(record)) in sources]
        states = [view.source(name) for name in names if name]
        if not any(state is None or is_due(state, now) for state in states):
            self.waiting.pop(document, None)
            return False
        since = self.waiting.setdefault(document, now)
        return since <= now < since + LONGEST_WAIT


def record_due(
    found: Mapping[DocumentId, DueReminders],
    records: Mapping[DocumentId, Record],
    contexts: Mapping[DocumentId, Mapping[str, Any]],
    context: Context,
) -> None:
    """Record what is newly due, and alert the operator what is in doubt. `contexts` are kept with it.

    The operator's word comes first: cut off between the two, it is stored again under the same identity, not twice.
    """
    news = {document: said for document, said in found.items() if _is_news(said)}
    if not news:
        return
    now, audience = context.clock(), context.audience
    doubts = [change for d, said in news.items() for change in _doubts(records[d], said, now)]
    with context.store.begin() as tx:
        for change in doubts:
            enqueue_for_operator(tx, change, audience, now)
        if not tx.established(CLOCK_SOURCE):
            tx.establish(CLOCK_SOURCE, now)
    hit("clock.between_doubt_and_reminder")
    observations = tuple(o for d, said in news.items() for o in due_observations(records[d], said, contexts[d]))
    ingest_page(Page(scope=CLOCK_SOURCE, observations=observations), CLOCK_SOURCE, context)
    for document, said in news.items():
        log_event(log, "clock", document=document, reminders=len(said.reminders), doubts=len(said.doubts))


def _due_of(record: Record, view: ReadTransaction, now: datetime) -> DueReminders:
    """Return what all rules say of a record."""
    parts = [rule.due(record, view, now) for rule in TIME_RULES if rule.concerns(record.document)]
    return DueReminders(
        {subject: entry for part in parts for subject, entry in part.reminders.items()},
        {subject: entry for part in parts for subject, entry in part.doubts.items()},
        min((part.again_at for part in parts if part.again_at), default=None),
    )


def _is_news(said: DueReminders) -> bool:
    return bool(said.reminders or said.doubts)


def _trigger_context(record: Record, view: ReadTransaction, now: datetime) -> Mapping[str, Any]:
    """Return what the clock went by beside the record: the moment, and of a regime how far its sources were read."""
    if not _is_regime(record.document):
        return {"now": now.isoformat()}
    coverage = regime_coverage(record, view.source)
    through = coverage.through.isoformat() if coverage.through else None
    return {"now": now.isoformat(), "since": coverage.since and coverage.since.isoformat(), "through": through}


def due_as_recorded(record: Record, trigger_context: Mapping[str, Any]) -> DueReminders:
    """Return what the clock had to say of a record as it stood, by the context that was kept with it."""
    now = datetime.fromisoformat(trigger_context["now"])
    if not _is_regime(record.document):
        trigger = jurisdiction_of(record.document).time_trigger(record.document)
        return trigger.due(record, now) if trigger else DueReminders({}, {})
    since, through = (
        trigger_context[name] and datetime.fromisoformat(trigger_context[name]) for name in ("since", "through")
    )
    return due_reminders(regime_rules(record), record.facets, Coverage(since, through), record.first_seen_at, now)


def _next_look(document: DocumentId, found: DueReminders | None, now: datetime) -> datetime:
    """Return when to look at a document again; what follows from the record is looked at every hour."""
    at = found.again_at if found else None
    latest = now + LONGEST_INTERVAL if at is None or _is_regime(document) else at
    return min(at or latest, latest)


def due_observations(record: Record, said: DueReminders, trigger_context: Mapping[str, Any]) -> Iterator[Observation]:
    """State what is said. The first entry of a facet would be its baseline, so an empty one goes before it."""
    if said.reminders and "reminders" not in record.facets:
        yield Observation(record.document, CLOCK_SOURCE, CLOCK_READER, {"reminders": {}}, context=trigger_context)
    facets: dict[str, Facet] = {"reminders": said.reminders} if said.reminders else {}
    if said.doubts:
        facets["doubts"] = {**record.facets.get("doubts", {}), **said.doubts}
    yield Observation(record.document, CLOCK_SOURCE, CLOCK_READER, facets, context=trigger_context)


def _doubts(record: Record, said: DueReminders, now: datetime) -> Iterator[Change]:
    """Say a doubt as the operator's news; they are numbered as the record keeps them."""
    reported = len(record.facets.get("doubts", {}))
    for number, (mark, entry) in enumerate(said.doubts.items(), reported + 1):
        news = (None, str(entry["label"]), str(entry["text"]))
        yield operational_change(Kind.SOURCE, str(record.document), number, mark, news, now, CLOCK_SOURCE)
