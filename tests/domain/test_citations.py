"""Which citations and claims are found in running text, and where the record differs.

`python -m tests.domain.test_citations` prints how many of the citations in `tests/fixtures/citations.csv` are found:
short citations as public texts write them. Sets `b` and `c` were measured before anything was mended for them:
precision and recall 0.93 and 0.93 (`b`), 0.88 and 0.88 (`c`).
"""

from __future__ import annotations

import csv
import re
import time
from datetime import UTC, date, datetime
from typing import NamedTuple

import pytest

from domain.citations import Citation, NamedSubject, citations, dates_in, unwrapped, written_on
from domain.claims import (
    Claim,
    OfficialStep,
    OfficialTerm,
    claims,
    compare,
    compare_term,
    sentences,
    with_stated_sessions,
)
from domain.documents import DocumentId
from monitor.service.regimes import shipped_regimes
from tests.helpers.paths import FIXTURES

DAY = date(2025, 12, 15)
REGIMES = [
    NamedSubject(document, made.cited.get("names", ()), made.cited.get("near", ()))
    for document, made in shipped_regimes().items()
]


def read(text: str, day: date = DAY) -> list[Citation]:
    found = citations(text, day, subjects=REGIMES)
    return with_stated_sessions(found, claims(text, day, found), day)


def cited(text: str, day: date = DAY) -> list[str]:
    return list(dict.fromkeys(str(one.document) if one.document else one.called for one in read(text, day)))


CITED = [
    ("HR 6508", ["us/bill/119/hr/6508"]),
    ("a bill (H.R.6508) and its companion (S. 2174)", ["us/bill/119/hr/6508", "us/bill/119/s/2174"]),
    ("H. R. 6508, S.J.Res. 7, H. Con. Res. 28, H.Res. 5, SRES 12",
     ["us/bill/119/hr/6508", "us/bill/119/sjres/7", "us/bill/119/hconres/28", "us/bill/119/hres/5",
     "us/bill/119/sres/12"]),
    ("указом № 793/2025 воєнний стан продовжено", ["ua/decree/793/2025", "ua/regime/martial-law"]),
    ("За рішенням у Києві мобілізацію продовжено", ["ua/regime/mobilisation"]),
    ("Zelensky prolonged martial law again", ["ua/regime/martial-law"]),
    ("martial law in Poland in 1981; Южна Корея, воєнний стан", []),
    ("us/bill/118/hr/1, ua/regime/martial-law; see ua/decree/793/2025.",
     ["us/bill/118/hr/1", "ua/regime/martial-law", "ua/decree/793/2025"]),
    ("https://example.org/us/bill/118/hr/1 and us/bill/x or contact us/press", []),
    ("HR-6508 and H.R.\u00a06509", ["us/bill/119/hr/6508", "us/bill/119/hr/6509"]),
    ("martial law and mobilization in Ukraine", ["ua/regime/martial-law", "ua/regime/mobilisation"]),
    ("domestic resource mobilization for Ukraine's schools", []),
    ("H.R. 8800 and 8801 in the 118th Congress", ["us/bill/118/hr/8800", "us/bill/118/hr/8801"]),
    ("the U.S. House took up House Bill 6508", ["us/bill/119/hr/6508"]),
    ("Sen. Lee's Senate Joint Resolution 105", ["us/bill/119/sjres/105"]),
    ("House Bill 6508 of the Texas Legislature", []),
    ("the California Senate Bill 253", []),
    ("Pub. L. No. 117-328 and Private Law 117-3", ["us/law/117/public/328", "us/law/117/private/3"]),
    ("E.O. 14,156 and Proclamation No. 10,999", ["us/regime/emergency/eo-14156", "Proclamation 10999"]),
    ("under Executive Order 13660", ["us/regime/emergency/eo-13660"]),
    ("указами № 793/2025 та законом № 4643-ІХ", ["ua/decree/793/2025", "ua/law/4643-ix"]),
    ("Zelensky's decree 793/2025 and law 4643-IX of Ukraine", ["ua/decree/793/2025", "ua/law/4643-ix"]),
    ("Наказ МОЗ України від 09.06.2022 № 994/2022", []),
    ("постанова Кабінету Міністрів України від 15.12.2021 № 1325", ["ua/act/1325-2021-p"]),
    ("у законопроєкті № 14128 йдеться", ["ua/bill/14128"]),
    ("Bill C-34 (44-1)", ["ca/bill/44-1/c-34"]),
    ("see https://www.congress.gov/bill/118th-congress/house-bill/1.", ["us/bill/118/hr/1"]),
    ("Martial law in Ukraine was extended", ["ua/regime/martial-law"]),
    ("Martial law in South Korea was lifted", []),
    ("в Україні діє воєнний стан", ["ua/regime/martial-law"]),
    ("в умовах воєнним станом в Україні; загальну мобілізацію", ["ua/regime/martial-law", "ua/regime/mobilisation"]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "found"), CITED, ids=[text[:50] for text, _ in CITED])
def test_a_citation_is_found_as_people_write_it(text: str, found: list[str]) -> None:
    assert cited(text) == found


NOT_CITED = [
    "the U.S. 101 highway", "Model S 2024", "the HR 101 course of the HR department", "Section S. 5a of the plan",
    "a C-130 and a C-17 aircraft", "S&P 500 and P.L. Travers", "5/2025 of the staff", "Apollo 11-IX",
    "e.g. S. 1.5 million", "order 1793/2025 of the court",
    "the decree of 12 May", "He signed it on 4/7/2025", "Group 3-V", "the law of 2025", "No. 10 Downing Street",
    "Resolution 2231 of the Security Council", "Senate Bill 7", "HB 12 and SB 1047", "Decree 66 of Russia's president",
]  # fmt: skip


@pytest.mark.parametrize("text", NOT_CITED)
def test_what_only_resembles_a_citation_is_none(text: str) -> None:
    assert cited(text) == []


def test_the_congress_is_that_of_the_day_the_text_was_written() -> None:
    assert cited("HR 6508", date(2023, 3, 1)) == ["us/bill/118/hr/6508"]
    text = "Bill C-2 waits. In the 44th Parliament, 1st Session, Bill C-26 died. Bill C-8 is new."
    assert cited(text) == ["ca/bill/45-1/c-2", "ca/bill/44-1/c-26", "ca/bill/45-1/c-8"]
    assert [one.basis for one in read("HR 6508; HR 1 (118th)")] == ["inferred", "stated"]
    assert cited("introduced H.R. 1 on January 9, 2023", DAY) == ["us/bill/118/hr/1"]
    assert cited("H.R. 1, introduced in 2023, failed", DAY) == ["us/bill/118/hr/1"]
    assert cited("H.R. 4346, the CHIPS and Science Act (P.L. 117-167)")[0] == "us/bill/117/hr/4346"
    assert cited("enacted as part of Public Law 118-50 (H.R. 815)")[1] == "us/bill/118/hr/815"
    assert cited("H.R. 6508 would amend the CHIPS and Science Act (P.L. 117-167)")[0] == "us/bill/119/hr/6508"


class Snippet(NamedTuple):
    set: str
    written_on: str
    text: str
    cites: str

    @property
    def expected(self) -> set[str]:
        """Identities; of what has none, only what our own forms find."""
        named = re.findall(r"\S+/\S+|Executive Order \d+|Proclamation \d+", self.cites)
        return set(named)


def snippets() -> list[Snippet]:
    with (FIXTURES / "citations.csv").open(encoding="utf-8", newline="") as file:
        return [Snippet(**row) for row in csv.DictReader(file)]


def measured(which: str) -> tuple[int, int, int]:
    """Return how many citations of a set were found, missed, and found where there are none."""
    right = missed = wrong = 0
    for one in snippets():
        if one.set in which:
            found = set(cited(one.text, date.fromisoformat(one.written_on)))
            right, missed, wrong = (
                right + len(found & one.expected), missed + len(one.expected - found),
                wrong + len(found - one.expected),
            )  # fmt: skip
    return right, missed, wrong


def test_of_the_citations_collected_from_public_texts_nearly_all_are_found() -> None:
    right, missed, wrong = measured("abc")
    assert right + missed > 80
    assert right / (right + missed) > 0.97
    assert right / (right + wrong) > 0.97


DATES = [
    ("on December 9", ["2025-12-09"]), ("Dec. 9, 2025", ["2025-12-09"]), ("9 December 2025", ["2025-12-09"]),
    ("the 9th of December", ["2025-12-09"]), ("2025-12-09", ["2025-12-09"]), ("22-Jan-2026", ["2026-01-22"]),
    ("9 грудня 2025 року", ["2025-12-09"]), ("09.12.2025", ["2025-12-09"]), ("24 лютого", ["2025-02-24"]),
    ("on December 20", ["2024-12-20"]), ("in May 2025", ["2025-05"]),
    ("in 2024", ["2024"]), ("in 2024-2025", []), ("last May", ["2025-05"]), ("it may pass", []),
    ("February 30, 2025", []), ("from 5 to 9 December", ["2025-12-09"]), ("version 1.2.2025.1", []),
    ("March on Rome", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "days"), DATES, ids=[text for text, _ in DATES])
def test_a_date_is_read_against_the_day_of_the_text(text: str, days: list[str]) -> None:
    assert [one.value for one in dates_in(text, DAY)] == days


def test_an_end_lies_ahead() -> None:
    ahead = {
        "next February": "2026-02",
        "February 3": "2026-02-03",
        "3 лютого": "2026-02-03",
        "December 31": "2025-12-31",
    }
    assert {text: dates_in(text, DAY, ahead=True)[0].value for text in ahead} == ahead


WRITTEN = [
    ("KYIV, Dec. 9, 2025 — The parliament", ("2025-12-09", "dateline")),
    ("A headline\n9 December 2025\n\nThe text speaks of 3 March 2024.", ("2025-12-09", "dateline")),
    ("It began on 3 March 2024, and on December 10, 2025 it went on until 3 February 2026.", ("2025-12-10", "latest")),
    (
        "It passed the House on Dec. 10, 2025 and the Senate on Dec. 17; it was signed on Dec. 18.",
        ("2025-12-18", "latest"),
    ),
    ("On Dec. 10, 2025 it passed; it runs until January 5, and began on March 3.", ("2025-12-10", "latest")),
    ("No day at all, in 2025.", None),
]


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_the_day_of_a_text_is_its_dateline_or_the_latest_it_names(text: str, expected: tuple[str, str] | None) -> None:
    found = written_on(text, date(2026, 11, 30))
    assert (found and (found[0].isoformat(), found[1])) == expected


def said(text: str, day: date = DAY) -> list[tuple[str, str, str]]:
    return [
        (str(document), claim.kind, claim.value)
        for document, found in claims(text, day, read(text, day)).items()
        for claim in found
    ]


BILL = "us/bill/119/hr/6508"
LAW = "ua/regime/martial-law"
CLAIMS = [
    ("On December 9, five days later, a member introduced a bill (HR 6508) on it. This bill was referred to the "
     "Foreign Affairs Committee on December 12.", [(BILL, "introduced", "2025-12-09"), (BILL, "referred",
     "2025-12-12")]),
    ("HR 6508, introduced December 9 and referred to committee December 12, waits.",
     [(BILL, "introduced", "2025-12-09"), (BILL, "referred", "2025-12-12")]),
    ("The House passed HR 6508 on 10 December; the Senate has not.", [(BILL, "passed_house", "2025-12-10")]),
    ("Introduced in the House on 9 December, HR 6508 would require a notice by March 1.",
     [(BILL, "introduced", "2025-12-09")]),
    ("After passing the House 229-197 on December 10, HR 6508 waits.", [(BILL, "passed_house", "2025-12-10")]),
    ("The Foreign Affairs Committee advanced HR 6508 on December 3.", [(BILL, "reported", "2025-12-03")]),
    ("On Dec. 12, HR 6508 was assigned to the Foreign Affairs Committee.", [(BILL, "referred", "2025-12-12")]),
    ("A companion to S. 5, which was introduced Jan. 6, HR 6508 passed the House on December 7.",
     [("us/bill/119/s/5", "introduced", "2025-01-06"), (BILL, "passed_house", "2025-12-07")]),
    ("The Senate passed HR 6508 on Dec. 10. The President signed it into law on Dec. 12.",
     [(BILL, "passed_senate", "2025-12-10"), (BILL, "became_law", "2025-12-12")]),
    ("The president vetoed H.J.Res. 46 on March 15, 2019.", [("us/bill/116/hjres/46", "vetoed", "2019-03-15")]),
    ("Bill C-2 was introduced on June 3, 2025 and received royal assent on December 11, 2025.",
     [("ca/bill/45-1/c-2", "introduced", "2025-06-03"), ("ca/bill/45-1/c-2", "became_law", "2025-12-11")]),
    ("Закон України № 4643-IX ухвалено 21 жовтня, підписано 30 жовтня.",
     [("ua/law/4643-ix", "adopted", "2025-10-21"), ("ua/law/4643-ix", "signed", "2025-10-30")]),
    ("21 квітня Рада України підтримала законопроєкт №7300 про воєнний стан, до 25 травня.",
     [("ua/bill/7300", "adopted", "2025-04-21")]),
    ("HR 6508 was signed into law.", [(BILL, "became_law", "")]),
    ("HR 6508, introduced by Sens. Lee and Scott on Dec. 9, waits.", [(BILL, "introduced", "2025-12-09")]),
    ("HR 6508 cleared the House on Dec. 10; the President signed it on Dec. 12.",
     [(BILL, "passed_house", "2025-12-10"), (BILL, "became_law", "2025-12-12")]),
    ("9 грудня конгресмен вніс законопроєкт H.R. 6508; 12 грудня його передали до комітету. Палата представників "
     "ухвалила H.R. 6508 14 грудня.",
     [(BILL, "introduced", "2025-12-09"), (BILL, "referred", "2025-12-12"), (BILL, "passed_house", "2025-12-14")]),
    ("A discharge petition on HR 6508 was filed on December 1.", []),
    ("У Раді є законопроєкт № 14283 про вибори. Документ внесли 9 грудня 2025 року.",
     [("ua/bill/14283", "registered", "2025-12-09")]),
    ("Закон України № 4555-ІХ президент підписав 22 липня 2025 року, а 31 липня Рада ухвалила інший.",
     [("ua/law/4555-ix", "signed", "2025-07-22")]),
    ("HR 6508 would be referred to committee on December 12.", []),
    ("HR 6508 has not passed the House.", []),
    ("HR 6508 matters. The House passed a rule on December 3.", []),
    ("Указ № 793/2025 діє. 19 грудня Президент України вніс законопроєкт про інше.", []),
    ("HR 6508 waits. This bill was referred to a committee on December 9.", [(BILL, "referred", "2025-12-09")]),
    ("HR 6508 passed the House on Dec. 10, and S. 5 was introduced on Dec. 11.",
     [(BILL, "passed_house", "2025-12-10"), ("us/bill/119/s/5", "introduced", "2025-12-11")]),
    ("Martial law in Ukraine. By the sixteenth decree it is extended until next February.",
     [(LAW, "number", "16"), (LAW, "until", "2026-02")]),
    ("Martial law in Ukraine was extended for the 17th time, until February 3.",
     [(LAW, "number", "17"), (LAW, "until", "2026-02-03")]),
    ("Martial law and general mobilization in Ukraine are in effect until February 3.",
     [(LAW, "until", "2026-02-03"), ("ua/regime/mobilisation", "until", "2026-02-03")]),
    ("Martial law and mobilization were extended in Ukraine until February 3.",
     [(LAW, "until", "2026-02-03"), ("ua/regime/mobilisation", "until", "2026-02-03")]),
    ("E.O. 14156 stands; E.O. 13660 was continued until March 6, 2026.",
     [("us/regime/emergency/eo-13660", "until", "2026-03-06")]),
    ("Martial law in Ukraine ends on February 3, while E.O. 13660 remains until March 6, 2026.",
     [(LAW, "until", "2026-02-03"), ("us/regime/emergency/eo-13660", "until", "2026-03-06")]),
    ("Martial law in Ukraine was supposed to last until September 20.", [(LAW, "until", "2025-09-20")]),
    ("Воєнний стан в Україні продовжили сімнадцятий раз, до 3 лютого 2026 року.",
     [(LAW, "number", "17"), (LAW, "until", "2026-02-03")]),
    ("Рада вже двадцять перший раз продовжила воєнний стан в Україні до 29 січня.",
     [(LAW, "number", "21"), (LAW, "until", "2026-01-29")]),
    ("Martial law in Ukraine came in 2022. It was the first time in years.", []),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), CLAIMS, ids=[text[:60] for text, _ in CLAIMS])
def test_a_claim_belongs_to_what_it_is_said_of(text: str, expected: list[tuple[str, str, str]]) -> None:
    assert said(text) == expected


STEPS = [
    OfficialStep("introduced", "2025-12-09", "Introduced in House"),
    OfficialStep("referred", "2025-12-09", "Referred"),
]
AGAINST = [
    ("referred", "2025-12-12", "2025-12-09"),
    ("referred", "2025-12-09", None),
    ("referred", "2025-12", None),
    ("referred", "2025-11", "2025-12-09"),
    ("referred", "", None),
    ("passed_house", "2025-12-10", ""),
    ("became_law", "", ""),
]


@pytest.mark.parametrize(("kind", "value", "record"), AGAINST)
def test_a_step_is_held_against_those_of_the_record(kind: str, value: str, record: str | None) -> None:
    found = compare(Claim(kind, value, "", (0, 0)), STEPS)
    assert (found.record if found else None) == record
    assert compare(Claim(kind, value, "", (0, 0)), []) is None, "a record without any step can say nothing"


def term(number: int, start: str, end: str) -> OfficialTerm:
    return OfficialTerm(number, datetime.fromisoformat(start), datetime.fromisoformat(end), f"extension {number}")


TERMS = [
    term(16, "2025-08-07T05:30+03:00", "2025-11-05T05:30+02:00"),
    term(17, "2025-11-05T05:30+02:00", "2026-02-03T05:30+02:00"),
    term(18, "2026-02-03T05:30+02:00", "2026-05-04T05:30+03:00"),
]
OF_TERMS = [
    ("number", "16", True, "2026-02", "17"),
    ("number", "17", True, "2026-02", None),
    ("number", "18", True, "2026-02", None),  # decrees counted with the one that introduced it
    ("number", "16", False, "", "17"),
    ("number", "18", False, "2026-05", None),
    ("until", "2026-02", False, "", None),
    ("until", "2026-02-03", False, "", None),
    ("until", "2026-02-02", False, "", None),
    ("until", "2026-05-04", False, "", None),
    ("until", "2026-03", False, "", "2026-02-03"),
    ("until", "2026-05-08", False, "", "2026-05-04"),  # the term whose end is nearest
    ("until", "2025-11-05", False, "", None),  # one that ended lately
]


@pytest.mark.parametrize(("kind", "value", "of_act", "beside", "record"), OF_TERMS)
def test_the_number_and_the_end_are_those_of_a_term_then_or_later(
    kind: str, value: str, of_act: bool, beside: str, record: str | None
) -> None:
    written = datetime(2025, 12, 15, 12, tzinfo=UTC)
    found = compare_term(Claim(kind, value, "", (0, 0), of_act), TERMS, written, beside)
    assert (found.record if found else None) == record


def test_of_a_regime_that_has_ended_any_end_may_be_meant() -> None:
    later = datetime(2027, 1, 1, tzinfo=UTC)
    found = [
        compare_term(Claim("until", value, "", (0, 0)), TERMS, later) for value in ("2026-05", "2026-02", "2026-07")
    ]
    assert [one and one.record for one in found] == [None, None, "2026-05-04"]
    assert compare_term(Claim("number", "5", "", (0, 0)), TERMS, later) is None


def test_a_wrapped_line_goes_on_and_abbreviations_end_no_sentence() -> None:
    wrapped = "On December 9 Rep. Massie introduced a bill on the\nwithdrawal, H.R. 6508. It waits.\n\nNext."
    spans = sentences(unwrapped(wrapped))
    assert len(spans) == 3
    assert wrapped[slice(*spans[0])].endswith("6508.")


HOSTILE = (
    "Указ ",
    "H.R. 1 and ",
    "№ ",
    "first ",
    "https://",
    "The Act of ",
    "December ",
    "(((",
    "HR 65080, referred May 9 ",
)


@pytest.mark.parametrize("piece", HOSTILE)
def test_a_text_of_one_word_costs_little(piece: str) -> None:
    text = piece * (20_000 // len(piece))
    claims(text, DAY, citations(text, DAY, subjects=REGIMES))


def test_a_text_of_nothing_but_dates_costs_as_much_as_it_is_long() -> None:
    began = time.process_time()
    said = dates_in("2025-12-09 " * 15_000 + "9 December 2025, " * 5_000, DAY)
    assert len(said) == 20_000
    assert time.process_time() - began < 3, "compared with each other they would take half a minute"


def test_an_identity_found_by_somebody_else_wins_over_a_bare_reference() -> None:
    own = Citation("HR 6508", (0, 7), DocumentId.parse(BILL), basis="named")
    other = Citation("HR 6508", (0, 7), None, "something")
    assert [one.document for one in citations("HR 6508", DAY, others=[other, own])] == [own.document]


if __name__ == "__main__":
    for name in ("a", "b", "c", "abc"):
        right, missed, wrong = measured(name)
        print(f"{name}: {right} found, {missed} missed, {wrong} wrong: "
              f"precision {right / (right + wrong):.3f}, recall {right / (right + missed):.3f}")  # fmt: skip
