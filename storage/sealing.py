"""What is an alert sealed with? With all that it tells, and with the statements of the revisions it tells of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from domain.alerts.audit import seal_of_alert
from domain.alerts.routing import Alert
from domain.records.facets import digest
from domain.records.record import Change
from storage import packing
from storage.instants import read, written
from storage.values import Execute

_STATED = """
    SELECT s.body FROM document d JOIN revision r ON r.document = d.id AND r.number = ?
    JOIN statement s ON s.id = r.statement WHERE d.identity = ?
"""


def seal(execute: Execute, alert: Alert, changes: Iterable[Change], created_at: datetime) -> str:
    """Return the seal of an alert, whose changes are as they are stored."""
    kept = replace(alert, changes=tuple(changes))
    return seal_of_alert(kept, read(written(created_at)), statements(execute, kept.changes))


def statements(execute: Execute, changes: Iterable[Change]) -> tuple[str, ...]:
    """Return the digests of what is stated by the revisions of these changes; nothing of a source or a channel."""
    places = sorted({(str(change.document), change.revision) for change in changes})
    rows = [row for document, revision in places for row in execute(_STATED, (revision, document))]
    return tuple(digest(packing.unpacked(row[0])) for row in rows)
