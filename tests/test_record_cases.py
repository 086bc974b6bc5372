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

ROLLS = "watchers/rollcalls/test_roll_record.py"
CORPUS_ROLLS = "watchers/rollcalls/test_corpus_rolls.py"
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
    "US-9": Case(
        "numbers in a row without a paper, because votes were vacated or come late",
        (
            f"{ROLLS}::test_us_9_numbers_that_stay_without_a_paper_hide_no_later_one",
            f"{ROLLS}::test_us_9_the_farthest_number_that_is_tried_is_found_within_a_day_of_polls",
            f"{ROLLS}::test_us_9_a_paper_that_was_passed_over_is_read_when_it_comes",
            f"{ROLLS}::test_us_9_a_row_that_a_table_passed_over_is_read_when_its_paper_comes",
            f"{ROLLS}::test_us_9_a_vacated_number_is_asked_for_ever_more_rarely_and_given_up_in_silence",
        ),
    ),
    "US-10": Case(
        "200 is not success: no paper, no table, another year's; and every search has a bound",
        (
            f"{ROLLS}::test_us_10_an_answer_that_is_no_paper_is_no_roll_call",
            f"{ROLLS}::test_us_10_over_new_year_every_vote_is_reported_and_requests_are_few",
            f"{ROLLS}::test_us_10_the_table_of_another_year_is_no_table_of_this_one",
            f"{ROLLS}::test_us_10_a_publisher_that_shows_everybody_the_same_page_is_not_believed_to_have_no_votes",
            f"{ROLLS}::test_a_first_reading_stops_at_its_bound",
            f"{ROLLS}::test_probing_stops_at_its_bound_and_goes_on_in_the_next_poll",
            f"{ROLLS}::test_papers_that_are_due_stop_at_their_bound_and_go_on_in_the_next_poll",
            f"{CORPUS_ROLLS}::test_us_10_what_the_clerk_published_is_a_roll_call_or_none",
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
    "US-21": Case(
        "a page with status 200, or a redirect, that says there is nothing (yet)",
        (
            f"{ROLLS}::test_us_21_a_roll_call_that_is_not_published_yet_is_asked_for_later_and_the_source_is_well",
            f"{ROLLS}::test_us_21_a_list_that_is_not_there_yet_is_no_fault",
            f"{ROLLS}::test_us_21_a_list_that_vanishes_for_hours_is_no_fault_and_for_a_day_it_is",
            f"{ROLLS}::test_us_21_a_paper_listed_for_a_day_and_never_published_is_a_fault_of_its_bill",
            f"{CORPUS_ROLLS}::test_us_21_a_published_vote_of_the_senate_is_read_to_what_it_states",
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
