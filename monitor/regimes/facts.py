"""What does the history kept in a regime's file say to its record?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from domain.facets import Entry, Facet
from domain.identity import DocumentId, label
from domain.terms import Regime, rules_of
from monitor.regimes.file import known_on

Table = Mapping[str, Any]

_AS_STATED = ("act", "starts_at", "starts", "length", "ends_at", "scope", "repeals")
_DAYS = ("on", "published_on", "known_on", "until")


def facets(
    regime: Regime,
    source: str,
    instruments: tuple[Table, ...],
    today: date,
    recognise: Mapping[str, tuple[str, ...]] = {},
) -> dict[str, Facet]:
    """Return what was known of a regime on the evening of a day; facts known later are not used.

    `source` is the publisher that carries it on, empty for none: it stands in `item`, so that nobody has to open the
    file to ask whether it was read; `recognise` the words by which that publisher's reader knows its acts.
    """
    known = [instrument for instrument in instruments if known_on(instrument) <= today]
    return {
        "item": {"": {**rules_of(regime), "source": source, **_words(source, recognise)}},
        "title": {"display": {"text": regime.title}},
        "instruments": {_subject(i): _instrument(regime, i) for i in known},
        "approvals": dict(_approvals(known, today)),
        "steps": dict(_steps(known, today)),
    }


def _words(source: str, recognise: Mapping[str, tuple[str, ...]]) -> Entry:
    """Return the words of a regime that somebody reads for; one kept by hand needs none."""
    return {"recognise": {name: list(forms) for name, forms in recognise.items()}} if source and recognise else {}


def _subject(instrument: Table) -> str:
    if "id" in instrument:
        return str(instrument["id"])
    day = instrument.get("starts_at") or instrument.get("on") or instrument.get("published_on")
    return f"{instrument['act']}/{str(day)[:10]}"


def _instrument(regime: Regime, instrument: Table) -> Entry:
    entry: dict[str, Any] = {name: instrument[name] for name in _AS_STATED if name in instrument}
    entry |= {name: instrument[name].isoformat() for name in _DAYS if name in instrument}
    entry.setdefault("on", None)
    entry["confidence"] = instrument.get("confidence", "official")
    entry["label"] = _label(instrument)
    return entry


def _label(instrument: Table) -> str:
    if "name" in instrument:
        return str(instrument["name"])
    if "id" in instrument:
        return f"{label(DocumentId.parse(instrument['id']))} signed"
    if instrument["act"] == "lapse":
        return "Ended by itself, no renewal"
    if instrument.get("confidence") == "inferred":
        return "A term that its neighbours fix; its own act was not seen"
    return f"{str(instrument['act']).replace('_', ' ').capitalize()} kept by hand"


def _approvals(instruments: list[Table], today: date) -> Iterator[tuple[str, Entry]]:
    for instrument in instruments:
        day = instrument.get("approved_on") or instrument.get("in_force_on") or known_on(instrument)
        if "approval" not in instrument or day > today:
            continue
        law = str(instrument["approval"])
        entry: dict[str, Any] = {"approves": instrument["id"], "on": None, **_narrowed(instrument)}
        if "approved_on" in instrument:
            entry["on"] = instrument["approved_on"].isoformat()
        if instrument.get("rejected"):
            entry["outcome"] = "rejected"
        verb = "refused" if instrument.get("rejected") else "adopted"
        yield law, {**entry, "label": f"{label(DocumentId.parse(law))} {verb}"}


def _narrowed(instrument: Table) -> Entry:
    """Return what the law says otherwise than its decree."""
    narrowed = instrument.get("narrowed", {})
    return {name: v.isoformat() if isinstance(v, date) else v for name, v in narrowed.items()}


def _steps(instruments: list[Table], today: date) -> Iterator[tuple[str, Entry]]:
    for instrument in instruments:
        day = instrument.get("in_force_on")
        if day is not None and day <= today and ("approval" in instrument or "id" in instrument):
            act = str(instrument.get("approval") or instrument["id"])
            entry = {"step": "in_force", "of": act, "on": day.isoformat()}
            yield f"in_force:{act}", {**entry, "label": f"{label(DocumentId.parse(act))} in force"}
