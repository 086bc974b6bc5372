"""Which news goes to which channel?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from domain.facets import DEFAULT_KINDS, FOR_OPERATOR, Kind
from domain.routing import Route, is_named
from domain.words import is_word
from monitor import shape, values
from monitor.faults import Faults, neighbours
from monitor.sections.context import Context, Document
from monitor.sections.service import Service
from monitor.settings import ChannelSettings, WatchSettings

if TYPE_CHECKING:
    from domain.rhythm import Rhythm
    from domain.severity import Severity

_ROUTABLE = tuple(kind for kind in Kind if kind not in FOR_OPERATOR)


def routes(
    context: Context,
    document: Document,
    watched: tuple[WatchSettings, ...],
    told: tuple[ChannelSettings, ...],
    zone: str,
) -> tuple[Route, ...]:
    found = []
    for key, table in shape.tables(context.faults, document, "route"):
        raw = shape.read(context.faults, key, table, shape.Route)
        patterns = tuple(raw.watch) if raw.watch is not None else ("*",)
        _check_patterns(context.faults, f"{key}.watch", patterns, [watch.name for watch in watched])
        if not raw.channels:
            context.faults.add(f"{key}.channels", 'expected the names of channels, such as ["desk"]')
        for name in raw.channels or ():
            _check_channel(context.faults, f"{key}.channels", name, told)
        kinds = DEFAULT_KINDS if raw.kinds is None else _kinds(context.faults, f"{key}.kinds", raw.kinds)
        route = Route(watches=patterns, kinds=kinds, channels=tuple(raw.channels or ()))
        found.append(_narrowed(context.faults, key, raw, route, zone))
    return tuple(found)


def _narrowed(faults: Faults, key: str, raw: shape.Route, route: Route, zone: str) -> Route:
    """Read what narrows a route, and when it goes."""
    if not (raw.stages or raw.severity is not None or raw.words or raw.when is not None):
        return route
    for word in raw.words:
        if not is_word(word):
            faults.add(f"{key}.words", f"expected words or phrases, saw {values.shown(word)}")
    return replace(
        route,
        stages=_stages(faults, f"{key}.stages", raw.stages),
        severity=_severity(faults, f"{key}.severity", raw.severity),
        words=tuple(dict.fromkeys(raw.words)),
        when=_rhythm(faults, f"{key}.when", raw.when, zone),
    )


def _stages(faults: Faults, key: str, raw: list[str]) -> frozenset[str]:
    if not raw:
        return frozenset()
    from domain.stages import STAGES

    for word in raw:
        if word not in STAGES:
            faults.add(key, f"unknown stage {values.shown(word)}; {neighbours(word, STAGES)}")
    return frozenset(raw)


def _severity(faults: Faults, key: str, raw: str | None) -> Severity | None:
    if raw is None:
        return None
    from domain.severity import Severity

    words = {severity.word: severity for severity in Severity}
    if raw not in words:
        faults.add(key, f"unknown severity {values.shown(raw)}; {neighbours(raw, words)}")
    return words.get(raw)


def _rhythm(faults: Faults, key: str, raw: str | None, zone: str) -> Rhythm | None:
    if raw is None or raw == "now":
        return None
    from domain.rhythm import Rhythm

    try:
        return Rhythm.parse(raw, zone)
    except ValueError as error:
        faults.add(key, f'{error} or "now", saw {values.shown(raw)}')
        return None


def check_operator(context: Context, read: Service, told: tuple[ChannelSettings, ...]) -> None:
    if read.receipt is not None and not read.operator:
        context.faults.warn("service.receipt", "nobody gets it: name channels under service.operator")
    for name in read.operator:
        _check_channel(context.faults, "service.operator", name, told)


def _check_patterns(faults: Faults, key: str, patterns: tuple[str, ...], names: list[str]) -> None:
    for pattern in patterns:
        if any(is_named(name, pattern) for name in names):
            continue
        if re.search(r"[*?\[]", pattern):
            if names:
                faults.warn(key, f"{values.shown(pattern)} matches no watch")
        else:
            faults.add(key, f"unknown watch {values.shown(pattern)}; {neighbours(pattern, names)}")


def _check_channel(faults: Faults, key: str, name: str, told: tuple[ChannelSettings, ...]) -> None:
    names = [channel.name for channel in told]
    if name not in names:
        faults.add(key, f"unknown channel {values.shown(name)}; {neighbours(name, names)}")


def _kinds(faults: Faults, key: str, raw: list[str]) -> frozenset[Kind]:
    if not raw:
        faults.add(key, f"expected at least one of {', '.join(_ROUTABLE)}")
    for word in raw:
        if word in FOR_OPERATOR:
            faults.add(key, f"{word} is for the operator: name channels under service.operator instead")
        elif word not in _ROUTABLE:
            faults.add(key, f"unknown kind {values.shown(word)}; {neighbours(word, _ROUTABLE)}")
    return frozenset(kind for kind in _ROUTABLE if kind in raw)
