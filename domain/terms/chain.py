"""From when to when did a regime run, by which acts?

The chain is a function of the set of acts, never of the order in which they were seen: first each act is cut by what
repeals it or ends the regime, then of two acts for one start the better one stands, then a term is replaced by the next
one that begins before its end, unless that is for fewer regions. So terms never overlap.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from domain.coded_text import CodedText, Param, coded, is_coded
from domain.dates import OPEN, instant
from domain.documents import DocumentId
from domain.records.facets import Facet
from domain.terms.acts import EarlyEnd, Facets, Regime, TermAct, acts, endings, regime_of

_RANKS = {"official": 2, "secondary": 1, "inferred": 0}


@dataclass(frozen=True, slots=True)
class Release:
    """Regions for which a term ended before the rest: from `at` (the regime's zone), by the act `by`."""

    at: datetime
    regions: tuple[str, ...]
    by: str


@dataclass(frozen=True, slots=True)
class Term:
    """One bounded run of a regime. `starts_at` and `ends_at` carry the regime's offset; the end is exclusive.

    `number` counts extensions within the episode, the introduction is 0; None when a link before it is missing.
    `scope` names the regions it is in force in, empty for the whole country; `released` those it ended for early.
    `ended_by` is the act that ended it before its time.
    """

    episode: str
    number: int | None
    starts_at: datetime
    ends_at: datetime
    length: str | None
    instrument: str
    approval: str | None
    confidence: str
    scope: tuple[str, ...] = ()
    released: tuple[Release, ...] = ()
    ended_by: str | None = None

    @property
    def is_open(self) -> bool:
        """True where no end is stated: it runs until an act ends it."""
        return self.ends_at == OPEN

    def holds(self, moment: datetime) -> bool:
        """Say whether `moment` (aware) lies in this term: from its start, to just before its end."""
        return instant(self.starts_at) <= instant(moment) < instant(self.ends_at)


def terms(regime: Regime, facets: Facets, *, planned: bool = False) -> tuple[Term, ...]:
    """Return the chain of terms, oldest first. A term whose approval has not been seen is a plan: it is left out
    unless `planned`."""
    cuts = endings(regime, facets)
    standing = one_for_each_start(ended(acts(regime, facets, planned=planned), cuts))
    return tuple(_released(term, cuts) for term in _numbered(in_line(standing)))


def ended(found: Iterable[TermAct], cuts: Sequence[EarlyEnd]) -> list[TermAct]:
    """Cut each act by what ends it early; one that was ended before it began sets no term."""
    kept = (_ended(act, [cut for cut in cuts if _is_cut(act, cut)]) for act in found)
    return [act for act in kept if instant(act.starts_at) < instant(act.ends_at)]


def one_for_each_start(found: Iterable[TermAct]) -> list[TermAct]:
    """Of acts that begin at one moment keep the one that stands: read before inferred, approved before planned, and
    then the later one, for the later act prevails; where they are about different regions, the one that runs longer."""
    best: dict[datetime, TermAct] = {}
    for act in sorted(found, key=_weight):
        start = instant(act.starts_at)
        other = best.get(start, act)
        shorter = other.scope != act.scope and instant(other.ends_at) > instant(act.ends_at)
        best[start] = other if shorter and _weight(other)[:3] == _weight(act)[:3] else act
    return [best[start] for start in sorted(best)]


def in_line(found: Iterable[TermAct]) -> list[TermAct]:
    """Let each term give way to the next one. One that lies wholly inside another adds nothing, for only an act that
    ends it makes a term shorter; one for fewer regions leaves the wider one its time, and runs on from its end."""
    line: list[TermAct] = []
    for act in found:
        after: list[TermAct] = [act]
        while line and instant(line[-1].ends_at) > instant(act.starts_at):
            last, outlasts = line[-1], instant(line[-1].ends_at) >= instant(act.ends_at)
            if _is_narrower(act, last) or (outlasts and not _is_narrower(last, act)):
                after = [] if outlasts else [replace(act, starts_at=last.ends_at)]
                break
            if outlasts and instant(last.ends_at) > instant(act.ends_at):
                after.append(replace(last, starts_at=act.ends_at))
            line.pop()
            if instant(last.starts_at) < instant(act.starts_at):
                line.append(replace(last, ends_at=act.starts_at, ended_by=None))
        line += after
    return line


def _is_narrower(act: TermAct, other: TermAct) -> bool:
    """Say whether an act is for fewer regions than another; no regions are the whole country."""
    return bool(act.scope) and (not other.scope or set(act.scope) < set(other.scope))


def _weight(act: TermAct) -> tuple[bool, int, bool, str, str]:
    return act.ended_by is None, _RANKS.get(act.confidence, 0), act.approval is not None, act.on or "", act.subject


def _is_cut(act: TermAct, cut: EarlyEnd) -> bool:
    """Say whether an act loses its term, or the rest of it: it is repealed by name, or ran or was already decided when
    the regime was ended. An act signed later begins anew."""
    if cut.scope:
        return set(act.scope) == set(cut.scope) and _meant(act, cut)
    return _meant(act, cut)


def _meant(act: TermAct, cut: EarlyEnd) -> bool:
    return act.subject in cut.of if cut.of else act.signed <= cut.signed


def _ended(act: TermAct, cuts: Sequence[EarlyEnd]) -> TermAct:
    first = min(cuts, key=lambda cut: (instant(cut.at), cut.subject), default=None)
    if first is None or instant(first.at) >= instant(act.ends_at):
        return act
    return replace(act, ends_at=max(act.starts_at, first.at, key=instant), ended_by=first.subject)


def _numbered(line: Iterable[TermAct]) -> Iterator[Term]:
    before: Term | None = None
    episodes: list[str] = []
    for act in line:
        if act.opens or before is None:
            episodes.append(_episode(act.starts_at.year, episodes))
        before = Term(
            episode=episodes[-1],
            number=0 if act.opens else _following(before, act.starts_at),
            starts_at=act.starts_at,
            ends_at=act.ends_at,
            length=act.length,
            instrument=act.subject,
            approval=act.approval,
            confidence=act.confidence,
            scope=act.scope,
            ended_by=act.ended_by,
        )
        yield before


def _episode(year: int, known: Sequence[str]) -> str:
    """Name an episode by the year it began: `2022`, and `2022-2` for a second one of that year."""
    same = sum(1 for name in known if name.partition("-")[0] == str(year))
    return f"{year}-{same + 1}" if same else str(year)


def _following(before: Term | None, starts_at: datetime) -> int | None:
    """Number an extension after its predecessor; unknown where the chain has a gap before it."""
    if before is None or before.number is None or before.ended_by is not None:
        return None
    return before.number + 1 if instant(before.ends_at) >= instant(starts_at) else None


def _released(term: Term, cuts: Iterable[EarlyEnd]) -> Term:
    """Note the regions for which a term ended before the rest: its scope changes, not its length."""
    found = tuple(
        Release(cut.at, cut.scope, cut.subject)
        for cut in cuts
        if cut.scope
        and term.ended_by != cut.subject
        and term.holds(cut.at)
        and (term.instrument in cut.of if cut.of else True)
    )
    return replace(term, released=found) if found else term


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


def announce(document: DocumentId, facets: Mapping[str, Facet], facet: str, subject: str) -> str:
    """Say one newly seen step of a regime: the act, and the term it stands for; as a coded text in JSON."""
    entry = facets[facet][subject]
    label = str(entry.get("label") or entry.get("text") or subject)
    act: Param = CodedText.from_json(label) if is_coded(label) else _without_country(label, document)
    regime = regime_of(document, facets)
    chain = terms(regime, facets, planned=True)
    term = next((t for t in chain if t.instrument == _act_of(facets, facet, subject)), None)
    if term is None:
        return coded("words", words=act).to_json()
    return coded("term.announced", act=act, term=term_text(term, regime)).to_json()


def _without_country(label: str, document: DocumentId) -> str:
    """Leave out whose act it is: the regime's own name says that."""
    label = label.removeprefix(f"{document.jurisdiction.upper()} ")
    return label[:1].upper() + label[1:]


def term_text(term: Term, regime: Regime) -> CodedText:
    """Say a term: its number in the chain, both ends to the minute, the zone, the length."""
    zone = regime.zone
    start, end = stated_minute(term.starts_at), stated_minute(term.ends_at)
    if term.is_open:
        run = coded("term.run_open", start=start, zone=zone)
    elif term.length:
        run = coded("term.run", start=start, end=end, zone=zone, length=term.length)
    else:
        run = coded("term.run_dated", start=start, end=end, zone=zone)
    if regime.by_law:
        return coded("term.by_law", run=run)
    if term.number == 0:
        return coded("term.introduction", run=run)
    if term.number:
        return coded("term.extension", number=term.number, run=run)
    return coded("term.extension_unnumbered", run=run)


def stated_minute(moment: datetime) -> str:
    """Write a moment to the minute, with its offset, as the parameter of a coded text."""
    return moment.isoformat(timespec="minutes")


def _act_of(facets: Mapping[str, Facet], facet: str, subject: str) -> str | None:
    """Return the instrument that an entry is about: itself, what it approves, or what its law approves."""
    if facet == "instruments":
        return subject
    entry = facets[facet][subject]
    if facet == "approvals":
        return entry.get("approves")
    of = str(entry.get("of"))
    approved = facets.get("approvals", {}).get(of, {}).get("approves")
    return str(approved or of)
