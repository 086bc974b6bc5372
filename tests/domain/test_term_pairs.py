"""Which regimes make one message."""

from __future__ import annotations

import pytest

from domain.documents import DocumentId
from domain.terms import families

A, B, C, D = (DocumentId("xx", "regime", (name,)) for name in "abcd")

PAIRS: dict[str, tuple[dict[DocumentId, tuple[DocumentId, ...]], dict[DocumentId, DocumentId]]] = {
    "each names the other": ({A: (B,), B: (A,)}, {A: A, B: A}),
    "one names the other": ({A: (), B: (A,)}, {A: A, B: A}),
    "the other has no news": ({A: (B,)}, {}),
    "three in a row": ({A: (B,), B: (C,), C: ()}, {A: A, B: A, C: A}),
    "two pairs": ({A: (C,), B: (D,), C: (), D: ()}, {A: A, C: A, B: B, D: B}),
    "none is paired": ({A: (), B: ()}, {}),
}


@pytest.mark.parametrize(("paired", "expected"), PAIRS.values(), ids=PAIRS.keys())
def test_families(paired: dict[DocumentId, tuple[DocumentId, ...]], expected: dict[DocumentId, DocumentId]) -> None:
    assert families(paired) == expected
