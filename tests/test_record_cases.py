"""Each known fault in reading a publisher's record has its tests: where they are, and of which kind the fault is.

The ids are those of the collection of cases: US (Congress, Federal Register), UA (Ukraine), WR (feeds and others).
"""

from __future__ import annotations

import ast
from typing import NamedTuple

import pytest

from tests.helpers.paths import CHECKOUT


class Case(NamedTuple):
    """A kind of fault, in one line, and the tests that hold it."""

    kind: str
    tests: tuple[str, ...]


US_RECORD = "watchers/congress/test_us_record.py"

TEXTS = "watchers/texts/test_text_record.py"
CORPUS_TEXTS = "watchers/texts/test_corpus_texts.py"

CASES = {
    "US-1": Case(
        "a line of the Library that repeats a chamber's line, with or without the colon",
        (
            f"{US_RECORD}::test_us_1_a_copy_is_the_event_of_the_chamber_whichever_comes_first",
            f"{US_RECORD}::test_us_1_a_copy_takes_nothing_from_the_words_of_the_chamber",
        ),
    ),
    "US-8": Case(
        "announced is not published: a row without a file, without an address, without a day",
        (
            f"{TEXTS}::test_us_8_a_version_is_reported_when_there_is_something_to_read",
            f"{TEXTS}::test_us_8_a_version_whose_file_vanishes_for_a_day_is_not_reported_again",
            f"{TEXTS}::test_us_8_what_is_announced_when_a_bill_is_first_followed_is_reported_when_it_is_published",
        ),
    ),
    "US-12": Case(
        "a format guessed from a piece of a byte string",
        (
            f"{TEXTS}::test_us_12_a_preamble_is_not_taken_for_a_page",
            f"{TEXTS}::test_us_12_the_outermost_element_decides_the_form",
        ),
    ),
    "US-13": Case(
        "metadata, running heads and struck words of the coming schema",
        (f"{TEXTS}::test_us_13_to_us_17_what_stands_around_the_words_is_no_text",),
    ),
    "US-14": Case(
        "a body nobody knows is an error, never an almost empty text",
        (
            f"{TEXTS}::test_us_13_to_us_17_what_stands_around_the_words_is_no_text",
            f"{TEXTS}::test_us_14_a_body_nobody_knows_is_an_error",
        ),
    ),
    "US-15": Case(
        "what stands on the margin of a law is no text of it",
        (
            f"{TEXTS}::test_us_13_to_us_17_what_stands_around_the_words_is_no_text",
            f"{TEXTS}::test_us_15_an_enrolled_bill_and_its_law_say_the_same_in_either_schema",
        ),
    ),
    "US-16": Case(
        "a figure that is reported must be one that a person can check",
        (
            f"{TEXTS}::test_us_16_words_are_counted_as_a_reader_counts_them",
            f"{TEXTS}::test_us_16_marks_alone_are_reported_as_such",
            f"{CORPUS_TEXTS}::test_us_16_the_words_counted_agree_with_an_independent_count",
            f"{CORPUS_TEXTS}::test_us_16_the_figures_of_the_case_are_those_of_the_record",
        ),
    ),
    "US-17": Case(
        "what stands around the resolved or enacted words, in every form of a text",
        (
            f"{TEXTS}::test_us_13_to_us_17_what_stands_around_the_words_is_no_text",
            f"{TEXTS}::test_us_17_a_page_of_an_engrossed_resolution_says_what_was_resolved",
            f"{TEXTS}::test_us_17_an_introduced_and_an_engrossed_page_say_the_same",
            f"{TEXTS}::test_us_17_a_page_says_what_was_enacted",
        ),
    ),
    "US-18": Case(
        "versions are ordered by what they are, then by their day",
        (
            f"{TEXTS}::test_us_18_a_version_stands_where_its_kind_puts_it",
            f"{TEXTS}::test_us_18_the_xml_of_a_law_lies_below_uslm",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_holds_a_case_exists(case: Case) -> None:
    assert case.tests
    for named in case.tests:
        file, _, function = named.partition("::")
        tree = ast.parse((CHECKOUT / "tests" / file).read_text(encoding="utf-8"))
        assert function in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, named
