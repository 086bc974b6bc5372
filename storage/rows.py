"""How is a row read back as a value of the domain?

Each SELECT stands beside the function that reads its rows; both ways to the database, SQLAlchemy's and the plain one,
use them. The class of a value is imported where a row becomes one: a quick answer pays for what it shows, not for
messages, records and schedules.
"""

from __future__ import annotations

import json
import zlib
from typing import TYPE_CHECKING

from domain.documents import DocumentId
from storage.location import Execute, Row, read_moment, read_moment_if

if TYPE_CHECKING:
    from collections.abc import Sequence

    from domain.alerts.coverage_report import ReportState
    from domain.alerts.delivery import Circuit, Delivery
    from domain.alerts.routing import Alert, Watch
    from domain.alerts.search import SearchMatch
    from domain.alerts.send_delays import Mute
    from domain.observation import Evidence
    from domain.ports import WorkerState
    from domain.records.record import Change
    from domain.sources import SourceState, Waiting

_COLUMNS = (
    *("id", "revision", "kind", "subject", "before", "after", "text"),
    *("happened_on", "seen_at", "source", "published_at", "evidence", "corrects"),
)
CHANGED = ", ".join(f"h.{name}" for name in _COLUMNS)
CHANGES = f"SELECT {CHANGED} FROM v_history h"


class Answers:
    """Asks in plain SQL, on either way to the database."""

    def __init__(self, execute: Execute) -> None:
        self._execute = execute

    def _rows(self, sql: str, **parameters: object) -> Sequence[Row]:
        return self._execute(sql, parameters)

    def _first(self, sql: str, **parameters: object) -> Row | None:
        return next(iter(self._execute(sql, parameters)), None)


def change(row: Row) -> Change:
    from domain.records.facets import Kind
    from domain.records.record import Change

    return Change(
        document=DocumentId.parse(row[0]),
        revision=row[1],
        kind=Kind(row[2]),
        subject=row[3],
        before=row[4],
        after=row[5],
        text=row[6],
        happened_on=row[7],
        seen_at=read_moment(row[8]),
        source=row[9],
        published_at=read_moment_if(row[10]),
        evidence=row[11],
        corrects=row[12],
    )


DELIVERIES = """
    SELECT y.id, d.identity, y.channel, y.recipient, y.state, y.attempts, y.due_at, y.created_at, y.leased_until,
           y.sent_at, y.error, y.maybe_sent, y.possible_repeat, y.subject, y.body, y.content_type, y.held_until,
           y.digest_key, y.not_before, y.counted_only, y.seq
    FROM delivery y JOIN document d ON d.id = y.document
"""

CARRIED = """
    SELECT m.delivery, a.id FROM delivery_alert m JOIN alert a ON a.seq = m.alert
    WHERE m.delivery IN (SELECT CAST(value AS INTEGER) FROM json_each(:deliveries)) ORDER BY m.delivery, m.position
"""
"""The alerts of deliveries, by the `seq` that ends a row of DELIVERIES."""


def delivery(row: Row, alerts: tuple[str, ...]) -> Delivery:
    from domain.alerts.delivery import Delivery, Frozen, State

    message = None
    if row[14] is not None:
        message = Frozen(row[13], bytes(row[14]), row[15], tuple(json.loads(row[19] or "[]")))
    return Delivery(
        id=row[0],
        alerts=alerts,
        document=DocumentId.parse(row[1]),
        channel=row[2],
        to=row[3],
        state=State(row[4]),
        attempts=row[5],
        due_at=read_moment(row[6]),
        created_at=read_moment(row[7]),
        leased_until=read_moment_if(row[8]),
        sent_at=read_moment_if(row[9]),
        error=row[10],
        maybe_sent=bool(row[11]),
        possible_repeat=bool(row[12]),
        message=message,
        held_until=read_moment_if(row[16]),
        digest_key=row[17],
        not_before=read_moment_if(row[18]),
    )


ALERTS = """
    SELECT a.seq, d.identity, a.revision, a.channel, a.reasons, a.created_at, a.schedule, a.epoch, a.id
    FROM alert a JOIN document d ON d.id = a.document
"""

WATCHES_OF_ALERT = "SELECT name FROM alert_watch WHERE alert = :alert ORDER BY position"

CHANGES_OF_ALERT = f"""
    SELECT {CHANGED} FROM alert_change n
    JOIN v_history h ON h.document = n.document AND h.revision = n.revision AND h.position = n.place
    WHERE n.alert = :alert ORDER BY n.position
"""


def alert(row: Row, watches: tuple[str, ...], changes: tuple[Change, ...]) -> Alert:
    from domain.alerts.digest_schedule import DigestSchedule
    from domain.alerts.routing import Alert
    from domain.coded_text import list_from_json

    return Alert(
        document=DocumentId.parse(row[1]),
        revision=row[2],
        channel=row[3],
        watches=watches,
        changes=changes,
        reasons=list_from_json(row[4]),
        when=DigestSchedule.read(row[6]) if row[6] else None,
        epoch=row[7],
    )


CIRCUITS = "SELECT channel, failures, since, rests_until, error, operator_knows, changes, refused FROM v_channels"


def circuit(row: Row) -> Circuit:
    from domain.alerts.delivery import Circuit

    return Circuit(
        row[0], row[1], read_moment_if(row[2]), read_moment_if(row[3]), row[4], bool(row[5]), row[6], bool(row[7])
    )


MUTES = "SELECT kind, name, until, created_at FROM v_mutes WHERE until > :now ORDER BY created_at, name"


def mute(row: Row) -> Mute:
    from domain.alerts.send_delays import Mute

    document = DocumentId.parse(row[1]) if row[0] == "document" else None
    return Mute(read_moment(row[2]), read_moment(row[3]), document, row[1] if document is None else None)


SOURCES = """
    SELECT name, state, due_at, last_poll_at, last_good_at, failures, error, cursor, requests, lag, operator_knows,
           changes, checks, failed, gaps, waiting
    FROM source
"""


def source(row: Row) -> SourceState:
    from domain.sources import Health, SourceState

    return SourceState(
        name=row[0],
        state=Health(row[1]),
        due_at=read_moment_if(row[2]),
        last_poll_at=read_moment_if(row[3]),
        last_good_at=read_moment_if(row[4]),
        failures=row[5],
        error=row[6],
        cursor=row[7],
        requests=row[8],
        lag=row[9],
        operator_knows=bool(row[10]),
        changes=row[11],
        checks=row[12],
        failed=row[13],
        gaps=tuple((read_moment(since), read_moment(until)) for since, until in json.loads(row[14])) if row[14] else (),
        waiting=waiting(row[15]) if row[15] else None,
    )


def waiting(text: str) -> Waiting:
    """Read the documents that wait for an allowance: `[since, {document: when it was read last}]`."""
    from domain.sources import Waiting

    since, documents = json.loads(text)
    return Waiting(read_moment(since), {document: read_moment_if(at) for document, at in documents.items()})


ACCOUNT = "SELECT channel, number, closed_at, counted FROM account WHERE channel = :channel"


def account(row: Row) -> ReportState:
    from domain.alerts.coverage_report import ReportState

    counted = {source: (checks, failed) for source, (checks, failed) in json.loads(row[3]).items()}
    return ReportState(row[0], row[1], read_moment(row[2]), counted)


WATCHED = "name, document, note, created_at, address, tags, priority, position, owner"
_OPEN_WATCHES = f"SELECT {WATCHED} FROM watch WHERE closed_at IS NULL"
WATCHES = f"{_OPEN_WATCHES} ORDER BY id"
WATCHES_KNOWN_BY = f"""
    {_OPEN_WATCHES} AND (name IN (SELECT value FROM json_each(:names))
                         OR address IN (SELECT value FROM json_each(:addresses))) ORDER BY id
"""


def watch(row: Row) -> Watch:
    from domain.alerts.routing import Watch

    document = DocumentId.parse(row[1]) if row[1] else None
    tags = tuple(json.loads(row[5] or "[]"))
    about = {"address": row[4], "priority": row[6], "position": row[7], "owner": row[8]}
    return Watch(row[0], document, row[2], read_moment(row[3]), tags=tags, **about)


MATCHES = """
    SELECT m.watch, d.identity, m.words, m.since, m.baseline FROM search_match m JOIN document d ON d.id = m.document
"""
LAST_FOUND_FIRST = "ORDER BY m.since DESC, d.id DESC, m.watch"


def search_match(row: Row) -> SearchMatch:
    from domain.alerts.search import SearchMatch

    document, words = DocumentId.parse(row[1]), tuple(json.loads(row[2]))
    return SearchMatch(row[0], document, words, read_moment(row[3]), bool(row[4]))


WORKERS = "SELECT name, seen_at, configured_at, configuration, version, queues FROM worker ORDER BY name"


def worker(row: Row) -> WorkerState:
    from domain.ports import WorkerState

    return WorkerState(row[0], read_moment(row[1]), read_moment(row[2]), row[3], row[4], tuple(json.loads(row[5])))


EVIDENCE = """
    SELECT digest, url, fetched_at, content_type, body, etag, last_modified FROM evidence WHERE digest = :digest
"""


def evidence(row: Row) -> Evidence:
    from domain.observation import Evidence

    return Evidence(row[0], row[1], read_moment(row[2]), row[3], zlib.decompress(row[4]), row[5], row[6])
