"""Who is notified that something reported before was corrected?

Exactly those who were notified, each once, whatever the routes say now. Where the message still waited and nobody had
tried to send it, it is withdrawn, and its recipient gets the news as it now is, with whatever else that message
carried; so with a message that was given up, when somebody wants it tried again. What nobody was sent is corrected in
the record, and reported to nobody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from domain.alerts.delivery import Delivery, State
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, merged
from domain.coded_text import CodedText, coded
from domain.records.detection import NewRevision
from domain.records.facets import Kind
from domain.records.record import Change, Correction

if TYPE_CHECKING:
    from domain.ports import Notice


WITHDRAWN = coded("gone.corrected").to_json()
"""The reason kept with a withdrawn message."""

CORRECTED, REPLACES_WITHDRAWN = "reason.corrected", "reason.replaces_withdrawn"
"""Why somebody is alerted: he was alerted to what is corrected, or was about to be."""


@dataclass(frozen=True, slots=True)
class AlertOutcome:
    """What became of one alert for one recipient."""

    delivery: Delivery
    alert: Alert


@dataclass(frozen=True, slots=True)
class CorrectionPlan:
    """What is to be done: `alerts` with the recipients of each, and the ids of messages `withdrawn`."""

    alerts: tuple[tuple[Alert, tuple[str, ...]], ...] = ()
    withdrawn: tuple[str, ...] = ()


def link_corrections(step: NewRevision, past: Sequence[Change]) -> tuple[NewRevision, Mapping[str, tuple[Change, ...]]]:
    """Name what each correction of a step corrects, and return for each, by its key, the changes that reported it.

    `past` holds all changes of the document, oldest first. Of those that reported what is corrected the newest is
    named:
    of one revision a correction before a status, and a status before the line that made it.
    """
    by_name: dict[tuple[Kind, str], list[Change]] = {}
    for change in past:
        by_name.setdefault((change.kind, change.subject), []).append(change)
    named: dict[str, Change] = {}
    origins: dict[str, tuple[Change, ...]] = {}
    rights: list[Correction] = []
    for right in step.corrections:
        sent = tuple(change for name in right.announced for change in by_name.get(name, ()))
        newest = max(sent, key=_weight, default=None)
        change = replace(right.change, corrects=newest.key if newest else None)
        named[change.key] = change
        origins[change.key] = tuple(sorted(sent, key=_weight))
        rights.append(replace(right, change=change))
    changes = tuple(named.get(change.key, change) for change in step.changes)
    return replace(step, changes=changes, corrections=tuple(rights)), origins


def _weight(change: Change) -> tuple[int, bool, bool, str]:
    return (change.revision, change.kind is Kind.CORRECTION, change.kind is Kind.STATUS, change.key)


def plan_corrections(
    corrections: Sequence[Correction], origins: Mapping[str, Sequence[Change]], fates: Iterable[AlertOutcome]
) -> CorrectionPlan:
    """Say who is notified of these corrections, all of one revision, and what is withdrawn. `origins` are those that
    `attribute` found, `fates` what became of every alert that carried one of them."""
    together: dict[tuple[str, tuple[Change, ...], DigestSchedule | None], list[_Recipient]] = {}
    withdrawn: list[str] = []
    for theirs in _by_place(fates):
        case = _Recipient(theirs, origins)
        changes = case.changes(corrections)
        withdrawn += (fate.delivery.id for fate in case.withdrawn)
        if changes:
            together.setdefault((case.channel, changes, case.when(changes)), []).append(case)
    return CorrectionPlan(
        alerts=tuple(
            _alert(corrections[0].change, changes, when, cases) for (_, changes, when), cases in together.items()
        ),
        withdrawn=tuple(dict.fromkeys(withdrawn)),
    )


def _alert(
    about: Change, changes: tuple[Change, ...], when: DigestSchedule | None, cases: Sequence[_Recipient]
) -> tuple[Alert, tuple[str, ...]]:
    """Notify all who are to get the same by the same channel in one alert: its identity is what it says."""
    alert = Alert(
        document=about.document,
        revision=about.revision,
        channel=cases[0].channel,
        watches=tuple(dict.fromkeys(name for case in cases for name in case.watches)),
        changes=changes,
        reasons=merged(case.reason(changes) for case in cases),
        when=when,
    )
    return alert, tuple(case.to for case in cases)


def _by_place(fates: Iterable[AlertOutcome]) -> Iterable[Sequence[AlertOutcome]]:
    """Gather fates by recipient and channel."""
    found: dict[tuple[str, str], list[AlertOutcome]] = {}
    for fate in fates:
        found.setdefault((fate.delivery.channel, fate.delivery.to), []).append(fate)
    return found.values()


def is_open(delivery: Delivery) -> bool:
    """Say whether a message can be withdrawn: nobody tried to send it, and it is in nobody's hands. One that several
    alerts were put into is about to go."""
    untouched = delivery.attempts == 0 and delivery.message is None and delivery.leased_until is None
    waits = delivery.state in (State.PENDING, State.HELD)
    return waits and untouched and not may_have_arrived(delivery) and len(delivery.alerts) == 1


def may_have_arrived(delivery: Delivery) -> bool:
    """Say whether the receiver has the message, or may have it."""
    return delivery.state in (State.SENT, State.AMBIGUOUS) or delivery.maybe_sent or delivery.possible_repeat


def _will_have_arrived(delivery: Delivery) -> bool:
    """A message in somebody's hands, or frozen for another try, cannot be called back: the correction follows it."""
    waits = delivery.state in (State.PENDING, State.HELD)
    return may_have_arrived(delivery) or (waits and not is_open(delivery))


class _Recipient:
    """One recipient, and what became of everything reported to him that is corrected now."""

    def __init__(self, fates: Sequence[AlertOutcome], origins: Mapping[str, Sequence[Change]]) -> None:
        self.channel, self.to = fates[0].delivery.channel, fates[0].delivery.to
        self._keys = {key: {change.key for change in sent} for key, sent in origins.items()}
        self.withdrawn = [fate for fate in fates if is_open(fate.delivery)]
        self._arrived = [fate for fate in fates if _will_have_arrived(fate.delivery)]

    @property
    def watches(self) -> tuple[str, ...]:
        concerned = (*self._arrived, *self.withdrawn)
        return tuple(dict.fromkeys(name for fate in concerned for name in fate.alert.watches))

    def when(self, changes: Sequence[Change]) -> DigestSchedule | None:
        """Return the digest it goes with: that of the message it takes the place of; a correction goes at once."""
        rhythms = {fate.alert.when for fate in self.withdrawn}
        at_once = len(rhythms) != 1 or any(change.kind is Kind.CORRECTION for change in changes)
        return None if at_once else rhythms.pop()

    def changes(self, corrections: Sequence[Correction]) -> tuple[Change, ...]:
        """Return what he is to be sent: corrections of what he has, the news as it is of what he has not, and whatever
        else his withdrawn messages carried."""
        sent: list[Change] = []
        settled: set[str] = set()
        for right in corrections:
            keys = self._keys[right.change.key]
            last = self._last(keys)
            if last is not None:
                settled |= keys
                sent += [] if _knows(last, right) else [right.change]
            else:
                waiting = [c for fate in self.withdrawn for c in fate.alert.changes if c.key in keys]
                instead = list(_instead(right, waiting))
                settled |= keys - {change.key for change in instead}
                sent += instead
        others = [c for fate in self.withdrawn for c in fate.alert.changes if c.key not in settled]
        return tuple(dict.fromkeys((*sent, *others)))

    def _last(self, keys: set[str]) -> Change | None:
        """Return the newest of these changes that he has been notified of."""
        sent_before = (c for fate in self._arrived for c in fate.alert.changes if c.key in keys)
        return max(sent_before, key=_weight, default=None)

    def reason(self, changes: Sequence[Change]) -> CodedText:
        """Say why he gets it, by what he was sent or was to be sent."""
        before = self._named(self._arrived)
        if before and any(change.kind is Kind.CORRECTION for change in changes):
            return coded(CORRECTED, changes=before)
        first = merged(reason for fate in self.withdrawn for reason in fate.alert.reasons)
        return coded(REPLACES_WITHDRAWN, changes=self._named(self.withdrawn), reasons=first)

    def _named(self, fates: Sequence[AlertOutcome]) -> tuple[str, ...]:
        wanted = set().union(*self._keys.values())
        return tuple(dict.fromkeys(c.key for fate in fates for c in fate.alert.changes if c.key in wanted))


def _instead(right: Correction, waiting: Sequence[Change]) -> Iterable[Change]:
    """Return the news as it now is, for somebody who was not notified yet."""
    if right.sticks and not right.instead:
        stands = [change for change in waiting if change.kind is Kind.STATUS]
        return [*stands, right.change] if stands else []
    seen: dict[Kind, Change] = {}
    for change in sorted(waiting, key=_weight):
        now = right.instead.get(change.kind)
        if now is not None:
            seen[change.kind] = replace(now, before=change.before, corrects=change.key)
    return seen.values()


def _knows(last: Change, right: Correction) -> bool:
    """Say whether he was last sent just what stands now: an earlier correction never reached him."""
    now = right.change
    if last.kind is Kind.CORRECTION:
        return last.after == now.after
    lacking = right.sticks and not right.instead
    return not lacking and (last.text, last.happened_on) == (now.text, now.happened_on) and now.corrects != last.key


CORRECTED_AFTER_GIVING_UP = coded("gone.corrected_since").to_json()
"""The reason kept with the withdrawn message."""

REPLACES_DEAD = "reason.replaces_dead"
"""Why somebody is alerted: this takes the place of what was given up and corrected since."""


@dataclass(frozen=True, slots=True)
class Replacement:
    """The message is withdrawn. `alert` is reported in its place, None where nothing is left to report."""

    delivery: Delivery
    alert: Alert | None


def outdated(given: Iterable[Change], past: Sequence[Change]) -> tuple[Change, ...]:
    """Return those of the changes that a later one of `past` corrects: by its key, or with the status that the same
    line made, since a correction names one of the two."""
    given = tuple(given)
    named = {change.corrects for change in past}
    wrong = [change for change in given if change.key in named]
    return tuple(change for change in given if change in wrong or any(_is_one_event(change, other) for other in wrong))


def replacement(delivery: Delivery, notice: Notice, past: Sequence[Change]) -> Replacement | None:
    """Say what is reported in the place of a message about one document; None where it may be tried again as it is.

    `notice` is what it says, `past` all changes of the document. Whoever may have the message was notified of the
    correction when it was made, and is not notified again.
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
    """Yield the last word on each wrong change; a fact that is gone needs no reporting to one who never saw it."""
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
    """Say whether two changes report the same line: the action, and the status it made."""
    pair = {change.kind, other.kind} == {Kind.STATUS, Kind.ACTION}
    same = (change.document, change.revision, change.happened_on) == (other.document, other.revision, other.happened_on)
    return pair and same and bool(change.text) and (change.text or "") in (other.text or "")
