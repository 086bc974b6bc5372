"""The tutorial on adding a legislature: its pieces are those of the program, and what it runs holds."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.helpers.paths import CHECKOUT

PAGE = CHECKOUT / "docs" / "tutorials" / "adding-a-legislature.md"
QUOTED = re.findall(r'```python title="([^"]+)"\n(.*?)```', PAGE.read_text(), re.DOTALL)
LONGEST = 250
"""Lines that the module of a country and the one of its publisher may have together (issue 10)."""


@pytest.mark.parametrize(("file", "block"), QUOTED, ids=[f"{n}-{file}" for n, (file, _) in enumerate(QUOTED)])
def test_what_the_tutorial_quotes_is_in_the_program(file: str, block: str) -> None:
    assert block in (CHECKOUT / file).read_text()


def test_what_the_tutorial_runs_holds() -> None:
    (code,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL)
    namespace: dict[str, Any] = {"__name__": "tutorial"}
    exec(compile(code, str(PAGE), "exec"), namespace)


def test_a_legislature_is_two_short_modules_and_two_lines() -> None:
    modules = ("domain/jurisdictions/ca.py", "watchers/legisinfo.py")
    assert sum(len((CHECKOUT / file).read_text().splitlines()) for file in modules) <= LONGEST
    product = [path for room in ("domain", "watchers", "storage", "notifications", "monitor")
               for path in (CHECKOUT / room).rglob("*.py")]  # fmt: skip
    naming = re.compile(r"canad|legisinfo|jurisdictions\.ca\b|parl\.ca", re.IGNORECASE)
    lines = {
        str(path.relative_to(CHECKOUT)): sum(bool(naming.search(line)) for line in path.read_text().splitlines())
        for path in product
    }
    assert {path: number for path, number in lines.items() if number and path not in modules} == {
        "domain/jurisdictions/__init__.py": 1,
        "watchers/__init__.py": 1,
    }
