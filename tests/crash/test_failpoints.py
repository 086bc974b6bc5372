"""Are the named places of the program nothing at all unless they are armed?"""

from __future__ import annotations

import ast
import os
import subprocess
import sys

import pytest

from monitor.service.failpoints import NAMES
from tests.crash.harness import CHECKOUT
from tests.test_architecture import modules, nodes

PASSES_EVERY_NAME_TWICE = (
    "from monitor.service.failpoints import NAMES, hit\nfor n in NAMES * 2: hit(n)\nprint('through')"
)


def passes(setting: str | None) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "LEXWATCH_FAILPOINT"}
    armed = {"LEXWATCH_FAILPOINT": setting} if setting is not None else {}
    return subprocess.run(
        [sys.executable, "-c", PASSES_EVERY_NAME_TWICE],
        cwd=CHECKOUT,
        env={**environment, "PYTHONPATH": str(CHECKOUT), **armed},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_unarmed_failpoints_do_nothing() -> None:
    result = passes(None)
    assert (result.returncode, result.stdout, result.stderr) == (0, "through\n", "")


@pytest.mark.parametrize(
    ("setting", "status", "says"),
    [
        pytest.param("dispatch.after_send:1:exit", 137, "", id="exit ends the process without a word"),
        pytest.param("dispatch.after_send:2:exit", 137, "", id="the second arrival can be meant"),
        pytest.param("dispatch.after_send:3:exit", 0, "", id="an arrival that never comes ends nothing"),
        pytest.param("dispatch.after_send:1:raise", 1, "FailpointHit", id="raise is an error of our own"),
        pytest.param("store.before_commit:2:full", 1, "database or disk is full", id="full is an error of the disk"),
    ],
)
def test_an_armed_failpoint_acts_at_its_arrival(setting: str, status: int, says: str) -> None:
    result = passes(setting)
    assert result.returncode == status
    assert says in result.stderr


def test_every_named_failpoint_stands_in_the_program() -> None:
    """Names are passed as literals to `hit` or to the store's trace hook."""
    found = {
        node.value
        for path in modules()
        if path != CHECKOUT / "monitor" / "service" / "failpoints.py"
        for node in nodes(path)
        if isinstance(node, ast.Constant)
    }
    assert set(NAMES) - found == set()
