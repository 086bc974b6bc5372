"""Never lost, never invented, once: does it hold while the service is killed?"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.chaos.kills import Plan, Report, ordeal
from tests.chaos.rig import MUTANTS, rig

pytestmark = pytest.mark.chaos


def undergo(folder: Path, plan: Plan, mutant: str | None = None) -> Report:
    command = (MUTANTS, mutant) if mutant else ("-m", "monitor.cli")
    with rig(folder, bills=6, command=command) as under_test:
        report = ordeal(under_test, plan)
    print(report, *report.schedule, sep="\n")
    return report


@pytest.mark.timeout(300)
def test_nothing_is_lost_by_kills_at_random_and_at_every_failpoint(tmp_path: Path) -> None:
    report = undergo(tmp_path, Plan.drawn(seed=20260106, kills=12))
    assert report.faults() == []
    assert report.verdict is not None
    assert report.verdict.ok > 100
    assert report.windows, "no death fell between acceptance and record: the run proved nothing about repeats"
    assert report.verdict.repeats > 0


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("mutant", "failpoints", "fault"),
    [
        pytest.param(
            "record-before-send",
            ["dispatch.before_send:1:exit"] * 6,
            "lost",
            id="recording before sending loses what was in hand",
        ),
        pytest.param(
            "outbox-apart",
            [f"store.between_change_and_outbox:{nth}:exit" for nth in (2, 3, 2, 3)],
            "lost",
            id="an outbox in a transaction of its own loses what was not yet in it",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "position-first",
            ["store.before_change:1:exit"] * 2,
            "lost",
            id="moving the position before the changes are stored loses them",
            marks=pytest.mark.slow,
        ),
        pytest.param(
            "unmarked",
            ["dispatch.after_send:1:exit"],
            "possible repeat",
            id="a repeat that is not marked is noticed",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_the_harness_turns_red(tmp_path: Path, mutant: str, failpoints: list[str], fault: str) -> None:
    """The places are passed at every page, with news or without, so some mutants are cut off there more than once."""
    report = undergo(tmp_path, Plan(seed=1, kills=0, failpoints=tuple(failpoints), illness=0), mutant)
    assert any(fault in said for said in report.faults())
