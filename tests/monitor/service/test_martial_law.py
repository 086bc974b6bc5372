"""The other half of the main job: an extension of martial law, from decree to entry into force, by the real command."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest

from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import Installation, installed
from tests.watchers.rada.publisher import RadaServer, decree, law, noise

REGIME = "ua/regime/martial-law"
SOURCE = """
[source.rada]
every    = "1m"
base_url = "{url}"
[[watch]]
regime = "ua/regime/martial-law"
note   = "Kyiv bureau"
"""

BEFORE = datetime(2025, 10, 19, 12, tzinfo=UTC)


def shown(evening: str) -> RadaServer:
    """Return the database on one evening: the decree, its law, and the law in force, each from its day on; the dates
    are the record's, the texts *constructed* from the official formula, and fifteen other updates stand beside them."""
    decreed = decree(
        "793/2025",
        date(2025, 10, 20),
        "5 години 30 хвилин 5 листопада 2025 року",
        touched=BEFORE + timedelta(days=1),
    )
    adopted = law("4643-20", date(2025, 10, 21), decreed, touched=BEFORE + timedelta(days=2))
    text = (adopted.text or "").replace("не набрав чинності", "чинний")
    in_force = replace(adopted, status=5, text=text, touched=BEFORE + timedelta(days=12))
    server = RadaServer(now=datetime.fromisoformat(f"{evening}T17:00:00+00:00"))
    server.put(*noise(15, BEFORE), *(paper for paper in (decreed, adopted, in_force) if paper.touched <= server.now))
    return server


@dataclass(slots=True)
class Database:
    """Serves the state of one evening."""

    evening: str = "2025-10-19"
    down: bool = False
    title: str | None = None
    unread: Reply | None = None
    without_cards: bool = False

    def __call__(self, asked: ReceivedRequest) -> Reply:
        if self.down:
            return Reply(503, b"maintenance", "text/html")
        path = unquote(asked.path)
        if self.unread and path.startswith("/laws/show/"):
            return self.unread
        if self.without_cards and (path.startswith("/laws/card/") or path.endswith(".json")):
            return Reply(404, b"no", "text/html")
        body = self._shown().body(path)
        kind = {"json": "application/json", "xml": "application/rss+xml"}.get(
            asked.path.rpartition(".")[2], "text/plain"
        )
        return Reply(404, b"no", "text/html") if body is None else Reply(body=body, content_type=kind)

    def _shown(self) -> RadaServer:
        server = shown(self.evening)
        for nreg in ("793/2025", "4643-20") if self.title else ():
            if nreg in server.acts:
                server.acts[nreg] = replace(server.acts[nreg], title=self.title or "")
        return server


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def office(tmp_path: Path, database: Database) -> Iterator[Installation]:
    with serve(database) as loopback, installed(tmp_path, loopback, SOURCE.format(url=loopback.url)) as made:
        text = made.config.read_text()
        made.config.write_text(re.sub(r"\[source\.congress\].*?(?=\[source\.rada\]|\[\[channel)", "", text, flags=re.S))
        yield made


def test_a_renewal_is_reported_step_by_step_and_nothing_else(office: Installation, database: Database) -> None:
    office.separate = True
    office.once("2025-10-19T18:00:00Z")
    assert office.subjects() == [], "fifteen other updates, and the shipped history, are no news"
    for evening in ("2025-10-20", "2025-10-21", "2025-10-31"):
        database.evening = evening
        for minute in ("00", "30"):
            office.once(f"{evening}T18:{minute}:00Z")
    told = [subject.partition(":")[0] for subject in office.subjects()]
    assert told == [
        "[UA martial law] Decree 793/2025 signed",
        "[UA martial law] Law 4643-IX adopted",
        "[UA martial law] Law 4643-IX in force",
    ]
    assert len(office.slack_texts()) == 3
    for mail in office.mail.accepted:
        text = " ".join(mail.message.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
        assert "extension 17, 5 Nov 2025 05:30 to 3 Feb 2026 05:30 (Europe/Kyiv, 90 days)" in text
        assert mail.message["X-Lexwatch-Document"] == REGIME
        assert mail.message["X-Lexwatch-Kinds"] == "term"


NEXT = {
    "before the decree": ("2025-10-19", 16, "none_seen", None),
    "with the decree": ("2025-10-20", 16, "decree_signed", "ua/decree/793/2025"),
    "with the law": ("2025-10-21", 16, "law_adopted", "ua/decree/793/2025"),
    "with the law in force": ("2025-10-31", 16, "in_force_later", "ua/decree/793/2025"),
}


@pytest.mark.parametrize(("evening", "number", "state", "instrument"), NEXT.values(), ids=NEXT.keys())
def test_status(
    office: Installation, database: Database, evening: str, number: int, state: str, instrument: str | None
) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.evening = evening
    office.once(f"{evening}T18:00:00Z")
    (status,) = (row for row in json_at(office, f"{evening}T18:30:00Z") if row["id"] == REGIME)
    assert (status["status"], status["stage"], status["term"]["number"]) == ("IN_FORCE", "in_force", number)
    assert (status["next"]["state"], status["next"]["instrument"]) == (state, instrument)
    assert status["known_through"].startswith(f"{evening}T18:00:"), "the poll begins within the minute"
    if instrument:
        assert status["next"]["starts_at"] == "2025-11-05T05:30:00+02:00"


def test_the_term_that_follows_is_right_to_the_minute(office: Installation, database: Database) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.evening = "2025-10-31"
    office.once("2025-10-31T18:00:00Z")
    (status,) = json_at(office, "2025-11-05T03:30:00Z")
    assert status["term"] == {
        "episode": "2022",
        "number": 17,
        "starts_at": "2025-11-05T05:30:00+02:00",
        "ends_at": "2026-02-03T05:30:00+02:00",
        "length": "90 days",
        "instrument": "ua/decree/793/2025",
        "approval": "ua/law/4643-ix",
        "confidence": "official",
    }
    (before,) = json_at(office, "2025-11-05T03:29:00Z")
    assert before["term"]["number"] == 16


def test_an_outage_is_unknown_never_an_expiry(office: Installation, database: Database) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.down = True
    for hour in range(3):
        assert office.run("run", "--once", now=f"2025-10-20T{12 + hour}:00:00Z").returncode == 1
    (status,) = json_at(office, "2025-11-06T12:00:00Z")
    assert (status["status"], status["term"]["number"]) == ("UNKNOWN", 16)
    assert status["reason"]
    assert status["known_through"].startswith("2025-10-19T12:00:"), "when it was last read, not when it was asked"
    assert [subject for subject in office.subjects() if "martial" in subject] == []
    assert len([subject for subject in office.subjects() if "rada" in subject]) == 1


NOT_FOUND = Reply(404, b"no", "text/html")
BLOCKED = Reply(403, "<html><body>Доступ заборонено</body></html>".encode(), "text/html")
DECREE, APPROVAL = ("decree_signed", "ua/decree/793/2025"), ("law_adopted", "ua/law/4643-ix")
UNREAD = {
    "not published yet": ("2025-10-20", NOT_FOUND, True, DECREE),
    "blocked": ("2025-10-20", BLOCKED, True, DECREE),
    "blocked, and so are the cards": ("2025-10-20", BLOCKED, False, DECREE),
    "not published yet, no card either": ("2025-10-20", NOT_FOUND, False, DECREE),
    "not given by the server": ("2025-10-20", Reply(503, b"", "text/html"), True, DECREE),
    "empty": ("2025-10-20", Reply(body=b"", content_type="text/plain"), True, DECREE),
    "not there, nor that of its law": ("2025-10-21", NOT_FOUND, True, APPROVAL),
    "blocked, and so is that of its law in force": ("2025-10-31", BLOCKED, True, APPROVAL),
}


@pytest.mark.parametrize(("evening", "text", "cards", "renewal"), UNREAD.values(), ids=UNREAD)
def test_a_renewal_is_seen_at_once_whose_text_is(
    office: Installation, database: Database, evening: str, text: Reply, cards: bool, renewal: tuple[str, str]
) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.evening, database.unread, database.without_cards = evening, text, not cards
    office.run("run", "--once", now=f"{evening}T18:00:00Z")
    (status,) = json_at(office, f"{evening}T18:30:00Z")
    assert status["next"] == {"state": renewal[0], "instrument": renewal[1], "starts_at": None}
    told = [subject for subject in office.subjects() if "martial" in subject and " left, " not in subject]
    assert told == [], "its text is waited for"
    office.run("run", "--once", now=f"{'2025-10-22' if evening < '2025-10-22' else '2025-11-04'}T04:00:00Z")
    reminders = [mail for mail in office.mail.accepted if " left, " in str(mail.message["Subject"])]
    assert reminders
    for reminder in reminders:
        said = " ".join(reminder.message.get_body(("plain",)).get_content().split())  # type: ignore[union-attr]
        assert "renewal seen, its term not read" in said
        assert "none is seen" not in said
        assert "no renewal seen" not in said


@pytest.mark.parametrize("text", [NOT_FOUND, BLOCKED], ids=["not there", "blocked"])
def test_a_text_that_is_waited_for_in_vain_is_said_once(office: Installation, database: Database, text: Reply) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.evening, database.unread = "2025-10-20", text
    for day in ("20", "21", "22", "23"):
        for hour in ("18", "22"):
            office.run("run", "--once", now=f"2025-10-{day}T{hour}:00:00Z")
    told = [subject for subject in office.subjects() if "its term cannot be read yet" in subject]
    assert len(told) == 1


def test_a_text_that_was_blocked_is_read_and_its_term_reported_once(office: Installation, database: Database) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.evening, database.unread = "2025-10-20", BLOCKED
    office.run("run", "--once", now="2025-10-20T18:00:00Z")
    database.unread = None
    for hour in ("02", "06", "12"):
        office.run("run", "--once", now=f"2025-10-21T{hour}:00:00Z")
    told = [subject.partition(":")[0] for subject in office.subjects() if "martial" in subject]
    assert told == ["[UA martial law] Decree 793/2025 signed"]
    (status,) = json_at(office, "2025-10-21T12:30:00Z")
    assert status["next"]["starts_at"] == "2025-11-05T05:30:00+02:00"


NO_RENEWAL = {
    "another subject": ("Про відзначення державними нагородами України", NOT_FOUND),
    "the legal order of martial law": ("Про правовий режим воєнного стану", BLOCKED),
    "a code while it lasts": ("Про внесення змін до Податкового кодексу на період дії воєнного стану", NOT_FOUND),
    "its end": ("Про скасування воєнного стану в Україні", NOT_FOUND),
    "its end, blocked": ("Про припинення воєнного стану в Україні", BLOCKED),
    "its end in a part": ("Про припинення воєнного стану в окремих місцевостях України", NOT_FOUND),
    "the other regime": ("Про продовження строку проведення загальної мобілізації", NOT_FOUND),
}


@pytest.mark.parametrize(("title", "text"), NO_RENEWAL.values(), ids=NO_RENEWAL)
def test_an_act_that_cannot_be_read_and_renews_nothing_is_no_renewal(
    office: Installation, database: Database, title: str, text: Reply
) -> None:
    office.once("2025-10-19T12:00:00Z")
    database.evening, database.title, database.unread = "2025-10-20", title, text
    office.run("run", "--once", now="2025-10-20T18:00:00Z")
    office.run("run", "--once", now="2025-10-21T06:00:00Z")
    office.run("run", "--once", now="2025-10-22T04:00:00Z")
    (status,) = json_at(office, "2025-10-22T05:00:00Z")
    assert status["next"] == {"state": "none_seen", "instrument": None, "starts_at": None}
    assert [subject for subject in office.subjects() if "14 days left, no renewal seen" in subject]


def json_at(office: Installation, now: str) -> list[dict[str, Any]]:
    done = office.run("status", "--json", now=now)
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found
