"""The fixtures say what the recorded corpus says."""

from __future__ import annotations

import csv

import pytest

from tests.helpers.paths import CORPUS
from tests.helpers.regime_terms import recorded_terms

pytestmark = pytest.mark.corpus

COLUMNS = {
    "number": "sequence",
    "decree": "decree_number",
    "signed_on": "decree_date",
    "law": "approving_law_number",
    "adopted_on": "law_adopted_date",
    "episode": "episode",
    "starts_at": "term_start",
    "ends_at": "term_end",
}


def test_the_terms_of_martial_law_are_those_of_the_corpus() -> None:
    with (CORPUS / "ukraine" / "martial-law-chain.csv").open(encoding="utf-8", newline="") as file:
        recorded = [{ours: row[theirs] for ours, theirs in COLUMNS.items()} for row in csv.DictReader(file)]
    assert recorded_terms("martial-law") == recorded
