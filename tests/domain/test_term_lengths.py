"""Wall time: lengths, whole days, and the hours that clocks skip or show twice."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.terms import OPEN, RegimeStatus, add_length, is_length, local, regime_state, term_text, terms
from domain.terms.status import Coverage
from tests.domain.instruments import extension, facets, intro, regime
from tests.helpers.english import english

SPAN = (datetime.fromisoformat("2014-01-01"), datetime.fromisoformat("2036-01-01"))

ENDS: dict[str, tuple[str, dict[str, str], str]] = {
    "ninety days end at the same minute of the ninetieth day after": (
        "2025-11-05T05:30", {"length": "90 days"}, "2026-02-03T05:30:00+02:00"),
    "three months end on the same day of the month": (
        "2026-02-26", {"length": "3 months"}, "2026-05-26T00:00:00+03:00"),
    "a month from the last of January ends on the last of February": (
        "2026-01-31", {"length": "1 month"}, "2026-02-28T00:00:00+02:00"),
    "a year from a leap day ends on 28 February": (
        "2024-02-29", {"length": "1 year"}, "2025-02-28T00:00:00+02:00"),
    "two weeks are fourteen days": ("2026-03-20", {"length": "2 weeks"}, "2026-04-03T00:00:00+03:00"),
    "a fixed end is exclusive to the minute": (
        "2026-01-01", {"ends_at": "2026-07-31T12:00"}, "2026-07-31T12:00:00+03:00"),
    "a bare day as fixed end is its first moment": (
        "2026-01-01", {"ends_at": "2026-07-31"}, "2026-07-31T00:00:00+03:00"),
    "until a day is the whole of that day": ("2026-01-01", {"until": "2026-07-31"}, "2026-08-01T00:00:00+03:00"),
    "until the day before the clocks change is the whole of it": (
        "2026-01-01", {"until": "2026-03-28"}, "2026-03-29T00:00:00+02:00"),
}  # fmt: skip


@pytest.mark.parametrize(("start", "stated", "end"), ENDS.values(), ids=ENDS.keys())
def test_a_term_ends(start: str, stated: dict[str, str], end: str) -> None:
    (term,) = terms(regime(), facets({"a": intro(start, **stated)}))
    assert term.ends_at.isoformat() == end


def test_a_bare_day_is_the_last_day_where_the_regime_says_so() -> None:
    (term,) = terms(regime("Europe/Brussels", inclusive=True), facets({"a": intro("2026-02-01", ends_at="2026-07-31")}))
    assert term.ends_at.isoformat() == "2026-08-01T00:00:00+02:00"


def test_an_act_that_states_no_end_runs_until_an_act_ends_it() -> None:
    (term,) = terms(regime(), facets({"a": intro("2026-02-01")}))
    assert term.ends_at == OPEN
    assert term.is_open
    assert (
        english(term_text(term, regime())) == "introduction, from 1 Feb 2026 00:00 until an act ends it (Europe/Kyiv)"
    )


def test_the_usual_length_is_that_of_an_act_that_states_none() -> None:
    (term,) = terms(regime(usual_length="90 days"), facets({"a": intro("2025-11-05T05:30")}))
    assert (term.length, term.ends_at.isoformat()) == ("90 days", "2026-02-03T05:30:00+02:00")


CLOCKS = {
    "a time the clocks skip is moved on by what they skipped": ("2026-03-29T03:30", "2026-03-29T04:30:00+03:00"),
    "a time they show twice is its first showing": ("2026-10-25T03:30", "2026-10-25T03:30:00+03:00"),
    "the minute before they skip": ("2026-03-29T02:59", "2026-03-29T02:59:00+02:00"),
}


@pytest.mark.parametrize(("wall", "moment"), CLOCKS.values(), ids=CLOCKS.keys())
def test_wall_time_around_a_change_of_clocks(wall: str, moment: str) -> None:
    assert local(wall, "Europe/Kyiv").isoformat() == moment


def test_a_length_is_added_to_the_time_as_written_not_as_moved_on() -> None:
    (term,) = terms(regime(), facets({"a": intro("2026-03-29T03:30", length="1 day")}))
    assert term.ends_at.isoformat() == "2026-03-30T03:30:00+03:00"


def test_in_the_hour_shown_twice_a_term_ends_at_its_first_showing() -> None:
    known = facets({"a": intro("2026-10-24T03:30", length="1 day"), "b": extension("2026-10-25T03:30", length="1 day")})
    zone = local("2026-10-25T00:00", "Europe/Kyiv").tzinfo
    first = datetime(2026, 10, 25, 3, 29, 59, tzinfo=zone)
    second = datetime(2026, 10, 25, 3, 29, 59, tzinfo=zone, fold=1)
    numbers = [found.number for at in (first, second) if (found := regime_state(regime(), known, Coverage(), at).term)]
    assert numbers == [0, 1]


@pytest.mark.parametrize("text", ["90", "0 days", "-1 day", "90  days", "1 hour", "a month", "90 days ", "1e3 days"])
def test_what_is_no_length_is_refused(text: str) -> None:
    assert not is_length(text)
    with pytest.raises(ValueError, match="expected a length"):
        add_length(local("2026-01-01", "UTC"), text)


@settings(max_examples=75, deadline=None)
@given(
    st.datetimes(*SPAN),
    st.integers(1, 400),
    st.sampled_from(["Europe/Kyiv", "America/New_York", "Europe/Brussels", "Asia/Manila", "Australia/Lord_Howe"]),
)
def test_days_are_days_whatever_the_clocks_do(start: datetime, days: int, zone: str) -> None:
    (term,) = terms(regime(zone), facets({"a": intro(start.isoformat(), length=f"{days} days")}))
    elapsed = term.ends_at.astimezone(UTC) - term.starts_at.astimezone(UTC)
    assert abs(elapsed - timedelta(days=days)) <= timedelta(hours=1)
    assert term.ends_at.astimezone(UTC).astimezone(term.ends_at.tzinfo).isoformat() == term.ends_at.isoformat()


@settings(max_examples=60, deadline=None)
@given(st.datetimes(*SPAN), st.integers(1, 200))
def test_standing_is_right_at_the_very_second_of_start_and_end(start: datetime, days: int) -> None:
    known = facets({"a": intro(start.replace(microsecond=0).isoformat(), length=f"{days} days")})
    (term,) = terms(regime(), known)
    moments = (
        (term.starts_at, -1, RegimeStatus.NOT_IN_FORCE),
        (term.starts_at, 0, RegimeStatus.IN_FORCE),
        (term.ends_at, -1, RegimeStatus.IN_FORCE),
        (term.ends_at, 0, RegimeStatus.EXPIRED_NO_SUCCESSOR_SEEN),
    )
    read = Coverage(datetime(2010, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
    for moment, seconds, status in moments:
        at = moment.astimezone(UTC) + timedelta(seconds=seconds)
        assert regime_state(regime(), known, read, at).status is status


def _goes_on(on: str, **facts: str) -> dict[str, str]:
    return {"act": "extension", "starts": "continuation", "on": on, **facts}


CONTINUED: dict[str, tuple[dict[str, str], str, str]] = {
    "a length": (_goes_on("2025-03-01", length="30 days"), "2025-04-01T05:30:00+03:00", "2025-05-01T05:30:00+03:00"),
    "an end": (
        _goes_on("2025-03-01", ends_at="2025-05-03T12:00"), "2025-04-01T05:30:00+03:00", "2025-05-03T12:00:00+03:00"),
    "signed after the end of the one before": (
        _goes_on("2025-04-05", length="30 days"), "2025-04-01T05:30:00+03:00", "2025-05-01T05:30:00+03:00"),
}  # fmt: skip


@pytest.mark.parametrize(("goes_on", "start", "end"), CONTINUED.values(), ids=CONTINUED.keys())
def test_an_act_that_only_goes_on_begins_where_the_last_term_ends(
    goes_on: dict[str, str], start: str, end: str
) -> None:
    first = intro("2025-01-01T05:30", length="90 days")
    found = terms(regime(), facets({"a": first, "b": goes_on}))
    assert [(t.starts_at.isoformat(), t.ends_at.isoformat()) for t in found[1:]] == [(start, end)]


def test_two_acts_that_only_go_on_follow_each_other_in_the_order_of_their_signatures() -> None:
    acts = {
        "a": intro("2025-01-01", length="30 days"),
        "c": _goes_on("2025-02-20", length="30 days"),
        "b": _goes_on("2025-01-20", length="30 days"),
    }
    days = [term.starts_at.date().isoformat() for term in terms(regime(), facets(acts))]
    assert days == ["2025-01-01", "2025-01-31", "2025-03-02"]


def test_an_act_that_only_goes_on_does_not_go_on_from_a_rejected_one() -> None:
    acts = {
        "a": intro("2025-01-01", length="30 days"),
        "b": extension("2025-01-31", length="90 days", on="2025-01-20"),
        "c": _goes_on("2025-01-28", length="30 days"),
    }
    refused = {"law": {"approves": "b", "on": "2025-01-25", "outcome": "rejected"}}
    days = [term.starts_at.date().isoformat() for term in terms(regime(), facets(acts, refused))]
    assert days == ["2025-01-01", "2025-01-31"]


def test_an_act_that_only_goes_on_waits_for_the_one_before() -> None:
    assert terms(regime(), facets({"b": _goes_on("2025-03-01", length="30 days")})) == ()
