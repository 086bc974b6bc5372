"""What does a template have to cope with? Notices of every shape, constructed, to try templates by."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from domain.coded_text import coded
from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice
from domain.records.facets import Kind
from domain.records.record import Change

_BILL = us_bill(119, "hr", 6508)


def samples(now: datetime) -> tuple[Notice, ...]:
    """Return a status with more news, a difference of texts, a reminder, a correction, and a digest of them all."""
    regime = DocumentId("ua", "regime", ("martial-law",))
    one = _notice(
        _BILL,
        now,
        _change(_BILL, Kind.STATUS, "REFERRED", "REPORTED", "A sample.", now),
        _change(_BILL, Kind.TEXT, None, "A sample", "… the President [- shall] [+ may] give notice …", now),
    )
    reminder = _notice(regime, now, _change(regime, Kind.REMINDER, None, "14 days left, no renewal seen", "A.", now))
    bare = replace(one, title=None, url=None, status=None, status_on=None, note=None, changes=())
    right = _notice(_BILL, now, _change(_BILL, Kind.CORRECTION, "A sample (2025-12-09)", "A sample", None, now))
    digest = replace(bare, digest="daily", parts=(one, reminder), changes=(*one.changes, *reminder.changes))
    return one, reminder, bare, replace(right, told_at=now, replies_to="dl-sample"), digest


def _change(
    document: DocumentId, kind: Kind, before: str | None, after: str | None, text: str | None, now: datetime
) -> Change:
    return Change(
        document=document,
        revision=1,
        kind=kind,
        subject="sample",
        before=before,
        after=after,
        text=text,
        happened_on="2025-12-09",
        seen_at=now,
        source="congress",
        published_at=now,
        evidence="0" * 64,
    )


def _notice(document: DocumentId, now: datetime, *changes: Change) -> Notice:
    bill = document.kind == "bill"
    return Notice(
        delivery="dl-sample",
        alerts=("al-sample",),
        document=document,
        title="A sample <title> & more",
        url="https://www.example.org/sample",
        status="REPORTED" if bill else None,
        status_on="2025-12-09" if bill else None,
        changes=changes,
        watches=("sample",),
        note="A sample note",
        reasons=(coded("reason.test", channel="sample"),),
        created_at=now,
        to="sample@example.org",
    )
