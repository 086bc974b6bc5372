"""Which messages that wait go as one?

Only what nobody has tried to send is put together: a message once frozen stays what it is. Of those for one recipient
by one channel, what is about the same document goes as one; so does a digest, a burst of one feed or search, and what
was seen late after a long stop if there is much of it. Of a regime each step is a message of its own, which a step of
the regime renewed with it joins.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from types import MappingProxyType
from typing import TypeGuard

from domain.alerts.delivery import CAUGHT_UP, Delivery
from domain.alerts.digest_schedule import DigestSchedule
from domain.alerts.routing import merged
from domain.alerts.severity import BY_WEIGHT, severity
from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.options import PRIORITIES
from domain.ports import Notice
from domain.records.facets import Kind
from domain.records.record import Change

MANY = 10
"""Messages seen late that still go one by one; more go as one."""

BURST = 5
"""Messages of one feed or search that still go one by one; more that wait together go as one."""

MOST = 200
"""Alerts in one message at most; what is more goes in the next one, sooner where the channel cannot name so many."""

PAIRED = "paired"
"""What a message is called that is about regimes renewed together."""

_OF_STATUS = frozenset({Kind.STATUS, Kind.TERM, Kind.CORRECTION})

Key = tuple[str, ...]
Families = Mapping[DocumentId, DocumentId]
_NONE: Families = MappingProxyType({})


def bundles(
    waiting: Iterable[Delivery],
    families: Families = _NONE,
    cost: Callable[[Delivery], int] = lambda delivery: len(delivery.alerts),
    capacity: int = MOST,
    stream: Callable[[Delivery], str | None] = lambda delivery: None,
) -> tuple[tuple[Delivery, ...], ...]:
    """Return the groups of two and more messages of one channel that go as one, each in the given order.

    `families` maps documents that are reported together to the one that stands for them (`domain.terms.families`),
    `stream` names the feed or search that a message is of, None for what somebody watches by itself. No
    group costs more than the `capacity` of its channel, so that everything in it is named.
    """
    groups: dict[Key, list[Delivery]] = {}
    for delivery in waiting:
        if delivery.is_untouched:
            groups.setdefault(_place(delivery, families), []).append(delivery)
    single = [turn for group in groups.values() for turn in _turns(group)]
    together = _together(single, MANY, _caught_up)
    together = _together(together, BURST, lambda group: _streamed(group, stream))
    found = [part for group in together if len(group) > 1 for part in _cut(group, cost, capacity)]
    return tuple(part for part in found if len(part) > 1)


def is_digest(digest_key: str | None) -> TypeGuard[str]:
    """Say whether a digest_key is that of a digest."""
    return digest_key is not None and digest_key != CAUGHT_UP


def digest(delivery: Delivery, parts: Iterable[Notice]) -> Notice:
    """Return what a message about several documents says: a notice for each, what matters most first."""
    ranked = sorted(parts, key=_rank)
    return Notice(
        delivery=delivery.id,
        alerts=delivery.alerts,
        document=delivery.document,
        title=None,
        url=None,
        status=None,
        status_on=None,
        changes=tuple(change for part in ranked for change in part.changes),
        watches=tuple(dict.fromkeys(name for part in ranked for name in part.watches)),
        note=None,
        reasons=merged(reason for part in ranked for reason in part.reasons),
        created_at=delivery.created_at,
        to=delivery.to,
        zone=ranked[0].zone if ranked else "UTC",
        digest=_called(delivery, ranked),
        parts=tuple(ranked),
        period=_period(delivery.digest_key, ranked),
    )


def _rank(part: Notice) -> tuple[bool, int, int, int, DocumentId]:
    """Sort changes of status first, then by the priority of the watch, then by the weightiest kind, of statuses by how
    much they decide and how far they go; what is alike by name, so that a rehearsal writes the same message."""
    of_status = [change for change in part.changes if change.kind in _OF_STATUS]
    priority = PRIORITIES.index(part.priority or "normal")
    if of_status:
        decides, reaches = max(map(severity, of_status)), max(map(_reach, of_status))
        return False, priority, -decides, -reaches, part.document
    kind = min((BY_WEIGHT.index(change.kind) for change in part.changes), default=len(BY_WEIGHT))
    return True, priority, kind, 0, part.document


def _reach(change: Change) -> int:
    """Return how far on the way of its document a status is; 0 for any other change."""
    law = jurisdiction_of(change.document)
    stage = law.stage(change.after, change.document, law.day(change.seen_at)) if change.kind is Kind.STATUS else ""
    return law.stages.index(stage) if stage in law.stages else 0


def _period(digest_key: str | None, parts: Sequence[Notice]) -> tuple[date, date] | None:
    """Return the days that a digest is about; None for any other message about several documents."""
    seen = [change.seen_at for part in parts for change in part.changes]
    if not is_digest(digest_key) or not seen:
        return None
    return DigestSchedule.parse(digest_key, parts[0].zone).days(min(seen), max(seen))


def _called(delivery: Delivery, parts: Sequence[Notice]) -> str:
    """Name a message about several documents; a few that were seen late are still those renewed in pairs, or a burst of
    one feed or search, which is called by its watch."""
    digest_key = delivery.digest_key
    if is_digest(digest_key):
        return digest_key.partition(" ")[0]
    if digest_key == CAUGHT_UP and len(delivery.alerts) > MANY:
        return CAUGHT_UP
    if all(part.document.kind == "regime" for part in parts):
        return PAIRED
    return next((name for name in parts[0].watches if all(name in part.watches for part in parts)), CAUGHT_UP)


def _place(delivery: Delivery, families: Families = _NONE) -> Key:
    if is_digest(delivery.digest_key):
        return delivery.to, "digest", delivery.digest_key
    return delivery.to, "document", str(families.get(delivery.document, delivery.document))


def _turns(group: list[Delivery]) -> list[list[Delivery]]:
    """Take what is about regimes apart: the first step of each, then the second, and so on."""
    if group[0].document.kind != "regime" or is_digest(group[0].digest_key):
        return [group]
    turns: list[list[Delivery]] = []
    turn_of: Counter[DocumentId] = Counter()
    for delivery in group:
        turn = turn_of[delivery.document]
        turn_of[delivery.document] += 1
        if turn == len(turns):
            turns.append([])
        turns[turn].append(delivery)
    return turns


def _caught_up(group: Sequence[Delivery]) -> Key | None:
    """Name who gets late what a group holds; None for what is not all late."""
    return (group[0].to,) if all(delivery.digest_key == CAUGHT_UP for delivery in group) else None


def _streamed(group: Sequence[Delivery], stream: Callable[[Delivery], str | None]) -> Key | None:
    """Name the recipient and the feed or search of a group about one document; None where there is none."""
    if is_digest(group[0].digest_key) or len({delivery.document for delivery in group}) > 1:
        return None
    name = stream(group[0])
    return None if name is None else (group[0].to, name)


def _together(
    groups: Sequence[list[Delivery]], most: int, key: Callable[[Sequence[Delivery]], Key | None]
) -> list[list[Delivery]]:
    """Put together the groups of one key, where they are more than `most`, after all others."""
    alike: dict[Key, list[list[Delivery]]] = {}
    for group in groups:
        if (name := key(group)) is not None:
            alike.setdefault(name, []).append(group)
    many = [parts for parts in alike.values() if len(parts) > most]
    taken = {id(group) for parts in many for group in parts}
    others = [group for group in groups if id(group) not in taken]
    return [*others, *([delivery for group in parts for delivery in group] for parts in many)]


def _cut(group: Sequence[Delivery], cost: Callable[[Delivery], int], capacity: int) -> list[tuple[Delivery, ...]]:
    parts: list[tuple[Delivery, ...]] = []
    part: list[Delivery] = []
    alerts = spent = 0
    for delivery in group:
        price = cost(delivery)
        if part and (alerts + len(delivery.alerts) > MOST or spent + price > capacity):
            parts.append(tuple(part))
            part, alerts, spent = [], 0, 0
        part.append(delivery)
        alerts, spent = alerts + len(delivery.alerts), spent + price
    return [*parts, tuple(part)]
