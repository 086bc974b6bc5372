"""Notices to write messages from. The facts of HR 6508 are the official record's; *constructed* ones say so."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from domain.alerts.routing import operator_reason, routed
from domain.coded_text import coded
from domain.documents import DocumentId, operational, public_url
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice
from domain.records.facets import Kind
from domain.records.record import Change

BILL = us_bill(119, "hr", 6508)
SEEN = datetime(2025, 12, 27, 6, 0, tzinfo=UTC)
PUBLISHED = datetime(2025, 12, 27, 5, 38, 19, tzinfo=UTC)
LONG_TITLE = (
    "To require the President to give notice of denunciation of the North Atlantic Treaty for purposes of withdrawing "
    "the United States from the North Atlantic Treaty Organization, and for other purposes."
)


def change(
    kind: Kind,
    before: str | None,
    after: str | None,
    text: str | None = None,
    on: str | None = None,
    *,
    document: DocumentId = BILL,
    seen_at: datetime = SEEN,
) -> Change:
    """Return a change of HR 6508 as its second published state carried it."""
    return Change(
        document=document,
        revision=2,
        kind=kind,
        subject=f"{kind}:{after}",
        before=before,
        after=after,
        text=text,
        happened_on=on,
        seen_at=seen_at,
        source=document.kind if document.is_operational else "congress",
        published_at=None if document.is_operational else PUBLISHED,
        evidence=None if document.is_operational else "5f" * 32,
    )


TEXT = change(Kind.TEXT, None, "Introduced in House", on="2025-12-09")
TITLE = change(Kind.TITLE, LONG_TITLE, "NATO Act", "NATO Act")
REFERRED = change(
    Kind.STATUS, "INTRODUCED", "REFERRED", "Referred to the House Committee on Foreign Affairs.", "2025-12-09"
)
REPORTED = change(Kind.STATUS, "REFERRED", "REPORTED", "Constructed: ordered to be reported.", "2025-12-26")
PASSED = change(Kind.STATUS, "REPORTED", "PASS_OVER:HOUSE", "Constructed: on passage, passed.", "2025-12-26")


def notice(*changes: Change, status: str | None = "REFERRED", status_on: str | None = "2025-12-09") -> Notice:
    """Return what the desk is told of HR 6508."""
    return Notice(
        delivery="dl-0123456789ab",
        alerts=("al-0123456789ab",),
        document=BILL,
        title="NATO Act",
        url=public_url(BILL),
        status=status,
        status_on=status_on,
        changes=changes,
        watches=("us/bill/119/hr/6508",),
        note="US withdrawal from NATO",
        reasons=(routed("us/bill/119/hr/6508", "us/bill/119/hr/6508", "desk", [Kind.TEXT]),),
        created_at=SEEN,
        to="desk@example.org",
        zone="Europe/Kyiv",
    )


def operator_notice(kind: Kind, name: str, before: str, after: str, text: str) -> Notice:
    """Return what the operator is told of a source or channel."""
    document = operational(str(kind), name)
    return replace(
        notice(change(kind, before, after, text, document=document)),
        document=document,
        title=None,
        url=None,
        status=None,
        status_on=None,
        watches=(),
        note=None,
        reasons=(operator_reason("desk"),),
    )


def hostile(text: str) -> Notice:
    """Return a notice in which everything a publisher or user writes is `text` (constructed)."""
    every = (
        replace(REPORTED, text=text),
        replace(TITLE, before=text, after=text + "!"),
        replace(TEXT, after=text),
        replace(TEXT, kind=Kind.ACTION, after=text, text=text, happened_on=text or None, source=text, evidence=text),
    )
    why = (coded("reason.test", channel=text),)
    return replace(notice(*every), title=text, url=text, note=text, reasons=why, status="REPORTED")
