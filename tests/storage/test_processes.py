"""What several processes, threads and sudden ends do to the record: nothing."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage.reader import open_reader
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, first, titled

ROOT = Path(__file__).parents[2]

COUNT = """
import sys, threading
from domain.errors import Conflict
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, after, titled

store = open_store(sys.argv[1], rehearsal=False, now=NOW)

def increase():
    with store.read() as view:
        record = view.record(BILL)
    step = after(record, titled(str(int(record.title) + 1)))
    try:
        with store.begin() as tx:
            tx.save(step)
    except Conflict:
        return False
    return True

def work():
    done = 0
    while done < int(sys.argv[2]):
        done += increase()

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads: thread.start()
for thread in threads: thread.join()
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_three_processes_of_four_threads_lose_no_update(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first(facets=titled("0")))
    writers = [started(COUNT, str(path), "60") for _ in range(3)]
    for writer in writers:
        _, complaints = writer.communicate(timeout=110)
        assert (writer.returncode, complaints) == (0, "")
    with store.read() as view:
        record = view.record(BILL)
    store.close()
    assert record is not None
    assert (record.title, record.revision) == ("720", 721)


OPEN = """
import sys
from storage.store import open_store
from tests.helpers.record_builders import NOW
open_store(sys.argv[1], rehearsal=False, now=NOW).close()
"""


def test_many_may_begin_a_record_at_once(path: Path) -> None:
    openers = [started(OPEN, str(path)) for _ in range(4)]
    for opener in openers:
        _, complaints = opener.communicate(timeout=120)
        assert (opener.returncode, complaints) == (0, "")
    with open_reader(path) as reader:
        assert reader.status_rows() == ()


DIE = """
import os, signal, sys
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, after, alert, titled

reached = []
def trace(name):
    reached.append(name)
    if name == sys.argv[2]:
        os.kill(os.getpid(), signal.SIGKILL)

store = open_store(sys.argv[1], rehearsal=False, now=NOW, trace=trace)
with store.read() as view:
    record = view.record(BILL)
with store.begin() as tx:
    tx.save(after(record, titled("new")))
    tx.enqueue(alert(), ["a"], NOW)
print(*reached)
"""

POINTS = {
    "store.before_begin": "old",
    "store.after_begin": "old",
    "store.before_change": "old",
    "store.between_change_and_outbox": "old",
    "store.before_commit": "old",
    "store.after_commit": "new",
    "nowhere": "new",
}


@pytest.mark.parametrize(("point", "left"), POINTS.items(), ids=POINTS)
def test_an_end_in_the_middle_leaves_the_old_or_the_new(path: Path, point: str, left: str) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first(facets=titled("old")))
    store.close()
    dying = started(DIE, str(path), point)
    reached, complaints = dying.communicate(timeout=120)
    assert complaints == ""
    assert dying.returncode == (0 if point == "nowhere" else -signal.SIGKILL)
    if point == "nowhere":
        assert set(reached.split()) == set(POINTS) - {"nowhere"}
    store = open_store(path, rehearsal=False, now=NOW)
    with store.read() as view:
        record = view.record(BILL)
        waits = bool(view.stranded(()))
    store.close()
    assert record is not None
    assert (record.title, waits) == (left, left == "new")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


WRITE = """
import sys
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, after, titled

store = open_store(sys.argv[1], rehearsal=False, now=NOW)
print("writing", flush=True)
while True:
    with store.read() as view:
        record = view.record(BILL)
    with store.begin() as tx:
        tx.save(after(record, titled(f"revision {record.revision + 1}")))
"""


def test_readers_always_see_a_whole_state_while_another_process_writes(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first(facets=titled("revision 1")))
    store.close()
    writer = started(WRITE, str(path))
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        seen = set()
        until = time.monotonic() + 120
        while len(seen) < 20 and time.monotonic() < until:
            with open_reader(path) as reader:
                (standing,) = reader.status_rows()
            assert standing.title == f"revision {standing.revision}"
            seen.add(standing.revision)
        assert len(seen) >= 20
    finally:
        writer.kill()
        writer.communicate()
