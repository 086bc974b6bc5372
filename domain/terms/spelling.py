"""How is a term, and a step towards it, said to people?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from domain.facets import Facet
from domain.identity import DocumentId
from domain.terms.chain import Term, terms
from domain.terms.regime import regime_of


def announce(document: DocumentId, facets: Mapping[str, Facet], facet: str, subject: str) -> str:
    """Say one newly seen step of a regime as people would: the act, and the term it stands for, to the minute."""
    entry = facets[facet][subject]
    label = str(entry.get("label") or entry.get("text") or subject).removeprefix(f"{document.jurisdiction.upper()} ")
    label = label[:1].upper() + label[1:]  # whose act it is, the regime's own name says
    regime = regime_of(document, facets)
    chain = terms(regime, facets, planned=True)
    term = next((t for t in chain if t.instrument == _act_of(facets, facet, subject)), None)
    return f"{label}: {spell(term, regime.zone)}" if term else label


def spell(term: Term, zone: str) -> str:
    """Write a term as people read it: its number in the chain, both ends to the minute, the zone, the length."""
    role = "introduction" if term.number == 0 else f"extension {term.number}" if term.number else "extension"
    if term.is_open:
        return f"{role}, from {minute(term.starts_at)} until an act ends it ({zone})"
    length = f", {term.length}" if term.length else ""
    return f"{role}, {minute(term.starts_at)} to {minute(term.ends_at)} ({zone}{length})"


def minute(moment: datetime) -> str:
    """Write a moment to the minute: `3 Feb 2026 05:30`."""
    return f"{moment.day} {moment:%b %Y %H:%M}"


def _act_of(facets: Mapping[str, Facet], facet: str, subject: str) -> str | None:
    """Return the instrument that an entry is about: itself, what it approves, or what its law approves."""
    if facet == "instruments":
        return subject
    entry = facets[facet][subject]
    if facet == "approvals":
        return entry.get("approves")
    of = str(entry.get("of"))
    approved = facets.get("approvals", {}).get(of, {}).get("approves")
    return str(approved or of)
