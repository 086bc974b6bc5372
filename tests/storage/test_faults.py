"""What bad disks, bad files and bad company get: a sentence that says what to do, and a whole record."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from domain.errors import SchemaMismatch, SimulatedClockMismatch, StoreError, Unreachable
from domain.observation import Evidence
from domain.records.facets import digest
from monitor.cli.main import main
from storage.location import locate
from storage.reader import open_reader
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import BILL, NOW, OTHER, after, alert, first, titled
from tests.helpers.stores import PostgreSQL
from tests.helpers.unprivileged import without_write_permission

HASTE = timedelta(milliseconds=200)


@contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(path, isolation_level=None)
    try:
        yield connection
    finally:
        connection.close()


def is_whole(path: Path) -> bool:
    with connected(path) as connection:
        checks = [connection.execute("PRAGMA integrity_check").fetchone()[0]]
        return checks == ["ok"] and not connection.execute("PRAGMA foreign_key_check").fetchall()


def write_much(store: DatabaseStore) -> None:
    with store.begin() as tx:
        tx.save(after(first().record, {"actions": {f"a{n}": {"text": digest(b"%d" % n)} for n in range(20_000)}}))
        tx.enqueue(alert(), ["a"], NOW)


def test_a_full_disk_is_said_and_nothing_is_half_written(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first())
    with connected(path) as connection:
        pages = connection.execute("PRAGMA page_count").fetchone()[0]

    def limit(connection: Any, limited: int = pages + 20) -> None:
        connection.execute(f"PRAGMA max_page_count = {limited}")

    store.engine.dispose()
    event.listen(store.engine, "connect", lambda connection, _: limit(connection))
    with pytest.raises(StoreError, match="disk is full"):
        write_much(store)
    with store.read() as view:
        assert view.record(BILL) == first().record
        assert view.stranded(()) == ()
    assert is_whole(path)
    with store.begin() as tx:
        tx.save(first(OTHER))
    store.engine.dispose()
    event.listen(store.engine, "connect", lambda connection, _: limit(connection, 1 << 30))
    write_much(store)
    with store.read() as view:
        assert view.stranded(()) != ()
    store.close()


def test_a_locked_database_is_said(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW, busy=HASTE)
    with connected(path) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="locked by another program"), store.begin():
            pass
        with store.read() as view:
            assert view.record(BILL) is None
    store.close()


def test_a_thread_that_never_ends_its_transaction_is_said(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW, busy=HASTE)
    holds, done = threading.Event(), threading.Event()

    def hold() -> None:
        with store.begin():
            holds.set()
            done.wait(30)

    thread = threading.Thread(target=hold)
    thread.start()
    holds.wait(30)
    with pytest.raises(StoreError, match="another thread"), store.begin():
        pass
    done.set()
    thread.join()
    store.close()


@pytest.mark.parametrize("folder", ["missing/folder", "/proc"], ids=["a missing folder", "a folder nobody can write"])
def test_a_folder_that_takes_no_file_is_said(tmp_path: Path, folder: str) -> None:
    with pytest.raises(StoreError, match="folder must exist and allow"):
        open_store(tmp_path / folder / "lexwatch.db", rehearsal=False, now=NOW)


def test_a_read_only_folder_is_said(open_folder: Path) -> None:
    def ask() -> int:
        with pytest.raises(StoreError, match="allow this user to write"):
            open_store(open_folder / "lexwatch.db", rehearsal=False, now=NOW)
        return 7

    assert without_write_permission(ask, open_folder) == 7
    assert list(open_folder.iterdir()) == []


def test_a_read_only_database_is_said_when_written(open_folder: Path) -> None:
    path = open_folder / "lexwatch.db"
    open_store(path, rehearsal=False, now=NOW).close()

    def ask() -> int:
        with pytest.raises(StoreError, match=r"may not be written|cannot be opened"):
            open_store(path, rehearsal=False, now=NOW)
        return 7

    assert without_write_permission(ask, open_folder) == 7


def test_a_file_that_is_no_database_is_said_and_kept(path: Path) -> None:
    path.write_bytes(b"this is a letter to the editor, not a database\n" * 100)
    before = path.read_bytes()
    with pytest.raises(StoreError, match="not an SQLite database"):
        open_store(path, rehearsal=False, now=NOW)
    with pytest.raises(StoreError, match="not an SQLite database"), open_reader(path):
        pass
    assert path.read_bytes() == before


def test_a_folder_in_place_of_the_file_is_said(path: Path) -> None:
    path.mkdir()
    with pytest.raises(StoreError, match="cannot be opened"):
        open_store(path, rehearsal=False, now=NOW)


def test_a_damaged_database_is_said(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        for number in range(200):
            tx.keep(Evidence(digest(b"%d" % number), "https://example.org", NOW, "text/plain", b"%d" % number))
        tx.save(first())
    store.close()
    whole = path.read_bytes()
    path.write_bytes(whole[:8192] + bytes(len(whole) - 8192))
    with pytest.raises(StoreError, match="damaged"):
        look_at(path)
    with pytest.raises(StoreError, match="damaged"):
        read(path)


def look_at(path: Path) -> None:
    store = open_store(path, rehearsal=False, now=NOW)
    try:
        with store.read() as view:
            view.record(BILL)
    finally:
        store.close()


def read(path: Path) -> None:
    with open_reader(path) as reader:
        reader.status_rows()
        reader.history(str(BILL))


def test_a_file_cut_short_is_said(path: Path) -> None:
    open_store(path, rehearsal=False, now=NOW).close()
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(StoreError, match="damaged"):
        look_at(path)


def test_an_empty_file_becomes_a_record(path: Path) -> None:
    path.touch()
    store = open_store(path, rehearsal=False, now=NOW)
    with store.begin() as tx:
        tx.save(first())
    store.close()
    read(path)


def test_somebody_elses_database_is_left_alone(path: Path) -> None:
    with connected(path) as connection:
        connection.execute("CREATE TABLE recipes (name TEXT)")
    with pytest.raises(SchemaMismatch, match="not a database of lexwatch"):
        open_store(path, rehearsal=False, now=NOW)
    with connected(path) as connection:
        assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("recipes",)]


def test_a_newer_schema_is_refused_and_left_alone(path: Path) -> None:
    open_store(path, rehearsal=False, now=NOW).close()
    with connected(path) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(SchemaMismatch, match="another version of lexwatch"):
        open_store(path, rehearsal=False, now=NOW)
    assert [name.name for name in path.parent.iterdir() if "backup" in name.name] == []


@pytest.mark.parametrize(
    ("made", "opened"),
    [pytest.param(True, False, id="a rehearsal, now for real"), pytest.param(False, True, id="a real one, rehearsed")],
)
def test_a_rehearsal_and_a_real_record_do_not_mix(path: Path, made: bool, opened: bool) -> None:
    open_store(path, rehearsal=made, now=NOW).close()
    with pytest.raises(SimulatedClockMismatch, match="another database"):
        open_store(path, rehearsal=opened, now=NOW)
    open_store(path, rehearsal=made, now=NOW).close()


@pytest.mark.parametrize(
    ("given", "file"),
    [
        ("lexwatch.db", "lexwatch.db"),
        ("sqlite:///lexwatch.db", "lexwatch.db"),
        ("sqlite:////var/lib/lexwatch/l%20w.db?timeout=3", "/var/lib/lexwatch/l w.db"),
        ("sqlite+pysqlite:///a/b.db", "a/b.db"),
        ("C:/lexwatch.db", "C:/lexwatch.db"),
        (Path("a/b.db"), "a/b.db"),
    ],
)
def test_which_file_an_address_means(given: str | Path, file: str) -> None:
    assert locate(given).file == Path(file)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("mysql+pymysql://user:secret@db", "expected a file"),
        ("sqlite://", "has to outlive"),
        ("sqlite:///:memory:", "has to outlive"),
        (":memory:", "has to outlive"),
        ("", "has to outlive"),
    ],
)
def test_an_address_of_another_kind_is_refused(given: str, said: str) -> None:
    with pytest.raises(StoreError, match=said) as refusal:
        open_store(given, rehearsal=False, now=NOW)
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize(
    "given",
    [
        pytest.param("postgresql://user:sec/ret@db/lexwatch", id="a slash in the password"),
        pytest.param("postgresql://user:sec#ret@db/lexwatch", id="a hash in the password"),
        pytest.param("postgresql://user:sec?ret@db/lexwatch", id="a question mark in the password"),
        pytest.param("postgresql://user:sec@ret@db/lexwatch", id="an at sign in the password"),
        pytest.param("postgresql://user:sec%ret@db/lexwatch", id="a percent sign in the password"),
        pytest.param("postgresql://user:sec ret@db/lexwatch", id="a space in the password"),
        pytest.param("postgresql://user:secret@[::1/lexwatch", id="half a bracket"),
        pytest.param("postgresql://user:secret@db:99999/lexwatch", id="a port that cannot be"),
        pytest.param("postgresql://user:secret@db:x/lexwatch", id="a port that is none"),
        pytest.param("postgresql://one:5432,two:5433/lexwatch", id="two hosts"),
    ],
)
def test_an_address_that_cannot_be_taken_apart_is_refused_without_repeating_it(given: str) -> None:
    with pytest.raises(StoreError, match=r"service\.database: expected postgresql://") as refusal:
        open_store(given, rehearsal=False, now=NOW)
    assert "sec" not in str(refusal.value).replace("service", "")
    assert not isinstance(refusal.value, Unreachable)


@pytest.mark.parametrize("option", ["nosuch=1", "sslmode=perhaps", "channel_binding=perhaps"])
def test_an_option_that_postgresql_does_not_know_is_no_server_that_is_away(option: str) -> None:
    with pytest.raises(StoreError, match=r"mend service\.database") as refusal:
        open_store(f"postgresql://user:secret@127.0.0.1:1/lexwatch?{option}", rehearsal=False, now=NOW)
    assert not isinstance(refusal.value, Unreachable)
    assert "secret" not in str(refusal.value)


def test_a_moment_without_its_offset_is_refused(sqlite: DatabaseStore) -> None:
    with pytest.raises(ValueError, match="offset"), sqlite.begin() as tx:
        tx.save(first(now=NOW.replace(tzinfo=None)))
    with sqlite.read() as view:
        assert view.record(BILL) is None


def test_titles_survive_any_text(sqlite: DatabaseStore) -> None:
    nasty = "'; DROP TABLE document; -- \x00 \u202e ‏ 🏛 \\ %s ?"
    with sqlite.begin() as tx:
        tx.save(first(facets=titled(nasty)))
    with sqlite.read() as view:
        record = view.record(BILL)
    assert record is not None
    assert record.title == nasty


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (
            "postgresql://user:secret@db.example.org:5433/lexwatch?sslmode=require",
            "postgresql://db.example.org:5433/lexwatch",
        ),
        ("postgres://user:secret@/lexwatch", "postgresql://localhost/lexwatch"),
        ("postgresql://user:s%40c%2Fret@[::1]:5433/lexwatch", "postgresql://[::1]:5433/lexwatch"),
        ("postgresql://user@db", "postgresql://db"),
        ("a/b.db", "a/b.db"),
    ],
)
def test_the_name_of_a_database_shows_no_password(given: str, shown: str) -> None:
    assert str(locate(given)) == shown


def test_a_server_that_is_away_is_said_without_the_password() -> None:
    address = "postgresql://user:secret@127.0.0.1:1/lexwatch"
    with pytest.raises(StoreError, match="the server cannot be reached") as refusal:
        open_store(address, rehearsal=False, now=NOW)
    with pytest.raises(StoreError, match="the server cannot be reached") as other, open_reader(address):
        pass
    assert "secret" not in f"{refusal.value}{other.value}"


COMMANDS = [("status",), ("check",), ("alerts",), ("run", "--once"), ("mute", "HR 6508", "--until", "2026-02-01")]
REFUSED = {
    "away": ("postgresql://desk:pass-1@127.0.0.1:1/{name}", "the server cannot be reached"),
    "no such database": ("postgresql://desk:pass-1@/nowhere?{rest}", "no such database"),
    "no such user": ("postgresql://nobody:pass-1@/{name}?{rest}", "refuses this user"),
    "a wrong password": ("postgresql://desk:pass-2@/{name}?{rest}", "refuses this user"),
    "no right to its tables": ("postgresql://desk:pass-1@/{name}?{rest}", "rights on the schema"),
    "a newer version": ("{url}", "another version of lexwatch"),
    "somebody else's": ("{url}", "not a database of lexwatch"),
}
SPOILED = {
    "a newer version": "UPDATE alembic_version SET version_num = '9.9.9'",
    "somebody else's": "DROP TABLE meta",
}


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
@pytest.mark.parametrize("fault", REFUSED)
def test_a_server_that_refuses_ends_a_command_with_one_sentence(
    fault: str,
    command: tuple[str, ...],
    server_with_password: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    address, sentence = REFUSED[fault]
    before, _, rest = server_with_password.partition("?")
    if fault in SPOILED:
        with psycopg.connect(server_with_password, autocommit=True) as connection:
            connection.execute(SPOILED[fault])
    address = address.format(url=server_with_password, name=before.rpartition("/")[2], rest=rest)
    config = tmp_path / "config.toml"
    config.write_text(f'[service]\ndatabase = "{address}"\n[[watch]]\nbill = "us/bill/119/hr/6508"\n')
    assert main(["--config", str(config), *command]) == 2
    said = capsys.readouterr().err
    assert sentence in said
    assert "Traceback" not in said
    assert "pass-" not in said
    assert sum("postgresql://" in line for line in said.splitlines()) == 1


@pytest.fixture
def server_with_password(postgresql: PostgreSQL, postgresql_url: str) -> Iterator[str]:
    """Yield a database at whose server `desk` needs the password `pass-1`; who owns it needs none."""
    rules = Path(postgresql.folder) / "pg_hba.conf"
    kept = rules.read_text()
    rules.write_text(f"local all desk,nobody scram-sha-256\n{kept}")
    with psycopg.connect(postgresql_url, autocommit=True) as connection:
        connection.execute("DROP ROLE IF EXISTS desk")
        connection.execute("CREATE ROLE desk LOGIN PASSWORD 'pass-1'")
        connection.execute("SELECT pg_reload_conf()")
        yield postgresql_url
        rules.write_text(kept)
        connection.execute("DROP ROLE desk")
        connection.execute("SELECT pg_reload_conf()")
