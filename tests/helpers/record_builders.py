"""Records, steps and alerts built by hand for tests of the store. All of it is constructed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta

from domain.alerts.routing import Alert, Watch, operator_reason
from domain.coded_text import CodedText
from domain.documents import Alias, DocumentId
from domain.ports import Store
from domain.records.detection import NewRevision
from domain.records.facets import Facet, Kind
from domain.records.record import Change, Record, StatusPoint

NOW = datetime(2026, 1, 6, 10, tzinfo=UTC)
BILL = DocumentId.parse("us/bill/119/hr/6508")
OTHER = DocumentId.parse("us/bill/119/s/2174")
CONGRESS = DocumentId.parse("source/congress")

INTRODUCED = StatusPoint("INTRODUCED", "2025-12-09", "Introduced in House")
REFERRED = StatusPoint("REFERRED", "2025-12-09", "Referred to the House Committee on Foreign Affairs.")
REPORTED = StatusPoint("REPORTED", "2026-02-03", "Ordered to be Reported (constructed).")


def later(**units: float) -> datetime:
    return NOW + timedelta(**units)


def titled(text: str) -> Mapping[str, Facet]:
    return {"title": {"display": {"text": text}}}


def first(
    document: DocumentId = BILL,
    facets: Mapping[str, Facet] | None = None,
    *,
    timeline: Sequence[StatusPoint] = (),
    now: datetime = NOW,
    source: str = "congress",
    evidence: Mapping[str, str] | None = None,
    aliases: Sequence[Alias] = (),
    url: str | None = None,
    changes: Sequence[Change] = (),
) -> NewRevision:
    """Return the step that makes revision 1."""
    stated = dict(titled("A bill (constructed)") if facets is None else facets)
    record = Record(
        document=document,
        revision=1,
        known_from=now,
        first_seen_at=now,
        facets=stated,
        timeline=tuple(timeline),
        owners=dict.fromkeys(stated, source),
        url=url,
        aliases=tuple(aliases),
    )
    return NewRevision(
        record, 0, tuple(stated), tuple(changes), "reader/1", source, evidence or {}, now - timedelta(hours=1)
    )


def after(
    record: Record,
    facets: Mapping[str, Facet] | None = None,
    *,
    timeline: Sequence[StatusPoint] | None = None,
    now: datetime | None = None,
    source: str = "congress",
    evidence: Mapping[str, str] | None = None,
    aliases: Sequence[Alias] = (),
    changes: Sequence[Change] = (),
) -> NewRevision:
    """Return the step that follows a record; it alters just the given facets."""
    altered = dict(facets or {})
    since = now or record.known_from + timedelta(days=1)
    grown = Record(
        document=record.document,
        revision=record.revision + 1,
        known_from=since,
        first_seen_at=record.first_seen_at,
        facets={**record.facets, **altered},
        timeline=record.timeline if timeline is None else tuple(timeline),
        owners={**record.owners, **dict.fromkeys(altered, source)},
        url=record.url,
        aliases=(*record.aliases, *aliases),
    )
    return NewRevision(
        grown, record.revision, tuple(altered), tuple(changes), "reader/1", source, evidence or {}, since
    )


def change(
    document: DocumentId = BILL,
    revision: int = 2,
    kind: Kind = Kind.STATUS,
    subject: str = "REPORTED:2026-02-03",
    *,
    text: str | None = REPORTED.text,
    evidence: str | None = None,
    corrects: str | None = None,
    seen_at: datetime = NOW,
) -> Change:
    return Change(
        document=document,
        revision=revision,
        kind=kind,
        subject=subject,
        before="REFERRED",
        after="REPORTED",
        text=text,
        happened_on="2026-02-03",
        seen_at=seen_at,
        source="congress",
        published_at=NOW,
        evidence=evidence,
        corrects=corrects,
    )


def alert(
    document: DocumentId = BILL,
    revision: int = 2,
    channel: str = "desk",
    *,
    changes: Sequence[Change] | None = None,
    watches: Sequence[str] = ("nato",),
    reasons: tuple[CodedText, ...] = (operator_reason("desk"),),
) -> Alert:
    told = (change(document, revision),) if changes is None else tuple(changes)
    return Alert(document, revision, channel, tuple(watches), told, reasons)


def save(store: Store, *steps: NewRevision) -> Record:
    with store.begin() as tx:
        for step in steps:
            tx.save(step)
    return steps[-1].record


def stored(store: Store) -> Record | None:
    with store.read() as view:
        return view.record(BILL)


def register(store: Store, *watches: Watch, days: float = 0) -> dict[str, Watch]:
    with store.begin() as tx:
        registered = tx.register(watches, later(days=days))
    with store.read() as view:
        assert view.watches() == registered
    return {watch.name: watch for watch in registered}
