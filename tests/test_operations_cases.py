"""Each known fault of operations has its tests: where they are."""

from __future__ import annotations

import pytest

from tests.test_record_cases import missing_tests

CASES = {
    "OPS-1 combined messages hide alerts": [
        "monitor/service/test_operations.py::test_ops_1_every_entry_that_is_recorded_as_sent_was_named_in_a_message",
        "monitor/service/test_operations.py::test_ops_1_why_says_of_a_digest_what_it_shows_in_full",
    ],
    "OPS-2 identities are used again after a restore": [
        "monitor/service/test_operations.py::test_ops_2_an_identity_names_these_bytes_for_ever",
        "storage/test_restore.py::test_a_revision_of_a_restored_record_has_another_identity",
        "storage/test_restore.py::test_what_waited_in_the_backup_may_have_been_sent",
        "storage/test_restore.py::test_what_was_not_read_since_may_have_been_sent_however_long_ago",
    ],
    "OPS-3 mending an address swallows news": [
        "monitor/service/test_operations.py::test_ops_3_a_mended_watch_goes_on",
        "watchers/feed/test_entries.py::test_a_mended_address_goes_on_where_the_old_one_stopped",
    ],
    "OPS-4 an exception outside the error tree is invisible": [
        "monitor/service/test_unexpected_faults.py::test_an_exception_of_a_reader_is_a_failure_of_its_source",
        "monitor/service/test_unexpected_faults.py::test_it_is_asked_ever_more_rarely_and_the_operator_is_alerted_once",
    ],
    "OPS-5 a database that is gone begins anew": [
        "monitor/service/test_operations.py::test_ops_5_a_lost_database_is_refused_with_the_cure",
        "monitor/service/test_unexpected_faults.py::test_a_service_whose_database_is_gone_says_so_and_ends",
        "storage/test_ownership.py::test_a_database_that_is_lost_is_not_begun_anew",
    ],
    "OPS-6 the clock jumps": [
        "monitor/service/test_clock_jumps.py::test_a_jump_costs_one_evaluation",
    ],
    "OPS-7 readers of quadratic cost": [
        "domain/test_costs.py::test_the_cost_grows_with_the_input",
    ],
    "OPS-8 ownership follows the path": [
        "monitor/service/test_operations.py::test_ops_8_a_second_service_is_refused_by_whatever_name",
        "storage/test_ownership.py::test_a_second_owner_is_refused_by_whatever_name",
    ],
}


@pytest.mark.parametrize("tests", CASES.values(), ids=CASES)
def test_what_holds_a_case_exists(tests: list[str]) -> None:
    assert missing_tests(tests) == []
