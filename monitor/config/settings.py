"""What has the user decided? The configuration as values: checked, complete, every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from domain.documents import DocumentId, named_feed
from domain.options import Secret
from monitor.config.tables import ServiceTable, WatchNotes

if TYPE_CHECKING:
    from domain.alerts.digest_schedule import DigestSchedule
    from domain.alerts.routing import Route
    from domain.alerts.search import Search
    from domain.alerts.send_delays import HoldSettings, QuietHours


DEADLINE = timedelta(seconds=60)
"""How long a publisher may take for an answer."""


class SourceSettings(msgspec.Struct, frozen=True):
    """A publisher to be asked. `every` is the user's pause; the publisher's own limits may stretch it. `options` are
    the keys that its watcher declares.

    The feed of a watch is a source of its own: its name is that of its documents (`feed/ministry-acts`), its
    `base_url` the address of the feed.
    """

    name: str
    every: timedelta
    base_url: str
    options: Any = None


class WatchSettings(WatchNotes, frozen=True):
    """Something to be followed: a document (bill, decree, regime), the address of a feed or page, or what a search
    finds in a session, which is the document then.

    `name` is unique: the user's, else the identity or address as written. `assumed` is true for a document whose
    session was not written: it was resolved when the file was read, and `pin_watches` puts the first resolution back.
    `every` belongs to feeds and pages; None for the usual pause. `follow` asks for alerts of a bill's
    reintroduction in a later session. `feed_id` is the identity a feed already has, None for that of its name.
    `also` are the sessions of other legislatures that a search covers.
    """

    name: str
    document: DocumentId | None = None
    feed: str | None = None
    page: str | None = None
    assumed: bool = False
    every: timedelta | None = None
    search: Search | None = None
    follow: bool = False
    feed_id: DocumentId | None = None
    also: tuple[DocumentId, ...] = ()

    @property
    def subject(self) -> DocumentId | None:
        """What is followed, as an identity: the document, or the feed below which its entries are named."""
        if self.feed is None:
            return self.document
        return self.feed_id or named_feed(self.name)


class ChannelSettings(msgspec.Struct, frozen=True):
    """A way to notify people. `options` are the keys that its kind declares; `language` and `timezone` are those its
    messages are written in, `quiet` the hours at which it does not disturb, `receipt` says when it gets a coverage
    report, `report` when the table of its portfolio."""

    name: str
    kind: str
    options: Any = None
    language: str = "en"
    timezone: str = "UTC"
    quiet: QuietHours | None = None
    receipt: DigestSchedule | None = None
    report: DigestSchedule | None = None

    @property
    def to(self) -> tuple[str, ...]:
        """The addresses of its recipients; none for a channel that is its own recipient."""
        return tuple(getattr(self.options, "to", ()))


class Settings(ServiceTable, frozen=True, kw_only=True):
    """One configuration file, read and found free of errors: the keys of `[service]`, and everything else.

    `database` is an absolute path or a PostgreSQL address. `warnings` are one line each, for people. `shipped` is true
    for the default that comes with the program. `digest` tells two configurations apart that
    are not the same.
    """

    path: Path
    database: str
    allow_hosts: tuple[str, ...] = ()
    sources: Mapping[str, SourceSettings] = {}
    watches: tuple[WatchSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    routes: tuple[Route, ...] = ()
    warnings: tuple[str, ...] = ()
    shipped: bool = False
    digest: str = ""

    @property
    def answer_within(self) -> timedelta:
        """How long a publisher may take for an answer where several workers share the work: it ends before another
        could be given the source."""
        return min(DEADLINE, self.take_over * 0.8)

    @property
    def receipts(self) -> Mapping[str, DigestSchedule]:
        """When each channel gets a coverage report: at its own hours, the operator's at those of the service."""
        default = {name: self.receipt for name in self.operator if self.receipt is not None}
        return default | {channel.name: channel.receipt for channel in self.channels if channel.receipt is not None}

    @property
    def reports(self) -> Mapping[str, DigestSchedule]:
        """When each channel gets the table of its portfolio."""
        return {channel.name: channel.report for channel in self.channels if channel.report is not None}

    @property
    def holds(self) -> HoldSettings:
        """Return what is to be held: the quiet hours of each channel that has any, and how long a burst is."""
        from domain.alerts.send_delays import HoldSettings

        return HoldSettings({c.name: c.quiet for c in self.channels if c.quiet is not None}, self.burst)

    def secrets(self) -> tuple[Secret, ...]:
        """Return every credential of this configuration: what no log may show; each word of one that holds several."""
        tables = [self, *(one.options for one in self.sources.values()), *(one.options for one in self.channels)]
        found = [value for table in tables for value in _values(table) if isinstance(value, Secret)]
        words = [Secret(word, secret.origin) for secret in found for word in secret.reveal().split()]
        return tuple(dict.fromkeys((*found, *words)))


def _values(table: Any) -> list[Any]:
    return [getattr(table, name) for name in getattr(table, "__struct_fields__", ())]
