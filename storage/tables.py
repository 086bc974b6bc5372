"""What is remembered, row by row? Nothing outside this folder sees a row.

Rows that are many are narrow: integer keys, digests as blobs, no row number where the key is natural. Moments are
UTC text (`storage.instants`), states plain words, so that the views read well from any tool.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import ForeignKeyConstraint, Index, LargeBinary, MetaData, String, Table, text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from storage import instants


class Instant(TypeDecorator[datetime]):
    """A moment as sortable UTC text."""

    impl = String
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return None if value is None else instants.written(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return instants.read_if(value)


def _instant(**options: Any) -> Any:
    return Field(sa_type=Instant, **options)


def _blob(**options: Any) -> Any:
    return Field(sa_type=LargeBinary, **options)


_KEYED: dict[str, Any] = {"sqlite_with_rowid": False}


class Row(SQLModel):
    metadata: ClassVar[MetaData] = MetaData()


class Meta(Row, table=True):
    """What the database says of itself: `rehearsal` (yes, no), `created_at`, `views` (digest of their text), and what
    is configured: `burst` (seconds)."""

    __table_args__ = (_KEYED,)
    name: str = Field(primary_key=True)
    value: str


class Document(Row, table=True):
    """A name, and where its record stands. Revision 0: named by an alert (a source, a channel), without a record."""

    id: int | None = Field(default=None, primary_key=True)
    identity: str = Field(unique=True)
    revision: int
    url: str | None = None
    first_seen_at: datetime | None = _instant(default=None, nullable=True)
    known_from: datetime | None = _instant(default=None, nullable=True)


class Alias(Row, table=True):
    __table_args__ = (Index("alias_value", "value", "scheme"), _KEYED)
    document: int = Field(primary_key=True, foreign_key="document.id")
    position: int = Field(primary_key=True)
    scheme: str
    value: str


class Revision(Row, table=True):
    """A state that a source stated."""

    __table_args__ = (_KEYED,)
    document: int = Field(primary_key=True, foreign_key="document.id")
    number: int = Field(primary_key=True)
    known_from: datetime = _instant()
    source: str
    reader: str
    published_at: datetime | None = _instant(default=None, nullable=True)
    statement: int = Field(foreign_key="statement.id")


class Headline(Row, table=True):
    """What a quick answer needs of the facets, one row per revision that altered it."""

    __table_args__ = (_KEYED,)
    document: int = Field(primary_key=True, foreign_key="document.id")
    revision: int = Field(primary_key=True)
    title: str | None = None
    introduced_on: str | None = None
    law: str | None = None


class Statement(Row, table=True):
    """What a revision adds to the facets, packed (`storage.folding`), and the digest of the state that it makes."""

    id: int | None = Field(default=None, primary_key=True)
    digest: bytes = _blob()
    body: bytes = _blob()


class Evidence(Row, table=True):
    """Archived bytes. Those that were read and not kept are named in statements alone."""

    id: int | None = Field(default=None, primary_key=True)
    digest: str = Field(unique=True)
    url: str | None = None
    fetched_at: datetime | None = _instant(default=None, nullable=True)
    content_type: str | None = None
    etag: str | None = None
    last_modified: str | None = None
    body: bytes | None = _blob(default=None, nullable=True)


class Imported(Row, table=True):
    """A bulk file that was read, by the first half of its digest. Its bytes are the user's to keep."""

    __table_args__ = (_KEYED,)
    digest: bytes = _blob(primary_key=True)
    name: str


class StatusInterval(Row, table=True):
    """One rung, and for how long we took it for true. `seq` is its place in the timeline: the highest one wins."""

    __tablename__ = "status_interval"
    __table_args__ = (_KEYED,)
    document: int = Field(primary_key=True, foreign_key="document.id")
    from_revision: int = Field(primary_key=True)
    seq: int = Field(primary_key=True)
    status: str
    status_on: str
    text: str
    to_revision: int | None = None


class Change(Row, table=True):
    """A change, at its place among those of one revision. Where it was seen and stated with its revision, as most are,
    the statement of the revision carries its words. Where not, `said` is JSON: before, after, text, day, evidence, and
    when it was seen, by which source, and stated when.
    """

    __table_args__ = (_KEYED,)
    document: int = Field(primary_key=True, foreign_key="document.id")
    revision: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    kind: str
    subject: str
    said: str | None = None
    corrects: str | None = None


class Scope(Row, table=True):
    """What was once enumerated completely, and so has its baseline."""

    __table_args__ = (_KEYED,)
    name: str = Field(primary_key=True)
    established_at: datetime = _instant()


class Source(Row, table=True):
    __table_args__ = (_KEYED,)
    name: str = Field(primary_key=True)
    state: str
    due_at: datetime | None = _instant(default=None, nullable=True)
    last_poll_at: datetime | None = _instant(default=None, nullable=True)
    last_good_at: datetime | None = _instant(default=None, nullable=True)
    failures: int
    error: str | None = None
    cursor: str | None = None
    requests: int
    lag: float | None = None
    told: bool
    changes: int
    checks: int = Field(sa_column_kwargs={"server_default": text("0")})
    failed: int = Field(sa_column_kwargs={"server_default": text("0")})
    gaps: str | None = None


class Account(Row, table=True):
    """The receipts of a channel: how many there were, when counting last began anew, and what had been counted of each
    source then, as JSON: `{"congress": [672, 3]}`, polls and those that failed."""

    __table_args__ = (_KEYED,)
    channel: str = Field(primary_key=True)
    number: int
    closed_at: datetime = _instant()
    counted: str


class Watch(Row, table=True):
    """What somebody wanted followed, from when to when. At most one open row per name."""

    __table_args__ = (
        Index("watch_open", "name", unique=True, sqlite_where=text("closed_at IS NULL")),
        Index("watch_document", "document"),
    )
    id: int | None = Field(default=None, primary_key=True)
    name: str
    document: str | None = None
    note: str | None = None
    created_at: datetime = _instant()
    closed_at: datetime | None = _instant(default=None, nullable=True)


class Mute(Row, table=True):
    """What somebody wants to hear nothing of before `until`. `kind` is document or watch, `name` its own."""

    __table_args__ = (_KEYED,)
    kind: str = Field(primary_key=True)
    name: str = Field(primary_key=True)
    until: datetime = _instant()
    created_at: datetime = _instant()


class Channel(Row, table=True):
    """When a channel does not disturb (`22:00-07:00` in `zone`, but for a JSON list of what is urgent), and whether it
    works: failures in a row, and the rest it takes."""

    __table_args__ = (_KEYED,)
    name: str = Field(primary_key=True)
    quiet: str | None = None
    zone: str | None = None
    urgent: str | None = None
    failures: int = Field(sa_column_kwargs={"server_default": text("0")})
    since: datetime | None = _instant(default=None, nullable=True)
    rests_until: datetime | None = _instant(default=None, nullable=True)
    error: str | None = None
    told: bool = Field(sa_column_kwargs={"server_default": text("0")})
    changes: int = Field(sa_column_kwargs={"server_default": text("0")})
    refused: bool = Field(sa_column_kwargs={"server_default": text("0")})


class Alert(Row, table=True):
    """`watches` is a JSON list of names, `rhythm` that of the digest it goes with (`daily 08:00 Europe/Kyiv`),
    `seal` a digest of all that it tells (`domain.alerts.audit`)."""

    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    document: int = Field(foreign_key="document.id", index=True)
    revision: int
    channel: str
    watches: str
    reason: str
    created_at: datetime = _instant()
    rhythm: str | None = None
    seal: str | None = None


class AlertChange(Row, table=True):
    """Which changes an alert tells; `place` is the place of the change among those of its revision."""

    __tablename__ = "alert_change"
    __table_args__ = (
        ForeignKeyConstraint(
            ["document", "revision", "place"], ["change.document", "change.revision", "change.position"]
        ),
        Index("alert_change_change", "document", "revision", "place"),
        _KEYED,
    )
    alert: int = Field(primary_key=True, foreign_key="alert.seq")
    position: int = Field(primary_key=True)
    document: int
    revision: int
    place: int


class Delivery(Row, table=True):
    """The stored life of one message; `subject`, `body` and `content_type` are frozen at its first claim, and `seal` is
    the digest of the three."""

    __table_args__ = (
        Index("delivery_waiting", "channel", "due_at", sqlite_where=text("state IN ('pending', 'ambiguous')")),
        Index("delivery_document", "document", "channel", "recipient"),
        Index("delivery_held", "due_at", sqlite_where=text("state = 'held'")),
        Index("delivery_leased", "leased_until", sqlite_where=text("leased_until IS NOT NULL")),
    )
    seq: int | None = Field(default=None, primary_key=True)
    id: str = Field(unique=True)
    document: int = Field(foreign_key="document.id")
    channel: str
    recipient: str
    state: str
    attempts: int
    due_at: datetime = _instant()
    created_at: datetime = _instant()
    leased_until: datetime | None = _instant(default=None, nullable=True)
    sent_at: datetime | None = _instant(default=None, nullable=True)
    error: str | None = None
    maybe_sent: bool
    possible_repeat: bool
    subject: str | None = None
    body: bytes | None = _blob(default=None, nullable=True)
    content_type: str | None = None
    held_until: datetime | None = _instant(default=None, nullable=True)
    tray: str | None = None
    not_before: datetime | None = _instant(default=None, nullable=True)
    seal: str | None = None


class DeliveryAlert(Row, table=True):
    __tablename__ = "delivery_alert"
    __table_args__ = (Index("delivery_alert_alert", "alert"), _KEYED)
    delivery: int = Field(primary_key=True, foreign_key="delivery.seq")
    position: int = Field(primary_key=True)
    alert: int = Field(foreign_key="alert.seq")


def table(row: type[Row]) -> Table:
    """Return the table behind a row class, for Core statements."""
    return Row.metadata.tables[str(row.__tablename__)]
