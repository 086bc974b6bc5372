"""Every way in which texts have stated number, day, start, length and place; the wordings are *constructed*."""

from __future__ import annotations

from collections.abc import Callable

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


DAYS_WITHOUT_YEARS = {
    "a start after the signature": (dates.stated_start, "з 5 листопада", "2025-10-20", "2025-11-05T00:00"),
    "a start before the signature": (dates.stated_start, "з 28 грудня", "2026-01-03", "2025-12-28T00:00"),
    "a start in the next year": (dates.stated_start, "з 3 лютого", "2025-12-20", "2026-02-03T00:00"),
    "an end in the next year": (dates.stated_end, "до 3 лютого", "2025-11-05", "2026-02-03"),
    "an end more than half a year ahead": (dates.stated_end, "до 1 вересня", "2026-01-10", "2026-09-01"),
    "an end in the month of the signature": (dates.stated_end, "до 25 січня", "2026-01-10", "2026-01-25"),
    "an end a year ahead": (dates.stated_end, "до 5 січня", "2026-01-10", "2027-01-05"),
}


@pytest.mark.parametrize(("read", "text", "near", "day"), DAYS_WITHOUT_YEARS.values(), ids=DAYS_WITHOUT_YEARS)
def test_a_day_without_a_year_is_one_that_can_be(
    read: Callable[[str, str], str | None], text: str, near: str, day: str
) -> None:
    assert read(text, near) == day


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


def _decree(order: str, title: str = "Про продовження строку дії воєнного стану в Україні") -> str:
    return (
        f"УКАЗ ПРЕЗИДЕНТА УКРАЇНИ\n{title}\nУ зв'язку з обставинами постановляю:\n1. {order}\n"
        "Президент України А.Б.\nм. Київ\n12 травня 2024 року\n№ 271/2024\n"
    )


_AT = {"starts_at": "2024-05-14T05:30"}
_NINETY = {**_AT, "length": "90 days"}
_EXTENDING = "Продовжити строк дії воєнного стану в Україні"
_FROM = "з 05 години 30 хвилин 14 травня 2024 року"

TERMS: dict[str, tuple[str, dict[str, str]]] = {
    "a day without year": (f"{_EXTENDING} з 05 години 30 хвилин 14 травня строком на 90 діб.", _NINETY),
    "until a minute": (
        f"{_EXTENDING} {_FROM} до 05 години 30 хвилин 12 серпня 2024 року.", {**_AT, "ends": "2024-08-12T05:30"}),
    "until a day, whole": (f"{_EXTENDING} {_FROM} по 11 серпня включно.", {**_AT, "ends": "2024-08-11"}),
    "an end alone: from where the last term ends": (
        f"{_EXTENDING} до 05 години 30 хвилин 12 серпня 2024 року.",
        {"starts": "continuation", "ends": "2024-08-12T05:30"}),
    "from the end of the last term": (
        f"{_EXTENDING} строком на 90 діб з дня закінчення строку, визначеного Указом № 49/2024.",
        {"starts": "continuation", "length": "90 days"}),
    "for a term of": (f"Продовжити {_FROM} на строк 90 діб дію воєнного стану в Україні.", _NINETY),
    "lasting": (f"{_EXTENDING} {_FROM} тривалістю 90 діб.", _NINETY),
    "in words, two of them": (f"{_EXTENDING} {_FROM} на сорок п’ять діб.", {**_AT, "length": "45 days"}),
    "in words, three of them": (f"{_EXTENDING} {_FROM} на сто двадцять діб.", {**_AT, "length": "120 days"}),
    "the verb behind": (
        "Строк дії воєнного стану в Україні продовжити з 5 години 30 хвилин 14.05.2024 на 90 діб.", _NINETY),
    "in the passive": (f"Строк дії воєнного стану в Україні продовжується {_FROM} на 90 діб.", _NINETY),
    "the term of an earlier act beside it": (
        f"{_EXTENDING}, продовжений Указом від 5 лютого 2024 року № 49/2024 строком на 90 діб, {_FROM} на 60 діб.",
        {**_AT, "length": "60 days"}),
    "an introduction with its publication": (
        "Ввести в Україні воєнний стан з моменту опублікування цього Указу на 60 діб.",
        {"starts": "publication", "length": "60 days"}),
    "for a part of the territory": (
        f"Продовжити строк дії воєнного стану {_FROM} на 90 діб на території Донецької та Луганської областей.",
        {**_NINETY, "scope": "на території Донецької та Луганської областей"}),
}  # fmt: skip


@pytest.mark.parametrize(("order", "facts"), TERMS.values(), ids=TERMS)
def test_a_decree_states_its_term(order: str, facts: dict[str, str]) -> None:
    term = read_decree(_decree(order)).term
    assert term is not None
    assert term.is_complete
    stated = {name: value for name, value in term.facts().items() if value and name != "clause"}
    assert stated == facts


ENDINGS: dict[str, tuple[str, str, str | None]] = {
    "named oblasts": (
        f"Скасувати {_FROM} воєнний стан на території Волинської та Львівської областей.",
        "partial_end", "2024-05-14T05:30"),
    "one oblast": ("Припинити воєнний стан у Львівській області з 1 червня.", "partial_end", "2024-06-01T00:00"),
    "a city": ("Скасувати воєнний стан у місті Києві.", "partial_end", None),
    "some places": ("Припинити воєнний стан в окремих місцевостях України.", "partial_end", None),
    "a part of the territory": ("Припинити воєнний стан на частині території України.", "partial_end", None),
    "all but some places": ("Припинити воєнний стан в Україні, крім окремих областей.", "partial_end", None),
    "the rights of citizens are no place": (
        "Припинити воєнний стан в Україні та відновити права громадян з 1 червня.", "end", "2024-06-01T00:00"),
    "a part of an article is none": (
        "Скасувати воєнний стан відповідно до частини другої статті 7 Закону.", "end", None),
    "public order and criminal law are none": (
        "Скасувати воєнний стан, забезпечити громадський порядок і кримінальну відповідальність.", "end", None),
    "the whole of it": (
        "Скасувати воєнний стан на всій території України з 1 червня 2024 року.", "end", "2024-06-01T00:00"),
    "the whole of it, and the decree it came by": (
        "Скасувати воєнний стан в Україні, введений Указом від 24 лютого 2022 року № 64/2022, з 1 червня 2024 року.",
        "end", "2024-06-01T00:00"),
    "a repeal by number alone": (
        "Визнати таким, що втратив чинність, Указ Президента України від 24 лютого 2022 року № 64/2022.", "end", None),
}  # fmt: skip


@pytest.mark.parametrize(("order", "act", "at"), ENDINGS.values(), ids=ENDINGS)
def test_an_end_for_a_part_is_no_end_of_the_whole(order: str, act: str, at: str | None) -> None:
    term = read_decree(_decree(order, "Про скасування воєнного стану")).term
    assert term is not None
    assert (term.regime, term.act, term.starts_at) == ("martial-law", act, at)


@pytest.mark.parametrize(
    ("signed", "start"),
    [("12 грудня 2025 року", "2026-02-03T05:30"), ("30 січня 2026 року", "2026-02-03T05:30")],
)
def test_a_day_without_year_is_the_one_next_to_the_signature(signed: str, start: str) -> None:
    text = _decree(f"{_EXTENDING} з 05 години 30 хвилин 3 лютого строком на 90 діб.").replace(
        "12 травня 2024 року", signed
    )
    term = read_decree(text).term
    assert term is not None
    assert term.starts_at == start


OWN: dict[str, str] = {
    "a note above that names another decree": "{Із змінами, внесеними Указом\n№ 133/2022\nвід 14.03.2022}\n%s",
    "an annex behind": "%s\nДодаток\nдо Указу Президента України\n1 червня 2025 року\n№ 400/2025\n",
    "both": "{Із змінами\n№ 133/2022\n14 березня 2022 року}\n%s\nДодаток\n1 червня 2025 року\n№ 400/2025\n",
    "a heading in two lines": "УКАЗ\nПРЕЗИДЕНТА УКРАЇНИ\n{Із змінами\n№ 133/2022\n14 березня 2022 року}\n%s",
    "an acting President": "%s",
}


@pytest.mark.parametrize("around", OWN.values(), ids=OWN)
def test_a_decree_has_its_own_number_and_day(around: str) -> None:
    text = _decree(f"{_EXTENDING} {_FROM} на 90 діб.")
    if around == "%s":
        text = text.replace("Президент України А.Б.", "В. о. Президента України А.Б.")
    read = read_decree(around % text)
    assert (read.number, read.signed_on) == ("271/2024", "2024-05-12")
