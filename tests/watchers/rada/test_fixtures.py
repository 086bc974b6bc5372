"""Texts and lists as the database serves them, beside what is read from them.

A missing expectation is written and the test fails until a person has read it. All inputs are *constructed* from facts.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from watchers.rada.act_card import parse_list
from watchers.rada.act_text import read_decree, read_law
from watchers.rada.lists import parse_updates

FOLDER = Path(__file__).parents[2] / "fixtures" / "rada"
INPUTS = sorted(FOLDER.glob("*.input.*"))
NOW = datetime(2026, 2, 4, 19, tzinfo=UTC)

READERS: dict[str, Callable[[bytes], Any]] = {
    "decree": lambda body: asdict(read_decree(body.decode())),
    "law": lambda body: asdict(read_law(body.decode())),
    "updates": lambda body: [asdict(update) for update in parse_updates(body, NOW).entries],
    "list": lambda body: asdict(parse_list(body, "30-day list")),
}


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: path.name.partition(".")[0])
def test_what_is_read_is_what_was_expected(path: Path) -> None:
    read = READERS[path.name.partition("-")[0]](path.read_bytes())
    found = json.loads(json.dumps(read, default=str))
    expected = path.with_name(path.name.partition(".")[0] + ".expected.json")
    if not expected.exists():
        expected.write_text(json.dumps(found, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        pytest.fail(f"{expected.name} was written: read it, and commit it if it is right")
    assert found == json.loads(expected.read_text(encoding="utf-8"))


def test_there_are_fixtures() -> None:
    assert len(INPUTS) >= 6
