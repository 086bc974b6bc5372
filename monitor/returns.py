"""Which followed bills were introduced again after their Congress had ended?

Looked for among the titles known of the Congress that sits: all its bills where the source is read as a whole, else
those somebody watches. What is found is stated of the old bill, so that whoever follows it hears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.congresses import day_of, end_of
from domain.facets import Entry
from domain.identity import DocumentId, congress_on
from domain.observation import Observation, Page
from domain.ports import Clock, Store, View
from domain.record import Record
from domain.reintroduction import entry_of, normalised, reintroduced, titles_of
from domain.routing import Audience
from monitor.poll import lay

SOURCE = "clock"
READER = "returns/1"
FACET = "reintroductions"

EVERY = timedelta(hours=1)


@dataclass(slots=True)
class Returns:
    """Looks once an hour; `looked_at` is when it last did."""

    looked_at: datetime | None = None

    def look(self, store: Store, audience: Audience, clock: Clock) -> None:
        """Look for what came back of the watches that follow it. StoreError when it cannot be recorded."""
        now = clock()
        wanted = sorted({w.document for w in audience.watches if w.follow and w.document is not None})
        ended = [bill for bill in wanted if end_of(int(bill.parts[0])) <= now]
        if not ended or (self.looked_at is not None and self.looked_at <= now < self.looked_at + EVERY):
            return
        with store.look() as view:
            stated = tuple(_found(view, ended, now))
            begun = view.established(SOURCE)
        if stated and not begun:
            with store.begin() as tx:
                tx.establish(SOURCE, now)
        if stated:
            lay(Page(scope=SOURCE, observations=stated), SOURCE, store, audience, clock)
        self.looked_at = now


def _found(view: View, bills: list[DocumentId], now: datetime) -> Iterator[Observation]:
    sitting = DocumentId("us", "bill", (str(congress_on(day_of(now))),))
    titles: dict[str, list[DocumentId]] = {}
    for document, title in view.titles(sitting).items():
        titles.setdefault(normalised(title), []).append(document)
    for record in view.records(bills).values():
        known = record.facets.get(FACET, {})
        alike = {document for title in titles_of(record.facets) for document in titles.get(title, ())}
        candidates = view.records(sorted(alike))
        entries = entries_of(record, candidates)
        revisions = {str(document): candidate.revision for document, candidate in candidates.items()}
        if FACET not in record.facets:  # its first entry would be its baseline
            yield Observation(record.document, SOURCE, READER, {FACET: {}})
        if entries.keys() - known.keys():
            grounds = {"candidates": {subject: revisions[subject] for subject in entries}}
            yield Observation(record.document, SOURCE, READER, {FACET: {**entries, **known}}, context=grounds)


def entries_of(record: Record, candidates: Mapping[DocumentId, Record]) -> dict[str, Entry]:
    """Return what the record of a bill keeps of those among the candidates that are it, introduced again."""
    found = {}
    for document, candidate in candidates.items():
        match = reintroduced(record.document, record.facets, document, candidate.facets)
        if match is not None:
            found[str(document)] = entry_of(match, record.document)
    return found
