"""An installation moves from one database to another and is the same there."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

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


def test_nothing_is_not_copied(tmp_path: Path) -> None:
    (tmp_path / "empty.db").touch()
    with pytest.raises(StoreError, match="no record to copy"):
        copy_database(tmp_path / "empty.db", tmp_path / "copy.db", now=NOW)
