"""Who is notified of a change, and why?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from fnmatch import fnmatchcase
from functools import cache
from typing import TYPE_CHECKING, NamedTuple, Protocol, TypeVar

from domain.coded_text import CodedText, Param, coded, words_in
from domain.documents import DocumentId
from domain.records.facets import DEFAULT_KINDS, Kind, short_digest
from domain.records.record import Change
from domain.text import occurring

if TYPE_CHECKING:  # whoever only asks where things stand meets a route and pays for no more
    from domain.alerts.digest_schedule import DigestSchedule
    from domain.alerts.search import Search, SearchMatch
    from domain.alerts.severity import Severity

_T = TypeVar("_T")
_Place = tuple[str, str, tuple[str, ...]]
_Wanted = Mapping[DocumentId, frozenset[Kind]]


@dataclass(frozen=True, slots=True)
class Watch:
    """What somebody wants followed. `name` is unique; a watch gets only what was seen after `created_at`.

    A watch on a feed gets every entry, for their names begin with the feed's. With `words` it gets only changes
    in whose own words one of them occurs. With a `search` it follows what matches among all that is named within its
    document (`xx/bill/45-1`, a session) and those in `also` (sessions of other legislatures); which that is
    `domain.alerts.search` says. With `follow` it is also notified that its bill was introduced again in a later
    session.
    With `everywhere` its search also covers whatever else its sources state: acts, entries of feeds, documents of a
    register. `address` is where a feed or page lies. `tags`, `priority` (high, normal, low; None is normal), `position`
    and `owner` are its user's own words: routes choose by them, and lists are filtered and sorted by them.
    """

    name: str
    document: DocumentId | None = None
    note: str | None = None
    created_at: datetime | None = None
    words: tuple[str, ...] = ()
    search: Search | None = None
    follow: bool = False
    address: str | None = None
    also: tuple[DocumentId, ...] = ()
    everywhere: bool = False
    tags: tuple[str, ...] = ()
    priority: str | None = None
    position: str | None = None
    owner: str | None = None

    @property
    def places(self) -> tuple[DocumentId, ...]:
        """What it is about: its document, and what its search covers beside it."""
        return (*((self.document,) if self.document is not None else ()), *self.also)

    def matches(self, document: DocumentId) -> bool:
        """Say whether this watch follows `document`, whatever it says."""
        return self.search is None and self.covers(document)

    def covers(self, document: DocumentId) -> bool:
        """Say whether `document` is what this watch is about, or named within it."""
        if any(document.is_within(place) for place in self.places):
            return True
        if not self.everywhere or document.is_operational:
            return False
        of_session = any(
            (place.jurisdiction, place.kind) == (document.jurisdiction, document.kind) for place in self.places
        )
        return document.is_feed or (document.kind != "regime" and not of_session)


class Labelled(Protocol):
    """What a route asks of a watch."""

    @property
    def name(self) -> str: ...
    @property
    def tags(self) -> tuple[str, ...]: ...
    @property
    def priority(self) -> str | None: ...
    @property
    def owner(self) -> str | None: ...


def is_named(watch: str, pattern: str) -> bool:
    """Say whether a pattern means a watch: by its very name, whatever signs are in it (`NATO [US]`), or as a shell
    pattern."""
    return watch == pattern or fnmatchcase(watch, pattern)


@dataclass(frozen=True, slots=True)
class Route:
    """Which kinds of which watches go to which channels. `watches` holds names or shell patterns (`*`); `tags`,
    `owners` and `priorities` leave only watches that have one of each, whatever the capitals.

    `stages`, `words` and `severity` narrow it: to changes that leave the document in one of these stages, in whose own
    words one of these occurs, that matter at least so much. `when` is the schedule of a digest, None for at once.
    `name` is what `lexwatch digest` calls it.
    """

    watches: tuple[str, ...] = ("*",)
    kinds: frozenset[Kind] = DEFAULT_KINDS
    channels: tuple[str, ...] = ()
    stages: frozenset[str] = frozenset()
    severity: Severity | None = None
    words: tuple[str, ...] = ()
    when: DigestSchedule | None = None
    tags: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    priorities: tuple[str, ...] = ()
    name: str | None = None

    def takes(self, watch: Labelled) -> bool:
        """Say whether this route is for a watch."""
        return (
            any(is_named(watch.name, pattern) for pattern in self.watches)
            and _any_of(self.tags, watch.tags)
            and _any_of(self.owners, (watch.owner or "",))
            and _any_of(self.priorities, (watch.priority or "normal",))
        )


def _any_of(wanted: Sequence[str], found: Iterable[str]) -> bool:
    """Say whether something found is wanted, whatever its capitals; everything is where nothing is named."""
    return not wanted or not {one.casefold() for one in wanted}.isdisjoint(one.casefold() for one in found)


@dataclass(frozen=True, slots=True)
class Audience:
    """Everybody who may be notified: what is watched, the routes, each channel's recipients, and the channels
    of the operator. What follows from these is worked out once and kept: a thousand feeds ask at every poll."""

    watches: tuple[Watch, ...] = ()
    routes: tuple[Route, ...] = ()
    recipients: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operator: tuple[str, ...] = ()
    _wanted: dict[_Place, frozenset[Kind]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _asked: dict[str, _Wanted] = field(default_factory=dict, init=False, repr=False, compare=False)
    _places: dict[str, list[DocumentId]] = field(default_factory=dict, init=False, repr=False, compare=False)
    _searching: list[tuple[Watch, ...]] = field(default_factory=list, init=False, repr=False, compare=False)
    _made: dict[DocumentId, datetime] = field(default_factory=dict, init=False, repr=False, compare=False)
    _covering: dict[_Place, list[Watch]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def asked_of(self, source: str, reads: Callable[[DocumentId], bool]) -> _Wanted:
        """Return what a source must be asked for: the watched documents that it reads, in their order, with the kinds
        somebody wants of each."""
        if source not in self._asked:
            found = {place for place in self._places_for(source) if reads(place)}
            wanted = self.following(sorted(found))
            for watch in self.searching:
                for place in found.intersection(watch.places):
                    wanted[place] |= watch.search.needs if watch.search is not None else frozenset()
            self._asked[source] = wanted
        return self._asked[source]

    def _places_for(self, source: str) -> Sequence[DocumentId]:
        """Return the watched places that a source may read. A feed is a source of its own, called as its documents
        begin: ten thousand feeds must not be asked about each other."""
        if not self._places:
            for place in dict.fromkeys(place for watch in self.watches for place in watch.places):
                self._places.setdefault("", []).append(place)
                self._places.setdefault(f"{place.jurisdiction}/{place.kind}", []).append(place)
        return self._places.get(source, self._places.get("", []))

    def watched_since(self, documents: Iterable[DocumentId]) -> datetime | None:
        """Return when the oldest watch on one of these was made; None where nobody knows."""
        if not self._made:
            for watch in self.watches:
                for place in watch.places if watch.created_at is not None else ():
                    assert watch.created_at is not None
                    self._made[place] = min(self._made.get(place, watch.created_at), watch.created_at)
        return min((self._made[document] for document in documents if document in self._made), default=None)

    def watching(self, document: DocumentId) -> tuple[Watch, ...]:
        """Return the watches that cover a document, without asking every other one."""
        if not self._covering:
            for watch in self.watches:
                for place in watch.places:
                    self._covering.setdefault((place.jurisdiction, place.kind, place.parts), []).append(watch)
        found = {watch.name: watch for watches in _above(document, self._covering) for watch in watches}
        found |= {watch.name: watch for watch in self.searching if watch.everywhere and watch.covers(document)}
        return tuple(found.values())

    def called(self, document: DocumentId) -> str:
        """Return what people call a document: a feed, and each of its entries, by the name of its watch."""
        feed = document.feed
        return next((watch.name for watch in self.watches if feed and watch.document == feed), str(document))

    @property
    def searching(self) -> tuple[Watch, ...]:
        """The watches that are saved searches, found once."""
        if not self._searching:
            self._searching.append(tuple(watch for watch in self.watches if watch.search is not None))
        return self._searching[0]

    def found_by_searches(self, matches: Iterable[SearchMatch]) -> dict[DocumentId, frozenset[Kind]]:
        """Return what searches found and still cover, in the given order, with the kinds somebody wants of each."""
        searching = {watch.name: (watch, kinds_of(watch, self.routes)) for watch in self.searching}
        found: dict[DocumentId, frozenset[Kind]] = {}
        for match in matches:
            watch, kinds = searching.get(match.watch, (None, frozenset()))
            if watch is not None and watch.covers(match.document):
                found[match.document] = found.get(match.document, frozenset()) | kinds
        return found

    def follows(self, document: DocumentId) -> frozenset[Kind]:
        """Return the kinds somebody wants of this document: what its source must be asked for."""
        return self.following([document])[document]

    def following(self, documents: Iterable[DocumentId]) -> dict[DocumentId, frozenset[Kind]]:
        """Return for each document the kinds somebody wants of it.

        One pass over the watches and one over the documents: ten thousand of either are no rarity.
        """
        if not self._wanted:
            self._wanted.update(_wanted(self.watches, self.routes))
        return {document: frozenset().union(*_above(document, self._wanted)) for document in documents}


class Reason(StrEnum):
    """Why a change was reported, or was not."""

    ROUTED = "routed"
    BASELINE = "baseline"
    BEFORE_WATCH = "before_watch"
    DIGEST = "digest"
    KIND_NOT_ROUTED = "kind_not_routed"
    STAGE_NOT_ROUTED = "stage_not_routed"
    TOO_MINOR = "too_minor"
    ROUTE_WORDS_MISSING = "route_words_missing"
    WORDS_MISSING = "words_missing"


@dataclass(frozen=True, slots=True)
class Decision:
    """Whether one change is reported to one channel for one watch, with the reason either way. `words` are those of the
    watch that occur in the change, `stage` is where the document stands after it; `when` is the schedule of the digest
    it goes with, None for at once."""

    change: Change
    watch: Watch
    channel: str
    sends: bool
    reason: Reason
    words: tuple[str, ...] = ()
    when: DigestSchedule | None = None
    stage: str | None = None

    def explain(self) -> CodedText:
        """Return the reason with all that it rests on."""
        watch, change = self.watch.name, self.change
        if self.sends:
            return routed(watch, str(change.document), self.channel, (change.kind,), self.words, self.when)
        code = "stage_unknown" if self.reason is Reason.STAGE_NOT_ROUTED and not self.stage else self.reason
        return coded(f"reason.{code}", watch=watch, channel=self.channel, **self._facts())

    def _facts(self) -> dict[str, Param]:
        """Return what more goes into the sentence that says why nothing is sent."""
        match self.reason:
            case Reason.BASELINE:
                return {"document": self.watch.name if self.change.document.is_feed else str(self.change.document)}
            case Reason.KIND_NOT_ROUTED:
                return {"kind": str(self.change.kind)}
            case Reason.STAGE_NOT_ROUTED:
                return {"stage": self.stage} if self.stage else {}
            case Reason.TOO_MINOR:
                return {"severity": _severity(self.change).word}
            case Reason.WORDS_MISSING:
                return {"words": self.watch.words}
        return {}


def routed(
    watch: str,
    document: str,
    channel: str,
    kinds: Iterable[Kind],
    words: tuple[str, ...] = (),
    when: DigestSchedule | None = None,
) -> CodedText:
    """Return the reason of what a watch sends to a channel; `words` are those of the watch that occur in it."""
    more: dict[str, Param] = {"words": words} if words else {}
    if when is not None:
        more["digest"] = when.written
    named = tuple(str(kind) for kind in kinds)
    return coded("reason.routed", watch=watch, document=document, channel=channel, kinds=named, **more)


def operator_reason(channel: str) -> CodedText:
    """Return the reason of what a channel is sent because the operator reads it."""
    return coded("reason.operator", channel=channel)


def merged(reasons: Iterable[CodedText]) -> tuple[CodedText, ...]:
    """Return reasons without repeats; those that differ in the kinds of change alone become one that names all."""
    kinds: dict[CodedText, dict[Param, None]] = {}
    for reason in reasons:
        found = reason.get("kinds")
        bare = coded(reason.code, **{name: value for name, value in reason.params if name != "kinds"})
        kinds.setdefault(bare, {}).update(dict.fromkeys(found if isinstance(found, tuple) else ()))
    return tuple(coded(r.code, **dict(r.params), kinds=tuple(found)) if found else r for r, found in kinds.items())


@dataclass(frozen=True, slots=True)
class Alert:
    """Changes of one document for one channel, with every watch that asked for them and the reason.

    The identity follows from document, revision and channel, and from the schedule where it goes with a digest:
    deciding
    twice makes the same alert, not a second. One that puts something right, or takes the place of a withdrawn one, has
    an identity of its own by what it says. `caught_up` says that it was seen late, after a long stop. `epoch` is
    that of the record when it was stored: the same document and revision of a restored record are another alert.
    """

    document: DocumentId
    revision: int
    channel: str
    watches: tuple[str, ...]
    changes: tuple[Change, ...]
    reasons: tuple[CodedText, ...]
    when: DigestSchedule | None = None
    caught_up: bool = False
    epoch: str = ""

    @property
    def id(self) -> str:
        with_digest = f"~{self.when}" if self.when is not None else ""
        righted = sorted(c.key for c in self.changes if c.corrects is not None or c.revision != self.revision)
        apart = f"!{' '.join(righted)}" if righted else ""
        epoch = f"#{self.epoch}" if self.epoch else ""
        return "al-" + short_digest(f"{self.document}@{self.revision}>{self.channel}{with_digest}{apart}{epoch}")

    def delivery_id(self, recipient: str, epoch: str = "") -> str:
        """The identity of this alert's message to one recipient; repeats carry the same one."""
        return delivery_id(self.id, recipient, epoch)


def delivery_id(alert: str, recipient: str, epoch: str = "") -> str:
    """Return the identity of the message of an alert to one recipient. With an `epoch` it is that of a message that had
    no words yet when a backup was restored: another than may have been sent since."""
    return "dl-" + short_digest(f"{alert}>{recipient}{f'#{epoch}' if epoch else ''}")


def decide(
    changes: Sequence[Change],
    audience: Audience,
    *,
    established: bool,
    stage: Callable[[Change], str | None] = lambda _: None,
    whole: str = "",
) -> tuple[Decision, ...]:
    """Say for every change, matching watch and channel whether it is reported, and why.

    No route at all means one default route: every channel gets the default kinds of everything. `established`
    says whether the scope the changes came from has had its baseline (rule 3). `stage` says where a change leaves its
    document, None where nobody knows. `whole` is the text of the document: words that a watch or route asks for may
    stand in what did not change.
    """
    if not changes:
        return ()
    channels = tuple(audience.recipients)
    table = audience.routes or (Route(channels=channels),)
    news = cache(lambda change: _News(change, stage(change), _own_words(change, whole)))
    return tuple(
        _decision(news(change), watch, channel, table, established)
        for watch in audience.watches
        for change in changes
        if watch.matches(change.document)
        for channel in channels
    )


class _News(NamedTuple):
    """A change, the stage it leaves its document in, and the words in which watches and routes look for theirs."""

    change: Change
    stage: str | None
    words: str


def _decision(news: _News, watch: Watch, channel: str, routes: Sequence[Route], established: bool) -> Decision:
    found = occurring(watch.words, news.words)
    reason, when = _judge(news, watch, channel, routes, established, bool(found))
    sends = reason in (Reason.ROUTED, Reason.DIGEST)
    return Decision(news.change, watch, channel, sends, reason, found, when, news.stage)


def _judge(
    news: _News, watch: Watch, channel: str, routes: Sequence[Route], established: bool, occurs: bool
) -> tuple[Reason, DigestSchedule | None]:
    if not established:
        return Reason.BASELINE, None
    if watch.created_at is not None and news.change.seen_at < watch.created_at:
        return Reason.BEFORE_WATCH, None
    there = [route for route in routes if _carries(route, news.change, watch, channel)]
    if not there:
        return Reason.KIND_NOT_ROUTED, None
    if watch.words and not occurs:
        return Reason.WORDS_MISSING, None
    objections = [_objection(route, news) for route in there]
    if all(objections):
        return next(reason for reason in objections if reason), None
    when = soonest(route.when for route, objection in zip(there, objections, strict=True) if objection is None)
    return (Reason.ROUTED if when is None else Reason.DIGEST), when


def _objection(route: Route, news: _News) -> Reason | None:
    """Return why a route that carries the kind does not carry this very change."""
    if route.stages and news.stage not in route.stages:
        return Reason.STAGE_NOT_ROUTED
    if route.severity is not None and _severity(news.change) < route.severity:
        return Reason.TOO_MINOR
    if route.words and not occurring(route.words, news.words):
        return Reason.ROUTE_WORDS_MISSING
    return None


def _severity(change: Change) -> Severity:
    from domain.alerts.severity import severity

    return severity(change)


def soonest(schedules: Iterable[DigestSchedule | None]) -> DigestSchedule | None:
    """Return how something goes that could go in several ways: at once before any digest, daily before weekly, and
    what comes first in the day or week."""
    ways = list(schedules)
    known = [schedule for schedule in ways if schedule is not None]
    if len(known) < len(ways):
        return None
    return min(known, key=lambda schedule: (schedule.weekday is not None, schedule.weekday or 0, schedule.at))


def _own_words(change: Change, whole: str) -> str:
    return "\n".join(filter(None, (words_in(change.text), words_in(change.after), whole)))


def _carries(route: Route, change: Change, watch: Watch, channel: str) -> bool:
    return channel in route.channels and change.kind in route.kinds and route.takes(watch)


def group(decisions: Iterable[Decision]) -> tuple[Alert, ...]:
    """Gather what is reported into one alert per document, revision and channel, naming every watch that matched.

    What goes with a digest makes an alert of its own; a change that one watch reports at once and another with a digest
    is reported at once, and not again.
    """
    sending = [decision for decision in decisions if decision.sends]
    ways: dict[tuple[Change, str], list[DigestSchedule | None]] = {}
    for decision in sending:
        ways.setdefault((decision.change, decision.channel), []).append(decision.when)
    together: dict[tuple[DocumentId, int, str, DigestSchedule | None], list[Decision]] = {}
    for decision in sending:
        change, channel = decision.change, decision.channel
        when = soonest(ways[change, channel])
        together.setdefault((change.document, change.revision, channel, when), []).append(decision)
    return tuple(
        Alert(
            document=document,
            revision=revision,
            channel=channel,
            watches=tuple(dict.fromkeys(d.watch.name for d in members)),
            changes=tuple(dict.fromkeys(d.change for d in members)),
            reasons=merged(d.explain() for d in members),
            when=when,
        )
        for (document, revision, channel, when), members in together.items()
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
            reasons=(operator_reason(channel),),
        )
        for channel in audience.operator
        if channel != but_not
    )


def _wanted(watches: Iterable[Watch], routes: Sequence[Route]) -> dict[_Place, frozenset[Kind]]:
    wanted: dict[_Place, frozenset[Kind]] = {}
    for watch in watches:
        if watch.document is not None and watch.search is None:
            place = (watch.document.jurisdiction, watch.document.kind, watch.document.parts)
            wanted[place] = wanted.get(place, frozenset()) | kinds_of(watch, routes)
    return wanted


def _above(document: DocumentId, wanted: Mapping[_Place, _T]) -> Iterator[_T]:
    """Yield what is kept for a document and of everything it is named within."""
    for length in range(len(document.parts) + 1):
        found = wanted.get((document.jurisdiction, document.kind, document.parts[:length]))
        if found is not None:
            yield found


def kinds_of(watch: Watch, routes: Sequence[Route]) -> frozenset[Kind]:
    """Return the kinds somebody wants of this watch: what its source must be asked for."""
    if not routes:
        return DEFAULT_KINDS
    wanted = (route.kinds for route in routes if route.takes(watch))
    return frozenset().union(*wanted)
