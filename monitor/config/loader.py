"""Which configuration file counts, and what does it say: by which channels are people notified, and of what?"""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from domain.documents import DocumentId, operational
from domain.errors import ConfigError
from domain.options import as_written, printable, suggest
from monitor.config.schema import (
    ConfigErrors,
    Document,
    ParseContext,
    declared_keys,
    get_table,
    get_tables,
    parse_toml,
    read_table,
    split_keys,
)
from monitor.config.settings import ChannelSettings, Settings, WatchSettings
from monitor.config.tables import ChannelTable, HttpTable, RouteTable, ServiceTable
from monitor.config.watch_tables import check_readers, check_regime_files, feed_sources, read_sources, read_watches
from notifications import CHANNEL_KINDS, options_of_channel

if TYPE_CHECKING:
    from domain.alerts.routing import Route
    from domain.alerts.send_delays import QuietHours


MAX_CONFIG_BYTES = 1_000_000
"""A configuration larger than that is something else."""

SHIPPED_CONFIG = Path(__file__).with_name("default.toml")
_TABLES = ("service", "http", "source", "watch", "channel", "route")


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
    found = next((location for location in candidates if location.path.is_file()), None)
    return found or ConfigLocation(SHIPPED_CONFIG, "the shipped default", shipped=True)


def load_config(
    path: Path,
    *,
    now: datetime,
    env: Mapping[str, str] | None = None,
    secrets: bool = True,
    shipped: bool = False,
    beside: Path | None = None,
    content: bytes | None = None,
) -> Settings:
    """Read a configuration file; ConfigError with every error in it, a line each.

    `now` decides the session of a document written without one. With `secrets` false no credential is fetched and none
    is missed, and no watcher is asked what it reads: for commands that only read the database. `env` is `os.environ`
    unless given. `beside` is the folder that the file will lie in, where that is another one: a text is tried out
    elsewhere before it is written. `content` is what the file said before, read in its place.
    """
    surroundings = os.environ if env is None else env
    text, document = parse_toml(
        path.name, _bytes_of(path) if content is None else content, MAX_CONFIG_BYTES, "configuration"
    )
    thorough = secrets or beside is not None
    errors = ConfigErrors(path.name, text, thorough=thorough)
    folder = (beside or path.parent).absolute()
    context = ParseContext(errors, folder, surroundings if secrets else None, now.date(), thorough=thorough)
    service, tables = _read_tables(context, document)
    errors.raise_any()
    return Settings(
        **msgspec.structs.asdict(service)
        | tables
        | {"database": _absolute_database(path, service.database, shipped, surroundings)},
        path=path.absolute(),
        warnings=tuple(errors.warnings),
        shipped=shipped,
        digest=_digest(document, folder),
    )


_OF_ONE_MACHINE = ("database", "database_read")
"""Keys of `[service]` that machines which share a record may spell differently: each has its own way there."""


def _digest(document: Document, folder: Path) -> str:
    """Return what tells two configurations apart: everything the file and the regime files beside it say, but for
    comments, their order, and where the database is."""
    service = document.get("service", {})
    kept = {key: value for key, value in service.items() if key not in _OF_ONE_MACHINE}
    found = hashlib.sha256(json.dumps({**document, "service": kept}, sort_keys=True, default=str).encode())
    for path in sorted((folder / "regimes").glob("*.toml")):
        found.update(path.read_bytes())
    return found.hexdigest()


def _read_tables(context: ParseContext, document: Document) -> tuple[ServiceTable, dict[str, Any]]:
    """Read everything, each table with what those before it say."""
    for name in document:
        if name not in _TABLES:
            context.errors.unknown("", name, _TABLES, "table")
    http = read_table(context, "http", get_table(context, document, "http"), HttpTable) or HttpTable()
    context = msgspec.structs.replace(context, allow_hosts=http.allow_hosts)
    raw = get_table(context, document, "service")
    context = msgspec.structs.replace(context, timezone=str(raw.get("timezone", "UTC")))
    service = read_table(context, "service", raw, ServiceTable) or ServiceTable()
    context = msgspec.structs.replace(context, timezone=service.timezone)
    sources = read_sources(context, document)
    watches = read_watches(context, document)
    check_regime_files(context)
    if context.thorough:
        check_readers(context, watches, sources)
    channels = read_channels(context, document, service)
    names = _names(document, "channel", channels)
    routes = read_routes(context, document, _names(document, "watch", watches), names)
    check_channels(context, "service.operator", service.operator, names)
    if service.receipt is not None and not service.operator:
        context.errors.warn("service.receipt", "nobody gets it: name channels under service.operator")
    return service, {
        "allow_hosts": http.allow_hosts,
        "sources": {source.name: source for source in sources} | feed_sources(watches),
        "watches": watches,
        "channels": channels,
        "routes": routes,
    }


def _existing(location: ConfigLocation) -> ConfigLocation:
    if not location.path.is_file():
        what = "it is not a file" if location.path.exists() else "it does not exist"
        name = printable(str(location.path), 200)
        raise ConfigError([f"{name}, named by {location.because}, cannot be read: {what}"])
    return location


def _user_folder(env: Mapping[str, str], variable: str, default: str) -> Path:
    """Return our folder under an XDG base directory; a relative one is ignored, as that specification asks."""
    base = Path(env.get(variable, ""))
    if base.is_absolute():
        return base / "lexwatch"
    return Path(env.get("HOME") or Path.home()) / default / "lexwatch"


def state_folder(env: Mapping[str, str]) -> Path:
    """Return the user's folder for what the program remembers by itself."""
    return _user_folder(env, "XDG_STATE_HOME", ".local/state")


def kept_copy(config: Path, env: Mapping[str, str]) -> Path:
    """Return where the last good text of a configuration is kept, for whoever asks while the present one is faulty."""
    name = hashlib.sha256(str(config.absolute()).encode("utf-8", "surrogateescape")).hexdigest()[:16]
    return state_folder(env) / "configurations" / f"{name}.toml"


def keep_copy(config: Path, env: Mapping[str, str]) -> None:
    """Keep the text of a configuration that was found good, with its time. Without a place for it nothing is kept."""
    copy = kept_copy(config, env)
    with suppress(OSError):
        copy.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        part, stated = copy.with_suffix(".part"), config.stat()
        part.unlink(missing_ok=True)
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(config.read_bytes())
        os.utime(part, (stated.st_mtime, stated.st_mtime))
        part.replace(copy)


def _absolute_database(path: Path, written: str, shipped: bool, env: Mapping[str, str]) -> str:
    """Return the address of a database server, else the absolute path of the file: beside the configuration, or in the
    user's state folder for the shipped default."""
    if "://" in written:
        return written
    folder = state_folder(env) if shipped else path.parent
    return str((folder / written).absolute())


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_CONFIG_BYTES + 1)
    except OSError as error:
        raise ConfigError([f"{path.name}: cannot be read: {error.strerror}"]) from None


def read_channels(context: ParseContext, document: Document, service: ServiceTable) -> tuple[ChannelSettings, ...]:
    """Read every `[[channel]]`; names are unique, whatever their capitals."""
    found: dict[DocumentId, ChannelSettings] = {}
    for key, raw in get_tables(context, document, "channel"):
        channel = _read_channel(context, key, raw, service)
        if channel is None:
            continue
        identity = operational("channel", channel.name)
        if identity in found:
            context.errors.add(f"{key}.name", f"a second channel called {as_written(channel.name)}")
        found[identity] = channel
    if not found:
        context.errors.warn("channel", "nobody is notified: there is no [[channel]]")
    return tuple(found.values())


def _read_channel(context: ParseContext, key: str, raw: Document, service: ServiceTable) -> ChannelSettings | None:
    common, rest = split_keys(raw, ChannelTable)
    table = read_table(context, key, common, ChannelTable)
    kind = str(raw.get("kind"))
    what = f"a channel of kind {kind}"
    if kind not in CHANNEL_KINDS:
        anything = {name for other in CHANNEL_KINDS for name in declared_keys(options_of_channel(other))}
        for name in rest.keys() - anything:
            context.errors.unknown(key, name, [*declared_keys(ChannelTable), *sorted(anything)])
        return None
    chosen = read_table(
        context, key, rest, options_of_channel(kind), what=what, unknown=lambda name: _unknown_key(name, kind)
    )
    if table is None or chosen is None:
        return None
    return ChannelSettings(
        table.name,
        table.kind,
        chosen,
        language=table.language or service.language,
        timezone=table.timezone or service.timezone,
        quiet=_quiet_hours(context, key, table),
        receipt=table.receipt,
        report=table.report,
    )


def _unknown_key(name: str, kind: str) -> str:
    """Say what is wrong with a key: it belongs to another kind of channel, or to none."""
    if any(name in declared_keys(options_of_channel(other)) for other in CHANNEL_KINDS):
        return f"a channel of kind {kind} has no {name}"
    known = [*declared_keys(ChannelTable), *declared_keys(options_of_channel(kind))]
    return f"unknown key {name}; {suggest(name, known)}"


def _quiet_hours(context: ParseContext, key: str, table: ChannelTable) -> QuietHours | None:
    """Put together the hours at which a channel does not disturb, and what is urgent all the same."""
    if table.quiet is None:
        if table.urgent:
            context.errors.add(f"{key}.urgent", 'expected quiet beside it, such as quiet = "22:00-07:00"')
        return None
    from domain.alerts.send_delays import QuietHours

    try:
        return QuietHours.parse(table.quiet, context.timezone, table.urgent)
    except ValueError as error:
        context.errors.add(f"{key}.quiet", f"{error}, saw {as_written(table.quiet)}")
        return None


def _names(document: Document, table: str, found: Sequence[ChannelSettings | WatchSettings]) -> list[str]:
    """Return the names of watches or channels, of faulty ones too: whoever names one of those makes no second fault."""
    return list(dict.fromkeys([*(one.name for one in found), *_written(document, table, "name")]))


def _written(document: Document, table: str, key: str) -> Iterator[str]:
    """Yield the texts that the tables of a name, faulty ones too, have under a key."""
    entries = document.get(table)
    for entry in entries if isinstance(entries, list) else []:
        value = entry.get(key) if isinstance(entry, dict) else None
        yield from (one for one in (value if isinstance(value, list) else [value]) if isinstance(one, str))


def read_routes(
    context: ParseContext, document: Document, watches: Sequence[str], channels: Sequence[str]
) -> tuple[Route, ...]:
    """Read every `[[route]]`; the watches, tags, owners and channels it names must exist."""
    found = []
    for key, raw in get_tables(context, document, "route"):
        table = read_table(context, key, raw, RouteTable)
        if table is None:
            continue
        _check_patterns(context, f"{key}.watch", table.watch, watches)
        for what, member, wanted in (("tag", "tags", table.tags), ("owner", "owner", table.owner)):
            _check_labels(context, f"{key}.{member}", what, wanted, _written(document, "watch", member))
        if not table.channels and not isinstance(raw.get("channels"), str):
            context.errors.add(f"{key}.channels", 'expected the names of channels, such as ["desk"]')
        check_channels(context, f"{key}.channels", table.channels, channels)
        found.append(_route_of(table))
    return tuple(found)


def _route_of(table: RouteTable) -> Route:
    from domain.alerts.routing import Route  # whoever routes nothing does not pay for it

    values = msgspec.structs.asdict(table)
    named = {"watches": values.pop("watch"), "owners": values.pop("owner"), "priorities": values.pop("priority")}
    return Route(**named, **values)


def _check_labels(context: ParseContext, key: str, what: str, wanted: Sequence[str], there: Iterable[str]) -> None:
    """Say which tags or owners of a route no watch has, whatever their capitals."""
    known = {name.strip().casefold(): name.strip() for name in there} if wanted else {}
    for name in wanted:
        if name.casefold() not in known:
            near = suggest(name, known.values()) if known else f"no watch has any {what}"
            context.errors.add(key, f"unknown {what} {as_written(name)}; {near}")


def _check_patterns(context: ParseContext, key: str, patterns: Sequence[str], names: Sequence[str]) -> None:
    from domain.alerts.routing import is_named

    for pattern in patterns:
        if any(is_named(name, pattern) for name in names):
            continue
        if re.search(r"[*?\[]", pattern):
            if names:
                context.errors.warn(key, f"{as_written(pattern)} matches no watch")
        else:
            context.errors.add(key, f"unknown watch {as_written(pattern)}; {suggest(pattern, names)}")


def check_channels(context: ParseContext, key: str, wanted: Sequence[str], names: Sequence[str]) -> None:
    """Say which channels that are named somewhere do not exist; `names` are those there are, faulty ones too."""
    for name in wanted:
        if name not in names:
            context.errors.add(key, f"unknown channel {as_written(name)}; {suggest(name, names)}")
