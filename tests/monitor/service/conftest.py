"""Two machines that share a database, for the tests of several workers."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.crash.workers import Machines, machines
from tests.helpers.stores import PostgreSQL


@pytest.fixture
def found(tmp_path: Path, postgresql: PostgreSQL) -> Iterator[Machines]:
    with machines(tmp_path, postgresql, count=2, feeds=4) as made:
        yield made
