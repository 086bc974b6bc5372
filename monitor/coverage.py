"""By which rules is a recorded regime reckoned, and how far were its sources read without a gap?"""

from __future__ import annotations

from collections.abc import Callable

from domain.identity import DocumentId
from domain.record import Record
from domain.schedule import SourceState
from domain.terms import Coverage, Regime, regime_of
from monitor.regimes import find


def rules_for(record: Record) -> Regime:
    """Return how a regime is reckoned, as its record states it; where a publisher alone stated it, who knows little of
    terms, as its file does."""
    stated = record.facets.get("item", {}).get("", {})
    found = find(record.document) if "source" not in stated else None
    return found.regime if found else regime_of(record.document, record.facets)


def source_of(record: Record) -> str | None:
    """Return the name of the source that carries a regime on, or None where none does."""
    stated = record.facets.get("item", {}).get("", {})
    if "source" in stated:
        return str(stated["source"]) or None
    found = find(record.document)
    return (found.source or None) if found else None


def coverage_of(record: Record, state_of: Callable[[str], SourceState | None]) -> Coverage:
    """Return what the resume position of a regime's source proves; `state_of` maps its name to its state."""
    name = source_of(record)
    state = state_of(name) if name else None
    return proven(state, record.document) if state else Coverage()


def proven(state: SourceState, regime: DocumentId) -> Coverage:
    """Return what the resume position of a source proves of a regime: only a source that reads every act the regime
    needs (its keys) proves anything. A signal beside it, such as the register of bills, has no say."""
    # Whoever watches no regime of a source does not read its positions.
    if state.name == "rada":
        from watchers.rada.cursor import coverage as of_rada

        return of_rada(state.cursor, state.last_good_at)
    if state.name == "federal_register":
        from watchers.federal_register.cursor import coverage as of_register

        return of_register(state.cursor, state.last_good_at, regime)
    return Coverage()
