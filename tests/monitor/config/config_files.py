"""A configuration file as a test writes and reads it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from domain.errors import ConfigError
from monitor.config.loader import load_config
from monitor.config.settings import Settings

NOW = datetime(2026, 1, 20, 10, tzinfo=UTC)
CANARY = "canary-b1946ac92492"
CHANNEL = '[[channel]]\nname = "desk"\nkind = "console"\n'
EMAIL = '[[channel]]\nname = "desk"\nkind = "email"\nto = ["a@example.org"]\nsender = "b@example.org"\n'
SERVER = 'server = "smtp://mail.example.org:25"\n'
SIGNED = '[[channel]]\nname = "s"\nkind = "webhook"\nwebhook = { env = "GOOD_HOOK" }\n'


def read(folder: Path, text: str | bytes, env: Mapping[str, str] | None = None, *, secrets: bool = True) -> Settings:
    path = folder / "config.toml"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return load_config(path, now=NOW, env={} if env is None else env, secrets=secrets)


def config_errors_of(folder: Path, text: str | bytes, env: Mapping[str, str] | None = None) -> tuple[str, ...]:
    with pytest.raises(ConfigError) as refused:
        read(folder, text, env)
    return refused.value.faults
