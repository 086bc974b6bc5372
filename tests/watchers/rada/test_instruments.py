"""What the texts of decrees and laws say, in all the variants they have had."""

from __future__ import annotations

import csv
import json
import time
from datetime import date

import pytest

from domain.jurisdictions.ua import document_of_nreg, nreg_of, number_of
from domain.terms import add_length, local
from tests.helpers.paths import CORPUS
from tests.watchers.rada.publisher import decree, law
from watchers.rada.act_text import read_decree, read_law
from watchers.rada.client import nreg_in
from watchers.rada.text import stamp_day

FOLDER = CORPUS / "ukraine"

EXTEND = "1. Продовжити строк дії воєнного стану в Україні"
TERMS = {
    "hour and minutes with a leading zero": (
        f"{EXTEND} з 05 години 30 хвилин 5 листопада 2025 року строком на 90 діб.",
    ),
    "hour without a leading zero": (f"{EXTEND} з 5 години 30 хвилин 5 листопада 2025 року строком на 90 діб.",),
    "hours in the plural": (f"{EXTEND} з 05 годин 30 хвилин 05 листопада 2025 року на 90 діб.",),
    "a clock time": (f"{EXTEND} з 05:30 05 листопада 2025 року строком на 90 діб.",),
    "a clock time without zero, without the word term": (f"{EXTEND} з 5:30 5 листопада 2025 р. на 90 діб.",),
    "із in place of з": (f"{EXTEND} із 05 години 30 хвилин 5 листопада 2025 року строком на 90 діб.",),
    "the length first": (f"{EXTEND} на 90 діб з 05 години 30 хвилин 5 листопада 2025 року.",),
    "the day first": (f"{EXTEND} з 5 листопада 2025 року 05 години 30 хвилин строком на 90 діб.",),
    "days in the words of the press": (f"{EXTEND} з 05:30 5 листопада 2025 року терміном на 90 днів.",),
    "a length in words": (f"{EXTEND} з 05:30 5 листопада 2025 року строком на 90 (дев’яносто) діб.",),
    "Kyiv time": (f"{EXTEND} з 05 години 30 хвилин за київським часом 5 листопада 2025 року строком на 90 діб.",),
    "no-break spaces": (f"{EXTEND} з 05 години 30 хвилин 5 листопада 2025 року на 90 діб.".replace(" ", "\u00a0"),),
    "soft hyphens": (f"{EXTEND} з 05 години 30 хвилин 5 листо\u00adпада 2025 року строком на 90 діб.",),
    "Latin letters inside": (f"{EXTEND} з 05 гoдини 30 хвилин 5 листoпaдa 2025 рoку строком на 90 дiб.",),
    "the words of the press for the regime": (
        "1. Продовжити термін дії військового стану в Україні з 05:30 5 листопада 2025 року на 90 діб.",
    ),
    "a sentence that begins with the start": (
        "1. З 05 години 30 хвилин 5 листопада 2025 року продовжити строк дії воєнного стану в Україні на 90 діб.",
    ),
    "English": ("1. To extend the term of martial law in Ukraine from 05:30 a.m. on 5 November 2025 for 90 days.",),
    "English, the month first": (
        "1. The term of martial law in Ukraine shall extend martial law from 05:30 on November 5, 2025 for 90 days.",
    ),
    "Russian": (
        "1. Продлить срок действия военного положения в Украине с 05 часов 30 минут 5 ноября 2025 года на 90 суток.",
    ),
}


@pytest.mark.parametrize("text", [case[0] for case in TERMS.values()], ids=TERMS)
def test_start_and_length_are_read_in_every_variant(text: str) -> None:
    term = read_decree(text).term
    assert term is not None
    assert (term.regime, term.act, term.starts_at, term.length) == (
        "martial-law",
        "extension",
        "2025-11-05T05:30",
        "90 days",
    )


OTHER_ACTS = {
    "the introduction of 2022": (
        "1. Ввести в Україні воєнний стан із 05 години 30 хвилин 24 лютого 2022 року строком на 30 діб.",
        ("martial-law", "introduction", "2022-02-24T05:30", "30 days", None),
    ),
    "the introduction of 2018, whose end in prose is not read": (
        "1. Ввести воєнний стан в Україні з 14 години 00 хвилин 26 листопада 2018 року строком на 30 діб до 14 години "
        "00 хвилин 26 грудня 2018 року.",
        ("martial-law", "introduction", "2018-11-26T14:00", "30 days", None),
    ),
    "midnight": (
        f"{EXTEND} з 00 годин 00 хвилин 24 лютого 2026 року строком на 30 діб.",
        ("martial-law", "extension", "2026-02-24T00:00", "30 days", None),
    ),
    "months": (
        f"{EXTEND} з 05:30 5 листопада 2025 року на 3 місяці.",
        ("martial-law", "extension", "2025-11-05T05:30", "3 months", None),
    ),
    "an early end": (
        "1. Скасувати воєнний стан в Україні з 00 годин 00 хвилин 1 березня 2027 року.",
        ("martial-law", "end", "2027-03-01T00:00", None, None),
    ),
    "an end in part of the territory": (
        "1. Припинити воєнний стан в окремих місцевостях України з 1 березня 2027 року.",
        ("martial-law", "partial_end", "2027-03-01T00:00", None, "в окремих місцевостях України"),
    ),
    "mobilisation extended by the day": (
        "1. Продовжити строк проведення загальної мобілізації з 5 листопада 2025 року на 90 діб.",
        ("mobilisation", "extension", "2025-11-05T00:00", "90 days", None),
    ),
    "mobilisation from entry into force": (
        "1. Оголосити та провести загальну мобілізацію.\n2. Мобілізацію провести протягом 90 діб із дня набрання "
        "чинності цим Указом.",
        ("mobilisation", "introduction", None, "90 days", None),
    ),
}


@pytest.mark.parametrize(("text", "expected"), OTHER_ACTS.values(), ids=OTHER_ACTS)
def test_other_acts_are_read(text: str, expected: tuple[str | None, ...]) -> None:
    term = read_decree(text).term
    assert term is not None
    assert (term.regime, term.act, term.starts_at, term.length, term.scope) == expected


SILENT = {
    "a state of emergency": "1. Ввести в окремих регіонах України надзвичайний стан із 00 годин 24 лютого 2022 року.",
    "an award": "1. Нагородити орденом.",
    "a mention in a preamble": "Відповідно до Закону України “Про правовий режим воєнного стану” постановляю:",
    "nothing": "",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT)
def test_a_text_about_something_else_states_no_term(text: str) -> None:
    assert read_decree(text).term is None


def test_impossible_days_are_refused() -> None:
    term = read_decree(f"{EXTEND} з 05:30 31 листопада 2025 року на 90 діб.").term
    assert term is not None
    assert term.starts_at is None


def test_a_decree_names_itself_and_its_day_not_those_it_cites() -> None:
    read = read_decree(decree("793/2025", date(2025, 10, 20)).text or "")
    assert (read.number, read.signed_on, read.at_home) == ("793/2025", "2025-10-20", True)
    assert read.title == "Про продовження строку дії воєнного стану в Україні"


def test_a_number_printed_without_its_year_gets_that_of_its_day() -> None:
    text = (
        'Затвердити Указ Президента України від 26 листопада 2018 року № 393 "Про введення воєнного стану в Україні" з '
        "таким застереженням:\n\nвоєнний стан вводиться лише у названих областях.\n\n2. Цей Закон набирає чинності з "
        "дня його опублікування.\n\n26 листопада 2018 року\n\n№ 2630-VIII\n\nНабрання чинності від 28.11.2018\n\nчинний"
    )
    read = read_law(text)
    assert (read.approves, read.approves_of) == ("393/2018", "2018-11-26")
    assert read.reservation == "з таким застереженням:\n\nвоєнний стан вводиться лише у названих областях."
    assert (read.number, read.adopted_on, read.in_force_on) == ("2630-VIII", "2018-11-26", "2018-11-28")
    assert read.takes_effect == "з дня його опублікування"


def test_a_law_names_the_decree_it_approves_and_its_own_status() -> None:
    read = read_law(law("4643-20", date(2025, 10, 21), decree("793/2025", date(2025, 10, 20))).text or "")
    assert (read.number, read.adopted_on) == ("4643-IX", "2025-10-21")
    assert (read.approves, read.approves_of) == ("793/2025", "2025-10-20")
    assert (read.status, read.reservation, read.in_force_on) == ("не набрав чинності", None, None)


def test_roman_digits_typed_in_cyrillic_are_read() -> None:
    assert read_law("№ 4643-ІХ").number == "4643-IX"


NUMBERS = {
    "a decree": ("793/2025", "ua/decree/793/2025", "793/2025"),
    "the same number another year": ("793/2026", "ua/decree/793/2026", "793/2026"),
    "a law": ("4643-20", "ua/law/4643-ix", "4643-IX"),
    "a law of 2018": ("2630-19", "ua/law/2630-viii", "2630-VIII"),
}


@pytest.mark.parametrize(("nreg", "identity", "number"), NUMBERS.values(), ids=NUMBERS)
def test_keys_and_identities_follow_from_each_other(nreg: str, identity: str, number: str) -> None:
    document = document_of_nreg(nreg)
    assert document is not None
    assert (str(document), nreg_of(document), number_of(document)) == (identity, nreg, number)


ACTS = {
    "a regulation of the Cabinet": ("71-2026-р", "ua/act/71-2026-r"),
    "an order of a ministry": ("z0123-24", "ua/act/z0123-24"),
    "the Constitution": ("254к/96-вр", "ua/act/254k/96-vr"),
    "an instruction of the President": ("583/2021-рп", "ua/act/583/2021-rp"),
    "an act of the National Bank": ("n0044500-26", "ua/act/n0044500-26"),
    "the labour code of 1971": ("322-08", "ua/act/322-08"),
    "a convention": ("995_004", "ua/act/995_004"),
    "an act of a year without decrees": ("12/90", "ua/act/12/90"),
}


@pytest.mark.parametrize(("nreg", "identity"), ACTS.values(), ids=ACTS)
def test_other_keys_are_acts_by_their_key(nreg: str, identity: str) -> None:
    document = document_of_nreg(nreg)
    assert document is not None
    assert (str(document), nreg_of(document), number_of(document)) == (identity, nreg, nreg)


@pytest.mark.parametrize("nreg", ["0793/2025", "", "5", "-", "Ⅻ-12", "x" * 40, "../etc"])
def test_other_keys_are_no_documents_of_ours(nreg: str) -> None:
    assert document_of_nreg(nreg) is None


ADDRESSES = {
    "a text": ("https://data.rada.gov.ua/laws/show/793/2025", "793/2025"),
    "with an anchor": ("https://zakon.rada.gov.ua/laws/show/4643-20#Text", "4643-20"),
    "an edition": ("https://zakon.rada.gov.ua/laws/show/4643-20/ed20251031", "4643-20"),
    "a permanent address": ("https://zakon.rada.gov.ua/go/4643-20", "4643-20"),
    "escaped Cyrillic": ("https://zakon.rada.gov.ua/laws/show/71-2026-%D1%80", "71-2026-р"),
    "another place": ("https://example.org/793/2025", None),
}


@pytest.mark.parametrize(("address", "nreg"), ADDRESSES.values(), ids=ADDRESSES)
def test_keys_are_found_in_addresses(address: str, nreg: str | None) -> None:
    assert nreg_in(address) == nreg


@pytest.mark.parametrize(("stamp", "day"), [(20251021, "2025-10-21"), (0, None), (None, None), (20251340, None)])
def test_integer_days_are_read_and_zero_is_none(stamp: int | None, day: str | None) -> None:
    assert stamp_day(stamp) == day


def test_long_texts_made_to_catch_patterns_cost_little() -> None:
    began = time.process_time()
    for bait in ("з 1 " * 40_000, f"{EXTEND} в " + "х " * 40_000, "№ 1 " * 40_000, EXTEND * 1500):
        read_decree(bait)
        read_law(bait)
    assert time.process_time() - began < 30


@pytest.mark.corpus
def test_every_approving_law_of_the_corpus_matches_its_table() -> None:
    expected = {}
    for table in ("martial-law-chain", "mobilisation-chain", "related-regimes"):
        with (FOLDER / f"{table}.csv").open(encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                expected[row["law_nreg"]] = (row["decree_number"], row["decree_date"], row["law_adopted_date"])
    seen = {}
    for path in sorted((FOLDER / "laws-approval").glob("*.json")):
        read = read_law(json.loads(path.read_text())["provisions"][0]["content"])
        seen[path.stem] = (read.approves, read.approves_of, read.adopted_on)
        assert read.status == "чинний"
        assert read.number is not None
        assert nreg_of(document_of_nreg(path.stem)) == path.stem  # type: ignore[arg-type]
    assert len(seen) == 29
    known = {nreg: facts for nreg, facts in seen.items() if nreg in expected}
    assert known == {nreg: expected[nreg] for nreg in known}
    assert set(seen) - set(known) == {"4596-20"}, "the one about seized property stands in no table"


@pytest.mark.corpus
def test_the_25_laws_of_the_corpus_that_mention_it_approve_nothing() -> None:
    paths = sorted((FOLDER / "laws-mention").glob("*.json"))
    assert len(paths) == 25
    for path in paths:
        text = "\n".join(part["content"] for part in json.loads(path.read_text())["provisions"])
        assert read_law(text).approves is None, path.name


@pytest.mark.corpus
def test_starts_and_ends_of_the_chain_of_the_corpus_are_right_to_the_minute() -> None:
    """Each decree is composed from its row; what is read and computed must give the row's own start and end."""
    with (FOLDER / "martial-law-chain.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["decree_number"] and row["decree_date"]]
    assert len(rows) >= 20
    for row in rows:
        start = row["term_start"]
        day = date.fromisoformat(start[:10])
        moment = f"{start[11:13]} години {start[14:16]} хвилин {_written(day)}"
        text = (decree(row["decree_number"], date.fromisoformat(row["decree_date"]), moment).text or "").replace(
            "на 90 діб", f"на {row['term_days']} діб"
        )
        read = read_decree(text)
        assert read.term is not None
        assert read.signed_on == row["decree_date"]
        begins = local(read.term.starts_at or "", "Europe/Kyiv")
        assert begins.isoformat() == row["term_start"]
        assert add_length(begins, read.term.length or "").isoformat() == row["term_end"]


def _written(day: date) -> str:
    months = "січня лютого березня квітня травня червня липня серпня вересня жовтня листопада грудня"
    return f"{day.day} {months.split()[day.month - 1]} {day.year} року"
