"""How far has a document come, and since when?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from domain.facets import Facet
from domain.identity import DocumentId


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of a timeline: the ladder's word, the legal day (`YYYY-MM-DD`), and the official words."""

    status: str
    on: str
    text: str


def timeline(document: DocumentId, facets: Mapping[str, Facet]) -> tuple[Rung, ...]:
    """Return the dated statuses that the facets of a record bear out, oldest first."""
    return ()
