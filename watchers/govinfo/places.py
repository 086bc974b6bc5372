"""Where do the bulk files of bills lie, and what are they called?"""

from __future__ import annotations

import re
from collections.abc import Iterator

from domain.identity import DocumentId, us_bill

BATCHES = "/rss/billstatus-batch.xml"
"""The feed with one item per finished batch, which names every file written in it."""

_FILE = re.compile(r"BILLSTATUS-(\d{1,3})(hconres|hjres|hres|hr|sconres|sjres|sres|s)(\d{1,5})\.xml\b")

Folder = tuple[str, str]
"""A Congress and a type of bill, as in addresses: `("119", "hr")`."""


def folder_of(bill: DocumentId) -> Folder:
    return bill.parts[0], bill.parts[1]


def file_of(bill: DocumentId) -> str:
    """Return the path of a bill's file, the same for every schema since 2015."""
    congress, kind, number = bill.parts
    return f"/bulkdata/BILLSTATUS/{congress}/{kind}/BILLSTATUS-{congress}{kind}{number}.xml"


def listing_of(folder: Folder) -> str:
    """Return the path of a folder's listing; it needs `Accept: application/json`, or answers with a page."""
    return f"/bulkdata/json/BILLSTATUS/{folder[0]}/{folder[1]}"


def sitemap_of(folder: Folder) -> str:
    return f"/sitemap/bulkdata/BILLSTATUS/{folder[0]}{folder[1]}/sitemap.xml"


def bills_in(words: str) -> Iterator[DocumentId]:
    """Yield the bills whose files are named in some words, as often as they are."""
    for congress, kind, number in _FILE.findall(words):
        if int(congress) and int(number):
            yield us_bill(int(congress), kind, int(number))
