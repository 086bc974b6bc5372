"""Does every language say all of it? Names and days are facts of the record or constructed."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from string import Formatter
from zoneinfo import ZoneInfo

import pytest

from domain.alerts.coverage_report import SAYS
from domain.coded_text import CodedText, coded
from domain.jurisdictions.us.statuses import STATUS_WORDS
from domain.ports import Notice
from domain.records.facets import Kind
from domain.sources import Health
from domain.terms.chain import Term, minute, term_text
from domain.terms.reminders import MISSING, Lead, compared
from notifications import compose as words
from notifications import translation
from notifications.compose import compose
from notifications.headline import grouped, headline
from notifications.languages import LANGUAGES, Language, language_of
from notifications.reasons import reason_sentence
from notifications.status_text import next_step, status_label, status_meaning
from notifications.templates import RenderOptions
from tests.notifications.notices import BILL, PASSED, REFERRED, REPORTED, TEXT, change, notice, operator_notice

UKRAINIAN = language_of("uk")
KYIV = ZoneInfo("Europe/Kyiv")
NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
IN_CATALOGUE = translation.language_of("uk")
IN_UKRAINIAN = RenderOptions(UKRAINIAN, "Europe/Kyiv")


def gaps(template: str) -> set[str]:
    """Return the gaps of a template without the endings that name a case."""
    return {name.partition("_")[0] for _, name, _, _ in Formatter().parse(template) if name}


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_says_the_same_words_with_the_same_gaps_as_english(code: str) -> None:
    english, other = language_of("en"), language_of(code)
    assert other.code == code
    assert {name: gaps(words) for name, words in other.words.items()} == {
        name: gaps(words) for name, words in english.words.items()
    }
    assert {kind: [gaps(p) for p in phrases] for kind, phrases in other.phrases.items()} == {
        kind: [gaps(p) for p in phrases] for kind, phrases in english.phrases.items()
    }
    assert other.nouns.keys() == english.nouns.keys()
    assert set(other.phrases) == set(Kind)
    assert len(set(other.months)) == 12


@pytest.mark.parametrize("code", LANGUAGES)
def test_a_language_says_every_status_with_the_same_gaps(code: str) -> None:
    ladder = language_of(code).ladder
    assert ladder.keys() == STATUS_WORDS.keys()
    for status, said in STATUS_WORDS.items():
        assert [gaps(words) <= {"C", "D", "O"} for words in ladder[status]] == [True] * 3
        assert ("C" in gaps(said[0])) == ("C" in gaps(ladder[status].sentence)), status


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("status", STATUS_WORDS)
def test_every_status_can_be_said_of_either_chamber(code: str, status: str) -> None:
    language = language_of(code)
    for chamber in ("HOUSE", "SENATE") if "{C}" in "".join(STATUS_WORDS[status]) else ("",):
        word = f"{status}:{chamber}".strip(":")
        said = (
            status_label(word, BILL, language),
            status_meaning(word, BILL, language),
            next_step(word, BILL, None, language),
        )
        assert all(said)
        assert not re.search(r"[{}]", "".join(said))
        if code == "uk":
            assert not re.search("[A-Za-z]", "".join(said))


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
    assert UKRAINIAN.counted(number, "day") == words


TERM = Term(
    episode="1",
    number=17,
    starts_at=datetime(2025, 11, 5, 5, 30, tzinfo=KYIV),
    ends_at=datetime(2026, 2, 3, 5, 30, tzinfo=KYIV),
    length="90 days",
    instrument="ua/decree/793/2025",
    approval=None,
    confidence="official",
)


def receipts() -> list[str]:
    """Return the sentences of receipts, as they stand in a line."""
    filled = {
        **{"n": 5, "m": 2, "a": "джерело", "w": "вада", "gap": "2 h 10 min", "k": "2 of 5 checks failed"},
        **{"t": "5 Jan 2026 09:00", "u": "12 Jan 2026 09:00", "watches": "2 watches"},
    }
    said = {name: sentence.format(**filled) for name, sentence in SAYS.items()}
    said["head"] = f"{said['head']}; {said['ill']}"
    return list(said.values())


def ours() -> list[str]:
    """Have the domain write its sentences: what stands in a message and is not a publisher's."""
    spelled = [term_text(replace(TERM, number=n), "Europe/Kyiv") for n in (0, 17, None)]
    spelled.append(term_text(replace(TERM, length=None), "Europe/Kyiv"))
    lead = Lead("decree_signed", "decrees came", 19, 7, 9.0, 14.0, 20.0, 25)
    said = compared(lead, 12)
    reminders = [f"14 days left, {missing}" for missing in MISSING.values()]
    end = minute(TERM.ends_at)
    return [
        *(f"Martial law in Ukraine: {words}." for words in spelled),
        *reminders,
        "1 day left, no renewal seen (kept by hand)",
        "4 days left, no renewal seen (its sources were not read)",
        f"4 days left, no renewal seen (sources last read {end[:-6]})",
        f"Expired {end}, no successor seen",
        *(f"Expired {end}, no successor in force ({missing})" for missing in MISSING.values()),
        f"Ended early, {end}",
        f"Lapse confirmed: ended {end}, nothing followed",
        f"{said[:1].upper()}{said[1:]}.",
        f"Sources last read {end}.",
        f"Its sources were read without a gap from {end[:-6]} to {end}.",
        f"Decree 793/2025 signed: {spelled[1]}",
        "Law 4643-IX adopted",
        "Law 4643-IX adopted, with a reservation",
        "Law 4643-IX in force",
        "Decree 793/2025 published, its term cannot be read yet",
        "Died with the 118th Congress: Referred",
        "The 118th Congress ended at noon on 2025-01-03. It stood at: Passed House with changes, since 2024-01-02. "
        "To go on, it has to be introduced anew in the 119th.",
        "no longer stated since 2025-12-09; the status stands: Reported by committee",
        "Reported by committee (since 2025-12-09)",
        *receipts(),
        *Health,
    ]


OURS_IN_LATIN = re.compile(r"lexwatch sources|Europe/Kyiv|Martial law in Ukraine|793/2025|4643-IX")


@pytest.mark.parametrize("english", ours())
def test_our_own_sentences_are_retold(english: str) -> None:
    told = UKRAINIAN.retold(english)
    assert not re.search("[A-Za-z]{2,}", OURS_IN_LATIN.sub("", told)), told


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
    for said in (reason_sentence([reason], IN_CATALOGUE), reason_sentence([reason] * 60, IN_CATALOGUE)):
        assert not re.search("[A-Za-z]{2,}", re.sub(r"service\.operator|FEED x", "", said)), said


def test_what_a_publisher_wrote_is_never_translated() -> None:
    letter = compose(notice(REPORTED, TEXT, status="REPORTED"), IN_UKRAINIAN)
    assert letter.news[0].quote == REPORTED.text
    assert letter.news[1].headline == "Новий текст: Introduced in House"
    assert letter.title == "NATO Act"
    for text in ("Decree of something (draft)", "The House passed it; the Senate did not.", "a. b; c: d"):
        assert UKRAINIAN.retold(text) == text


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
        notice(change(Kind.REMINDER, None, "14 days left, no renewal seen"), status=None),
        "[HR 6508 · 119th] До кінця 14 днів: продовження не видно",
    ),
    "a correction": (
        notice(change(Kind.CORRECTION, "Passed House", "Referred")),
        "[HR 6508 · 119th] Виправлення: Передано до комітету (ми писали: Ухвалено Палатою представників)",
    ),
    "a source that broke": (
        operator_notice(Kind.SOURCE, "congress", "ok", "unavailable", "no answer"),
        "[lexwatch] Джерело congress: недоступне (було: гаразд)",
    ),
    "a channel that gave up": (
        operator_notice(Kind.CHANNEL, "desk", "pending", "dead", "550 no such user"),
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
    assert told.when == "оприлюднено 27 грудня 2025, 07:38 EET · побачено 27 грудня 2025, 08:00 EET · congress"
    assert told.late == "Запізніла вість: це сталося за 18 днів до того, як ми це побачили."


def test_the_channels_own_zone_counts_before_the_notices() -> None:
    told = compose(notice(TEXT), RenderOptions(zone="America/New_York")).news[0]
    assert told.seen == "27 December 2025, 01:00 EST"


@pytest.mark.parametrize(
    ("code", "line"),
    [
        ("en", "Sponsor added: 30 cosponsors (20 R, 10 D): Rep. Constructed 0 [R-NY-0]; "),
        ("uk", "Новий ініціатор: 30 співавторів (20 R, 10 D): Rep. Constructed 0 [R-NY-0]; "),
    ],
)
def test_thirty_cosponsors_are_one_line_in_either_language(code: str, line: str) -> None:
    language: Language = language_of(code)
    names = [f"Rep. Constructed {n} [{'R' if n < 20 else 'D'}-NY-{n}]" for n in range(30)]
    joined = [
        replace(
            change(Kind.SPONSOR, None, name, f"Cosponsor: {name} (30 cosponsors: 20 R, 10 D)", "2026-01-05"),
            subject=f"cosponsors/{n}",
        )
        for n, name in enumerate(names)
    ]
    (told,) = grouped(joined, language)
    assert headline(told, 400, language=language).startswith(line)
    totals = {"en": "Together now 30 cosponsors: 20 R, 10 D", "uk": "Тепер разом 30 співавторів: 20 R, 10 D"}
    assert told.text == totals[code]
    amendments = [replace(change(Kind.RELATED, None, f"a {n}"), subject=f"amendments/{n}") for n in range(5)]
    (told,) = grouped(amendments, language)
    assert (told.after or "").startswith({"en": "5 amendments: a 0; a 1", "uk": "5 поправок: a 0; a 1"}[code])
