"""Who can be asked? One name per publisher; quirks live in its module and nowhere else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from domain.identity import DocumentId
    from domain.ports import Watcher
    from domain.secret import Secret


def _congress(base_url: str, api_key: Secret | None) -> Watcher:
    from watchers.congress.api import Congress

    return Congress(base_url, api_key)


def _federal_register(base_url: str, _: Secret | None) -> Watcher:
    from watchers.federal_register.watcher import FederalRegister

    return FederalRegister(base_url)


def _govinfo(base_url: str, _: Secret | None) -> Watcher:
    from watchers.govinfo.watcher import GovInfo

    return GovInfo(base_url)


def _president(base_url: str, _: Secret | None) -> Watcher:
    from watchers.president.watcher import President

    return President(base_url)


def _rada(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rada.api import Rada

    return Rada(base_url)


def _rada_bills(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rada.register import Bills, Search

    return Bills(Search(base_url))


def _rada_bulk(base_url: str, _: Secret | None) -> Watcher:
    from watchers.rada.register import Bills, DailyFile

    return Bills(DailyFile(base_url))


def _texts(base_url: str, _: Secret | None) -> Watcher:
    from watchers.texts.watcher import Texts

    return Texts(base_url)


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
    from watchers.congress.api import Congress

    return Congress(base_url, api_key, whole=True)


def read_feed(document: DocumentId, address: str) -> Watcher:
    """Build the reader of one feed, whoever publishes it; its entries are named below `document`."""
    from watchers.feed.watcher import Feed

    return Feed(document, address)
