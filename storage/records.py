"""What did a record look like, now or at an earlier revision?"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.documents import Alias, DocumentId
from domain.records.record import Record, StatusPoint
from storage import folding, packing
from storage.instants import read, read_if
from storage.values import Execute, Row

_NEWEST = 1 << 62

_ROWS = """
    SELECT d.id, d.identity, r.number, r.known_from, d.first_seen_at, d.url, r.source, r.reader, r.published_at,
           s.digest
    FROM document d JOIN revision r ON r.document = d.id AND r.number = min(d.revision, ?)
    JOIN statement s ON s.id = r.statement
    WHERE d.identity IN (SELECT value FROM json_each(?))
"""

_STATEMENTS = """
    SELECT r.document, r.source, s.body FROM json_each(?) j
    JOIN revision r ON r.document = j.value ->> 0 AND r.number BETWEEN j.value ->> 1 AND j.value ->> 2
    JOIN statement s ON s.id = r.statement
    ORDER BY r.document, r.number
"""

_RUNGS = """
    SELECT document, status, status_on, text FROM status_interval
    WHERE document IN (SELECT value FROM json_each(?)) AND from_revision <= ?
      AND (to_revision IS NULL OR to_revision > ?)
    ORDER BY document, seq
"""

_ALIASES = """
    SELECT document, scheme, value FROM alias
    WHERE document IN (SELECT value FROM json_each(?)) ORDER BY document, position
"""


@dataclass(frozen=True, slots=True)
class StoredRevision:
    """One state of a record, who stated it, which reader read it, and from which bytes each altered facet came.

    `evidence` names further bytes of a facet `FACET/2` and so on. `context` is what the reading needed beside them,
    `baseline` says that what it told was past when it was read, `late` that it was seen after a long stop.
    """

    record: Record
    source: str
    reader: str
    published_at: datetime | None
    evidence: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    baseline: bool = False
    late: bool = False


@dataclass(slots=True)
class _Parts:
    state: folding.State = field(default_factory=folding.State)
    told: Mapping[str, Any] = field(default_factory=dict)
    timeline: list[StatusPoint] = field(default_factory=list)
    aliases: list[Alias] = field(default_factory=list)


def records(execute: Execute, documents: Iterable[DocumentId]) -> dict[DocumentId, Record]:
    """Return the newest record of each document that has one: four questions, however many documents."""
    rows, parts = _gather(execute, [str(document) for document in documents], _NEWEST)
    found = (_record(row, parts[row[0]]) for row in rows)
    return {record.document: record for record in found}


def revision(execute: Execute, document: DocumentId, number: int) -> StoredRevision | None:
    """Return the record as it stood at a revision, or None when there is no such revision."""
    rows, parts = _gather(execute, [str(document)], number)
    if not rows or rows[0][2] != number:
        return None
    row, told = rows[0], parts[rows[0][0]].told
    return StoredRevision(
        record=_record(row, parts[row[0]]),
        source=row[6],
        reader=row[7],
        published_at=read_if(row[8]),
        evidence=folding.evidence(told),
        context=told.get("context", {}),
        baseline=told.get("baseline", False),
        late=told.get("late", False),
    )


def _gather(execute: Execute, identities: list[str], upto: int) -> tuple[list[Row], dict[int, _Parts]]:
    """Read what makes these records; StoreError where a state is not what its digest says."""
    rows = list(execute(_ROWS, (upto, json.dumps(identities))))
    parts = {row[0]: _Parts() for row in rows}
    spans = json.dumps([(row[0], folding.since(row[2]), row[2]) for row in rows])
    for document, source, body in execute(_STATEMENTS, (spans,)):
        part = parts[document]
        part.told = packing.statement(body)
        part.state.lay(part.told, source)
    for row in rows:
        parts[row[0]].state.verify(row[9], f"{row[1]}@{row[2]}")
    keys = json.dumps(list(parts))
    for document, status, on, text in execute(_RUNGS, (keys, upto, upto)):
        parts[document].timeline.append(StatusPoint(status, on, text))
    for document, scheme, value in execute(_ALIASES, (keys,)):
        parts[document].aliases.append(Alias(scheme, value))
    return rows, parts


def _record(row: Row, parts: _Parts) -> Record:
    return Record(
        document=DocumentId.parse(row[1]),
        revision=row[2],
        known_from=read(row[3]),
        first_seen_at=read(row[4]),
        facets=parts.state.facets,
        timeline=tuple(parts.timeline),
        owners=parts.state.owners,
        url=row[5],
        aliases=tuple(parts.aliases),
    )
