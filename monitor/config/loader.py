"""Which configuration file counts, and what does it say?"""

from __future__ import annotations

import hashlib
import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from domain.documents import DocumentId
from domain.errors import ConfigError
from monitor.config import sections
from monitor.config.errors import ConfigErrors, printable
from monitor.config.schema import TABLES
from monitor.config.settings import ChannelSettings, Settings, SourceSettings, WatchSettings

__all__ = [
    "ChannelSettings",
    "ConfigLocation",
    "Settings",
    "SourceSettings",
    "WatchSettings",
    "find_config",
    "load_config",
    "pin_documents",
]

MAX_CONFIG_BYTES = 1_000_000
"""Bytes; a configuration larger than that is something else."""

SHIPPED_CONFIG = Path(__file__).with_name("default.toml")


@dataclass(frozen=True, slots=True)
class ConfigLocation:
    """Where the configuration lies and who said so."""

    path: Path
    because: str
    shipped: bool = False


def find_config(named: str | None, env: Mapping[str, str], folder: Path) -> ConfigLocation:
    """Return the configuration that counts: the named one, else $LEXWATCH_CONFIG, else `config.toml` in `folder`,
    else the user's, else the shipped default. ConfigError when a named one does not exist."""
    if named:
        return _existing(ConfigLocation(folder / named, "--config"))
    if env.get("LEXWATCH_CONFIG"):
        return _existing(ConfigLocation(folder / env["LEXWATCH_CONFIG"], "$LEXWATCH_CONFIG"))
    candidates = [
        ConfigLocation(folder / "config.toml", "the current folder"),
        ConfigLocation(_user_folder(env, "XDG_CONFIG_HOME", ".config") / "config.toml", "your configuration folder"),
    ]
    found = next((place for place in candidates if place.path.is_file()), None)
    return found or ConfigLocation(SHIPPED_CONFIG, "the shipped default", shipped=True)


def load_config(
    path: Path,
    *,
    now: datetime,
    env: Mapping[str, str] | None = None,
    secrets: bool = True,
    shipped: bool = False,
    beside: Path | None = None,
) -> Settings:
    """Read a configuration file; ConfigError with every fault in it, a line each.

    `now` decides the Congress of a bill written without one. With `secrets` false no credential is fetched and none
    is missed: for commands that only read the record. `env` is `os.environ` unless given. `beside` is the folder that
    the file will lie in, where that is another one: a text is tried out elsewhere before it is written.
    """
    surroundings = os.environ if env is None else env
    body = _bytes_of(path)
    text, document = _parsed(path, body)
    faults = ConfigErrors(path.name, text)
    for name in document:
        if name not in TABLES:
            faults.unknown("", name, TABLES, "table")
    folder = (beside or path.parent).absolute()
    context = sections.ParseContext(faults, folder, surroundings if secrets else None, now.date())
    allow_hosts = sections.allow_hosts(context, document)
    service = sections.service(context, document, allow_hosts)
    sources = sections.sources(context, document, allow_hosts)
    watches = sections.watches(context, document, allow_hosts)
    sections.regimes(context)
    sections.check_readers(context, watches, sources)
    channels = sections.channels(context, document, allow_hosts, service.timezone, service.language)
    routes = sections.routes(context, document, watches, channels, service.timezone)
    sections.check_operator(context, service, channels)
    faults.raise_any()
    return Settings(
        path=path.absolute(),
        database=_database(path, service.database, shipped, surroundings),
        timezone=service.timezone,
        contact=service.contact,
        operator=tuple(service.operator),
        heartbeat=service.heartbeat,
        burst=service.burst,
        receipt=service.receipt,
        allow_hosts=allow_hosts,
        sources={source.name: source for source in (*sources, *sections.feed_sources(watches))},
        watches=watches,
        channels=channels,
        routes=routes,
        warnings=tuple(faults.warnings),
        shipped=shipped,
        digest=hashlib.sha256(body).hexdigest(),
        templates=service.templates,
    )


def pin_documents(settings: Settings, stored: Mapping[str, DocumentId]) -> Settings:
    """Put back the first resolution of bills written without a Congress: a new Congress must not move a watch.

    `stored` maps the names of the watches in the database to their documents. A watch that was given another bill
    under its old name is not held to the old one.
    """
    return replace(
        settings,
        watches=tuple(
            replace(watch, document=stored[watch.name])
            if watch.assumed and _same_but_congress(watch, stored)
            else watch
            for watch in settings.watches
        ),
    )


def _same_but_congress(watch: WatchSettings, stored: Mapping[str, DocumentId]) -> bool:
    first = stored.get(watch.name)
    if first is None or watch.document is None:
        return False
    return first.kind == watch.document.kind and first.parts[1:] == watch.document.parts[1:]


def _existing(place: ConfigLocation) -> ConfigLocation:
    if not place.path.is_file():
        what = "it is not a file" if place.path.exists() else "it does not exist"
        raise ConfigError([f"{printable(str(place.path), 200)}, named by {place.because}, cannot be read: {what}"])
    return place


def _user_folder(env: Mapping[str, str], variable: str, default: str) -> Path:
    """Return our folder under an XDG base directory; a relative one is ignored, as that specification asks."""
    base = Path(env.get(variable, ""))
    home = Path(env.get("HOME") or Path.home())
    return (base if base.is_absolute() else home / default) / "lexwatch"


def _database(path: Path, written: str, shipped: bool, env: Mapping[str, str]) -> str:
    """Return the absolute path of the database: beside the file, or in the user's state folder for the default."""
    folder = _user_folder(env, "XDG_STATE_HOME", ".local/state") if shipped else path.parent
    return str((folder / written.removeprefix("sqlite:///")).absolute())


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path.name}: cannot be read: {error.strerror}"]) from None
    if len(body) > MAX_CONFIG_BYTES:
        raise ConfigError([f"{path.name}: expected at most {MAX_CONFIG_BYTES} bytes: this is no configuration"])
    return body


def _parsed(path: Path, body: bytes) -> tuple[str, dict[str, Any]]:
    """Decode (a byte order mark is ignored) and parse; the message of a syntax error names its line."""
    try:
        text = body.decode("utf-8-sig").replace("\r\n", "\n")
        return text, tomllib.loads(text)
    except UnicodeDecodeError as error:
        line = body.count(b"\n", 0, error.start) + 1
        raise ConfigError([f"{path.name}:{line}: expected UTF-8 text"]) from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError([f"{path.name}: not TOML: {printable(str(error), 200)}"]) from None
    except RecursionError:
        raise ConfigError([f"{path.name}: not a configuration: nested far too deeply"]) from None
