"""Quiet hours as a table, and the nights on which they are longer or shorter."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.alerts.send_delays import QuietHours
from domain.records.facets import Kind
from tests.helpers.record_builders import change


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("hours", "zone", "now", "until"),
    [
        pytest.param("22:00-07:00", "UTC", "2026-01-06T21:59", None, id="not yet"),
        pytest.param("22:00-07:00", "UTC", "2026-01-06T22:00", "2026-01-07T07:00", id="from the first minute"),
        pytest.param("22:00-07:00", "UTC", "2026-01-07T06:59", "2026-01-07T07:00", id="after midnight"),
        pytest.param("22:00-07:00", "UTC", "2026-01-07T07:00", None, id="the end is not quiet any more"),
        pytest.param("12:00-13:30", "UTC", "2026-01-07T12:30", "2026-01-07T13:30", id="at noon"),
        pytest.param("12:00-13:30", "UTC", "2026-01-07T00:30", None, id="noon is not midnight"),
        pytest.param("22:00-07:00", "Europe/Kyiv", "2026-01-06T20:00", "2026-01-07T05:00", id="by the zone's clock"),
        pytest.param("22:00-07:00", "Europe/Kyiv", "2026-03-28T20:00", "2026-03-29T04:00", id="an hour less in spring"),
        pytest.param("22:00-07:00", "Europe/Kyiv", "2026-10-24T19:00", "2026-10-25T05:00", id="an hour more in autumn"),
        pytest.param("22:00-03:30", "Europe/Kyiv", "2026-03-29T01:00", "2026-03-29T01:30", id="an end that is skipped"),
        pytest.param("22:00-03:30", "Europe/Kyiv", "2026-10-25T00:45", None, id="an end that comes twice: the first"),
        pytest.param("00:00-00:01", "UTC", "2026-01-07T00:00", "2026-01-07T00:01", id="a minute of quiet"),
    ],
)
def test_it_is_quiet(hours: str, zone: str, now: str, until: str | None) -> None:
    assert QuietHours.parse(hours, zone).until(at(now)) == (at(until) if until else None)


@pytest.mark.parametrize("hours", ["", "22-7", "22:00", "22:00-22:00", "24:00-07:00", "22:00-07:60", "night"])
def test_anything_else_is_refused(hours: str) -> None:
    with pytest.raises(ValueError, match="expected two times"):
        QuietHours.parse(hours, "UTC")


@pytest.mark.parametrize(
    ("urgent", "kind", "passes"),
    [
        pytest.param((), Kind.STATUS, False, id="nothing is urgent by default"),
        pytest.param(("vote",), Kind.VOTE, True, id="a kind that was named"),
        pytest.param(("vote",), Kind.STATUS, False, id="a kind that was not"),
        pytest.param(("major",), Kind.STATUS, True, id="what matters as much"),
        pytest.param(("critical",), Kind.STATUS, False, id="what matters less"),
        pytest.param(("major",), Kind.CORRECTION, True, id="what matters more"),
        pytest.param(("critical", "hearing"), Kind.HEARING, True, id="a severity and a kind"),
    ],
)
def test_what_is_urgent_passes(urgent: tuple[str, ...], kind: Kind, passes: bool) -> None:
    assert QuietHours.parse("22:00-07:00", "UTC", urgent).lets_pass([change(kind=kind)]) is passes
