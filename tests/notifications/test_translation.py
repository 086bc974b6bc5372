"""Does every language say all of it? Names and days are facts of the record or constructed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from string import Formatter

import pytest

from domain.coded_text import CodedText, coded
from domain.jurisdictions import StatusWords, all_jurisdictions
from domain.ports import Notice
from domain.records.facets import Kind
from notifications import compose as words
from notifications.compose import compose
from notifications.sentences import SENTENCES
from notifications.templates import RenderOptions
from notifications.translation import _WRITTEN, LANGUAGES, Language, language_of
from notifications.wording import headline, lines_of, reason_sentence
from tests.helpers import catalogue
from tests.helpers.paths import CHECKOUT
from tests.notifications.notices import BILL, PASSED, REFERRED, REPORTED, TEXT, change, notice, operator_notice

UKRAINIAN = language_of("uk")
NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
IN_UKRAINIAN = RenderOptions(UKRAINIAN, "Europe/Kyiv")


@pytest.mark.parametrize("code", sorted(set(LANGUAGES) - {"en"}))
def test_every_message_is_translated_with_the_same_gaps_and_none_is_left_over(code: str) -> None:
    catalog = catalogue.stored(code)
    wanted = {(m.id[0] if isinstance(m.id, tuple) else m.id, m.context): m for m in catalogue.wanted() if m.id}
    known = {(m.id[0] if isinstance(m.id, tuple) else m.id, m.context): m for m in catalog if m.id}
    assert sorted(map(str, wanted.keys() - known.keys())) == [], "python -m tests.helpers.catalogue adds them"
    assert sorted(map(str, known.keys() - wanted.keys())) == [], "python -m tests.helpers.catalogue removes them"
    for key in wanted:
        said = known[key].string if isinstance(known[key].string, tuple) else (known[key].string,)
        assert len(said) == (catalog.num_plurals if known[key].pluralizable else 1)
        for one in said:
            assert one, f"{key[0]} is not translated"
            assert _gaps(one) <= _gaps(key[0]), key[0]
            assert {spec for _, _, spec, _ in Formatter().parse(one) if spec} <= _WRITTEN.keys(), key[0]


def _gaps(template: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(template) if name}


def test_every_sentence_is_used() -> None:
    source = "\n".join(
        path.read_text("utf-8")
        for folder in ("domain", "notifications", "monitor", "storage", "watchers")
        for path in (CHECKOUT / folder).rglob("*")
        if path.suffix in (".py", ".html", ".txt") and path.name != "sentences.py"
    )
    families = ("month", "short_month", "kind", "state", "advice", "schedule", "schedule.weekly", "digest", "span")
    families += ("length", "reason", "lead", "act.by_hand", "act", "renewal", "channel", "ahead", "advice.channel")
    families += (
        "cosponsor",
        "cosponsors",
        "advice.template",
        "check.part",
        "delivery.mail_refused",
        "touched",
        "workers",
        "edit",
        "column",
        "means",
        "awaits",
        *Kind,
    )
    said = {code for code in SENTENCES if f'"{code}"' in source or f"'{code}'" in source}
    assert sorted(code for code in SENTENCES.keys() - said if code.rpartition(".")[0] not in families) == []


@pytest.mark.parametrize("words", [w for place in all_jurisdictions() for w in place.all_status_words()], ids=str)
def test_every_status_is_said_in_ukrainian(words: StatusWords) -> None:
    for text, context in ((words.label, "status"), (words.meaning, None), (words.next_step, None)):
        said = UKRAINIAN.text(text, context)
        assert not re.search("[A-Za-z]", re.sub("LEGISinfo", "", said)), said


COUNTED = {
    1: "1 день",
    2: "2 дні",
    4: "4 дні",
    5: "5 днів",
    11: "11 днів",
    12: "12 днів",
    14: "14 днів",
    21: "21 день",
    22: "22 дні",
    100: "100 днів",
    111: "111 днів",
}


@pytest.mark.parametrize(("number", "words"), COUNTED.items())
def test_ukrainian_counts(number: int, words: str) -> None:
    assert UKRAINIAN.say("length.day", n=number) == words


ROUTED = coded("reason.routed", watch="НАТО", document="feed/x", channel="стіл", kinds=("text",))
REASONS = {
    "a watch": ROUTED,
    "a watch, in a digest": coded(ROUTED.code, **dict(ROUTED.params), digest="daily 08:00"),
    "words occur": coded(ROUTED.code, **dict(ROUTED.params), words=("НАТО",)),
    "several words occur": coded(ROUTED.code, **dict(ROUTED.params), words=("НАТО", "стаття 5")),
    "the operator": coded("reason.operator", channel="стіл"),
    "a correction": coded("reason.corrected", changes=("док",)),
    "instead": coded("reason.replaces_withdrawn", changes=("док",), reasons=(ROUTED,)),
    "after it was given up": coded("reason.replaces_dead", changes=("док",), reasons=(ROUTED, ROUTED)),
    "a daily coverage report": coded("reason.coverage_report", channel="стіл", schedule="daily 08:00"),
    "a weekly coverage report": coded("reason.coverage_report", channel="стіл", schedule="weekly friday 08:00"),
}


@pytest.mark.parametrize("reason", REASONS.values(), ids=REASONS)
def test_reasons_are_said_in_ukrainian_around_the_names_in_them(reason: CodedText) -> None:
    for said in (reason_sentence([reason], UKRAINIAN), reason_sentence([reason] * 60, UKRAINIAN)):
        assert not re.search("[A-Za-z]{2,}", re.sub(r"service\.operator|FEED x", "", said)), said


def test_what_a_publisher_wrote_is_never_translated() -> None:
    letter = compose(notice(REPORTED, TEXT, status="REPORTED"), IN_UKRAINIAN)
    assert letter.news[0].quote == REPORTED.text
    assert letter.news[1].headline == "Новий текст: Introduced in House"
    assert letter.title == "NATO Act"
    for text in ("Decree of something (draft)", "Committee", "January"):
        assert UKRAINIAN.render(text) == text


LEFT = coded("reminder.days_left", n=14, renewal=coded("renewal.none_seen")).to_json()


def status(code: str) -> str:
    return coded("status", status=code, document=str(BILL)).to_json()


SUBJECTS = {
    "a status": (
        notice(REPORTED, status="REPORTED"),
        "[HR 6508 · 119th] Подано комітетом (було: Передано до комітету)",
    ),
    "a climb": (
        notice(REPORTED, PASSED, status="PASS_OVER:HOUSE"),
        "[HR 6508 · 119th] Ухвалено Палатою представників (було: Передано до комітету) + ще 1",
    ),
    "a rung of the past": (
        notice(replace(REFERRED, before=None), status="REPORTED"),
        "[HR 6508 · 119th] Передано до комітету (зараз: Подано комітетом)",
    ),
    "a reminder": (
        notice(change(Kind.REMINDER, None, LEFT), status=None),
        "[HR 6508 · 119th] До кінця 14 днів: продовження не видно",
    ),
    "a correction": (
        notice(change(Kind.CORRECTION, status("PASS_OVER:HOUSE"), status("REFERRED"))),
        "[HR 6508 · 119th] Виправлення: Передано до комітету (ми писали: Ухвалено Палатою представників)",
    ),
    "a source that broke": (
        operator_notice(Kind.SOURCE, "congress", "ok", "unavailable", "no answer"),
        "[lexwatch] Джерело Конгрес США: недоступне (було: гаразд)",
    ),
    "a channel that gave up": (
        operator_notice(Kind.CHANNEL, "desk", None, coded("channel.dead").to_json(), "550 no such user"),
        "[lexwatch] Канал desk: від одного повідомлення відмовлено",
    ),
    "a trial": (words.trial_notice("desk", "a@example.org", NOW, "UTC"), "[lexwatch] Канал desk: пробне повідомлення"),
}


@pytest.mark.parametrize(("told", "subject"), SUBJECTS.values(), ids=SUBJECTS)
def test_subjects_in_ukrainian(told: Notice, subject: str) -> None:
    assert compose(told, IN_UKRAINIAN).subject == subject


def test_days_and_delays_in_ukrainian() -> None:
    told = compose(notice(TEXT), IN_UKRAINIAN).news[0]
    assert told.happened == "9 грудня 2025"
    assert told.when == "оприлюднено 27 грудня 2025, 07:38 EET · побачено 27 грудня 2025, 08:00 EET · Конгрес США"
    assert told.late == "Запізніла новина: це сталося за 18 днів до того, як ми це побачили."


def test_the_channels_own_zone_counts_before_the_notices() -> None:
    told = compose(notice(TEXT), RenderOptions(zone="America/New_York")).news[0]
    assert told.seen == "27 December 2025, 01:00 EST"


def _joined(name: str, party: str) -> str:
    total = coded("cosponsors.by_party", n=30, parties=("20 R", "10 D"))
    return coded("cosponsor.joined", name=name, party=party, total=total).to_json()


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("en", "Added: 30 cosponsors (20 R, 10 D): Rep. Constructed 0 [R-NY-0]; "),
        ("uk", "Додано: 30 співавторів (20 R, 10 D): Rep. Constructed 0 [R-NY-0]; "),
    ],
)
def test_thirty_cosponsors_are_one_line_in_either_language(code: str, line: str) -> None:
    language: Language = language_of(code)
    names = [f"Rep. Constructed {n} [{'R' if n < 20 else 'D'}-NY-{n}]" for n in range(30)]
    joined = [
        replace(
            change(Kind.SPONSOR, None, name, _joined(name, "R" if n < 20 else "D"), "2026-01-05"),
            subject=f"cosponsors/{n}",
        )
        for n, name in enumerate(names)
    ]
    (told,) = lines_of(joined, language)
    assert headline(told.change, 400, language=language).startswith(line)
    totals = {"en": "Together now 30 cosponsors: 20 R, 10 D", "uk": "Тепер разом 30 співавторів: 20 R, 10 D"}
    assert told.change.text == totals[code]
    amendments = [replace(change(Kind.RELATED, None, f"a {n}"), subject=f"amendments/{n}") for n in range(5)]
    (told,) = lines_of(amendments, language)
    assert (told.change.after or "").startswith({"en": "5 amendments: a 0; a 1", "uk": "5 поправок: a 0; a 1"}[code])
