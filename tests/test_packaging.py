"""What is installed is what was meant: the lock files, the package data, the command."""

from __future__ import annotations

import re
import tomllib
from fnmatch import fnmatch
from importlib import import_module
from pathlib import Path

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
RUNTIME = [Requirement(line) for line in PROJECT["project"]["dependencies"]]
DEV = [Requirement(line) for line in PROJECT["project"]["optional-dependencies"]["dev"]]
ROOMS = ("domain", "watchers", "storage", "notifications", "monitor")

_PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==(\S+) \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    return {form[1]: form[2] for line in lines if (form := _PIN.fullmatch(line))}


@pytest.mark.parametrize("name", ["requirements.lock", "requirements-dev.lock"])
def test_a_lock_holds_names_versions_and_hashes_and_nothing_else(name: str) -> None:
    """No address of an index, no path of the machine it was made on."""
    lines = (ROOT / name).read_text().splitlines()
    assert [line for line in lines if not _PIN.fullmatch(line) and not _HASH.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [*((one, "requirements.lock") for one in RUNTIME), *((one, "requirements-dev.lock") for one in [*RUNTIME, *DEV])],
    ids=str,
)
def test_every_dependency_is_locked_within_its_bounds(wanted: Requirement, lock: str) -> None:
    assert wanted.specifier.contains(pins(lock)[wanted.name.lower()])


def test_both_locks_agree() -> None:
    runtime = pins("requirements.lock")
    assert runtime.items() <= pins("requirements-dev.lock").items()
    assert not {one.name for one in DEV} & set(runtime)


@pytest.mark.parametrize("room", ROOMS)
def test_what_is_no_module_is_named_as_package_data(room: str) -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"].get(room, [])
    files = [
        name
        for path in (ROOT / room).rglob("*")
        for name in [str(path.relative_to(ROOT / room))]
        if path.is_file() and path.suffix not in (".py", ".pyc") and not re.search(r"(^|/)[._]", name)
    ]
    assert [name for name in files if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for room in ROOMS for path in (ROOT / room).rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_command_is_there() -> None:
    module, _, name = PROJECT["project"]["scripts"]["lexwatch"].partition(":")
    assert callable(getattr(import_module(module), name))
