"""Whoever reads asks the record a fixed number of questions, however many rows the answer has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.alerts.routing import Watch
from domain.documents import named_feed
from domain.sources import SourceState
from monitor.cli.main import main
from monitor.cli.session import Session
from storage import reader, rows
from storage.store import open_store

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
WATCH = '[[watch]]\nname = "feed {n}"\nfeed = "https://feeds.example.org/{n}.xml"\n'
BILL = '[[watch]]\nbill = "us/bill/119/hr/{n}"\n'
HEAD = '[source.congress]\n[[channel]]\nname = "desk"\nkind = "console"\n'


def installed(folder: Path, number: int) -> Path:
    """Write an installation with so many feeds and bills, each source polled once."""
    folder.mkdir()
    config = folder / "config.toml"
    config.write_text(HEAD + "".join(WATCH.format(n=n) + BILL.format(n=n) for n in range(1, number + 1)))
    store = open_store(folder / "lexwatch.db", rehearsal=False, now=NOW)
    with store.begin() as tx:
        for n in range(number):
            tx.save_source(SourceState(f"feed/feed-{n}", due_at=NOW, last_poll_at=NOW, last_good_at=NOW))
    store.close()
    return config


@pytest.fixture
def questions(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    asked: list[str] = []
    ask: Callable[..., Sequence[object]] = reader.Reader._rows

    def counted(self: reader.Reader, sql: str, **parameters: object) -> Sequence[object]:
        asked.append(sql)
        return ask(self, sql, **parameters)

    monkeypatch.setattr(reader.Reader, "_rows", counted)
    return asked


@pytest.mark.parametrize("command", ["status", "sources", "alerts", "upcoming", "check"])
def test_questions_do_not_grow_with_the_rows(
    command: str, tmp_path: Path, questions: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    counts = []
    for number in (3, 60):
        questions.clear()
        assert main(["--config", str(installed(tmp_path / str(number), number)), command]) == 0
        counts.append(len(questions))
    assert counts[0] == counts[1]
    assert counts[0] <= 8


FEEDS = range(1, 200)
EDITS = {
    "as it was": (WATCH.format(n=7), 1, ""),
    "its address mended": (WATCH.format(n=7).replace("/7.xml", "/seven.xml"), 1, ""),
    "its name changed": (WATCH.format(n=7).replace("feed 7", "Gazette"), 1, ""),
    "another in its place": ('[[watch]]\nfeed = "https://feeds.example.org/new.xml"\n', 199, "starts over"),
}


@pytest.mark.parametrize(("watch", "read", "warned"), EDITS.values(), ids=EDITS)
def test_of_many_registered_watches_those_are_read_that_are_asked_for(
    watch: str, read: int, warned: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.toml"
    config.write_text(HEAD + watch)
    store = open_store(tmp_path / "lexwatch.db", rehearsal=False, now=NOW)
    with store.begin() as tx:
        known = ((n, named_feed(f"feed {n}")) for n in FEEDS)
        tx.register([Watch(f"feed {n}", f, address=f"https://feeds.example.org/{n}.xml") for n, f in known], NOW)
    store.close()
    seen: list[object] = []
    made = rows.watch
    monkeypatch.setattr(rows, "watch", lambda row: seen.append(row) or made(row))  # type: ignore[func-returns-value]
    settings = Session(str(config), None).load(secrets=False)
    assert len(seen) == read
    (followed,) = (one.subject for one in settings.watches)
    assert warned or followed == named_feed("feed 7")
    assert warned in " ".join(settings.warnings)
