"""Digests, quiet hours, narrowed routes and dead messages with the real command, a real feed and real mail.

Everything the feed says is constructed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass, field
from io import BytesIO, StringIO
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from openpyxl import load_workbook

from monitor.cli.main import main
from tests.helpers.http_server import ReceivedRequest, Reply, serve
from tests.helpers.installation import Installation, installed

FEED = """<?xml version="1.0" encoding="utf-8"?>
<feed xmlns="http://www.w3.org/2005/Atom"><title>Acts (constructed)</title><id>urn:acts</id>
<updated>2026-03-01T00:00:00Z</updated>{entries}</feed>"""
ENTRY = """<entry><id>urn:act:{name}</id><title>Act {name} (constructed)</title>
<updated>2026-03-01T00:00:00Z</updated><link href="https://example.org/{name}"/></entry>"""


@dataclass(slots=True)
class Acts:
    """A feed to which acts are added."""

    names: list[str] = field(default_factory=lambda: ["zero"])

    def __call__(self, _: ReceivedRequest) -> Reply:
        entries = "".join(ENTRY.format(name=name) for name in self.names)
        return Reply(body=FEED.format(entries=entries).encode(), content_type="application/atom+xml")


def configured(office: Installation, *, route: str = "", channel: str = "", zone: str = "Europe/Kyiv") -> None:
    office.config.write_text(
        f"""
[service]
database = "record.db"
timezone = "{zone}"
operator = ["room"]
[http]
allow_hosts = ["127.0.0.1"]
[[watch]]
feed  = "{office.publisher.url}/acts"
name  = "acts"
every = "1s"
[[channel]]
name   = "desk"
kind   = "email"
to     = ["desk@example.org"]
sender = "lexwatch@example.org"
server = "{office.mail.server}"
{channel}
[[channel]]
name = "room"
kind = "slack"
webhook = {{ env = "SLACK_WEBHOOK_URL" }}
[[route]]
channels = ["desk"]
{route}
"""
    )


@pytest.fixture
def acts() -> Acts:
    return Acts()


@dataclass(slots=True)
class Here(Installation):
    """The real command without a process of its own, which would cost more than all else here."""

    def run(self, *words: str, now: str | None = None) -> CompletedProcess[str]:
        arguments = ["--config", str(self.config), *(("--now", now) if now else ()), *words]
        with redirect_stdout(StringIO()) as said, redirect_stderr(StringIO()) as complained:
            status = main(arguments)
        return CompletedProcess(arguments, status, said.getvalue(), complained.getvalue())


@pytest.fixture
def office(tmp_path: Path, acts: Acts, monkeypatch: pytest.MonkeyPatch) -> Iterator[Installation]:
    with serve(acts) as loopback, installed(tmp_path, loopback) as made:
        for name, value in made.environment.items():
            monkeypatch.setenv(name, value)
        yield Here(made.folder, made.publisher, made.mail, made.slack)


def test_a_digest_comes_once_at_its_hour_on_the_night_the_clocks_change(office: Installation, acts: Acts) -> None:
    """On 29 March 2026 the hour from three to four does not exist in Kyiv: 03:30 is 01:30 UTC."""
    configured(office, route='when = "daily 03:30"')
    office.once("2026-03-28T20:00:00Z")
    acts.names += ["one", "two", "three"]
    office.once("2026-03-28T22:00:00Z")
    acts.names += ["four"]
    office.once("2026-03-29T01:29:30Z")
    assert office.subjects() == []
    assert {row["state"] for row in office.json("alerts")} == {"held"}
    office.once("2026-03-29T01:30:00Z")
    office.once("2026-03-29T02:30:00Z")
    assert office.subjects() == ["28 March: acts: New on the record: Act one (constructed), and 3 more documents"]
    (mail,) = office.mail.accepted
    assert mail.message["Date"].startswith("Sun, 29 Mar 2026 01:30:"), "a mail program sorts by it"
    assert len(str(mail.message["X-Lexwatch-Document"]).split()) == 4
    assert len(str(mail.message["X-Lexwatch-Alert"]).split()) == 4
    (row,) = office.json("alerts")
    assert (row["state"], len(row["alert"].split()), len(row["id"].split()), len(row["changes"])) == ("sent", 4, 4, 4)
    text = mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert all(f"Act {name} (constructed)" in " ".join(text.split()) for name in ("one", "two", "three", "four"))


def test_a_digest_whose_hour_was_missed_comes_once_when_the_service_is_back(office: Installation, acts: Acts) -> None:
    configured(office, route='when = "weekly monday 08:00"', zone="UTC")
    office.once("2026-03-27T10:00:00Z")
    acts.names += ["one"]
    office.once("2026-03-27T11:00:00Z")
    acts.names += ["two"]
    office.once("2026-04-10T12:00:00Z")
    assert office.subjects() == ["Week of 23–29 March: acts: New on the record: Act one (constructed)"]
    office.once("2026-04-13T08:00:00Z")
    assert office.subjects()[1:] == ["Week of 6–12 April: acts: New on the record: Act two (constructed)"]


def test_quiet_hours_hold_the_night_and_what_is_urgent_passes(office: Installation, acts: Acts) -> None:
    configured(office, channel='quiet = "22:00-07:00"')
    office.once("2026-03-28T19:00:00Z")
    acts.names += ["one"]
    office.once("2026-03-28T20:30:00Z")
    office.once("2026-03-29T03:59:00Z")
    assert office.subjects() == []
    office.once("2026-03-29T04:00:00Z")
    assert len(office.subjects()) == 1, "seven in the morning is an hour earlier this night"
    configured(office, channel='quiet = "22:00-07:00"\nurgent = ["appeared"]')
    acts.names += ["two"]
    office.once("2026-03-29T20:00:00Z")
    assert len(office.subjects()) == 2


def test_a_route_carries_what_matters_enough_and_has_its_words(office: Installation, acts: Acts) -> None:
    configured(office, route='severity = "major"')
    office.once("2026-03-28T10:00:00Z")
    acts.names += ["one"]
    office.once("2026-03-28T11:00:00Z")
    assert office.json("alerts") == []
    configured(office, route='severity = "normal"\nwords = ["act three"]')
    acts.names += ["two", "three"]
    office.once("2026-03-28T12:00:00Z")
    assert [subject.partition("] ")[2] for subject in office.subjects()] == [
        "New on the record: Act three (constructed)"
    ]


def test_what_was_missed_for_long_comes_as_one_message(office: Installation, acts: Acts) -> None:
    configured(office)
    office.once("2026-03-28T10:00:00Z")
    acts.names += [f"late-{number}" for number in range(14)]
    office.once("2026-03-28T17:00:00Z")
    (subject,) = office.subjects()
    assert subject.startswith("Caught up: acts: New on the record: Act late-")
    assert subject.endswith(" and 13 more documents")
    acts.names += [f"later-{number}" for number in range(3)]
    office.once("2026-03-29T17:00:00Z")
    assert len(office.subjects()) == 4, "a few go one by one"
    (desk,) = (one for one in office.json("rehearse")["recipients"] if one["channel"] == "desk")
    assert (desk["messages"], desk["really"]) == (4, 4), "a rehearsal bundles what one poll found"
    assert sorted(one["subject"] for one in desk["subjects"]) == sorted(office.subjects())


def test_dead_messages_are_reported_together_and_tried_again(office: Installation, acts: Acts) -> None:
    configured(office)
    office.once("2026-03-28T10:00:00Z")
    acts.names += ["one", "two", "three"]
    office.mail.verdict = lambda _: "550 no such user"
    office.once("2026-03-28T11:00:00Z")
    dead = office.json("alerts", "--state", "dead")
    assert len(dead) == 3
    assert len(office.slack.asked) == 1, "three deaths, one message"
    office.mail.verdict = lambda _: "250 OK"
    wrong = office.run("alerts", "retry", "dl-none", now="2026-03-29T10:00:00Z")
    assert (wrong.returncode, "no message is called that" in wrong.stderr) == (1, True)
    assert office.run("alerts", "retry", now="2026-03-29T10:00:00Z").returncode == 2
    first = dead[0]["delivery"]
    assert office.run("alerts", "retry", first, now="2026-03-29T10:00:00Z").returncode == 0
    office.once("2026-03-29T10:00:01Z")
    assert len(office.subjects()) == 1
    assert office.run("alerts", "retry", "--all-dead", now="2026-03-29T10:00:02Z").returncode == 0
    office.once("2026-03-29T10:00:03Z")
    assert sorted(
        row["delivery"] for row in office.json("alerts", "--state", "sent") if row["channel"] == "desk"
    ) == sorted(row["delivery"] for row in dead)
    again = office.run("alerts", "retry", first, now="2026-03-29T10:00:04Z")
    assert "it is sent, only the dead are tried again" in again.stderr


def test_messages_of_a_channel_that_was_taken_away_are_not_forgotten(office: Installation, acts: Acts) -> None:
    configured(office, channel='quiet = "10:00-23:00"', zone="UTC")
    office.once("2026-03-28T10:00:00Z")
    acts.names += ["one"]
    office.once("2026-03-28T11:00:00Z")
    text = office.config.read_text()
    office.config.write_text(text.replace('"desk"', '"mail"'))
    office.once("2026-03-29T10:00:00Z")
    office.once("2026-03-29T10:30:00Z")
    said = [words for words in office.slack_texts() if "desk" in words]
    assert len(said) == 1
    assert "no longer configured" in said[0]
    office.once("2026-04-02T11:00:00Z")
    (row,) = office.json("alerts", "--state", "suppressed")
    assert row["error"] == "the channel desk is no longer configured"


def test_check_says_what_is_held_and_when(office: Installation) -> None:
    configured(office, route='when = "daily 08:00"\nseverity = "major"', channel='quiet = "22:00-07:00"')
    said = office.run("check").stdout
    assert "* to desk: at least major; as a digest, daily 08:00 (Europe/Kyiv)" in said
    assert "desk is quiet 22:00-07:00 (Europe/Kyiv)" in said


def test_the_next_digest_is_written_as_it_stands_and_nothing_is_sent(office: Installation, acts: Acts) -> None:
    configured(office, route='when = "weekly monday 08:00"\nname = "Monday readers"', zone="UTC")
    office.once("2026-03-27T10:00:00Z")
    nothing = office.run("digest", "desk", "--preview", now="2026-03-27T10:30:00Z")
    assert (nothing.returncode, nothing.stdout) == (1, "")
    assert "nothing waits for the next digest of desk (weekly monday 08:00)" in nothing.stderr
    acts.names += ["one", "two"]
    office.once("2026-03-27T11:00:00Z")
    shown = office.run("digest", "desk", "--preview", now="2026-03-27T12:00:00Z")
    assert shown.stdout.startswith("Subject: Week of 23–29 March: acts: New on the record: Act ")
    assert office.run("digest", "Monday readers", "--preview", now="2026-03-27T12:00:00Z").stdout == shown.stdout
    page = office.folder / "next.html"
    assert office.run("digest", "desk", "--preview", "--out", str(page), now="2026-03-27T12:00:00Z").returncode == 0
    assert page.read_text().lstrip().startswith("<!doctype html>")
    assert office.subjects() == []
    office.once("2026-03-30T08:00:00Z")
    assert office.subjects() == [shown.stdout.splitlines()[0].removeprefix("Subject: ")]
    (mail,) = office.mail.accepted
    sent = mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert sent.split() == shown.stdout.partition("\n\n")[2].split()
    wrong = office.run("digest", "dsk", "--preview")
    assert (wrong.returncode, "did you mean desk?" in wrong.stderr) == (2, True)


def test_a_burst_of_one_feed_is_one_message_called_by_its_watch(office: Installation, acts: Acts) -> None:
    configured(office, zone="UTC")
    office.once("2026-03-28T10:00:00Z")
    acts.names += [f"new-{number}" for number in range(8)]
    office.once("2026-03-28T11:00:00Z")
    (subject,) = office.subjects()
    assert subject.startswith("[acts] New on the record: Act new-")
    assert subject.endswith(" and 7 more documents")


def test_the_report_has_the_whole_table_with_changes_marked_and_comes_once_a_week(
    office: Installation, acts: Acts
) -> None:
    configured(office, channel='report = "weekly monday 08:00"', zone="UTC")
    bill = (
        '\n[[watch]]\nbill = "us/bill/119/hr/6508"\npriority = "high"\nowner = "=ana"\nnote = "+1 for the committee"\n'
    )
    office.config.write_text(office.config.read_text() + bill)
    said = office.run("check", now="2026-03-20T09:00:00Z").stdout
    assert "desk gets the table of its portfolio weekly monday 08:00 (UTC)" in said
    office.once("2026-03-20T10:00:00Z")
    acts.names += ["one"]
    office.once("2026-03-24T10:00:00Z")
    shown = office.run("digest", "desk", "--preview", now="2026-03-24T12:00:00Z").stdout
    assert "Portfolio, 23 Mar 2026 to 29 Mar 2026: 2 documents, 1 changed" in shown
    before = len(office.subjects())
    office.once("2026-03-30T08:00:30Z")
    office.once("2026-03-30T09:00:00Z")
    assert office.subjects()[before:] == ["[lexwatch] Portfolio, 23 Mar 2026 to 29 Mar 2026: 2 documents, 1 changed"]
    message = office.mail.accepted[-1].message
    text = message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "CHANGED acts" in text
    assert "HR 6508 · 119th" in text
    (attached,) = message.iter_attachments()
    assert attached.get_filename() == "portfolio-2026-03-30.xlsx"
    book = load_workbook(BytesIO(attached.get_payload(decode=True)))  # type: ignore[arg-type]
    head, first, second = ([cell.value for cell in row] for row in book.active.iter_rows())
    assert head[:4] == ["Document", "Title", "Status", "Since"]
    assert (first[0], first[7], first[9]) == ("HR 6508 · 119th", "=ana", "+1 for the committee")
    assert all(cell.data_type != "f" for row in book.active.iter_rows() for cell in row)
    assert (second[0], second[11]) == ("acts", "changed")
    office.once("2026-03-31T09:00:00Z")
    assert len(office.subjects()) == before + 1
