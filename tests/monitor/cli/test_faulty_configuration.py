"""A configuration that is faulty meanwhile: the record is answered for with the last good one, and it is said."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from monitor.cli.main import main
from tests.helpers.sample_database import write

GOOD = """
[service]
database = "record.db"
timezone = "Europe/Oslo"
[[watch]]
bill = "us/bill/119/hr/6508"
name = "NATO exit"
[[channel]]
name = "desk"
kind = "console"
"""
FAULTS = {
    "a quotation mark is missing": GOOD.replace('"record.db"', '"record.db'),
    "a key nobody knows": GOOD.replace("timezone", "timezona"),
    "a channel of a kind there is not": GOOD.replace('"console"', '"consol"'),
    "nothing that can be read": GOOD + "\x00",
}
ANSWERS = (
    ["status"], ["status", "NATO exit"], ["status", "--json"], ["history", "HR 6508"], ["alerts", "--csv"],
    ["sources"], ["upcoming"], ["why", "HR 6508"], ["export", "--format", "csv"],
)  # fmt: skip


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LEXWATCH_CONFIG", "LEXWATCH_NOW"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(GOOD)
    os.utime("config.toml", (1769000000, 1769000000))  # 2026-01-21 13:53 in Oslo
    write(tmp_path / "record.db")
    return tmp_path


@pytest.fixture
def run_before(here: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    assert main(["run", "--once"]) == 0
    capsys.readouterr()
    return here


def broken(folder: Path, text: str) -> None:
    (folder / "config.toml").write_text(text)
    os.utime(folder / "config.toml", (1769003000, 1769003000))


@pytest.mark.parametrize("command", ANSWERS, ids=" ".join)
def test_the_record_answers_as_before_with_one_line_above(
    command: list[str], run_before: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (main(command), capsys.readouterr().out)
    broken(run_before, FAULTS["a quotation mark is missing"])
    status = main(command)
    out, err = capsys.readouterr()
    assert (status, out) == before
    (line, *_) = err.splitlines()
    assert line.startswith("config.toml is faulty since 2026-01-21 14:43 (")
    assert "this answer uses the configuration of 2026-01-21 13:53" in line


@pytest.mark.parametrize("text", FAULTS.values(), ids=FAULTS)
def test_whatever_the_fault_is(text: str, run_before: Path, capsys: pytest.CaptureFixture[str]) -> None:
    broken(run_before, text)
    assert main(["status"]) == 0
    out, err = capsys.readouterr()
    assert "HR 6508" in out
    assert err.count("is faulty since") == 1
    (run_before / "config.toml").write_text(GOOD)
    assert main(["status"]) == 0
    assert "faulty" not in capsys.readouterr().err


@pytest.mark.parametrize("command", [["check"], ["run", "--once"], ["mute", "HR 6508", "--until", "1d"]], ids=" ".join)
def test_what_writes_or_checks_refuses_it(
    command: list[str], run_before: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken(run_before, FAULTS["a quotation mark is missing"])
    assert main(command) == 2
    assert "is faulty since" not in capsys.readouterr().err


def test_where_no_service_ran_with_a_good_one_the_fault_is_all_there_is(here: Path) -> None:
    broken(here, FAULTS["a quotation mark is missing"])
    assert main(["status"]) == 2


def test_the_copy_is_for_its_owner_alone(run_before: Path) -> None:
    (copy,) = (run_before / "state" / "lexwatch" / "configurations").iterdir()
    assert (copy.read_text(), copy.stat().st_mode & 0o777) == (GOOD, 0o600)
