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
from tests.helpers.timing import NO_HANG_SECONDS

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

START = datetime(2026, 1, 6, 10, tzinfo=UTC)
STEP = timedelta(minutes=10)
DAY = timedelta(days=1)


@dataclass(slots=True)
class SteppedRun:
    """A clock that is set by hand, and the harness that goes by it."""

    now: datetime
    harness: Harness | None = None

    def step(self, by: timedelta = STEP, failpoint: str | None = None) -> None:
        """Let time pass, then run everything that is due."""
        assert self.harness is not None
        self.now += by
        process = self.harness.start("run", "--once", now=self.now, failpoint=failpoint)
        assert process.wait(NO_HANG_SECONDS) in (0, 1)

    def settle(self) -> None:
        """Step on until nothing waits any more, for half a day at most."""
        assert self.harness is not None
        for _ in range(24):
            self.step(timedelta(minutes=30))
            if not self.harness.examine().unsettled():
                return

    def check(self, own_faults: int = 0, cut_off: Counter[str] | None = None) -> CheckResult:
        """Check what was taken, and how often lexwatch itself failed. `cut_off` counts, by delivery, the acceptances
        that lexwatch did not hear of; by default those that the receivers did not utter."""
        assert self.harness is not None
        taken = [message for receiver in self.harness.receivers for message in receiver.so_far()]
        unsaid = Counter(message.id for message in taken if not message.answered and not message.denied)
        assert self.harness.examine().unsettled() == set()
        assert len(self.harness.own_faults()) == own_faults, self.harness.own_faults()
        expected = Expected(dict(self.harness.origin.served), RECIPIENTS)
        return check(expected, taken, unsaid if cut_off is None else cut_off, self.harness.marked(), patience=DAY)


@contextmanager
def stepped_run(folder: Path) -> Iterator[tuple[SteppedRun, Harness]]:
    """Set up a harness with a simulated clock whose baseline has been read."""
    run = SteppedRun(START)
    with start_harness(folder, bills=3, every="5m", clock=lambda: run.now) as harness:
        run.harness = harness
        run.step()
        assert harness.taken == 0, "the first poll is silent"
        yield run, harness


def unreachable(harness: Harness) -> AbstractContextManager[None]:
    return harness.no_mail()


def behaving(behaviour: Behaviour) -> Callable[[Harness], AbstractContextManager[None]]:
    @contextmanager
    def so(harness: Harness) -> Iterator[None]:
        usual, harness.mail.behave = harness.mail.behave, lambda _to: behaviour
        try:
            yield
        finally:
            harness.mail.behave = usual

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
    rng = random.Random(1)
    with stepped_run(tmp_path) as (run, harness):
        harness.origin.touch(9001)
        run.step()
        assert harness.taken == 0, "a stamp that moved is not news"
        with outage(harness):
            for _ in range(6):
                harness.origin.publish(rng.choice(sorted(harness.origin.bills)))
                run.step()
            assert len(harness.mail.so_far()) == 0
            others = (harness.slack, harness.archive)
            assert [len(receiver.so_far()) for receiver in others] == [6, 6], "a dead channel delays nobody else"
        run.settle()
        result = run.check()
        assert (result.faults, result.repeats, result.ok) == ((), 0, 6 * len(RECIPIENTS))
        assert {message.to for message in harness.mail.so_far()} == set(PEOPLE)
        assert {message.to for message in harness.slack.so_far()} == {ROOM}


def test_receivers_that_fail_after_taking_get_the_same_bytes_again(tmp_path: Path) -> None:
    """A receiver that hangs up after taking leaves a marked repeat; one that denies what it took explains its own."""
    rng = random.Random(2)
    ways = (Behaviour.TAKE, Behaviour.RESET_AFTER, Behaviour.ERROR_AFTER)
    with stepped_run(tmp_path) as (run, harness):
        usual = [receiver.behave for receiver in harness.receivers]
        for receiver in harness.receivers:
            receiver.behave = lambda _to: rng.choice(ways)
        for _ in range(4):
            harness.origin.publish(rng.choice(sorted(harness.origin.bills)))
            run.step()
        for receiver, before in zip(harness.receivers, usual, strict=True):
            receiver.behave = before
        run.settle()
        result = run.check()
        assert result.faults == ()
        assert {repeat.marked for repeat in result.repeated} >= {True}
        assert any(repeat.denials for repeat in result.repeated)


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
    with stepped_run(tmp_path) as (run, harness):
        numbers = sorted(harness.origin.bills)
        for number, place in enumerate(FAULTS):
            before = harness.received_ids()
            harness.origin.publish(numbers[number % len(numbers)])
            run.step(failpoint=f"{place}:raise")
            fresh = harness.received_ids() - before
            count_cut_offs(fresh.elements(), harness.examine().settled(), windows)
            run.step()  # a source that fails again and again is asked more rarely: it recovers before the next fault
        run.settle()
        result = run.check(own_faults=len(FAULTS), cut_off=windows)
        assert (result.faults, result.ok) == ((), len(FAULTS) * len(RECIPIENTS))
        assert result.repeats == windows.total() == 1
