"""By which channels are people notified, and what goes to which of them?"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from domain.documents import DocumentId, operational
from domain.options import as_written, suggest
from monitor.config.schema import Document, ParseContext, declared_keys, get_tables, read_table, split_keys
from monitor.config.settings import ChannelSettings, WatchSettings
from monitor.config.tables import ChannelTable, RouteTable, ServiceTable
from notifications import CHANNEL_KINDS, channel_options

if TYPE_CHECKING:
    from domain.alerts.routing import Route
    from domain.alerts.send_delays import QuietHours


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
        anything = {name for other in CHANNEL_KINDS for name in declared_keys(channel_options(other))}
        for name in rest.keys() - anything:
            context.errors.unknown(key, name, [*declared_keys(ChannelTable), *sorted(anything)])
        return None
    chosen = read_table(
        context, key, rest, channel_options(kind), what=what, unknown=lambda name: _unknown_key(name, kind)
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
    )


def _unknown_key(name: str, kind: str) -> str:
    """Say what is wrong with a key: it belongs to another kind of channel, or to none."""
    if any(name in declared_keys(channel_options(other)) for other in CHANNEL_KINDS):
        return f"a channel of kind {kind} has no {name}"
    known = [*declared_keys(ChannelTable), *declared_keys(channel_options(kind))]
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


def read_routes(
    context: ParseContext,
    document: Document,
    watches: Sequence[WatchSettings],
    channels: Sequence[ChannelSettings],
) -> tuple[Route, ...]:
    """Read every `[[route]]`; the watches and channels it names must exist."""
    found = []
    for key, raw in get_tables(context, document, "route"):
        table = read_table(context, key, raw, RouteTable)
        if table is None:
            continue
        _check_patterns(context, f"{key}.watch", table.watch, [watch.name for watch in watches])
        if not table.channels and not isinstance(raw.get("channels"), str):
            context.errors.add(f"{key}.channels", 'expected the names of channels, such as ["desk"]')
        check_channels(context, f"{key}.channels", table.channels, channels)
        found.append(_route_of(table))
    return tuple(found)


def _route_of(table: RouteTable) -> Route:
    from domain.alerts.routing import Route  # whoever routes nothing does not pay for it

    values = msgspec.structs.asdict(table)
    return Route(watches=values.pop("watch"), **values)


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


def check_channels(context: ParseContext, key: str, wanted: Sequence[str], channels: Sequence[ChannelSettings]) -> None:
    """Say which channels that are named somewhere do not exist."""
    names = [channel.name for channel in channels]
    for name in wanted:
        if name not in names:
            context.errors.add(key, f"unknown channel {as_written(name)}; {suggest(name, names)}")
