"""Which rows does a page of revisions come to?

Steps are gathered and written together, one statement per table, because a page must not hold the write lock for long
(rule 1). Only altered facets get a row; a timeline closes the intervals that no longer stand and opens the new ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Update, bindparam, insert, select, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.changes import Change
from domain.detect import Step
from domain.facets import canonical
from domain.ladder import Rung
from domain.record import Record
from storage import packing
from storage.tables import (
    Alias,
    Evidence,
    Headline,
    Revision,
    StatusInterval,
    table,
)
from storage.tables import Change as ChangeRow

_SHOWN = frozenset({"title", "listed_title", "item", "laws"})
"""Facets a quick answer shows something of."""

_EVIDENCE, _CHANGES = table(Evidence), table(ChangeRow)
_INTERVALS = table(StatusInterval)

_Values = dict[str, Any]


def _key_of_evidence(parameter: str) -> Any:
    return select(_EVIDENCE.c.id).where(_EVIDENCE.c.digest == bindparam(parameter)).scalar_subquery()


_NAME_EVIDENCE = upsert(_EVIDENCE).on_conflict_do_nothing()
_ADD_ALIAS = upsert(table(Alias)).on_conflict_do_nothing()
_ADD_REVISION = insert(table(Revision))
_ADD_HEADLINE = insert(table(Headline))
_ADD_CHANGE = insert(_CHANGES).values(evidence=_key_of_evidence("evidence_digest"))
_OPEN = insert(_INTERVALS)
_CLOSE = (
    update(_INTERVALS)
    .where(
        _INTERVALS.c.document == bindparam("of_document"),
        _INTERVALS.c.from_revision == bindparam("since_revision"),
        _INTERVALS.c.seq == bindparam("at_seq"),
    )
    .values(to_revision=bindparam("until_revision"), known_to=bindparam("until"))
)
# The rows that are most go to the driver as they are: binding them one by one took half of a page's time.
_ADD_FACET = "INSERT INTO facet (digest, body) VALUES (?, ?) ON CONFLICT (digest) DO NOTHING"
_ADD_REVISION_FACET = """
    INSERT INTO revision_facet (document, name, revision, source, facet, evidence)
    VALUES (?, ?, ?, ?, (SELECT id FROM facet WHERE digest = ?), (SELECT id FROM evidence WHERE digest = ?))
"""
_STANDING = """
    SELECT document, from_revision, seq, status, status_on, text FROM status_interval
    WHERE document IN (SELECT value FROM json_each(?)) AND to_revision IS NULL
"""

_PLACES = "SELECT change, position FROM v_history WHERE document = ? AND revision = ? ORDER BY position"
_BEGUN = """
    SELECT DISTINCT c.document FROM json_each(?) j
    JOIN change c ON c.document = j.value ->> 0 AND c.revision = j.value ->> 1
"""

_Statement = Insert | Update | Any


class Batch:
    """Steps of one transaction that are not written yet, by the key of their document."""

    def __init__(self, connection: Connection, trace: Callable[[str], None]) -> None:
        self._connection = connection
        self._trace = trace
        self._steps: dict[int, Step] = {}

    def __len__(self) -> int:
        return len(self._steps)

    def __contains__(self, document: int) -> bool:
        return document in self._steps

    def add(self, document: int, step: Step) -> None:
        self._steps[document] = step

    def write(self) -> None:
        """Write every gathered step. Each document is in a batch once, so the order is the order of the tables."""
        steps, self._steps = list(self._steps.items()), {}
        if not steps:
            return
        self._many(_ADD_REVISION, (_revision(key, step) for key, step in steps))
        self._many(_ADD_HEADLINE, (_headline(key, s.record) for key, s in steps if _shows(s)))
        self._many(_ADD_ALIAS, (row for key, step in steps for row in _aliases(key, step.record)))
        self._many(_NAME_EVIDENCE, _named_evidence(step for _, step in steps))
        self._write_facets(steps)
        self._write_intervals(steps)
        self._trace("store.before_change")
        self._write_changes_of(steps)

    def write_changes(self, document: int, revision: int, changes: Iterable[Change]) -> dict[str, int]:
        """Write changes of one revision after those that are stored; return the place of each by its key.

        One that is stored already is left alone.
        """
        places = {row[0]: int(row[1]) for row in self._connection.exec_driver_sql(_PLACES, (document, revision))}
        rows = []
        for change in changes:
            if change.key not in places:
                places[change.key] = len(places)
                rows.append(_change(document, places[change.key], change))
        self._write_changes(rows)
        return places

    def _write_changes_of(self, steps: Sequence[tuple[int, Step]]) -> None:
        """Alerts may have stored changes of these revisions already; then each has to be looked for."""
        begun = {row[0] for row in self._connection.exec_driver_sql(_BEGUN, (_pairs(steps),))}
        self._write_changes(row for key, step in steps if key not in begun for row in _changes(key, step))
        for key, step in steps:
            if key in begun:
                self.write_changes(key, step.record.revision, step.changes)

    def _write_changes(self, changes: Iterable[_Values]) -> None:
        rows = list(changes)
        digests = dict.fromkeys(row["evidence_digest"] for row in rows if row["evidence_digest"])
        self._many(_NAME_EVIDENCE, ({"digest": digest} for digest in digests))
        self._many(_ADD_CHANGE, rows)

    def _write_facets(self, steps: Sequence[tuple[int, Step]]) -> None:
        bodies: dict[bytes, bytes] = {}
        rows = []
        for key, step in steps:
            for name in step.altered:
                body = canonical(step.record.facets[name])
                digest = packing.name(body)
                bodies[digest] = body
                rows.append(_revision_facet(key, step, name, digest))
        if rows:
            packed = [(digest, packing.packed(body)) for digest, body in bodies.items()]
            self._connection.exec_driver_sql(_ADD_FACET, packed)
            self._connection.exec_driver_sql(_ADD_REVISION_FACET, rows)

    def _write_intervals(self, steps: Sequence[tuple[int, Step]]) -> None:
        standing: dict[int, dict[tuple[int, Rung], int]] = {key: {} for key, _ in steps}
        known = json.dumps([key for key, step in steps if step.based_on])
        for document, since, seq, status, on, text in self._connection.exec_driver_sql(_STANDING, (known,)):
            standing[document][seq, Rung(status, on, text)] = since
        opened: list[_Values] = []
        closed: list[_Values] = []
        for key, step in steps:
            stands = set(enumerate(step.record.timeline))
            gone = [(place, since) for place, since in standing[key].items() if place not in stands]
            closed += (_closing(key, step, since, seq) for (seq, _), since in gone)
            opened += (_interval(key, step, *place) for place in stands if place not in standing[key])
        self._many(_CLOSE, closed)
        self._many(_OPEN, opened)

    def _many(self, statement: _Statement, rows: Iterable[_Values]) -> None:
        listed = list(rows)
        if listed:
            self._connection.execute(statement, listed)


def _pairs(steps: Sequence[tuple[int, Step]]) -> str:
    return json.dumps([(key, step.record.revision) for key, step in steps])


def _revision(key: int, step: Step) -> _Values:
    return {
        "document": key,
        "number": step.record.revision,
        "known_from": step.record.known_from,
        "source": step.source,
        "reader": step.reader,
        "published_at": step.published_at,
        "basis": _basis(step),
    }


def _basis(step: Step) -> str | None:
    """Return what a revision rests on beyond the first bytes of each facet; None where there is no more to say."""
    further = {
        name: found for name, found in step.evidence.items() if "/" in name and name.partition("/")[0] in step.altered
    }
    said = {
        "evidence": further,
        "context": dict(step.context),
        "baseline": step.baseline,
        "late": step.late,
    }
    there = {name: value for name, value in said.items() if value}
    return json.dumps(there, ensure_ascii=False, separators=(",", ":")) if there else None


def _shows(step: Step) -> bool:
    return step.based_on == 0 or not _SHOWN.isdisjoint(step.altered)


def _headline(key: int, record: Record) -> _Values:
    item = record.facets.get("item", {}).get("", {})
    laws = (entry.get("label") for entry in record.facets.get("laws", {}).values())
    return {
        "document": key,
        "revision": record.revision,
        "title": record.title,
        "introduced_on": item.get("introduced_on"),
        "law": next((str(law) for law in laws if law), None),
    }


def _aliases(key: int, record: Record) -> Iterator[_Values]:
    """Aliases only grow, at their end: the store leaves alone what it has at a position."""
    for position, alias in enumerate(record.aliases):
        yield {"document": key, "position": position, "scheme": alias.scheme, "value": alias.value}


def _named_evidence(steps: Iterable[Step]) -> Iterator[_Values]:
    digests = (step.evidence[name] for step in steps for name in step.altered if name in step.evidence)
    for digest in dict.fromkeys(digests):
        yield {"digest": digest}


def _revision_facet(key: int, step: Step, name: str, digest: bytes) -> tuple[object, ...]:
    owner = step.record.owners.get(name, step.source)
    named = None if owner == step.source else owner
    return key, name, step.record.revision, named, digest, step.evidence.get(name)


def _interval(key: int, step: Step, seq: int, rung: Rung) -> _Values:
    return {
        "document": key,
        "from_revision": step.record.revision,
        "seq": seq,
        "status": rung.status,
        "status_on": rung.on,
        "text": rung.text,
        "known_from": step.record.known_from,
    }


def _closing(key: int, step: Step, since: int, seq: int) -> _Values:
    return {
        "of_document": key,
        "since_revision": since,
        "at_seq": seq,
        "until_revision": step.record.revision,
        "until": step.record.known_from,
    }


def _changes(key: int, step: Step) -> Iterator[_Values]:
    """Yield the changes of a step, leaving out what they have in common with its revision."""
    common = (step.record.known_from, step.source, step.published_at)
    once: dict[str, Change] = {}
    for change in step.changes:
        once.setdefault(change.key, change)
    for place, change in enumerate(once.values()):
        row = _change(key, place, change)
        if (change.seen_at, change.source, change.published_at) == common:
            row.update(seen_at=None, source=None, published_at=None)
        yield row


def _change(key: int, place: int, change: Change) -> _Values:
    text_is_after = change.text is not None and change.text == change.after
    return {
        "document": key,
        "revision": change.revision,
        "position": place,
        "kind": str(change.kind),
        "subject": change.subject,
        "before": change.before,
        "after": change.after,
        "text": None if text_is_after else change.text,
        "text_is_after": text_is_after,
        "happened_on": change.happened_on,
        "seen_at": change.seen_at,
        "source": change.source,
        "published_at": change.published_at,
        "corrects": change.corrects,
        "evidence_digest": change.evidence,
    }
