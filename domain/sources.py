"""What is a source asked, what came back, when is it asked again, and is it healthy?

A row is due if its time has come, or if the clock was set back since it was written (rule 7)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from types import MappingProxyType
from urllib.parse import parse_qsl, unquote, urlsplit

from domain.coded_text import CodedText, coded
from domain.errors import SourceError


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a publisher.

    `headers` may carry a credential: it goes to the origin of `url` and nowhere else. `etag` and `last_modified`
    make the request conditional. `expect` lists the status codes the caller can read besides 304 for a conditional
    request; anything else becomes a SourceError. `max_bytes` caps the inflated body, `accept` is a list of media
    types (`application/json`) one of which the answer must have; empty means any. `spacing` is the seconds the
    publisher wants left after this request before its host is asked again, where that is longer than our own habit.
    `go_ahead` is called when the host's turn has come, just before it is asked: what it raises goes to the caller, and
    nothing is asked.
    """

    url: str
    headers: Mapping[str, str] = field(default_factory=dict)
    etag: str | None = None
    last_modified: str | None = None
    expect: frozenset[int] = frozenset({200})
    max_bytes: int = 32 * 1024 * 1024
    accept: tuple[str, ...] = ()
    method: str = "GET"
    body: bytes | None = None
    spacing: float | None = None
    go_ahead: Callable[[], None] | None = None


@dataclass(frozen=True, slots=True)
class Response:
    """A complete, checked answer. `url` is where it finally came from; `headers` have lower-case names;
    `fetched_at` is aware UTC. A 304 has an empty body and says: what you have still stands."""

    status: int
    url: str
    headers: Mapping[str, str]
    body: bytes
    fetched_at: datetime

    @property
    def unchanged(self) -> bool:
        return self.status == 304


class Health(StrEnum):
    """What we know of a source, in words a person can act on."""

    OK = "ok"
    LATE = "late"
    QUIET = "quiet"
    STARVED = "starved"
    UNAVAILABLE = "unavailable"
    REFUSED = "refused"
    BLOCKED = "blocked"
    CHANGED = "changed"


TELL_AFTER = {Health.UNAVAILABLE: 3, Health.REFUSED: 1, Health.BLOCKED: 2, Health.CHANGED: 2}
"""Failures in a row before the operator is notified: what passes by itself is not worth a message."""

_PATIENCE = 3
_MIN_NEWS = 8
_LEAST_SILENCE = timedelta(days=7)
_FIRST_TRY = timedelta(minutes=1)
_LONGEST_BACKOFF = timedelta(hours=6)
LONGEST_PAUSE = timedelta(hours=24)
"""The longest Retry-After that is honoured; nothing is ever due later than this."""


STARVED_LONG = timedelta(hours=1)
"""How long readings must have waited for an allowance before the operator is notified: a burst is caught up by then."""

FED_AGAIN = timedelta(days=1)
"""How long nothing must have waited before the operator is notified that the allowance suffices again: allowances go by
the day, and one that is too small is used up anew every evening."""

Gap = tuple[datetime, datetime]
"""From one good poll until the next."""

_MOST_GAPS = 24
_KEPT_GAP = timedelta(days=62)
_SAME_GAP = timedelta(minutes=1)

AWAY_AFTER = timedelta(hours=6)
"""What a source says after so long without a good poll is reported as caught up where it is much."""


@dataclass(frozen=True, slots=True)
class Waiting:
    """Documents whose reading waits because an allowance is used up, since when some do, and when each was really read
    last (aware UTC; None: never). No documents: since then none does, and the operator still takes it for starved."""

    since: datetime
    documents: Mapping[str, datetime | None]


@dataclass(frozen=True, slots=True)
class SourceState:
    """What is remembered of one source between polls. Times are aware UTC.

    `failures` counts polls that failed in a row, `operator_knows` whether the operator knows of the present trouble,
    `changes` how often the operator was notified: it numbers the operator's alerts. `requests` is the running
    total; `lag` the seconds between publication and our seeing it, newest measured.

    `checks` counts all polls ever made, `failed` those of them that failed. `gaps` are pauses between two good polls,
    oldest first: of each only those that no later one reached, so that the first that ended after a moment is the
    longest since. `waiting` are the documents that it could not be asked for in time.
    """

    name: str
    state: Health = Health.OK
    due_at: datetime | None = None
    last_poll_at: datetime | None = None
    last_good_at: datetime | None = None
    failures: int = 0
    error: str | None = None
    cursor: str | None = None
    requests: int = 0
    lag: float | None = None
    operator_knows: bool = False
    changes: int = 0
    checks: int = 0
    failed: int = 0
    gaps: tuple[Gap, ...] = ()
    waiting: Waiting | None = None

    @property
    def is_ok(self) -> bool:
        """Say whether nothing is known to be wrong; whether a poll of it is late is asked of the clock."""
        return self.state is Health.OK


def is_due(source: SourceState, now: datetime) -> bool:
    """Say whether a poll is due; true for one never made and for a clock that was set back since the last one."""
    if source.due_at is None or source.due_at <= now:
        return True
    return (source.last_poll_at or now) > now or source.due_at > now + LONGEST_PAUSE


def after_success(
    source: SourceState,
    every: timedelta,
    now: datetime,
    requests: int,
    waiting: Mapping[str, datetime | None] = MappingProxyType({}),
) -> SourceState:
    """Return the source after a poll that went well, as far as the allowance went: `waiting` is what it did not
    suffice for."""
    still = _still_waiting(source, waiting, now)
    return replace(
        source,
        state=Health.STARVED if waiting else Health.OK,
        waiting=still,
        due_at=now + every,
        last_poll_at=now,
        last_good_at=now,
        failures=0,
        error=_waits(still).to_json() if waiting and still else None,
        requests=source.requests + requests,
        checks=source.checks + 1,
        gaps=with_gap(source.gaps, source.last_good_at, now),
    )


def _waits(waiting: Waiting) -> CodedText:
    """Say how many documents wait, since when, and which: the first few of them."""
    names = tuple(coded("document.named", document=name) for name in sorted(waiting.documents)[:_NAMED])
    since = f"{waiting.since.date()}"
    return coded("source.waiting_for", n=len(waiting.documents), documents=names, since=since)


_NAMED = 3


def _still_waiting(source: SourceState, documents: Mapping[str, datetime | None], now: datetime) -> Waiting | None:
    before = source.waiting
    if not documents and (before is None or not source.operator_knows):
        return None
    goes_on = before is not None and bool(before.documents) == bool(documents)
    return Waiting(before.since if before is not None and goes_on else now, dict(documents))


def after_failure(
    source: SourceState, error: SourceError, every: timedelta, now: datetime, requests: int
) -> SourceState:
    """Return the source after a poll that failed: the cursor stays, so nothing is missed."""
    failures = source.failures + 1
    return replace(
        source,
        state=Health(error.state),
        due_at=now + pause(failures, every, error.retry_after, reached=error.reached),
        last_poll_at=now,
        failures=failures,
        error=error.recorded,
        requests=source.requests + requests,
        checks=source.checks + 1,
        failed=source.failed + 1,
    )


def with_gap(gaps: Sequence[Gap], since: datetime | None, until: datetime) -> tuple[Gap, ...]:
    """Return the gaps with the one that ends now, exact to the minute; what a clock since set back wrote is dropped."""
    before = [gap for gap in gaps if gap[1] <= until and until - gap[1] <= _KEPT_GAP]
    if since is None or since >= until:
        return tuple(before)
    longer = [gap for gap in before if gap[1] - gap[0] > until - since + _SAME_GAP]
    return (*longer[1 - _MOST_GAPS :], (since, until))


def pause(failures: int, every: timedelta, retry_after: timedelta | None, *, reached: bool = True) -> timedelta:
    """Return the wait after `failures` in a row: the usual rhythm at first, then doubling up to 8 intervals or 6 h.

    A publisher's Retry-After is honoured when it is longer, up to a day. A publisher that was never reached (no
    network, no name) has not been bothered: it is asked again within minutes, so that lexwatch is back when the
    network is.
    """
    if not reached:
        return min(every, _FIRST_TRY * (1 << min(failures - 1, 10)))
    doubled = every * (1 << min(max(failures - _PATIENCE, 0), 3))
    wait = max(every, min(doubled, _LONGEST_BACKOFF))
    if retry_after is None:
        return wait
    return max(wait, min(retry_after, LONGEST_PAUSE))


def was_away(source: SourceState, now: datetime) -> bool:
    """Say whether the source, or lexwatch itself, was away for long before this poll: what it says is late."""
    return source.last_good_at is not None and now - source.last_good_at > AWAY_AFTER


def broke(source: SourceState) -> bool:
    """Say whether the operator has to be notified now that this source is broken."""
    if source.operator_knows:
        return False
    if source.waiting is not None and source.state is Health.STARVED:
        return (source.last_poll_at or source.waiting.since) - source.waiting.since >= STARVED_LONG
    return source.failures >= TELL_AFTER.get(source.state, 1) and source.failures > 0


def recovered(source: SourceState) -> bool:
    """Say whether the operator has to be notified now that this source is back."""
    waiting = source.waiting
    fed = waiting is None or (
        not waiting.documents and (source.last_poll_at or waiting.since) - waiting.since >= FED_AGAIN
    )
    return source.operator_knows and source.failures == 0 and fed


def is_quiet(news: Sequence[date], today: date) -> bool:
    """Say whether a source that answers well has had nothing new for suspiciously long.

    `news` are the days on which it last had something new, newest first. Silence is judged by the source's own past:
    more than twice its longest pause, and more than a week; a source with fewer than eight such days has no rhythm.
    """
    if len(news) < _MIN_NEWS:
        return False
    longest = max(later - earlier for later, earlier in pairwise(news))
    return today - news[0] > max(_LEAST_SILENCE, 2 * longest)


_WORD = re.compile(r"[A-Za-z]?[a-z]{0,14}|[A-Z]{1,15}")
_UNSPEAKABLE = re.compile(r"[^aeiouy]{5}|(.)\1\1", re.IGNORECASE)


def secret_parts(address: str) -> tuple[str, ...]:
    """Return what must not be shown of an address that is a secret, the longest first: the whole, its path and query,
    each end of the path, and those segments and values that look like a secret. An ordinary word in it (`services`)
    is none by itself; where all are ordinary the last one counts as the secret. A password before the host is one
    always; user and host, where Apprise's addresses have their tokens, when they look like it and it is no web address.
    """
    try:
        parts = urlsplit(address)
    except ValueError:  # no address at all, or a password that happens to have `://` in it
        return (address,)
    segments = [segment for segment in parts.path.split("/") if segment]
    values = [value for _, value in parse_qsl(parts.query)]
    secret = [piece for piece in (*segments, *values) if len(piece) > _LONGEST_PLAIN and not _is_ordinary(piece)]
    if not secret:
        secret = [*segments, *values][-1:]
    ends = ["/".join(segments[place:]) for place in range(len(segments))] if segments else []
    whole = [
        address,
        address.rstrip("/"),
        f"{parts.path}?{parts.query}" if parts.query else "",
        parts.path,
        parts.query,
    ]
    several = [end for end in ends if "/" in end]
    found = {*whole, *several, *secret, *_before_the_path(parts.scheme, parts.netloc)}
    return tuple(sorted((p for p in found if len(p) > _LONGEST_PLAIN), key=len, reverse=True))


def _before_the_path(scheme: str, netloc: str) -> Iterator[str]:
    user_and_password, _, host = netloc.rpartition("@")
    user, _, password = user_and_password.partition(":")
    yield from (password, unquote(password))
    if scheme not in ("http", "https"):
        yield from (piece for piece in (user, unquote(user), host, *host.split(":")) if not _is_ordinary(piece))


_LONGEST_PLAIN = 3
"""Characters that give nothing away, such as a path of `/` or a version `v3`."""


def _is_ordinary(piece: str) -> bool:
    """Say whether a part of an address is made of words that can be spoken: `incoming-webhook`, not `b1946ac9`."""
    return all(_WORD.fullmatch(word) and not _UNSPEAKABLE.search(word) for word in re.split("[-_.]", piece))
