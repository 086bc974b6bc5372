"""The long proof: `python -m tests.crash --kills 1000 --seed 1` prints the report; exit status 1 if it is not sound.

The kills are shared out among installations of their own, `--at-once` of them at a time. With `--results FOLDER` each
leaves its figures there when it ends, and a run that was broken off goes on with those that are missing.

`--database postgresql --workers 3` does it to several workers on one server, which is restarted and from which they
are cut off besides: once each for every thirty kills.
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
from tests.crash.worker_kills import run_on_postgresql
from tests.helpers.timing import FakeClock


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.crash", description=__doc__)
    parser.add_argument("--kills", type=int, default=200, help="random SIGKILLs (default 200)")
    parser.add_argument("--seed", type=int, default=1, help="what everything random follows from (default 1)")
    parser.add_argument("--bills", type=int, default=12, help="constructed bills that are watched (default 12)")
    parser.add_argument("--each", type=int, default=100, help="kills of one installation (default 100)")
    parser.add_argument("--at-once", type=int, default=3, help="installations that run together (default 3)")
    parser.add_argument("--results", type=Path, help="a folder that keeps the figures of each installation")
    parser.add_argument("--schedule", action="store_true", help="print how every process ended")
    parser.add_argument("--keep", action="store_true", help="leave the folder with database and log behind")
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite", help="default sqlite")
    parser.add_argument("--workers", type=int, default=3, help="on postgresql: workers that share it (default 3)")
    parser.add_argument("--single", action="store_true", help="one installation, in this very process")
    options = parser.parse_args()
    if options.single:
        return _run_single(options)
    with _folder(keep=True, at=options.results) as results:
        return _run_all(options, Path(results))


def _run_all(options: argparse.Namespace, results: Path) -> int:
    """Run as many installations as the kills need, the seeds one after the other, and add up their figures."""
    started = time.monotonic()
    seeds = [options.seed + place for place in range(-(-options.kills // options.each))]
    files = {s: results / f"{options.database}-{s}-{options.each}-{options.bills}.json" for s in seeds}
    missing = [seed for seed in seeds if not files[seed].exists()]
    with ThreadPoolExecutor(options.at_once) as pool:
        list(pool.map(lambda seed: _run_process(options, seed, files[seed]), missing))
    total: Counter[str] = Counter()
    for seed in seeds:
        total.update(json.loads(files[seed].read_text()) if files[seed].exists() else {"broken_off": 1})
    print(f"all: {json.dumps(total)}\ntook {time.monotonic() - started:.0f} s, figures in {results}")
    return 1 if total["faults"] or total["broken_off"] else 0


def _run_process(options: argparse.Namespace, seed: int, figures: Path) -> None:
    line = [sys.executable, "-m", "tests.crash", "--single", "--seed", str(seed), "--kills", str(options.each)]
    line += ["--bills", str(options.bills), "--results", str(figures)]
    line += ["--database", options.database, "--workers", str(options.workers)]
    line += [flag for flag, wanted in (("--schedule", options.schedule), ("--keep", options.keep)) if wanted]
    done = subprocess.run(line, cwd=CHECKOUT, capture_output=True, text=True, check=False)
    print(done.stdout + done.stderr, flush=True)


def _run_single(options: argparse.Namespace) -> int:
    if options.database == "postgresql":
        found = run_on_postgresql(options)
        print(found)
        if options.results:
            options.results.write_text(json.dumps(found.figures()))
        return 1 if found.faults() else 0
    clock = FakeClock(START)
    with _folder(options.keep) as folder:
        with start_harness(Path(folder), options.bills, fixture=FULL, clock=clock, simulated=True) as harness:
            report = run_kills(harness, KillPlan.whole(options.seed, options.kills, twice=True), clock)
        report.timed = True
        if options.schedule or report.faults():
            print("\n".join(report.schedule))
        print(report)
        if options.keep:
            print(f"kept in {folder}")
    if options.results:
        options.results.write_text(json.dumps(report.figures()))
    return 1 if report.faults() else 0


@contextmanager
def _folder(keep: bool, at: Path | None = None) -> Iterator[str]:
    if at is not None:
        at.mkdir(parents=True, exist_ok=True)
    folder = str(at) if at is not None else tempfile.mkdtemp(prefix="lexwatch-crash-")
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
