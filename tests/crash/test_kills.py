"""Never lost, never invented, once: does it hold while the service is killed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.crash.fixture import FULL, START
from tests.crash.harness import start_harness
from tests.crash.kill_runs import KillPlan, run_kills
from tests.crash.publisher import CORRECTED_SHARE
from tests.crash.report import KillReport
from tests.helpers.timing import FakeClock

pytestmark = pytest.mark.chaos


def run_plan(folder: Path, plan: KillPlan, mutant: str | None = None) -> KillReport:
    dial = FakeClock(START)
    with start_harness(folder, bills=6, scene=FULL, mutant=mutant, clock=dial, rehearsing=True) as under_test:
        report = run_kills(under_test, plan, dial)
    print(report, *report.schedule, sep="\n")
    return report


@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    "plan",
    [
        pytest.param(KillPlan.short(seed=20260106, kills=10), id="a short run"),
        pytest.param(
            KillPlan.drawn(seed=20260107, kills=40, deeper=True),
            id="a run through every failpoint",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_nothing_is_lost_by_kills_at_random_and_at_every_failpoint(tmp_path: Path, plan: KillPlan) -> None:
    """By every kind of channel and in every way: at once, with a digest, after a quiet night, put right, reminded."""
    report = run_plan(tmp_path, plan)
    assert report.faults() == []
    assert report.verdict is not None
    assert report.verdict.ok > 100
    assert report.corrected > 0
    assert report.windows, "no death fell between acceptance and record: the run proved nothing about repeats"
    assert report.verdict.repeats > 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("mutant", "failpoints", "kills", "fault"),
    [
        pytest.param(
            "record-before-send",
            ["dispatch.before_send:1:exit"] * 4,
            0,
            "lost",
            id="recording before sending loses what was in hand",
        ),
        pytest.param(
            "digest-before-accepted",
            ["store.before_commit:1:exit"] * 2,
            40,
            "lost: ",
            id="a digest called sent before it was accepted is lost",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "withdrawn-after-sent",
            [],
            25,
            "told twice",
            id="withdrawing what was sent tells its reader again, and not of the mistake",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "circuit-drops",
            ["dispatch.circuit_saved:1:exit"],
            25,
            "lost: ",
            id="a channel that drops what it cannot send loses it",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "correction-to-everybody",
            [],
            25,
            "unexpected",
            id="a correction to who never heard what it corrects is noticed",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "outbox-apart",
            [f"store.between_change_and_outbox:{nth}:exit" for nth in (2, 3, 2, 3)],
            0,
            "lost",
            id="an outbox in a transaction of its own loses what was not yet in it",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "position-first",
            ["store.before_change:1:exit"] * 4,
            0,
            "lost",
            id="moving the position before the changes are stored loses them",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "unmarked",
            ["dispatch.after_send:1:exit"],
            0,
            "possible repeat",
            id="a repeat that is not marked is noticed",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_harness_turns_red(tmp_path: Path, mutant: str, failpoints: list[str], kills: int, fault: str) -> None:
    """The places are passed at every page, with news or without, so some mutants are cut off there more than once."""
    righted = 0.4 if mutant == "withdrawn-after-sent" else CORRECTED_SHARE
    report = run_plan(tmp_path, KillPlan(1, kills, tuple(failpoints), illness=0, righted=righted), mutant)
    assert any(fault in said for said in report.faults())
