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

AT_ONCE = """
import os, sys, traceback

def at_once(*works):
    '''Do each in a process of its own, forked when everything is imported; return their statuses.'''
    children = []
    for work in works:
        children.append(os.fork())
        if not children[-1]:
            try:
                work()
            except BaseException:
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
    return [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children]
"""

COUNT = f"""{AT_ONCE}
import threading
from domain.errors import Conflict
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, after, titled

def increase(store):
    with store.read() as view:
        record = view.record(BILL)
    step = after(record, titled(str(int(record.title) + 1)))
    try:
        with store.begin() as tx:
            tx.save(step)
    except Conflict:
        return False
    return True

def work(store):
    done = 0
    while done < int(sys.argv[2]):
        done += increase(store)

def count():
    store = open_store(sys.argv[1], rehearsal=False, now=NOW)
    threads = [threading.Thread(target=work, args=(store,)) for _ in range(4)]
    for thread in threads: thread.start()
    for thread in threads: thread.join()

sys.exit(any(at_once(*[count] * 3)))
"""


def started(code: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code, *arguments], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def test_three_processes_of_four_threads_lose_no_update(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first(facets=titled("0")))
    store.close()
    writers = started(COUNT, str(path), "60")
    _, complaints = writers.communicate(timeout=120)
    assert (writers.returncode, complaints) == (0, "")
    store = open_store(path, rehearsal=False, now=NOW)
    with store.read() as view:
        record = view.record(BILL)
    store.close()
    assert record is not None
    assert (record.title, record.revision) == ("720", 721)


OPEN = f"""{AT_ONCE}
from storage.store import open_store
from tests.helpers.record_builders import NOW
sys.exit(any(at_once(*[lambda: open_store(sys.argv[1], rehearsal=False, now=NOW).close()] * 4)))
"""


def test_many_may_begin_a_record_at_once(path: Path) -> None:
    openers = started(OPEN, str(path))
    _, complaints = openers.communicate(timeout=120)
    assert (openers.returncode, complaints) == (0, "")
    with open_reader(path) as reader:
        assert reader.status_rows() == ()


DIE = f"""{AT_ONCE}
import json, signal
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, after, alert, titled

def work(path, point):
    def trace(name):
        with open(path + ".reached", "a") as reached: print(name, file=reached)
        if name == point:
            os.kill(os.getpid(), signal.SIGKILL)

    store = open_store(path, rehearsal=False, now=NOW, trace=trace)
    with store.read() as view:
        record = view.record(BILL)
    with store.begin() as tx:
        tx.save(after(record, titled("new")))
        tx.enqueue(alert(), ["a"], NOW)

pairs = zip(sys.argv[1::2], sys.argv[2::2])
print(*at_once(*[lambda path=path, point=point: work(path, point) for path, point in pairs]))
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


@pytest.fixture(scope="module")
def ended_at(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, int]]:
    """Return for each point the database that was left, and how its writer ended."""
    folder, words = tmp_path_factory.mktemp("ends"), list[str]()
    paths = {point: folder / f"{number}.db" for number, point in enumerate(POINTS)}
    for point, path in paths.items():
        store = open_store(path, rehearsal=False, now=NOW)
        with store.begin() as tx:
            tx.save(first(facets=titled("old")))
        store.close()
        words += [str(path), point]
    dying = started(DIE, *words)
    statuses, complaints = dying.communicate(timeout=120)
    assert complaints == ""
    return {point: (paths[point], int(status)) for point, status in zip(POINTS, statuses.split(), strict=True)}


@pytest.mark.parametrize(("point", "left"), POINTS.items(), ids=POINTS)
def test_an_end_in_the_middle_leaves_the_old_or_the_new(
    ended_at: dict[str, tuple[Path, int]], point: str, left: str
) -> None:
    path, status = ended_at[point]
    assert status == (0 if point == "nowhere" else -signal.SIGKILL)
    if point == "nowhere":
        assert set(Path(f"{path}.reached").read_text().split()) == set(POINTS) - {"nowhere"}
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
