"""Each known fault met at a desk has its tests: where they are, and of which kind the fault is."""

from __future__ import annotations

import pytest

from tests.test_record_cases import Case, missing_tests

DIGEST = "notifications/test_digest_mail.py"
COMBINED = "notifications/test_combined_messages.py"
DIGESTS = "monitor/service/test_digests.py"
SEARCHES = "monitor/service/test_searches.py"
OF_SEARCHES = "monitor/cli/test_status_of_searches.py"
VIEWS = "monitor/cli/test_desk_views.py"
PORTFOLIO = "monitor/test_portfolio.py"
COMMANDS = "monitor/cli/test_commands.py"
WATCHING = "monitor/cli/test_watching.py"
FIND = "monitor/cli/test_find.py"
FAULTY = "monitor/cli/test_faulty_configuration.py"
NO_SUCH_BILL = "watchers/congress/test_no_such_bill.py"
EIGHT_WEEKS = "simulation/test_desk.py::test_a_week_of_the_desk"
DOCS = "test_docs.py"

CASES = {
    "DESK-1": Case(
        "a limit that cuts by order of arrival",
        (
            f"{DIGEST}::test_desk_1_every_document_of_the_week_is_named_once_with_its_weightiest_change",
            f"{DIGEST}::test_desk_1_status_comes_first_over_all_documents_then_what_is_new_then_procedure",
            f"{DIGEST}::test_desk_1_nothing_of_status_is_cut_however_much_there_is",
            f"{COMBINED}::test_a_week_of_107_changes_names_every_document_and_every_status",
            EIGHT_WEEKS,
        ),
    ),
    "DESK-2": Case(
        "a trail of evidence that is not about the words that arrived",
        (f"{COMBINED}::test_what_found_no_line_is_counted_and_recorded_so", EIGHT_WEEKS),
    ),
    "DESK-3": Case(
        "a digest without a beginning, an order and an end",
        (
            f"{DIGEST}::test_desk_3_the_subject_and_the_first_line_name_the_week",
            f"{DIGEST}::test_desk_3_each_line_of_the_overview_leads_to_its_place",
            f"{DIGEST}::test_desk_3_a_day_reads_forwards_and_a_note_stands_at_its_bill",
            f"{DIGEST}::test_desk_3_the_foot_has_one_sentence_of_why_and_one_of_proof",
            f"{DIGEST}::test_desk_3_both_parts_say_the_same",
            f"{COMBINED}::test_the_overview_comes_first_and_both_parts_of_a_mail_say_the_same",
        ),
    ),
    "DESK-4": Case(
        "half a record reported as if it were whole",
        (
            f"{SEARCHES}::test_desk_4_a_bill_that_a_search_found_is_followed",
            f"{SEARCHES}::test_desk_4_where_the_allowance_ends_the_list_shows_movement",
            f"{SEARCHES}::test_desk_4_a_bill_is_followed_from_when_it_comes_to_match",
            f"{SEARCHES}::test_desk_4_a_bill_stays_followed_under_another_title",
            f"{SEARCHES}::test_desk_4_what_searches_found_waits_for_what_somebody_named",
            f"{SEARCHES}::test_desk_4_no_poll_reads_more_of_what_was_found_than_it_may",
            EIGHT_WEEKS,
        ),
    ),
    "DESK-5": Case(
        "an answer that denies a search that works",
        (
            f"{OF_SEARCHES}::test_desk_5_status_lists_a_search_with_what_it_found",
            f"{OF_SEARCHES}::test_desk_5_status_of_a_search_lists_each_document_with_its_latest_action",
            f"{OF_SEARCHES}::test_desk_5_history_of_a_search_is_that_of_what_it_found",
            f"{OF_SEARCHES}::test_desk_5_why_names_the_searches_that_match_and_the_words",
        ),
    ),
    "DESK-6": Case(
        "what matches at the beginning is shown nowhere",
        (
            "monitor/cli/test_check_online.py::test_desk_6_the_words_of_a_search_are_tried_on_what_sources_show",
            f"{OF_SEARCHES}::test_desk_6_check_says_what_searches_find_and_cost",
            f"{OF_SEARCHES}::test_desk_5_status_lists_a_search_with_what_it_found",
        ),
    ),
    "DESK-7": Case(
        "what could not be read is reported as read",
        (
            "monitor/service/test_starved.py::test_a_starved_source_shows_when_each_document_was_really_read_and_the_"
            "operator_is_alerted_once",
            "domain/test_source_health.py::test_a_source_that_is_starved_of_its_allowance_is_not_well_and_the_operator_"
            "is_alerted_once",
            "simulation/test_year.py::test_an_own_key_that_has_had_enough_for",
        ),
    ),
    "DESK-8": Case(
        "how long it takes is not said",
        ("watchers/congress/test_poll.py::test_check_says_how_long_many_bills_take",),
    ),
    "DESK-9": Case(
        "a watch that nothing reads",
        (
            f"{WATCHING}::test_desk_9_status_says_which_section_is_missing",
            f"{WATCHING}::test_the_section_of_the_source_that_reads_it_is_added_and_said",
            f"{WATCHING}::test_a_section_that_cannot_be_added_is_refused_with_its_lines",
        ),
    ),
    "DESK-10": Case(
        "not there is an answer",
        (
            f"{NO_SUCH_BILL}::test_it_is_stated_within_one_poll_and_is_no_failure_of_the_source",
            f"{NO_SUCH_BILL}::test_it_is_asked_for_ever_more_rarely",
            f"{WATCHING}::test_desk_10_online_asks_whether_the_publisher_has_the_bill",
            f"{NO_SUCH_BILL}::test_the_command_says_so_at_once_ends_well_and_reports_the_bill_once_it_is_introduced",
        ),
    ),
    "DESK-11": Case(
        "a fault of one watch that spoils the others of its source",
        (f"{NO_SUCH_BILL}::test_the_command_says_so_at_once_ends_well_and_reports_the_bill_once_it_is_introduced",),
    ),
    "DESK-12": Case(
        "a session that cannot be",
        (f"{WATCHING}::test_what_cannot_be_watched_is_refused_with_the_reason",),
    ),
    "DESK-13": Case(
        "a change's day is that of what changed",
        (
            "watchers/congress/test_sublists.py::test_desk_13_a_committee_is_dated_by_what_it_did_last",
            "watchers/congress/test_sublists.py::test_a_committee_says_what_it_did_last",
            "watchers/congress/test_us_record.py::test_what_a_committee_did_last_year_makes_no_late_news_of_what_it_did_"
            "today",
        ),
    ),
    "DESK-14": Case(
        "where it runs is not said",
        ("monitor/cli/test_foreign_packages.py::test_desk_14_where_it_does_not_run_one_line_says_where_it_does",),
    ),
    "DESK-15": Case(
        "a faulty configuration blinds those who only read",
        (
            f"{FAULTY}::test_the_record_answers_as_before_with_one_line_above",
            f"{FAULTY}::test_whatever_the_fault_is",
            f"{FAULTY}::test_what_writes_or_checks_refuses_it",
        ),
    ),
    "DESK-16": Case(
        "first minutes without words",
        (
            "monitor/service/test_logs.py::test_desk_16_where_watched_documents_stand_is_said",
            "monitor/service/test_logs.py::test_polls_that_went_alike_are_one_sentence",
        ),
    ),
    "DESK-17": Case(
        "a list that is longer than what it is asked for",
        (
            f"{VIEWS}::test_sixty_watches_fit_on_seventy_lines",
            f"{VIEWS}::test_status_is_narrowed_in_every_form",
            f"{PORTFOLIO}::test_selects",
            f"{PORTFOLIO}::test_sorts",
        ),
    ),
    "DESK-18": Case(
        "codes for people",
        (f"{COMMANDS}::test_status_tells_everything_watched", f"{VIEWS}::test_sixty_watches_fit_on_seventy_lines"),
    ),
    "DESK-19": Case(
        "a countdown of what is renewed",
        (f"{VIEWS}::test_a_running_term_says_its_end_and_its_renewal_in_one_line",),
    ),
    "DESK-20": Case(
        "what a reader asks next",
        (f"{VIEWS}::test_one_bill_is_a_screen_of_what_is_asked_next",),
    ),
    "DESK-21": Case(
        "tables for machines",
        (
            f"{COMMANDS}::test_every_list_is_the_same_in_json_and_csv",
            f"{VIEWS}::test_alerts_begin_with_the_time_and_say_what_is_not_written_yet",
            f"{VIEWS}::test_check_says_what_is_alike_in_one_line",
            "monitor/cli/test_export.py::test_the_portfolio_is_the_same_in_csv_json_and_xlsx",
        ),
    ),
    "DESK-22": Case(
        "order and signs",
        (
            f"{VIEWS}::test_desk_22_a_regime_is_named_as_a_person_writes_it",
            "storage/test_contract.py::test_desk_22_lines_of_one_day_stand_in_the_order_in_which_they_were_stated",
        ),
    ),
    "DESK-23": Case(
        "errors that speak to programmers",
        (
            "monitor/config/test_config_errors.py::test_desk_23_a_line_that_is_no_toml_is_shown_with_a_mark_and_a_guess",
            "notifications/test_email_sending.py::test_desk_23_a_port_without_tls_is_said_in_plain_words",
            f"{COMMANDS}::test_desk_23_sources_fails_when_all_of_the_configuration_are_down",
        ),
    ),
    "DESK-24": Case(
        "messages without meaning and next step",
        (
            f"{DIGEST}::test_desk_24_the_new_end_stands_within_sixty_characters_of_the_subject",
            f"{DIGEST}::test_desk_24_a_decree_says_what_it_means_and_which_law_is_awaited",
            f"{DIGEST}::test_desk_24_a_new_bill_says_who_brought_it_in_and_when",
            f"{DIGEST}::test_desk_24_a_reason_is_one_plain_sentence",
        ),
    ),
    "DESK-25": Case(
        "another language in a message",
        (f"{DIGEST}::test_desk_25_a_message_of_a_regime_in_ukrainian_has_no_latin_word",),
    ),
    "DESK-26": Case(
        "a secret is written into the file",
        (f"{COMMANDS}::test_init_refuses_and_writes_nothing",),
    ),
    "DESK-27": Case(
        "what was given is not in place",
        (
            f"{COMMANDS}::test_desk_27_one_command_makes_the_file_that_a_bill_and_a_decree_need",
            f"{COMMANDS}::test_init_says_what_is_still_an_example",
        ),
    ),
    "DESK-28": Case(
        "forms that people paste",
        (
            "domain/test_names.py::test_desk_28_pasted_forms_name_a_bill_of_the_current_congress",
            f"{FIND}::test_desk_28_a_title_on_record_names_its_bill",
            f"{FIND}::test_desk_28_a_title_that_several_have_lists_them",
        ),
    ),
    "DESK-29": Case(
        "twelve steps from an article to its watches",
        (
            f"{FIND}::test_the_article_is_held_against_the_record",
            f"{FIND}::test_chosen_ones_are_followed_and_nothing_else",
            f"{FIND}::test_desk_29_a_text_to_be_watched_is_referred_to_find",
        ),
    ),
    "DESK-30": Case(
        "pages that disagree",
        (
            f"{WATCHING}::test_desk_30_a_page_that_nothing_reads_fails_the_check",
            f"{DOCS}::test_desk_30_what_is_sent_at_once_is_not_held_in_quiet_hours",
            f"{DOCS}::test_desk_30_no_page_says_that_hearings_have_no_watcher",
        ),
    ),
    "DESK-31": Case(
        "what a reader looks for and does not find",
        (
            f"{DOCS}::test_desk_31_there_is_a_recipe_for",
            f"{DOCS}::test_desk_31_a_word_of_the_house_is_in_the_glossary",
            f"{DOCS}::test_the_default_kinds_are_those_described",
        ),
    ),
    "DESK-32": Case(
        "the house's own words",
        (
            "test_names.py::test_nothing_people_read_has_an_old_phrase",
            f"{DOCS}::test_desk_32_whoever_only_runs_it_reads_half_as_much",
        ),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_what_holds_a_case_exists(case: Case) -> None:
    assert case.tests
    assert missing_tests(case.tests) == []


def test_every_case_is_listed() -> None:
    assert list(CASES) == [f"DESK-{number}" for number in range(1, 33)]


def test_a_test_that_does_not_exist_is_found() -> None:
    there = "test_desk_cases.py::test_every_case_is_listed"
    assert missing_tests([there, f"{there}_not", "nowhere.py::test"]) == [f"{there}_not", "nowhere.py::test"]
