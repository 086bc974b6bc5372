"""What became of every event that had to be told?

In the manner of Jepsen: the events that the publisher completely served, times the recipients, are compared with what
the receivers took. Each is ok, lost, late, repeated or unexpected. Pure: the same evidence, the same result.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

from tests.crash.messages import ReceivedMessage, terminal_id


@dataclass(frozen=True, slots=True)
class Expected:
    """What a perfect reader had to tell.

    `served` maps every event that was completely served, and is news, to the moment it first was. `spared` are events
    that may be told or not: they fell into the time in which the baseline was being read, or were put right
    before everybody had heard. `recipients` are all who must hear of everything, `only` those who must hear of these
    events and never of another.
    """

    served: Mapping[str, datetime]
    recipients: tuple[str, ...]
    spared: frozenset[str] = frozenset()
    only: Mapping[str, frozenset[str]] = field(default_factory=dict)

    def pairs(self) -> dict[tuple[str, str], datetime]:
        """Return who must hear of what, with the moment from which he can."""
        everything = {(mark, to): at for mark, at in self.served.items() for to in self.recipients}
        some = {(m, to): at for m, at in self.served.items() for to, marks in self.only.items() if m in marks}
        return {pair: at for pair, at in {**everything, **some}.items() if pair[0] not in self.spared}

    def allows(self, mark: str, to: str) -> bool:
        """Say whether somebody may hear of an event."""
        if to in self.only:
            return mark in self.only[to]
        return to in self.recipients and (mark in self.served or mark in self.spared)


@dataclass(frozen=True, slots=True)
class Restore:
    """A backup that was put back: from `restored_at` on, the database does not know what happened since `saved_at`."""

    saved_at: datetime
    restored_at: datetime

    def forgets(self, first: datetime, again: datetime) -> bool:
        """Say whether what was told at `first` was not known any more when something was told `again`."""
        return self.erases(first) and self.restored_at <= again

    def erases(self, at: datetime) -> bool:
        """Say whether what was done at a moment is not in the record any more."""
        return self.saved_at <= at <= self.restored_at


@dataclass(frozen=True, slots=True)
class Repeat:
    """One message that reached a recipient more than once. `windows` counts the kills that fell between a receiver's
    acceptance and our record of it, `denials` the times a receiver took it and said that it had not, `restores` the
    copies before which a backup was put back that did not know of the first."""

    id: str
    to: str
    copies: int
    windows: int
    denials: int
    restores: int
    marked: bool
    same_bytes: bool


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How it went. `twice` are events told to one person by two different messages, which only a restored backup
    excuses, and only when the second is marked. `misled` are those who had been told something wrong and got what is
    right as if they had not."""

    ok: int
    lost: tuple[tuple[str, str], ...]
    late: tuple[tuple[str, str, timedelta], ...]
    repeated: tuple[Repeat, ...]
    twice: tuple[tuple[str, str], ...]
    unexpected: tuple[tuple[str, str], ...]
    misled: tuple[tuple[str, str], ...] = ()
    slowest: timedelta = timedelta()
    faults: tuple[str, ...] = field(default=())

    @property
    def repeats(self) -> int:
        """Return how many copies too many were received."""
        return sum(repeat.copies - 1 for repeat in self.repeated)

    def __str__(self) -> str:
        marked = sum(repeat.marked for repeat in self.repeated)
        return (
            f"ok {self.ok}, lost {len(self.lost)}, repeated {self.repeats} (messages {len(self.repeated)}, "
            f"marked {marked}), told twice {len(self.twice)}, misled {len(self.misled)}, "
            f"unexpected {len(self.unexpected)}, late {len(self.late)}, slowest {self.slowest.total_seconds():.1f} s"
        )


def check(
    expected: Expected,
    taken: Sequence[ReceivedMessage],
    windows: Mapping[str, int],
    marked: Collection[str],
    patience: timedelta,
    restores: Sequence[Restore] = (),
) -> CheckResult:
    """Evaluate a run.

    `windows` maps the id of a delivery to the kills that fell between its acceptance and our record of it, `marked`
    holds the ids the record calls a possible repeat, `patience` is how long after it was served an event may be told
    before it counts as late.
    """
    first: dict[tuple[str, str], datetime] = {}
    for message in taken:
        for mark in message.marks:
            first.setdefault((mark, message.to), message.at)
    due = expected.pairs()
    waits = {pair: first[pair] - at for pair, at in due.items() if pair in first}
    lost = tuple(sorted(pair for pair in due if pair not in first))
    late = tuple(sorted((mark, to, wait) for (mark, to), wait in waits.items() if wait > patience))
    unexpected = tuple(sorted(pair for pair in first if not expected.allows(*pair)))
    repeated = _repeats(taken, windows, marked, restores)
    twice = _told_twice(taken, marked, restores)
    misled = _silently_replaced(taken, first, restores)
    return CheckResult(
        ok=len(waits) - len(late),
        lost=lost,
        late=late,
        repeated=repeated,
        twice=twice,
        misled=misled,
        unexpected=unexpected,
        slowest=max(waits.values(), default=timedelta()),
        faults=tuple(_faults(lost, unexpected, twice, misled, repeated)),
    )


def _repeats(
    taken: Sequence[ReceivedMessage], windows: Mapping[str, int], marked: Collection[str], restores: Sequence[Restore]
) -> tuple[Repeat, ...]:
    copies: dict[tuple[str, str], list[ReceivedMessage]] = {}
    for message in taken:
        copies.setdefault((message.id, message.to), []).append(message)
    return tuple(
        Repeat(
            id=id,
            to=to,
            copies=len(messages),
            windows=windows.get(id, 0),
            denials=sum(message.denied for message in messages),
            restores=sum(_forgotten(one.at, other.at, restores) for one, other in pairwise(messages)),
            marked=id in marked,
            same_bytes=all(_same_message(one, other, restores) for one, other in pairwise(messages)),
        )
        for (id, to), messages in copies.items()
        if len(messages) > 1
    )


def _same_message(one: ReceivedMessage, other: ReceivedMessage, restores: Sequence[Restore]) -> bool:
    """Say whether a copy has the bytes it must have. A message on a terminal names its alerts and no delivery: what
    waited in the backup is composed anew, as another delivery, and may then have other words."""
    if one.digest == other.digest:
        return True
    return one.id == terminal_id(one.alerts) and _forgotten(one.at, other.at, restores)


def _forgotten(first: datetime, again: datetime, restores: Sequence[Restore]) -> bool:
    return any(restore.forgets(first, again) for restore in restores)


def _told_twice(
    taken: Sequence[ReceivedMessage], marked: Collection[str], restores: Sequence[Restore]
) -> tuple[tuple[str, str], ...]:
    tellers: dict[tuple[str, str], list[ReceivedMessage]] = {}
    for message in taken:
        for mark in message.marks:
            tellers.setdefault((mark, message.to), []).append(message)
    return tuple(sorted(pair for pair, told in tellers.items() if _unexcused(told, marked, restores)))


def _unexcused(told: Sequence[ReceivedMessage], marked: Collection[str], restores: Sequence[Restore]) -> bool:
    """Say whether a later message of another id was sent though the database knew of the earlier, or is not marked."""
    return any(
        later.id not in marked or not _forgotten(earlier.at, later.at, restores)
        for place, later in enumerate(told)
        for earlier in told[:place]
        if earlier.id != later.id
    )


def _silently_replaced(
    taken: Sequence[ReceivedMessage], first: Mapping[tuple[str, str], datetime], restores: Sequence[Restore]
) -> tuple[tuple[str, str], ...]:
    """Find who got what is right in the place of a message that he had got already. Only a message that tells one thing
    says for certain of which it takes the place."""
    found: set[tuple[str, str]] = set()
    for message in taken:
        marks = [mark for mark in message.marks if mark.startswith("CO")]
        if not (message.instead and len(message.marks) == len(marks) == 1):
            continue
        wrong = (f"EV{marks[0][2:]}", message.to)
        if wrong in first and first[wrong] < message.at and not _forgotten(first[wrong], message.at, restores):
            found.add((marks[0], message.to))
    return tuple(sorted(found))


def _faults(
    lost: Sequence[tuple[str, str]],
    unexpected: Sequence[tuple[str, str]],
    twice: Sequence[tuple[str, str]],
    misled: Sequence[tuple[str, str]],
    repeated: Sequence[Repeat],
) -> Iterable[str]:
    """Say what broke a promise; nothing when all were kept."""
    yield from (f"lost: {mark} never reached {to}" for mark, to in lost)
    yield from (f"unexpected: {mark} was told to {to}, but nobody published it" for mark, to in unexpected)
    yield from (f"told twice: {mark} reached {to} in two messages, unmarked or unexcused" for mark, to in twice)
    yield from (f"misled: {to} had been told what {mark} puts right, and heard of no mistake" for mark, to in misled)
    for repeat in repeated:
        name = f"repeated: {repeat.id} reached {repeat.to} {repeat.copies} times"
        excused = repeat.windows + repeat.denials + repeat.restores
        if repeat.copies - 1 > excused:
            yield f"{name}, which {excused} cut-offs and restores do not explain"
        if not repeat.marked and repeat.copies - 1 > repeat.denials:
            yield f"{name}, but the record does not call it a possible repeat"
        if not repeat.same_bytes:
            yield f"{name} with different bytes"


def count_cut_offs(accepted: Iterable[str], settled: Collection[str], windows: Counter[str]) -> int:
    """Add the cut-offs of one kill: messages accepted by a receiver that the record does not call sent.

    `accepted` are the ids received since the last kill that were not counted yet. Returns how many there were.
    """
    open_ones = [id for id in accepted if id not in settled]
    windows.update(open_ones)
    return len(open_ones)
