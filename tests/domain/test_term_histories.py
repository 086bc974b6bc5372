"""Histories composed at random: what stands does not depend on the order in which it was heard."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domain.documents import DocumentId
from domain.observation import Observation
from domain.records.detection import advance
from domain.records.facets import Facet
from domain.terms import Coverage, Finding, checks, instant, local, regime_of, regime_state, terms
from monitor.service.regimes import shipped_regimes
from tests.domain.instruments import facets, regime

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
READ = Coverage(datetime(2010, 1, 1, tzinfo=UTC), datetime(2040, 1, 1, tzinfo=UTC))
MARTIAL_LAW, MOBILISATION = (DocumentId("ua", "regime", (name,)) for name in ("martial-law", "mobilisation"))
Heard = list[tuple[str, str, dict[str, Any]]]


@st.composite
def histories(draw: st.DrawFn) -> dict[str, Facet]:
    """A *constructed* regime: acts of every kind, some contradictory, with laws that approve, narrow or refuse."""
    begin = date(2025, 1, 1)
    days = st.integers(0, 400).map(lambda n: (begin + timedelta(days=n)).isoformat())
    acts: dict[str, dict[str, Any]] = {}
    laws: dict[str, dict[str, Any]] = {}
    for number in range(draw(st.integers(1, 8))):
        kind = draw(st.sampled_from(["introduction", "extension", "extension", "extension", "end", "partial_end"]))
        act: dict[str, Any] = {
            "act": kind,
            "on": draw(days),
            "starts_at": draw(days) + draw(st.sampled_from(["", "T05:30"])),
        }
        if kind in ("introduction", "extension"):
            act |= draw(st.sampled_from([{"length": "30 days"}, {"length": "2 months"}, {"until": "2026-03-31"}, {}]))
            act["confidence"] = draw(st.sampled_from(["official", "official", "secondary", "inferred"]))
        elif draw(st.booleans()):
            act["repeals"] = f"act-{draw(st.integers(0, 7))}"
        if kind == "partial_end":
            act["scope"] = ["North"]
        acts[f"act-{number}"] = act
        if draw(st.booleans()):
            law = draw(st.sampled_from([{}, {"length": "10 days"}, {"outcome": "rejected"}, {"scope": ["South"]}]))
            laws[f"law-{number}"] = {"approves": f"act-{number}", "on": draw(days), **law}
    return facets(acts, laws)


def shuffled(known: dict[str, Facet], seed: int) -> dict[str, Facet]:
    heard: Heard = [(name, subject, dict(entry)) for name, facet in known.items() for subject, entry in facet.items()]
    random.Random(seed).shuffle(heard)
    told: dict[str, dict[str, Any]] = {name: {} for name in known}
    for name, subject, entry in heard:
        told[name] = {**told[name], subject: entry}
    return dict(told)


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0, 10_000), st.booleans())
def test_the_chain_is_a_function_of_the_set_of_facts(known: dict[str, Facet], seed: int, two_keys: bool) -> None:
    by_law = regime(two_keys=two_keys)
    other = shuffled(known, seed)
    assert terms(by_law, known) == terms(by_law, other)
    assert terms(by_law, known, planned=True) == terms(by_law, other, planned=True)
    assert checks(by_law, known) == checks(by_law, other)
    assert regime_state(by_law, known, READ, NOW) == regime_state(by_law, other, READ, NOW)


@settings(max_examples=100, deadline=None)
@given(histories(), st.booleans())
def test_terms_never_overlap_and_numbers_follow_one_another(known: dict[str, Facet], two_keys: bool) -> None:
    by_law = regime(two_keys=two_keys)
    chain = terms(by_law, known)
    assert all(instant(t.starts_at) < instant(t.ends_at) for t in chain)
    assert all(instant(a.ends_at) <= instant(b.starts_at) for a, b in pairwise(chain))
    unnumbered = {check.subjects[0] for check in checks(by_law, known) if check.finding is Finding.UNNUMBERED}
    for before, after in pairwise(chain):
        if after.number is None:
            assert after.instrument in unnumbered
        elif after.number:
            assert (before.episode, before.number, before.ends_at) == (
                after.episode, after.number - 1, after.starts_at)  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(histories(), st.integers(0, 500))
def test_a_moment_lies_in_one_term_or_none_and_standing_says_which(known: dict[str, Facet], day: int) -> None:
    now = local("2025-01-01T05:30", "Europe/Kyiv") + timedelta(days=day)
    holding = [t for t in terms(regime(), known) if t.holds(now)]
    found = regime_state(regime(), known, READ, now)
    assert len(holding) <= 1
    assert (found.status == "IN_FORCE") == bool(holding)
    assert not holding or found.term == holding[0]


@pytest.mark.parametrize("document", [MARTIAL_LAW, MOBILISATION], ids=str)
def test_two_hundred_orders_of_arrival_give_one_chain(document: DocumentId) -> None:
    made = shipped_regimes()[document]
    known = dict(made.observation(NOW).facets)
    expected = (terms(made.regime, known), regime_state(made.regime, known, READ, NOW), checks(made.regime, known))
    for seed in range(200):
        other = shuffled(known, seed)
        chain = terms(made.regime, other)
        assert chain == expected[0]
        if seed % 10 == 0:
            assert (regime_state(made.regime, other, READ, NOW), checks(made.regime, other)) == expected[1:]


@pytest.mark.parametrize("seed", range(3))
def test_the_fold_of_observations_forgets_the_order_too(seed: int) -> None:
    made = shipped_regimes()[MOBILISATION]
    known = dict(made.observation(NOW).facets)
    heard = [(name, s, e) for name in ("instruments", "approvals", "steps") for s, e in known[name].items()]
    random.Random(seed).shuffle(heard)
    facts = {"item": known["item"], "title": known["title"], "instruments": {}, "approvals": {}, "steps": {}}
    step = advance(None, Observation(MOBILISATION, "rada", "test/1", facts), NOW)
    assert step is not None
    record, told = step.record, 0
    for name, subject, entry in heard:
        step = advance(record, Observation(MOBILISATION, "rada", "test/1", {name: {subject: entry}}), NOW)
        assert step is not None
        record, told = step.record, told + len(step.changes)
    assert terms(regime_of(MOBILISATION, record.facets), record.facets) == terms(made.regime, known)
    assert told == len(heard), "each fact is told once, in whatever order"
