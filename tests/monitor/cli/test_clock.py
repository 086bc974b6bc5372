"""Clocks: a rehearsal starts where it is told and goes on at normal speed."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from monitor.cli.session import parse_instant, simulated_clock, system_clock

START = datetime(2026, 1, 6, 10, tzinfo=UTC)


def test_the_system_clock_is_aware_utc() -> None:
    assert system_clock().tzinfo is UTC
    assert abs(system_clock().timestamp() - time.time()) < 5


def test_a_rehearsal_starts_at_its_instant_and_goes_on() -> None:
    clock = simulated_clock(START)
    first = clock()
    time.sleep(0.05)
    second = clock()
    assert START <= first < second < START + timedelta(seconds=30)
    assert second - first >= timedelta(milliseconds=49)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-06T10:00:00Z", START),
        ("2026-01-06T12:00:00+02:00", START),
        ("2026-01-06T12:00:00", START),
        ("2026-01-06 12:00", START),
        ("2026-01-06", datetime(2026, 1, 5, 22, tzinfo=UTC)),
    ],
    ids=["UTC", "an offset", "no offset means the configured zone", "a space for T", "a day is its midnight"],
)
def test_reads_an_instant(text: str, expected: datetime) -> None:
    assert parse_instant(text, "Europe/Kyiv") == expected


@pytest.mark.parametrize("text", ["", "tomorrow", "2026-13-01", "10:00", "0001-01-01T00:00:00+14:00"])
def test_refuses_what_is_no_instant(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time such as"):
        parse_instant(text, "UTC")
