"""What lies ahead, asked of the real command: on a record, and where nothing was recorded yet."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from monitor.cli.main import main

CONFIG = """
[service]
database = "lexwatch.db"
timezone = "Europe/Kyiv"
[[watch]]
regime = "ua/regime/martial-law"
name   = "Kyiv"
[[watch]]
bill = "us/bill/119/hr/6508"
"""


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text(CONFIG)
    return str(path)


def asked(config: str, now: str, *options: str) -> int:
    return main(["--config", config, "--now", now, "upcoming", *options])


def test_json_has_the_members_of_the_contract_in_order(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(config, "2026-01-25T10:00:00Z", "--days", "20", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert [(row["at"], row["kind"]) for row in rows] == [
        ("2026-01-27T05:30:00+02:00", "reminder"),
        ("2026-01-30T05:30:00+02:00", "reminder"),
        ("2026-02-02T05:30:00+02:00", "reminder"),
        ("2026-02-03T05:30:00+02:00", "end"),
        ("2026-02-03T05:30:00+02:00", "start"),
    ]
    assert rows[-1]["what"] == "extension 18 starts 3 Feb 2026 05:30 (Europe/Kyiv), law adopted, no signature seen"
    assert rows[-2] == {
        "on": "2026-02-03",
        "at": "2026-02-03T05:30:00+02:00",
        "id": "ua/regime/martial-law",
        "kind": "end",
        "what": "extension 17 ends 3 Feb 2026 05:30 (Europe/Kyiv), law adopted, no signature seen",
        "watch": "Kyiv",
    }


def test_a_person_sees_a_table(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(config, "2026-12-20T10:00:00Z") == 0
    (head, line) = capsys.readouterr().out.splitlines()
    assert head.split() == ["When", "Document", "Kind", "What", "Watch"]
    assert line.split()[:2] == ["2027-01-03", "19:00"]
    assert "the 119th Congress ends" in line


def test_what_is_ahead_of_several_documents_at_once_is_one_row(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    more = "".join(f'[[watch]]\nbill = "us/bill/119/s/{number}"\n' for number in range(1, 60))
    Path(config).write_text(CONFIG + more)
    assert asked(config, "2026-12-20T10:00:00Z") == 0
    (_, line) = capsys.readouterr().out.splitlines()
    assert "HR 6508 · 119th and 59 more" in line
    assert asked(config, "2026-12-20T10:00:00Z", "--json") == 0
    assert len(json.loads(capsys.readouterr().out)) == 60


def test_nothing_ahead_is_said(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert asked(config, "2026-11-22T10:00:00Z", "--days", "5") == 0
    said = capsys.readouterr()
    assert (said.out, said.err) == ("", "nothing is known to lie ahead in the next 5 days\n")
    assert asked(config, "2026-11-22T10:00:00Z", "--days", "5", "--json") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_day_count_that_is_none_is_a_usage_error(config: str) -> None:
    assert asked(config, "2026-11-22T10:00:00Z", "--days", "-3") == 2
