"""Does the harness notice when the product breaks its order?

Each mutant gets the few steps that must betray it, one after the other, with nothing left to chance or to speed.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest

from tests.crash.fixture import FULL, START
from tests.crash.harness import start_harness
from tests.crash.kill_runs import KillPlan, KillRunner, evaluate
from tests.crash.receivers import Behaviour
from tests.crash.report import KillReport
from tests.helpers.timing import FakeClock

pytestmark = [pytest.mark.crash, pytest.mark.timeout(300)]

BILL, BILLS = 9001, 10
AFTER_A_BURST = timedelta(minutes=6)


def publish_and_run(runner: KillRunner, failpoint: str | None = None, bill: int = BILL) -> None:
    """Let something happen to a bill, and run once, up to a failpoint or to the end."""
    runner.harness.origin.publish(bill)
    runner.clock.skip(AFTER_A_BURST)
    runner.run_once(failpoint)


def die_before_the_first_send(runner: KillRunner) -> None:
    publish_and_run(runner, "dispatch.before_send:1:exit")


def die_after_the_first_send(runner: KillRunner) -> None:
    publish_and_run(runner, "dispatch.after_send:1:exit")


def die_before_the_digest_is_sent(runner: KillRunner) -> None:
    publish_and_run(runner)
    for hour, failpoint in (
        (22, None),
        (7, None),
        (8, "dispatch.before_send:1:exit"),
    ):  # the digest goes alone at eight
        runner.clock.skip(runner.clock.until(hour, 5))
        runner.run_once(failpoint)


def correct_what_was_told(runner: KillRunner) -> None:
    publish_and_run(runner)
    runner.harness.origin.correct(runner.rng)
    runner.clock.skip(AFTER_A_BURST)
    runner.run_once()


def leave_a_channel_without_receiver(runner: KillRunner) -> None:
    runner.harness.relay.behave = lambda _to: Behaviour.REFUSE_LATER
    for _ in range(4):
        publish_and_run(runner)
    runner.harness.relay.behave = lambda _to: Behaviour.TAKE


def die_before_the_change_is_stored(runner: KillRunner) -> None:
    for nth in range(1, 5):
        for bill in (BILL + 2 * nth, BILL + 2 * nth + 1):
            runner.harness.origin.publish(bill, "text")
        publish_and_run(runner, f"store.before_change:{nth}:exit", BILL + nth)


def die_at_each_of_the_first_commits(runner: KillRunner) -> None:
    """A bill of its own each time: what happens to a bill later makes the whole bill be read again."""
    for nth in range(1, BILLS):
        publish_and_run(runner, f"store.after_commit:{nth}:exit", BILL + nth)


def publish_more_than_a_message_shows(runner: KillRunner) -> None:
    for _ in range(80):
        runner.harness.origin.publish(BILL)
    publish_and_run(runner)


def restore_a_backup(runner: KillRunner) -> None:
    """What is read after it is told under the numbers of revisions that were told before, in other words."""
    runner.save_backup()
    publish_and_run(runner)
    runner.restore_backup()
    publish_and_run(runner)


def lose_the_database(runner: KillRunner) -> None:
    runner.lose_database()


MUTANTS: dict[str, tuple[str, Callable[[KillRunner], None], str]] = {
    "recording before sending loses what was in hand": ("record-before-send", die_before_the_first_send, "lost: "),
    "a repeat that is not marked is noticed": ("unmarked", die_after_the_first_send, "possible repeat"),
    "a digest called sent before it was accepted is lost": (
        "digest-before-accepted",
        die_before_the_digest_is_sent,
        "lost: ",
    ),
    "withdrawing what was sent hides the mistake from its reader": (
        "withdrawn-after-sent",
        correct_what_was_told,
        "misled: ",
    ),
    "a channel that drops what it cannot send loses it": ("circuit-drops", leave_a_channel_without_receiver, "lost: "),
    "a correction to who never heard what it corrects is noticed": (
        "correction-to-everybody",
        correct_what_was_told,
        "unexpected",
    ),
    "an outbox in a transaction of its own loses what was not yet in it": (
        "outbox-apart",
        die_at_each_of_the_first_commits,
        "lost: ",
    ),
    "changes that a message leaves out are lost unless it is recorded that it names their bill alone": (
        "shortened-unsaid",
        publish_more_than_a_message_shows,
        "lost: ",
    ),
    "a restored backup that is taken for the latest state tells again unmarked": (
        "restore-unnoticed",
        restore_a_backup,
        "with different bytes",
    ),
    "a lost database that is begun anew is noticed": (
        "lost-database-accepted",
        lose_the_database,
        "a lost database was not refused",
    ),
    "moving the position before the changes are stored loses them": (
        "position-first",
        die_before_the_change_is_stored,
        "lost: ",
    ),
}


SCRIPTS = tuple(dict.fromkeys(script for _, script, _ in MUTANTS.values()))
ALWAYS = ("record-before-send", "unmarked")
"""The mutants of each default run; the others are proved under `-m slow`."""
QUICK = (die_before_the_first_send, die_after_the_first_send, restore_a_backup, lose_the_database)


@pytest.mark.parametrize(
    ("mutant", "script", "fault"),
    [pytest.param(*row, id=id, marks=() if row[0] in ALWAYS else pytest.mark.slow) for id, row in MUTANTS.items()],
)
def test_a_broken_order_is_noticed(
    tmp_path: Path, mutant: str, script: Callable[[KillRunner], None], fault: str
) -> None:
    assert any(fault in said for said in faults_after(tmp_path, script, mutant=mutant))


@pytest.mark.parametrize(
    "scripts",
    [pytest.param(QUICK, id="the quick ones"), pytest.param(SCRIPTS, id="all of them", marks=pytest.mark.slow)],
)
def test_the_product_itself_passes_the_same_steps(
    tmp_path: Path, scripts: tuple[Callable[[KillRunner], None], ...]
) -> None:
    assert faults_after(tmp_path, *scripts) == []


def faults_after(folder: Path, *scripts: Callable[[KillRunner], None], mutant: str | None = None) -> list[str]:
    clock = FakeClock(START)
    plan = KillPlan(1, 0, absence=0, continuous=False)
    with start_harness(folder, bills=BILLS, fixture=FULL, mutant=mutant, clock=clock, simulated=True) as harness:
        report = KillReport(mutant or "no mutant", recipients=len(FULL.recipients))
        runner = KillRunner(harness, report, random.Random(1), clock, plan)
        past = runner.read_baseline(runner.run_once)
        for script in scripts:
            script(runner)
        evaluate(runner, past, runner.run_until_idle())
    print(report, *report.schedule, sep="\n")
    return report.faults()
