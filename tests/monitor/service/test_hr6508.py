"""The main job: H.R. 6508 through the states of its record, with the real command, real mail and a real webhook."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers.hr6508 import BILL, REPORTED, Publisher
from tests.helpers.http_server import Reply, serve
from tests.helpers.installation import HOOK_SECRET, KEY_SECRET, Installation, installed

FOLLOW_ALL = """
[[route]]
watch    = ["*"]
kinds    = ["status", "text", "title", "action"]
channels = ["desk", "policy-room"]
"""


@pytest.fixture
def publisher() -> Publisher:
    return Publisher()


@pytest.fixture
def office(tmp_path: Path, publisher: Publisher) -> Iterator[Installation]:
    with serve(publisher) as loopback, installed(tmp_path, loopback) as made:
        yield made


def test_the_first_poll_is_silent_and_status_answers(office: Installation) -> None:
    office.once("2025-12-11T12:00:00Z")
    assert (office.subjects(), office.slack_texts()) == ([], [])
    (status,) = office.json("status")
    assert (status["id"], status["status"], status["status_on"]) == (BILL, "REFERRED", "2025-12-09")
    assert (status["stage"], status["introduced_on"], status["revision"]) == ("in_committee", "2025-12-09", 1)
    assert status["status_text"] == "Referred to the House Committee on Foreign Affairs."
    past = [(c["kind"], c["after"]) for c in office.json("history", "HR 6508") if c["kind"] == "status"]
    assert past == [("status", "INTRODUCED"), ("status", "REFERRED")]


def test_the_second_state_tells_the_published_text_and_no_status(office: Installation, publisher: Publisher) -> None:
    office.once("2025-12-11T12:00:00Z")
    publisher.state = "2025-12-27"
    office.once("2025-12-27T12:00:00Z")
    assert office.subjects() == ["[HR 6508 · 119th] New text: Introduced in House"]
    assert len(office.slack_texts()) == 1
    (mail,) = office.mail.accepted
    assert mail.message["X-Lexwatch-Kinds"] == "text"
    assert mail.message["X-Lexwatch-Document"] == BILL
    assert office.json("status")[0]["status"] == "REFERRED"


def test_its_titles_are_reported_to_those_who_follow_titles(tmp_path: Path, publisher: Publisher) -> None:
    with serve(publisher) as loopback, installed(tmp_path, loopback, FOLLOW_ALL) as office:
        office.once("2025-12-11T12:00:00Z")
        publisher.state = "2025-12-27"
        office.once("2025-12-27T12:00:00Z")
        (mail,) = office.mail.accepted
        assert set(str(mail.message["X-Lexwatch-Kinds"]).split()) == {"text", "title"}
        assert "NATO Act" in mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]


def test_the_third_state_tells_nothing(office: Installation, publisher: Publisher) -> None:
    publisher.state = "2025-12-27"
    office.once("2025-12-27T12:00:00Z")
    publisher.state = "2026-01-06"
    office.once("2026-01-06T22:00:00Z")
    assert (office.subjects(), office.slack_texts()) == ([], [])


def test_a_record_whose_stamp_alone_moved_tells_nothing(office: Installation, publisher: Publisher) -> None:
    office.once("2025-12-11T12:00:00Z")
    publisher.touched = "2025-12-12T08:00:00Z"
    office.once("2025-12-12T12:00:00Z")
    assert office.subjects() == []
    assert office.json("status")[0]["revision"] == 1


def test_a_new_action_tells_one_mail_and_one_slack_message(office: Installation, publisher: Publisher) -> None:
    office.separate = True
    publisher.state = "2026-01-06"
    office.once("2026-01-06T22:00:00Z")
    publisher.touched, publisher.actions = "2026-02-11T13:00:00Z", [REPORTED]
    for hour in (14, 15, 20):
        office.once(f"2026-02-11T{hour}:00:00Z")
    assert office.subjects() == ["[HR 6508 · 119th] Reported by committee (was: Referred)"]
    assert len(office.slack_texts()) == 1
    (status,) = office.json("status")
    assert (status["status"], status["status_on"]) == ("REPORTED", "2026-02-10")
    assert office.json("status", "--as-of", "2026-02-09")[0]["status"] == "REFERRED"
    assert office.json("status", "--known-at", "2026-02-11T13:59:00Z")[0]["status"] == "REFERRED"


def test_an_action_published_twelve_days_late_is_reported_with_both_dates(
    office: Installation, publisher: Publisher
) -> None:
    """LibraryOfCongress/api.congress.gov #455: "ordered to be reported" lines arrive weeks after their date."""
    publisher.state = "2026-01-06"
    office.once("2026-01-06T22:00:00Z")
    publisher.touched, publisher.actions = "2026-02-22T13:00:00Z", [REPORTED]
    office.once("2026-02-22T14:00:00Z")
    (mail,) = office.mail.accepted
    text = mail.message.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    assert "10 February 2026" in text
    assert "22 February 2026" in text
    last = office.json("history", BILL)[-1]
    assert (last["happened_on"], last["published_at"][:10], last["seen_at"][:10]) == (
        "2026-02-10",
        "2026-02-22",
        "2026-02-22",
    )


BROKEN = {
    "a server error": (Reply(500, b'{"error": "UnboundLocalError"}'), "unavailable"),
    "a rate limit": (Reply(429, b'{"error": {"code": "OVER_RATE_LIMIT", "message": "x"}}'), "unavailable"),
    "a bad key": (Reply(403, b'{"error": {"code": "API_KEY_INVALID", "message": "x"}}'), "refused"),
    "HTML labelled HTML": (Reply(200, b"<html>hello</html>", "text/html"), "changed"),
    "HTML labelled JSON": (Reply(200, b"<html>hello</html>"), "changed"),
    "only an error in a 200": (Reply(200, b'{"error": "Unknown resource"}'), "changed"),
    "nothing at all": (Reply(200, b""), "changed"),
}


@pytest.mark.parametrize(("answer", "state"), BROKEN.values(), ids=BROKEN.keys())
def test_a_source_that_answers_with(office: Installation, publisher: Publisher, answer: Reply, state: str) -> None:
    office.once("2025-12-11T12:00:00Z")
    publisher.override = answer
    done = office.run("run", "--once", now="2025-12-12T12:00:00Z")
    assert done.returncode == 1
    assert KEY_SECRET not in done.stderr + done.stdout
    (source,) = office.json("sources")
    assert source["state"] == state
    assert source["last_good_at"].startswith("2025-12-11T12:00")
    assert source["error"]
    assert office.json("status")[0]["status"] == "REFERRED"
    assert [s for s in office.subjects() if "6508" in s] == []


def test_planted_secrets_stand_in_no_log_database_or_message(office: Installation, publisher: Publisher) -> None:
    office.separate = True
    runs = [office.once("2025-12-11T12:00:00Z")]
    publisher.state = "2025-12-27"
    office.slack.answer = lambda _: Reply(500, b"upset", "text/plain")
    runs.append(office.once("2025-12-27T12:00:00Z"))
    said = "".join(run.stdout + run.stderr for run in runs) + json.dumps(office.json("alerts"))
    stored = b"".join(path.read_bytes() for path in office.folder.glob("record.db*"))
    mailed = b"".join(mail.content for mail in office.mail.accepted)
    for secret in (HOOK_SECRET, KEY_SECRET):
        assert secret not in said
        assert secret.encode() not in stored + mailed
    assert {asked.headers.get("x-api-key") for asked in office.publisher.asked} == {KEY_SECRET}
    assert not any("api_key" in asked.query for asked in office.publisher.asked)
