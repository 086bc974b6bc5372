"""Is a bill of a new session an old one introduced again?

No publisher says so: the related bills of the record are those of one session. What can be seen is the title, official
or short, who sponsors it, and, where the record names the other measure as related, that. The year in a title
(`Act of 2025`) is not part of what it is called, nor is `and for other purposes`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from domain.coded_text import CodedText, coded
from domain.documents import DocumentId
from domain.jurisdictions import jurisdiction_of
from domain.records.facets import Entry, Facet, label_of
from domain.text import fold

_YEAR = re.compile(r" of (?:19|20)\d\d$|^(?:19|20)\d\d (?=.* act$)")
"""Not of an act for a year (`Appropriations Act, 2026`): the next one is no second try."""

_TAIL = re.compile(r",? and for other purposes$")
_LEAST = 3
"""Words a title must have to be one of a kind: of two called `Relief Act` the sponsor has to be the same, too."""


@dataclass(frozen=True, slots=True)
class Reintroduction:
    """A measure introduced again. `reasons` are sentences, the strongest first."""

    document: DocumentId
    title: str
    reasons: tuple[CodedText, ...]


def reintroduced(
    old: DocumentId, facets: Mapping[str, Facet], new: DocumentId, candidate: Mapping[str, Facet]
) -> Reintroduction | None:
    """Say whether `new` is `old` introduced again, in a later session and in whichever chamber; None if not.

    The facets are those of their records, as far as they are known: a bill known from a list alone has a title, and no
    sponsor yet.
    """
    if not jurisdiction_of(old).may_be_reintroduced_as(old, new):
        return None
    shared = _shared(titles_of(old, facets), titles_of(new, candidate))
    sponsors = _sponsors(facets) & _sponsors(candidate)
    related = str(old) in candidate.get("related", {}) or str(new) in facets.get("related", {})
    if not related and not (shared and (sponsors or len(shared.split()) >= _LEAST)):
        return None
    names = {subject: label_of(entry) or subject for subject, entry in candidate.get("sponsors", {}).items()}
    reasons = [
        *([coded("again.related")] if related else []),
        *([coded("again.same_title")] if shared else []),
        *(coded("again.same_sponsor", name=names[subject]) for subject in sorted(sponsors)),
    ]
    return Reintroduction(new, next(_stated(new, candidate), None) or str(new), tuple(reasons))


def entry_of(match: Reintroduction, old: DocumentId) -> Entry:
    """Return what the record of the old bill keeps of the new one: news once, under the new identity."""
    return {
        "label": coded("again.introduced", document=str(match.document), old=str(old), title=match.title).to_json(),
        "text": coded("again.because", document=str(match.document), old=str(old), reasons=match.reasons).to_json(),
        "document": str(match.document),
        "reasons": [reason.to_json() for reason in match.reasons],
    }


def normalised(title: str) -> str:
    """Return what two titles of one measure have in common: no case, accents, punctuation, year."""
    words = _TAIL.sub("", fold(title).strip(" ."))
    return " ".join(re.sub(r"[^\w]+", " ", _YEAR.sub("", words)).split())


def titles_of(document: DocumentId, facets: Mapping[str, Facet]) -> frozenset[str]:
    """Return every title a record states, as far as two of one measure have them in common."""
    return frozenset(title for words in _stated(document, facets) if (title := normalised(words)))


def _stated(document: DocumentId, facets: Mapping[str, Facet]) -> Iterator[str]:
    law = jurisdiction_of(document)
    for name in ("title", "listed_title", "titles"):
        for entry in facets.get(name, {}).values():
            words = str(entry.get("text") or "")
            if words and not law.is_placeholder(words):
                yield words


def _shared(old: Iterable[str], new: Iterable[str]) -> str:
    """Return the longest title both have, "" if they have none."""
    return max(set(old) & set(new), key=len, default="")


def _sponsors(facets: Mapping[str, Facet]) -> frozenset[str]:
    return frozenset(facets.get("sponsors", {}))
