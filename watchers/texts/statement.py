"""What is stated of a text that was read: where its bytes are, and what it says otherwise than the one before it?

Two facets of the bill: `wordings` remembers each version by package and announces nothing; an entry of `rewordings` is
an event, and told once: a version compared with the one before it, or a version replaced without a new one.
"""

from __future__ import annotations

from domain.difference import Difference, Weight
from domain.facets import Entry
from watchers.texts.versions import Version

_TOUCHED = {
    "numbers": "numbers",
    "dates": "dates",
    "money": "sums of money",
    "negations": "negations",
    "duties": "what shall or may be done",
}


def wording(version: Version, digest: str | None, *, past: bool) -> Entry:
    """State a version and the digest of its bytes, None while they could not be read. `past` says that it was listed
    when the bill was first looked at: what it changed then is no news."""
    return {"label": version.name, "on": version.on, "digest": digest, "past": past}


def compared(version: Version, before: Version, found: Difference) -> Entry | None:
    """State what a new version says otherwise than the one before it; None if it says the same."""
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    return _event(version, f"{version.name} compared with {before.name}", found)


def replaced(version: Version, found: Difference) -> Entry | None:
    """State that a version now says something else under the same name; None if only its letters changed."""
    if found.weight <= Weight.TYPOGRAPHY:
        return None
    return _event(version, f"{version.name} replaced without a new version", found)


def _event(version: Version, label: str, found: Difference) -> Entry:
    return {
        "label": f"{label}: {_extent(found)}",
        "text": found.text,
        "weight": found.weight.name.lower(),
        "concerns": list(found.concerns),
    }


def _extent(found: Difference) -> str:
    words = f"{_words(found.removed)} removed, {found.added:,} added"
    touched = [_TOUCHED[name] for name in found.concerns]
    if not touched:
        return words
    listed = touched[0] if len(touched) == 1 else f"{', '.join(touched[:-1])} and {touched[-1]}"
    return f"{words}; {listed} differ"


def _words(count: int) -> str:
    return f"{count:,} word{'' if count == 1 else 's'}"
