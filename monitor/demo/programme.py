"""What is replayed, in which order?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache

from monitor.demo import history
from monitor.demo import legislation as ukraine
from monitor.demo.history import Bill
from monitor.demo.installation import Watched
from monitor.demo.legislation import KYIV, REGIME, Legislation
from monitor.demo.renewals import Renewals
from monitor.demo.replay import Course
from monitor.demo.telling import Passage

_AUTUMN = ("2025-10-19", "2025-10-20", "2025-10-21", "2025-10-27", "2025-10-31", "2025-11-20")
_WINTER = ("2026-01-12", "2026-01-14", "2026-01-21", "2026-01-28")
_POLLED_AT = time(18, 10)
"""Soon after the day's acts have become visible."""


@dataclass(frozen=True, slots=True)
class Act:
    """One part of the replay. `watched` joins the configuration before it, None where it is watched already. On
    `mail_fails_on`, a day where the publisher is, the mail server is out of order. `remark` says what is not the
    record's own."""

    title: str
    course: Course
    watched: Watched | None = None
    mail_fails_on: date | None = None
    remark: str | None = None


def acts() -> tuple[Act, ...]:
    """Return what is replayed, oldest first."""
    secure, nato = bills()
    autumn, winter = _evenings(_AUTUMN), _evenings(_WINTER)
    return (
        Act(
            "A bill becomes law: H.R. 3919, 117th Congress",
            Passage(secure),
            Watched(secure.document, "Secure equipment", "telecom desk"),
            mail_fails_on=date(2021, 10, 21),
        ),
        Act(
            "Martial law is prolonged: Ukraine, October 2025",
            Renewals(legislation(), autumn),
            Watched(REGIME, "Martial law", "Kyiv bureau"),
            remark="Numbers and dates are the record's; the texts are constructed, composed from the official formula.",
        ),
        Act(
            "A bill in committee: H.R. 6508, 119th Congress",
            Passage(nato),
            Watched(nato.document, "NATO withdrawal", "US withdrawal from NATO"),
        ),
        Act("And prolonged again: Ukraine, January 2026", Renewals(legislation(), winter, after=autumn[-1])),
    )


@cache
def bills() -> tuple[Bill, Bill]:
    """Return the bills whose histories are replayed."""
    return history.load("hr3919-117"), history.load("hr6508-119")


@cache
def legislation() -> Legislation:
    """Return the documents of the Ukrainian database."""
    return ukraine.load()


def watched_from() -> datetime:
    """Return when the replay first asks the Ukrainian database."""
    return _evenings(_AUTUMN)[0]


def _evenings(days: tuple[str, ...]) -> tuple[datetime, ...]:
    return tuple(datetime.combine(date.fromisoformat(day), _POLLED_AT, KYIV) for day in days)
