"""The long proof: `python -m tests.chaos --kills 200 --seed 1` prints the report; exit status 1 if it is not sound."""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.chaos.kills import Plan, ordeal
from tests.chaos.rig import rig


def main() -> int:
    options = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    options.add_argument("--kills", type=int, default=200, help="random SIGKILLs (default 200)")
    options.add_argument("--seed", type=int, default=1, help="what everything random follows from (default 1)")
    options.add_argument("--bills", type=int, default=12, help="constructed bills that are watched (default 12)")
    options.add_argument("--schedule", action="store_true", help="print how every life ended")
    options.add_argument("--keep", action="store_true", help="leave the folder with database and log behind")
    chosen = options.parse_args()
    started = time.monotonic()
    with _folder(chosen.keep) as folder:
        with rig(Path(folder), chosen.bills) as under_test:
            report = ordeal(under_test, Plan.drawn(chosen.seed, chosen.kills, deeper=True))
        if chosen.schedule or report.faults():
            print("\n".join(report.schedule))
        print(report)
        print(f"took {time.monotonic() - started:.0f} s" + (f", kept in {folder}" if chosen.keep else ""))
    return 1 if report.faults() else 0


@contextmanager
def _folder(keep: bool) -> Iterator[str]:
    folder = tempfile.mkdtemp(prefix="lexwatch-chaos-")
    try:
        yield folder
    finally:
        if not keep:
            shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())
