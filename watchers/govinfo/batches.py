"""Which batches does the feed announce, and which files did each write?

The description of an item is a page of its own, escaped: a list with one link per file. Notices have been suspended
while everything was processed anew, so an item that names no file says only that something was written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from email.utils import parsedate_to_datetime

from domain.errors import Changed
from domain.facets import short_digest
from domain.identity import DocumentId
from watchers.billstatus.document import outline, root_of, text
from watchers.congress.answers import stamp
from watchers.govinfo.places import bills_in
from watchers.xml import Node, first


@dataclass(frozen=True, slots=True)
class Batch:
    """One item of the feed. `name` stands for its `guid`; `at` is seconds since 1970, 0 where the feed does not say;
    `bills` may be empty."""

    name: str
    at: int
    bills: frozenset[DocumentId]


def parse_batches(body: bytes) -> Sequence[Batch]:
    """Read the feed; Changed when it is none, or has no items: batches finish every four hours."""
    root = root_of(body)
    channel = first(root, "channel") if root.tag == "rss" else None
    if channel is None:
        raise Changed(f"feed of batches: expected <rss><channel>, saw {outline(root)}")
    batches = [_batch(item) for item in channel.iterchildren("item")]
    if not batches:
        raise Changed("feed of batches: expected items, saw none")
    return batches


def _batch(item: Node) -> Batch:
    words = text(item, "description") or ""
    title, guid, published = (text(item, name) or "" for name in ("title", "guid", "pubDate"))
    name = guid.strip() or f"{published} {title} {words}"
    return Batch(short_digest(name), _moment(published.strip(), guid.strip()), frozenset(bills_in(words)))


def _moment(published: str, guid: str) -> int:
    """Read `pubDate`, else the end of a `guid` such as BILLSTATUS-2021-04-22T15:07:33Z."""
    try:
        moment = parsedate_to_datetime(published)
    except ValueError:
        try:
            found = stamp(guid.removeprefix("BILLSTATUS-"), "feed of batches: guid")
        except Changed:
            found = None
        return int(found.timestamp()) if found else 0
    return int((moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp())


def newest(batches: Sequence[Batch]) -> int:
    """Return when the last batch was finished."""
    return max(batch.at for batch in batches)
