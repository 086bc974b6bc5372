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

FROM = 3
"""Changes from which on they are told together; two are still read one by one."""

_WITHDRAWN = "/withdrawn"
_PARTY = re.compile(r"\[([A-Z]{1,3})-[A-Z]{2}\b")
_TOTALS = re.compile(r"\((\d+ cosponsors?\b[^()]*)\)$")
_NOUNS = {"cosponsors": "cosponsors", "amendments": "amendments"}
"""Facets whose entries come in numbers → what they are called."""


def gathered(changes: Sequence[Change]) -> tuple[Change, ...]:
    """Return the changes with those that came in numbers told as one, at the place of the first of them."""
    told = [_plain(change) for change in changes]
    groups: dict[tuple[str, bool], list[Change]] = {}
    for change in told:
        if (key := _group(change)) is not None:
            groups.setdefault(key, []).append(change)
    return tuple(_told(told, groups))


def _told(changes: Sequence[Change], groups: dict[tuple[str, bool], list[Change]]) -> Iterator[Change]:
    done = set()
    for change in changes:
        key = _group(change)
        if key is None or len(groups[key]) < FROM:
            yield change
        elif key not in done:
            done.add(key)
            yield _together(key[0], groups[key])


def _plain(change: Change) -> Change:
    """Tell a withdrawal as one: in the record it is an entry of its own, `Rep. Luna withdrew`."""
    if change.subject.startswith("cosponsors/") and change.subject.endswith(_WITHDRAWN) and change.after:
        return replace(change, before=change.after.removesuffix(" withdrew"), after=None)
    return change


def _group(change: Change) -> tuple[str, bool] | None:
    facet = change.subject.partition("/")[0]
    if facet not in _NOUNS or bool(change.before) == bool(change.after):
        return None
    return facet, change.after is not None


def _together(facet: str, changes: Sequence[Change]) -> Change:
    last = max(changes, key=lambda change: change.happened_on or "")
    names = [change.after or change.before or "" for change in changes]
    parties = Counter(found[1] for name in names if (found := _PARTY.search(name)))
    by_party = ", ".join(f"{number} {party}" for party, number in sorted(parties.items(), key=lambda p: (-p[1], p[0])))
    words = f"{len(names)} {_NOUNS[facet]}" + (f" ({by_party})" if by_party else "") + ": " + "; ".join(names)
    totals = _TOTALS.search(last.text or "")
    text = f"Together now {totals[1]}" if totals else None
    came = last.after is not None
    return replace(last, subject=facet, before=None if came else words, after=words if came else None, text=text)
