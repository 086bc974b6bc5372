"""What is new in what a source says?

Detection is a fold: each observation is laid on the record as it stands and yields the next record and the changes,
or nothing. "New" means new to us, never "dated after the last poll"; a list in another order, a line that vanished
and a stamp that moved are not news."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from domain.coded_text import CodedText, Param, coded, is_coded
from domain.jurisdictions import jurisdiction_of
from domain.observation import Observation
from domain.records.facets import RULES, Entry, Facet, Kind, label_of, rule_of, short_digest
from domain.records.merge import MISSING, SUPERSEDED, Merged, lineage, merge, predecessors, without_superseded
from domain.records.precedence import DISPUTES, Resolution, resolve
from domain.records.record import Change, Correction, Record, StatusPoint
from domain.records.text_difference import Edit, edited, reworded, succeeding
from domain.terms import announce

UNSTEADY = 2
"""How often in a row an entry returns to what it was before until that is told for the last time."""

UNCERTAIN = "uncertain:"
"""How the subject of a change begins that says of a line in doubt that the status may have moved: before and after are
the status as it stands."""

UNREAD = "unread:"
"""How the subject of a change begins that says of a line of a list that its document may have moved, which could not be
read in time: before and after are the status as it stands."""

_SHARED = {k for k, n in Counter(r.adds for r in RULES.values() if not r.beside).items() if k is not None and n > 1}
"""Kinds that several facets announce: there the facet is part of a change's subject, so that a cosponsor who becomes
sponsor is two changes. Facets beside each other report the same events, whose subject is one."""

Predecessors = Mapping[str, Sequence[str]]
"""The entries that each replaced."""

Move = tuple[StatusPoint, StatusPoint]
"""A point that was reported, and the one that stands in its place."""


@dataclass(frozen=True, slots=True)
class ChangeBuilder:
    """Says the differences between two states of one record; `record` is the new one."""

    record: Record
    source: str
    published_at: datetime | None
    evidence: Mapping[str, str]

    def appeared(self) -> Change:
        """Say that a document is new to us, in its own words and with its own day where it states them as a whole."""
        words = self.record.facets.get("content", {}).get("body")
        facet = "item" if words is None else "content"
        return self._change(Kind.APPEARED, "document", facet, None, self.record.title, words or {})

    def facet(
        self, name: str, old: Facet, new: Facet, known_before: Mapping[str, Facet], but: Iterable[str] = ()
    ) -> Iterator[Change]:
        """Say how one facet differs; `known_before` holds all facets as they stood before, `but` are subjects that
        took the place of others, and so are no news."""
        rule = rule_of(name)
        twins = known_before.get(rule.beside, {}) if rule.beside else {}
        known_as = frozenset(but)
        for subject, entry in new.items():
            known = old.get(subject)
            if known is None or not rule.is_there(known):
                new_here = subject not in twins and subject not in known_as and rule.is_there(entry)
                if rule.adds and new_here:
                    came = self._came(rule.adds, name, subject)
                    yield replace(came, text=succeeding(old, entry).get("text")) if rule.reworded else came
            elif int(entry.get("returns") or 0) > UNSTEADY:
                continue  # that it is unsteady was told
            elif rule.amends and rule.edited:
                if edit := edited(known, entry):
                    yield self._edited(edit, name, entry, rule.amends)
            elif rule.amends and rule.reworded:
                anew = reworded(known, entry)
                if anew:
                    same_day = known.get("on") == anew.get("on")  # as the version that was reworded, later
                    when = {**anew, "on": None} if same_day else anew
                    yield self._change(rule.amends, subject, name, label_of(known), label_of(anew), when)
            elif rule.amends and label_of(known) != label_of(entry):
                yield self._change(rule.amends, subject, name, label_of(known), label_of(entry), entry)
        for subject, entry in old.items():
            if rule.removes and subject not in new:
                # It says when it came, not when it went.
                yield self._change(rule.removes, subject, name, label_of(entry), None, {**entry, "on": None})

    def uncertain(self, old: Facet, new: Facet, but: Iterable[str], points: Iterable[StatusPoint]) -> Iterator[Change]:
        """Say which new lines are `undecided`, and of which no status comes: what may have decided is told at once, in
        the record's words. `but` are lines that took the place of others, `points` the statuses that are new."""
        made, known = tuple(points), {*old, *but}
        for subject, entry in new.items():
            if entry.get("undecided") and subject not in known and not any(_rests(point, entry) for point in made):
                yield self._uncertain(subject, entry)

    def _uncertain(self, subject: str, entry: Entry) -> Change:
        standing = self.record.last_status.status if self.record.last_status else None
        return self._change(Kind.STATUS, UNCERTAIN + subject, "actions", standing, standing, entry)

    def _edited(self, edit: Edit, name: str, entry: Entry, kind: Kind) -> Change:
        subject = f"{edit.subject}+unsteady" if entry.get("returns") == UNSTEADY else edit.subject
        return self._change(kind, subject, name, edit.before, edit.after, {**entry, "text": edit.text})

    def points(
        self, old: tuple[StatusPoint, ...], new: tuple[StatusPoint, ...], moves: Iterable[Move] = ()
    ) -> Iterator[Change]:
        """Say which points are new; those that only moved are not."""
        known = {(point.status, point.on) for point in (*old, *(after for _, after in moves))}
        reserved = bool(old) and old[0].status == "RESERVED"
        before = "RESERVED" if reserved and new and new[0].status != "RESERVED" else None
        for point in new:
            if (point.status, point.on) not in known:
                yield self._point(before, point)
            before = point.status

    def corrections(
        self, name: str, old: Facet, merged: Merged, moves: Iterable[Move], reached: Iterable[StatusPoint] = ()
    ) -> Iterator[Correction]:
        """Say what one facet corrects: entries that took the place of others, that are missing for good, that came
        back after we said so, and facts that changed. A line by which one of the points `reached` is a status again is
        told as that."""
        reached = tuple(reached)
        moved, earlier = tuple(moves), predecessors(old)
        for pair in merged.pairs:
            yield self._replaced(
                name, earlier, pair.old, merged.facet[pair.old], pair.new, merged.facet[pair.new], moved
            )
        for subject in merged.withdrawn:
            yield self._missing(name, earlier, subject, merged.facet[subject], moved)
        for subject in merged.returned:
            if not any(_rests(point, merged.facet[subject]) for point in reached):
                yield self._returned(name, earlier, subject, merged.facet[subject])

    def moved(self, before: StatusPoint, after: StatusPoint, known: tuple[StatusPoint, ...]) -> Correction:
        """Say that a point was reached on another day than we said, without a line having been corrected; `known` holds
        the points as they stood. Who was not notified yet that a bill fell back to one of them is not notified."""
        entry = {"text": after.text, "on": after.on}
        old, new = (f"status:{point.status}:{point.on}" for point in (before, after))
        words = [
            coded("status.since", status=self._status(point.status), on=point.on).to_json() for point in (before, after)
        ]
        announced = _announcing_point(before) | {(Kind.CORRECTION, change_subject(old, Kind.CORRECTION, "actions"))}
        change = self._change(Kind.CORRECTION, new, "actions", words[0], words[1], entry)
        fell_back = (after.status, after.on) in {(point.status, point.on) for point in known}
        return Correction(change, frozenset(announced), {} if fell_back else {Kind.STATUS: self._point(None, after)})

    def is_unsaid(self, before: StatusPoint, after: StatusPoint, lines: Iterable[tuple[Entry, Entry]]) -> bool:
        """Say whether no line that was corrected reports this move already."""
        moved = (before.status, before.on) != (after.status, after.on)
        return moved and not any(_rests(before, old) and _rests(after, new) for old, new in lines)

    def facts(self, name: str, old: Mapping[str, Facet]) -> Iterator[Correction]:
        """Say which facts of entries that stay were reported otherwise; `old` holds all facets as they stood before."""
        rule, earlier = rule_of(name), predecessors(old[name])
        for subject, entry in self.record.facets[name].items() if rule.facts else ():
            known = old[name].get(subject)
            changed = [f for f in rule.facts if known and known.get(f) and entry.get(f) and known[f] != entry[f]]
            if known is not None and changed and rule.adds:
                before = self._said(rule.adds, name, subject, old)
                after = self._said(rule.adds, name, subject, self.record.facets)
                same = before == after
                said_before, now = (
                    _with_facts(words, one, changed if same else ()) for words, one in ((before, known), (after, entry))
                )
                change = self._corrected(subject, name, said_before, now, entry)
                instead = {rule.adds: self._came(rule.adds, name, subject)}
                yield Correction(change, _announcing(name, earlier, subject), instead)

    def _replaced(
        self, name: str, earlier: Predecessors, old: str, before: Entry, new: str, after: Entry, moves: tuple[Move, ...]
    ) -> Correction:
        points = [move for move in moves if _rests(move[0], before) and _rests(move[1], after)]
        words = _dated(after)
        if points and points[-1][0].status != points[-1][1].status:
            words = coded("entry.with_status", entry=words, status=self._status(points[-1][1].status))
        announced = _announcing(name, earlier, old).union(*(_announcing_point(point) for point, _ in points))
        adds = rule_of(name).adds
        instead = {adds: self._came(adds, name, new)} if adds else {}
        if points:
            instead[Kind.STATUS] = self._point(None, points[-1][1])
        elif after.get("undecided"):
            instead[Kind.STATUS] = self._uncertain(new, after)
        return Correction(self._corrected(new, name, _dated(before), words, after), announced, instead)

    def _missing(
        self, name: str, earlier: Predecessors, subject: str, entry: Entry, moves: tuple[Move, ...]
    ) -> Correction:
        """Say that an entry is missing for good; of a line, what becomes of the status that rested on it."""
        points = [point for point in self.record.timeline if _rests(point, entry)] if name == "actions" else []
        fallen = [move for move in moves if _rests(move[0], entry)]
        since = str(entry[MISSING])[:10]
        words = coded("entry.missing", since=since)
        if fallen:
            after = fallen[-1][1]
            words = coded("entry.missing_status_back", since=since, status=self._status(after.status), on=after.on)
        elif points:
            words = coded("entry.missing_status_kept", since=since, status=self._status(points[-1].status))
        change = self._corrected(subject, name, _dated(entry), words, entry)
        said_before = (*points, *(before for before, _ in fallen))
        announced = _announcing(name, earlier, subject).union(*map(_announcing_point, said_before))
        return Correction(change, announced, sticks=not fallen)

    def _returned(self, name: str, earlier: Predecessors, subject: str, entry: Entry) -> Correction:
        missed = coded("entry.not_stated", entry=_dated(entry))
        change = self._corrected(subject, name, missed, coded("entry.stated_again", entry=_dated(entry)), entry)
        adds = rule_of(name).adds
        instead = {adds: self._came(adds, name, subject)} if adds else {}
        if entry.get("undecided"):
            instead[Kind.STATUS] = self._uncertain(subject, entry)
        return Correction(change, _announcing(name, earlier, subject), instead, sticks=True)

    def _corrected(self, subject: str, name: str, before: CodedText, after: CodedText, entry: Entry) -> Change:
        return self._change(Kind.CORRECTION, subject, name, before.to_json(), after.to_json(), entry)

    def _status(self, status: str) -> CodedText:
        return coded("status", status=status, document=str(self.record.document))

    def _came(self, kind: Kind, name: str, subject: str) -> Change:
        facets = self.record.facets
        if kind is Kind.STATUS:
            standing = self.record.last_status.status if self.record.last_status else None
            return self._change(kind, UNREAD + subject, name, standing, standing, facets[name][subject])
        said = self._said(kind, name, subject, facets)
        return self._change(kind, subject, name, None, said, facets[name][subject])

    def _point(self, before: str | None, point: StatusPoint) -> Change:
        entry = {"text": point.text, "on": point.on}
        facet = "status" if "status" in self.record.facets else "actions"
        return self._change(Kind.STATUS, f"{point.status}:{point.on}", facet, before, point.status, entry)

    def _said(self, kind: Kind, name: str, subject: str, facets: Mapping[str, Facet]) -> str | None:
        if kind is Kind.TERM:
            return announce(self.record.document, facets, name, subject)
        return label_of(facets[name][subject])

    def _change(
        self, kind: Kind, subject: str, facet: str, before: str | None, after: str | None, entry: Entry
    ) -> Change:
        return Change(
            document=self.record.document,
            revision=self.record.revision,
            kind=kind,
            subject=change_subject(subject, kind, facet),
            before=before,
            after=after,
            text=entry.get("text"),
            happened_on=entry.get("on"),
            seen_at=self.record.known_from,
            source=self.source,
            published_at=self.published_at,
            evidence=self.evidence.get(facet),
        )


def change_subject(subject: str, kind: Kind, facet: str) -> str:
    """Return the subject of a change about an entry of a facet."""
    short = subject if len(subject) <= 60 else short_digest(subject)
    return f"{facet}/{short}" if kind in _SHARED or kind is Kind.CORRECTION else short


def moved_points(
    old: tuple[StatusPoint, ...], new: tuple[StatusPoint, ...], replaced: Iterable[tuple[Entry, Entry]]
) -> list[Move]:
    """Return the points that only moved: first those whose line was corrected (then even the status may differ, for how
    a chamber amended what it passed is reported by the line), then those reached on another day than we knew, then
    those
    whose line means something else beside a later one (117 S. 1301: one chamber took up an amendment of the other).
    Where
    the last point is gone and none is new, it was replaced by the one before (117 S. 1198: a passage undone and
    repeated).
    """
    gone = [point for point in old if (point.status, point.on) not in {(r.status, r.on) for r in new}]
    come = [point for point in new if (point.status, point.on) not in {(r.status, r.on) for r in old}]
    moves: list[Move] = []
    lines = tuple(replaced)
    for before, after in lines:
        moves += _move(gone, come, lambda a, b, x=before, y=after: _rests(a, x) and _rests(b, y))
    while found := _move(gone, come, lambda a, b: a.status == b.status):
        moves += found
    while found := _move(gone, come, lambda a, b: (a.on, a.text) == (b.on, b.text)):
        moves += found
    if old and new and old[-1] in gone and new[-1] not in come:
        moves.append((old[-1], new[-1]))
    same = {(point.status, point.on): point for point in new}
    for before, _ in lines:  # a point that stays where it is, and was reported in words corrected since
        moves += [(r, same[r.status, r.on]) for r in old if _rests(r, before) and (r.status, r.on) in same]
    return moves


def _move(gone: list[StatusPoint], come: list[StatusPoint], fits: Any) -> list[Move]:
    for before in gone:
        for after in come:
            if fits(before, after):
                gone.remove(before)
                come.remove(after)
                return [(before, after)]
    return []


def _rests(point: StatusPoint, entry: Entry) -> bool:
    """Say whether a point was reached by this line."""
    return point.on == entry.get("on") and point.text == (entry.get("text") or "")


def _announcing(name: str, earlier: Predecessors, subject: str) -> frozenset[tuple[Kind, str]]:
    """Name the changes that reported an entry, or one that it took the place of."""
    kinds = [kind for kind in (rule_of(name).adds, Kind.CORRECTION) if kind]
    said = [(kind, s) for s in lineage(earlier, subject) for kind in kinds]
    if name == "actions":
        said += [(Kind.STATUS, UNCERTAIN + s) for s in lineage(earlier, subject)]
    return frozenset((kind, change_subject(s, kind, name)) for kind, s in said)


def _announcing_point(point: StatusPoint) -> frozenset[tuple[Kind, str]]:
    return frozenset({(Kind.STATUS, change_subject(f"{point.status}:{point.on}", Kind.STATUS, "actions"))})


def _dated(entry: Entry) -> CodedText:
    """Say an entry with its day."""
    words: Param = label_of(entry) or coded("words.none")
    return coded("entry.dated", words=words, on=str(entry["on"])) if entry.get("on") else coded("words", words=words)


def _with_facts(words: str | None, entry: Entry, names: Iterable[str]) -> CodedText:
    """Say an entry, and the facts of it that were corrected."""
    facts = tuple(coded("entry.fact", name=name, value=str(entry[name])) for name in names)
    said: Param = CodedText.from_json(words) if words and is_coded(words) else words or ""
    return coded("entry.with_facts", entry=said, facts=facts) if facts else coded("words", words=said)


def replaced_lines(merged: Merged) -> list[tuple[Entry, Entry]]:
    """Return the entries that were replaced, each with what took its place."""
    return [
        ({n: v for n, v in merged.facet[pair.old].items() if n != SUPERSEDED}, merged.facet[pair.new])
        for pair in merged.pairs
    ]


_ORDER = tuple(Kind)
_PLACES = {name: place for place, name in enumerate(RULES)}  # a decree before its law, on one day


@dataclass(frozen=True, slots=True)
class NewRevision:
    """One revision: the new record, the facets that differ from the last one, and what changed, most important first.
    `based_on` is the revision it was computed from (0 for a document never seen): if the store has moved on, the step
    is void and must be computed again. `corrections` are those among the changes, with what they corrected; until
    `domain.records.corrections.link_corrections` has looked into the past their `corrects` is empty. `context` is that
    of the observation; `baseline` says that what it reports was past when it was read, `late` that it was seen after a
    long stop."""

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
    """The record it was laid on, where known: the store reports the new state by what differs."""


def advance(record: Record | None, observation: Observation, now: datetime) -> NewRevision | None:
    """Lay an observation on the record; None when it says nothing new.

    `now` is aware UTC. For a document never seen the only change is that it appeared: what it already carried is
    its past, not news (see `past_changes`).
    """
    seen_at = max(now, record.known_from) if record else now
    observation = _read_as_a_whole(observation, record.facets if record else {})
    resolved = resolve(record, observation, now)
    laid = _laid(record, observation, resolved, seen_at)
    if record and not laid:
        return None
    new = _next_record(record, observation, resolved.owners, laid, seen_at)
    builder = ChangeBuilder(new, observation.source, observation.published_at, observation.evidence)
    found, corrections = _differences(builder, record, laid) if record else ([builder.appeared()], ())
    changes = _sorted(found)
    return NewRevision(
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


def _laid(
    record: Record | None, observation: Observation, resolved: Resolution, seen_at: datetime
) -> dict[str, Merged]:
    """Merge what is stated into the record; return the facets that differ then, or have another owner."""
    known, owners = (record.facets, record.owners) if record else ({}, {})
    laid: dict[str, Merged] = {}
    for name, stated in resolved.facets.items():
        owned = resolved.owners[name] == observation.source
        whole = owned and (owners.get(name) == observation.source or name in resolved.passed)
        whole = whole and not observation.facets.get(rule_of(name).partly or "")
        merged = merge(name, known.get(name), stated, whole=whole, now=seen_at)
        if merged.facet != known.get(name) or name in resolved.passed:
            laid[name] = merged
    return laid


def _next_record(
    record: Record | None,
    observation: Observation,
    owners: Mapping[str, str],
    laid: Mapping[str, Merged],
    seen_at: datetime,
) -> Record:
    facets = {**(record.facets if record else {}), **{name: merged.facet for name, merged in laid.items()}}
    law = jurisdiction_of(observation.document)
    return Record(
        document=observation.document,
        revision=record.revision + 1 if record else 1,
        known_from=seen_at,
        first_seen_at=record.first_seen_at if record else seen_at,
        facets=facets,
        timeline=law.timeline(observation.document, without_superseded(facets)),
        owners={**(record.owners if record else {}), **{name: owners[name] for name in laid}},
        url=observation.url or (record.url if record else None),
        aliases=tuple(dict.fromkeys((*(record.aliases if record else ()), *observation.aliases))),
    )


def _read_as_a_whole(observation: Observation, known: Mapping[str, Facet]) -> Observation:
    """Say of lists of which parts could not be read before, and of which this is not said again, that they were read as
    a whole."""
    partly = {rule_of(name).partly for name in observation.facets} - observation.facets.keys()
    over: dict[str, Facet] = {name: {} for name in partly if name is not None and known.get(name)}
    return replace(observation, facets={**observation.facets, **over}) if over else observation


def _context(observation: Observation, laid: Mapping[str, Merged]) -> Mapping[str, Any]:
    """Return what has to be kept beside the bytes. What was weighed against another source was weighed with all that
    was stated, so that the bytes of what did not alter the record are named as well."""
    if DISPUTES not in laid:
        return observation.context
    further = {n: found for n, found in observation.evidence.items() if n.partition("/")[0] not in laid}
    return {**observation.context, "stated": further} if further else observation.context


def _introduced(builder: ChangeBuilder, record: Record, differing: Mapping[str, Merged]) -> list[Change]:
    """Say that a number kept for a leader has become a bill (119 H.R. 1, in May 2025): its introduction is an event of
    its own, whose line puts nothing right; its title says who kept the number no more, and is no other news."""
    facets = (
        builder.facet(name, record.facets[name], merged.facet, record.facets) for name, merged in differing.items()
    )
    found = [change for changes in facets for change in changes if change.kind is not Kind.TITLE]
    return [*found, *builder.points(record.timeline, builder.record.timeline)]


def _differences(
    builder: ChangeBuilder, record: Record, laid: Mapping[str, Merged]
) -> tuple[list[Change], tuple[Correction, ...]]:
    """Say what is new against the record, and what of it corrects something reported before."""
    new = builder.record
    known = {**{name: {} for name in laid if rule_of(name).begins_with_news}, **record.facets}
    differing = {name: merged for name, merged in laid.items() if name in known}
    found: list[Change] = []
    rights: list[Correction] = []
    actions = differing.get("actions")
    lines = replaced_lines(actions) if actions else []
    moves = moved_points(record.timeline, new.timeline, lines)
    law = jurisdiction_of(record.document)
    if law.is_placeholder(record.title) and not law.is_placeholder(new.title):
        return _introduced(builder, record, differing), ()
    reached = [p for p in new.timeline if (p.status, p.on) not in {(q.status, q.on) for q in record.timeline}]
    for name, merged in differing.items():
        instead_of = [pair.new for pair in merged.pairs]
        found += builder.facet(name, known[name], merged.facet, known, but=instead_of)
        rights += builder.corrections(name, known[name], merged, moves if name == "actions" else (), reached)
        rights += builder.facts(name, known)
    if record.timeline or "actions" in known:  # the timeline of a bill known from a list alone is its past
        found += builder.points(record.timeline, new.timeline, moves)
        if actions:
            stated = {s: e for s, e in actions.facet.items() if SUPERSEDED not in e}
            found += builder.uncertain(known["actions"], stated, [pair.new for pair in actions.pairs], reached)
        withdrawn = [actions.facet[subject] for subject in actions.withdrawn] if actions else []
        unsaid = [
            (before, after)
            for before, after in moves
            if builder.is_unsaid(before, after, lines) and not any(_rests(before, entry) for entry in withdrawn)
        ]
        rights += [builder.moved(before, after, record.timeline) for before, after in unsaid]
    return [*found, *(right.change for right in rights)], tuple(rights)


def first_statements(step: NewRevision, before: Record | None) -> tuple[Change, ...]:
    """Return all that a step states anew, also what `advance` takes for past: the whole past of a document never seen,
    and of one known before what its facets carry that were not stated yet; most important first."""
    record = step.record
    if before is None:
        return _sorted(past_changes(record, step.source, step.published_at, step.evidence))
    builder = ChangeBuilder(record, step.source, step.published_at, step.evidence)
    known = {change.key for change in step.changes}
    found = [
        change
        for name in step.altered
        if name not in before.facets
        for change in builder.facet(name, {}, record.facets[name], before.facets)
    ]
    if not before.timeline and "actions" not in before.facets:
        found += builder.points((), record.timeline)
    return _sorted((*step.changes, *(change for change in found if change.key not in known)))


def _sorted(found: Iterable[Change]) -> tuple[Change, ...]:
    return tuple(sorted(found, key=lambda c: (_ORDER.index(c.kind), c.happened_on or "")))


def with_past(past: Iterable[Change], changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the past of a first reading and the stored changes since: what of the past was told is stored."""
    stored = {change.key for change in changes}
    return (*(change for change in past if change.key not in stored), *changes)


def past_changes(
    record: Record, source: str, published_at: datetime | None, evidence: Mapping[str, str]
) -> tuple[Change, ...]:
    """Return the past that a first revision carried when we met it, oldest first.

    These changes were no news and are not stored, but for those that came after a watch; `history` reports them all.
    """
    builder = ChangeBuilder(record, source, published_at, evidence)
    names = sorted(record.facets, key=lambda name: (_PLACES.get(name, len(_PLACES)), name))
    earlier = ({other: record.facets[other] for other in names[:place]} for place in range(len(names)))
    found = [
        c
        for name, known_before in zip(names, earlier, strict=True)
        for c in builder.facet(name, {}, record.facets[name], known_before)
    ]
    found += builder.points((), record.timeline)
    return tuple(sorted(found, key=lambda c: (c.happened_on or "9999", -_ORDER.index(c.kind))))
