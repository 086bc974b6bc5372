"""`lexwatch export`: the portfolio, the changes of a period and the calendar, each a whole file or none."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import feedparser
import openpyxl
import pytest
from icalendar import Calendar

from domain.alerts.search import SearchMatch
from domain.jurisdictions.us.names import us_bill
from domain.records.detection import advance
from monitor.cli.main import main
from notifications import exports
from storage.store import open_store
from tests.helpers.sample_database import NATO, OLD, introduced, observed, write

FORMATS = ("csv", "xlsx", "json", "ics", "atom")
CONFIG = """
[service]
timezone = "Europe/Oslo"
[source.congress]
[[watch]]
bill = "us/bill/119/hr/6508"
note = "US withdrawal from NATO"
tags = ["nato"]
priority = "high"
owner = "ana"
[[watch]]
bill = "us/bill/118/hr/1"
tags = ["energy"]
[[watch]]
regime = "ua/regime/martial-law"
tags = ["ukraine"]
[[watch]]
feed = "https://feeds.example.org/acts.xml"
name = "Acts"
[[channel]]
name = "desk"
kind = "console"
"""
NOW = ("--now", "2026-02-05T10:00:00Z")


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in ("LEXWATCH_CONFIG", "LEXWATCH_NOW", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


@pytest.fixture
def recorded(here: Path) -> Path:
    write(here / "lexwatch.db", hostile='=NATO "Act"; \u202e]]>')
    return here


def exported(folder: Path, form: str, *options: str) -> bytes:
    assert main([*NOW, "export", "--format", form, "--out", "file", *options]) == 0
    assert [path.name for path in folder.iterdir() if path.name.endswith(".part")] == []
    return (folder / "file").read_bytes()


def table(found: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(found.decode())))


def events(found: bytes) -> list[Any]:
    return list(Calendar.from_ical(found).walk("VEVENT"))


def test_the_portfolio_is_the_same_in_csv_json_and_xlsx(recorded: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*NOW, "status", "--json"]) == 0
    stated = json.loads(capsys.readouterr().out)
    rows = json.loads(exported(recorded, "json"))
    assert rows == stated
    read = table(exported(recorded, "csv"))
    assert [row["id"] for row in read] == [row["id"] for row in rows]
    (first, *_) = read
    assert (first["title"][:6], first["tags"], first["owner"]) == ("'=NATO", "nato", "ana")
    sheet = openpyxl.load_workbook(io.BytesIO(exported(recorded, "xlsx"))).active
    lines = list(sheet.iter_rows(values_only=True))
    assert [line[0] for line in lines] == ["id", *(row["id"] for row in rows)]
    assert lines[0] == tuple(first)
    assert (first["latest_action_on"], first["news_on"], first["next_on"]) == ("2026-02-03", "2026-02-04", "")
    regime = next(row for row in read if row["kind"] == "regime")
    assert regime["term_ends_at"][:10] >= regime["term_starts_at"][:10] > "2025"
    assert [name for row in read for name, cell in row.items() if cell.startswith("{")] == []


FILTERS = {
    "a tag": (["--tag", "nato"], [str(NATO)]),
    "one of two tags": (["--tag", "nato", "--tag", "Energy"], [str(NATO), str(OLD)]),
    "an owner": (["--owner", "ana"], [str(NATO)]),
    "a kind": (["--kind", "regime"], ["ua/regime/martial-law"]),
    "a stage": (["--stage", "reported"], [str(NATO)]),
    "what changed since a day": (["--since", "2026-02-01", "--kind", "bill"], [str(NATO)]),
    "an order": (["--kind", "bill", "--sort", "name"], [str(OLD), str(NATO)]),
    "nothing": (["--tag", "nato", "--kind", "regime"], []),
}


@pytest.mark.parametrize(("options", "ids"), FILTERS.values(), ids=FILTERS)
def test_filters_are_those_of_status(options: list[str], ids: list[str], recorded: Path) -> None:
    assert [row["id"] for row in table(exported(recorded, "csv", *options))] == ids
    assert [row["id"] for row in json.loads(exported(recorded, "json", *options))] == ids


def test_the_changes_of_a_period_are_those_seen_in_it_newest_first(recorded: Path) -> None:
    rows = table(exported(recorded, "csv", "--changes", "--since", "2026-01-01"))
    assert [(row["seen_at"][:10], row["id"], row["kind"]) for row in rows] == [
        ("2026-02-04", str(NATO), "status"),
        ("2026-02-04", str(NATO), "action"),
        ("2026-01-06", str(OLD), "appeared"),
        ("2026-01-06", str(NATO), "appeared"),
    ]
    first = rows[0]
    assert first["what"] == "Reported by committee (was: Referred)"
    assert (first["document"], first["before"], first["after"]) == ("HR 6508 · 119th", "REFERRED", "REPORTED")
    one = table(exported(recorded, "csv", "--changes", "--since", "2026-01-06", "--until", "2026-01-06"))
    assert {row["kind"] for row in one} == {"appeared"}
    assert table(exported(recorded, "csv", "--changes", "--tag", "ukraine", "--since", "2026-01-01")) == []
    assert len(json.loads(exported(recorded, "json", "--changes", "--since", "2026-01-01"))) == 4


def test_what_a_search_found_is_exported_as_its_search_is_labelled(recorded: Path) -> None:
    search = '[[watch]]\nsearch = "lower energy"\nname = "energy"\ncongress = 118\ntags = ["prices"]\nowner = "bo"\n'
    (recorded / "config.toml").write_text(
        CONFIG.replace('[[watch]]\nbill = "us/bill/118/hr/1"\ntags = ["energy"]\n', search)
    )
    store = open_store(recorded / "lexwatch.db", rehearsal=False, now=datetime(2026, 2, 5, tzinfo=UTC))
    with store.begin() as tx:
        tx.save_matches([SearchMatch("energy", OLD, ("energy",), datetime(2026, 1, 6, tzinfo=UTC))])
    store.close()
    rows = json.loads(exported(recorded, "json", "--tag", "prices", "--kind", "bill"))
    assert [(row["id"], row["watch"], row["owner"], row["tags"]) for row in rows] == [
        (str(OLD), "energy", "bo", ["prices"])
    ]
    changes = table(exported(recorded, "csv", "--changes", "--tag", "prices", "--since", "2026-01-01"))
    assert [(row["id"], row["watch"]) for row in changes] == [(str(OLD), "energy")]
    assert table(exported(recorded, "csv", "--tag", "nato", "--owner", "bo")) == []
    assert [row["id"] for row in table(exported(recorded, "csv", "--kind", "bill"))] == [str(NATO), str(OLD)]


def test_changes_are_a_feed_whose_ids_stay(recorded: Path) -> None:
    first, again = (feedparser.parse(exported(recorded, "atom", "--since", "2026-01-01")) for _ in range(2))
    assert (first.bozo, len(first.entries)) == (False, 4)
    assert [entry.id for entry in first.entries] == [entry.id for entry in again.entries]
    assert first.feed.updated == "2026-02-04T11:00:00Z"
    assert first.entries[0].title == "HR 6508 · 119th: Reported by committee (was: Referred)"
    assert "NATO" in first.entries[0].content[0].value
    quiet = feedparser.parse(exported(recorded, "atom", "--tag", "energy"))
    assert (quiet.bozo, quiet.entries, quiet.feed.id == first.feed.id) == (False, [], False)


HEARING = {"starts_at": "2026-02-20T10:00:00-05:00", "text": "Markup; of \u202e=HR 6508", "state": "scheduled"}
MEETING = {**HEARING, "label": "Markup", "url": "https://www.congress.gov/event/119th-congress/house-event/1"}


def record_meeting(folder: Path, entry: dict[str, Any], day: int, *bills: Any) -> None:
    """State a hearing of these bills (constructed)."""
    now = datetime(2026, 2, day, 12, tzinfo=UTC)
    store = open_store(folder / "lexwatch.db", rehearsal=False, now=now)
    with store.begin() as tx:
        for bill in bills or (NATO,):
            facets = {"hearings": {"house/1": dict(entry)}}
            known = tx.record(bill)
            stated = facets if known else introduced(bill, "Another Act", "2026-01-05") | facets
            step = advance(known, observed(bill, stated, at=now), now)
            assert step is not None
            tx.save(step)
    store.close()


def hearings_in_calendar(folder: Path, *options: str) -> list[tuple[str, str, int, str]]:
    found = [one for one in events(exported(folder, "ics", *options)) if "Congress ends" not in str(one["summary"])]
    return [(str(one["uid"]), str(one["dtstart"].dt)[:16], one["sequence"], str(one["status"])) for one in found]


def test_a_hearing_that_moves_and_is_called_off_stays_one_event(recorded: Path) -> None:
    steps = [
        MEETING,
        {**MEETING, "starts_at": "2026-02-27T14:00:00-05:00", "state": "rescheduled"},
        {**MEETING, "starts_at": None, "state": "postponed"},
        {**MEETING, "starts_at": "2026-03-06T10:00:00-05:00", "state": "scheduled"},
        {**MEETING, "starts_at": "2026-03-06T10:00:00-05:00", "state": "canceled"},
    ]
    found = []
    for day, entry in enumerate(steps, start=5):
        record_meeting(recorded, entry, day)
        found += hearings_in_calendar(recorded, "--tag", "nato")
    assert len({uid for uid, *_ in found}) == 1
    assert [one[1:] for one in found] == [
        ("2026-02-20 15:00", 0, "CONFIRMED"),
        ("2026-02-27 19:00", 1, "CONFIRMED"),
        ("2026-02-27 19:00", 2, "CANCELLED"),
        ("2026-03-06 15:00", 3, "CONFIRMED"),
        ("2026-03-06 15:00", 4, "CANCELLED"),
    ]
    assert hearings_in_calendar(recorded, "--since", "2026-03-07", "--tag", "nato") == []


def test_one_meeting_about_several_bills_is_one_event_and_meetings_without_an_address_are_two(recorded: Path) -> None:
    record_meeting(recorded, MEETING, 5, NATO, OLD)
    (found,) = [one for one in events(exported(recorded, "ics", "--kind", "bill")) if "Markup" in one["summary"]]
    assert str(found["summary"]).startswith("HR 6508 · 119th, HR 1 · 118th: Markup")
    assert "US withdrawal from NATO" in found["description"]
    record_meeting(recorded, {**MEETING, "url": None}, 6, NATO, OLD)
    assert len({uid for uid, *_ in hearings_in_calendar(recorded, "--kind", "bill")}) == 2


def test_ends_of_terms_are_events_and_the_end_of_a_session_is_one_for_all_its_bills(here: Path) -> None:
    more = "".join(f'[[watch]]\nbill = "us/bill/119/hr/{number}"\n' for number in range(1, 30))
    (here / "config.toml").write_text(CONFIG + more)
    found = events(exported(here, "ics"))
    ends = [one for one in found if "Congress ends" in str(one["summary"])]
    assert len(ends) == 1
    assert "and 27 more" in str(ends[0]["summary"])
    assert [one for one in found if "martial law" in str(one["summary"])]
    assert all(one["sequence"] == 0 for one in found)


@pytest.mark.parametrize("form", FORMATS)
def test_what_is_not_recorded_yet_is_a_whole_file_all_the_same(form: str, here: Path) -> None:
    assert exported(here, form)


@pytest.mark.parametrize("form", FORMATS)
def test_a_file_is_written_whole_or_not_at_all(form: str, recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (recorded / "file").write_text("before")
    (recorded / "file").chmod(0o640)

    def broken(*_: object, **__: object) -> None:
        _[2 if form in ("csv", "xlsx") else 1].write(b"" if form in ("xlsx", "ics", "atom") else "")  # type: ignore[attr-defined]
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        for name in ("write_csv", "write_xlsx", "write_json", "write_calendar", "write_atom"):
            patch.setattr(exports, name, broken)
        assert main([*NOW, "export", "--format", form, "--out", "file"]) == 2
    assert (recorded / "file").read_text() == "before"
    exported(recorded, form)
    assert (recorded / "file").stat().st_mode & 0o777 == 0o640


WRONG = {
    "a folder that is not there": (["--out", "nowhere/file"], "nowhere/file cannot be written: No such file"),
    "a folder in its place": (["--out", "."], ". cannot be written: it is no file"),
    "a tag that no watch has": (["--tag", "natu"], 'unknown tag "natu"; did you mean nato?'),
    "a stage there is not": (["--stage", "reportd"], 'unknown stage "reportd"'),
    "a day that is none": (["--since", "yesterday"], "'yesterday' does not match the format '%Y-%m-%d'"),
    "an end without a period": (["--until", "2026-02-01"], "--until ends a period of changes"),
    "an order there is not": (["--sort", "colour"], "'colour' is not one of"),
}


@pytest.mark.parametrize(("options", "said"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_one_sentence(
    options: Sequence[str], said: str, recorded: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([*NOW, "export", "--format", "csv", *options]) == 2
    out, err = capsys.readouterr()
    assert (out, said in err, "Traceback" in err) == ("", True, False)
    kept = {path.name for path in recorded.iterdir() if not path.name.startswith("lexwatch.db")}
    assert kept == {"config.toml"}


def test_a_folder_that_may_not_be_written_is_said(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkstemp", refused)
    assert main([*NOW, "export", "--format", "csv", "--out", "file"]) == 2
    assert not (recorded / "file").exists()


def test_many_documents_ask_few_questions(recorded: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from storage import reader

    store = open_store(recorded / "lexwatch.db", rehearsal=False, now=datetime(2026, 2, 5, tzinfo=UTC))
    with store.begin() as tx:
        for number in range(2, 60):
            bill = us_bill(119, "hr", number)
            step = advance(None, observed(bill, introduced(bill, "An Act", "2026-01-05")), datetime.now(UTC))
            assert step is not None
            tx.save(step)
    store.close()
    asked: list[str] = []
    ask = reader.Reader._rows
    monkeypatch.setattr(reader.Reader, "_rows", lambda self, sql, **given: asked.append(sql) or ask(self, sql, **given))  # type: ignore[func-returns-value]
    for form in ("csv", "ics", "atom"):
        asked.clear()
        exported(recorded, form, "--all", "--since", "2026-01-01")
        assert len(asked) <= 20
