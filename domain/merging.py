"""What stands of a facet once a source has spoken again?

An entry of a kept facet survives its absence (rule 5). In a facet that its source lists as a whole, absence is noted in
the entry itself, so that an unchanged statement finds an unchanged record:

- `superseded_by`: the subject of the entry that took its place; it no longer counts for anything but history.
- `missing_since`: when a complete statement first lacked it (ISO 8601, UTC). It stands as before.
- `withdrawn`: true once it was told to be missing.

Nothing is ever deleted. What is stated again loses its marks.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.facets import Entry, Facet, rule_of
from domain.pairing import Pair, Why, pairs, words_of

PATIENCE = timedelta(hours=24)
"""How long a line must be missing before anybody hears: lines vanish and come back (usgpo/bill-status #62, #237)."""

SUPERSEDED, MISSING, WITHDRAWN = "superseded_by", "missing_since", "withdrawn"


@dataclass(frozen=True, slots=True)
class Merged:
    """A facet as it stands. `pairs` are the entries that took the place of others, `withdrawn` those that have been
    missing for good, `returned` those that were told to be missing and are stated again."""

    facet: Facet
    pairs: tuple[Pair, ...] = ()
    withdrawn: tuple[str, ...] = ()
    returned: tuple[str, ...] = ()


def merge(name: str, known: Facet | None, stated: Facet, *, whole: bool, now: datetime) -> Merged:
    """Lay a statement on a facet. `whole` says that the source whose statement stands lists the facet again."""
    rule = rule_of(name)
    if known is None or not rule.keeps:
        return Merged(dict(stated))
    if not (rule.enumerated and whole):
        return Merged({**known, **_marked(known, stated)})
    if not stated:
        return Merged(known)  # emptiness is an error, not a statement (rule 4)
    gone = {s: e for s, e in known.items() if s not in stated and SUPERSEDED not in e}
    found = _paired(known, stated, gone)
    facet = {**known, **_marked(known, stated)}
    for pair in found:
        facet[pair.old] = {**_unmarked(facet[pair.old]), SUPERSEDED: pair.new}
        facet[pair.new] = _unmarked(facet[pair.new])
    settled = {pair.old for pair in found}
    missing = {s: _missed(e, now) for s, e in gone.items() if s not in settled}
    facet |= missing
    return Merged(
        facet=facet,
        pairs=found,
        withdrawn=tuple(s for s, e in missing.items() if WITHDRAWN in e and WITHDRAWN not in known[s]),
        returned=tuple(s for s in stated if WITHDRAWN in known.get(s, {}) and SUPERSEDED not in facet[s]),
    )


def standing(facets: Mapping[str, Facet]) -> Mapping[str, Facet]:
    """Return the facets without what gave way to something else: what a standing is derived from."""
    if not any(SUPERSEDED in entry for facet in facets.values() for entry in facet.values()):
        return facets
    return {name: {s: e for s, e in facet.items() if SUPERSEDED not in e} for name, facet in facets.items()}


def lineage(facet: Facet, subject: str) -> frozenset[str]:
    """Return the subjects of all entries that gave way to this one, one after the other, and its own."""
    found = {subject}
    while more := {s for s, e in facet.items() if e.get(SUPERSEDED) in found} - found:
        found |= more
    return frozenset(found)


def _paired(known: Facet, stated: Facet, gone: Facet) -> tuple[Pair, ...]:
    """Find what took the place of what: first what came back in the place of its own successor."""
    restored = [
        Pair(head, s, Why.RESTORED)
        for s in stated
        for head in [_head(known, s)]
        if head is not None and head != s and head in gone
    ]
    first = {pair.old: pair for pair in restored}
    come = {s: e for s, e in stated.items() if s not in known}
    if not come:
        return tuple(first.values())
    leaving = {**{s: e for s, e in gone.items() if s not in first}, **_halved(known, stated)}
    recurring = Counter(words_of(s, e) for s, e in {**known, **stated}.items() if SUPERSEDED not in e)
    return (*first.values(), *pairs(leaving, come, recurring))


def _halved(known: Facet, stated: Facet) -> Facet:
    """Return the entries that are told by fewer codes than before: one of the lines that told them was edited, and its
    echo will follow. Only what those codes told can have gone elsewhere."""
    halved: dict[str, Entry] = {}
    for subject, entry in stated.items():
        before = known.get(subject)
        if before is None or SUPERSEDED in before:
            continue
        lost = sorted(set(before.get("codes") or ()) - set(entry.get("codes") or ()))
        if lost and entry.get("codes"):
            halved[subject] = {**before, "codes": lost}
    return halved


def _head(facet: Facet, subject: str) -> str | None:
    """Return the entry that stands in the place of this one, itself if it stands; None for one never heard of."""
    seen: set[str] = set()
    while subject in facet and subject not in seen:
        seen.add(subject)
        after = facet[subject].get(SUPERSEDED)
        if after is None:
            return subject
        subject = str(after)
    return None


def _marked(known: Facet, stated: Facet) -> Facet:
    """What gave way stays so while what took its place is there, even if both are stated: the echo comes late."""
    return {
        s: {**e, SUPERSEDED: known[s][SUPERSEDED]} if SUPERSEDED in known.get(s, {}) else e for s, e in stated.items()
    }


def _unmarked(entry: Entry) -> Entry:
    return {name: value for name, value in entry.items() if name not in (SUPERSEDED, MISSING, WITHDRAWN)}


def _missed(entry: Entry, now: datetime) -> Entry:
    since = entry.get(MISSING)
    if since is None:
        return {**entry, MISSING: now.isoformat()}
    if WITHDRAWN not in entry and now - datetime.fromisoformat(since) >= PATIENCE:
        return {**entry, WITHDRAWN: True}
    return entry
