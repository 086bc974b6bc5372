"""Where do two sequences differ?

Entries that stand exactly once on both sides hold the sequences together, as in patience sorting; between them the
same is done again, a few times over. The cost is in proportion to the length, times its logarithm, for whatever input:
the finer method for short gaps, which can cost their product, has an allowance for all of them together.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Hashable, Iterator, Sequence
from difflib import SequenceMatcher

Gap = tuple[int, int, int, int]
"""`before[a0:a1]` was replaced by `after[b0:b1]`; either may be empty."""

_DEPTH = 8
_SMALL = 40_000
_ALLOWANCE = 4_000_000
"""Cells (length times length) that the finer method may look at, per gap and in all."""


def gaps(before: Sequence[Hashable], after: Sequence[Hashable]) -> list[Gap]:
    """Return where the sequences differ, in order."""
    found: list[Gap] = []
    left = _ALLOWANCE
    work = [(0, len(before), 0, len(after), 0)]
    while work:
        *whole, depth = work.pop()
        a0, a1, b0, b1 = _trimmed(before, after, *whole)
        if a0 == a1 and b0 == b1:
            continue
        anchors = _anchors(before, after, a0, a1, b0, b1) if depth < _DEPTH and a0 < a1 and b0 < b1 else []
        if anchors:
            work += [(*gap, depth + 1) for gap in reversed(list(_between(anchors, a0, a1, b0, b1)))]
            continue
        cells = (a1 - a0) * (b1 - b0)
        if 0 < cells <= min(_SMALL, left):
            left -= cells
            found += _finely(before[a0:a1], after[b0:b1], a0, b0)
        else:
            found.append((a0, a1, b0, b1))
    return found


def _trimmed(before: Sequence[Hashable], after: Sequence[Hashable], a0: int, a1: int, b0: int, b1: int) -> Gap:
    while a0 < a1 and b0 < b1 and before[a0] == after[b0]:
        a0, b0 = a0 + 1, b0 + 1
    while a0 < a1 and b0 < b1 and before[a1 - 1] == after[b1 - 1]:
        a1, b1 = a1 - 1, b1 - 1
    return a0, a1, b0, b1


def _anchors(
    before: Sequence[Hashable], after: Sequence[Hashable], a0: int, a1: int, b0: int, b1: int
) -> list[tuple[int, int]]:
    """Return the longest rising run of places whose entries stand once on either side."""
    once = {entry for entry, count in Counter(before[a0:a1]).items() if count == 1}
    theirs = Counter(after[b0:b1])
    places = {after[at]: at for at in range(b0, b1) if theirs[after[at]] == 1}
    pairs = [(at, places[before[at]]) for at in range(a0, a1) if before[at] in once and before[at] in places]
    return _rising(pairs)


def _rising(pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    tails: list[int] = []
    ends: list[int] = []
    previous: list[int | None] = []
    for number, (_, place) in enumerate(pairs):
        at = bisect_left(tails, place)
        previous.append(ends[at - 1] if at else None)
        tails[at : at + 1] = [place]
        ends[at : at + 1] = [number]
    run = []
    step = ends[-1] if ends else None
    while step is not None:
        run.append(pairs[step])
        step = previous[step]
    return run[::-1]


def _between(anchors: list[tuple[int, int]], a0: int, a1: int, b0: int, b1: int) -> Iterator[Gap]:
    for a, b in anchors:
        if a > a0 or b > b0:
            yield a0, a, b0, b
        a0, b0 = a + 1, b + 1
    if a1 > a0 or b1 > b0:
        yield a0, a1, b0, b1


def _finely(before: Sequence[Hashable], after: Sequence[Hashable], a: int, b: int) -> Iterator[Gap]:
    for tag, a0, a1, b0, b1 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag != "equal":
            yield a + a0, a + a1, b + b0, b + b1
