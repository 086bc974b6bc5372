"""Which publishers are asked, where, how often and with which key?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from domain.secret import Secret
from monitor import shape, values
from monitor.sections.context import Context, Document, host_of
from monitor.settings import SourceSettings, WatchSettings

SOURCES: Mapping[str, tuple[str, timedelta]] = {
    "congress": ("https://api.congress.gov/v3", timedelta(minutes=15)),
    "govinfo": ("https://www.govinfo.gov", timedelta(hours=1)),
    "federal_register": ("https://www.federalregister.gov/api/v1", timedelta(hours=1)),
    "clerk": ("https://clerk.house.gov", timedelta(minutes=15)),
    "senate": ("https://www.senate.gov", timedelta(minutes=15)),
    "rada": ("https://data.rada.gov.ua", timedelta(minutes=30)),
    "president": ("https://www.president.gov.ua", timedelta(hours=1)),
    "rada_bills": ("https://itd.rada.gov.ua", timedelta(minutes=30)),
    "rada_bulk": ("https://data.rada.gov.ua", timedelta(hours=6)),
    "texts": ("https://www.govinfo.gov", timedelta(hours=1)),
}
"""The publishers a section may be written for: their public address and usual rhythm."""

FEED_EVERY = timedelta(minutes=15)
"""How often a feed is asked if its watch does not say."""

DEMO_KEY = Secret("DEMO_KEY", "shipped")
"""The public key of the api.data.gov gateway: 30 requests an hour, 50 a day and address."""


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
    private = host_of(base_url) in allowed
    if raw.every is not None:
        least = timedelta(seconds=1) if private else values.LEAST_EVERY
        every = values.duration(context.faults, f"{key}.every", raw.every, least=least) or every
    if raw.whole is not None and (name != "congress" or not isinstance(raw.whole, bool)):
        saw = values.shown(raw.whole)
        expected = f"expected true or false, saw {saw}" if name == "congress" else "only [source.congress] has whole"
        context.faults.add(f"{key}.whole", expected)
    whole = raw.whole is True
    return SourceSettings(name, every, base_url, _api_key(context, name, key, raw.api_key, quiet=private), whole)


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


def feed_sources(watched: tuple[WatchSettings, ...]) -> list[SourceSettings]:
    """Return a source for the feed of each watch that has one."""
    feeds = ((watch.subject, watch.feed, watch.every or FEED_EVERY) for watch in watched)
    return [SourceSettings(str(name), every, address) for name, address, every in feeds if address is not None]
