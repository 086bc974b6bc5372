"""Which regimes do we know from the start, and what is shipped of their history?

One TOML file for each regime, written so that a lawyer can read it. What it states enters the record once, as an
observation of the source `shipped`, silently: it was known before anybody watched.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

from domain.facets import Entry, Facet, digest
from domain.identity import DocumentId, label
from domain.observation import Evidence, Observation
from domain.terms import Regime

READER = "shipped/1"


@dataclass(frozen=True, slots=True)
class Shipped:
    """A regime as it comes with the program. `source` names the publisher that carries it on."""

    regime: Regime
    source: str
    file: str
    body: bytes
    instruments: tuple[Mapping[str, Any], ...]

    def observation(self, now: datetime) -> Observation:
        """Return what was known of the regime by `now` (aware UTC); facts known later are not used."""
        known = [i for i in self.instruments if _known_on(i) <= now.date()]
        facets: dict[str, Facet] = {
            "item": {"": {"zone": self.regime.zone, "two_keys": self.regime.two_keys}},
            "title": {"display": {"text": self.regime.title}},
            "instruments": dict(_instrument(i) for i in known),
            "approvals": dict(_approvals(known, now.date())),
            "steps": dict(_steps(known, now.date())),
        }
        proof = dict.fromkeys(facets, digest(self.body))
        return Observation(self.regime.document, "shipped", READER, facets, proof)

    def evidence(self, now: datetime) -> Evidence:
        return Evidence(digest(self.body), f"lexwatch:regimes/{self.file}", now, "application/toml", self.body)


@cache
def shipped() -> Mapping[DocumentId, Shipped]:
    """Return every regime that comes with the program, by identity."""
    found = {}
    for file in sorted(Path(__file__).parent.glob("*.toml")):
        made = _read(file.name, file.read_bytes())
        found[made.regime.document] = made
    return found


def _read(name: str, body: bytes) -> Shipped:
    stated = tomllib.loads(body.decode())
    regime = Regime(DocumentId.parse(stated["regime"]), stated["title"], stated["zone"], stated["two_keys"])
    return Shipped(regime, stated["source"], name, body, tuple(stated["instrument"]))


def _known_on(instrument: Mapping[str, Any]) -> date:
    found = instrument.get("known_on") or instrument["on"]
    return found if isinstance(found, date) else date.fromisoformat(found)


def _subject(instrument: Mapping[str, Any]) -> str:
    if "id" in instrument:
        return str(instrument["id"])
    return f"{instrument['act']}/{str(instrument.get('starts_at') or instrument['on'])[:10]}"


def _instrument(instrument: Mapping[str, Any]) -> tuple[str, Entry]:
    kept = ("act", "starts_at", "length", "ends_at")
    entry: dict[str, Any] = {name: instrument[name] for name in kept if name in instrument}
    entry["on"] = instrument["on"].isoformat() if "on" in instrument else None
    entry["confidence"] = instrument.get("confidence", "official")
    entry["label"] = _label(instrument)
    return _subject(instrument), entry


def _label(instrument: Mapping[str, Any]) -> str:
    if "id" in instrument:
        return f"{label(DocumentId.parse(instrument['id']))} signed"
    if instrument["act"] == "lapse":
        return "Ended by itself, no renewal"
    return "A term that both its neighbours fix; its own act was not seen"


def _approvals(instruments: list[Mapping[str, Any]], today: date) -> Iterator[tuple[str, Entry]]:
    for instrument in instruments:
        day = instrument.get("approved_on") or instrument.get("in_force_on")
        if "approval" in instrument and day is not None and day <= today:
            law = str(instrument["approval"])
            on = instrument["approved_on"].isoformat() if "approved_on" in instrument else None
            yield law, {"approves": instrument["id"], "on": on, "label": f"{label(DocumentId.parse(law))} adopted"}


def _steps(instruments: list[Mapping[str, Any]], today: date) -> Iterator[tuple[str, Entry]]:
    for instrument in instruments:
        day = instrument.get("in_force_on")
        if day is not None and day <= today:
            law = str(instrument["approval"])
            entry = {"step": "in_force", "of": law, "on": day.isoformat()}
            yield f"in_force:{law}", {**entry, "label": f"{label(DocumentId.parse(law))} in force"}
