"""What has a reader to go by that reads archived bytes once more?

A reader of an earlier day stays callable under its name and version (`congress/1`): what it made of the bytes then it
must make of them now. It states the same facets from the same bytes, whatever was asked and remembered around it; what
it needs beside the bytes was kept with them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from domain.facets import Facet
from domain.identity import DocumentId
from domain.observation import Evidence, Observation
from domain.record import Record


class Kept(Protocol):
    """What was kept. `evidence` raises LookupError for bytes that are not there, or are not what their digest says."""

    def evidence(self, digest: str) -> Evidence: ...

    def record(self, document: DocumentId, revision: int) -> Record | None: ...


@dataclass(frozen=True, slots=True)
class Testimony:
    """What a revision rests on. `named` maps facets to digests, further bytes of one as `FACET/2` and so on; `before`
    is the record as it stood, None for a document never seen; `known_from` when the revision was made (aware UTC)."""

    document: DocumentId
    source: str
    reader: str
    known_from: datetime
    kept: Kept
    named: Mapping[str, str] = field(default_factory=dict)
    context: Mapping[str, Any] = field(default_factory=dict)
    before: Record | None = None
    published_at: datetime | None = None

    def facets(self) -> tuple[str, ...]:
        """Return the facets of which bytes are named."""
        return tuple(dict.fromkeys(name.partition("/")[0] for name in self.named))

    def pages(self, facet: str) -> tuple[Evidence, ...]:
        """Return the bytes that a facet was read from, in the order in which they were read."""
        numbered = {int(name.partition("/")[2] or 1): name for name in self.named if name.partition("/")[0] == facet}
        return tuple(self.kept.evidence(self.named[numbered[number]]) for number in sorted(numbered))

    def observed(
        self, facets: Mapping[str, Facet], published_at: datetime | None = None, *, stamped: bool = False
    ) -> Observation:
        """Return what was stated, with the stamp that was read, or where none is in the bytes the recorded one."""
        return Observation(
            document=self.document,
            source=self.source,
            reader=self.reader,
            facets=facets,
            evidence=self.named,
            published_at=published_at if stamped else self.published_at,
            context=self.context,
        )


Reread = Callable[[Testimony], Iterable[Observation]]
"""Reads bytes again: everything they may have stated of the document, one of which was recorded. LookupError when
something is missing that it needs, SourceError when the bytes cannot be read."""
