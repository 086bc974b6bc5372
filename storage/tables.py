"""What is stored, row by row? Nothing outside this folder sees a row.

Moments are UTC text (`storage.location`), states plain words, lists JSON text, so that any SQL tool reads them. Text
sorts by code point on both databases. Rows that are many have a natural key and no row number.
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import DOUBLE_PRECISION
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import declared_attr
from sqlalchemy.types import Float, TypeDecorator
from sqlmodel import Field, SQLModel

from storage import location


class _ServerText(TypeDecorator[str]):
    """Text on PostgreSQL: sorted by code point, and without the one character that it cannot hold."""

    impl = String(collation="C")
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return value.replace("\x00", "\ufffd") if value and "\x00" in value else value


_TEXT = String().with_variant(_ServerText(), "postgresql")
_INTEGER = BigInteger().with_variant(Integer, "sqlite")
_FLOAT = Float().with_variant(DOUBLE_PRECISION(), "postgresql")


class Moment(TypeDecorator[datetime]):
    """A moment as sortable UTC text."""

    impl = _TEXT
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        return location.moment_text_if(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        return location.read_moment_if(value)


def _text(**options: Any) -> Any:
    return Field(sa_type=_TEXT, **options)


def _maybe_text() -> Any:
    return Field(default=None, sa_type=_TEXT, nullable=True)


def _integer(**options: Any) -> Any:
    return Field(sa_type=_INTEGER, **options)


def _key(to: str | None = None) -> Any:
    if to is None:
        return Field(primary_key=True, sa_type=_INTEGER)
    return Field(primary_key=True, sa_type=_INTEGER, foreign_key=to)


def _number() -> Any:
    return Field(default=None, primary_key=True, sa_type=_INTEGER)


def _moment() -> Any:
    return Field(sa_type=Moment)


def _maybe_moment() -> Any:
    return Field(default=None, sa_type=Moment, nullable=True)


_KEYED: dict[str, Any] = {"sqlite_with_rowid": False}


def _where(condition: str) -> dict[str, Any]:
    """Make an index partial on both databases."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


class StoredRow(SQLModel):
    """A table is named after its class: `StatusIntervalRows` is `status_interval`."""

    metadata: ClassVar[MetaData] = MetaData()

    @declared_attr  # type: ignore[arg-type]
    def __tablename__(cls) -> str:
        return re.sub(r"(?<=[a-z])(?=[A-Z])", "_", cls.__name__.removesuffix("Rows")).lower()


class MetaRows(StoredRow, table=True):
    """What the database says of itself: `created_at`, `rehearsal` (yes, no: written under --now), `views` (digest of
    their text), `epoch` (goes into identities), `epochs` (JSON list of all), `restored_at`, `claims` (how many messages
    were ever claimed), `searches` (JSON: what each saved search looked for when its finds were written down), in a
    backup `copied_at`, and where several workers share it `installation` (what they call it) and `next JOB` (when a job
    of the service itself is due)."""

    __table_args__ = (_KEYED,)
    name: str = _text(primary_key=True)
    value: str = _text()


class DocumentRows(StoredRow, table=True):
    """A name, and where its record stands. Revision 0: named by an alert (a source, a channel), without a record."""

    id: int | None = _number()
    identity: str = _text(unique=True)
    revision: int = _integer()
    url: str | None = _maybe_text()
    first_seen_at: datetime | None = _maybe_moment()
    known_from: datetime | None = _maybe_moment()


class AliasRows(StoredRow, table=True):
    __table_args__ = (Index("alias_value", "value", "scheme"), _KEYED)
    document: int = _key("document.id")
    position: int = _key()
    scheme: str = _text()
    value: str = _text()


class RevisionRows(StoredRow, table=True):
    """A state that a source stated. `digest` names the facets of the state; `evidence` is the digest of the bytes that
    most altered facets were read from, `other_evidence` maps the others (`actions/2` names further bytes of one) as
    JSON; `context` is what the reading needed beside the bytes. `baseline`: what it said was past when it was read;
    `late`: it was seen after a long stop."""

    __table_args__ = (_KEYED,)
    document: int = _key("document.id")
    number: int = _key()
    known_from: datetime = _moment()
    source: str = _text()
    reader: str = _text()
    published_at: datetime | None = _maybe_moment()
    digest: str = _text()
    evidence: str | None = _maybe_text()
    other_evidence: str | None = _maybe_text()
    context: str | None = _maybe_text()
    baseline: bool
    late: bool


class FacetRows(StoredRow, table=True):
    """A revision that altered a facet, and whose word the facet has been since."""

    __table_args__ = (_KEYED,)
    document: int = _key("document.id")
    name: str = _text(primary_key=True)
    revision: int = _key()
    owner: str = _text()


class EntryFormRows(StoredRow, table=True):
    """What many entries of a facet have in common: `members` with the same value in all of them, as a JSON object, and
    how `label` says again what `text` says (`Official Title: {text}`) or the other way round; empty where it does
    not, `own` where the text of each entry has its own place for the label. Never altered or removed."""

    __table_args__ = (UniqueConstraint("facet", "label", "text", "members"),)
    id: int | None = _number()
    facet: str = _text()
    label: str = _text()
    text: str = _text()
    members: str = _text()


class EntryRows(StoredRow, table=True):
    """One entry of a facet, and the revisions in which it stands: from `from_revision` until before `to_revision`.
    `day` is its `on`; `body` has the members that neither the form nor the columns have, as a JSON object;
    `v_entries` puts entries together. Rows are only appended: a natural key would split pages, and cost a fifth more.
    """

    id: int | None = _number()
    document: int = _integer(foreign_key="document.id", index=True)
    form: int = _integer(foreign_key="entry_form.id")
    subject: str = _text()
    from_revision: int = _integer()
    to_revision: int | None = _integer(default=None, nullable=True)
    day: str | None = _maybe_text()
    text: str | None = _maybe_text()
    label: str | None = _maybe_text()
    body: str | None = _maybe_text()


class HeadlineRows(StoredRow, table=True):
    """What a quick answer needs of the facets, one row per revision that altered it. `doubt` is why the status is
    uncertain, as a coded text."""

    __table_args__ = (_KEYED,)
    document: int = _key("document.id")
    revision: int = _key()
    title: str | None = _maybe_text()
    introduced_on: str | None = _maybe_text()
    law: str | None = _maybe_text()
    doubt: str | None = _maybe_text()


class StatusIntervalRows(StoredRow, table=True):
    """One point of the timeline, and the revisions in which we took it for true. `seq` is its place: the highest
    wins."""

    __table_args__ = (_KEYED,)
    document: int = _key("document.id")
    from_revision: int = _key()
    seq: int = _key()
    status: str = _text()
    status_on: str = _text()
    text: str = _text()
    to_revision: int | None = _integer(default=None, nullable=True)


class ChangeRows(StoredRow, table=True):
    """A change, at its place among those of one revision. When it was seen, by which source, stated when and read from
    which bytes are NULL where they are those of its revision, as for most: then `source` is NULL. `after`, `text` and
    `happened_on` are NULL where they are the label, the text and the day of the `entry` that came."""

    __table_args__ = (Index("change_corrects", "corrects", **_where("corrects IS NOT NULL")), _KEYED)
    document: int = _key("document.id")
    revision: int = _key()
    position: int = _key()
    kind: str = _text()
    subject: str = _text()
    before: str | None = _maybe_text()
    after: str | None = _maybe_text()
    text: str | None = _maybe_text()
    entry: int | None = Field(default=None, sa_type=_INTEGER, nullable=True, foreign_key="entry.id")
    happened_on: str | None = _maybe_text()
    evidence: str | None = _maybe_text()
    seen_at: datetime | None = _maybe_moment()
    source: str | None = _maybe_text()
    published_at: datetime | None = _maybe_moment()
    corrects: str | None = _maybe_text()


class EvidenceRows(StoredRow, table=True):
    """Archived bytes, as one zlib stream (RFC 1950)."""

    id: int | None = _number()
    digest: str = _text(unique=True)
    url: str | None = _maybe_text()
    fetched_at: datetime | None = _maybe_moment()
    content_type: str | None = _maybe_text()
    etag: str | None = _maybe_text()
    last_modified: str | None = _maybe_text()
    body: bytes = Field(sa_type=LargeBinary)


class ImportedRows(StoredRow, table=True):
    """A bulk file that was read, by the first half of its digest. Its bytes are the user's to keep."""

    __table_args__ = (_KEYED,)
    digest: str = _text(primary_key=True)
    name: str = _text()


class ScopeRows(StoredRow, table=True):
    """What was once enumerated completely, and so has its baseline."""

    __table_args__ = (_KEYED,)
    name: str = _text(primary_key=True)
    established_at: datetime = _moment()


class RereadRows(StoredRow, table=True):
    """What a source has stated again, or for the first time, since the record was restored from a backup."""

    __table_args__ = (_KEYED,)
    document: int = _key("document.id")
    source: str = _text(primary_key=True)


class SourceRows(StoredRow, table=True):
    __table_args__ = (Index("source_due", "due_at"), _KEYED)
    name: str = _text(primary_key=True)
    state: str = _text()
    due_at: datetime | None = _maybe_moment()
    last_poll_at: datetime | None = _maybe_moment()
    last_good_at: datetime | None = _maybe_moment()
    failures: int = _integer()
    error: str | None = _maybe_text()
    cursor: str | None = _maybe_text()
    requests: int = _integer()
    lag: float | None = Field(default=None, sa_type=_FLOAT, nullable=True)
    operator_knows: bool
    changes: int = _integer()
    checks: int = _integer()
    failed: int = _integer()
    gaps: str | None = _maybe_text()
    waiting: str | None = _maybe_text()


class AccountRows(StoredRow, table=True):
    """The coverage reports of a channel: how many there were, when counting last began anew, and what had been counted
    of each source then, as JSON: `{"gazette": [672, 3]}`, polls and those that failed."""

    __table_args__ = (_KEYED,)
    channel: str = _text(primary_key=True)
    number: int = _integer()
    closed_at: datetime = _moment()
    counted: str = _text()


class WatchRows(StoredRow, table=True):
    """What somebody wanted followed, from when to when. At most one open row per name. `address` is that of a feed or
    page; `tags` is a JSON array."""

    __table_args__ = (
        Index("watch_open", "name", unique=True, **_where("closed_at IS NULL")),
        Index("watch_document", "document"),
    )
    id: int | None = _number()
    name: str = _text()
    document: str | None = _maybe_text()
    note: str | None = _maybe_text()
    tags: str | None = _maybe_text()
    priority: str | None = _maybe_text()
    position: str | None = _maybe_text()
    owner: str | None = _maybe_text()
    address: str | None = _maybe_text()
    created_at: datetime = _moment()
    closed_at: datetime | None = _maybe_moment()


class SearchMatchRows(StoredRow, table=True):
    """What a search found: by which words (a JSON array), since when what happens to it is news, and whether it was
    there when the search began."""

    __table_args__ = (Index("search_match_document", "document"), _KEYED)
    watch: str = _text(primary_key=True)
    document: int = _key("document.id")
    words: str = _text()
    since: datetime = _moment()
    baseline: bool


class WorkerRows(StoredRow, table=True):
    """A process that runs jobs, where several do: when it last said that it lives, the digest of the configuration in
    force there and since when, its version, and its queues as a JSON array."""

    __table_args__ = (_KEYED,)
    name: str = _text(primary_key=True)
    seen_at: datetime = _moment()
    configured_at: datetime = _moment()
    configuration: str = _text()
    version: str = _text()
    queues: str = _text()


class MuteRows(StoredRow, table=True):
    """What somebody wants no messages of before `until`. `kind` is document or watch, `name` its own."""

    __table_args__ = (_KEYED,)
    kind: str = _text(primary_key=True)
    name: str = _text(primary_key=True)
    until: datetime = _moment()
    created_at: datetime = _moment()


class ChannelRows(StoredRow, table=True):
    """Whether a channel works: failures in a row, and the rest it takes."""

    __table_args__ = (_KEYED,)
    name: str = _text(primary_key=True)
    failures: int = _integer()
    since: datetime | None = _maybe_moment()
    rests_until: datetime | None = _maybe_moment()
    error: str | None = _maybe_text()
    operator_knows: bool
    changes: int = _integer()
    refused: bool


class AlertRows(StoredRow, table=True):
    """`reasons` says why, `schedule` is that of its digest (`daily 08:00 Europe/Oslo`), `epoch` that of the record when
    it was decided, `seal` a digest of all that it says (`domain.alerts.audit`)."""

    seq: int | None = _number()
    id: str = _text(unique=True)
    document: int = _integer(foreign_key="document.id", index=True)
    revision: int = _integer()
    channel: str = _text()
    reasons: str = _text()
    created_at: datetime = _moment()
    schedule: str | None = _maybe_text()
    epoch: str = _text()
    seal: str | None = _maybe_text()


class AlertWatchRows(StoredRow, table=True):
    """The watches that asked for an alert, by name."""

    __table_args__ = (_KEYED,)
    alert: int = _key("alert.seq")
    position: int = _key()
    name: str = _text()


class AlertChangeRows(StoredRow, table=True):
    """Which changes an alert is about; `place` is the position of the change among those of its revision."""

    __table_args__ = (
        ForeignKeyConstraint(
            ["document", "revision", "place"], ["change.document", "change.revision", "change.position"]
        ),
        Index("alert_change_change", "document", "revision", "place"),
        _KEYED,
    )
    alert: int = _key("alert.seq")
    position: int = _key()
    document: int = _integer()
    revision: int = _integer()
    place: int = _integer()


class DeliveryRows(StoredRow, table=True):
    """The stored life of one message; `subject`, `body` and `content_type` are frozen at its first claim, and `seal` is
    the digest of the three; `counted_only` holds the keys of the changes that it only counts, as a JSON array."""

    __table_args__ = (
        Index("delivery_waiting", "channel", "due_at", **_where("state IN ('pending', 'ambiguous')")),
        Index("delivery_document", "document", "channel", "recipient"),
        Index("delivery_held", "due_at", **_where("state = 'held'")),
        Index("delivery_leased", "leased_until", **_where("leased_until IS NOT NULL")),
    )
    seq: int | None = _number()
    id: str = _text(unique=True)
    document: int = _integer(foreign_key="document.id")
    channel: str = _text()
    recipient: str = _text()
    state: str = _text()
    attempts: int = _integer()
    due_at: datetime = _moment()
    created_at: datetime = _moment()
    leased_until: datetime | None = _maybe_moment()
    sent_at: datetime | None = _maybe_moment()
    error: str | None = _maybe_text()
    maybe_sent: bool
    possible_repeat: bool
    subject: str | None = _maybe_text()
    body: bytes | None = Field(default=None, sa_type=LargeBinary, nullable=True)
    content_type: str | None = _maybe_text()
    counted_only: str | None = _maybe_text()
    held_until: datetime | None = _maybe_moment()
    digest_key: str | None = _maybe_text()
    not_before: datetime | None = _maybe_moment()
    seal: str | None = _maybe_text()


class DeliveryAlertRows(StoredRow, table=True):
    __table_args__ = (Index("delivery_alert_alert", "alert"), _KEYED)
    delivery: int = _key("delivery.seq")
    position: int = _key()
    alert: int = _integer(foreign_key="alert.seq")


def table(row: type[StoredRow]) -> Table:
    """Return the table behind a row class, for Core statements."""
    return StoredRow.metadata.tables[str(row.__tablename__)]
