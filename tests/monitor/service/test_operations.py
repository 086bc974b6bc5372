"""Faults of years of running, through the real command: nothing hidden, no identity used twice, nothing begun anew."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from storage.ownership import own_database
from tests.helpers.feed_installation import FeedInstallation, feed_installed
from tests.helpers.hr6508 import BILL, REPORTED, Publisher
from tests.helpers.http_server import HttpServer, Reply, serve
from tests.helpers.installation import installed
from tests.helpers.webhook_signature import SECRET

ENTRIES = [f"n{number:03d}" for number in range(150)]
PASSED = {
    "actionCode": "H37300",
    "actionDate": "2026-02-24",
    "text": "On passage Passed by voice vote. (constructed)",
    "type": "Floor",
    "sourceSystem": {"code": 2, "name": "House floor actions"},
}


@pytest.fixture
def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FeedInstallation]:
    with feed_installed(tmp_path, monkeypatch) as made:
        yield made


@contextmanager
def hook() -> Iterator[HttpServer]:
    with serve(lambda _: Reply(body=b"ok", content_type="text/plain")) as server:
        yield server


HOOK_CHANNEL = """
[[channel]]
name    = "hook"
kind    = "webhook"
webhook = { env = "HOOK_URL" }
secret  = { env = "HOOK_SECRET" }
"""


@pytest.mark.parametrize(
    "when", [pytest.param("", id="at once"), pytest.param('when = "daily 08:00"', id="with a daily digest")]
)
def test_ops_1_every_entry_that_is_recorded_as_sent_was_named_in_a_message(
    office: FeedInstallation, when: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """150 new entries of one feed after a stop of nine hours: through each channel, each by its title."""
    with hook() as server:
        monkeypatch.setenv("HOOK_URL", f"{server.url}/hook")
        monkeypatch.setenv("HOOK_SECRET", SECRET)
        more = f'[[route]]\nchannels = ["room", "hook"]\n{when}\n'
        office.configured(channel=HOOK_CHANNEL, route=when, more=more)
        office.run("run", "--once", now="2026-03-01T20:00:00Z")
        office.acts.add(*ENTRIES)
        for now in ("2026-03-02T05:00:00Z", "2026-03-02T06:30:00Z", "2026-03-02T07:30:00Z", "2026-03-02T08:30:00Z"):
            assert office.run("run", "--once", now=now).returncode == 0
        mailed: dict[str, str] = {}
        for mail in office.mail.accepted:
            body = mail.message.get_body(("plain",))
            assert body is not None
            mailed[mail.recipients[0]] = (
                mailed.get(mail.recipients[0], "") + str(mail.message["Subject"]) + body.get_content()
            )
        posted = {
            "room": " ".join(json.dumps(json.loads(asked.body)) for asked in office.slack.asked),
            "hook": " ".join(asked.body.decode() for asked in server.asked),
        }
    assert {alert["state"] for alert in office.answer("alerts")} == {"sent"}
    assert set(mailed) == {"desk@example.org", "second@example.org"}
    for to, words in (mailed | posted).items():
        assert [name for name in ENTRIES if f"Act {name}" not in words] == [], f"never named to {to}"


def remark(number: int) -> dict[str, object]:
    return {
        "actionDate": "2026-02-12",
        "text": f"Remark {number:03d} on the measure was entered in the record (constructed).",
        "type": "Floor",
        "sourceSystem": {"code": 2, "name": "House floor actions"},
    }


def test_ops_1_why_says_of_a_digest_what_it_shows_in_full(tmp_path: Path) -> None:
    """A report on one day and ninety remarks on another go as one digest, of which the room shows sixty lines: `why`
    says so of the alert that is cut short, and of no other."""
    publisher = Publisher(state="2026-01-06")
    daily = '[[route]]\nchannels = ["policy-room"]\nkinds = ["status", "action"]\nwhen = "daily 08:00"\n'
    with serve(publisher) as loopback, installed(tmp_path, loopback, daily) as office:
        office.once("2026-02-09T09:00:00Z")
        publisher.touched, publisher.actions = "2026-02-12T10:00:00Z", [REPORTED]
        office.once("2026-02-12T11:00:00Z")
        publisher.touched = "2026-02-12T13:00:00Z"
        publisher.actions = [*map(remark, range(90)), REPORTED]
        office.once("2026-02-12T14:00:00Z")
        office.once("2026-02-13T08:05:00Z")
        (posted,) = (json.loads(asked.body) for asked in office.slack.asked)
        shown = " ".join(json.dumps(posted).split())
        (message,) = {alert["delivery"] for alert in office.json("alerts")}
        found = {alert["revision"]: alert for alert in office.json("why", message)}
        said = office.json("why", BILL, "--last", "200")
    reported, remarks = found[min(found)], found[max(found)]
    hidden = [change["change"] for change in remarks["changes"] if change["after"].rstrip(".") not in shown]
    outcomes = [alert["deliveries"][0]["named"] for alert in (reported, remarks)]
    assert outcomes == ["named in full", "named in the overview"]
    assert "Reported" in shown
    assert 0 < len(hidden) < len(remarks["changes"]) == 90
    named = {change["change"]: change["told"][0]["named"] for change in said["changes"] if change["told"]}
    assert {key for key, how in named.items() if how == "counted, not named"} == set(hidden)
    assert set(named.values()) == {"named", "counted, not named"}


def test_ops_2_an_identity_names_these_bytes_for_ever(tmp_path: Path) -> None:
    """Told: revision 3 "Reported". The database of before is restored; the bill passes the House meanwhile: that is
    another message, and as it may have been told before it is marked."""
    publisher = Publisher(state="2026-01-06")
    with hook() as server, serve(publisher) as loopback:
        secrets = {"HOOK_URL": f"{server.url}/hook", "HOOK_SECRET": SECRET}
        with installed(tmp_path, loopback, HOOK_CHANNEL, secrets) as office:
            office.once("2026-01-06T22:00:00Z")
            assert office.run("backup", str(office.folder / "week.db"), now="2026-01-07T22:00:00Z").returncode == 0
            publisher.touched, publisher.actions = "2026-02-11T13:00:00Z", [REPORTED]
            office.once("2026-02-11T14:00:00Z")
            shutil.copy(tmp_path / "week.db", tmp_path / "record.db")
            for left in ("record.db-wal", "record.db-shm"):
                (tmp_path / left).unlink(missing_ok=True)
            publisher.touched, publisher.actions = "2026-02-25T13:00:00Z", [PASSED, REPORTED]
            office.once("2026-02-25T14:00:00Z")
            ids = [asked.headers["webhook-id"] for asked in server.asked]
            mails = [str(mail.message["Message-ID"]) for mail in office.mail.accepted]
            repeats = [alert["possible_repeat"] for alert in office.json("alerts")]
    assert len(ids) == len(set(ids)) == 2
    assert len(mails) == len(set(mails)) == 2
    assert repeats
    assert all(repeats)


@pytest.mark.parametrize(
    "mended",
    [pytest.param(("/acts", "/moved"), id="the address"), pytest.param(('"acts"', '"decrees"'), id="the name")],
)
def test_ops_3_a_mended_watch_goes_on(office: FeedInstallation, mended: tuple[str, str]) -> None:
    """What came out after the last good poll is told, and nothing that was known."""
    office.acts.add("known")
    office.run("run", "--once", now="2026-03-01T20:00:00Z")
    office.acts.add("nine")
    office.config.write_text(office.config.read_text().replace(*mended))
    assert office.run("run", "--once", now="2026-03-03T20:00:00Z").returncode == 0
    assert [subject for subject in office.subjects() if "Act" in subject] == [
        subject for subject in office.subjects() if "Act nine" in subject
    ]
    assert any("Act nine" in subject for subject in office.subjects())


@pytest.mark.parametrize("emptied", [False, True], ids=["deleted", "emptied"])
def test_ops_5_a_lost_database_is_refused_with_the_cure(office: FeedInstallation, emptied: bool) -> None:
    office.run("run", "--once", now="2026-03-01T20:00:00Z")
    for path in office.folder.glob("record.db*"):
        path.unlink()
    if emptied:
        (office.folder / "record.db").touch()
    office.acts.add("meanwhile")
    refused = office.run("run", "--once", now="2026-03-02T20:00:00Z")
    assert refused.returncode == 2
    assert "--new-record" in refused.stderr
    assert len(refused.stderr.strip().splitlines()) == 1
    anew = office.run("run", "--once", "--new-record", now="2026-03-02T20:00:00Z")
    assert anew.returncode == 0, anew.stderr


def test_ops_8_a_second_service_is_refused_by_whatever_name(office: FeedInstallation) -> None:
    office.run("run", "--once", now="2026-03-01T20:00:00Z")
    (office.folder / "link.db").symlink_to("record.db")
    office.config.write_text(office.config.read_text().replace('"record.db"', '"link.db"'))
    with own_database(office.folder / "record.db"):
        refused = office.run("run", "--once", now="2026-03-01T21:00:00Z")
    assert refused.returncode == 2
    assert len(refused.stderr.strip().splitlines()) == 1
