"""Presidential documents, as the Federal Register of the United States lists them, and any document by its number."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from domain.documents import DocumentId
from watchers.declaration import SourceDeclaration, built_by

if TYPE_CHECKING:
    from domain.terms import Coverage


def is_handled(document: DocumentId) -> bool:
    """Say whether this is a regime of the United States that acts renew, or a document of the Register."""
    by_law = document.kind == "regime" and document.parts[0] == "term-of-office"
    return document.jurisdiction == "us" and document.kind in ("regime", "fr") and not by_law


def _coverage(cursor: str | None, last_good_at: datetime | None, regime: DocumentId) -> Coverage:
    from watchers.federal_register.watcher import coverage

    return coverage(cursor, last_good_at, regime)


def _costs(settings: Any, today: date) -> Iterator[str]:
    """Say what the documents of the Register cost in which searches look."""
    if any(watch.search is not None and watch.assumed for watch in settings.watches):
        yield "every document of the Federal Register: some 2 requests once, then 1 for each poll"


FEDERAL_REGISTER = SourceDeclaration(
    name="federal_register",
    summary="what continues or ends US national emergencies, and documents by number, from the Federal Register",
    base_url="https://www.federalregister.gov/api/v1",
    every=timedelta(hours=1),
    handles=is_handled,
    build=built_by("watchers.federal_register.watcher:FederalRegisterWatcher"),
    readers={
        "federal_register/1": "watchers.federal_register.watcher:parse_regime",
        "federal_register_document/1": "watchers.federal_register.single_documents:parse_document",
    },
    primary=True,
    lists_all=True,
    costs=_costs,
    coverage=_coverage,
)
