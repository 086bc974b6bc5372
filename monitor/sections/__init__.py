"""What does each table of the configuration mean? Every reader takes the parsed file and returns settings."""

from monitor.sections.channels import CHANNEL_KEYS, UNTOLD_CHANNELS, channels
from monitor.sections.context import Context
from monitor.sections.regimes import regimes
from monitor.sections.routes import check_operator, routes
from monitor.sections.service import Service, allow_hosts, service
from monitor.sections.sources import SOURCES, feed_sources, sources
from monitor.sections.watches import check_readers, watches

__all__ = [
    "CHANNEL_KEYS",
    "SOURCES",
    "UNTOLD_CHANNELS",
    "Context",
    "Service",
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
