"""Each known fault in reading a publisher's record has its tests: where they are, and of which kind the fault is.

The ids are those of the collection of cases: US (Congress, Federal Register), UA (Ukraine), WR (feeds and others).
"""

from __future__ import annotations

import ast
from collections.abc import Sequence
from typing import NamedTuple

import pytest

from tests.helpers.paths import CHECKOUT


class Case(NamedTuple):
    """A kind of fault, in one line, and the tests that hold it."""

    kind: str
    tests: tuple[str, ...]


US_RECORD = "watchers/congress/test_us_record.py"

REGISTER = "watchers/federal_register/test_register_record.py"
ROLLS = "watchers/rollcalls/test_roll_record.py"
CORPUS_ROLLS = "watchers/rollcalls/test_corpus_rolls.py"
TEXTS = "watchers/texts/test_text_record.py"
CORPUS_TEXTS = "watchers/texts/test_corpus_texts.py"
SEARCHES = "monitor/service/test_searches.py"

FEEDS = "watchers/feed/test_world_record.py"
CORPUS_FEEDS = "watchers/feed/test_corpus.py"
WATCHES = "monitor/cli/test_status_of_watches.py"
WATCHING = "monitor/cli/test_watching.py"
UA_RECORD = "watchers/rada/test_ua_record.py"
UA_TITLES = "watchers/rada/test_titles.py"
UA_CORPUS = "watchers/rada/test_corpus_live.py"

CASES = {
    "US-1": Case(
        "a line of the Library that repeats a chamber's line, with or without the colon",
        (
            f"{US_RECORD}::test_us_1_a_copy_is_the_event_of_the_chamber_whichever_comes_first",
            f"{US_RECORD}::test_us_1_a_copy_takes_nothing_from_the_words_of_the_chamber",
        ),
    ),
    "US-2": Case(
        "a motion whose line leaves out its object",
        (
            f"{US_RECORD}::test_us_2_a_motion_to_table_counts_only_when_it_is_on_the_measure",
            f"{US_RECORD}::test_us_2_what_puts_a_measure_aside_for_good",
        ),
    ),
    "US-3": Case(
        "cloture in other words",
        (f"{US_RECORD}::test_us_3_cloture_that_fails_is_one_step_in_whatever_words",),
    ),
    "US-4": Case(
        "a verb that fits on an object that does not",
        (f"{US_RECORD}::test_us_4_cloture_on_something_else_is_no_step_of_the_measure",),
    ),
    "US-5": Case(
        "passage by the second chamber where anything in the record says that it changed the text",
        (
            f"{US_RECORD}::test_us_5_what_the_second_chamber_changed_goes_back",
            f"{US_RECORD}::test_us_5_signs_count_for_the_chamber_they_belong_to",
            f"{US_RECORD}::test_us_5_a_title_listed_as_amended_by_the_second_chamber_is_a_sign",
            f"{US_RECORD}::test_us_5_a_sign_that_comes_a_day_later_is_one_correction",
        ),
    ),
    "US-6": Case(
        "one line dates a milestone; what follows from it never moves it",
        (
            f"{US_RECORD}::test_us_6_the_line_of_the_law_number_dates_nothing",
            f"{US_RECORD}::test_us_6_what_follows_from_a_milestone_never_moves_it",
            f"{US_RECORD}::test_us_6_a_copy_by_the_library_on_another_day_moves_no_passage",
            f"{US_RECORD}::test_us_6_a_law_whose_signature_is_not_stated_is_dated_by_its_own_line",
        ),
    ),
    "US-7": Case(
        "a step that its source takes back",
        (
            f"{US_RECORD}::test_us_7_a_step_that_is_taken_back_is_corrected_once_and_the_status_falls_back",
            f"{US_RECORD}::test_us_7_meanwhile_the_status_is_shown_as_in_doubt",
            f"{US_RECORD}::test_us_7_a_step_that_comes_back_in_time_is_never_mentioned",
            f"{US_RECORD}::test_us_7_a_step_on_which_later_ones_rest_stands",
            f"{US_RECORD}::test_us_7_a_passage_whose_text_is_published_stands",
            f"{US_RECORD}::test_us_7_a_law_without_its_signature_line_stands_on_its_day",
            f"{US_RECORD}::test_us_7_a_step_that_is_stated_again_after_its_correction_is_news",
            f"{US_RECORD}::test_us_7_lines_are_not_missing_while_others_cannot_be_read",
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
    "US-11": Case(
        "everything bound to something that ends: a search of a Congress, in the next one",
        (
            f"{SEARCHES}::test_us_11_the_first_reading_of_a_new_congress",
            f"{SEARCHES}::test_us_11_a_search_goes_on_in_the_next_congress_as_what_it_was",
            f"{SEARCHES}::test_us_11_what_a_search_without_a_congress_covers",
            f"{SEARCHES}::test_us_11_what_a_search_of_2026_covers_in_2027",
            "simulation/test_year.py::test_three_weeks_around_new_year",
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
    "US-19": Case(
        "a title that cannot be excluded is a reason to read, and nothing is said to have ended while one is unread",
        (
            f"{REGISTER}::test_us_19_a_title_that_excludes_nothing_is_a_reason_to_read_the_text",
            f"{REGISTER}::test_us_19_a_text_about_another_order_renews_nothing_and_is_read_once",
            f"{REGISTER}::test_us_19_no_expiry_is_stated_while_a_candidate_is_unread",
            f"{REGISTER}::test_us_19_a_title_that_names_something_else_costs_no_request",
        ),
    ),
    "US-20": Case(
        "names that are not unique: the first order that the text cites decides",
        (
            f"{REGISTER}::test_us_20_the_first_order_that_the_text_cites_decides",
            f"{REGISTER}::test_us_20_both_renewals_of_one_year_go_each_to_its_own_watch",
            f"{REGISTER}::test_us_20_the_end_of_one_emergency_is_not_that_of_the_other_of_its_name",
            f"{REGISTER}::test_us_20_a_regime_without_a_number_goes_by_its_name_or_by_the_title",
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
    "WR-1": Case(
        "a change of configuration that resets what is known of a feed",
        (
            f"{FEEDS}::test_wr_1_what_came_while_the_address_was_wrong_is_reported",
            f"{FEEDS}::test_wr_1_undated_entries_beside_known_ones_are_reported_as_well",
            f"{FEEDS}::test_wr_1_a_move_with_a_redesign_is_recognised_by_the_words",
            f"{FEEDS}::test_wr_1_another_feed_begins_in_silence_and_the_operator_hears_of_it",
            f"{FEEDS}::test_the_first_readable_answer_after_days_tells_what_was_published_since_the_watch_was_made",
        ),
    ),
    "WR-2": Case(
        "identifiers of all entries change at once",
        (
            f"{FEEDS}::test_wr_2_a_redesign_is_one_notice_and_what_is_new_is_reported",
            f"{FEEDS}::test_wr_2_links_that_move_at_every_poll_are_reported_to_the_operator_once",
            f"{FEEDS}::test_wr_2_a_new_week_under_the_old_headings_is_no_redesign",
            "watchers/feed/test_redesign.py::test_undated_entries_of_a_redesign_are_one_notice_and_a_new_one_is_reported",
            "watchers/feed/test_redesign.py::test_the_next_documents_under_the_old_headings_are_reported",
        ),
    ),
    "WR-3": Case(
        "a subject that names neither the document nor what happened",
        (
            f"{FEEDS}::test_wr_3_a_corrected_title_is_named_and_old_and_new_are_in_the_body",
            f"{FEEDS}::test_wr_3_the_subject_names_the_document_and_what_happened",
            f"{FEEDS}::test_words_that_go_to_and_fro_are_reported_as_unsteady_once",
        ),
    ),
    "WR-4": Case(
        "an identity for machines where people read a name",
        (
            f"{FEEDS}::test_wr_4_a_message_bears_the_name_as_its_owner_wrote_it",
            f"{WATCHES}::test_wr_4_people_read_the_name_as_its_owner_wrote_it",
        ),
    ),
    "WR-5": Case(
        "an answer that denies a watch that works",
        (
            f"{WATCHES}::test_wr_5_status_lists_a_feed_with_its_last_entry_and_when_it_is_read",
            f"{WATCHES}::test_wr_5_the_name_of_a_feed_is_accepted_wherever_a_document_is",
            f"{WATCHES}::test_wr_5_a_feed_that_was_never_read_and_a_search_are_listed",
        ),
    ),
    "WR-6": Case(
        "what cannot work is said when it is written (UA-12)",
        (
            f"{WATCHING}::test_wr_6_a_page_is_its_document_or_refused",
            f"{WATCHING}::test_wr_6_any_other_address_is_taken_for_a_feed_and_it_is_said",
            f"{WATCHING}::test_wr_6_online_asks_first",
        ),
    ),
    "WR-7": Case(
        "an identity from one member where all others disagree",
        (
            f"{FEEDS}::test_wr_7_a_guid_used_again_is_a_new_document",
            f"{FEEDS}::test_wr_7_where_it_was_not_gone_the_subject_has_the_new_title",
            f"{FEEDS}::test_wr_7_what_comes_back_and_agrees_in_something_is_the_same",
        ),
    ),
    "WR-8": Case(
        "a zone that is read wrongly gives a wrong hour",
        (f"{FEEDS}::test_wr_8_a_zone_is_read_rightly_or_the_hour_is_left_out",),
    ),
    "WR-9": Case(
        "emptiness is judged by the past of the feed itself",
        (
            f"{FEEDS}::test_wr_9_a_feed_that_began_empty_is_well_when_it_is_empty_again",
            f"{FEEDS}::test_wr_9_the_business_of_one_item_at_a_time_is_well_when_there_is_none",
            f"{FEEDS}::test_wr_9_a_feed_that_always_had_dozens_is_suspect",
        ),
    ),
    "WR-10": Case(
        "an identity that carries the time of the update",
        (
            f"{FEEDS}::test_wr_10_the_id_without_its_time_and_the_link_are_one_publication",
            f"{FEEDS}::test_wr_10_the_message_says_the_new_title",
            f"{FEEDS}::test_wr_10_decrees_under_the_fragments_of_one_page_are_several",
        ),
    ),
    "WR-11": Case(
        "a link that opens no page for people",
        (
            f"{FEEDS}::test_wr_11_the_address_opens_as_a_page",
            f"{CORPUS_FEEDS}::test_every_recorded_answer_is_read_or_refused_in_words_that_help",
        ),
    ),
    "WR-12": Case(
        "a change that stands in the link alone",
        (
            f"{FEEDS}::test_wr_12_a_meeting_that_moves_only_in_its_link_is_reported",
            f"{FEEDS}::test_wr_12_so_it_is_where_the_entry_bears_the_day_of_its_publication",
            f"{FEEDS}::test_wr_12_what_says_nothing_of_the_day_is_not_reported",
        ),
    ),
    "WR-13": Case(
        "a refusal that does not say what was seen",
        (
            f"{FEEDS}::test_wr_13_what_is_no_feed_is_refused_in_words_that_help",
            f"{CORPUS_FEEDS}::test_every_recorded_answer_is_read_or_refused_in_words_that_help",
        ),
    ),
    "UA-1": Case(
        "one optional list keeps a watch in its baseline",
        (
            f"{UA_RECORD}::test_ua_1_a_list_that_cannot_be_read_keeps_no_regime_silent",
            f"{UA_RECORD}::test_ua_1_a_list_that_never_answers_is_waited_for_a_day",
            f"{UA_RECORD}::test_ua_1_what_happens_while_the_list_does_not_answer_is_reported",
            f"{UA_RECORD}::test_ua_1_a_text_that_is_not_there_holds_no_baseline_up",
            f"{UA_RECORD}::test_ua_1_coverage_without_the_list_begins_with_the_first_poll_and_goes_on",
            f"{UA_RECORD}::test_ua_1_the_list_of_updated_documents_is_read_in_its_real_shape",
            f"{UA_RECORD}::test_ua_1_many_updates_at_once_leave_no_gap",
            "monitor/service/test_martial_law.py::test_a_renewal_is_seen_at_once_whose_text_is",
        ),
    ),
    "UA-2": Case(
        "an identity is computed where the source states it",
        (
            f"{UA_RECORD}::test_ua_2_a_law_is_named_by_its_number_and_found_by_its_key",
            f"{UA_RECORD}::test_ua_2_the_number_that_the_source_states_decides",
            f"{UA_RECORD}::test_ua_2_an_old_law_is_read",
            f"{UA_RECORD}::test_ua_2_a_card_with_another_number_is_another_law",
            f"{UA_RECORD}::test_ua_2_a_number_that_the_database_does_not_have_is_said_at_once",
            f"{UA_CORPUS}::test_ua_2_keys_of_the_corpus_name_laws",
        ),
    ),
    "UA-3": Case(
        "a check refuses the right document; a text that is never read is not said",
        (
            f"{UA_RECORD}::test_ua_3_a_law_is_numbered_by_its_sign_off",
            f"{UA_RECORD}::test_ua_3_an_amended_law_is_read",
            f"{UA_RECORD}::test_ua_3_a_text_that_is_never_read_shows_in_sources_at_every_poll",
            f"{UA_CORPUS}::test_ua_3_every_edition_of_the_corpus_is_read_as_the_law_it_is",
            f"{UA_CORPUS}::test_ua_3_laws_in_pieces_are_read_or_left_without_a_number",
            f"{UA_CORPUS}::test_ua_3_the_text_as_served_is_numbered_by_its_sign_off",
        ),
    ),
    "UA-4": Case(
        "what is recorded has no rule by which it is reported",
        (
            f"{UA_RECORD}::test_ua_4_a_followed_act_reports_its_status_with_its_day",
            f"{UA_RECORD}::test_ua_4_it_comes_back_and_goes_again",
            f"{UA_RECORD}::test_ua_4_the_words_are_plain_in_both_languages",
        ),
    ),
    "UA-5": Case(
        "the day of an act is taken for the day of what happened to it",
        (
            f"{UA_RECORD}::test_ua_5_a_new_edition_has_its_basis_and_its_day",
            f"{UA_RECORD}::test_ua_5_an_edition_whose_text_comes_later_is_reported_once",
            f"{UA_RECORD}::test_ua_5_an_edition_to_come_is_not_in_force",
            f"{UA_RECORD}::test_ua_5_other_words_within_one_edition_have_no_day",
            f"{UA_RECORD}::test_ua_5_a_text_beside_a_card_that_cannot_be_read_waits_for_it",
        ),
    ),
    "UA-6": Case(
        "a promise that no file of the source can keep",
        (
            f"{UA_RECORD}::test_ua_6_the_documents_say_what_the_register_can_do",
            f"{UA_RECORD}::test_ua_6_a_bill_has_its_address_and_the_status_that_the_page_shows",
        ),
    ),
    "UA-7": Case(
        "the day stands in the source under another name, never in the row's last touch",
        (
            f"{UA_RECORD}::test_ua_7_entry_into_force_first_seen_late_has_its_day_and_the_decree_its_own_dates",
            f"{UA_RECORD}::test_ua_7_a_message_about_an_act_leads_to_that_act",
        ),
    ),
    "UA-8": Case(
        "a value that comes in more than one type",
        (
            f"{UA_RECORD}::test_ua_8_a_status_is_its_number_and_its_day",
            f"{UA_RECORD}::test_ua_8_a_law_in_force_by_such_a_status_counts",
        ),
    ),
    "UA-9": Case(
        "a notice that turns us away is taken for the document",
        (
            f"{UA_RECORD}::test_ua_9_a_block_notice_is_no_document",
            f"{UA_RECORD}::test_ua_9_the_last_good_text_stands",
            f"{UA_RECORD}::test_ua_9_what_was_read_before_the_refusal_is_reported_and_the_rest_is_asked_for_again",
            f"{UA_RECORD}::test_ua_9_a_403_says_blocked_where_it_says_so",
        ),
    ),
    "UA-10": Case(
        "a redirect away from an interface is an answer, not a way",
        (
            f"{UA_RECORD}::test_ua_10_a_redirect_to_the_site_for_people_is_not_followed",
            f"{UA_RECORD}::test_ua_10_a_redirect_within_the_interface_is_followed_as_the_same_program",
            f"{UA_RECORD}::test_ua_10_redirects_in_a_circle_end",
        ),
    ),
    "UA-11": Case(
        "cells are known by what they say, not by where they stand",
        (
            f"{UA_RECORD}::test_ua_11_cells_are_known_by_what_they_say",
            f"{UA_RECORD}::test_ua_11_a_bill_of_others_renews_nothing",
        ),
    ),
    "UA-12": Case(
        "an address of a document is taken for a feed",
        (
            f"{UA_RECORD}::test_ua_12_an_act_the_database_has_is_followed_by_its_key",
            f"{UA_RECORD}::test_ua_12_what_cannot_be_followed_is_refused_with_the_accepted_forms",
        ),
    ),
    "UA-13": Case(
        "rows vanish in a parser",
        (
            f"{UA_RECORD}::test_ua_13_a_number_is_whatever_the_register_calls_a_bill",
            f"{UA_RECORD}::test_ua_13_no_row_vanishes",
        ),
    ),
    "UA-14": Case(
        "lines of a list vanish because one place lacks a number",
        (
            f"{UA_RECORD}::test_ua_14_a_decree_without_its_number_has_it_from_its_address",
            f"{UA_RECORD}::test_ua_14_a_decree_whose_number_nothing_says_is_a_fault_and_an_instruction_is_none",
        ),
    ),
    "UA-15": Case(
        "wrappers of titles: several, without an issuer, numbers in words, English",
        (
            f"{UA_TITLES}::test_ua_15_an_act_is_known_by_whatever_people_quote_it",
            f"{UA_TITLES}::test_ua_15_headlines_and_other_acts_are_none",
            f"{UA_TITLES}::test_ua_15_the_lists_are_long_enough_to_measure_with",
            f"{UA_TITLES}::test_ua_15_wrappers_without_end_cost_little",
        ),
    ),
    "UA-16": Case(
        "what is in the record belongs in the answer",
        (
            f"{UA_RECORD}::test_ua_16_what_is_in_the_record_belongs_in_the_answer",
            f"{UA_RECORD}::test_ua_16_an_act_followed_by_its_key_is_read",
            f"{UA_CORPUS}::test_ua_16_the_card_of_the_corpus_says_what_it_says",
            f"{UA_CORPUS}::test_ua_16_an_act_of_the_corpus_is_followed_with_all_that_its_card_says",
        ),
    ),
}


def missing_tests(named: Sequence[str]) -> list[str]:
    """Return those of the tests, as `file::function` below `tests`, that do not exist."""
    missing = []
    for one in named:
        file, _, function = one.partition("::")
        path = CHECKOUT / "tests" / file
        nodes = ast.parse(path.read_text(encoding="utf-8")).body if path.is_file() else []
        if function not in {node.name for node in nodes if isinstance(node, ast.FunctionDef)}:
            missing.append(one)
    return missing


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_holds_a_case_exists(case: Case) -> None:
    assert case.tests
    assert missing_tests(case.tests) == []
