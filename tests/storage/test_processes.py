"""What several processes, threads and sudden ends do to the record: nothing."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from domain.errors import Occupied, StoreError
from storage.ownership import lock_file, own_database
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
    with store.look() as view:
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
    with store.look() as view:
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
        _, complaints = opener.communicate(timeout=60)
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
with store.look() as view:
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
    reached, complaints = dying.communicate(timeout=60)
    assert complaints == ""
    assert dying.returncode == (0 if point == "nowhere" else -signal.SIGKILL)
    if point == "nowhere":
        assert set(reached.split()) == set(POINTS) - {"nowhere"}
    store = open_store(path, rehearsal=False, now=NOW)
    with store.look() as view:
        record = view.record(BILL)
        waits = bool(view.stranded(()))
    store.close()
    assert record is not None
    assert (record.title, waits) == (left, left == "new")
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    connection.close()


OWN = """
import sys, time
from storage.ownership import own
with own(sys.argv[1]):
    print("owned", flush=True)
    time.sleep(60)
"""


def test_a_second_owner_is_told_who_the_first_one_is(path: Path) -> None:
    with own_database(path, since=NOW), pytest.raises(Occupied) as refusal, own_database(f"sqlite:///{path}"):
        pass
    assert str(os.getpid()) in str(refusal.value)
    assert "since 2026-01-06T10:00:00" in str(refusal.value)
    assert str(path) in str(refusal.value)


def test_what_an_owner_gives_up_can_be_owned_again(path: Path) -> None:
    for _ in range(2):
        with own_database(path):
            assert f"process {os.getpid()}" in lock_file(path).read_text()


def test_an_owner_that_is_killed_owns_nothing(path: Path) -> None:
    owner = started(OWN, str(path))
    assert owner.stdout is not None
    assert owner.stdout.readline() == "owned\n"
    with pytest.raises(Occupied, match=str(owner.pid)), own_database(path):
        pass
    owner.kill()
    owner.communicate()
    with own_database(path):
        assert str(os.getpid()) in lock_file(path).read_text()


def test_a_folder_that_does_not_exist_cannot_be_owned(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be owned"), own_database(tmp_path / "none" / "lexwatch.db"):
        pass


WRITE = """
import sys
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, after, titled

store = open_store(sys.argv[1], rehearsal=False, now=NOW)
print("writing", flush=True)
while True:
    with store.look() as view:
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
        until = time.monotonic() + 60
        while len(seen) < 20 and time.monotonic() < until:
            with open_reader(path) as reader:
                (standing,) = reader.status_rows()
            assert standing.title == f"revision {standing.revision}"
            seen.add(standing.revision)
        assert len(seen) >= 20
    finally:
        writer.kill()
        writer.communicate()
