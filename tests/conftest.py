"""Which examples do property tests see, and what is skipped where the corpus is absent?

The same examples in every default run, new ones under `-m slow`, whose seed is printed.
"""

from __future__ import annotations

import gc
import importlib
import os
import random
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import is_hypothesis_test, settings

from tests.helpers.paths import CORPUS

if TYPE_CHECKING:
    from tests.helpers.stores import PostgreSQL

_SEED = "LEXWATCH_TEST_SEED"

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile("random", deadline=None, database=None, print_blob=True)


def _slow_chosen(config: pytest.Config) -> bool:
    words = str(config.option.markexpr).split()
    return "slow" in words and "not" not in words


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile, and a folder in the place of the user's own state folder. The workers of a parallel run
    inherit the seed of their parent."""
    sys.dont_write_bytecode = False  # rewriting the assertions of all tests takes longer than importing them
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["XDG_STATE_HOME"] = state = tempfile.mkdtemp(prefix="lexwatch-state-")
    config.add_cleanup(lambda: shutil.rmtree(state, ignore_errors=True))
    if not _slow_chosen(config):
        settings.load_profile("fixed")
        return
    settings.load_profile("random")
    os.environ.setdefault(_SEED, str(random.SystemRandom().randrange(2**32)))
    if not hasattr(config, "workerinput"):
        print(f"property tests: seed {os.environ[_SEED]} ({_SEED}={os.environ[_SEED]} repeats them)")
    config.option.__dict__["--hypothesis-seed"] = os.environ[_SEED]


@pytest.hookimpl(tryfirst=True)
def pytest_collection(session: pytest.Session) -> None:
    """Have each worker of a parallel run import a share of the tests first, and find the others' shares compiled."""
    worker: dict[str, Any] | None = getattr(session.config, "workerinput", None)
    if worker is None or session.config.args != session.config.getini("testpaths"):
        return
    number, count = int(worker["workerid"].removeprefix("gw")), int(worker["workercount"])
    for path in sorted(Path(__file__).parent.rglob("test_*.py"))[number::count]:
        with suppress(Exception):  # the collection says what is wrong with it
            importlib.import_module(".".join(path.relative_to(Path(__file__).parents[1]).with_suffix("").parts))


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Property tests are part of the default run and of the slow one. Only tests named after the corpus may need it."""
    absent = pytest.mark.skip(reason="the corpus is not beside the checkout")
    for item in items:
        if _slow_chosen(config) and is_hypothesis_test(getattr(item, "obj", None)):
            item.add_marker(pytest.mark.slow)
        if item.get_closest_marker("corpus"):
            if "corpus" not in item.nodeid.lower():
                raise pytest.UsageError(f"{item.nodeid} is marked corpus: name it so")
            if not CORPUS.exists():
                item.add_marker(absent)


def pytest_collection_finish() -> None:
    """Look at nothing that lives as long as the run when memory is freed."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgreSQL]:
    """A real server, in memory where there is room. Not below pytest's own folder, which nobody but its owner may
    enter: root's server runs as another user."""
    memory = Path("/dev/shm")
    room = memory.is_dir() and shutil.disk_usage(memory).free > 4 * 2**30
    place = memory if room else None
    with TemporaryDirectory(prefix="lexwatch-postgresql-", dir=place, ignore_cleanup_errors=True) as folder:
        from tests.helpers.stores import PostgreSQL

        server = PostgreSQL(Path(folder))
        yield server
        server.stop()


@pytest.fixture
def postgresql_url(postgresql: PostgreSQL) -> Iterator[str]:
    """A database of its own with nothing recorded yet."""
    url = postgresql.database()
    yield url
    postgresql.drop(url)
