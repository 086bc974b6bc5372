"""How a regime is shown: the countdown, the lead times beside it, and its chain as a table."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.documents import DocumentId
from domain.records.detection import advance
from monitor.cli.main import main
from monitor.cli.regime_report import print_terms
from monitor.service.regimes import shipped_regimes
from storage.store import open_store
from tests.helpers.record_builders import titled
from tests.helpers.sample_database import observed

REGIME = DocumentId("ua", "regime", ("martial-law",))


@pytest.fixture
def config(tmp_path: Path) -> str:
    path = tmp_path / "config.toml"
    path.write_text('[service]\ndatabase = "lexwatch.db"\n[[watch]]\nregime = "ua/regime/martial-law"\n')
    return str(path)


def test_the_countdown_and_the_lead_times_are_reported(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config, "--now", "2025-11-23T10:00:00Z", "status", "ua/regime/martial-law"]) == 0
    said = capsys.readouterr().out
    assert "left        72 days left" in said
    assert "decrees came 7-25 days before the term (median 13, 17 cases)" in said
    assert main(["--config", config, "--now", "2025-11-23T10:00:00Z", "status"]) == 0
    assert "no renewal seen, 72 days left; Martial law in Ukraine" in capsys.readouterr().out


def test_the_renewal_is_named_as_people_name_it(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config, "--now", "2025-10-21T20:00:00Z", "status", "ua/regime/martial-law"]) == 0
    assert "next        law to renew it adopted: UA decree 793/2025\n" in capsys.readouterr().out


def test_json_carries_them_as_numbers(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config, "--now", "2025-11-23T10:00:00Z", "status", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert row["days_left"] == 72
    assert [(lead["step"], lead["min"], lead["max"]) for lead in row["lead_times"]][:1] == [("decree_signed", 7, 25)]
    assert main(["--config", config, "--now", "2026-11-22T10:00:00Z", "status", "--json"]) == 0
    (over,) = json.loads(capsys.readouterr().out)
    assert (over["status"], over["days_left"]) == ("UNKNOWN", None)


def test_an_unknown_status_says_why_even_in_one_line(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--config", config, "--now", "2026-11-22T10:00:00Z", "status"]) == 0
    (line,) = (line for line in capsys.readouterr().out.splitlines() if line.startswith("UA martial law"))
    assert re.split("  +", line)[1:4] == [
        "Not known",
        "-",
        "nothing reads this: add [source.rada]; no source of this regime has been read yet, and the last known term "
        "ended 31 Oct 2026 05:30",
    ]


def test_what_was_known_at_a_moment_leaves_out_what_the_shipped_history_learned_later(
    config: str, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = ["--config", config, "--now", "2026-11-22T10:00:00Z", "status", "--json", "--known-at"]
    assert main([*asked, "2025-10-20T20:00:00Z"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["term"]["number"], row["next"]["instrument"]) == (16, "ua/decree/793/2025")
    assert main([*asked, "2018-01-01"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["status"], row["term"]) == ("UNKNOWN", None)


def test_an_act_that_nobody_follows_says_of_which_regime_it_is_news(
    config: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    now = datetime(2025, 11, 23, tzinfo=UTC)
    decree = DocumentId("ua", "decree", ("793", "2025"))
    store = open_store(tmp_path / "lexwatch.db", rehearsal=False, now=now)
    try:
        with store.begin() as tx:
            for said in (shipped_regimes()[REGIME].observation(now), observed(decree, titled("Act (constructed)"))):
                step = advance(None, said, now)
                assert step is not None
                tx.save(step)
    finally:
        store.close()
    for act, expected in (("ua/decree/793/2025", True), ("ua/regime/martial-law", False)):
        assert main(["--config", config, "why", act]) == 0
        told = "its steps are news of UA martial law: lexwatch why ua/regime/martial-law"
        assert (told in capsys.readouterr().out) == expected


def test_the_chain_is_a_table_and_what_was_inferred_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    now = datetime(2026, 10, 4, tzinfo=UTC)
    step = advance(None, shipped_regimes()[REGIME].observation(now), now)
    assert step is not None
    print_terms(step.record)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Martial law in Ukraine (Europe/Kyiv)"
    assert lines[1].split()[:3] == ["Term", "From", "To"]
    assert len(lines) == 2 + 22 + 1
    by_term = {" ".join(line.split()[:3]): line for line in lines[2:-1]}
    assert "4 May 2026 05:30" in by_term["2022 extension 19"]
    assert by_term["2022 extension 19"].endswith("inferred")
    assert "decree 793/2025" in by_term["2022 extension 17"]
    assert "law 4643-IX" in by_term["2022 extension 17"]
    assert "26 Nov 2018 14:00" in by_term["2018 introduction 26"]


def test_a_term_of_office_past_its_end_is_dated_by_that_end(config: str, capsys: pytest.CaptureFixture[str]) -> None:
    with Path(config).open("a") as file:
        file.write('[[watch]]\nregime = "ua/regime/term-of-office/president"\n')
    command = ["--config", config, "--now", "2026-01-10T10:00:00Z", "status", "--json"]
    assert main([*command, "ua/regime/term-of-office/president"]) == 0
    (row,) = json.loads(capsys.readouterr().out)
    assert (row["label"], row["status_on"]) == ("Past the end of its term", "2024-05-20")
