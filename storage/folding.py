"""How is a state told by what differs from the last one?

Each revision has one statement: the entries that it adds or alters, facet by facet, and the words of its changes,
which say the same again and so cost next to nothing in one stream. A state is the fold of the statements up to it.
Every so many revisions a statement is whole, so that nobody folds a long past. Members, each left out where empty:

    facets    {name: {subject: entry}}: entries that are new or different
    gone      {name: [subject]}: entries that are no more
    anew      [name]: facets that take nothing over from before
    owners    {name: source}: whose word a facet is, where it is not the source of the revision
    altered   [name]: what this revision altered, where it tells more than that
    evidence  {name: digest}: the bytes that a facet was read from; "" stands for every altered one not named,
              `actions/2` names further ones
    words     [[before, after, text, day]]: changes by their places, with their evidence where it is not that of ""
    context   what the reading needed beside the bytes
    baseline  true where what is told was past when it was read, `late` where it was seen after a long stop
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from domain.errors import StoreError
from domain.records.facets import Facet, canonical
from storage import packing

if TYPE_CHECKING:
    from domain.records.detection import NewRevision
    from domain.records.record import Change

_SPAN = 16
"""Revisions from one whole statement to the next: of 30,000 bills few have more, and a fold of so many is quick."""

_NOBODY: Mapping[str, Any] = {}


@dataclass(frozen=True, slots=True)
class Statement:
    """What a revision adds, as stored, and the name of the state that it makes."""

    name: bytes
    body: bytes


@dataclass(slots=True)
class State:
    """Facets and their owners as folded so far."""

    facets: dict[str, Facet] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)

    def lay(self, told: Mapping[str, Any], source: str) -> None:
        """Lay the next statement on the state."""
        gone, anew, owners = (told.get(part, _NOBODY) for part in ("gone", "anew", "owners"))
        for name, entries in told.get("facets", _NOBODY).items():
            known = _NOBODY if name in anew else self.facets.get(name, _NOBODY)
            left = {subject: entry for subject, entry in known.items() if subject not in gone.get(name, ())}
            self.facets[name] = {**left, **entries}
            self.owners[name] = owners.get(name, source)

    @property
    def name(self) -> bytes:
        return packing.name(canonical(self.facets))

    def verify(self, name: bytes, of: str) -> None:
        """Pass if the state has this name; StoreError if what is stored was damaged."""
        if self.name != name:
            raise StoreError(f"{of}: what is stored does not match its digest: restore a backup made before")


def since(revision: int) -> int:
    """Return the revision whose whole statement the fold up to this one begins with."""
    return (revision - 1) // _SPAN * _SPAN + 1


def statement(step: NewRevision) -> Statement:
    """Return what the revision of a step adds to the last one."""
    state = State()
    whole = since(step.record.revision) == step.record.revision
    if step.before is not None and not whole:
        state = State(dict(step.before.facets), dict(step.before.owners))
    told = {part: found for part, found in _parts(step, state, whole).items() if found}
    if not whole and step.before is None:
        state = State({**step.record.facets})
    state.lay(told, step.source)
    return Statement(state.name, packing.packed(canonical(told)))


def _parts(step: NewRevision, state: State, whole: bool) -> dict[str, Any]:
    names = sorted(step.record.facets) if whole else step.altered
    facets = {name: (state.facets.get(name, _NOBODY), step.record.facets[name]) for name in names}
    evidence = _evidence(step)
    return {
        "facets": {name: dict(_new(*pair)) for name, pair in facets.items()},
        "gone": {name: left for name, pair in facets.items() if (left := [s for s in pair[0] if s not in pair[1]])},
        "anew": [] if whole or step.before is not None else list(names),
        "owners": {name: owner for name in names if (owner := _owner(step, name)) != step.source},
        "altered": sorted(step.altered) if set(step.altered) != set(names) else [],
        "evidence": evidence,
        "words": list(_words(step, evidence.get(""))),
        "context": dict(step.context),
        "baseline": step.baseline,
        "late": step.late,
    }


def _new(before: Facet, after: Facet) -> Iterator[tuple[str, Any]]:
    for subject, entry in after.items():
        known = before.get(subject)
        if known != entry or not _is_alike(known, entry):
            yield subject, entry


def _is_alike(one: Any, other: Any) -> bool:
    """Say whether equal values read alike: 1, 1.0 and true are equal, and their digests are not."""
    if type(one) is not type(other):
        return False
    if isinstance(one, dict):
        return all(_is_alike(value, other[name]) for name, value in one.items())
    return not isinstance(one, list) or all(map(_is_alike, one, other))


def _owner(step: NewRevision, name: str) -> str:
    """A revision says whose word the facets are that it alters; of the others it knows only what was known."""
    known = step.record if name in step.altered or step.before is None else step.before
    return known.owners.get(name, step.source)


def _evidence(step: NewRevision) -> dict[str, str | None]:
    """Name the commonest bytes once; a facet read from several has further ones, `actions/2`."""
    first = {name: step.evidence.get(name) for name in step.altered}
    further = {name: found for name, found in step.evidence.items() if name.partition("/")[0] in first and "/" in name}
    common = next((digest for digest, _ in Counter(first.values()).most_common(1)), None)
    named = {name: digest for name, digest in {**first, **further}.items() if digest != common or name in further}
    return {"": common, **named} if common or named else {}


def evidence(told: Mapping[str, Any]) -> dict[str, str]:
    """Return the digests of the bytes that altered facets were read from, as far as they were named."""
    named = dict(told.get("evidence", _NOBODY))
    common = named.pop("", None)
    altered = told.get("altered") or told.get("facets", _NOBODY)
    found = {**dict.fromkeys(altered, common), **named}
    return {name: digest for name, digest in found.items() if digest is not None}


def placed(changes: Iterable[Change]) -> Sequence[Change]:
    """Return changes at their places: each once."""
    once: dict[str, Change] = {}
    for change in changes:
        once.setdefault(change.key, change)
    return list(once.values())


def is_told(change: Change, step: NewRevision) -> bool:
    """Say whether the statement of its revision carries the words of a change: if it was seen and stated with it."""
    common = (step.record.known_from, step.source, step.published_at, None)
    return (change.seen_at, change.source, change.published_at, change.corrects) == common


def _words(step: NewRevision, evidence: str | None) -> Iterator[list[str | None] | None]:
    for change in placed(step.changes):
        said = [change.before, change.after, change.text, change.happened_on]
        own = [] if change.evidence == evidence else [change.evidence]
        yield [*said, *own] if is_told(change, step) else None
