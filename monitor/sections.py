"""What does each table of the configuration mean? Every reader takes the parsed file and returns settings.

Faults go to the context and a harmless value takes their place, so that one reading finds them all.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from domain.errors import UnknownName
from domain.facets import DEFAULT_KINDS, Kind
from domain.identity import DocumentId, label, operational
from domain.names import Basis, Name, resolve
from domain.routing import Route, is_named
from domain.secret import Secret
from domain.words import is_word
from monitor import shape, values
from monitor.faults import Faults, neighbours
from monitor.settings import ChannelSettings, SourceSettings, WatchSettings
from notifications.signing import EXPECTED, signing_keys

Document = dict[str, Any]

SOURCES: Mapping[str, tuple[str, timedelta]] = {
    "congress": ("https://api.congress.gov/v3", timedelta(minutes=15)),
    "govinfo": ("https://www.govinfo.gov", timedelta(hours=1)),
    "rada": ("https://data.rada.gov.ua", timedelta(minutes=30)),
}
"""The publishers a section may be written for: their public address and usual rhythm."""

FEED_EVERY = timedelta(minutes=15)
"""How often a feed is asked if its watch does not say."""

UNREAD_SOURCES = frozenset({"govinfo"})
"""Sources this version accepts in a configuration and does not ask yet."""

CHANNEL_KEYS: Mapping[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "console": ((), ()),
    "email": (("to", "sender", "server"), ("password",)),
    "slack": (("webhook",), ()),
    "webhook": (("webhook", "secret"), ()),
}
"""Per kind of channel: the keys it needs, and those it may have, besides `name` and `kind`."""

UNTOLD_CHANNELS: frozenset[str] = frozenset()
"""Kinds of channel this version accepts in a configuration and does not tell yet."""

_ROUTABLE = tuple(kind for kind in Kind if kind not in (Kind.SOURCE, Kind.CHANNEL))
DEMO_KEY = Secret("DEMO_KEY", "shipped")
"""The public key of the api.data.gov gateway: 30 requests an hour, 50 a day and address."""


@dataclass(frozen=True, slots=True)
class Context:
    """Where faults go, where relative paths start, where secrets come from (None: from nowhere), what day it is."""

    faults: Faults
    folder: Path
    env: Mapping[str, str] | None
    today: date

    def secret(self, key: str, raw: object) -> Secret | None:
        return values.secret(self.faults, key, raw, self.folder, self.env)


@dataclass(slots=True)
class Service:
    """The table `[service]`, read."""

    database: str
    timezone: str
    contact: str | None
    operator: tuple[str, ...]
    heartbeat: Secret | None


def service(context: Context, document: Document, allowed: tuple[str, ...]) -> Service:
    raw = shape.read(context.faults, "service", shape.table(context.faults, document, "service"), shape.Service)
    return Service(
        database=_database(context.faults, raw.database),
        timezone=values.zone(context.faults, "service.timezone", raw.timezone),
        contact=_contact(context.faults, raw.contact),
        operator=tuple(dict.fromkeys(raw.operator)),
        heartbeat=_secret_address(context, "service.heartbeat", raw.heartbeat, allowed),
    )


def allow_hosts(context: Context, document: Document) -> tuple[str, ...]:
    raw = shape.read(context.faults, "http", shape.table(context.faults, document, "http"), shape.Http)
    return tuple(values.host(context.faults, "http.allow_hosts", name) for name in raw.allow_hosts)


def sources(context: Context, document: Document, allowed: tuple[str, ...]) -> list[SourceSettings]:
    found = []
    for name, table in shape.table(context.faults, document, "source").items():
        if name not in SOURCES:
            context.faults.unknown("source", name, SOURCES, "source")
        elif not isinstance(table, dict):
            context.faults.add(f"source.{name}", f"expected a table [source.{name}], saw {values.shown(table)}")
        else:
            found.append(_source(context, name, table, allowed))
    return found


def _source(context: Context, name: str, table: dict[str, Any], allowed: tuple[str, ...]) -> SourceSettings:
    key = f"source.{name}"
    raw = shape.read(context.faults, key, table, shape.Source)
    address, every = SOURCES[name]
    base_url = values.web_address(context.faults, f"{key}.base_url", raw.base_url or address, allowed).rstrip("/")
    private = _host(base_url) in allowed
    if raw.every is not None:
        least = timedelta(seconds=1) if private else values.LEAST_EVERY
        every = values.duration(context.faults, f"{key}.every", raw.every, least=least) or every
    if name in UNREAD_SOURCES:
        context.faults.warn(key, "this version does not ask this source yet")
    return SourceSettings(name, every, base_url, _api_key(context, name, key, raw.api_key, quiet=private))


def _api_key(context: Context, name: str, key: str, raw: object, *, quiet: bool) -> Secret | None:
    """Read the key; for congress an unset variable means the public DEMO_KEY, with a warning."""
    if name != "congress":
        return context.secret(f"{key}.api_key", raw) if raw is not None else None
    reference = {"env": "CONGRESS_API_KEY"} if raw is None else raw
    if context.env is None or not isinstance(reference, dict) or set(reference) != {"env"}:
        return context.secret(f"{key}.api_key", reference)
    variable = reference["env"]
    if isinstance(variable, str) and not context.env.get(variable, "").strip():
        if not quiet:
            context.faults.warn(
                f"{key}.api_key",
                f"{variable} is not set: asking with the public DEMO_KEY, inside its 50 requests a day",
            )
        return DEMO_KEY
    return context.secret(f"{key}.api_key", reference)


def watches(context: Context, document: Document, allowed: tuple[str, ...]) -> tuple[WatchSettings, ...]:
    found: dict[str, WatchSettings] = {}
    feeds: dict[DocumentId | None, str] = {}
    for key, table in shape.tables(context.faults, document, "watch"):
        watch = _watch(context, key, shape.read(context.faults, key, table, shape.Watch), allowed)
        if watch is None:
            continue
        if watch.name in found:
            context.faults.add(key, f"a second watch called {values.shown(watch.name)}: give it another name")
        twin = feeds.setdefault(watch.subject, watch.name) if watch.feed else watch.name
        if twin != watch.name:
            context.faults.add(key, f"reads like the feed {values.shown(twin)}: give it another name")
        found[watch.name] = watch
    if not found:
        context.faults.warn("watch", "nothing is watched")
    return tuple(found.values())


def _watch(context: Context, key: str, raw: shape.Watch, allowed: tuple[str, ...]) -> WatchSettings | None:
    faults = context.faults
    what = ("bill", "document", "regime", "feed", "page")
    given = [name for name in what if getattr(raw, name) is not None]
    if len(given) != 1:
        faults.add(key, f"expected exactly one of {', '.join(what)}, saw {', '.join(given) or 'none'}")
        return None
    form, written = given[0], str(getattr(raw, given[0]))
    if raw.name is not None and not (raw.name.strip() and raw.name.isprintable()):
        faults.add(f"{key}.name", f"expected a name, saw {values.shown(raw.name)}")
    if form in ("feed", "page"):
        return _followed_address(faults, key, raw, allowed)
    for option in ("words", "every"):
        if getattr(raw, option):
            faults.warn(f"{key}.{option}", f"only a feed has {option}: they are not used for a {form}")
    name = _document(context, f"{key}.{form}", form, written)
    if name is None:
        return None
    assumed = name.basis is not Basis.STATED
    default = written if assumed else str(name.document)
    return WatchSettings(raw.name or default, name.document, note=raw.note, words=tuple(raw.words), assumed=assumed)


def _followed_address(faults: Faults, key: str, raw: shape.Watch, allowed: tuple[str, ...]) -> WatchSettings:
    """Read a watch on a feed or page: its address, the words it must carry, and how often it is asked."""
    address = raw.feed or raw.page or ""
    values.web_address(faults, f"{key}.{'page' if raw.feed is None else 'feed'}", address, allowed)
    if raw.feed is None:
        faults.warn(key, "this version does not read a page yet")
    for word in raw.words:
        if not is_word(word):
            faults.add(f"{key}.words", f"expected words with a letter or a digit, saw {values.shown(word)}")
    every = None
    if raw.every is not None:
        least = timedelta(seconds=1) if _host(address) in allowed else values.LEAST_EVERY
        every = values.duration(faults, f"{key}.every", raw.every, least=least)
    words = tuple(dict.fromkeys(raw.words))
    return WatchSettings(raw.name or address, None, raw.feed, raw.page, raw.note, words, every=every)


def feed_sources(watched: tuple[WatchSettings, ...]) -> list[SourceSettings]:
    """Return a source for the feed of each watch that has one."""
    feeds = ((watch.subject, watch.feed, watch.every or FEED_EVERY) for watch in watched)
    return [SourceSettings(str(name), every, address) for name, address, every in feeds if address is not None]


def _document(context: Context, key: str, form: str, written: str) -> Name | None:
    faults = context.faults
    try:
        name = resolve(written, today=context.today)
    except UnknownName as error:
        faults.add(key, "; ".join(str(error).splitlines()))
        return None
    document = name.document
    if document.is_operational or (form == "bill" and document.kind != "bill"):
        faults.add(key, f"expected a bill, saw {values.shown(written)}" if form == "bill" else "expected a document")
        return None
    if form == "regime" and document.kind != "regime":
        faults.add(key, f'expected a regime such as "ua/regime/martial-law", saw {values.shown(written)}')
        return None
    if document.kind == "regime" and not _is_known_regime(faults, key, document):
        return None
    if name.basis is not Basis.STATED:
        faults.warn(key, f'no Congress given: taken as {label(document)}; write "{document}"')
    if not document.is_bill and document.jurisdiction != "ua":
        faults.warn(key, f"this version does not follow a {document.kind} of {document.jurisdiction.upper()} yet")
    return name


def _is_known_regime(faults: Faults, key: str, document: DocumentId) -> bool:
    from monitor.regimes import shipped  # whoever follows no regime does not pay for them

    if document not in shipped():
        faults.add(key, f"expected a regime this version knows ({', '.join(map(str, shipped()))}), saw {document}")
    return document in shipped()


READERS = {"us": "congress", "ua": "rada"}
"""Which source reads the documents of a jurisdiction."""


def check_readers(context: Context, watches: tuple[WatchSettings, ...], sources: list[SourceSettings]) -> None:
    """Say which watches nothing would ever read: only sources with a section are asked."""
    asked = {source.name for source in sources}
    for watch in watches:
        reader = READERS.get(watch.document.jurisdiction) if watch.document else None
        if reader is not None and reader not in asked:
            context.faults.warn("watch", f"nothing reads {values.shown(watch.name)}: there is no [source.{reader}]")


def channels(context: Context, document: Document, allowed: tuple[str, ...]) -> tuple[ChannelSettings, ...]:
    found: dict[DocumentId, ChannelSettings] = {}
    for key, table in shape.tables(context.faults, document, "channel"):
        raw = shape.read(context.faults, key, table, shape.Channel)
        channel = _channel(context, key, raw, table, allowed)
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
    context: Context, key: str, raw: shape.Channel, table: dict[str, Any], allowed: tuple[str, ...]
) -> ChannelSettings | None:
    faults = context.faults
    if not raw.name or not raw.name.isprintable():
        faults.add(f"{key}.name", "expected a name: routes and the log call the channel by it")
    if raw.kind is None or raw.kind not in CHANNEL_KEYS:
        seen = "none" if raw.kind is None else values.shown(raw.kind)
        faults.add(f"{key}.kind", f"unknown kind of channel {seen}; {neighbours(raw.kind or '', CHANNEL_KEYS)}")
        return None
    needed, optional = CHANNEL_KEYS[raw.kind]
    for name in needed:
        if name not in table:
            hint = f"; {EXPECTED}" if name == "secret" else ""
            faults.add(f"{key}.{name}", f"missing: a channel of kind {raw.kind} needs {', '.join(needed)}{hint}")
    for name in table:
        if name in shape.Channel.__struct_fields__ and name not in ("name", "kind", *needed, *optional):
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
        webhook=_secret_address(context, f"{key}.webhook", raw.webhook, allowed),
        secret=_signing_secret(context, f"{key}.secret", raw.secret) if raw.secret is not None else None,
    )


def _recipients(faults: Faults, key: str, raw: list[str] | None) -> tuple[str, ...]:
    if raw is not None and not raw:
        faults.add(key, 'expected at least one address, such as ["desk@example.org"]')
    return tuple(dict.fromkeys(values.mail_address(faults, key, address) for address in raw or ()))


def _server(faults: Faults, key: str, raw: str | None, allowed: tuple[str, ...]) -> str | None:
    if raw is None:
        return None
    server = values.mail_server(faults, key, raw)
    name = _host(server)
    if name and values.is_private(name) and name not in allowed:
        faults.warn(key, f'{name} is a private address: list it in http.allow_hosts (allow_hosts = ["{name}"])')
    return server


def _secret_address(context: Context, key: str, raw: object, allowed: tuple[str, ...]) -> Secret | None:
    if raw is None:
        return None
    address = context.secret(key, raw)
    if address is not None and address.reveal():
        values.web_address(context.faults, key, address.reveal(), allowed, secret=True)
    return address


def _signing_secret(context: Context, key: str, raw: object) -> Secret | None:
    secret = context.secret(key, raw)
    if secret is not None and secret.reveal():
        try:
            signing_keys(secret.reveal())
        except ValueError as error:
            context.faults.add(key, f"{error}, saw something else")
    return secret


def routes(
    context: Context, document: Document, watched: tuple[WatchSettings, ...], told: tuple[ChannelSettings, ...]
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
        found.append(Route(watches=patterns, kinds=kinds, channels=tuple(raw.channels or ())))
    return tuple(found)


def check_operator(context: Context, read: Service, told: tuple[ChannelSettings, ...]) -> None:
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
        if word in (Kind.SOURCE, Kind.CHANNEL):
            faults.add(key, f"{word} is for the operator: name channels under service.operator instead")
        elif word not in _ROUTABLE:
            faults.add(key, f"unknown kind {values.shown(word)}; {neighbours(word, _ROUTABLE)}")
    return frozenset(kind for kind in _ROUTABLE if kind in raw)


def _database(faults: Faults, raw: str) -> str:
    """Accept a path or a sqlite address; anything else might carry a password and is not repeated."""
    path = raw.removeprefix("sqlite:///")
    if "://" in path or not path.strip() or not path.isprintable():
        faults.add("service.database", 'expected a file such as "lexwatch.db": this version keeps its record in SQLite')
        return "lexwatch.db"
    return path


def _contact(faults: Faults, raw: str | None) -> str | None:
    if raw is not None and not re.fullmatch(r"[!-~]{3,200}", raw):
        faults.add("service.contact", f"expected an e-mail or web address, saw {values.shown(raw)}")
    return raw


def _host(address: str) -> str:
    try:
        return (urlsplit(address).hostname or "").rstrip(".")
    except ValueError:
        return ""
