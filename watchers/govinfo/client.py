"""The GovInfo bulk data client: what it asks, and what it cost."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

import msgspec

from domain.documents import DocumentId
from domain.jurisdictions.us.names import us_bill
from watchers.client import AnswerState, CursorCodec

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


class FolderState(msgspec.Struct, frozen=True, array_like=True):
    """A folder's listing and sitemap, and when either was last asked."""

    listing: AnswerState = AnswerState()
    sitemap: AnswerState = AnswerState()
    asked_at: int = 0


class FileState(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one bill.

    `moved` is true from a sign that its file was written anew until it is read. `listed` and `mapped`: when it was
    written, as listing and sitemap say. `file` is the answer last read. `again`: how often a file is still asked that
    was announced and came as it had been. `failures` in a row, the last at `failed_at`.
    """

    moved: bool = False
    listed: int = 0
    mapped: int = 0
    read_at: int = 0
    file: AnswerState = AnswerState()
    again: int = 0
    failures: int = 0
    failed_at: int = 0


class GovInfoCursor(msgspec.Struct):
    """All that is remembered. `batches` names the items the feed had, `newest` is when the last of them was finished;
    `marks` and `folders` go by the names of addresses (`119/hr/6508`, `119/hr`)."""

    version: int = 1
    feed: AnswerState = AnswerState()
    batches: list[str] = []
    newest: int = 0
    folders: dict[str, FolderState] = {}
    marks: dict[str, FileState] = {}

    def mark(self, bill: DocumentId) -> FileState:
        return self.marks.get("/".join(bill.parts), _NEVER_MET)

    def keep(self, bill: DocumentId, mark: FileState) -> None:
        self.marks["/".join(bill.parts)] = mark

    def index(self, folder: Folder) -> FolderState:
        return self.folders.get("/".join(folder), _NEVER_ASKED)

    def keep_index(self, folder: Folder, index: FolderState) -> None:
        self.folders["/".join(folder)] = index

    def forget_all_but(self, bills: Collection[DocumentId]) -> None:
        """Drop what is no longer followed."""
        wanted = {"/".join(bill.parts) for bill in bills}
        folders = {"/".join(folder_of(bill)) for bill in bills}
        self.marks = {name: mark for name, mark in self.marks.items() if name in wanted}
        self.folders = {name: index for name, index in self.folders.items() if name in folders}


_NEVER_MET = FileState()
_NEVER_ASKED = FolderState()
CODEC = CursorCodec(GovInfoCursor)

XML = ("application/xml", "text/xml", "application/rss+xml")
LISTED = ("application/json", *XML)
