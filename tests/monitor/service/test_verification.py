"""Every alert follows from the archived bytes, and none does once a byte of what it rests on was changed."""

from __future__ import annotations

import json
import random
import shutil
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from domain.coded_text import coded
from domain.errors import LexwatchError
from monitor.service.verification import OWN_READERS, UNREADABLE, Verifier, decision_faults, reader_named
from storage.audit import AuditReader, open_audit_reader
from tests.helpers.demo_replay import demo_acts, demo_replay
from tests.helpers.feed_installation import FeedInstallation, feed_installed
from watchers import FEED_READERS, SOURCES, source

COVERED = {
    "alert": ("id", "document", "revision", "channel", "reasons", "created_at", "schedule", "epoch", "seal"),
    "alert_watch": ("name",),
    "alert_change": ("document", "revision", "place"),
    "change": (
        *("kind", "subject", "before", "after", "text", "happened_on"),
        *("evidence", "seen_at", "source", "published_at", "corrects"),
    ),
    "delivery": ("id", "channel", "recipient", "subject", "body", "content_type", "seal"),
    "delivery_alert": ("alert",),
    "document": ("identity",),
    "evidence": ("digest", "body"),
    "entry": ("subject", "day", "text", "label", "body"),
    "entry_form": ("facet", "text", "label", "members"),
    "facet": ("name", "owner"),
    "revision": (
        *("known_from", "source", "reader", "published_at", "digest"),
        *("evidence", "other_evidence", "context"),
    ),
    "status_interval": ("status", "status_on", "text"),
    "watch": ("name", "document"),
}
"""Tables and columns of which no byte may change under an alert. The others cannot matter to what was told: keys which
only join rows (a wrong one is a fault of those above); what became of a message (state, attempts, moments, error);
when and whence bytes came (address, validators), of which no fact is made; how an interval of the ladder ended, which
later revisions say; notes, mutes, health and positions of sources."""

_RESTS_ON = {
    "entry": "EXISTS (SELECT 1 FROM alert_change n WHERE n.document = entry.document "
    "AND from_revision <= n.revision AND (to_revision IS NULL OR to_revision > n.revision))",
    "entry_form": "id IN (SELECT e.form FROM entry e JOIN alert_change n ON n.document = e.document "
    "AND e.from_revision <= n.revision AND (e.to_revision IS NULL OR e.to_revision > n.revision))",
    "facet": "(document, revision) IN ({told})",
    "revision": "(document, number) IN ({told})",
    "change": "(document, revision) IN ({told})",
    "status_interval": "document IN (SELECT document FROM alert_change) AND EXISTS (SELECT 1 FROM alert_change n "
    "WHERE n.document = status_interval.document AND from_revision <= n.revision "
    "AND (to_revision IS NULL OR to_revision > n.revision))",
    "document": "id IN (SELECT document FROM alert_change)",
    "watch": "closed_at IS NULL",
}


def named_evidence(path: Path) -> tuple[str, ...]:
    """Return the digests of the bytes that the alerts of a record are derived from."""
    with open_audit_reader(path) as archive:
        verifier = Verifier(archive)
        proofs = [verifier.verify(name) for name in archive.alert_ids()]
        return tuple(dict.fromkeys(one for proof in proofs if proof for one in proof.evidence))


@dataclass(frozen=True)
class Cell:
    """One stored value that an alert rests on."""

    table: str
    column: str
    row: int


@dataclass
class Record:
    """A record that was replayed, and the cells that its alerts rest on."""

    path: Path
    cells: list[Cell]

    @classmethod
    def of(cls, path: Path) -> Record:
        used = named_evidence(path)
        cells = []
        with closing(sqlite3.connect(path)) as connection:
            for table, columns in COVERED.items():
                for number, key in enumerate(_keys(connection, table)):
                    if table == "evidence" and _value(connection, table, "digest", key) not in used:
                        continue
                    cells += [
                        Cell(table, column, number)
                        for column in columns
                        if _value(connection, table, column, key) is not None
                    ]
        return cls(path, cells)


def _keys(connection: sqlite3.Connection, table: str) -> list[tuple[object, ...]]:
    """Return the primary keys of the rows that alerts rest on."""
    told = "SELECT document, revision FROM alert_change"
    where = _RESTS_ON.get(table, "1").format(told=told)
    names = ", ".join(_primary(connection, table))
    return connection.execute(f"SELECT {names} FROM {table} WHERE {where} ORDER BY {names}").fetchall()


def _primary(connection: sqlite3.Connection, table: str) -> list[str]:
    found = [(row[5], row[1]) for row in connection.execute(f"PRAGMA table_info({table})") if row[5]]
    return [name for _, name in sorted(found)]


def _where(connection: sqlite3.Connection, table: str) -> str:
    return " AND ".join(f"{name} = ?" for name in _primary(connection, table))


def _value(connection: sqlite3.Connection, table: str, column: str, key: tuple[object, ...]) -> object:
    sql = f"SELECT {column} FROM {table} WHERE {_where(connection, table)}"
    return connection.execute(sql, key).fetchone()[0]


def flipped(value: object, at: int, by: int) -> object:
    """Return the value with one byte of it changed."""
    if isinstance(value, int):
        return value + by
    body = bytearray(value.encode() if isinstance(value, str) else value)  # type: ignore[arg-type]
    if not body:
        return "x" if isinstance(value, str) else b"x"
    place = at % len(body)
    if isinstance(value, str):
        body[place] = ord("a") + by % 25 if chr(body[place] % 128) != chr(ord("a") + by % 25) else ord("z")
        return bytes(body).decode("utf-8", "replace")
    body[place] ^= by
    return bytes(body)


def changed(path: Path, cell: Cell, at: int, by: int) -> tuple[object, object]:
    """Change one byte in a database; returns the value before and after."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA foreign_keys = OFF")
        key = _keys(connection, cell.table)[cell.row]
        before = _value(connection, cell.table, cell.column, key)
        after = flipped(before, at, by)
        sql = f"UPDATE OR REPLACE {cell.table} SET {cell.column} = ? WHERE {_where(connection, cell.table)}"
        connection.execute(sql, (after, *key))
        connection.commit()
    return before, after


def everything_holds(path: Path) -> bool:
    """Say whether all alerts of a record hold that there were at first."""
    names = json.loads((path.parent / "alerts.json").read_text())
    try:
        with open_audit_reader(path) as archive:
            verifier = Verifier(archive)
            held = all((proof := verifier.verify(name)) is not None and proof.holds for name in names)
            return held and not list(verifier.altered_messages())
    except (LexwatchError, *UNREADABLE, sqlite3.Error):
        return False


@pytest.fixture(scope="module")
def record(tmp_path_factory: pytest.TempPathFactory) -> Record:
    """A bill's way to its law and martial law prolonged, replayed in strides, with every alert's grounds."""
    folder = tmp_path_factory.mktemp("replayed")
    with demo_replay(folder) as stage:
        stage.play(demo_acts(), every=5)
        path = Path(stage.settings.database)
    with open_audit_reader(path) as archive:
        (path.parent / "alerts.json").write_text(json.dumps(archive.alert_ids()))
    return Record.of(path)


def test_every_alert_of_a_replayed_past_holds(record: Record) -> None:
    with open_audit_reader(record.path) as archive:
        verifier = Verifier(archive)
        proofs = [verifier.verify(name) for name in archive.alert_ids()]
        assert [fault for proof in proofs if proof for fault in proof.faults] == []
        assert list(verifier.altered_messages()) == []
        assert len(proofs) >= 10
        readers = {reader for proof in proofs if proof for reader in proof.readers}
        assert {"congress/1", "rada/1"} <= readers


def test_every_revision_of_a_replayed_past_is_derived_again(record: Record) -> None:
    with open_audit_reader(record.path) as archive:
        verifier = Verifier(archive)
        revisions = list(archive.revisions_since(datetime(2021, 1, 1, tzinfo=UTC)))
        found = {(str(document), number): verifier.derive(document, number) for document, number, _ in revisions}
    assert [fault for one in found.values() for fault in one.faults] == []
    assert {"congress/1", "rada/1", "shipped/1"} <= {one.reader for one in found.values()}


@pytest.mark.slow
def test_every_alert_of_the_whole_past_holds(tmp_path: Path) -> None:
    with demo_replay(tmp_path) as stage:
        stage.play(demo_acts())
        with open_audit_reader(stage.settings.database) as archive:
            proofs = [Verifier(archive).verify(name) for name in archive.alert_ids()]
    assert [fault for proof in proofs if proof for fault in proof.faults] == []
    assert len(proofs) >= 30


@settings(
    max_examples=20,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), at=st.integers(0, 2**20), by=st.integers(1, 255))
def test_no_alert_rests_on_a_changed_byte(record: Record, tmp_path: Path, seed: int, at: int, by: int) -> None:
    chance = random.Random(seed)
    table = chance.choice([name for name in COVERED if any(cell.table == name for cell in record.cells)])
    column = chance.choice(sorted({cell.column for cell in record.cells if cell.table == table}))
    cell = chance.choice([c for c in record.cells if (c.table, c.column) == (table, column)])
    assert_broken(record, tmp_path, cell, at, by)


def assert_broken(record: Record, folder: Path, cell: Cell, at: int, by: int) -> None:
    path = folder / "changed.db"
    shutil.copy(record.path, path)
    shutil.copy(record.path.parent / "alerts.json", folder / "alerts.json")
    before, after = changed(path, cell, at, by)
    if before != after and not reads_the_same(cell, before, after):
        assert not everything_holds(path), (cell, before, after)


def reads_the_same(cell: Cell, before: object, after: object) -> bool:
    """Say whether a changed byte is one that nothing depends on: the padding or window of a packed stream, the sign
    between the day and the time of a moment."""
    if cell.column in ("known_from", "published_at", "created_at", "seen_at"):
        return _moment(before) == _moment(after)
    if (cell.table, cell.column) != ("evidence", "body"):
        return False
    try:
        return zlib.decompress(before) == zlib.decompress(after)  # type: ignore[arg-type]
    except zlib.error:
        return False


def _moment(value: object) -> datetime | None:
    try:
        return datetime.fromisoformat(str(value))
    except ValueError:
        return None


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_no_byte_of_any_cell_may_change(record: Record, tmp_path: Path) -> None:
    """A byte of every cell, chosen by chance."""
    chance = random.Random(20261122)
    for cell in record.cells:
        assert_broken(record, tmp_path, cell, chance.randrange(2**20), chance.randrange(1, 256))


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedInstallation]:
    with feed_installed(tmp_path, monkeypatch) as made:
        made.once("2026-03-28T10:00:00Z")
        made.acts.add("one", "two")
        made.once("2026-03-28T11:00:00Z")
        made.acts.titles["one"] = "Act one, amended (constructed)"
        made.once("2026-03-28T12:00:00Z")
        yield made


def test_the_command_verifies_all_and_says_what_they_rest_on(office: FeedInstallation) -> None:
    done = office.run("verify", "--all")
    assert done.returncode == 0
    assert len(done.stdout.splitlines()) == 3
    assert " holds: feed/acts/35b762ac0aca49fc@1 by feed/1 from the bytes " in done.stdout
    assert "3 alerts verified, none of them failed" in done.stderr


def test_the_command_answers_in_json_for_one_alert_or_message(office: FeedInstallation) -> None:
    row = office.json("alerts")[0]
    (proof,) = office.json("verify", row["delivery"])
    assert proof["alert"] == row["alert"]
    assert list(proof) == [
        *("alert", "holds", "evidence", "readers", "revisions", "changes", "messages", "differences", "remarks")
    ]
    assert (proof["holds"], proof["changes"], proof["messages"]) == (True, 1, 2)


def test_a_receipt_holds_and_one_that_nobody_can_ask_for_does_not(office: FeedInstallation) -> None:
    office.config.write_text(office.config.read_text().replace("[service]", '[service]\nreceipt = "daily 08:00"'))
    for now in ("2026-03-28T13:00:00Z", "2026-03-29T13:00:00Z"):
        office.once(now)
    (receipt,) = [row["alert"] for row in office.answer("alerts") if "coverage report" in row["reason"]]
    assert office.answer("verify", receipt)[0]["differences"] == []
    with open_audit_reader(office.folder / "record.db") as archive:
        kept = archive.alert(receipt)
        assert kept is not None
        for channel, schedule in (("room", "hourly"), ("desk", "daily 08:00"), ("room", "")):
            wrong = (coded("reason.coverage_report", channel=channel, schedule=schedule),)
            assert list(decision_faults(replace(kept.alert, reasons=wrong), kept.created_at, ()))


def test_one_changed_byte_is_named_and_the_command_fails(office: FeedInstallation) -> None:
    with closing(sqlite3.connect(office.folder / "record.db")) as connection:
        connection.execute("UPDATE delivery SET subject = replace(subject, 'Act', 'Bct') WHERE seq = 1")
        connection.commit()
    done = office.run("verify", "--all")
    assert done.returncode == 1
    assert "is not what was frozen when it was first sent" in done.stdout
    assert "1 of them failed" in done.stderr


def test_bytes_that_are_gone_are_missed(office: FeedInstallation) -> None:
    with closing(sqlite3.connect(office.folder / "record.db")) as connection:
        connection.execute("DELETE FROM evidence")
        connection.commit()
    (proof, *_) = office.answer("verify", "--all")
    assert "are not archived" in proof["differences"][0]


@pytest.mark.parametrize("words", [(), ("--all", "al-1")], ids=["neither", "both"])
def test_it_must_be_said_what_to_verify(office: FeedInstallation, words: tuple[str, ...]) -> None:
    assert office.run("verify", *words).returncode == 2


def test_an_alert_nobody_knows_is_an_answer_of_its_own(office: FeedInstallation) -> None:
    assert office.run("verify", "al-000000000000").returncode == 1


NAMED = {*OWN_READERS, *FEED_READERS, *(name for one in SOURCES for name in source(one).readers)}


@pytest.mark.parametrize("name", sorted(NAMED))
def test_every_reader_that_was_ever_named_reads_again(name: str) -> None:
    assert callable(reader_named(name))


def test_nobody_reads_for_a_reader_that_never_was() -> None:
    assert reader_named("congress/0") is None


def test_archived_bytes_that_are_others_are_not_read(office: FeedInstallation) -> None:
    with closing(sqlite3.connect(office.folder / "record.db")) as connection:
        one, two = (row[0] for row in connection.execute("SELECT digest FROM evidence LIMIT 2"))
        connection.execute("UPDATE evidence SET digest = 'x' WHERE digest = ?", (one,))
        connection.execute("UPDATE evidence SET digest = ? WHERE digest = ?", (one, two))
        connection.commit()
    with open_audit_reader(office.folder / "record.db") as archive:
        assert isinstance(archive, AuditReader)
        proofs = [Verifier(archive).verify(name) for name in archive.alert_ids()]
    assert any("have the digest" in fault for proof in proofs if proof for fault in proof.faults)
