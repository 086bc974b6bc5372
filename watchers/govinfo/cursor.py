"""What must be remembered between polls?

Compact JSON of our own. Times are whole seconds since 1970, UTC; 0 is never.
"""

from __future__ import annotations

from collections.abc import Collection

import msgspec

from domain.identity import DocumentId
from watchers.govinfo.places import Folder, folder_of

VERSION = 1


class Copy(msgspec.Struct, frozen=True, array_like=True):
    """The last answer of one address: its validators, and what it was known by."""

    etag: str = ""
    modified: str = ""
    digest: str = ""


class Index(msgspec.Struct, frozen=True, array_like=True):
    """A folder's listing and sitemap, and when either was last asked."""

    listing: Copy = Copy()
    sitemap: Copy = Copy()
    asked_at: int = 0


class Mark(msgspec.Struct, frozen=True, array_like=True):
    """What is remembered of one bill.

    `moved` is true from a sign that its file was written anew until it is read. `listed` and `mapped`: when it was
    written, as listing and sitemap say. `file` is the answer last read. `again`: how often a file is still asked that
    was announced and came as it had been. `failures` in a row, the last at `failed_at`.
    """

    moved: bool = False
    listed: int = 0
    mapped: int = 0
    read_at: int = 0
    file: Copy = Copy()
    again: int = 0
    failures: int = 0
    failed_at: int = 0


class Cursor(msgspec.Struct):
    """All that is remembered. `batches` names the items the feed had, `newest` is when the last of them was finished;
    `marks` and `folders` go by the names of addresses (`119/hr/6508`, `119/hr`)."""

    version: int = VERSION
    feed: Copy = Copy()
    batches: list[str] = []
    newest: int = 0
    folders: dict[str, Index] = {}
    marks: dict[str, Mark] = {}

    def mark(self, bill: DocumentId) -> Mark:
        return self.marks.get("/".join(bill.parts), _NEVER_MET)

    def keep(self, bill: DocumentId, mark: Mark) -> None:
        self.marks["/".join(bill.parts)] = mark

    def index(self, folder: Folder) -> Index:
        return self.folders.get("/".join(folder), _NEVER_ASKED)

    def keep_index(self, folder: Folder, index: Index) -> None:
        self.folders["/".join(folder)] = index

    def forget_all_but(self, bills: Collection[DocumentId]) -> None:
        """Drop what is no longer followed."""
        wanted = {"/".join(bill.parts) for bill in bills}
        folders = {"/".join(folder_of(bill)) for bill in bills}
        self.marks = {name: mark for name, mark in self.marks.items() if name in wanted}
        self.folders = {name: index for name, index in self.folders.items() if name in folders}


_NEVER_MET = Mark()
_NEVER_ASKED = Index()
_CURSOR = msgspec.json.Decoder(Cursor)


def load(text: str | None) -> Cursor:
    """Read a resume position back. One that cannot be read is none: everything is then read anew, silently."""
    if text is None:
        return Cursor()
    try:
        cursor = _CURSOR.decode(text)
    except ValueError:
        return Cursor()
    return cursor if cursor.version == VERSION else Cursor()


def dump(cursor: Cursor) -> str:
    """Write a resume position; equal positions give equal text."""
    return msgspec.json.encode(cursor, order="sorted").decode()
