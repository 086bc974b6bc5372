"""What is to be said of words that were put otherwise: a summary written anew, or one for a later version?

Only what differs is told, in a few lines. A text of which only the letters look otherwise says what it said.
"""

from __future__ import annotations

from domain.difference import Weight, compare
from domain.facets import Entry, Facet, label_of


def reworded(known: Entry, entry: Entry) -> Entry | None:
    """Return what to tell of an entry that stays, its words replaced by what differs in them; None if nothing does."""
    found = compare(str(known.get("text") or ""), str(entry.get("text") or ""))
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    label = label_of(entry) or ""
    told = f"{label}, reworded" if label == label_of(known) else label
    return {**entry, "text": found.text, "label": told}


def succeeding(old: Facet, entry: Entry) -> Entry:
    """Return what to tell of a new entry: what differs from the latest of those before it, if there is any."""
    earlier = max(old.values(), key=lambda one: str(one.get("on") or ""), default=None)
    found = compare(str(earlier.get("text") or ""), str(entry.get("text") or "")) if earlier else None
    if earlier is None or found is None or found.weight <= Weight.TYPOGRAPHY:
        return entry
    return {**entry, "text": f"Against {label_of(earlier)}:\n{found.text}"}
