"""Which saved searches does a bill match, and since when?

A search hears of a bill that matches it. One never seen before appears by itself; a known one whose words came to match
appears for this search alone, when they do. What was never stated before was true before: it makes nothing new.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.alerts.routing import Audience, Decision, Watch
from domain.records.detection import NewRevision
from domain.records.facets import Facet, Kind
from domain.records.record import Change, Record

_TITLES = ("title", "listed_title")
_READ_IN_FULL = ("titles", "subjects")
"""Facets that are first stated when a bill is read in full, however old what they state is."""


@dataclass(frozen=True, slots=True)
class SearchHit:
    """Changes that these watches are asked about. `words`: by watch, those of its search that were found."""

    changes: tuple[Change, ...]
    audience: Audience
    words: Mapping[str, tuple[str, ...]]

    def explained(self, decisions: Iterable[Decision]) -> Iterator[Decision]:
        """Put the words that were found into the decisions about them."""
        for decision in decisions:
            found = self.words.get(decision.watch.name)
            yield decision if found is None else replace(decision, words=found)


def search_matches(
    step: NewRevision, changes: tuple[Change, ...], before: Record | None, audience: Audience
) -> list[SearchHit]:
    """Say who is to be asked about the changes of a step: every other watch, each search that the bill matches, and
    alone each search that it came to match. `before` is the record as it stood, None for a document never seen."""
    searching = tuple(watch for watch in audience.searching if watch.covers(step.record.document))
    if not searching:
        return [SearchHit(changes, audience, {})] if changes else []
    found: dict[str, tuple[str, ...]] = {}
    alone: list[SearchHit] = []
    for watch in searching:
        words = watch.search.found_in(step.record.facets) if watch.search else None
        if words is None:
            continue
        found[watch.name] = words
        if before is not None and _came(watch, before.facets, step.record.facets):
            only = replace(audience, watches=(replace(watch, search=None),))
            alone.append(SearchHit((appearance(step, watch.name),), only, {watch.name: words}))
    heard = _with(audience, found, searching)
    return [*([SearchHit(changes, heard, found)] if changes else []), *alone]


def _with(audience: Audience, found: Mapping[str, object], searching: Sequence[Watch]) -> Audience:
    """Return everybody but the searches, and of these the ones that found something, as watches on the bill."""
    matching = (replace(watch, search=None) for watch in searching if watch.name in found)
    others = (watch for watch in audience.watches if watch.search is None)
    return replace(audience, watches=(*others, *matching))


def _came(watch: Watch, old: Mapping[str, Facet], new: Mapping[str, Facet]) -> bool:
    """Say whether a search that matches now did not match what was known before."""
    before = dict(old)
    for name in _READ_IN_FULL:
        if name not in before and name in new:
            before[name] = new[name]
    if not any(name in old for name in _TITLES):
        before.update({name: new[name] for name in _TITLES if name in new})
    return watch.search is not None and watch.search.found_in(before) is None


def appearance(step: NewRevision, watch: str) -> Change:
    """Say that a known bill came to match a search: with its title, and the day on which its publisher touched it."""
    record = step.record
    return Change(
        document=record.document,
        revision=record.revision,
        kind=Kind.APPEARED,
        subject=f"search:{watch}",
        before=None,
        after=record.title,
        text=record.title,
        happened_on=None,
        seen_at=record.known_from,
        source=step.source,
        published_at=step.published_at,
        evidence=next((step.evidence[name] for name in step.altered if name in step.evidence), None),
    )
