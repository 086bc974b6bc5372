"""What do all sources together say of a document now?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from domain.facets import Facet
from domain.identity import Alias, DocumentId
from domain.ladder import Rung


@dataclass(frozen=True, slots=True)
class Record:
    """The merged state of one document: its newest revision.

    `revision` counts from 1; `known_from` is when this state became known to us and never decreases;
    `first_seen_at` belongs to revision 1. `timeline` is the dated ladder derived from the facets, oldest first.
    `owners` names, per facet, the source whose statement stands.
    """

    document: DocumentId
    revision: int
    known_from: datetime
    first_seen_at: datetime
    facets: Mapping[str, Facet]
    timeline: tuple[Rung, ...] = ()
    owners: Mapping[str, str] = field(default_factory=dict)
    url: str | None = None
    aliases: tuple[Alias, ...] = ()

    @property
    def title(self) -> str | None:
        """The title people know it by, as the source states it: a full reading before a mere list."""
        entry = self.facets.get("title", {}).get("display") or self.facets.get("listed_title", {}).get("display")
        return str(entry["text"]) if entry else None

    @property
    def standing(self) -> Rung | None:
        """The last rung reached, or None before the first."""
        return self.timeline[-1] if self.timeline else None
