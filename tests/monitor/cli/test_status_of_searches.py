"""What the commands answer about saved searches and what they found, on a record that the real poll made."""

from __future__ import annotations

import json
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.records.detection import advance
from domain.sources import SourceState
from monitor.cli.check import check
from monitor.cli.explaining import why
from monitor.cli.lists import history, upcoming
from monitor.cli.session import Session
from monitor.cli.status import status
from monitor.service.context import audience_of
from monitor.service.digests import next_report
from notifications.compose import compose
from storage.store import open_store
from tests.helpers.fakes import observation
from tests.monitor.service.test_searches import (
    LIVESTOCK,
    PASSED_HOUSE,
    RATES,
    ServiceHarness,
    acts,
    topic_harness,
)
from tests.watchers.congress.publisher import START

CONFIG = """
[source.congress]
[[watch]]
search = "rates OR livestock OR Europe*"
name   = "topic"
[[watch]]
search = "farms"
name   = "farms"
[[watch]]
search = "submarine"
name   = "submarines"
"""


@pytest.fixture
def desk(tmp_path: Path) -> tuple[Session, ServiceHarness]:
    """A search that found two bills, one of which passed the House."""
    store = open_store(str(tmp_path / "lexwatch.db"), rehearsal=True, now=START)
    harness = topic_harness(store, source=SourceState("congress"))
    harness.poll()
    harness.publisher.now += timedelta(days=2)
    acts(harness, RATES, PASSED_HOUSE)
    harness.poll()
    with store.begin() as tx:
        tx.register(harness.watches, START)
    store.close()
    config = tmp_path / "config.toml"
    config.write_text(CONFIG)
    return Session(str(config), "2026-01-09T12:00:00Z"), harness


STATUS = {"everything": False, "as_of": None, "known_at": None}


def answer(out: str) -> Any:
    return json.loads(out)


def test_desk_5_status_lists_a_search_with_what_it_found(
    desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(desk[0], (), **STATUS, form="json") == 0
    rows = {row["watch"]: row for row in answer(capsys.readouterr().out)}
    assert [
        (rows[name]["kind"], rows[name]["found"], rows[name]["began_with"]) for name in ("topic", "submarines")
    ] == [
        ("search", 2, 2),
        ("search", 0, 0),
    ]
    assert rows["topic"]["checked_at"] is not None
    assert status(desk[0], (), **STATUS, form=None) == 0
    said = capsys.readouterr()
    assert "search, 2 found" in said.out
    assert "nothing is watched" not in said.err


def test_desk_5_status_of_a_search_lists_each_document_with_its_latest_action(
    desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str]
) -> None:
    assert status(desk[0], ("Topic",), **STATUS, form=None) == 0
    said = capsys.readouterr().out
    for words in (
        "2 (2 when it began)",
        "list read",
        "HR 9101",
        "Passed House",
        "2026-01-08 ",
        "HR 9102",
        "Referred",
        "Livestock Markets Act",
        "livestock",
    ):
        assert words in said, words
    assert status(desk[0], ("topic",), **STATUS, form="json") == 0
    search, *found = answer(capsys.readouterr().out)
    assert search["kind"] in ("search", "bill")
    named = {row["id"]: row for row in [search, *found]}
    assert named[str(RATES)]["matched_by"] == ["topic"]
    assert named[str(RATES)]["matched_words"] == {"topic": ["rates"]}
    assert named[str(RATES)]["label"] == "Passed House"
    assert named[str(RATES)]["latest_action"]["on"] == "2026-01-08"


def test_desk_5_history_of_a_search_is_that_of_what_it_found(
    desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str]
) -> None:
    assert history(desk[0], "topic", form="json") == 0
    rows = answer(capsys.readouterr().out)
    assert {row["id"] for row in rows} == {str(RATES)}
    assert ("status", "PASS_OVER:HOUSE") in {(row["kind"], row["after"]) for row in rows}
    assert history(desk[0], "topic", form=None) == 0
    assert "HR 9101" in capsys.readouterr().out
    assert history(desk[0], "submarines", form=None) == 0
    assert "lexwatch status 'submarines'" in capsys.readouterr().err


def test_desk_5_why_names_the_searches_that_match_and_the_words(
    desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str]
) -> None:
    assert why(desk[0], "HR 9101", last=5, as_json=True) == 0
    said = answer(capsys.readouterr().out)
    assert (said["watches"], said["matched_by"]) == (["topic"], {"topic": ["rates"]})
    assert why(desk[0], "HR 9101", last=5, as_json=False) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("watched as topic")
    assert lines[1] == "topic finds it by: rates"
    assert why(desk[0], "topic", last=5, as_json=False) == 0
    assert "a search, which finds 2 documents (lexwatch status 'topic')" in capsys.readouterr().out
    assert why(desk[0], str(LIVESTOCK), last=5, as_json=False) == 0
    assert "topic finds it by: livestock" in capsys.readouterr().out
    assert why(desk[0], "S 2174", last=5, as_json=False) == 0
    assert "no watch follows it" in capsys.readouterr().out, "a search whose words it has not does not watch it"


def test_desk_6_check_says_what_searches_find_and_cost(
    desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str]
) -> None:
    assert check(desk[0], online=False) == 0
    said = capsys.readouterr().out
    assert "topic: 2 documents on record" in said
    assert "submarines: 0 documents on record" in said
    assert "3 for each bill that a search finds, once and when it moves, 8 bills a day with DEMO_KEY" in said


def test_hearings_of_what_a_search_found_lie_ahead(
    desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    hearing = {"1": {"on": "2026-01-15", "at": "2026-01-15T10:00:00-05:00", "text": "Markup", "label": "Markup"}}
    with closing(open_store(str(tmp_path / "lexwatch.db"), rehearsal=True, now=START)) as store:
        with store.read() as view:
            record = view.record(RATES)
        step = advance(record, observation(RATES, hearings=hearing), START + timedelta(days=3))
        assert step is not None
        with store.begin() as tx:
            tx.save(step)
    assert upcoming(desk[0], days=20, form="json") == 0
    rows = answer(capsys.readouterr().out)
    assert [(row["id"], row["kind"], row["on"], row["watch"]) for row in rows] == [
        (str(RATES), "hearing", "2026-01-15", "topic")
    ]


CHANNEL = """
[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "smtp://localhost:25"
report = "weekly monday 08:00"
"""


def test_a_report_has_a_row_for_each_document_a_search_found(desk: tuple[Session, ServiceHarness]) -> None:
    config = Path(desk[0].settings.path)
    config.write_text(CONFIG + CHANNEL)
    session = Session(str(config), "2026-01-09T12:00:00Z")
    with session.reading() as reader:
        assert reader is not None
        audience = audience_of(session.settings, reader.watches())
        notice = next_report(session.settings, "desk", audience, reader, session.clock())
    message = compose(notice)
    standing = {row.name: row.standing for row in message.portfolio}
    assert {row.title for row in message.portfolio if row.name == "topic"} == {"rates OR livestock OR Europe*"}
    assert (standing["topic"], standing["farms"]) == ("search, 2 found", "search, 0 found")
    assert standing["HR 9101 · 119th"].startswith("Passed House, since ")
    assert "2 documents, 1 changed" in message.subject


def test_why_says_statuses_in_words(desk: tuple[Session, ServiceHarness], capsys: pytest.CaptureFixture[str]) -> None:
    why(desk[0], "HR 9101", last=5, as_json=False)
    assert "Passed House" in capsys.readouterr().out
