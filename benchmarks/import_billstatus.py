"""How fast are bulk files imported, database included, and does memory stay flat?

Replicates the recorded files under new bill numbers into an archive (*constructed*), imports N of them and then 4 N
in processes of their own, and prints bills a second, CPU milliseconds a bill, the longest time the write lock was held,
and the peak of memory. Give N as the argument (2,000 unless said). Exits 1 when memory grew with the number of bills by
more than a tenth, or a second import changed anything; 2 where the recorded files are absent.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from domain.observation import Evidence
from domain.ports import Transaction
from domain.records.detection import NewRevision
from monitor.service import bulk_files
from monitor.service.bulk_import import import_files, parse_pool
from storage.store import DatabaseStore, open_store

RECORDED = Path(__file__).parents[2] / "shared" / "corpus" / "congress" / "billstatus"
REFERENCE = 190
"""Bills a second of the field's reference converter at its best, on two cores."""

MOST_GROWTH = 1.1
_NUMBER = re.compile(rb"<(number|billNumber)>\d+</")


def now() -> datetime:
    return datetime.now(UTC)


def build(path: Path, bills: int) -> None:
    """Write an archive of so many bills, each a recorded one under a number that it never had."""
    recorded = sorted(RECORDED.rglob("*.xml"))
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number in range(bills):
            body = recorded[number % len(recorded)].read_bytes()
            named = _NUMBER.sub(rb"<\g<1>>%d</" % (20_000 + number), body, count=1)
            archive.writestr(f"BILLSTATUS-constructed-{number}.xml", named)


class Watched:
    """A store that remembers how long its transactions lasted."""

    def __init__(self, store: DatabaseStore) -> None:
        self._store = store
        self.read, self.close = store.read, store.close
        self.longest = 0.0

    @contextmanager
    def begin(
        self, ahead: Sequence[NewRevision | Evidence] = (), *, only: Sequence[str] | None = None
    ) -> Iterator[Transaction]:
        with self._store.begin(ahead, only=only) as tx:
            began = time.perf_counter()
            yield tx
        self.longest = max(self.longest, time.perf_counter() - began)


def spent() -> float:
    return sum(
        r.ru_utime + r.ru_stime for r in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def measure(archive: Path) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        store = Watched(open_store(Path(folder) / "record.db", rehearsal=False, now=now()))
        files = bulk_files.count_files([archive])
        found = {}
        for turn in ("first", "second"):
            began, cpu = time.perf_counter(), spent()
            with parse_pool(files) as read:
                tally = import_files(bulk_files.read_files([archive]), store, now, read=read)
            seconds = time.perf_counter() - began
            found |= {f"{turn}_rate": files / seconds, f"{turn}_cpu": spent() - cpu, f"{turn}_new": tally.new}
        store.close()
        size = sum(part.stat().st_size for part in Path(folder).iterdir())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {**found, "bad": tally.bad, "lock_ms": store.longest * 1000, "peak_mb": peak, "db_bytes": size / files}


def main(bills: int) -> int:
    if not RECORDED.exists():
        print("import_billstatus: the recorded files are not beside the checkout")
        return 2
    peaks = []
    changed = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for count in (bills, 4 * bills):
            archive = Path(folder) / f"{count}.zip"
            build(archive, count)
            said = subprocess.run(
                [sys.executable, "-m", __spec__.name, "--measure", str(archive)], stdout=subprocess.PIPE, check=True
            )
            m = json.loads(said.stdout)
            archive.unlink()
            rate, cpu = m["first_rate"], m["first_cpu"] / count * 1000
            print(
                f"import_billstatus bills={count} rate={rate:.0f}/s ratio={rate / REFERENCE:.1f} cpu_ms={cpu:.2f} "
                f"again={m['second_rate']:.0f}/s lock_ms={m['lock_ms']:.0f} peak_mb={m['peak_mb']:.0f} "
                f"db_bytes={m['db_bytes']:.0f} cpus={os.cpu_count()} load={os.getloadavg()[0]:.1f}",
                flush=True,
            )
            peaks.append(m["peak_mb"])
            changed += m["second_new"] + m["bad"]
    return int(peaks[1] > peaks[0] * MOST_GROWTH or changed > 0)


if __name__ == "__main__":
    if "--measure" in sys.argv:
        print(json.dumps(measure(Path(sys.argv[-1]))))
        sys.exit(0)
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 2000))
