"""Where are the checkout, its fixtures, and the recorded corpus beside it?"""

from __future__ import annotations

from pathlib import Path

import pytest

CHECKOUT = Path(__file__).resolve().parents[2]
FIXTURES = CHECKOUT / "tests" / "fixtures"
CORPUS = CHECKOUT.parent / "shared" / "corpus"
"""Recorded files of the publishers. A clone of its own does not have them: only tests named after it need them."""


def needs_corpus(*parts: str) -> list[pytest.MarkDecorator]:
    """Return the marks of tests that read a part of the corpus, for `pytestmark`; without it they are skipped."""
    place = CORPUS.joinpath(*parts)
    return [pytest.mark.corpus, pytest.mark.skipif(not place.exists(), reason="the corpus is not beside the checkout")]
