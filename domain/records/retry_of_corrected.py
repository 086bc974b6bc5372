"""What becomes of a message that was given up, when somebody wants it tried again?

Its words were frozen at its first attempt. If what it tells was put right since, they must not be said any more: the
message is withdrawn, and its reader is told what stands now, with whatever else it carried.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from domain.alerts.delivery import Delivery
from domain.alerts.routing import Alert
from domain.coded_text import coded
from domain.ports import Notice
from domain.records.corrections import may_have_arrived
from domain.records.facets import Kind
from domain.records.record import Change

WITHDRAWN = "what it says was put right after it was given up"
"""The reason kept with the withdrawn message."""

REPLACES_DEAD = "reason.replaces_dead"
"""Why somebody is alerted: this takes the place of what was given up and corrected since."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """The message is withdrawn. `alert` is told in its place, None where nothing is left to tell."""

    delivery: Delivery
    alert: Alert | None


def outdated(told: Iterable[Change], past: Sequence[Change]) -> tuple[Change, ...]:
    """Return those of the changes that a later one of `past` puts right: by its key, or with the status that the same
    line made, since a correction names one of the two."""
    told = tuple(told)
    named = {change.corrects for change in past}
    wrong = [change for change in told if change.key in named]
    return tuple(change for change in told if change in wrong or any(_is_one_event(change, other) for other in wrong))


def replacement(delivery: Delivery, notice: Notice, past: Sequence[Change]) -> Replacement | None:
    """Say what is told in the place of a message about one document; None where it may be tried again as it is.

    `notice` is what it says, `past` all changes of the document. Whoever may have the message was told of the
    correction when it was made, and is not told of it again.
    """
    wrong = outdated(notice.changes, past)
    if not wrong:
        return None
    rights = () if may_have_arrived(delivery) else tuple(_rights(wrong, past))
    changes = (*rights, *(change for change in notice.changes if change not in wrong))
    if not changes:
        return Replacement(delivery, None)
    keys = tuple(change.key for change in wrong)
    alert = Alert(
        document=delivery.document,
        revision=min(change.revision for change in wrong),
        channel=delivery.channel,
        watches=notice.watches,
        changes=changes,
        reasons=(coded(REPLACES_DEAD, changes=keys, reasons=notice.reasons),),
    )
    return Replacement(delivery, alert)


def _rights(wrong: Iterable[Change], past: Sequence[Change]) -> Iterable[Change]:
    """Yield the last word on each wrong change; a fact that is gone needs no telling to one who never heard of it."""
    last: dict[str, Change] = {}
    for change in wrong:
        found = change
        for later in past:
            if later.corrects in (change.key, found.key):
                found = later
        if found is not change and found.after is not None:
            last[found.key] = found
    return last.values()


def _is_one_event(change: Change, other: Change) -> bool:
    """Say whether two changes tell the same line: the action, and the status it made."""
    pair = {change.kind, other.kind} == {Kind.STATUS, Kind.ACTION}
    same = (change.document, change.revision, change.happened_on) == (other.document, other.revision, other.happened_on)
    return pair and same and bool(change.text) and (change.text or "") in (other.text or "")
