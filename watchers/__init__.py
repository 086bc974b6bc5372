"""Who can be asked? One name per publisher; quirks live in its module and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.documents import DocumentId
    from domain.ports import Watcher
    from domain.sources import Secret


def _congress(base_url: str, api_key: Secret | None) -> Watcher:
    from watchers.congress.watcher import CongressWatcher

    return CongressWatcher(base_url, api_key)


def _federal_register(base_url: str, _: Secret | None) -> Watcher:
    from watchers.federal_register.watcher import FederalRegisterWatcher

    return FederalRegisterWatcher(base_url)


def _govinfo(base_url: str, _: Secret | None) -> Watcher:
    from watchers.govinfo.watcher import GovInfoWatcher

    return GovInfoWatcher(base_url)


def _president(base_url: str, _: Secret | None) -> Watcher:
    from watchers.president import PresidentWatcher

    return PresidentWatcher(base_url)


def _rada(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rada.watcher import RadaWatcher

    return RadaWatcher(base_url)


def _rada_bills(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rada.bill_register import BillRegisterWatcher, RegisterSearch

    return BillRegisterWatcher(RegisterSearch(base_url))


def _rada_bulk(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rada.bill_register import BillRegisterWatcher, DailyFile

    return BillRegisterWatcher(DailyFile(base_url))


def _texts(base_url: str, _: Secret | None) -> Watcher:
    from watchers.texts.watcher import TextsWatcher

    return TextsWatcher(base_url)


def _clerk(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rollcalls.watcher import clerk

    return clerk(base_url)


def _senate(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rollcalls.watcher import senate

    return senate(base_url)


WATCHERS: Mapping[str, Callable[[str, Secret | None], Watcher]] = {
    "clerk": _clerk,
    "congress": _congress,
    "federal_register": _federal_register,
    "govinfo": _govinfo,
    "president": _president,
    "rada": _rada,
    "rada_bills": _rada_bills,
    "rada_bulk": _rada_bulk,
    "senate": _senate,
    "texts": _texts,
}
"""Name in the configuration → factory from base address and key. A reader is imported when it is first built, so
that naming the publishers costs nothing."""


def read_whole_congress(base_url: str, api_key: Secret | None) -> Watcher:
    """Build the reader of the Congress that records every bill of the one that sits."""
    from watchers.congress.watcher import CongressWatcher

    return CongressWatcher(base_url, api_key, whole=True)


def read_feed(document: DocumentId, address: str) -> Watcher:
    """Build the reader of one feed, whoever publishes it; its entries are named below `document`."""
    from watchers.feed.watcher import FeedWatcher

    return FeedWatcher(document, address)
