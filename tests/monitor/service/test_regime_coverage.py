"""Which source carries a regime on, and what proves that nothing of it was missed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from domain.documents import DocumentId
from domain.sources import SourceState
from domain.terms import Coverage
from monitor.service.regimes import proven_coverage, shipped_regimes
from watchers import SOURCES, source

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
UKRAINE = DocumentId.parse("us/regime/emergency/eo-13660")


@pytest.mark.parametrize("document", shipped_regimes(), ids=str)
def test_the_source_of_a_shipped_regime_is_one_that_reads_it(document: DocumentId) -> None:
    named = shipped_regimes()[document].source
    primary = [name for name in SOURCES if source(name).primary and source(name).handles(document)]
    assert primary == ([named] if named else [])


def test_what_was_never_read_proves_nothing() -> None:
    for name in SOURCES:
        assert proven_coverage(SourceState(name, last_good_at=NOW), UKRAINE) == Coverage()


def test_a_position_proves_its_own_regimes_alone() -> None:
    cursor = '{"through":1763800000,"regimes":{"us/regime/emergency/eo-13660":"2025-09-01"}}'
    state = SourceState("federal_register", cursor=cursor, last_good_at=NOW)
    assert proven_coverage(state, UKRAINE) == Coverage(datetime(2025, 9, 1, 4, tzinfo=UTC), NOW)
    assert proven_coverage(state, DocumentId.parse("us/regime/emergency/eo-14156")) == Coverage()
