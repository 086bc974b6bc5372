"""What does a message say?"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from domain.coded_text import coded
from domain.ports import Notice
from domain.records.facets import Kind
from notifications import compose
from notifications.templates import RenderOptions
from notifications.translation import language_of
from tests.notifications.notices import (
    LONG_TITLE,
    PASSED,
    REFERRED,
    REPORTED,
    TEXT,
    TITLE,
    change,
    notice,
    operator_notice,
)

BACK_DATED = replace(REPORTED, happened_on="2025-12-12")

SUBJECTS = {
    "a status names the one before": (
        notice(REPORTED, status="REPORTED"),
        "[HR 6508 · 119th] Reported by committee (was: Referred)",
    ),
    "several rungs tell the last one and where the climb began": (
        notice(REPORTED, PASSED, status="PASS_OVER:HOUSE"),
        "[HR 6508 · 119th] Passed House (was: Referred) +1 more",
    ),
    "the order in which rungs arrive means nothing": (
        notice(PASSED, replace(REPORTED, happened_on="2025-12-25"), status="PASS_OVER:HOUSE"),
        "[HR 6508 · 119th] Passed House (was: Referred) +1 more",
    ),
    "a back-dated rung says where the document stands as well": (
        notice(BACK_DATED, status="PASS_OVER:HOUSE"),
        "[HR 6508 · 119th] Reported by committee (was: Referred; now: Passed House)",
    ),
    "a first status has nothing before it": (
        notice(replace(REFERRED, before=None)),
        "[HR 6508 · 119th] Referred",
    ),
    "a back-dated first status says both": (
        notice(replace(REFERRED, before=None), status="REPORTED"),
        "[HR 6508 · 119th] Referred (now: Reported by committee)",
    ),
    "a text names the version": (notice(TEXT), "[HR 6508 · 119th] New text: Introduced in House"),
    "a title shows old and new": (
        notice(TITLE),
        "[HR 6508 · 119th] Title: To require the President to give notice of denunciation of the North Atlantic… → "
        "NATO Act",
    ),
    "the most important change comes first, the rest is counted": (
        notice(TITLE, TEXT, REPORTED, status="REPORTED"),
        "[HR 6508 · 119th] Reported by committee (was: Referred) +2 more",
    ),
    "the action that made the status is not told twice": (
        notice(
            REPORTED, change(Kind.ACTION, None, REPORTED.text, REPORTED.text, REPORTED.happened_on), status="REPORTED"
        ),
        "[HR 6508 · 119th] Reported by committee (was: Referred)",
    ),
    "another action is": (
        notice(REFERRED, change(Kind.ACTION, None, "Introduced in House", "Introduced in House", "2025-12-09")),
        "[HR 6508 · 119th] Referred (was: Introduced) +1 more",
    ),
    "a correction comes before everything": (
        notice(REPORTED, change(Kind.CORRECTION, "Passed House", "Referred"), status="REPORTED"),
        "[HR 6508 · 119th] Correction: Referred (we said: Passed House) +1 more",
    ),
    "a sponsor who joins": (
        notice(change(Kind.SPONSOR, None, "Rep. Luna, Anna Paulina [R-FL-13]")),
        "[HR 6508 · 119th] Sponsor added: Rep. Luna, Anna Paulina [R-FL-13]",
    ),
    "a sponsor who leaves": (
        notice(change(Kind.SPONSOR, "Rep. Luna, Anna Paulina [R-FL-13]", None)),
        "[HR 6508 · 119th] Sponsor withdrew: Rep. Luna, Anna Paulina [R-FL-13]",
    ),
    "a document that appears": (
        notice(change(Kind.APPEARED, None, "NATO Act")),
        "[HR 6508 · 119th] New on the record: NATO Act",
    ),
    "a change without words of its own": (notice(change(Kind.SUMMARY, None, None)), "[HR 6508 · 119th] New summary"),
    "a source that broke": (
        operator_notice(Kind.SOURCE, "congress", "ok", "unavailable", "no answer"),
        "[lexwatch] Source congress: unavailable (was: ok)",
    ),
    "a source that is back": (
        operator_notice(Kind.SOURCE, "congress", "broken", "ok", ""),
        "[lexwatch] Source congress: ok (was: broken)",
    ),
    "a channel that gave up": (
        operator_notice(Kind.CHANNEL, "desk", None, coded("channel.dead").to_json(), "550 no such user"),
        "[lexwatch] Channel desk: a message was given up",
    ),
    "nothing at all still makes a message": (notice(), "[HR 6508 · 119th] Nothing new"),
}


@pytest.mark.parametrize(("told", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_subject(told: Notice, subject: str) -> None:
    assert compose.compose(told).subject == subject


@pytest.mark.parametrize("kind", Kind)
@pytest.mark.parametrize(("before", "after"), [(None, "b"), ("a", "b"), ("a", None), (None, None), ("a", "a")])
def test_every_kind_of_change_has_words(kind: Kind, before: str | None, after: str | None) -> None:
    letter = compose.compose(notice(change(kind, before, after)))
    assert letter.headline
    assert "None" not in letter.headline
    assert letter.kinds == (str(kind),)


def test_subjects_stay_short_whatever_the_title() -> None:
    title = "А" * 8_000_000
    letter = compose.compose(replace(notice(replace(TITLE, before=title, after=title + "Б"), TEXT), title=title))
    assert len(letter.subject) <= compose.LONGEST_SUBJECT
    assert letter.subject.endswith(" +1 more")
    assert letter.title is not None
    assert len(letter.title) <= 400


def test_the_message_shows_long_titles_that_the_subject_cuts() -> None:
    assert compose.compose(notice(TITLE)).headline == f"Title: {LONG_TITLE} → NATO Act"


def test_old_news_says_so() -> None:
    (told,) = compose.compose(notice(TEXT)).news
    assert told.late == "Late news: this happened 18 days before we saw it."


def test_fresh_news_does_not() -> None:
    (told,) = compose.compose(notice(REPORTED, status="REPORTED")).news
    assert told.late is None


def test_both_dates_are_reported_in_the_readers_zone() -> None:
    (told,) = compose.compose(notice(REPORTED)).news
    assert told.happened == "26 December 2025"
    assert told.when == "published 27 December 2025, 07:38 EET · seen 27 December 2025, 08:00 EET · congress"


def test_the_official_sentence_is_quoted_once() -> None:
    (told,) = compose.compose(notice(REPORTED)).news
    assert told.quote == REPORTED.text
    (told,) = compose.compose(notice(change(Kind.ACTION, None, REFERRED.text, REFERRED.text, "2025-12-09"))).news
    assert told.headline == "New action: Referred to the House Committee on Foreign Affairs."
    assert told.quote is None


def test_a_message_explains_where_the_document_stands() -> None:
    letter = compose.compose(notice(TEXT))
    assert letter.current_status == "Referred, since 9 December 2025"
    assert letter.meaning
    assert letter.next_step
    assert letter.note == "US withdrawal from NATO"
    assert letter.reason == "you watch HR 6508 · 119th"
    assert letter.evidence == ("5f" * 32,)


def test_a_document_without_a_timeline_has_no_standing() -> None:
    letter = compose.compose(notice(TEXT, status=None, status_on=None))
    assert (letter.current_status, letter.meaning, letter.next_step) == (None, None, None)


@pytest.mark.parametrize("state", ["unavailable", "refused", "blocked", "changed", "ok", "late", "quiet"])
def test_the_operator_hears_what_to_do(state: str) -> None:
    letter = compose.compose(operator_notice(Kind.SOURCE, "congress", "ok", state, "no answer"))
    assert letter.meaning
    assert letter.current_status is None


def test_five_hundred_changes_make_one_message_that_counts_them() -> None:
    many = tuple(replace(TEXT, subject=str(n), after=f"version {n}") for n in range(500))
    letter = compose.compose(notice(*many))
    assert letter.subject == "[HR 6508 · 119th] New text: version 0 +499 more"
    assert len(letter.news) == compose.WIDE.lines
    assert letter.more == 500 - compose.WIDE.lines


def test_a_trial_says_that_it_is_one() -> None:
    now = datetime(2026, 1, 20, 10, 0, tzinfo=UTC)
    tried = compose.trial_notice("Policy Room", "desk@example.org", now, "UTC")
    letter = compose.compose(tried)
    assert str(tried.document) == "channel/policy-room"
    assert letter.subject == "[lexwatch] Channel policy-room: test message"
    assert letter.news[0].remark == "This is a test message of lexwatch. It is no news: no document changed."


def test_two_trials_are_two_messages() -> None:
    first = compose.trial_notice("desk", "a@example.org", datetime(2026, 1, 20, 10, 0, tzinfo=UTC), "UTC")
    second = compose.trial_notice("desk", "a@example.org", datetime(2026, 1, 20, 10, 1, tzinfo=UTC), "UTC")
    assert first.delivery != second.delivery


def test_timeline_words_of_another_climb_do_not_loop() -> None:
    """A bill sent back and forth stands twice on the same rung (constructed)."""
    back = change(Kind.STATUS, "PASS_OVER:HOUSE", "REPORTED", on="2025-12-26")
    letter = compose.compose(notice(REPORTED, PASSED, back, status="REPORTED"))
    assert letter.subject == "[HR 6508 · 119th] Reported by committee (was: Passed House) +2 more"


@pytest.mark.parametrize("code", ["en", "uk"])
def test_a_status_in_doubt_is_reported_as_uncertain_in_the_words_of_the_record(code: str) -> None:
    doubt = coded("us.doubt.wording", text="Words nobody has used before", on="2025-12-26").to_json()
    language = language_of(code)
    message = compose.compose(replace(notice(REPORTED), doubt=doubt), RenderOptions(language))
    assert message.news[0].remark == language.say("uncertain", reason=language.render(doubt))
    assert "“Words nobody has used before”" in (message.news[0].remark or "") or code == "uk"
    assert compose.compose(notice(REPORTED), RenderOptions(language)).news[0].remark is None
    assert compose.compose(replace(notice(TEXT), doubt=doubt), RenderOptions(language)).news[0].remark is None
