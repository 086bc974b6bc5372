"""What has the user decided? The configuration as values: checked, complete, every default filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from domain.alerts.routing import Route
from domain.documents import DocumentId, named_feed
from domain.sources import Secret

if TYPE_CHECKING:
    from domain.alerts.digest_schedule import DigestSchedule
    from domain.alerts.search import Search
    from domain.alerts.send_delays import QuietHours


@dataclass(frozen=True, slots=True)
class SourceSettings:
    """A publisher to be asked. `every` is the user's rhythm; the publisher's own limits may stretch it. `whole` says
    that every bill of the Congress that sits is recorded.

    The feed of a watch is a source of its own: its name is that of its documents (`feed/white-house-actions`), its
    `base_url` the address of the feed.
    """

    name: str
    every: timedelta
    base_url: str
    api_key: Secret | None = None
    whole: bool = False


@dataclass(frozen=True, slots=True)
class WatchSettings:
    """Something to be followed: a document (bill, decree, regime), the address of a feed or page, or what a search
    finds among the bills of a Congress, which is the document then.

    `name` is unique: the user's, else the identity or address as written. `assumed` is true for a bill written
    without its Congress: its document was resolved when the file was read, and `pinned` puts the first resolution
    back in its place. `words` and `every` belong to feeds and pages; `every` is None for the usual rhythm.
    `follow` asks to hear of a bill's reintroduction in a later Congress.
    """

    name: str
    document: DocumentId | None = None
    feed: str | None = None
    page: str | None = None
    note: str | None = None
    words: tuple[str, ...] = ()
    assumed: bool = False
    every: timedelta | None = None
    search: Search | None = None
    follow: bool = False

    @property
    def subject(self) -> DocumentId | None:
        """What is followed, as an identity: the document, or the feed below which its entries are named."""
        return named_feed(self.name) if self.feed is not None else self.document


@dataclass(frozen=True, slots=True)
class ChannelSettings:
    """A way to tell people. `kind` is console, email, slack, webhook or apprise; what a kind has no use for is empty.
    `language` and `timezone` are those its messages are written in, `unsubscribe` a mailto: or https: address. `quiet`
    are the hours at which it does not disturb, `receipt` says when it gets a receipt."""

    name: str
    kind: str
    to: tuple[str, ...] = ()
    sender: str | None = None
    server: str | None = None
    password: Secret | None = None
    webhook: Secret | None = None
    secret: Secret | None = None
    url: Secret | None = None
    language: str = "en"
    timezone: str = "UTC"
    unsubscribe: str | None = None
    quiet: QuietHours | None = None
    receipt: DigestSchedule | None = None

    def secrets(self) -> tuple[Secret, ...]:
        """Return what no log may show; each of several signing secrets that stand together, too."""
        known = [secret for secret in (self.password, self.webhook, self.secret, self.url) if secret is not None]
        single = [Secret(word, self.secret.origin) for word in self.secret.reveal().split()] if self.secret else []
        return (*known, *(secret for secret in single if secret not in known))


@dataclass(frozen=True, slots=True)
class Settings:
    """One configuration file, read and found free of faults.

    `database` is an absolute path; `timezone` an IANA name. `warnings` are one line each, for people. `shipped`
    is true for the default that comes with the program. `digest` is the SHA-256 of the file's bytes. `templates` is
    the folder of the user's templates, None for none.
    """

    path: Path
    database: str
    timezone: str = "UTC"
    contact: str | None = None
    operator: tuple[str, ...] = ()
    heartbeat: Secret | None = None
    burst: timedelta = timedelta(seconds=5)
    receipt: DigestSchedule | None = None
    allow_hosts: tuple[str, ...] = ()
    sources: Mapping[str, SourceSettings] = field(default_factory=dict)
    watches: tuple[WatchSettings, ...] = ()
    channels: tuple[ChannelSettings, ...] = ()
    routes: tuple[Route, ...] = ()
    warnings: tuple[str, ...] = ()
    shipped: bool = False
    digest: str = ""
    templates: Path | None = None

    @property
    def receipts(self) -> Mapping[str, DigestSchedule]:
        """Return when each channel gets a receipt: at its own hours, the operator's at those of the service."""
        default = {name: self.receipt for name in self.operator if self.receipt is not None}
        return default | {channel.name: channel.receipt for channel in self.channels if channel.receipt is not None}

    def secrets(self) -> tuple[Secret, ...]:
        """Return every credential of this configuration: what no log may show."""
        found = [self.heartbeat, *(source.api_key for source in self.sources.values())]
        found += [secret for channel in self.channels for secret in channel.secrets()]
        return tuple(secret for secret in found if secret is not None)
