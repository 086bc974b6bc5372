"""What is told of one change, and of several documents at once? Differences and corrections are constructed."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.coded_text import coded
from domain.jurisdictions.us.names import us_bill
from domain.ports import Notice
from domain.records.detection import UNCERTAIN
from domain.records.facets import Kind
from notifications.compose import LONGEST_SUBJECT, WIDE, compose
from notifications.slack import slack_payload
from notifications.templates import SHIPPED, RenderOptions
from notifications.translation import language_of
from notifications.wording import headline
from tests.notifications.notices import REPORTED, TEXT, TITLE, change, notice

DIFFERENCE = "Against Introduced in House:\n… the President [- may] [+ shall] give notice …\n… [- 90] [+ 30] days …"
LINES = change(Kind.TEXT, None, "Reported in House", DIFFERENCE, "2025-12-26")


def test_a_difference_is_reported_line_by_line_and_not_quoted() -> None:
    (told,) = compose(notice(LINES)).news
    assert told.quote is None
    assert [str(line) for line in told.lines] == [
        "Against Introduced in House:",
        "… the President [- may] [+ shall] give notice …",
        "… [- 90] [+ 30] days …",
    ]
    assert told.lines[1].pieces == (
        ("", "… the President "),
        ("-", "may"),
        ("", " "),
        ("+", "shall"),
        ("", " give notice …"),
    )


def test_a_difference_keeps_its_lines_in_every_layout() -> None:
    letter = compose(notice(LINES))
    assert "    … the President [- may] [+ shall] give notice …\n" in SHIPPED.as_text(letter)
    assert "      … the President [- may] [+ shall] give notice …\n" in SHIPPED.as_console(letter)
    html = SHIPPED.as_html(letter)
    assert html.count('<p style="margin:4px 0;">') == 3
    assert 'text-decoration:line-through;">may</span>' in html
    blocks = json.dumps(slack_payload(letter), ensure_ascii=False)
    assert "```Against Introduced in House:\\n… the President [- may] [+ shall] give notice …\\n" in blocks


def test_official_words_with_brackets_are_a_quote_where_no_text_is_compared() -> None:
    (told,) = compose(notice(replace(REPORTED, text="Adopted [+ an amendment].\nSecond line."))).news
    assert told.quote == "Adopted [+ an amendment]. Second line."
    assert told.lines == ()


def dated(words: str, day: int) -> str:
    return coded("entry.dated", words=words, on=f"2025-12-{day:02}").to_json()


def test_a_correction_says_what_we_said_and_when() -> None:
    right = change(Kind.CORRECTION, dated("Referred.", 10), dated("Referred.", 9), None, "2025-12-09")
    one = replace(notice(right), reported_at=datetime(2025, 12, 10, 23, 30, tzinfo=UTC))
    (told,) = compose(one).news
    assert told.headline == "Correction: Referred (9 December 2025)"
    assert told.remark == (
        "On 11 December 2025 we said: Referred (10 December 2025). The record now says: Referred (9 December 2025)."
    )
    assert compose(one).subject.endswith("(we said: 10 December 2025)")
    words = "Reported by the Committee on Foreign Affairs with an amendment, and " * 9
    long = change(Kind.CORRECTION, dated(words, 10), dated(words, 9), None, "2025-12-09")
    subject = compose(notice(long)).subject
    assert (len(subject) <= LONGEST_SUBJECT, subject.count("… (9 December 2025) (we said: ")) == (True, 1)
    assert subject.endswith(" (we said: 10 December 2025)"), "the days are all that differs"
    (without,) = compose(notice(right)).news
    assert without.remark is not None
    assert without.remark.startswith("We said: Referred")


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("en", "It is Public Law 119-12. Nothing more is needed."),
        ("uk", "Це Public Law 119-12. Більше нічого не потрібно."),
    ],
)
def test_a_later_message_about_a_law_names_it(code: str, words: str) -> None:
    later = replace(notice(TEXT, status="ENACTED:SIGNED"), law="Public Law 119-12")
    assert compose(later, RenderOptions(language_of(code))).next_step == words
    assert compose(replace(later, law=None)).next_step == "The law gets its number, often some days later."
    assert compose(replace(later, status="REFERRED")).next_step != words


def digest(*parts: Notice) -> Notice:
    return replace(notice(*(c for part in parts for c in part.changes)), digest="daily", parts=parts, title=None)


def other(number: int, *changes: int) -> Notice:
    bill = us_bill(119, "hr", number)
    news = tuple(replace(TEXT, document=bill, subject=str(n), after=f"version {n}") for n in changes)
    return replace(notice(*news), document=bill, title=f"Constructed {number}", url=f"https://example.org/{number}")


def test_a_digest_lists_every_document_with_its_own_page() -> None:
    letter = compose(digest(notice(REPORTED, TITLE, status="REPORTED"), other(1, 1)))
    assert letter.subject == "Daily: HR 6508: Reported by committee, and 1 more document"
    assert letter.period == "3 changes in 2 documents"
    assert [(part.label, part.link is not None, len(part.news)) for part in letter.parts] == [
        ("HR 6508 · 119th", True, 2),
        ("HR 1 · 119th", True, 1),
    ]
    html, text = SHIPPED.as_html(letter), SHIPPED.as_text(letter)
    assert (html.count("<h2"), html.count('<a href="#'), html.count('<a href="http')) == (4, 2, 4)
    assert "HR 1 · 119th: Constructed 1\nhttps://example.org/1\n" in text
    assert text.index("Reported by committee") < text.index("version 1")
    _, shown, _ = (block["text"]["text"] for block in slack_payload(letter)["blocks"] if block["type"] == "section")
    assert "*<https://example.org/1|HR 1 · 119th>* Constructed 1\n• New text: version 1" in shown


def test_a_digest_in_ukrainian_counts_in_ukrainian() -> None:
    letter = compose(digest(other(1, 1, 2), other(2, 1)), RenderOptions(language_of("uk")))
    assert letter.subject == "Щодня: HR 1: Новий текст: version 1 і ще 1 документ"
    assert letter.period == "3 зміни у 2 документах"
    letter = compose(replace(digest(other(1, 1, 2, 3, 4, 5)), digest="caught up"), RenderOptions(language_of("uk")))
    assert (letter.subject, letter.period) == ("Надолужено: HR 1: Новий текст: version 1", "5 змін у 1 документі")


def test_a_digest_of_hundreds_names_every_document_and_counts_the_rest() -> None:
    many = digest(*(other(n, *range(9)) for n in range(1, 41)))
    message = compose(many)
    assert all(part.news for part in message.parts)
    shown = sum(len(part.news) for part in message.parts)
    assert 60 < shown <= WIDE.lines
    assert len(SHIPPED.as_text(message).partition("\nDetails\n")[2].split()) < WIDE.words * 1.2
    assert (message.more, sum(part.more for part in message.parts)) == (40 * 9 - shown,) * 2
    counted = {key.partition("@")[0] for key in message.counted_only}
    assert counted == {str(part.document) for part in message.parts if part.more}
    assert len(message.counted_only) == message.more
    blocks = slack_payload(message)["blocks"]
    assert len(blocks) <= 50
    assert all(len(block["text"]["text"]) <= 3000 for block in blocks if block["type"] == "section")
    assert any("lexwatch history" in block["text"]["text"] for block in blocks if block["type"] == "section")


@pytest.mark.parametrize(
    ("standing", "now", "line"),
    [
        pytest.param("REFERRED", None, "Uncertain: Considered. (status: Referred)", id="the status as it stands"),
        pytest.param("REFERRED", "REPORTED", "Uncertain: Considered. (status: Reported by committee)", id="it moved"),
        pytest.param(None, None, "Uncertain: Considered.", id="no status is known yet"),
    ],
)
def test_a_line_in_doubt_is_reported_with_the_status(standing: str | None, now: str | None, line: str) -> None:
    told = replace(change(Kind.STATUS, standing, standing, "Considered."), subject=f"{UNCERTAIN}2026-01-05:abc")
    assert headline(told, 400, now=now) == line
