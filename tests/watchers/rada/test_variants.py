"""Every way in which texts have stated number, day, start, length and place; the wordings are *constructed*."""

from __future__ import annotations

import pytest

from watchers.rada import text as dates
from watchers.rada.act_text import read_decree, read_law
from watchers.rada.text import cleaned, folded

STARTS = {
    "an hour alone": ("з 05 години 5 листопада 2025 року", "2025-11-05T05:00"),
    "short for hour and minute": ("з 05 год. 30 хв. 5 листопада 2025 р.", "2025-11-05T05:30"),
    "a full stop in the clock time": ("з 5.30 5 листопада 2025 року", "2025-11-05T05:30"),
    "midnight written out": ("з 00 годин 00 хвилин 24 лютого 2022 року", "2022-02-24T00:00"),
    "the hour of 2018": ("з 14 години 00 хвилин 26 листопада 2018 року", "2018-11-26T14:00"),
    "the day first, with a second preposition": (
        "з 5 листопада 2025 року з 05 години 30 хвилин",
        "2025-11-05T05:30",
    ),
    "the day in figures": ("з 05:30 05.11.2025", "2025-11-05T05:30"),
    "no time of day": ("з 5 листопада 2025 року", "2025-11-05T00:00"),
    "English, hours and minutes": ("from 05 hours 30 minutes on 5 November 2025", "2025-11-05T05:30"),
    "English, in the morning": ("from 5:30 a.m. on 5 November 2025", "2025-11-05T05:30"),
    "English, starting at": ("starting at 5:30 a.m. on 5 November 2025", "2025-11-05T05:30"),
    "English, beginning": ("beginning 5:30 a.m. 24 February 2022", "2022-02-24T05:30"),
    "English, the day first": ("from November 5, 2025, 5:30 a.m.", "2025-11-05T05:30"),
    "Russian": ("с 5 часов 30 минут 5 ноября 2025 года", "2025-11-05T05:30"),
    "a day that cannot be": ("з 05:30 31 листопада 2025 року", None),
}


@pytest.mark.parametrize(("text", "start"), STARTS.values(), ids=STARTS)
def test_a_start_is_read(text: str, start: str | None) -> None:
    assert dates.stated_start(folded(cleaned(text))) == start


LENGTHS = {
    "without the word term": ("на 90 діб", "90 days"),
    "without a preposition": ("строком 90 діб", "90 days"),
    "days of the press": ("терміном на 90 днів", "90 days"),
    "in figures and words": ("строком на 90 (дев’яносто) діб", "90 days"),
    "in words": ("на дев'яносто діб", "90 days"),
    "sixty, in words": ("строком на шістдесят діб", "60 days"),
    "months in words": ("строком на три місяці", "3 months"),
    "from entry into force": ("протягом 90 днів із дня набрання чинності", "90 days"),
    "no-break spaces": ("строком на 90\u00a0діб", "90 days"),
    "English, with a hyphen": ("for a 90-day period", "90 days"),
    "English, the term": ("for the term of 90 days", "90 days"),
    "English, figures and words": ("for a term of 90 (ninety) days", "90 days"),
    "English, months in words": ("for three months", "3 months"),
    "Russian": ("сроком на 90 суток", "90 days"),
    "an end in prose is no length": ("до 3 лютого 2026 року", None),
}


@pytest.mark.parametrize(("text", "length"), LENGTHS.values(), ids=LENGTHS)
def test_a_length_is_read_and_an_end_is_not(text: str, length: str | None) -> None:
    assert dates.stated_length(folded(cleaned(text))) == length


def test_the_english_mirror_says_the_same() -> None:
    read = read_decree(
        "Decree of the President of Ukraine No. 793/2025\nOn the extension of martial law in Ukraine\n\nI hereby "
        "decree:\n\n1. In partial amendment of Article 1 of the Decree of the President of Ukraine of February 24, "
        "2022, No. 64/2022, to extend martial law in Ukraine from 05:30 on November 5, 2025, for a period of 90 days."
        "\n\nPresident of Ukraine\n\nOctober 20, 2025\n"
    )
    assert (read.number, read.signed_on, read.at_home) == ("793/2025", "2025-10-20", True)
    assert read.term is not None
    assert (read.term.act, read.term.starts_at, read.term.length) == ("extension", "2025-11-05T05:30", "90 days")


NARROWED = {
    "named oblasts and waters": (
        "з таким застереженням:\n\nввести воєнний стан у Вінницькій, Луганській та Сумській областях та внутрішніх "
        "водах України Азово-Керченської акваторії строком на 30 діб.",
        {
            "scope": "у Вінницькій, Луганській та Сумській областях та внутрішніх водах України Азово-Керченської "
            "акваторії",
            "length": "30 days",
        },
    ),
    "a shorter term": ("з такими змінами: цифри замінити: строком на 30 діб.", {"length": "30 days"}),
    "a later start": (
        "з таким уточненням: з 09 години 00 хвилин 28 листопада 2018 року.",
        {"starts_at": "2018-11-28T09:00"},
    ),
    "words that say nothing of the term": ("з таким застереженням: без обмеження виборчих прав.", {}),
}


@pytest.mark.parametrize(("reservation", "narrowed"), NARROWED.values(), ids=NARROWED)
def test_what_the_law_narrows_is_read_from_its_reservation_alone(reservation: str, narrowed: dict[str, str]) -> None:
    law = read_law(
        "1. Затвердити Указ Президента України від 26 листопада 2018 року № 393 “Про введення воєнного стану в "
        f"Україні” {reservation}\n\n2. Цей Закон набирає чинності з 1 січня 2019 року строком на 5 діб.\n"
    )
    assert (law.approves, dict(law.narrowed)) == ("393/2018", narrowed)
