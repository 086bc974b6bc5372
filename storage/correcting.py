"""What was told of a document, and what became of it? Read when something has to be put right, which is seldom."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable

from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert
from domain.coded_text import list_from_json
from domain.documents import DocumentId
from domain.records.corrections import AlertOutcome
from domain.records.detection import past_changes
from domain.records.record import Change
from storage import records, values
from storage.values import Execute

_CARRYING = """
    SELECT DISTINCT a.seq, a.id FROM json_each(?) j
    JOIN document d ON d.identity = j.value ->> 0
    JOIN change c ON c.document = d.id AND c.revision = j.value ->> 1 AND c.kind = j.value ->> 2
         AND c.subject = j.value ->> 3
    JOIN alert_change n ON n.document = c.document AND n.revision = c.revision AND n.place = c.position
    JOIN alert a ON a.seq = n.alert
    ORDER BY a.seq
"""

_ALERT = """
    SELECT d.identity, a.revision, a.channel, a.watches, a.reason, a.rhythm
    FROM alert a JOIN document d ON d.id = a.document WHERE a.seq = ?
"""

_CHANGES = f"""{values.CHANGES}
    WHERE (document, revision, position) IN (SELECT document, revision, place FROM alert_change WHERE alert = ?)
    ORDER BY revision, position
"""

_DELIVERIES = f"{values.DELIVERIES} WHERE y.seq IN (SELECT delivery FROM delivery_alert WHERE alert = ?) ORDER BY y.seq"

_WITHDRAW = """
    UPDATE delivery SET state = 'withdrawn', error = ?
    WHERE id = ? AND state IN ('pending', 'held') AND attempts = 0 AND body IS NULL AND leased_until IS NULL
      AND NOT maybe_sent AND NOT possible_repeat
      AND (SELECT count(*) FROM delivery_alert WHERE delivery = delivery.seq) = 1
    RETURNING id
"""

_ANSWERED = """
    SELECT y.id FROM document d JOIN alert a ON a.document = d.id AND a.revision = ?
    JOIN delivery_alert m ON m.alert = a.seq JOIN delivery y ON y.seq = m.delivery
    WHERE d.identity = ? AND y.channel = ? AND y.recipient = ? AND y.id != ? AND y.state != 'withdrawn'
    ORDER BY y.seq LIMIT 1
"""


def past(execute: Execute, document: DocumentId) -> tuple[Change, ...]:
    """Return every change that history tells of a document, oldest first: also what its first reading carried."""
    first = records.revision(execute, document, 1)
    carried = past_changes(first.record, first.source, first.published_at, first.evidence) if first else ()
    rows = execute(f"{values.CHANGES} WHERE id = ? ORDER BY revision, position", (str(document),))
    return (*carried, *(values.change(row) for row in rows))


def fates(execute: Execute, changes: Iterable[Change]) -> tuple[AlertOutcome, ...]:
    """Return every alert that carried one of these changes, once for each recipient."""
    keys = json.dumps([[str(c.document), c.revision, str(c.kind), c.subject] for c in changes])
    found: list[AlertOutcome] = []
    for seq, _ in execute(_CARRYING, (keys,)):
        alert = _alert(execute, seq)
        found += (AlertOutcome(values.delivery(row), alert) for row in execute(_DELIVERIES, (seq,)))
    return tuple(found)


def withdraw(execute: Execute, delivery: str, reason: str) -> bool:
    """Withdraw a message that nobody tried to send; false if somebody did. `domain.records.corrections.is_open` is
    the rule."""
    return bool(execute(_WITHDRAW, (reason, delivery)))


def answered(execute: Execute, delivery: str, channel: str, to: str, changes: Collection[Change]) -> str | None:
    """Return the message that these changes put right for this recipient, or None."""
    for change in changes:
        document, _, rest = (change.corrects or "").partition("@")
        if rest:
            revision = int(rest.partition(":")[0])
            rows = execute(_ANSWERED, (revision, document, channel, to, delivery))
            if rows:
                return str(rows[0][0])
    return None


def _alert(execute: Execute, seq: int) -> Alert:
    document, revision, channel, watches, reason, rhythm = execute(_ALERT, (seq,))[0]
    return Alert(
        document=DocumentId.parse(document),
        revision=revision,
        channel=channel,
        watches=tuple(json.loads(watches)),
        changes=tuple(values.change(row) for row in execute(_CHANGES, (seq,))),
        reasons=list_from_json(reason),
        when=DigestSchedule.read(rhythm) if rhythm else None,
    )
