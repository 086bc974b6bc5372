"""What is odd in a chain of terms, and which acts make it so?

Each finding is a value with a sentence: nothing here changes the chain, it says where the chain rests on less than it
seems to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from domain.dates import instant
from domain.records.facets import Facet
from domain.terms.acts import Regime, TermAct, acts, endings, rejections, stated
from domain.terms.chain import Term, ended, minute, terms


class Finding(StrEnum):
    """What can be odd in a chain."""

    GAP = "gap"
    OVERLAP = "overlap"
    DUPLICATE = "duplicate"
    WRONG_ORDER = "wrong_order"
    LATE = "late"
    CORRECTED = "corrected"
    UNSEEN_LINK = "unseen_link"
    UNNUMBERED = "unnumbered"
    UNTIMELY = "untimely"
    NARROWED = "narrowed"
    RESERVATION = "reservation"
    REJECTED = "rejected"


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: which acts it is about, and a sentence for people."""

    finding: Finding
    subjects: tuple[str, ...]
    sentence: str


def checks(regime: Regime, facets: Mapping[str, Facet]) -> tuple[Check, ...]:
    """Return what is odd in the chain of a regime, oldest act first; empty for a chain without a flaw."""
    found = ended(acts(regime, facets, planned=False), endings(regime, facets))
    chain = terms(regime, facets)
    every = (
        *_refused(facets),
        *_untimely(regime, facets),
        *_pairs(found),
        *_approvals(facets),
        *_links(chain, facets),
    )
    place = {act.subject: instant(act.starts_at).isoformat() for act in stated(regime, facets)}
    return tuple(sorted(dict.fromkeys(every), key=lambda c: (place.get(c.subjects[0], ""), c.finding, c.subjects)))


def corrections(regime: Regime, before: Mapping[str, Facet], after: Mapping[str, Facet]) -> tuple[Check, ...]:
    """Return which acts set another term in `after` than they did in `before`: their text was read anew or changed."""
    known = {act.subject: act for act in stated(regime, before)}
    return tuple(
        Check(
            Finding.CORRECTED,
            (act.subject,),
            f"{act.subject} now sets {_run(act)}; before it was {_run(known[act.subject])}",
        )
        for act in stated(regime, after)
        if act.subject in known and _run(act) != _run(known[act.subject])
    )


def _run(act: TermAct) -> str:
    return f"{minute(act.starts_at)} to {minute(act.ends_at)}"


def _pairs(found: Sequence[TermAct]) -> Iterator[Check]:
    """Compare each act with the one that starts next."""
    for before, after in pairwise(found):
        both = (after.subject, before.subject)
        if instant(before.starts_at) == instant(after.starts_at):
            yield _twins(before, after)
        elif instant(after.ends_at) <= instant(before.ends_at):
            yield Check(Finding.OVERLAP, both, f"{after.subject} lies wholly inside the term of {before.subject}")
        elif instant(after.starts_at) < instant(before.ends_at):
            sentence = f"{after.subject} begins {minute(after.starts_at)}, before the term of {before.subject} ends"
            yield Check(Finding.OVERLAP, both, sentence)
        if before.on and after.on and after.on < before.on and instant(before.starts_at) < instant(after.starts_at):
            sentence = f"{after.subject} follows {before.subject} and was signed before it ({after.on}, {before.on})"
            yield Check(Finding.WRONG_ORDER, both, sentence)


def _twins(one: TermAct, other: TermAct) -> Check:
    """Judge two acts for one start: the same act under two names, one that was only inferred, or two terms."""
    both = (one.subject, other.subject)
    if instant(one.ends_at) == instant(other.ends_at):
        return Check(Finding.DUPLICATE, both, f"{one.subject} and {other.subject} set the same term")
    return Check(Finding.OVERLAP, both, f"{one.subject} and {other.subject} set different terms from one moment")


def _links(chain: Sequence[Term], facets: Mapping[str, Facet]) -> Iterator[Check]:
    """Look at each term of the chain, and at what joins it to the one before."""
    for inferred, run in groupby(chain, key=lambda term: term.confidence == "inferred"):
        if inferred:
            yield _unseen(tuple(run))
    before: Term | None = None
    for term in chain:
        if term.number is None:
            sentence = f"{term.instrument} cannot be numbered: a link before it is missing"
            yield Check(Finding.UNNUMBERED, (term.instrument,), sentence)
        if before is not None and term.number != 0:
            yield from _join(before, term, facets)
        before = term


def _unseen(run: tuple[Term, ...]) -> Check:
    span = f"{minute(run[0].starts_at)} to {minute(run[-1].ends_at)}"
    what = "the term" if len(run) == 1 else f"the {len(run)} terms"
    return Check(Finding.UNSEEN_LINK, tuple(t.instrument for t in run), f"no act was seen for {what} {span}")


def _join(before: Term, term: Term, facets: Mapping[str, Facet]) -> Iterator[Check]:
    both = (term.instrument, before.instrument)
    if instant(before.ends_at) < instant(term.starts_at):
        yield Check(
            Finding.GAP,
            both,
            f"no term is known from {minute(before.ends_at)} to {minute(term.starts_at)}",
        )
    on = facets["instruments"].get(term.instrument, {}).get("on")
    if on and str(on) > before.ends_at.date().isoformat():
        sentence = f"{term.instrument} was signed on {on}, after the term it extends had ended"
        yield Check(Finding.LATE, both, sentence)


def _approvals(facets: Mapping[str, Facet]) -> Iterator[Check]:
    """Compare each approval with the act it approves."""
    known: dict[str, str] = {}
    for subject, law in sorted(facets.get("approvals", {}).items()):
        act = str(law.get("approves") or "")
        signed = facets.get("instruments", {}).get(act, {}).get("on")
        if signed and law.get("on") and str(law["on"]) < str(signed):
            sentence = f"{subject} approved {act} on {law['on']}, before it was signed ({signed})"
            yield Check(Finding.WRONG_ORDER, (act, subject), sentence)
        if act and law.get("outcome") is None and act in known:
            yield Check(
                Finding.DUPLICATE, (act, known[act], subject), f"{known[act]} and {subject} approve the same act"
            )
        known.setdefault(act, subject)
        yield from _narrowing(act, subject, law)


def _narrowing(act: str, subject: str, law: Mapping[str, object]) -> Iterator[Check]:
    changed = [name for name in ("starts_at", "length", "ends_at", "until", "scope") if law.get(name)]
    if changed:
        words = ", ".join(name.replace("_at", "").replace("until", "ends") for name in changed)
        yield Check(Finding.NARROWED, (act, subject), f"{subject} changes what {act} says ({words}): the law stands")
    elif law.get("reservation"):
        sentence = f"{subject} approves {act} with a reservation: {law['reservation']}"
        yield Check(Finding.RESERVATION, (act, subject), sentence)


def _refused(facets: Mapping[str, Facet]) -> Iterator[Check]:
    for act, by in rejections(facets).items():
        yield Check(Finding.REJECTED, (act, by), f"{by} refused {act}: it sets no term")


def _untimely(regime: Regime, facets: Mapping[str, Facet]) -> Iterator[Check]:
    for act in stated(regime, facets):
        if act.untimely:
            sentence = (
                f"{act.subject} was published on {act.published_on or act.on}, outside the {regime.window} before "
                f"{minute(act.starts_at)} in which it counts"
            )
            yield Check(Finding.UNTIMELY, (act.subject,), sentence)
