"""A store of either kind, and a place for a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from domain.ports import Store
from storage.memory import MemoryStore
from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import NOW


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lexwatch.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[DatabaseStore]:
    store = open_store(path, rehearsal=False, now=NOW)
    yield store
    store.close()


@pytest.fixture
def shelf() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest) -> Store:
    if request.param == "memory":
        return MemoryStore()
    found: Store = request.getfixturevalue("sqlite")
    return found
