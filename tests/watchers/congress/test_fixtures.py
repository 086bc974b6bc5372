"""Whole answers and the facets they state, as pairs of files under tests/fixtures/congress.

`CASE.input.json` holds the bill and the answers by the last part of their path (`item` for the bill itself);
`CASE.expected.json` the facets and the ladder. A missing expectation is written from what is read now, and the run
fails until a person has looked at it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from domain.documents import DocumentId
from domain.jurisdictions.us.timeline import timeline
from domain.observation import Observation, PollRequest
from domain.records.facets import Kind
from tests.helpers.english import in_words
from tests.watchers.congress.publisher import BASE, KEY, START, Publisher
from watchers.congress.watcher import CongressWatcher

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "congress").glob("*.input.json"))


def observe(case: dict[str, Any]) -> Observation:
    """Poll a publisher that has exactly these answers."""
    document = DocumentId.parse(case["bill"])
    answers = case["answers"]
    path = f"/bill/{'/'.join(document.parts)}"

    def turns(asked: str, query: dict[str, str]) -> tuple[int, Any]:
        if not asked.startswith(path):
            return 200, {"bills": [], "pagination": {"count": 0}}
        return 200, answers[asked.removeprefix(path).strip("/") or "item"]

    publisher = Publisher(turns=turns)
    ask = PollRequest(None, {document: frozenset(Kind) - {Kind.HEARING}}, START)
    (page,) = CongressWatcher(BASE, KEY).poll(ask, publisher)
    assert page.faults == ()
    (observation,) = page.observations
    return observation


def read(case: dict[str, Any]) -> dict[str, Any]:
    """Return what is stated of a bill, our own words in English."""
    document, observation = DocumentId.parse(case["bill"]), observe(case)
    rungs = [[rung.status, rung.on] for rung in timeline(document, observation.facets)]
    facets = {
        name: {key: in_words(entry) for key, entry in facet.items()} for name, facet in observation.facets.items()
    }
    return {"facets": facets, "ladder": rungs}


def test_there_are_cases() -> None:
    assert len(CASES) >= 4


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.removesuffix(".input.json"))
def test_answers_are_read_as_expected(case: Path) -> None:
    found = json.loads(json.dumps(read(json.loads(case.read_text()))))
    expectation = case.with_name(case.name.replace(".input.", ".expected."))
    if not expectation.exists():
        expectation.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
        pytest.fail(f"{expectation.name} was missing and has been written: read it, then run again")
    assert found == json.loads(expectation.read_text())
