"""What becomes of a bill when its Congress ends? Bills are constructed unless their number says otherwise."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.jurisdictions.us import JURISDICTION
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import due_at_end, end_of
from domain.records.record import Record, StatusPoint
from tests.helpers.english import english

BILL = us_bill(118, "hr", 1)
NOON = datetime(2025, 1, 3, 17, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
SEEN = datetime(2023, 3, 1, tzinfo=UTC)
NO_LATER_SIGNATURE = datetime(2025, 2, 3, 17, tzinfo=UTC)


def record(status: str | None, on: str = "2024-06-01") -> Record:
    timeline = (StatusPoint(status, on, "…"),) if status else ()
    return Record(BILL, 1, SEEN, SEEN, {}, timeline)


@pytest.mark.parametrize(
    ("congress", "moment"),
    [
        (115, datetime(2019, 1, 3, 17, tzinfo=UTC)),
        (118, NOON),
        (119, datetime(2027, 1, 3, 17, tzinfo=UTC)),
    ],
)
def test_a_congress_ends_at_noon_in_washington(congress: int, moment: datetime) -> None:
    assert end_of(congress) == moment
    assert JURISDICTION.day(moment - MINUTE) == moment.date() - timedelta(days=1)
    assert JURISDICTION.day(moment) == moment.date()


def test_a_day_is_counted_in_wall_time_in_summer_too() -> None:
    assert JURISDICTION.day(datetime(2026, 7, 1, 15, 59, tzinfo=UTC)) == date(2026, 6, 30)
    assert JURISDICTION.day(datetime(2026, 7, 1, 16, 0, tzinfo=UTC)) == date(2026, 7, 1)


@pytest.mark.parametrize(
    ("status", "died"),
    [
        ("RESERVED", True),
        ("INTRODUCED", True),
        ("REFERRED", True),
        ("REPORTED", True),
        ("PASS_OVER:HOUSE", True),
        ("PASS_BACK:SENATE", True),
        ("CONFERENCE:PASSED:HOUSE", True),
        ("PROV_KILL:CLOTUREFAILED", True),
        ("PROV_KILL:VETO", True),
        ("FAIL:ORIGINATING:HOUSE", True),
        ("PASSED:BILL", False),
        ("PASSED:SIMPLERES", False),
        ("PASSED:CONCURRENTRES", False),
        ("PASSED:CONSTAMEND", False),
        ("VETOED:POCKET", False),
        ("ENACTED:SIGNED", False),
        ("ENACTED:TENDAYRULE", False),
    ],
)
def test_what_is_not_finished_at_noon_has_died(status: str, died: bool) -> None:
    assert not due_at_end(record(status), NOON - MINUTE).reminders
    assert bool(due_at_end(record(status), NOON).reminders) is died


def test_what_died_and_where_it_stood_is_said() -> None:
    said = due_at_end(record("PASS_OVER:HOUSE"), NOON).reminders["lapsed:118"]
    assert {name: english(value) for name, value in said.items()} == {
        "label": "Died with the 118th Congress: Passed House",
        "text": "The 118th Congress ended at noon on 3 January 2025. It stood at: Passed House, since 1 June 2024. "
        "To go on, it has to be introduced again in the 119th.",
        "on": "2025-01-03",
    }


def test_a_reserved_number_has_nothing_to_be_introduced_anew() -> None:
    said = due_at_end(record("RESERVED"), NOON).reminders["lapsed:118"]
    assert english(said["text"]).endswith("No bill was introduced under this number.")


def test_the_president_has_thirty_days_more_five_laws_of_the_115th() -> None:
    passed = record("PASSED:BILL", "2024-12-20")
    waiting = due_at_end(passed, NOON)
    assert (dict(waiting.reminders), waiting.again_at) == ({}, NO_LATER_SIGNATURE)
    assert not due_at_end(passed, NO_LATER_SIGNATURE - MINUTE).reminders
    assert "no signature was seen" in english(due_at_end(passed, NO_LATER_SIGNATURE).reminders["lapsed:118"]["text"])


def test_it_is_reported_once() -> None:
    told = replace(record("REFERRED"), facets={"reminders": dict(due_at_end(record("REFERRED"), NOON).reminders)})
    assert not due_at_end(told, NOON + timedelta(days=400)).reminders


def test_an_end_before_the_record_began_is_past() -> None:
    assert not due_at_end(replace(record("REFERRED"), first_seen_at=NOON + MINUTE), NOON + 2 * MINUTE).reminders


def test_a_bill_never_read_is_not_called_dead() -> None:
    assert not due_at_end(record(None), NOON).reminders


def test_until_the_end_there_is_nothing_to_look_at() -> None:
    assert due_at_end(record("REFERRED"), SEEN).again_at == end_of(118)
