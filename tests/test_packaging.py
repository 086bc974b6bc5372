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
EXTRAS = PROJECT["project"]["optional-dependencies"]
POSTGRES = [Requirement(line) for line in EXTRAS["postgres"]]
DEV = [Requirement(line) for line in (*EXTRAS["dev"], *EXTRAS["docs"])]
LOCKS = {
    "requirements.lock": RUNTIME,
    "requirements-postgres.lock": [*RUNTIME, *POSTGRES],
    "requirements-dev.lock": [*RUNTIME, *POSTGRES, *DEV],
}
PACKAGES = ("domain", "watchers", "storage", "notifications", "monitor")

_PIN = re.compile(r"([a-z0-9][a-z0-9.-]*)==(\S+) \\")
_HASH = re.compile(r"    --hash=sha256:[0-9a-f]{64}(?: \\)?")


def pins(name: str) -> dict[str, str]:
    lines = (ROOT / name).read_text().splitlines()
    return {form[1]: form[2] for line in lines if (form := _PIN.fullmatch(line))}


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_holds_names_versions_and_hashes_and_nothing_else(name: str) -> None:
    """No address of an index, no path of the machine it was made on."""
    lines = (ROOT / name).read_text().splitlines()
    assert [line for line in lines if not _PIN.fullmatch(line) and not _HASH.fullmatch(line)] == []


@pytest.mark.parametrize(
    ("wanted", "lock"),
    [(one, lock) for lock, wanted in LOCKS.items() for one in wanted],
    ids=str,
)
def test_every_dependency_is_locked_within_its_bounds(wanted: Requirement, lock: str) -> None:
    assert wanted.specifier.contains(pins(lock)[wanted.name.lower()])


def test_the_locks_agree() -> None:
    runtime, postgres, dev = (pins(name) for name in LOCKS)
    assert runtime.items() <= postgres.items() <= dev.items()
    assert not {one.name for one in DEV if one.name not in {two.name for two in POSTGRES}} & set(runtime)


@pytest.mark.parametrize("package", PACKAGES)
def test_what_is_no_module_is_named_as_package_data(package: str) -> None:
    patterns = PROJECT["tool"]["setuptools"]["package-data"].get(package, [])
    files = [
        name
        for path in (ROOT / package).rglob("*")
        for name in [str(path.relative_to(ROOT / package))]
        if path.is_file() and path.suffix not in (".py", ".pyc") and not re.search(r"(^|/)[._]", name)
    ]
    assert [name for name in files if not any(fnmatch(name, pattern) for pattern in patterns)] == []


def test_every_folder_with_modules_is_a_package() -> None:
    folders = {path.parent for package in PACKAGES for path in (ROOT / package).rglob("*.py")}
    assert [str(folder) for folder in folders if not (folder / "__init__.py").exists()] == []


def test_the_command_is_there() -> None:
    module, _, name = PROJECT["project"]["scripts"]["lexwatch"].partition(":")
    assert callable(getattr(import_module(module), name))
