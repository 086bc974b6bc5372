"""Which bytes go over the wire? Held as fixture pairs: a notice here, its messages under tests/fixtures.

An expectation that is missing is written and the test fails, until a person has read it.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from domain.documents import DocumentId
from domain.options import Secret
from domain.ports import Notice
from domain.records.facets import Kind
from notifications.channel import Console
from notifications.email import Email
from notifications.slack import Slack
from tests.notifications.notices import BILL, REPORTED, SEEN, TEXT, TITLE, change, notice, operator_notice

FIXTURES = Path(__file__).parents[1] / "fixtures" / "notifications"

CASES: dict[str, Notice] = {
    "hr6508-published-text": notice(TEXT),
    "hr6508-text-and-title": notice(TEXT, TITLE),
    "constructed-reported-and-more": notice(REPORTED, TEXT, TITLE, status="REPORTED", status_on="2025-12-26"),
    "constructed-late-status": notice(
        replace(REPORTED, happened_on="2025-12-12"), status="PASS_OVER:HOUSE", status_on="2025-12-26"
    ),
    "constructed-correction": notice(
        change(Kind.CORRECTION, "Passed House", "Referred", "Constructed: our reading was wrong.", "2025-12-09")
    ),
    "constructed-source-broken": operator_notice(
        Kind.SOURCE, "congress", "ok", "unavailable", "api.congress.gov: no answer within 30 s"
    ),
    "constructed-channel-gave-up": operator_notice(
        Kind.CHANNEL,
        "desk",
        "pending",
        "dead",
        "a message to nobody@example.org about us/bill/119/hr/6508 was given up: 550 no such user",
    ),
}


def email() -> Email:
    return Email(
        name="desk", to=("desk@example.org",), sender="Lexwatch <lexwatch@example.org>", server="smtp://localhost:25"
    )


def slack() -> Slack:
    def unused(_: object) -> None:
        raise AssertionError("freezing asks nobody")

    return Slack(name="room", webhook=Secret("https://hooks.example.org/T/B/x", "env:HOOK"), http=unused)  # type: ignore[arg-type]


def parsed(body: bytes) -> EmailMessage:
    message = message_from_bytes(body, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def part(message: EmailMessage, subtype: str) -> str:
    found = message.get_body((subtype,))
    assert found is not None
    return str(found.get_content())


def rendered(told: Notice) -> dict[str, str]:
    """Return every message of a notice, by the ending of its fixture."""
    mail = parsed(email().freeze(told).body)
    headers = "".join(f"{name}: {value}\n" for name, value in mail.items())
    blocks = json.loads(slack().freeze(told).body)
    return {
        "mail.txt": headers + "\n" + part(mail, "plain"),
        "mail.html": part(mail, "html"),
        "slack.json": json.dumps(blocks, indent=1, ensure_ascii=False) + "\n",
        "console.txt": Console(name="console").freeze(told).body.decode(),
    }


@pytest.mark.parametrize("case", CASES)
def test_messages_are_as_a_person_read_them(case: str) -> None:
    missing = []
    for ending, words in rendered(CASES[case]).items():
        expected = FIXTURES / f"{case}.expected.{ending}"
        if not expected.exists():
            expected.write_text(words, encoding="utf-8", newline="")
            missing.append(expected.name)
            continue
        assert words == expected.read_bytes().decode(), expected.name
    assert not missing, f"written, to be read by a person: {missing}"


def test_no_fixture_is_left_over() -> None:
    wanted = {f"{case}.expected.{ending}" for case, told in CASES.items() for ending in rendered(told)}
    assert {path.name for path in FIXTURES.iterdir()} == wanted


@pytest.mark.parametrize("case", CASES)
def test_repeats_are_byte_equal(case: str) -> None:
    for make in (email, slack, lambda: Console(name="console")):
        assert make().freeze(CASES[case]) == make().freeze(CASES[case])


def test_mail_is_seven_bit_with_short_lines_and_crlf() -> None:
    body = email().freeze(replace(notice(TITLE, TEXT), title="Про воєнний стан " * 90)).body
    assert body.isascii()
    assert body.count(b"\n") == body.count(b"\r\n")
    assert max(map(len, body.split(b"\r\n"))) <= 200
    assert body.endswith(b"\r\n")


def test_headers_survive_the_way() -> None:
    """What RFC 2047 folds apart comes together again, spaces and all."""
    told = notice(replace(TITLE, before="Закон України «Про воєнний стан» · № 1", after="Ще один · заголовок"))
    frozen = email().freeze(told)
    assert parsed(frozen.body)["Subject"] == frozen.subject


def test_a_long_header_of_plain_letters_arrives_without_a_space_before_it() -> None:
    """Python would begin a value that just fits into one line on the second one."""
    seen = set()
    for words in range(1, 13):
        told = notice(replace(TITLE, before=None, after="word " * words))
        told = replace(told, document=DocumentId("ua", "regime", ("martial-law",)))
        frozen = email().freeze(told)
        seen.add(len(frozen.subject) // 10)
        assert frozen.subject.isascii()
        assert parsed(frozen.body)["Subject"] == frozen.subject
    assert {5, 6, 7, 8} <= seen, seen


def test_messages_of_one_document_share_a_thread() -> None:
    first = parsed(email().freeze(notice(TEXT)).body)
    later = parsed(email().freeze(replace(notice(TITLE), delivery="dl-ffffffffffff")).body)
    other = parsed(email().freeze(CASES["constructed-source-broken"]).body)
    assert first["References"] == later["References"] == first["In-Reply-To"]
    assert first["Message-ID"] == "<dl-0123456789ab@example.org>" != later["Message-ID"]
    assert other["References"] != first["References"]


def test_headers_name_document_kinds_and_alerts() -> None:
    told = replace(notice(TEXT, TITLE), alerts=tuple(f"al-{n:012x}" for n in range(90)))
    mail = parsed(email().freeze(told).body)
    assert mail["X-Lexwatch-Document"] == str(BILL)
    assert mail["X-Lexwatch-Kinds"] == "text title"
    assert mail["X-Lexwatch-Alert"].split() == list(told.alerts)
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Sat, 27 Dec 2025 06:00:00 +0000"


def test_a_mail_is_dated_when_it_was_written_not_when_its_first_news_came() -> None:
    told = replace(notice(TEXT), written_at=SEEN + timedelta(days=6))
    assert parsed(email().freeze(told).body)["Date"] == "Fri, 02 Jan 2026 06:00:00 +0000"


def test_a_correction_answers_the_mail_it_puts_right() -> None:
    first, second = (
        notice(REPORTED),
        notice(change(Kind.CORRECTION, "Reported", "Referred", "Constructed.", "2025-12-09")),
    )
    second = replace(second, delivery="dl-second", replies_to=first.delivery)
    original, correction = (message_from_bytes(email().freeze(one).body) for one in (first, second))
    thread = original["References"]
    assert original["In-Reply-To"] == thread
    assert correction["In-Reply-To"] == original["Message-ID"]
    assert correction["References"].split() == [thread, original["Message-ID"]]
