"""Who hears of a change, and why?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from domain.changes import Change
from domain.facets import DEFAULT_KINDS, Kind, short_digest
from domain.identity import DocumentId


@dataclass(frozen=True, slots=True)
class Watch:
    """What somebody wants followed. `name` is unique; a watch hears only what was seen after `created_at`."""

    name: str
    document: DocumentId | None = None
    note: str | None = None
    created_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Route:
    """Which kinds of which watches go to which channels. `watches` holds names or shell patterns (`*`)."""

    watches: tuple[str, ...] = ("*",)
    kinds: frozenset[Kind] = DEFAULT_KINDS
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who may hear something: what is watched, the routes, each channel's recipients, and the channels
    of the operator."""

    watches: tuple[Watch, ...] = ()
    routes: tuple[Route, ...] = ()
    recipients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operator: tuple[str, ...] = ()

    def follows(self, document: DocumentId) -> frozenset[Kind]:
        """Return the kinds somebody wants to hear of this document: what its source must be asked for."""
        wanted = (kinds_of(watch, self.routes) for watch in self.watches if watch.document == document)
        return frozenset().union(*wanted)


class Reason(StrEnum):
    """Why a change was told, or was not."""

    ROUTED = "routed"
    BASELINE = "baseline"
    BEFORE_WATCH = "before_watch"
    KIND_NOT_ROUTED = "kind_not_routed"
    OPERATOR = "operator"


EXPLANATIONS: Mapping[Reason, str] = {
    Reason.ROUTED: "the watch {watch} follows {document} and tells {channel} of {kind} changes",
    Reason.BASELINE: "the first complete reading of {document} is its baseline: what it carries is past, not news",
    Reason.BEFORE_WATCH: "the watch {watch} was created after this was first seen",
    Reason.KIND_NOT_ROUTED: "no route of the watch {watch} carries {kind} changes to {channel}",
    Reason.OPERATOR: "{channel} is named under service.operator and hears when something of this installation fails",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one change is told to one channel for one watch, with the reason either way."""

    change: Change
    watch: Watch
    channel: str
    told: bool
    reason: Reason

    def explain(self) -> str:
        """Return the reason as a sentence."""
        return EXPLANATIONS[self.reason].format(
            watch=self.watch.name,
            document=self.change.document,
            channel=self.channel,
            kind=self.change.kind,
        )


@dataclass(frozen=True, slots=True)
class Alert:
    """Changes of one document for one channel, with every watch that asked for them and the reason.

    The identity follows from document, revision and channel: deciding twice makes the same alert, not a second.
    """

    document: DocumentId
    revision: int
    channel: str
    watches: tuple[str, ...]
    changes: tuple[Change, ...]
    reason: str

    @property
    def id(self) -> str:
        return "al-" + short_digest(f"{self.document}@{self.revision}>{self.channel}")

    def delivery_id(self, recipient: str) -> str:
        """The identity of this alert's message to one recipient; repeats carry the same one."""
        return "dl-" + short_digest(f"{self.id}>{recipient}")


def decide(changes: Sequence[Change], audience: Audience, *, established: bool) -> tuple[Decision, ...]:
    """Say for every change, matching watch and channel whether it is told, and why.

    No route at all means one default route: every channel hears the default kinds of everything. `established`
    says whether the scope the changes came from has had its baseline (rule 3).
    """
    channels = tuple(audience.recipients)
    table = audience.routes or (Route(channels=channels),)
    return tuple(
        Decision(change, watch, channel, *_judge(change, watch, channel, table, established))
        for watch in audience.watches
        for change in changes
        if watch.document == change.document
        for channel in channels
    )


def _judge(
    change: Change, watch: Watch, channel: str, routes: Sequence[Route], established: bool
) -> tuple[bool, Reason]:
    if not established:
        return False, Reason.BASELINE
    if watch.created_at is not None and change.seen_at < watch.created_at:
        return False, Reason.BEFORE_WATCH
    if not any(_carries(route, change, watch, channel) for route in routes):
        return False, Reason.KIND_NOT_ROUTED
    return True, Reason.ROUTED


def _carries(route: Route, change: Change, watch: Watch, channel: str) -> bool:
    return (
        channel in route.channels
        and change.kind in route.kinds
        and any(fnmatchcase(watch.name, pattern) for pattern in route.watches)
    )


def group(decisions: Iterable[Decision]) -> tuple[Alert, ...]:
    """Gather what is told into one alert per document, revision and channel, naming every watch that matched."""
    told: dict[tuple[DocumentId, int, str], list[Decision]] = {}
    for decision in decisions:
        if decision.told:
            change = decision.change
            told.setdefault((change.document, change.revision, decision.channel), []).append(decision)
    return tuple(
        Alert(
            document=document,
            revision=revision,
            channel=channel,
            watches=tuple(dict.fromkeys(d.watch.name for d in members)),
            changes=tuple(dict.fromkeys(d.change for d in members)),
            reason="; ".join(dict.fromkeys(d.explain() for d in members)),
        )
        for (document, revision, channel), members in told.items()
    )


def for_operator(change: Change, audience: Audience, *, but_not: str | None = None) -> tuple[Alert, ...]:
    """Address a change of a source or channel to the operator's channels; `but_not` leaves out the one that is ill."""
    return tuple(
        Alert(
            document=change.document,
            revision=change.revision,
            channel=channel,
            watches=(),
            changes=(change,),
            reason=EXPLANATIONS[Reason.OPERATOR].format(channel=channel),
        )
        for channel in audience.operator
        if channel != but_not
    )


def kinds_of(watch: Watch, routes: Sequence[Route]) -> frozenset[Kind]:
    """Return the kinds somebody wants to hear of this watch: what its source must be asked for."""
    if not routes:
        return DEFAULT_KINDS
    wanted = (r.kinds for r in routes if any(fnmatchcase(watch.name, pattern) for pattern in r.watches))
    return frozenset().union(*wanted)
