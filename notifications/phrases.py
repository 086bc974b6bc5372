"""What is the one line that tells a change?"""

from __future__ import annotations

import re
from collections.abc import Iterable

from domain.changes import Change
from domain.delivery import State
from domain.facets import FOR_OPERATOR, Kind
from domain.stages import law_in
from notifications.clean import one_line
from notifications.languages import Language, language_of
from notifications.rungs import sentence

OURS = frozenset({Kind.TERM, Kind.REMINDER, Kind.CORRECTION, *FOR_OPERATOR})
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
    before, after = (value_of(change.kind, v, limit, language) for v in (was or change.before, change.after))
    name = one_line(change.document.kind, limit)
    line = _phrase(change.kind, before, after, language).format(name=name, before=before, after=after)
    if not now:
        return line
    standing = f"{language.say('now', status=one_line(sentence(now, language), limit))})"
    return f"{line[:-1]}; {standing}" if line.endswith(")") and before else f"{line} ({standing}"


def _phrase(kind: Kind, before: str, after: str, language: Language) -> str:
    phrases = language.phrases[kind]
    if not after:
        return phrases.went if before else phrases.bare
    return phrases.became if before and before != after else phrases.came


def value_of(kind: Kind, value: str | None, limit: int, language: Language) -> str:
    """Return a value of a change as people say it, on one line; "" for None. The day that ends what is put right is
    kept however long the words before it are: often it is all that differs."""
    said = _said(kind, value, language) if value else None
    day = _DAY.search(said) if said and kind is Kind.CORRECTION else None
    if said is None or day is None or len(said) <= limit:
        return one_line(said, limit)
    kept = one_line(day[0], limit // 2)
    return f"{one_line(said[: day.start()], limit - len(kept) - 1)} {kept}"


def _said(kind: Kind, value: str, language: Language) -> str:
    if kind is Kind.STATUS:
        return sentence(value, language)
    if kind is Kind.ACTION and (law := law_in(value)):
        return language.say("became_law", law=law)
    if kind is Kind.CHANNEL and value in (State.PENDING, State.DEAD):
        return language.say("given_up") if value == State.DEAD else ""
    return language.retold(value) if kind in OURS else value


def order(changes: tuple[Change, ...]) -> tuple[Change, ...]:
    """Return the changes most important first: corrections, then as the kinds are listed.

    Of several new rungs the last comes first: it says most about where the document stands.
    """
    kinds = (Kind.CORRECTION, *Kind)
    rungs = sorted((c for c in changes if c.kind is Kind.STATUS), key=lambda c: c.happened_on or "")[::-1]
    others = [c for c in changes if c.kind is not Kind.STATUS and not _tells_a_rung(c, rungs)]
    return tuple(sorted((*rungs, *others), key=lambda c: kinds.index(c.kind)))


def _tells_a_rung(change: Change, rungs: list[Change]) -> bool:
    """The action that made the status is quoted with it: saying it again would be the same news twice."""
    return change.kind is Kind.ACTION and any(
        change.text is not None and change.text in (rung.text or "") and change.happened_on == rung.happened_on
        for rung in rungs
    )


def climbed_from(rung: Change, changes: Iterable[Change]) -> str | None:
    """Return where the document stood before this climb: the status below the lowest new rung that led here."""
    new = {c.after: c.before for c in changes if c.kind is Kind.STATUS}
    before, seen = rung.before, {rung.after}
    # A measure may stand on one rung twice: the walk down ends before it comes round again.
    while before in new and new[before] not in seen:
        seen.add(before)
        before = new[before]
    return before
