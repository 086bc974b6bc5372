"""By which channels are people told?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from domain.facets import Kind
from domain.identity import DocumentId, operational
from domain.secret import Secret
from monitor import shape, values
from monitor.faults import Faults, neighbours
from monitor.sections.context import Context, Document, host_of, secret_address
from monitor.sections.service import language
from monitor.settings import ChannelSettings
from notifications.signing import EXPECTED, signing_keys

if TYPE_CHECKING:
    from domain.quiet import Quiet

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
    context: Context, document: Document, allowed: tuple[str, ...], zone: str, tongue: str = "en"
) -> tuple[ChannelSettings, ...]:
    found: dict[DocumentId, ChannelSettings] = {}
    for key, table in shape.tables(context.faults, document, "channel"):
        raw = shape.read(context.faults, key, table, shape.Channel)
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
    context: Context, key: str, raw: shape.Channel, table: dict[str, Any], allowed: tuple[str, ...], zone: str
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
        if name in shape.Channel.__struct_fields__ and name not in (*EVERY_KIND, *needed, *optional):
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


def _quiet(faults: Faults, key: str, raw: shape.Channel, zone: str) -> Quiet | None:
    """Read the hours at which a channel does not disturb, and what is urgent all the same."""
    if raw.quiet is None:
        if raw.urgent:
            faults.add(f"{key}.urgent", 'expected quiet beside it, such as quiet = "22:00-07:00"')
        return None
    from domain.quiet import Quiet
    from domain.severity import Severity

    known = (*Kind, *(severity.word for severity in Severity))
    for word in raw.urgent:
        if word not in known:
            faults.add(f"{key}.urgent", f"unknown kind or severity {values.shown(word)}; {neighbours(word, known)}")
    try:
        return Quiet.parse(raw.quiet, zone, tuple(dict.fromkeys(raw.urgent)))
    except ValueError as error:
        faults.add(f"{key}.quiet", f"{error}, saw {values.shown(raw.quiet)}")
        return None


def _service_address(context: Context, key: str, raw: object, allowed: tuple[str, ...]) -> Secret | None:
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


def _leaving(faults: Faults, key: str, raw: str | None) -> str | None:
    """Read where a reader of a mail can leave: `mailto:` or `https://`, in ASCII, as it stands in a header."""
    if raw is None:
        return None
    scheme, _, rest = raw.partition(":")
    known = scheme in ("mailto", "https") and len(raw) <= 500 and re.fullmatch(r"[!-;=?-~]+", raw)
    if not known or (scheme == "mailto" and "@" not in rest) or (scheme == "https" and not host_of(raw)):
        faults.add(key, f'expected "mailto:desk@example.org" or "https://…", saw {values.shown(raw)}')
        return None
    return raw


def _recipients(faults: Faults, key: str, raw: list[str] | None) -> tuple[str, ...]:
    if raw is not None and not raw:
        faults.add(key, 'expected at least one address, such as ["desk@example.org"]')
    return tuple(dict.fromkeys(values.mail_address(faults, key, address) for address in raw or ()))


def _server(faults: Faults, key: str, raw: str | None, allowed: tuple[str, ...]) -> str | None:
    if raw is None:
        return None
    server = values.mail_server(faults, key, raw)
    name = host_of(server)
    if name and values.is_private(name) and name not in allowed:
        faults.warn(key, f'{name} is a private address: list it in http.allow_hosts (allow_hosts = ["{name}"])')
    return server


def _signing_secret(context: Context, key: str, raw: object) -> Secret | None:
    secret = context.secret(key, raw)
    if secret is not None and secret.reveal():
        try:
            signing_keys(secret.reveal())
        except ValueError as error:
            context.faults.add(key, f"{error}, saw something else")
    return secret
