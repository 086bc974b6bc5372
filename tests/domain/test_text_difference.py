"""What differs between two texts, and does it matter? The texts are constructed unless a bill is named."""

from __future__ import annotations

import time
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.coded_text import coded
from domain.records.text_difference import LONGEST, LONGEST_LINE, MOST_LINES, Weight, compare, gaps
from notifications.translation import ENGLISH

SECTION = "(a) The Secretary shall submit a report not later than 90 days after January 3, 2026."


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("The Secretary of State", "THE SECRETARY OF STATE", id="case"),
        pytest.param("the  Secretary\tof State ", "the Secretary of State", id="spaces"),
        pytest.param("a ``State'' means", "a “State” means", id="quotes"),
        pytest.param("the State’s law", "the State's law", id="apostrophes"),
        pytest.param("a non-profit body", "a nonprofit body", id="hyphens"),
        pytest.param("a non profit body", "a nonprofit body", id="a word written in two"),
        pytest.param("fiscal years 2025–2026", "fiscal years 2025-2026", id="dashes"),
        pytest.param("a sum of 1,000 dollars", "a sum of 1000 dollars", id="thousands"),
        pytest.param("one\n\n\ntwo", "one\ntwo", id="empty lines"),
        pytest.param("soft\u00adly", "softly", id="soft hyphens"),
        pytest.param("(a) one, and", "( a ) one , and", id="spaces around marks"),
    ],
)
def test_typography_says_nothing(before: str, after: str) -> None:
    found = compare(before, after)
    assert (found.weight, found.lines, found.concerns) == (Weight.TYPOGRAPHY, (), ())


@pytest.mark.parametrize(
    ("change", "concerns", "line"),
    [
        pytest.param(("shall", "may"), ("duties",), "[- shall] [+ may]", id="shall becomes may"),
        pytest.param(("shall", "shall not"), ("negations",), "[+ not]", id="a negation comes"),
        pytest.param(("90", "60"), ("numbers",), "[- 90] [+ 60]", id="a term is shortened"),
        pytest.param(("90", "ninety-one"), ("numbers",), "[- 90] [+ ninety-one]", id="a number in words"),
        pytest.param(("January 3", "January 5"), ("dates",), "[- 3] [+ 5]", id="a day moves"),
        pytest.param(("January", "March"), ("dates",), "[- January] [+ March]", id="a month moves"),
        pytest.param(("2026", "2027"), ("dates",), "[- 2026] [+ 2027]", id="a year moves"),
        pytest.param(("a report", "$5,000"), ("money",), "[- a report] [+ $5,000]", id="money comes"),
        pytest.param(("a report", "a plan"), (), "[- report] [+ plan]", id="another word"),
        pytest.param((" 2026.", " 2026;"), (), "[- .] [+ ;]", id="another mark is wording"),
    ],
)
def test_a_difference_is_named_by_what_it_touches(
    change: tuple[str, str], concerns: tuple[str, ...], line: str
) -> None:
    found = compare(SECTION, SECTION.replace(*change))
    assert found.weight is (Weight.SUBSTANCE if concerns else Weight.WORDING)
    assert found.concerns == concerns
    assert line in found.text


def test_the_same_text_is_the_same() -> None:
    assert compare(SECTION, SECTION).weight is Weight.SAME


def test_what_only_moved_is_wording_and_not_reported_twice() -> None:
    found = compare(f"{SECTION}\n(b) Two.\n(c) Three.", f"(c) Three.\n{SECTION}\n(b) Two.")
    assert (found.weight, found.lines) == (Weight.WORDING, (coded("text.reordered"),))


def test_a_paragraph_that_came_is_quoted_from_its_beginning() -> None:
    found = compare(SECTION, f"{SECTION}\n(b) Termination.—This section shall not apply after 2030.")
    assert found.lines == ("[+ (b) Termination.—This section shall not apply after 2030.]",)
    assert found.concerns == ("numbers", "negations", "duties")


def test_substance_comes_before_wording() -> None:
    before = "one two three four five six seven eight nine\nthe agency shall act"
    after = "one two six four five three seven eight nine\nthe agency may act"
    found = compare(before.replace("six", "x").replace("three", "y"), after.replace("six", "z").replace("three", "w"))
    assert "[- shall] [+ may]" in found.lines[0]


def test_lines_are_few_and_short() -> None:
    before = "\n".join(f"({n}) The agency shall pay the {n} states what is due to them." for n in range(60))
    found = compare(before, before.replace("shall", "may"))
    assert len(found.lines) <= MOST_LINES + 1
    assert found.lines[-1] == coded("text.more_places", n=60 - MOST_LINES)
    said = ENGLISH.render(found.text)
    assert said.endswith(f"and {60 - MOST_LINES} more places")
    assert len(said) <= LONGEST
    assert max(map(len, said.split("\n"))) <= LONGEST_LINE


BIG = 100_000


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param("a b\n" * (BIG // 4), "b a\n" * (BIG // 4), id="the same short lines, turned"),
        pytest.param("a " * BIG, "b " * BIG, id="one word for ever"),
        pytest.param("a b " * (BIG // 4), "b a " * (BIG // 4) + "c", id="two words for ever"),
        pytest.param("a" * BIG, "b" * BIG, id="one long word"),
        pytest.param("-" * BIG, "'" * BIG, id="nothing but marks"),
        pytest.param("1,000," * (BIG // 6), "1,000,1" * (BIG // 7), id="figures for ever"),
        pytest.param("$ " * BIG, "$1 " * BIG, id="money for ever"),
    ],
)
def test_hostile_texts_cost_little(before: str, after: str) -> None:
    started = time.process_time()
    compare(before, after)
    assert time.process_time() - started < 40


def test_only_the_first_six_million_characters_are_compared() -> None:
    whole = "word " * 1_200_001
    found = compare(whole, whole + "more")
    assert found.weight is Weight.WORDING
    assert found.lines == (coded("text.beyond", n=6),)


@given(st.lists(st.integers(0, 9), max_size=40), st.lists(st.integers(0, 9), max_size=40))
def test_gaps_turn_one_sequence_into_the_other(before: list[int], after: list[int]) -> None:
    built: list[int] = []
    at = 0
    for a0, a1, b0, b1 in gaps(before, after):
        built += before[at:a0] + after[b0:b1]
        at = a1
    assert built + before[at:] == after


def test_long_sequences_that_share_nothing_unique_are_still_turned() -> None:
    chance = Random(20260103)
    before = [chance.randrange(3) for _ in range(3000)]
    after = [chance.randrange(3) for _ in range(3000)]
    built: list[int] = []
    at = 0
    for a0, a1, b0, b1 in gaps(before, after):
        built += before[at:a0] + after[b0:b1]
        at = a1
    assert built + before[at:] == after


@given(st.text(max_size=200), st.text(max_size=200))
def test_any_two_texts_are_compared_within_bounds(before: str, after: str) -> None:
    found = compare(before, after)
    assert len(found.text) <= LONGEST
    assert (found.weight is Weight.SAME) == (before == after)
    assert bool(found.lines) == (found.weight >= Weight.WORDING)
