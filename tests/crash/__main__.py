"""The long proof: `python -m tests.chaos --kills 1000 --seed 1` prints the report; exit status 1 if it is not sound.

The kills are shared out among installations of their own, `--at-once` of them at a time. With `--results FOLDER` each
leaves its figures there when it ends, and a run that was broken off goes on with those that are missing.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from tests.crash.fixture import FULL, START
from tests.crash.harness import CHECKOUT, start_harness
from tests.crash.kill_runs import KillPlan, run_kills
from tests.helpers.timing import FakeClock


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    options.add_argument("--kills", type=int, default=200, help="random SIGKILLs (default 200)")
    options.add_argument("--seed", type=int, default=1, help="what everything random follows from (default 1)")
    options.add_argument("--bills", type=int, default=12, help="constructed bills that are watched (default 12)")
    options.add_argument("--each", type=int, default=100, help="kills of one installation (default 100)")
    options.add_argument("--at-once", type=int, default=3, help="installations that run together (default 3)")
    options.add_argument("--results", type=Path, help="a folder that keeps the figures of each installation")
    options.add_argument("--schedule", action="store_true", help="print how every life ended")
    options.add_argument("--keep", action="store_true", help="leave the folder with database and log behind")
    options.add_argument("--alone", action="store_true", help="one installation, in this very process")
    chosen = options.parse_args()
    if chosen.alone:
        return _alone(chosen)
    with _folder(keep=True, at=chosen.results) as results:
        return _together(chosen, Path(results))


def _together(chosen: argparse.Namespace, results: Path) -> int:
    """Run as many installations as the kills need, the seeds one after the other, and add up their figures."""
    started = time.monotonic()
    seeds = [chosen.seed + place for place in range(-(-chosen.kills // chosen.each))]
    files = {seed: results / f"seed-{seed}-{chosen.each}-{chosen.bills}.json" for seed in seeds}
    missing = [seed for seed in seeds if not files[seed].exists()]
    with ThreadPoolExecutor(chosen.at_once) as crew:
        list(crew.map(lambda seed: _one(chosen, seed, files[seed]), missing))
    total: Counter[str] = Counter()
    for seed in seeds:
        total.update(json.loads(files[seed].read_text()) if files[seed].exists() else {"broken_off": 1})
    print(f"all: {json.dumps(total)}\ntook {time.monotonic() - started:.0f} s, figures in {results}")
    return 1 if total["faults"] or total["broken_off"] else 0


def _one(chosen: argparse.Namespace, seed: int, figures: Path) -> None:
    line = [sys.executable, "-m", "tests.chaos", "--alone", "--seed", str(seed), "--kills", str(chosen.each)]
    line += ["--bills", str(chosen.bills), "--results", str(figures)]
    line += [flag for flag, wanted in (("--schedule", chosen.schedule), ("--keep", chosen.keep)) if wanted]
    print(subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False).stdout, flush=True)


def _alone(chosen: argparse.Namespace) -> int:
    dial = FakeClock(START)
    with _folder(chosen.keep) as folder:
        with start_harness(Path(folder), chosen.bills, scene=FULL, clock=dial, rehearsing=True) as under_test:
            report = run_kills(under_test, KillPlan.drawn(chosen.seed, chosen.kills, deeper=True), dial)
        if chosen.schedule or report.faults():
            print("\n".join(report.schedule))
        print(report)
        if chosen.keep:
            print(f"kept in {folder}")
    if chosen.results:
        chosen.results.write_text(json.dumps(report.figures()))
    return 1 if report.faults() else 0


@contextmanager
def _folder(keep: bool, at: Path | None = None) -> Iterator[str]:
    if at is not None:
        at.mkdir(parents=True, exist_ok=True)
    folder = str(at) if at is not None else tempfile.mkdtemp(prefix="lexwatch-chaos-")
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
