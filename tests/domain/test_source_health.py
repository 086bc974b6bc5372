"""When a source is asked again, and what the operator hears of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from domain.errors import Blocked, Changed, Refused, SourceError, Unavailable
from domain.sources import Health, SourceState, after_failure, after_success, broke, is_due, is_quiet, pause, recovered
from tests.helpers.english import english

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
EVERY = timedelta(minutes=15)
NEW = SourceState("congress")
GOOD = after_success(NEW, EVERY, NOON, requests=1)

DUE = {
    "a source never polled": (NEW, NOON, True),
    "a source whose time has come": (GOOD, NOON + EVERY, True),
    "a source whose time has not come": (GOOD, NOON + EVERY - timedelta(seconds=1), False),
    "a source polled in what is now the future": (GOOD, NOON - timedelta(hours=1), True),
    "a source due in a hundred years": (replace(GOOD, due_at=NOON + timedelta(days=36500)), NOON, True),
}


@pytest.mark.parametrize(("source", "now", "due"), DUE.values(), ids=DUE.keys())
def test_due(source: SourceState, now: datetime, due: bool) -> None:
    assert is_due(source, now) is due


PAUSES = {
    "the first failures keep the rhythm": (1, None, EVERY),
    "the fourth doubles it": (4, None, 2 * EVERY),
    "no more than eight intervals": (50, None, 8 * EVERY),
    "a longer wish of the publisher is honoured": (1, timedelta(hours=1), timedelta(hours=1)),
    "a shorter one does not hurry us": (1, timedelta(seconds=1), EVERY),
    "a hundred years are cut to a day": (1, timedelta(days=36500), timedelta(days=1)),
}


@pytest.mark.parametrize(("failures", "wish", "expected"), PAUSES.values(), ids=PAUSES.keys())
def test_the_pause_after_failures(failures: int, wish: timedelta | None, expected: timedelta) -> None:
    assert pause(failures, EVERY, wish) == expected


def test_a_publisher_that_was_never_reached_is_asked_again_within_minutes() -> None:
    waits = [pause(n, timedelta(hours=1), None, reached=False) for n in (1, 2, 3, 7, 50)]
    assert waits == [timedelta(minutes=m) for m in (1, 2, 4, 60, 60)]


TODAY = date(2026, 3, 1)
DAILY = [TODAY - timedelta(days=n) for n in range(10, 30)]
WEEKLY = [TODAY - timedelta(days=7 * n) for n in range(2, 12)]
SILENCE = {
    "a daily source silent for ten days is": (DAILY, True),
    "a weekly source silent for two weeks is not": (WEEKLY, False),
    "a weekly source silent for three weeks is": ([day - timedelta(days=7) for day in WEEKLY], True),
    "a daily source silent over a long weekend is not": ([day + timedelta(days=6) for day in DAILY], False),
    "a source without a rhythm is not": (DAILY[:7], False),
    "a source never heard of is not": ([], False),
}


@pytest.mark.parametrize(("news", "quiet"), SILENCE.values(), ids=SILENCE.keys())
def test_suspiciously_quiet(news: list[date], quiet: bool) -> None:
    assert is_quiet(news, TODAY) is quiet


def fail(source: SourceState, error: SourceError, times: int) -> tuple[SourceState, int]:
    """Fail so often in a row; also how often the operator was told."""
    heard = 0
    for _ in range(times):
        source = after_failure(source, error, EVERY, NOON, requests=1)
        if broke(source):
            heard += 1
            source = replace(source, operator_knows=True)
    return source, heard


TOLD = {
    "one time-out is not worth a message": (Unavailable("timed out"), 2, 0),
    "three in a row are": (Unavailable("timed out"), 3, 1),
    "a bad key is, at once": (Refused("API_KEY_INVALID"), 1, 1),
    "a block page is, the second time": (Blocked("challenge"), 2, 1),
    "another shape is, the second time": (Changed("no bills"), 2, 1),
    "and once is enough, however long it lasts": (Refused("API_KEY_INVALID"), 40, 1),
}


@pytest.mark.parametrize(("error", "times", "messages"), TOLD.values(), ids=TOLD.keys())
def test_trouble(error: SourceError, times: int, messages: int) -> None:
    source, heard = fail(GOOD, error, times)
    assert heard == messages
    assert source.state == Health(error.state)
    assert source.last_good_at == NOON
    assert source.cursor == GOOD.cursor


def test_the_operator_is_alerted_of_recovery_only_if_he_was_alerted_of_the_trouble() -> None:
    quiet, _ = fail(GOOD, Unavailable("timed out"), 2)
    loud, _ = fail(GOOD, Unavailable("timed out"), 3)
    assert not recovered(after_success(quiet, EVERY, NOON, 1))
    assert recovered(after_success(loud, EVERY, NOON, 1))


def test_a_source_that_is_starved_of_its_allowance_is_not_well_and_the_operator_is_alerted_once() -> None:
    waiting = {"us/bill/119/hr/1": NOON - timedelta(days=1), "us/bill/119/hr/2": None}
    source, known = GOOD, []
    for poll in range(12):
        source = after_success(source, EVERY, NOON + poll * EVERY, 1, waiting)
        assert (source.state, source.failures) == (Health.STARVED, 0)
        assert english(source.error).startswith("2 documents wait since 6 January 2026 (HR 1 · 119th, HR 2 · 119th): ")
        if broke(source):
            known.append(poll)
            source = replace(source, operator_knows=True)
        assert not recovered(source)
    assert known == [4], "an hour after it began, and no more"
    fed = NOON + 12 * EVERY
    source = after_success(source, EVERY, fed, 1)
    assert (source.state, source.error, recovered(source)) == (Health.OK, None, False), "it may be used up again soon"
    assert recovered(after_success(source, EVERY, fed + timedelta(days=1), 1))


@pytest.mark.parametrize(
    ("hours_between", "messages"),
    [
        pytest.param(8, ["starved"], id="every evening: once"),
        pytest.param(20, ["starved"], id="once a day: once"),
        pytest.param(30, ["starved", "ok"] * 5, id="with a good day between: each time"),
    ],
)
def test_an_allowance_that_is_used_up_again_and_again(hours_between: int, messages: list[str]) -> None:
    source, said = GOOD, []
    waits = [2 < hour % (hours_between + 4) < 6 for hour in range((hours_between + 4) * 5 + 30)]
    for hour, wait in enumerate(waits):
        now = NOON + timedelta(hours=hour)
        source = after_success(source, timedelta(hours=1), now, 1, {"us/bill/119/hr/1": None} if wait else {})
        if broke(source) or recovered(source):
            said.append(str(source.state))
            source = replace(source, operator_knows=broke(source))
    assert said[: len(messages)] == messages
    assert len(said) <= len(messages) + 1, "and once when it is over"


def test_a_short_want_of_allowance_is_caught_up_without_a_word() -> None:
    source = after_success(GOOD, EVERY, NOON, 1, {"us/bill/119/hr/1": NOON})
    source = after_success(source, EVERY, NOON + EVERY, 1)
    assert not broke(source)
    assert not recovered(source)


def test_a_failure_while_starved_is_a_failure() -> None:
    source = after_success(GOOD, EVERY, NOON, 1, {"us/bill/119/hr/1": NOON})
    source = after_failure(source, Refused("the key"), EVERY, NOON + EVERY, 1)
    assert (source.state, broke(source)) == (Health.REFUSED, True)
