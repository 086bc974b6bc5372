"""What does a bill say of the regime it renews?

A step is named after its bill, so that it is the same whichever source told it first. The law that came of a bill is an
approval under its own name, as the legislation database states it: whoever tells it second tells nothing new.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta

from domain.facets import Entry, Facet
from watchers.rada.bills import Bill
from watchers.rada.numbers import law, number_of
from watchers.rada.wording import matching

REJECTED = ("проект не прийнято", "відхилено та знято", "проект відкликано", "знято з розгляду")
"""Words of the register's status for a bill that will not become law."""

_EARLIER = timedelta(days=10)
"""How long before its bill was registered a decree may have been signed: the longest known is a day."""


def facets(bill: Bill, known: Mapping[str, Facet]) -> dict[str, Facet]:
    """Return what a bill says of its regime: registered, become law, signed, refused. `known` is the regime's record:
    the register does not say which decree a bill approves, but the record knows which one was signed just before."""
    decree = _decree_of(bill, known)
    before = known.get("steps", {})
    steps = {subject: _kept(entry, before.get(subject)) for subject, entry in _steps(bill, decree)}
    became = law(bill.act or "")
    # What the law's own text says is more than we know.
    if became is None or decree is None or str(became) in known.get("approvals", {}):
        return {"steps": steps}
    entry = {
        "approves": decree,
        "on": bill.act_on,
        "text": f"{bill.title} № {number_of(became)}",
        "label": f"Law {number_of(became)} adopted",
        "confidence": "official",
    }
    return {"steps": steps, "approvals": {str(became): {name: value for name, value in entry.items() if value}}}


def _kept(entry: Entry, before: Entry | None) -> Entry:
    """Keep the words in which a step was first told, and the act it was said to be about."""
    return {**entry, **{name: before[name] for name in ("text", "of") if name in before}} if before else entry


def _steps(bill: Bill, decree: str | None) -> Iterator[tuple[str, Entry]]:
    refused = bill.status_on if matching(bill.status) in REJECTED else None
    for step, on, words in (
        ("bill_registered", bill.registered_on, "registered"),
        ("law_signed", bill.signed_on, "signed by the President"),
        ("bill_rejected", refused, f"not adopted: {bill.status}"),
    ):
        if on:
            yield (
                f"{step}:{bill.document}",
                {
                    "step": step,
                    "of": decree or str(bill.document),
                    "on": on,
                    "text": f"{bill.title} (№ {bill.number})",
                    "label": f"Bill {bill.number} {words}",
                    "confidence": "official",
                },
            )


def _decree_of(bill: Bill, known: Mapping[str, Facet]) -> str | None:
    """Return the decree a bill is about: the one its record says, else the only one signed in the days before it."""
    before = str(known.get("steps", {}).get(f"bill_registered:{bill.document}", {}).get("of") or "")
    if before.startswith("ua/decree/"):
        return before
    if bill.registered_on is None:
        return None
    registered = date.fromisoformat(bill.registered_on)
    near = [
        subject
        for subject, entry in known.get("instruments", {}).items()
        if subject.startswith("ua/decree/")
        and timedelta(0) <= registered - date.fromisoformat(str(entry.get("on") or "0001-01-01")[:10]) <= _EARLIER
    ]
    return near[0] if len(near) == 1 else None
