"""Which rows does a page of revisions come to?

Steps are gathered and written together, one statement per table, because a page must not hold the write lock for long
(rule 1). A revision adds one statement; a timeline closes the intervals that no longer stand and opens the new ones.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, Update, bindparam, insert, update
from sqlalchemy.dialects.sqlite import Insert
from sqlalchemy.dialects.sqlite import insert as upsert

from domain.records.detection import NewRevision
from domain.records.record import Change, Record, StatusPoint
from storage import folding
from storage.instants import written
from storage.readying import Ready
from storage.tables import (
    Alias,
    Headline,
    StatusInterval,
    table,
)
from storage.tables import Change as ChangeRow
from storage.tables import Revision as RevisionRow

_SHOWN = frozenset({"title", "listed_title", "item", "laws"})
"""Facets a quick answer shows something of."""

_INTERVALS = table(StatusInterval)

_Values = dict[str, Any]


_ADD_ALIAS = upsert(table(Alias)).on_conflict_do_nothing()
_ADD_REVISION = insert(table(RevisionRow))
_ADD_HEADLINE = insert(table(Headline))
_ADD_CHANGE = insert(table(ChangeRow))
_OPEN = insert(_INTERVALS)
_CLOSE = (
    update(_INTERVALS)
    .where(
        _INTERVALS.c.document == bindparam("of_document"),
        _INTERVALS.c.from_revision == bindparam("since_revision"),
        _INTERVALS.c.seq == bindparam("at_seq"),
    )
    .values(to_revision=bindparam("until_revision"))
)
_LAST = "SELECT coalesce(max(id), 0) FROM statement"
_ADD_STATEMENT = "INSERT INTO statement (id, digest, body) VALUES (?, ?, ?)"
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

    def __init__(self, connection: Connection, trace: Callable[[str], None], ready: Ready) -> None:
        self._connection = connection
        self._trace = trace
        self._ready = ready
        self._steps: dict[int, NewRevision] = {}

    def __len__(self) -> int:
        return len(self._steps)

    def __contains__(self, document: int) -> bool:
        return document in self._steps

    def add(self, document: int, step: NewRevision) -> None:
        self._steps[document] = step

    def write(self) -> None:
        """Write every gathered step. Each document is in a batch once, so the order is the order of the tables."""
        steps, self._steps = list(self._steps.items()), {}
        if not steps:
            return
        first = self._state(steps)
        self._many(_ADD_REVISION, (_revision(key, step, first + n) for n, (key, step) in enumerate(steps)))
        self._many(_ADD_HEADLINE, (_headline(key, s.record) for key, s in steps if _shows(s)))
        self._many(_ADD_ALIAS, (row for key, step in steps for row in _aliases(key, step.record)))
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
        self._many(_ADD_CHANGE, rows)
        return places

    def _write_changes_of(self, steps: Sequence[tuple[int, NewRevision]]) -> None:
        """Alerts may have stored changes of these revisions already; then each has to be looked for."""
        begun = {row[0] for row in self._connection.exec_driver_sql(_BEGUN, (_pairs(steps),))}
        self._many(_ADD_CHANGE, (row for key, step in steps if key not in begun for row in _changes(key, step)))
        for key, step in steps:
            if key in begun:
                self.write_changes(key, step.record.revision, step.changes)

    def _state(self, steps: Sequence[tuple[int, NewRevision]]) -> int:
        """Write what the revisions state, and return the key of the first statement."""
        first = int(self._connection.exec_driver_sql(_LAST).scalar_one()) + 1
        told = (self._ready.statement(step) for _, step in steps)
        rows = [(key, one.name, one.body) for key, one in enumerate(told, first)]
        self._connection.exec_driver_sql(_ADD_STATEMENT, rows)
        return first

    def _write_intervals(self, steps: Sequence[tuple[int, NewRevision]]) -> None:
        standing: dict[int, dict[tuple[int, StatusPoint], int]] = {key: {} for key, _ in steps}
        known = json.dumps([key for key, step in steps if step.based_on])
        for document, since, seq, status, on, text in self._connection.exec_driver_sql(_STANDING, (known,)):
            standing[document][seq, StatusPoint(status, on, text)] = since
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


def _pairs(steps: Sequence[tuple[int, NewRevision]]) -> str:
    return json.dumps([(key, step.record.revision) for key, step in steps])


def _revision(key: int, step: NewRevision, statement: int) -> _Values:
    return {
        "document": key,
        "number": step.record.revision,
        "known_from": step.record.known_from,
        "source": step.source,
        "reader": step.reader,
        "published_at": step.published_at,
        "statement": statement,
    }


def _shows(step: NewRevision) -> bool:
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


def _interval(key: int, step: NewRevision, seq: int, rung: StatusPoint) -> _Values:
    return {
        "document": key,
        "from_revision": step.record.revision,
        "seq": seq,
        "status": rung.status,
        "status_on": rung.on,
        "text": rung.text,
    }


def _closing(key: int, step: NewRevision, since: int, seq: int) -> _Values:
    return {
        "of_document": key,
        "since_revision": since,
        "at_seq": seq,
        "until_revision": step.record.revision,
    }


def _changes(key: int, step: NewRevision) -> Iterator[_Values]:
    """Yield the changes of a step; the statement of its revision has the words of most."""
    for place, change in enumerate(folding.placed(step.changes)):
        row = _change(key, place, change)
        yield {**row, "said": None} if folding.is_told(change, step) else row


def _change(key: int, place: int, change: Change) -> _Values:
    words = [change.before, change.after, change.text, change.happened_on, change.evidence]
    published = None if change.published_at is None else written(change.published_at)
    return {
        "document": key,
        "revision": change.revision,
        "position": place,
        "kind": str(change.kind),
        "subject": change.subject,
        "said": json.dumps([*words, written(change.seen_at), change.source, published], ensure_ascii=False),
        "corrects": change.corrects,
    }
