"""What a receipt says of the polls that were made, and when it is due."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts.coverage_report import (
    ReportState,
    ReportSubject,
    SourceCount,
    closed,
    count,
    coverage_report,
    is_due,
    listed_first,
    opened,
)
from domain.alerts.digest_schedule import DigestSchedule
from domain.errors import Blocked, Unavailable, mismatch
from domain.records.facets import Kind
from domain.sources import SourceState, after_failure, after_success, with_gap
from tests.helpers.english import english

MONDAY = datetime(2026, 1, 5, 9, tzinfo=UTC)
EVERY = timedelta(minutes=15)
WEEKLY = DigestSchedule.parse("weekly monday 09:00", "UTC")
DOWN = Unavailable("api.congress.gov: 503 Service Unavailable")

Polls = list[tuple[float, bool]]
"""Hours since Monday, and whether the poll went well."""


def polled(polls: Polls, name: str = "congress", since: SourceState | None = None) -> SourceState:
    source = since or SourceState(name)
    for hours, good in polls:
        at = MONDAY + timedelta(hours=hours)
        source = after_success(source, EVERY, at, 1) if good else after_failure(source, DOWN, EVERY, at, 1)
    return source


def steady(start: float, end: float) -> Polls:
    """Good polls every quarter of an hour."""
    return [(quarter / 4, True) for quarter in range(int(start * 4), int(end * 4) + 1)]


def said(sources: list[SourceState], *subjects: ReportSubject, hours: float = 168, number: int = 0) -> list[str]:
    account = ReportState("desk", number, MONDAY)
    now = MONDAY + timedelta(hours=hours)
    counts = {source.name: count(source, EVERY, account, now) for source in sources}
    return [english(change.after) for change in coverage_report(account, subjects, counts, "UTC", now)]


HR6508 = ReportSubject("HR 6508 · 119th", ("congress",), date(2025, 12, 9))

LINES: dict[str, tuple[Polls, str]] = {
    "a quiet week": (steady(0.25, 168), "672 checks; last change 9 Dec 2025; nothing missed"),
    "one check": ([(168, True)], "1 check; last change 9 Dec 2025; nothing missed"),
    "a few polls failed": (
        [*steady(0.25, 1), (1.25, False), (1.5, False), (1.75, False), *steady(2, 168)],
        "3 of 672 checks failed; longest gap 1 h; congress was read again on 12 Jan 2026 09:00; last change 9 Dec 2025",
    ),
    "a poll failed and nobody could notice": (
        [*steady(0.25, 1), (1.25, False), *steady(1.5, 168)],
        "1 of 672 checks failed; congress was read again on 12 Jan 2026 09:00; last change 9 Dec 2025",
    ),
    "lexwatch was off for two days": (
        [*steady(0.25, 24), *steady(72, 168)],
        "481 checks; longest gap 2 d; congress was read again on 12 Jan 2026 09:00; last change 9 Dec 2025",
    ),
    "it is broken now": (
        [*steady(0.25, 160), *[(161 + n, False) for n in range(7)]],
        "7 of 647 checks failed; longest gap 8 h; congress cannot be read since 12 Jan 2026 01:00 "
        "(unavailable: api.congress.gov: 503 Service Unavailable); last change 9 Dec 2025",
    ),
    "it never answered": (
        [(1, False)],
        "the only check failed; congress could never be read "
        "(unavailable: api.congress.gov: 503 Service Unavailable); last change 9 Dec 2025",
    ),
    "it was never asked": ([], "not checked once; last change 9 Dec 2025"),
    "it was asked last before the week": (
        [(-1, True)],
        "not checked once; longest gap 7 d 1 h; congress was read again on 5 Jan 2026 08:00; last change 9 Dec 2025",
    ),
}


@pytest.mark.parametrize(("polls", "line"), LINES.values(), ids=LINES)
def test_a_line_says_what_was_counted(polls: Polls, line: str) -> None:
    before = polled([poll for poll in polls if poll[0] <= 0])
    account = opened("desk", [before], MONDAY)
    source = polled([poll for poll in polls if poll[0] > 0], since=before)
    now = MONDAY + timedelta(days=7)
    (_, told) = coverage_report(account, [HR6508], {"congress": count(source, EVERY, account, now)}, "UTC", now)
    assert english(told.after) == f"HR 6508 · 119th: {line}"


def test_nothing_is_said_of_the_week_before() -> None:
    before = polled([*steady(-168, -100), (-99, False), *steady(-20, 0)])
    account = opened("desk", [before], MONDAY)
    source = polled(steady(0.25, 168), since=before)
    found = count(source, EVERY, account, MONDAY + timedelta(days=7))
    assert (found.checks, found.failed, found.gap, found.is_well) == (672, 0, None, True)


def test_a_watch_of_several_sources_names_each() -> None:
    others = polled(steady(0.25, 168), "govinfo")
    line = said([polled(steady(0.25, 168)), others], replace(HR6508, sources=("congress", "govinfo")))[1]
    assert line == (
        "HR 6508 · 119th: 672 checks by congress; 672 checks by govinfo; last change 9 Dec 2025; nothing missed"
    )


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        pytest.param(ReportSubject("a page", ()), "a page: no source reads it: nothing was checked", id="no source"),
        pytest.param(
            ReportSubject("acts", ("congress",), date(2026, 1, 6), has_entries=True),
            "acts: 672 checks; last entry seen 6 Jan 2026; nothing missed",
            id="a feed",
        ),
        pytest.param(
            ReportSubject("acts", ("congress",)),
            "acts: 672 checks; no change on record; nothing missed",
            id="no change yet",
        ),
        pytest.param(
            ReportSubject("NATO", ("congress",), is_open=True), "NATO: 672 checks; nothing missed", id="a saved search"
        ),
    ],
)
def test_what_a_watch_follows_shapes_its_line(subject: ReportSubject, line: str) -> None:
    assert said([polled(steady(0.25, 168))], subject)[1] == line


def test_what_could_not_be_read_in_full_is_not_called_well() -> None:
    source = replace(polled(steady(0.25, 168)), error=mismatch("us/bill/119/hr/1", "{form}", form="an item").to_json())
    line = said([source], HR6508)[1]
    assert "congress was read in part (us/bill/119/hr/1: expected an item, saw none)" in line
    assert "nothing missed" not in line


def test_trouble_comes_first_and_the_rest_is_counted() -> None:
    ill = replace(polled(steady(0.25, 100), "rada"), error=None)
    subjects = [ReportSubject(f"watch {n:03}", ("congress",), None) for n in range(200)]
    subjects[170] = ReportSubject("the sick one", ("rada",))
    lines = said([polled(steady(0.25, 168)), ill], *subjects)
    assert lines[0] == "Coverage report, 5 Jan 2026 09:00 to 12 Jan 2026 09:00: 200 watches; 1 with gaps"
    assert lines[1].startswith("the sick one: 400 checks; longest gap 2 d 20 h")
    assert lines[-1] == "and 150 more watches, nothing missed"
    assert len(lines) == 52


def test_only_watches_that_get_a_line_have_to_be_looked_up() -> None:
    account, now = ReportState("desk", 0, MONDAY), MONDAY + timedelta(days=7)
    counts = {"congress": count(polled(steady(0.25, 168)), EVERY, account, now)}
    subjects = [*[ReportSubject(f"w{n}", ("congress",)) for n in range(80)], ReportSubject("page", ())]
    assert [subject.name for subject in listed_first(subjects, counts)] == ["page", *[f"w{n}" for n in range(49)]]


def test_the_same_receipt_is_the_same_changes_and_the_next_is_not() -> None:
    account, now = ReportState("desk", 3, MONDAY), MONDAY + timedelta(days=7)
    first = coverage_report(account, [HR6508], {"congress": count(polled([]), EVERY, account, now)}, "UTC", now)
    again = coverage_report(account, [HR6508], {"congress": count(polled([]), EVERY, account, now)}, "UTC", now)
    later = coverage_report(closed(account, [], now), [], {}, "UTC", now + timedelta(days=7))
    assert [c.key for c in first] == [c.key for c in again]
    assert {c.key for c in first}.isdisjoint(c.key for c in later)
    assert {(str(c.document), c.kind) for c in first} == {("channel/desk", Kind.RECEIPT)}


def test_a_blocked_source_is_named_with_its_own_word() -> None:
    source = after_failure(polled(steady(0.25, 1)), Blocked("a challenge"), EVERY, MONDAY + timedelta(hours=2), 1)
    assert "(blocked: a challenge)" in said([source], HR6508)[1]


@given(st.lists(st.tuples(st.integers(1, 4000), st.booleans()), max_size=60), st.integers(0, 60), st.integers(1, 500))
def test_the_counts_are_those_of_every_poll(history: list[tuple[int, bool]], cut: int, minutes: int) -> None:
    """Held against the plain list of polls, from any moment on."""
    source, now = SourceState("congress"), MONDAY
    account = opened("desk", [source], now)
    good: list[datetime] = []
    since: list[bool] = []
    for place, (later, well) in enumerate(history):
        if place == cut:
            account, since = closed(account, [source], now), []
        now += timedelta(minutes=later)
        source = after_success(source, EVERY, now, 1) if well else after_failure(source, DOWN, EVERY, now, 1)
        since.append(well)
        good += [now] if well else []
    now += timedelta(minutes=minutes)
    found = count(source, EVERY, account, now)
    assert (found.checks, found.failed) == (len(since), since.count(False))
    pauses = [b - a for a, b in zip(good, [*good[1:], now], strict=False) if b > account.closed_at]
    longest = max(pauses, default=timedelta(0))
    if now - account.closed_at < timedelta(days=60):
        if longest > 2 * EVERY + timedelta(minutes=1):
            assert found.gap is not None
            assert longest - timedelta(minutes=1) <= found.gap <= longest
        if found.gap is not None:
            assert found.gap <= longest
    assert len(source.gaps) <= 24


def test_a_steady_schedule_leaves_one_gap_and_a_clock_set_back_none() -> None:
    source = polled(steady(0, 400))
    assert len(source.gaps) == 1
    assert with_gap(source.gaps, MONDAY, MONDAY - timedelta(days=1)) == ()


@given(st.lists(st.integers(1, 400), min_size=1, max_size=60), st.sampled_from(["UTC", "Europe/Kyiv", "US/Eastern"]))
def test_there_is_one_receipt_for_each_hour_that_came_however_often_it_is_looked_at(
    pauses: list[int], zone: str
) -> None:
    """Looked at after any pauses, nights on which the clocks change included: at most one per hour that came, and none
    for an hour that did not."""
    rhythm = DigestSchedule.parse("daily 02:30", zone)
    now = datetime(2026, 3, 20, tzinfo=UTC)
    account = opened("desk", [], now)
    begun, sent = now, []
    for hours in pauses:
        now += timedelta(hours=hours / 7)
        if is_due(account, rhythm, now):
            account = closed(account, [], now)
            sent.append(now)
            assert not is_due(account, rhythm, now), "once"
    assert account.number == len(sent)
    for before, after in zip([begun, *sent], sent, strict=False):
        assert before < rhythm.before(after) <= after, "an hour of its own lies before each"
    assert rhythm.after(account.closed_at) > now, "and none is left out"


def test_a_week_is_a_week() -> None:
    account = opened("desk", [], MONDAY)
    assert not is_due(account, WEEKLY, MONDAY + timedelta(days=6, hours=23))
    assert is_due(account, WEEKLY, MONDAY + timedelta(days=7))
    assert not is_due(closed(account, [], MONDAY + timedelta(days=9)), WEEKLY, MONDAY + timedelta(days=10))


def test_a_source_without_polls_is_never_well() -> None:
    assert not SourceCount(0, 0, None, SourceState("congress")).is_well
