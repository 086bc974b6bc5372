"""What does an act that was read say of its regime?

Pure: from what is remembered of the act to entries of the facets that `domain.terms` computes with: instruments,
approvals and steps. Each is stated on its own, in the order of the law: decree, approval, entry into force.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.records.facets import Entry, Facet
from watchers.rada import MARTIAL_LAW, MOBILISATION, REGIMES
from watchers.rada.client import ActState, decree_id

REGIME_TITLES = {MARTIAL_LAW: "Martial law in Ukraine", MOBILISATION: "General mobilisation in Ukraine"}
ZONE = "Europe/Kyiv"

FACETS = ("instruments", "approvals", "steps")


@dataclass(frozen=True, slots=True)
class RegimeStatement:
    """One entry of one facet; `on` puts statements in order."""

    facet: str
    subject: str
    entry: Entry
    on: str


def statements(document: DocumentId, act: ActState) -> Iterator[RegimeStatement]:
    """Return what an act says of its regime; nothing of a term while its text does not say it."""
    if act.missed:
        yield from _unread(document, act)
    elif document.kind == "decree":
        yield _instrument(document, act)
    elif approved := decree_id(act.approves):
        yield _approval(document, act, approved)
        if act.in_force:
            yield _in_force(document, act)


def _unread(document: DocumentId, act: ActState) -> Iterator[RegimeStatement]:
    """Say, once, that an act is there although its text still says nothing."""
    if act.reported_unread:
        entry = _statement_entry(act, coded("act.term_unread", document=str(document)), step="seen", of=str(document))
        yield RegimeStatement("steps", f"seen:{document}", entry, act.on)


def _instrument(document: DocumentId, act: ActState) -> RegimeStatement:
    entry = _statement_entry(
        act,
        coded("act.signed", document=str(document)),
        act=act.act,
        starts_at=act.starts_at,
        length=act.length,
        scope=act.scope,
        clause=act.clause,
    )
    return RegimeStatement("instruments", str(document), entry, act.on)


def _approval(document: DocumentId, act: ActState, approved: DocumentId) -> RegimeStatement:
    """State which decree a law approves, and its reservation: the law may narrow the decree (2630-VIII did)."""
    entry = _statement_entry(
        act,
        coded("act.adopted_with_reservation" if act.reservation else "act.adopted", document=str(document)),
        approves=str(approved),
        reservation=act.reservation,
        takes_effect=act.takes_effect,
        **act.narrowed,
    )
    return RegimeStatement("approvals", str(document), entry, act.on)


def _in_force(document: DocumentId, act: ActState) -> RegimeStatement:
    """State that the law is in force, and with it the decree it approves: one step for both (law 389-VIII, art. 5)."""
    label = coded("act.in_force", document=str(document))
    entry = _statement_entry(act, label, step="in_force", of=str(document), on=act.in_force_on)
    return RegimeStatement("steps", f"in_force:{document}", entry, act.in_force_on or act.on)


def _statement_entry(read: ActState, label: CodedText, /, **facts: str) -> Entry:
    """State an act in its own words; what is not known is absent."""
    said = {"on": read.on, "text": f"{read.title} № {read.number}", "label": label.to_json(), **facts}
    said["confidence"] = "official"
    return {name: value for name, value in said.items() if value}


def regime_outline(regime: DocumentId) -> dict[str, Facet]:
    """State how a regime is reckoned, and that nothing else of it is known: what comes then is news."""
    return {
        "item": {"": {"zone": ZONE, "two_keys": True}},
        "title": {"display": {"text": REGIME_TITLES[REGIMES[regime]]}},
        **{facet: {} for facet in FACETS},
    }
