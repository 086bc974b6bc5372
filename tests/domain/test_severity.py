"""How much a change matters: every kind has an answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from domain.alerts.severity import OF_KIND, Severity, severity
from domain.records.facets import Kind
from tests.helpers.record_builders import change


def test_every_kind_has_a_severity() -> None:
    assert set(OF_KIND) == set(Kind)
    assert Severity.MINOR < Severity.NORMAL < Severity.MAJOR < Severity.CRITICAL


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        ("REFERRED", "major"),
        ("PASS_OVER:HOUSE", "major"),
        ("ENACTED:SIGNED", "critical"),
        ("PROV_KILL:VETO", "critical"),
        ("VETOED:OVERRIDE_FAIL_ORIGINATING:HOUSE", "critical"),
        ("FAIL:ORIGINATING:HOUSE", "critical"),
        ("ENDED_EARLY", "critical"),
        ("EXPIRED_NO_SUCCESSOR_SEEN", "critical"),
        (None, "major"),
    ],
)
def test_a_status_that_decides_is_critical(status: str | None, expected: str) -> None:
    assert severity(replace(change(), after=status)).word == expected


def test_a_title_is_minor_whatever_it_says() -> None:
    assert severity(replace(change(kind=Kind.TITLE), after="ENACTED")) is Severity.MINOR
