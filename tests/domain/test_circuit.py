"""A channel that does not work, failure by failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alerts.delivery import (
    LONGEST_PAUSE,
    OPENS_AFTER,
    TELL_AFTER,
    Circuit,
    after_trouble,
    after_word,
    is_back,
    is_dying,
)
from domain.errors import DeliveryError

NOON = datetime(2026, 1, 6, 12, tzinfo=UTC)
REFUSED = DeliveryError("connection refused", channel=True)


def failing(times: int, error: DeliveryError = REFUSED) -> Circuit:
    circuit = Circuit("desk")
    for _ in range(times):
        circuit = after_trouble(circuit, error, NOON)
    return circuit


@pytest.mark.parametrize("failures", [0, 1, OPENS_AFTER - 1])
def test_a_hiccup_is_no_trouble_of_the_channel(failures: int) -> None:
    assert not failing(failures).is_open
    assert not failing(failures).rests(NOON)


def test_after_a_few_failures_it_rests_longer_and_longer() -> None:
    rests = [(failing(n).rests_until or NOON) - NOON for n in range(OPENS_AFTER, 20)]
    assert timedelta(seconds=30) <= rests[0] < timedelta(seconds=36)
    assert rests[:8] == sorted(rests[:8])
    assert timedelta(hours=1) <= rests[-1] <= timedelta(hours=1.2)


def test_when_the_rest_is_over_there_is_a_probe() -> None:
    circuit = failing(OPENS_AFTER)
    assert circuit.rests(NOON + timedelta(seconds=29))
    assert not circuit.rests(NOON + timedelta(seconds=36))
    assert circuit.is_open, "one message at a time"


def test_a_pause_that_the_receiver_named_counts_from_the_first_failure() -> None:
    busy = DeliveryError("429", channel=True, retry_after=timedelta(minutes=7))
    assert failing(1, busy).rests_until == NOON + timedelta(minutes=7)
    forever = DeliveryError("429", channel=True, retry_after=timedelta(days=30))
    assert failing(1, forever).rests_until == NOON + LONGEST_PAUSE


def test_of_what_a_person_must_mend_the_operator_hears_at_once() -> None:
    gone = DeliveryError("404 no_service", refused=True)
    assert not is_dying(failing(OPENS_AFTER - 1, gone), NOON)
    assert is_dying(failing(OPENS_AFTER, gone), NOON)
    assert after_word(failing(OPENS_AFTER, gone)) == Circuit("desk")
    assert not after_trouble(failing(OPENS_AFTER, gone), REFUSED, NOON).refused, "the last failure tells"


def test_a_message_that_is_taken_ends_it() -> None:
    assert after_word(failing(9)) == Circuit("desk")


def test_a_clock_that_was_set_back_does_not_keep_it_closed() -> None:
    assert not failing(OPENS_AFTER).rests(NOON - timedelta(days=30))


def test_the_operator_hears_once_that_it_is_dying_and_once_that_it_is_back() -> None:
    circuit = failing(OPENS_AFTER)
    assert not is_dying(circuit, NOON + TELL_AFTER - timedelta(seconds=1))
    assert is_dying(circuit, NOON + TELL_AFTER)
    told = Circuit("desk", failures=9, since=NOON, rests_until=NOON, error="x", operator_knows=True, changes=1)
    assert not is_dying(told, NOON + timedelta(days=1))
    assert is_back(after_word(told))
    assert not is_back(after_word(circuit)), "who heard nothing need not hear that it is over"


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 10_000)), max_size=40))
def test_it_rests_only_after_failures_and_never_for_long(history: list[tuple[bool, int]]) -> None:
    circuit, now = Circuit("desk"), NOON
    for good, seconds in history:
        now += timedelta(seconds=seconds)
        circuit = after_word(circuit) if good else after_trouble(circuit, REFUSED, now)
        assert circuit.is_open is (circuit.failures >= OPENS_AFTER)
        assert not circuit.rests(now + timedelta(hours=1.2))
