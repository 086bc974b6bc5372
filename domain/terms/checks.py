"""What is odd in a chain of terms, and which acts make it so?

Each finding is a value with a coded sentence: nothing here changes the chain, it says where the chain rests on less
than it seems to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, pairwise

from domain.coded_text import CodedText, Param, coded
from domain.dates import instant
from domain.records.facets import Facet
from domain.terms.acts import Regime, TermAct, acts, endings, rejections, stated
from domain.terms.chain import Term, ended, stated_minute, terms


class Finding(StrEnum):
    """What can be odd in a chain."""

    GAP = "gap"
    OVERLAP = "overlap"
    DUPLICATE = "duplicate"
    WRONG_ORDER = "wrong_order"
    LATE = "late"
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
    sentence: CodedText


def checks(regime: Regime, facets: Mapping[str, Facet]) -> tuple[Check, ...]:
    """Return what is odd in the chain of a regime, oldest act first; empty for a chain without a flaw."""
    found = ended(acts(regime, facets, planned=False), endings(regime, facets))
    chain = terms(regime, facets)
    every = (
        *_refused(facets),
        *_untimely(regime, facets),
        *_pairs(found),
        *_approvals(facets),
        *_links(chain, facets, by_law=regime.by_law),
    )
    place = {act.subject: instant(act.starts_at).isoformat() for act in stated(regime, facets)}
    return tuple(sorted(dict.fromkeys(every), key=lambda c: (place.get(c.subjects[0], ""), c.finding, c.subjects)))


def _check(finding: Finding, code: str, act: str, other: str | None = None, /, **params: Param) -> Check:
    """Return a finding about one act or two, which its sentence names `act` and `other`."""
    both = {"act": act} if other is None else {"act": act, "other": other}
    return Check(finding, (act,) if other is None else (act, other), coded(code, **both, **params))


def _pairs(found: Sequence[TermAct]) -> Iterator[Check]:
    """Compare each act with the one that starts next."""
    for before, after in pairwise(found):
        both = (after.subject, before.subject)
        begins = stated_minute(after.starts_at)
        if instant(before.starts_at) == instant(after.starts_at):
            yield _twins(before, after)
        elif instant(after.ends_at) <= instant(before.ends_at):
            yield _check(Finding.OVERLAP, "check.inside", *both)
        elif instant(after.starts_at) < instant(before.ends_at):
            yield _check(Finding.OVERLAP, "check.begins_before_the_end", *both, begins=begins)
        if before.on and after.on and after.on < before.on and instant(before.starts_at) < instant(after.starts_at):
            dates = {"on": after.on, "other_on": before.on}
            yield _check(Finding.WRONG_ORDER, "check.signed_before", *both, **dates)


def _twins(one: TermAct, other: TermAct) -> Check:
    """Judge two acts for one start: the same act under two names, one that was only inferred, or two terms."""
    if instant(one.ends_at) == instant(other.ends_at):
        return _check(Finding.DUPLICATE, "check.same_term", one.subject, other.subject)
    return _check(Finding.OVERLAP, "check.two_terms", one.subject, other.subject)


def _links(chain: Sequence[Term], facets: Mapping[str, Facet], *, by_law: bool) -> Iterator[Check]:
    """Look at each term of the chain, and at what joins it to the one before. Terms that the law sets have no acts."""
    for inferred, run in groupby(chain, key=lambda term: term.confidence == "inferred"):
        if inferred and not by_law:
            yield _unseen(tuple(run))
    before: Term | None = None
    for term in chain:
        if term.number is None:
            yield _check(Finding.UNNUMBERED, "check.unnumbered", term.instrument)
        if before is not None and term.number != 0:
            yield from _join(before, term, facets)
        before = term


def _unseen(run: tuple[Term, ...]) -> Check:
    start, end = stated_minute(run[0].starts_at), stated_minute(run[-1].ends_at)
    return Check(
        Finding.UNSEEN_LINK,
        tuple(term.instrument for term in run),
        coded("check.act_unseen", n=len(run), start=start, end=end),
    )


def _join(before: Term, term: Term, facets: Mapping[str, Facet]) -> Iterator[Check]:
    both = (term.instrument, before.instrument)
    if instant(before.ends_at) < instant(term.starts_at):
        start, end = stated_minute(before.ends_at), stated_minute(term.starts_at)
        yield _check(Finding.GAP, "check.gap", *both, start=start, end=end)
    on = facets["instruments"].get(term.instrument, {}).get("on")
    if on and str(on) > before.ends_at.date().isoformat():
        yield _check(Finding.LATE, "check.signed_late", *both, on=str(on))


def _approvals(facets: Mapping[str, Facet]) -> Iterator[Check]:
    """Compare each approval with the act it approves."""
    known: dict[str, str] = {}
    for subject, law in sorted(facets.get("approvals", {}).items()):
        act = str(law.get("approves") or "")
        signed = facets.get("instruments", {}).get(act, {}).get("on")
        if signed and law.get("on") and str(law["on"]) < str(signed):
            dates = {"on": str(law["on"]), "signed": str(signed)}
            yield _check(Finding.WRONG_ORDER, "check.approved_before_signed", act, subject, **dates)
        if act and law.get("outcome") is None and act in known:
            sentence = coded("check.approved_twice", law=known[act], other=subject)
            yield Check(Finding.DUPLICATE, (act, known[act], subject), sentence)
        known.setdefault(act, subject)
        yield from _narrowing(act, subject, law)


_PARTS = {"starts_at": "start", "ends_at": "end", "until": "end"}


def _narrowing(act: str, subject: str, law: Mapping[str, object]) -> Iterator[Check]:
    changed = [name for name in ("starts_at", "length", "ends_at", "until", "scope") if law.get(name)]
    if changed:
        parts = tuple(dict.fromkeys(coded(f"check.part.{_PARTS.get(name, name)}") for name in changed))
        yield _check(Finding.NARROWED, "check.narrowed", act, subject, parts=parts)
    elif law.get("reservation"):
        yield _check(Finding.RESERVATION, "check.reservation", act, subject, words=str(law["reservation"]))


def _refused(facets: Mapping[str, Facet]) -> Iterator[Check]:
    for act, by in rejections(facets).items():
        yield _check(Finding.REJECTED, "check.refused", act, by)


def _untimely(regime: Regime, facets: Mapping[str, Facet]) -> Iterator[Check]:
    for act in stated(regime, facets):
        if act.untimely:
            facts = {"on": str(act.published_on or act.on), "window": str(regime.window)}
            begins = stated_minute(act.starts_at)
            yield _check(Finding.UNTIMELY, "check.untimely", act.subject, **facts, begins=begins)
