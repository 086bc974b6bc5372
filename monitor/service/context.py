"""What travels together through the service, and who is notified according to a configuration?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from domain.alerts.routing import Audience, Watch
from domain.ports import Clock, Store, Watcher
from monitor.config.settings import Settings
from watchers import SOURCES, feed_watcher, source


def audience_of(settings: Settings, stored: Sequence[Watch], unborn: datetime | None = None) -> Audience:
    """Return everybody who may be notified. A watch that is stored on the same document was created when the record
    says, any other at `unborn`."""
    born = {(watch.name, watch.document): watch.created_at for watch in stored}
    return Audience(
        watches=tuple(
            replace(watch, created_at=born.get((watch.name, watch.document), unborn)) for watch in watches_of(settings)
        ),
        routes=settings.routes,
        recipients={c.name: c.to or (c.name,) for c in settings.channels},
        operator=settings.operator,
    )


def watches_of(settings: Settings) -> list[Watch]:
    """Return what is to be followed, as the configuration says it."""
    return [
        Watch(
            watch.name,
            watch.subject,
            watch.note,
            words=watch.words if watch.feed else (),
            search=watch.search,
            follow=watch.follow,
            also=watch.also,
            everywhere=watch.search is not None and watch.assumed,
            address=watch.feed or watch.page,
            tags=watch.tags,
            priority=watch.priority,
            position=watch.position,
            owner=watch.owner,
        )
        for watch in settings.watches
        if watch.subject is not None
    ]


@dataclass(frozen=True, slots=True)
class ScheduledSource:
    """A watcher and how often it is asked."""

    watcher: Watcher
    every: timedelta


@dataclass(frozen=True, slots=True)
class Context:
    """The record, who is notified of it, and the clock by which both are read. `zone` is for dates shown,
    `configuration` the digest of what was read, None where nobody else could have read another."""

    store: Store
    audience: Audience
    clock: Clock
    zone: str = "UTC"
    configuration: str | None = None


def build_sources(settings: Settings) -> dict[str, ScheduledSource]:
    """Build a watcher for each configured source that this version can read."""
    scheduled = {}
    for name, section in settings.sources.items():
        if name in SOURCES:
            watcher = source(name).build(section)
            scheduled[name] = ScheduledSource(watcher, max(section.every, watcher.min_interval))
    for watch in settings.watches:
        if watch.feed is not None and watch.subject is not None:
            name = str(watch.subject)
            scheduled[name] = ScheduledSource(feed_watcher(watch.subject, watch.feed), settings.sources[name].every)
    return scheduled
