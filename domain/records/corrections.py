"""Who hears that something told before was put right?

Exactly those who were told, each once, whatever the routes say now. Where the message still waited and nobody had
tried to send it, it is withdrawn, and its recipient gets the news as it now is, with whatever else that message
carried. What nobody was told is put right in the record, and told to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from domain.alerts.delivery import Delivery, State
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import Alert, merged
from domain.coded_text import CodedText, coded
from domain.records.detection import NewRevision
from domain.records.facets import Kind
from domain.records.record import Change, Correction

WITHDRAWN = "put right before it was sent"
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
    """Name what each correction of a step corrects, and return for each, by its key, the changes that told it.

    `past` holds all changes of the document, oldest first. Of those that told what is put right the newest is named:
    of one revision a correction before a status, and a status before the line that made it.
    """
    by_name: dict[tuple[Kind, str], list[Change]] = {}
    for change in past:
        by_name.setdefault((change.kind, change.subject), []).append(change)
    named: dict[str, Change] = {}
    origins: dict[str, tuple[Change, ...]] = {}
    rights: list[Correction] = []
    for right in step.corrections:
        told = tuple(change for name in right.told for change in by_name.get(name, ()))
        newest = max(told, key=_weight, default=None)
        change = replace(right.change, corrects=newest.key if newest else None)
        named[change.key] = change
        origins[change.key] = tuple(sorted(told, key=_weight))
        rights.append(replace(right, change=change))
    changes = tuple(named.get(change.key, change) for change in step.changes)
    return replace(step, changes=changes, corrections=tuple(rights)), origins


def _weight(change: Change) -> tuple[int, bool, bool, str]:
    return (change.revision, change.kind is Kind.CORRECTION, change.kind is Kind.STATUS, change.key)


def plan_corrections(
    corrections: Sequence[Correction], origins: Mapping[str, Sequence[Change]], fates: Iterable[AlertOutcome]
) -> CorrectionPlan:
    """Say who is told of these corrections, all of one revision, and what is withdrawn. `origins` are those that
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
    """Tell all who are to hear the same by the same channel in one alert: its identity is what it says."""
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
    """One recipient, and what became of everything told to him that is put right now."""

    def __init__(self, fates: Sequence[AlertOutcome], origins: Mapping[str, Sequence[Change]]) -> None:
        self.channel, self.to = fates[0].delivery.channel, fates[0].delivery.to
        self._keys = {key: {change.key for change in told} for key, told in origins.items()}
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
        """Return what he is to be told: corrections of what he has, the news as it is of what he has not, and whatever
        else his withdrawn messages carried."""
        told: list[Change] = []
        settled: set[str] = set()
        for right in corrections:
            keys = self._keys[right.change.key]
            last = self._last(keys)
            if last is not None:
                settled |= keys
                told += [] if _knows(last, right) else [right.change]
            else:
                waiting = [c for fate in self.withdrawn for c in fate.alert.changes if c.key in keys]
                instead = list(_instead(right, waiting))
                settled |= keys - {change.key for change in instead}
                told += instead
        others = [c for fate in self.withdrawn for c in fate.alert.changes if c.key not in settled]
        return tuple(dict.fromkeys((*told, *others)))

    def _last(self, keys: set[str]) -> Change | None:
        """Return the newest of these changes that he has been told."""
        heard = (c for fate in self._arrived for c in fate.alert.changes if c.key in keys)
        return max(heard, key=_weight, default=None)

    def reason(self, changes: Sequence[Change]) -> CodedText:
        """Say why he gets it, by what he was told or was to be told."""
        before = self._named(self._arrived)
        if before and any(change.kind is Kind.CORRECTION for change in changes):
            return coded(CORRECTED, changes=before)
        first = merged(reason for fate in self.withdrawn for reason in fate.alert.reasons)
        return coded(REPLACES_WITHDRAWN, changes=self._named(self.withdrawn), reasons=first)

    def _named(self, fates: Sequence[AlertOutcome]) -> tuple[str, ...]:
        wanted = set().union(*self._keys.values())
        return tuple(dict.fromkeys(c.key for fate in fates for c in fate.alert.changes if c.key in wanted))


def _instead(right: Correction, waiting: Sequence[Change]) -> Iterable[Change]:
    """Return the news as it now is, for somebody who was not told yet."""
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
    """Say whether he was last told just what stands now: an earlier correction never reached him."""
    now = right.change
    if last.kind is Kind.CORRECTION:
        return last.after == now.after
    lacking = right.sticks and not right.instead
    return not lacking and (last.text, last.happened_on) == (now.text, now.happened_on) and now.corrects != last.key
