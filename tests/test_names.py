"""Are the names plain? One meaning for each class name, no word of the old dialect, no country where none belongs.

`python -m tests.test_names` lists every place that the tests below would name.
"""

from __future__ import annotations

import ast
import re
import sys
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.test_architecture import ROOT, modules, nodes

OLD_NAMES = frozenset(
    re.findall(
        r"\w+",
        """
        asker asking autopsy beat bench climbed crew door freed furnish heard hire leaf ladder letter looks
        manner nursery ordeal pile reckoning recollection relieve remembered retold revival rhythm rung rungs shelf
        sinks stir sundial telling testimony told tray verdict voice wishes
        """,
    )
)
"""Words that no module, class, function, argument or attribute of ours is made of; plain ones took their place."""

OLD_PHRASES = re.compile(
    r"\b(?:hears?|heard|tells?|told|telling|rungs?|ladder|doors?|reckon\w*|put right|puts right|gives way|gave way|"
    r"read through|to be known|(?:source|sources) (?:is|are) well|is the source well|climb\w*|crew|dialled)\b",
    re.IGNORECASE,
)
"""The same in what people read."""

PLACES = re.compile(
    r"congress|senate|\bhouse of representatives|govinfo|billstatus|\brada\b|ukraine|washington|canad|ottawa|"
    r"legisinfo|parl\.ca|\bclerk\b|federal.?register|president\.gov|zakon|white.?house|american|"
    r"\b(?:us|ua|ca|eu)/(?:bill|decree|law|regime|vote|fr)",
    re.IGNORECASE,
)
"""Countries and publishers."""

MAY_NAME_PLACES = (
    "domain/jurisdictions/",
    "watchers/",
    "monitor/demo/",
    "monitor/regimes/",
    "monitor/config/default.toml",
    "monitor/config/packs/",
)


def short(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def names_in(tree: tuple[ast.AST, ...], *, is_test: bool) -> Iterator[tuple[int, str]]:
    """Yield the names that a module gives: classes, functions, fields, parameters and variables; of a test what pytest
    shows."""
    for node in tree:
        if isinstance(node, ast.ClassDef | ast.FunctionDef):
            if not is_test or node.name.startswith(("test_", "Test")):
                yield node.lineno, node.name
        elif isinstance(node, ast.arg) and not is_test:
            yield node.lineno, node.arg
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and not is_test:
            yield node.lineno, node.target.id
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store) and not is_test:
            yield node.lineno, node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store) and not is_test:
            yield node.lineno, node.id


@cache
def words_of(name: str) -> frozenset[str]:
    return frozenset(word.lower() for word in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name))


def shared_class_names() -> dict[str, list[str]]:
    found = defaultdict(list)
    for path in modules():
        for node in nodes(path):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                found[node.name].append(short(path))
    return {name: places for name, places in sorted(found.items()) if len(places) > 1}


def old_names() -> list[str]:
    paths = [*modules(), *sorted((ROOT / "tests").rglob("*.py")), *sorted((ROOT / "benchmarks").rglob("*.py"))]
    found = []
    for path in paths:
        if path == Path(__file__):
            continue
        if words_of(path.stem) & OLD_NAMES:
            found.append(f"{short(path)}: the module itself")
        is_test = short(path).startswith("tests/")
        for line, name in names_in(nodes(path), is_test=is_test):
            if words_of(name) & OLD_NAMES:
                found.append(f"{short(path)}:{line}: {name}")
    return found


def old_phrases() -> list[str]:
    """Look through what people read: pages (help and keys are printed into them), templates, the configuration."""
    read = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "config.toml")]
    read += [path for path in (ROOT / "docs").rglob("*.md") if path.parent.name != "decisions"]
    read += [*(ROOT / "monitor").rglob("*.toml"), *(ROOT / "notifications" / "templates").rglob("*.*")]
    return [
        f"{short(path)}:{number}: {found[0]}: {line.strip()[:90]}"
        for path in read
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1)
        for found in [OLD_PHRASES.search(re.sub(r"`[^`]*`", "", line))]
        if found
    ]


def places_named() -> list[str]:
    files = [*modules(), *(ROOT / "notifications" / "templates").rglob("*.*")]
    return [
        f"{short(path)}:{number}: {line.strip()[:100]}"
        for path in files
        if not short(path).startswith(MAY_NAME_PLACES)
        for text in [path.read_text(encoding="utf-8")]
        if PLACES.search(text)
        for number, line in enumerate(text.splitlines(), start=1)
        if PLACES.search(line)
    ]


def test_no_public_class_name_is_used_twice() -> None:
    assert shared_class_names() == {}


def test_no_name_is_made_of_an_old_word() -> None:
    assert old_names() == []


def test_nothing_people_read_has_an_old_phrase() -> None:
    assert old_phrases() == []


def test_no_country_and_no_publisher_is_named_where_none_belongs() -> None:
    assert places_named() == []


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("to_json", {"to", "json"}),
        ("HttpClient", {"http", "client"}),
        ("_read2", {"read"}),
        ("JSONText", {"json", "text"}),
    ],
)
def test_a_name_is_split_into_its_words(name: str, words: set[str]) -> None:
    assert words_of(name) == words


if __name__ == "__main__":
    reports = {
        "class names used twice": [f"{name}: {', '.join(places)}" for name, places in shared_class_names().items()],
        "old names": old_names(),
        "old phrases": old_phrases(),
        "countries and publishers": places_named(),
    }
    for title, lines in reports.items():
        print(f"\n{title}: {len(lines)}")
        print("\n".join(f"  {line}" for line in lines if sys.argv[1:2] == [] or sys.argv[1] in line))
