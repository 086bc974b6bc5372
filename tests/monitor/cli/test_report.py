"""Answers have exactly the members and meanings of the contract."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from domain.sources import Health, SourceState
from monitor.cli.lists import alert_rows, history_rows, source_rows
from monitor.cli.regime_report import regime_answers
from monitor.config.settings import Settings, SourceSettings, WatchSettings
from monitor.portfolio import stated_of_bill, status_rows, watched
from storage.reader import StatusRow, open_reader
from tests.helpers.record_builders import first
from tests.helpers.sample_database import NATO, OLD, REFERRAL, REPORT, SEEN, write

NOW = datetime(2026, 2, 10, 12, tzinfo=UTC)
REGIME = DocumentId.parse("ua/regime/martial-law")

STATUS = [
    "id",
    "kind",
    "title",
    "watch",
    "note",
    "stage",
    "status",
    "status_on",
    "status_text",
    "introduced_on",
    "ended_on",
    "law",
    "url",
    "revision",
    "first_seen_at",
    "changed_at",
    "checked_at",
    "term",
    "label",
    "doubt",
    "tags",
    "priority",
    "position",
    "owner",
    "jurisdiction",
]
HISTORY = [
    "change",
    "id",
    "revision",
    "kind",
    "before",
    "after",
    "text",
    "happened_on",
    "published_at",
    "seen_at",
    "source",
    "corrects",
    "evidence",
]
ALERTS = [
    "alert",
    "delivery",
    "id",
    "changes",
    "watch",
    "channel",
    "to",
    "state",
    "attempts",
    "created_at",
    "sent_at",
    "reason",
    "corrects",
    "possible_repeat",
    "subject",
    "error",
]
SOURCES = ["source", "state", "last_good_at", "last_poll_at", "next_poll_at", "failures", "error", "requests", "lag"]
COUNTED = ["checks", "failed", "longest_gap"]

WATCHES = {NATO: WatchSettings("us/bill/119/hr/6508", NATO, note="US withdrawal from NATO")}


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("record") / "lexwatch.db"
    write(path)
    return path


def test_the_status_of_a_bill_has_the_members_of_the_contract(database: Path) -> None:
    with open_reader(database) as reader:
        rows = status_rows([NATO], reader.status_rows([str(NATO)]), WATCHES, now=NOW)
    assert [list(row) for row in rows] == [STATUS]
    assert rows[0] == {
        "id": "us/bill/119/hr/6508",
        "kind": "bill",
        "title": "NATO Act",
        "watch": "us/bill/119/hr/6508",
        "note": "US withdrawal from NATO",
        "stage": "reported",
        "status": "REPORTED",
        "status_on": "2026-02-03",
        "status_text": REPORT,
        "introduced_on": "2025-12-09",
        "ended_on": None,
        "law": None,
        "url": "https://www.congress.gov/bill/119th-congress/house-bill/6508",
        "revision": 2,
        "first_seen_at": "2026-01-06T10:00:00Z",
        "changed_at": "2026-02-04T11:00:00Z",
        "checked_at": "2026-01-06T10:00:00Z",
        "term": None,
        "label": "Reported by committee",
        "doubt": None,
        "tags": [],
        "priority": None,
        "position": None,
        "owner": None,
        "jurisdiction": "us",
    }


TWO_AXES = [
    ("2026-02-02", None, "REFERRED", 2),
    ("2026-02-03", None, "REPORTED", 2),
    (None, datetime(2026, 2, 4, 10, tzinfo=UTC), "REFERRED", 1),
    ("2026-02-03", datetime(2026, 2, 4, 10, tzinfo=UTC), "REFERRED", 1),
    ("2025-12-08", None, None, 2),
]


@pytest.mark.parametrize(
    ("as_of", "known_at", "expected", "revision"),
    TWO_AXES,
    ids=[
        "the day before it was reported",
        "the end of the day it was reported",
        "known just before we saw the report",
        "as of the report, known before we saw it",
        "the day before it was introduced",
    ],
)
def test_answers_as_of_any_day_as_known_at_any_moment(
    as_of: str | None, known_at: datetime | None, expected: str | None, revision: int, database: Path
) -> None:
    day = date.fromisoformat(as_of) if as_of else None
    with open_reader(database) as reader:
        standings = reader.status_rows([str(NATO)], as_of, known_at)
    (row,) = status_rows([NATO], standings, WATCHES, now=NOW, as_of=day, known_at=known_at)
    assert (row["status"], row["revision"]) == (expected, revision)
    assert (row["stage"] is None) == (expected is None)


FACETS: dict[str, dict[str, dict[str, Any]]] = {
    "sponsors": {"A": {"label": "Rep. A [R-TX-1]"}},
    "cosponsors": {
        "B": {"original": True, "party": "D", "withdrawn_on": None},
        "C": {"original": False, "party": "R", "withdrawn_on": None},
        "E": {"original": False, "party": "R", "withdrawn_on": None},
        "F": {"original": False, "party": "D", "withdrawn_on": "2025-12-11"},
        "F/withdrawn": {"totals": {"R": 2, "D": 1}},
    },
    "committees": {"X": {"label": "Committee on Tests"}},
    "texts": {
        "Reported in House": {"on": "2026-01-15", "label": "Reported in House"},
        "Introduced in House": {"on": "2025-12-09", "label": "Introduced in House"},
    },
    "related": {"us/bill/119/s/2174": {"text": "Identical bill: S 2174 · 119th"}},
    "actions": {
        "1": {"on": "2025-12-09", "text": "Introduced in House"},
        "2": {"on": "2025-12-09", "text": "Referred to the Committee on Tests."},
    },
    "hearings": {
        "gone": {"starts_at": "2026-02-01T10:00:00-05:00", "label": "Hearing before"},
        "off": {"starts_at": "2026-03-08T10:00:00-05:00", "label": "Hearing off", "state": "Canceled"},
        "next": {"starts_at": "2026-03-09T10:00:00-05:00", "label": "Hearing to come"},
    },
}


@pytest.mark.parametrize(
    ("facets", "expected"),
    [
        (
            FACETS,
            {
                "sponsor": "Rep. A [R-TX-1]",
                "cosponsors": {"total": 3, "by_party": {"R": 2, "D": 1}},
                "committees": ["Committee on Tests"],
                "latest_action": {"on": "2025-12-09", "text": "Referred to the Committee on Tests."},
                "next_hearing": {"on": "2026-03-09", "at": "2026-03-09T15:00:00Z", "what": "Hearing to come"},
                "versions": [
                    {"on": "2025-12-09", "name": "Introduced in House"},
                    {"on": "2026-01-15", "name": "Reported in House"},
                ],
                "related": [{"id": "us/bill/119/s/2174", "says": "Identical bill: S 2174 · 119th"}],
            },
        ),
        (
            {},
            dict.fromkeys(("sponsor", "cosponsors", "committees", "latest_action", "next_hearing"))
            | {"versions": [], "related": []},
        ),
    ],
    ids=["all is stated", "nothing was read"],
)
def test_what_is_asked_next_of_a_bill(facets: dict[str, Any], expected: dict[str, Any]) -> None:
    record = first(NATO, facets).record
    assert stated_of_bill(NATO, record.facets, "Referred to the Committee on Tests.", NOW) == expected


def test_a_poll_later_than_the_moment_asked_about_is_not_reported(database: Path) -> None:
    early = SEEN - timedelta(days=1)
    standing = StatusRow("us/bill/118/hr/1", *[None] * 7, 1, early, early, ("congress",), SEEN)
    (row,) = status_rows([OLD], [standing], {}, now=NOW, known_at=early)
    assert row["checked_at"] is None


def test_a_document_not_read_yet_appears_with_nulls() -> None:
    (row,) = status_rows([us_bill(119, "s", 2174)], [], {}, now=NOW)
    assert list(row) == STATUS
    assert {name for name, value in row.items() if value is not None} == {"id", "kind", "url", "tags", "jurisdiction"}


def test_a_bill_whose_congress_ended_has_lapsed_and_keeps_its_status(database: Path) -> None:
    with open_reader(database) as reader:
        standings = reader.status_rows([str(OLD)])
    (row,) = status_rows([OLD], standings, {}, now=NOW)
    assert (row["stage"], row["status"], row["ended_on"]) == ("lapsed", "REFERRED", "2025-01-03")
    (then,) = status_rows([OLD], standings, {}, now=NOW, as_of=date(2025, 1, 2))
    assert (then["stage"], then["ended_on"]) == ("in_committee", None)


@pytest.mark.parametrize(
    ("now", "stage"),
    [
        (datetime(2025, 1, 3, 16, 59, tzinfo=UTC), "in_committee"),
        (datetime(2025, 1, 3, 17, 0, tzinfo=UTC), "lapsed"),
    ],
    ids=["a minute before noon on 3 January in Washington", "noon in Washington"],
)
def test_a_congress_ends_at_noon_where_it_sits(now: datetime, stage: str, database: Path) -> None:
    with open_reader(database) as reader:
        (row,) = status_rows([OLD], reader.status_rows([str(OLD)]), {}, now=now)
    assert row["stage"] == stage


def test_a_regime_past_its_shipped_history_is_unknown_with_the_reason() -> None:
    """The shipped chain ends on 31 October 2026: until the source was read, nobody can say what followed."""
    found = regime_answers(None, [REGIME], now=datetime(2026, 11, 22, 12, tzinfo=UTC))
    (row,) = status_rows([REGIME], [], {REGIME: WatchSettings(str(REGIME), REGIME)}, now=NOW, regimes=found)
    assert (row["kind"], row["status"], row["stage"], row["status_on"]) == ("regime", "UNKNOWN", "unknown", None)
    assert row["reason"] == (
        "no source of this regime has been read yet, and the last known term ended 31 Oct 2026 05:30"
    )
    assert row["known_through"] is None
    assert row["term"]["ends_at"] == "2026-10-31T05:30:00+02:00"
    assert row["next"] == {"state": "none_seen", "instrument": None, "starts_at": None}


def test_a_regime_within_its_shipped_history_stands_as_the_contract_shows() -> None:
    found = regime_answers(None, [REGIME], now=datetime(2026, 1, 11, 10, tzinfo=UTC))
    (row,) = status_rows([REGIME], [], {}, now=NOW, regimes=found)
    assert (row["status"], row["stage"], row["status_on"], row["reason"]) == (
        "IN_FORCE",
        "in_force",
        "2025-11-05",
        None,
    )
    assert row["term"] == {
        "episode": "2022",
        "number": 17,
        "starts_at": "2025-11-05T05:30:00+02:00",
        "ends_at": "2026-02-03T05:30:00+02:00",
        "length": "90 days",
        "instrument": "ua/decree/793/2025",
        "approval": "ua/law/4643-ix",
        "confidence": "official",
    }


AS_OF = {
    "the day of the 2018 introduction": ("2018-11-26", "IN_FORCE", 0),
    "the day after the 2018 lapse": ("2018-12-27", "ENDED", 0),
    "the day before the 2022 introduction": ("2022-02-23", "ENDED", 0),
    "the day of the decree, before its law": ("2022-02-24", "IN_FORCE", 0),
    "the inferred term": ("2026-06-01", "IN_FORCE", 19),
}


@pytest.mark.parametrize(("day", "status", "number"), AS_OF.values(), ids=AS_OF.keys())
def test_a_regime_as_of(day: str, status: str, number: int) -> None:
    found = regime_answers(None, [REGIME], now=datetime(2026, 11, 22, tzinfo=UTC), as_of=date.fromisoformat(day))
    assert (found[REGIME]["status"], found[REGIME]["term"]["number"]) == (status, number)


def test_history_tells_the_past_and_what_changed_oldest_first(database: Path) -> None:
    with open_reader(database) as reader:
        rows = history_rows(reader.history(str(NATO)))
    assert all(list(row) == HISTORY for row in rows)
    statuses = [
        (row["before"], row["after"], row["happened_on"], row["text"]) for row in rows if row["kind"] == "status"
    ]
    assert statuses == [
        (None, "INTRODUCED", "2025-12-09", "Introduced in House"),
        ("INTRODUCED", "REFERRED", "2025-12-09", REFERRAL),
        ("REFERRED", "REPORTED", "2026-02-03", REPORT),
    ]
    assert [row["revision"] for row in rows] == sorted(row["revision"] for row in rows)
    last = rows[-1]
    assert (last["published_at"], last["seen_at"]) == ("2026-02-04T10:00:00Z", "2026-02-04T11:00:00Z")
    assert len({row["change"] for row in rows}) == len(rows)


def test_alerts_have_one_entry_per_recipient(database: Path) -> None:
    with open_reader(database) as reader:
        rows = alert_rows(reader.alerts())
    assert [list(row) for row in rows] == [ALERTS]
    assert rows[0]["alert"].startswith("al-")
    assert rows[0]["delivery"].startswith("dl-")
    assert rows[0]["changes"] == ["us/bill/119/hr/6508@2:status:REPORTED:2026-02-03"]
    assert (rows[0]["state"], rows[0]["to"], rows[0]["attempts"]) == ("pending", "console", 0)
    assert rows[0]["possible_repeat"] is False


CONGRESS = SourceSettings("congress", timedelta(minutes=15), "https://api.congress.gov/v3")
HEALTHS = [
    (SourceState("congress", due_at=NOW + timedelta(minutes=1)), True, "ok"),
    (SourceState("congress", due_at=NOW - timedelta(minutes=14)), True, "ok"),
    (SourceState("congress", due_at=NOW - timedelta(minutes=16)), True, "late"),
    (None, True, "late"),
    (SourceState("congress", due_at=NOW - timedelta(days=1)), False, "ok"),
    (SourceState("congress", Health.BLOCKED, due_at=NOW - timedelta(days=1)), True, "blocked"),
]


@pytest.mark.parametrize(
    ("state", "configured", "expected"),
    HEALTHS,
    ids=[
        "well and not due",
        "overdue by less than an interval",
        "overdue by more than an interval is late",
        "never asked is late",
        "no longer configured is never late",
        "what it said last counts before lateness",
    ],
)
def test_says_how_a_source_is(state: SourceState | None, configured: bool, expected: str) -> None:
    wanted = {"congress": CONGRESS} if configured else {}
    (row,) = source_rows([state] if state else [], wanted, NOW)
    assert list(row) == SOURCES + COUNTED
    assert row["state"] == expected


def test_a_source_says_how_often_it_was_asked_and_how_long_it_was_not_read() -> None:
    gaps = ((NOW - timedelta(days=2), NOW - timedelta(days=1)), (NOW - timedelta(hours=2), NOW))
    known = SourceState("congress", checks=672, failed=3, gaps=gaps)
    (row,) = source_rows([known], {}, NOW)
    assert [row[name] for name in COUNTED] == [672, 3, 86400.0]
    (never,) = source_rows([], {"congress": CONGRESS}, NOW)
    assert [never[name] for name in COUNTED] == [0, 0, None]


def test_the_first_watch_of_a_document_gives_its_note() -> None:
    twice = (WatchSettings("a", NATO, note="first"), WatchSettings("b", NATO, note="second"), WatchSettings("feed"))
    found = watched(Settings(path=Path("config.toml"), database="x.db", watches=twice))
    assert list(found) == [NATO]
    assert found[NATO].note == "first"
