"""What lies ahead: ends, starts, reminders, anniversaries, hearings, and the end of a Congress."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from domain.coded_text import coded
from domain.jurisdictions.us.names import us_bill
from domain.records.facets import Facet
from domain.terms import regime_of
from domain.upcoming import hearings, upcoming_of_document, upcoming_of_regime
from monitor.service.regimes import shipped_regimes
from tests.helpers.english import english

BILL = us_bill(119, "hr", 6508)
BY_NAME = {"/".join(document.parts): kept for document, kept in shipped_regimes().items()}


def listed(name: str, day: str, days: int = 60) -> list[tuple[str, str, str]]:
    """What the shipped history of a regime says lies ahead on the noon of a day."""
    now = datetime.fromisoformat(f"{day}T12:00+00:00")
    facets = BY_NAME[name].observation(now).facets
    regime = regime_of(BY_NAME[name].regime.document, facets)
    found = [a for a in upcoming_of_regime(regime, facets, now) if a.is_within(now, now + timedelta(days=days))]
    return [(a.at.isoformat() if a.at else a.on.isoformat(), a.kind, english(a.what)) for a in found]


def test_before_a_renewal_its_absence_is_said() -> None:
    assert listed("martial-law", "2026-01-10", 30) == [
        ("2026-02-03T05:30:00+02:00", "end", "extension 17 ends 3 Feb 2026 05:30 (Europe/Kyiv), no renewal seen"),
        ("2026-01-13T05:30:00+02:00", "reminder", "21 days left, no renewal seen so far"),
        ("2026-01-20T05:30:00+02:00", "reminder", "14 days left, no renewal seen so far"),
        ("2026-01-27T05:30:00+02:00", "reminder", "7 days left, no renewal seen so far"),
        ("2026-01-30T05:30:00+02:00", "reminder", "4 days left, no renewal seen so far"),
        ("2026-02-02T05:30:00+02:00", "reminder", "1 day left, no renewal seen so far"),
    ]


def test_with_the_renewal_in_force_the_next_term_is_listed_and_no_reminder() -> None:
    assert listed("martial-law", "2026-01-29", 100) == [
        (
            "2026-02-03T05:30:00+02:00",
            "end",
            "extension 17 ends 3 Feb 2026 05:30 (Europe/Kyiv); its renewal is in force",
        ),
        ("2026-02-03T05:30:00+02:00", "start", "extension 18 starts 3 Feb 2026 05:30 (Europe/Kyiv)"),
        ("2026-05-04T05:30:00+03:00", "end", "extension 18 ends 4 May 2026 05:30 (Europe/Kyiv)"),
    ]


def test_every_shipped_regime_answers() -> None:
    for name in BY_NAME:
        for day in ("2018-12-01", "2026-01-10", "2026-11-22"):
            listed(name, day, 400)


def test_the_end_of_a_us_emergency_is_an_anniversary() -> None:
    name = next(name for name in BY_NAME if "13660" in name)
    assert {kind for _, kind, _ in listed(name, "2025-02-01", 60)} == {"anniversary", "reminder"}


NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
STATUSES = {
    "in committee": ("REFERRED", True),
    "not read yet": (None, True),
    "law already": ("ENACTED:SIGNED", False),
    "voted down": ("FAIL:ORIGINATING:HOUSE", False),
}


@pytest.mark.parametrize(("status", "told"), STATUSES.values(), ids=STATUSES.keys())
def test_the_end_of_a_congress(status: str | None, told: bool) -> None:
    found = [(a.on.isoformat(), a.at, a.what) for a in upcoming_of_document(BILL, status, {}, NOW)]
    noon = datetime(2027, 1, 3, 17, tzinfo=UTC)
    said = ("2027-01-03", noon, coded("ahead.congress_ends", congress=119).to_json())
    assert found == ([said] if told else [])


def test_hearings_with_and_without_a_time() -> None:
    stated: dict[str, Facet] = {
        "hearings": {
            "a": {"starts_at": "2026-12-01T10:00:00-05:00", "label": "Constructed: markup"},
            "b": {"on": "2026-12-02", "text": "Constructed: hearing"},
            "c": {"starts_at": "2026-12-03T10:00:00-05:00", "label": "Constructed: called off", "state": "Cancelled"},
            "d": {"label": "Constructed: no day"},
        }
    }
    found = [(a.on.isoformat(), a.at is not None, a.what) for a in hearings(stated)]
    assert found == [("2026-12-01", True, "Constructed: markup"), ("2026-12-02", False, "Constructed: hearing")]
