"""What do all sources together say of a document now, and what changed?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from zoneinfo import ZoneInfo

from domain.dates import iso_utc
from domain.documents import Alias, DocumentId, operational
from domain.jurisdictions import jurisdiction_of
from domain.records.facets import Facet, Kind


@dataclass(frozen=True, slots=True)
class Change:
    """One difference, with both dates.

    `subject` is the identity of the changed entry inside its facet. `before` and `after` are status codes
    for a status and short labels otherwise; None means "was not there". `text` is the official sentence.
    `happened_on` is a legal day (`YYYY-MM-DD`, or `YYYY-MM-DDTHH:MM±HH:MM` where the source states a time), None
    when not stated. `published_at` is the publisher's stamp of the state that first carried it, `seen_at` ours;
    both aware UTC. `evidence` is the digest of the bytes it was read from. `corrects` is the key of the change
    this one corrects.
    """

    document: DocumentId
    revision: int
    kind: Kind
    subject: str
    before: str | None
    after: str | None
    text: str | None
    happened_on: str | None
    seen_at: datetime
    source: str
    published_at: datetime | None = None
    evidence: str | None = None
    corrects: str | None = None

    @property
    def key(self) -> str:
        """The name of this change: document @ revision : kind : subject."""
        return f"{self.document}@{self.revision}:{self.kind}:{self.subject}"


def operational_change(
    kind: Kind,
    name: str,
    number: int,
    subject: str,
    said: tuple[str | None, str | None, str | None],
    now: datetime,
    source: str | None = None,
) -> Change:
    """Return news of this installation itself, of a source or channel called `name`: before, after and text are `said`.
    The number makes the identity of its alerts, so that the same news makes the same alert."""
    before, after, text = said
    return Change(
        document=operational("channel" if kind is Kind.RECEIPT else str(kind), name),
        revision=number,
        kind=kind,
        subject=subject,
        before=before,
        after=after,
        text=text,
        happened_on=None,
        seen_at=now,
        source=source or name,
    )


@dataclass(frozen=True, slots=True)
class Correction:
    """A change of kind correction before it is known whom it concerns.

    `announced` names what it corrects, as kind and subject of the changes that reported it, in whichever revision.
    `instead` holds, by kind, the news as it would be reported today, for whoever was to be notified and was not yet;
    where there is none, nothing is left to report. `sticks` says that a status reported with it stands all the same.
    """

    change: Change
    announced: frozenset[tuple[Kind, str]]
    instead: Mapping[Kind, Change] = field(default_factory=dict)
    sticks: bool = False


def change_as_json(change: Change) -> dict[str, str | int | None]:
    """Return a change as plain values: the members of `history --json`, in the contract's order."""
    return {
        "change": change.key,
        "id": str(change.document),
        "revision": change.revision,
        "kind": str(change.kind),
        "before": change.before,
        "after": change.after,
        "text": change.text,
        "happened_on": change.happened_on,
        "published_at": iso_utc(change.published_at),
        "seen_at": iso_utc(change.seen_at),
        "source": change.source,
        "corrects": change.corrects,
        "evidence": change.evidence,
    }


@dataclass(frozen=True, slots=True)
class StatusPoint:
    """One status of a timeline: the code, the legal day since when it holds (`YYYY-MM-DD`), and the official words."""

    status: str
    on: str
    text: str


@dataclass(frozen=True, slots=True)
class Record:
    """The merged state of one document: its newest revision.

    `revision` counts from 1; `known_from` is when this state became known to us and never decreases;
    `first_seen_at` belongs to revision 1. `timeline` are the dated statuses derived from the facets, oldest first.
    `owners` names, per facet, the source whose statement stands.
    """

    document: DocumentId
    revision: int
    known_from: datetime
    first_seen_at: datetime
    facets: Mapping[str, Facet]
    timeline: tuple[StatusPoint, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    aliases: tuple[Alias, ...] = ()

    @property
    def title(self) -> str | None:
        """The title people know it by, as the source states it: a full reading before a mere list."""
        entry = self.facets.get("title", {}).get("display") or self.facets.get("listed_title", {}).get("display")
        return str(entry["text"]) if entry else None

    @property
    def last_status(self) -> StatusPoint | None:
        """The last status reached, or None before the first."""
        return self.timeline[-1] if self.timeline else None


def is_after(change: Change, made: datetime) -> bool:
    """Say whether a change came after a watch was `made`: it happened on a later day of its jurisdiction. One of the
    same day did if its own moment is later, where it has none if its publication is; so did a meeting that lies ahead.
    One without a day is past, one of a day to come has not happened."""
    if not change.happened_on:
        return False
    on, made_on = change.happened_on[:10], _day_there(change.document, made)
    if on > _day_there(change.document, change.seen_at) and change.kind is not Kind.HEARING:
        return False
    published = change.published_at is not None and change.published_at > made
    if on == made_on:
        return datetime.fromisoformat(change.happened_on) > made if len(change.happened_on) > len(on) else published
    return on > made_on and (published or on <= _day_there(change.document, change.seen_at))


def began_after(record: Record, made: datetime) -> bool:
    """Say whether a document was introduced, or is dated as a whole, on a day after a watch was `made`."""
    began = (jurisdiction_of(record.document).began_on(record.document, record.facets) or "")[:10]
    return _day_there(record.document, made) < began <= _day_there(record.document, record.known_from)


def _day_there(document: DocumentId, at: datetime) -> str:
    return at.astimezone(ZoneInfo(jurisdiction_of(document).zone)).date().isoformat()
