"""The layout holds: which package may import which, and where the libraries of the frame are used."""

from __future__ import annotations

import ast
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("domain", "watchers", "storage", "notifications", "monitor")
MAY_IMPORT = {
    "domain": {"domain"},
    "watchers": {"domain", "watchers"},
    "storage": {"domain", "storage"},
    "notifications": {"domain", "notifications"},
    "monitor": set(PACKAGES),
}
HOMES = {
    "requests": {"monitor/http/client.py"},
    "sqlmodel": {"storage"},
    "apscheduler": {"monitor/service/scheduler.py"},
    "feedparser": {"watchers"},
    "procrastinate": {"monitor/service/queue.py"},
}
NEVER = {"pickle", "marshal", "shelve"}


def modules() -> list[Path]:
    return sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return all that a module is made of, the module first."""
    return tuple(ast.walk(ast.parse(path.read_text(encoding="utf-8"))))


def module_of(path: Path) -> ast.Module:
    found = nodes(path)[0]
    assert isinstance(found, ast.Module)
    return found


@cache
def imports(path: Path) -> frozenset[str]:
    found = {alias.name for node in nodes(path) if isinstance(node, ast.Import) for alias in node.names}
    for node in nodes(path):
        if isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path}: imports are absolute, so that the table can be read"
            found.add(node.module)
    return frozenset(found)


@pytest.mark.parametrize("path", modules(), ids=lambda p: str(p.relative_to(ROOT)))
def test_imports_only_what_its_package_may(path: Path) -> None:
    package = path.relative_to(ROOT).parts[0]
    found = {name.split(".")[0] for name in imports(path)}
    assert found & set(PACKAGES) <= MAY_IMPORT[package]
    assert not found & NEVER
    if package == "domain":
        assert found - {"domain"} <= set(sys.stdlib_module_names), "the domain is the standard library alone"


@pytest.mark.parametrize(("library", "homes"), HOMES.items())
def test_has_one_home(library: str, homes: set[str]) -> None:
    users = {
        str(path.relative_to(ROOT)) for path in modules() if library in {name.split(".")[0] for name in imports(path)}
    }
    assert all(any(user == home or user.startswith(f"{home}/") for home in homes) for user in users), users


def test_the_domain_has_no_input_and_no_output() -> None:
    """No clock, no files, no network, no logging: what it needs is passed in."""
    forbidden = {"os", "io", "socket", "logging", "time", "threading", "subprocess", "pathlib", "sqlite3"}
    used = {name.split(".")[0] for path in (ROOT / "domain").rglob("*.py") for name in imports(path)}
    assert not used & forbidden
    clocks = [
        f"{path.name}:{node.lineno}"
        for path in (ROOT / "domain").rglob("*.py")
        for node in nodes(path)
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow")
    ]
    assert clocks == []


def test_every_module_says_what_it_answers() -> None:
    silent = [str(p.relative_to(ROOT)) for p in modules() if not ast.get_docstring(module_of(p))]
    assert silent == []


def test_there_is_one_broad_except() -> None:
    """Only the job boundary in the service may catch what nobody expected."""
    broad = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in modules()
        for node in nodes(path)
        if isinstance(node, ast.ExceptHandler)
        and (node.type is None or (isinstance(node.type, ast.Name) and node.type.id in ("Exception", "BaseException")))
    ]
    assert [place.split(":")[0] for place in broad] == ["monitor/service/service.py"]
