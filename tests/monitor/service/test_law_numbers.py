"""Is a law called by its number as soon as there is one?"""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.jurisdictions import next_step
from domain.jurisdictions.us.names import us_bill
from domain.jurisdictions.us.statuses import law_in, words_of
from domain.jurisdictions.us.timeline import timeline
from domain.records.facets import Facet, Kind
from monitor.portfolio import status_rows
from notifications.compose import compose
from storage.reader import StatusRow
from tests.notifications.notices import change, notice

BILL = us_bill(117, "hr", 2617)


def facets(*told: tuple[str, str, str]) -> dict[str, Facet]:
    return {
        "actions": {
            str(number): {"on": on, "step": step, "time": None, "text": text}
            for number, (on, step, text) in enumerate(told)
        }
    }


BEGUN = (
    ("2021-04-16", "introduced", "Introduced in House"),
    ("2021-09-29", "passed:house", "On passage Passed"),
    ("2022-12-22", "passed:senate", "Passed Senate"),
    ("2022-12-29", "signed", "Signed by President."),
)


def said(status: str, law: str | None) -> str:
    words = words_of(status, BILL)
    assert words is not None
    return next_step(words, law)


NUMBERED = ("2023-01-05", "law", "Became Public Law No: 117-328.")


@pytest.mark.parametrize(
    ("text", "law"),
    [
        ("Became Public Law No: 119-12.", "Public Law 119-12"),
        ("Became Private Law No: 115-1.", "Private Law 115-1"),
        ("Became Public Law No: 117-328", "Public Law 117-328"),
        ("Signed by President. Became Public Law No: 119-12.", "Public Law 119-12"),
        ("Signed by President.", None),
        ("Became law without signature.", None),
        ("", None),
        (None, None),
    ],
)
def test_the_line_that_gives_the_number_is_read(text: str | None, law: str | None) -> None:
    assert law_in(text) == law


def test_117_hr_2617_is_law_before_it_has_a_number() -> None:
    rung = timeline(BILL, facets(*BEGUN))[-1]
    assert (rung.status, rung.on, rung.text) == ("ENACTED:SIGNED", "2022-12-29", "Signed by President.")
    assert said(rung.status, None) == "The law gets its number, often some days later."


def test_117_hr_2617_keeps_its_day_when_the_number_comes_and_names_it() -> None:
    rung = timeline(BILL, facets(*BEGUN, NUMBERED))[-1]
    assert (rung.status, rung.on) == ("ENACTED:SIGNED", "2022-12-29")
    assert rung.text == "Signed by President. Became Public Law No: 117-328."
    assert said(rung.status, "Public Law 117-328") == "It is Public Law 117-328. Nothing more is needed."


def test_a_number_reported_twice_is_named_once_115_s_114() -> None:
    told = (*BEGUN, NUMBERED, ("2023-01-10", "law", "Became Public Law No: 117-328."))
    assert timeline(BILL, facets(*told))[-1].text == "Signed by President. Became Public Law No: 117-328."


def test_where_only_the_number_is_reported_its_line_is_the_words() -> None:
    assert timeline(BILL, facets(*BEGUN[:-1], NUMBERED))[-1].text == "Became Public Law No: 117-328."


def test_a_private_law_is_called_one_constructed() -> None:
    told = (*BEGUN, ("2023-01-05", "law", "Became Private Law No: 117-1."))
    assert timeline(BILL, facets(*told))[-1].text == "Signed by President. Became Private Law No: 117-1."


def test_a_law_has_nothing_to_wait_for_and_a_bill_is_not_called_one() -> None:
    assert said("PASSED:BILL", "Public Law 117-328").startswith("The President may sign it")


def test_a_message_of_the_signature_names_the_law_if_its_number_is_known_already() -> None:
    signed = change(
        Kind.STATUS,
        "PASSED:BILL",
        "ENACTED:SIGNED",
        "Signed by President. Became Public Law No: 117-328.",
        "2022-12-29",
    )
    letter = compose(notice(signed, status="ENACTED:SIGNED", status_on="2022-12-29"))
    assert letter.next_step == "It is Public Law 117-328. Nothing more is needed."
    assert letter.news[0].quote == "Signed by President. Became Public Law No: 117-328."


def test_the_action_that_is_the_signature_is_not_reported_beside_it() -> None:
    signed = change(Kind.STATUS, "PASSED:BILL", "ENACTED:SIGNED", "Signed by President. Became …", "2022-12-29")
    action = change(Kind.ACTION, None, "Signed by President.", "Signed by President.", "2022-12-29")
    assert [told.kind for told in compose(notice(signed, action)).news] == ["status"]


def test_the_action_that_gives_the_number_is_reported_plainly() -> None:
    line = "Became Public Law No: 117-328."
    told = compose(notice(change(Kind.ACTION, None, line, line, "2023-01-05"), status="ENACTED:SIGNED"))
    assert told.headline == "New action: Became Public Law 117-328"
    assert told.next_step == "It is Public Law 117-328. Nothing more is needed."


def test_an_answer_names_the_law_once_its_line_is_read_whatever_the_item_says() -> None:
    seen = datetime(2023, 1, 6, tzinfo=UTC)
    text = "Signed by President. Became Public Law No: 117-328."
    stands = StatusRow(
        str(BILL), "An Act", None, "ENACTED:SIGNED", "2022-12-29", text, "2021-04-16", None, 9, seen, seen, (), None
    )
    (row,) = status_rows([BILL], [stands], {}, now=seen)
    assert (row["law"], row["status_on"]) == ("Public Law 117-328", "2022-12-29")
