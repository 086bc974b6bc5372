"""Property tests: the same examples in every default run, new ones under `-m slow`, whose seed is printed."""

from __future__ import annotations

import os
import random

import pytest
from hypothesis import is_hypothesis_test, settings

_SEED = "LEXWATCH_TEST_SEED"

settings.register_profile("fixed", derandomize=True, deadline=None, database=None)
settings.register_profile("random", deadline=None, database=None, print_blob=True)


def _slow_chosen(config: pytest.Config) -> bool:
    words = str(config.option.markexpr).split()
    return "slow" in words and "not" not in words


@pytest.hookimpl(tryfirst=True)
def pytest_configure(config: pytest.Config) -> None:
    """Choose the profile. The workers of a parallel run inherit the seed of their parent."""
    if not _slow_chosen(config):
        settings.load_profile("fixed")
        return
    settings.load_profile("random")
    os.environ.setdefault(_SEED, str(random.SystemRandom().randrange(2**32)))
    if not hasattr(config, "workerinput"):
        print(f"property tests: seed {os.environ[_SEED]} ({_SEED}={os.environ[_SEED]} repeats them)")
    config.option.__dict__["--hypothesis-seed"] = os.environ[_SEED]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Property tests are part of the default run and of the slow one."""
    if _slow_chosen(config):
        for item in items:
            if is_hypothesis_test(getattr(item, "obj", None)):
                item.add_marker(pytest.mark.slow)
