"""What did the Federal Register say of a regime, read once more from the archived lists and texts?"""

from __future__ import annotations

from collections.abc import Iterator

from domain.observation import Observation, ParseInput
from domain.records.facets import Entry
from watchers.federal_register.documents import (
    PresidentialDocument,
    RegimeForms,
    TitleMatch,
    confirms,
    parse_page,
    recognise,
)
from watchers.federal_register.watcher import corrected_by, correction_of, instrument_of


def reread(told: ParseInput) -> Iterator[Observation]:
    """Read pages of the list again (`federal_register/1`), by the words that the regime's record holds."""
    if told.before is None:
        raise LookupError(f"nothing was known of {told.document}")
    rules = told.before.facets.get("item", {}).get("", {})
    forms = RegimeForms.of(rules.get("recognise", {}))
    papers = dict(sorted(_papers(told).items()))
    instruments: dict[str, Entry] = {}
    for paper in papers.values():
        act = None if paper.corrects else _act(told, paper, forms)
        if act is not None:
            instruments[str(paper.document)] = instrument_of(paper, act)
    acts = {*instruments, *told.before.facets.get("instruments", {})}
    steps: dict[str, Entry] = {
        f"corrected:{paper.document}": correction_of(paper, str(of))
        for paper in papers.values()
        if (of := corrected_by(paper)) in acts
    }
    yield told.observation({"instruments": instruments, "steps": steps})


def _papers(told: ParseInput) -> dict[str, PresidentialDocument]:
    texts = set(told.context.get("texts", {}).values())
    pages = [name for name in dict.fromkeys(told.named.values()) if name not in texts]
    leaves = [parse_page(told.archive.evidence(name).body, number) for number, name in enumerate(pages, start=1)]
    return {paper.number: paper for leaf in reversed(leaves) for paper in leaf.papers}


def _act(told: ParseInput, paper: PresidentialDocument, forms: RegimeForms) -> str | None:
    """Say what a document does to the regime, as the reader does; where its title is only alike, its text has the
    word."""
    found = recognise(paper.title, forms)
    if found is None or found.match is TitleMatch.TITLE:
        return found.act if found else None
    name = told.context.get("texts", {}).get(paper.number)
    if name is None:
        return None
    text = told.archive.evidence(name).body.decode("utf-8", "replace")
    return found.act if confirms(text, forms) else None
