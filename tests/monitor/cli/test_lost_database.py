"""A database that was here before and is not now is refused in one sentence, until somebody says to begin anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from monitor.cli.main import main

CONFIG = '[service]\ndatabase = "record.db"\n[[channel]]\nname = "desk"\nkind = "console"\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    assert main(["run", "--once"]) == 0
    return tmp_path


def take_away(database: Path, how: str) -> None:
    for path in database.parent.glob("record.db*"):
        path.unlink()
    if how == "emptied":
        database.write_bytes(b"")


@pytest.mark.parametrize("how", ["deleted", "emptied"])
@pytest.mark.parametrize("command", [["run", "--once"], ["status"], ["mute", "nato", "--until", "1d"]], ids=" ".join)
def test_a_lost_database_is_no_beginning(
    command: list[str], how: str, here: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    take_away(here / "record.db", how)
    capsys.readouterr()
    assert main(command) == 2
    line = capsys.readouterr().err.strip().splitlines()[-1]
    assert "record.db was written here before" in line
    assert "--new-record" in line


def test_a_new_record_begins_when_somebody_says_so(here: Path) -> None:
    take_away(here / "record.db", "deleted")
    assert main(["run", "--once", "--new-record"]) == 0
    assert main(["run", "--once"]) == 0
