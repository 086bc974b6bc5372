"""Is a bill of a new Congress an old one introduced again?

No publisher says so: the related bills of the record are those of one Congress. What can be seen is the title, official
or short, who sponsors it, and, where the record names the other measure as related, that. The year in a title
(`Act of 2025`) is not part of what it is called, nor is `and for other purposes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.documents import DocumentId, label
from domain.records.facets import Entry, Facet, label_of
from domain.text import fold

_YEAR = re.compile(r" of (?:19|20)\d\d$|^(?:19|20)\d\d (?=.* act$)")
"""Not of an act for a year (`Appropriations Act, 2026`): the next one is no second try."""

_TAIL = re.compile(r",? and for other purposes$")
_LEAST = 3
"""Words a title must have to be one of a kind: of two called `Relief Act` the sponsor has to be the same, too."""

_FAMILIES = ("res", "conres", "jres")


@dataclass(frozen=True, slots=True)
class Reintroduction:
    """A measure introduced again. `reasons` are for people, the strongest first."""

    document: DocumentId
    title: str
    reasons: tuple[str, ...]


def reintroduced(
    old: DocumentId, facets: Mapping[str, Facet], new: DocumentId, candidate: Mapping[str, Facet]
) -> Reintroduction | None:
    """Say whether `new` is `old` introduced again, in a later Congress and in whichever chamber; None if not.

    The facets are those of their records, as far as they are known: a bill known from a list alone has a title, and no
    sponsor yet.
    """
    if not _may_follow(old, new):
        return None
    shared = _shared(titles_of(facets), titles_of(candidate))
    sponsors = _sponsors(facets) & _sponsors(candidate)
    related = str(old) in candidate.get("related", {}) or str(new) in facets.get("related", {})
    if not related and not (shared and (sponsors or len(shared.split()) >= _LEAST)):
        return None
    names = {subject: label_of(entry) or subject for subject, entry in candidate.get("sponsors", {}).items()}
    reasons = [
        *(["the record names them as related"] if related else []),
        *(["the same title"] if shared else []),
        *(f"the same sponsor, {names[subject]}" for subject in sorted(sponsors)),
    ]
    return Reintroduction(new, _display(candidate) or str(new), tuple(reasons))


def entry_of(match: Reintroduction, old: DocumentId) -> Entry:
    """Return what the record of the old bill keeps of the new one: news once, under the new identity."""
    return {
        "label": f"{label(match.document)} is {label(old)} introduced again: {match.title}",
        "text": f"{match.title} ({match.document}): {', '.join(match.reasons)} as {old}.",
        "document": str(match.document),
        "reasons": list(match.reasons),
    }


def normalised(title: str) -> str:
    """Return what two titles of one measure have in common: no case, accents, punctuation, year."""
    words = _TAIL.sub("", fold(title).strip(" ."))
    return " ".join(re.sub(r"[^\w]+", " ", _YEAR.sub("", words)).split())


def _may_follow(old: DocumentId, new: DocumentId) -> bool:
    if not (old.is_bill and new.is_bill and len(old.parts) == len(new.parts) == 3):
        return False
    return int(new.parts[0]) > int(old.parts[0]) and _family(old) == _family(new)


def _family(document: DocumentId) -> str:
    """Bills follow bills, resolutions resolutions of their kind, from either chamber."""
    kind = document.parts[1][1:]
    return kind if kind in _FAMILIES else "bill"


def titles_of(facets: Mapping[str, Facet]) -> frozenset[str]:
    """Return every title a record states, as far as two of one measure have them in common."""
    return frozenset(title for words in _stated(facets) if (title := normalised(words)))


def _stated(facets: Mapping[str, Facet]) -> Iterator[str]:
    for name in ("title", "listed_title", "titles"):
        for entry in facets.get(name, {}).values():
            words = str(entry.get("text") or "")
            if words and not words.lower().startswith("reserved for "):
                yield words


def _shared(old: Iterable[str], new: Iterable[str]) -> str:
    """Return the longest title both have, "" if they have none."""
    return max(set(old) & set(new), key=len, default="")


def _sponsors(facets: Mapping[str, Facet]) -> frozenset[str]:
    return frozenset(facets.get("sponsors", {}))


def _display(facets: Mapping[str, Facet]) -> str | None:
    return next(_stated(facets), None)
