"""Who may run the service on a database, and whether it is still the one that was here before (OPS-5, OPS-8)."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from domain.errors import Occupied, StoreError
from storage.location import LostRecord
from storage.migrate import backup
from storage.ownership import marker_file, own_database
from storage.store import open_store
from tests.helpers.record_builders import BILL, NOW, first
from tests.helpers.stores import PostgreSQL, new_database

ROOT = Path(__file__).parents[2]

OWN = """
import sys, time
from storage.ownership import own_database
with own_database(sys.argv[1]):
    print("owned", flush=True)
    time.sleep(60)
"""


@contextmanager
def another_owner(database: str | Path) -> Iterator[subprocess.Popen[str]]:
    owner = subprocess.Popen([sys.executable, "-c", OWN, str(database)], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert owner.stdout is not None
        assert owner.stdout.readline() == "owned\n"
        yield owner
    finally:
        owner.kill()
        owner.communicate()


def linked(path: Path, how: str) -> Path:
    """Return another name of the file, or the same where the way to it is another."""
    other = path.with_name("other.db")
    match how:
        case "a symbolic link":
            other.symlink_to(path)
        case "a hard link":
            os.link(path, other)
        case "a folder that is a link":
            folder = path.parent / "folder"
            folder.symlink_to(path.parent)
            return folder / path.name
        case "its own name, after companions were removed":
            for companion in path.parent.glob(f"{path.name}?*"):
                companion.unlink()
            return path
        case "a URL":
            return Path(f"sqlite:///{path}")
    return other


@pytest.mark.parametrize(
    "how",
    [
        "a symbolic link",
        "a hard link",
        "a folder that is a link",
        "its own name, after companions were removed",
        "a URL",
    ],
)
def test_a_second_owner_is_refused_by_whatever_name(path: Path, how: str) -> None:
    new_database(path)
    with another_owner(path) as owner:
        name = f"sqlite:///{path}" if how == "a URL" else linked(path, how)
        with pytest.raises(Occupied, match=f"process {owner.pid}.*end that one first"), own_database(name):
            pass
    with own_database(name):
        pass


def test_an_owner_writes_while_another_is_refused(path: Path) -> None:
    """The lock of the owner is of another kind than SQLite's: neither is in the way of the other."""
    with own_database(path):
        store = open_store(path, rehearsal=False, now=NOW)
        code = "import sys; from storage.ownership import own_database; own_database(sys.argv[1]).__enter__()"
        for _ in range(3):
            refused = subprocess.run(
                [sys.executable, "-c", code, str(path)], cwd=ROOT, stderr=subprocess.PIPE, text=True, check=False
            )
            assert f"process {os.getpid()}" in refused.stderr
        with store.begin() as tx:
            tx.save(first())
        with store.read() as view:
            assert view.record(BILL) is not None
        store.close()


def test_what_an_owner_gives_up_can_be_owned_again(path: Path) -> None:
    for _ in range(2):
        with own_database(path):
            with pytest.raises(Occupied, match="this very process"), own_database(path):
                pass


def test_a_folder_that_does_not_exist_cannot_be_owned(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="cannot be owned"), own_database(tmp_path / "none" / "lexwatch.db"):
        pass


def test_a_database_on_a_server_has_one_owner(postgresql_url: str) -> None:
    with own_database(postgresql_url), pytest.raises(Occupied, match="end that one first"):
        with own_database(postgresql_url):
            pass
    with own_database(postgresql_url):
        pass


def test_a_new_database_is_private(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first())
    rights = {found.name: found.stat().st_mode & 0o777 for found in path.parent.iterdir()}
    store.close()
    assert set(rights.values()) == {0o600}


# --- a database that was here before ------------------------------------------------------------------------------


@pytest.fixture
def marker(path: Path, tmp_path: Path) -> Path:
    return marker_file(path, tmp_path / "state")


def opened(path: Path | str, marker: Path, *, new_record: bool = False) -> None:
    open_store(path, rehearsal=False, now=NOW, marker=marker, new_record=new_record).close()


def delete(path: Path) -> None:
    path.unlink()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def replace_by_another(path: Path) -> None:
    path.unlink()
    open_store(path, rehearsal=False, now=NOW).close()


LOSSES = [
    pytest.param(delete, "is missing now", id="deleted"),
    pytest.param(empty, "is empty now", id="emptied"),
    pytest.param(replace_by_another, "is another record now", id="another one in its place"),
]


@pytest.mark.parametrize(("lose", "said"), LOSSES)
def test_a_database_that_is_lost_is_not_begun_anew(path: Path, marker: Path, lose: object, said: str) -> None:
    opened(path, marker)
    assert callable(lose)
    lose(path)
    before = path.read_bytes() if path.exists() else None
    with pytest.raises(LostRecord, match=f"{said}: restore a backup.*--new-record"):
        opened(path, marker)
    assert (path.read_bytes() if path.exists() else None) == before
    opened(path, marker, new_record=True)
    opened(path, marker)


def test_an_owner_makes_no_file_where_one_was_lost(path: Path, marker: Path) -> None:
    opened(path, marker)
    path.unlink()
    with pytest.raises(LostRecord), own_database(path, marker=marker):
        pass
    assert not path.exists()


def test_a_restored_backup_is_the_same_record(path: Path, marker: Path, tmp_path: Path) -> None:
    opened(path, marker)
    backup(path, tmp_path / "copy.db")
    path.unlink()
    (tmp_path / "copy.db").rename(path)
    opened(path, marker)


def test_an_emptied_database_of_a_server_is_not_begun_anew(postgresql: PostgreSQL, tmp_path: Path) -> None:
    url = postgresql.new_database()
    marker = marker_file(url, tmp_path)
    opened(url, marker)
    postgresql.drop(url)
    again = postgresql.new_database()
    marker.rename(marker_file(again, tmp_path))
    with pytest.raises(LostRecord, match="is empty now"):
        opened(again, marker_file(again, tmp_path))


@pytest.mark.parametrize("body", ["", "{", "[]", '{"database": 1}'], ids=["empty", "cut off", "a list", "incomplete"])
def test_a_marker_that_cannot_be_read_remembers_nothing(path: Path, marker: Path, body: str) -> None:
    marker.parent.mkdir(parents=True)
    marker.write_text(body)
    opened(path, marker)
    delete(path)
    with pytest.raises(LostRecord):
        opened(path, marker)


def test_a_marker_that_cannot_be_written_stops_nobody(path: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the folder should be")
    opened(path, tmp_path / "state" / "databases" / "marker.json")


@pytest.mark.parametrize(
    ("lose", "said"),
    [
        pytest.param(delete, "is gone", id="deleted"),
        pytest.param(replace_by_another, "is another file", id="another one in its place"),
        pytest.param(empty, "was emptied", id="emptied"),
    ],
)
def test_a_service_notices_that_its_file_is_gone(path: Path, lose: object, said: str) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    store.check_still_there()
    with store.read() as view:
        assert view.record(BILL) is None
    assert callable(lose)
    lose(path)
    with pytest.raises(LostRecord, match=said):
        store.check_still_there()
    store.engine.dispose()
