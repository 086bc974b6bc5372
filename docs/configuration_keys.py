"""The reference page of the configuration, made from the declarations of its keys."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta

import msgspec

from domain.options import Secret, as_written
from monitor.config.regime_file import LISTS, TABLES, InstrumentTable, NarrowedTable, RegimeTable
from monitor.config.schema import DeclaredKey, declared_keys
from monitor.config.tables import (
    ApiKeyOptions,
    ChannelTable,
    HttpTable,
    RouteTable,
    ServiceTable,
    SourceTable,
    WatchTable,
)
from monitor.config.watch_tables import session_keys
from notifications import CHANNEL_KINDS, options_of_channel
from watchers import SOURCES, source

_SESSION_HELP = (
    "for searches: the session, such as `119`. Without it the search is for the one that sits, and goes on in the "
    "next; of one that ended, what follows within thirty days is still sent"
)
_FORMS = {
    "str": "text",
    "bool": "yes or no",
    "tuple[str, ...]": "list of texts",
    "timedelta": "duration",
    "int": "number",
    "date": "day",
}


@dataclass(frozen=True, slots=True)
class DocumentedKey:
    """One row of the reference: `table` as it is written (`[service]`), `only` the kinds of channel or the sources that
    have the key, empty for all."""

    table: str
    name: str
    form: str
    default: str
    help: str
    only: tuple[str, ...] = ()


def documented_keys() -> Iterator[DocumentedKey]:
    """Yield every key there is, in the order of the declarations."""
    yield from _rows("[service]", ServiceTable)
    yield from _rows("[http]", HttpTable)
    for row in _rows("[source.NAME]", SourceTable):
        yield replace(row, default=_usual_pauses()) if row.name == "every" else row
    yield from _shared("[source.NAME]", {name: source(name).options or ApiKeyOptions for name in SOURCES})
    yield from _rows("[[watch]]", WatchTable)
    for name in session_keys():
        yield DocumentedKey("[[watch]]", name, "number", "the one that sits", _SESSION_HELP)
    yield from _rows("[[channel]]", ChannelTable)
    yield from _shared("[[channel]]", {kind: options_of_channel(kind) for kind in CHANNEL_KINDS})
    yield from _rows("[[route]]", RouteTable)


def regime_keys(table: str) -> Iterator[DocumentedKey]:
    """Yield the keys of a regime's file: of its acts (`instrument`), or of all above them (`top`)."""
    if table == "instrument":
        rows = [*_rows("", InstrumentTable), NARROWED]
        yield from sorted(rows, key=lambda row: row.default != "needed")
        return
    yield from _rows("", RegimeTable)
    for name, keys in {**TABLES, **LISTS}.items():
        for row in _rows("", keys):
            yield replace(row, name=f"{name}.{row.name}")


NARROWED = DocumentedKey(
    "",
    "narrowed",
    "table",
    "none",
    "what the approval says otherwise, which then stands: "
    + ", ".join(f"`{name}`" for name in declared_keys(NarrowedTable)),
)


def markdown_table(table: str) -> str:
    """Return the keys of one table (`service`, `watch`, `regime instrument` …) as Markdown."""
    kind, _, part = table.partition(" ")
    rows = (
        list(regime_keys(part))
        if kind == "regime"
        else [row for row in documented_keys() if row.table.strip("[]").partition(".")[0] == table]
    )
    lines = ["| key | form | default | meaning |", "|---|---|---|---|"]
    for row in rows:
        only = f"only {', '.join(f'`{name}`' for name in row.only)}: " if row.only else ""
        lines.append(f"| `{row.name}` | {row.form} | {row.default} | {only}{row.help} |")
    return "\n".join([*lines, ""])


def _rows(table: str, keys: type[msgspec.Struct], only: tuple[str, ...] = ()) -> Iterator[DocumentedKey]:
    for name, declared in declared_keys(keys).items():
        yield DocumentedKey(table, name, _form(declared), _default(declared), declared.about.help, only)


def _shared(table: str, owners: Mapping[str, type[msgspec.Struct]]) -> Iterator[DocumentedKey]:
    """Yield the keys that several owners declare alike once, with the names of those owners."""
    found: dict[DocumentedKey, list[str]] = {}
    for owner, keys in owners.items():
        for row in _rows(table, keys):
            found.setdefault(row, []).append(owner)
    for row, names in found.items():
        yield replace(row, only=() if len(names) == len(owners) else tuple(names))


def _usual_pauses() -> str:
    """Say how often each publisher is asked where nothing is written."""
    names: dict[timedelta, list[str]] = {}
    for name in SOURCES:
        names.setdefault(source(name).every, []).append(f"`{name}`")
    return "; ".join(f"{', '.join(names[every])} `{as_written(every)}`" for every in sorted(names))


def _form(declared: DeclaredKey) -> str:
    if declared.about.form:
        return declared.about.form
    if declared.kind is Secret:
        return "secret"
    name = str(declared.kind) if "[" in str(declared.kind) else declared.kind.__name__
    return _FORMS.get(name, name)


def _default(declared: DeclaredKey) -> str:
    about = declared.about
    if about.default:
        return about.default
    if declared.needed:
        return "needed"
    if isinstance(about.absent, dict):
        kind, where = next(iter(about.absent.items()))
        return f'`{{ {kind} = "{where}" }}`'
    if declared.default is None:
        return "none"
    if isinstance(declared.default, tuple):
        return f"`[{', '.join(map(as_written, declared.default))}]`"
    return f"`{as_written(declared.default)}`"
