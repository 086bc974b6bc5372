"""Which tables and keys may a configuration have, and of what type?

The types say only what TOML itself can say; what a duration, a secret or a name means is read later (`values`). Keys
typed `Any` may hold secrets written in the wrong place, so they are never repeated in a fault.
"""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

import msgspec

from monitor.config.errors import ConfigErrors
from monitor.config.values import shown

Texts = list[str]


class ServiceTable(msgspec.Struct, forbid_unknown_fields=True):
    database: str = "lexwatch.db"
    timezone: str = "UTC"
    contact: str | None = None
    operator: Texts = []
    heartbeat: Any = None
    language: str = "en"
    templates: str | None = None
    burst: Any = "5s"
    receipt: str | None = None


class HttpTable(msgspec.Struct, forbid_unknown_fields=True):
    allow_hosts: Texts = []


class SourceTable(msgspec.Struct, forbid_unknown_fields=True):
    every: Any = None
    base_url: str | None = None
    api_key: Any = None
    whole: Any = None


class WatchTable(msgspec.Struct, forbid_unknown_fields=True):
    bill: str | None = None
    document: str | None = None
    regime: str | None = None
    feed: str | None = None
    page: str | None = None
    search: str | None = None
    congress: Any = None
    places: Texts | None = msgspec.field(default=None, name="in")
    follow: str | None = None
    name: str | None = None
    note: str | None = None
    words: Texts = []
    every: Any = None


class ChannelTable(msgspec.Struct, forbid_unknown_fields=True):
    name: str | None = None
    kind: str | None = None
    to: Texts | None = None
    sender: str | None = None
    server: str | None = None
    password: Any = None
    webhook: Any = None
    secret: Any = None
    url: Any = None
    language: str | None = None
    timezone: str | None = None
    unsubscribe: str | None = None
    quiet: str | None = None
    urgent: Texts = []
    receipt: str | None = None


class RouteTable(msgspec.Struct, forbid_unknown_fields=True):
    watch: Texts | None = None
    kinds: Texts | None = None
    channels: Texts | None = None
    stages: Texts = []
    severity: str | None = None
    words: Texts = []
    when: str | None = None


TABLES = ("service", "http", "source", "watch", "channel", "route")

_S = TypeVar("_S", bound=msgspec.Struct)


def read_table(faults: ConfigErrors, key: str, table: dict[str, Any], shape: type[_S]) -> _S:
    """Read one table; every unknown key and wrong type becomes a fault, and the key at fault its default."""
    fields = _fields(shape)
    good: dict[str, Any] = {}
    for name, value in table.items():
        if name not in fields:
            faults.unknown(key, name, fields)
            continue
        try:
            good[name] = msgspec.convert(value, fields[name], strict=True)
        except msgspec.ValidationError:
            faults.add(f"{key}.{name}", _expected(fields[name], value))
    return shape(**{_members(shape)[name]: value for name, value in good.items()})


@cache
def _fields(shape: type[msgspec.Struct]) -> dict[str, Any]:
    """Return the types of the keys by name; msgspec works them out anew each time, which adds up over many watches."""
    return {field.encode_name: field.type for field in msgspec.structs.fields(shape)}


@cache
def _members(shape: type[msgspec.Struct]) -> dict[str, str]:
    """Return the member of each key: not every key can be one (`in`)."""
    return {field.encode_name: field.name for field in msgspec.structs.fields(shape)}


def table(faults: ConfigErrors, document: dict[str, Any], name: str) -> dict[str, Any]:
    """Return the table `[name]`, empty when it is absent or something else."""
    value = document.get(name, {})
    if isinstance(value, dict):
        return value
    faults.add(name, f"expected a table [{name}], saw {'[[' + name + ']]' if _is_array(value) else shown(value)}")
    return {}


def tables(faults: ConfigErrors, document: dict[str, Any], name: str) -> list[tuple[str, dict[str, Any]]]:
    """Return the tables `[[name]]` with their keys, counted from 1 (`name[1]`)."""
    value = document.get(name, [])
    if isinstance(value, dict):
        faults.add(name, f"expected [[{name}]] with two brackets: there may be several")
        return []
    if not _is_array(value):
        faults.add(name, f"expected tables [[{name}]], saw {shown(value)}")
        return []
    return [(f"{name}[{number}]", entry) for number, entry in enumerate(value, start=1)]


def _is_array(value: object) -> bool:
    return isinstance(value, list) and all(isinstance(entry, dict) for entry in value)


def _expected(kind: Any, value: object) -> str:
    if kind in (Texts, Texts | None):
        hint = f": write [{shown(value)}]" if isinstance(value, str) else ""
        return f"expected a list of texts, saw {shown(value)}{hint}"
    return f"expected text in quotes, saw {shown(value)}"
