"""What do `[service]`, `[http]`, `[[channel]]` and `[[route]]` say?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from domain.alerts.routing import Route, is_named
from domain.documents import DocumentId, operational
from domain.records.facets import DEFAULT_KINDS, FOR_OPERATOR, Kind
from domain.sources import Secret
from domain.text import is_word
from monitor.config import schema, values
from monitor.config.errors import ConfigErrors, suggest
from monitor.config.settings import ChannelSettings, WatchSettings
from monitor.config.watch_sections import Document, ParseContext, host_of, secret_address
from notifications.webhook import EXPECTED_SECRET, signing_keys

if TYPE_CHECKING:
    from domain.alerts.digest_schedule import DigestSchedule
    from domain.alerts.send_delays import QuietHours
    from domain.alerts.severity import Severity


_LONGEST_BURST = timedelta(hours=1)


@dataclass(slots=True)
class ServiceSettings:
    """The table `[service]`, read."""

    database: str
    timezone: str
    contact: str | None
    operator: tuple[str, ...]
    heartbeat: Secret | None
    language: str
    templates: Path | None
    burst: timedelta
    receipt: DigestSchedule | None


def service(context: ParseContext, document: Document, allowed: tuple[str, ...]) -> ServiceSettings:
    raw = schema.read_table(
        context.faults, "service", schema.table(context.faults, document, "service"), schema.ServiceTable
    )
    zone = values.zone(context.faults, "service.timezone", raw.timezone)
    return ServiceSettings(
        database=_database(context.faults, raw.database),
        timezone=zone,
        contact=_contact(context.faults, raw.contact),
        operator=tuple(dict.fromkeys(raw.operator)),
        heartbeat=secret_address(context, "service.heartbeat", raw.heartbeat, allowed),
        language=language(context.faults, "service.language", raw.language),
        templates=_templates(context, raw.templates),
        burst=_burst(context.faults, raw.burst),
        receipt=values.rhythm(context.faults, "service.receipt", raw.receipt, zone),
    )


def allow_hosts(context: ParseContext, document: Document) -> tuple[str, ...]:
    raw = schema.read_table(context.faults, "http", schema.table(context.faults, document, "http"), schema.HttpTable)
    return tuple(values.host(context.faults, "http.allow_hosts", name) for name in raw.allow_hosts)


def language(faults: ConfigErrors, key: str, raw: str) -> str:
    """Read the language of messages; English needs no look at the list of those that ship."""
    if raw == "en":
        return raw
    from notifications.languages import LANGUAGES

    if raw not in LANGUAGES:
        faults.add(key, f"unknown language {values.shown(raw)}; {suggest(raw, LANGUAGES)}")
        return "en"
    return raw


def _templates(context: ParseContext, raw: str | None) -> Path | None:
    """Read the folder of the user's templates, which lies beside the configuration unless its path says otherwise."""
    if raw is None:
        return None
    folder = context.folder / raw
    if not raw.isprintable() or not folder.is_dir():
        context.faults.add("service.templates", f"expected an existing folder, saw {values.shown(raw)}")
        return None
    return folder


def _database(faults: ConfigErrors, raw: str) -> str:
    """Accept a path or a sqlite address; anything else might carry a password and is not repeated."""
    path = raw.removeprefix("sqlite:///")
    if "://" in path or not path.strip() or not path.isprintable():
        faults.add("service.database", 'expected a file such as "lexwatch.db": this version keeps its record in SQLite')
        return "lexwatch.db"
    return path


def _burst(faults: ConfigErrors, raw: object) -> timedelta:
    """Read how long what follows a message waits for more of it; `0s` means not at all, an hour is the longest."""
    if raw == "0s":
        return timedelta(0)
    span = values.duration(faults, "service.burst", raw, least=timedelta(seconds=1)) or timedelta(0)
    if span > _LONGEST_BURST:
        faults.add("service.burst", f"expected at most 1h, saw {values.shown(raw)}: a digest is for more")
    return span


def _contact(faults: ConfigErrors, raw: str | None) -> str | None:
    if raw is not None and not re.fullmatch(r"[!-~]{3,200}", raw):
        faults.add("service.contact", f"expected an e-mail or web address, saw {values.shown(raw)}")
    return raw


CHANNEL_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "apprise": (("url",), ()),
    "console": ((), ()),
    "email": (("to", "sender", "server"), ("password", "unsubscribe")),
    "slack": (("webhook",), ()),
    "webhook": (("webhook", "secret"), ()),
}
"""Per kind of channel: the keys it needs, and those it may have, besides `name` and `kind`."""

UNTOLD_CHANNELS: frozenset[str] = frozenset()
"""Kinds of channel this version accepts in a configuration and does not tell yet."""


EVERY_KIND = ("name", "kind", "language", "timezone", "quiet", "urgent", "receipt")
"""The keys that a channel of any kind may have."""


def channels(
    context: ParseContext, document: Document, allowed: tuple[str, ...], zone: str, tongue: str = "en"
) -> tuple[ChannelSettings, ...]:
    found: dict[DocumentId, ChannelSettings] = {}
    for key, table in schema.tables(context.faults, document, "channel"):
        raw = schema.read_table(context.faults, key, table, schema.ChannelTable)
        channel = _channel(context, key, raw, table, allowed, zone)
        if channel is not None:
            channel = replace(channel, language=language(context.faults, f"{key}.language", raw.language or tongue))
        if channel is None:
            continue
        identity = operational("channel", channel.name)
        if identity in found:
            context.faults.add(f"{key}.name", f"a second channel called {values.shown(channel.name)}")
        found[identity] = channel
    if not found:
        context.faults.warn("channel", "nobody is told: there is no [[channel]]")
    return tuple(found.values())


def _channel(
    context: ParseContext,
    key: str,
    raw: schema.ChannelTable,
    table: dict[str, Any],
    allowed: tuple[str, ...],
    zone: str,
) -> ChannelSettings | None:
    faults = context.faults
    if not raw.name or not raw.name.isprintable():
        faults.add(f"{key}.name", "expected a name: routes and the log call the channel by it")
    if raw.kind is None or raw.kind not in CHANNEL_KEYS:
        seen = "none" if raw.kind is None else values.shown(raw.kind)
        faults.add(f"{key}.kind", f"unknown kind of channel {seen}; {suggest(raw.kind or '', CHANNEL_KEYS)}")
        return None
    needed, optional = CHANNEL_KEYS[raw.kind]
    for name in needed:
        if name not in table:
            hint = f"; {EXPECTED_SECRET}" if name == "secret" else ""
            faults.add(f"{key}.{name}", f"missing: a channel of kind {raw.kind} needs {', '.join(needed)}{hint}")
    for name in table:
        if name in schema.ChannelTable.__struct_fields__ and name not in (*EVERY_KIND, *needed, *optional):
            faults.add(f"{key}.{name}", f"a channel of kind {raw.kind} has no {name}")
    if raw.kind in UNTOLD_CHANNELS:
        faults.warn(key, f"this version does not tell a channel of kind {raw.kind} yet")
    return ChannelSettings(
        name=raw.name or "",
        kind=raw.kind,
        to=_recipients(faults, f"{key}.to", raw.to),
        sender=values.mail_address(faults, f"{key}.sender", raw.sender) if raw.sender is not None else None,
        server=_server(faults, f"{key}.server", raw.server, allowed),
        password=context.secret(f"{key}.password", raw.password) if raw.password is not None else None,
        webhook=secret_address(context, f"{key}.webhook", raw.webhook, allowed),
        secret=_signing_secret(context, f"{key}.secret", raw.secret) if raw.secret is not None else None,
        url=_service_address(context, f"{key}.url", raw.url, allowed) if raw.url is not None else None,
        timezone=values.zone(faults, f"{key}.timezone", raw.timezone) if raw.timezone is not None else zone,
        unsubscribe=_leaving(faults, f"{key}.unsubscribe", raw.unsubscribe),
        quiet=_quiet(context.faults, key, raw, zone),
        receipt=values.rhythm(context.faults, f"{key}.receipt", raw.receipt, zone),
    )


def _quiet(faults: ConfigErrors, key: str, raw: schema.ChannelTable, zone: str) -> QuietHours | None:
    """Read the hours at which a channel does not disturb, and what is urgent all the same."""
    if raw.quiet is None:
        if raw.urgent:
            faults.add(f"{key}.urgent", 'expected quiet beside it, such as quiet = "22:00-07:00"')
        return None
    from domain.alerts.send_delays import QuietHours
    from domain.alerts.severity import Severity

    known = (*Kind, *(severity.word for severity in Severity))
    for word in raw.urgent:
        if word not in known:
            faults.add(f"{key}.urgent", f"unknown kind or severity {values.shown(word)}; {suggest(word, known)}")
    try:
        return QuietHours.parse(raw.quiet, zone, tuple(dict.fromkeys(raw.urgent)))
    except ValueError as error:
        faults.add(f"{key}.quiet", f"{error}, saw {values.shown(raw.quiet)}")
        return None


def _service_address(context: ParseContext, key: str, raw: object, allowed: tuple[str, ...]) -> Secret | None:
    """Read an address of Apprise's, such as `tgram://token/chat`. It connects by itself, so that all that can be judged
    is a private host written in it."""
    from importlib.util import find_spec

    address = context.secret(key, raw)
    if address is None or not address.reveal():
        return address
    if "://" not in address.reveal() or not address.reveal().isprintable():
        context.faults.add(key, "expected one address of Apprise's, such as tgram://token/chat, saw something else")
    name = host_of(address.reveal())
    if name and values.is_private(name) and name not in allowed:
        context.faults.add(key, "expected a public host; a private one has to be listed in http.allow_hosts")
    if find_spec("apprise") is None:
        context.faults.add(key, "needs a package that is not installed: pip install 'lexwatch[apprise]'")
    return address


def _leaving(faults: ConfigErrors, key: str, raw: str | None) -> str | None:
    """Read where a reader of a mail can leave: `mailto:` or `https://`, in ASCII, as it stands in a header."""
    if raw is None:
        return None
    scheme, _, rest = raw.partition(":")
    known = scheme in ("mailto", "https") and len(raw) <= 500 and re.fullmatch(r"[!-;=?-~]+", raw)
    if not known or (scheme == "mailto" and "@" not in rest) or (scheme == "https" and not host_of(raw)):
        faults.add(key, f'expected "mailto:desk@example.org" or "https://…", saw {values.shown(raw)}')
        return None
    return raw


def _recipients(faults: ConfigErrors, key: str, raw: list[str] | None) -> tuple[str, ...]:
    if raw is not None and not raw:
        faults.add(key, 'expected at least one address, such as ["desk@example.org"]')
    return tuple(dict.fromkeys(values.mail_address(faults, key, address) for address in raw or ()))


def _server(faults: ConfigErrors, key: str, raw: str | None, allowed: tuple[str, ...]) -> str | None:
    if raw is None:
        return None
    server = values.mail_server(faults, key, raw)
    name = host_of(server)
    if name and values.is_private(name) and name not in allowed:
        faults.warn(key, f'{name} is a private address: list it in http.allow_hosts (allow_hosts = ["{name}"])')
    return server


def _signing_secret(context: ParseContext, key: str, raw: object) -> Secret | None:
    secret = context.secret(key, raw)
    if secret is not None and secret.reveal():
        try:
            signing_keys(secret.reveal())
        except ValueError as error:
            context.faults.add(key, f"{error}, saw something else")
    return secret


_ROUTABLE = tuple(kind for kind in Kind if kind not in FOR_OPERATOR)


def routes(
    context: ParseContext,
    document: Document,
    watched: tuple[WatchSettings, ...],
    told: tuple[ChannelSettings, ...],
    zone: str,
) -> tuple[Route, ...]:
    found = []
    for key, table in schema.tables(context.faults, document, "route"):
        raw = schema.read_table(context.faults, key, table, schema.RouteTable)
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


def _narrowed(faults: ConfigErrors, key: str, raw: schema.RouteTable, route: Route, zone: str) -> Route:
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


def _stages(faults: ConfigErrors, key: str, raw: list[str]) -> frozenset[str]:
    if not raw:
        return frozenset()
    from domain.jurisdictions import all_jurisdictions

    known = tuple(dict.fromkeys(stage for law in all_jurisdictions() for stage in law.stages))

    for word in raw:
        if word not in known:
            faults.add(key, f"unknown stage {values.shown(word)}; {suggest(word, known)}")
    return frozenset(raw)


def _severity(faults: ConfigErrors, key: str, raw: str | None) -> Severity | None:
    if raw is None:
        return None
    from domain.alerts.severity import Severity

    words = {severity.word: severity for severity in Severity}
    if raw not in words:
        faults.add(key, f"unknown severity {values.shown(raw)}; {suggest(raw, words)}")
    return words.get(raw)


def _rhythm(faults: ConfigErrors, key: str, raw: str | None, zone: str) -> DigestSchedule | None:
    if raw is None or raw == "now":
        return None
    from domain.alerts.digest_schedule import DigestSchedule

    try:
        return DigestSchedule.parse(raw, zone)
    except ValueError as error:
        faults.add(key, f'{error} or "now", saw {values.shown(raw)}')
        return None


def check_operator(context: ParseContext, read: ServiceSettings, told: tuple[ChannelSettings, ...]) -> None:
    if read.receipt is not None and not read.operator:
        context.faults.warn("service.receipt", "nobody gets it: name channels under service.operator")
    for name in read.operator:
        _check_channel(context.faults, "service.operator", name, told)


def _check_patterns(faults: ConfigErrors, key: str, patterns: tuple[str, ...], names: list[str]) -> None:
    for pattern in patterns:
        if any(is_named(name, pattern) for name in names):
            continue
        if re.search(r"[*?\[]", pattern):
            if names:
                faults.warn(key, f"{values.shown(pattern)} matches no watch")
        else:
            faults.add(key, f"unknown watch {values.shown(pattern)}; {suggest(pattern, names)}")


def _check_channel(faults: ConfigErrors, key: str, name: str, told: tuple[ChannelSettings, ...]) -> None:
    names = [channel.name for channel in told]
    if name not in names:
        faults.add(key, f"unknown channel {values.shown(name)}; {suggest(name, names)}")


def _kinds(faults: ConfigErrors, key: str, raw: list[str]) -> frozenset[Kind]:
    if not raw:
        faults.add(key, f"expected at least one of {', '.join(_ROUTABLE)}")
    for word in raw:
        if word in FOR_OPERATOR:
            faults.add(key, f"{word} is for the operator: name channels under service.operator instead")
        elif word not in _ROUTABLE:
            faults.add(key, f"unknown kind {values.shown(word)}; {suggest(word, _ROUTABLE)}")
    return frozenset(kind for kind in _ROUTABLE if kind in raw)
