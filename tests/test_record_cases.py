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

CASES = {
    "US-1": Case(
        "a line of the Library that repeats a chamber's line, with or without the colon",
        (
            f"{US_RECORD}::test_us_1_a_copy_is_the_event_of_the_chamber_whichever_comes_first",
            f"{US_RECORD}::test_us_1_a_copy_takes_nothing_from_the_words_of_the_chamber",
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
