"""What does an alert rest on, and is it still what it was?

An alert is sealed when it is stored, and a message when it is frozen: one digest of all that the recipient is sent.
Whoever looks later reads the seal anew, so that no byte of a change, a reason or a message can move unseen.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

from domain.alerts.delivery import Delivery, Frozen
from domain.alerts.routing import Alert, Decision, Reason
from domain.coded_text import CodedText, coded, list_to_json
from domain.records.corrections import AlertOutcome
from domain.records.facets import Kind, digest
from domain.records.record import Change

NOT_WATCHED = "not_watched"
NOBODY_NOTIFIED = "nobody_was_notified"
NO_CHANNEL = "no_channel"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What became of one change for one channel, or for everybody.

    `sent` says whether somebody was notified or is still to be; then `fate` holds the message. `reason` is a word,
    `why`
    the reasons in full. `decided_now` is true where no decision was stored and the present configuration was asked.
    """

    sent: bool
    reason: str
    why: tuple[CodedText, ...]
    channel: str | None = None
    watch: str | None = None
    fate: AlertOutcome | None = None
    decided_now: bool = False


def seal_of_alert(alert: Alert, created_at: datetime, statements: Sequence[str] = ()) -> str:
    """Return the digest of all that an alert says; `created_at` as it is stored (UTC), `statements` are digests of what
    the revisions it reports of were stated with."""
    said = [
        alert.id,
        str(alert.document),
        alert.revision,
        alert.channel,
        list(alert.watches),
        list_to_json(alert.reasons),
        alert.when.written if alert.when else None,
        created_at.isoformat(),
        sorted(_plain(change) for change in alert.changes),
        list(statements),
    ]
    return digest(json.dumps(said, ensure_ascii=False).encode())


def seal_of_message(message: Frozen, alerts: Sequence[str]) -> str:
    """Return the digest of a frozen message: subject, kind of body, the alerts it carries, and body."""
    head = json.dumps([message.subject, message.content_type, *alerts], ensure_ascii=False).encode()
    return digest(head + b"\n" + message.body)


def _plain(change: Change) -> list[str]:
    return [str(getattr(change, part.name)) for part in fields(change)]


def explanations(
    change: Change, fates: Sequence[AlertOutcome], decisions: Sequence[Decision], *, baseline: bool, watched: bool
) -> Iterator[Explanation]:
    """Say for one change who was notified, and why others were not.

    `fates` are the stored alerts that carry it, `baseline` whether it was past when it was read. Where neither was
    stored, `decisions` say what the present configuration makes of it.
    """
    yield from (_sent(fate) for fate in fates)
    reached = {fate.delivery.channel for fate in fates}
    if fates and all(decision.channel in reached for decision in decisions):
        return
    if baseline:
        yield Explanation(False, Reason.BASELINE, (coded("unsent.baseline"),))
    elif change.kind is Kind.CORRECTION or change.corrects is not None:
        if not fates:
            yield Explanation(False, NOBODY_NOTIFIED, (coded("unsent.nobody_was_told"),))
    elif not watched:
        if not fates:
            yield Explanation(
                False, NOT_WATCHED, (coded("unsent.not_watched", document=str(change.document)),), decided_now=True
            )
    elif not decisions:
        yield Explanation(False, NO_CHANNEL, (coded("unsent.no_channel"),), decided_now=True)
    else:
        yield from _by_channel([decision for decision in decisions if decision.channel not in reached])


def _sent(fate: AlertOutcome) -> Explanation:
    alert = fate.alert
    watches = ", ".join(alert.watches) or None
    return Explanation(True, str(fate.delivery.state), alert.reasons, alert.channel, watches, fate)


def _by_channel(decisions: Sequence[Decision]) -> Iterator[Explanation]:
    """Say what each decision of the present configuration is; one it would report now was made otherwise then."""
    for decision in decisions:
        why = decision.explain()
        if decision.sends:
            why = coded("unsent.sent_now", reason=why)
        yield Explanation(False, str(decision.reason), (why,), decision.channel, decision.watch.name, decided_now=True)


def waits_because(delivery: Delivery) -> str | None:
    """Say why a message is where it is, as a coded text or in the words of an error; None for one that was sent or only
    has to be."""
    if delivery.error:
        return delivery.error
    if delivery.state == "held" and delivery.digest_key is not None and delivery.not_before is not None:
        return coded("waits.digest", digest=delivery.digest_key).to_json()
    if delivery.state == "held":
        return coded("waits.held").to_json()
    return None


def differing(stored: Any, derived: Any) -> Iterator[tuple[str, Any, Any]]:
    """Yield the members in which two values of one dataclass differ: name, stored, derived."""
    ours, theirs = asdict(stored), asdict(derived)
    for name, value in ours.items():
        if value != theirs[name]:
            yield name, value, theirs[name]
