"""What does the service cost while nothing is due, with 10,000 watches?

    python -m benchmarks.idle [WATCHES]

The feeds (constructed, of one entry) are read once by `run --once`; then `run` starts at the same instant of its clock,
so that for hours nothing is due. CPU is that of the second half of two minutes, memory the peak of the whole. Exits 1
above 1 % of a core or 120 MB.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmarks.many_sources import FIRST, LEXWATCH

BUDGET_SHARE, BUDGET_MB = 0.01, 120
SETTLE, MEASURE = 60, 60
"""Seconds."""


def cpu_of(process: int) -> float:
    """Return the CPU seconds a process has used (proc(5): utime and stime)."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def peak_of(process: int) -> float:
    """Return the largest resident size of a process, in MB."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure(folder: Path, origin: str, watches: int) -> tuple[float, float]:
    tables = "".join(f'[[watch]]\nfeed = "{origin}/{n}"\nname = "feed {n}"\nevery = "1d"\n' for n in range(watches))
    config = folder / "config.toml"
    head = '[service]\ndatabase = "b.db"\n[http]\nallow_hosts = ["127.0.0.1"]\n'
    config.write_text(f'{head}[[channel]]\nname = "terminal"\nkind = "console"\n{tables}', encoding="utf-8")
    command = [*LEXWATCH, "--config", str(config), "--now", FIRST, "run"]
    subprocess.run([*command, "--once"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=True)
    service = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        time.sleep(SETTLE)
        before = cpu_of(service.pid)
        time.sleep(MEASURE)
        return (cpu_of(service.pid) - before) / MEASURE, peak_of(service.pid)
    finally:
        service.terminate()
        service.wait(timeout=60)


def main(watches: int) -> int:
    serve = [sys.executable, "-m", "benchmarks.many_sources", "serve"]
    origin = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    assert origin.stdout is not None
    try:
        with tempfile.TemporaryDirectory() as folder:
            address = f"http://127.0.0.1:{origin.stdout.readline().strip()}"
            share, peak = measure(Path(folder), address, watches)
    finally:
        origin.kill()
        origin.wait()
    print(
        f"idle: {watches} watches, {share:.2%} of a core (budget {BUDGET_SHARE:.0%}), {peak:.0f} MB "
        f"(budget {BUDGET_MB}) load={os.getloadavg()[0]:.1f}"
    )
    return int(share > BUDGET_SHARE or peak > BUDGET_MB)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000))
