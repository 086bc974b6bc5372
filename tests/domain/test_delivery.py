"""The life of a message, attempt by attempt."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from domain.alerts.delivery import (
    GIVE_UP_AFTER,
    LEASE,
    LEAST_TRIES,
    LONGEST_PAUSE,
    MOST_ABSENCES,
    Delivery,
    Frozen,
    State,
    accepted,
    claimed,
    failed,
    pause,
    released,
    revived,
)
from domain.errors import DeliveryError
from domain.jurisdictions.us.names import us_bill

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
MESSAGE = Frozen("subject", b"body", "message/rfc822")
PENDING = Delivery(
    "dl-1", ("al-1",), us_bill(119, "hr", 6508), "desk", "desk@example.org", State.PENDING, 0, NOON, NOON
)
CLAIMED = claimed(PENDING, MESSAGE, NOON)
LATER = NOON + timedelta(minutes=1)

OUTCOMES = {
    "refused for now": (DeliveryError("451 greylisted"), State.PENDING),
    "refused for good": (DeliveryError("550 no such user", permanent=True), State.DEAD),
    "cut off after the body": (DeliveryError("connection lost", maybe_sent=True), State.AMBIGUOUS),
}


@pytest.mark.parametrize(("error", "state"), OUTCOMES.values(), ids=OUTCOMES.keys())
def test_a_message_that_was(error: DeliveryError, state: State) -> None:
    after = failed(CLAIMED, error, LATER)
    assert (after.state, after.leased_until, after.maybe_sent) == (state, None, False)
    assert after.due_at > LATER
    assert after.error == str(error)


def test_the_message_is_frozen_at_its_first_claim_and_repeats_carry_it() -> None:
    again = claimed(failed(CLAIMED, DeliveryError("451"), LATER), Frozen("other", b"other", "x/y"), LATER)
    assert again.message == MESSAGE
    assert (again.attempts, again.leased_until) == (2, LATER + LEASE)


def test_an_ambiguous_message_is_sent_again_and_marked() -> None:
    lost = failed(CLAIMED, DeliveryError("cut", maybe_sent=True), LATER)
    again = claimed(lost, MESSAGE, LATER)
    assert again.possible_repeat
    assert not claimed(PENDING, MESSAGE, NOON).possible_repeat
    assert accepted(again, LATER) == replace(
        again, state=State.SENT, sent_at=LATER, leased_until=None, maybe_sent=False, error=None
    )


def test_a_message_that_was_ambiguous_once_stays_so_until_it_is_accepted() -> None:
    again = claimed(failed(CLAIMED, DeliveryError("cut", maybe_sent=True), LATER), MESSAGE, LATER)
    assert failed(again, DeliveryError("451"), LATER).state is State.AMBIGUOUS


def test_a_sender_that_vanished_leaves_its_message_due_and_marked_if_it_may_have_arrived() -> None:
    assert released(CLAIMED, LATER).state is State.PENDING
    assert released(replace(CLAIMED, maybe_sent=True), LATER).state is State.AMBIGUOUS
    assert released(replace(CLAIMED, due_at=LATER + timedelta(hours=1)), LATER).due_at == LATER


def test_a_receiver_away_for_days_loses_its_messages_only_after_four() -> None:
    error, tried = DeliveryError("connection refused"), replace(CLAIMED, attempts=LEAST_TRIES)
    tried = replace(tried, due_at=NOON + GIVE_UP_AFTER - timedelta(hours=1))
    assert failed(tried, error, NOON + GIVE_UP_AFTER - timedelta(seconds=1)).state is State.PENDING
    assert failed(tried, error, NOON + GIVE_UP_AFTER).state is State.DEAD
    assert failed(tried, DeliveryError("cut", maybe_sent=True), NOON + GIVE_UP_AFTER).state is State.DEAD


MINUTE, DAY, OLD = timedelta(minutes=1), timedelta(days=1), NOON + 9 * timedelta(days=1)
ABSENCES = {
    "lexwatch was off for days after some tries": (NOON + MINUTE, None, 4, State.PENDING),
    "it was off while the channel rested": (NOON + MINUTE, NOON + timedelta(hours=6), 9, State.PENDING),
    "a weekly run tries it for the sixth time": (OLD - 7 * DAY, None, 6, State.PENDING),
    "a weekly run has tried it for a year": (OLD - 7 * DAY, None, MOST_ABSENCES, State.DEAD),
    "a daily run tries it for the ninth time": (OLD - DAY, None, 9, State.DEAD),
    "it runs and was refused an hour ago": (OLD - MINUTE, None, 9, State.DEAD),
    "it waited behind others while the channel was down": (NOON, OLD - MINUTE, 4, State.DEAD),
}


@pytest.mark.parametrize(("due", "rested_until", "attempts", "state"), ABSENCES.values(), ids=ABSENCES.keys())
def test_only_a_receivers_absence_ends_a_message_of_nine_days(
    due: datetime, rested_until: datetime | None, attempts: int, state: State
) -> None:
    error = DeliveryError("refused")
    tried = replace(CLAIMED, due_at=due, attempts=attempts)
    after = failed(tried, error, OLD, rested_until)
    assert after.state is state
    if state is State.PENDING:
        refused = replace(claimed(after, MESSAGE, after.due_at), attempts=attempts)
        assert failed(refused, error, OLD + GIVE_UP_AFTER - MINUTE, OLD + 3 * DAY).state is State.PENDING
        assert failed(refused, error, OLD + GIVE_UP_AFTER, OLD + 3 * DAY).state is State.DEAD


def test_a_message_hardly_tried_is_not_given_up_for_its_age() -> None:
    hardly = replace(CLAIMED, attempts=LEAST_TRIES - 1)
    assert failed(hardly, DeliveryError("451 greylisted"), NOON + 3 * GIVE_UP_AFTER).state is State.PENDING


def test_a_dead_message_that_is_tried_again_is_the_same_with_days_to_go() -> None:
    dead = failed(replace(CLAIMED, attempts=9), DeliveryError("550 no such user", permanent=True), LATER)
    week = NOON + timedelta(days=7)
    again = revived(dead, week)
    assert (again.id, again.message, again.state, again.due_at, again.error) == (
        "dl-1",
        MESSAGE,
        State.PENDING,
        week,
        None,
    )
    assert failed(claimed(again, MESSAGE, week), DeliveryError("451"), week + timedelta(days=3)).state is State.PENDING


def test_a_dead_message_that_may_have_arrived_is_a_possible_repeat() -> None:
    lost = claimed(failed(CLAIMED, DeliveryError("cut", maybe_sent=True), LATER), MESSAGE, LATER)
    dead = failed(lost, DeliveryError("550", permanent=True), LATER)
    assert revived(dead, LATER).state is State.AMBIGUOUS


PAUSES = {
    "half a minute after the first attempt": (1, None, timedelta(seconds=30)),
    "an hour from the eighth on": (8, None, timedelta(hours=1)),
    "no more than an hour, however often": (500, None, timedelta(hours=1)),
    "as long as the receiver asks": (1, timedelta(minutes=7), timedelta(minutes=7)),
    "but never longer than six hours": (1, timedelta(days=30), LONGEST_PAUSE),
    "and never in the past": (1, timedelta(seconds=-5), timedelta(seconds=1)),
}


@pytest.mark.parametrize(("attempts", "wish", "expected"), PAUSES.values(), ids=PAUSES.keys())
def test_the_pause_is(attempts: int, wish: timedelta | None, expected: timedelta) -> None:
    assert pause(attempts, wish) == expected


def test_what_failed_together_is_not_tried_together() -> None:
    waits = {pause(1, None, f"dl-{number}") for number in range(50)}
    assert len(waits) > 40
    assert all(timedelta(seconds=30) <= wait < timedelta(seconds=36) for wait in waits)
    assert pause(1, None, "dl-7") == pause(1, None, "dl-7"), "no dice: it can be told beforehand"
    assert pause(1, timedelta(minutes=7), "dl-7") == timedelta(minutes=7), "the receiver's own wish is kept"
