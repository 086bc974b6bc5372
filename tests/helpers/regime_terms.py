"""The terms of Ukraine's martial law and mobilisation as its acts state them, to compare what lexwatch derives.

Facts of the record in tests/fixtures/regimes, in a table of our own; where no act is known its columns are empty.
"""

from __future__ import annotations

import csv

from tests.helpers.paths import FIXTURES

Term = dict[str, str]
"""`number`, `decree`, `signed_on`, `law`, `adopted_on`; of martial law also `episode`, `starts_at` and `ends_at` (wall
time with offset), of mobilisation `takes_effect_on`, the day that the law names."""


def recorded_terms(regime: str) -> list[Term]:
    """Return the terms of `martial-law` or `mobilisation`, oldest first."""
    with (FIXTURES / "regimes" / f"{regime}-terms.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))
