"""An installation moves from one database to another and is the same there."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from domain.alerts.delivery import Frozen, accepted, claimed
from domain.errors import StoreError
from domain.observation import Evidence
from domain.records.facets import digest
from domain.sources import SourceState
from storage import moving
from storage.audit import open_audit_reader
from storage.moving import copy_database
from storage.store import open_store
from tests.helpers.feed_installation import FeedInstallation, feed_installed
from tests.helpers.record_builders import BILL, INTRODUCED, NOW, OTHER, after, alert, first, later, titled
from tests.helpers.stores import PostgreSQL

RICH = {
    "item": {"": {"introduced_on": "2025-12-09", "number": 6508, "odd": None, "nested": {"a": [1, 2.5, True]}}},
    "title": {"display": {"text": "To withdraw from NATO — «незалежність» 🏛"}},
    "actions": {f"a{n}": {"text": "x" * n, "on": "2025-12-09"} for n in range(100)},
}


@pytest.fixture
def origin(path: Path) -> Path:
    """A record in which everything occurs: revisions, evidence, a message that was sent and one that waits."""
    with closing(open_store(path, rehearsal=False, now=NOW)) as store:
        with store.begin() as tx:
            tx.save(first(facets=RICH, timeline=(INTRODUCED,), evidence={"title": "e1"}))
            tx.save(after(first(facets=RICH, timeline=(INTRODUCED,)).record, titled("B")))
            tx.keep(Evidence(digest(b"x\x00y"), "https://example.org", NOW, "text/plain", b"x\x00y"))
            tx.save_source(SourceState("congress", lag=12.5, cursor="c", gaps=((NOW, later(hours=1)),)))
            tx.establish("congress/119", NOW)
            tx.enqueue(alert(), ["a"], NOW)
            tx.enqueue(alert(OTHER), ["b"], NOW)
            (sent, _) = tx.stranded(())
        taken = claimed(sent, Frozen("a subject", b"the body\xff", "message/rfc822"), NOW)
        with store.begin() as tx:
            assert tx.claim(taken)
            tx.finish(accepted(taken, NOW))
    return path


@pytest.fixture(params=["sqlite", "postgresql"])
def target(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield str(tmp_path / "copy.db")
        return
    server: PostgreSQL = request.getfixturevalue("postgresql")
    url = server.new_database()
    yield url
    server.drop(url)


def test_a_copy_says_the_same(origin: Path, target: str, tmp_path: Path) -> None:
    seen: list[tuple[str, int]] = []
    tables = copy_database(origin, target, now=NOW, progress=lambda name, rows: seen.append((name, rows)))
    assert ("revision", 2) in seen
    assert {table.name: table.rows for table in tables}["delivery"] == 2
    with open_audit_reader(origin) as ours, open_audit_reader(target) as theirs:
        assert theirs.status_rows() == ours.status_rows()
        assert theirs.alerts() == ours.alerts()
        assert theirs.deliveries() == ours.deliveries()
        assert theirs.records([str(BILL)]) == ours.records([str(BILL)])
        assert theirs.sources() == ours.sources()
        assert theirs.evidence(digest(b"x\x00y")) == ours.evidence(digest(b"x\x00y"))
    back = copy_database(target, tmp_path / "back.db", now=NOW)
    assert back == tables


def test_a_moved_installation_goes_on_where_it_was(origin: Path, target: str) -> None:
    copy_database(origin, target, now=NOW)
    with closing(open_store(target, rehearsal=False, now=NOW)) as store:
        assert store.identity.restored_at is None
        with store.begin() as tx:
            tx.enqueue(alert(), ["a"], later(hours=1))
            tx.enqueue(alert(OTHER), ["b"], later(hours=1))
            tx.save(first(OTHER))
            assert [delivery.to for delivery in tx.stranded(())] == ["b"], "what was sent is not sent again"


def test_a_copy_that_was_cut_off_goes_on(origin: Path, target: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "ROWS", 7)

    def cut_off(name: str, rows: int) -> None:
        if name == "entry" and rows > 50:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy_database(origin, target, now=NOW, progress=cut_off)
    with pytest.raises(StoreError, match="cut off"):
        open_store(target, rehearsal=False, now=NOW)
    copied: list[tuple[str, int]] = []
    copy_database(origin, target, now=NOW, progress=lambda name, rows: copied.append((name, rows)))
    assert "document" not in {name for name, _ in copied}, "what is there is not copied again"
    with open_audit_reader(origin) as ours, open_audit_reader(target) as theirs:
        assert theirs.records([str(BILL)]) == ours.records([str(BILL)])


def test_a_record_is_not_copied_into_another(origin: Path, target: str) -> None:
    open_store(target, rehearsal=False, now=NOW).close()
    with pytest.raises(StoreError, match="holds a record already"):
        copy_database(origin, target, now=NOW)


def test_a_name_that_is_none_is_not_copied_and_makes_no_file(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="no record to copy"):
        copy_database(tmp_path / "misspelt.db", tmp_path / "new.db", now=NOW)
    assert list(tmp_path.glob("*.db")) == []


def test_nothing_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="no record to copy"):
        copy_database(tmp_path / "empty.db", tmp_path / "copy.db", now=NOW)


def test_nothing_is_reported_twice_after_a_move(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, postgresql: PostgreSQL
) -> None:
    """The service on a file, `lexwatch copy`, the service on the server: what was sent stays sent, what waited goes
    out once, and what comes next is news."""
    url = postgresql.new_database()
    with feed_installed(tmp_path, monkeypatch) as office:
        office.run("run", "--once", now="2026-03-02T10:00:00Z")
        office.acts.add("one", "two")
        office.run("run", "--once", now="2026-03-02T11:00:00Z")
        before = subjects(office)
        assert len(before) == 4
        office.acts.add("three")
        office.mail.verdict = lambda _: "451 4.3.0 try again later"
        office.run("run", "--once", now="2026-03-02T12:00:00Z")
        office.mail.verdict = lambda _: "250 OK"
        moved = office.run("copy", str(office.folder / "record.db"), url, now="2026-03-02T12:10:00Z")
        assert "both are the same" in moved.stderr
        office.config.write_text(office.configured().replace("record.db", url))
        office.run("run", "--once", now="2026-03-02T13:00:00Z")
        waited = subjects(office)[len(before) :]
        office.run("run", "--once", now="2026-03-02T14:00:00Z")
        assert subjects(office)[len(before) :] == waited
        assert [("three" in subject) for subject in waited] == [True, True]
        office.acts.add("four")
        office.run("run", "--once", now="2026-03-02T15:00:00Z")
        assert [("four" in subject) for subject in subjects(office)[len(before) + 2 :]] == [True, True]
        proved = office.run("verify", "--all", now="2026-03-02T16:00:00Z")
        assert proved.returncode == 0, proved.stdout + proved.stderr


def subjects(office: FeedInstallation) -> list[str]:
    """Return the subjects of the messages that the mail server took, in their order."""
    return [str(mail.message["subject"]) for mail in office.mail.accepted]


@pytest.mark.slow
def test_a_copy_outlasts_the_patience_of_a_server(
    origin: Path, target: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one database is read for minutes, the transaction of the other stands still."""
    monkeypatch.setattr("storage.store.STANDS_STILL_MS", 50)
    digested = moving._digested

    def slowly(*arguments: Any) -> Any:
        time.sleep(0.1)
        return digested(*arguments)

    monkeypatch.setattr(moving, "_digested", slowly)
    tables = copy_database(origin, target, now=NOW)
    assert copy_database(target, tmp_path / "back.db", now=NOW) == tables
