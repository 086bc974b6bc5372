"""Whoever reads asks the record a fixed number of questions, however many rows the answer has."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.sources import SourceState
from monitor.cli.main import main
from storage import reader
from storage.store import open_store

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
WATCH = '[[watch]]\nname = "feed {n}"\nfeed = "https://feeds.example.org/{n}.xml"\n'
BILL = '[[watch]]\nbill = "us/bill/119/hr/{n}"\n'
HEAD = '[source.congress]\n[[channel]]\nname = "desk"\nkind = "console"\n'


def installed(folder: Path, rows: int) -> Path:
    """Write an installation with so many feeds and bills, each source polled once."""
    folder.mkdir()
    config = folder / "config.toml"
    config.write_text(HEAD + "".join(WATCH.format(n=n) + BILL.format(n=n) for n in range(1, rows + 1)))
    store = open_store(folder / "lexwatch.db", rehearsal=False, now=NOW)
    with store.begin() as tx:
        for number in range(rows):
            tx.save_source(SourceState(f"feed/feed-{number}", due_at=NOW, last_poll_at=NOW, last_good_at=NOW))
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
    for rows in (3, 60):
        questions.clear()
        assert main(["--config", str(installed(tmp_path / str(rows), rows)), command]) == 0
        counts.append(len(questions))
    assert counts[0] == counts[1]
    assert counts[0] <= 8
