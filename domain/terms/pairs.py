"""Which regimes are renewed together, so that their news make one message?"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from domain.identity import DocumentId


def families(paired: Mapping[DocumentId, Collection[DocumentId]]) -> dict[DocumentId, DocumentId]:
    """Map each regime that is paired with another of these to the one that stands for all of them, the first by name.

    `paired` says of each which others it names. It is enough that one of two names the other; a regime that is not
    among them joins nobody.
    """
    heads = {document: document for document in paired}
    for document in sorted(paired):
        for other in sorted(paired[document]):
            if other in heads:
                low, high = sorted((heads[document], heads[other]))
                heads = {name: low if head == high else head for name, head in heads.items()}
    shared = list(heads.values())
    return {document: head for document, head in heads.items() if shared.count(head) > 1}
