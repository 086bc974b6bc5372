"""A package of somebody else that hides one of ours is named at the start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import monitor
from monitor.cli import PACKAGES, foreign_package

ROOT = Path(str(monitor.__file__)).parents[1]


def test_our_own_packages_are_no_problem() -> None:
    assert foreign_package(ROOT) is None


@pytest.mark.parametrize("name", PACKAGES)
def test_the_package_that_hides_ours_is_named_in_one_line(name: str, tmp_path: Path) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("")
    found = subprocess.run(
        [sys.executable, "-m", "monitor.cli.main", "--version"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{ROOT}"},
        capture_output=True,
        text=True,
    )
    [line] = found.stderr.splitlines()
    assert (found.returncode, found.stdout) == (2, "")
    assert f"expected its package {name!r}" in line
    assert str(tmp_path / name) in line


def test_desk_14_where_it_does_not_run_one_line_says_where_it_does() -> None:
    program = "import sys\nsys.modules['fcntl'] = None\nimport monitor.cli.main"
    found = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert (found.returncode, found.stdout) == (2, "")
    [line] = found.stderr.splitlines()
    assert "runs on Linux and macOS" in line
    beginning = (ROOT / "README.md").read_text(encoding="utf-8")[:600]
    assert "It runs on Linux and macOS" in beginning
