"""What becomes of messages while a receiver, or lexwatch itself, fails for a while?

The service is run as cron would run it, `run --once` at instants of a rehearsal, so that an hour takes seconds.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.crash.checker import CheckResult, Expected, check, count_cut_offs
from tests.crash.fixture import PEOPLE, ROOM
from tests.crash.harness import RECIPIENTS, Harness, start_harness
from tests.crash.receivers import Behaviour

pytestmark = [pytest.mark.chaos, pytest.mark.timeout(300)]

START = datetime(2026, 1, 6, 10, tzinfo=UTC)
STEP = timedelta(minutes=10)
DAY = timedelta(days=1)


@dataclass(slots=True)
class SteppedRun:
    """A clock that is set by hand, and the rig that lives by it."""

    now: datetime
    rig: Harness | None = None

    def step(self, by: timedelta = STEP, failpoint: str | None = None) -> None:
        """Let time pass, then run everything that is due."""
        assert self.rig is not None
        self.now += by
        life = self.rig.start("run", "--once", now=self.now, failpoint=failpoint)
        assert life.wait(60) in (0, 1)

    def settle(self) -> None:
        """Step on until nothing waits any more, for half a day at most."""
        assert self.rig is not None
        for _ in range(24):
            self.step(timedelta(minutes=30))
            if not self.rig.examine().unsettled():
                return

    def verdict(self, own_faults: int = 0, cut_off: Counter[str] | None = None) -> CheckResult:
        """Judge what was taken, and how often lexwatch itself failed. `cut_off` counts, by delivery, the acceptances
        that lexwatch did not hear of; by default those that the receivers did not utter."""
        assert self.rig is not None
        taken = [message for sink in self.rig.sinks for message in sink.so_far()]
        unsaid = Counter(message.id for message in taken if not message.answered and not message.denied)
        assert self.rig.examine().unsettled() == set()
        assert len(self.rig.own_faults()) == own_faults, self.rig.own_faults()
        truth = Expected(dict(self.rig.origin.served), RECIPIENTS)
        return check(truth, taken, unsaid if cut_off is None else cut_off, self.rig.marked(), patience=DAY)


@contextmanager
def stepped_run(folder: Path) -> Iterator[tuple[SteppedRun, Harness]]:
    """Set up a rehearsal whose baseline has been read."""
    hands = SteppedRun(START)
    with start_harness(folder, bills=3, every="5m", clock=lambda: hands.now) as under_test:
        hands.rig = under_test
        hands.step()
        assert under_test.taken == 0, "the first poll is silent"
        yield hands, under_test


def unreachable(under_test: Harness) -> AbstractContextManager[None]:
    return under_test.no_mail()


def behaving(fate: Behaviour) -> Callable[[Harness], AbstractContextManager[None]]:
    @contextmanager
    def so(under_test: Harness) -> Iterator[None]:
        usual, under_test.mail.verdict = under_test.mail.verdict, lambda _to: fate
        try:
            yield
        finally:
            under_test.mail.verdict = usual

    return so


@pytest.mark.parametrize(
    "outage",
    [
        pytest.param(unreachable, id="nobody listens"),
        pytest.param(
            behaving(Behaviour.REFUSE_EARLY), id="the server refuses before the message", marks=pytest.mark.slow
        ),
        pytest.param(
            behaving(Behaviour.REFUSE_LATER), id="the server refuses after the message", marks=pytest.mark.slow
        ),
        pytest.param(
            behaving(Behaviour.RESET_BEFORE),
            id="the connection breaks in the middle of the message",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_an_hour_without_mail_loses_and_repeats_nothing(
    tmp_path: Path, outage: Callable[[Harness], AbstractContextManager[None]]
) -> None:
    dice = random.Random(1)
    with stepped_run(tmp_path) as (hands, under_test):
        under_test.origin.touch(9001)
        hands.step()
        assert under_test.taken == 0, "a stamp that moved is not news"
        with outage(under_test):
            for _ in range(6):
                under_test.origin.publish(dice.choice(sorted(under_test.origin.bills)))
                hands.step()
            assert len(under_test.mail.so_far()) == 0
            others = (under_test.slack, under_test.archive)
            assert [len(sink.so_far()) for sink in others] == [6, 6], "a dead channel delays nobody else"
        hands.settle()
        verdict = hands.verdict()
        assert (verdict.faults, verdict.repeats, verdict.ok) == ((), 0, 6 * len(RECIPIENTS))
        assert {message.to for message in under_test.mail.so_far()} == set(PEOPLE)
        assert {message.to for message in under_test.slack.so_far()} == {ROOM}


def test_receivers_that_fail_after_taking_get_the_same_bytes_again(tmp_path: Path) -> None:
    """A receiver that hangs up after taking leaves a marked repeat; one that denies what it took explains its own."""
    dice = random.Random(2)
    ways = (Behaviour.TAKE, Behaviour.RESET_AFTER, Behaviour.ERROR_AFTER)
    with stepped_run(tmp_path) as (hands, under_test):
        usual = [sink.verdict for sink in under_test.sinks]
        for sink in under_test.sinks:
            sink.verdict = lambda _to: dice.choice(ways)
        for _ in range(4):
            under_test.origin.publish(dice.choice(sorted(under_test.origin.bills)))
            hands.step()
        for sink, before in zip(under_test.sinks, usual, strict=True):
            sink.verdict = before
        hands.settle()
        verdict = hands.verdict()
        assert verdict.faults == ()
        assert {repeat.marked for repeat in verdict.repeated} >= {True}
        assert any(repeat.denials for repeat in verdict.repeated)


FAULTS = (
    "poll.before_record:1",
    "poll.after_record:1",
    "store.before_commit:4",
    "store.after_commit:4",
    "dispatch.after_claim:1",
    "dispatch.marked:1",
    "dispatch.after_send:1",
    "dispatch.after_finish:1",
)


def test_a_fault_of_our_own_loses_nothing_and_hides_no_repeat(tmp_path: Path) -> None:
    """An exception at each place is logged once and survived; what a receiver had taken by then is marked when it is
    sent again."""
    windows: Counter[str] = Counter()
    with stepped_run(tmp_path) as (hands, under_test):
        numbers = sorted(under_test.origin.bills)
        for turn, place in enumerate(FAULTS):
            before = under_test.received_ids()
            under_test.origin.publish(numbers[turn % len(numbers)])
            hands.step(failpoint=f"{place}:raise")
            fresh = under_test.received_ids() - before
            count_cut_offs(fresh.elements(), under_test.examine().settled(), windows)
        hands.settle()
        verdict = hands.verdict(own_faults=len(FAULTS), cut_off=windows)
        assert (verdict.faults, verdict.ok) == ((), len(FAULTS) * len(RECIPIENTS))
        assert verdict.repeats == windows.total() == 1
