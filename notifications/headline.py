"""Which one line says what changed, and which changes are said in one line together?"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from domain.alerts.delivery import State
from domain.documents import DocumentId
from domain.jurisdictions.us.statuses import law_in
from domain.records.facets import FOR_OPERATOR, Kind
from domain.records.record import Change
from notifications.languages import Language, language_of
from notifications.sanitize import one_line
from notifications.status_text import status_label

LEAST_GROUP = 3
"""Changes from which on they are told together; two are still read one by one."""

_WITHDRAWN = "/withdrawn"
_PARTY = re.compile(r"\[([A-Z]{1,3})-[A-Z]{2}\b")
_TOTALS = re.compile(r"\(([0-9]+) cosponsors?\b([^()]*)\)$")
_FACETS = frozenset({"cosponsors", "amendments"})
"""Facets whose entries come in numbers; every language has a noun for each."""


def grouped(changes: Sequence[Change], language: Language | None = None) -> tuple[Change, ...]:
    """Return the changes with those that came in numbers told as one, at the place of the first of them."""
    told = [_plain(change) for change in changes]
    groups: dict[tuple[str, bool], list[Change]] = {}
    for change in told:
        if (key := _group(change)) is not None:
            groups.setdefault(key, []).append(change)
    return tuple(_with_groups(told, groups, language or language_of("en")))


def _with_groups(
    changes: Sequence[Change], groups: dict[tuple[str, bool], list[Change]], language: Language
) -> Iterator[Change]:
    done = set()
    for change in changes:
        key = _group(change)
        if key is None or len(groups[key]) < LEAST_GROUP:
            yield change
        elif key not in done:
            done.add(key)
            yield _together(key[0], groups[key], language)


def _plain(change: Change) -> Change:
    """Tell a withdrawal as one: in the record it is an entry of its own, `Rep. Luna withdrew`."""
    if change.subject.startswith("cosponsors/") and change.subject.endswith(_WITHDRAWN) and change.after:
        return replace(change, before=change.after.removesuffix(" withdrew"), after=None)
    return change


def _group(change: Change) -> tuple[str, bool] | None:
    facet = change.subject.partition("/")[0]
    if facet not in _FACETS or bool(change.before) == bool(change.after):
        return None
    return facet, change.after is not None


def _together(facet: str, changes: Sequence[Change], language: Language) -> Change:
    last = max(changes, key=lambda change: change.happened_on or "")
    names = [change.after or change.before or "" for change in changes]
    parties = Counter(found[1] for name in names if (found := _PARTY.search(name)))
    by_party = ", ".join(f"{number} {party}" for party, number in sorted(parties.items(), key=lambda p: (-p[1], p[0])))
    phrase = "came_together" if by_party else "came_together_plain"
    number = language.counted(len(names), facet)
    words = language.say(phrase, number=number, parties=by_party, names="; ".join(names))
    came = last.after is not None
    text = _totals(last.text, language)
    return replace(last, subject=facet, before=None if came else words, after=words if came else None, text=text)


def _totals(text: str | None, language: Language) -> str | None:
    """Return how many there are together now, as the newest of the lines says."""
    found = _TOTALS.search(text or "")
    if found is None:
        return None
    return language.say("together_now", total=language.counted(int(found[1]), "cosponsors") + found[2])


OUR_KINDS = frozenset({Kind.TERM, Kind.REMINDER, Kind.CORRECTION, *FOR_OPERATOR})
"""Kinds whose values are sentences of ours, kept in English; those of the others are names, or words of a ladder."""


_DAY = re.compile(r" \([^()\s][^()]{3,40} [0-9]{4}\)$")


def headline(
    change: Change, limit: int, *, was: str | None = None, now: str | None = None, language: Language | None = None
) -> str:
    """Return the line that tells a change; each name in it is at most `limit` characters long.

    `was` replaces the status before (when several rungs were climbed at once); `now` is the document's present
    status, named when the news is not it.
    """
    language = language or language_of("en")
    before, after = (value_of(change, v, limit, language) for v in (was or change.before, change.after))
    name = one_line(change.document.kind, limit)
    line = _phrase(change.kind, before, after, language).format(name=name, before=before, after=after)
    if not now:
        return line
    standing = f"{language.say('now', status=one_line(status_label(now, change.document, language), limit))})"
    return f"{line[:-1]}; {standing}" if line.endswith(")") and before else f"{line} ({standing}"


def _phrase(kind: Kind, before: str, after: str, language: Language) -> str:
    phrases = language.phrases[kind]
    if not after:
        return phrases.went if before else phrases.bare
    return phrases.became if before and before != after else phrases.came


def value_of(change: Change, value: str | None, limit: int, language: Language) -> str:
    """Return a value of a change as people say it, on one line; "" for None. The day that ends what is put right is
    kept however long the words before it are: often it is all that differs."""
    said = _in_words(change.kind, change.document, value, language) if value else None
    day = _DAY.search(said) if said and change.kind is Kind.CORRECTION else None
    if said is None or day is None or len(said) <= limit:
        return one_line(said, limit)
    kept = one_line(day[0], limit // 2)
    return f"{one_line(said[: day.start()], limit - len(kept) - 1)} {kept}"


def _in_words(kind: Kind, document: DocumentId, value: str, language: Language) -> str:
    if kind is Kind.STATUS:
        return status_label(value, document, language)
    if kind is Kind.ACTION and (law := law_in(value)):
        return language.say("became_law", law=law)
    if kind is Kind.CHANNEL and value in (State.PENDING, State.DEAD):
        return language.say("given_up") if value == State.DEAD else ""
    return language.retold(value) if kind in OUR_KINDS else value


def by_importance(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes most important first: corrections, then as the kinds are listed.

    Of several new rungs the last comes first: it says most about where the document stands.
    """
    kinds = (Kind.CORRECTION, *Kind)
    rungs = sorted((c for c in changes if c.kind is Kind.STATUS), key=lambda c: c.happened_on or "")[::-1]
    others = [c for c in changes if c.kind is not Kind.STATUS and not _repeats_a_status(c, rungs)]
    return tuple(sorted((*rungs, *others), key=lambda c: kinds.index(c.kind)))


def _repeats_a_status(change: Change, rungs: list[Change]) -> bool:
    """The action that made the status is quoted with it: saying it again would be the same news twice."""
    return change.kind is Kind.ACTION and any(
        change.text is not None and change.text in (rung.text or "") and change.happened_on == rung.happened_on
        for rung in rungs
    )


def status_before(rung: Change, changes: Iterable[Change]) -> str | None:
    """Return where the document stood before this climb: the status below the lowest new rung that led here."""
    new = {c.after: c.before for c in changes if c.kind is Kind.STATUS}
    before, seen = rung.before, {rung.after}
    # A measure may stand on one rung twice: the walk down ends before it comes round again.
    while before in new and new[before] not in seen:
        seen.add(before)
        before = new[before]
    return before
