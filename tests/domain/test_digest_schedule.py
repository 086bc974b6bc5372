"""When a digest goes, in wall time, the nights included on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts.digest_schedule import DigestSchedule


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "zone", "now", "expected"),
    [
        pytest.param("daily 08:00", "UTC", "2026-01-06T07:59", "2026-01-06T08:00", id="today, if it is still to come"),
        pytest.param("daily 08:00", "UTC", "2026-01-06T08:00", "2026-01-07T08:00", id="tomorrow, at the very minute"),
        pytest.param("daily 08:00", "Europe/Kyiv", "2026-01-06T07:00", "2026-01-07T06:00", id="by the zone's clock"),
        pytest.param(
            "daily 08:00", "Europe/Kyiv", "2026-03-28T07:00", "2026-03-29T05:00", id="an hour earlier in summer"
        ),
        pytest.param(
            "daily 03:30", "Europe/Kyiv", "2026-03-28T22:00", "2026-03-29T01:30", id="in the hour that is skipped"
        ),
        pytest.param(
            "daily 03:30", "Europe/Kyiv", "2026-10-24T22:00", "2026-10-25T00:30", id="in the hour that comes twice"
        ),
        pytest.param("daily 03:30", "Europe/Kyiv", "2026-10-25T00:30", "2026-10-26T01:30", id="and only once in it"),
        pytest.param("weekly monday 09:00", "UTC", "2026-01-06T09:00", "2026-01-12T09:00", id="the next Monday"),
        pytest.param("weekly monday 09:00", "UTC", "2026-01-12T09:00", "2026-01-19T09:00", id="a week later"),
        pytest.param("Weekly  Sunday 23:59", "Pacific/Auckland", "2026-01-06T00:00", "2026-01-11T10:59", id="far east"),
    ],
)
def test_the_next_one_is(words: str, zone: str, now: str, expected: str) -> None:
    assert DigestSchedule.parse(words, zone).after(at(now)) == at(expected)


@pytest.mark.parametrize(
    "words", ["", "now", "daily", "daily 8:00", "daily 24:00", "weekly 08:00", "weekly mon 08:00", "monday 08:00"]
)
def test_anything_else_is_refused(words: str) -> None:
    with pytest.raises(ValueError, match="expected"):
        DigestSchedule.parse(words, "UTC")


def test_it_is_written_as_it_was_read() -> None:
    assert str(DigestSchedule.parse("weekly  MONDAY 08:05", "UTC")) == "weekly monday 08:05"
    assert str(DigestSchedule.parse("daily 08:00", "UTC")) == "daily 08:00"


@given(
    minutes=st.integers(0, 2 * 366 * 1440),
    zone=st.sampled_from(["UTC", "Europe/Kyiv", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia"]),
    words=st.sampled_from(["daily 02:15", "daily 03:30", "weekly sunday 02:30", "weekly saturday 00:00"]),
)
def test_between_two_there_is_none(minutes: int, zone: str, words: str) -> None:
    now, rhythm = at("2025-12-01T00:00") + timedelta(minutes=minutes), DigestSchedule.parse(words, zone)
    following = rhythm.after(now)
    assert now < following <= now + timedelta(days=8)
    assert rhythm.before(following) == following
    assert rhythm.before(following - timedelta(seconds=1)) <= now
    assert rhythm.after(following - timedelta(seconds=1)) == following
