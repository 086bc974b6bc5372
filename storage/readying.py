"""What of a writing can be worked out before the lock is taken?

Packing is most of the work of a page, and it needs nothing from the database: done beforehand it keeps nobody waiting.
"""

from __future__ import annotations

from collections.abc import Iterable

from domain.observation import Evidence
from domain.records.detection import NewRevision
from storage import folding, packing


class Ready:
    """What was packed beforehand; anything else is packed when it is asked for."""

    def __init__(self, ahead: Iterable[NewRevision | Evidence] = ()) -> None:
        self._statements: dict[int, tuple[NewRevision, folding.Statement]] = {}
        self._archived: dict[int, tuple[Evidence, bytes]] = {}
        for one in ahead:
            if isinstance(one, NewRevision):
                self._statements[id(one)] = (one, folding.statement(one))
            else:
                self._archived[id(one)] = (one, packing.archived(one.body))

    def statement(self, step: NewRevision) -> folding.Statement:
        """Return what the revision of a step adds. It is the very step that counts: one like it may differ in words."""
        found = self._statements.get(id(step))
        return found[1] if found else folding.statement(step)

    def archived(self, evidence: Evidence) -> bytes:
        """Return the bytes of evidence as stored."""
        found = self._archived.get(id(evidence))
        return found[1] if found else packing.archived(evidence.body)
