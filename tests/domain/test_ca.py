"""Bills of the Parliament of Canada: names, status, stage, and the end of a session."""

from __future__ import annotations

from datetime import date

import pytest

from domain.documents import DocumentId, label, public_url
from domain.errors import UnknownName
from domain.jurisdictions import next_step
from domain.jurisdictions.ca import JURISDICTION as CANADA
from domain.names import Basis, resolve
from domain.records.facets import Facet

TODAY = date(2026, 6, 20)
C34 = DocumentId.parse("ca/bill/45-1/c-34")
S215 = DocumentId.parse("ca/bill/45-1/s-215")


@pytest.mark.parametrize(
    ("typed", "document", "basis"),
    [
        ("ca/bill/45-1/c-34", "ca/bill/45-1/c-34", Basis.STATED),
        ("CA/BILL/45-1/C-034", "ca/bill/45-1/c-34", Basis.STATED),
        ("Bill C-34 (45-1)", "ca/bill/45-1/c-34", Basis.STATED),
        ("C-34 · 45-1", "ca/bill/45-1/c-34", Basis.STATED),
        ("bill S-215 (44-1)", "ca/bill/44-1/s-215", Basis.STATED),
        ("C-34", "ca/bill/45-1/c-34", Basis.CURRENT),
        ("https://www.parl.ca/legisinfo/en/bill/45-1/c-34", "ca/bill/45-1/c-34", Basis.STATED),
        ("https://www.parl.ca/LegisInfo/en/bill/44-1/C-10/json", "ca/bill/44-1/c-10", Basis.STATED),
        ("parl.ca/DocumentViewer/en/45-1/bill/C-34/first-reading", "ca/bill/45-1/c-34", Basis.STATED),
    ],
)
def test_names_people_paste(typed: str, document: str, basis: Basis) -> None:
    found = resolve(typed, today=TODAY)
    assert (str(found.document), found.basis) == (document, basis)


def test_a_number_without_a_session_is_the_one_watched() -> None:
    watched = {"old": DocumentId.parse("ca/bill/44-1/c-34")}
    found = resolve("C-34", today=TODAY, watched=watched)
    assert found.document == watched["old"]
    assert found.remark == "C-34: no session given, taken as C-34 · 44-1 (session 44-1, the one watched)"


@pytest.mark.parametrize("typed", ["ca/bill/45-1", "ca/bill/45-1/x-1", "ca/law/45-1/c-1", "parl.ca/legisinfo/en/bills"])
def test_what_names_no_bill_is_refused(typed: str) -> None:
    with pytest.raises(UnknownName):
        resolve(typed, today=TODAY)


def test_a_bill_is_named_and_shown_on_its_page() -> None:
    assert label(C34) == "C-34 · 45-1"
    assert public_url(C34) == "https://www.parl.ca/legisinfo/en/bill/45-1/c-34"


def stated(*statuses: tuple[str, str], **item: str) -> dict[str, Facet]:
    return {"item": {"": item}, "status": {f"{on}:{text}": {"on": on, "text": text} for on, text in statuses}}


def reached(document: DocumentId, facets: dict[str, Facet]) -> list[tuple[str, str]]:
    return [(point.status, point.on) for point in CANADA.timeline(document, facets)]


def test_the_timeline_is_what_was_stated_in_the_order_of_its_days_and_of_the_procedure() -> None:
    facets = stated(
        ("2022-02-15", "House of Commons bill awaiting first reading in the Senate"),
        ("2022-01-31", "At second reading in the House of Commons"),
        ("2022-02-15", "At third reading in the House of Commons"),
        introduced_on="2022-01-31",
    )
    assert reached(C34, facets) == [
        ("INTRODUCED", "2022-01-31"),
        ("SECOND_READING:HOUSE", "2022-01-31"),
        ("THIRD_READING:HOUSE", "2022-02-15"),
        ("PASSED:HOUSE", "2022-02-15"),
    ]


def test_a_word_nobody_knows_is_reported_as_it_stands() -> None:
    assert reached(C34, stated(("2026-06-01", "At fourth reading"))) == [("AT_FOURTH_READING", "2026-06-01")]
    assert CANADA.stage("AT_FOURTH_READING", C34, TODAY) == "unknown"
    assert CANADA.status_words("AT_FOURTH_READING", C34) is None


def test_what_is_open_dies_when_its_session_ends_and_what_is_law_does_not() -> None:
    ended = {"introduced_on": "2024-05-06", "session_ended_on": "2025-01-06"}
    died = stated(("2024-06-01", "At second reading in the Senate"), **ended)
    assert reached(C34, died)[-1] == ("LAPSED", "2025-01-06")
    assert CANADA.stage("LAPSED", C34, TODAY) == "lapsed"
    assert CANADA.ended_on("LAPSED", "2025-01-06", C34, TODAY) == date(2025, 1, 6)
    law = stated(("2024-06-20", "Royal assent received"), **ended)
    assert reached(C34, law)[-1] == ("ENACTED:ROYAL_ASSENT", "2024-06-20")
    assert CANADA.is_decided("ENACTED:ROYAL_ASSENT")


@pytest.mark.parametrize(
    ("document", "status", "stage"),
    [
        (C34, "OUTSIDE_ORDER_OF_PRECEDENCE", "introduced"),
        (C34, "COMMITTEE:HOUSE", "in_committee"),
        (C34, "PASSED:HOUSE", "passed_one_chamber"),
        pytest.param(C34, "COMMITTEE:SENATE", "passed_one_chamber", id="a Commons bill before a Senate committee"),
        pytest.param(S215, "SECOND_READING:HOUSE", "passed_one_chamber", id="a Senate bill in the Commons"),
        (S215, "SECOND_READING:SENATE", "introduced"),
        (C34, "AMENDMENTS:SENATE", "resolving_differences"),
        (C34, "AWAITING_ASSENT", "awaiting_assent"),
        (C34, "ENACTED:ROYAL_ASSENT", "enacted"),
        (C34, "DEFEATED", "failed"),
        (C34, "WITHDRAWN", "withdrawn"),
    ],
)
def test_the_stage_of_a_status(document: DocumentId, status: str, stage: str) -> None:
    assert CANADA.stage(status, document, TODAY) == stage


def test_every_status_has_whole_sentences() -> None:
    words = list(CANADA.all_status_words())
    assert len(words) == 20
    assert all(said.meaning.endswith(".") and said.next_step.endswith(".") for said in words)
    assert not any("{" in text for said in words for text in said)
    passed = CANADA.status_words("PASSED:HOUSE", C34)
    assert passed is not None
    assert passed.label == "House of Commons bill awaiting first reading in the Senate"
    assert next_step(passed, None) == "The Senate may take it up."


def test_a_search_covers_a_session() -> None:
    assert CANADA.search_scope(TODAY) == DocumentId.parse("ca/bill/45-1")
    assert CANADA.search_scope(TODAY, "44-1") == DocumentId.parse("ca/bill/44-1")
    with pytest.raises(ValueError, match="expected a session such as 45-1"):
        CANADA.search_scope(TODAY, "last")


def test_a_bill_may_come_back_in_the_next_session() -> None:
    old = DocumentId.parse("ca/bill/44-1/c-34")
    assert CANADA.following_session(old, TODAY) == DocumentId.parse("ca/bill/45-1")
    assert CANADA.following_session(C34, TODAY) is None
    assert CANADA.may_be_reintroduced_as(old, C34)
    assert not CANADA.may_be_reintroduced_as(C34, old)
