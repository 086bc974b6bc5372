"""What is new in what a source says?

Detection is a fold: each observation is laid on the record as it stands and yields the next record and the changes,
or nothing. "New" means new to us, never "dated after the last poll"; a list in another order, a line that vanished
and a stamp that moved are not news.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.changes import Change, Correction
from domain.facets import RULES, Facet, Kind
from domain.ladder import is_reserved, timeline
from domain.merging import Merged, merge, standing
from domain.observation import Observation
from domain.owners import DISPUTES, hear
from domain.record import Record
from domain.voice import Voice, moved_rungs, replaced_lines

_ORDER = tuple(Kind)
_PLACES = {name: place for place, name in enumerate(RULES)}  # a decree before its law, on one day


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: the new record, the facets that differ from the last one, and what changed, most important
    first. `based_on` is the revision it was computed from (0 for a document never seen): if the store has moved on,
    the step is void and must be computed again. `corrections` are those among the changes, with what they put right;
    until `domain.corrections.attribute` has looked into the past their `corrects` is empty. `context` is that of the
    observation; `baseline` says that what it tells was past when it was read, `late` that it was seen after a long
    stop."""

    record: Record
    based_on: int
    altered: tuple[str, ...]
    changes: tuple[Change, ...]
    reader: str
    source: str
    evidence: Mapping[str, str]
    published_at: datetime | None
    corrections: tuple[Correction, ...] = ()
    context: Mapping[str, Any] = field(default_factory=dict)
    baseline: bool = False
    late: bool = False
    before: Record | None = None
    """The record it was laid on, where known: the store tells the new state by what differs."""


def advance(record: Record | None, observation: Observation, now: datetime) -> Step | None:
    """Lay an observation on the record; None when it says nothing new.

    `now` is aware UTC. For a document never seen the only change is that it appeared: what it already carried is
    its past, not news (see `chronicle`).
    """
    known: Mapping[str, Facet] = record.facets if record else {}
    owners: Mapping[str, str] = record.owners if record else {}
    seen_at = max(now, record.known_from) if record else now
    heard = hear(record, observation, now)
    laid: dict[str, Merged] = {}
    for name, stated in heard.facets.items():
        owned = heard.owners[name] == observation.source
        whole = owned and (owners.get(name) == observation.source or name in heard.passed)
        merged = merge(name, known.get(name), stated, whole=whole, now=seen_at)
        if merged.facet != known.get(name) or name in heard.passed:
            laid[name] = merged
    if record and not laid:
        return None
    facets = {**known, **{name: merged.facet for name, merged in laid.items()}}
    new = Record(
        document=observation.document,
        revision=record.revision + 1 if record else 1,
        known_from=seen_at,
        first_seen_at=record.first_seen_at if record else now,
        facets=facets,
        timeline=timeline(observation.document, standing(facets)),
        owners={**owners, **{name: heard.owners[name] for name in laid}},
        url=observation.url or (record.url if record else None),
        aliases=tuple(dict.fromkeys((*(record.aliases if record else ()), *observation.aliases))),
    )
    voice = Voice(new, observation.source, observation.published_at, observation.evidence)
    found, corrections = _differences(voice, record, laid) if record else ([voice.appeared()], ())
    changes = tuple(sorted(found, key=lambda c: (_ORDER.index(c.kind), c.happened_on or "")))
    return Step(
        record=new,
        based_on=record.revision if record else 0,
        altered=tuple(laid),
        changes=changes,
        reader=observation.reader,
        source=observation.source,
        evidence=observation.evidence,
        published_at=observation.published_at,
        corrections=corrections,
        context=_context(observation, laid),
        before=record,
    )


def _context(observation: Observation, laid: Mapping[str, Merged]) -> Mapping[str, Any]:
    """Return what has to be kept beside the bytes. What was weighed against another source was weighed with all that
    was stated, so that the bytes of what did not alter the record are named as well."""
    if DISPUTES not in laid:
        return observation.context
    further = {n: found for n, found in observation.evidence.items() if n.partition("/")[0] not in laid}
    return {**observation.context, "stated": further} if further else observation.context


def _introduced(voice: Voice, record: Record, differing: Mapping[str, Merged]) -> list[Change]:
    """Say that a number kept for a leader has become a bill (119 H.R. 1, in May 2025): its introduction is an event of
    its own, whose line puts nothing right; its title says who kept the number no more, and is no other news."""
    facets = (voice.facet(name, record.facets[name], merged.facet, record.facets) for name, merged in differing.items())
    found = [change for changes in facets for change in changes if change.kind is not Kind.TITLE]
    return [*found, *voice.rungs(record.timeline, voice.record.timeline)]


def _differences(
    voice: Voice, record: Record, laid: Mapping[str, Merged]
) -> tuple[list[Change], tuple[Correction, ...]]:
    """Say what is new against the record, and what of it puts right something told before."""
    known, new = record.facets, voice.record
    differing = {name: merged for name, merged in laid.items() if name in known}
    found: list[Change] = []
    rights: list[Correction] = []
    actions = differing.get("actions")
    lines = replaced_lines(actions) if actions else []
    moves = moved_rungs(record.timeline, new.timeline, lines)
    if is_reserved(record.title) and not is_reserved(new.title):
        return _introduced(voice, record, differing), ()
    for name, merged in differing.items():
        instead_of = [pair.new for pair in merged.pairs]
        found += voice.facet(name, known[name], merged.facet, known, but=instead_of)
        rights += voice.corrections(name, known[name], merged, moves if name == "actions" else ())
        rights += voice.facts(name, known)
    if record.timeline or "actions" in known:  # the ladder of a bill known from a list alone is its past
        found += voice.rungs(record.timeline, new.timeline, moves)
        unsaid = [move for move in moves if voice.is_unsaid(*move, lines)]
        rights += [voice.moved(before, after, record.timeline) for before, after in unsaid]
    return [*found, *(right.change for right in rights)], tuple(rights)


def chronicle(
    record: Record, source: str, published_at: datetime | None, evidence: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return the past that a first revision carried when we met it, oldest first.

    These changes were never news and are not stored; `history` tells them.
    """
    voice = Voice(record, source, published_at, evidence)
    names = sorted(record.facets, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    earlier = ({other: record.facets[other] for other in names[:place]} for place in range(len(names)))
    found = [
        c for name, told in zip(names, earlier, strict=True) for c in voice.facet(name, {}, record.facets[name], told)
    ]
    found += voice.rungs((), record.timeline)
    return tuple(sorted(found, key=lambda c: (c.happened_on or "9999", -_ORDER.index(c.kind))))
