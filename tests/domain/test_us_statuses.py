"""What does a status mean to a person, and what becomes of it when its Congress ends?"""

from __future__ import annotations

from datetime import date

import pytest

from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of, next_step, status_label
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.statuses import ended_on, stage, words_of

BILL = us_bill(117, "hr", 1)
IN_TIME = date(2022, 6, 1)

STATUSES = [
    ("RESERVED", "reserved", "Number reserved"),
    ("INTRODUCED", "introduced", "Introduced"),
    ("REFERRED", "in_committee", "Referred"),
    ("REPORTED", "reported", "Reported by committee"),
    ("PASS_OVER:HOUSE", "passed_one_chamber", "Passed House"),
    ("PASS_OVER:SENATE", "passed_one_chamber", "Passed Senate"),
    ("PASS_BACK:SENATE", "resolving_differences", "Passed Senate with changes"),
    ("CONFERENCE:PASSED:HOUSE", "resolving_differences", "House agreed to conference report"),
    ("PASSED:SIMPLERES", "agreed", "Agreed to"),
    ("PASSED:CONCURRENTRES", "agreed", "Agreed to by both chambers"),
    ("PASSED:CONSTAMEND", "agreed", "Amendment sent to the states"),
    ("PASSED:BILL", "awaiting_president", "Passed both chambers"),
    ("PROV_KILL:SUSPENSIONFAILED", "stalled", "Failed under suspension of the rules"),
    ("PROV_KILL:CLOTUREFAILED", "stalled", "Cloture failed in Senate"),
    ("PROV_KILL:PINGPONGFAIL", "stalled", "Other chamber's version refused"),
    ("PROV_KILL:VETO", "vetoed", "Vetoed by President"),
    ("FAIL:ORIGINATING:HOUSE", "failed", "Failed in House"),
    ("FAIL:SECOND:SENATE", "failed", "Failed in Senate"),
    ("VETOED:POCKET", "vetoed", "Pocket vetoed by President"),
    ("VETOED:OVERRIDE_FAIL_ORIGINATING:HOUSE", "vetoed", "Veto override failed in House"),
    ("VETOED:OVERRIDE_PASS_OVER:SENATE", "vetoed", "Senate overrode veto"),
    ("VETOED:OVERRIDE_FAIL_SECOND:HOUSE", "vetoed", "Veto override failed in House"),
    ("ENACTED:SIGNED", "enacted", "Signed by President"),
    ("ENACTED:VETO_OVERRIDE", "enacted", "Became law over veto"),
    ("ENACTED:TENDAYRULE", "enacted", "Became law without signature"),
]


@pytest.mark.parametrize(("status", "word", "said"), STATUSES, ids=[status for status, _, _ in STATUSES])
def test_every_status_has_a_stage_and_words(status: str, word: str, said: str) -> None:
    assert stage(status, BILL, IN_TIME) == word
    assert ended_on(status, BILL, IN_TIME) is None
    words = words_of(status, BILL)
    assert words is not None
    assert words.label == said
    for told in (words.meaning, words.next_step):
        assert told.endswith(".")
        assert "{" not in told
        assert "  " not in told


def test_what_comes_next_names_the_chamber() -> None:
    passed, reported = words_of("PASS_OVER:HOUSE", BILL), words_of("REPORTED", us_bill(119, "s", 1))
    assert passed is not None
    assert passed.next_step == "The Senate may take it up."
    assert reported is not None
    assert reported.next_step == "The Senate may take it up on the floor."


def test_a_law_with_a_number_needs_nothing_more() -> None:
    words = words_of("ENACTED:SIGNED", BILL)
    assert words is not None
    assert next_step(words, None) == "The law gets its number, often some days later."
    assert next_step(words, "Public Law 117-2") == "It is Public Law 117-2. Nothing more is needed."


def test_translators_get_every_sentence_whole() -> None:
    law = jurisdiction_of(BILL)
    told = set(law.all_status_words())
    assert {words_of(status, BILL) for status, _, _ in STATUSES} <= told
    assert not any("{" in text for words in told for text in words[:3])


@pytest.mark.parametrize(
    ("status", "today", "word", "ended"),
    [
        pytest.param("REFERRED", date(2023, 1, 2), "in_committee", None, id="open until the day before"),
        pytest.param("REFERRED", date(2023, 1, 3), "lapsed", date(2023, 1, 3), id="lapsed from 3 January"),
        pytest.param(
            "PASS_BACK:SENATE", date(2026, 1, 1), "lapsed", date(2023, 1, 3), id="unresolved differences lapse"
        ),
        pytest.param("PROV_KILL:CLOTUREFAILED", date(2026, 1, 1), "lapsed", date(2023, 1, 3), id="the stalled lapse"),
        pytest.param("PASSED:BILL", date(2023, 1, 3), "awaiting_president", None, id="the President may still sign"),
        pytest.param("PASSED:BILL", date(2023, 2, 2), "awaiting_president", None, id="30 days past the end"),
        pytest.param("PASSED:BILL", date(2023, 2, 3), "lapsed", date(2023, 1, 3), id="31 days past the end"),
        pytest.param("ENACTED:SIGNED", date(2026, 1, 1), "enacted", None, id="a law stays a law"),
        pytest.param("PASSED:SIMPLERES", date(2026, 1, 1), "agreed", None, id="a resolution agreed to stays agreed"),
        pytest.param(
            "FAIL:ORIGINATING:HOUSE", date(2026, 1, 1), "failed", date(2023, 1, 3), id="what failed has failed"
        ),
        pytest.param("PROV_KILL:VETO", date(2026, 1, 1), "vetoed", date(2023, 1, 3), id="a veto stands"),
    ],
)
def test_the_end_of_a_congress(status: str, today: date, word: str, ended: date | None) -> None:
    assert stage(status, BILL, today) == word
    assert ended_on(status, BILL, today) == ended


def test_a_status_without_words_is_said_as_it_stands() -> None:
    regime = DocumentId.parse("ua/regime/martial-law")
    law = jurisdiction_of(regime)
    assert law.stage("IN_FORCE", regime, IN_TIME) == "in_force"
    assert law.ended_on("IN_FORCE", None, regime, IN_TIME) is None
    assert law.status_words("IN_FORCE", regime) is None
    assert status_label("IN_FORCE", regime) == "In force"
    assert stage(None, BILL, IN_TIME) == "unknown"
