"""A small database to query: HR 6508 as the official source states it, and constructed neighbours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from domain.alerts.routing import Alert, Watch
from domain.coded_text import coded
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.observation import Observation
from domain.ports import Transaction
from domain.records.detection import advance
from domain.records.facets import Facet
from domain.records.record import Record
from domain.sources import SourceState, after_success
from storage.store import open_store

SEEN = datetime(2026, 1, 6, 10, tzinfo=UTC)
NATO = us_bill(119, "hr", 6508)
OLD = us_bill(118, "hr", 1)
REFERRAL = "Referred to the House Committee on Foreign Affairs."
REPORT = "Ordered to be Reported by the Yeas and Nays: 26 - 24. (constructed)"


def line(on: str, step: str, text: str) -> Facet:
    return {f"{on}:{step}": {"on": on, "text": text, "label": text, "step": step}}


def observed(document: DocumentId, facets: Mapping[str, Facet], *, at: datetime = SEEN) -> Observation:
    return Observation(document, "congress", "congress/1", facets, published_at=at - timedelta(hours=1))


def introduced(document: DocumentId, title: str, on: str) -> dict[str, Facet]:
    return {
        "item": {"": {"introduced_on": on}},
        "title": {"display": {"text": title}},
        "actions": {
            **line(on, "introduced", "Introduced in House"),
            **line(on, "referred", REFERRAL),
        },
    }


def write(path: Path, *, hostile: str | None = None, extra: int = 0, rehearsal: bool = False) -> None:
    """Write the record: HR 6508 read on 6 January 2026 and (constructed) reported on 3 February, seen the day after;
    a bill of the 118th that got no further; `extra` constructed bills; one source that is well; one alert."""
    store = open_store(path, rehearsal=rehearsal, now=SEEN)
    try:
        with store.begin() as tx:
            tx.register([Watch("us/bill/119/hr/6508", NATO, "US withdrawal from NATO")], SEEN)
            tx.save_source(
                replace(after_success(SourceState("congress"), timedelta(minutes=15), SEEN, 3), cursor="x", lag=60.0)
            )
            first = advance(None, observed(NATO, introduced(NATO, hostile or "NATO Act", "2025-12-09")), SEEN)
            assert first is not None
            tx.save(first)
            old = advance(None, observed(OLD, introduced(OLD, "Lower Energy Costs Act", "2023-03-14")), SEEN)
            assert old is not None
            tx.save(old)
            for number in range(1, extra + 1):
                bill = us_bill(119, "s", number)
                step = advance(
                    None, observed(bill, introduced(bill, f"Bill {number} (constructed)", "2025-01-03")), SEEN
                )
                assert step is not None
                tx.save(step)
        with store.begin() as tx:
            _report(tx.record(NATO), tx)
    finally:
        store.close()


def _report(known: Record | None, tx: Transaction) -> None:
    now = datetime(2026, 2, 4, 11, tzinfo=UTC)
    facets = {"actions": line("2026-02-03", "reported", REPORT)}
    step = advance(known, observed(NATO, facets, at=now), now)
    assert step is not None
    tx.save(step)
    changes = tuple(change for change in step.changes if change.kind == "status")
    alert = Alert(
        NATO,
        step.record.revision,
        "terminal",
        ("us/bill/119/hr/6508",),
        changes,
        (coded("reason.test", channel="desk"),),
    )
    tx.enqueue(alert, ["console"], now)
