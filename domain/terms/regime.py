"""By which rules is a regime reckoned?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from domain.facets import Entry, Facet
from domain.identity import DocumentId

LADDER = (21, 14, 7, 4, 1)
"""Days before the end of a term at which people are reminded, unless the regime says otherwise."""


@dataclass(frozen=True, slots=True)
class Regime:
    """What is needed to reckon a regime's terms. `zone` is an IANA name; `two_keys` says that an instrument is valid
    only with an approval (in Ukraine a decree needs a law, law 389-VIII, art. 5).

    `usual_length` is that of an act that states none. `inclusive`: a bare day as end is the last day, whole.
    `continues`: at the end of a term the regime goes on until an act ends it; otherwise it lapses. `anniversary`: a
    renewal runs from the first anniversary of the introduction after the day it was published, by `usual_length`;
    `window` is how long before its start a renewal may be published (50 U.S.C. 1622(d) asks for ninety days).
    `by_hand`: no source is read for it. `lapse_after`: after so many days of proven silence readers are told of the
    lapse, None where only a person can say so; the status waits for the person all the same. `ladder`: days before
    an end. `steps`: the usual road of a renewal, in order. `paired_with`: regimes renewed by acts of the same day.
    `look_up`: where a person can read of it.
    """

    document: DocumentId
    title: str
    zone: str
    two_keys: bool
    usual_length: str | None = None
    inclusive: bool = False
    continues: bool = False
    anniversary: bool = False
    window: str | None = None
    by_hand: bool = False
    lapse_after: int | None = None
    ladder: tuple[int, ...] = LADDER
    steps: tuple[str, ...] = ()
    paired_with: tuple[DocumentId, ...] = ()
    look_up: str | None = None


def regime_of(document: DocumentId, facets: Mapping[str, Facet]) -> Regime:
    """Return how this regime is reckoned, as its record states it; UTC and one key where it does not."""
    rules = facets.get("item", {}).get("", {})
    title = facets.get("title", {}).get("display", {}).get("text") or str(document)
    return Regime(
        document=document,
        title=str(title),
        zone=str(rules.get("zone") or "UTC"),
        two_keys=bool(rules.get("two_keys")),
        usual_length=rules.get("usual_length"),
        inclusive=bool(rules.get("inclusive")),
        continues=bool(rules.get("continues")),
        anniversary=bool(rules.get("anniversary")),
        window=rules.get("window"),
        by_hand=bool(rules.get("by_hand")),
        lapse_after=rules.get("lapse_after"),
        ladder=tuple(rules.get("ladder", LADDER)),
        steps=tuple(rules.get("steps", ())),
        paired_with=tuple(DocumentId.parse(name) for name in rules.get("paired_with", ())),
        look_up=rules.get("look_up"),
    )


def rules_of(regime: Regime) -> Entry:
    """Return the `item` entry from which `regime_of` reads these rules back; what is usual is left out."""
    usual = Regime(regime.document, regime.title, regime.zone, regime.two_keys)
    rules: dict[str, Any] = {"zone": regime.zone, "two_keys": regime.two_keys}
    for name in _RULES:
        value = getattr(regime, name)
        if value != getattr(usual, name):
            rules[name] = [str(v) if isinstance(v, DocumentId) else v for v in value] if type(value) is tuple else value
    return rules


_RULES = (
    "usual_length",
    "inclusive",
    "continues",
    "anniversary",
    "window",
    "by_hand",
    "lapse_after",
    "ladder",
    "steps",
    "paired_with",
    "look_up",
)
