"""Does the cost of what the domain does with outside text grow with its length, and no faster?"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest

from domain.documents import DocumentId
from domain.names import resolve
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Facet
from domain.records.merge import pairs, words_of
from domain.records.text_difference import compare
from domain.text import without_citations

NOW = datetime(2026, 1, 20, tzinfo=UTC)
TODAY = NOW.date()
DOCUMENT = DocumentId.parse("us/bill/119/hr/1")
SIZES = (500, 1000, 2000, 4000)
BEFORE, AFTER = "Line {n} was read in the chamber", "Line {n} was debated in the chamber"
MOST = 3.0
"""Doubling the input may cost so many times as much; what grows with the square costs four times."""


def lines(number: int, words: str) -> dict[str, Mapping[str, str]]:
    return {
        f"2026-01-05:{words.format(n=n)}": {"on": "2026-01-05", "code": "H1", "text": words.format(n=n)}
        for n in range(number)
    }


def reworded(number: int) -> Callable[[], object]:
    before, after = (
        lines(number, BEFORE),
        lines(number, AFTER),
    )
    recurring = Counter(words_of(subject, entry) for subject, entry in {**before, **after}.items())
    return lambda: pairs(before, after, recurring)


def detected(number: int) -> Callable[[], object]:
    def stated(facet: Facet) -> Observation:
        return Observation(DOCUMENT, "congress", "congress/1", {"actions": facet})

    first = advance(None, stated(lines(number, BEFORE)), NOW)
    assert first is not None
    later = stated(lines(number, AFTER))
    return lambda: advance(first.record, later, NOW + timedelta(days=1))


def cited(number: int) -> Callable[[], object]:
    text = "Passed." + " (CR H1234)" * number
    return lambda: without_citations(text)


def compared(number: int) -> Callable[[], object]:
    """Paragraphs of texts as long as a law: of shorter ones whatever changed is compared more closely."""
    before = "\n".join(f"Paragraph {n} shall apply." for n in range(number * 4))
    after = "\n".join(f"Paragraph {n} may apply." for n in range(number * 4))
    return lambda: compare(before, after)


def named(number: int) -> Callable[[], object]:
    def tried() -> None:
        with pytest.raises(Exception, match="names no document"):
            resolve("h.r. " * number, today=TODAY)

    return tried


def seconds(work: Callable[[], object]) -> float:
    """Return the CPU time of the fastest of a few runs."""
    found = []
    for _ in range(2):
        begun = time.process_time()
        work()
        found.append(time.process_time() - begun)
    return min(found)


@pytest.mark.parametrize("made", [reworded, detected, cited, compared, named], ids=lambda made: made.__name__)
def test_the_cost_grows_with_the_input(made: Callable[[int], Callable[[], object]]) -> None:
    spent = [seconds(made(size)) for size in SIZES]
    ratios = [later / max(earlier, 0.002) for earlier, later in pairwise(spent)]
    assert sorted(ratios)[1] < MOST, f"{made.__name__}: {spent}"


def test_each_of_eight_hundred_reworded_lines_finds_its_own() -> None:
    before, after = lines(800, BEFORE), lines(800, AFTER)
    found = pairs(before, after, Counter())
    assert len(found) == 800
    assert all(before[pair.old]["text"].split()[1] == after[pair.new]["text"].split()[1] for pair in found)
