"""Who hears of a change, and why?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase

from domain.changes import Change
from domain.facets import DEFAULT_KINDS, Kind, short_digest
from domain.identity import DocumentId
from domain.words import occurring

_Place = tuple[str, str, tuple[str, ...]]
_Wishes = Mapping[DocumentId, frozenset[Kind]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What somebody wants followed. `name` is unique; a watch hears only what was seen after `created_at`.

    A watch on a feed hears of every entry, for their names begin with the feed's. With `words` it hears only changes
    in whose own words one of them occurs.
    """

    name: str
    document: DocumentId | None = None
    note: str | None = None
    created_at: datetime | None = None
    words: tuple[str, ...] = ()

    def matches(self, document: DocumentId) -> bool:
        """Say whether this watch follows `document`."""
        return self.document is not None and document.is_within(self.document)


def is_named(watch: str, pattern: str) -> bool:
    """Say whether a pattern means a watch: by its very name, whatever signs are in it (`NATO [US]`), or as a shell
    pattern."""
    return watch == pattern or fnmatchcase(watch, pattern)


@dataclass(frozen=True, slots=True)
class Route:
    """Which kinds of which watches go to which channels. `watches` holds names or shell patterns (`*`)."""

    watches: tuple[str, ...] = ("*",)
    kinds: frozenset[Kind] = DEFAULT_KINDS
    channels: tuple[str, ...] = ()

    def names(self, watch: str) -> bool:
        """Say whether this route is for the watch of that name."""
        return any(is_named(watch, pattern) for pattern in self.watches)


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who may hear something: what is watched, the routes, each channel's recipients, and the channels
    of the operator. What follows from these is worked out once and kept: a thousand feeds ask at every poll."""

    watches: tuple[Watch, ...] = ()
    routes: tuple[Route, ...] = ()
    recipients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operator: tuple[str, ...] = ()
    _wanted: dict[_Place, frozenset[Kind]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _asked: dict[str, _Wishes] = field(default_factory=dict, init=False, repr=False, compare=False)

    def asked_of(self, source: str, reads: Callable[[DocumentId], bool]) -> _Wishes:
        """Return what a source must be asked for: the watched documents that it reads, in their order, with the kinds
        somebody wants to hear of each."""
        if source not in self._asked:
            documents = {w.document for w in self.watches if w.document is not None and reads(w.document)}
            self._asked[source] = self.following(sorted(documents))
        return self._asked[source]

    def follows(self, document: DocumentId) -> frozenset[Kind]:
        """Return the kinds somebody wants to hear of this document: what its source must be asked for."""
        return self.following([document])[document]

    def following(self, documents: Iterable[DocumentId]) -> dict[DocumentId, frozenset[Kind]]:
        """Return for each document the kinds somebody wants to hear of it.

        One pass over the watches and one over the documents: ten thousand of either are no rarity.
        """
        if not self._wanted:
            self._wanted.update(_wanted(self.watches, self.routes))
        return {document: frozenset().union(*_above(document, self._wanted)) for document in documents}


class Reason(StrEnum):
    """Why a change was told, or was not."""

    ROUTED = "routed"
    BASELINE = "baseline"
    BEFORE_WATCH = "before_watch"
    KIND_NOT_ROUTED = "kind_not_routed"
    WORDS_MISSING = "words_missing"
    OPERATOR = "operator"


EXPLANATIONS: Mapping[Reason, str] = {
    Reason.ROUTED: "the watch {watch} follows {document} and tells {channel} of {kind} changes",
    Reason.BASELINE: "the first complete reading of {document} is its baseline: what it carries is past, not news",
    Reason.BEFORE_WATCH: "the watch {watch} was created after this was first seen",
    Reason.KIND_NOT_ROUTED: "no route of the watch {watch} carries {kind} changes to {channel}",
    Reason.WORDS_MISSING: "the watch {watch} asks for {words}, and none of them occurs in it",
    Reason.OPERATOR: "{channel} is named under service.operator and hears when something of this installation fails",
}


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one change is told to one channel for one watch, with the reason either way. `words` are those of the
    watch that occur in the change."""

    change: Change
    watch: Watch
    channel: str
    told: bool
    reason: Reason
    words: tuple[str, ...] = ()

    def explain(self) -> str:
        """Return the reason as a sentence."""
        sentence = EXPLANATIONS[self.reason].format(
            watch=self.watch.name,
            document=self.change.document,
            channel=self.channel,
            kind=self.change.kind,
            words=_quoted(self.watch.words),
        )
        if not (self.told and self.words):
            return sentence
        return f"{sentence}, and {_quoted(self.words)} occur{'s' if len(self.words) == 1 else ''} in it"


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
    if not changes:
        return ()
    channels = tuple(audience.recipients)
    table = audience.routes or (Route(channels=channels),)
    return tuple(
        Decision(change, watch, channel, *_judge(change, watch, channel, table, established, found), found)
        for watch in audience.watches
        for change in changes
        if watch.matches(change.document)
        for found in [occurring(watch.words, f"{change.text or ''}\n{change.after or ''}")]
        for channel in channels
    )


def _judge(
    change: Change, watch: Watch, channel: str, routes: Sequence[Route], established: bool, found: tuple[str, ...]
) -> tuple[bool, Reason]:
    if not established:
        return False, Reason.BASELINE
    if watch.created_at is not None and change.seen_at < watch.created_at:
        return False, Reason.BEFORE_WATCH
    if not any(_carries(route, change, watch, channel) for route in routes):
        return False, Reason.KIND_NOT_ROUTED
    if watch.words and not found:
        return False, Reason.WORDS_MISSING
    return True, Reason.ROUTED


def _quoted(words: Sequence[str]) -> str:
    return ", ".join(f'"{word}"' for word in words)


def _carries(route: Route, change: Change, watch: Watch, channel: str) -> bool:
    return channel in route.channels and change.kind in route.kinds and route.names(watch.name)


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


def _wanted(watches: Iterable[Watch], routes: Sequence[Route]) -> dict[_Place, frozenset[Kind]]:
    wanted: dict[_Place, frozenset[Kind]] = {}
    for watch in watches:
        if watch.document is not None:
            place = (watch.document.jurisdiction, watch.document.kind, watch.document.parts)
            wanted[place] = wanted.get(place, frozenset()) | kinds_of(watch, routes)
    return wanted


def _above(document: DocumentId, wanted: Mapping[_Place, frozenset[Kind]]) -> Iterator[frozenset[Kind]]:
    """Yield what is wanted of a document and of everything it is named within."""
    for length in range(len(document.parts) + 1):
        found = wanted.get((document.jurisdiction, document.kind, document.parts[:length]))
        if found is not None:
            yield found


def kinds_of(watch: Watch, routes: Sequence[Route]) -> frozenset[Kind]:
    """Return the kinds somebody wants to hear of this watch: what its source must be asked for."""
    if not routes:
        return DEFAULT_KINDS
    wanted = (route.kinds for route in routes if route.names(watch.name))
    return frozenset().union(*wanted)
