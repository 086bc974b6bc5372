"""A store of either kind, and a place for a database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from storage.store import DatabaseStore, open_store
from tests.helpers.record_builders import NOW
from tests.helpers.stores import TemporaryStore, new_database


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "lexwatch.db"


@pytest.fixture
def sqlite(path: Path) -> Iterator[DatabaseStore]:
    store = open_store(new_database(path), rehearsal=False, now=NOW)
    yield store
    store.close()


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that everybody may enter, unlike pytest's own."""
    with TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest) -> Iterator[DatabaseStore]:
    if request.param == "sqlite":
        yield TemporaryStore()
        return
    found = open_store(request.getfixturevalue("postgresql_url"), rehearsal=False, now=NOW)
    yield found
    found.close()
