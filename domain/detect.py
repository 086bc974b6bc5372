"""What is new in what a source says?

Detection is a fold: each observation is laid on the record as it stands and yields the next record and the changes,
or nothing. "New" means new to us, never "dated after the last poll"; a list in another order, a line that vanished
and a stamp that moved are not news.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from domain.changes import Change
from domain.facets import RULES, Entry, Facet, Kind, rule_of, short_digest
from domain.facets import label_of as _label
from domain.ladder import Rung, timeline
from domain.observation import Observation
from domain.owners import hear
from domain.record import Record
from domain.terms import announce

_ORDER = tuple(Kind)
_PLACES = {name: place for place, name in enumerate(RULES)}  # a decree before its law, on one day
_SHARED = {k for k, n in Counter(r.adds for r in RULES.values() if not r.beside).items() if k is not None and n > 1}
"""Kinds that several facets announce: there the facet is part of a change's subject, so that a cosponsor who becomes
sponsor is two changes. Facets beside each other tell the same events, whose subject is one."""


@dataclass(frozen=True, slots=True)
class Step:
    """One revision: the new record, the facets that differ from the last one, and what changed, most important
    first. `based_on` is the revision it was computed from (0 for a document never seen): if the store has moved on,
    the step is void and must be computed again."""

    record: Record
    based_on: int
    altered: tuple[str, ...]
    changes: tuple[Change, ...]
    reader: str
    source: str
    evidence: Mapping[str, str]
    published_at: datetime | None


def advance(record: Record | None, observation: Observation, now: datetime) -> Step | None:
    """Lay an observation on the record; None when it says nothing new.

    `now` is aware UTC. For a document never seen the only change is that it appeared: what it already carried is
    its past, not news (see `chronicle`).
    """
    known: Mapping[str, Facet] = record.facets if record else {}
    facets = dict(known)
    altered = []
    heard = hear(record, observation, now)
    for name, stated in heard.facets.items():
        merged = _merge(name, known.get(name), stated)
        if merged != known.get(name) or name in heard.passed:
            facets[name] = merged
            altered.append(name)
    if record and not altered:
        return None
    seen_at = max(now, record.known_from) if record else now
    rungs = timeline(observation.document, facets)
    new = Record(
        document=observation.document,
        revision=record.revision + 1 if record else 1,
        known_from=seen_at,
        first_seen_at=record.first_seen_at if record else now,
        facets=facets,
        timeline=rungs,
        owners={**(record.owners if record else {}), **{name: heard.owners[name] for name in altered}},
        url=observation.url or (record.url if record else None),
        aliases=tuple(dict.fromkeys((*(record.aliases if record else ()), *observation.aliases))),
    )
    voice = _Voice(new, observation.source, observation.published_at, observation.evidence)
    if record is None:
        found = [voice.appeared()]
    else:
        found = [c for name in altered if name in known for c in voice.facet(name, known[name], facets[name], known)]
        if record.timeline or "actions" in known:  # the ladder of a bill known from a list alone is its past
            found += voice.rungs(record.timeline, rungs)
    changes = tuple(sorted(found, key=lambda c: (_ORDER.index(c.kind), c.happened_on or "")))
    return Step(
        record=new,
        based_on=record.revision if record else 0,
        altered=tuple(altered),
        changes=changes,
        reader=observation.reader,
        source=observation.source,
        evidence=observation.evidence,
        published_at=observation.published_at,
    )


def chronicle(
    record: Record, source: str, published_at: datetime | None, evidence: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return the past that a first revision carried when we met it, oldest first.

    These changes were never news and are not stored; `history` tells them.
    """
    voice = _Voice(record, source, published_at, evidence)
    names = sorted(record.facets, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    earlier = ({other: record.facets[other] for other in names[:place]} for place in range(len(names)))
    found = [
        c for name, told in zip(names, earlier, strict=True) for c in voice.facet(name, {}, record.facets[name], told)
    ]
    found += voice.rungs((), record.timeline)
    return tuple(sorted(found, key=lambda c: (c.happened_on or "9999", -_ORDER.index(c.kind))))


def _merge(name: str, known: Facet | None, stated: Facet) -> Facet:
    """Return what stands once `stated` has been heard: kept entries survive their absence (rule 5)."""
    if known is None or not rule_of(name).keeps:
        return dict(stated)
    return {**known, **stated}


@dataclass(frozen=True, slots=True)
class _Voice:
    """Says the differences between two states of one record."""

    record: Record
    source: str
    published_at: datetime | None
    evidence: Mapping[str, str]

    def appeared(self) -> Change:
        """Say that a document is new to us, in its own words and with its own day where it states them as a whole."""
        words = self.record.facets.get("content", {}).get("body")
        facet = "item" if words is None else "content"
        return self._change(Kind.APPEARED, "document", facet, None, self.record.title, words or {})

    def facet(self, name: str, old: Facet, new: Facet, told: Mapping[str, Facet]) -> Iterator[Change]:
        """Say how one facet differs; `told` holds all facets as they stood before."""
        rule = rule_of(name)
        twins = told.get(rule.beside, {}) if rule.beside else {}
        for subject, entry in new.items():
            known = old.get(subject)
            if known is None:
                if rule.adds and subject not in twins:
                    yield self._change(rule.adds, subject, name, None, self._said(rule.adds, name, subject), entry)
            elif rule.amends and _label(known) != _label(entry):
                yield self._change(rule.amends, subject, name, _label(known), _label(entry), entry)
        for subject, entry in old.items():
            if rule.removes and subject not in new:
                yield self._change(rule.removes, subject, name, _label(entry), None, entry)

    def _said(self, kind: Kind, name: str, subject: str) -> str | None:
        if kind is Kind.TERM:
            return announce(self.record.document, self.record.facets, name, subject)
        return _label(self.record.facets[name][subject])

    def rungs(self, old: tuple[Rung, ...], new: tuple[Rung, ...]) -> Iterator[Change]:
        known = {(rung.status, rung.on) for rung in old}
        before = None
        for rung in new:
            if (rung.status, rung.on) not in known:
                yield self._change(
                    Kind.STATUS,
                    f"{rung.status}:{rung.on}",
                    "actions",
                    before,
                    rung.status,
                    {"text": rung.text, "on": rung.on},
                )
            before = rung.status

    def _change(
        self, kind: Kind, subject: str, facet: str, before: str | None, after: str | None, entry: Entry
    ) -> Change:
        return Change(
            document=self.record.document,
            revision=self.record.revision,
            kind=kind,
            subject=_named(subject if len(subject) <= 60 else short_digest(subject), kind, facet),
            before=before,
            after=after,
            text=entry.get("text"),
            happened_on=entry.get("on"),
            seen_at=self.record.known_from,
            source=self.source,
            published_at=self.published_at,
            evidence=self.evidence.get(facet),
        )


def _named(subject: str, kind: Kind, facet: str) -> str:
    return f"{facet}/{subject}" if kind in _SHARED else subject
