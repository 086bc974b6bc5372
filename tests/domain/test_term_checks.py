"""What is odd in a chain is found, said and changes nothing."""

from __future__ import annotations

from typing import Any

import pytest

from domain.terms import Finding, checks, terms
from tests.domain.instruments import extension, facets, intro, regime
from tests.helpers.english import english

Acts = dict[str, dict[str, Any]]

FIRST = {"0": intro("2026-01-01", length="30 days")}
SECOND = {"1": extension("2026-01-31", length="30 days", on="2026-01-20")}

ODD: dict[str, tuple[Acts, Acts, set[Finding]]] = {
    "nothing is odd in a plain chain": ({**FIRST, **SECOND}, {}, set()),
    "a gap, and what follows has no number": (
        {**FIRST, "2": extension("2026-03-02", length="30 days", on="2026-01-20")},
        {},
        {Finding.GAP, Finding.UNNUMBERED},
    ),
    "an extension that begins before the end": (
        {**FIRST, "1": extension("2026-01-30", length="30 days", on="2026-01-20")}, {}, {Finding.OVERLAP}
    ),
    "a term inside another": (
        {**FIRST, "1": extension("2026-01-10", length="5 days", on="2026-01-05")}, {}, {Finding.OVERLAP}
    ),
    "the same act under two names": ({**FIRST, **SECOND, "1a": dict(SECOND["1"])}, {}, {Finding.DUPLICATE}),
    "two acts that differ about one term": (
        {**FIRST, **SECOND, "1a": {**SECOND["1"], "length": "90 days"}}, {}, {Finding.OVERLAP}
    ),
    "an extension signed before the act it follows": (
        {"0": intro("2026-01-01", length="30 days"), "1": extension("2026-01-31", length="30 days", on="2025-12-01")},
        {},
        {Finding.WRONG_ORDER},
    ),
    "an extension signed after the term had ended": (
        {**FIRST, "1": extension("2026-01-31", length="30 days", on="2026-02-05")}, {}, {Finding.LATE}
    ),
    "a law older than its decree": (
        FIRST, {"law": {"approves": "0", "on": "2025-12-30"}}, {Finding.WRONG_ORDER}
    ),
    "two laws for one decree": (
        FIRST,
        {"law": {"approves": "0", "on": "2026-01-01"}, "law2": {"approves": "0", "on": "2026-01-02"}},
        {Finding.DUPLICATE},
    ),
    "a law that narrows": (
        FIRST, {"law": {"approves": "0", "on": "2026-01-01", "scope": ["North"]}}, {Finding.NARROWED}
    ),
    "a reservation nobody could read": (
        FIRST, {"law": {"approves": "0", "on": "2026-01-01", "reservation": "in ten oblasts"}}, {Finding.RESERVATION}
    ),
    "a refusal": (
        {**FIRST, **SECOND}, {"law": {"approves": "1", "on": "2026-01-22", "outcome": "rejected"}}, {Finding.REJECTED}
    ),
    "an extension without an introduction": (SECOND, {}, {Finding.UNNUMBERED}),
    "a link nobody saw": ({**FIRST, "1": {**SECOND["1"], "confidence": "inferred"}}, {}, {Finding.UNSEEN_LINK}),
}  # fmt: skip


@pytest.mark.parametrize(("acts", "laws", "found"), ODD.values(), ids=ODD.keys())
def test_a_chain_is_checked(acts: Acts, laws: Acts, found: set[Finding]) -> None:
    assert {check.finding for check in checks(regime(), facets(acts, laws))} == found


def test_each_finding_names_its_acts_and_says_a_sentence() -> None:
    acts = {**FIRST, "2": extension("2026-03-02", length="30 days", on="2026-01-20")}
    gap = next(check for check in checks(regime(), facets(acts)) if check.finding is Finding.GAP)
    assert (gap.subjects, english(gap.sentence)) == (
        ("2", "0"),
        "no term is known from 31 Jan 2026 00:00 to 2 Mar 2026 00:00",
    )


def test_a_renewal_outside_its_window_is_named() -> None:
    yearly = regime("America/New_York", usual_length="1 year", anniversary=True, window="90 days")
    acts = {"order": intro("2014-03-06", length="1 year"), "notice": {"act": "extension", "on": "2014-11-01"}}
    (check,) = checks(yearly, facets(acts))
    assert check.finding is Finding.UNTIMELY
    assert "outside the 90 days before 6 Mar 2015" in english(check.sentence)


def test_a_missing_link_that_is_found_numbers_the_chain() -> None:
    third = {"2": extension("2026-03-02", length="30 days", on="2026-02-20")}
    assert [t.number for t in terms(regime(), facets({**FIRST, **third}))] == [0, None]
    assert [t.number for t in terms(regime(), facets({**FIRST, **SECOND, **third}))] == [0, 1, 2]
