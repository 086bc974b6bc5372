"""When many joined at once, what is the one line that tells it?

Thirty cosponsors of one day are thirty changes and one piece of news. What is gathered here is only the telling:
the record, `history` and webhooks keep every change.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace

from domain.changes import Change
from notifications.languages import Language, language_of

FROM = 3
"""Changes from which on they are told together; two are still read one by one."""

_WITHDRAWN = "/withdrawn"
_PARTY = re.compile(r"\[([A-Z]{1,3})-[A-Z]{2}\b")
_TOTALS = re.compile(r"\(([0-9]+) cosponsors?\b([^()]*)\)$")
_FACETS = frozenset({"cosponsors", "amendments"})
"""Facets whose entries come in numbers; every language has a noun for each."""


def gathered(changes: Sequence[Change], language: Language | None = None) -> tuple[Change, ...]:
    """Return the changes with those that came in numbers told as one, at the place of the first of them."""
    told = [_plain(change) for change in changes]
    groups: dict[tuple[str, bool], list[Change]] = {}
    for change in told:
        if (key := _group(change)) is not None:
            groups.setdefault(key, []).append(change)
    return tuple(_told(told, groups, language or language_of("en")))


def _told(
    changes: Sequence[Change], groups: dict[tuple[str, bool], list[Change]], language: Language
) -> Iterator[Change]:
    done = set()
    for change in changes:
        key = _group(change)
        if key is None or len(groups[key]) < FROM:
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
