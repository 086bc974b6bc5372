"""What is the one line that tells a change?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import NamedTuple

from domain.changes import Change
from domain.delivery import State
from domain.facets import Kind
from domain.ladder import sentence
from domain.stages import law_in
from notifications.clean import one_line


class Phrases(NamedTuple):
    """How a kind of change is told when something came, became something else, or went."""

    came: str
    became: str
    went: str


PHRASES: Mapping[Kind, Phrases] = {
    Kind.STATUS: Phrases("{after}", "{after} (was: {before})", "No longer: {before}"),
    Kind.ACTION: Phrases("New action: {after}", "Action reworded: {before} → {after}", "Action withdrawn: {before}"),
    Kind.TEXT: Phrases("New text: {after}", "Text: {before} → {after}", "Text withdrawn: {before}"),
    Kind.TITLE: Phrases("New title: {after}", "Title: {before} → {after}", "Title dropped: {before}"),
    Kind.SUMMARY: Phrases("New summary: {after}", "Summary revised: {after}", "Summary withdrawn: {before}"),
    Kind.SPONSOR: Phrases("Sponsor added: {after}", "Sponsor: {before} → {after}", "Sponsor withdrew: {before}"),
    Kind.COMMITTEE: Phrases("Committee: {after}", "Committee: {before} → {after}", "Committee dropped: {before}"),
    Kind.RELATED: Phrases("Related: {after}", "Related: {before} → {after}", "No longer listed as related: {before}"),
    Kind.VOTE: Phrases("Vote: {after}", "Vote: {after} (was: {before})", "Vote withdrawn: {before}"),
    Kind.HEARING: Phrases("Hearing: {after}", "Hearing: {after} (was: {before})", "Hearing withdrawn: {before}"),
    Kind.APPEARED: Phrases("New on the record: {after}", "New on the record: {after}", "Gone: {before}"),
    Kind.TERM: Phrases("{after}", "{after} (was: {before})", "No longer stated: {before}"),
    Kind.REMINDER: Phrases("{after}", "{after}", "No longer due: {before}"),
    Kind.CORRECTION: Phrases(
        "Correction: {after}", "Correction: {after} (we said: {before})", "Correction: not so: {before}"
    ),
    Kind.SOURCE: Phrases("Source {name}: {after}", "Source {name}: {after} (was: {before})", "Source {name}"),
    Kind.CHANNEL: Phrases("Channel {name}: {after}", "Channel {name}: {after} (was: {before})", "Channel {name}"),
}

_CHANNEL_WORDS: Mapping[str, str] = {State.PENDING: "", State.DEAD: "a message was given up"}

_PEOPLES_WORDS: Mapping[Kind, Callable[[str], str]] = {
    Kind.STATUS: sentence,
    Kind.ACTION: lambda value: f"Became {law}" if (law := law_in(value)) else value,
    Kind.CHANNEL: lambda value: _CHANNEL_WORDS.get(value, value),
}
"""How the values of a kind are said; those of the other kinds are names already."""


def headline(change: Change, limit: int, *, was: str | None = None, now: str | None = None) -> str:
    """Return the line that tells a change; each name in it is at most `limit` characters long.

    `was` replaces the status before (when several rungs were climbed at once); `now` is the document's present
    status, named when the news is not it.
    """
    before, after = _words(change.kind, was or change.before, limit), _words(change.kind, change.after, limit)
    name = one_line(change.document.kind, limit)
    line = _phrase(change.kind, before, after).format(name=name, before=before, after=after)
    if not now:
        return line
    standing = f"now: {one_line(sentence(now), limit)})"
    return f"{line[:-1]}; {standing}" if line.endswith(")") and before else f"{line} ({standing}"


def _phrase(kind: Kind, before: str, after: str) -> str:
    phrases = PHRASES[kind]
    if not after:
        return phrases.went if before else phrases.came.partition(":")[0].replace("{after}", kind.capitalize())
    return phrases.became if before and before != after else phrases.came


def _words(kind: Kind, value: str | None, limit: int) -> str:
    return one_line(_PEOPLES_WORDS.get(kind, str)(value) if value else None, limit)


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
