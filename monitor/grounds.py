"""Do the watches and reasons that an alert names bear it out?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from domain.corrections import INSTEAD, TOLD
from domain.facets import Kind
from domain.receipts import REASON
from domain.rhythm import Rhythm
from domain.routing import EXPLANATIONS, Alert, Reason, Watch

_WITH_WORDS = r'(?:, and "[^;]*" occurs? in it)?'


def faults_of_decision(alert: Alert, created_at: datetime, watches: Sequence[Watch]) -> Iterator[str]:
    """Say what of the decision does not hold: a watch that is not on record or follows something else, or was created
    later; a reason that the watches, the kinds and the channel do not make. `watches` are those there ever were."""
    if all(change.kind is Kind.RECEIPT for change in alert.changes):
        if alert.watches or not _asked_for(alert):
            yield f"alert {alert.id}: its reason is not that of a receipt"
        return
    if all(change.document.is_operational for change in alert.changes):
        if alert.watches or alert.reason != EXPLANATIONS[Reason.OPERATOR].format(channel=alert.channel):
            yield f"alert {alert.id}: its reason is not that of an operator's alert"
        return
    for name in alert.watches:
        named = [watch for watch in watches if watch.name == name and watch.covers(alert.document)]
        if not named:
            yield f"alert {alert.id}: no watch {name} on {alert.document} is on record"
        elif all(watch.created_at and watch.created_at > created_at for watch in named):
            yield f"alert {alert.id}: the watch {name} was created after it"
    if not _is_borne_out(alert):
        yield f"alert {alert.id}: its reason does not follow from its watches, kinds and channel"


def _asked_for(alert: Alert) -> bool:
    """Say whether the reason names the channel and a rhythm that a configuration can ask for."""
    rhythm = alert.reason.removeprefix(REASON.format(channel=alert.channel, rhythm=""))
    try:
        return alert.reason == REASON.format(channel=alert.channel, rhythm=Rhythm.parse(rhythm, "UTC"))
    except ValueError:
        return False


def _is_borne_out(alert: Alert) -> bool:
    righted = any(change.corrects is not None or change.revision != alert.revision for change in alert.changes)
    if righted or alert.reason.startswith((_start(TOLD), _start(INSTEAD))):
        return alert.reason.startswith((_start(TOLD), _start(INSTEAD)))
    reason = Reason.ROUTED if alert.when is None else Reason.DIGEST
    clauses = {
        re.escape(
            EXPLANATIONS[reason].format(watch=name, document=alert.document, channel=alert.channel, kind=change.kind)
        )
        for name in alert.watches
        for change in alert.changes
    }
    one = f"(?:{'|'.join(sorted(clauses))}){_WITH_WORDS}"
    return bool(clauses) and re.fullmatch(f"{one}(?:; {one})*", alert.reason) is not None


def _start(sentence: str) -> str:
    """Return the words of a sentence before what is filled in."""
    return sentence.partition("{")[0]
