"""The catalogue of faults is true: every case has its row, every test it names exists, and its sums are right."""

from __future__ import annotations

import ast
import re
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
PAGE = (TESTS.parent / "docs" / "for-developers" / "fault-catalogue.md").read_text(encoding="utf-8")
GROUPS = {"A": 33, "B": 40, "C": 66, "D": 86, "E": 100, "F": 120, "G": 142, "H": 164}
"""The last number of each group."""

VERDICTS = ("tested", "in part", "cannot apply", "not yet")
_NODE = re.compile(r"`([\w/]+\.py)::(test_\w+)(?:\[([^`]*)\])?`")


@dataclass(frozen=True, slots=True)
class Row:
    number: int
    group: str
    fault: str
    does: str
    held: str

    @property
    def nodes(self) -> list[tuple[str, str, str]]:
        """Return file, function and the beginning of a case's name ("" for all cases) of each test it names."""
        return _NODE.findall(self.held)

    @property
    def verdict(self) -> str:
        said = re.match(r"\*(cannot apply|not yet)\*: ", self.held)
        if said:
            return said[1]
        return "in part" if "*not yet*: " in self.held else "tested"


def rows() -> list[Row]:
    found, group = [], ""
    for line in PAGE.splitlines():
        if heading := re.match(r"## ([A-H]) ", line):
            group = heading[1]
        elif re.match(r"\| \d+ \|", line):
            number, fault, does, held = (cell.strip() for cell in line.strip("|").split(" | "))
            found.append(Row(int(number), group, fault, does, held))
    return found


@cache
def functions(file: str) -> dict[str, str]:
    """Return the name of every test in a file, with what decorates it and the file's own tables."""
    text = (TESTS / file).read_text(encoding="utf-8")
    return {node.name: text for node in ast.parse(text).body if isinstance(node, ast.FunctionDef)}


def test_every_case_has_exactly_one_row_in_its_group() -> None:
    expected, first = [], 1
    for group, last in GROUPS.items():
        expected += [(number, group) for number in range(first, last + 1)]
        first = last + 1
    assert [(row.number, row.group) for row in rows()] == expected


@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row.group}{row.number}")
def test_what_holds_a_case_exists(row: Row) -> None:
    assert row.fault
    assert row.held
    assert row.nodes or row.verdict in ("cannot apply", "not yet")
    for file, function, case in row.nodes:
        assert (TESTS / file).is_file(), file
        assert function in functions(file), f"{file} has no {function}"
        assert case in functions(file)[function], f"{file}: no case of {function} begins with {case!r}"
    assert row.held.count("::") == len(row.nodes), "a test that is named in a form nobody can read"


def test_the_sums_are_right() -> None:
    counted = {group: Counter(row.verdict for row in rows() if row.group == group) for group in GROUPS}
    counted["all"] = sum(counted.values(), Counter())
    for group, verdicts in counted.items():
        printed = re.search(rf"^\| {group}\b[^|]*\|((?: \d+ \|)+)$", PAGE, re.MULTILINE)
        assert printed, f"no sum for {group}"
        numbers = [int(cell) for cell in printed[1].strip("|").split("|")]
        assert numbers == [verdicts.total(), *(verdicts[verdict] for verdict in VERDICTS)], group
