"""US national emergencies through the real command: the dated examples of the record, read from a Federal Register.

Numbers and days of the notices are those of the record; where the day of publication is not on record it is *modelled*,
and what stands around the notices is *constructed*.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.http_server import serve
from tests.helpers.installation import Installation
from tests.helpers.mail_server import serve_mail
from tests.watchers.federal_register.publisher import NOTICES, FederalRegisterServer, noise, register

CONFIG = """
[service]
database = "record.db"
contact  = "desk@example.org"
operator = ["desk"]
[http]
allow_hosts = ["127.0.0.1"]
[source.federal_register]
every    = "1m"
base_url = "{register}/api/v1"
[[watch]]
regime = "us/regime/emergency/{regime}"
[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "{mail}"
"""


@contextmanager
def following(folder: Path, regime: str, shelf: FederalRegisterServer) -> Iterator[Installation]:
    with serve(shelf.answer) as server, serve_mail() as mail:
        made = Installation(folder, server, mail, server)
        made.config.write_text(CONFIG.format(register=server.url, regime=regime, mail=mail.server))
        yield made


def run(desk: Installation, shelf: FederalRegisterServer, day: str) -> None:
    """Run once at noon of a day in Washington."""
    shelf.today = day
    done = desk.run("run", "--once", now=f"{day}T17:00:00Z")
    assert done.returncode == (1 if shelf.down else 0), done.stderr


def at(desk: Installation, shelf: FederalRegisterServer, day: str) -> Any:
    """Run once, and return how the regime stands then."""
    run(desk, shelf, day)
    done = desk.run("status", "--json", now=f"{day}T17:05:00Z")
    assert done.returncode == 0, done.stderr
    (row,) = json.loads(done.stdout)
    return row


EXAMPLES = {
    "Ukraine (EO 13660), 2024: one day before the anniversary": (
        "eo-13660", "2024-03-01", "2024-03-05", "2024-03-07", "2025-03-06T00:00:00-05:00", "us/fr/2024-04858"),
    "energy (EO 14156), 2026: its first continuation": (
        "eo-14156", "2026-01-10", "2026-01-15", "2026-01-21", "2027-01-20T00:00:00-05:00", "us/fr/2026-00732"),
    "export control (EO 13222), 2026": (
        "eo-13222", "2026-08-10", "2026-08-14", "2026-08-18", "2027-08-17T00:00:00-04:00", "us/fr/2026-16748"),
    "elections (EO 13848), 2026": (
        "eo-13848", "2026-08-30", "2026-09-02", "2026-09-13", "2027-09-12T00:00:00-04:00", "us/fr/2026-18046"),
}  # fmt: skip


@pytest.mark.parametrize(
    ("regime", "before", "day", "after", "ends_at", "notice"),
    [
        pytest.param(*case, id=name, marks=() if place == 0 else pytest.mark.slow)
        for place, (name, case) in enumerate(EXAMPLES.items())
    ],
)
def test_a_continuation_is_reported_once_and_carries_it_on(
    tmp_path: Path, regime: str, before: str, day: str, after: str, ends_at: str, notice: str
) -> None:
    shelf = register()
    with following(tmp_path, regime, shelf) as desk:
        run(desk, shelf, before)
        assert desk.subjects() == []
        run(desk, shelf, day)
        told = [subject for subject in desk.subjects() if "Notice" in subject]
        assert len(told) == 1, desk.subjects()
        row = at(desk, shelf, after)
        assert (row["status"], row["term"]["ends_at"], row["term"]["instrument"]) == ("IN_FORCE", ends_at, notice)
        assert (row["term"]["confidence"], row["reason"]) == ("official", None)
        assert [subject for subject in desk.subjects() if "Notice" in subject] == told


@pytest.mark.slow
def test_without_the_notice_it_is_expired_with_no_successor_seen(tmp_path: Path) -> None:
    shelf = register()
    shelf.documents = [doc for doc in shelf.documents if doc not in NOTICES]
    with following(tmp_path, "eo-14156", shelf) as desk:
        assert at(desk, shelf, "2026-01-10")["status"] == "IN_FORCE"
        assert at(desk, shelf, "2026-01-19")["days_left"] == 1
        shelf.put(*noise("2026-01-19"))
        row = at(desk, shelf, "2026-01-21")
        assert (row["status"], row["known_through"] is not None) == ("EXPIRED_NO_SUCCESSOR_SEEN", True)
        assert any("1 day left" in subject for subject in desk.subjects())


def test_a_register_that_is_down_is_unknown_and_the_operator_hears(tmp_path: Path) -> None:
    shelf = register()
    shelf.documents = [doc for doc in shelf.documents if doc not in NOTICES]
    with following(tmp_path, "eo-14156", shelf) as desk:
        run(desk, shelf, "2026-01-10")
        shelf.down = True
        run(desk, shelf, "2026-01-16")
        run(desk, shelf, "2026-01-18")
        row = at(desk, shelf, "2026-01-21")
        assert row["status"] == "UNKNOWN"
        assert "read" in row["reason"]
        assert any(mail.message["X-Lexwatch-Document"] == "source/federal_register" for mail in desk.mail.accepted)
        assert not any("xpired" in subject for subject in desk.subjects())


@pytest.mark.slow
def test_an_emergency_that_was_ended_by_law_stays_ended(tmp_path: Path) -> None:
    shelf = register()
    shelf.put(*noise("2023-04-03"))
    with following(tmp_path, "proclamation-9994", shelf) as desk:
        row = at(desk, shelf, "2023-04-12")
        assert (row["status"], row["term"]["ends_at"]) == ("ENDED_EARLY", "2023-04-10T00:00:00-04:00")


def test_check_names_the_source_an_emergency_needs(tmp_path: Path) -> None:
    shelf = register()
    with following(tmp_path, "eo-13660", shelf) as desk:
        assert "nothing reads" not in desk.run("check").stderr
        text = desk.config.read_text()
        head, _, rest = text.partition("[source.federal_register]")
        desk.config.write_text(head + rest[rest.index("[[watch]]") :])
        assert "there is no [source.federal_register]" in desk.run("check").stderr + desk.run("check").stdout
