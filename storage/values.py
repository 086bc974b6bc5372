"""How is a row read back as a value of the domain?

Each SELECT stands beside the function that reads its rows; both roads to the database, SQLAlchemy's and the plain one,
use them.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from domain.alerts.send_delays import Mute
from domain.documents import DocumentId
from domain.records.facets import Kind
from domain.records.record import Change
from domain.sources import Health, SourceState
from storage import packing
from storage.instants import read, read_if

if TYPE_CHECKING:
    from domain.alerts.coverage_report import ReportState
    from domain.alerts.delivery import Circuit, Delivery
    from domain.alerts.routing import Watch
    from domain.alerts.send_delays import QuietHours
    from domain.observation import Evidence

Row = Sequence[Any]

Execute = Callable[[str, tuple[object, ...]], Sequence[Row]]
"""Runs one statement with positional parameters and returns all its rows."""

CHANGED = """
    h.id, h.revision, h.kind, h.subject, h."before", h."after", h.text, h.happened_on, h.evidence, h.seen_at, h.source,
    h.published_at, h.corrects, h.position, h.statement
"""

CHANGES = f"SELECT {CHANGED} FROM v_history h"


def change(row: Row) -> Change:
    """Read a change; its words may stand in the statement of its revision."""
    before, after, text, happened_on, evidence = row[4:9] if row[14] is None else packing.words(row[14])[row[13]]
    return Change(
        document=DocumentId.parse(row[0]),
        revision=row[1],
        kind=Kind(row[2]),
        subject=row[3],
        before=before,
        after=after,
        text=text,
        happened_on=happened_on,
        seen_at=read(row[9]),
        source=row[10],
        published_at=read_if(row[11]),
        evidence=evidence,
        corrects=row[12],
    )


DELIVERIES = """
    SELECT y.id, (SELECT json_group_array(id) FROM (
                      SELECT a.id FROM delivery_alert m JOIN alert a ON a.seq = m.alert
                      WHERE m.delivery = y.seq ORDER BY m.position)),
           d.identity, y.channel, y.recipient, y.state, y.attempts, y.due_at, y.created_at, y.leased_until, y.sent_at,
           y.error, y.maybe_sent, y.possible_repeat, y.subject, y.body, y.content_type, y.held_until,
           y.tray, y.not_before
    FROM delivery y JOIN document d ON d.id = y.document
"""


def delivery(row: Row) -> Delivery:
    from domain.alerts.delivery import Delivery, Frozen, State  # where things stand has nothing to do with messages

    return Delivery(
        id=row[0],
        alerts=tuple(json.loads(row[1])),
        document=DocumentId.parse(row[2]),
        channel=row[3],
        to=row[4],
        state=State(row[5]),
        attempts=row[6],
        due_at=read(row[7]),
        created_at=read(row[8]),
        leased_until=read_if(row[9]),
        sent_at=read_if(row[10]),
        error=row[11],
        maybe_sent=bool(row[12]),
        possible_repeat=bool(row[13]),
        message=None if row[15] is None else Frozen(row[14], row[15], row[16]),
        held_until=read_if(row[17]),
        tray=row[18],
        not_before=read_if(row[19]),
    )


CIRCUITS = "SELECT channel, failures, since, rests_until, error, told, changes, refused FROM v_channels"


def circuit(row: Row) -> Circuit:
    from domain.alerts.delivery import Circuit  # where things stand has nothing to do with channels

    return Circuit(row[0], row[1], read_if(row[2]), read_if(row[3]), row[4], bool(row[5]), row[6], bool(row[7]))


QUIET = "SELECT channel, quiet, zone, urgent FROM v_channels WHERE quiet IS NOT NULL"


def quiet(row: Row) -> QuietHours:
    from domain.alerts.send_delays import QuietHours

    return QuietHours.parse(row[1], row[2], json.loads(row[3]))


MUTES = "SELECT kind, name, until, created_at FROM v_mutes WHERE until > ? ORDER BY created_at, name"


def mute(row: Row) -> Mute:
    document = DocumentId.parse(row[1]) if row[0] == "document" else None
    return Mute(read(row[2]), read(row[3]), document, row[1] if document is None else None)


SOURCES = """
    SELECT name, state, due_at, last_poll_at, last_good_at, failures, error, cursor, requests, lag, told, changes,
           checks, failed, gaps
    FROM source
"""


def source(row: Row) -> SourceState:
    return SourceState(
        name=row[0],
        state=Health(row[1]),
        due_at=read_if(row[2]),
        last_poll_at=read_if(row[3]),
        last_good_at=read_if(row[4]),
        failures=row[5],
        error=row[6],
        cursor=row[7],
        requests=row[8],
        lag=row[9],
        told=bool(row[10]),
        changes=row[11],
        checks=row[12],
        failed=row[13],
        gaps=tuple((read(since), read(until)) for since, until in json.loads(row[14])) if row[14] else (),
    )


ACCOUNT = "SELECT channel, number, closed_at, counted FROM account WHERE channel = ?"


def account(row: Row) -> ReportState:
    from domain.alerts.coverage_report import ReportState  # seldom asked for

    counted = {source: (checks, failed) for source, (checks, failed) in json.loads(row[3]).items()}
    return ReportState(row[0], row[1], read(row[2]), counted)


WATCHES = "SELECT name, document, note, created_at FROM watch WHERE closed_at IS NULL ORDER BY id"


def watch(row: Row) -> Watch:
    from domain.alerts.routing import Watch

    return Watch(row[0], DocumentId.parse(row[1]) if row[1] else None, row[2], read(row[3]))


EVIDENCE = """
    SELECT digest, url, fetched_at, content_type, body, etag, last_modified FROM v_evidence
    WHERE body IS NOT NULL AND digest = ?
"""


def evidence(row: Row) -> Evidence:
    from domain.observation import Evidence

    return Evidence(row[0], row[1], read(row[2]), row[3], packing.evidence(row[4]), row[5], row[6])
