"""What has become true by the passing of time alone, and who hears of it?

No publisher says that nothing was published. The clock states it, as the source `clock`: an observation laid on the
record by the road of every poll, so that history, alerts, once-ness and crash safety come with it. The clock is no
publisher: it has no health, no rhythm and no resume position.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from domain.changes import Change
from domain.congresses import end_of, lapse
from domain.facets import Facet, Kind
from domain.identity import DocumentId, operational
from domain.observation import Observation, Page
from domain.ports import Clock, Store, View
from domain.record import Record
from domain.reminders import Due, due
from domain.routing import Audience, for_operator
from domain.schedule import is_due
from domain.terms import Coverage
from monitor.coverage import coverage_of, rules_for, source_of
from monitor.failpoints import reach
from monitor.logs import event
from monitor.poll import lay
from monitor.returns import Returns

SOURCE = "clock"
READER = "clock/1"

AT_MOST = timedelta(minutes=1)
AT_LEAST = timedelta(hours=1)
"""How often everything is looked at although nothing new was seen: another process may have written, or the clock may
have been set."""

WAIT = timedelta(minutes=10)
"""How long a poll that is due is waited for: after a pause it may bring what the clock would miss."""

BATCH = 100

log = logging.getLogger("lexwatch")


@dataclass(frozen=True, slots=True)
class Rule:
    """One thing the clock can make true: for which documents, and what is due of a record. `source` names the source
    whose word has to be waited for, None where the clock alone decides. `opens` is the moment before which nothing can
    be due, whatever the record says: a thousand bills need not be read until their Congress ends."""

    concerns: Callable[[DocumentId], bool]
    due: Callable[[Record, View, datetime], Due]
    source: Callable[[Record], str | None] = lambda _: None
    opens: Callable[[DocumentId], datetime | None] = lambda _: None


def _is_regime(document: DocumentId) -> bool:
    return document.kind == "regime"


def _ends(record: Record, view: View, now: datetime) -> Due:
    """The reminders of a regime, its expiry, its lapse."""
    coverage = coverage_of(record, view.source)
    return due(rules_for(record), record.facets, coverage, record.first_seen_at, now)


def _is_bill(document: DocumentId) -> bool:
    return document.is_bill and len(document.parts) == 3


def _lapse(record: Record, _: View, now: datetime) -> Due:
    """The end of a bill with its Congress."""
    return lapse(record, now)


def _congress_ends(document: DocumentId) -> datetime:
    return end_of(int(document.parts[0]))


RULES: tuple[Rule, ...] = (
    Rule(_is_regime, _ends, source_of),
    Rule(_is_bill, _lapse, lambda _: "congress", _congress_ends),
)
"""Everything the clock can make true."""


def _concerned(document: DocumentId) -> bool:
    return any(rule.concerns(document) for rule in RULES)


def _opens(document: DocumentId) -> datetime | None:
    """Return when something can first be due of a document; None for at any time."""
    moments = [rule.opens(document) for rule in RULES if rule.concerns(document)]
    return min((at for at in moments if at), default=None) if None not in moments else None


@dataclass(slots=True)
class Reckoning:
    """Remembers when to look at what again, so that nothing is parsed while nothing can be due."""

    looked_at: datetime | None = None
    again: dict[DocumentId, datetime] = field(default_factory=dict)
    waiting: dict[DocumentId, datetime] = field(default_factory=dict)
    returns: Returns = field(default_factory=Returns)

    def stir(self) -> None:
        """Look at everything that depends on records again: something new was seen."""
        self.again = {document: at for document, at in self.again.items() if not _is_regime(document)}

    def tick(self, store: Store, audience: Audience, clock: Clock, sources: Collection[str]) -> None:
        """Look at what may be due, at most once a minute; `sources` are those that are asked. StoreError when it
        cannot be recorded: then it is still due."""
        now = clock()
        if self.looked_at is not None and self.looked_at <= now < self.looked_at + AT_MOST:
            return
        if self.looked_at is not None and now < self.looked_at:  # the clock was set back
            self.again.clear()
        self.looked_at = now
        for document in audience.asked_of(SOURCE, _concerned):
            self.again.setdefault(document, _opens(document) or now)
        self.returns.look(store, audience, clock)
        awaited = [d for d in audience.asked_of(SOURCE, _concerned) if self.again[d] <= now]
        for first in range(0, len(awaited), BATCH):
            self._look(awaited[first : first + BATCH], store, audience, clock, sources)

    def _look(
        self,
        documents: Sequence[DocumentId],
        store: Store,
        audience: Audience,
        clock: Clock,
        sources: Collection[str],
    ) -> None:
        now = clock()
        with store.look() as view:
            known = view.records(documents)
            waiting = {d for d, record in known.items() if self._waits(record, view, now, sources)}
            records = {d: record for d, record in known.items() if d not in waiting}
            found = {d: _of(record, view, now) for d, record in records.items()}
            grounds = {d: _grounds(record, view, now) for d, record in records.items() if _is_news(found[d])}
        tell(found, records, grounds, store, audience, clock)
        for document in documents:
            if document not in waiting:
                self.again[document] = _again(document, found.get(document), now)

    def _waits(self, record: Record, view: View, now: datetime, sources: Collection[str]) -> bool:
        """Say whether a poll that is due may still bring what would be missed: waited for, but not for ever."""
        document = record.document
        names = [name for rule in RULES if rule.concerns(document) and (name := rule.source(record)) in sources]
        states = [view.source(name) for name in names if name]
        if not any(state is None or is_due(state, now) for state in states):
            self.waiting.pop(document, None)
            return False
        since = self.waiting.setdefault(document, now)
        return since <= now < since + WAIT


def tell(
    found: Mapping[DocumentId, Due],
    records: Mapping[DocumentId, Record],
    grounds: Mapping[DocumentId, Mapping[str, Any]],
    store: Store,
    audience: Audience,
    clock: Clock,
) -> None:
    """Lay on the record what is newly due, and tell the operator what is in doubt. `grounds` are kept with it.

    The operator's word comes first: cut off between the two, it is stored again under the same identity, not twice.
    """
    news = {document: said for document, said in found.items() if _is_news(said)}
    if not news:
        return
    doubts = [change for d, said in news.items() for change in _doubts(records[d], said, clock())]
    with store.begin() as tx:
        for change in doubts:
            for alert in for_operator(change, audience):
                tx.enqueue(alert, audience.recipients[alert.channel], clock())
        if not tx.established(SOURCE):
            tx.establish(SOURCE, clock())
    reach("clock.between_doubt_and_reminder")
    observations = tuple(o for d, said in news.items() for o in observations_of(records[d], said, grounds[d]))
    lay(Page(scope=SOURCE, observations=observations), SOURCE, store, audience, clock)
    for document, said in news.items():
        event(log, "clock", document=document, reminders=len(said.reminders), doubts=len(said.doubts))


def _of(record: Record, view: View, now: datetime) -> Due:
    """Return what all rules say of a record."""
    parts = [rule.due(record, view, now) for rule in RULES if rule.concerns(record.document)]
    return Due(
        {subject: entry for part in parts for subject, entry in part.reminders.items()},
        {subject: entry for part in parts for subject, entry in part.doubts.items()},
        min((part.again_at for part in parts if part.again_at), default=None),
    )


def _is_news(said: Due) -> bool:
    return bool(said.reminders or said.doubts)


def _grounds(record: Record, view: View, now: datetime) -> Mapping[str, Any]:
    """Return what the clock went by beside the record: the moment, and of a regime how far its sources were read."""
    if not _is_regime(record.document):
        return {"now": now.isoformat()}
    coverage = coverage_of(record, view.source)
    through = coverage.through.isoformat() if coverage.through else None
    return {"now": now.isoformat(), "since": coverage.since and coverage.since.isoformat(), "through": through}


def due_then(record: Record, grounds: Mapping[str, Any]) -> Due:
    """Return what the clock had to say of a record as it stood, by the grounds that were kept with it."""
    now = datetime.fromisoformat(grounds["now"])
    if not _is_regime(record.document):
        return lapse(record, now)
    since, through = (grounds[name] and datetime.fromisoformat(grounds[name]) for name in ("since", "through"))
    return due(rules_for(record), record.facets, Coverage(since, through), record.first_seen_at, now)


def _again(document: DocumentId, found: Due | None, now: datetime) -> datetime:
    """Return when to look at a document again; what follows from the record is looked at every hour."""
    at = found.again_at if found else None
    latest = now + AT_LEAST if at is None or _is_regime(document) else at
    return min(at or latest, latest)


def observations_of(record: Record, said: Due, grounds: Mapping[str, Any]) -> Iterator[Observation]:
    """State what is said. The first entry of a facet would be its baseline, so an empty one goes before it."""
    if said.reminders and "reminders" not in record.facets:
        yield Observation(record.document, SOURCE, READER, {"reminders": {}}, context=grounds)
    facets: dict[str, Facet] = {"reminders": said.reminders} if said.reminders else {}
    if said.doubts:
        facets["doubts"] = {**record.facets.get("doubts", {}), **said.doubts}
    yield Observation(record.document, SOURCE, READER, facets, context=grounds)


def _doubts(record: Record, said: Due, now: datetime) -> Iterator[Change]:
    """Say a doubt as the operator's news; they are numbered as the record keeps them."""
    told = len(record.facets.get("doubts", {}))
    for number, (mark, entry) in enumerate(said.doubts.items(), told + 1):
        yield Change(
            document=operational("source", str(record.document)),
            revision=number,
            kind=Kind.SOURCE,
            subject=mark,
            before=None,
            after=str(entry["label"]),
            text=str(entry["text"]),
            happened_on=None,
            seen_at=now,
            source=SOURCE,
        )
