"""Is every row of the speed budget (docs/for-developers/benchmarks.md) kept?

    python -m benchmarks [ROW…]

Each row is a module of its own, run as a process; it prints its ratios and exits 1 above its budget, 2 where what it
needs is not there. All of them take about half an hour on two idle cores.
"""

from __future__ import annotations

import subprocess
import sys
import time

ROWS = {
    "unchanged_poll": "a poll that finds nothing, beside a bare requests GET",
    "feeds_against_reader": "1,000 feeds, first reading and unchanged, beside lemon24/reader",
    "whole_congress": "every bill of a Congress, k of them touched",
    "import_billstatus": "bulk files imported, bills a second",
    "status": "status on 30,000 bills, beside import sqlmodel",
    "many_sources": "sources, status, check, alerts with 1,000 and 10,000",
    "idle": "10,000 watches while nothing is due",
    "storage_size": "30,000 bills in three revisions",
    "write_lock": "how long the write lock is held",
    "on_postgresql": "a record of 30,000 bills that moves to PostgreSQL, and 100,000 watches there",
    "cost_of_a_message": "processor time of a message and of a quiet poll on SQLite and on PostgreSQL",
    "workers": "polls and deliveries a second with 1, 2, 4 workers on PostgreSQL, and on SQLite",
}
OUTCOMES = {0: "kept", 1: "over budget", 2: "not measured"}


def main(rows: list[str]) -> int:
    unknown = [row for row in rows if row not in ROWS]
    if unknown:
        print(f"expected rows among {', '.join(ROWS)}; saw {', '.join(unknown)}")
        return 2
    outcomes = {}
    for row in rows or ROWS:
        print(f"\n== {row}: {ROWS[row]}", flush=True)
        began = time.perf_counter()
        code = subprocess.run([sys.executable, "-m", f"benchmarks.{row}"]).returncode
        outcomes[row] = OUTCOMES.get(code, f"failed ({code})")
        print(f"   {outcomes[row]}, {time.perf_counter() - began:.0f} s", flush=True)
    print("\n" + "\n".join(f"{row}: {outcome}" for row, outcome in outcomes.items()))
    return int(any(outcome not in ("kept", "not measured") for outcome in outcomes.values()))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
