"""What becomes of a bill when its Congress ends?

A Congress ends at noon in Washington on 3 January of the odd year (20th Amendment, section 1), and what is not finished
then has died: no line of the record says so. A bill both chambers passed may still be signed for some days; whether it
was, the clock says when they are over.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta

from domain.documents import DocumentId
from domain.jurisdictions.us import JURISDICTION, WASHINGTON
from domain.jurisdictions.us.names import congress_end, congress_on, ordinal
from domain.jurisdictions.us.procedure import is_final
from domain.jurisdictions.us.statuses import PRESIDENT_AFTER_END, ended_on, sentence, stage
from domain.records.facets import Entry
from domain.records.record import Record
from domain.terms.reminders import DueReminders
from domain.upcoming import Upcoming

_LATER = timedelta(days=1)
"""When to look again at a bill of which nothing is due."""


def end_of(congress: int) -> datetime:
    """Return the moment at which a Congress ends."""
    return datetime.combine(congress_end(congress), time(12), WASHINGTON)


def end_ahead(document: DocumentId) -> Upcoming:
    """Say that the Congress of a bill ends."""
    congress = int(document.parts[0])
    what = f"the {ordinal(congress)} Congress ends; what is not law by then lapses"
    return Upcoming(congress_end(congress), end_of(congress), "congress", what)


def due_at_end(record: Record, now: datetime) -> DueReminders:
    """Say that a bill died with its Congress, once; `now` is aware.

    Nothing is said of what became law or was agreed to, nor, until 30 days are over, of what the President may still
    sign; nor of a bill whose end lay behind us when its record began: that is its past.
    """
    congress = int(record.document.parts[0])
    end = end_of(congress)
    if now < end:
        return DueReminders({}, {}, end)
    subject = f"lapsed:{congress}"
    if record.last_status is None or subject in record.facets.get("reminders", {}):
        return DueReminders({}, {}, now + _LATER)
    status, day = record.last_status.status, JURISDICTION.day(now)
    if stage(status, record.document, day) == "awaiting_president":
        return DueReminders({}, {}, _moment_after_waiting(end))
    due_at = _moment_after_waiting(end) if status == "PASSED:BILL" else end
    died = ended_on(status, record.document, day) is not None and not is_final(status)
    if not died or record.first_seen_at >= due_at:
        return DueReminders({}, {}, now + _LATER)
    return DueReminders({subject: _entry(record, congress)}, {}, now + _LATER)


def _moment_after_waiting(end: datetime) -> datetime:
    return end + PRESIDENT_AFTER_END + timedelta(days=1)


def _entry(record: Record, congress: int) -> Entry:
    point = record.last_status
    assert point is not None
    end = congress_end(congress)
    anew = f"To go on, it has to be introduced anew in the {ordinal(congress_on(end))}."
    stood = f"It stood at: {sentence(point.status)}, since {point.on}. {anew}"
    if point.status == "RESERVED":
        stood = "No bill was introduced under this number."
    elif point.status == "PASSED:BILL":
        stood = f"Both chambers had passed it; no signature was seen within 30 days. {stood}"
    return {
        "label": f"Died with the {ordinal(congress)} Congress: {sentence(point.status)}",
        "text": f"The {ordinal(congress)} Congress ended at noon on {end}. {stood}",
        "on": end.isoformat(),
    }
