"""What does each table of the configuration mean? Every reader takes the parsed file and returns settings."""

from monitor.config.delivery_sections import (
    CHANNEL_KEYS,
    UNTOLD_CHANNELS,
    ServiceSettings,
    allow_hosts,
    channels,
    check_operator,
    routes,
    service,
)
from monitor.config.watch_sections import SOURCES, ParseContext, check_readers, feed_sources, regimes, sources, watches

__all__ = [
    "CHANNEL_KEYS",
    "SOURCES",
    "UNTOLD_CHANNELS",
    "ParseContext",
    "ServiceSettings",
    "allow_hosts",
    "channels",
    "check_operator",
    "check_readers",
    "feed_sources",
    "regimes",
    "routes",
    "service",
    "sources",
    "watches",
]
