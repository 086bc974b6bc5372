"""Does a number kept for a leader become a bill, once and with its day?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.timeline import timeline
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Facet, Kind
from notifications.compose import compose
from tests.notifications.notices import notice

NOW = datetime(2025, 5, 10, tzinfo=UTC)
KEPT = ["Reserved for the Speaker.", "Reserved for the Minority Leader.", "Reserved for the Majority Leader."]


def stated(title: str, introduced_on: str | None, *lines: tuple[str, str, str]) -> dict[str, Facet]:
    return {
        "item": {"": {"introduced_on": introduced_on}},
        "title": {"display": {"text": title}},
        "actions": {f"{on}:{step}": {"on": on, "time": None, "step": step, "text": text} for on, step, text in lines},
    }


RESERVATION = ("2025-01-03", "introduced", "Introduced in House")
"""The line that 117 H.R. 10 to 20 carry while they are numbers alone."""

BILL_LINES = (
    ("2025-05-20", "introduced", "Introduced in House"),
    ("2025-05-20", "referred", "Referred to the House Committee on the Budget."),
)


def changed(document: DocumentId, before: Mapping[str, Facet], after: Mapping[str, Facet]) -> list[tuple[str, ...]]:
    first = advance(None, Observation(document, "congress", "congress/1", before), NOW)
    assert first
    step = advance(first.record, Observation(document, "congress", "congress/1", after), NOW + timedelta(days=11))
    assert step
    return [(c.kind, c.before or "", c.after or "", c.happened_on or "") for c in step.changes]


@pytest.mark.parametrize("number", [2, 9, 10, 12, 14, 15, 20])
@pytest.mark.parametrize("title", KEPT)
def test_a_number_of_the_117th_is_reserved_and_nothing_else(number: int, title: str) -> None:
    rungs = timeline(us_bill(117, "hr", number), stated(title, "2021-01-04", ("2021-01-04", *RESERVATION[1:])))
    assert [(rung.status, rung.on) for rung in rungs] == [("RESERVED", "2021-01-04")]


@pytest.mark.parametrize(
    "before",
    [
        pytest.param(stated(KEPT[0], "2025-01-03", RESERVATION), id="with a line"),
        pytest.param(stated(KEPT[0], "2025-01-03"), id="without a line"),
    ],
)
@pytest.mark.parametrize("lines", [BILL_LINES, (*BILL_LINES, RESERVATION)], ids=["its line gone", "its line kept"])
def test_119_hr_1_becomes_a_bill_and_is_reported_as_introduced_with_its_day(
    before: dict[str, Facet], lines: tuple[tuple[str, str, str], ...]
) -> None:
    news = changed(us_bill(119, "hr", 1), before, stated("An Act to provide …", "2025-05-20", *lines))
    assert news[:2] == [
        (Kind.STATUS, "RESERVED", "INTRODUCED", "2025-05-20"),
        (Kind.STATUS, "INTRODUCED", "REFERRED", "2025-05-20"),
    ]
    assert {kind for kind, *_ in news} == {Kind.STATUS, Kind.ACTION}


def test_119_hr_1_keeps_the_day_of_its_reservation() -> None:
    facets = stated("An Act to provide …", "2025-05-20", *BILL_LINES, RESERVATION)
    assert [(rung.status, rung.on) for rung in timeline(us_bill(119, "hr", 1), facets)] == [
        ("RESERVED", "2025-01-03"),
        ("INTRODUCED", "2025-05-20"),
        ("REFERRED", "2025-05-20"),
    ]


def test_the_title_that_takes_the_place_of_the_reservation_is_no_news_of_its_own() -> None:
    before = stated(KEPT[0], "2025-01-03", RESERVATION)
    news = changed(us_bill(119, "hr", 1), before, stated("An Act to provide …", "2025-05-20", *BILL_LINES))
    assert Kind.TITLE not in {kind for kind, *_ in news}


def test_a_title_that_changes_later_is_news() -> None:
    before = stated("An Act to provide …", "2025-05-20", *BILL_LINES)
    news = changed(us_bill(119, "hr", 1), before, stated("One Act", "2025-05-20", *BILL_LINES))
    assert [(kind, after) for kind, _, after, _ in news] == [(Kind.TITLE, "One Act")]


def test_the_message_says_from_reserved_to_referred() -> None:
    first = advance(
        None,
        Observation(us_bill(119, "hr", 1), "congress", "congress/1", stated(KEPT[0], "2025-01-03", RESERVATION)),
        NOW,
    )
    assert first
    after = stated("An Act to provide …", "2025-05-20", *BILL_LINES)
    step = advance(first.record, Observation(us_bill(119, "hr", 1), "congress", "congress/1", after), NOW)
    assert step
    statuses = [change for change in step.changes if change.kind is Kind.STATUS]
    letter = compose(notice(*statuses, status="REFERRED", status_on="2025-05-20"))
    assert letter.headline == "Referred (was: Number reserved)"
