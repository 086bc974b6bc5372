"""Bills of the US Congress, from the API of the Library of Congress."""

from __future__ import annotations

from datetime import timedelta

from domain.documents import DocumentId
from domain.ports import Watcher
from watchers.declaration import SourceDeclaration, SourceOptions


def _handles(document: DocumentId) -> bool:
    """A bill, or a Congress as a whole (`us/bill/119`)."""
    return document.jurisdiction == "us" and document.kind == "bill" and len(document.parts) in (1, 3)


def _build(settings: SourceOptions) -> Watcher:
    from watchers.congress.watcher import CongressWatcher

    return CongressWatcher(settings.base_url, settings.options.api_key, whole=settings.options.whole)


CONGRESS = SourceDeclaration(
    name="congress",
    summary="the bills of the US Congress, from api.congress.gov",
    base_url="https://api.congress.gov/v3",
    every=timedelta(minutes=15),
    handles=_handles,
    build=_build,
    readers={
        "congress/1": "watchers.congress.reparse:reread",
        "congress-list/1": "watchers.congress.reparse:reread_list",
        "congress-meetings/1": "watchers.congress.reparse:reread_meetings",
    },
    primary=True,
    lists_all=True,
)
