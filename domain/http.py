"""What is asked of a publisher and what came back, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Request:
    """One question to a publisher.

    `headers` may carry a credential: it goes to the origin of `url` and nowhere else. `etag` and `last_modified`
    make the request conditional. `expect` lists the status codes the caller can read besides 304 for a conditional
    request; anything else becomes a SourceError. `max_bytes` caps the inflated body, `accept` is a list of media
    types (`application/json`) one of which the answer must have; empty means any. `spacing` is the seconds the
    publisher wants left after this request before its host is asked again, where that is longer than our own habit.
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
