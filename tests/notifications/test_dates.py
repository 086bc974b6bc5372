"""How are days and instants written?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from notifications.translation import ENGLISH, days_late

AT = datetime(2025, 12, 9, 22, 30, tzinfo=UTC)

STATED = {
    "a legal day is spelled out": ("2025-12-09", "9 December 2025"),
    "a stated time keeps its own offset": ("2025-11-05T05:30+02:00", "5 November 2025, 05:30 UTC+02:00"),
    "no day says nothing": (None, None),
    "what is no day is shown as it is": ("2025-13-40", "2025-13-40"),
    "and cleaned": ("soon\r\nX: y", "soon X: y"),
}


@pytest.mark.parametrize(("happened_on", "words"), STATED.values(), ids=STATED)
def test_stated_days(happened_on: str | None, words: str | None) -> None:
    assert ENGLISH.stated(happened_on) == words


ZONES = {
    "UTC": "9 December 2025, 22:30 UTC",
    "Europe/Kyiv": "10 December 2025, 00:30 EET",
    "America/New_York": "9 December 2025, 17:30 EST",
    "Asia/Dubai": "10 December 2025, 02:30 UTC+04",
    "Nowhere/At-all": "9 December 2025, 22:30 UTC",
    "../etc/passwd": "9 December 2025, 22:30 UTC",
}


@pytest.mark.parametrize(("zone", "words"), ZONES.items(), ids=ZONES)
def test_instants_are_shown_in_the_readers_zone(zone: str, words: str) -> None:
    assert ENGLISH.instant(AT, zone) == words


LATE = {
    "the same day is no delay": ("2025-12-09", "UTC", 0),
    "the reader's calendar decides what today is": ("2025-12-09", "Europe/Kyiv", 1),
    "a stated time counts by its day": ("2025-11-29T05:30+02:00", "UTC", 10),
    "no day, no delay": (None, "UTC", None),
    "what is no day is no delay": ("yesterday", "UTC", None),
}


@pytest.mark.parametrize(("happened_on", "zone", "days"), LATE.values(), ids=LATE)
def test_days_late(happened_on: str | None, zone: str, days: int | None) -> None:
    assert days_late(happened_on, AT, zone) == days
