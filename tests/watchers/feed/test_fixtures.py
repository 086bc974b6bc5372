"""Whole feeds and what is stated of their entries, as pairs of files under tests/fixtures/feed.

A missing expectation is written from what is read now, and the run fails until a person has looked at it.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from domain.documents import named_feed
from domain.observation import Observation, PollRequest
from domain.sources import Request, Response
from watchers.feed.watcher import FeedWatcher

CASES = sorted((Path(__file__).parents[2] / "fixtures" / "feed").glob("*.input.*"))
NOW = datetime(2026, 1, 6, 20, tzinfo=UTC)


def observations(path: Path) -> tuple[Observation, ...]:
    def answer(request: Request) -> Response:
        return Response(200, request.url, {"content-type": "application/xml"}, path.read_bytes(), NOW)

    (page,) = FeedWatcher(named_feed("acts"), "https://acts.example/feed").poll(PollRequest(None, {}, NOW), answer)
    assert page.faults == ()
    return tuple(page.observations)


def read(path: Path) -> list[dict[str, Any]]:
    return [
        {
            "document": str(observation.document),
            "published_at": observation.published_at.isoformat() if observation.published_at else None,
            "url": observation.url,
            "facets": observation.facets,
        }
        for observation in observations(path)
    ]


def test_there_are_cases_of_each_kind() -> None:
    assert len(CASES) >= 4


@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name.partition(".input.")[0])
def test_a_feed_is_read_as_expected(case: Path) -> None:
    found = json.loads(json.dumps(read(case)))
    expectation = case.with_name(f"{case.name.partition('.input.')[0]}.expected.json")
    if not expectation.exists():
        expectation.write_text(json.dumps(found, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
        pytest.fail(f"{expectation.name} was missing and has been written: read it, then run again")
    assert found == json.loads(expectation.read_text(encoding="utf-8"))
